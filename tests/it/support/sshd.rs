//! A real OpenSSH server as a child of the test: its own configuration, fresh keys, a free port.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rostergate::delivery::Fingerprint;
use rostergate::secrets::Secret;
use tempfile::TempDir;

use super::deliveries::{settings, with_key};
use super::nights::Place;

const INSTALL: &str = "install it with: apt-get install -y openssh-server openssh-client";

/// A running server; it is stopped when dropped.
pub(crate) struct Sshd {
    child: Mutex<Child>,
    folder: TempDir,
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    jailed: bool,
}

impl Sshd {
    /// A server for the user who runs the tests, with host keys of three kinds.
    pub(crate) fn start() -> Sshd {
        Sshd::with("internal-sftp")
    }

    /// The same with another SFTP subsystem, such as `internal-sftp -R` (read only).
    pub(crate) fn with(subsystem: &str) -> Sshd {
        Sshd::prepared(tempfile::tempdir().expect("a temporary folder"), subsystem, false)
    }

    /// A server that shuts everybody into its folder, where the inbox is `/in`. Only root can
    /// start one, and every folder above must be root's alone, which `/tmp` is not.
    pub(crate) fn jailed() -> Sshd {
        needs_root("a server with ChrootDirectory");
        let folder = tempfile::tempdir_in("/run").expect("a temporary folder in /run");
        Sshd::prepared(folder, "internal-sftp", true)
    }

    fn prepared(mut folder: TempDir, subsystem: &str, jailed: bool) -> Sshd {
        for (name, kind) in [("ed25519", "ed25519"), ("rsa", "rsa"), ("ecdsa", "ecdsa")] {
            keygen(&folder.path().join(format!("host_{name}")), kind, "");
        }
        keygen(&folder.path().join("client"), "ed25519", "");
        let public = folder.path().join("client.pub");
        fs::copy(public, folder.path().join("authorized_keys")).expect("a copy");
        fs::create_dir(folder.path().join("in")).expect("a folder");
        if Path::new("/run").is_dir() {
            // OpenSSH started by root wants it; for others it may be out of reach and is not needed.
            let _ = fs::create_dir_all("/run/sshd");
        }
        for _ in 0..5 {
            let port = free_port();
            let child = Mutex::new(spawn(folder.path(), port, subsystem, jailed));
            let mut sshd = Sshd { child, folder, port, jailed };
            if sshd.answers() {
                return sshd;
            }
            let log = sshd.log();
            assert!(log.contains("Address already in use"), "sshd did not start; {INSTALL}\n{log}");
            sshd.stop();
            folder = std::mem::replace(&mut sshd.folder, tempfile::tempdir().expect("a folder"));
        }
        panic!("no free port found");
    }

