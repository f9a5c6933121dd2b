//! The heartbeat: a bare GET to a dead man's switch, which tells people when it stops.
//!
//! No body, no cookies, no redirects; of the answer only its number is read. The address is a
//! secret and stands in no message.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

use crate::formats::snapshot::hex;
use crate::secrets::Secret;

/// How often one signal is tried, at most.
const TRIES: u32 = 3;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Of an answer's head no more is read, and of its body nothing.
const LONGEST_HEAD: usize = 16 << 10;

/// What is signalled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A run begins.
    Start,
    /// It did what it should.
    Success,
    /// It did not, or waits for a person.
    Fail,
}

impl Signal {
    /// What the address ends in, as Healthchecks and others like it have it.
    fn suffix(self) -> &'static str {
        match self {
            Signal::Start => "/start",
            Signal::Success => "",
            Signal::Fail => "/fail",
        }
    }
}

/// Why a signal did not arrive. Never holds any part of the address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeartbeatError {
    /// The secret holds something else.
    #[error("the secret is no address: write it as https://host/path, without a user name")]
    Address,
    /// Nobody answered.
    #[error("no answer: {0}")]
    Silent(io::ErrorKind),
    /// Nobody answered in time.
    #[error("no answer within {0} s")]
    Late(u64),
    /// There is no host of that name.
    #[error("there is no such host")]
    NoHost,
    /// The answer is not that of a web server.
    #[error("the answer is not that of a web server")]
    Strange,
    /// The server cannot prove who it is.
    #[error("the certificate is not accepted")]
    Untrusted,
    /// No encryption could be agreed on.
    #[error("the encryption could not be agreed on")]
    Unencrypted,
    /// The server answered with another number than 2xx.
    #[error("it answered {0}")]
    Refused(u16),
}

/// A place to signal to.
pub struct Heartbeat {
    address: Uri,
    agent: Agent,
    timeout: Duration,
}

impl Heartbeat {
    /// Reads the address out of a secret.
    ///
    /// # Errors
    /// When it is none.
    pub fn at(address: &Secret, timeout: Duration) -> Result<Heartbeat, HeartbeatError> {
        let address = parse(address.expose().trim()).ok_or(HeartbeatError::Address)?;
        Ok(Heartbeat { address, agent: agent(timeout), timeout })
    }

    /// Signals, trying at most three times. `run` names the run; the same name is the same run.
    /// A server that is silent costs a beginning one timeout and an end two: a night must not wait
    /// for it.
    ///
    /// # Errors
    /// With what came of the last try.
    pub fn signal(&self, signal: Signal, run: &str) -> Result<(), HeartbeatError> {
        let place = self.place(signal, run)?;
        let silences = if signal == Signal::Start { 1 } else { 2 };
        let (mut tries, begun) = (1, Instant::now());
        loop {
            let last = match self.ask(&place) {
                Ok(200..300) => return Ok(()),
                Ok(number) => HeartbeatError::Refused(number),
                Err(error) => error,
            };
            let in_vain = matches!(last, HeartbeatError::Refused(400..500));
            let too_long = begun.elapsed() >= self.timeout * silences;
            if in_vain || too_long || tries == TRIES {
                return Err(last);
            }
            tries += 1;
            thread::sleep(PAUSE);
        }
    }

    /// Asks for the server's front page, which signals nothing; any answer will do.
    ///
    /// # Errors
    /// When there is none, or not from a server that can be trusted.
    pub fn probe(&self) -> Result<(), HeartbeatError> {
        self.ask(&self.with("/")?).map(drop)
    }

    fn place(&self, signal: Signal, run: &str) -> Result<Uri, HeartbeatError> {
        let path = format!("{}{}", self.address.path().trim_end_matches('/'), signal.suffix());
        let path = if path.is_empty() { "/" } else { &path };
        let query = self.address.query().map(|query| format!("{query}&")).unwrap_or_default();
        self.with(&format!("{path}?{query}rid={}", rid(run)))
    }

    fn with(&self, path_and_query: &str) -> Result<Uri, HeartbeatError> {
        let mut parts = self.address.clone().into_parts();
        parts.path_and_query = Some(path_and_query.parse().map_err(|_| HeartbeatError::Address)?);
        Uri::from_parts(parts).map_err(|_| HeartbeatError::Address)
    }

