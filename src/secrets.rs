//! Secrets by reference: a name in the configuration, the value only in memory.
//!
//! A reference is `credential:NAME` (a file in `$CREDENTIALS_DIRECTORY`, which systemd fills)
//! or `file:/absolute/path`. A secret written into the configuration itself is refused: a
//! configuration is copied, mailed and kept in version control.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::roster::code::Code;

/// No key or password is longer than this; a longer file is a mistake.
const LARGEST: u64 = 64 * 1024;

/// Why a secret could not be had. Never holds any part of a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The configuration holds something that is not a reference.
    #[error(
        "a secret is not written in the configuration: say \"credential:NAME\" or \
         \"file:/absolute/path\" and put the secret there"
    )]
    Literal,
    /// The name after `credential:` cannot be the name of a credential.
    #[error("a credential's name has letters, digits, '.', '_' and '-', and at most 100 of them")]
    BadName,
    /// The path after `file:` is not absolute.
    #[error("the path after \"file:\" must be absolute, as in \"file:/etc/rostergate/secrets/x\"")]
    RelativePath,
    /// `credential:` outside the service: systemd has set no folder.
    #[error(
        "credential:{name} is only there inside the service ($CREDENTIALS_DIRECTORY is not set): \
         start it with \"systemctl start rostergate\", or use \"file:/path\""
    )]
    OutsideService {
        /// The credential's name.
        name: String,
    },
    /// The file could not be opened or read.
    #[error("secret {path}: {source}")]
    Unreadable {
        /// Where it should lie.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A link, folder, pipe or device instead of a file.
    #[error("secret {path}: not an ordinary file")]
    NotAFile {
        /// Where it lies.
        path: PathBuf,
    },
    /// Others than the owner may read it, or somebody else owns it.
    #[error("secret {path}: mode {mode:04o}, owner {owner}: {allowed}")]
    Exposed {
        /// Where it lies.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The user id of its owner.
        owner: u32,
        /// What would be accepted.
        allowed: &'static str,
    },
    /// Empty, too large, or not text.
    #[error("secret {path}: {fault}")]
    Unusable {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it.
        fault: &'static str,
    },
}

impl SecretError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code(match self {
            SecretError::Literal => 112,
            SecretError::BadName | SecretError::RelativePath => 102,
            SecretError::Exposed { .. } => 111,
            SecretError::OutsideService { .. }
            | SecretError::Unreadable { .. }
            | SecretError::NotAFile { .. }
            | SecretError::Unusable { .. } => 110,
        })
    }
}

/// Where a secret lies: `credential:NAME` or `file:/absolute/path`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^(credential:[A-Za-z0-9._-]{1,100}|file:/.+)$"))]
pub struct SecretRef(Place);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Place {
    Credential(String),
    File(PathBuf),
}

impl TryFrom<String> for SecretRef {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        // What is refused may be a secret: hold it no longer than needed, and never quote it.
        let text = Zeroizing::new(text);
        if let Some(name) = text.strip_prefix("credential:") {
            return credential(name);
        }
        let path = text.strip_prefix("file:").ok_or(SecretError::Literal)?;
        if !path.starts_with('/') {
            return Err(SecretError::RelativePath);
        }
        Ok(SecretRef(Place::File(PathBuf::from(path))))
    }
}

fn credential(name: &str) -> Result<SecretRef, SecretError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(SecretError::BadName);
    }
    Ok(SecretRef(Place::Credential(name.to_owned())))
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> String {
        reference.to_string()
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Credential(name) => write!(f, "credential:{name}"),
            Place::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl SecretRef {
    /// Fetches the secret. `credentials` is the value of `$CREDENTIALS_DIRECTORY`, if it is set.
    ///
    /// # Errors
    /// When it is not there, not an ordinary file, readable by others, empty, or too large.
    pub fn resolve(&self, credentials: Option<&Path>) -> Result<Secret, SecretError> {
        match &self.0 {
            Place::File(path) => read(path, private),
            Place::Credential(name) => match credentials {
                Some(folder) => read(&folder.join(name), kept_by_systemd),
                None => Err(SecretError::OutsideService { name: name.clone() }),
            },
        }
    }
}

/// A secret in memory: overwritten when dropped, never shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret that was made here, as `demo` and tests do.
    #[must_use]
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// All checks are made on the opened file, so what was checked is what is read.
fn read(
    path: &Path,
    check: fn(&Metadata) -> Result<(), &'static str>,
) -> Result<Secret, SecretError> {
    let unreadable = |source: io::Error| SecretError::Unreadable { path: path.into(), source };
    let file = open(path)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(SecretError::NotAFile { path: path.into() });
    }
    check(&about).map_err(|allowed| SecretError::Exposed {
        path: path.into(),
        mode: about.mode() & 0o7777,
        owner: about.uid(),
        allowed,
    })?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    usable(&bytes).map_err(|fault| SecretError::Unusable { path: path.into(), fault })
}

