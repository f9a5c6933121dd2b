//! The heartbeat: a bare GET to a dead man's switch, which tells people when it stops.
//!
//! No body, no cookies, no redirects; of the answer only its number is read. The address is a
//! secret and stands in no message.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest, Sha256};

use crate::formats::snapshot::hex;
use crate::secrets::Secret;

/// How often one signal is tried.
const TRIES: u32 = 3;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Of an answer no more is read.
const LONGEST_LINE: u64 = 256;

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
    /// Nobody answered, or not as a web server does.
    #[error("no answer: {0}")]
    Silent(String),
    /// The server cannot prove who it is.
    #[error("no trusted certificate: {0}")]
    Untrusted(String),
    /// The server answered with another number than 2xx.
    #[error("it answered {0}")]
    Refused(u16),
}

/// A place to signal to.
#[derive(Clone)]
pub struct Heartbeat {
    host: String,
    port: u16,
    encrypted: bool,
    path: String,
    query: String,
    timeout: Duration,
}

impl Heartbeat {
    /// Reads the address out of a secret.
    ///
    /// # Errors
    /// When it is none.
    pub fn at(address: &Secret, timeout: Duration) -> Result<Heartbeat, HeartbeatError> {
        parse(address.expose().trim(), timeout).ok_or(HeartbeatError::Address)
    }

    /// Signals, trying three times. `run` names the run; the same name is the same run.
    ///
    /// # Errors
    /// With what came of the last try.
    pub fn signal(&self, signal: Signal, run: &str) -> Result<(), HeartbeatError> {
        let request = self.request(signal, run);
        let mut tries = 1;
        loop {
            let last = match self.in_time(Some(request.clone())) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let in_vain = matches!(last, HeartbeatError::Refused(400..500));
            if in_vain || tries == TRIES {
                return Err(last);
            }
            tries += 1;
            thread::sleep(PAUSE);
        }
    }

    /// Connects and asks for the certificate, and signals nothing.
    ///
    /// # Errors
    /// When that does not work.
    pub fn probe(&self) -> Result<(), HeartbeatError> {
        self.in_time(None)
    }

    fn request(&self, signal: Signal, run: &str) -> String {
        let Heartbeat { host, port, path, query, .. } = self;
        let named = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let path = format!("{}{}", path.trim_end_matches('/'), signal.suffix());
        let path = if path.is_empty() { "/" } else { &path };
        let and = if query.is_empty() { "" } else { "&" };
        let rid = rid(run);
        format!(
            "GET {path}?{query}{and}rid={rid} HTTP/1.1\r\nHost: {named}:{port}\r\n\
             User-Agent: rostergate\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        )
    }

    /// One try, in a thread of its own that is left behind when it takes too long: looking up a
    /// name has no limit of its own.
    fn in_time(&self, request: Option<String>) -> Result<(), HeartbeatError> {
        let (here, (done, result)) = (self.clone(), mpsc::channel());
        thread::Builder::new()
            .name("heartbeat".to_owned())
            // Whoever waited may be gone; then nobody wants the answer.
            .spawn(move || drop(done.send(here.ask(request.as_deref()))))
            .map_err(|error| HeartbeatError::Silent(error.kind().to_string()))?;
        let late = || format!("not within {} s", self.timeout.as_secs());
        result.recv_timeout(self.timeout).unwrap_or_else(|_| Err(HeartbeatError::Silent(late())))
    }

    fn ask(&self, request: Option<&str>) -> Result<(), HeartbeatError> {
        let stream = self.connect().map_err(|error| silent(&error))?;
        if self.encrypted { over(self.shaken(stream)?, request) } else { over(stream, request) }
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let (until, mut last) = (Instant::now() + self.timeout, None);
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            let left =
                until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(self.timeout))?;
                    stream.set_write_timeout(Some(self.timeout))?;
                    return Ok(stream);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
    }

    fn shaken(
        &self,
        mut stream: TcpStream,
    ) -> Result<StreamOwned<ClientConnection, TcpStream>, HeartbeatError> {
        let untrusted = |what: String| HeartbeatError::Untrusted(what);
        let name = ServerName::try_from(self.host.clone()).map_err(|_| HeartbeatError::Address)?;
        let config = trusting_the_system().map_err(|error| untrusted(error.to_string()))?;
        let mut connection = ClientConnection::new(Arc::new(config), name)
            .map_err(|error| untrusted(plain(&error)))?;
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut stream) {
                let of_tls =
                    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
                return Err(of_tls.map_or_else(|| silent(&error), |tls| untrusted(plain(tls))));
            }
        }
        Ok(StreamOwned::new(connection, stream))
    }
}

