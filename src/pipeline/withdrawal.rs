//! Past the filter: what a target was last told, minus whoever is protected since.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::CarriedOver;
use super::changes::{Changes, own_data};
use super::counts::Counts;
use super::delay::still_told;
use super::diff::{View, diff};
use super::pending::Pending;
use super::plan::{Feed, Model, OpenSnapshot, Plan, PlanError, Register};
use super::protect::Protected;
use super::reveal::groups_that_reveal;
use super::safety::{Circumstances, Limits, judge};
use super::select::as_carried;
use super::telltale::{self, Telltales};
use super::today::compare;
use super::verdict::Verdict;
use super::waiting::Waiting;
use crate::formats::carried::Carried;
use crate::formats::snapshot::{self, Header, Reader, SnapshotError};
use crate::roster::draft::SetAside;
use crate::roster::entity::Person;
use crate::roster::loose::loose;
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{GroupKind, Kind, RelationKind, Role};

/// What a withdrawal goes by.
#[derive(Clone, Copy)]
pub struct Leaving<'a> {
    /// What the receiver is shown.
    pub carried: Carried,
    /// Who is protected now.
    pub protected: &'a Protected,
    /// What would be told tonight, for pseudonyms.
    pub tonight: &'a Roster,
    /// What the receiver is told although it is missing: that goes on.
    pub pending: &'a [Pending],
    /// The kinds of group that the receiver archives when they are no longer told: a group that
    /// points at somebody protected may be one.
    pub archives: &'a BTreeSet<GroupKind>,
    /// The target's limits, for groups that only bear a name.
    pub limits: &'a Limits,
}

impl Plan {
    /// The plan that tells a target what it was last told, minus protected persons, or with the
    /// pseudonyms of `tonight` for those who have one: past the filter, for it removes nobody
    /// else but groups that would point at them. Groups that bear their name without having them
    /// as members go as far as the limits let them: else they stay, and the plan says how many.
    ///
    /// It may be used only while the receiver's file and today's are written alike and nothing
    /// is doubtful about what the receiver holds.
    ///
    /// # Errors
    /// When the baseline cannot be trusted.
    pub fn withdrawal(open: OpenSnapshot<'_>, leaving: &Leaving<'_>) -> Result<Plan, PlanError> {
        let Leaving { carried, protected, tonight, pending, archives, .. } = *leaving;
        let baseline = snapshot::read(open().map_err(SnapshotError::from)?)?;
        let baseline = as_carried(&baseline, carried);
        let mut hidden = protected.excluded.clone();
        let unnamed =
            protected.pseudonymous.iter().filter(|key| tonight.find_person(key).is_none());
        hidden.extend(unnamed.cloned());
        let (reduced, still_named, telltales) = without(&baseline, &hidden, leaving)?;
        let reduced = renamed(&reduced, protected, tonight);
        let view = View { carried, hidden: &hidden };
        let mut changes = Changes::new(false, &protected.pseudonymous, archives);
        let (mut counts, hidden_since) =
            compare(&reduced, Model::Known(open), &view, &mut changes)?;
        counts.archived = changes.archived.len() as u64;
        let pending = still_told(pending.to_vec(), &reduced);
        Ok(Plan {
            feed: Feed { roster: reduced, counts },
            verdict: Verdict::Pass,
            newly_protected: hidden_since + changes.renamed,
            changes: changes.text,
            archived: changes.archived,
            issues: Vec::new(),
            carried_over: CarriedOver::default(),
            pending,
            gone: Vec::new(),
            waiting: Waiting::default(),
            carried,
            still_named,
            telltales,
            hidden,
        })
    }
}

/// The keys that a stored roster has for these: blanks at their ends aside, or, where it has none
/// like that, nearly such keys.
pub fn there(stored: &Roster, keys: &BTreeSet<String>) -> BTreeSet<String> {
    let near: BTreeSet<_> = keys.iter().map(|key| loose(key)).collect();
    let all = stored.persons().map(|person| person.key);
    let found: Vec<&str> = all.filter(|key| near.contains(&loose(key))).collect();
    let of = |key: &String| {
        let is = |other: &&&str| other.trim() == key.trim();
        let just: Vec<&str> = found.iter().filter(is).copied().collect();
        let nearly = || found.iter().filter(|other| loose(other) == loose(key)).copied().collect();
        if just.is_empty() { nearly() } else { just }
    };
    keys.iter().flat_map(of).map(str::to_owned).collect()
}

/// Guardians of a stored roster all of whose children in it are among `gone`, and who are nothing
/// else there: for a person whom the register does not have any more.
pub fn guardians_left_alone(stored: &Roster, gone: &BTreeSet<String>) -> BTreeSet<String> {
    let mut children: BTreeMap<&str, bool> = BTreeMap::new();
    for relation in stored.relations().filter(|r| r.kind == RelationKind::Guardian) {
        *children.entry(relation.person).or_insert(true) &= gone.contains(relation.to);
    }
    let only_guardian = |key: &str| {
        let person = stored.find_person(key).map(|at| stored.person_at(at));
        person.is_some_and(|person| person.roles.iter().all(|role| role == Role::Guardian))
    };
    let alone = children.into_iter().filter(|&(key, alone)| alone && only_guardian(key));
    alone.map(|(key, _)| key.to_owned()).collect()
}

/// The guardians who go with whoever is gone: those of a stored roster who have no other child
/// there, and whom tonight's register has no reason to tell, whether it has their own row or not:
/// many a register drops the relation of a protected child, and keeps its guardian.
pub fn guardians_unheard_of(
    stored: &Roster,
    gone: &BTreeSet<String>,
    register: &Register,
) -> BTreeSet<String> {
    let alone = guardians_left_alone(stored, gone);
    &alone - &needed(&alone, gone, register)
}

