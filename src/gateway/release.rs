//! What waits at a receiver: told every night, and when its window has ended, put to a person.

use jiff::ToSpan;

use super::failure::Failure;
use super::target::Planned;
use super::tonight::Evening;
use crate::notify::night::{Outcome, Proposal, TargetNight, WaitingNight};
use crate::pipeline::plan::Purpose;
use crate::pipeline::verdict::Breach;
use crate::pipeline::window::Release;
use crate::roster::code::Code;

/// RG901: what must be so is not.
const INVARIANT: Code = Code(901);

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
            persons_now: planned.plan.feed.counts.persons.now,
            proposal: None,
        }
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
        for reason in self.release_reasons(&planned, rest) {
            planned.plan.also_held_for(reason);
        }
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
            .filter(|waiting| !waiting.window.is_empty() && (rest || !waiting.approved))
            .map(|waiting| waiting.window.as_str())
            .collect();
        windows.sort_unstable();
        windows.dedup();
        let reason = |name: &str| {
            let list = before.iter().filter(|waiting| waiting.window == name);
            let mut numbers = crate::pipeline::waiting::Numbers::default();
            list.clone().for_each(|waiting| numbers.count(waiting.kind));
            let (release, share) = season.release(name);
            let whole = rest && list.clone().any(|waiting| waiting.approved);
            Breach::Release {
                window: name.to_owned(),
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
