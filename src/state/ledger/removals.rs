//! What deliveries removed: marks of persons, groups and schools, and courses that are archived.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::record::{self, Record};
use crate::state::StateReader;
use crate::state::error::StateError;
use crate::state::ids::PlanId;
use crate::state::pending::Told;
use crate::state::plan_record::PlanRecord;

/// A mark: a delivery removed this at a target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Removal {
    id: String,
    /// Where.
    pub target: String,
    /// `person`, `group` or `school`.
    pub kind: String,
    /// Its key. A person's is for nobody's eyes.
    pub key: String,
    /// When the delivery was published.
    pub at: Timestamp,
    /// The plan that was delivered.
    pub plan: PlanId,
    /// Why: `register`, a window's name, `grace`, `configuration`, `archived` …
    pub why: String,
}

impl Record for Removal {
    const TABLE: &'static str = "removal";
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Serialize, Deserialize)]
struct Archived {
    id: String,
    target: String,
    key: String,
    at: Timestamp,
    plan: PlanId,
}

impl Record for Archived {
    const TABLE: &'static str = "archived";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Writes down what a delivered plan removed, in the change that writes down its delivery.
pub(crate) fn add(
    ledger: &Connection,
    plan: &PlanRecord,
    told: Vec<Told>,
    at: Timestamp,
) -> Result<(), Fault> {
    for told in told {
        match told {
            Told::Gone { kind, why, key } => {
                let (plan, target) = (plan.id.clone(), plan.target.clone());
                let id = format!("{plan} {kind} {key}");
                record::put(ledger, &Removal { id, target, kind, key, at, plan, why })?;
            }
            Told::Archived { key } => {
                let (plan, target) = (plan.id.clone(), plan.target.clone());
                let id = format!("{target} {key}");
                record::put(ledger, &Archived { id, target, key, at, plan })?;
            }
        }
    }
    Ok(())
}

impl StateReader {
    /// Every mark of this key, at all targets, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn removals(&self, key: &str) -> Result<Vec<Removal>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "WHERE key = ?1 ORDER BY n", [key]))
    }

    /// Keys of the groups that are archived at a target.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn archived(&self, target: &str) -> Result<BTreeSet<String>, StateError> {
        let tail = "WHERE target = ?1 ORDER BY n";
        let rows =
            self.ledger().read(|ledger| record::select::<Archived>(ledger, tail, [target]))?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }
}
