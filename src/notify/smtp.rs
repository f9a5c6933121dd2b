//! Hands a mail to a mail server, encrypted, within a hard limit of time.

use std::error::Error as _;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, Tls as LettreTls, TlsParameters,
};
use lettre::{SmtpTransport, Transport as _};

use super::address::MailAddress;
use super::error::MailError;
use super::settings::{SmtpSettings, Tls};

/// Codes by which a server says that it wants another login.
const LOGIN_CODES: [u16; 4] = [530, 534, 535, 538];

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
    in_time(server, password, move |transport| transport.send_raw(&envelope, &bytes).map(drop))
}

/// Connects and logs in.
pub(super) fn probe(server: &SmtpSettings, password: Option<&str>) -> Result<(), MailError> {
    in_time(server, password, |transport| transport.test_connection().map(drop))
}

/// Does the work in a thread of its own, which is left behind when it takes too long: the
/// library's limit is per answer, and looking up a name has none at all.
fn in_time(
    server: &SmtpSettings,
    password: Option<&str>,
    work: impl FnOnce(SmtpTransport) -> Result<(), SmtpError> + Send + 'static,
) -> Result<(), MailError> {
    let transport = transport(server, password)?;
    let (done, result) = mpsc::channel();
    thread::Builder::new()
        .name("mail".to_owned())
        // Whoever waited may be gone; then nobody wants the answer.
        .spawn(move || drop(done.send(work(transport))))
        .map_err(|error| unreachable(server, error.to_string()))?;
    match result.recv_timeout(server.give_up_after.get()) {
        Ok(outcome) => outcome.map_err(|error| classed(server, &error)),
        Err(RecvTimeoutError::Disconnected) => {
            Err(MailError::Build { detail: "the mail library gave up without a word".to_owned() })
        }
        Err(RecvTimeoutError::Timeout) => {
            let seconds = server.give_up_after.get().as_secs();
            Err(unreachable(server, format!("not done within {seconds} s")))
        }
    }
}

fn transport(server: &SmtpSettings, password: Option<&str>) -> Result<SmtpTransport, MailError> {
    let tls = match server.tls {
        Tls::Starttls => LettreTls::Required(tls_parameters(server)?),
        Tls::Implicit => LettreTls::Wrapper(tls_parameters(server)?),
        Tls::None => LettreTls::None,
    };
    let builder = SmtpTransport::builder_dangerous(server.host.as_str())
        .port(server.port)
        .tls(tls)
        .timeout(Some(server.timeout.get()));
    let builder = match (&server.login, password) {
        (Some(login), Some(password)) => {
            builder.credentials(Credentials::new(login.user.clone(), password.to_owned()))
        }
        (Some(_), None) => {
            let (host, port) = (server.host.clone(), server.port);
            return Err(MailError::Login { host, port, detail: "no password given".to_owned() });
        }
        (None, _) => builder,
    };
    Ok(builder.build())
}

fn tls_parameters(server: &SmtpSettings) -> Result<TlsParameters, MailError> {
    let refused =
        |detail: String| MailError::Tls { host: server.host.clone(), port: server.port, detail };
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(file) = &server.ca_file {
        let certificate = ca(file).map_err(refused)?;
        builder =
            builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build().map_err(|error| refused(chain(&error)))
}

fn ca(file: &Path) -> Result<Certificate, String> {
    let pem =
        std::fs::read(file).map_err(|error| format!("ca-file {}: {error}", file.display()))?;
    Certificate::from_pem(&pem).map_err(|_| format!("ca-file {} is not PEM", file.display()))
}

fn unreachable(server: &SmtpSettings, detail: String) -> MailError {
    MailError::Unreachable { host: server.host.clone(), port: server.port, detail }
}

fn classed(server: &SmtpSettings, error: &SmtpError) -> MailError {
    let (host, port) = (server.host.clone(), server.port);
    if let Some(code) = error.status() {
        // Only the code: the server's words may repeat an address.
        let number: u16 = code.into();
        let detail = number.to_string();
        return match number {
            _ if LOGIN_CODES.contains(&number) => MailError::Login { host, port, detail },
            400..500 => MailError::Unreachable { host, port, detail },
            _ => MailError::Refused { host, port, detail },
        };
    }
    if error.is_response() {
        // The library repeats what it could not read.
        let detail = "an answer that is not SMTP".to_owned();
        return MailError::Unreachable { host, port, detail };
    }
    let detail = chain(error);
    if error.is_tls() || is_about_tls(error, &detail) {
        MailError::Tls { host, port, detail }
    } else if detail.contains("authentication mechanism") {
        MailError::Login { host, port, detail }
    } else if timed_out(error) {
        let seconds = server.timeout.get().as_secs();
        MailError::Unreachable { host, port, detail: format!("no answer within {seconds} s") }
    } else {
        MailError::Unreachable { host, port, detail }
    }
}

/// The library reports a bad certificate as an ordinary read error with invalid data inside.
fn is_about_tls(error: &SmtpError, detail: &str) -> bool {
    let invalid = io_kinds(error).any(|kind| kind == ErrorKind::InvalidData);
    invalid || ["STARTTLS", "certificate", "tls handshake"].iter().any(|word| detail.contains(word))
}

/// A read that ran out of time says "would block" (os error 11) here, not "timed out".
fn timed_out(error: &SmtpError) -> bool {
    io_kinds(error).any(|kind| matches!(kind, ErrorKind::TimedOut | ErrorKind::WouldBlock))
}

fn io_kinds(error: &SmtpError) -> impl Iterator<Item = ErrorKind> {
    sources(error)
        .filter_map(|source| source.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind)
}

fn sources(error: &SmtpError) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&source| source.source())
}

/// What the libraries below say, the innermost last.
fn chain(error: &SmtpError) -> String {
    let mut texts: Vec<String> = sources(error).map(ToString::to_string).collect();
    texts.dedup();
    if texts.is_empty() { error.to_string() } else { texts.join(": ") }
}
