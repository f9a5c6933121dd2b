//! What a municipality says about its register's files: `[source.NAME.csv]`.
//!
//! One table holds what the edge needs (folder, completeness, age, limits) and what the decoder
//! needs (encoding, columns), because to the municipality it is one export.

use std::path::PathBuf;

use jiff::civil::Date;
use jiff::fmt::strtime;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::clean;
use super::column::{Column, Spot};
use super::tables::{GroupTable, MembershipTable, PersonTable, RelationTable, SchoolTable};
use super::units::{FileName, Range, Size, TimeSpan};
use super::vocabulary::Text;
use crate::roster::words::Kind;

/// The table `[source.NAME.csv]`: one register's export as CSV files in a folder.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(remote = "Self", deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The folder where the register leaves its files. Only read; nothing is moved or erased.
    pub folder: PathBuf,
    /// The files' encoding: declared, never guessed.
    pub encoding: Encoding,
    /// What parts the fields of a row.
    #[serde(default)]
    pub delimiter: Delimiter,
    /// What encloses a field that holds a delimiter.
    #[serde(default)]
    pub quote: Quote,
    /// Whether the first row names the columns. Without it columns are given by number.
    #[serde(default = "yes")]
    pub header: bool,
    /// How dates are written, as for strptime.
    #[serde(default)]
    pub date_format: DateFormat,
    /// Whether every file must end with a line break, the sign that its end was not cut off.
    #[serde(default)]
    pub final_line_break: FinalLineBreak,
    /// How to know that the register has finished.
    #[serde(default)]
    pub complete: Complete,
    /// An older export is not used.
    #[serde(default = "default_max_age")]
    pub max_age: TimeSpan,
    /// How many rows are normal; outside, the export is not used.
    #[serde(default)]
    pub expect: Expect,
    /// The largest file that is read.
    #[serde(default = "default_max_file_size")]
    pub max_file_size: Size,
    /// The most rows that one file may have.
    #[serde(default = "default_max_rows")]
    pub max_rows: u64,
    /// The longest field.
    #[serde(default = "default_max_field_size")]
    pub max_field_size: Size,
    /// The longest row.
    #[serde(default = "default_max_row_size")]
    pub max_row_size: Size,
    /// Users whose files are trusted, by name or number; without it, everybody's.
    #[serde(default)]
    pub trusted_owners: Option<Vec<String>>,
    /// Schools.
    #[serde(default)]
    pub schools: Option<SchoolTable>,
    /// Persons.
    pub persons: PersonTable,
    /// Groups.
    #[serde(default)]
    pub groups: Option<GroupTable>,
    /// Persons in groups.
    #[serde(default)]
    pub memberships: Option<MembershipTable>,
    /// Relations between persons.
    #[serde(default)]
    pub relations: Option<RelationTable>,
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let settings = Settings::deserialize(deserializer)?;
        settings.check().map_err(D::Error::custom)?;
        Ok(settings)
    }
}

impl Settings {
    /// The configured files and what each is about, in the order in which they are read.
    pub fn files(&self) -> impl Iterator<Item = (Kind, &FileName)> {
        let schools = self.schools.as_ref().map(|table| (Kind::School, &table.file));
        let groups = self.groups.as_ref().map(|table| (Kind::Group, &table.file));
        let memberships = self.memberships.as_ref().map(|table| (Kind::Membership, &table.file));
        let relations = self.relations.as_ref().map(|table| (Kind::Relation, &table.file));
        let persons = Some((Kind::Person, &self.persons.file));
        [schools, persons, groups, memberships, relations].into_iter().flatten()
    }

    /// The columns of keys of persons, groups and schools, and how each is cleaned up.
    fn keys(&self) -> impl Iterator<Item = &Column<Text>> {
        let groups = self.groups.as_ref().map(|table| &table.key);
        let schools = self.schools.as_ref().map(|table| &table.key);
        [Some(&self.persons.key), groups, schools].into_iter().flatten()
    }

    /// A key that somebody typed, as it is and as the declared clean-up makes it.
    pub fn as_keys(&self, typed: &str) -> Vec<String> {
        let typed = clean::composed(typed.into());
        let cleaned = self.keys().map(|column| {
            let trim = column.clean.trim.unwrap_or(false);
            column.clean.apply(typed.clone(), trim).into_owned()
        });
        std::iter::once(typed.clone().into_owned()).chain(cleaned).collect()
    }

    /// What the columns of keys are called, persons' first.
    pub fn key_columns(&self) -> Vec<String> {
        self.keys().filter_map(Column::spot).map(|spot| spot.label().into_owned()).collect()
    }

    /// Whether the done-file says how many rows each file has.
    pub fn counts_rows(&self) -> bool {
        matches!(self.complete, Complete::DoneFile { counts: true, .. })
    }

    /// What holds between keys.
    fn check(&self) -> Result<(), String> {
        if self.groups.is_some() != self.memberships.is_some() {
            return Err("groups and memberships need each other: give both, or neither".into());
        }
        if self.final_line_break == FinalLineBreak::Optional && !self.counts_rows() {
            return Err("final-line-break = \"optional\" needs complete = { done-file = \"…\", \
                        counts = true }: else a file that is cut short would pass"
                .into());
        }
        if self.expect.persons.is_some_and(|range| range.least == 0) {
            return Err(
                "expect.persons starts at 1: an export without persons is never right".into()
            );
        }
        self.check_columns()
    }

