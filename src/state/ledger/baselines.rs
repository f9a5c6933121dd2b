//! What targets were last told: the pointer in the ledger and the files that it points to.

use jiff::Timestamp;
use rusqlite::Connection;

use super::Fault;
use super::record;
use crate::state::baseline::{BaselineRecord, Delivered, LastPublished, TargetRecord};
use crate::state::dir;
use crate::state::document::Document;
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

/// A target's entry, or the one it would have before anything happened.
pub(crate) fn target(connection: &Connection, name: &str) -> Result<TargetRecord, Fault> {
    Ok(record::get(connection, name)?.unwrap_or_else(|| TargetRecord::new(name)))
}

impl StateReader {
    /// What the target was last told.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn baseline(&self, name: &str) -> Result<BaselineRecord, StateError> {
        self.ledger().read(|ledger| Ok(target(ledger, name)?.baseline))
    }

    /// What was last certainly published to the target.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn last_published(&self, name: &str) -> Result<Option<LastPublished>, StateError> {
        self.ledger().read(|ledger| Ok(target(ledger, name)?.last))
    }

    /// The targets that have ever been told, or perhaps told, anything, by name.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn targets(&self) -> Result<Vec<String>, StateError> {
        let select = |ledger: &Connection| record::select(ledger, "ORDER BY id", []);
        let targets: Vec<TargetRecord> = self.ledger().read(select)?;
        Ok(targets.into_iter().map(|target| target.name).collect())
    }

    /// The snapshot of what was told, after checking that its bytes are those that were written.
    ///
    /// # Errors
    /// When it is gone, changed or unreadable: that is no first delivery.
    pub fn snapshot(&self, told: &Delivered) -> Result<Document, StateError> {
        let path = self.room().plan_folder(&told.plan).join(&told.snapshot.name);
        dir::checked(path, &told.snapshot)
    }

    /// The documents that were sent, after checking that their bytes are those that were written.
    ///
    /// # Errors
    /// When one is gone, changed or unreadable.
    pub fn payload(&self, told: &Delivered) -> Result<Vec<Document>, StateError> {
        self.room().checked_payload(&told.plan, &told.documents)
    }
}

impl StateDir {
    /// A run judged the target against its baseline and made no plan of it: the baseline's age
    /// counts from here.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn judged(&self, name: &str, at: Timestamp) -> Result<(), StateError> {
        self.room().assert_locked();
        self.ledger().change(|ledger| {
            let mut target = target(ledger, name)?;
            for candidate in target.baseline.candidates_mut() {
                candidate.judged_at = candidate.judged_at.max(at);
            }
            record::put(ledger, &target)
        })
    }
}
