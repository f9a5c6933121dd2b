//! What most likely comes: a finished file that is read back holds what was told, in its order,
//! and as long as that is so there is nothing to keep.

use super::draft::{Draft, Marking, Place};
use super::entity::{Group, Membership, Person, Relation, School};
use super::index::BATCH;
use super::links::parts;
use super::roster::Roster;
use super::words::Kind;

/// A roster, and how much of it has come: everything before that was just what it holds.
pub(super) struct Likely {
    roster: Roster,
    come: [usize; Kind::ALL.len()],
}

impl Likely {
    pub(super) fn all_of(roster: &Roster) -> Likely {
        Likely { roster: roster.clone(), come: [0; Kind::ALL.len()] }
    }

    /// Goes on by one of a kind if that is what comes next; `is` is asked of its position.
    fn goes_on(&mut self, kind: Kind, is: impl FnOnce(&Roster, usize) -> bool) -> bool {
        let at = self.come[kind as usize];
        let goes_on = (at as u64) < self.roster.count(kind) && is(&self.roster, at);
        self.come[kind as usize] += usize::from(goes_on);
        goes_on
    }

    pub(super) fn school(&mut self, school: &School<'_>) -> bool {
        self.goes_on(Kind::School, |roster, at| {
            School::from_line(roster.schools.get(at)).as_ref() == Some(school)
        })
    }

    pub(super) fn person(&mut self, person: &Person<'_>) -> bool {
        self.goes_on(Kind::Person, |roster, at| roster.person_at(at) == *person)
    }

    pub(super) fn group(&mut self, group: &Group<'_>) -> bool {
        self.goes_on(Kind::Group, |roster, at| roster.group_at(at) == *group)
    }

    pub(super) fn membership(&mut self, membership: &Membership<'_>) -> bool {
        let Membership { group, person, role, begin, end } = *membership;
        self.goes_on(Kind::Membership, |roster, at| {
            if at.is_multiple_of(BATCH) {
                roster.approach_persons(at);
            }
            let member = roster.members[at];
            roster.groups.key(member.group as usize) == group
                && roster.persons.key(member.person as usize) == person
                && parts(&roster.tails[member.tail as usize]) == (role, begin, end)
        })
    }

    pub(super) fn relation(&mut self, relation: &Relation<'_>) -> bool {
        self.goes_on(Kind::Relation, |roster, at| {
            if at.is_multiple_of(BATCH) {
                roster.approach_related(at);
            }
            roster.relation(roster.relations[at]) == *relation
        })
    }

    /// Whether all of it has come.
    fn is_complete(&self) -> bool {
        Kind::ALL.iter().all(|&kind| self.come[kind as usize] as u64 == self.roster.count(kind))
    }
}

impl Draft {
    /// Whether what comes is what was likely; from the first on that is not, it never is.
    pub(super) fn is_likely(&mut self, comes: impl FnOnce(&mut Likely) -> bool) -> bool {
        let likely = self.likely.as_mut().is_some_and(comes);
        if !likely {
            self.unfold();
        }
        likely
    }

    /// The likely roster, if just that has come.
    pub(super) fn take_likely(&mut self) -> Option<Roster> {
        let complete = self.likely.take_if(|likely| likely.is_complete());
        self.unfold();
        complete.map(|likely| likely.roster)
    }

    /// Keeps what has come, since something else comes now than was likely.
    pub(super) fn unfold(&mut self) {
        let Some(Likely { roster, come }) = self.likely.take() else { return };
        let place = Place { file: 0, line: 0 };
        let closed = std::mem::take(&mut self.closed);
        let first = |kind: Kind| come[kind as usize];
        for line in roster.schools.iter().take(first(Kind::School)) {
            self.schools.push(place, |out| out.push_str(line));
        }
        for person in roster.persons().take(first(Kind::Person)) {
            self.persons.push(place, |out| person.write_line(out));
            self.marks.push(Marking::None);
        }
        for group in roster.groups().take(first(Kind::Group)) {
            self.groups.push(place, |out| group.write_line(out));
        }
        if closed {
            self.close();
        }
        for membership in roster.memberships().take(first(Kind::Membership)) {
            self.add_membership(place, &membership);
        }
        for relation in roster.relations().take(first(Kind::Relation)) {
            self.add_relation(place, &relation);
        }
    }
}
