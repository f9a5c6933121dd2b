//! What an interrupted run left behind: looked at, settled, and where that is right, taken up.

use std::path::Path;

use jiff::Zoned;

use super::failure::Failure;
use super::last_file::stored;
use super::send::{self, Way, record_of, settled_receipt};
use super::target::Aim;
use super::tonight::{Evening, sizes};
use super::{Context, INTERRUPTED, clock, other_name, pause};
use crate::delivery::{self, Settled, TempNote};
use crate::notify::night::{Night, Note, Outcome, TargetNight};
use crate::pipeline::plan::Register;
use crate::pipeline::select::select;
use crate::pipeline::{rekey, withdrawal};
use crate::roster::code::Code;
use crate::state::{Cleared, Digest, StateDir, Today, Unfinished};

/// RG430: whether it was published is not known.
const UNKNOWN: Code = Code(430);

/// Settles what earlier runs left open for a target, and takes an approved delivery up again.
/// Gives an outcome when that was all there was to do.
///
/// # Errors
/// When the logbook cannot be used.
pub(super) fn recover(
    evening: &Evening<'_>,
    told: &mut TargetNight,
    night: &mut Night,
) -> Result<Option<Outcome>, Failure> {
    look(evening.context, evening.state, &evening.aim, night)?;
    let mut outcome = None;
    for unfinished in evening.state.unfinished(evening.aim.name)? {
        // Whatever is still unfinished after the look was certainly not published, or cannot be
        // settled; the latter stays in doubt, and the filter knows.
        if unfinished.record().maybe_published {
            continue;
        }
        if unfinished.record().approval.is_none() {
            unfinished.settle_not_published(INTERRUPTED, evening.context.now.timestamp())?;
            continue;
        }
        outcome = take_up(evening, unfinished, told, night)?;
    }
    Ok(outcome)
}

/// A person has said yes to exactly these bytes: they go out, unless anything has moved since.
/// Then the plan waits again, as every plan that is held, and tonight makes its own.
fn take_up(
    evening: &Evening<'_>,
    unfinished: Unfinished,
    told: &mut TargetNight,
    night: &mut Night,
) -> Result<Option<Outcome>, Failure> {
    let now = evening.context.now.timestamp();
    let plan = unfinished.record().clone();
    if let Some(cleared) = still_approved(evening, unfinished)? {
        match send::untold_file(evening, &plan) {
            Ok(None) => {
                told.counts = plan.counts();
                told.documents = sizes(cleared.documents());
                return evening.deliver(cleared, false).map(Some);
            }
            Ok(Some(_)) => drop(cleared.abandon(send::FOREIGN, now)?),
            Err(failure) => {
                cleared.abandon(failure.code, now)?;
                return Err(failure);
            }
        }
    } else {
        let again = evening.state.unfinished(evening.aim.name)?;
        for unfinished in again.into_iter().filter(|open| *open.id() == plan.id) {
            unfinished.settle_not_published(INTERRUPTED, now)?;
        }
    }
    night.notes.push(Note::HeldAgain { target: plan.target, plan: plan.id.to_string() });
    Ok(None)
}

/// The plan's bytes, if a person would be let say yes to it tonight, too. A newer export is judged
/// tonight: what was approved before it does not go out ahead of it.
fn still_approved(
    evening: &Evening<'_>,
    unfinished: Unfinished,
) -> Result<Option<Cleared>, Failure> {
    let Evening { context, state, run, reading, aim } = evening;
    let plan = unfinished.record();
    let export = plan.facts.as_ref().map(|facts| facts.export_digest);
    if export != Some(Digest(reading.digest))
        || clock::breach(context, state)?.is_some()
        || pause::forbids(state, aim, plan, context.now.date())?
    {
        return Ok(None);
    }
    let today = Today {
        run: (*run).clone(),
        config_digest: Digest::of(context.loaded.digest(aim.name).as_bytes()),
        format_digest: Digest(aim.target.digest()),
        // What cannot be read does not go out again; a person may say yes to a newer plan.
        protection_moved: evening.protection_moved(&unfinished).unwrap_or(true),
        told_otherwise: !other_name::since(state, aim, Some(&plan.id))?.is_empty(),
    };
    Ok(unfinished.resume(&today, context.now.timestamp()).ok())
}

