//! The canonical lines of one kind, lent one after the other.

use super::index::BATCH;
use super::roster::Roster;
use super::words::Kind;

/// Lends the canonical lines of one kind, one after the other.
pub struct LineCursor<'r> {
    roster: &'r Roster,
    kind: Kind,
    next: usize,
    buffer: String,
}

impl<'r> LineCursor<'r> {
    pub(super) fn over(roster: &'r Roster, kind: Kind) -> Self {
        LineCursor { roster, kind, next: 0, buffer: String::new() }
    }

    /// The next line, or `None` after the last.
    pub fn next_line(&mut self) -> Option<&str> {
        if self.next as u64 >= self.roster.count(self.kind) {
            return None;
        }
        let at = self.next;
        self.next += 1;
        let roster = self.roster;
        Some(match self.kind {
            Kind::School => roster.schools.get(at),
            Kind::Person => roster.persons.get(at),
            Kind::Group => roster.groups.get(at),
            Kind::Membership => {
                if at.is_multiple_of(BATCH) {
                    roster.approach_persons(at);
                }
                let member = roster.members[at];
                self.buffer.clear();
                for part in [
                    roster.groups.key(member.group as usize),
                    roster.persons.key(member.person as usize),
                ] {
                    self.buffer.push_str(part);
                    self.buffer.push('\t');
                }
                self.buffer.push_str(&roster.tails[member.tail as usize]);
                &self.buffer
            }
            Kind::Relation => {
                let relation = roster.relation(roster.relations[at]);
                self.buffer.clear();
                relation.write_line(&mut self.buffer);
                &self.buffer
            }
        })
    }
}
