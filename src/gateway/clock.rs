//! The clock against the last run's: while it cannot be right, every target is held, and nothing
//! ages, expires or is erased. A person who approves such a plan says that the time is right.

use jiff::Timestamp;

use super::failure::Failure;
use super::target::Planned;
use super::{Context, REPLAY};
use crate::notify::night::{Night, Note};
use crate::pipeline::clock::astray;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::state::{StateDir, StateReader};

/// Runs that a person or the timer starts, at the machine's time. An approval of a replayed night
/// acts at that night's time, and taking over a file judges nothing.
const REAL: [&str; 2] = ["timer", "run"];

/// The last time that was believed, of runs of this sort; a ledger of an older program knows its
/// runs only.
///
/// # Errors
/// When the logbook cannot be read.
pub fn last(state: &StateReader, replay: bool) -> Result<Option<Timestamp>, Failure> {
    if let Some(at) = state.clock(replay)? {
        return Ok(Some(at));
    }
    let alike = |trigger: &str| if replay { trigger == REPLAY } else { REAL.contains(&trigger) };
    let runs = state.recent_runs(100)?;
    Ok(runs.iter().find(|run| alike(&run.trigger)).map(|run| run.started_at))
}

/// Whether the clock can be right.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn breach(
    context: &Context<'_>,
    state: &StateReader,
) -> Result<Option<Breach>, Failure> {
    let last = last(state, context.replay)?;
    Ok(last.and_then(|last| astray(last, context.now.timestamp())))
}

/// Before a run is written down: notes the time to compare with, from now on tonight's if that can
/// be right.
pub(super) fn begin(context: &Context<'_>, state: &StateDir) -> Result<(), Failure> {
    let now = context.now.timestamp();
    let at = match last(state, context.replay)? {
        Some(last) if astray(last, now).is_some() => last,
        Some(last) => last.max(now),
        None => now,
    };
    Ok(state.believe_clock(context.replay, at)?)
}

/// Holds a plan that was made by a wrong clock.
pub(super) fn hold(
    context: &Context<'_>,
    state: &StateReader,
    mut planned: Planned,
) -> Result<Planned, Failure> {
    if let Some(breach) = breach(context, state)? {
        match &mut planned.plan.verdict {
            Verdict::Hold(breaches) => breaches.insert(0, breach),
            Verdict::Pass => planned.plan.also_held_for(breach),
        }
    }
    Ok(planned)
}

/// Tells of it also where nothing was planned.
pub(super) fn note(
    context: &Context<'_>,
    state: &StateReader,
    night: &mut Night,
) -> Result<(), Failure> {
    if let Some(Breach::Clock { backwards, minutes }) = breach(context, state)? {
        night.notes.push(Note::Clock { backwards, minutes });
    }
    Ok(())
}

/// A person said yes to a plan that was held for the clock: the time counts from here on.
pub(super) fn vouched(
    context: &Context<'_>,
    state: &StateDir,
    verdict: Option<&Verdict>,
) -> Result<(), Failure> {
    let held_for_it = matches!(verdict, Some(Verdict::Hold(breaches))
        if breaches.iter().any(|breach| matches!(breach, Breach::Clock { .. })));
    if held_for_it {
        state.believe_clock(context.replay, context.now.timestamp())?;
    }
    Ok(())
}