impl Evening<'_> {
    /// Whether somebody in a plan's stored bytes is protected now.
    fn protection_moved(&self, unfinished: &Unfinished) -> Result<bool, Failure> {
        let path = self.state.snapshot_path(unfinished.id());
        holds_protected(&path, &self.aim, &self.reading.register, &self.context.now)
    }
}

/// Whether a stored snapshot holds somebody who is protected now.
///
/// # Errors
/// When the snapshot cannot be trusted.
pub(super) fn holds_protected(
    path: &Path,
    aim: &Aim<'_>,
    register: &Register,
    now: &Zoned,
) -> Result<bool, Failure> {
    let stored = stored(path)?;
    let format = &aim.target.format;
    let (selection, carried) = (aim.target.selection(), format.carried());
    let (tonight, _) = format.fit(&select(&register.roster, &selection, carried, now.date()));
    Ok(withdrawal::holds_protected(&stored, &register.protected, &tonight)
        || !rekey::told_before(stored.persons(), register).is_empty())
}

/// Looks at the receiver for what became of plans whose publishing had begun.
///
/// # Errors
/// When the logbook cannot be used.
pub(super) fn look(
    context: &Context<'_>,
    state: &StateDir,
    aim: &Aim<'_>,
    night: &mut Night,
) -> Result<(), Failure> {
    let way = Way { context, state, aim };
    for unfinished in state.unfinished(aim.name)? {
        if unfinished.record().maybe_published {
            settle(&way, unfinished, night)?;
        }
    }
    Ok(())
}

fn settle(way: &Way<'_>, unfinished: Unfinished, night: &mut Night) -> Result<(), Failure> {
    let now = way.context.now.timestamp();
    // Damaged here, they cannot be compared with what lies there: the doubt stays.
    let documents = unfinished.documents().ok();
    let record = unfinished.record().clone();
    let moved = record
        .facts
        .as_ref()
        .is_none_or(|facts| !facts.receiver.moved(&way.aim.receiver).is_empty());
    // Nor does what another target has put there since tell anything of them.
    let others = other_name::since(way.state, way.aim, Some(&record.id))?;
    let documents = documents.filter(|_| !moved && others.is_empty());
    let ask = |documents: &Vec<_>| way.context.away(|| ask(way, &unfinished, documents));
    let found = documents.as_ref().and_then(ask);
    let mut note = |arrived| {
        let target = way.aim.name.to_owned();
        night.notes.push(Note::Settled { target, arrived });
    };
    match found {
        Some(Settled::Published(how)) => {
            let documents = documents.unwrap_or_default();
            let receipt = settled_receipt(&documents, how, &record.temp_mtimes);
            unfinished.settle_published(record_of(&receipt, now))?;
            note(true);
        }
        Some(Settled::NotPublished { .. }) => {
            unfinished.settle_not_published(INTERRUPTED, now)?;
            note(false);
        }
        Some(Settled::Unknowable) | None => {
            unfinished.stay_unknown(UNKNOWN, now)?;
        }
    }
    Ok(())
}

/// Asks the receiver; `None` when it cannot be asked now.
fn ask(
    way: &Way<'_>,
    unfinished: &Unfinished,
    documents: &[crate::state::Document],
) -> Option<Settled> {
    let deliver = &way.aim.target.deliver;
    let (pins, credentials) = (way.pins().ok()?, way.credentials().ok()?);
    let mut remote = delivery::connect(deliver, &pins, &credentials).ok()?;
    let record = unfinished.record();
    let noted: Vec<TempNote> = record
        .temps
        .iter()
        .enumerate()
        .map(|(place, path)| TempNote {
            path: path.clone(),
            seen: record.temp_mtimes.get(place).is_some_and(Option::is_some),
            mtime: record.temp_mtimes.get(place).copied().flatten(),
        })
        .collect();
    let tag = send::tag(way.state, unfinished.id()).ok()?;
    delivery::settle(remote.as_mut(), deliver, documents, &tag, &noted, Some(record.begun_at)).ok()
}
