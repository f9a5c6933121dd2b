//! The register's nightly export: five tables, then the file that says they are complete.
#![expect(
    clippy::disallowed_methods,
    reason = "this plays the register, which writes its own files; the gateway only reads them"
)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::{Timestamp, ToSpan};

use super::dice::{Dice, guid};
use super::{Group, GroupKind, Kin, Membership, Person, Role, School, Subject, Town, names, next};

const DONE_FILE: &str = "export.klar";
const TABLES: [&str; 5] =
    ["skolor.csv", "personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv"];

/// How one night's export differs from the register's state.
#[derive(Clone, Copy, Default, Debug)]
pub struct Export<'a> {
    /// The name of a school that the export has lost, with everyone who belongs only there.
    pub leave_out_school: Option<&'a str>,
    /// Another number gives the same rows in another order.
    pub shuffle: u64,
}

/// Sets the time of all six files to `written`, for a story that is told on other days.
///
/// # Errors
/// When a file is missing or belongs to another.
pub fn stamp(folder: &Path, written: Timestamp) -> io::Result<()> {
    for name in TABLES.into_iter().chain([DONE_FILE]) {
        let file = File::options().append(true).open(folder.join(name))?;
        file.set_modified(written.into())?;
    }
    Ok(())
}

impl Town {
    /// Writes the export into `folder`, which must exist: UTF-8, semicolons, one heading, each
    /// table under its name only when whole, and `export.klar` with the numbers of rows last.
    /// The one of the night before is taken away first.
    ///
    /// # Errors
    /// When a file cannot be written, and `InvalidInput` when no open school is called
    /// `leave_out_school`.
    pub fn write_export(&self, folder: &Path, options: Export<'_>) -> io::Result<()> {
        let shown = Shown::new(self, options)?;
        match fs::remove_file(folder.join(DONE_FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut rows = Vec::new();
        for table in TABLES {
            rows.push((table, shown.write_table(folder, table, options.shuffle)?));
        }
        publish(folder, DONE_FILE, |file| {
            rows.iter().try_for_each(|(table, rows)| writeln!(file, "{table};{rows}"))
        })
    }
}

impl Town {
    /// The key of a pupil of the school with this name, as the export writes it.
    #[must_use]
    pub fn pupil_of(&self, school: &str) -> Option<String> {
        let school = self.place_of(school)?;
        let mut persons = (0..).zip(&self.persons);
        let (place, _) = persons
            .find(|(_, person)| person.is_pupil() && self.own_school(person) == Some(school))?;
        let key = guid(self.seed ^ Salt::Person as u64, place);
        Some(String::from_utf8_lossy(&key).into_owned())
    }
}

/// Writes beside the name, then moves into its place.
fn publish(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.tmp"));
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
    write(&mut file)?;
    file.flush()?;
    fs::rename(unfinished, folder.join(name))
}

/// What of the town the export tells.
struct Shown<'t> {
    town: &'t Town,
    left_out: Option<u16>,
    /// By place in `persons`: the school of those who are told.
    homes: Vec<Option<u16>>,
}

impl<'t> Shown<'t> {
    fn new(town: &'t Town, options: Export<'_>) -> io::Result<Self> {
        let left_out = match options.leave_out_school {
            None => None,
            Some(name) => Some(town.place_of(name).ok_or(io::ErrorKind::InvalidInput)?),
        };
        Ok(Self { town, left_out, homes: town.homes(left_out) })
    }

    fn write_table(&self, folder: &Path, table: &str, shuffle: u64) -> io::Result<usize> {
        match table {
            "skolor.csv" => self.rows(folder, table, shuffle, self.schools(), Self::school),
            "personer.csv" => self.rows(folder, table, shuffle, self.persons(), Self::person),
            "grupper.csv" => self.rows(folder, table, shuffle, self.groups(), Self::group),
            "medlemskap.csv" => {
                self.rows(folder, table, shuffle, self.memberships(), Self::membership)
            }
            _ => self.rows(folder, table, shuffle, self.relations(), Self::relation),
        }
    }

