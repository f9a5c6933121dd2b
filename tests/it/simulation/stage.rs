//! The folders of one town on disk, and what happens there at the moments of a run: the receiver
//! reads, things break, the power fails. Every file that becomes visible is judged at once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rostergate::delivery::Step;
use rostergate::gateway::Event;
use rusqlite::Connection;
use tempfile::TempDir;

use super::laws::{Published, judge};
use super::line::Line;
use super::receiver::Receiver;
use super::story::{Act, Moment};
use super::town::{Says, touch};
use crate::support::gateway::sha256;

/// What a ledger that was put back in time believes: which file was the last, if any.
#[derive(Clone, Copy)]
pub(super) struct Known(pub(super) Option<usize>);

/// The folders, and everybody but the gateway.
pub(super) struct Stage {
    pub(super) root: TempDir,
    /// Where the receiver is reached by SFTP.
    pub(super) line: Option<Line>,
    pub(super) receiver: Receiver,
    /// The receiver takes files away when it reads them.
    pub(super) takes: bool,
    /// Everything that ever became visible, in order.
    pub(super) published: Vec<Published>,
    /// Which of them the ledger knows as the last, where it was put back in time.
    pub(super) forgotten: Option<Known>,
    /// From which of them on the ledger remembers each.
    pub(super) remembers: usize,
    /// Digests of the files that were written to be sent, and of those a person said yes to.
    pub(super) written: BTreeSet<String>,
    pub(super) approved: BTreeSet<String>,
    /// Keys of those who are withdrawn by hand.
    pub(super) withdrawn: BTreeSet<String>,
    /// What the export in the inbox says, and whether tonight's run has read it.
    pub(super) inbox: Says,
    pub(super) has_read: bool,
    /// The digest of what this run wrote last, and how many files there were before it.
    pub(super) newest: Option<String>,
    pub(super) before: usize,
    pub(super) allowed: super::laws::Allowed,
    pub(super) now: Timestamp,
    /// What is still to happen in this run, and what has.
    pub(super) acts: Vec<(Moment, Act)>,
    pub(super) happened: Vec<(Moment, Act)>,
    /// Every run that began, in order.
    pub(super) runs: Vec<String>,
    visible: Option<(u64, i64, i64)>,
    once: bool,
    image: Option<Image>,
    pub(super) fault: Option<String>,
}

/// The world at the moment at which the power failed.
struct Image {
    folder: PathBuf,
    receiver: Receiver,
    published: usize,
    forgotten: Option<Known>,
    runs: usize,
}

/// A fault of the program.
struct Fault;

/// Where tests keep what need not outlive them: in memory where that can be.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

impl Stage {
    pub(super) fn new(takes: bool, sftp: bool) -> Stage {
        let root = scratch();
        let line = sftp.then(|| Line::to(root.path()));
        for name in ["inbox", "remote", "mail"] {
            fs::create_dir(root.path().join(name)).expect("a folder");
        }
        Stage {
            root,
            line,
            receiver: Receiver { limit: 100, ..Receiver::default() },
            takes,
            published: Vec::new(),
            forgotten: None,
            remembers: 0,
            written: BTreeSet::new(),
            approved: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            inbox: Says::default(),
            has_read: false,
            newest: None,
            before: 0,
            allowed: super::laws::Allowed::default(),
            now: Timestamp::MIN,
            acts: Vec::new(),
            happened: Vec::new(),
            runs: Vec::new(),
            visible: None,
            once: false,
            image: None,
            fault: None,
        }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.at("remote/ims.xml")
    }

    /// The power has failed; what the program does from then on never happened.
    fn is_dark(&self) -> bool {
        self.image.is_some()
    }

    /// Called with everything that happens in a run.
    pub(super) fn hear(&mut self, event: &Event<'_>) {
        if self.is_dark() {
            return;
        }
        let moment = match event {
            Event::Begun(run) => {
                self.runs.push(run.to_string());
                Moment::Begun
            }
            Event::Read(_) => {
                self.has_read = true;
                Moment::Read
            }
            Event::Planned(..) => Moment::Planned,
            Event::Written(_, documents) => {
                for document in *documents {
                    let bytes = fs::read(&document.path).expect("a file just written");
                    let digest = sha256(&bytes);
                    self.newest = Some(digest.clone());
                    self.written.insert(digest);
                }
                Moment::Written
            }
            Event::Step(_, Step::Uploading { .. }, true) => Moment::Uploading,
            Event::Sending(_, sent, total) if sent == total => {
                self.age_uploads();
                Moment::Sending
            }
            Event::Step(_, Step::Uploaded { .. }, true) => Moment::Uploaded,
            Event::Step(_, Step::Publishing { .. }, true) => Moment::Publishing,
            Event::Step(_, Step::Published { .. }, false) => Moment::Renamed,
            Event::Step(_, Step::Published { .. }, true) => Moment::Published,
            Event::Done(_) => Moment::Done,
            Event::Mailed(..) => Moment::Mailed,
            _ => return,
        };
        self.moment(moment);
    }

