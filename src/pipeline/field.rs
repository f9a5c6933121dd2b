//! Fields of persons counted one by one: a column that turned blank or that has other values for
//! everybody is a fault of the export, though no person is missing.

use serde::{Deserialize, Serialize};

use crate::formats::carried::Carried;
use crate::roster::entity::fields;
use crate::roster::field::PersonField;

/// One field among the persons who are told now as before, gross.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct FieldTally {
    /// How many of them had a value.
    pub before: u64,
    /// How many of those have none now.
    pub emptied: u64,
    /// How many of those have another value now.
    pub changed: u64,
}

/// The fields of all persons while they are counted, in the order of [`PersonField::ALL`].
#[derive(Clone, Copy, Default)]
pub(super) struct FieldCounter([FieldTally; 8]);

impl FieldCounter {
    /// A person whose line is the same.
    pub(super) fn same(&mut self, line: &str) {
        for (tally, value) in self.0.iter_mut().zip(fields(line).skip(1)) {
            tally.before += u64::from(!value.is_empty());
        }
    }

    /// A person whose line is another.
    pub(super) fn differing(&mut self, old: &str, new: &str) {
        let values = fields(old).zip(fields(new)).skip(1);
        for (tally, (old, new)) in self.0.iter_mut().zip(values) {
            if !old.is_empty() {
                tally.before += 1;
                tally.emptied += u64::from(new.is_empty());
                tally.changed += u64::from(!new.is_empty() && new != old);
            }
        }
    }

    /// The fields that the receiver is shown and of which it knew any value.
    pub(super) fn told(self, carried: Carried) -> impl Iterator<Item = (PersonField, FieldTally)> {
        let all = PersonField::ALL.into_iter().zip(self.0);
        all.filter(move |(field, tally)| carried.shows(*field) && tally.before > 0)
    }
}
