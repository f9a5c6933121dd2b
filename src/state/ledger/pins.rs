//! Host keys that a person vouched for with `trust`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::decisions::{self, About};
use super::record::{self, Record};
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

/// A host key that a person vouched for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pin {
    id: String,
    /// The target whose server it is.
    pub target: String,
    /// `SHA256:` and base64, as ssh-keygen shows it.
    pub fingerprint: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl Record for Pin {
    const TABLE: &'static str = "pin";
    fn id(&self) -> &str {
        &self.id
    }
}

impl StateReader {
    /// A target's pins, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn pins(&self, target: &str) -> Result<Vec<Pin>, StateError> {
        self.ledger()
            .read(|ledger| record::select(ledger, "WHERE target = ?1 ORDER BY n", [target]))
    }
}

impl StateDir {
    /// Adds a pin; one that is already there keeps who gave it first. Says whether it is new.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn add_pin(
        &self,
        target: &str,
        fingerprint: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<bool, StateError> {
        let pin = Pin {
            id: format!("{target} {fingerprint}"),
            target: target.into(),
            fingerprint: fingerprint.into(),
            who: who.into(),
            at,
        };
        self.ledger().change(|ledger| {
            let new = record::add(ledger, &pin)?;
            if new {
                let (who, why) = (Some(who), Some(fingerprint));
                let about = About { target: Some(target), who, why, ..About::default() };
                decisions::add(ledger, "trusted", at, about)?;
            }
            Ok(new)
        })
    }
}
