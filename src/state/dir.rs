//! The state directory itself: where things lie, and the two doors to it.

use std::fs;
use std::io;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Zoned;
use serde::{Deserialize, Serialize};

use crate::state::document::Document;
use crate::state::error::StateError;
use crate::state::files;
use crate::state::ids::{self, PlanId};
use crate::state::ledger::Ledger;
use crate::state::ledger::record::{self, Record};
use crate::state::plan_record::StoredFile;

const LEDGER: &str = "ledger.sqlite3";
const RUNS: &str = "runs";
const PAYLOAD: &str = "payload";
/// The snapshot's name in a plan's folder.
pub(super) const SNAPSHOT: &str = "snapshot.zst";
/// The name, in a plan's folder, of the list for people.
pub(super) const CHANGES: &str = "changes.csv";
/// The name, in a plan's folder, of the list of what it holds back and removes.
pub(super) const PENDING: &str = "pending.txt";

/// What everything that the chain hands out shares.
pub(super) struct Room {
    pub(super) folder: PathBuf,
    pub(super) ledger: Ledger,
    pub(super) locked: AtomicBool,
}

impl Room {
    pub(super) fn runs_folder(&self) -> PathBuf {
        self.folder.join(RUNS)
    }

    pub(super) fn plan_folder(&self, plan: &PlanId) -> PathBuf {
        self.runs_folder().join(plan.as_str())
    }

    pub(super) fn payload_folder(&self, plan: &PlanId) -> PathBuf {
        self.plan_folder(plan).join(PAYLOAD)
    }

    pub(super) fn checked_payload(
        &self,
        plan: &PlanId,
        documents: &[StoredFile],
    ) -> Result<Vec<Document>, StateError> {
        let folder = self.payload_folder(plan);
        documents.iter().map(|file| checked(folder.join(&file.name), file)).collect()
    }

    /// # Panics
    /// When the lock is not held: two processes would change the same plans.
    pub(super) fn assert_locked(&self) {
        assert!(self.locked.load(Ordering::Acquire), "take StateDir::lock before changing plans");
    }
}

/// Reads a stored file through and compares it with what was written down about it.
pub(super) fn checked(path: PathBuf, file: &StoredFile) -> Result<Document, StateError> {
    let found = match files::measure(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StateError::BytesChanged { path, what: "gone" });
        }
        Err(error) => return Err(StateError::io(&path, error)),
    };
    if (found.size, found.sha256) != (file.size, file.sha256) {
        return Err(StateError::BytesChanged { path, what: "changed" });
    }
    Ok(Document { name: file.name.clone(), path, size: file.size, sha256: file.sha256.0 })
}

/// The state directory, to look at: creates nothing, changes nothing. Absent is empty.
#[derive(Clone)]
pub struct StateReader {
    pub(super) room: Arc<Room>,
}

impl StateReader {
    pub(super) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.room.ledger
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.room.folder
    }

    /// Where a plan's list of changes for people lies, while retention keeps it.
    #[must_use]
    pub fn changes_path(&self, plan: &PlanId) -> PathBuf {
        self.room.plan_folder(plan).join(CHANGES)
    }

    /// Where a plan's snapshot lies.
    #[must_use]
    pub fn snapshot_path(&self, plan: &PlanId) -> PathBuf {
        self.room.plan_folder(plan).join(SNAPSHOT)
    }

    /// How temporary names of this installation begin, at every receiver: what starts otherwise
    /// is somebody else's.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn temp_prefix(&self) -> Result<String, StateError> {
        Ok(format!("rostergate-{}-", self.installation()?))
    }

    /// The installation's random id; none where nothing was ever written.
    pub(super) fn installation(&self) -> Result<String, StateError> {
        let install = self.ledger().read(|ledger| record::get::<Install>(ledger, INSTALL))?;
        Ok(install.map_or_else(String::new, |install| install.random))
    }
}

/// The state directory of a run: what a [`StateReader`] can, and change.
pub struct StateDir {
    reader: StateReader,
}

impl Deref for StateDir {
    type Target = StateReader;

    fn deref(&self) -> &StateReader {
        &self.reader
    }
}

impl StateDir {
    /// Opens the directory, creating it, its ledger and the installation's id when they have
    /// never been; brings an older ledger up to date and checks it through.
    ///
    /// # Errors
    /// When it cannot be written, others may write in it, or the ledger is damaged, missing
    /// beside stored plans, or of a newer version. A damaged ledger is never an empty one.
    pub fn open(path: &Path, now: &Zoned) -> Result<Self, StateError> {
        files::create_folder(path).map_err(|error| StateError::io(path, error))?;
        refuse_exposed(path)?;
        refuse_lost_ledger(path)?;
        let ledger = Ledger::open(&path.join(LEDGER))?;
        let reader = StateReader::of(path, ledger);
        let runs = reader.room.runs_folder();
        files::create_folder(&runs).map_err(|error| StateError::io(&runs, error))?;
        reader.room.ledger.change(|ledger| record::add(ledger, &Install::draw(now)))?;
        Ok(Self { reader })
    }

    /// Whether a run would refuse the directory, where it is there: others may write in it.
    ///
    /// # Errors
    /// When they may, or nothing can be said about it.
    pub fn is_ours(path: &Path) -> Result<(), StateError> {
        if path.exists() { refuse_exposed(path) } else { Ok(()) }
    }

    /// Opens the directory to look at.
    ///
    /// # Errors
    /// When it cannot be read, or the ledger is damaged, missing beside stored plans, or of
    /// another version.
    pub fn read_only(path: &Path) -> Result<StateReader, StateError> {
        refuse_lost_ledger(path)?;
        let place = path.join(LEDGER);
        let ledger = match Ledger::look(&place)? {
            Some(ledger) => ledger,
            None => Ledger::empty(&place)?,
        };
        Ok(StateReader::of(path, ledger))
    }
}

impl StateReader {
    fn of(path: &Path, ledger: Ledger) -> Self {
        let room = Room { folder: path.into(), ledger, locked: AtomicBool::new(false) };
        Self { room: Arc::new(room) }
    }
}

const INSTALL: &str = "install";

#[derive(Serialize, Deserialize)]
struct Install {
    random: String,
    created_at: jiff::Timestamp,
}

impl Install {
    fn draw(now: &Zoned) -> Self {
        Self { random: ids::random_hex(8), created_at: now.timestamp() }
    }
}

impl Record for Install {
    const TABLE: &'static str = "meta";
    fn id(&self) -> &str {
        INSTALL
    }
}

/// Whoever may write here could put any bytes in a held plan's place.
fn refuse_exposed(path: &Path) -> Result<(), StateError> {
    let mode = fs::metadata(path).map_err(|error| StateError::io(path, error))?.mode() & 0o7777;
    if mode & 0o022 == 0 { Ok(()) } else { Err(StateError::Exposed { path: path.into(), mode }) }
}

/// Plans without a ledger: somebody removed it, and an empty one would know of no delivery.
fn refuse_lost_ledger(path: &Path) -> Result<(), StateError> {
    let ledger = path.join(LEDGER);
    let empty = match fs::read_dir(path.join(RUNS)) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(StateError::io(&path.join(RUNS), error)),
    };
    let gone = fs::symlink_metadata(&ledger).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
    if gone && !empty { Err(StateError::LedgerMissing { path: ledger }) } else { Ok(()) }
}