    fn moment(&mut self, now: Moment) {
        self.look();
        if std::mem::take(&mut self.once) {
            self.ledger_again();
        }
        let mut panics = false;
        let due: Vec<Act> =
            self.acts.iter().filter(|(moment, _)| *moment == now).map(|(_, act)| *act).collect();
        self.acts.retain(|(moment, _)| *moment != now);
        for act in due {
            self.happened.push((now, act));
            panics |= act == Act::Panic;
            self.act(act);
            if self.is_dark() {
                return;
            }
        }
        if panics {
            std::panic::resume_unwind(Box::new(Fault));
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Takes => self.take(),
            Act::Lost | Act::LostAndGone if self.line.is_some() => {
                self.line.iter().for_each(|line| line.loses(act == Act::Lost));
            }
            Act::Crash | Act::Lost | Act::LostAndGone => {
                self.heal();
                self.image = Some(self.take_image());
            }
            Act::Panic => {}
            Act::Gone => self.away("remote"),
            Act::MailGone => self.away("mail"),
            Act::StateFull => {
                self.away("state/runs");
                if self.at("state").is_dir() {
                    crate::support::sshd::put(&self.at("state/runs"), "");
                }
            }
            Act::LedgerFull => self.ledger_full(),
            Act::LedgerOnce => {
                self.ledger_full();
                self.once = true;
            }
            Act::LedgerStep => {
                self.steps_refused();
                self.once = true;
            }
            Act::Flipped => self.tamper(|bytes| bytes[0] ^= 1),
            Act::CutUpload => self.tamper(|bytes| bytes.truncate(bytes.len() / 2)),
            Act::TempTaken => {
                for path in self.uploads() {
                    fs::remove_file(path).expect("it is there");
                }
            }
        }
    }

    /// Puts a folder aside.
    fn away(&self, name: &str) {
        let aside = self.at(&format!("{}.away", name.replace('/', "-")));
        if !aside.exists() && self.at(name).is_dir() {
            fs::rename(self.at(name), aside).expect("our own folder");
        }
    }

    /// What was broken for a run is whole again.
    pub(super) fn heal(&mut self) {
        for name in ["remote", "mail", "state/runs"] {
            let aside = self.at(&format!("{}.away", name.replace('/', "-")));
            if aside.exists() {
                let _ = fs::remove_file(self.at(name));
                let _ = fs::remove_dir_all(self.at(name));
                fs::rename(aside, self.at(name)).expect("our own folder");
            }
        }
        self.line.iter().for_each(Line::is_whole_again);
        self.once = false;
        self.ledger_again();
    }

    fn ledger(&self) -> Option<Connection> {
        let path = self.at("state/ledger.sqlite3");
        path.exists().then(|| Connection::open(path).expect("a database"))
    }

    /// Every change of the ledger fails from now on, as on a full disk.
    fn ledger_full(&self) {
        let Some(ledger) = self.ledger() else { return };
        let mut all = String::new();
        for table in tables(&ledger, "table") {
            for what in ["INSERT", "UPDATE", "DELETE"] {
                let _ = write!(
                    all,
                    "CREATE TRIGGER IF NOT EXISTS full_{table}_{what} BEFORE {what} ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END;"
                );
            }
        }
        ledger.execute_batch(&all).expect("our own ledger");
    }

    /// No step of a delivery can be written down from now on.
    fn steps_refused(&self) {
        let Some(ledger) = self.ledger() else { return };
        let refuse = "CREATE TRIGGER IF NOT EXISTS no_step BEFORE INSERT ON plan WHEN \
                      NEW.record ->> '$.state' IN ('uploading', 'uploaded', 'publishing', \
                      'published') BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END;";
        ledger.execute_batch(refuse).expect("our own ledger");
    }

