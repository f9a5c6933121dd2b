//! The server must prove an agreed key before it hears as much as our user name.

use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{self, DisconnectReason};
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKeyOrCertificate};

use crate::delivery::error::{ShownKey, printable};
use crate::delivery::settings::Fingerprint;

/// What was learnt on a connection, shared with the task that runs it.
#[derive(Clone, Default)]
pub(super) struct Learnt(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    key: Option<ShownKey>,
    end: Option<String>,
    dismissed: bool,
}

impl Learnt {
    fn note(&self, write: impl FnOnce(&mut Notes)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The key that the server showed.
    pub(super) fn key(&self) -> Option<ShownKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).key.clone()
    }

    /// Whether the server ended the connection in words, rather than its being cut.
    pub(super) fn dismissed(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).dismissed
    }

    /// Why the connection ended, if it has and is known.
    pub(super) fn end(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end.clone()
    }
}

/// Compares what the server shows with what was agreed.
pub(super) struct Doorkeeper {
    pub(super) pins: Vec<Fingerprint>,
    pub(super) learnt: Learnt,
}

impl client::Handler for Doorkeeper {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let fingerprint = Fingerprint::of(key.key_data());
        let algorithm = key.algorithm().to_string();
        self.learnt.note(|notes| notes.key = Some(ShownKey { algorithm, fingerprint }));
        Ok(self.pins.contains(&fingerprint))
    }

    async fn disconnected(
        &mut self,
        reason: DisconnectReason<russh::Error>,
    ) -> Result<(), russh::Error> {
        self.learnt.note(|notes| {
            notes.dismissed = matches!(reason, DisconnectReason::ReceivedDisconnect(_));
        });
        let (text, outcome) = match reason {
            DisconnectReason::ReceivedDisconnect(told) => (told.message, Ok(())),
            DisconnectReason::Error(error) => (error.to_string(), Err(error)),
        };
        self.learnt.note(|notes| notes.end = Some(printable(text.as_bytes())));
        outcome
    }
}

/// The host key algorithms that are accepted. No SHA-1, no DSA, no certificates.
pub(super) fn algorithms() -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        rsa(HashAlg::Sha512),
        rsa(HashAlg::Sha256),
    ]
}

/// The algorithms that could show another key than the one just seen: a server has one key of
/// each kind, and an RSA key is the same under either hash.
pub(super) fn others(algorithms: &[Algorithm], seen: &ShownKey) -> Vec<Algorithm> {
    let same = |a: &Algorithm| match a {
        Algorithm::Rsa { .. } => seen.algorithm == "ssh-rsa",
        a => a.as_str() == seen.algorithm,
    };
    algorithms.iter().filter(|a| !same(a)).cloned().collect()
}
