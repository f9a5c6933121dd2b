//! Why an export cannot be had.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::roster::code::Code;

/// An export that cannot be had whole, finished and fresh.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder cannot be opened.
    #[error("source {name}: cannot open the folder {}", .path.display())]
    Folder {
        /// Name of the source.
        name: String,
        /// The folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// A configured file is not there.
    #[error("{}: there is no such file", .path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// The done-file is not there: the register has not finished.
    #[error("{}: the register has not written its done-file", .path.display())]
    NotDone {
        /// The done-file.
        path: PathBuf,
    },
    /// A file is being written, or was written to while it was read.
    #[error("{}: still being written: {why}", .path.display())]
    BeingWritten {
        /// The file.
        path: PathBuf,
        /// How that shows.
        why: &'static str,
    },
    /// A file is too old.
    #[error("{}: written {modified}, longer ago than max-age allows ({hours} hours)", .path.display())]
    Stale {
        /// The file.
        path: PathBuf,
        /// When it was last written.
        modified: Timestamp,
        /// The limit in hours, rounded down.
        hours: u64,
    },
    /// A file's time is after now.
    #[error("{}: written {modified}, which is in the future", .path.display())]
    Future {
        /// The file.
        path: PathBuf,
        /// When it was last written.
        modified: Timestamp,
    },
    /// The done-file does not name a file, names it twice, or cannot be read.
    #[error("{}{}: {what}", .path.display(), at(*.line))]
    DoneFile {
        /// The done-file.
        path: PathBuf,
        /// Line in it.
        line: Option<u64>,
        /// What is wrong.
        what: String,
    },
    /// A file is larger than allowed.
    #[error("{}: {size} bytes, more than max-file-size allows ({limit})", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A link, a pipe, a device or a folder stands where a file should.
    #[error("{}: not a regular file but {what}", .path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A file belongs to somebody whose files are not trusted.
    #[error("{}: belongs to user {owner}, who is not in trusted-owners", .path.display())]
    Owner {
        /// The file.
        path: PathBuf,
        /// Number of its owner.
        owner: u32,
    },
    /// A name in `trusted-owners` that this machine does not know.
    #[error("source {name}: trusted-owners names {user:?}, whom this machine does not know")]
    UnknownUser {
        /// Name of the source.
        name: String,
        /// The user.
        user: String,
    },
    /// Reading failed.
    #[error("{}: cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
}

fn at(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}

impl SourceError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            SourceError::Folder { .. } => Code(353),
            SourceError::Absent { .. } | SourceError::Unreadable { .. } => Code(311),
            SourceError::NotDone { .. } | SourceError::BeingWritten { .. } => Code(312),
            SourceError::Stale { .. } | SourceError::Future { .. } => Code(313),
            SourceError::DoneFile { .. } => Code(316),
            SourceError::TooLarge { .. } => Code(317),
            SourceError::NotAFile { .. }
            | SourceError::Owner { .. }
            | SourceError::UnknownUser { .. } => Code(319),
        }
    }

    /// The file or folder that it is about, where there is one.
    pub fn path(&self) -> Option<&std::path::Path> {
        match self {
            SourceError::Folder { path, .. }
            | SourceError::Absent { path }
            | SourceError::NotDone { path }
            | SourceError::BeingWritten { path, .. }
            | SourceError::Stale { path, .. }
            | SourceError::Future { path, .. }
            | SourceError::DoneFile { path, .. }
            | SourceError::TooLarge { path, .. }
            | SourceError::NotAFile { path, .. }
            | SourceError::Owner { path, .. }
            | SourceError::Unreadable { path, .. } => Some(path),
            SourceError::UnknownUser { .. } => None,
        }
    }
}
