//! Where the demo plays: the inbox, the two receivers, the mailbox and the configuration.

use std::io;
use std::path::{Path, PathBuf};

use super::town::OpenSchool;
use super::trouble::Trouble;
use crate::config::{self, Loaded};
use crate::delivery::{EmbeddedOptions, EmbeddedServer, KeyPair};
use crate::notify::language::Language;
use crate::state::files;

const SWEDISH: &str = include_str!("rostergate.sv.toml");
const ENGLISH: &str = include_str!("rostergate.en.toml");
const USER: &str = "exempelby";
const FOLDERS: [&str; 5] =
    ["inbox", "mails", "secrets", "receivers/itslearning/import", "receivers/bibliotek"];

/// The learning platform: the whole municipality, by SFTP.
pub(super) const PLATFORM: &str = "itslearning";
/// One school's library: that school's pupils, into a folder.
pub(super) const LIBRARY: &str = "bibliotek";

/// The places of the demo, and its SFTP server, which ends with it.
pub(super) struct Stage {
    folder: PathBuf,
    server: EmbeddedServer,
}

impl Stage {
    /// Sets everything up in an empty folder.
    ///
    /// # Errors
    /// When a file cannot be written or no port is to be had.
    pub(super) fn set(
        folder: &Path,
        language: Language,
        library: &OpenSchool,
    ) -> Result<Stage, Trouble> {
        let set = || {
            for part in FOLDERS {
                files::create_folder(&folder.join(part))?;
            }
            let keys = KeyPair::fresh()?;
            write(&folder.join("secrets/itslearning.key"), keys.private.expose())?;
            let mut options = EmbeddedOptions::new(USER);
            options.public_key = Some(keys.public);
            let server = EmbeddedServer::start(&folder.join("receivers/itslearning"), options)?;
            let stage = Stage { folder: folder.to_owned(), server };
            write(&stage.config(), &stage.settings(language, library)?)?;
            Ok(stage)
        };
        set().map_err(|error| Trouble::io(folder, &error))
    }

    fn settings(&self, language: Language, library: &OpenSchool) -> io::Result<String> {
        // What JSON escapes, TOML reads.
        let folder = self.folder.to_str().map(|path| serde_json::Value::from(path).to_string());
        let folder = folder.ok_or_else(|| io::Error::other("the path is not UTF-8"))?;
        let template = language.of(SWEDISH, ENGLISH);
        Ok(template
            .replace("@FOLDER@", &folder[1..folder.len() - 1])
            .replace("@PORT@", &self.server.port().to_string())
            .replace("@HOST-KEY@", &self.server.host_key().to_string())
            .replace("@SCHOOL@", &library.key)
            .replace("@SCHOOL-NAME@", &library.name))
    }

    /// The configuration, read as every command reads it.
    ///
    /// # Errors
    /// When it cannot be read, or the program does not take what it wrote itself.
    pub(super) fn load(&self) -> Result<Loaded, Trouble> {
        Ok(config::load(&self.config())?)
    }

    /// Everything.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration file.
    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("rostergate.toml")
    }

    /// Where the register leaves its exports.
    pub(super) fn inbox(&self) -> PathBuf {
        self.folder.join("inbox")
    }

    /// Where the mails lie.
    pub(super) fn mails(&self) -> PathBuf {
        self.folder.join("mails")
    }

    /// The file at a receiver, as the receiver sees it.
    pub(super) fn delivered(&self, target: &str) -> PathBuf {
        let file =
            if target == PLATFORM { "itslearning/import/ims.xml" } else { "bibliotek/elever.csv" };
        self.folder.join("receivers").join(file)
    }

    /// The bytes at a receiver; `None` when nothing was delivered.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn bytes_at(&self, target: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let path = self.delivered(target);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::io(&path, &error)),
        }
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    files::write_whole(path, |out| out.write_all(text.as_bytes())).map(drop)
}