/// Follows no link at the last step, and does not wait on a pipe.
fn open(path: &Path) -> Result<File, SecretError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(descriptor) => Ok(File::from(descriptor)),
        Err(rustix::io::Errno::LOOP) => Err(SecretError::NotAFile { path: path.into() }),
        Err(errno) => Err(SecretError::Unreadable { path: path.into(), source: errno.into() }),
    }
}

fn private(about: &Metadata) -> Result<(), &'static str> {
    let mode = about.mode() & 0o7777;
    let ours = about.uid() == rustix::process::geteuid().as_raw();
    if mode & !0o700 == 0 && (ours || about.uid() == 0) {
        return Ok(());
    }
    // Root may hand a secret to the group of the service, to be read and no more.
    if about.uid() == 0 && matches!(mode, 0o640 | 0o440) {
        return Ok(());
    }
    Err("give it to the service's user with mode 0600, or to root with mode 0640 and the \
         service's group")
}

/// systemd keeps its folder private; an old or odd set-up is caught by the bits for others.
fn kept_by_systemd(about: &Metadata) -> Result<(), &'static str> {
    let others = about.mode() & 0o007;
    if others > 0 { Err("others may read it") } else { Ok(()) }
}

fn usable(bytes: &[u8]) -> Result<Secret, &'static str> {
    if bytes.len() as u64 > LARGEST {
        return Err("larger than 64 kB: this is not a key or a password");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not text (UTF-8)")?;
    // An editor or `echo` ends the file with a new line that is no part of the secret.
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err("empty") } else { Ok(Secret::new(text.to_owned())) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn reference(text: &str) -> Result<SecretRef, SecretError> {
        SecretRef::try_from(text.to_owned())
    }

    fn stored(text: &[u8], mode: u32) -> (tempfile::TempDir, SecretRef) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        (folder, reference(&format!("file:{}", path.display())).unwrap())
    }

    #[test]
    fn a_literal_is_refused_and_not_repeated() {
        let error = reference("hunter2-hunter2").unwrap_err();
        assert_eq!(error.code(), Code(112));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert!(error.to_string().contains("credential:NAME"));
    }

    #[test]
    fn references_that_lead_elsewhere_are_refused() {
        for text in ["credential:", "credential:../x", "credential:a/b", "credential:.x", "file:x"]
        {
            assert_eq!(reference(text).unwrap_err().code(), Code(102), "{text}");
        }
    }

    #[test]
    fn a_private_file_is_read_without_its_last_new_line() {
        for (bytes, expected) in
            [(&b"pass word\n"[..], "pass word"), (b"x\r\n", "x"), (b"x\n\n", "x\n")]
        {
            let (_folder, place) = stored(bytes, 0o600);
            assert_eq!(place.resolve(None).unwrap().expose(), expected);
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        for mode in [0o644, 0o604, 0o660, 0o666, 0o610] {
            let (_folder, place) = stored(b"x", mode);
            assert_eq!(place.resolve(None).unwrap_err().code(), Code(111), "{mode:o}");
        }
        let (_folder, place) = stored(b"x", 0o640);
        let as_root = rustix::process::geteuid().is_root();
        assert_eq!(place.resolve(None).is_ok(), as_root, "only root may share with a group");
    }

    #[test]
    fn links_folders_pipes_and_odd_contents_are_refused() {
        let (folder, _place) = stored(b"x", 0o600);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("secret"), &link).unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0)
            .unwrap();
        for path in [link, pipe, folder.path().to_owned(), folder.path().join("absent")] {
            let error = reference(&format!("file:{}", path.display())).unwrap().resolve(None);
            assert_eq!(error.unwrap_err().code(), Code(110), "{}", path.display());
        }
        for bytes in [&b""[..], b"\n", b"\xff\xfe", &vec![b'x'; 70_000]] {
            let (_folder, place) = stored(bytes, 0o600);
            assert_eq!(place.resolve(None).unwrap_err().code(), Code(110));
        }
    }

    #[test]
    fn a_credential_needs_the_folder_of_the_service() {
        let (folder, _place) = stored(b"x\n", 0o440);
        let place = reference("credential:secret").unwrap();
        let error = place.resolve(None).unwrap_err();
        assert_eq!(error.code(), Code(110));
        assert!(error.to_string().contains("systemctl start"));
        assert_eq!(place.resolve(Some(folder.path())).unwrap().expose(), "x");
        assert_eq!(place.to_string(), "credential:secret");
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "•••");
    }
}
