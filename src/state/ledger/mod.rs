//! The ledger: `ledger.sqlite3`, opened with care and changed in whole transactions.
//!
//! A rollback journal rather than a write-ahead log: one writer (the lock sees to it), a handful of
//! changes a night, one file to copy or restore, and `status` can read without creating anything.
//! `synchronous=EXTRA` is FULL and also syncs the folder after the journal is removed; without
//! that, a power cut just after a commit could bring the journal back and undo it, and what is
//! noted here must stand before the next byte leaves.

pub(crate) mod baselines;
pub(crate) mod beginning;
mod clock;
pub(crate) mod decisions;
pub(crate) mod marks;
pub(crate) mod outbox;
pub(crate) mod pauses;
pub(crate) mod pins;
pub(crate) mod plans;
pub(crate) mod record;
pub(crate) mod removals;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod telltales;
pub(crate) mod withdrawals;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::state::error::StateError;
use crate::state::files;
use schema::{Age, STEPS};

/// Every table; every seal in them is checked at every start.
const TABLES: [&str; 13] = [
    "meta",
    "run",
    "plan",
    "target",
    "mark",
    "pin",
    "mail",
    "removal",
    "archived",
    "withdrawn",
    "telltale",
    "pause",
    "decision",
];

/// What can go wrong inside a transaction, before it is known where.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database's own.
    Sql(rusqlite::Error),
    /// Something stored does not hold.
    Broken(String),
    /// A refusal.
    Refused(StateError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        Self::Refused(error)
    }
}

/// The open ledger.
pub(crate) struct Ledger {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Ledger {
    /// Opens the ledger for a run, creating it when it has never been.
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        if !exists(path)? {
            create(path)?;
        }
        Self::connect(path, Self::ready)
    }

    /// Opens the ledger to look at; `None` when there is none.
    pub(crate) fn look(path: &Path) -> Result<Option<Self>, StateError> {
        if exists(path)? { Self::connect(path, Self::readable).map(Some) } else { Ok(None) }
    }

    /// An empty ledger in memory, for looking where none was ever made.
    pub(crate) fn empty(path: &Path) -> Result<Self, StateError> {
        let make = || {
            let mut connection = Connection::open_in_memory()?;
            schema::migrate(&mut connection, STEPS)?;
            Ok(connection)
        };
        let connection = make().map_err(|fault| located(path, fault))?;
        Ok(Self { path: path.into(), connection: Mutex::new(connection) })
    }

    fn connect(
        path: &Path,
        check: fn(&Path, &mut Connection) -> Result<(), Fault>,
    ) -> Result<Self, StateError> {
        // Also for looking: after a crash, SQLite must first undo the transaction it cut short.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connect = || {
            let mut connection = Connection::open_with_flags(path, flags)?;
            check(path, &mut connection)?;
            Ok(connection)
        };
        let connection = connect().map_err(|fault| located(path, fault))?;
        Ok(Self { path: path.into(), connection: Mutex::new(connection) })
    }

    fn ready(path: &Path, connection: &mut Connection) -> Result<(), Fault> {
        settings(connection)?;
        match schema::age(connection, STEPS)? {
            Age::Newer(found) => return Err(newer(path, found).into()),
            Age::Older(_) => {
                intact(connection)?;
                schema::migrate(connection, STEPS)?;
            }
            Age::Today => {}
        }
        sound(connection)
    }

    fn readable(path: &Path, connection: &mut Connection) -> Result<(), Fault> {
        connection.pragma_update(None, "query_only", true)?;
        let known = schema::known(STEPS);
        match schema::age(connection, STEPS)? {
            Age::Newer(found) => Err(newer(path, found).into()),
            Age::Older(found) => Err(StateError::Older { path: path.into(), found, known }.into()),
            Age::Today => sound(connection),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction has already rolled it back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, at one moment.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StateError> {
        let mut connection = self.lock();
        let at_one_moment = || read(&*connection.transaction()?);
        at_one_moment().map_err(|fault| located(&self.path, fault))
    }

    /// Changes: everything that `change` does, on the disk, or nothing.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StateError> {
        let mut connection = self.lock();
        let whole = || {
            let open = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = change(&open)?;
            open.commit()?;
            Ok(value)
        };
        whole().map_err(|fault| located(&self.path, fault))
    }
}

fn exists(path: &Path) -> Result<bool, StateError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StateError::io(path, error)),
    }
}

/// Makes an empty ledger under another name first: an empty or half-made file under the real name
/// is always damage, never a beginning.
fn create(path: &Path) -> Result<(), StateError> {
    let scratch = path
        .with_file_name(format!(".ledger.{}.rostergate-tmp", crate::state::ids::random_hex(12)));
    let made = fill(&scratch).and_then(|()| publish(&scratch, path));
    // After `publish` this is only the second name of the same file.
    let _ = fs::remove_file(&scratch);
    made
}