    fn check_columns(&self) -> Result<(), String> {
        self.persons.check()?;
        self.schools.as_ref().map_or(Ok(()), SchoolTable::check)?;
        self.groups.as_ref().map_or(Ok(()), GroupTable::check)?;
        self.memberships.as_ref().map_or(Ok(()), MembershipTable::check)?;
        self.relations.as_ref().map_or(Ok(()), RelationTable::check)?;
        let mut spots = self.persons.spots();
        spots.extend(self.schools.iter().flat_map(SchoolTable::spots));
        spots.extend(self.groups.iter().flat_map(GroupTable::spots));
        spots.extend(self.memberships.iter().flat_map(MembershipTable::spots));
        spots.extend(self.relations.iter().flat_map(RelationTable::spots));
        for spot in spots {
            match (self.header, spot) {
                (true, Spot::Number(number)) => {
                    return Err(format!("column {number}: files with a header need its text"));
                }
                (false, Spot::Header(header)) => {
                    return Err(format!("column {header:?}: with header = false give its number"));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn yes() -> bool {
    true
}

fn default_max_age() -> TimeSpan {
    TimeSpan::seconds(26 * 3600)
}

fn default_max_file_size() -> Size {
    Size::of_bytes(500_000_000)
}

fn default_max_rows() -> u64 {
    20_000_000
}

fn default_max_field_size() -> Size {
    Size::of_bytes(64_000)
}

fn default_max_row_size() -> Size {
    Size::of_bytes(1_000_000)
}

/// The encoding of the files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// What Windows calls "ANSI" in Western Europe.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Latin 1: the bytes 80 to 9F are control characters, unlike in windows-1252.
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

impl Encoding {
    /// The name used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Latin1 => "iso-8859-1",
        }
    }
}

/// What parts fields: one ASCII sign, `tab` or `\t`. Default `;`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Delimiter(pub(super) u8);

impl Default for Delimiter {
    fn default() -> Self {
        Delimiter(b';')
    }
}

impl TryFrom<String> for Delimiter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_bytes() {
            b"\t" | b"tab" | b"\\t" => Ok(Delimiter(b'\t')),
            &[sign] if sign.is_ascii_punctuation() && sign != b'"' => Ok(Delimiter(sign)),
            _ => Err(format!(
                "{text:?} cannot part fields: give one sign such as \";\", \",\" or \"|\", or \"tab\""
            )),
        }
    }
}

/// What encloses fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
pub enum Quote {
    /// `"`, doubled inside a field.
    #[default]
    #[serde(rename = "\"")]
    Double,
    /// Nothing: a `"` is a character like others.
    #[serde(rename = "none")]
    None,
}

/// How dates are written, as for strptime: `%Y-%m-%d`, `%d.%m.%Y`, `%Y%m%d`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct DateFormat(String);

impl DateFormat {
    /// The date that a text says, as `YYYY-MM-DD`; `None` when it is not one.
    pub(super) fn read(&self, text: &str) -> Option<Date> {
        let date = Date::strptime(&self.0, text).ok()?;
        (1..=9999).contains(&date.year()).then_some(date)
    }
}

impl Default for DateFormat {
    fn default() -> Self {
        DateFormat("%Y-%m-%d".to_owned())
    }
}

impl TryFrom<String> for DateFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let sample = jiff::civil::date(2031, 12, 28);
        let written = strtime::format(&text, sample);
        let format = DateFormat(text);
        match written {
            Ok(written) if format.read(&written) == Some(sample) => Ok(format),
            _ => Err(format!(
                "{:?} does not say year, month and day: write for instance \"%Y-%m-%d\"",
                format.0
            )),
        }
    }
}

/// Whether a file must end with a line break.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FinalLineBreak {
    /// A file without one was cut short.
    #[default]
    Required,
    /// The register never writes one; only the rows' number tells whether a file is whole.
    Optional,
}

/// How to know that the register has finished.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "CompleteKeys")]
#[schemars(with = "CompleteKeys")]
pub enum Complete {
    /// It writes this file last.
    DoneFile {
        /// Name of the file.
        name: FileName,
        /// Whether it holds a line `file;rows` for every file.
        counts: bool,
    },
    /// No file has changed for so long.
    Settled(TimeSpan),
}

impl Default for Complete {
    fn default() -> Self {
        Complete::Settled(TimeSpan::seconds(60))
    }
}

/// `{ done-file = "export.klar", counts = true }` or `{ settled = "60s" }`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CompleteKeys {
    #[serde(default)]
    done_file: Option<FileName>,
    #[serde(default)]
    counts: Option<bool>,
    #[serde(default)]
    settled: Option<TimeSpan>,
}

impl TryFrom<CompleteKeys> for Complete {
    type Error = &'static str;

    fn try_from(keys: CompleteKeys) -> Result<Self, Self::Error> {
        match (keys.done_file, keys.counts, keys.settled) {
            (Some(name), counts, None) => {
                Ok(Complete::DoneFile { name, counts: counts.unwrap_or_default() })
            }
            (None, None, Some(span)) => Ok(Complete::Settled(span)),
            (None, Some(_), _) => Err("counts are read from a done-file: give done-file too"),
            _ => Err("give done-file (with counts or without), or settled"),
        }
    }
}

/// How many rows of each kind are normal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Rows about schools.
    pub schools: Option<Range>,
    /// Rows about persons.
    pub persons: Option<Range>,
    /// Rows about groups.
    pub groups: Option<Range>,
    /// Memberships.
    pub memberships: Option<Range>,
    /// Relations.
    pub relations: Option<Range>,
}

impl Expect {
    /// The range for a kind.
    pub fn of(&self, kind: Kind) -> Option<Range> {
        match kind {
            Kind::School => self.schools,
            Kind::Person => self.persons,
            Kind::Group => self.groups,
            Kind::Membership => self.memberships,
            Kind::Relation => self.relations,
        }
    }
}
