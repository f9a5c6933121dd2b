//! The same human or the same group under another key: gone under one, new under another.
//!
//! A receiver knows nobody but by key. When a register changes keys, every pupil is deleted and
//! made anew, empty, and the totals stay the same. What tells is everything but the key.

mod exchanged;
mod groups;
mod pairing;
mod persons;

use exchanged::Exchanged;
pub(super) use pairing::folded;

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Rekeyed;
use super::diff::Difference;
use super::plan::Register;
use crate::roster::draft::SetAside;
use crate::roster::entity::Person;
use crate::roster::words::Kind;

/// Lines of a roster that are only in the baseline, or only in today's data.
#[derive(Default)]
pub struct Lines<'a> {
    /// Persons.
    pub persons: Vec<&'a str>,
    /// Groups.
    pub groups: Vec<&'a str>,
    /// Memberships of those groups: where neither term nor dates are told, only its members tell
    /// this year's class from last year's of the same name.
    pub memberships: Vec<&'a str>,
}

/// One human or group under two keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// A person or a group.
    pub kind: Kind,
    /// The line that is gone.
    pub missing: &'a str,
    /// The line that is new.
    pub new: &'a str,
}

impl<'a> Pair<'a> {
    /// The key that is gone and the one that is new.
    pub fn keys(&self) -> [&'a str; 2] {
        [self.missing, self.new].map(|line| line.split('\t').next().unwrap_or_default())
    }
}

/// Everybody and every group that is gone under one key and new under another, in the order of
/// the keys that are gone. Each is in at most one pair, and where two could be meant, in none.
pub fn rekeyed<'a>(missing: &Lines<'a>, new: &Lines<'a>) -> Vec<Pair<'a>> {
    let mut pairs = persons::pairs(&missing.persons, &new.persons);
    pairs.extend(groups::pairs(missing, new, &pairs));
    pairs
}

/// Keys under which a file tells somebody who is protected now, each with the keys of today.
pub type ToldBefore = BTreeMap<String, BTreeSet<String>>;

/// Looks among the persons of a stored file for everybody who is protected tonight and whom the
/// registers have under another key now: among those whom the registers do not have any more.
pub fn told_before<'p>(
    stored: impl Iterator<Item = Person<'p>>,
    register: &Register,
) -> ToldBefore {
    let humans = &register.protected.humans;
    if humans.is_empty() {
        return ToldBefore::new();
    }
    let aside = |key: &str| SetAside { kind: Kind::Person, key: key.into(), other: String::new() };
    let is_missing = |key: &str| {
        register.roster.find_person(key).is_none()
            && !humans.contains_key(key)
            && !register.set_aside.contains(&aside(key))
    };
    persons::among(stored.filter(|person| is_missing(person.key)), humans)
}

/// The numbers of some pairs.
pub fn counted(pairs: &[Pair<'_>]) -> Rekeyed {
    let of = |kind| pairs.iter().filter(|pair| pair.kind == kind).count() as u64;
    Rekeyed { persons: of(Kind::Person), groups: of(Kind::Group) }
}

/// What went and what came, collected while a comparison goes on: memory for the differences.
#[derive(Default)]
pub struct Turnover {
    missing: Owned,
    new: Owned,
    exchanged: Exchanged,
}

#[derive(Default)]
struct Owned {
    persons: Vec<String>,
    groups: Vec<String>,
    memberships: Vec<String>,
}

impl Owned {
    fn push(&mut self, kind: Kind, line: &str) {
        let lines = match kind {
            Kind::Person => &mut self.persons,
            Kind::Group => &mut self.groups,
            Kind::Membership => &mut self.memberships,
            Kind::School | Kind::Relation => return,
        };
        lines.push(line.to_owned());
    }

    fn lent(&self) -> Lines<'_> {
        Lines {
            persons: self.persons.iter().map(String::as_str).collect(),
            groups: self.groups.iter().map(String::as_str).collect(),
            memberships: self.memberships.iter().map(String::as_str).collect(),
        }
    }
}

impl Turnover {
    /// Notes a line that the register no longer has, whether or not it is told again.
    pub fn missing(&mut self, kind: Kind, line: &str) {
        self.missing.push(kind, line);
    }

    /// Notes a line that the baseline has not.
    pub fn new_line(&mut self, kind: Kind, line: &str) {
        self.new.push(kind, line);
    }

    /// How many persons stand under a key that was another's before, and is still told.
    pub fn exchanged(&self) -> u64 {
        self.exchanged.count()
    }

    /// Notes a difference; a changed line is neither gone nor new. Memberships matter only where
    /// groups went and came, which stand before them in every comparison.
    pub fn note(&mut self, change: &Difference<'_>) {
        let groups = || !self.missing.groups.is_empty() && !self.new.groups.is_empty();
        if change.kind == Kind::Membership && !groups() {
            return;
        }
        match (change.before, change.now) {
            (Some(line), None) => self.missing(change.kind, line),
            (None, Some(line)) => self.new_line(change.kind, line),
            (Some(before), Some(now)) if change.kind == Kind::Person => {
                self.exchanged.note(before, now);
            }
            _ => {}
        }
    }

    /// The pairs among them; see [`rekeyed`].
    pub fn pairs(&self) -> Vec<Pair<'_>> {
        rekeyed(&self.missing.lent(), &self.new.lent())
    }
}
