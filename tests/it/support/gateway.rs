//! A municipality's gateway as a test's own: the built program, its configuration, an inbox, a
//! state folder, a receiver (OpenSSH) and a mailbox, all in one temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::canaries::Canaries;
use super::export::Export;
use super::proftpd::{self, Proftpd};
use super::smtp::{Mode, PASSWORD, SmtpServer, USER};
use super::sshd::{Sshd, put, user};

const CONFIG: &str = include_str!("gateway.toml");

/// What a command said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Stdout as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts an exit code, with everything said in the failure's text.
    #[track_caller]
    pub(crate) fn exits(self, expected: i32) -> Told {
        assert_eq!(self.exit, expected, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts that stderr holds a message of this code, in its three parts.
    #[track_caller]
    pub(crate) fn explains(self, code: &str) -> Told {
        assert!(!self.err.contains("saknar förklaring"), "{}", self.err);
        for part in [&format!("FEL {code}  ")[..], "\n  Det betyder: ", "\n  Gör så här:\n    "]
        {
            assert!(self.err.contains(part), "no {part:?} in\n{}\n{}", self.err, self.out);
        }
        self
    }

    /// Asserts that stdout names something.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Told {
        assert!(self.out.contains(text), "no {text:?} in\n{}\n{}", self.out, self.err);
        self
    }
}

/// One file at the receiver: name, time stamp, inode and digest.
pub(crate) type RemoteFile = (String, (i64, i64), u64, String);

/// The gateway; its servers end with it.
pub(crate) struct Gateway {
    home: TempDir,
    sshd: Arc<Sshd>,
    remote: PathBuf,
    config: String,
    smtp: Option<SmtpServer>,
    canaries: Canaries,
}

impl Gateway {
    /// A gateway with a receiver of its own.
    pub(crate) fn new() -> Gateway {
        Gateway::beside(&Arc::new(Sshd::start()))
    }

    /// A gateway with a folder of its own at a receiver that others use, too.
    pub(crate) fn beside(sshd: &Arc<Sshd>) -> Gateway {
        let home = tempfile::tempdir().expect("a temporary folder");
        let name = home.path().file_name().expect("a name").to_string_lossy().replace('.', "");
        let remote = sshd.inbox().join(name);
        for folder in ["inbox", "mail", "temp"].map(|name| home.path().join(name)) {
            fs::create_dir(folder).expect("a folder");
        }
        fs::create_dir(&remote).expect("a folder");
        let canaries = Canaries::default();
        canaries.keep(sshd.key().expose());
        secret(&home.path().join("lms.key"), sshd.key().expose());
        let config = CONFIG
            .replace("{home}", &home.path().display().to_string())
            .replace("{port}", &sshd.port.to_string())
            .replace("{user}", &user())
            .replace("{host-key}", &sshd.host_key("ed25519").to_string())
            .replace("{remote}", &remote.display().to_string());
        let sshd = Arc::clone(sshd);
        let mut gateway =
            Gateway { home, sshd, remote, config: String::new(), smtp: None, canaries };
        gateway.configure(config);
        gateway
    }

    /// The same with a mail server instead of a folder for mails.
    pub(crate) fn mailing(mut self) -> Gateway {
        let smtp = SmtpServer::start(Mode::Starttls);
        self.canaries.keep(PASSWORD);
        self.mail_to(smtp.port, &smtp.ca_file(), "");
        self.smtp = Some(smtp);
        self
    }

    /// Files go to `ProFTPD` instead, with more lines of settings.
    pub(crate) fn deliver_to(&mut self, server: &Proftpd, more: &str) {
        secret(&self.home.path().join("proftpd.key"), server.key().expose());
        let (port, pin) = (self.sshd.port, self.sshd.host_key("ed25519").to_string());
        let before = self.remote.display().to_string();
        self.change(&format!("= {port}\n"), &format!("= {}\n{more}\n", server.port));
        self.change(&pin, &server.host_key().to_string());
        self.change("lms.key", "proftpd.key");
        self.change(&before, &server.inbox().display().to_string());
        let account = format!("user            = \"{}\"", user());
        self.change(&account, &format!("user = \"{}\"", proftpd::USER));
        self.remote = server.inbox();
    }

    /// Files go into the same folder without a server between.
    pub(crate) fn deliver_into_folder(&mut self) {
        let (before, rest) = self.config.split_once("[target.lms.deliver.sftp]").expect("sftp");
        let after = rest.split_once("# The fixture").expect("what follows").1;
        let folder = self.remote.display();
        let table = format!(
            "[target.lms.deliver.folder]\npath = \"{folder}\"\nretry-waits = [\"1s\"]\n\n# The fixture"
        );
        self.configure(format!("{before}{table}{after}"));
    }

