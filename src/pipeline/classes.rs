//! Names of classes in the persons' own rows: a class that gets another name, or none, gives each
//! of its members another text, though nobody's row in the register has changed.

use foldhash::HashMap;

use super::counter::Side;
use super::field::FieldTally;
use crate::roster::entity::{Group, fields};
use crate::roster::words::GroupKind;

/// What a group's members have in the column for their classes.
pub(super) fn shown<'g>(group: &Group<'g>) -> &'g str {
    if group.kind == GroupKind::Class { group.name } else { "" }
}

/// The column while it is counted, of those who are in a class now as before: who comes and goes
/// counts as a membership. Persons are only noted where a class has another name.
#[derive(Default)]
pub(super) struct ClassNames {
    classes: HashMap<String, Shown>,
    /// Key and text of the group that was last seen as it was before.
    before: (String, String),
    renamed: bool,
    persons: HashMap<String, Shown>,
}

/// Whether there is a text before and now, and whether it is another.
#[derive(Clone, Copy, Default)]
struct Shown {
    before: bool,
    now: bool,
    differs: bool,
}

impl ClassNames {
    /// Notes a group's line; of one that has changed, the old line comes right before the new.
    pub(super) fn group(&mut self, line: &str, side: Side) {
        let Some(group) = Group::from_line(line) else { return };
        let text = shown(&group);
        let there = !text.is_empty();
        let mut now = Shown { before: false, now: there, differs: false };
        match side {
            Side::Both => now.before = there,
            Side::Before => {
                self.before = (group.key.to_owned(), text.to_owned());
                now = Shown { before: there, now: false, differs: false };
            }
            Side::Now if self.before.0 == group.key => {
                now.before = !self.before.1.is_empty();
                now.differs = self.before.1 != text;
                self.renamed |= now.before && now.differs;
            }
            Side::Now => {}
        }
        if now.before || now.now {
            self.classes.insert(group.key.to_owned(), now);
        }
    }

    /// Notes a membership that is told now, and whether it `stays`.
    pub(super) fn member(&mut self, line: &str, stays: bool) {
        let mut ends = fields(line);
        let (Some(group), Some(person), true) = (ends.next(), ends.next(), self.renamed) else {
            return;
        };
        let Some(class) = self.classes.get(group) else { return };
        let known = self.persons.entry(person.to_owned()).or_default();
        known.before |= stays && class.before;
        known.differs |= stays && class.differs;
        known.now |= class.now;
    }

    /// The column's numbers, where any class has another name.
    pub(super) fn tally(&self) -> Option<FieldTally> {
        let had = || self.persons.values().filter(|person| person.before);
        let other = |now| had().filter(|person| person.differs && person.now == now).count() as u64;
        let (emptied, changed) = (other(false), other(true));
        self.renamed.then(|| FieldTally { before: had().count() as u64, emptied, changed })
    }
}
