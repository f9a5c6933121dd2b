//! The output law: any text in a register's fields becomes files that others can read, and that
//! hold what was planned.

use std::fmt::Write as _;

use super::delivered::{self, Accept};
use super::register_csv;
use super::settings::{self, TABLES};

/// A byte chooses the receiver; every further line is what stands in one field after another.
pub fn check(bytes: &[u8], accept: Accept<'_>) {
    let Some((&receiver, text)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let fields: Vec<&str> = text.split('\n').collect();
    let register = 0;
    let tables = TABLES.map(|(name, header)| (name, table(name, header, &fields)));
    let Some(roster) = register_csv::read(register, &tables) else { return };
    delivered::check(&roster, &settings::ims(receiver), accept);
    delivered::check(&roster, &settings::csv(receiver), accept);
}

/// Three rows of a table: keys and words are the program's, everything else the fuzzer's.
fn table(name: &str, header: &str, fields: &[&str]) -> Vec<u8> {
    let mut table = format!("{header}\n");
    let mut next = fields.iter().cycle();
    for row in 0..3 {
        for (at, column) in header.split(';').enumerate() {
            let field = match (name, column) {
                (_, "Person") | ("persons.csv", "Key") => format!("p{row}"),
                ("relations.csv", "To") => format!("p{}", (row + 1) % 3),
                (_, "Group") | ("groups.csv", "Key") => format!("g{row}"),
                (_, "School") | ("schools.csv", "Key") => format!("s{row}"),
                ("persons.csv", "Role") => ["elev", "personal", "elev"][row].to_owned(),
                ("memberships.csv", "Role") => "elev".to_owned(),
                ("relations.csv", "Kind") => "vårdnadshavare".to_owned(),
                ("groups.csv", "Kind") => "klass".to_owned(),
                (_, "Protected") => "N".to_owned(),
                (_, "Parent" | "Begin" | "End" | "Number") => String::new(),
                _ => (*next.next().expect("a cycle")).to_owned(),
            };
            let comma = if at == 0 { "" } else { ";" };
            let _ = write!(table, "{comma}\"{}\"", field.replace('"', "\"\""));
        }
        table.push('\n');
    }
    table.into_bytes()
}