    fn ledger_again(&self) {
        let full = |act: &(Moment, Act)| act.1.is_of_the_ledger();
        if !self.happened.iter().any(full) {
            return;
        }
        let Some(ledger) = self.ledger() else { return };
        let drop = |name: String| format!("DROP TRIGGER {name};");
        let all: String = tables(&ledger, "trigger").into_iter().map(drop).collect();
        ledger.execute_batch(&all).expect("our own ledger");
    }

    fn uploads(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.at("remote")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "part")).collect()
    }

    /// The receiver's clock is right, and so are the times of its files.
    fn age_uploads(&self) {
        for path in self.uploads() {
            let about = fs::metadata(&path).expect("it is there");
            if about.mtime() > self.now.as_second() {
                touch(&path, self.now.into());
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "somebody else's hand")]
    fn tamper(&self, how: impl Fn(&mut Vec<u8>)) {
        for path in self.uploads() {
            let mut bytes = fs::read(&path).expect("it is there");
            if bytes.len() > 1 {
                how(&mut bytes);
                fs::write(&path, bytes).expect("it is there");
            }
        }
    }

    /// Looks whether another file has become visible, and judges it.
    pub(super) fn look(&mut self) {
        let Ok(about) = fs::metadata(self.file()) else { return };
        let seen = Some((about.ino(), about.ctime(), about.ctime_nsec()));
        if seen == self.visible {
            return;
        }
        self.visible = seen;
        let Ok(bytes) = fs::read(self.file()) else { return };
        let judged = judge(self, &bytes);
        self.blame(judged);
    }

    fn blame(&mut self, checked: Result<(), String>) {
        if let (Err(fault), None) = (checked, &self.fault) {
            self.fault = Some(fault);
        }
    }

    /// The receiver reads what lies there.
    pub(super) fn take(&mut self) {
        self.look();
        let Ok(bytes) = fs::read(self.file()) else { return };
        let may_go_back = self.forgotten.is_some();
        let imported = self.receiver.import(&bytes, may_go_back);
        self.blame(imported.map_err(|fault| format!("I1 at the import: {fault}")));
        if self.takes {
            fs::remove_file(self.file()).expect("it is there");
        }
    }

    fn take_image(&self) -> Image {
        let folder = self.at("image");
        let _ = fs::remove_dir_all(&folder);
        for name in ["state", "remote", "mail"] {
            copy(&self.at(name), &folder.join(name));
        }
        let (published, runs) = (self.published.len(), self.runs.len());
        let (receiver, forgotten) = (self.receiver.clone(), self.forgotten);
        Image { folder, receiver, published, forgotten, runs }
    }

    /// After a run: everything that broke is whole again, and if the power failed, the world is as
    /// it was then. Gives whether it failed.
    pub(super) fn after_run(&mut self) -> bool {
        let failed = match self.image.take() {
            None => {
                self.heal();
                self.look();
                false
            }
            Some(image) => {
                for name in ["state", "remote", "mail"] {
                    let _ = fs::remove_dir_all(self.at(name));
                    if image.folder.join(name).exists() {
                        fs::rename(image.folder.join(name), self.at(name)).expect("our own");
                    }
                }
                self.receiver = image.receiver;
                self.forgotten = image.forgotten;
                self.published.truncate(image.published);
                self.runs.truncate(image.runs);
                let about = fs::metadata(self.file()).ok();
                self.visible = about.map(|a| (a.ino(), a.ctime(), a.ctime_nsec()));
                true
            }
        };
        self.acts.clear();
        failed
    }

    /// Copies the state folder away.
    pub(super) fn back_up(&self) {
        let _ = fs::remove_dir_all(self.at("backup"));
        copy(&self.at("state"), &self.at("backup"));
    }

    /// Takes it back from there.
    pub(super) fn restore(&self) {
        let _ = fs::remove_dir_all(self.at("state"));
        copy(&self.at("backup"), &self.at("state"));
    }
}

fn tables(ledger: &Connection, kind: &str) -> Vec<String> {
    let query = "SELECT name FROM sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite_%'";
    let mut query = ledger.prepare(query).expect("a query");
    let rows = query.query_map([kind], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a name")).collect()
}

/// Files that are written once are linked, what is changed in place is copied.
fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(to).expect("a folder");
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let target = to.join(&name);
        if path.is_dir() {
            copy(&path, &target);
        } else if name.starts_with("ledger") || name == "lock" {
            fs::copy(&path, &target).expect("our own file");
        } else {
            fs::hard_link(&path, &target).expect("our own file");
        }
    }
}
