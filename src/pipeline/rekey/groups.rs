//! The same group: of one name, kind and school in one term, or with a key that is written in
//! another way.

use std::collections::{BTreeSet, HashMap};

use super::pairing::{Pairing, bare, folded, joined};
use super::{Lines, Pair};
use crate::roster::entity::{Group, Membership};
use crate::roster::words::Kind;

struct Flock<'a> {
    line: &'a str,
    group: Group<'a>,
    name: String,
    members: BTreeSet<&'a str>,
}

impl<'a> Flock<'a> {
    fn of(line: &'a str, members: &mut HashMap<&'a str, BTreeSet<&'a str>>) -> Option<Self> {
        let group = Group::from_line(line)?;
        let name = folded(group.name);
        let members = members.remove(group.key).unwrap_or_default();
        Some(Flock { line, group, name, members })
    }

    fn named(&self) -> Vec<String> {
        let Group { kind, school, .. } = self.group;
        if self.name.is_empty() {
            return Vec::new();
        }
        vec![joined(&[&self.name, kind.as_str(), school])]
    }

    fn of_course(&self) -> Vec<String> {
        let Group { course, school, .. } = self.group;
        if self.name.is_empty() || course.is_empty() {
            return Vec::new();
        }
        vec![joined(&[&self.name, &folded(course), school])]
    }

    fn rewritten_key(&self) -> Vec<String> {
        match bare(self.group.key) {
            key if key.is_empty() => Vec::new(),
            key => vec![joined(&[&key, &self.name])],
        }
    }

    /// Whether both are of one term, or `None` when that is not told of both.
    fn same_term(&self, other: &Flock<'_>) -> Option<bool> {
        let told = |a: &str, b: &str| (!a.is_empty() && !b.is_empty()).then(|| a == b);
        let (a, b) = (&self.group, &other.group);
        told(a.term, b.term).or_else(|| told(a.begin, b.begin))
    }

    /// Class 1A of next year is not class 1A of this year: the term says so, or else the members.
    fn is(&self, other: &Flock<'_>) -> bool {
        self.same_term(other).unwrap_or_else(|| {
            let common = self.members.intersection(&other.members).count();
            2 * common > self.members.len().max(other.members.len())
        })
    }

    fn may_be(&self, other: &Flock<'_>) -> bool {
        self.same_term(other) != Some(false)
    }
}

/// Pairs of groups; members are known by the pairs of persons, too.
pub(super) fn pairs<'a>(
    missing: &Lines<'a>,
    new: &Lines<'a>,
    persons: &[Pair<'a>],
) -> Vec<Pair<'a>> {
    if missing.groups.is_empty() || new.groups.is_empty() {
        return Vec::new();
    }
    let renamed: HashMap<&str, &str> = persons.iter().map(|pair| pair.keys().into()).collect();
    let flocks = |lines: &Lines<'a>| -> Vec<Flock<'a>> {
        let mut members = members(&lines.memberships, &renamed);
        lines.groups.iter().filter_map(|line| Flock::of(line, &mut members)).collect()
    };
    let mut pairing = Pairing::new(flocks(missing), flocks(new));
    pairing.by(Flock::named, Flock::is);
    pairing.by(Flock::of_course, Flock::is);
    pairing.by(Flock::rewritten_key, Flock::may_be);
    let pair =
        |(m, n): (&Flock<'a>, &Flock<'a>)| Pair { kind: Kind::Group, missing: m.line, new: n.line };
    pairing.finish().map(pair).collect()
}

/// The members of each group by their keys of today.
fn members<'a>(
    memberships: &[&'a str],
    renamed: &HashMap<&'a str, &'a str>,
) -> HashMap<&'a str, BTreeSet<&'a str>> {
    let mut members: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for membership in memberships.iter().filter_map(|line| Membership::from_line(line)) {
        let person = renamed.get(membership.person).copied().unwrap_or(membership.person);
        members.entry(membership.group).or_default().insert(person);
    }
    members
}