    fn rows<R: Copy>(
        &self,
        folder: &Path,
        table: &str,
        shuffle: u64,
        mut rows: Vec<R>,
        row: fn(&Self, R, &mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<usize> {
        Dice::new(shuffle ^ self.town.seed).shuffle(&mut rows);
        publish(folder, table, |file| {
            writeln!(file, "{}", heading(table))?;
            rows.iter().try_for_each(|one| row(self, *one, file))
        })?;
        Ok(rows.len())
    }

    fn tells_school(&self, school: u16) -> bool {
        self.town.schools[usize::from(school)].open && self.left_out != Some(school)
    }

    fn tells_group(&self, group: u32) -> bool {
        let class = self.town.groups[group as usize].class;
        self.tells_school(self.town.classes[class as usize].school)
    }

    fn schools(&self) -> Vec<u16> {
        let end = u16::try_from(self.town.schools.len()).expect("a town has fewer schools");
        (0..end).filter(|school| self.tells_school(*school)).collect()
    }

    fn persons(&self) -> Vec<u32> {
        (0..next(&self.homes)).filter(|person| self.homes[*person as usize].is_some()).collect()
    }

    fn groups(&self) -> Vec<u32> {
        (0..next(&self.town.groups)).filter(|group| self.tells_group(*group)).collect()
    }

    fn memberships(&self) -> Vec<u32> {
        let told = |row: &u32| self.tells_group(self.town.memberships[*row as usize].group);
        (0..next(&self.town.memberships)).filter(told).collect()
    }

    /// Guardian and child.
    fn relations(&self) -> Vec<(u32, u32)> {
        let told = self.persons().into_iter();
        told.filter_map(|child| match self.town.persons[child as usize].kin {
            Kin::Pupil { parents, .. } => Some(parents.all().map(move |parent| (parent, child))),
            Kin::Staff { .. } | Kin::Guardian => None,
        })
        .flatten()
        .collect()
    }

    fn school(&self, place: u16, out: &mut BufWriter<File>) -> io::Result<()> {
        let School { key, name, preschool, .. } = &self.town.schools[usize::from(place)];
        writeln!(out, "{key};{name};{}", if *preschool { "FS" } else { "GR" })
    }

    fn person(&self, place: u32, out: &mut BufWriter<File>) -> io::Result<()> {
        let person = &self.town.persons[place as usize];
        self.key(Salt::Person, place, out)?;
        out.write_all(b";")?;
        self.personal_number(place, person, out)?;
        let (role, domain) = match person.kin {
            Kin::Pupil { .. } => ("elev", "elev.exempelby.example"),
            Kin::Staff { .. } => ("personal", "exempelby.example"),
            Kin::Guardian => ("vårdnadshavare", "mejl.exempelby.example"),
        };
        let (given, account) = (person.given.text(), person.given.account());
        let family = person.family;
        write!(out, ";{given};{family};{account}{place:05}@{domain};{account}{place:05};{role};")?;
        let home = self.homes[place as usize].expect("only those who are told have a row");
        write!(out, "{};", self.town.schools[usize::from(home)].key)?;
        if let Some(year) = self.year(person) {
            write!(out, "{year}")?;
        }
        out.write_all(if person.protected { b";J;" } else { b";N;" })?;
        match person.mobile {
            0 => writeln!(out),
            number => writeln!(out, "+467017406{number:02}"),
        }
    }

    /// The year a pupil is in; none in a preschool.
    fn year(&self, person: &Person) -> Option<u8> {
        match person.kin {
            Kin::Pupil { class, .. } => {
                Some(self.town.classes[class as usize].year).filter(|year| *year > 0)
            }
            Kin::Staff { .. } | Kin::Guardian => None,
        }
    }

    /// A temporary number for every hundredth who is a pupil, blank for all others. Letters
    /// instead of a check digit: it can never be anybody's.
    fn personal_number(
        &self,
        place: u32,
        person: &Person,
        out: &mut BufWriter<File>,
    ) -> io::Result<()> {
        if !place.is_multiple_of(100) || !matches!(person.kin, Kin::Pupil { .. }) {
            return Ok(());
        }
        let age = self.year(person).map_or(4, |year| 6 + i16::from(year));
        let nth = place / 100;
        let born = jiff::civil::date(self.town.year.begin.year() - age, 1, 1);
        let born = born.saturating_add(i64::from(nth % 365).days());
        write!(out, "{}TF{:02}", born.strftime("%Y%m%d"), nth / 365 % 100)
    }

    fn group(&self, place: u32, out: &mut BufWriter<File>) -> io::Result<()> {
        let group = self.town.groups[place as usize];
        let class = self.town.classes[group.class as usize];
        let school = &self.town.schools[usize::from(class.school)];
        let (kind, code) = match subject(group) {
            None => ("klass", ""),
            Some(subject) => ("undervisning", words(subject).0),
        };
        self.key(Salt::Group, place, out)?;
        write!(out, ";{kind};")?;
        self.group_name(group, out)?;
        let (begin, end) = (self.town.year.begin, self.town.year.end);
        write!(out, " {};{};{}/{}", school.name, school.key, begin.year(), end.year())?;
        writeln!(out, ";{code};{begin};{end}")
    }

    /// `6A`, `SV 6A`, `BL 6A:2`, or the name of a department.
    fn group_name(&self, group: Group, out: &mut BufWriter<File>) -> io::Result<()> {
        let class = self.town.classes[group.class as usize];
        if let Some(subject) = subject(group) {
            let (short, long) = words(subject);
            write!(out, "{} ", if group.spelt_out { long } else { short })?;
        }
        match class.year {
            0 => {
                let nth = usize::from(class.letter) % names::DEPARTMENTS.len();
                write!(out, "{}", names::DEPARTMENTS[nth])?;
                if group.spelt_out { write!(out, " avdelning") } else { Ok(()) }
            }
            year => {
                write!(out, "{year}{}", char::from(b'A' + class.letter % 26))?;
                match group.kind {
                    GroupKind::FirstHalf(_) => write!(out, ":1"),
                    GroupKind::SecondHalf(_) => write!(out, ":2"),
                    GroupKind::Class if group.spelt_out => write!(out, " klass"),
                    GroupKind::Class | GroupKind::Whole(_) => Ok(()),
                }
            }
        }
    }

    fn membership(&self, place: u32, out: &mut BufWriter<File>) -> io::Result<()> {
        let Membership { person, group, since, role } = self.town.memberships[place as usize];
        self.key(Salt::Person, person, out)?;
        out.write_all(b";")?;
        self.key(Salt::Group, group, out)?;
        let role = match role {
            Role::Learner => "elev",
            Role::Teacher => "lärare",
            Role::Mentor => "mentor",
        };
        let year = self.town.year;
        let begin = year.begin.saturating_add(i64::from(since).days());
        writeln!(out, ";{role};{begin};{}", year.end)
    }

    fn relation(&self, (parent, child): (u32, u32), out: &mut BufWriter<File>) -> io::Result<()> {
        self.key(Salt::Person, parent, out)?;
        out.write_all(b";")?;
        self.key(Salt::Person, child, out)?;
        writeln!(out, ";vårdnadshavare")
    }

    fn key(&self, salt: Salt, place: u32, out: &mut BufWriter<File>) -> io::Result<()> {
        out.write_all(&guid(self.town.seed ^ salt as u64, place))
    }
}

/// Keeps the keys of persons and groups apart.
#[derive(Clone, Copy)]
enum Salt {
    Person = 0x7065_7273,
    Group = 0x6772_7570,
}

fn heading(table: &str) -> &'static str {
    match table {
        "skolor.csv" => "Skolenhetskod;Skolnamn;Skolform",
        "personer.csv" => {
            "PersonId;Personnummer;Förnamn;Efternamn;Epost;Användarnamn;Roll;Skolenhetskod;\
             Årskurs;Sekretess;Mobil"
        }
        "grupper.csv" => "GruppId;Typ;Namn;Skolenhetskod;Läsår;Kurskod;Startdatum;Slutdatum",
        "medlemskap.csv" => "PersonId;GruppId;Roll;Startdatum;Slutdatum",
        _ => "VuxenId;ElevId;Typ",
    }
}

fn subject(group: Group) -> Option<Subject> {
    match group.kind {
        GroupKind::Class => None,
        GroupKind::Whole(subject)
        | GroupKind::FirstHalf(subject)
        | GroupKind::SecondHalf(subject) => Some(subject),
    }
}

/// The course code, and the whole word.
fn words(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Swedish => ("SV", "Svenska"),
        Subject::Mathematics => ("MA", "Matematik"),
        Subject::English => ("EN", "Engelska"),
        Subject::Society => ("SO", "Samhällsorientering"),
        Subject::Nature => ("NO", "Naturorientering"),
        Subject::Sports => ("IDH", "Idrott och hälsa"),
        Subject::Art => ("BL", "Bild"),
        Subject::Crafts => ("SLJ", "Slöjd"),
    }
}
