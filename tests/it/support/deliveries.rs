//! What the tests of deliveries share: documents, settings, and a delivery that is watched.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rostergate::delivery::{
    Credentials, Deliver, DeliveryError, EmbeddedOptions, EmbeddedServer, Errand, Fingerprint,
    KeyPair, Receipt, Step, Tag, deliver,
};
use rostergate::secrets::Secret;
use rostergate::state::document::Document;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::sshd::{Sshd, user};

/// A document with some content, stored in a folder of its own.
pub(crate) fn document(folder: &TempDir, name: &str, content: &[u8]) -> Document {
    let path = folder.path().join(name);
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    fs::write(&path, content).unwrap();
    let sha256 = Sha256::digest(content).into();
    Document { name: name.to_owned(), path, size: content.len() as u64, sha256 }
}

/// Settings for a server on this machine, with short times.
pub(crate) fn settings(port: u16, user: &str, folder: &str, more: &str) -> Deliver {
    let text = format!(
        "[sftp]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{user}\"\nfolder = \"{folder}\"\n\
         key = \"credential:not-used\"\nconnect-timeout = \"5s\"\nidle-timeout = \"10s\"\n{more}"
    );
    toml::from_str(&text).unwrap()
}

/// Settings for the inbox of an OpenSSH server.
pub(crate) fn at(sshd: &Sshd, more: &str) -> Deliver {
    settings(sshd.port, &user(), sshd.inbox().to_str().unwrap(), more)
}

/// A login by key.
pub(crate) fn with_key(key: Secret) -> Credentials {
    Credentials { key: Some(key), ..Credentials::default() }
}

/// What a delivery did, beside its outcome.
pub(crate) struct Told {
    pub(crate) outcome: Result<Receipt, DeliveryError>,
    pub(crate) steps: Vec<Step>,
    pub(crate) waits: Vec<Duration>,
    pub(crate) last_progress: (u64, u64),
}

/// Delivers the plan `P-1` with waits that take no time.
pub(crate) fn send(
    to: &Deliver,
    pins: &[Fingerprint],
    with: &Credentials,
    what: &[Document],
) -> Told {
    send_as("P-1", to, pins, with, what)
}

/// Delivers a plan with waits that take no time.
pub(crate) fn send_as(
    plan: &str,
    to: &Deliver,
    pins: &[Fingerprint],
    with: &Credentials,
    what: &[Document],
) -> Told {
    let tag = Tag::new("inst1", plan).unwrap();
    let (mut steps, mut waits, mut last_progress) = (Vec::new(), Vec::new(), (0, 0));
    let outcome = deliver(
        Errand { deliver: to, documents: what, tag: &tag },
        pins,
        with,
        &mut |wait| waits.push(wait),
        &mut |step| {
            steps.push(step);
            Ok(())
        },
        &mut |done, total| last_progress = (done, total),
    );
    Told { outcome, steps, waits, last_progress }
}

/// The code of the error, or 0.
pub(crate) fn code(told: &Told) -> u16 {
    told.outcome.as_ref().err().map_or(0, |error| error.code().0)
}

/// The embedded server with a folder of its own.
pub(crate) fn embedded(
    adjust: impl FnOnce(&mut EmbeddedOptions),
) -> (EmbeddedServer, PathBuf, TempDir, Secret) {
    let root = TempDir::new().unwrap();
    let inbox = root.path().join("in");
    fs::create_dir(&inbox).unwrap();
    let keys = KeyPair::fresh().unwrap();
    let mut options = EmbeddedOptions::new("skolan");
    options.public_key = Some(keys.public);
    adjust(&mut options);
    let server = EmbeddedServer::start(root.path(), options).unwrap();
    (server, inbox, root, keys.private)
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
