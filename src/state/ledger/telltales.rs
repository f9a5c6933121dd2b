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

/// By the key of each person whom a group gives away, whether the person also counts when no
/// register has them.
type Persons = BTreeMap<String, bool>;

#[derive(Serialize, Deserialize)]
pub(crate) struct Telltale {
    /// The digest that stands for the group or guardian.
    id: String,
    /// Whom it gives away. For nobody's eyes.
    persons: Persons,
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
    /// The keys of the persons whom each group gives away, by the digest that stands for the group,
    /// and whether they also count when no register has them.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn telltales(&self) -> Result<BTreeMap<String, Persons>, StateError> {
        let all = self.ledger().read(|ledger| record::select::<Telltale>(ledger, "ORDER BY n", []));
        Ok(all?.into_iter().map(|telltale| (telltale.id, telltale.persons)).collect())
    }
}

impl StateDir {
    /// Remembers groups that give somebody away, beside those that are known.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn remember_telltales(
        &self,
        found: &BTreeMap<String, Persons>,
        at: Timestamp,
    ) -> Result<(), StateError> {
        self.room().assert_locked();
        let known = if found.is_empty() { BTreeMap::new() } else { self.telltales()? };
        let is_known = |(id, persons): &(&String, &Persons)| {
            let known = known.get(*id);
            known.is_some_and(|known| persons.iter().all(|(key, on)| known.get(key) == Some(on)))
        };
        let fresh: Vec<_> = found.iter().filter(|one| !is_known(one)).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        self.ledger().change(|ledger| {
            for (id, persons) in fresh {
                let mut all = known.get(id).cloned().unwrap_or_default();
                all.extend(persons.clone());
                record::put(ledger, &Telltale { id: id.clone(), persons: all, at })?;
            }
            Ok(())
        })
    }

    /// Notes which of them the registers had, and forgets the persons who were told again.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn keep_telltales(
        &self,
        there: &BTreeSet<String>,
        told_again: &BTreeSet<String>,
        at: Timestamp,
    ) -> Result<(), StateError> {
        self.room().assert_locked();
        if there.is_empty() && told_again.is_empty() {
            return Ok(());
        }
        self.ledger().change(|ledger| {
            for mut telltale in record::select::<Telltale>(ledger, "ORDER BY n", [])? {
                telltale.persons.retain(|person, _| !told_again.contains(person));
                if there.contains(&telltale.id) {
                    telltale.at = telltale.at.max(at);
                }
                if telltale.persons.is_empty() {
                    record::remove::<Telltale>(ledger, &telltale.id)?;
                } else {
                    record::put(ledger, &telltale)?;
                }
            }
            Ok(())
        })
    }
}

/// A withdrawal by hand was undone: from now on the person counts only while a register marks them.
pub(crate) fn undone(ledger: &Connection, person: &str) -> Result<(), Fault> {
    for mut telltale in record::select::<Telltale>(ledger, "ORDER BY n", [])? {
        let ours = telltale.persons.iter_mut().filter(|(key, _)| key.trim() == person.trim());
        if ours.fold(false, |_, (_, when_absent)| std::mem::take(when_absent)) {
            record::put(ledger, &telltale)?;
        }
    }
    Ok(())
}
