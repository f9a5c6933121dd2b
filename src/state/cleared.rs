//! A plan that may go out: the only thing that delivery takes.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::roster::code::Code;
use crate::state::baseline::FinalStat;
use crate::state::dir::Room;
use crate::state::document::Document;
use crate::state::error::StateError;
use crate::state::ids::PlanId;
use crate::state::ledger::runs::RunRecord;
use crate::state::ledger::{Fault, plans, record};
use crate::state::plan_record::{PlanRecord, PlanState};
use crate::state::settle;
use crate::state::step::Step;

/// A plan that passed the filter or was approved by a person, with the bytes that may go out.
#[must_use = "a plan that is cleared is delivered or abandoned"]
pub struct Cleared {
    room: Arc<Room>,
    plan: PlanRecord,
    documents: Vec<Document>,
}

/// Proof of delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// When the final names changed.
    pub published_at: Timestamp,
    /// How the final files looked just after, where that could be seen.
    pub finals: Vec<FinalStat>,
    /// What delivery has to say: how it was verified, picked up or assumed. No personal data.
    pub record: Value,
}

impl Cleared {
    pub(super) fn new(room: Arc<Room>, plan: PlanRecord, documents: Vec<Document>) -> Self {
        Self { room, plan, documents }
    }

    /// The plan's id.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.plan.id
    }

    /// The plan's entry, as it was when it was cleared.
    #[must_use]
    pub fn record(&self) -> &PlanRecord {
        &self.plan
    }

    /// The finished files, in publishing order.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What makes this plan's temporary names ours and its own, wherever they are found: the same
    /// again when the same bytes are sent again.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn temp_tag(&self) -> Result<String, StateError> {
        let reader = crate::state::StateReader { room: self.room.clone() };
        let plan = self.plan.id.as_str().trim_start_matches("P-").to_ascii_lowercase();
        Ok(reader.temp_prefix()? + &plan)
    }

    /// Notes a step on the disk; returns when it would survive a power cut.
    ///
    /// # Errors
    /// When the ledger cannot be written: the step must then not be taken. When it cannot follow
    /// the step before.
    pub fn note(&self, step: Step) -> Result<(), StateError> {
        self.room.ledger.change(|ledger| {
            let mut plan = plans::plan(ledger, &self.plan.id)?;
            take(&mut plan, step)?;
            record::put(ledger, &plan)
        })
    }

    /// Published: writes down receipt, baseline, export, what the plan removed, and owed mail, all
    /// or nothing.
    ///
    /// # Errors
    /// When publishing was never noted, the plan's `pending.txt` has changed, or the ledger cannot be written: the next run then finds
    /// the plan unfinished.
    pub fn accept(self, receipt: Receipt) -> Result<RunRecord, StateError> {
        let gone = self.room.told_by(&self.plan.id)?;
        self.room.ledger.change(|ledger| settle::accept(ledger, &self.plan.id, receipt, gone))
    }

    /// Publishing was begun and nobody could find out whether it happened: what was told before
    /// and this plan are both kept as possible baselines, until it is settled.
    ///
    /// # Errors
    /// When publishing was never noted, or the ledger cannot be written.
    pub fn unknown(self, code: Code, at: Timestamp) -> Result<RunRecord, StateError> {
        self.room.ledger.change(|ledger| settle::unknown(ledger, &self.plan.id, code.0, at))
    }

    /// Nothing was published, and that is certain. An approved plan is held again, the others
    /// have failed; the entry says which.
    ///
    /// # Errors
    /// When the ledger cannot be written. When the plan was resumed and may have been published
    /// before: a new attempt that came to nothing does not say what became of the first.
    pub fn abandon(self, code: Code, at: Timestamp) -> Result<PlanRecord, StateError> {
        if self.plan.maybe_published {
            return Err(settle::out_of_order(&self.plan, "abandoning"));
        }
        self.room.ledger.change(|ledger| settle::not_published(ledger, &self.plan.id, code.0, at))
    }
}

fn take(plan: &mut PlanRecord, step: Step) -> Result<(), Fault> {
    use PlanState::{Published, Publishing, Uploaded, Uploading};
    // Uploading anew is allowed at any time: retries, and the same bytes after a lost answer.
    let (word, fits) = match &step {
        Step::Uploading { .. } => ("uploading", plan.state.is_unfinished()),
        Step::Uploaded { .. } => ("uploaded", plan.state == Uploading),
        Step::Publishing => ("publishing", plan.state.is_unfinished()),
        Step::Published => ("published", plan.state == Publishing),
    };
    if !fits {
        return Err(settle::out_of_order(plan, word).into());
    }
    match step {
        Step::Uploading { temps } => {
            plan.temps = temps;
            plan.temp_mtimes.clear();
            plan.state = Uploading;
        }
        Step::Uploaded { temp_mtimes } => {
            plan.temp_mtimes = temp_mtimes;
            plan.state = Uploaded;
        }
        Step::Publishing => {
            plan.maybe_published = true;
            plan.state = Publishing;
        }
        Step::Published => plan.state = Published,
    }
    Ok(())
}