    /// Whether the file is put into a folder of this machine.
    pub(crate) fn has_folder(&self) -> bool {
        self.config.contains("[target.lms.deliver.folder]")
    }

    /// Mails go to a server on this machine, with more lines of settings.
    pub(crate) fn mail_to(&mut self, port: u16, ca: &Path, more: &str) {
        let password = self.home.path().join("mail.password");
        secret(&password, PASSWORD);
        self.mail_by(&format!(
            "[mail.smtp]\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\n\
             password = \"file:{}\"\nca-file = \"{}\"\n{more}\n",
            password.display(),
            ca.display(),
        ));
    }

    /// Replaces the way of the mails, `[mail.folder]` until then.
    pub(crate) fn mail_by(&mut self, table: &str) {
        let before = self.config.split("[mail.").next().expect("a first part").to_owned();
        self.configure(before + table);
    }

    /// Edits the configuration; what is replaced must be there.
    pub(crate) fn change(&mut self, from: &str, to: &str) {
        assert!(self.config.contains(from), "the configuration holds no {from}");
        self.configure(self.config.replace(from, to));
    }

    /// Writes another configuration.
    pub(crate) fn configure(&mut self, config: String) {
        secret(&self.home.path().join("rostergate.toml"), &config);
        self.config = config;
    }

    /// The configuration as it is.
    pub(crate) fn config(&self) -> &str {
        &self.config
    }

    /// The gateway's folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The drop folder.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.home.path().join("inbox")
    }

    /// The state folder.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// Where the program puts what is for a moment only.
    pub(crate) fn temp(&self) -> PathBuf {
        self.home.path().join("temp")
    }

    /// The folder at the receiver.
    pub(crate) fn remote(&self) -> &Path {
        &self.remote
    }

    /// The receiver.
    pub(crate) fn sshd(&self) -> &Sshd {
        &self.sshd
    }

    /// Leaves an export in the drop folder.
    pub(crate) fn export(&self, export: &Export) {
        self.canaries.take(export);
        export.leave(&self.inbox());
    }

    /// The program with its configuration, as a person would start it.
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rostergate"));
        command.args(arguments).arg("--config").arg(self.home.path().join("rostergate.toml"));
        for name in ["LC_ALL", "LC_MESSAGES", "SUDO_USER", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(name);
        }
        command.env("USER", "anna.admin").env("LANG", "sv_SE.UTF-8").stdin(Stdio::null());
        command.env("TMPDIR", self.temp());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Told {
        self.to_its_end(self.command(arguments))
    }

    /// Runs a command that may map so many bytes of memory.
    #[expect(clippy::disallowed_methods, reason = "tests start the program, here by another")]
    pub(crate) fn run_with_memory(&self, bytes: u64, arguments: &[&str]) -> Told {
        let command = self.command(arguments);
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--as={bytes}")).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.stdin(Stdio::null());
        self.to_its_end(limited)
    }

    fn to_its_end(&self, mut command: Command) -> Told {
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let exit = output.status.code().expect("it ended by itself");
        let told = Told { exit, out: text(output.stdout), err: text(output.stderr) };
        self.canaries.look(&format!("{arguments:?}, stdout"), &told.out);
        self.canaries.look(&format!("{arguments:?}, stderr"), &told.err);
        told
    }

    /// Starts a command and goes on.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }

    /// A night's run on a day of August 2026.
    pub(crate) fn night(&self, day: u8) -> Told {
        self.run(&["run", "--as-of", &format!("2026-08-{day:02}T04:15")])
    }

    /// A night's run on an export.
    pub(crate) fn night_of(&self, day: u8, export: &Export) -> Told {
        self.export(export);
        self.night(day)
    }

    /// The held plan, of whichever target.
    #[track_caller]
    pub(crate) fn held(&self) -> String {
        let status = self.run(&["status", "--json"]).exits(0).json();
        let targets = status["targets"].as_object().expect("targets");
        let held = targets.values().find_map(|target| target["held"].as_str());
        held.unwrap_or_else(|| panic!("nothing is held: {status}")).to_owned()
    }

    /// The number that a plan's approval asks for.
    pub(crate) fn number_of(&self, plan: &str) -> u64 {
        let shown = self.run(&["plan", plan, "--json"]).exits(0).json();
        shown["confirm"].as_u64().expect("a number")
    }

    /// Approves a plan with the right number.
    pub(crate) fn approve_plan(&self, plan: &str, more: &[&str]) -> Told {
        let number = self.number_of(plan).to_string();
        let arguments =
            [&["approve", plan, "--reason", "kontrollerat", "--confirm", &number], more].concat();
        self.run(&arguments)
    }

    /// Approves the held plan with the right number.
    pub(crate) fn approve(&self, more: &[&str]) -> Told {
        self.approve_plan(&self.held(), more)
    }

    /// The first night of the fixture, held and approved, and so the baseline of what follows.
    pub(crate) fn delivered(self) -> Gateway {
        self.night_of(24, &Export::night("night1")).exits(10);
        self.approve(&["--receiver-empty"]).exits(0);
        self
    }

    /// What stands at the receiver, by name.
    pub(crate) fn received(&self) -> Vec<RemoteFile> {
        let mut files: Vec<RemoteFile> = fs::read_dir(&self.remote)
            .expect("the receiver's folder")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                let about = fs::symlink_metadata(&path).expect("it is there");
                let content = fs::read(&path).unwrap_or_default();
                (name, (about.mtime(), about.mtime_nsec()), about.ino(), sha256(&content))
            })
            .collect();
        files.sort();
        files
    }

    /// The file at the receiver, which must be the only one there.
    #[track_caller]
    pub(crate) fn xml(&self) -> String {
        let files = self.received();
        let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).collect();
        assert_eq!(names, ["ims.xml"]);
        self.xml_now()
    }

    /// The file at the receiver, whatever else lies there.
    pub(crate) fn xml_now(&self) -> String {
        fs::read_to_string(self.remote.join("ims.xml")).expect("there is always a file, in UTF-8")
    }

    /// The mails that the server took, in order.
    pub(crate) fn mails(&self) -> Vec<MailSeen> {
        let mails = self.smtp.as_ref().expect("a mail server").mails();
        mails.iter().map(MailSeen::of).collect()
    }

    /// Whether mails go to a server.
    pub(crate) fn mails_by_server(&self) -> bool {
        self.smtp.is_some()
    }

    /// The mails in the folder for mails, by their file names.
    pub(crate) fn eml(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.home.path().join("mail")).expect("the folder");
        let read = |path: PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("mails are ASCII"))
        };
        entries.map(|entry| read(entry.expect("an entry").path())).collect()
    }

    /// The digest of the file that, by the logbook, the target was last told.
    #[track_caller]
    pub(crate) fn told(&self) -> String {
        let baseline = self.baseline();
        let digest = baseline["delivered"]["documents"][0]["sha256"].as_str();
        digest.unwrap_or_else(|| panic!("{baseline}")).to_owned()
    }

    /// What the logbook says the target was last told.
    pub(crate) fn baseline(&self) -> Value {
        self.run(&["baseline", "show", "--json"]).exits(0).json()["targets"]["lms"].clone()
    }
}

