//! Markings of protection that more people got or lost in a night than is plausible: a broken
//! column, or a line of the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::counts::Counts;
use super::diff::named;
use super::limits::Limits;
use super::protect::Protected;
use super::safety::{Circumstances, FEW_AT_A_SCHOOL};
use super::verdict::{Breach, Subject};
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

/// More than the limit, or than half a percent of all, is a broken column, not a town where
/// everyone hides overnight. So is a whole role, however few they are.
pub(super) fn of_markings(around: &Circumstances, limits: &Limits) -> Vec<Breach> {
    let limit = limits.newly_protected.max(around.persons_read / 200);
    let roles = around.protected_roles.iter().filter(|&(_, &of)| of > FEW_AT_A_SCHOOL);
    let whole = roles.map(|(&role, &of)| (Subject::Role(role), of));
    let mut breaches: Vec<Breach> =
        whole.map(|(subject, of)| Breach::Vanished { subject, of }).collect();
    let (newly, unknown) = (around.newly_protected, around.unknown_markings);
    if newly > limit || unknown > limit || !breaches.is_empty() {
        breaches.push(Breach::ProtectedFlood { newly, unknown, limit });
    }
    breaches
}

/// Of how many persons there are markings in the registers.
#[derive(Clone, Copy, Default, Debug)]
pub struct Marked {
    /// Tonight.
    pub now: u64,
    /// When the target was last told; `None` when that is not known.
    pub before: Option<u64>,
    /// The configuration reads or treats markings otherwise than then, as far as is known.
    pub otherwise: bool,
}

/// So many may lose their marking in a night, or half of those who are marked if that is more.
const FEW_MARKINGS: u64 = 5;

/// The other way round: whoever was protected would be told again, and that cannot be taken back.
/// One child who is protected no more is an ordinary night; everybody at once is a column that
/// says no of all, or a line of the configuration that reads it so. Where that line is another,
/// one is enough. Who is marked no more because they moved away comes with nobody added.
pub(super) fn fallen(counts: &Counts, around: &Circumstances) -> Option<Breach> {
    let Marked { now, before, otherwise } = around.marked;
    let before = before?;
    let fell = before.saturating_sub(now);
    let many = fell > FEW_MARKINGS.max(before / 2)
        || now == 0 && before > FEW_AT_A_SCHOOL
        || otherwise && fell > 0;
    (many && counts.persons.added > 0).then_some(Breach::ProtectionFell { before, now })
}
