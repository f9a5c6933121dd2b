//! The way of one school, person or group: what a roster says of it in numbers, who keeps it from
//! every target, and which rule of one target leaves it or its links out. Never its key or name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde::Serialize;

use super::protect::Protected;
use super::select::{Reasons, WhyNot};
use crate::formats::snapshot::{ORDER, Reader, SnapshotError};
use crate::roster::draft::Marking;
use crate::roster::entity::{Group, Person, fields};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, Role};

/// What a roster says of one school, person or group, in numbers.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Seen {
    /// Names of its schools, or their keys where the register gives no names.
    pub schools: Vec<String>,
    /// A person's roles.
    pub roles: Vec<Role>,
    /// A group's kind.
    pub kind: Option<GroupKind>,
    /// Groups of a person, or of a school.
    pub groups: u64,
    /// Persons of a group, or of a school.
    pub persons: u64,
    /// Memberships of a person or a group.
    pub memberships: u64,
    /// Relations of a person.
    pub relations: u64,
}

/// What bears one key, by kind: a school, a person and a group may share one.
pub type ByKind = BTreeMap<Kind, Seen>;

/// Names of schools by their keys, for rosters that only hold the keys.
pub type SchoolNames = BTreeMap<String, String>;

/// The names that a roster gives its schools.
pub fn school_names(roster: &Roster) -> SchoolNames {
    roster.schools().map(|school| (school.key.to_owned(), school.name.to_owned())).collect()
}

/// Looks for a key in a roster.
pub fn in_roster(roster: &Roster, key: &str, names: &SchoolNames) -> ByKind {
    let mut search = Search::of(key, names);
    for kind in ORDER {
        roster.each_line(kind, |line| search.line(kind, line));
    }
    search.end()
}

/// Looks for keys in a stored snapshot, which is read through: what each of them found.
///
/// # Errors
/// When the snapshot cannot be trusted.
pub fn in_snapshot<R: Read>(
    reader: &mut Reader<R>,
    keys: &[String],
    names: &SchoolNames,
) -> Result<Vec<ByKind>, SnapshotError> {
    let mut searches: Vec<Search<'_>> = keys.iter().map(|key| Search::of(key, names)).collect();
    while let Some((kind, line)) = reader.next_line()? {
        for search in &mut searches {
            search.line(kind, line);
        }
    }
    Ok(searches.into_iter().map(Search::end).collect())
}

/// The search for one key, line by line in the order of a snapshot.
struct Search<'k> {
    key: &'k str,
    found: ByKind,
    /// Names of schools, as far as they are known beforehand, and as they come.
    known: &'k SchoolNames,
    names: SchoolNames,
    /// What a school would have, should there be one with the key.
    school: Seen,
    /// The other end of the link before, of the person and of the group looked for: links of one
    /// group stand together, and in it those of one person.
    last: [String; 2],
}

impl<'k> Search<'k> {
    fn of(key: &'k str, known: &'k SchoolNames) -> Self {
        let (found, names, school, last) = Default::default();
        Search { key, found, known, names, school, last }
    }

    fn line(&mut self, kind: Kind, line: &str) {
        let mut ends = fields(line);
        let (first, second) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
        match kind {
            Kind::School => {
                self.names.insert(first.to_owned(), second.to_owned());
                if first == self.key {
                    self.found.entry(kind).or_default().schools = vec![self.name(first)];
                }
            }
            Kind::Person => self.person(first, line),
            Kind::Group => self.group(first, line),
            Kind::Membership => self.membership(first, second),
            Kind::Relation => {
                if let Some(seen) = self.found.get_mut(&Kind::Person) {
                    seen.relations += u64::from(first == self.key || second == self.key);
                }
            }
        }
    }

    fn person(&mut self, key: &str, line: &str) {
        let is_it = key == self.key;
        if !is_it && !self.found.contains_key(&Kind::School) {
            return;
        }
        let Some(person) = Person::from_line(line) else { return };
        self.school.persons += u64::from(person.schools().any(|school| school == self.key));
        if is_it {
            let schools = person.schools().map(|school| self.name(school)).collect();
            let roles = person.roles.iter().collect();
            self.found.insert(Kind::Person, Seen { schools, roles, ..Seen::default() });
        }
    }

    fn group(&mut self, key: &str, line: &str) {
        let Some(group) = Group::from_line(line) else { return };
        self.school.groups += u64::from(group.school == self.key);
        if key == self.key {
            let school = Some(group.school).filter(|school| !school.is_empty());
            let schools = school.map(|school| self.name(school)).into_iter().collect();
            let kind = Some(group.kind);
            self.found.insert(Kind::Group, Seen { schools, kind, ..Seen::default() });
        }
    }

    fn membership(&mut self, group: &str, person: &str) {
        for (kind, own, other) in [(Kind::Person, person, group), (Kind::Group, group, person)] {
            let Some(seen) = self.found.get_mut(&kind).filter(|_| own == self.key) else {
                continue;
            };
            let last = &mut self.last[usize::from(kind == Kind::Group)];
            let new = u64::from(seen.memberships == 0 || last != other);
            seen.memberships += 1;
            *(if kind == Kind::Person { &mut seen.groups } else { &mut seen.persons }) += new;
            other.clone_into(last);
        }
    }

