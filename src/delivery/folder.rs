//! A folder of this machine, or one mounted here, as the place where files are put.
//!
//! `state/files.rs` writes the files that are ours. These are the receiver's: they are written
//! only here, under the same rules (exclusive temporary name, fsync, rename, fsync of the folder).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{CWD, OFlags, RenameFlags};

use super::error::DeliveryError;
use super::remote::{Create, Entry, Remote, Rename, Stat, unreadable};

/// How much is carried at a time.
const CHUNK: usize = 64 * 1024;

/// A folder reached through the file system.
#[derive(Debug)]
pub(crate) struct FolderRemote;

impl Remote for FolderRemote {
    fn write(
        &mut self,
        path: &str,
        create: Create,
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError> {
        let mut file = open(path, create).map_err(|e| fault("create", path, &e))?;
        let mut buffer = vec![0; CHUNK];
        let mut done = 0;
        // The file is open, and with that empty.
        sent(0);
        while done < size {
            let want = buffer.len().min(usize::try_from(size - done).unwrap_or(CHUNK));
            let chunk = &mut buffer[..want];
            source.read_exact(chunk).map_err(|e| unreadable(path, e))?;
            file.write_all(chunk).map_err(|e| fault("write", path, &e))?;
            done += want as u64;
            sent(done);
        }
        file.sync_all().map_err(|e| fault("sync", path, &e))?;
        settle_names(path)
    }

    fn stat(&mut self, path: &str) -> Result<Option<Stat>, DeliveryError> {
        match fs::symlink_metadata(path) {
            Ok(about) => Ok(Some(stat_of(&about))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault("stat", path, &error)),
        }
    }

    fn read(
        &mut self,
        path: &str,
        limit: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<u64, DeliveryError> {
        let file = OpenOptions::new().read(true).custom_flags(no_link()).open(path);
        let mut file = file.map_err(|e| fault("open", path, &e))?.take(limit);
        let mut buffer = vec![0; CHUNK];
        let mut done = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(done),
                Ok(count) => take(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(fault("read", path, &error)),
            }
            done = limit - file.limit();
        }
    }

    fn rename(&mut self, from: &str, to: &str, rename: Rename) -> Result<(), DeliveryError> {
        match rename {
            Rename::Over => fs::rename(from, to),
            Rename::Free => rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
                .map_err(io::Error::from),
        }
        .map_err(|e| fault_of_rename(to, &e))?;
        settle_names(to)
    }

    fn remove(&mut self, path: &str) -> Result<bool, DeliveryError> {
        match fs::remove_file(path) {
            Ok(()) => settle_names(path).map(|()| true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(fault("remove", path, &error)),
        }
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, DeliveryError> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(|e| fault("list", folder, &e))? {
            let entry = entry.map_err(|e| fault("list", folder, &e))?;
            // A file that is taken away while we look is simply not there.
            let Ok(about) = entry.metadata() else { continue };
            let name = entry.file_name().to_string_lossy().into_owned();
            entries.push(Entry { name, stat: stat_of(&about) });
        }
        Ok(entries)
    }

    fn renames_over(&self) -> bool {
        true
    }
}

/// The receiver's group may read the file, others may not: it holds data about children.
fn open(path: &str, create: Create) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o640).custom_flags(no_link());
    match create {
        Create::New => options.create_new(true),
        Create::Over => options.create(true).truncate(true),
    };
    options.open(path)
}

fn no_link() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

fn stat_of(about: &fs::Metadata) -> Stat {
    Stat { size: Some(about.len()), mtime: Some(about.mtime()) }
}

/// Puts a folder's list of names on disk. A folder that we may not open, or a mounted share that
/// does not know how, is no fault; a disk that fails leaves it open whether the step took place.
fn settle_names(path: &str) -> Result<(), DeliveryError> {
    let folder = Path::new(path).parent().unwrap_or(Path::new("/"));
    let Ok(opened) = File::open(folder) else { return Ok(()) };
    match opened.sync_all() {
        Err(error) if !matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Err(lost("sync", path, &error))
        }
        _ => Ok(()),
    }
}

/// A rename that is refused for what it asks has not taken place. One that a failing disk, or a
/// mounted share whose server went away, answers with an error may have: the server can have done
/// it and only its answer be lost.
fn fault_of_rename(path: &str, error: &io::Error) -> DeliveryError {
    let refused_for_itself = matches!(
        error.kind(),
        ErrorKind::AlreadyExists
            | ErrorKind::CrossesDevices
            | ErrorKind::DirectoryNotEmpty
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::IsADirectory
            | ErrorKind::ResourceBusy
            | ErrorKind::Unsupported
    );
    match fault("rename", path, error) {
        DeliveryError::Refused { .. } if !refused_for_itself => lost("rename", path, error),
        refused => refused,
    }
}

fn lost(doing: &'static str, path: &str, error: &io::Error) -> DeliveryError {
    let folder = Path::new(path).parent().unwrap_or(Path::new("/"));
    DeliveryError::Lost { host: folder.display().to_string(), doing, cause: error.to_string() }
}

fn fault(action: &'static str, path: &str, error: &io::Error) -> DeliveryError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DeliveryError::Full { path, free: 0 },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            DeliveryError::Denied { action, path }
        }
        ErrorKind::NotFound | ErrorKind::NotADirectory => DeliveryError::Absent { action, path },
        _ => DeliveryError::Refused {
            action,
            path,
            status: error.raw_os_error().unwrap_or_default().unsigned_abs(),
            text: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_rename_whose_answer_may_be_lost_leaves_doubt() {
        let leaves_doubt =
            |errno: Errno| fault_of_rename("/mnt/lms/roster.xml", &errno.into()).leaves_doubt();
        for errno in [Errno::IO, Errno::TIMEDOUT, Errno::STALE, Errno::NOTCONN, Errno::HOSTDOWN] {
            assert!(leaves_doubt(errno), "{errno}");
        }
        for errno in [Errno::EXIST, Errno::ACCESS, Errno::NOENT, Errno::DQUOT, Errno::INVAL] {
            assert!(!leaves_doubt(errno), "{errno}");
        }
    }
}
