//! The lock: one process at a time, and whoever comes second learns who was first.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{Timestamp, Zoned};
use serde::Deserialize;
use serde_json::json;

use crate::state::StateDir;
use crate::state::dir::Room;
use crate::state::error::StateError;
use crate::state::files;

/// Held for as long as this value lives; gone with the process, however it ends.
#[must_use = "the lock is released when this is dropped"]
pub struct Lock {
    room: Arc<Room>,
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.room.locked.store(false, Ordering::Release);
        // Given back by name: closing is not enough while a child that was just forked has a copy.
        // Where that fails, the lock goes with the process.
        let _ = self.file.unlock();
    }
}

/// What the holder writes into the lock file; only for people.
#[derive(Deserialize)]
struct Holder {
    pid: u32,
    since: Timestamp,
    purpose: String,
}

impl StateDir {
    /// Takes the lock, and sweeps away what a crash left half-written.
    ///
    /// # Errors
    /// [`StateError::Locked`] at once when another holds it; others when the directory cannot be
    /// written.
    pub fn lock(&self, purpose: &str, now: &Zoned) -> Result<Lock, StateError> {
        let path = self.path().join("lock");
        let mut file = files::open_lock(&path).map_err(|error| StateError::io(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked(&path)),
            Err(TryLockError::Error(error)) => return Err(StateError::io(&path, error)),
        }
        let holder = json!({ "pid": process::id(), "since": now.timestamp(), "purpose": purpose });
        files::overwrite(&mut file, &holder.to_string())
            .map_err(|error| StateError::io(&path, error))?;
        self.room().locked.store(true, Ordering::Release);
        let lock = Lock { room: self.room().clone(), file };
        self.room().sweep()?;
        Ok(lock)
    }
}

/// The turn to hand over the mails that wait: one process at a time, so that none goes twice.
#[must_use = "the turn is over when this is dropped"]
pub struct Turn {
    file: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // As the lock is.
        let _ = self.file.unlock();
    }
}

impl StateDir {
    /// Takes the turn, which is apart from the lock, so that a slow mail server never keeps a run
    /// from starting. `None` while another process has it.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn outbox_turn(&self) -> Result<Option<Turn>, StateError> {
        let path = self.path().join("outbox.lock");
        let file = files::open_lock(&path).map_err(|error| StateError::io(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StateError::io(&path, error)),
        }
    }
}

fn locked(path: &Path) -> StateError {
    let holder = fs::read_to_string(path).ok();
    // Between taking the lock and writing these lines the file says something else, or nothing.
    let holder = holder.and_then(|text| serde_json::from_str::<Holder>(&text).ok());
    StateError::Locked {
        path: path.into(),
        pid: holder.as_ref().map(|holder| holder.pid),
        since: holder.as_ref().map(|holder| holder.since),
        purpose: holder.map_or_else(|| "another process".into(), |holder| holder.purpose),
    }
}