    fn name(&self, school: &str) -> String {
        let named = |names: &'_ SchoolNames| names.get(school).filter(|n| !n.is_empty()).cloned();
        named(&self.names).or_else(|| named(self.known)).unwrap_or_else(|| school.to_owned())
    }

    fn end(mut self) -> ByKind {
        if let Some(seen) = self.found.get_mut(&Kind::School) {
            (seen.persons, seen.groups) = (self.school.persons, self.school.groups);
        }
        self.found
    }
}

/// Why something is kept from every target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// Marked as protected.
    Marked,
    /// A marking that the configuration does not know, which counts as protected.
    UnknownMarking,
    /// Marked as protected, and told under a pseudonym.
    Pseudonym,
    /// A guardian all of whose children here are protected.
    Guardian,
    /// A group that would point at somebody protected.
    Group,
    /// Taken out by hand.
    ByHand,
}

/// What protection did with a person or group whose rows carry `marking`, if anything.
pub fn withheld(
    protected: &Protected,
    (kind, key): (Kind, &str),
    marking: Marking,
) -> Option<Withheld> {
    let has = |keys: &BTreeSet<String>| keys.contains(key);
    match kind {
        Kind::Group => has(&protected.groups).then_some(Withheld::Group),
        Kind::Person if has(&protected.pseudonymous) => Some(Withheld::Pseudonym),
        Kind::Person if protected.guardians.contains_key(key) => Some(Withheld::Guardian),
        Kind::Person if has(&protected.excluded) => Some(match marking {
            Marking::None if has(&protected.by_hand) => Withheld::ByHand,
            // Without a marking of their own they have it under another key.
            Marking::None | Marking::Protected => Withheld::Marked,
            Marking::Unknown => Withheld::UnknownMarking,
        }),
        _ => None,
    }
}

/// How something stands at one target tonight.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Standing {
    /// What the target would be told of it.
    pub told: Option<Seen>,
    /// The rule that leaves it out of what the register says tonight.
    pub why_not: Option<WhyNot>,
    /// Told as it was told before, although tonight's register does not say so.
    pub as_before: bool,
    /// What belongs to it and is not told, by kind and rule: groups, memberships and relations of
    /// a person, persons and memberships of a group, persons and groups of a school.
    pub left_out: BTreeMap<Kind, BTreeMap<WhyNot, u64>>,
}

/// How something stands at one target: `register` is what was read, `reasons` what the target's
/// selection says of it, `told` what the target would be told in the end, by the key that it
/// knows it by.
pub fn standing(
    register: &Roster,
    reasons: &Reasons,
    (told, told_as): (&Roster, &str),
    (kind, key): (Kind, &str),
) -> Standing {
    let at = match kind {
        Kind::School => register.find_school(key),
        Kind::Person => register.find_person(key),
        Kind::Group => register.find_group(key),
        Kind::Membership | Kind::Relation => None,
    };
    let told = in_roster(told, told_as, &school_names(register)).remove(&kind);
    let why_not = at.and_then(|at| reasons.each(kind)[at]);
    let as_before = told.is_some() && (at.is_none() || why_not.is_some());
    let mut left_out: BTreeMap<Kind, BTreeMap<WhyNot, u64>> = BTreeMap::new();
    let parts = at.map_or_else(BTreeSet::new, |at| parts(register, reasons, (kind, at), key));
    for (part, place) in parts {
        if let Some(reason) = reasons.each(part)[place] {
            *left_out.entry(part).or_default().entry(reason).or_default() += 1;
        }
    }
    Standing { told, why_not, as_before, left_out }
}

/// What belongs to a school, person or group, by kind and position. In the place of a link whose
/// other end is left out stands that end: its reason says more.
fn parts(
    register: &Roster,
    reasons: &Reasons,
    (kind, at): (Kind, usize),
    key: &str,
) -> BTreeSet<(Kind, usize)> {
    let mut parts = BTreeSet::new();
    if kind == Kind::School {
        let here = |person: &Person<'_>| person.schools().any(|school| school == key);
        let persons = register.persons().enumerate().filter(|(_, person)| here(person));
        parts.extend(persons.map(|(place, _)| (Kind::Person, place)));
        let groups = register.groups().enumerate().filter(|(_, group)| group.school == key);
        parts.extend(groups.map(|(place, _)| (Kind::Group, place)));
        return parts;
    }
    for (place, (group, person)) in register.membership_positions().enumerate() {
        let (own, other) = match kind {
            Kind::Group => (group, (Kind::Person, person)),
            _ => (person, (Kind::Group, group)),
        };
        if own == at {
            let left_out = reasons.each(Kind::Membership)[place];
            let by_other = match left_out {
                Some(WhyNot::GroupLeftOut) => kind == Kind::Person,
                Some(WhyNot::PersonLeftOut) => kind == Kind::Group,
                _ => false,
            };
            parts.insert(if by_other { other } else { (Kind::Membership, place) });
        }
    }
    for (place, (person, to)) in register.relation_positions().enumerate() {
        if kind == Kind::Person && (person == at || to == at) {
            parts.insert((Kind::Relation, place));
        }
    }
    parts
}
