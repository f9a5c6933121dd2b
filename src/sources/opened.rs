//! Files of a folder that others write to: opened once, judged and read by their handle.

use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use foldhash::quality::RandomState;
use jiff::Timestamp;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::SourceError;

/// Files are read so many bytes at a time.
const PIECE: usize = 256 * 1024;

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

/// A file that was gone through once, and can be read again by its handle.
pub(super) struct Digested {
    pub(super) opened: Opened,
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
    print: Print,
}

impl Digested {
    /// The contents once more.
    pub(super) fn again(&self) -> Again<'_> {
        let (pieces, taken, print) = (Pieces::default(), 0, self.print.emptied());
        Again { digested: self, pieces, taken, print, ended: false }
    }
}

/// The contents of a file once more: at their end, an error of the kind `InvalidData` unless they
/// are those that were digested.
pub(super) struct Again<'d> {
    digested: &'d Digested,
    pieces: Pieces,
    /// How much of the piece at hand was taken.
    taken: usize,
    print: Print,
    ended: bool,
}

impl Read for Again<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.pieces.piece.len() && !self.ended {
            self.taken = 0;
            let piece = self.pieces.next(&self.digested.opened.file)?;
            self.print.add(piece);
            self.ended = piece.is_empty();
        }
        if self.ended && self.print.sum() != self.digested.print.sum() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let rest = &self.pieces.piece[self.taken..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }
}

/// What tells contents from others within one run: much quicker than SHA-256, and begun with a
/// number that nobody outside knows.
#[derive(Default)]
struct Print {
    seed: RandomState,
    hasher: Option<<RandomState as BuildHasher>::Hasher>,
}

impl Print {
    fn add(&mut self, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        self.hasher.get_or_insert_with(|| self.seed.build_hasher()).write(piece);
    }

    fn sum(&self) -> u64 {
        self.hasher.as_ref().map_or(0, Hasher::finish)
    }

    /// The same for other contents.
    fn emptied(&self) -> Print {
        Print { seed: self.seed.clone(), hasher: None }
    }
}

/// A file piece by piece.
#[derive(Default)]
struct Pieces {
    piece: Vec<u8>,
    read: u64,
}

impl Pieces {
    /// The next piece, as large as all others unless it is the last; empty at the end.
    fn next(&mut self, file: &File) -> io::Result<&[u8]> {
        self.piece.resize(PIECE, 0);
        let mut filled = 0;
        while filled < PIECE {
            match file.read_at(&mut self.piece[filled..], self.read) {
                Ok(0) => break,
                Ok(count) => (filled, self.read) = (filled + count, self.read + count as u64),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.piece.truncate(filled);
        Ok(&self.piece)
    }
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

    /// Refuses a file that was written to, or replaced by another, since it was opened; `size` is
    /// how much was read.
    pub(super) fn unchanged(&self, opened: &Opened, size: u64) -> Result<(), SourceError> {
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
        if size != opened.size() {
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
    pub(super) fn read(self, limit: u64) -> Result<Whole, SourceError> {
        let mut bytes = Vec::new();
        let opened = self.each_piece(limit, |piece| bytes.extend_from_slice(piece))?;
        Ok(Whole { opened, bytes })
    }

    /// Goes through everything, up to the limit, and keeps only what tells it from others.
    pub(super) fn digest(self, limit: u64) -> Result<Digested, SourceError> {
        let (mut sha256, mut print) = (Sha256::new(), Print::default());
        let mut size = 0;
        let opened = self.each_piece(limit, |piece| {
            sha256.update(piece);
            print.add(piece);
            size += piece.len() as u64;
        })?;
        let sha256 = sha256.finalize().into();
        Ok(Digested { opened, size, sha256, print })
    }

    fn each_piece(self, limit: u64, mut visit: impl FnMut(&[u8])) -> Result<Self, SourceError> {
        let too_large = |size, path| Err(SourceError::TooLarge { path, size, limit });
        if self.size() > limit {
            return too_large(self.size(), self.path);
        }
        let mut pieces = Pieces::default();
        loop {
            match pieces.next(&self.file) {
                Ok([]) => return Ok(self),
                Ok(piece) => visit(piece),
                Err(cause) => return Err(SourceError::Unreadable { path: self.path, cause }),
            }
            if pieces.read > limit {
                return too_large(pieces.read, self.path);
            }
        }
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