    fn ask(&self, place: &Uri) -> Result<u16, HeartbeatError> {
        let answer = self.agent.get(place).call().map_err(|error| self.of(&error))?;
        Ok(answer.status().as_u16())
    }

    /// What went wrong, in words that hold no name of a host.
    fn of(&self, error: &Error) -> HeartbeatError {
        match error {
            Error::Rustls(tls) => untrusted(tls),
            Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(tls) => untrusted(tls),
                None => HeartbeatError::Silent(error.kind()),
            },
            Error::Timeout(_) => HeartbeatError::Late(self.timeout.as_secs()),
            Error::HostNotFound => HeartbeatError::NoHost,
            Error::ConnectionFailed => HeartbeatError::Silent(io::ErrorKind::ConnectionRefused),
            _ => HeartbeatError::Strange,
        }
    }
}

/// Asks once, follows nothing, and trusts whom this machine trusts.
fn agent(timeout: Duration) -> Agent {
    let trusted = rustls_native_certs::load_native_certs().certs;
    let trusted: Vec<_> = trusted.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&trusted))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let settings = Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(0)
        .max_response_header_size(LONGEST_HEAD)
        .proxy(None)
        .user_agent("rostergate")
        .tls_config(tls)
        .build();
    settings.into()
}

fn untrusted(error: &rustls::Error) -> HeartbeatError {
    match error {
        rustls::Error::InvalidCertificate(_) => HeartbeatError::Untrusted,
        _ => HeartbeatError::Unencrypted,
    }
}

fn parse(text: &str) -> Option<Uri> {
    let address: Uri = text.parse().ok()?;
    let authority = address.authority()?;
    let schemed = matches!(address.scheme_str(), Some("http" | "https"));
    let port = match authority.as_str().strip_prefix(authority.host())? {
        "" => true,
        _ => authority.port_u16().is_some_and(|port| port > 0),
    };
    let whole = !authority.host().is_empty();
    (schemed && port && whole && !authority.as_str().contains('@')).then_some(address)
}

/// A run's name as the switches want it: a UUID (version 8), the same for the same run.
fn rid(run: &str) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(run.as_bytes()).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes[..16]);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Option<Heartbeat> {
        Heartbeat::at(&Secret::new(address.to_owned()), Duration::from_secs(1)).ok()
    }

    fn place(address: &str, signal: Signal) -> String {
        at(address).unwrap().place(signal, "R-20261121-0415-k7mp").unwrap().to_string()
    }

    #[test]
    fn signals_are_those_of_the_usual_switches() {
        for (address, signal, expected) in [
            ("https://hc.example/ping/abc", Signal::Start, "https://hc.example/ping/abc/start?"),
            ("https://hc.example/ping/abc/", Signal::Fail, "https://hc.example/ping/abc/fail?"),
            ("https://hc.example/ping/abc", Signal::Success, "https://hc.example/ping/abc?"),
            (
                "http://kuma.example:3001/api/push/x?status=up",
                Signal::Success,
                "http://kuma.example:3001/api/push/x?status=up&",
            ),
            ("https://hc.example", Signal::Success, "https://hc.example/?"),
        ] {
            let place = place(address, signal);
            assert!(place.starts_with(&format!("{expected}rid=")), "{place}");
        }
    }

    #[test]
    fn a_run_is_named_by_a_uuid_and_always_the_same() {
        let (first, again, other) = (rid("R-1"), rid("R-1"), rid("R-2"));
        assert!(first == again && first != other);
        let lengths: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(first.as_bytes()[14] == b'8' && b"89ab".contains(&first.as_bytes()[19]), "{first}");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for text in [
            "",
            "hemlig",
            "ftp://x/y",
            "https://",
            "https://user:hemlig@x/",
            "https://x:port/",
            "https://x/ y",
            "https://x/\r\nX: y",
            "https://x:0/",
            "https://[::1/",
        ] {
            assert!(at(text).is_none(), "{text}");
        }
        assert!(!HeartbeatError::Address.to_string().contains("hemlig"));
        assert!(
            place("http://[::1]:8080/x", Signal::Fail).starts_with("http://[::1]:8080/x/fail?")
        );
    }
}
