//! A configuration file as it is written: its tables and keys, each with its place in the text.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys from the outermost table to one of its entries; empty for the whole file.
pub(super) type Path = Vec<String>;

/// A parsed file.
pub(super) struct Document<'t> {
    /// The text that it was parsed from.
    pub(super) text: &'t str,
    root: Spanned<DeTable<'t>>,
}

/// One entry of a table.
struct Entry {
    path: Path,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'t> Document<'t> {
    /// Parses a text.
    ///
    /// # Errors
    /// With everything that is not TOML, in the order of the text.
    pub(super) fn parse(text: &'t str) -> Result<Self, Vec<toml::de::Error>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() { Ok(Document { text, root }) } else { Err(errors) }
    }

    /// What stands in it, to be read as settings.
    pub(super) fn deserializer(&self) -> toml::Deserializer<'t> {
        toml::Deserializer::from(self.root.clone())
    }

    /// Whether there is such an entry.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.place_of(path).is_some()
    }

    /// Where an entry's key stands, or that of the nearest table around it that stands anywhere.
    pub(super) fn nearest_place(&self, path: &[&str]) -> Option<Range<usize>> {
        (1..=path.len()).rev().find_map(|long| self.place_of(&path[..long]))
    }

    /// The keys of a table.
    pub(super) fn keys_at(&self, path: &[String]) -> Vec<&str> {
        let mut table = self.root.get_ref();
        for name in path {
            let inner = table.get(name.as_str()).and_then(|value| value.get_ref().as_table());
            let Some(inner) = inner else { return Vec::new() };
            table = inner;
        }
        table.keys().map(|key| key.get_ref().as_ref()).collect()
    }

    fn place_of(&self, path: &[&str]) -> Option<Range<usize>> {
        let (last, tables) = path.split_last()?;
        let mut table = self.root.get_ref();
        for name in tables {
            table = table.get(*name)?.get_ref().as_table()?;
        }
        table.get_key_value(*last).map(|(key, _)| key.span())
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, path: &[String]) {
        let Some((last, tables)) = path.split_last() else { return };
        let mut table = self.root.get_mut();
        for name in tables {
            let inner = table.get_mut(name.as_str()).map(Spanned::get_mut);
            let Some(DeValue::Table(inner)) = inner else { return };
            table = inner;
        }
        table.remove(last.as_str());
    }

    /// Every path that a pattern names; `*` is any name.
    pub(super) fn matching(&self, pattern: &str) -> Vec<Path> {
        let mut found = Vec::new();
        let parts: Vec<&str> = pattern.split('.').collect();
        collect(self.root.get_ref(), &parts, &Path::new(), &mut found);
        found
    }

    /// The entry that an error is about. `at_key` says whether it is about a key or a value:
    /// the table of a header and its last key may stand in one and the same place.
    pub(super) fn locate(&self, error: &toml::de::Error, at_key: bool) -> Path {
        let Some(span) = error.span().filter(|span| *span != (0..0)) else { return Path::new() };
        let mut entries = Vec::new();
        walk(self.root.get_ref(), &Path::new(), &mut entries);
        let place = |entry: &Entry| if at_key { entry.key.clone() } else { entry.value.clone() };
        let exact: Vec<&Entry> = entries.iter().filter(|entry| place(entry) == span).collect();
        let named = keys_of(error);
        let suits = |entry: &&&Entry| suits(&entry.path, &named, at_key);
        let within = || {
            let holds = |e: &&Entry| e.value.start <= span.start && span.end <= e.value.end;
            entries.iter().filter(holds).min_by_key(|entry| entry.value.len())
        };
        let found = exact.iter().find(suits).or(exact.first()).copied().or_else(within);
        found.map(|entry| entry.path.clone()).unwrap_or_default()
    }
}

fn collect(table: &DeTable<'_>, parts: &[&str], path: &Path, found: &mut Vec<Path>) {
    let Some((&first, rest)) = parts.split_first() else { return };
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if first != "*" && first != name {
            continue;
        }
        let path = joined(path, name);
        if rest.is_empty() {
            found.push(path);
        } else if let Some(inner) = value.get_ref().as_table() {
            collect(inner, rest, &path, found);
        }
    }
}

fn walk(table: &DeTable<'_>, path: &Path, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        let path = joined(path, key.get_ref());
        if let Some(inner) = value.get_ref().as_table() {
            walk(inner, &path, entries);
        }
        entries.push(Entry { path, key: key.span(), value: value.span() });
    }
}

fn joined(path: &Path, name: &str) -> Path {
    let mut path = path.clone();
    path.push(name.to_owned());
    path
}

/// The keys that the reader names with an error, joined by points. It leaves some out.
fn keys_of(error: &toml::de::Error) -> String {
    let told = error.to_string();
    let last = told.trim_end().rsplit('\n').next().unwrap_or_default();
    last.strip_prefix("in `").and_then(|rest| rest.strip_suffix('`')).unwrap_or("").to_owned()
}

/// Whether the reader's keys can be those of a path: the last one is the same.
fn suits(path: &Path, named: &str, at_key: bool) -> bool {
    let end = path.len() - usize::from(at_key);
    path[..end].last().is_none_or(|last| named == last || named.ends_with(&format!(".{last}")))
}

/// A path as it would be written in a header.
pub(super) fn written(path: &[impl AsRef<str>]) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let part = |name: &str| {
        let plain = name.chars().all(bare) && !name.is_empty();
        if plain { name.to_owned() } else { format!("\"{name}\"") }
    };
    path.iter().map(|name| part(name.as_ref())).collect::<Vec<_>>().join(".")
}
