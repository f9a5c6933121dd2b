//! A delivery with its tries: what is tried again, after what wait, and what never is.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::error::{Class, DeliveryError};
use super::pieces::Tag;
use super::publish::{left, publish};
use super::receipt::{How, Journal, Progress, Receipt, Settled, Step, TempNote, Verified};
use super::remote::Remote;
use super::settings::{Deliver, Fingerprint, Verify};
use super::settle::settle;
use super::{Credentials, connect_until};
use crate::state::document::Document;

/// What is to be delivered, and where.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    /// The way to the receiver.
    pub deliver: &'a Deliver,
    /// The files.
    pub documents: &'a [Document],
    /// Whose temporary files they are on the way.
    pub tag: &'a Tag,
}

/// Delivers: connects, uploads, verifies, publishes; tries again what may be tried again.
///
/// `sleep` is called with each wait before a further try. The total time does not count waits.
///
/// # Errors
/// The last error, when no further try is left or allowed. [`DeliveryError::Unknown`] when
/// publishing had begun and its outcome could not be settled.
pub fn deliver(
    errand: Errand<'_>,
    pins: &[Fingerprint],
    credentials: &Credentials,
    sleep: &mut dyn FnMut(Duration),
    journal: &mut Journal<'_>,
    progress: &mut Progress<'_>,
) -> Result<Receipt, DeliveryError> {
    let mut connect = |deadline| connect_until(errand.deliver, pins, credentials, deadline);
    deliver_over(errand, &mut connect, sleep, journal, progress)
}

/// [`deliver`] over connections of the caller's making. `connect` is told when time is up.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_over(
    errand: Errand<'_>,
    connect: &mut dyn FnMut(Instant) -> Result<Box<dyn Remote>, DeliveryError>,
    sleep: &mut dyn FnMut(Duration),
    journal: &mut Journal<'_>,
    progress: &mut Progress<'_>,
) -> Result<Receipt, DeliveryError> {
    let mut tries = Tries::new(errand.deliver.retry_waits(), &format!("{:?}", errand.tag));
    let mut deadline = Instant::now() + errand.deliver.total_timeout();
    let mut doubt = Doubt::default();
    loop {
        let attempt = connect(deadline)
            .and_then(|mut remote| attempt(remote.as_mut(), errand, &mut doubt, journal, progress));
        let error = match attempt {
            Ok(receipt) => return Ok(receipt),
            Err(error) => error,
        };
        let Some(wait) = tries.next(&error) else { return Err(doubt.colour(error)) };
        sleep(wait);
        deadline += wait;
    }
}

/// Asks a receiver something that changes nothing there, on connections that are tried as often
/// as a delivery's: one that is lost is no answer.
///
/// # Errors
/// The last error, when no further try is left or allowed.
pub fn ask<T>(
    deliver: &Deliver,
    pins: &[Fingerprint],
    credentials: &Credentials,
    sleep: &mut dyn FnMut(Duration),
    question: &mut dyn FnMut(&mut dyn Remote) -> Result<T, DeliveryError>,
) -> Result<T, DeliveryError> {
    let mut tries = Tries::new(deliver.retry_waits(), &format!("{:?}", deliver.receiver()));
    let mut deadline = Instant::now() + deliver.total_timeout();
    loop {
        let answer = connect_until(deliver, pins, credentials, deadline)
            .and_then(|mut remote| question(remote.as_mut()));
        let error = match answer {
            Err(error) if error.class() == Class::Transient => error,
            done => return done,
        };
        let Some(wait) = tries.next(&error) else { return Err(error) };
        sleep(wait);
        deadline += wait;
    }
}

/// Whether something may have been published that we do not know of.
#[derive(Default)]
struct Doubt {
    open: bool,
    noted: Vec<TempNote>,
    /// The same bytes have been sent once more without knowing; once is all.
    resent: bool,
}

impl Doubt {
    /// While the outcome is open, that is what the caller must hear, whatever came last.
    fn colour(&self, error: DeliveryError) -> DeliveryError {
        match error {
            error if self.open && error.class() != Class::Unknown => {
                DeliveryError::Unknown { source: Box::new(error) }
            }
            error => error,
        }
    }
}

fn attempt(
    remote: &mut dyn Remote,
    errand: Errand<'_>,
    doubt: &mut Doubt,
    journal: &mut Journal<'_>,
    progress: &mut Progress<'_>,
) -> Result<Receipt, DeliveryError> {
    if doubt.open
        && let Some(receipt) = resolve(remote, errand, doubt, journal)?
    {
        return Ok(receipt);
    }
    let mut hear = |step: Step| {
        if let Step::Uploaded { temps } = &step {
            doubt.noted.clone_from(temps);
        }
        journal(step)
    };
    let Errand { deliver, documents, tag } = errand;
    let outcome = publish(remote, deliver, documents, tag, &mut hear, progress);
    doubt.open |= matches!(outcome, Err(DeliveryError::Unknown { .. }));
    outcome
}

