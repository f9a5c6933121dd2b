//! Counting while today is compared with the baseline: every line on its side, every difference
//! in its kind, roles, schools and kinds of group.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::classes::ClassNames;
use super::counts::{Counts, SchoolTally, Tally};
use super::field::FieldCounter;
use super::posts::{NOWHERE, Posts};
use crate::formats::carried::Carried;
use crate::roster::entity::{Person, fields};
use crate::roster::field::PersonField;
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, Role};

fn kind_of_group(line: &str) -> Option<GroupKind> {
    fields(line).nth(2)?.parse().ok()
}

/// The group of a membership's line.
fn group_of(line: &str) -> &str {
    fields(line).next().unwrap_or_default()
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
    /// Where the receiver is shown the names of a person's classes.
    classes: Option<ClassNames>,
    /// Persons by role, memberships by role, groups by kind.
    roles: [Tally; Role::ALL.len()],
    membership_roles: [Tally; Role::ALL.len()],
    group_kinds: [Tally; GroupKind::ALL.len()],
    by_school: Vec<AtSchool>,
    /// The place of each school in `by_school`, by its key.
    places: HashMap<String, u32>,
    posts: Posts,
    names: BTreeMap<String, String>,
}

/// The numbers of one school while they grow.
#[derive(Default)]
struct AtSchool {
    persons: Tally,
    roles: [Tally; Role::ALL.len()],
    groups: Tally,
    memberships: Tally,
}

impl Counter {
    /// Nothing counted yet; schools are named as they are today.
    pub(super) fn of(today: &Roster, carried: Carried) -> Counter {
        let names = today.schools().map(|s| (s.key.to_owned(), s.name.to_owned())).collect();
        let classes = carried.class_names.then(ClassNames::default);
        Counter { classes, names, ..Counter::default() }
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
        match kind {
            Kind::Person => self.schools(line, |tally| side.count(tally)),
            Kind::Group => {
                if let Some(classes) = &mut self.classes {
                    classes.group(line, side);
                }
                let mut fields = fields(line);
                let (key, school) = (fields.next(), fields.nth(2));
                let school = self.place(school.unwrap_or_default());
                let sides = (side != Side::Now, side != Side::Before);
                self.posts.note(key.unwrap_or_default(), school, sides);
                self.at(kind, school, |tally| side.count(tally));
            }
            Kind::Membership => {
                if let Some(classes) = self.classes.as_mut().filter(|_| side != Side::Before) {
                    classes.member(line, side == Side::Both);
                }
                let [before, now] = self.posts.of(group_of(line));
                if side != Side::Now {
                    self.at(kind, before, |tally| tally.before += 1);
                }
                if side != Side::Before {
                    self.at(kind, now, |tally| tally.now += 1);
                }
                if side == Side::Both {
                    self.went(kind, [before, now]);
                }
            }
            Kind::School | Kind::Relation => {}
        }
    }

    /// Counts a difference in its kind, roles and schools; `side` is where the line stands.
    pub(super) fn tally(
        &mut self,
        kind: Kind,
        line: &str,
        side: Side,
        mut count: impl FnMut(&mut Tally),
    ) {
        count(self.kind(kind));
        self.parts(kind, line, &mut count);
        let now = usize::from(side != Side::Before);
        match kind {
            Kind::Person => self.schools(line, &mut count),
            Kind::Group => {
                let school = self.place(fields(line).nth(3).unwrap_or_default());
                self.at(kind, school, count);
            }
            Kind::Membership => {
                let school = self.posts.of(group_of(line))[now];
                self.at(kind, school, count);
            }
            Kind::School | Kind::Relation => {}
        }
    }

    /// A person who left a school or lost a role is removed from it, though still told; so is a
    /// group of another kind than before, and a group at another school with its memberships.
    pub(super) fn moved(&mut self, kind: Kind, old: &str, new: &str) {
        match kind {
            Kind::Person => {
                self.fields.differing(old, new);
                self.missing_from(new, old, |tally| tally.removed += 1);
                self.missing_from(old, new, |tally| tally.added += 1);
            }
            Kind::Group => {
                if kind_of_group(old) != kind_of_group(new) {
                    self.parts(kind, old, |tally| tally.removed += 1);
                    self.parts(kind, new, |tally| tally.added += 1);
                }
                let school = |line| fields(line).nth(3).unwrap_or_default();
                let schools = [school(old), school(new)].map(|key| self.place(key));
                self.went(kind, schools);
            }
            Kind::Membership => {
                if let Some(classes) = &mut self.classes {
                    classes.member(new, true);
                }
                let schools = self.posts.of(group_of(new));
                self.went(kind, schools);
            }
            Kind::School | Kind::Relation => {}
        }
    }

