//! THE SETTINGS: the file a municipality writes, each room's own settings put together.
//!
//! Nothing runs on a half-valid file: an unknown key, a wrong type or a missing key is an error
//! that names file, line and the nearest key. A key whose feature is not built yet is refused by
//! name, never ignored (rule 13 in CONTRIBUTING).

mod document;
mod excerpt;
mod fault;
mod findings;
mod later;
pub mod lenient;
pub mod overlay;
mod redacted;
mod rules;
pub mod site;
pub mod target;
mod words;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use document::Document;
pub use fault::{ConfigError, Fault};
use findings::Findings;
use site::{Retention, Schedule, Site};
use target::Target;
pub use words::Said;

use crate::formats::snapshot::hex;
use crate::notify;
use crate::notify::settings::On;
use crate::pipeline::season::{Grace, Season};
use crate::pipeline::window::Window;
use crate::pipeline::{protect, safety};
use crate::sources::SourceKind;

/// Where the configuration stands unless said otherwise.
pub const USUAL: &str = "/etc/rostergate/rostergate.toml";

/// A configuration's file as commands name it that may be typed anywhere; `None` for the usual one.
pub fn named(path: &Path) -> Option<String> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    (whole != Path::new(USUAL)).then(|| whole.display().to_string())
}

/// `rostergate.toml`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The version of the file's shape: 1.
    pub config_version: u32,
    /// The municipality.
    pub site: Site,
    /// Registers to read, by a name of the municipality's choice.
    pub source: BTreeMap<String, SourceKind>,
    /// What happens to persons with protected identity.
    #[serde(default)]
    pub protected_identity: protect::Settings,
    /// Learning platforms to feed, by a name of the municipality's choice.
    pub target: BTreeMap<String, Target>,
    /// The safety filter.
    #[serde(default)]
    pub limits: safety::Settings,
    /// How long what is missing stays, outside windows.
    #[serde(default)]
    pub grace: Grace,
    /// Stretches of days in which removals wait, or nothing is delivered.
    #[serde(default)]
    pub window: Vec<Window>,
    /// Status mails.
    pub mail: Option<notify::settings::MailSettings>,
    /// Signals to other programs that the night took place.
    #[serde(default)]
    pub monitor: notify::monitor::Monitor,
    /// When files may be delivered.
    #[serde(default)]
    pub schedule: Schedule,
    /// How long what is kept.
    #[serde(default)]
    pub retention: Retention,
}

/// A valid configuration, the file it came from, and what approvals are bound to.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Its file.
    pub path: PathBuf,
    table: toml::Table,
}

/// Reads and checks a configuration file.
///
/// # Errors
/// With every fault found, each with its line.
pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
    let text =
        text(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    parse(&text, path)
}

/// No configuration is larger, one with a thousand targets included. In a folder of many, one that
/// fills the memory would end the night of all.
const LARGEST: u64 = 1024 * 1024;

/// The text of a plain file of reasonable size: a pipe or a device would keep the night waiting,
/// or never end.
fn text(path: &Path) -> std::io::Result<String> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        let kind = if about.is_dir() { ErrorKind::IsADirectory } else { ErrorKind::InvalidInput };
        return Err(std::io::Error::new(kind, "not a regular file"));
    }
    let mut text = String::new();
    std::fs::File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST { Err(ErrorKind::FileTooLarge.into()) } else { Ok(text) }
}

/// Checks the text of a configuration file; `path` is for messages.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, path: &Path) -> Result<Loaded, ConfigError> {
    let faulty = |mut faults: Vec<Fault>| {
        faults.sort_by_key(|fault| fault.line);
        ConfigError::Faulty { path: path.to_owned(), faults }
    };
    let mut document = Document::parse(text).map_err(|errors| faulty(of_form(text, &errors)))?;
    let mut found = Findings::of(&mut document);
    if let Some(config) = &found.config {
        let between = contradictions(config, &document, &found);
        found.faults.extend(between);
    }
    match found.config {
        Some(config) if found.faults.is_empty() => {
            let table = toml::from_str(text).expect("parsed before");
            Ok(Loaded { config, path: path.to_owned(), table })
        }
        _ => Err(faulty(found.faults)),
    }
}

/// Faults in the file's form, one for each line: what follows on a line follows from the first.
fn of_form(text: &str, errors: &[toml::de::Error]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = errors.iter().map(|error| Fault::of_form(text, error)).collect();
    faults.sort_by_key(|fault| fault.line);
    faults.dedup_by_key(|fault| fault.line);
    faults.truncate(20);
    faults
}

