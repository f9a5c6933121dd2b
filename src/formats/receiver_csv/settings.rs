//! `[target.NAME.format.csv]`: what the municipality says about its tables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::charset::Encoding;
use super::column::{Column, Field, Rows, unknown};
use crate::formats::value::{FileName, LineEnds, checked_text};

/// Settings of a receiver's tables.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub struct Settings {
    /// Encoding of the files; default UTF-8 without byte order mark.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands between fields; default a comma.
    #[serde(default)]
    pub delimiter: Delimiter,
    /// Whether the first line names the columns; default yes.
    #[serde(default = "yes")]
    pub header: bool,
    /// How lines end; default `crlf`, as RFC 4180 has it.
    #[serde(default)]
    pub line_ends: LineEnds,
    /// Which fields stand in quotation marks; default those that need them.
    #[serde(default)]
    pub quote: Quote,
    /// The files by name.
    pub file: BTreeMap<FileName, File>,
}

/// One file.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, remote = "Self")]
pub struct File {
    /// What each row is.
    pub rows: Rows,
    /// The columns in order, each as `["Header", "field"]`.
    #[schemars(with = "Vec<(String, String)>")]
    pub columns: Vec<Column>,
}

/// Which fields stand in quotation marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quote {
    /// Those that hold a delimiter or a quotation mark.
    #[default]
    Needed,
    /// All.
    Always,
}

checked_text! {
    /// What stands between fields: one ASCII character, neither letter, digit nor quotation mark.
    Delimiter, |text| match text.as_bytes() {
        [b'\t'] => Ok(()),
        [byte] if byte.is_ascii_punctuation() && !matches!(byte, b'"' | b'-' | b'@' | b'.') => Ok(()),
        _ => Err("must be one character such as \",\", \";\", \"|\" or \"\\t\"".to_owned()),
    }
}

impl Default for Delimiter {
    fn default() -> Self {
        Delimiter(",".to_owned())
    }
}

impl Delimiter {
    /// The byte.
    pub fn byte(&self) -> u8 {
        self.0.as_bytes()[0]
    }
}

fn yes() -> bool {
    true
}

impl File {
    /// Whether there is a column with this.
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|column| column.field == field)
    }

    fn check(&self) -> Result<(), String> {
        let rows = self.rows;
        for (place, Column { header, field }) in (1..).zip(&self.columns) {
            if !rows.fields().contains(field) {
                let why = unknown(field.as_str(), rows.fields());
                return Err(format!("column {place} (\"{header}\") of {}: {why}", rows.as_str()));
            }
            if self.columns.iter().filter(|other| other.header == *header).count() > 1 {
                return Err(format!("column {place}: the header \"{header}\" stands twice"));
            }
        }
        match rows.keys().iter().find(|&&key| !self.has(key)) {
            Some(key) => Err(format!(
                "a file with rows = \"{}\" needs a column \"{}\", so that it can be read back and \
                 compared",
                rows.as_str(),
                key.as_str()
            )),
            None => Ok(()),
        }
    }
}

impl Settings {
    /// The file with these rows, and its name.
    pub(super) fn file_of(&self, rows: Rows) -> Option<(&str, &File)> {
        let found = self.file.iter().find(|(_, file)| file.rows == rows);
        found.map(|(name, file)| (name.as_str(), file))
    }

    /// Whether the file with these rows is there and has such a column.
    pub(super) fn has(&self, rows: Rows, field: Field) -> bool {
        self.file_of(rows).is_some_and(|(_, file)| file.has(field))
    }

    fn check(&self) -> Result<(), String> {
        for (name, file) in &self.file {
            let same = self.file.values().filter(|other| other.rows == file.rows).count();
            if same > 1 {
                let rows = file.rows.as_str();
                return Err(format!("only one file may have rows = \"{rows}\""));
            }
            for column in &file.columns {
                if !self.encoding.fits()(&column.header) {
                    let (name, encoding) = (name.as_str(), self.encoding.as_str());
                    return Err(format!(
                        "a header of \"{name}\" holds characters that {encoding} lacks"
                    ));
                }
            }
        }
        if self.file_of(Rows::Persons).is_none() {
            return Err("a file with rows = \"persons\" is needed".to_owned());
        }
        if self.file_of(Rows::Memberships).is_some() && self.file_of(Rows::Groups).is_none() {
            return Err("a file with rows = \"memberships\" needs one with rows = \"groups\", so \
                        that it can be read back and compared"
                .to_owned());
        }
        Ok(())
    }
}

macro_rules! check_when_read {
    ($($name:ident),*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = $name::deserialize(deserializer)?;
                value.check().map_err(de::Error::custom)?;
                Ok(value)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $name::serialize(self, serializer)
            }
        }
    )* };
}
check_when_read!(Settings, File);
