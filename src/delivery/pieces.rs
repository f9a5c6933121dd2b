//! The files of one delivery: what they are called before and after, and what is in them.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DeliveryError;
use super::remote::unreadable;
use super::settings::{Deliver, Pickup, Publish, Verify, is_plain_name};
use crate::formats::snapshot::hex;
use crate::state::document::Document;

/// Where a target's files go: a baseline holds only for the receiver it was delivered to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receiver {
    /// The server and its port, or nothing for a folder of this machine.
    pub host: String,
    /// The user, or nothing.
    pub user: String,
    /// The folder.
    pub folder: String,
}

/// Whose a temporary file is: `.NAME.INSTALL.PLAN.part`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    install: String,
    plan: String,
}

impl Tag {
    /// A tag from the installation's id, by which old temporary files are known as ours, and the
    /// plan's. `None` unless both are 1 to 60 letters, digits, `-` or `_`.
    #[must_use]
    pub fn new(install: &str, plan: &str) -> Option<Tag> {
        let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let good = |id: &str| (1..=60).contains(&id.len()) && id.chars().all(fit);
        (good(install) && good(plan))
            .then(|| Tag { install: install.to_owned(), plan: plan.to_owned() })
    }

    pub(super) fn name(&self, name: &str, kind: &str) -> String {
        format!(".{name}.{}.{}.{kind}", self.install, self.plan)
    }

    /// Whether a file is a temporary one of this installation, left by another plan.
    pub(super) fn left_behind(&self, name: &str) -> bool {
        // The name is a server's word, and may not lead out of the folder.
        let Some(name) = name.strip_prefix('.').filter(|name| !name.contains('/')) else {
            return false;
        };
        let mut parts = name.rsplitn(4, '.');
        let ending = parts.next().is_some_and(|kind| matches!(kind, "part" | "old"));
        let other_plan = parts.next().is_some_and(|plan| plan != self.plan);
        ending && other_plan && parts.next() == Some(&self.install) && parts.next().is_some()
    }
}

/// A file to be put: a document or a marker.
pub(super) struct Piece<'a> {
    /// Its name at the receiver.
    pub(super) name: String,
    /// Its whole path at the receiver.
    pub(super) path: String,
    /// Its whole path while it is written.
    pub(super) temp: String,
    /// Where an older file of the name stands aside for a moment.
    pub(super) aside: String,
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
    content: Content<'a>,
}

enum Content<'a> {
    File(&'a Path),
    Marker(String),
}

impl Piece<'_> {
    pub(super) fn is_marker(&self) -> bool {
        matches!(self.content, Content::Marker(_))
    }

    /// Opens the content, to be hashed as it is read or not.
    pub(super) fn open(&self, hashed: bool) -> Result<Source<'_>, DeliveryError> {
        let (from, length): (Box<dyn Read + '_>, u64) = match &self.content {
            Content::Marker(text) => (Box::new(Cursor::new(text.as_bytes())), self.size),
            Content::File(path) => {
                let local = |source| DeliveryError::Local { path: path.into(), source };
                let file = File::open(path).map_err(local)?;
                let length = file.metadata().map_err(local)?.len();
                (Box::new(file), length)
            }
        };
        if length == self.size {
            Ok(Source { from, digest: hashed.then(Sha256::new) })
        } else {
            Err(self.changed())
        }
    }

    /// Puts the path of our own file into an error that happened while it was read.
    pub(super) fn locate(&self, error: DeliveryError) -> DeliveryError {
        match (error, &self.content) {
            (DeliveryError::Local { source, .. }, Content::File(path)) => {
                DeliveryError::Local { path: path.into(), source }
            }
            (error, _) => error,
        }
    }

    /// Whether our own file is not what was decided on any more.
    pub(super) fn has_changed(&self) -> Result<bool, DeliveryError> {
        let mut source = self.open(true)?;
        let local = |source| self.locate(unreadable(&self.path, source));
        io::copy(&mut source, &mut io::sink()).map_err(local)?;
        Ok(source.sha256() != Some(self.sha256))
    }

    pub(super) fn changed(&self) -> DeliveryError {
        let path = match self.content {
            Content::File(path) => path.into(),
            Content::Marker(_) => self.path.clone().into(),
        };
        DeliveryError::LocalChanged { path }
    }
}

/// Content on its way; hashed as it passes, it tells whether what was sent is what was decided on.
pub(super) struct Source<'a> {
    from: Box<dyn Read + 'a>,
    digest: Option<Sha256>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        if let Some(digest) = &mut self.digest {
            digest.update(&buffer[..count]);
        }
        Ok(count)
    }
}

impl Source<'_> {
    /// The SHA-256 of what passed, if it was hashed.
    pub(super) fn sha256(self) -> Option<[u8; 32]> {
        self.digest.map(|digest| digest.finalize().into())
    }
}

impl Receiver {
    /// Whether both are one place by their names. Nothing is asked of any server or disk, which
    /// could keep whoever reads a configuration waiting.
    #[must_use]
    pub fn is_same_place(&self, other: &Receiver) -> bool {
        self.host.eq_ignore_ascii_case(&other.host)
            && self.user == other.user
            // As paths: a slash at the end is no other folder.
            && Path::new(&self.folder) == Path::new(&other.folder)
    }
}

