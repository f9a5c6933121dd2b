//! Stored nights under other limits: which would have been stopped, to choose limits from facts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::failure::Failure;
use crate::pipeline::counts::Counts;
use crate::pipeline::replay::{Largest, Replay, Replayed, StoredNight, in_order, take_in};
use crate::pipeline::safety::Limits;
use crate::pipeline::verdict::Verdict;
use crate::state::{PlanId, PlanRecord, PlanState, StateReader};

/// One target's stored nights, judged anew.
pub struct Backtest {
    /// The nights, oldest first; a night in which a run was repeated stands as often.
    pub nights: Vec<Tried>,
    /// Nights whose numbers today's program no longer reads.
    pub unread: u32,
    /// The most that ever happened, by subject, in nights that were not stopped.
    pub largest: Vec<Largest>,
}

/// One stored night.
pub struct Tried {
    /// When it was planned.
    pub at: Timestamp,
    /// Its day on the site's clock.
    pub date: Date,
    /// Its plan.
    pub plan: PlanId,
    /// Its numbers.
    pub counts: Counts,
    /// What became of it.
    pub then: Then,
    /// Whether the filter stopped it then.
    pub stopped: bool,
    /// What the given limits say.
    pub given: Replayed,
    /// What the configured limits say.
    pub configured: Replayed,
}

/// What became of a stored night.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Sent without a stop.
    Delivered,
    /// Stopped, and sent after a person's yes.
    Approved,
    /// Stopped, and not sent.
    Held,
    /// Not stopped, and not sent.
    Failed,
    /// Whether it was sent is not known.
    Unknown,
}

/// How many nights, each day counted once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// All.
    pub nights: usize,
    /// Those that the given limits would have stopped by their numbers.
    pub given: usize,
    /// Those that the configured limits would have stopped by their numbers.
    pub configured: usize,
    /// Those stopped whatever the limits, first deliveries left out.
    pub by_itself: usize,
    /// First deliveries.
    pub first_deliveries: usize,
}

/// Judges a target's stored nights under the given limits and the configured ones. All nights are
/// fed in order; the last `most` days are told.
///
/// # Errors
/// When the logbook cannot be read.
pub fn backtest(
    reader: &StateReader,
    target: &str,
    zone: &TimeZone,
    [given, configured]: [Limits; 2],
    most: Option<usize>,
) -> Result<Backtest, Failure> {
    let given_allowance = given.always_allow;
    let mut replays = [Replay::under(given), Replay::under(configured)];
    let mut tested = Backtest { nights: Vec::new(), unread: 0, largest: Vec::new() };
    let plans = reader.plans_of_target(target)?;
    // A withdrawal, and a night of an older version, may have keys where others have names.
    let nights = plans.iter().filter_map(PlanRecord::counts);
    let names: BTreeMap<_, _> =
        nights.flat_map(|night| night.school_names().collect::<Vec<_>>()).collect();
    for plan in plans {
        if plan.facts.is_none() || plan.state == PlanState::Adopted {
            continue;
        }
        let (Some(mut counts), Some(verdict)) = (plan.counts(), plan.verdict()) else {
            tested.unread += 1;
            continue;
        };
        counts.name_schools(&names);
        let then = then(&plan, &verdict);
        let withdrawal = plan.facts.as_ref().is_some_and(|facts| facts.withdrawal);
        let sent = matches!(then, Then::Delivered | Then::Approved) && !withdrawal;
        let (at, stopped) = (plan.begun_at, verdict != Verdict::Pass);
        let date = at.to_zoned(zone.clone()).date();
        let night = StoredNight { date, counts: &counts, verdict: &verdict, sent };
        let [given, configured] = replays.each_mut().map(|replay| replay.night(&night));
        let plan = plan.id;
        tested.nights.push(Tried { at, date, plan, counts, then, stopped, given, configured });
    }
    tested.keep_last(most);
    for night in tested.nights.iter().filter(|night| !night.stopped) {
        take_in(&mut tested.largest, (night.at, &night.counts), given_allowance);
    }
    in_order(&mut tested.largest);
    Ok(tested)
}

fn then(plan: &PlanRecord, verdict: &Verdict) -> Then {
    use PlanState::{Adopted, Begun, Delivered, Expired, Failed, Held, Published, Superseded};
    match plan.state {
        Delivered | Published | Adopted if plan.approval.is_some() => Then::Approved,
        Delivered | Published | Adopted => Then::Delivered,
        Begun | Failed if *verdict == Verdict::Pass => Then::Failed,
        Held | Superseded | Expired | Begun | Failed => Then::Held,
        _ => Then::Unknown,
    }
}

impl Backtest {
    /// Drops all but the last days.
    fn keep_last(&mut self, most: Option<usize>) {
        let days: BTreeSet<Date> = self.nights.iter().map(|night| night.date).collect();
        let most = most.unwrap_or(days.len());
        let kept: BTreeSet<Date> = days.into_iter().rev().take(most).collect();
        self.nights.retain(|night| kept.contains(&night.date));
    }

    /// How many nights there were, and how many would have been stopped.
    pub fn summary(&self) -> Summary {
        let days = |wanted: fn(&Tried) -> bool| {
            let nights = self.nights.iter().filter(|night| wanted(night));
            nights.map(|night| night.date).collect::<BTreeSet<_>>().len()
        };
        Summary {
            nights: days(|_| true),
            given: days(|night| !night.given.by_numbers.is_empty()),
            configured: days(|night| !night.configured.by_numbers.is_empty()),
            by_itself: days(|night| !night.given.by_itself.is_empty()),
            first_deliveries: days(|night| night.given.first_delivery),
        }
    }
}
