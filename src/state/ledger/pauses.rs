//! A pause: until when removals wait, however the registers look.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::decisions::{self, About};
use super::record::{self, Record};
use crate::state::error::StateError;
use crate::state::{StateDir, StateReader};

const ONLY: &str = "pause";

/// A pause that a person asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pause {
    /// The last day of it, in the site's zone.
    pub until: Date,
    /// Why, in their words.
    pub reason: String,
    /// Who.
    pub who: String,
    /// When they asked.
    pub at: Timestamp,
}

impl Pause {
    /// Does it hold on this day?
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.until
    }
}

impl Record for Pause {
    const TABLE: &'static str = "pause";
    fn id(&self) -> &str {
        ONLY
    }
}

impl StateReader {
    /// The pause that was asked for last and not ended by hand. One whose last day has passed is
    /// still given: see [`Pause::holds`].
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn pause(&self) -> Result<Option<Pause>, StateError> {
        self.ledger().read(|ledger| record::get(ledger, ONLY))
    }
}

impl StateDir {
    /// Writes down a pause. No lock is needed: it must be possible while a run is at work.
    ///
    /// # Errors
    /// [`StateError::AlreadyPaused`] when one holds on `today`; when the ledger cannot be written.
    pub fn begin_pause(&self, pause: &Pause, today: Date) -> Result<(), StateError> {
        self.ledger().change(|ledger| {
            let earlier: Option<Pause> = record::get(ledger, ONLY)?;
            if let Some(earlier) = earlier.filter(|earlier| earlier.holds(today)) {
                return Err(StateError::AlreadyPaused { until: earlier.until }.into());
            }
            let why = format!("{}: {}", pause.until, pause.reason);
            let about = About { who: Some(&pause.who), why: Some(&why), ..About::default() };
            record::put(ledger, pause)?;
            decisions::add(ledger, "paused", pause.at, about)
        })
    }

    /// Ends the pause before its time, and gives it.
    ///
    /// # Errors
    /// [`StateError::NotPaused`] when none holds on `today`; when the ledger cannot be written.
    pub fn resume(&self, who: &str, at: Timestamp, today: Date) -> Result<Pause, StateError> {
        self.ledger().change(|ledger| {
            let pause: Option<Pause> = record::get(ledger, ONLY)?;
            let Some(pause) = pause.filter(|pause| pause.holds(today)) else {
                return Err(StateError::NotPaused.into());
            };
            record::remove::<Pause>(ledger, ONLY)?;
            decisions::add(ledger, "resumed", at, About { who: Some(who), ..About::default() })?;
            Ok(pause)
        })
    }
}
