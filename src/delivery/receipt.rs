//! The steps of a delivery as the journal keeps them, and what it ends in.

use serde::{Deserialize, Serialize};

use super::error::JournalError;

/// Where steps are recorded, each before it is taken; an error stops the delivery.
pub type Journal<'a> = dyn FnMut(Step) -> Result<(), JournalError> + 'a;

/// Hears how many bytes have been acknowledged so far, and of how many in all.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// A step of a delivery. A retry begins again at `Uploading`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Intent: the upload to these temporary names is about to begin. Nothing is published.
    Uploading {
        /// Whole paths at the receiver; none when files are written straight to their names.
        temps: Vec<String>,
    },
    /// Outcome: everything lies under temporary names, verified.
    Uploaded {
        /// What is needed to settle an unknown outcome.
        temps: Vec<TempNote>,
    },
    /// Intent: files are about to become visible. From here the outcome may be unknown.
    Publishing {
        /// Whole paths at the receiver.
        finals: Vec<String>,
    },
    /// Outcome: published.
    Published {
        /// How we know.
        how: How,
    },
    /// Outcome: not published, or not wholly. Only this and `Published` end the doubt that
    /// `Publishing` begins; a new `Uploading` alone does not.
    NotPublished,
}

/// What was seen of a temporary file just before it was published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TempNote {
    /// Its whole path at the receiver.
    pub path: String,
    /// Whether the receiver shows us our files at all.
    pub seen: bool,
    /// Its last change by the receiver's clock; a rename keeps it.
    pub mtime: Option<i64>,
}

/// How we know that the files were published.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// They stand there.
    Verified,
    /// The receiver has taken them, as it is expected to.
    PickedUp,
    /// The receiver said yes, or has since changed them.
    Assumed,
}

/// How the upload was verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// In a folder of this machine, by digest.
    Folder,
    /// Read back from the server, by digest.
    ReadBack,
    /// By size.
    Size,
    /// Every part was acknowledged; the server shows us no size.
    Acknowledged,
}

/// A file that we left at the receiver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Left {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its last change by the receiver's clock.
    pub mtime: Option<i64>,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Proof of a delivery.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// How we know that it was published.
    pub how: How,
    /// How the upload was verified.
    pub verified: Verified,
    /// Bytes of the documents together.
    pub bytes: u64,
    /// The documents.
    pub files: Vec<Left>,
}

/// What became of a publishing whose outcome was not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It did not happen, or not wholly: the same bytes are to be delivered again.
    NotPublished {
        /// Whether a verified temporary file still lies there.
        temp_present: bool,
    },
    /// It happened.
    Published(How),
    /// The receiver does not let us see.
    Unknowable,
}
