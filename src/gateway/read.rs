//! The first half of every run: from exports to one checked roster without protected persons.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::memory;
use crate::config::Config;
use crate::formats::register_csv::{self, Opened};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::pipeline::by_hand::{ByHand, Found};
use crate::pipeline::keys::GroupKeys;
use crate::pipeline::plan::Register;
use crate::pipeline::protect::{Action, Pseudonyms, protect, pseudonyms};
use crate::pipeline::telltale::{self, Telltales};
use crate::roster::code::Code;
use crate::roster::draft::Draft;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::sighting::Sighting;
use crate::roster::words::Kind;
use crate::secrets::{Secret, SecretError, SecretRef};
use crate::sources::{self, Ages, Export, ExportFile, ExportMark, SourceKind};

/// What the registers said tonight.
pub struct Reading {
    /// Their data.
    pub register: Register,
    /// Digest of what was read: one automatic delivery per target and export.
    pub digest: [u8; 32],
    /// When the oldest of the exports was finished.
    pub exported_at: Timestamp,
    /// What tells each source's export from the next.
    pub marks: BTreeMap<String, ExportMark>,
    /// What they have of those who were withdrawn by hand.
    pub by_hand: Found,
}

/// Who and what is kept out whatever the registers say.
#[derive(Default)]
pub struct KeptOut {
    /// Persons withdrawn by hand, who count as protected.
    pub by_hand: ByHand,
    /// Groups that gave a protected person away.
    pub telltales: Telltales,
}

/// Reads every source whole, applies protection, and checks the result.
///
/// # Errors
/// When any source cannot be had whole, or the data cannot be used.
pub fn read(
    config: &Config,
    now: &Zoned,
    ages: Ages,
    kept_out: &KeptOut,
    last_used: &dyn Fn(&str) -> Option<ExportMark>,
) -> Result<Reading, Failure> {
    read_watching(config, now, ages, kept_out, last_used, &mut Watched::default())
}

/// Keys that somebody asks about, and where the registers speak of them.
#[derive(Default)]
pub struct Watched {
    /// The keys.
    pub keys: Vec<String>,
    /// Every row about them, also when the data could not be used.
    pub seen: Vec<Sighting>,
}

/// The same, noting every row about the watched keys.
///
/// # Errors
/// As [`read`].
pub fn read_watching(
    config: &Config,
    now: &Zoned,
    ages: Ages,
    kept_out: &KeptOut,
    last_used: &dyn Fn(&str) -> Option<ExportMark>,
    watched: &mut Watched,
) -> Result<Reading, Failure> {
    let exports = fetch(config, now, ages, last_used)?;
    let files = exports.values().flat_map(|export| &export.files);
    memory::suffices(files.map(ExportFile::size).sum())?;
    let mut draft = Draft::watching(&watched.keys);
    let seen = decode(config, &exports, now, &mut draft);
    watched.seen = draft.sightings().to_vec();
    let seen = seen?;
    let mut pseudonyms = pseudonyms_of(config)?;
    let KeptOut { by_hand, telltales } = kept_out;
    let found = by_hand.withdraw(&mut draft, &mut pseudonyms);
    let mut protected = protect(&mut draft, &pseudonyms);
    // They were marked only to be taken out.
    let marked = found.keys.iter().filter(|key| draft.find_person(key).is_some()).count() as u64;
    protected.marked = protected.marked.saturating_sub(marked);
    protected.also_withdrawn(&(&by_hand.keys() | &found.keys));
    protected.namesakes.clone_from(&found.namesakes);
    let keys: Vec<GroupKeys> =
        config.target.values().map(|target| target.selection().group_keys).collect();
    telltale::hide(&mut draft, &mut protected, telltales, &keys);
    let set_aside = draft.set_aside_rows().clone();
    let persons_read = draft.rows_read(Kind::Person);
    let (roster, issues) = Roster::assemble(draft);
    if let Some(worst) = issues.iter().find(|issue| issue.severity == Severity::Error) {
        let worst: Issue = worst.clone();
        return Err(Failure::of_issues(&worst, issues));
    }
    let mut digest = Sha256::new();
    for export in exports.values() {
        digest.update(export.digest);
    }
    Ok(Reading {
        register: Register {
            roster,
            protected,
            set_aside,
            rows: seen.rows,
            persons_read,
            garbled_names: seen.mojibake,
            issues,
        },
        digest: digest.finalize().into(),
        exported_at: exports.values().map(|e| e.exported_at).min().unwrap_or(now.timestamp()),
        marks: exports.into_iter().map(|(name, export)| (name, export.mark)).collect(),
        by_hand: found,
    })
}

/// Why the exports cannot be had whole now. What their rows say is not looked at.
pub(super) fn not_whole(config: &Config, now: &Zoned, ages: Ages) -> Option<Code> {
    fetch(config, now, ages, &|_| None).err().map(|failure| failure.code)
}

fn fetch(
    config: &Config,
    now: &Zoned,
    ages: Ages,
    last_used: &dyn Fn(&str) -> Option<ExportMark>,
) -> Result<BTreeMap<String, Export>, Failure> {
    let one = |(name, kind): (&String, &SourceKind)| {
        let export = sources::fetch(name, kind, now, ages, last_used(name).as_ref())?;
        Ok((name.clone(), export))
    };
    config.source.iter().map(one).collect()
}

/// Entities of every source come before the links of any, so that links may cross sources.
fn decode(
    config: &Config,
    exports: &BTreeMap<String, Export>,
    now: &Zoned,
    draft: &mut Draft,
) -> Result<register_csv::Reading, Failure> {
    let today = now.date();
    let mut seen = register_csv::Reading::default();
    for part in [register_csv::entities, register_csv::links] {
        for (name, export) in exports {
            let SourceKind::Csv(settings) = &config.source[name];
            let open = |name: &str| {
                let file = export.files.iter().find(|file| file.name == name)?;
                Some(Opened { name: &file.name, bytes: Box::new(file.open()), rows: file.rows })
            };
            seen = seen.plus(part(settings, &open, today, draft)?);
        }
    }
    Ok(seen)
}

fn pseudonyms_of(config: &Config) -> Result<Pseudonyms, Failure> {
    let settings = &config.protected_identity;
    match (settings.action, &settings.file) {
        (Action::Pseudonym, Some(path)) => {
            // The same rules as for a secret: only the service user may read it.
            let reference = SecretRef::try_from(format!("file:{}", path.display()))?;
            let secret = match reference.resolve(None) {
                // Nobody has a pseudonym yet, or any more: everybody is left out.
                Err(SecretError::Unusable { fault: "empty", .. }) => Secret::new(String::new()),
                other => other?,
            };
            pseudonyms(secret.expose()).map_err(|line| {
                let facts = Facts::new().text(Placeholder::File, path.display().to_string());
                Failure::new(Code(318), facts.number(Placeholder::Line, line))
            })
        }
        _ => Ok(Pseudonyms::new()),
    }
}
