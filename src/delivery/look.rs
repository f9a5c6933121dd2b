//! Looking at a receiver without delivering: for the safety filter and for `check`.

use std::io::Cursor;
use std::time::Instant;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::{DeliveryError, ShownKey};
use super::folder::FolderRemote;
use super::pieces::{Tag, join};
use super::publish::digest;
use super::receipt::Receipt;
use super::remote::{Create, Remote};
use super::settings::{Deliver, Fingerprint};
use super::sftp::SftpRemote;
use super::{Credentials, agreed};
use crate::formats::snapshot::hex;
use crate::state::document::Document;

/// A file that stands at the receiver under one of our names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its size in bytes, where the receiver tells.
    pub size: Option<u64>,
    /// Its last change by the receiver's clock, in seconds since 1970.
    pub mtime: Option<i64>,
    /// Its SHA-256 in hexadecimal, where it was needed to know it and could be read.
    pub sha256: Option<String>,
    /// Whether it is the file that the last delivery left.
    pub ours: bool,
}

/// What stands under the final names, compared with what the last delivery left there. Files that
/// the receiver does not show are left out.
///
/// # Errors
/// When the receiver cannot be asked.
pub fn observe(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    names: &[&str],
    last: Option<&Receipt>,
) -> Result<Vec<Seen>, DeliveryError> {
    let mut found = Vec::new();
    for &name in names {
        let path = deliver.place(name);
        let stat = match remote.stat(&path) {
            Ok(Some(stat)) => stat,
            Ok(None) | Err(DeliveryError::Denied { .. } | DeliveryError::Refused { .. }) => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let left = last.and_then(|receipt| receipt.files.iter().find(|file| file.name == name));
        let same_size = left.is_some_and(|left| stat.size.is_none_or(|size| size == left.size));
        let stamped = left.is_some_and(|left| left.mtime.is_some() && left.mtime == stat.mtime);
        let mut seen = Seen {
            name: name.to_owned(),
            size: stat.size,
            mtime: stat.mtime,
            sha256: None,
            ours: false,
        };
        if same_size && stamped {
            seen.ours = true;
        } else if let (true, Some(left)) = (same_size, left) {
            // A backup program may touch a file; the content decides.
            match digest(remote, &path, left.size) {
                Ok(found) => {
                    seen.sha256 = Some(hex(&found));
                    seen.ours = seen.sha256.as_ref() == Some(&left.sha256);
                }
                Err(DeliveryError::Absent { .. }) => continue,
                Err(DeliveryError::Denied { .. } | DeliveryError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        found.push(seen);
    }
    Ok(found)
}

/// Whether what stands there is one of these documents: what a delivery of several files leaves
/// when it is cut off between them. Written straight to its name, the beginning of one is enough.
///
/// # Errors
/// When the receiver cannot be asked.
pub fn is_one_of(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    seen: &Seen,
    documents: &[Document],
) -> Result<bool, DeliveryError> {
    let Some(size) = seen.size else { return Ok(false) };
    let straight = deliver.writes_straight();
    for document in documents.iter().filter(|document| document.name == seen.name) {
        let here = match document.size {
            whole if whole == size => document.sha256,
            whole if whole > size && straight => {
                let mut beginning = Sha256::new();
                let path = document.path.to_string_lossy();
                let read = FolderRemote.read(&path, size, &mut |bytes| beginning.update(bytes))?;
                if read < size {
                    continue;
                }
                beginning.finalize().into()
            }
            _ => continue,
        };
        match digest(remote, &deliver.place(&seen.name), size) {
            Ok(there) if there == here => return Ok(true),
            // What may not be read is not known for ours.
            Ok(_) => {}
            Err(DeliveryError::Denied { .. } | DeliveryError::Refused { .. }) if !straight => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// What `check --connect` learns of a receiver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Probe {
    /// The host key that the server proved; none for a folder.
    pub host_key: Option<ShownKey>,
    /// What the server offers beyond SFTP version 3.
    pub extensions: Vec<String>,
    /// Whether the folder is there and may be listed.
    pub folder_listed: bool,
    /// Whether the receiver says that there is no such folder.
    pub folder_absent: bool,
    /// Whether an existing file is replaced in one step.
    pub replaces: bool,
    /// Whether a file could be made, seen and removed; none when that was not asked for.
    pub writable: Option<Writable>,
}

/// What became of the file that was put there to try.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writable {
    /// It was made, read back and removed.
    Yes,
    /// It was made and removed, and could not be read: `verify = "size"` is needed.
    NotReadable,
    /// It vanished: the receiver takes any file, and `temp-folder` is needed.
    Taken,
    /// It could not be made or removed; the text is technical.
    No(String),
}

/// Connects and looks. With `write`, also puts a small file under a temporary name and removes it.
///
/// # Errors
/// When the server cannot be reached, shows a key that is not agreed, or refuses the login.
pub fn probe(
    deliver: &Deliver,
    pins: &[Fingerprint],
    credentials: &Credentials,
    write: Option<&Tag>,
) -> Result<Probe, DeliveryError> {
    match deliver {
        Deliver::Folder(_) => look(&mut FolderRemote, deliver, write),
        Deliver::Sftp(sftp) => {
            let deadline = Instant::now() + sftp.total_timeout.get();
            let mut remote = SftpRemote::connect(sftp, &agreed(sftp, pins), credentials, deadline)?;
            let probe = look(&mut remote, deliver, write)?;
            let extensions = remote.extensions().to_vec();
            Ok(Probe { host_key: remote.host_key(), extensions, ..probe })
        }
    }
}

fn look(
    remote: &mut dyn Remote,
    deliver: &Deliver,
    write: Option<&Tag>,
) -> Result<Probe, DeliveryError> {
    let (folder_listed, folder_absent) = match remote.list(&deliver.receiver().folder) {
        Ok(_) => (true, false),
        Err(error) if error.leaves_doubt() => return Err(error),
        Err(DeliveryError::Absent { .. }) => (false, true),
        Err(_) => (false, false),
    };
    let writable = write.map(|tag| try_writing(remote, deliver, tag));
    let replaces = remote.renames_over();
    let (host_key, extensions) = (None, Vec::new());
    Ok(Probe { host_key, extensions, folder_listed, folder_absent, replaces, writable })
}

fn try_writing(remote: &mut dyn Remote, deliver: &Deliver, tag: &Tag) -> Writable {
    const TEXT: &[u8] = b"rostergate check\n";
    let size = TEXT.len() as u64;
    let path = join(&deliver.temp_folder(), &tag.name("check", "part"));
    if let Err(error) = remote.write(&path, Create::New, &mut Cursor::new(TEXT), size, &mut |_| {})
    {
        return Writable::No(error.to_string());
    }
    let read = remote.read(&path, size, &mut |_| {});
    match (remote.remove(&path), read) {
        (Ok(false), _) => Writable::Taken,
        (Ok(true), Ok(_)) => Writable::Yes,
        (Ok(true), Err(_)) => Writable::NotReadable,
        (Err(error), _) => Writable::No(error.to_string()),
    }
}
