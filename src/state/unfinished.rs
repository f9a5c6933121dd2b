//! What a crash or a lost answer left open, and how it is settled.

use std::sync::Arc;

use jiff::Timestamp;

use crate::roster::code::Code;
use crate::state::approval::{self, Moved, Today};
use crate::state::baseline::TargetRecord;
use crate::state::cleared::{Cleared, Receipt};
use crate::state::dir::Room;
use crate::state::document::Document;
use crate::state::error::StateError;
use crate::state::ids::PlanId;
use crate::state::ledger::runs::RunRecord;
use crate::state::ledger::{Fault, baselines, plans, record};
use crate::state::plan_record::PlanRecord;
use crate::state::{StateDir, settle};

/// A plan on its way out whose end is not written down.
#[must_use = "what is unfinished is settled before anything else is sent"]
pub struct Unfinished {
    room: Arc<Room>,
    plan: PlanRecord,
}

impl StateDir {
    /// The target's unfinished plans, oldest first. Under the lock, no process is at work on them.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn unfinished(&self, target: &str) -> Result<Vec<Unfinished>, StateError> {
        self.room().assert_locked();
        let plans = self.unfinished_plans(target)?;
        Ok(plans.into_iter().map(|plan| Unfinished { room: self.room().clone(), plan }).collect())
    }
}

impl Unfinished {
    /// The plan's entry: its `state` is the last step noted, `maybe_published` says whether
    /// `Publishing` ever was.
    #[must_use]
    pub fn record(&self) -> &PlanRecord {
        &self.plan
    }

    /// The plan's id.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.plan.id
    }

    /// The stored documents, to compare with what is at the receiver.
    ///
    /// # Errors
    /// When one is gone or changed.
    pub fn documents(&self) -> Result<Vec<Document>, StateError> {
        self.room.checked_payload(&self.plan.id, &self.plan.documents)
    }

    /// It was published, and that is certain now.
    ///
    /// # Errors
    /// When publishing was never noted, the plan's `pending.txt` has changed, or the ledger cannot
    /// be written.
    pub fn settle_published(self, receipt: Receipt) -> Result<RunRecord, StateError> {
        let gone = self.room.told_by(&self.plan.id)?;
        self.room.ledger.change(|ledger| settle::accept(ledger, &self.plan.id, receipt, gone))
    }

    /// It was not published, and that is certain now. An approved plan is held again, the others
    /// have failed.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn settle_not_published(self, code: Code, at: Timestamp) -> Result<PlanRecord, StateError> {
        self.room.ledger.change(|ledger| settle::not_published(ledger, &self.plan.id, code.0, at))
    }

    /// Whether it was published cannot be found out now either.
    ///
    /// # Errors
    /// When publishing was never noted, or the ledger cannot be written.
    pub fn stay_unknown(self, code: Code, at: Timestamp) -> Result<RunRecord, StateError> {
        self.room.ledger.change(|ledger| settle::unknown(ledger, &self.plan.id, code.0, at))
    }

    /// Takes up the delivery again, with the same stored bytes.
    ///
    /// # Errors
    /// When its time is up, that would put an older file over a newer one, something that the plan
    /// was judged by has moved, the stored bytes have changed, or the ledger cannot be written.
    /// Nothing is written down then.
    pub fn resume(self, today: &Today, at: Timestamp) -> Result<Cleared, StateError> {
        let documents = self.documents()?;
        self.room.pending_path(&self.plan)?;
        let plan = self.room.ledger.change(|ledger| {
            let mut plan = plans::plan(ledger, &self.plan.id)?;
            let target = baselines::target(ledger, &plan.target)?;
            refuse(&plan, &target, today, at)?;
            settle::note_news(ledger, &today.run, true)?;
            plan.sent_by = Some(today.run.clone());
            record::put(ledger, &plan)?;
            Ok(plan)
        })?;
        Ok(Cleared::new(self.room, plan, documents))
    }
}

fn refuse(
    plan: &PlanRecord,
    target: &TargetRecord,
    today: &Today,
    at: Timestamp,
) -> Result<(), Fault> {
    let id = plan.id.clone();
    let Some(facts) = plan.facts.as_ref().filter(|_| plan.state.is_unfinished()) else {
        return Err(settle::out_of_order(plan, "resuming").into());
    };
    if let Some(last) = &target.last
        && (facts.exported_at < last.exported_at || plan.begun_at < last.begun_at)
    {
        return Err(StateError::WouldRollBack { plan: id, published: last.plan.clone() }.into());
    }
    let expired = plan.is_expired(at).then_some(Moved::Expired);
    match expired.or_else(|| approval::moved(plan, facts, target, today)) {
        Some(moved) => Err(StateError::Stale { plan: id, moved }.into()),
        None => Ok(()),
    }
}
