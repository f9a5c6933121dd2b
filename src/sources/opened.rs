//! Files of a folder that others write to: opened once, judged and read by their handle.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::SourceError;

/// An open folder.
pub(super) struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

/// An open file of it.
pub(super) struct Opened {
    file: File,
    stat: Stat,
    pub(super) path: PathBuf,
    name: String,
    /// When it was last written.
    pub(super) modified: Timestamp,
}

/// A file's contents, with the handle they came from.
pub(super) struct Whole {
    pub(super) opened: Opened,
    pub(super) bytes: Vec<u8>,
}

impl Folder {
    pub(super) fn open(source: &str, path: &Path) -> Result<Folder, SourceError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(handle) => Ok(Folder { handle, path: path.to_owned() }),
            Err(errno) => Err(SourceError::Folder {
                name: source.to_owned(),
                path: path.to_owned(),
                cause: errno.into(),
            }),
        }
    }

    /// Opens a file without following a link and without waiting for a pipe's other end; `None`
    /// when there is none.
    pub(super) fn file(&self, name: &str) -> Result<Option<Opened>, SourceError> {
        let path = self.path.join(name);
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let handle = match rustix::fs::openat(&self.handle, name, flags, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(SourceError::NotAFile { path, what: "a link" }),
            Err(Errno::NXIO) => {
                return Err(SourceError::NotAFile { path, what: "a socket or device" });
            }
            Err(errno) => return Err(SourceError::Unreadable { path, cause: errno.into() }),
        };
        let unreadable =
            |errno: Errno| SourceError::Unreadable { path: path.clone(), cause: errno.into() };
        let stat = rustix::fs::fstat(&handle).map_err(unreadable)?;
        if let Some(what) = not_a_file(&stat) {
            return Err(SourceError::NotAFile { path, what });
        }
        let modified = modified(&stat).ok_or_else(|| unreadable(Errno::RANGE))?;
        let (file, name) = (File::from(handle), name.to_owned());
        Ok(Some(Opened { file, stat, path, name, modified }))
    }

    /// Refuses a file that was written to, or replaced by another, since it was opened.
    pub(super) fn unchanged(&self, whole: &Whole) -> Result<(), SourceError> {
        let opened = &whole.opened;
        let changed = |why| Err(SourceError::BeingWritten { path: opened.path.clone(), why });
        let by_handle = rustix::fs::fstat(&opened.file);
        if !by_handle.is_ok_and(|stat| same(&stat, &opened.stat)) {
            return changed("it changed while it was read");
        }
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        let by_name = rustix::fs::statat(&self.handle, opened.name.as_str(), flags);
        if !by_name.is_ok_and(|stat| same(&stat, &opened.stat)) {
            return changed("it was replaced while it was read");
        }
        if whole.bytes.len() as u64 != opened.size() {
            return changed("its size is not what was read");
        }
        Ok(())
    }
}

impl Opened {
    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.stat.st_size).unwrap_or_default()
    }

    pub(super) fn owner(&self) -> u32 {
        self.stat.st_uid
    }

    /// Reads everything, up to the limit.
    pub(super) fn read(mut self, limit: u64) -> Result<Whole, SourceError> {
        let too_large = |size, path| Err(SourceError::TooLarge { path, size, limit });
        if self.size() > limit {
            return too_large(self.size(), self.path);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.size()).unwrap_or_default() + 1);
        let mut limited = (&mut self.file).take(limit.saturating_add(1));
        if let Err(cause) = limited.read_to_end(&mut bytes) {
            return Err(SourceError::Unreadable { path: self.path, cause });
        }
        if bytes.len() as u64 > limit {
            return too_large(bytes.len() as u64, self.path);
        }
        Ok(Whole { opened: self, bytes })
    }
}

fn not_a_file(stat: &Stat) -> Option<&'static str> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some("a folder"),
        FileType::Fifo => Some("a pipe"),
        FileType::Symlink => Some("a link"),
        _ => Some("a socket or device"),
    }
}

fn modified(stat: &Stat) -> Option<Timestamp> {
    Timestamp::new(stat.st_mtime, i32::try_from(stat.st_mtime_nsec).ok()?).ok()
}

/// The same file, not written to in between.
fn same(a: &Stat, b: &Stat) -> bool {
    (a.st_dev, a.st_ino, a.st_size) == (b.st_dev, b.st_ino, b.st_size)
        && (a.st_mtime, a.st_mtime_nsec) == (b.st_mtime, b.st_mtime_nsec)
}
