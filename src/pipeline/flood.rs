//! What of those who are newly hidden a broken column could have hidden.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::protect::Protected;
use crate::roster::roster::Roster;
use crate::roster::words::Role;

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
    /// Of `hidden` those in `before`; `counts` are of everybody else in it.
    pub(super) fn of(
        before: &Roster,
        hidden: &BTreeSet<String>,
        protected: &Protected,
        counts: &Counts,
    ) -> NewlyHidden {
        let by_hand = &protected.by_hand;
        let with_theirs = |key: &str| {
            let children = protected.guardians.get(key);
            children.is_some_and(|children| !children.is_disjoint(by_hand))
        };
        let mut newly = NewlyHidden::default();
        for person in before.persons().filter(|person| hidden.contains(person.key)) {
            if !by_hand.contains(person.key) && !with_theirs(person.key) {
                newly.persons += 1;
                for role in person.roles.iter() {
                    *newly.whole_roles.entry(role).or_default() += 1;
                }
            }
        }
        let others = |role: &Role| counts.roles.get(role).is_some_and(|tally| tally.before > 0);
        newly.whole_roles.retain(|role, _| !others(role));
        newly
    }
}
