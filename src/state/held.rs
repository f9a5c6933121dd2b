//! A held plan, and a person's yes to it.

use std::sync::Arc;

use crate::state::approval::{self, Approval, Moved, Today};
use crate::state::baseline::TargetRecord;
use crate::state::cleared::Cleared;
use crate::state::dir::{self, Room};
use crate::state::error::StateError;
use crate::state::facts::PlanFacts;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::decisions::{self, About};
use crate::state::ledger::runs::{self, RunEnd};
use crate::state::ledger::{Fault, baselines, plans, record};
use crate::state::plan_record::{PlanRecord, PlanState};
use crate::state::{StateDir, settle};

/// A plan that waits for a person.
#[must_use = "look at it, approve it, or leave it"]
pub struct HeldPlan {
    room: Arc<Room>,
    plan: PlanRecord,
    facts: PlanFacts,
}

impl StateDir {
    /// The held plan with this id.
    ///
    /// # Errors
    /// When it is not there, is stale because a newer run judged its target or its time is up, or
    /// is not held (any more).
    pub fn held(&self, id: &PlanId) -> Result<HeldPlan, StateError> {
        let plan = self.find_plan(id.as_str())?;
        let facts = still_held(&plan)?;
        Ok(HeldPlan { room: self.room().clone(), facts, plan })
    }
}

impl StateDir {
    /// Writes down that a person's yes to a plan was refused, and that its run ended with that.
    ///
    /// # Errors
    /// When the plan or the run is unknown, or the ledger cannot be written.
    pub fn refuse(
        &self,
        plan: &PlanId,
        approval: &Approval,
        run: &RunId,
        end: RunEnd,
    ) -> Result<(), StateError> {
        self.ledger().change(|ledger| {
            let plan = plans::plan(ledger, plan)?;
            runs::update(ledger, run, |run| run.end = Some(end))?;
            let (who, why) = (Some(approval.who.as_str()), Some(approval.reason.as_str()));
            let about = About { run: Some(run), who, why, ..About::plan(&plan) };
            decisions::add(ledger, "refused", approval.at, about)
        })
    }

    /// A run judged the target and made no plan of its own: held plans are stale all the same.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn supersede_held(&self, target: &str, by: &RunId) -> Result<(), StateError> {
        self.room().assert_locked();
        self.ledger().change(|ledger| settle::supersede_waiting(ledger, target, by))
    }
}

fn still_held(plan: &PlanRecord) -> Result<PlanFacts, StateError> {
    match (plan.state, &plan.facts, &plan.superseded_by) {
        (PlanState::Held, Some(facts), _) => Ok(facts.clone()),
        (PlanState::Superseded, _, Some(run)) => {
            Err(stale(plan, Moved::NewerRun { run: run.clone() }))
        }
        (PlanState::Expired, ..) => Err(stale(plan, Moved::Expired)),
        _ => Err(StateError::NotHeld { plan: plan.id.clone(), state: plan.state.as_str() }),
    }
}

fn stale(plan: &PlanRecord, moved: Moved) -> StateError {
    StateError::Stale { plan: plan.id.clone(), moved }
}

impl HeldPlan {
    /// The plan's entry.
    #[must_use]
    pub fn record(&self) -> &PlanRecord {
        &self.plan
    }

    /// The number that a person must type: persons at a first delivery, else removals.
    #[must_use]
    pub fn to_confirm(&self) -> u64 {
        if self.facts.first_delivery { self.facts.persons } else { self.facts.removals }
    }

    /// What makes the plan stale at this moment, if anything: what [`HeldPlan::approve`] would
    /// refuse it for, to be told before a person is asked.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn moved(&self, today: &Today, at: jiff::Timestamp) -> Result<Option<Moved>, StateError> {
        let name = &self.plan.target;
        let target = self.room.ledger.read(|ledger| baselines::target(ledger, name))?;
        Ok(self.moved_since(&target, today, at))
    }

    /// Writes down a person's yes, if the plan is not stale and the stored bytes are still those
    /// that were planned. The bytes may then go out; the yes is there or not, never half.
    ///
    /// # Errors
    /// When the plan is stale (saying what moved), the number is wrong, a first delivery's
    /// receiver is neither empty nor adopted, the stored bytes have changed, or the ledger cannot
    /// be written. Nothing is written down then, but that the plan expired.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn approve(self, approval: Approval, today: &Today) -> Result<Cleared, StateError> {
        self.room.assert_locked();
        if self.plan.is_expired(approval.at) {
            self.expire()?;
            return Err(stale(&self.plan, Moved::Expired));
        }
        self.read_and_refuse(&approval, today)?;
        let documents = self.room.checked_payload(&self.plan.id, &self.plan.documents)?;
        if let Some(snapshot) = &self.plan.snapshot {
            dir::checked(self.room.plan_folder(&self.plan.id).join(&snapshot.name), snapshot)?;
        }
        self.room.pending_path(&self.plan)?;
        let plan = self.room.ledger.change(|ledger| {
            let mut plan = plans::plan(ledger, &self.plan.id)?;
            still_held(&plan)?;
            let target = baselines::target(ledger, &plan.target)?;
            self.refuse(&target, &approval, today)?;
            settle::note_news(ledger, &today.run, true)?;
            plan.state = PlanState::Cleared;
            plan.code = None;
            plan.sent_by = Some(today.run.clone());
            let (who, why) = (approval.who.clone(), approval.reason.clone());
            let at = approval.at;
            plan.approval = Some(approval);
            record::put(ledger, &plan)?;
            let about = About { who: Some(&who), why: Some(&why), ..About::plan(&plan) };
            decisions::add(ledger, "approved", at, about)?;
            Ok(plan)
        })?;
        Ok(Cleared::new(self.room, plan, documents))
    }

    fn read_and_refuse(&self, approval: &Approval, today: &Today) -> Result<(), StateError> {
        self.room.ledger.read(|ledger| {
            still_held(&plans::plan(ledger, &self.plan.id)?)?;
            let target = baselines::target(ledger, &self.plan.target)?;
            Ok(self.refuse(&target, approval, today)?)
        })
    }

    fn refuse(
        &self,
        target: &TargetRecord,
        approval: &Approval,
        today: &Today,
    ) -> Result<(), StateError> {
        let plan = self.plan.id.clone();
        if let Some(moved) = self.moved_since(target, today, approval.at) {
            return Err(StateError::Stale { plan, moved });
        }
        if approval.confirmed != self.to_confirm() {
            return Err(StateError::WrongNumber { plan, typed: approval.confirmed });
        }
        let adopted = target
            .baseline
            .candidates()
            .iter()
            .any(|told| told.adopted && Some(&told.plan) == self.facts.baseline.as_ref());
        if self.facts.first_delivery && !approval.receiver_empty && !adopted {
            return Err(StateError::FirstDelivery { plan });
        }
        Ok(())
    }

    fn moved_since(
        &self,
        target: &TargetRecord,
        today: &Today,
        at: jiff::Timestamp,
    ) -> Option<Moved> {
        if self.plan.is_expired(at) {
            return Some(Moved::Expired);
        }
        approval::moved(&self.plan, &self.facts, target, today)
    }

    fn expire(&self) -> Result<(), StateError> {
        self.room.ledger.change(|ledger| -> Result<(), Fault> {
            let mut plan = plans::plan(ledger, &self.plan.id)?;
            if plan.state == PlanState::Held {
                plan.state = PlanState::Expired;
                record::put(ledger, &plan)?;
            }
            Ok(())
        })
    }
}
