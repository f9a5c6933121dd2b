//! A folder where a register leaves its files, as on a file share: read whole, never changed.
//!
//! Others can write to that folder, so every file is opened once, without following links, and
//! judged by its handle. With a done-file the export is finished when that is there, newer than
//! the one last used or with the same files as then; without one, when no file has changed for a
//! while. A list of schools may be old: it is often kept by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, Zoned};
use sha2::{Digest, Sha256};

use super::opened::{Digested, Folder, Opened, Whole};
use super::{Ages, Export, ExportFile, ExportMark, FileMark, SourceError};
use crate::roster::words::Kind;

mod done_file;
mod owners;

/// The table `[source.NAME.csv]`.
pub use crate::formats::register_csv::Settings;
use crate::formats::register_csv::{Complete, FileName};
use crate::formats::snapshot::hex;

/// A clock at the register may be ahead by so much.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// A file newer than the done-file is being written until it has rested for so long.
const REST: Duration = Duration::from_secs(60);

/// Reads an export from its folder.
///
/// # Errors
/// When any file cannot be had whole, finished and fresh.
pub fn fetch(
    name: &str,
    settings: &Settings,
    now: &Zoned,
    ages: Ages,
    last_used: Option<&ExportMark>,
) -> Result<Export, SourceError> {
    let reader = Reader {
        folder: Folder::open(name, &settings.folder)?,
        settings,
        trusted: owners::resolve(name, settings.trusted_owners.as_deref())?,
        now: now.timestamp(),
        ages,
    };
    let done = reader.done_file()?;
    let files = reader.files(done.as_ref())?;
    if let Some(done) = &done {
        reader.folder.unchanged(&done.opened, done.bytes.len() as u64)?;
    }
    for (_, file) in &files {
        reader.folder.unchanged(&file.opened, file.size)?;
    }
    let mark = mark_of(done.as_ref(), &files);
    if ages == Ages::Judge {
        check_not_rewritten(done.as_ref(), &mark, last_used)?;
    }
    let rows = match (&done, settings.counts_rows()) {
        (Some(done), true) => done_file::rows(&done.opened.path, &done.bytes, settings.files())?,
        _ => BTreeMap::new(),
    };
    let newest = files.iter().map(|(_, file)| file.opened.modified).max();
    let finished = done.as_ref().map(|done| done.opened.modified).or(newest);
    let exported_at = finished.unwrap_or(Timestamp::MIN);
    let digest = digest_of(&mark, exported_at);
    let files = files.into_iter().map(|(name, contents)| ExportFile {
        name: name.as_str().to_owned(),
        modified: contents.opened.modified,
        rows: rows.get(name.as_str()).copied(),
        contents,
    });
    Ok(Export { files: files.collect(), exported_at, mark, digest })
}

struct Reader<'s> {
    folder: Folder,
    settings: &'s Settings,
    trusted: Option<Vec<u32>>,
    now: Timestamp,
    ages: Ages,
}

impl<'s> Reader<'s> {
    fn done_file(&self) -> Result<Option<Whole>, SourceError> {
        let Complete::DoneFile { name, .. } = &self.settings.complete else { return Ok(None) };
        let Some(opened) = self.folder.file(name.as_str())? else {
            return Err(SourceError::NotDone { path: self.settings.folder.join(name.as_str()) });
        };
        self.check_owner(&opened)?;
        self.check_age(&opened, true)?;
        Ok(Some(opened.read(self.settings.max_file_size.bytes())?))
    }

    /// Every configured file once, though several tables may be read from it.
    fn files(&self, done: Option<&Whole>) -> Result<Vec<(&'s FileName, Digested)>, SourceError> {
        let mut files: Vec<(&FileName, Digested)> = Vec::new();
        for (kind, name) in self.settings.files() {
            if files.iter().any(|&(other, _)| other == name) {
                continue;
            }
            let Some(opened) = self.folder.file(name.as_str())? else {
                return Err(SourceError::Absent { path: self.settings.folder.join(name.as_str()) });
            };
            self.check_owner(&opened)?;
            self.check_age(&opened, kind != Kind::School)?;
            self.check_settled(&opened, done)?;
            files.push((name, opened.digest(self.settings.max_file_size.bytes())?));
        }
        Ok(files)
    }

