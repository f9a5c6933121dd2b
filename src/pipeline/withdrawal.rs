//! Past the filter: what a target was last told, minus whoever is protected since.

use std::collections::BTreeSet;

use super::carry::CarriedOver;
use super::changes::{Changes, own_data};
use super::delay::still_told;
use super::diff::View;
use super::pending::Pending;
use super::plan::{Feed, Model, OpenSnapshot, Plan, PlanError};
use super::protect::Protected;
use super::reveal::groups_that_reveal;
use super::select::as_carried;
use super::today::compare;
use super::verdict::Verdict;
use super::waiting::Waiting;
use crate::formats::carried::Carried;
use crate::formats::snapshot::{self, Header, SnapshotError};
use crate::roster::entity::Person;
use crate::roster::roster::{Keep, Roster};

impl Plan {
    /// The plan that tells a target what it was last told, minus protected persons, or with the
    /// pseudonyms of `tonight` for those who have one: past the filter, for it removes nobody
    /// else but groups that would point at them.
    ///
    /// It may be used only while the receiver's file and today's are written alike and nothing
    /// is doubtful about what the receiver holds.
    ///
    /// # Errors
    /// When the baseline cannot be trusted.
    pub fn withdrawal(
        open: OpenSnapshot<'_>,
        carried: Carried,
        protected: &Protected,
        tonight: &Roster,
        pending: &[Pending],
    ) -> Result<Plan, PlanError> {
        let baseline = snapshot::read(open().map_err(SnapshotError::from)?)?;
        let baseline = as_carried(&baseline, carried);
        let mut hidden = protected.excluded.clone();
        let unnamed =
            protected.pseudonymous.iter().filter(|key| tonight.find_person(key).is_none());
        hidden.extend(unnamed.cloned());
        let reduced = renamed(&without(&baseline, &hidden, protected), protected, tonight);
        let view = View { carried, hidden: &hidden };
        let mut changes = Changes::new(false, &protected.pseudonymous);
        let (counts, hidden_since) = compare(&reduced, Model::Known(open), &view, &mut changes)?;
        let pending = still_told(pending.to_vec(), &reduced);
        Ok(Plan {
            snapshot: Header::of(&reduced),
            feed: Feed { roster: reduced, counts },
            verdict: Verdict::Pass,
            newly_protected: hidden_since + changes.renamed,
            changes: changes.text,
            issues: Vec::new(),
            carried_over: CarriedOver::default(),
            pending,
            gone: Vec::new(),
            waiting: Waiting::default(),
            carried,
            hidden,
        })
    }
}

/// Whether a stored roster holds somebody who is protected now: anybody who is left out tonight,
/// and anybody with a pseudonym who stands in it otherwise than tonight.
pub fn holds_protected(stored: &Roster, protected: &Protected, tonight: &Roster) -> bool {
    let bare = |key: &String| {
        let known = stored.find_person(key).map(|at| stored.person_at(at));
        let now = tonight.find_person(key).map(|at| tonight.person_at(at));
        known.is_some_and(|known| now.is_none_or(|now| own_data(&known) != own_data(&now)))
    };
    protected.excluded.iter().any(|key| stored.find_person(key).is_some())
        || protected.pseudonymous.iter().any(bare)
}

/// A roster without some persons, without groups that would point at anybody protected, and
/// without relations of whoever is told under a pseudonym.
fn without(before: &Roster, hidden: &BTreeSet<String>, protected: &Protected) -> Roster {
    let pseudonymous = &protected.pseudonymous;
    let gone: BTreeSet<String> = hidden.union(pseudonymous).cloned().collect();
    let revealing = groups_that_reveal(before, &gone);
    let related = before.relations();
    before.subset(&Keep {
        persons: before.persons().map(|person| !hidden.contains(person.key)).collect(),
        groups: before.groups().map(|group| !revealing.contains(group.key)).collect(),
        relations: related.map(|r| !gone.contains(r.person) && !gone.contains(r.to)).collect(),
        ..Keep::all(before)
    })
}

/// A roster in which whoever has a pseudonym is told by it, as tonight.
fn renamed(before: &Roster, protected: &Protected, tonight: &Roster) -> Roster {
    let as_tonight = |person: Person<'_>| -> Option<usize> {
        protected.pseudonymous.get(person.key).and_then(|key| tonight.find_person(key))
    };
    before.rewrite(
        |school| school,
        |person| match as_tonight(person.clone()) {
            Some(at) => {
                let now = tonight.person_at(at);
                Person {
                    key: person.key,
                    school_year: person.school_year,
                    roles: person.roles,
                    school_keys: person.school_keys,
                    ..now
                }
            }
            None => person,
        },
        |group| group,
    )
}
