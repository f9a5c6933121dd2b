//! Newly protected persons first: whatever keeps tonight's file back, the receiver gets its last
//! one without them.

use super::failure::Failure;
use super::guards;
use super::send::{self, Look};
use super::target::Planned;
use super::tonight::Evening;
use crate::formats::snapshot::{self, SnapshotError};
use crate::notify::night::{Outcome, PastFilter, TargetNight};
use crate::pipeline::plan::{Model, Plan, PlanError};
use crate::pipeline::protect::Protected;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::pipeline::withdrawal::{Leaving, guardians_unheard_of};
use crate::roster::code::Code;
use crate::state::PlanFacts;

impl Evening<'_> {
    /// Newly protected persons leave whatever keeps tonight's file back; `None` when nothing does,
    /// or when the last file is no safe one to send again.
    pub(super) fn protected_first(
        &self,
        planned: &Planned,
        paused: bool,
        told: &mut TargetNight,
    ) -> Result<Option<Outcome>, Failure> {
        let kept_back = paused || guards::sentinel(&self.aim, planned).is_some();
        let Some(leaving) = who_leaves(planned, kept_back) else {
            return Ok(None);
        };
        if !(self.may_deliver() || paused) {
            return Ok(None);
        }
        let reduced = self.reduced(planned, leaving)?;
        if reduced.plan.newly_protected > 0 && self.sees_nothing_foreign(planned)? {
            return self.withdraw(&reduced, told).map(Some);
        }
        Ok(None)
    }

    fn sees_nothing_foreign(&self, planned: &Planned) -> Result<bool, Failure> {
        Ok(send::foreign_file(self, planned.against.baseline.as_ref(), Look::BeforeSending)?
            .is_none())
    }

    /// What the target was last told, minus everyone who is `protected` since.
    fn reduced(&self, planned: &Planned, mut protected: Protected) -> Result<Planned, Failure> {
        let register = &self.reading.register;
        let plan = planned.against.with_model(|model| match model {
            Model::Known(open) => {
                let plan = &planned.plan;
                let file = open().map_err(SnapshotError::from).and_then(snapshot::read);
                let file = file.map_err(PlanError::from)?;
                // Registers drop the guardians of a protected child in the same export.
                let gone = protected.excluded.union(&protected.pseudonymous).cloned().collect();
                protected.excluded.extend(guardians_unheard_of(&file, &gone, register));
                let leaving = Leaving {
                    carried: plan.carried,
                    protected: &protected,
                    tonight: &plan.feed.roster,
                    pending: &planned.against.pending,
                    archives: &self.aim.target.archives,
                    limits: &self.aim.limits,
                };
                Ok(Plan::withdrawal(open, &leaving)?)
            }
            Model::Nothing | Model::AnyOf(_) => {
                Err(Failure::detail(Code(338), "the outcome of an earlier night is not settled"))
            }
        })?;
        let (against, rules) = (planned.against.clone(), planned.against.rules.clone());
        Ok(Planned { plan, against, rules, protected })
    }

    /// Delivers it.
    fn withdraw(&self, reduced: &Planned, told: &mut TargetNight) -> Result<Outcome, Failure> {
        let mut facts = PlanFacts { withdrawal: true, ..self.facts(reduced) };
        // Who is marked counts from the last night that told of all.
        facts.marked = reduced.against.marked;
        // It tells an earlier export again: tonight's is still to be delivered.
        if let Some(last) = self.state.last_published(self.aim.name)? {
            (facts.export_digest, facts.exported_at) = (last.export_digest, last.exported_at);
        }
        let now = self.context.now.timestamp();
        self.state.remember_telltales(&reduced.plan.telltales, now)?;
        let cleared = self.prepare(reduced, facts)?.clear();
        let cleared = cleared.map_err(|_| Failure::detail(Code(901), "a withdrawal was held"))?;
        let outcome = self.deliver(cleared, false)?;
        if outcome.is_sent() {
            told.past_filter = past_filter(&reduced.plan);
        }
        Ok(outcome)
    }
}

/// What such a file loses besides the persons.
pub(super) fn past_filter(plan: &Plan) -> PastFilter {
    let counts = &plan.feed.counts;
    PastFilter {
        groups: counts.groups.removed,
        memberships: counts.memberships.removed,
        still_named: plan.still_named,
    }
}

/// Newly protected persons leave even when tonight's file is held, unless the reason casts doubt
/// on what the receiver holds. So they do when something else keeps it back (`kept_back`), such as
/// a pause, though the filter itself would let it go. Where the markings are in doubt, only those
/// leave who were withdrawn by hand.
fn who_leaves(planned: &Planned, kept_back: bool) -> Option<Protected> {
    let protected = &planned.protected;
    let breaches = match &planned.plan.verdict {
        Verdict::Hold(breaches) => &breaches[..],
        Verdict::Pass if kept_back => &[],
        Verdict::Pass => return None,
    };
    let permits = |breach: &Breach| breach.permits_withdrawal() || breach.doubts_markings();
    if planned.against.doubtful || !breaches.iter().all(permits) {
        return None;
    }
    Some(if breaches.iter().any(Breach::doubts_markings) {
        Protected::by_hand_alone(&protected.by_hand)
    } else {
        protected.clone()
    })
}
