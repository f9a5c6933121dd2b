//! What waits at a receiver: told every night, and when its window has ended, put to a person.

use jiff::ToSpan;
use jiff::civil::Date;

use super::failure::Failure;
use super::guards;
use super::last_file::stored;
use super::target::{Planned, pending_of};
use super::tonight::Evening;
use crate::notify::night::{Outcome, Proposal, TargetNight, WaitingNight};
use crate::pipeline::plan::Purpose;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::pipeline::waiting::Waiting;
use crate::pipeline::window::Release;
use crate::roster::code::Code;
use crate::state::{PlanRecord, StateReader};

/// So many nights before a window ends the mail lists what will fall due; 1 is its last day.
const TOLD_BEFORE: [i32; 2] = [7, 1];
/// RG901: what must be so is not.
const INVARIANT: Code = Code(901);

/// Whether a held plan is a list of removals that waits: the night's own file went out.
pub fn is_list(plan: &PlanRecord) -> bool {
    let list = |breach: &Breach| matches!(breach, Breach::Release { .. });
    matches!(plan.verdict(), Some(Verdict::Hold(all)) if all.iter().any(list))
}

/// What goes in stages once a plan is approved; `None` where it is no list of that kind.
///
/// # Errors
/// When the plan's files cannot be read.
pub fn stages(state: &StateReader, plan: &PlanRecord) -> Result<Option<Waiting>, Failure> {
    let staged = |breach: &Breach| matches!(breach, Breach::Release { per_night: Some(_), .. });
    if !matches!(plan.verdict(), Some(Verdict::Hold(all)) if all.iter().any(staged)) {
        return Ok(None);
    }
    let told = stored(&state.snapshot_path(&plan.id))?;
    Ok(Waiting::of_stages(&pending_of(state, &plan.id)?, &told))
}

/// The same for the mail of an approval: tonight's numbers have nothing of it.
pub(super) fn in_stages(
    state: &StateReader,
    plan: &PlanRecord,
) -> Result<Option<WaitingNight>, Failure> {
    let persons_now = plan.counts().map_or(0, |counts| counts.persons.now);
    let waits = |waiting| WaitingNight {
        waiting,
        nights_left: None,
        due: false,
        persons_now,
        proposal: None,
    };
    Ok(stages(state, plan)?.map(waits))
}

impl Evening<'_> {
    /// What the night's mail says of what waits.
    pub(super) fn waiting(&self, planned: &Planned) -> WaitingNight {
        let waiting = planned.plan.waiting.clone();
        let today = self.context.now.date();
        let after = waiting.window.as_ref().and_then(|open| open.through.checked_add(1.day()).ok());
        let nights_left = after.map(|after| (after - today).get_days());
        WaitingNight {
            waiting,
            nights_left,
            due: self.warns_tonight(),
            persons_now: planned.plan.feed.counts.persons.now,
            proposal: None,
        }
    }

    /// Whether tonight is the first run with a week, or a day, left of a window: a night without a
    /// run does not swallow the warning.
    pub(super) fn warns_tonight(&self) -> bool {
        let today = self.context.now.date();
        let season = self.aim.season(today);
        let Some(through) = season.holding().map(|open| open.through) else { return false };
        let left = |day: Date| (through - day).get_days() + 1;
        let runs = self.state.recent_runs(50).unwrap_or_default();
        let zone = self.context.now.time_zone();
        let before = runs
            .iter()
            .filter(|run| run.id != *self.run && run.trigger != "approve")
            .map(|run| run.started_at.to_zoned(zone.clone()).date())
            .filter(|date| *date < today)
            .max();
        let earlier = before.map_or(i32::MAX, left);
        TOLD_BEFORE.iter().any(|&mark| left(today) <= mark && earlier > mark)
    }

    /// Tonight's file is delivered; what waited in a window that has ended becomes a plan of its
    /// own, which is held until a person approves it. If that plan cannot be made, the next night
    /// makes another.
    pub(super) fn propose_release(&self, told: &mut TargetNight) {
        let rest = told.waiting.as_ref().is_some_and(|waits| waits.waiting.stages_stop);
        let proposal =
            self.held_release(rest).unwrap_or_else(|failure| Proposal::Failed(failure.code));
        if let Some(waiting) = &mut told.waiting {
            waiting.proposal = Some(proposal);
        }
    }

    fn held_release(&self, rest: bool) -> Result<Proposal, Failure> {
        let mut planned = self.plan(Purpose::Release { rest })?;
        // Nobody's approval lets go what must be there.
        if let Some(missing) = guards::sentinel(&self.aim, &planned) {
            return Err(missing);
        }
        let mut reasons = self.release_reasons(&planned, rest);
        if let Verdict::Hold(limits) = &planned.plan.verdict {
            reasons.extend(limits.iter().cloned());
        }
        // Why there is a list comes first; then every limit that it would break.
        planned.plan.verdict =
            if reasons.is_empty() { Verdict::Pass } else { Verdict::Hold(reasons) };
        let facts = self.facts(&planned);
        match self.prepare(&planned, facts)?.clear() {
            Err(held) => match self.held(&held, planned.plan.verdict) {
                Outcome::Held { plan, breaches, expires } => {
                    Ok(Proposal::Held { plan, breaches, expires })
                }
                _ => Err(Failure::detail(INVARIANT, "held is held")),
            },
            // Never: a list to be released always waits for a person.
            Ok(cleared) => {
                cleared.abandon(INVARIANT, self.context.now.timestamp())?;
                Err(Failure::detail(INVARIANT, "a release was not held"))
            }
        }
    }

    /// One reason for each window whose list waits.
    fn release_reasons(&self, planned: &Planned, rest: bool) -> Vec<Breach> {
        let season = self.aim.season(self.context.now.date());
        let before = &planned.against.pending;
        let mut windows: Vec<&str> = before
            .iter()
            .filter(|waiting| !waiting.window.is_empty())
            .filter(|waiting| {
                let staged = season.release_of(waiting) == Release::Staged;
                rest || !(waiting.approved && staged)
            })
            .map(|waiting| waiting.window.as_str())
            .collect();
        windows.sort_unstable();
        windows.dedup();
        let reason = |name: &str| {
            let list = before.iter().filter(|waiting| waiting.window == name);
            let mut numbers = crate::pipeline::waiting::Numbers::default();
            list.clone().for_each(|waiting| numbers.count(waiting.kind));
            let share = season.release(name).1;
            let release = list
                .clone()
                .map(|waiting| season.release_of(waiting))
                .reduce(Release::stricter)
                .unwrap_or_default();
            let whole = rest && list.clone().any(|waiting| waiting.approved);
            Breach::Release {
                window: name.to_owned(),
                schools: numbers.schools,
                relations: numbers.relations,
                persons: numbers.persons,
                groups: numbers.groups,
                memberships: numbers.memberships,
                per_night: (release == Release::Staged && !whole)
                    .then(|| share.share().in_thousandths()),
            }
        };
        windows.into_iter().map(reason).collect()
    }
}
