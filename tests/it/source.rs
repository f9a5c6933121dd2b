//! An export is read whole, or refused: nothing is guessed, nothing is lost in silence.

mod columns;
mod decode;
mod drop_folder;
mod exempelstad;
mod faults;
mod settings;

use jiff::civil::{Date, date};
use rostergate::formats::register_csv::{self, DecodeError, File, Reading, Settings};
use rostergate::roster::code::Code;
use rostergate::roster::draft::Draft;
use rostergate::roster::issue::{Issue, Severity};
use rostergate::roster::roster::Roster;

const TODAY: Date = date(2026, 11, 21);

/// A whole small export: columns for every table, LF, UTF-8.
const CONFIG: &str = r#"
folder = "/srv/inbox"
encoding = "utf-8"
[schools]
file = "skolor.csv"
key = "Skolkod"
name = "Namn"
[persons]
file = "personer.csv"
key = "Id"
personal-number = "Pnr"
given-name = "Förnamn"
family-name = "Efternamn"
school = "Skola"
role = { column = "Roll", values = { elev = "learner", personal = "staff" } }
[groups]
file = "grupper.csv"
key = "Id"
name = "Namn"
kind = { constant = "class" }
school = "Skola"
[memberships]
file = "medlemskap.csv"
person = "Person"
group = "Grupp"
role = { column = "Roll", values = { elev = "learner", "lärare" = "instructor" } }
begin = "Start"
[relations]
file = "relationer.csv"
person = "Vuxen"
to = "Elev"
kind = { constant = "guardian" }
"#;

const FILES: [(&str, &str); 5] = [
    ("skolor.csv", "Skolkod;Namn\n99000001;Ängskolan\n"),
    (
        "personer.csv",
        "Id;Pnr;Förnamn;Efternamn;Skola;Roll\n\
         p1;20180613-2385;Åsa;Öberg;99000001;elev\n\
         p2;;Örjan;Ärlig;99000001;personal\n",
    ),
    ("grupper.csv", "Id;Namn;Skola\ng1;7A;99000001\n"),
    ("medlemskap.csv", "Person;Grupp;Roll;Start\np1;g1;elev;2026-08-17\np2;g1;lärare;\n"),
    ("relationer.csv", "Vuxen;Elev\np2;p1\n"),
];

fn config(text: &str) -> Settings {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The files above, with other contents for some.
fn export(changed: &[(&'static str, &[u8])]) -> Vec<(&'static str, Vec<u8>)> {
    FILES
        .iter()
        .map(|&(name, text)| {
            let other = changed.iter().find(|&&(file, _)| file == name);
            (name, other.map_or(text.as_bytes(), |&(_, bytes)| bytes).to_vec())
        })
        .collect()
}

/// What came of reading: the draft's faults, and what a roster of it holds.
struct Read {
    reading: Reading,
    issues: Vec<Issue>,
    roster: Roster,
}

fn read(settings: &Settings, files: &[(&str, Vec<u8>)]) -> Result<Read, DecodeError> {
    let files: Vec<File<'_>> =
        files.iter().map(|(name, bytes)| File { name, bytes, rows: None }).collect();
    let mut draft = Draft::new();
    let reading = register_csv::decode(settings, &files, TODAY, &mut draft)?;
    let (roster, issues) = Roster::assemble(draft);
    Ok(Read { reading, issues, roster })
}

/// The same with one file changed.
fn read_with(name: &'static str, text: &str) -> Result<Read, DecodeError> {
    read(&config(CONFIG), &export(&[(name, text.as_bytes())]))
}

impl Read {
    /// Everything in the roster as text.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut add = |write: &dyn Fn(&mut String)| {
            let mut line = String::new();
            write(&mut line);
            lines.push(line);
        };
        self.roster.schools().for_each(|school| add(&|out| school.write_line(out)));
        self.roster.persons().for_each(|person| add(&|out| person.write_line(out)));
        self.roster.groups().for_each(|group| add(&|out| group.write_line(out)));
        self.roster.memberships().for_each(|member| add(&|out| member.write_line(out)));
        self.roster.relations().for_each(|relation| add(&|out| relation.write_line(out)));
        lines
    }

    /// Faults with a code, as `severity file:line field detail`.
    fn faults(&self, code: u16) -> Vec<String> {
        let with_code = self.issues.iter().filter(|issue| issue.code == Code(code));
        with_code.map(describe).collect()
    }

    fn severities(&self) -> Vec<Severity> {
        self.issues.iter().map(|issue| issue.severity).collect()
    }
}

fn describe(issue: &Issue) -> String {
    let line = issue.line.map_or_else(String::new, |line| format!(":{line}"));
    let field = issue.field.as_deref().unwrap_or("-");
    format!("{:?} {}{line} {field} {}", issue.severity, issue.file, issue.detail)
}

#[track_caller]
fn error<T>(result: Result<T, DecodeError>) -> (u16, String) {
    let error = result.err().expect("the export is refused");
    (error.code().0, error.to_string())
}