/// Those of some guardians whom tonight's register has a reason to tell: they are something else
/// here, too, or have a child that is told, also where its row or the relation's could not be used.
pub(super) fn needed(
    guardians: &BTreeSet<String>,
    gone: &BTreeSet<String>,
    register: &Register,
) -> BTreeSet<String> {
    if guardians.is_empty() {
        return BTreeSet::new();
    }
    let Register { roster, set_aside, protected, .. } = register;
    let has_role = |key: &&String| {
        let person = roster.find_person(key).map(|at| roster.person_at(at));
        person.is_some_and(|person| person.roles.iter().any(|role| role != Role::Guardian))
    };
    let mut needed: BTreeSet<String> = guardians.iter().filter(has_role).cloned().collect();
    let related = roster.relations().filter(|r| r.kind == RelationKind::Guardian);
    let related = related.map(|r| (r.person, r.to));
    let aside = |key: &str| SetAside { kind: Kind::Person, key: key.into(), other: String::new() };
    let is_there = |key: &str| roster.find_person(key).is_some() || set_aside.contains(&aside(key));
    let rows = set_aside.iter().filter(|row| row.kind == Kind::Relation);
    let rows = rows.map(|row| (row.key.as_str(), row.other.as_str()));
    let hidden = [gone, &protected.excluded, &protected.pseudonymous];
    for (guardian, child) in related.chain(rows.filter(|(_, child)| is_there(child))) {
        if guardians.contains(guardian) && !hidden.iter().any(|keys| keys.contains(child)) {
            needed.insert(guardian.to_owned());
        }
    }
    needed
}

/// Keys of those with a pseudonym tonight who stand in a stored roster under their own data.
pub fn under_their_own(
    stored: &Roster,
    protected: &Protected,
    tonight: &Roster,
) -> BTreeSet<String> {
    let bare = |key: &&String| {
        let known = stored.find_person(key).map(|at| stored.person_at(at));
        let now = tonight.find_person(key).map(|at| tonight.person_at(at));
        known.is_some_and(|known| now.is_none_or(|now| own_data(&known) != own_data(&now)))
    };
    protected.pseudonymous.iter().filter(bare).cloned().collect()
}

/// Whether a stored roster holds somebody who is protected now: anybody who is left out tonight,
/// anybody with a pseudonym who stands in it otherwise than tonight, and a group that is known to
/// give somebody away.
pub fn holds_protected(stored: &Roster, protected: &Protected, tonight: &Roster) -> bool {
    protected.excluded.iter().any(|key| stored.find_person(key).is_some())
        || telltale::stand_in(stored, protected)
        || !under_their_own(stored, protected, tonight).is_empty()
}

/// The groups of a stored roster that give somebody away who is gone and was in them, and the
/// guardians who have no other child there: what is to be hidden of them in the registers, too.
pub fn telltales(stored: &Roster, gone: &BTreeSet<String>) -> Telltales {
    let revealing = groups_that_reveal(stored, gone);
    let mut found = revealing.telltales(stored, &revealing.own);
    let guardians = guardians_left_alone(stored, gone);
    for relation in stored.relations().filter(|relation| guardians.contains(relation.person)) {
        let children = found.entry(telltale::of_guardian(relation.person)).or_default();
        children.insert(relation.to.to_owned(), true);
    }
    found
}

/// A roster without some persons, without groups that would point at anybody protected, and
/// without relations of whoever is told under a pseudonym. Gives how many groups stay although
/// they bear the name of somebody gone who is not in them: without them the limits are broken.
fn without(
    before: &Roster,
    hidden: &BTreeSet<String>,
    leaving: &Leaving<'_>,
) -> Result<(Roster, u64, Telltales), SnapshotError> {
    let pseudonymous = &leaving.protected.pseudonymous;
    let gone: BTreeSet<String> = hidden.union(pseudonymous).cloned().collect();
    // Under a pseudonym a name gives nobody away.
    let mut named = under_their_own(before, leaving.protected, leaving.tonight);
    named.extend(hidden.iter().cloned());
    let revealing = groups_that_reveal(before, &named);
    let related = before.relations();
    let reduced = before.subset(&Keep {
        persons: before.persons().map(|person| !hidden.contains(person.key)).collect(),
        groups: before.groups().map(|group| !revealing.own.contains(group.key)).collect(),
        relations: related.map(|r| !gone.contains(r.person) && !gone.contains(r.to)).collect(),
        ..Keep::all(before)
    });
    let own = revealing.telltales(before, &revealing.own);
    if revealing.named.is_empty() {
        return Ok((reduced, 0, own));
    }
    let unnamed = reduced.subset(&Keep {
        groups: reduced.groups().map(|group| !revealing.named.contains(group.key)).collect(),
        ..Keep::all(&reduced)
    });
    let counts = between(&reduced, &unnamed, leaving.carried)?;
    let stay = revealing.named.len() as u64;
    Ok(match judge(&counts, &Circumstances::default(), leaving.limits) {
        Verdict::Pass => {
            let mut all = revealing.telltales(before, &revealing.named);
            telltale::add(&mut all, own);
            (unnamed, 0, all)
        }
        Verdict::Hold(_) => (reduced, stay, own),
    })
}

/// What differs between two rosters, in numbers.
fn between(before: &Roster, after: &Roster, carried: Carried) -> Result<Counts, SnapshotError> {
    let mut packed = Vec::new();
    snapshot::write(before, &Header::of(before), &mut packed)?;
    let view = View { carried, hidden: &BTreeSet::new() };
    let (counts, _) = diff(after, Some(&mut Reader::open(packed.as_slice())?), &view, |_| ())?;
    Ok(counts)
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