    /// Answers nobody any more.
    pub(crate) fn stop(&self) {
        let mut child = self.child.lock().expect("nobody panics with it");
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Answers again, with its port and keys but another SFTP subsystem.
    pub(crate) fn restart(&self, subsystem: &str) {
        self.stop();
        let child = spawn(self.folder.path(), self.port, subsystem, self.jailed);
        *self.child.lock().expect("nobody panics with it") = child;
        assert!(self.answers(), "{}", self.log());
    }

    /// The folder to deliver to.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    /// The inbox as a place to deliver to, with more lines of settings.
    pub(crate) fn place(&self, more: &str) -> Place {
        let folder = if self.jailed { Path::new("/in") } else { &self.inbox() };
        Place {
            to: settings(self.port, &user(), folder.to_str().expect("a plain path"), more),
            pins: vec![self.host_key("ed25519")],
            with: with_key(self.key()),
            inbox: self.inbox(),
        }
    }

    /// The private key that may log in.
    pub(crate) fn key(&self) -> Secret {
        self.private("client")
    }

    /// The fingerprint of a host key: `ed25519`, `rsa` or `ecdsa`.
    pub(crate) fn host_key(&self, kind: &str) -> Fingerprint {
        fingerprint(&self.folder.path().join(format!("host_{kind}")))
    }

    /// Makes another client key, lets it in, and returns it.
    pub(crate) fn admit(&self, kind: &str, passphrase: &str) -> Secret {
        let name = format!("client_{kind}_{}", passphrase.len());
        let path = self.folder.path().join(&name);
        keygen(&path, kind, passphrase);
        self.admit_key(&path, passphrase)
    }

    /// Lets in who holds this private key, and returns it.
    pub(crate) fn admit_key(&self, path: &Path, passphrase: &str) -> Secret {
        let public = run(command("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(path));
        let list = self.folder.path().join("authorized_keys");
        let known = fs::read_to_string(&list).expect("the list");
        put(&list, &(known + &public));
        private(path)
    }

    /// Lets nobody in any more.
    pub(crate) fn admit_nobody(&self) {
        put(&self.folder.path().join("authorized_keys"), "");
    }

    /// What the server has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("the log")
    }

    /// How many requests to log in the server has seen.
    pub(crate) fn login_requests(&self) -> usize {
        self.log().matches("userauth-request for user").count()
    }

    fn private(&self, name: &str) -> Secret {
        private(&self.folder.path().join(name))
    }

    fn answers(&self) -> bool {
        listens(self.port, &mut self.child.lock().expect("nobody panics with it"))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Stops a test that only root can run, and says so.
#[track_caller]
pub(crate) fn needs_root(what: &str) {
    let root = rustix::process::geteuid().is_root();
    assert!(root, "{what} takes root: run the tests as root, as CI does");
}

/// The name of the user who runs the tests.
pub(crate) fn user() -> String {
    run(command("id").arg("-un")).trim().to_owned()
}

/// Waits until a server listens; `false` when it has ended instead, or takes too long.
pub(crate) fn listens(port: u16, server: &mut Child) -> bool {
    let patience = Instant::now() + Duration::from_secs(10);
    while Instant::now() < patience {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        if !matches!(server.try_wait(), Ok(None)) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// The fingerprint of a key pair.
pub(crate) fn fingerprint(key: &Path) -> Fingerprint {
    let out = run(command("ssh-keygen").arg("-lf").arg(key.with_extension("pub")));
    out.split_whitespace().nth(1).expect("a fingerprint").parse().expect("a fingerprint")
}

/// A private key.
pub(crate) fn private(path: &Path) -> Secret {
    Secret::new(fs::read_to_string(path).expect("a key"))
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

#[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
pub(crate) fn put(path: &Path, text: &str) {
    fs::write(path, text).expect("a written file");
}

fn spawn(folder: &Path, port: u16, subsystem: &str, jailed: bool) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    let jail = if jailed { folder.display().to_string() } else { "none".to_owned() };
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUsePAM no\n\
         HostKey {}\nHostKey {}\nHostKey {}\nAuthorizedKeysFile {}\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
         LogLevel DEBUG1\nMaxStartups 100\nSubsystem sftp {subsystem}\n\
         ChrootDirectory {jail}\n",
        at("host_ed25519"),
        at("host_rsa"),
        at("host_ecdsa"),
        at("authorized_keys"),
    );
    put(&folder.join("config"), &config);
    let log =
        fs::OpenOptions::new().append(true).create(true).open(folder.join("log")).expect("the log");
    let sshd = ["/usr/sbin/sshd", "/usr/bin/sshd"].into_iter().find(|p| Path::new(p).exists());
    let sshd = sshd.unwrap_or_else(|| panic!("sshd is not there; {INSTALL}"));
    command(sshd)
        .args(["-D", "-e", "-f"])
        .arg(folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("sshd starts")
}

pub(crate) fn keygen(path: &Path, kind: &str, passphrase: &str) {
    let mut command = command("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"]).arg(path);
    if kind == "rsa" {
        command.args(["-b", "2048"]);
    }
    run(&mut command);
}

#[expect(clippy::disallowed_methods, reason = "the tests' own servers and their tools")]
pub(crate) fn command(program: &str) -> Command {
    Command::new(program)
}

pub(crate) fn run(command: &mut Command) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; {INSTALL}"));
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("text")
}
