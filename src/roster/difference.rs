//! Where two rosters differ first.

use super::draft::Member;
use super::lines::Lines;
use super::roster::Roster;
use super::words::Kind;

impl Roster {
    /// Kind and position, from 0, of the first entity that another roster has not in that place;
    /// `None` when both hold the same.
    pub fn first_difference(&self, other: &Roster) -> Option<(Kind, usize)> {
        let lines = |a: &Lines, b: &Lines| first(a.iter(), b.iter(), |a, b| a == b);
        let member = |a: &Member, b: &Member| {
            (a.group, a.person) == (b.group, b.person) && tail(self, a) == tail(other, b)
        };
        // Links are compared last: by then the same position is known to be the same entity.
        let at = |kind| match kind {
            Kind::School => lines(&self.schools, &other.schools),
            Kind::Person => first(self.persons(), other.persons(), |a, b| a == b),
            Kind::Group => first(self.groups(), other.groups(), |a, b| a == b),
            Kind::Membership => first(self.members.iter(), other.members.iter(), member),
            Kind::Relation => first(self.relations.iter(), other.relations.iter(), PartialEq::eq),
        };
        let kinds = [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation];
        kinds.into_iter().find_map(|kind| Some((kind, at(kind)?)))
    }
}

/// Role and period of a membership.
fn tail<'r>(roster: &'r Roster, member: &Member) -> &'r str {
    &roster.tails[member.tail as usize]
}

/// Position of the first item that is not the same in both, or that only one has.
fn first<T>(
    mut a: impl ExactSizeIterator<Item = T>,
    mut b: impl ExactSizeIterator<Item = T>,
    same: impl Fn(T, T) -> bool,
) -> Option<usize> {
    let (longer, both) = (a.len() != b.len(), a.len().min(b.len()));
    let odd = a.by_ref().zip(b.by_ref()).position(|(a, b)| !same(a, b));
    odd.or(longer.then_some(both))
}
