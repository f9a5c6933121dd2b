//! A register's export: any bytes are an export or refused; what is read can be delivered.

use jiff::civil::{Date, date};
use rostergate::formats::register_csv::{self, File};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::roster::draft::Draft;
use rostergate::roster::roster::Roster;

use super::delivered::{self, Accept};
use super::settings::{self, TABLES};

const TODAY: Date = date(2026, 11, 21);
/// Parts the tables of one export.
const BETWEEN: u8 = 0x1e;

/// Two bytes choose the settings of register and receiver; then come the tables, as many as
/// there are; a table that is not there is a small one.
pub fn check(bytes: &[u8], accept: Accept<'_>) {
    let [register, receiver, rest @ ..] = bytes else { return };
    let mut tables = tables(*register);
    for ((_, table), part) in tables.iter_mut().zip(rest.split(|&byte| byte == BETWEEN)) {
        if !part.is_empty() {
            *table = part.to_vec();
        }
    }
    let Some(roster) = read(*register, &tables) else { return };
    delivered::check(&roster, &settings::ims(*receiver), accept);
    delivered::check(&roster, &settings::csv(*receiver), accept);
}

/// What a register's tables say, if they are not refused.
pub fn read(register: u8, tables: &[(&str, Vec<u8>)]) -> Option<Roster> {
    let settings = settings::register(register);
    let mut files = Vec::new();
    for (name, bytes) in tables {
        files.push(File { name, bytes, rows: Some(rows(bytes)) });
    }
    let mut draft = Draft::new();
    register_csv::decode(&settings, &files, TODAY, &mut draft).ok()?;
    protect(&mut draft, &Pseudonyms::new());
    let (roster, issues) = Roster::assemble(draft);
    if delivered::is_refused(&issues) {
        return None;
    }
    for line in delivered::lines(&roster) {
        let unlawful = |c: char| c.is_control() && !matches!(c, '\t' | '\u{1f}');
        assert!(!line.contains(unlawful), "a character that breaks lines is in a roster");
    }
    Some(roster)
}

/// Rows as a done-file counts them: lines behind the header that hold something.
fn rows(bytes: &[u8]) -> u64 {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    lines.count().saturating_sub(1) as u64
}

/// A small export in the register's own way of writing.
pub fn tables(register: u8) -> Vec<(&'static str, Vec<u8>)> {
    let delimiter = settings::delimiter(register).to_string();
    let rows = [
        "99123456;Västra skolan\n99123457;Östra & södra\n",
        "p-1;20180613-2385;Åberg, Elsa;elsa@example.org;Elsa01;+46701740605;;99123456;2;elev;N\n\
         p-2;;\"Ek, Bo \"\"B\"\"\";;bo;;+46317001234;99123457;;personal;N\n\
         p-3;;Ek, Cia;;;;;;;vårdnadshavare;J\n",
        "g-1;2A;klass;99123456;2026/2027;;;2026-08-17;2027-06-11\ng-2;Ma;grupp;;;MAT1;g-1;;\n",
        "p-1;g-1;elev;2026-08-17;\np-2;g-1;mentor;;\np-2;g-2;lärare;;\n",
        "p-3;p-1;vårdnadshavare\n",
    ];
    let table = |((name, header), rows): ((&'static str, &str), &str)| {
        // Names hold commas: with another delimiter than `;` they stand in quotes.
        let rows = rows.replace(", ", if delimiter == "," { " " } else { ", " });
        (name, format!("{header}\n{rows}").replace(';', &delimiter).into_bytes())
    };
    TABLES.into_iter().zip(rows).map(table).collect()
}
