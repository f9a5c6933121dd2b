//! Mails on their way: kept until a mail server has taken them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::record::{self, Record};
use super::runs::{self, MailState};
use super::{Fault, Ledger};
use crate::state::error::StateError;
use crate::state::ids::RunId;
use crate::state::{StateDir, StateReader};

/// The first wait after a failed attempt; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// What fails after this is no longer tried: its news is old, and `status` still shows it.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A finished mail, to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMail {
    /// Its Message-ID: the same for the same news, so that a resend is the same mail.
    pub message_id: String,
    /// The run that it tells of.
    pub run: RunId,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's receivers.
    pub to: Vec<String>,
    /// The whole message, headers and body.
    pub message: String,
}

impl NewMail {
    fn due(self, now: Timestamp) -> Mail {
        let NewMail { message_id, run, from, to, message } = self;
        let (id, queued_at, next_at) = (message_id, now, now);
        let (attempts, last_error, sent_at) = (0, None, None);
        #[rustfmt::skip]
        let mail = Mail { id, run, from, to, message, queued_at, attempts, next_at, last_error, sent_at };
        mail
    }
}

/// A mail in the outbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mail {
    /// Its Message-ID.
    pub id: String,
    /// The run that it tells of.
    pub run: RunId,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's receivers.
    pub to: Vec<String>,
    /// The whole message.
    pub message: String,
    /// When it was made.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before.
    pub next_at: Timestamp,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When a server took it.
    pub sent_at: Option<Timestamp>,
}

impl Record for Mail {
    const TABLE: &'static str = "mail";
    fn id(&self) -> &str {
        &self.id
    }
}

impl Mail {
    fn is_due(&self, now: Timestamp) -> bool {
        // A wait longer than any we set: the clock was moved back.
        let wait = self.next_at.duration_since(now);
        !self.is_given_up() && (wait <= SignedDuration::ZERO || wait > LONGEST_WAIT)
    }

    /// Was it too old when it failed last? A machine that was off, or whose clock was wrong, has
    /// not tried yet.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.next_at.duration_since(self.queued_at) > GIVEN_UP_AFTER
    }

    fn failed(&mut self, error: &str, now: Timestamp) {
        let doubled = 1_i32 << self.attempts.min(10);
        self.attempts += 1;
        self.last_error = Some(error.into());
        self.next_at = now + (FIRST_WAIT * doubled).min(LONGEST_WAIT);
    }
}

fn update(ledger: &Ledger, id: &str, change: impl FnOnce(&mut Mail)) -> Result<(), StateError> {
    ledger.change(|ledger| {
        let found = record::get::<Mail>(ledger, id)?;
        let mut mail = found.ok_or_else(|| Fault::Broken("a queued mail is gone".into()))?;
        change(&mut mail);
        record::put(ledger, &mail)
    })
}

impl StateReader {
    /// Mails that no server has taken, oldest first, given up or not.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn waiting_mails(&self) -> Result<Vec<Mail>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "WHERE sent = 0 ORDER BY n", []))
    }

    /// Every mail that tells of a run and is kept, sent or waiting, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn mails_of_run(&self, run: &RunId) -> Result<Vec<Mail>, StateError> {
        let of = "WHERE record ->> '$.run' = ?1 ORDER BY n";
        self.ledger().read(|ledger| record::select(ledger, of, [run.as_str()]))
    }
}

impl StateDir {
    /// Puts a mail in the outbox, due at once. The same Message-ID twice is one mail. The run
    /// then no longer owes its mail.
    ///
    /// # Errors
    /// When the run is unknown or the ledger cannot be written.
    pub fn queue(&self, new: NewMail, now: Timestamp) -> Result<(), StateError> {
        let mail = new.due(now);
        self.ledger().change(|ledger| {
            runs::update(ledger, &mail.run, |run| run.mail = MailState::Queued)?;
            record::add(ledger, &mail).map(drop)
        })
    }

    /// Puts a mail in the outbox that tells of no run, because there was none; its own `run` is an
    /// id that no run has. Gives `false` where the same Message-ID was there: it is one mail.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn queue_alone(&self, new: NewMail, now: Timestamp) -> Result<bool, StateError> {
        let mail = new.due(now);
        self.ledger().change(|ledger| record::add(ledger, &mail))
    }

    /// Writes down that a run's news need no mail (`on = "on-problem"`).
    ///
    /// # Errors
    /// When the run is unknown or the ledger cannot be written.
    pub fn no_mail(&self, run: &RunId) -> Result<(), StateError> {
        self.ledger()
            .change(|ledger| runs::update(ledger, run, |run| run.mail = MailState::None).map(drop))
    }

    /// Mails to try now, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn due(&self, now: Timestamp) -> Result<Vec<Mail>, StateError> {
        let mut mails = self.waiting_mails()?;
        mails.retain(|mail| mail.is_due(now));
        Ok(mails)
    }

    /// Writes down that a server took the mail.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn sent(&self, id: &str, now: Timestamp) -> Result<(), StateError> {
        update(self.ledger(), id, |mail| {
            mail.attempts += 1;
            mail.last_error = None;
            mail.sent_at = Some(now);
        })
    }

    /// Writes down that an attempt failed; it waits five minutes, then ten … an hour at most.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn failed(&self, id: &str, error: &str, now: Timestamp) -> Result<(), StateError> {
        update(self.ledger(), id, |mail| mail.failed(error, now))
    }
}
