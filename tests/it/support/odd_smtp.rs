//! A mail server that misbehaves at a step of the conversation, encrypted or before it is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::smtp::certificates;

/// A step of the conversation, by what the server answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Greeting,
    Ehlo,
    Starttls,
    /// Encryption itself; what is said there is no TLS.
    Handshake,
    EhloAgain,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The mail is there and waits to be taken.
    Taken,
}

impl Step {
    pub(crate) const ALL: [Step; 10] = [
        Step::Greeting,
        Step::Ehlo,
        Step::Starttls,
        Step::Handshake,
        Step::EhloAgain,
        Step::Auth,
        Step::Mail,
        Step::Rcpt,
        Step::Data,
        Step::Taken,
    ];
}

/// What goes wrong at a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bad {
    /// Another answer.
    Says(&'static str),
    /// No answer.
    Silent,
    /// One byte every 100 ms, without end.
    Drips,
    /// The connection ends instead of an answer.
    Drops,
    /// An answer of 20 MB.
    Giant,
    /// The mail is taken, and the connection ends instead of the answer.
    TakesAndDrops,
}

/// A running server; its threads end with the test.
pub(crate) struct OddSmtp {
    pub(crate) port: u16,
    folder: TempDir,
    seen: Arc<Seen>,
}

/// What a server has seen.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    clear: Mutex<String>,
    taken: Mutex<Vec<String>>,
}

impl OddSmtp {
    /// `plan` says what goes wrong at which step of which connection, counted from 1.
    pub(crate) fn start(plan: impl Fn(usize, Step) -> Option<Bad> + Send + Sync + 'static) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        certificates(folder.path());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (tls, plan) = (Arc::new(tls(folder.path())), Arc::new(plan));
        let seen = Arc::new(Seen::default());
        let known = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = 1 + known.connections.fetch_add(1, Ordering::AcqRel);
                let (tls, plan, seen) = (Arc::clone(&tls), Arc::clone(&plan), Arc::clone(&known));
                thread::spawn(move || {
                    let bad = move |step| plan(number, step);
                    // Whoever hangs up in the middle is one of the cases.
                    let _ = converse(stream, tls, &bad, &seen);
                });
            }
        });
        OddSmtp { port, folder, seen }
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Acquire)
    }

    /// Everything that was said in clear.
    pub(crate) fn clear(&self) -> String {
        self.seen.clear.lock().expect("nobody panics with it").clone()
    }

    /// The mails that the server took.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.seen.taken.lock().expect("nobody panics with it").clone()
    }
}

fn tls(folder: &Path) -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).expect("PEM");
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS");
    let builder = builder.with_no_client_auth();
    builder.with_single_cert(vec![certificate], key).expect("a certificate and its key")
}

type Badness<'b> = &'b dyn Fn(Step) -> Option<Bad>;

fn converse(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    bad: Badness<'_>,
    seen: &Seen,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut clear = BufReader::new(stream);
    answer(clear.get_mut(), bad(Step::Greeting), "220 localhost ESMTP")?;
    for (step, right) in
        [(Step::Ehlo, "250-localhost\r\n250 STARTTLS"), (Step::Starttls, "220 go ahead")]
    {
        let said = line(&mut clear)?;
        seen.clear.lock().expect("nobody panics with it").push_str(&said);
        answer(clear.get_mut(), bad(step), right)?;
    }
    let mut stream = clear.into_inner();
    if let Some(bad) = bad(Step::Handshake) {
        return answer(&mut stream, Some(bad), "");
    }
    let connection = ServerConnection::new(tls).map_err(io::Error::other)?;
    encrypted(BufReader::new(StreamOwned::new(connection, stream)), bad, seen)
}

fn encrypted(
    mut line_in: BufReader<impl Read + Write>,
    bad: Badness<'_>,
    seen: &Seen,
) -> io::Result<()> {
    loop {
        let said = line(&mut line_in)?;
        let word = said.get(..4).unwrap_or_default().to_ascii_uppercase();
        let (step, right) = match word.as_str() {
            "EHLO" => (Step::EhloAgain, "250-localhost\r\n250 AUTH PLAIN LOGIN"),
            "AUTH" => (Step::Auth, "235 welcome"),
            "MAIL" => (Step::Mail, "250 ok"),
            "RCPT" => (Step::Rcpt, "250 ok"),
            "DATA" => (Step::Data, "354 go ahead"),
            "QUIT" | "" => return answer(line_in.get_mut(), None, "221 bye"),
            _ => return answer(line_in.get_mut(), None, "502 what"),
        };
        answer(line_in.get_mut(), bad(step), right)?;
        if step == Step::Data && bad(step).is_none() {
            take(&mut line_in, bad(Step::Taken), seen)?;
        }
    }
}

/// Reads a mail to its dot; it is the server's as soon as the server has said so, or may have.
fn take(
    line_in: &mut BufReader<impl Read + Write>,
    bad: Option<Bad>,
    seen: &Seen,
) -> io::Result<()> {
    let mut mail = String::new();
    loop {
        match line(line_in)?.as_str() {
            ".\r\n" => break,
            said => mail.push_str(said),
        }
    }
    if matches!(bad, None | Some(Bad::TakesAndDrops)) {
        seen.taken.lock().expect("nobody panics with it").push(mail);
    }
    answer(line_in.get_mut(), bad, "250 taken")
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match from.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

fn answer(to: &mut impl Write, bad: Option<Bad>, right: &str) -> io::Result<()> {
    let end = || Err(io::ErrorKind::ConnectionAborted.into());
    match bad {
        None => to.write_all(format!("{right}\r\n").as_bytes())?,
        Some(Bad::Says(other)) => to.write_all(format!("{other}\r\n").as_bytes())?,
        Some(Bad::Silent) => {
            thread::sleep(Duration::from_secs(20));
            return end();
        }
        Some(Bad::Drips) => loop {
            to.write_all(b"2")?;
            to.flush()?;
            thread::sleep(Duration::from_millis(100));
        },
        Some(Bad::Giant) => {
            for _ in 0..20_000 {
                to.write_all(&[b"250-".as_slice(), &[b'x'; 990], b"\r\n"].concat())?;
            }
        }
        Some(Bad::Drops | Bad::TakesAndDrops) => return end(),
    }
    to.flush()
}
