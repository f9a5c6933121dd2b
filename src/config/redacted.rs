//! A configuration for somebody outside: which keys are set, and of their values those that can
//! name nobody.
//!
//! What stays is decided by what a value is, never by which key it stands under: a word that the
//! program itself knows, yes and no, a small number, a length of time, a share, a day. Everything
//! else, names, addresses, keys, paths, references to secrets, is left out.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use toml::Value as Written;

use super::{Config, Loaded};

/// What stands for a text that is left out.
const LEFT_OUT: &str = "…";
/// Larger numbers may be somebody's.
const LARGEST: i64 = 9_999_999;

impl Loaded {
    /// The configuration without anything that could name a person, a place or a secret.
    pub fn redacted(&self) -> Value {
        let table = self.table.iter().map(|(key, value)| {
            // Whoever set it up chose these names; logs and mails have them, too.
            let named = matches!(key.as_str(), "target" | "source");
            (key.clone(), within(value, named))
        });
        Value::Object(table.collect())
    }
}

fn within(value: &Written, named: bool) -> Value {
    match value {
        Written::Table(table) => Value::Object(entries(table, named)),
        Written::Array(values) => values.iter().map(|value| within(value, false)).collect(),
        Written::Boolean(said) => (*said).into(),
        Written::Integer(number) if (-LARGEST..=LARGEST).contains(number) => (*number).into(),
        Written::Float(number) => (*number).into(),
        Written::Datetime(day) => day.to_string().into(),
        Written::String(text) if is_known(text) || is_measure(text) => text.as_str().into(),
        Written::Integer(_) | Written::String(_) => LEFT_OUT.into(),
    }
}

/// The entries of a table; keys that are not the program's own may be a register's, and are only
/// counted.
fn entries(table: &toml::Table, named: bool) -> Map<String, Value> {
    let mut entries = Map::new();
    for (key, value) in table {
        let key =
            if named || is_known(key) { key.clone() } else { format!("…{}", entries.len()) };
        entries.insert(key, within(value, false));
    }
    entries
}

/// A word that the schema of configurations has: the name of a key, or a value to choose.
fn is_known(word: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let mut words = BTreeSet::new();
        collect(&schemars::schema_for!(Config).to_value(), &mut words);
        words
    });
    words.contains(word)
}

fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => {
                        words.extend(properties.keys().cloned());
                    }
                    ("enum", Value::Array(choices)) => {
                        words.extend(choices.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    ("const", Value::String(choice)) => {
                        words.insert(choice.clone());
                    }
                    _ => {}
                }
                collect(value, words);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        _ => {}
    }
}

/// Shares, sizes, lengths of time, times of day: each a number, no longer than any has, with its
/// unit.
fn is_measure(text: &str) -> bool {
    let with_unit = |part: &str| {
        UNITS.iter().any(|unit| part.strip_suffix(unit).is_some_and(|number| is_number(number, 5)))
    };
    let is_time = |part: &str| {
        part.split_once(':')
            .is_some_and(|(hour, minute)| is_number(hour, 2) && is_number(minute, 2))
    };
    text.replace(" %", "%").split([' ', '-']).all(|part| with_unit(part) || is_time(part))
}

const UNITS: [&str; 10] = ["%", "s", "m", "h", "d", "y", "B", "kB", "MB", "GB"];

fn is_number(text: &str, longest: usize) -> bool {
    let digits = |part: &str| {
        (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match text.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_name_nobody_stays() {
        for kept in
            ["rename", "starttls", "3%", "0,3 %", "1h 30m", "02:00-05:30", "500MB", "2y", "sv"]
        {
            assert!(is_known(kept) || is_measure(kept), "{kept}");
        }
        for left in [
            "Anna",
            "it@example.org",
            "credential:sftp",
            "201806132385",
            "20180613-2385",
            "+46701740605",
            "99000001",
            "/srv/x",
            "sftp.example.org",
            "7A",
            "B1234567",
            "1234567B",
            "M99",
            "12345678m",
            "2018:0613",
            "sms",
            "hs",
        ] {
            assert!(!is_known(left) && !is_measure(left), "{left}");
        }
    }
}
