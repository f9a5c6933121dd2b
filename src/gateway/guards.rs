//! What the logbook knows for the filter beside one night's numbers: the week before, the rules by
//! which the target was last told, and whether what must be there is there.

use jiff::{Span, Zoned};

use super::failure::Failure;
use super::target::{Aim, Planned};
use crate::notify::around;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language::{En, Sv};
use crate::pipeline::plan::Plan;
use crate::pipeline::rules::{Made, Rules, effect, whatever_goes};
use crate::pipeline::safety::Week;
use crate::pipeline::sentinels::missing;
use crate::pipeline::verdict::Cause;
use crate::roster::code::Code;
use crate::state::{Kept, PlanId, StateReader};

/// So many days of the calendar before tonight count, so that a night does not fall out of the
/// week for having been half a minute quicker.
const DAYS: i32 = 7;

/// So many days the entries of plans are kept at least, whatever retention says: [`DAYS`], and the
/// first of them whole.
pub(super) const KEPT_DAYS: u32 = 9;

/// What left with the files of the last seven days, to this receiver.
///
/// An entry whose numbers today's program cannot read is left out rather than held for: fields
/// that came later are read as nothing, so that no ordinary upgrade makes one unreadable, and
/// where it did, each night's own limits stood and stand, and other rules of the program hold the
/// first night after it anyway.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn week(state: &StateReader, aim: &Aim<'_>, now: &Zoned) -> Result<Week, Failure> {
    let first = now.date().saturating_sub(Span::new().days(DAYS));
    let since = first.to_zoned(now.time_zone().clone());
    let since = since.map_or(now.timestamp(), |since| since.timestamp());
    let mut week = Week::default();
    for plan in state.delivered_since(aim.name, since)? {
        let Some(facts) = &plan.facts else { continue };
        if !facts.receiver.moved(&aim.receiver).is_empty() || facts.withdrawal {
            continue;
        }
        let Some(counts) = facts.counts.read() else { continue };
        match plan.approval {
            Some(_) => week.agreed.push(counts),
            None => week.passed.push(counts),
        }
    }
    Ok(week)
}

/// The rules by which a plan was made. `Some(None)`: there are some that today's program cannot
/// read, so they are others. `None`: an entry of an older program, or a file taken over.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn rules_of(
    state: &StateReader,
    plan: Option<&PlanId>,
) -> Result<Option<Kept<Rules>>, Failure> {
    let Some(plan) = plan else { return Ok(None) };
    Ok(state.find_plan(plan.as_str())?.facts.and_then(|facts| facts.rules))
}

/// How many persons the registers marked when a plan was made.
pub(super) fn marked_at(
    state: &StateReader,
    plan: Option<&PlanId>,
) -> Result<Option<u64>, Failure> {
    let Some(plan) = plan else { return Ok(None) };
    Ok(state.find_plan(plan.as_str())?.facts.and_then(|facts| facts.marked))
}

/// Holds a plan for what goes because of other rules than `before`. Gives the rules to keep with
/// it.
///
/// # Errors
/// When the baseline cannot be trusted.
pub(super) fn told_apart(
    plan: &mut Plan,
    before: Option<&Kept<Rules>>,
    now: &Rules,
    made: &Made<'_>,
) -> Result<Kept<Rules>, Failure> {
    let Some(kept) = before else { return Ok(Kept::of(now)) };
    let Some(before) = kept.read() else {
        if let Some(breach) = whatever_goes(plan, Cause::Program) {
            plan.also_held_for(breach);
        }
        return Ok(Kept::of(now));
    };
    let effect = effect(plan, &before, now, made)
        .map_err(|error| Failure::detail(error.code(), error.to_string()))?;
    if let Some(breach) = effect.breach {
        plan.also_held_for(breach);
    }
    Ok(if effect.waits { kept.clone() } else { Kept::of(now) })
}

/// Why nothing may go out whoever says yes: something that must be there is not.
pub fn sentinel(aim: &Aim<'_>, planned: &Planned) -> Option<Failure> {
    let counts = &planned.plan.feed.counts;
    let missing = missing(counts, &aim.target.selection(), &aim.limits.sentinels);
    if missing.is_empty() {
        return None;
    }
    let (sv, en) = (around::missing(&missing, Sv), around::missing(&missing, En));
    let facts = Facts::new().words(Placeholder::Detail, sv, en);
    Some(Failure::new(Code(354), facts.text(Placeholder::Target, aim.name)))
}
