//! Every fault of a configuration at once: what is faulty is taken out, and the rest read again.

use serde::Deserialize;

use super::document::{Document, Path};
use super::fault::Fault;
use super::{Config, later};

/// The tables and keys that every configuration has.
const REQUIRED: [&str; 4] = ["config-version", "site", "source", "target"];

/// More than this many are the work of one mistake.
const MOST: usize = 100;

/// What came of reading a file.
pub(super) struct Findings {
    /// The settings, without what was taken out; `None` when too little was left.
    pub(super) config: Option<Config>,
    /// What is wrong with single keys.
    pub(super) faults: Vec<Fault>,
    /// What was taken out: nothing may be said of how these fit with the rest.
    pub(super) taken: Vec<Path>,
    /// What misspelt keys were meant to be: these are not missing.
    meant: Vec<Path>,
}

impl Findings {
    /// Reads a document.
    pub(super) fn of(document: &mut Document<'_>) -> Findings {
        let mut found =
            Findings { config: None, faults: Vec::new(), taken: Vec::new(), meant: Vec::new() };
        for path in later::keys(document) {
            found.faults.push(Fault::later(document, &path));
            document.remove(&path);
            found.taken.push(path);
        }
        while found.faults.len() < MOST {
            match Config::deserialize(document.deserializer()) {
                Ok(config) => {
                    found.config = Some(config);
                    break;
                }
                Err(error) if !found.take_out(document, &error) => break,
                Err(_) => {}
            }
        }
        found
    }

    /// Whether anything was taken out at or below a path.
    pub(super) fn touched(&self, path: &[&str]) -> bool {
        self.taken
            .iter()
            .any(|taken| taken.len() >= path.len() && taken.iter().zip(path).all(|(a, b)| a == b))
    }

    /// Notes a fault and takes what it is about out of the document; `false` when nothing is left
    /// to take out.
    fn take_out(&mut self, document: &mut Document<'_>, error: &toml::de::Error) -> bool {
        let at_key = is_about_key(error);
        let path = document.locate(error, at_key);
        if path.is_empty() {
            self.missing_at_the_top(document, error);
            return false;
        }
        if !self.follows(&path, error, at_key) {
            let fault = Fault::of(document, &path, at_key, error);
            if at_key && !fault.nearest.is_empty() {
                let meant =
                    [&path[..path.len() - 1], std::slice::from_ref(&fault.nearest)].concat();
                self.meant.push(meant);
            }
            self.faults.push(fault);
        }
        document.remove(&path);
        self.taken.push(path);
        true
    }

    fn missing_at_the_top(&mut self, document: &Document<'_>, error: &toml::de::Error) {
        let meant = |key: &str| self.meant.iter().any(|path| *path == [key]);
        let absent = |key: &&str| !document.has(&[key]) && !self.touched(&[key]) && !meant(key);
        let missing: Vec<&str> = REQUIRED.into_iter().filter(absent).collect();
        let known = missing.iter().map(|key| Fault::missing(key));
        self.faults.extend(known);
        if self.faults.is_empty() {
            self.faults.push(Fault::of(document, &[], false, error));
        }
    }

    /// Whether an error only follows from what was taken out before.
    fn follows(&self, path: &Path, error: &toml::de::Error, at_key: bool) -> bool {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match missing(error.message()) {
            Some(field) => {
                let whole: Path = path.iter().cloned().chain([field.to_owned()]).collect();
                self.taken.contains(&whole) || self.meant.contains(&whole)
            }
            None => !at_key && self.touched(&names),
        }
    }
}

/// Whether the error is about a key and not about a value.
fn is_about_key(error: &toml::de::Error) -> bool {
    error.message().starts_with("unknown field") || error.message().starts_with("unknown variant")
}

/// The key that is missing, where that is the error.
pub(super) fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}
