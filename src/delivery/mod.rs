//! EDGE OUT: files put at a receiver: beside their place, verified, then published.
//!
//! ```text
//!  Uploading ─▶ temporary names ─▶ verified by digest ─▶ Uploaded ─▶ Publishing ─▶ renamed ─▶ Published
//! ```
//!
//! Every arrow is told to the journal before it is taken. What is published has been verified
//! before, and is never touched after: the receiver may take it at once. If the answer to the
//! last step is lost, [`settle`] finds out what happened; nothing is blindly repeated.
//!
//! Calls block, and must not be made from inside an asynchronous task.

mod embedded;
mod error;
mod folder;
mod look;
mod pieces;
mod publish;
mod receipt;
mod remote;
mod retry;
mod settings;
mod settle;
mod sftp;

use std::path::Path;
use std::time::{Duration, Instant};

pub use self::embedded::{EmbeddedOptions, EmbeddedServer, KeyPair};
pub use self::error::{Class, DeliveryError, JournalError, KeyFault, ShownKey};
pub use self::look::{Probe, Seen, Writable, is_one_of, observe, probe};
pub use self::pieces::{Receiver, Tag};
pub use self::publish::publish;
pub use self::receipt::{How, Journal, Left, Progress, Receipt, Settled, Step, TempNote, Verified};
pub use self::remote::{Create, Entry, Remote, Rename, Stat};
pub use self::retry::{Errand, ask, deliver, deliver_over};
pub use self::settings::{
    Deliver, DoneFile, Fingerprint, FolderSettings, Host, Pickup, Publish, SftpSettings, Span,
    Verify,
};
pub use self::settle::settle;
use crate::secrets::{Secret, SecretError};

/// What a delivery logs in with.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The private key, in OpenSSH or PEM form.
    pub key: Option<Secret>,
    /// What opens the private key.
    pub passphrase: Option<Secret>,
    /// The password.
    pub password: Option<Secret>,
}

impl Deliver {
    /// Fetches the secrets that the settings name. `credentials` is `$CREDENTIALS_DIRECTORY`.
    ///
    /// # Errors
    /// When one of them is not there or may be read by others.
    pub fn credentials(&self, credentials: Option<&Path>) -> Result<Credentials, SecretError> {
        let Deliver::Sftp(sftp) = self else { return Ok(Credentials::default()) };
        let fetch = |reference: &Option<_>| match reference {
            Some(reference) => crate::secrets::SecretRef::resolve(reference, credentials).map(Some),
            None => Ok(None),
        };
        Ok(Credentials {
            key: fetch(&sftp.key)?,
            passphrase: fetch(&sftp.passphrase)?,
            password: fetch(&sftp.password)?,
        })
    }
}

/// Opens the place where files are put. `pins` are the keys agreed by `trust`; those of the
/// settings are added.
///
/// # Errors
/// When the server cannot be reached, shows a key that is not agreed, or refuses the login.
pub fn connect(
    deliver: &Deliver,
    pins: &[Fingerprint],
    credentials: &Credentials,
) -> Result<Box<dyn Remote>, DeliveryError> {
    connect_until(deliver, pins, credentials, Instant::now() + deliver.total_timeout())
}

fn connect_until(
    deliver: &Deliver,
    pins: &[Fingerprint],
    credentials: &Credentials,
    deadline: Instant,
) -> Result<Box<dyn Remote>, DeliveryError> {
    match deliver {
        Deliver::Folder(_) => Ok(Box::new(folder::FolderRemote)),
        Deliver::Sftp(sftp) => {
            let remote =
                sftp::SftpRemote::connect(sftp, &agreed(sftp, pins), credentials, deadline)?;
            Ok(Box::new(remote))
        }
    }
}

fn agreed(sftp: &SftpSettings, pins: &[Fingerprint]) -> Vec<Fingerprint> {
    sftp.host_keys.iter().chain(pins).copied().collect()
}

/// The host keys that a server shows, without logging in. For `trust`, which compares them with
/// what the receiver has told.
///
/// # Errors
/// When the server cannot be reached.
pub fn shown_host_keys(
    host: &Host,
    port: u16,
    timeout: Duration,
) -> Result<Vec<ShownKey>, DeliveryError> {
    sftp::shown_host_keys(host.as_ref(), port, timeout)
}