impl Deliver {
    /// The receiver, as a baseline is bound to it.
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        match self {
            Deliver::Sftp(sftp) => Receiver {
                host: format!("{}:{}", sftp.host, sftp.port),
                user: sftp.user.clone(),
                folder: sftp.folder.clone(),
            },
            Deliver::Folder(folder) => Receiver {
                host: String::new(),
                user: String::new(),
                folder: folder.path.display().to_string(),
            },
        }
    }

    /// Whether the settings agree with each other and with the documents' names.
    ///
    /// # Errors
    /// With what does not fit, and what would.
    pub fn check(&self, names: &[&str]) -> Result<(), DeliveryError> {
        let fault = |fault: &str| Err(DeliveryError::Settings { fault: fault.to_owned() });
        if let Deliver::Sftp(sftp) = self {
            if sftp.key.is_none() && sftp.password.is_none() {
                return fault(
                    "set \"key\" or \"password\" to a reference such as \"credential:NAME\"",
                );
            }
            if sftp.passphrase.is_some() && sftp.key.is_none() {
                return fault("\"passphrase\" opens a key, and there is no \"key\"");
            }
            if sftp.user.is_empty() || sftp.folder.is_empty() {
                return fault("\"user\" and \"folder\" may not be empty");
            }
        }
        if matches!(self, Deliver::Folder(folder) if !folder.path.is_absolute()) {
            return fault("\"path\" must be absolute");
        }
        if names.len() > 1 && self.strategy() != Publish::DoneFile {
            return fault("several files for one target need publish = \"done-file\"");
        }
        let markers = names.iter().map(|name| self.done_file().of(name));
        let all: Vec<String> = names.iter().map(|&name| name.to_owned()).chain(markers).collect();
        if !all.iter().all(|name| is_plain_name(name)) {
            return fault("a file's name has no folder, no leading dot and at most 120 bytes");
        }
        // Two files may share a marker, but no file's name may be used twice.
        let taken = |at: usize| all.iter().skip(at + 1).any(|other| *other == all[at]);
        if (0..names.len()).any(taken) {
            return fault("two files, or a file and its \"done-file\", have the same name");
        }
        Ok(())
    }

    /// The files of a delivery: documents in their order, then markers.
    pub(super) fn pieces<'a>(&self, documents: &'a [Document], tag: &Tag) -> Vec<Piece<'a>> {
        let piece = |name: &str, size, sha256, content| Piece {
            name: name.to_owned(),
            path: self.place(name),
            temp: join(&self.temp_folder(), &tag.name(name, "part")),
            aside: join(&self.temp_folder(), &tag.name(name, "old")),
            size,
            sha256,
            content,
        };
        let file = |d: &'a Document| piece(&d.name, d.size, d.sha256, Content::File(&d.path));
        let mut pieces: Vec<Piece<'a>> = documents.iter().map(file).collect();
        if self.strategy() == Publish::DoneFile {
            for (name, text) in self.markers(documents) {
                let sha256 = Sha256::digest(text.as_bytes()).into();
                pieces.push(piece(&name, text.len() as u64, sha256, Content::Marker(text)));
            }
        }
        pieces
    }

    /// One marker for each name that the pattern makes, with a `sha256sum` line for each file.
    fn markers(&self, documents: &[Document]) -> Vec<(String, String)> {
        let mut markers: Vec<(String, String)> = Vec::new();
        for document in documents {
            let name = self.done_file().of(&document.name);
            let line = format!("{}  {}\n", hex(&document.sha256), document.name);
            match markers.iter_mut().find(|(known, _)| *known == name) {
                Some((_, text)) => text.push_str(&line),
                None => markers.push((name, line)),
            }
        }
        markers
    }

    /// A name's whole path at the receiver.
    pub(super) fn place(&self, name: &str) -> String {
        join(&self.receiver().folder, name)
    }

    /// Where temporary files lie.
    pub(super) fn temp_folder(&self) -> String {
        match self {
            Deliver::Sftp(sftp) => sftp.temp_folder.as_ref().unwrap_or(&sftp.folder).clone(),
            Deliver::Folder(_) => self.receiver().folder,
        }
    }

    /// Whether files are written straight to their names, so that a broken line shows half of one.
    pub fn writes_straight(&self) -> bool {
        self.strategy() == Publish::Direct
    }

    pub(super) fn strategy(&self) -> Publish {
        match self {
            Deliver::Sftp(sftp) => sftp.publish,
            Deliver::Folder(folder) => folder.publish,
        }
    }

    fn done_file(&self) -> &super::settings::DoneFile {
        match self {
            Deliver::Sftp(sftp) => &sftp.done_file,
            Deliver::Folder(folder) => &folder.done_file,
        }
    }

    pub(super) fn pickup(&self) -> Pickup {
        match self {
            Deliver::Sftp(sftp) => sftp.pickup,
            Deliver::Folder(folder) => folder.pickup,
        }
    }

    pub(super) fn verify(&self) -> Verify {
        match self {
            Deliver::Sftp(sftp) => sftp.verify,
            Deliver::Folder(_) => Verify::ReadBack,
        }
    }

    pub(super) fn total_timeout(&self) -> Duration {
        match self {
            Deliver::Sftp(sftp) => sftp.total_timeout.get(),
            Deliver::Folder(_) => Duration::from_secs(30 * 60),
        }
    }

    pub(super) fn retry_waits(&self) -> Vec<Duration> {
        let waits = match self {
            Deliver::Sftp(sftp) => &sftp.retry_waits,
            Deliver::Folder(folder) => &folder.retry_waits,
        };
        waits.iter().map(|wait| wait.get()).collect()
    }
}

pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        folder if folder.ends_with('/') => format!("{folder}{name}"),
        folder => format!("{folder}/{name}"),
    }
}