fn fill(scratch: &Path) -> Result<(), StateError> {
    files::create_new(scratch, files::PRIVATE).map_err(|error| StateError::io(scratch, error))?;
    let make = || {
        let mut connection = Connection::open(scratch)?;
        settings(&connection)?;
        schema::migrate(&mut connection, STEPS)
    };
    make().map_err(|fault| located(scratch, fault))
}

fn publish(scratch: &Path, path: &Path) -> Result<(), StateError> {
    // A link, not a rename: if another process was first, its ledger stands.
    match fs::hard_link(scratch, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(StateError::io(path, error))
        }
        _ => {
            let folder = path.parent().unwrap_or(Path::new("."));
            files::sync_folder(folder).map_err(|error| StateError::io(folder, error))
        }
    }
}

fn settings(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "EXTRA")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Keys that are erased are gone from the file too, not only from its tables.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(())
}

/// Not `quick_check`, which leaves the indexes out: a damaged index would hide a plan or a target.
fn intact(connection: &Connection) -> Result<(), Fault> {
    let first: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if first == "ok" { Ok(()) } else { Err(Fault::Broken("SQLite finds it malformed".into())) }
}

/// Everything that can be checked: pages and indexes, the tables' own text, every entry's seal.
fn sound(connection: &Connection) -> Result<(), Fault> {
    intact(connection)?;
    if !schema::same_tables(connection, STEPS)? {
        return Err(Fault::Broken("its tables are not those of its version".into()));
    }
    TABLES.iter().try_for_each(|table| record::check_seals(connection, table))
}

fn newer(path: &Path, found: i64) -> StateError {
    StateError::Newer { path: path.into(), found, known: schema::known(STEPS) }
}

fn located(path: &Path, fault: Fault) -> StateError {
    let path = path.to_path_buf();
    let source = match fault {
        Fault::Refused(error) => return error,
        Fault::Broken(what) => return StateError::Corrupt { path, what },
        Fault::Sql(source) => source,
    };
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StateError::Full { path, source: io::Error::other(source) },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StateError::Corrupt { path, what: source.to_string() }
        }
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure,
        ) => StateError::Unwritable { path, source: io::Error::other(source) },
        _ => StateError::Ledger { path, source },
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn add_marks(ledger: &Ledger, count: usize) -> Result<(), StateError> {
        ledger.change(|open| {
            for n in 0..count {
                let sql = "INSERT INTO mark (id, record, seal) VALUES (?1, ?2, x'')";
                open.execute(sql, (format!("{n:05}"), " ".repeat(1000)))?;
            }
            Ok(())
        })
    }

    fn count(ledger: &Ledger) -> i64 {
        let sql = "SELECT count(*) FROM mark";
        ledger.read(|open| Ok(open.query_row(sql, [], |row| row.get(0))?)).expect("read")
    }

    #[test]
    fn a_full_disk_changes_nothing_and_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite3");
        let ledger = Ledger::open(&path).expect("made");
        ledger.lock().pragma_update(None, "max_page_count", 40).expect("set");
        let full = add_marks(&ledger, 200).expect_err("no space");
        assert!(matches!(full, StateError::Full { .. }), "{full}");
        assert_eq!(count(&ledger), 0);
        drop(ledger);
        assert_eq!(count(&Ledger::open(&path).expect("sound")), 0);
    }

    #[test]
    fn a_change_that_was_cut_short_is_undone_by_whoever_looks_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.sqlite3");
        let ledger = Ledger::open(&path).expect("made");
        // A cache of a few pages, so that a change reaches the file before it is whole.
        ledger.lock().pragma_update(None, "cache_size", 5).expect("set");
        let copies: Vec<_> = (0..2).map(|_| tempfile::tempdir().expect("a folder")).collect();
        let cut: Result<(), _> = ledger.change(|open| {
            for n in 0..500 {
                let sql = "INSERT INTO mark (id, record, seal) VALUES (?1, ?2, x'')";
                open.execute(sql, (format!("{n:05}"), " ".repeat(1000)))?;
            }
            for copy in &copies {
                for name in ["ledger.sqlite3", "ledger.sqlite3-journal"] {
                    fs::copy(folder.path().join(name), copy.path().join(name)).expect("copied");
                }
            }
            Err(Fault::Broken("cut".into()))
        });
        assert!(cut.is_err());
        let journal = copies[0].path().join("ledger.sqlite3-journal");
        let private = fs::metadata(&journal).expect("there").permissions().mode() & 0o777;
        assert_eq!(private, 0o600);
        assert!(
            fs::metadata(copies[0].path().join("ledger.sqlite3")).expect("there").len() > 99_999
        );
        let looked = Ledger::look(&copies[0].path().join("ledger.sqlite3")).expect("sound");
        assert_eq!(count(&looked.expect("there")), 0);
        assert_eq!(
            count(&Ledger::open(&copies[1].path().join("ledger.sqlite3")).expect("sound")),
            0
        );
    }
}