/// What no single key can know to be wrong. Nothing is said of where a fault was found before.
fn contradictions(config: &Config, document: &Document<'_>, found: &Findings) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |path: &[&str], what: &str| {
        if !found.touched(path) {
            faults.push(Fault::between(document, path, what));
        }
    };
    if config.config_version != 1 {
        fault(&["config-version"], "this program reads config-version = 1");
    }
    if config.source.is_empty() {
        fault(&["source"], "name at least one register: [source.NAME.csv]");
    }
    if config.target.is_empty() {
        fault(&["target"], "name at least one receiver: [target.NAME]");
    }
    for (name, target) in config.target.iter().filter(|(name, _)| !found.touched(&["target", name]))
    {
        for (key, what) in target.contradictions() {
            fault(&["target", name, key], &what);
        }
        if let Some(key) = target.needs_terms().filter(|_| !config.has_terms()) {
            let what =
                "it needs the school year of groups: give term under [source.NAME.csv.groups]";
            fault(&["target", name, key], what);
        }
    }
    if let Some((first, second)) = config.same_receiver() {
        fault(
            &["target", second],
            &format!("target {first} delivers the same file to the same place"),
        );
    }
    if !found.touched(&["window"]) {
        for what in config.wrong_windows() {
            fault(&["window"], &what);
        }
    }
    let on = config.mail.as_ref().map(|mail| mail.on);
    if on == Some(On::OnProblem) && config.monitor.heartbeat.is_none() {
        fault(
            &["mail", "on"],
            "\"on-problem\" needs [monitor] heartbeat: without one, silence could mean that nothing ran",
        );
    }
    let identity = &config.protected_identity;
    if identity.action == protect::Action::Pseudonym && identity.file.is_none() {
        fault(&["protected-identity"], "action = \"pseudonym\" needs file = \"/path\"");
    }
    faults
}

impl Config {
    /// What the calendar says for a target on a day.
    pub fn season(&self, target: &str, today: Date) -> Season {
        let grace = self.target[target].grace.over(self.grace);
        Season::of(&self.window, target, grace, today)
    }

    /// Windows that contradict themselves or each other.
    fn wrong_windows(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (at, window) in self.window.iter().enumerate() {
            let name = window.name.as_str();
            let mut say = |what: &str| wrong.push(format!("window {name:?}: {what}"));
            if let Some(what) = window.contradiction() {
                say(&what);
            }
            let unknown = |target: &&String| !self.target.contains_key(target.as_str());
            if let Some(target) = window.targets.iter().flatten().find(unknown) {
                say(&format!("there is no target {target:?}"));
            }
            for other in &self.window[at + 1..] {
                if other.name == window.name {
                    say("another window has the same name");
                }
                if window.contradiction().or(other.contradiction()).is_none() && window.meets(other)
                {
                    let other = other.name.as_str();
                    say(&format!("it is open on the same day as {other:?}: part them"));
                }
            }
        }
        wrong
    }

    /// Whether any register says the term of groups.
    fn has_terms(&self) -> bool {
        self.source.values().any(SourceKind::has_terms)
    }

    /// Two targets that would take each other's file away.
    fn same_receiver(&self) -> Option<(&str, &str)> {
        let targets: Vec<(&String, &Target)> = self.target.iter().collect();
        targets.iter().enumerate().find_map(|(at, (first, a))| {
            let second = targets[at + 1..].iter().find(|(_, b)| a.takes_the_file_of(b));
            second.map(|(second, _)| (first.as_str(), second.as_str()))
        })
    }

    /// The name of a target that would take away the file of one of another municipality's.
    pub fn meets(&self, other: &Config) -> Option<&str> {
        let takes = |a: &Target| other.target.values().any(|b| a.takes_the_file_of(b));
        self.target.iter().find(|(_, target)| takes(target)).map(|(name, _)| name.as_str())
    }
}

impl Loaded {
    /// What an approval for one target is bound to: everything that decides what is read, told
    /// and judged, but not mails, times and retention. Comments and order do not count.
    pub fn digest(&self, target: &str) -> String {
        let mut part = toml::Table::new();
        for key in ["source", "protected-identity", "limits", "grace", "window"] {
            if let Some(value) = self.table.get(key) {
                part.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(value) = self.table.get("target").and_then(|targets| targets.get(target)) {
            part.insert("target".to_owned(), value.clone());
        }
        if let Some(zone) = self.table.get("site").and_then(|site| site.get("timezone")) {
            part.insert("timezone".to_owned(), zone.clone());
        }
        hex(&Sha256::digest(toml::to_string(&part).expect("a table read from TOML").as_bytes()))
    }
}
