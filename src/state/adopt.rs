//! A baseline that we did not send: a person says that the receiver holds this file.

use std::io::{self, Write};

use jiff::Timestamp;

use crate::state::baseline::{BaselineRecord, Delivered};
use crate::state::begun::{Begun, LOCAL_FILE};
use crate::state::digest::Digest;
use crate::state::error::StateError;
use crate::state::facts::ReceiverBinding;
use crate::state::ledger::decisions::{self, About};
use crate::state::ledger::{baselines, record};
use crate::state::plan_record::PlanState;
use crate::state::settle;

/// What is written down about a file that a person says the receiver holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdoptFacts {
    /// Who holds it.
    pub receiver: ReceiverBinding,
    /// How today's encoder would write it.
    pub format_digest: Digest,
    /// The snapshot's key rules.
    pub key_rules: String,
    /// Who says so.
    pub who: String,
}

impl Begun {
    /// Makes a file that a person says the receiver holds the target's baseline. Held plans of
    /// the target become stale by it.
    ///
    /// # Errors
    /// When a file or the ledger cannot be written; the plan is then recorded as failed.
    pub fn adopt(
        mut self,
        facts: AdoptFacts,
        write: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
        snapshot: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        at: Timestamp,
    ) -> Result<Delivered, StateError> {
        let written = self.write_files(&facts.receiver.files, write, snapshot);
        let adopted = written.and_then(|()| self.point_baseline(facts, at));
        if adopted.is_err() {
            self.discard(LOCAL_FILE);
        }
        adopted
    }

    fn point_baseline(
        &mut self,
        facts: AdoptFacts,
        at: Timestamp,
    ) -> Result<Delivered, StateError> {
        let AdoptFacts { receiver, format_digest, key_rules, who } = facts;
        let delivered = Delivered {
            plan: self.plan.id.clone(),
            receiver,
            format_digest,
            key_rules,
            snapshot: self.plan.snapshot.clone().expect("just written"),
            documents: self.plan.documents.clone(),
            delivered_at: at,
            judged_at: at,
            exported_at: None,
            export_digest: None,
            finals: Vec::new(),
            adopted: true,
        };
        self.plan.state = PlanState::Adopted;
        self.room.ledger.change(|ledger| {
            let mut target = baselines::target(ledger, &self.plan.target)?;
            // The person has said what the receiver holds: outcomes that were open are settled.
            settle::supersede_unsettled(ledger, &self.plan.target, None)?;
            target.baseline = BaselineRecord::Delivered(delivered.clone());
            record::put(ledger, &target)?;
            record::put(ledger, &self.plan)?;
            let about = About { who: Some(&who), ..About::plan(&self.plan) };
            decisions::add(ledger, "adopted", at, about)
        })?;
        Ok(delivered)
    }
}
