//! Persons withdrawn by hand: kept out of every file until that is undone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::decisions::{self, About};
use super::record::{self, Record};
use super::telltales;
use crate::pipeline::by_hand::{ByHand, Traits};
use crate::state::error::StateError;
use crate::state::ids::RunId;
use crate::state::{StateDir, StateReader};

/// One person who was withdrawn by hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The person's key. For nobody's eyes: never in a message, mail or error.
    pub key: String,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Who asked.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What they are known by beside the key. Older programs wrote none.
    #[serde(default, skip_serializing_if = "Traits::is_empty")]
    pub known_by: Traits,
}

impl Record for Withdrawn {
    const TABLE: &'static str = "withdrawn";
    fn id(&self) -> &str {
        &self.key
    }
}

/// How many persons are withdrawn now.
pub(crate) fn count(ledger: &Connection) -> Result<i64, Fault> {
    Ok(ledger.query_row("SELECT count(*) FROM withdrawn", [], |row| row.get(0))?)
}

impl StateReader {
    /// Everybody who is withdrawn now, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn withdrawn(&self) -> Result<Vec<Withdrawn>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "ORDER BY n", []))
    }

    /// The same, with what they are known by.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn by_hand(&self) -> Result<ByHand, StateError> {
        let all = self.withdrawn()?.into_iter();
        let persons = all.map(|person| (person.key, person.known_by)).collect();
        Ok(ByHand { persons, salt: self.installation()? })
    }
}

impl StateDir {
    /// Withdraws a person: from now on no plan of ours has them. `false` when they were withdrawn
    /// already; who asked first then stands.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held: a run must not be between reading and sending.
    pub fn withdraw(&self, person: &Withdrawn, run: &RunId) -> Result<bool, StateError> {
        self.room().assert_locked();
        self.ledger().change(|ledger| {
            let new = record::add(ledger, person)?;
            let about = about(run, &person.who, &person.reason);
            // Asked again, it takes out nobody more; `verify_chain` adds these numbers up.
            let removed = u64::from(new);
            decisions::add(ledger, "withdrawn", person.at, About { removed, ..about })?;
            Ok(new)
        })
    }

    /// Adds what the registers say of whoever is withdrawn to what they are known by.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn know_again(&self, seen: &BTreeMap<String, Traits>) -> Result<(), StateError> {
        let fresh: Vec<Withdrawn> = self
            .withdrawn()?
            .into_iter()
            .filter_map(|person| {
                let mut known_by = person.known_by.clone();
                known_by.add(seen.get(&person.key)?);
                (known_by != person.known_by).then_some(Withdrawn { known_by, ..person })
            })
            .collect();
        if fresh.is_empty() {
            return Ok(());
        }
        self.ledger()
            .change(|ledger| fresh.iter().try_for_each(|person| record::put(ledger, person)))
    }

    /// Undoes a withdrawal and erases its key and what else they are known by: the next run tells what the registers say. `false`
    /// when there was none.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn undo_withdrawal(
        &self,
        key: &str,
        who: &str,
        reason: &str,
        run: &RunId,
        at: Timestamp,
    ) -> Result<bool, StateError> {
        self.room().assert_locked();
        self.ledger().change(|ledger| {
            let Some(person) = record::get::<Withdrawn>(ledger, key)? else { return Ok(false) };
            record::remove::<Withdrawn>(ledger, key)?;
            let keys = person.known_by.keys.iter().chain([&person.key]);
            keys.into_iter().try_for_each(|key| telltales::undone(ledger, key))?;
            decisions::add(ledger, "undone", at, about(run, who, reason))?;
            Ok(true)
        })
    }
}

fn about<'a>(run: &'a RunId, who: &'a str, why: &'a str) -> About<'a> {
    About { run: Some(run), who: Some(who), why: Some(why), ..About::default() }
}