impl Drop for Gateway {
    /// Whatever a test was about, its mails hold nothing of a person, and nothing lies about.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let server = self.smtp.as_ref().map(|_| self.mails()).unwrap_or_default();
        for mail in server {
            self.canaries.look(&format!("mail {}", mail.subject), &mail.all);
        }
        for (name, mail) in self.eml() {
            self.canaries.look(&name, &mail.replace("=\r\n", ""));
        }
    }
}

/// One mail as its reader sees it.
pub(crate) struct MailSeen {
    pub(crate) id: String,
    pub(crate) subject: String,
    /// Text and HTML.
    pub(crate) body: String,
    /// Everything, headers and envelope included.
    pub(crate) all: String,
}

impl MailSeen {
    fn of(mail: &Value) -> MailSeen {
        let header = |name: &str| {
            let headers = mail["headers"].as_array().expect("headers");
            let found = headers.iter().find(|header| header[0] == name);
            found.and_then(|header| header[1].as_str()).unwrap_or_default().to_owned()
        };
        let parts = mail["parts"].as_array().expect("parts");
        let body = parts.iter().filter_map(|part| part["text"].as_str()).collect::<String>();
        let (id, subject) = (header("Message-ID"), header("Subject"));
        let all = format!("{}\n{body}", mail["headers"]);
        MailSeen { id, subject, body, all }
    }
}

/// The last day that a pause may hold, by the clock of the machine: next year.
#[expect(clippy::disallowed_methods, reason = "what a person types has its day by the clock")]
pub(crate) fn next_year() -> jiff::civil::Date {
    let zone = jiff::tz::TimeZone::get("Europe/Stockholm").expect("the zone of the gateways");
    jiff::Timestamp::now().to_zoned(zone).date().saturating_add(jiff::Span::new().years(1))
}

/// Hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A file that only its owner reads.
pub(crate) fn secret(path: &Path, text: &str) {
    put(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}

/// Asserts that an XML file is valid by the schema in `schemas/`.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "an independent judge of the files")]
pub(crate) fn assert_valid(path: &Path) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/ims-enterprise.xsd");
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([&schema, path])
        .output()
        .expect("xmllint is missing: apt-get install -y libxml2-utils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