    fn check_owner(&self, opened: &Opened) -> Result<(), SourceError> {
        match &self.trusted {
            Some(trusted) if !trusted.contains(&opened.owner()) => {
                Err(SourceError::Owner { path: opened.path.clone(), owner: opened.owner() })
            }
            _ => Ok(()),
        }
    }

    /// How long ago a file was written; nothing when that is in the future.
    fn age(&self, opened: &Opened) -> Duration {
        Duration::try_from(self.now.duration_since(opened.modified)).unwrap_or_default()
    }

    fn check_age(&self, opened: &Opened, must_be_fresh: bool) -> Result<(), SourceError> {
        let (path, modified) = (opened.path.clone(), opened.modified);
        let max_age = self.settings.max_age.duration();
        if self.ages == Ages::Skip {
            return Ok(());
        }
        let ahead = modified.duration_since(self.now);
        if Duration::try_from(ahead).is_ok_and(|ahead| ahead > AHEAD) {
            return Err(SourceError::Future { path, modified });
        }
        if must_be_fresh && self.age(opened) > max_age {
            let hours = max_age.as_secs() / 3600;
            return Err(SourceError::Stale { path, modified, hours });
        }
        Ok(())
    }

    fn check_settled(&self, opened: &Opened, done: Option<&Whole>) -> Result<(), SourceError> {
        let (rest, why) = match (&self.settings.complete, done) {
            (Complete::Settled(span), _) => (span.duration(), "it changed a moment ago"),
            (_, Some(done)) if opened.modified > done.opened.modified => {
                (REST, "it changed a moment ago, after the done-file")
            }
            _ => return Ok(()),
        };
        if self.ages == Ages::Judge && self.age(opened) < rest {
            return Err(SourceError::BeingWritten { path: opened.path.clone(), why });
        }
        Ok(())
    }
}

/// Yesterday's done-file beside other files than yesterday's: the register is writing.
fn check_not_rewritten(
    done: Option<&Whole>,
    mark: &ExportMark,
    last_used: Option<&ExportMark>,
) -> Result<(), SourceError> {
    let (Some(done), Some(last)) = (done, last_used) else { return Ok(()) };
    let changed = |(name, file): (&String, &FileMark)| {
        last.files.get(name).is_some_and(|before| before.digest != file.digest)
    };
    if mark.done_file == last.done_file && mark.files.iter().any(changed) {
        let why = "it is the one of the last export, but other files have changed";
        return Err(SourceError::BeingWritten { path: done.opened.path.clone(), why });
    }
    Ok(())
}

fn mark_of(done: Option<&Whole>, files: &[(&FileName, Digested)]) -> ExportMark {
    let mark = |sha256: &[u8], opened: &Opened| FileMark {
        digest: hex(sha256),
        modified: opened.modified,
    };
    let file = |(name, file): &(&FileName, Digested)| {
        (name.as_str().to_owned(), mark(&file.sha256, &file.opened))
    };
    ExportMark {
        done_file: done.map(|done| mark(&Sha256::digest(&done.bytes), &done.opened)),
        files: files.iter().map(file).collect(),
        standing: None,
    }
}

/// One digest of names, contents and the export's time. File names hold no line break.
fn digest_of(mark: &ExportMark, exported_at: Timestamp) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for (name, file) in &mark.files {
        hasher.update(format!("{}  {name}\n", file.digest));
    }
    if let Some(done) = &mark.done_file {
        hasher.update(format!("{}\n", done.digest));
    }
    hasher.update(exported_at.to_string());
    hasher.finalize().into()
}
