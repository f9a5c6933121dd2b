//! What a plan would change, listed with names in a file that only the service user can read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::counts::Rekeyed;
use super::diff::{Difference, named};
use super::pending::{Gone, Why};
use super::rekey::{self, Pair, Turnover};
use super::verdict::Operation;
use crate::roster::entity::{Group, Person};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind};

/// How a spreadsheet's formulas begin.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// The list of changes, for people who may see names.
pub(super) struct Changes<'p> {
    pub(super) text: String,
    /// Persons told under a pseudonym from now on, or under another than before.
    pub(super) renamed: u64,
    /// Schools, persons and groups that go, and why.
    pub(super) gone: Vec<Gone>,
    why: BTreeMap<(Kind, String), Why>,
    /// Keys of the groups that the receiver archives.
    pub(super) archived: BTreeSet<String>,
    archives: &'p BTreeSet<GroupKind>,
    /// What went and what came.
    pub(super) turnover: Turnover,
    pseudonymous: &'p BTreeSet<String>,
    first: bool,
}

impl<'p> Changes<'p> {
    /// At a first delivery everything is new: there is nothing to list. `archives` names the
    /// kinds of group that the receiver archives when they are no longer told.
    pub(super) fn new(
        first: bool,
        pseudonymous: &'p BTreeSet<String>,
        archives: &'p BTreeSet<GroupKind>,
    ) -> Self {
        let text = "what;change;key;name;school;other\n".to_owned();
        let (gone, why) = (Vec::new(), BTreeMap::new());
        let archived = BTreeSet::new();
        let turnover = Turnover::default();
        Changes { text, renamed: 0, gone, why, archived, archives, turnover, pseudonymous, first }
    }

    /// The same, where it is known why some of what goes goes.
    pub(super) fn because(mut self, why: BTreeMap<(Kind, String), Why>) -> Self {
        self.why = why;
        self
    }

    /// Lists who shares a user name.
    pub(super) fn sharing(&mut self, told: &Roster, keys: &BTreeSet<String>) {
        for at in keys.iter().filter_map(|key| told.find_person(key)) {
            let mut line = String::new();
            told.person_at(at).write_line(&mut line);
            self.list(Kind::Person, "same-user-name", &line);
        }
    }

    /// Lists what stays although it is missing.
    pub(super) fn waiting(&mut self, kept: &[(Kind, String)]) {
        for (kind, line) in kept {
            self.list(*kind, "waiting", line);
        }
    }

    pub(super) fn add(&mut self, change: &Difference<'_>) {
        self.renamed += u64::from(self.renames(change));
        self.archived.extend(self.archives(change));
        let Some(line) = change.before.or(change.now).filter(|_| !self.first) else { return };
        self.turnover.note(change);
        let operation = match change.operation {
            Operation::Add => "add",
            Operation::Change => "change",
            Operation::Remove => "remove",
        };
        if change.operation == Operation::Remove {
            self.goes(change.kind, line);
        }
        self.list(change.kind, operation, change.now.unwrap_or(line));
    }

    fn goes(&mut self, kind: Kind, line: &str) {
        if matches!(kind, Kind::School | Kind::Person | Kind::Group) {
            let identity = named(kind, line).to_owned();
            let why = self.why.get(&(kind, identity.clone())).cloned().unwrap_or(Why::Register);
            self.gone.push(Gone { kind, identity, why });
        }
    }

    fn list(&mut self, kind: Kind, operation: &str, line: &str) {
        let _ = match kind {
            Kind::Person => match Person::from_line(line) {
                Some(p) => {
                    let schools: Vec<&str> = p.schools().collect();
                    let name = format!("{} {}", p.given_name, p.family_name);
                    self.row(kind, operation, &[p.key, &name, &schools.join(" "), p.school_year])
                }
                None => Ok(()),
            },
            Kind::Group => match Group::from_line(line) {
                Some(g) => self.row(kind, operation, &[g.key, g.name, g.school, g.kind.as_str()]),
                None => Ok(()),
            },
            Kind::School | Kind::Membership | Kind::Relation => {
                let fields: Vec<&str> = line.split('\t').take(3).collect();
                self.row(kind, operation, &fields)
            }
        };
    }

    /// The key of a group that the receiver archives with this change.
    fn archives(&self, change: &Difference<'_>) -> Option<String> {
        let (Kind::Group, Some(before), None) = (change.kind, change.before, change.now) else {
            return None;
        };
        let group = Group::from_line(before)?;
        self.archives.contains(&group.kind).then(|| group.key.to_owned())
    }

    /// Lists who got another key, once everything is compared, and gives the numbers. The key
    /// that is gone stands under `key`, the new one under `other`. Whoever stands under a key that
    /// was another's counts, too.
    pub(super) fn rekeyed(&mut self) -> Rekeyed {
        let turnover = std::mem::take(&mut self.turnover);
        let pairs = turnover.pairs();
        for pair in &pairs {
            let [gone, new] = pair.keys();
            let (name, place) = name_and_place(pair);
            let _ = self.row(pair.kind, "rekeyed", &[gone, &name, &place, new]);
        }
        let Rekeyed { persons, groups } = rekey::counted(&pairs);
        Rekeyed { persons: persons + turnover.exchanged(), groups }
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
            // People open lists in spreadsheets, and a name is no formula there.
            let as_text = if field.starts_with(FORMULA) { "'" } else { "" };
            if field.contains([';', '"']) {
                write!(self.text, ";\"{as_text}{}\"", field.replace('"', "\"\""))?;
            } else {
                write!(self.text, ";{as_text}{field}")?;
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