/// Finds out what became of the last try: a receipt if it was published after all.
fn resolve(
    remote: &mut dyn Remote,
    errand: Errand<'_>,
    doubt: &mut Doubt,
    journal: &mut Journal<'_>,
) -> Result<Option<Receipt>, DeliveryError> {
    let Errand { deliver, documents, tag } = errand;
    match settle(remote, deliver, documents, tag, &doubt.noted, None)? {
        Settled::Published(how) => {
            journal(Step::Published { how })?;
            return Ok(Some(settled(errand, &doubt.noted, how)));
        }
        Settled::NotPublished { .. } => {
            journal(Step::NotPublished)?;
            doubt.open = false;
        }
        Settled::Unknowable if doubt.resent => {
            let fault = "the receiver does not let us see what was published".to_owned();
            let host = deliver.receiver().host;
            let source = Box::new(DeliveryError::Protocol { host, fault });
            return Err(DeliveryError::Unknown { source });
        }
        Settled::Unknowable => doubt.resent = true,
    }
    Ok(None)
}

/// The receipt of a publishing that was settled later.
fn settled(errand: Errand<'_>, noted: &[TempNote], how: How) -> Receipt {
    let pieces = errand.deliver.pieces(errand.documents, errand.tag);
    let documents = pieces.iter().filter(|piece| !piece.is_marker());
    let mtime = |temp: &str| noted.iter().find(|n| n.path == temp).and_then(|n| n.mtime);
    let files: Vec<_> = documents.map(|piece| left(piece, mtime(&piece.temp))).collect();
    let verified = match (errand.deliver, errand.deliver.verify()) {
        (Deliver::Folder(_), _) => Verified::Folder,
        (_, Verify::ReadBack) => Verified::ReadBack,
        (_, Verify::Size) => Verified::Size,
    };
    Receipt { how, verified, bytes: files.iter().map(|f| f.size).sum(), files }
}

/// The tries that are left.
struct Tries {
    waits: std::vec::IntoIter<Duration>,
    fresh_connection: bool,
    /// Of 256: how much longer each wait is here, so that not all towns knock at once.
    jitter: u32,
}

impl Tries {
    fn new(waits: Vec<Duration>, seed: &str) -> Tries {
        let jitter = u32::from(Sha256::digest(seed)[0]);
        Tries { waits: waits.into_iter(), fresh_connection: true, jitter }
    }

    /// The wait before the next try, or `None` when there is none.
    fn next(&mut self, error: &DeliveryError) -> Option<Duration> {
        match error.class() {
            Class::Transient | Class::Unknown => {
                // Up to an eighth longer.
                self.waits.next().map(|wait| wait + wait * self.jitter / 2048)
            }
            Class::Protocol if self.fresh_connection => {
                self.fresh_connection = false;
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries() -> Tries {
        let waits = [2, 5, 10].map(|m| Duration::from_secs(m * 60)).into();
        Tries::new(waits, "a plan")
    }

    #[test]
    fn a_silent_server_gets_four_tries_and_a_refusal_one() {
        let silent = DeliveryError::TooSlow { host: "h".into(), doing: "write", fault: "-".into() };
        let mut left = tries();
        let waits: Vec<u64> =
            std::iter::from_fn(|| left.next(&silent)).map(|w| w.as_secs()).collect();
        assert_eq!(waits.len(), 3);
        for (wait, minutes) in waits.iter().zip([2, 5, 10]) {
            assert!((minutes * 60..=minutes * 60 * 9 / 8).contains(wait), "{wait}");
        }
        let denied = DeliveryError::Denied { action: "create", path: "/p".into() };
        let login =
            DeliveryError::Login { host: "h".into(), user: "u".into(), method: "key", key: None };
        let full = DeliveryError::Full { path: "/p".into(), free: 0 };
        for error in [denied, login, full] {
            assert_eq!(tries().next(&error), None, "{error}");
        }
    }

    #[test]
    fn a_wrong_transfer_gets_one_fresh_connection() {
        let differs = DeliveryError::Differs { path: "/p".into(), fault: "the content differs" };
        let mut left = tries();
        assert!(left.next(&differs).is_some());
        assert_eq!(left.next(&differs), None);
    }
}
