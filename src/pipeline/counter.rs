//! Counting while today is compared with the baseline: every line on its side, every difference
//! in its kind, roles, schools and kinds of group.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::counts::{Counts, SchoolTally, Tally};
use super::field::FieldCounter;
use crate::formats::carried::Carried;
use crate::roster::entity::{Person, fields};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, Role};

fn kind_of_group(line: &str) -> Option<GroupKind> {
    fields(line).nth(2)?.parse().ok()
}

/// In which of the two a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// In the baseline.
    Before,
    /// In what would be told.
    Now,
    /// In both, letter by letter.
    Both,
}

impl Side {
    fn count(self, tally: &mut Tally) {
        tally.before += u64::from(self != Side::Now);
        tally.now += u64::from(self != Side::Before);
    }
}

/// The numbers while they grow.
#[derive(Default)]
pub(super) struct Counter {
    pub(super) counts: Counts,
    fields: FieldCounter,
    /// Persons by role, memberships by role, groups by kind.
    roles: [Tally; Role::ALL.len()],
    membership_roles: [Tally; Role::ALL.len()],
    group_kinds: [Tally; GroupKind::ALL.len()],
    by_school: HashMap<String, Tally>,
    names: BTreeMap<String, String>,
}

impl Counter {
    /// Nothing counted yet; schools are named as they are today.
    pub(super) fn of(today: &Roster) -> Counter {
        let names = today.schools().map(|s| (s.key.to_owned(), s.name.to_owned())).collect();
        Counter { names, ..Counter::default() }
    }

    /// Counts a line that stands in both.
    pub(super) fn same(&mut self, kind: Kind, line: &str) {
        self.line(kind, line, Side::Both);
        if kind == Kind::Person {
            self.fields.same(line);
        }
    }

    /// Counts a line on its side, in its kind, roles and schools.
    pub(super) fn line(&mut self, kind: Kind, line: &str, side: Side) {
        if kind == Kind::School
            && let Some((key, name)) = line.split_once('\t')
        {
            self.names.entry(key.to_owned()).or_insert_with(|| name.to_owned());
        }
        side.count(self.kind(kind));
        self.parts(kind, line, |tally| side.count(tally));
        if kind == Kind::Person {
            self.schools(line, |tally| side.count(tally));
        }
    }

    /// Counts a difference in its kind, roles and, for persons, schools.
    pub(super) fn tally(&mut self, kind: Kind, line: &str, mut count: impl FnMut(&mut Tally)) {
        count(self.kind(kind));
        self.parts(kind, line, &mut count);
        if kind == Kind::Person {
            self.schools(line, &mut count);
        }
    }

    /// A person who left a school or lost a role is removed from it, though still told; so is a
    /// group of another kind than before.
    pub(super) fn moved(&mut self, kind: Kind, old: &str, new: &str) {
        match kind {
            Kind::Person => {
                self.fields.differing(old, new);
                self.missing_from(new, old, |tally| tally.removed += 1);
                self.missing_from(old, new, |tally| tally.added += 1);
            }
            Kind::Group if kind_of_group(old) != kind_of_group(new) => {
                self.parts(kind, old, |tally| tally.removed += 1);
                self.parts(kind, new, |tally| tally.added += 1);
            }
            _ => {}
        }
    }

    /// Counts the schools and roles of the person in `line` that the one in `other` has not.
    fn missing_from(&mut self, other: &str, line: &str, count: impl Fn(&mut Tally)) {
        let (Some(other), Some(person)) = (Person::from_line(other), Person::from_line(line))
        else {
            return;
        };
        for key in person.schools().filter(|key| other.schools().all(|known| known != *key)) {
            count(self.by_school.entry(key.to_owned()).or_default());
        }
        for role in person.roles.iter().filter(|&role| !other.roles.contains(role)) {
            count(&mut self.roles[role as usize]);
        }
    }

    fn kind(&mut self, kind: Kind) -> &mut Tally {
        match kind {
            Kind::School => &mut self.counts.schools,
            Kind::Person => &mut self.counts.persons,
            Kind::Group => &mut self.counts.groups,
            Kind::Membership => &mut self.counts.memberships,
            Kind::Relation => &mut self.counts.relations,
        }
    }

    fn parts(&mut self, kind: Kind, line: &str, mut count: impl FnMut(&mut Tally)) {
        match kind {
            Kind::Person => {
                let roles = line.rsplit('\t').nth(1).unwrap_or_default();
                for role in roles.split('\u{1f}').filter_map(|word| word.parse::<Role>().ok()) {
                    count(&mut self.roles[role as usize]);
                }
            }
            Kind::Group => {
                if let Some(kind) = kind_of_group(line) {
                    count(&mut self.group_kinds[kind as usize]);
                }
            }
            Kind::Membership => {
                if let Some(role) = fields(line).nth(2).and_then(|w| w.parse::<Role>().ok()) {
                    count(&mut self.membership_roles[role as usize]);
                }
            }
            Kind::School | Kind::Relation => {}
        }
    }

    fn schools(&mut self, line: &str, mut count: impl FnMut(&mut Tally)) {
        let keys = line.rsplit('\t').next().unwrap_or_default();
        for key in keys.split('\u{1f}').filter(|key| !key.is_empty()) {
            match self.by_school.get_mut(key) {
                Some(tally) => count(tally),
                None => count(self.by_school.entry(key.to_owned()).or_default()),
            }
        }
    }

    /// The numbers, in the end.
    pub(super) fn finish(mut self, carried: Carried) -> Counts {
        self.counts.roles = counted(Role::ALL, &self.roles);
        self.counts.membership_roles = counted(Role::ALL, &self.membership_roles);
        self.counts.group_kinds = counted(GroupKind::ALL, &self.group_kinds);
        let names = self.names;
        let by_school: BTreeMap<String, Tally> = self.by_school.into_iter().collect();
        self.counts.by_school = by_school
            .into_iter()
            .map(|(key, persons)| {
                let name = names.get(&key).filter(|name| !name.is_empty()).unwrap_or(&key).clone();
                SchoolTally { key, name, persons }
            })
            .collect();
        self.counts.fields = self.fields.told(carried).collect();
        self.counts
    }
}

/// Those that were counted at all.
fn counted<W: Copy + Ord>(words: &[W], tallies: &[Tally]) -> BTreeMap<W, Tally> {
    let all = words.iter().copied().zip(tallies.iter().copied());
    all.filter(|(_, tally)| *tally != Tally::default()).collect()
}
