//! Where the kept decisions begin: at nothing, or after the last one that retention erased.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::record::{self, Record};

const ID: &str = "chain-start";

/// What the first kept decision follows on. Not in the ledger until retention erased one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Beginning {
    id: String,
    /// The hash of the last decision that was erased; empty when none was.
    pub(crate) after: String,
    /// How many persons were withdrawn by hand after it. Signed, so that a number that never added
    /// up stays wrong by as much when its decisions are erased.
    pub(crate) withdrawn: i64,
}

impl Record for Beginning {
    const TABLE: &'static str = "meta";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Beginning {
    /// Moves past a decision that is erased, which withdrew so many persons.
    pub(crate) fn move_past(&mut self, hash: &str, withdrew: i64) {
        hash.clone_into(&mut self.after);
        self.withdrawn += withdrew;
    }
}

/// Where the kept decisions begin.
pub(crate) fn read(ledger: &Connection) -> Result<Beginning, Fault> {
    let kept = record::get::<Beginning>(ledger, ID)?;
    Ok(kept.unwrap_or_else(|| Beginning { id: ID.into(), after: String::new(), withdrawn: 0 }))
}
