//! A real `ProFTPD` with `mod_sftp` as a child of the test: its own configuration, fresh keys, a
//! free port.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rostergate::delivery::Fingerprint;
use rostergate::secrets::Secret;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::deliveries::{settings, with_key};
use super::nights::Place;
use super::sshd::{command, fingerprint, free_port, keygen, listens, private, put, run};

const INSTALL: &str =
    "install it with: apt-get install -y proftpd-core proftpd-mod-crypto openssh-client";
const MODULES: &str = "/usr/lib/proftpd";
/// Who logs in; the server knows nobody else.
pub(crate) const USER: &str = "skolan";
/// Whose files they are when root runs the tests: Debian's `nobody`, for whom rights count.
const NOBODY: u32 = 65534;

/// A running server; it is stopped when dropped.
pub(crate) struct Proftpd {
    child: Child,
    folder: TempDir,
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
}

impl Proftpd {
    /// A server, with `more` lines of configuration. In those, `~`
    /// is the folder that holds the inbox `~/in`.
    pub(crate) fn with(more: &str) -> Proftpd {
        assert!(Path::new(MODULES).join("mod_sftp.so").exists(), "mod_sftp is missing; {INSTALL}");
        let folder = prepared();
        for _ in 0..5 {
            let port = free_port();
            let mut child = spawn(folder.path(), port, more);
            if listens(port, &mut child) {
                return Proftpd { child, folder, port };
            }
            let _ = child.kill();
            let _ = child.wait();
            let log = fs::read_to_string(folder.path().join("out")).unwrap();
            assert!(log.contains("Address already in use"), "no start; {INSTALL}\n{log}");
        }
        panic!("no free port found");
    }

    /// The folder to deliver to, as this machine sees it.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    /// The inbox as a place to deliver to, with more lines of settings.
    pub(crate) fn place(&self, more: &str) -> Place {
        self.place_at(self.inbox().to_str().unwrap(), more)
    }

    /// The same, with the inbox under the name by which the server knows it.
    pub(crate) fn place_at(&self, folder: &str, more: &str) -> Place {
        Place {
            to: settings(self.port, USER, folder, more),
            pins: vec![self.host_key()],
            with: with_key(self.key()),
            inbox: self.inbox(),
        }
    }

    /// The private key that may log in.
    pub(crate) fn key(&self) -> Secret {
        private(&self.folder.path().join("client"))
    }

    /// The fingerprint of the host key.
    pub(crate) fn host_key(&self) -> Fingerprint {
        fingerprint(&self.folder.path().join("host"))
    }

    /// Lets nobody in any more.
    pub(crate) fn admit_nobody(&self) {
        keygen(&self.folder.path().join("other"), "ed25519", "");
        put(&self.folder.path().join("keys"), &public(&self.folder.path().join("other")));
    }

    /// How many connections the server has taken.
    pub(crate) fn connections(&self) -> usize {
        self.trace().matches("received SSH_MSG_KEXINIT").count()
    }

    /// How many requests to log in the server has seen.
    pub(crate) fn login_requests(&self) -> usize {
        self.trace().matches("received SSH_MSG_USER_AUTH_REQUEST").count()
    }

    /// How many logins the server has refused.
    pub(crate) fn refusals(&self) -> usize {
        self.trace().matches("sent SSH_MSG_USER_AUTH_FAILURE").count()
    }

    /// The SFTP requests that the server has seen since the start, or since `forget`: what was
    /// asked, in order, repeated reads and writes told once.
    pub(crate) fn requests(&self) -> Vec<String> {
        let trace = self.trace();
        let asked = trace.lines().filter_map(|line| line.split_once("received request: "));
        let mut words: Vec<String> = asked
            .map(|(_, request)| match request.strip_prefix("EXTENDED ") {
                Some(extended) => extended.split(['@', ' ']).next().unwrap_or_default().to_owned(),
                None => request.split(' ').next().unwrap_or_default().to_lowercase(),
            })
            .collect();
        words.dedup();
        words
    }

    /// Forgets what was traced so far.
    pub(crate) fn forget(&self) {
        let trace = fs::OpenOptions::new().write(true).open(self.folder.path().join("trace"));
        trace.unwrap().set_len(0).unwrap();
    }

    /// What the server has logged of SSH and SFTP.
    pub(crate) fn trace(&self) -> String {
        fs::read_to_string(self.folder.path().join("trace")).unwrap_or_default()
    }
}

impl Drop for Proftpd {
    fn drop(&mut self) {
        // Its sessions are processes of their own, which it ends only when it is asked to.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let patience = Instant::now() + Duration::from_secs(5);
        while Instant::now() < patience && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with keys, users and an inbox.
fn prepared() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    keygen(&at("host"), "ed25519", "");
    keygen(&at("client"), "ed25519", "");
    put(&at("keys"), &public(&at("client")));
    fs::set_permissions(at("keys"), fs::Permissions::from_mode(0o644)).unwrap();
    let (user, group) = owner();
    let home = folder.path().display();
    put(&at("users"), &format!("{USER}:*:{user}:{group}::{home}:/bin/false\n"));
    fs::set_permissions(at("users"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::create_dir(at("in")).unwrap();
    chown(at("in"), Some(user), Some(group)).unwrap();
    folder
}

/// Whose the delivered files are.
fn owner() -> (u32, u32) {
    if rustix::process::geteuid().is_root() {
        (NOBODY, NOBODY)
    } else {
        (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
    }
}

/// A public key in the form that `mod_sftp` reads, RFC 4716.
fn public(key: &Path) -> String {
    run(command("ssh-keygen").args(["-e", "-m", "RFC4716", "-f"]).arg(key.with_extension("pub")))
}

fn spawn(folder: &Path, port: u16, more: &str) -> Child {
    let (user, group) = (run(command("id").arg("-un")), run(command("id").arg("-gn")));
    let at = folder.display();
    let config = format!(
        "ModulePath {MODULES}\nLoadModule mod_sftp.c\n\
         ServerName test\nServerType standalone\nDefaultAddress 127.0.0.1\nPort {port}\n\
         UseIPv6 off\nUseReverseDNS off\nUser {user}\nGroup {group}\nUmask 022\n\
         AuthPAM off\nAuthOrder mod_auth_file.c\nAuthUserFile {at}/users\nRequireValidShell off\n\
         PidFile {at}/pid\nScoreboardFile {at}/scoreboard\nWtmpLog off\nTransferLog none\n\
         ControlsEngine off\nDelayEngine off\nAllowOverwrite on\n\
         SFTPEngine on\nSFTPHostKey {at}/host\nSFTPAuthMethods publickey\n\
         SFTPAuthorizedUserKeys file:{at}/keys\nSFTPLog {at}/sftp.log\n\
         TraceLog {at}/trace\nTrace ssh2:3 sftp:8\nSystemLog {at}/out\n{more}\n"
    );
    put(&folder.join("config"), &config);
    let log = fs::OpenOptions::new().append(true).create(true).open(folder.join("out")).unwrap();
    let program = ["/usr/sbin/proftpd", "/usr/bin/proftpd"];
    let program = program.into_iter().find(|path| Path::new(path).exists());
    let program = program.unwrap_or_else(|| panic!("proftpd is not there; {INSTALL}"));
    command(program)
        .args(["--nodaemon", "--config"])
        .arg(folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}
