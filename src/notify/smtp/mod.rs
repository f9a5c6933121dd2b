//! Hands a mail to a mail server, encrypted, within a hard limit of time.

mod line;
mod talk;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use lettre::address::Envelope;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use self::talk::Talk;
use super::address::MailAddress;
use super::error::MailError;
use super::settings::{SmtpSettings, Tls};

pub(super) fn envelope(from: &MailAddress, to: &MailAddress) -> Result<Envelope, MailError> {
    Envelope::new(Some(from.address().clone()), vec![to.address().clone()])
        .map_err(|error| MailError::Build { detail: error.to_string() })
}

/// Sends the bytes.
pub(super) fn send(
    server: &SmtpSettings,
    password: Option<&str>,
    envelope: Envelope,
    rfc822: &[u8],
) -> Result<(), MailError> {
    let bytes = rfc822.to_vec();
    in_time(server, password, move |mut talk| {
        talk.hand_over(&envelope, &bytes)?;
        talk.goodbye();
        Ok(())
    })
}

/// Connects and logs in.
pub(super) fn probe(server: &SmtpSettings, password: Option<&str>) -> Result<(), MailError> {
    in_time(server, password, |talk| {
        talk.goodbye();
        Ok(())
    })
}

/// Does the work in a thread of its own, which is left behind when it takes too long: the limit of
/// a line is per read, and looking up a name has none at all.
fn in_time(
    server: &SmtpSettings,
    password: Option<&str>,
    work: impl FnOnce(Talk) -> Result<(), MailError> + Send + 'static,
) -> Result<(), MailError> {
    if server.login.is_some() && password.is_none() {
        let (host, port) = (server.host.clone(), server.port);
        return Err(MailError::Login { host, port, detail: "no password given".to_owned() });
    }
    let trust = trust(server)?;
    let (called, password) = (server.clone(), password.map(str::to_owned));
    let (done, result) = mpsc::channel();
    thread::Builder::new()
        .name("mail".to_owned())
        .spawn(move || {
            let outcome = Talk::begin(&called, password.as_deref(), trust).and_then(work);
            // Whoever waited may be gone; then nobody wants the answer.
            drop(done.send(outcome));
        })
        .map_err(|error| unreachable(server, error.to_string()))?;
    match result.recv_timeout(server.give_up_after.get()) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Disconnected) => {
            Err(MailError::Build { detail: "mailing gave up without a word".to_owned() })
        }
        Err(RecvTimeoutError::Timeout) => {
            let seconds = server.give_up_after.get().as_secs();
            Err(unreachable(server, format!("not done within {seconds} s")))
        }
    }
}

/// Whose certificates are believed.
fn trust(server: &SmtpSettings) -> Result<Arc<ClientConfig>, MailError> {
    let refused =
        |detail: String| MailError::Tls { host: server.host.clone(), port: server.port, detail };
    let mut roots = RootCertStore::empty();
    match &server.ca_file {
        Some(file) => {
            for certificate in authorities(file).map_err(refused)? {
                roots.add(certificate).map_err(|error| refused(error.to_string()))?;
            }
        }
        None if server.tls == Tls::None => {}
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// No list of authorities is larger.
const LARGEST: u64 = 16 * 1024 * 1024;

fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    // A pipe would keep the night waiting, and a device would fill the memory.
    let plain = |file: &Path| match std::fs::metadata(file)? {
        about if about.is_file() && about.len() <= LARGEST => std::fs::read(file),
        _ => Err(io::Error::other("not a regular file of at most 16 MiB")),
    };
    let pem = plain(file).map_err(|error| format!("ca-file {}: {error}", file.display()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    found
        .ok()
        .filter(|found| !found.is_empty())
        .ok_or_else(|| format!("ca-file {} is not PEM", file.display()))
}

fn unreachable(server: &SmtpSettings, detail: String) -> MailError {
    MailError::Unreachable { host: server.host.clone(), port: server.port, detail }
}
