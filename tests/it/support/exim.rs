//! Debian's mail server, Exim, as the test's own child: its own configuration, folder and port,
//! STARTTLS and login required. What it takes lies in its queue, and goes nowhere.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use tempfile::TempDir;

use super::smtp::{PASSWORD, USER, certificates};
use super::sshd::{command, free_port, listens, needs_root, put, run};

const CONFIG: &str = include_str!("exim.conf");

/// A running server, stopped when dropped.
pub(crate) struct Exim {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Exim {
    pub(crate) fn start() -> Exim {
        needs_root("a mail server with its own configuration");
        // Exim gives up its rights, and /tmp/… of root's is closed to it.
        let folder = tempfile::tempdir_in("/run").expect("a temporary folder");
        certificates(folder.path());
        let config = CONFIG
            .replace("FOLDER", &folder.path().display().to_string())
            .replace("USER", USER)
            .replace("PASSWORD", PASSWORD);
        put(&folder.path().join("exim.conf"), &config);
        run(command("chown").args(["-R", "Debian-exim:Debian-exim"]).arg(folder.path()));
        run(command("chown").arg("root:root").arg(folder.path().join("exim.conf")));
        let port = free_port();
        let mut child = command("/usr/sbin/exim4")
            .arg("-C")
            .arg(folder.path().join("exim.conf"))
            .args(["-bdf", "-oX", &format!("127.0.0.1.{port}")])
            .stdin(Stdio::null())
            .spawn()
            .expect(
                "exim4 is missing: apt-get install -y --no-install-recommends exim4-daemon-light",
            );
        assert!(listens(port, &mut child), "exim4 does not listen");
        Exim { child, folder, port }
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The mails in its queue, headers first.
    pub(crate) fn mails(&self) -> Vec<String> {
        let queue = fs::read_dir(self.folder.path().join("spool/input")).into_iter().flatten();
        let bodies = queue.flatten().map(|entry| entry.path());
        let bodies = bodies.filter(|path| path.to_string_lossy().ends_with("-D"));
        let whole = |body: PathBuf| {
            let header = body.to_string_lossy().trim_end_matches('D').to_owned() + "H";
            let text = |path: &std::path::Path| {
                String::from_utf8_lossy(&fs::read(path).expect("its queue")).into_owned()
            };
            text(header.as_ref()) + &text(&body)
        };
        bodies.map(whole).collect()
    }

    /// Ends the greylisting.
    pub(crate) fn let_in(&self) {
        put(&self.folder.path().join("greylisted"), "");
    }

    /// What it says of each connection and mail.
    pub(crate) fn log(&self) -> String {
        let folder = self.folder.path();
        ["mainlog", "rejectlog"]
            .iter()
            .filter_map(|name| fs::read_to_string(folder.join("log").join(name)).ok())
            .collect()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
