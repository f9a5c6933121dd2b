//! EDGE IN: where exports come from. Every source gives its files whole, or an error.
//!
//! Nothing is decided here about what the files say, and nothing is moved or erased.

pub mod drop_folder;
mod error;
mod opened;
mod standing;

use std::io::Read;

use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use error::SourceError;
pub use standing::{FROZEN_AFTER, Standing};

/// What kind of source: the last part of the header `[source.NAME.KIND]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A folder where the register leaves CSV files.
    Csv(Box<drop_folder::Settings>),
}

impl SourceKind {
    /// Whether it says the school year or term of groups.
    pub fn has_terms(&self) -> bool {
        match self {
            SourceKind::Csv(settings) => {
                settings.groups.as_ref().is_some_and(|groups| groups.term.is_some())
            }
        }
    }
}

/// Whether time stamps are judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ages {
    /// Old, future and unsettled files are refused.
    Judge,
    /// They are not: for replays at another time (`--as-of`).
    Skip,
}

/// Everything one source has to say.
pub struct Export {
    /// Every configured file once, in the order of the tables.
    pub files: Vec<ExportFile>,
    /// When the register finished: the done-file's time, or that of the newest file.
    pub exported_at: Timestamp,
    /// Tells this export from others; see [`ExportMark`].
    pub mark: ExportMark,
    /// Digest of what was read: names and contents of all files, and when the register finished.
    pub digest: [u8; 32],
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Export({} files, {}, •••)", self.files.len(), self.exported_at)
    }
}

/// One file of an export: judged and digested, and read when its turn comes.
pub struct ExportFile {
    /// Name without folder, as configured.
    pub name: String,
    contents: opened::Digested,
    /// When it was last written.
    pub modified: Timestamp,
    /// How many rows the done-file says it has.
    pub rows: Option<u64>,
}

impl ExportFile {
    /// How many bytes there are in it.
    pub fn size(&self) -> u64 {
        self.contents.size
    }

    /// Everything in it. At the end, an error of the kind `InvalidData` unless it is exactly what
    /// was digested.
    pub fn open(&self) -> impl Read + '_ {
        self.contents.again()
    }
}

impl std::fmt::Debug for ExportFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportFile({}, {} bytes)", self.name, self.size())
    }
}

/// What is kept of an export that was used, so that the next one can be told from it: digests and
/// times, no contents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExportMark {
    /// The done-file, where there is one.
    pub done_file: Option<FileMark>,
    /// The other files, by name.
    pub files: std::collections::BTreeMap<String, FileMark>,
    /// How long the files have said the same; of an export that was just read, `None`.
    #[serde(default)]
    pub standing: Option<Standing>,
}

/// One file of an [`ExportMark`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileMark {
    /// SHA-256 of its contents, in hexadecimal.
    pub digest: String,
    /// When it was last written.
    pub modified: Timestamp,
}

/// Reads an export. `last_used` is the mark of the export that was used last, from this source.
///
/// # Errors
/// When any file cannot be had whole, finished and fresh.
pub fn fetch(
    name: &str,
    kind: &SourceKind,
    now: &Zoned,
    ages: Ages,
    last_used: Option<&ExportMark>,
) -> Result<Export, SourceError> {
    match kind {
        SourceKind::Csv(settings) => drop_folder::fetch(name, settings, now, ages, last_used),
    }
}
