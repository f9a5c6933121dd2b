//! A target that was called something else, or is called again what it once was: what went to the
//! same file under another name. A receiver holds the last file, whatever its target was called.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::elsewhere::in_doubt;
use super::failure::Failure;
use super::last_file::stored;
use super::target::Aim;
use crate::delivery::Receiver;
use crate::pipeline::withdrawal::{telltales, there};
use crate::roster::roster::Roster;
use crate::state::{
    BaselineRecord, Delivered, PlanId, PlanRecord, PlanState, ReceiverBinding, StateDir,
    StateError, StateReader,
};

/// What other targets sent to this one's file, may have sent there or took over for it, after
/// `plan` or ever; newest first.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn since(
    state: &StateReader,
    aim: &Aim<'_>,
    plan: Option<&PlanId>,
) -> Result<Vec<PlanRecord>, StateError> {
    let mut found = Vec::new();
    for other in state.others_since(aim.name, plan)? {
        let receiver = match &other.facts {
            Some(facts) => Some(facts.receiver.clone()),
            // What was taken over has no plan.
            None => taken_over(state, &other)?,
        };
        if receiver.is_some_and(|receiver| same_file(&receiver, &aim.receiver)) {
            found.push(other);
        }
    }
    Ok(found)
}

fn taken_over(
    state: &StateReader,
    plan: &PlanRecord,
) -> Result<Option<ReceiverBinding>, StateError> {
    let baseline = state.baseline(&plan.target)?;
    let told = baseline.candidates().into_iter().find(|told| told.plan == plan.id);
    Ok(told.map(|told| told.receiver.clone()))
}

/// Whether files for both lie in one place under one name, by whatever words and in whatever
/// format: as the configuration compares two of its targets.
fn same_file(one: &ReceiverBinding, other: &ReceiverBinding) -> bool {
    let place = |receiver: &ReceiverBinding| Receiver {
        host: receiver.host.clone(),
        user: receiver.user.clone(),
        folder: receiver.folder.clone(),
    };
    place(one).is_same_place(&place(other))
        && one.files.iter().any(|name| other.files.contains(name))
}

/// Whether a plan certainly arrived, or somebody said that the receiver holds it.
fn is_certain(plan: &PlanRecord) -> bool {
    matches!(plan.state, PlanState::Delivered | PlanState::Adopted)
}

/// What of a baseline says anything of this receiver: what went to it, unless something may have
/// gone there under another name since.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn known<'b>(
    state: &StateReader,
    aim: &Aim<'_>,
    baseline: &'b BaselineRecord,
) -> Result<Vec<&'b Delivered>, StateError> {
    let mut known = Vec::new();
    for told in baseline.candidates() {
        let here = told.receiver.moved(&aim.receiver).is_empty();
        if here && since(state, aim, Some(&told.plan))?.is_empty() {
            known.push(told);
        }
    }
    Ok(known)
}

/// What other targets did to this one's file since it was last told anything there.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn since_told(
    state: &StateReader,
    aim: &Aim<'_>,
    baseline: &BaselineRecord,
) -> Result<Vec<PlanRecord>, StateError> {
    let told = baseline.candidates();
    let here = told.iter().rfind(|told| told.receiver.moved(&aim.receiver).is_empty());
    since(state, aim, here.map(|told| &told.plan))
}

/// The last that is known to have arrived of what went there under other names.
pub(super) fn arrived(others: &[PlanRecord]) -> Option<&PlanId> {
    others.iter().find(|plan| is_certain(plan)).map(|plan| &plan.id)
}

/// The snapshots of what the receiver may hold where others came after this target's own: theirs,
/// as far back as to one that certainly arrived, and where none did, its own, too.
pub(super) fn may_stand(
    state: &StateReader,
    aim: &Aim<'_>,
    baseline: &BaselineRecord,
    others: &[PlanRecord],
) -> Vec<PathBuf> {
    let certain = others.iter().position(is_certain);
    let until = certain.map_or(others.len(), |at| at + 1);
    let theirs = others[..until].iter().map(|plan| &plan.id);
    let here = |told: &&Delivered| told.receiver.moved(&aim.receiver).is_empty();
    let own = baseline.candidates().into_iter().filter(here).map(|told| &told.plan);
    let own = own.filter(|_| certain.is_none() && !others.is_empty());
    theirs.chain(own).map(|plan| state.snapshot_path(plan)).collect()
}

/// Refuses to take somebody out of a receiver whose last file went under another name and has
/// them: no file of ours follows on that one.
///
/// # Errors
/// RG369 when it has them, or cannot be read.
pub(super) fn refuse_if_there(
    state: &StateDir,
    aim: &Aim<'_>,
    last: &Delivered,
    (others, keys): (&[PlanRecord], &BTreeSet<String>),
    now: jiff::Timestamp,
) -> Result<(), Failure> {
    let baseline = BaselineRecord::Delivered(last.clone());
    let files = may_stand(state, aim, &baseline, others);
    let files: Vec<Roster> = files.iter().map(|path| stored(path)).collect::<Result<_, _>>()?;
    for file in files {
        let gone = there(&file, keys);
        // No plan that waits says yes to a group that is hidden now.
        state.remember_telltales(&telltales(&file, &gone), now)?;
        if let (false, Some(other)) = (gone.is_empty(), others.first()) {
            let name = &other.target;
            return Err(in_doubt(
                &format!("den senaste filen dit, som har personen, gick under namnet {name}"),
                &format!("the last file there, which has the person, went under the name {name}"),
            ));
        }
    }
    Ok(())
}
