//! What can go wrong on the way to a receiver, and what class of fault it is.
//!
//! The class decides whether to try again, never the place in the code where it happened.

use std::io;
use std::path::PathBuf;

use super::settings::Fingerprint;
use crate::roster::code::Code;
use crate::secrets::SecretError;

/// What kind of fault an error is, and so what is done about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The network or the server is away for a moment: tried again after the configured waits.
    Transient,
    /// The receiver has no room: not tried again tonight.
    Full,
    /// The receiver does not let us: not tried again.
    Permission,
    /// The key or the password was refused: one try a night, so that no account is locked.
    Login,
    /// The server shows another key than agreed: never tried again.
    HostKey,
    /// Something on our own machine: not tried again.
    Local,
    /// The transfer or the server's answers were wrong: one fresh connection, then stop.
    Protocol,
    /// Publishing was begun and its outcome is not known: settled, never blindly repeated.
    Unknown,
}

/// A host key that a server showed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ShownKey {
    /// The algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
    /// The fingerprint of the key.
    pub fingerprint: Fingerprint,
}

/// What is wrong with a private key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyFault {
    /// It is a DSA key, which servers and standards have given up.
    #[error("DSA keys are not accepted")]
    Dsa,
    /// It has a passphrase and none was given.
    #[error("it has a passphrase: set \"passphrase\" beside \"key\"")]
    Locked,
    /// Its numbers have other lengths than expected. One P-256 key in 256 begins with a zero byte,
    /// which OpenSSH leaves out (RFC 4251, section 5, `mpint`) and the library does not put back.
    #[error("it is damaged, or an ecdsa key that begins with a zero byte, in OpenSSH form")]
    Lengths,
    /// The passphrase does not open it.
    #[error("the passphrase does not open it, or it is no private key")]
    NotOpened,
    /// It is something else.
    #[error("not a private key in OpenSSH or PEM form (give the private file, not the .pub)")]
    NoKey,
}

