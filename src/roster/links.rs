//! What memberships and relations say besides whose they are: for work that needs no keys, which
//! lie all over a roster's text and take most of the time.

use super::entity::{Membership, fields};
use super::index::BATCH;
use super::roster::Roster;
use super::words::{RelationKind, Role};

impl Roster {
    /// The memberships, by group, person and role.
    pub fn memberships(&self) -> impl ExactSizeIterator<Item = Membership<'_>> {
        let tails: Vec<(Role, &str, &str)> = self.tails.iter().map(|tail| parts(tail)).collect();
        self.members.iter().enumerate().map(move |(at, member)| {
            if at.is_multiple_of(BATCH) {
                self.approach_persons(at);
            }
            let (role, begin, end) = tails[member.tail as usize];
            let group = self.groups.key(member.group as usize);
            Membership { group, person: self.persons.key(member.person as usize), role, begin, end }
        })
    }

    /// Goes to see the persons of the memberships from a position on.
    pub(super) fn approach_persons(&self, at: usize) {
        let next = &self.members[at..self.members.len().min(at + BATCH)];
        self.persons.approach(next.iter().map(|member| member.person));
    }

    /// Goes to see whom the relations from a position on are to; the persons themselves come in
    /// order.
    pub(super) fn approach_related(&self, at: usize) {
        let next = &self.relations[at..self.relations.len().min(at + BATCH)];
        self.persons.approach(next.iter().map(|related| related.to));
    }

    /// Positions of group and person of each membership, in order.
    pub fn membership_positions(&self) -> impl ExactSizeIterator<Item = (usize, usize)> {
        self.members.iter().map(|m| (m.group as usize, m.person as usize))
    }

    /// Role, first and last day of each membership, in order.
    pub fn membership_roles(&self) -> impl ExactSizeIterator<Item = (Role, &str, &str)> {
        let tails: Vec<(Role, &str, &str)> = self.tails.iter().map(|tail| parts(tail)).collect();
        self.members.iter().map(move |m| tails[m.tail as usize])
    }

    /// Positions of both persons of each relation, in order: who, of whom.
    pub fn relation_positions(&self) -> impl ExactSizeIterator<Item = (usize, usize)> {
        self.relations.iter().map(|r| (r.person as usize, r.to as usize))
    }

    /// The kind of each relation, in order.
    pub fn relation_kinds(&self) -> impl ExactSizeIterator<Item = RelationKind> {
        self.relations.iter().map(|r| r.kind)
    }
}

/// Role, first and last day, as one text keeps them.
pub(super) fn parts(tail: &str) -> (Role, &str, &str) {
    let mut fields = fields(tail);
    let mut next = || fields.next().expect("a tail has three fields");
    (next().parse().expect("written from a role"), next(), next())
}
