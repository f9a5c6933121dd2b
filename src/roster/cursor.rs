//! The canonical lines of one kind, lent one after the other.

use super::draft::Member;
use super::index::BATCH;
use super::roster::Roster;
use super::untold::Places;
use super::words::Kind;

/// Lends the canonical lines of one kind, one after the other.
pub struct LineCursor<'r> {
    roster: &'r Roster,
    kind: Kind,
    next: usize,
    buffer: String,
    /// Which fields are not shown.
    untold: Places,
    /// The group whose key the line of a membership begins with, and how long that is.
    group: Option<(u32, usize)>,
}

impl<'r> LineCursor<'r> {
    pub(super) fn over(roster: &'r Roster, kind: Kind) -> Self {
        let untold = roster.untold.of(kind);
        LineCursor { roster, kind, next: 0, buffer: String::new(), untold, group: None }
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
            Kind::Person => self.shown(roster.persons.get(at)),
            Kind::Group => self.shown(roster.groups.get(at)),
            Kind::Membership => {
                if at.is_multiple_of(BATCH) {
                    roster.approach_persons(at);
                }
                self.membership(roster.members[at]);
                &self.buffer
            }
            Kind::Relation => {
                if at.is_multiple_of(BATCH) {
                    roster.approach_related(at);
                }
                let relation = roster.relation(roster.relations[at]);
                self.buffer.clear();
                relation.write_line(&mut self.buffer);
                &self.buffer
            }
        })
    }

    /// A line of a person or a group without the fields that are not shown.
    fn shown<'s>(&'s mut self, line: &'r str) -> &'s str {
        if self.untold.are_none() {
            return line;
        }
        self.buffer.clear();
        self.untold.copy(line, &mut self.buffer);
        &self.buffer
    }

    /// Writes the line of a membership; those of one group begin alike.
    fn membership(&mut self, Member { group, person, tail }: Member) {
        let roster = self.roster;
        match self.group {
            Some((last, end)) if last == group => self.buffer.truncate(end),
            _ => {
                self.buffer.clear();
                self.buffer.push_str(roster.groups.key(group as usize));
                self.buffer.push('\t');
                self.group = Some((group, self.buffer.len()));
            }
        }
        self.buffer.push_str(roster.persons.key(person as usize));
        self.buffer.push('\t');
        self.buffer.push_str(&roster.tails[tail as usize]);
    }
}
