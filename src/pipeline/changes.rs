//! What a plan would change, listed with names in a file that only the service user can read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::counts::Rekeyed;
use super::diff::Difference;
use super::rekey::{self, Pair, Turnover};
use super::verdict::Operation;
use crate::roster::entity::{Group, Person};
use crate::roster::words::Kind;

/// The list of changes, for people who may see names.
pub(super) struct Changes<'p> {
    pub(super) text: String,
    /// Persons told under a pseudonym from now on, or under another than before.
    pub(super) renamed: u64,
    /// What went and what came.
    pub(super) turnover: Turnover,
    pseudonymous: &'p BTreeSet<String>,
    first: bool,
}

impl<'p> Changes<'p> {
    /// At a first delivery everything is new: there is nothing to list.
    pub(super) fn new(first: bool, pseudonymous: &'p BTreeSet<String>) -> Self {
        let text = "what;change;key;name;school;other\n".to_owned();
        Changes { text, renamed: 0, turnover: Turnover::default(), pseudonymous, first }
    }

    pub(super) fn add(&mut self, change: &Difference<'_>) {
        self.renamed += u64::from(self.renames(change));
        let Some(line) = change.before.or(change.now).filter(|_| !self.first) else { return };
        self.turnover.note(change);
        let operation = match change.operation {
            Operation::Add => "add",
            Operation::Change => "change",
            Operation::Remove => "remove",
        };
        let kind = change.kind;
        let _ = match kind {
            Kind::Person => match Person::from_line(change.now.unwrap_or(line)) {
                Some(p) => {
                    let schools: Vec<&str> = p.schools().collect();
                    let name = format!("{} {}", p.given_name, p.family_name);
                    self.row(kind, operation, &[p.key, &name, &schools.join(" "), p.school_year])
                }
                None => Ok(()),
            },
            Kind::Group => match Group::from_line(change.now.unwrap_or(line)) {
                Some(g) => self.row(kind, operation, &[g.key, g.name, g.school, g.kind.as_str()]),
                None => Ok(()),
            },
            Kind::School | Kind::Membership | Kind::Relation => {
                let fields: Vec<&str> = line.split('\t').take(3).collect();
                self.row(kind, operation, &fields)
            }
        };
    }

    /// Lists who got another key, once everything is compared, and gives the numbers. The key
    /// that is gone stands under `key`, the new one under `other`.
    pub(super) fn rekeyed(&mut self) -> Rekeyed {
        let turnover = std::mem::take(&mut self.turnover);
        let pairs = turnover.pairs();
        for pair in &pairs {
            let [gone, new] = pair.keys();
            let (name, place) = name_and_place(pair);
            let _ = self.row(pair.kind, "rekeyed", &[gone, &name, &place, new]);
        }
        rekey::counted(&pairs)
    }

    fn renames(&self, change: &Difference<'_>) -> bool {
        let (Kind::Person, Some(before), Some(now)) = (change.kind, change.before, change.now)
        else {
            return false;
        };
        let (Some(before), Some(now)) = (Person::from_line(before), Person::from_line(now)) else {
            return false;
        };
        self.pseudonymous.contains(now.key) && own_data(&before) != own_data(&now)
    }

    /// One row; a field that holds the delimiter or a quote is quoted.
    fn row(&mut self, kind: Kind, operation: &str, fields: &[&str]) -> std::fmt::Result {
        write!(self.text, "{kind};{operation}")?;
        for field in fields {
            if field.contains([';', '"']) {
                write!(self.text, ";\"{}\"", field.replace('"', "\"\""))?;
            } else {
                write!(self.text, ";{field}")?;
            }
        }
        self.text.push('\n');
        Ok(())
    }
}

/// Today's name and schools of a person or group that got another key.
fn name_and_place(pair: &Pair<'_>) -> (String, String) {
    if let Some(group) = Group::from_line(pair.new).filter(|_| pair.kind == Kind::Group) {
        return (group.name.to_owned(), group.school.to_owned());
    }
    let Some(person) = Person::from_line(pair.new) else { return Default::default() };
    let schools: Vec<&str> = person.schools().collect();
    (format!("{} {}", person.given_name, person.family_name), schools.join(" "))
}

/// What a pseudonym stands in place of.
pub(super) fn own_data<'a>(person: &Person<'a>) -> [&'a str; 7] {
    [
        person.personal_number,
        person.given_name,
        person.family_name,
        person.email,
        person.username,
        person.phone,
        person.mobile,
    ]
}
