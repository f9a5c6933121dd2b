//! Columns that follow from others: names of schools and groups, a person's classes.

use std::borrow::Cow;

use crate::roster::entity::{Group, Person};
use crate::roster::roster::Roster;
use crate::roster::words::GroupKind;

/// Between the items of a field that holds several.
pub(super) const JOINT: &str = ", ";

/// What derived columns are made of.
pub(super) struct Derived<'r> {
    told: &'r Roster,
    school_names: Vec<&'r str>,
    group_names: Vec<&'r str>,
    /// Positions of person and class, sorted.
    classes: Vec<(usize, usize)>,
}

impl<'r> Derived<'r> {
    pub(super) fn of(told: &'r Roster, with_classes: bool) -> Self {
        let is_class: Vec<bool> =
            told.groups().map(|group| group.kind == GroupKind::Class).collect();
        let mut classes = Vec::new();
        if with_classes {
            let members = told.membership_positions().filter(|&(group, _)| is_class[group]);
            classes.extend(members.map(|(group, person)| (person, group)));
            classes.sort_unstable();
            classes.dedup();
        }
        Derived {
            told,
            school_names: told.schools().map(|school| school.name).collect(),
            group_names: told.groups().map(|group| group.name).collect(),
            classes,
        }
    }

    /// Names of the classes of the person at a position, in the order of the alphabet.
    pub(super) fn classes(&self, person: usize) -> String {
        let start = self.classes.partition_point(|&(at, _)| at < person);
        let own = self.classes[start..].iter().take_while(|&&(at, _)| at == person);
        let mut names: Vec<&str> = own.map(|&(_, group)| self.group_names[group]).collect();
        names.sort_unstable();
        names.dedup();
        names.join(JOINT)
    }

    /// Keys of a person's schools: those that the receiver is told of, or all when it is told of
    /// no school as such.
    pub(super) fn schools(&self, person: &Person<'_>) -> String {
        let known = person.schools().filter(|key| self.is_told(key));
        known.collect::<Vec<_>>().join(JOINT)
    }

    /// Names of a person's schools.
    pub(super) fn school_names(&self, person: &Person<'_>) -> String {
        person.schools().filter_map(|key| self.school_name(key)).collect::<Vec<_>>().join(JOINT)
    }

    /// Key of a group's school.
    pub(super) fn school_of<'g>(&self, group: &Group<'g>) -> &'g str {
        if self.is_told(group.school) { group.school } else { "" }
    }

    /// Name of a school.
    pub(super) fn school_name(&self, key: &str) -> Option<&'r str> {
        self.told.find_school(key).map(|at| self.school_names[at])
    }

    /// Name of a group.
    pub(super) fn group_name(&self, key: &str) -> &'r str {
        self.told.find_group(key).map_or("", |at| self.group_names[at])
    }

    /// Whether a school key means anything to the receiver.
    pub(super) fn is_told(&self, school: &str) -> bool {
        self.school_names.is_empty() || self.told.find_school(school).is_some()
    }
}

/// Given name and family name.
pub(super) fn full_name<'p>(person: &Person<'p>) -> Cow<'p, str> {
    match (person.given_name, person.family_name) {
        (given, "") => Cow::Borrowed(given),
        ("", family) => Cow::Borrowed(family),
        (given, family) => Cow::Owned(format!("{given} {family}")),
    }
}
