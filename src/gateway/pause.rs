//! Pauses: nothing is delivered, the plan is still made and told.

use jiff::civil::Date;

use super::failure::Failure;
use super::release::is_list;
use super::target::Aim;
use super::tonight::Evening;
use crate::notify::night::Outcome;
use crate::pipeline::verdict::Verdict;
use crate::state::{PlanRecord, StateReader};

/// Why nothing is delivered tonight.
pub struct Paused {
    /// The last day of it.
    pub through: Date,
    /// The window whose pause it is.
    pub window: Option<String>,
    /// Who asked for it by hand.
    pub by: Option<String>,
}

impl Evening<'_> {
    /// A pause by hand, or a window that holds everything.
    pub(super) fn pause(&self) -> Result<Option<Paused>, Failure> {
        of_day(self.state, &self.aim, self.context.now.date())
    }
}

/// Whether nothing is delivered to a target on a day.
///
/// # Errors
/// When the logbook cannot be read.
pub fn of_day(state: &StateReader, aim: &Aim<'_>, today: Date) -> Result<Option<Paused>, Failure> {
    let by_hand = state.pause()?.filter(|pause| pause.holds(today));
    let of_calendar = aim.season(today);
    let of_calendar = of_calendar.pause();
    Ok(match (by_hand, of_calendar) {
        (Some(pause), _) => {
            Some(Paused { through: pause.until, window: None, by: Some(pause.who) })
        }
        (None, Some(open)) => {
            Some(Paused { through: open.through, window: Some(open.name.clone()), by: None })
        }
        (None, None) => None,
    })
}

/// Whether the calendar forbids what a person said yes to: nothing is delivered in a pause, no list
/// is released while a window is open in which removals wait, and what was to be removed before one
/// opened waits with the rest.
pub(super) fn forbids(
    state: &StateReader,
    aim: &Aim<'_>,
    plan: &PlanRecord,
    today: Date,
) -> Result<bool, Failure> {
    let removes = plan.facts.as_ref().is_some_and(|facts| facts.removals > 0);
    let made = plan.begun_at.to_zoned(aim.config.site.timezone.0.clone()).date();
    let from_before = removes && aim.season(made).holding().is_none();
    let window = (is_list(plan) || from_before) && aim.season(today).holding().is_some();
    Ok(window || of_day(state, aim, today)?.is_some())
}

impl Paused {
    /// What is told of the night.
    pub(super) fn outcome(self, verdict: Verdict) -> Outcome {
        let Paused { through, window, by } = self;
        Outcome::Paused { through, window, by, verdict }
    }
}