/// Asks, where there is something to ask, and takes nothing but a good answer.
fn over(mut stream: impl Read + Write, request: Option<&str>) -> Result<(), HeartbeatError> {
    let Some(request) = request else { return Ok(()) };
    stream.write_all(request.as_bytes()).and_then(|()| stream.flush()).map_err(|e| silent(&e))?;
    match answer(stream).map_err(|error| silent(&error))? {
        200..300 => Ok(()),
        other => Err(HeartbeatError::Refused(other)),
    }
}

/// The certificates that this machine trusts.
fn trusting_the_system() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What is wrong with a connection, in words that hold no name of a host.
fn plain(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(_) => "the certificate is not accepted".to_owned(),
        _ => "the encryption could not be agreed on".to_owned(),
    }
}

/// The kind alone: the words of a look-up may repeat the name.
fn silent(error: &io::Error) -> HeartbeatError {
    HeartbeatError::Silent(error.kind().to_string())
}

/// The number in the first line of an answer.
fn answer(stream: impl Read) -> io::Result<u16> {
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_until(b'\n', &mut line)?;
    let line = String::from_utf8_lossy(&line);
    let number = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    let number = number.and_then(|number| number.trim().parse().ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A run's name as the switches want it: a UUID (version 8), the same for the same run.
fn rid(run: &str) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(run.as_bytes()).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes[..16]);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn parse(text: &str, timeout: Duration) -> Option<Heartbeat> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (encrypted, rest) = match text.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("http://")?),
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let slash = place.find('/').unwrap_or(place.len());
    let (authority, path) = place.split_at(slash);
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']').map(|(host, port)| (host, port.strip_prefix(':')))?,
        None => authority.split_once(':').map_or((authority, None), |(h, port)| (h, Some(port))),
    };
    let port = port.map_or(Some(if encrypted { 443 } else { 80 }), |port| port.parse().ok())?;
    let named = !host.is_empty() && !host.contains('@') && port > 0;
    let (host, path, query) = (host.to_owned(), path.to_owned(), query.to_owned());
    named.then_some(Heartbeat { host, port, encrypted, path, query, timeout })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Option<Heartbeat> {
        Heartbeat::at(&Secret::new(address.to_owned()), Duration::from_secs(1)).ok()
    }

    fn first_line(address: &str, signal: Signal) -> String {
        let request = at(address).unwrap().request(signal, "R-20261121-0415-k7mp");
        request.lines().next().unwrap().to_owned()
    }

    #[test]
    fn signals_are_those_of_the_usual_switches() {
        let rid = "rid=a4";
        for (address, signal, path) in [
            ("https://hc.example/ping/abc", Signal::Start, "/ping/abc/start?"),
            ("https://hc.example/ping/abc/", Signal::Fail, "/ping/abc/fail?"),
            ("https://hc.example/ping/abc", Signal::Success, "/ping/abc?"),
            (
                "http://kuma.example:3001/api/push/x?status=up",
                Signal::Success,
                "/api/push/x?status=up&",
            ),
            ("https://hc.example", Signal::Success, "/?"),
        ] {
            let line = first_line(address, signal);
            assert!(line.starts_with(&format!("GET {path}rid=")), "{line} {rid}");
            assert!(line.ends_with(" HTTP/1.1"), "{line}");
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
        assert_eq!(at("http://[::1]:8080/x").map(|h| (h.host, h.port)), Some(("::1".into(), 8080)));
    }

    #[test]
    fn only_a_number_is_read_of_an_answer() {
        let number = |text: &str| answer(text.as_bytes()).ok();
        assert_eq!(number("HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody"), Some(200));
        assert_eq!(number("HTTP/1.0 404\r\n"), Some(404));
        for odd in ["", "SSH-2.0-x\r\n", "HTTP/2 200\n", &"x".repeat(9_999)] {
            assert_eq!(number(odd), None);
        }
    }
}
