//! How a target's files are delivered: the `[target.NAME.deliver.KIND]` tables.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use russh::keys::ssh_key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secrets::SecretRef;

/// The way to a receiver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "there is one for each target")]
pub enum Deliver {
    /// To an SFTP server.
    Sftp(SftpSettings),
    /// To a folder of this machine, or one mounted here.
    Folder(FolderSettings),
}

/// `[target.NAME.deliver.sftp]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SftpSettings {
    /// Name or address of the server.
    pub host: Host,
    /// Its port.
    #[serde(default = "port")]
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The private key, by reference.
    #[serde(default)]
    pub key: Option<SecretRef>,
    /// The private key's passphrase, by reference.
    #[serde(default)]
    pub passphrase: Option<SecretRef>,
    /// The password, by reference.
    #[serde(default)]
    pub password: Option<SecretRef>,
    /// The fingerprints of the server's keys, as the receiver gave them.
    #[serde(default)]
    pub host_keys: Vec<Fingerprint>,
    /// The folder at the receiver.
    #[serde(default = "here")]
    pub folder: String,
    /// A folder on the same volume for temporary files, where the receiver takes any file.
    #[serde(default)]
    pub temp_folder: Option<String>,
    /// How a finished file is made visible.
    #[serde(default)]
    pub publish: Publish,
    /// The marker's name; `{name}` stands for the document's.
    #[serde(default)]
    pub done_file: DoneFile,
    /// Whether the receiver takes the file away.
    #[serde(default)]
    pub pickup: Pickup,
    /// How an upload is verified before it is published.
    #[serde(default)]
    pub verify: Verify,
    /// The longest wait for each of: name look-up, connection, key exchange, login, start of SFTP.
    #[serde(default = "connect_timeout")]
    pub connect_timeout: Span,
    /// The longest time without any progress.
    #[serde(default = "idle_timeout")]
    pub idle_timeout: Span,
    /// The longest time for all tries together, waits not counted.
    #[serde(default = "total_timeout")]
    pub total_timeout: Span,
    /// The waits before the second, third and further tries.
    #[serde(default = "retry_waits")]
    pub retry_waits: Vec<Span>,
}

/// `[target.NAME.deliver.folder]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FolderSettings {
    /// The folder, absolute.
    pub path: PathBuf,
    /// How a finished file is made visible.
    #[serde(default)]
    pub publish: Publish,
    /// The marker's name; `{name}` stands for the document's.
    #[serde(default)]
    pub done_file: DoneFile,
    /// Whether the receiver takes the file away.
    #[serde(default)]
    pub pickup: Pickup,
    /// The waits before the second, third and further tries: a share may be away for a moment.
    #[serde(default = "retry_waits")]
    pub retry_waits: Vec<Span>,
}

fn port() -> u16 {
    22
}
fn here() -> String {
    ".".to_owned()
}
fn connect_timeout() -> Span {
    Span::of_seconds(30)
}
fn idle_timeout() -> Span {
    Span::of_seconds(60)
}
fn total_timeout() -> Span {
    Span::of_seconds(30 * 60)
}
fn retry_waits() -> Vec<Span> {
    [2, 5, 10].map(|minutes| Span::of_seconds(minutes * 60)).into()
}

/// How a finished file is made visible to the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Publish {
    /// Under a temporary name, then renamed: nobody ever sees half a file.
    #[default]
    Rename,
    /// Every document renamed, then a marker that says they are complete.
    DoneFile,
    /// Straight to its name, for servers that do not rename: a broken connection shows half a file.
    Direct,
}

/// Whether the receiver takes a delivered file away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pickup {
    /// It does: a file that is gone was picked up.
    Expected,
    /// It does not.
    #[default]
    Stays,
}

/// How an upload is verified before it is published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verify {
    /// Read back and compared byte for byte, by digest.
    #[default]
    ReadBack,
    /// By size, where the receiver does not let us read.
    Size,
}

/// A name or address of a server, without user, port or scheme.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if text.is_empty() || text.len() > 253 || !text.chars().all(plain) {
            return Err("host is a name or an address alone, as in \"sftp.example.org\": no \
                        \"sftp://\", user or folder; the port has its own key"
                .to_owned());
        }
        Ok(Host(text))
    }
}

impl From<Host> for String {
    fn from(host: Host) -> String {
        host.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Host {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 fingerprint of a key, as OpenSSH writes it.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^SHA256:[A-Za-z0-9+/]{43}=?$"))]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a public key.
    pub(crate) fn of(key: &ssh_key::public::KeyData) -> Fingerprint {
        let print = key.fingerprint(ssh_key::HashAlg::Sha256);
        Fingerprint(print.sha256().expect("a SHA-256 fingerprint was asked for"))
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || {
            "a host key is given as its SHA-256 fingerprint, \"SHA256:\" and 43 characters; ask \
             the receiver for it (MD5 fingerprints, with colons, are not accepted)"
                .to_owned()
        };
        let text = text.trim().trim_end_matches('=');
        let print: ssh_key::Fingerprint = text.parse().map_err(|_| refused())?;
        print.sha256().map(Fingerprint).ok_or_else(refused)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(print: Fingerprint) -> String {
        print.to_string()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ssh_key::Fingerprint::Sha256(self.0).fmt(f)
    }
}

/// A length of time: "30s", "2m", "1h 30m".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn of_seconds(seconds: u64) -> Span {
        Span(Duration::from_secs(seconds))
    }

    /// The span as a duration.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused =
            || "give a time from \"1s\" to \"24h\", as in \"30s\", \"5m\" or \"1h\"".to_owned();
        let span: SignedDuration = text.parse().map_err(|_| refused())?;
        let span = Duration::try_from(span).map_err(|_| refused())?;
        let allowed = Duration::from_secs(1)..=Duration::from_secs(24 * 3600);
        if allowed.contains(&span) { Ok(Span(span)) } else { Err(refused()) }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        format!("{}s", span.0.as_secs())
    }
}

