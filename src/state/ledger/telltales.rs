//! Groups that gave a protected person away, and guardians who were only theirs, kept hidden when
//! the registers forget why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::record::{self, Record};
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

#[derive(Serialize, Deserialize)]
pub(crate) struct Telltale {
    /// The digest that stands for the group or guardian.
    id: String,
    /// Keys of the persons whom it gives away. For nobody's eyes.
    persons: BTreeSet<String>,
    /// When the registers had it last.
    at: Timestamp,
}

impl Record for Telltale {
    const TABLE: &'static str = "telltale";
    fn id(&self) -> &str {
        &self.id
    }
}

impl StateReader {
    /// The keys of the persons whom each group gives away, by the digest that stands for the group.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn telltales(&self) -> Result<BTreeMap<String, BTreeSet<String>>, StateError> {
        let all = self.ledger().read(|ledger| record::select::<Telltale>(ledger, "ORDER BY n", []));
        Ok(all?.into_iter().map(|telltale| (telltale.id, telltale.persons)).collect())
    }
}

impl StateDir {
    /// Remembers groups that give somebody away, beside those that are known.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn remember_telltales(
        &self,
        found: &BTreeMap<String, BTreeSet<String>>,
        at: Timestamp,
    ) -> Result<(), StateError> {
        if found.is_empty() {
            return Ok(());
        }
        self.ledger().change(|ledger| {
            for (id, persons) in found {
                let known = record::get::<Telltale>(ledger, id)?;
                let mut persons = persons.clone();
                persons.extend(known.into_iter().flat_map(|known| known.persons));
                record::put(ledger, &Telltale { id: id.clone(), persons, at })?;
            }
            Ok(())
        })
    }

    /// Notes which of them the registers had, and forgets the persons who are told again.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn keep_telltales(
        &self,
        there: &BTreeSet<String>,
        told_again: &BTreeSet<String>,
        at: Timestamp,
    ) -> Result<(), StateError> {
        if there.is_empty() && told_again.is_empty() {
            return Ok(());
        }
        self.ledger().change(|ledger| {
            told_again.iter().try_for_each(|person| forget(ledger, person))?;
            for id in there {
                if let Some(known) = record::get::<Telltale>(ledger, id)? {
                    record::put(ledger, &Telltale { at, ..known })?;
                }
            }
            Ok(())
        })
    }
}

/// A person is nobody to be hidden any more.
pub(crate) fn forget(ledger: &Connection, person: &str) -> Result<(), Fault> {
    for mut telltale in record::select::<Telltale>(ledger, "ORDER BY n", [])? {
        let before = telltale.persons.len();
        telltale.persons.retain(|key| key.trim() != person.trim());
        if telltale.persons.len() < before {
            if telltale.persons.is_empty() {
                record::remove::<Telltale>(ledger, &telltale.id)?;
            } else {
                record::put(ledger, &telltale)?;
            }
        }
    }
    Ok(())
}
