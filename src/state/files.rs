//! The only code that writes files: whole or not at all, on the disk before anything refers to them.
//!
//! A file is written under a temporary name beside its final one, synced, renamed, and its folder
//! synced. A crash leaves the old file, the new file, or a temporary name that the next start
//! sweeps; never half a file under a final name.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::state::digest::Digest;
use crate::state::ids::random_hex;

/// The mode of files that only the service's own user may read.
pub const PRIVATE: u32 = 0o600;

/// The mode of files that other accounts read: numbers, and nothing of persons.
const SHOWN: u32 = 0o644;

const TEMPORARY: &str = ".rostergate-tmp";
const BUFFER: usize = 256 * 1024;

/// A file as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Digest,
}

struct Hashing {
    file: File,
    hash: Sha256,
    size: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file being written: hashed on its way, invisible under its name until [`Sink::finish`].
#[must_use = "a sink that is not finished leaves nothing"]
pub struct Sink {
    out: Option<BufWriter<Hashing>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Sink {
    /// Begins the file `path`; `mode` is narrowed by the process's umask.
    ///
    /// # Errors
    /// The system's, as for creating a file.
    pub fn create(path: &Path, mode: u32) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let temporary = path.with_file_name(format!(".{name}.{}{TEMPORARY}", random_hex(12)));
        let file = create_new(&temporary, mode)?;
        let hashing = Hashing { file, hash: Sha256::new(), size: 0 };
        let out = Some(BufWriter::with_capacity(BUFFER, hashing));
        Ok(Self { out, temporary, path: path.to_path_buf() })
    }

    fn out(&mut self) -> &mut BufWriter<Hashing> {
        self.out.as_mut().expect("only `finish` takes it, and consumes the sink")
    }

    /// Syncs the file, gives it its name, and syncs the folder.
    ///
    /// # Errors
    /// The system's; the file then does not exist under its name, or is the former one.
    pub fn finish(mut self) -> io::Result<Written> {
        self.out().flush()?;
        let hashing = self.out().get_mut();
        hashing.file.sync_all()?;
        let written =
            Written { size: hashing.size, sha256: Digest(hashing.hash.clone().finalize().into()) };
        fs::rename(&self.temporary, &self.path)?;
        self.out = None;
        sync_folder_of(&self.path)?;
        Ok(written)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out().flush()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            // `into_parts` drops the buffer unwritten; what cannot be removed is swept later.
            let _unwritten = out.into_parts();
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes the whole file `path`, which other accounts may read, whatever the process's umask.
///
/// # Errors
/// As [`write_whole`].
pub fn write_shown(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Written> {
    let mut sink = Sink::create(path, SHOWN)?;
    let file = &sink.out().get_ref().file;
    file.set_permissions(fs::Permissions::from_mode(SHOWN))?;
    write(&mut sink)?;
    sink.finish()
}

/// Writes the whole file `path`, readable by its owner only.
///
/// # Errors
/// `write`'s or the system's; the file then does not exist under its name, or is the former one.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Written> {
    let mut sink = Sink::create(path, PRIVATE)?;
    write(&mut sink)?;
    sink.finish()
}

/// Creates a file that did not exist, for whoever must write step by step.
///
/// # Errors
/// The system's; `AlreadyExists` when there is anything under that name, even a dead link.
pub fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Writes a file that did not exist, whole or not at all, under the name that somebody gave it.
///
/// # Errors
/// As [`create_new`], and when the bytes find no room.
pub fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_new(path, mode)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// Creates a folder that only its owner may enter, parents included; one that exists is fine.
///
/// # Errors
/// The system's.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    sync_folder_of(path)
}

/// Size and digest of a file as it lies on the disk now.
///
/// # Errors
/// The system's.
pub fn measure(path: &Path) -> io::Result<Written> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut size = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(Written { size, sha256: Digest(hash.finalize().into()) });
        }
        hash.update(&buffer[..count]);
        size += count as u64;
    }
}

/// Makes what was created, renamed or removed in a folder survive a power cut.
///
/// # Errors
/// The system's.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Was this name given by [`Sink`], and left by a crash?
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(TEMPORARY)
}

/// Removes a folder and everything in it; one that does not exist is fine.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Opens the lock file, creating it; its text is whatever the last holder left.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(path)
}

/// Replaces the text of an open file: only for the lock, where nothing depends on the text.
pub(super) fn overwrite(file: &mut File, text: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect()
    }

    #[test]
    fn writes_whole_and_hashes_on_the_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ims.xml");
        let written = write_whole(&path, |out| (0..100_000).try_for_each(|n| writeln!(out, "{n}")))
            .expect("written");
        assert_eq!(measure(&path).expect("there"), written);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["ims.xml"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ims.xml");
        write_whole(&path, |out| out.write_all(b"old")).expect("written");
        let failed = write_whole(&path, |out| {
            out.write_all(&vec![b'n'; 2 * BUFFER])?;
            Err(io::Error::other("the encoder failed"))
        });
        assert_eq!(failed.expect_err("fails").to_string(), "the encoder failed");
        assert_eq!(fs::read(&path).expect("there"), b"old");
        assert_eq!(names(folder.path()), ["ims.xml"]);
    }

    #[test]
    fn replaces_an_old_file_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ims.xml");
        write_whole(&path, |out| out.write_all(b"a longer old text")).expect("written");
        write_whole(&path, |out| out.write_all(b"new")).expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
    }

    #[test]
    fn does_not_write_through_a_name_that_exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        std::os::unix::fs::symlink("/nowhere", &path).expect("a link");
        assert_eq!(
            create_new(&path, PRIVATE).expect_err("refused").kind(),
            io::ErrorKind::AlreadyExists
        );
    }

    #[test]
    fn a_full_disk_leaves_nothing() {
        // /dev/full answers every write with "no space left".
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ims.xml");
        let mut sink = Sink::create(&path, PRIVATE).expect("begun");
        let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        sink.out().get_mut().file = full;
        sink.write_all(&[0; 10]).expect("buffered");
        assert_eq!(sink.finish().expect_err("full").kind(), io::ErrorKind::StorageFull);
        assert!(names(folder.path()).is_empty());
    }
}
