//! Runs: starts of the program.

use jiff::{Timestamp, Zoned};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::decisions;
use super::record::{self, Record};
use crate::state::digest::Digest;
use crate::state::error::StateError;
use crate::state::ids::RunId;
use crate::state::{StateDir, StateReader};

/// What is known when a run starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunStart {
    /// What started it: `timer`, `manual`, `approve` …
    pub trigger: String,
    /// The program's version.
    pub version: String,
    /// Digest of the configuration.
    pub config_digest: Digest,
    /// systemd's id of the service's start, where systemd started it.
    pub invocation: Option<String>,
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunEnd {
    /// When.
    pub at: Timestamp,
    /// The result in one word: `completed`, `held`, `failed` …
    pub result: String,
    /// The exit code.
    pub exit: u8,
}

/// The mail that tells of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// Nothing happened yet that must be told.
    None,
    /// Something happened, and its mail has not been made.
    Owed,
    /// The mail is in the outbox, or sent.
    Queued,
}

/// A run's entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// When it started.
    pub started_at: Timestamp,
    /// What started it.
    pub trigger: String,
    /// The program's version.
    pub version: String,
    /// Digest of the configuration.
    pub config_digest: Digest,
    /// How it ended; `None` while it runs, and for ever when it was killed.
    pub end: Option<RunEnd>,
    /// Its mail.
    pub mail: MailState,
    /// The hash of the last decision when its mail was made: the mail shows how it begins.
    #[serde(default)]
    pub receipt: Option<String>,
    /// systemd's id of the service's start, where systemd started it.
    #[serde(default)]
    pub invocation: Option<String>,
}

impl Record for RunRecord {
    const TABLE: &'static str = "run";
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// Reads a run, changes it, writes it back.
pub(crate) fn update(
    connection: &Connection,
    id: &RunId,
    change: impl FnOnce(&mut RunRecord),
) -> Result<RunRecord, Fault> {
    let Some(mut run) = record::get::<RunRecord>(connection, id.as_str())? else {
        return Err(StateError::NoSuchRun { run: id.to_string() }.into());
    };
    change(&mut run);
    record::put(connection, &run)?;
    Ok(run)
}

/// Notes that something happened in a run that a mail must tell.
pub(crate) fn owe_mail(connection: &Connection, id: &RunId) -> Result<RunRecord, Fault> {
    update(connection, id, |run| run.mail = MailState::Owed)
}

impl StateReader {
    /// The latest runs, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn recent_runs(&self, count: u32) -> Result<Vec<RunRecord>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "ORDER BY n DESC LIMIT ?1", [count]))
    }

    /// One run.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn run(&self, id: &RunId) -> Result<Option<RunRecord>, StateError> {
        self.ledger().read(|ledger| record::get(ledger, id.as_str()))
    }

    /// The run of one start of the service, by systemd's id of it.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn run_of_invocation(&self, invocation: &str) -> Result<Option<RunRecord>, StateError> {
        let of = "WHERE record ->> '$.invocation' = ?1 ORDER BY n DESC LIMIT 1";
        let found = self.ledger().read(|ledger| record::select(ledger, of, [invocation]))?;
        Ok(found.into_iter().next())
    }

    /// Runs without an end, oldest first. Under the lock, all but one's own were cut short.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn unfinished_runs(&self) -> Result<Vec<RunRecord>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "WHERE ended = 0 ORDER BY n", []))
    }

    /// Runs in which something happened that no mail has told yet, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn runs_owing_mail(&self) -> Result<Vec<RunRecord>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "WHERE mail = 'owed' ORDER BY n", []))
    }
}

impl StateDir {
    /// Writes down that a run has started.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn begin_run(&self, start: &RunStart, now: &Zoned) -> Result<RunRecord, StateError> {
        self.ledger().change(|ledger| {
            loop {
                let run = RunRecord {
                    id: RunId::draw(now),
                    started_at: now.timestamp(),
                    trigger: start.trigger.clone(),
                    version: start.version.clone(),
                    config_digest: start.config_digest,
                    end: None,
                    mail: MailState::None,
                    receipt: None,
                    invocation: start.invocation.clone(),
                };
                if record::add(ledger, &run)? {
                    return Ok(run);
                }
            }
        })
    }

    /// Writes down, and gives, the hash of the last decision, for the run's mail to show.
    ///
    /// # Errors
    /// When the run is unknown or the ledger cannot be written.
    pub fn note_receipt(&self, id: &RunId) -> Result<Option<String>, StateError> {
        self.ledger().change(|ledger| {
            let head = decisions::head(ledger)?;
            Ok(update(ledger, id, |run| run.receipt = head)?.receipt)
        })
    }

    /// Writes down how a run ended.
    ///
    /// # Errors
    /// When the run is unknown or the ledger cannot be written.
    pub fn finish_run(&self, id: &RunId, end: RunEnd) -> Result<RunRecord, StateError> {
        self.ledger().change(|ledger| update(ledger, id, |run| run.end = Some(end)))
    }
}
