//! OpenSSH's server on a free port of this machine, with keys of its own, and how to reach it.

use std::fs::{self, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// The one cipher that the server takes: the first choice of both clients.
pub(crate) const CIPHER: &str = "aes256-gcm@openssh.com";

/// A running server; it is stopped when dropped.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
    user: String,
}

impl Server {
    pub(crate) fn start() -> io::Result<Server> {
        let folder = tempfile::tempdir()?;
        for name in ["host", "client"] {
            let path = folder.path().join(name);
            said(
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path),
            )?;
        }
        fs::copy(folder.path().join("client.pub"), folder.path().join("authorized_keys"))?;
        fs::create_dir(folder.path().join("in"))?;
        // Where root starts it; for others it is not needed, and may be out of reach.
        let _ = fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUsePAM no\n\
             HostKey {}\nAuthorizedKeysFile {}\nPermitRootLogin yes\nCiphers {CIPHER}\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             Subsystem sftp internal-sftp\n",
            at("host"),
            at("authorized_keys"),
        );
        fs::write(at("config"), config)?;
        let log = fs::File::create(at("log"))?;
        let mut sshd = Command::new("/usr/sbin/sshd");
        let child = sshd.args(["-D", "-e", "-f", &at("config")]).stderr(log).spawn()?;
        let user = said(Command::new("id").arg("-un"))?.trim().to_owned();
        let server = Server { child, folder, port, user };
        server.answers()?;
        Ok(server)
    }

    fn answers(&self) -> io::Result<()> {
        for _ in 0..200 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(25));
        }
        Err(io::Error::other(fs::read_to_string(self.folder().join("log"))?))
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Our settings for a port that leads to the server, as a file.
    pub(crate) fn settings(&self, port: u16) -> io::Result<PathBuf> {
        let folder = self.folder().display();
        let key = said(Command::new("ssh-keygen").args(["-lf", &format!("{folder}/host.pub")]))?;
        let key = key.split_whitespace().nth(1).unwrap_or_default();
        let text = format!(
            "[sftp]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{}\"\nfolder = \"{folder}/in\"\n\
             key = \"file:{folder}/client\"\nhost-keys = [\"{key}\"]\n",
            self.user,
        );
        fs::set_permissions(self.folder().join("client"), Permissions::from_mode(0o600))?;
        let path = self.folder().join(format!("{port}.toml"));
        fs::write(&path, text)?;
        Ok(path)
    }

    /// What starts OpenSSH's client on a batch of its own commands.
    pub(crate) fn batch(&self, port: u16, commands: &str) -> io::Result<Vec<String>> {
        let folder = self.folder().display();
        let public = fs::read_to_string(self.folder().join("host.pub"))?;
        fs::write(self.folder().join("known"), format!("[127.0.0.1]:{port} {public}"))?;
        fs::write(self.folder().join("batch"), commands)?;
        let words = format!(
            "-q -F none -b {folder}/batch -P {port} -i {folder}/client -o IdentitiesOnly=yes \
             -o StrictHostKeyChecking=yes -o UserKnownHostsFile={folder}/known -o Ciphers={CIPHER} \
             {}@127.0.0.1",
            self.user,
        );
        Ok(words.split_whitespace().map(str::to_owned).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What OpenSSH calls itself.
pub(crate) fn version() -> io::Result<String> {
    let output = Command::new("ssh").arg("-V").output()?;
    Ok(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn said(command: &mut Command) -> io::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))))
}
