//! What of those who are newly hidden a broken column could have hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::counts::Counts;
use super::diff::named;
use super::protect::Protected;
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::roster::entity::Person;
use crate::roster::words::{Kind, Role};

/// Persons whom a target was told and who are hidden since, but for those withdrawn by hand
/// and their guardians.
#[derive(Default)]
pub(super) struct NewlyHidden {
    /// How many.
    pub(super) persons: u64,
    /// Roles of which nobody else was told, each with its number of them.
    pub(super) whole_roles: BTreeMap<Role, u64>,
}

impl NewlyHidden {
    /// Of `hidden` those in `before`, of whom no more than a line is kept at a time; `counts` are
    /// of everybody else in it.
    ///
    /// # Errors
    /// When the snapshot is damaged.
    pub(super) fn of<R: Read>(
        before: &mut Reader<R>,
        hidden: &BTreeSet<String>,
        protected: &Protected,
        counts: &Counts,
    ) -> Result<NewlyHidden, SnapshotError> {
        let by_hand = &protected.by_hand;
        let with_theirs = |key: &str| {
            let children = protected.guardians.get(key);
            children.is_some_and(|children| !children.is_disjoint(by_hand))
        };
        let mut newly = NewlyHidden::default();
        while let Some((kind, line)) = before.next_line()? {
            let Some(person) = hidden_in(hidden, kind, line) else { continue };
            if !by_hand.contains(person.key) && !with_theirs(person.key) {
                newly.persons += 1;
                for role in person.roles.iter() {
                    *newly.whole_roles.entry(role).or_default() += 1;
                }
            }
        }
        let others = |role: &Role| counts.roles.get(role).is_some_and(|tally| tally.before > 0);
        newly.whole_roles.retain(|role, _| !others(role));
        Ok(newly)
    }
}

/// The person of a line, if it is one of those hidden.
fn hidden_in<'l>(hidden: &BTreeSet<String>, kind: Kind, line: &'l str) -> Option<Person<'l>> {
    let person = kind == Kind::Person && hidden.contains(named(kind, line));
    person.then(|| Person::from_line(line)).flatten()
}
