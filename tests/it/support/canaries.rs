//! Whatever a test is about: what stands in its exports about persons is watched for in everything
//! that the program says, and in its mails.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::export::Export;

/// What is known of persons, from every export that the gateway was left, and its secrets.
#[derive(Default)]
pub(crate) struct Canaries(Mutex<BTreeSet<String>>);

impl Canaries {
    /// Keys, personal numbers, names, addresses, user names and phones of everybody in an export.
    pub(crate) fn take(&self, export: &Export) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(persons) = export.0.get("personer.csv") else { return };
        for row in persons.lines().skip(1) {
            let fields: Vec<&str> = row.split(';').collect();
            let [key, number, given, family, email, username, .., mobile] = fields[..] else {
                continue;
            };
            let names = [format!("{given} {family}"), format!("{family}, {given}")];
            let numbers = [number.to_owned(), number.replace('-', ""), mobile.to_owned()];
            let words = [key, email, username].map(str::to_owned);
            known.extend(names.into_iter().chain(numbers).chain(words).filter(|word| tells(word)));
        }
    }

    /// A secret: of a key every line that is its own.
    pub(crate) fn keep(&self, secret: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = secret.lines().filter(|line| line.len() > 6 && !line.starts_with("---"));
        known.extend(lines.map(str::to_owned));
    }

    /// Panics where something of them is seen.
    #[track_caller]
    pub(crate) fn look(&self, what: &str, text: &str) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for word in known {
            // The test's own name for the person: the panic is read by developers only.
            assert!(!text.contains(&word), "{word:?} is seen in {what}:\n{text:.2000}");
        }
    }
}

/// Whether a word is a person's alone, and not by chance a part of something else.
fn tells(word: &str) -> bool {
    word.chars().count() >= 6 && word.chars().any(char::is_alphanumeric)
}
