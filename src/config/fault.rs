//! What is wrong in a configuration file, with its line and the nearest valid key.

use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

use super::document::{Document, written};
use super::excerpt;
use super::findings::missing;
use super::words::Said;
use crate::roster::code::Code;

/// A configuration that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("the configuration {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds faults.
    #[error("the configuration {} has {} fault(s)", path.display(), faults.len())]
    Faulty {
        /// The file.
        path: PathBuf,
        /// Every fault found, in the order of their lines, never empty.
        faults: Vec<Fault>,
    },
}

impl ConfigError {
    /// The message code.
    pub fn code(&self) -> Code {
        match self {
            ConfigError::Unreadable { .. } => Code(103),
            ConfigError::Faulty { faults, .. } => faults.first().map_or(Code(102), |f| f.code),
        }
    }
}

/// One fault. Never holds a secret, nor what stands where one belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// 101 unknown or missing key, or syntax; 102 value; 104 a feature that is not built yet;
    /// 112 a secret in clear.
    pub code: Code,
    /// Line, from 1; 0 when it has none.
    pub line: usize,
    /// The key with the tables it stands in, as in a header, or empty.
    pub key: String,
    /// What is wrong, in both languages.
    pub what: Said,
    /// The nearest valid key or word, or empty.
    pub nearest: String,
    /// The line itself with a caret under the fault, or empty.
    pub excerpt: String,
}

impl Fault {
    /// A fault that the reader of the settings found at a path.
    pub(super) fn of(
        document: &Document<'_>,
        path: &[String],
        at_key: bool,
        error: &toml::de::Error,
    ) -> Fault {
        let message = error.message().lines().next().unwrap_or_default();
        let mut of_value = !at_key;
        let mut fault = Fault {
            code: Code(if at_key || missing(message).is_some() { 101 } else { 102 }),
            key: written(path),
            ..Fault::at(document.text, error.span(), Said::of(message))
        };
        if let Some((word, known)) = unknown(message) {
            fault.nearest = nearest(word, &known).unwrap_or_default();
            // A word where a word belongs is a value; where a key belongs, a key.
            of_value = message.starts_with("unknown variant")
                && path.last().is_none_or(|last| last != word);
            fault.code = Code(if of_value { 102 } else { 101 });
            if fault.nearest.is_empty() {
                fault.what.add_list(&known);
            }
        }
        if message == "wanted exactly 1 element, more than 1 element" {
            fault.what.add_list(&document.keys_at(path));
        }
        if let Some(key) = missing(message) {
            fault.key = written(&[path, &[key.to_owned()]].concat());
        }
        if !at_key && excerpt::is_secret(path) || message.starts_with("a secret is not written") {
            fault.without_secret(message);
        } else if let Some(span) = error.span() {
            fault.excerpt = excerpt::of(document.text, &span, !of_value, path);
        }
        fault
    }

    /// A fault in the file's form.
    pub(super) fn of_form(text: &str, error: &toml::de::Error) -> Fault {
        let mut fault = Fault::at(text, error.span(), Said::of(error.message()));
        let line = excerpt::line_at(text, fault.line).unwrap_or_default();
        if excerpt::has_bare_letters(line) {
            fault.what = Said::of("a name with å, ä or ö stands in quotes");
        } else if line.trim_end().ends_with('=') {
            fault.what = Said::of("missing value");
        }
        if let Some(span) = error.span() {
            fault.excerpt = excerpt::of_form(text, &span);
        }
        fault
    }

    /// What no single key can know to be wrong, at an entry of the file.
    pub(super) fn between(document: &Document<'_>, path: &[&str], what: &str) -> Fault {
        let span = document.nearest_place(path);
        let fault = Fault::at(document.text, span, Said::of(what));
        Fault { code: Code(102), key: written(path), ..fault }
    }

    /// A key or table that every file has and this one lacks.
    pub(super) fn missing(key: &str) -> Fault {
        let what = Said::of(&format!("missing field `{key}`"));
        Fault { key: key.to_owned(), ..Fault::at("", None, what) }
    }

    /// A key whose feature is not built yet.
    pub(super) fn later(document: &Document<'_>, path: &[String]) -> Fault {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let what = "this version does not have it yet; take it out";
        Fault { code: Code(104), ..Fault::between(document, &names, what) }
    }

    fn at(text: &str, span: Option<Range<usize>>, what: Said) -> Fault {
        let before = span.filter(|span| *span != (0..0)).map(|span| span.start.min(text.len()));
        let line = before.map_or(0, |start| text[..start].matches('\n').count() + 1);
        let (key, nearest, excerpt) = Default::default();
        Fault { code: Code(101), line, key, what, nearest, excerpt }
    }

    /// Where a secret belongs, nothing of what stands there is shown.
    fn without_secret(&mut self, message: &str) {
        self.nearest = String::new();
        let of_reference = ["a credential's name", "the path after"];
        if !of_reference.iter().any(|start| message.starts_with(start)) {
            self.code = Code(112);
            self.what = Said::of("a secret is not written in the configuration");
        }
    }
}

/// The word that is not known, and those that are.
pub(super) fn unknown(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest =
        message.strip_prefix("unknown field `").or(message.strip_prefix("unknown variant `"))?;
    let mut quoted = rest.split('`');
    let word = quoted.next()?;
    Some((word, quoted.skip(1).step_by(2).collect()))
}

/// The known word nearest to what was written, unless none is near.
pub(super) fn nearest(written: &str, known: &[&str]) -> Option<String> {
    let plain = written.to_lowercase().replace('_', "-");
    let edits = |word: &str| strsim::damerau_levenshtein(&plain, word);
    let best = known.iter().min_by_key(|word| edits(word))?;
    (edits(best) <= 2.max(written.len() / 3)).then(|| (*best).to_owned())
}
