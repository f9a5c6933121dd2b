//! What a source delivered last, so that the same export is not taken for a new one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::{self, Record};
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

#[derive(Serialize, Deserialize)]
struct Mark {
    source: String,
    says: Value,
    at: Timestamp,
}

impl Record for Mark {
    const TABLE: &'static str = "mark";
    fn id(&self) -> &str {
        &self.source
    }
}

impl StateReader {
    /// The mark of the export that this source delivered last, as it was given.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn export_mark(&self, source: &str) -> Result<Option<Value>, StateError> {
        let mark = self.ledger().read(|ledger| record::get::<Mark>(ledger, source))?;
        Ok(mark.map(|mark| mark.says))
    }
}

impl StateDir {
    /// Remembers the export that this source delivered: times, sizes, digests.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_export_mark(
        &self,
        source: &str,
        says: Value,
        at: Timestamp,
    ) -> Result<(), StateError> {
        let mark = Mark { source: source.into(), says, at };
        self.ledger().change(|ledger| record::put(ledger, &mark))
    }
}