    /// Counts a group or membership that is at another school than before.
    fn went(&mut self, kind: Kind, [before, now]: [u32; 2]) {
        if before != now {
            self.at(kind, before, |tally| tally.removed += 1);
            self.at(kind, now, |tally| tally.added += 1);
        }
    }

    /// Counts the schools and roles of the person in `line` that the one in `other` has not.
    fn missing_from(&mut self, other: &str, line: &str, count: impl Fn(&mut Tally)) {
        let (Some(other), Some(person)) = (Person::from_line(other), Person::from_line(line))
        else {
            return;
        };
        for key in person.schools() {
            let stays = other.schools().any(|known| known == key);
            let here = self.place(key) as usize;
            let here = &mut self.by_school[here];
            if !stays {
                count(&mut here.persons);
            }
            for role in person.roles.iter().filter(|&role| !stays || !other.roles.contains(role)) {
                count(&mut here.roles[role as usize]);
            }
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

    /// Counts a person at each school, and there in each role.
    fn schools(&mut self, line: &str, mut count: impl FnMut(&mut Tally)) {
        let mut ends = line.rsplit('\t');
        let (keys, roles) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
        for key in keys.split('\u{1f}').filter(|key| !key.is_empty()) {
            let here = self.place(key) as usize;
            let here = &mut self.by_school[here];
            count(&mut here.persons);
            for role in roles.split('\u{1f}').filter_map(|word| word.parse::<Role>().ok()) {
                count(&mut here.roles[role as usize]);
            }
        }
    }

    /// The place of a school, made where there is none yet.
    fn place(&mut self, key: &str) -> u32 {
        if key.is_empty() {
            return NOWHERE;
        }
        if let Some(&place) = self.places.get(key) {
            return place;
        }
        let place = u32::try_from(self.by_school.len()).expect("fewer schools than persons");
        self.places.insert(key.to_owned(), place);
        self.by_school.push(AtSchool::default());
        place
    }

    /// Counts a group or membership at the school of a place.
    fn at(&mut self, kind: Kind, school: u32, mut count: impl FnMut(&mut Tally)) {
        if let Some(here) = self.by_school.get_mut(school as usize) {
            count(if kind == Kind::Group { &mut here.groups } else { &mut here.memberships });
        }
    }

    /// The numbers, in the end.
    pub(super) fn finish(mut self, carried: Carried) -> Counts {
        self.counts.roles = counted(Role::ALL, &self.roles);
        self.counts.membership_roles = counted(Role::ALL, &self.membership_roles);
        self.counts.group_kinds = counted(GroupKind::ALL, &self.group_kinds);
        let names = self.names;
        let places: BTreeMap<String, u32> = self.places.into_iter().collect();
        let one = |(key, place): (String, u32)| {
            let name = names.get(&key).filter(|name| !name.is_empty()).unwrap_or(&key).clone();
            let here = &self.by_school[place as usize];
            let roles = counted(Role::ALL, &here.roles);
            let AtSchool { persons, groups, memberships, .. } = *here;
            SchoolTally { key, name, persons, roles, groups, memberships }
        };
        self.counts.by_school = places.into_iter().map(one).collect();
        self.counts.fields = self.fields.told(carried).collect();
        let of_classes = self.classes.and_then(|classes| classes.tally());
        self.counts.fields.extend(of_classes.map(|tally| (PersonField::Class, tally)));
        self.counts
    }
}

/// Those that were counted at all.
fn counted<W: Copy + Ord>(words: &[W], tallies: &[Tally]) -> BTreeMap<W, Tally> {
    let all = words.iter().copied().zip(tallies.iter().copied());
    all.filter(|(_, tally)| *tally != Tally::default()).collect()
}
