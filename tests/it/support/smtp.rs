//! A real SMTP server (aiosmtpd) as the test's own child, and hostile ones as threads.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The account that the server knows.
pub(crate) const USER: &str = "rostergate";
/// Its password.
pub(crate) const PASSWORD: &str = "hemlig åäö";

/// How the server encrypts.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    /// STARTTLS, required.
    Starttls,
    /// From the first byte.
    Implicit,
}

/// A running server, stopped when dropped.
pub(crate) struct SmtpServer {
    child: Child,
    folder: TempDir,
    /// The loopback port.
    pub port: u16,
}

impl SmtpServer {
    /// Starts a server with a certificate for `localhost` from a certificate authority of its own.
    #[expect(clippy::disallowed_methods, reason = "the server is the test's own child")]
    pub(crate) fn start(mode: Mode) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        certificates(folder.path());
        let mode = match mode {
            Mode::Starttls => "starttls",
            Mode::Implicit => "implicit",
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/smtp_server.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(mode)
            .args([folder.path().join("server.pem"), folder.path().join("server.key")])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("/usr/bin/python3 is missing: sudo apt-get install -y python3-aiosmtpd");
        let mut line = String::new();
        let output = child.stdout.take().expect("standard output is piped");
        BufReader::new(output).read_line(&mut line).expect("the server's output can be read");
        let port = line
            .trim()
            .parse()
            .expect("the SMTP server did not start: sudo apt-get install -y python3-aiosmtpd");
        SmtpServer { child, folder, port }
    }

    /// The certificate authority that signed the server's certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The mails kept so far, in order.
    pub(crate) fn mails(&self) -> Vec<Value> {
        (1..)
            .map(|number| self.folder.path().join(format!("{number}.json")))
            .map_while(|path| std::fs::read(path).ok())
            .map(|json| serde_json::from_slice(&json).expect("the server writes JSON"))
            .collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes `ca.pem`, `server.pem` and `server.key`, for a server called `localhost`.
#[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
pub(crate) fn certificates(folder: &Path) {
    let extensions = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n\
                      extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n";
    std::fs::write(folder.join("ext"), extensions).expect("the folder can be written");
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let ca = ["req", "-x509", "-days", "2", "-subj", "/CN=test CA", "-keyout", "ca.key", "-out"];
    openssl(folder, &[&ca[..], &["ca.pem"], &curve].concat());
    let request = ["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"];
    openssl(folder, &[&request[..], &curve].concat());
    let sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
                -extfile ext -out server.pem";
    openssl(folder, &sign.split_whitespace().collect::<Vec<_>>());
}

#[expect(clippy::disallowed_methods, reason = "openssl makes the test's certificates")]
fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("openssl is missing: sudo apt-get install -y openssl");
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
}

/// A server that misbehaves.
#[derive(Clone, Copy)]
pub(crate) enum Hostile {
    /// Accepts and says nothing.
    Silent,
    /// Never ends its greeting, one line every 200 ms.
    Dripping,
    /// Speaks SMTP without STARTTLS, as if someone had stripped it.
    WithoutStarttls,
    /// Speaks something else.
    Babbling,
}

/// Starts a hostile server; gives its port and everything that it is told.
pub(crate) fn hostile(how: Hostile) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            misbehave(how, stream, &ears);
        }
    });
    (port, heard)
}

fn misbehave(how: Hostile, mut stream: TcpStream, heard: &Mutex<Vec<u8>>) {
    match how {
        Hostile::Silent => thread::sleep(Duration::from_secs(30)),
        Hostile::Dripping => {
            while stream.write_all(b"220-wait\r\n").is_ok() {
                thread::sleep(Duration::from_millis(200));
            }
        }
        Hostile::Babbling => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
            listen(&mut stream, heard, b"");
        }
        Hostile::WithoutStarttls => {
            let _ = stream.write_all(b"220 localhost ESMTP\r\n");
            listen(&mut stream, heard, b"250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE\r\n");
        }
    }
}

fn listen(stream: &mut TcpStream, heard: &Mutex<Vec<u8>>, answer: &[u8]) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        heard.lock().expect("nobody panics with it").extend_from_slice(&buffer[..length]);
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}
