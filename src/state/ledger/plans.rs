//! Plans: one target's part of a run.

use jiff::Timestamp;
use rusqlite::Connection;

use super::Fault;
use super::record;
use crate::state::StateReader;
use crate::state::document::Document;
use crate::state::error::StateError;
use crate::state::ids::{PlanId, RunId};
use crate::state::plan_record::PlanRecord;

const UNFINISHED: &str =
    "state IN ('cleared', 'uploading', 'uploaded', 'publishing', 'published', 'unknown')";

/// The plan with this id, which some other entry names.
pub(crate) fn plan(connection: &Connection, id: &PlanId) -> Result<PlanRecord, Fault> {
    record::get(connection, id.as_str())?
        .ok_or_else(|| Fault::Broken(format!("plan {id} is not there")))
}

/// A target's plans with one of these states, oldest first.
pub(crate) fn of_target(
    connection: &Connection,
    target: &str,
    states: &str,
) -> Result<Vec<PlanRecord>, Fault> {
    record::select(connection, &format!("WHERE target = ?1 AND {states} ORDER BY n"), [target])
}

/// A target's plans on their way out whose end is not written down, oldest first.
pub(crate) fn unfinished(connection: &Connection, target: &str) -> Result<Vec<PlanRecord>, Fault> {
    of_target(connection, target, UNFINISHED)
}

impl StateReader {
    /// The plan that a person means: its id or an unambiguous start of it, in any case, with or
    /// without `P-`.
    ///
    /// # Errors
    /// When there is none, or several; when the ledger cannot be read or is damaged.
    pub fn find_plan(&self, typed: &str) -> Result<PlanRecord, StateError> {
        let none = || StateError::NoSuchPlan { typed: typed.into() };
        let prefix = PlanId::prefix(typed).ok_or_else(none)?;
        let mut found: Vec<PlanRecord> = self.ledger().read(|ledger| {
            record::select(ledger, "WHERE id GLOB ?1 || '*' ORDER BY n", [prefix])
        })?;
        match found.len() {
            0 | 1 => found.pop().ok_or_else(none),
            count => Err(StateError::Ambiguous { typed: typed.into(), count }),
        }
    }

    /// The target's newest plan, whatever became of it.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn latest_plan(&self, target: &str) -> Result<Option<PlanRecord>, StateError> {
        self.ledger().read(|ledger| {
            let tail = "WHERE target = ?1 AND state <> 'adopted' ORDER BY n DESC LIMIT 1";
            Ok(record::select(ledger, tail, [target])?.pop())
        })
    }

    /// The stored documents of the plans that were on their way to the target since the last that
    /// arrived: of each, some files may have. Those that are gone or changed are left out.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn tried(&self, target: &str) -> Result<Vec<Document>, StateError> {
        let tail = "WHERE target = ?1 AND record ->> '$.sent_by' IS NOT NULL ORDER BY n DESC";
        let sent: Vec<PlanRecord> =
            self.ledger().read(|ledger| record::select(ledger, tail, [target]))?;
        let tried = sent.iter().take_while(|plan| plan.receipt.is_none());
        let stored =
            tried.filter_map(|plan| self.room().checked_payload(&plan.id, &plan.documents).ok());
        Ok(stored.flatten().collect())
    }

    /// The target's plans that were delivered at this moment or later, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn delivered_since(
        &self,
        target: &str,
        since: Timestamp,
    ) -> Result<Vec<PlanRecord>, StateError> {
        let tail = "WHERE target = ?1 AND state = 'delivered' \
            AND unixepoch(record ->> '$.delivered_at') >= ?2 ORDER BY n";
        let found = |ledger: &Connection| record::select(ledger, tail, (target, since.as_second()));
        self.ledger().read(found)
    }

    /// Every plan of the target that history keeps, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn plans_of_target(&self, target: &str) -> Result<Vec<PlanRecord>, StateError> {
        self.ledger()
            .read(|ledger| record::select(ledger, "WHERE target = ?1 ORDER BY n", [target]))
    }

    /// The plans of other targets that arrived, may have arrived or were taken over in a later run
    /// than that which sent, made or took over this plan, or in any; the last one first. By the
    /// order of runs, since one lock is held by one run at a time: clocks may have gone wrong.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn others_since(
        &self,
        target: &str,
        plan: Option<&PlanId>,
    ) -> Result<Vec<PlanRecord>, StateError> {
        let own = "SELECT max(run.n) FROM run JOIN plan own \
            ON run.id IN (own.run, own.sent_by) WHERE own.id = ?2";
        let later = format!("SELECT id FROM run WHERE n > coalesce(({own}), 0)");
        let tail = format!(
            "WHERE (run IN ({later}) OR sent_by IN ({later})) AND target <> ?1 \
             AND (state IN ('delivered', 'adopted') OR {UNFINISHED}) \
             ORDER BY (SELECT max(run.n) FROM run WHERE run.id IN (plan.run, plan.sent_by)) DESC, \
             n DESC"
        );
        let values = (target, plan.map(PlanId::as_str));
        let others: Vec<PlanRecord> =
            self.ledger().read(|ledger| record::select(ledger, &tail, values))?;
        let arrived = |plan: &PlanRecord| !plan.state.is_unfinished() || plan.maybe_published;
        Ok(others.into_iter().filter(arrived).collect())
    }

    /// The plans that a run made, or set out to deliver, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn plans_of_run(&self, run: &RunId) -> Result<Vec<PlanRecord>, StateError> {
        let tail = "WHERE run = ?1 OR sent_by = ?1 ORDER BY n";
        self.ledger().read(|ledger| record::select(ledger, tail, [run.as_str()]))
    }

    /// Plans that wait for a person, of every target, oldest first; some may have expired by now.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn held_plans(&self) -> Result<Vec<PlanRecord>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "WHERE state = 'held' ORDER BY n", []))
    }

    /// The target's plans on their way out whose end is not written down, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn unfinished_plans(&self, target: &str) -> Result<Vec<PlanRecord>, StateError> {
        self.ledger().read(|ledger| unfinished(ledger, target))
    }
}
