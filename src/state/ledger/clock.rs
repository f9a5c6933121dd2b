//! The last time that was believed: what tonight's clock is held against.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::{self, Record};
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

/// Runs at a time that was set (`--as-of`) and runs by the machine's clock know nothing of each
/// other's time.
#[derive(Serialize, Deserialize)]
struct Clock {
    id: String,
    at: Timestamp,
}

impl Record for Clock {
    const TABLE: &'static str = "meta";
    fn id(&self) -> &str {
        &self.id
    }
}

fn id(replay: bool) -> &'static str {
    if replay { "clock-replay" } else { "clock" }
}

impl StateReader {
    /// When the last run started whose clock was believed: of those at a set time (`replay`), or
    /// of those by the machine's. `None` before the first, and in ledgers of older programs.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn clock(&self, replay: bool) -> Result<Option<Timestamp>, StateError> {
        let clock = self.ledger().read(|ledger| record::get::<Clock>(ledger, id(replay)))?;
        Ok(clock.map(|clock| clock.at))
    }
}

impl StateDir {
    /// Notes a time that is believed, from here on whatever stood there before.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn believe_clock(&self, replay: bool, at: Timestamp) -> Result<(), StateError> {
        let clock = Clock { id: id(replay).to_owned(), at };
        self.ledger().change(|ledger| record::put(ledger, &clock))
    }
}