/// The ledger could not take down a step; the text says why.
#[derive(Debug, thiserror::Error)]
#[error("the step could not be recorded, so it was not taken: {0}")]
pub struct JournalError(#[from] pub Box<dyn std::error::Error + Send + Sync>);

/// Why a delivery, or a look at a receiver, failed. Never holds a secret or anything of a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The settings contradict each other or the documents.
    #[error("deliver: {fault}")]
    Settings {
        /// What does not fit.
        fault: String,
    },
    /// A secret could not be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The private key cannot be used.
    #[error("private key: {fault}")]
    Key {
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// No connection came about.
    #[error("{host}:{port}: {doing}: {cause}")]
    Unreachable {
        /// The receiver's host.
        host: String,
        /// Its port.
        port: u16,
        /// How far it came.
        doing: &'static str,
        /// What the system or the server said.
        cause: String,
    },
    /// The connection broke.
    #[error("{host}: connection lost during {doing}: {cause}")]
    Lost {
        /// The receiver's host.
        host: String,
        /// What was going on.
        doing: &'static str,
        /// What is known of the reason.
        cause: String,
    },
    /// Nothing moved for too long, or next to nothing.
    #[error("{host}: {doing}: {fault}")]
    TooSlow {
        /// The receiver's host.
        host: String,
        /// What was going on.
        doing: &'static str,
        /// What was measured.
        fault: String,
    },
    /// The whole time for this receiver is used up.
    #[error("{host}: the total time of {seconds} s is used up")]
    OutOfTime {
        /// The receiver's host.
        host: String,
        /// The limit, in seconds.
        seconds: u64,
    },
    /// The receiver has no room.
    #[error("{path}: no room at the receiver ({free} bytes free)")]
    Full {
        /// The file that found no room.
        path: String,
        /// What the receiver says is free, in bytes.
        free: u64,
    },
    /// The receiver does not permit it.
    #[error("{action} {path}: permission denied")]
    Denied {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: String,
    },
    /// The file or folder is not there.
    #[error("{action} {path}: no such file or folder")]
    Absent {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: String,
    },
    /// The server said no, and no more than that.
    #[error("{action} {path}: refused with status {status}: {text}")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: String,
        /// The status of the answer.
        status: u32,
        /// The server's words, made printable.
        text: String,
    },
    /// What lies at the receiver is not what was sent; it was not published.
    #[error("{path}: {fault}")]
    Differs {
        /// The temporary file.
        path: String,
        /// What differs.
        fault: &'static str,
    },
    /// The server does not speak as agreed.
    #[error("{host}: {fault}")]
    Protocol {
        /// The receiver's host.
        host: String,
        /// What was wrong.
        fault: String,
    },
    /// A file or folder of our own.
    #[error("{path}: {source}")]
    Local {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The stored file is no longer what was decided on.
    #[error("{path}: the stored file has changed since it was planned")]
    LocalChanged {
        /// Which one.
        path: PathBuf,
    },
    /// The server shows no key that was agreed. Nothing was sent, not even a user name.
    #[error(
        "{host}:{port}: host key not agreed: shown {}, agreed {}",
        shown.iter().map(|key| format!("{} ({})", key.fingerprint, key.algorithm)).collect::<Vec<_>>().join(", "),
        pinned.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    HostKey {
        /// The receiver's host.
        host: String,
        /// Its port.
        port: u16,
        /// What was agreed.
        pinned: Vec<Fingerprint>,
        /// What the server showed.
        shown: Vec<ShownKey>,
    },
    /// No key has been agreed with this host.
    #[error("{host}:{port}: no host key has been agreed; the server was not contacted")]
    NoPin {
        /// The receiver's host.
        host: String,
        /// Its port.
        port: u16,
    },
    /// The server refused the login, or hung up during it.
    #[error("{host}: login as {user} with {method} refused{}", key.as_ref().map(|k| format!(" (key {k})")).unwrap_or_default())]
    Login {
        /// The receiver's host.
        host: String,
        /// The user.
        user: String,
        /// `key` or `password`.
        method: &'static str,
        /// Our public key's fingerprint, to give to the receiver.
        key: Option<Fingerprint>,
    },
    /// Publishing had begun, and whether it happened could not be found out.
    #[error("publishing had begun and its outcome is not known: {source}")]
    Unknown {
        /// What interrupted it.
        source: Box<DeliveryError>,
    },
    /// The ledger could not take down a step.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl DeliveryError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code(match self {
            DeliveryError::Settings { .. } => 102,
            DeliveryError::Secret(error) => return error.code(),
            DeliveryError::Key { .. } => 113,
            DeliveryError::Unreachable { .. } | DeliveryError::Lost { .. } => 410,
            DeliveryError::Full { .. } => 411,
            DeliveryError::Denied { .. } | DeliveryError::Absent { .. } => 412,
            DeliveryError::Local { .. } | DeliveryError::LocalChanged { .. } => 413,
            DeliveryError::Refused { .. }
            | DeliveryError::Differs { .. }
            | DeliveryError::Protocol { .. } => 414,
            DeliveryError::TooSlow { .. } | DeliveryError::OutOfTime { .. } => 415,
            DeliveryError::HostKey { .. } => 420,
            DeliveryError::NoPin { .. } => 421,
            DeliveryError::Login { .. } => 422,
            DeliveryError::Unknown { .. } => 430,
            DeliveryError::Journal(_) => 501,
        })
    }

    /// What kind of fault it is.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            DeliveryError::Unreachable { .. }
            | DeliveryError::Lost { .. }
            | DeliveryError::TooSlow { .. } => Class::Transient,
            DeliveryError::Full { .. } => Class::Full,
            DeliveryError::Denied { .. } | DeliveryError::Absent { .. } => Class::Permission,
            DeliveryError::Login { .. } => Class::Login,
            DeliveryError::HostKey { .. } | DeliveryError::NoPin { .. } => Class::HostKey,
            DeliveryError::Refused { .. }
            | DeliveryError::Differs { .. }
            | DeliveryError::Protocol { .. } => Class::Protocol,
            DeliveryError::Unknown { .. } => Class::Unknown,
            DeliveryError::Settings { .. }
            | DeliveryError::Secret(_)
            | DeliveryError::Key { .. }
            | DeliveryError::OutOfTime { .. }
            | DeliveryError::Local { .. }
            | DeliveryError::LocalChanged { .. }
            | DeliveryError::Journal(_) => Class::Local,
        }
    }

    /// Whether the step that failed may nevertheless have happened at the receiver.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(
            self,
            DeliveryError::Lost { .. }
                | DeliveryError::TooSlow { .. }
                | DeliveryError::OutOfTime { .. }
                | DeliveryError::Protocol { .. }
        )
    }
}

/// A server's words, made safe for a log line: no control or direction characters, not long.
pub(crate) fn printable(text: &[u8]) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut out = String::new();
    for c in String::from_utf8_lossy(text).chars().take(160) {
        if odd(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_cannot_forge_a_log_line() {
        assert_eq!(printable(b"no\nFEL RG420 \x1b[1m"), "no\\u{a}FEL RG420 \\u{1b}[1m");
        assert_eq!(printable(&[b'x'; 1000]).len(), 160);
        assert_eq!(printable("Åtkomst nekad".as_bytes()), "Åtkomst nekad");
    }

    #[test]
    fn only_a_lost_answer_leaves_doubt() {
        let lost = DeliveryError::Lost { host: "h".into(), doing: "rename", cause: "eof".into() };
        let denied = DeliveryError::Denied { action: "rename", path: "/p".into() };
        assert!(lost.leaves_doubt() && !denied.leaves_doubt());
        assert_eq!((lost.code().0, denied.code().0), (410, 412));
    }
}