/// The name of the marker: a pattern in which `{name}` stands for the document's name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct DoneFile(String);

impl Default for DoneFile {
    fn default() -> Self {
        DoneFile("{name}.done".to_owned())
    }
}

impl TryFrom<String> for DoneFile {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let filled = text.replace("{name}", "x");
        if filled == "x" || filled.contains(['{', '}']) || !is_plain_name(&filled) {
            return Err(
                "done-file is a file name such as \"{name}.done\" or \"ready.txt\"".to_owned()
            );
        }
        Ok(DoneFile(text))
    }
}

impl From<DoneFile> for String {
    fn from(pattern: DoneFile) -> String {
        pattern.0
    }
}

impl DoneFile {
    /// The marker's name for a document.
    #[must_use]
    pub fn of(&self, document: &str) -> String {
        self.0.replace("{name}", document)
    }
}

/// Whether a text is a file name: no folder, no control character, not hidden, and short enough
/// for its temporary name to fit into 255 bytes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
    !name.is_empty() && name.len() <= 120 && !name.starts_with('.') && !name.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "SHA256:q3n0V1Zq8m2yX5oE7r9tB4uC6wD1fG2hJ3kL5mN7pQs";

    fn parse(text: &str) -> Result<Deliver, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    #[test]
    fn what_a_municipality_writes_is_read_with_its_defaults() {
        let text = format!(
            "[sftp]\nhost = \"sftp.example.org\"\nuser = \"u\"\nkey = \"credential:k\"\n\
             host-keys = [\"{PIN}\"]\nfolder = \"/import\"\npublish = \"rename\"\npickup = \"expected\""
        );
        let Deliver::Sftp(sftp) = parse(&text).unwrap() else { panic!("sftp") };
        assert_eq!((sftp.port, sftp.pickup, sftp.verify), (22, Pickup::Expected, Verify::ReadBack));
        assert_eq!(
            sftp.retry_waits.iter().map(|s| s.get().as_secs()).collect::<Vec<_>>(),
            [120, 300, 600]
        );
        assert_eq!(
            (sftp.idle_timeout.get().as_secs(), sftp.total_timeout.get().as_secs()),
            (60, 1800)
        );
        assert_eq!(sftp.host_keys[0].to_string(), PIN);
        let again: Deliver =
            toml::from_str(&toml::to_string(&Deliver::Sftp(sftp.clone())).unwrap()).unwrap();
        assert_eq!(again, Deliver::Sftp(sftp));
    }

    #[test]
    fn a_mistake_says_what_is_allowed() {
        let cases = [
            ("[sftp]\nhost = \"sftp://x\"\nuser = \"u\"", "a name or an address alone"),
            ("[sftp]\nhost = \"h\"\nuser = \"u\"\nhost-keys = [\"aa:bb\"]", "SHA-256 fingerprint"),
            (
                "[sftp]\nhost = \"h\"\nuser = \"u\"\nhost-keys = [\"SHA256:abc\"]",
                "SHA-256 fingerprint",
            ),
            ("[sftp]\nhost = \"h\"\nuser = \"u\"\npassword = \"hemligt\"", "credential:NAME"),
            ("[sftp]\nhost = \"h\"\nuser = \"u\"\nidle-timeout = \"0s\"", "give a time"),
            ("[sftp]\nhost = \"h\"\nuser = \"u\"\nretry-waits = [\"5\"]", "give a time"),
            ("[folder]\npath = \"/x\"\ndone-file = \"../x\"", "done-file is a file name"),
            ("[folder]\npath = \"/x\"\ndone-file = \"{name}\"", "done-file is a file name"),
            ("[folder]\npath = \"/x\"\npublish = \"copy\"", "`rename`, `done-file`, `direct`"),
            ("[folder]\npath = \"/x\"\nverify = \"size\"", "unknown field `verify`"),
        ];
        for (text, expected) in cases {
            let said = parse(text).unwrap_err();
            assert!(said.contains(expected), "{text}: {said}");
        }
    }

    #[test]
    fn the_schema_names_the_kinds() {
        let schema = serde_json::to_string(&schemars::schema_for!(Deliver)).unwrap();
        assert!(
            schema.contains("host-keys")
                && schema.contains("temp-folder")
                && schema.contains("SHA256:")
        );
    }
}
