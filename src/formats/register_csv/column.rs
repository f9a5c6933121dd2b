//! One column of the register: a header, a number, or a table that says more.
//!
//! One visitor reads all three, so that a mistake is reported at its own line of the
//! configuration and not at the table's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;

use super::clean::{Case, Clean};
use super::vocabulary::Word;

/// Where a column stands in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spot {
    /// Under this header.
    Header(String),
    /// The n-th column, from 1; for files without a header.
    Number(usize),
}

impl Spot {
    /// The column as people call it: its header, or `#` and its number.
    pub fn label(&self) -> Cow<'_, str> {
        match self {
            Spot::Header(header) => Cow::Borrowed(header),
            Spot::Number(number) => Cow::Owned(format!("#{number}")),
        }
    }
}

/// Where a field of ours comes from: a column of the file, or one value for every row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin<W> {
    /// A column of the file.
    Column(Spot),
    /// The same for every row.
    Constant(W),
}

/// One column, as configured: `"Header"`, `3`, or `{ column = "Header", … }`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column<W> {
    /// Where the value comes from.
    pub origin: Origin<W>,
    /// The register's words and ours; empty for text.
    pub values: BTreeMap<String, W>,
    /// Declared clean-up, done before anything looks at the value.
    pub clean: Clean,
}

impl<W> Column<W> {
    /// Where the column stands; `None` for a constant.
    pub fn spot(&self) -> Option<&Spot> {
        match &self.origin {
            Origin::Column(spot) => Some(spot),
            Origin::Constant(_) => None,
        }
    }
}

impl<W: Word> Column<W> {
    fn plain(spot: Spot) -> Result<Self, String> {
        Parts { column: Some(spot), ..Parts::default() }.build()
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "kebab-case")]
enum Key {
    Column,
    Values,
    Constant,
    Strip,
    Case,
    After,
    Before,
    Trim,
}

/// The keys of a table, as they come.
struct Parts<W> {
    column: Option<Spot>,
    values: Option<BTreeMap<String, W>>,
    constant: Option<W>,
    clean: Clean,
}

impl<W> Default for Parts<W> {
    fn default() -> Self {
        Parts { column: None, values: None, constant: None, clean: Clean::default() }
    }
}

impl<W: Word> Parts<W> {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &Key, map: &mut A) -> Result<(), A::Error> {
        match key {
            Key::Column => self.column = Some(map.next_value::<SpotText>()?.0),
            Key::Values => self.values = Some(map.next_value()?),
            Key::Constant => self.constant = Some(map.next_value()?),
            Key::Strip => self.clean.strip = Some(map.next_value::<NotEmpty>()?.0),
            Key::Case => self.clean.case = Some(map.next_value::<Case>()?),
            Key::After => self.clean.after = Some(map.next_value::<NotEmpty>()?.0),
            Key::Before => self.clean.before = Some(map.next_value::<NotEmpty>()?.0),
            Key::Trim => self.clean.trim = Some(map.next_value()?),
        }
        Ok(())
    }

    fn build(self) -> Result<Column<W>, String> {
        let origin = match (self.column, self.constant) {
            (Some(spot), None) => Origin::Column(spot),
            (None, Some(_)) if self.values.is_some() || self.clean.is_declared() => {
                return Err("a constant stands alone: leave the other keys out".to_owned());
            }
            (None, Some(word)) => Origin::Constant(word),
            (Some(_), Some(_)) => {
                return Err("give column or constant, not both".to_owned());
            }
            (None, None) => return Err("give column = \"its header\", or constant".to_owned()),
        };
        if self.values.is_some() && !W::MAPPED {
            return Err("values is for role, kind and protected, not for text".to_owned());
        }
        let values = match self.values {
            Some(values) => {
                values.into_iter().map(|(k, v)| (nfc(&k).trim().to_owned(), v)).collect()
            }
            None => W::own_words(),
        };
        if W::MAPPED && values.is_empty() && matches!(origin, Origin::Column(_)) {
            return Err("give values: which of the register's words mean what".to_owned());
        }
        Ok(Column { origin, values, clean: self.clean })
    }
}

/// Text in the composed form, so that `å` is one letter however it was written.
pub(super) fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// A header or a number, inside a table.
struct SpotText(Spot);

impl<'de> Deserialize<'de> for SpotText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = SpotText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's header in quotes, or its number")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<SpotText, E> {
                header(text).map(SpotText).map_err(E::custom)
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<SpotText, E> {
                numbered(number).map(SpotText).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

fn header(text: &str) -> Result<Spot, String> {
    match text.trim() {
        "" => Err("a header cannot be empty".to_owned()),
        text => Ok(Spot::Header(nfc(text))),
    }
}

fn numbered(number: i64) -> Result<Spot, String> {
    match usize::try_from(number) {
        Ok(number @ 1..=100_000) => Ok(Spot::Number(number)),
        _ => Err(format!("there is no column {number}: the first is 1")),
    }
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct NotEmpty(String);

impl TryFrom<String> for NotEmpty {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Err("the text cannot be empty") } else { Ok(NotEmpty(nfc(&text))) }
    }
}

struct ColumnVisitor<W>(PhantomData<W>);

impl<'de, W: Word> Visitor<'de> for ColumnVisitor<W> {
    type Value = Column<W>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's header in quotes, its number, or { column = \"…\", … }")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Column<W>, E> {
        header(text).and_then(Column::plain).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Column<W>, E> {
        numbered(number).and_then(Column::plain).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Column<W>, A::Error> {
        let mut parts = Parts::default();
        while let Some(key) = map.next_key::<Key>()? {
            parts.take(&key, &mut map)?;
        }
        parts.build().map_err(A::Error::custom)
    }
}

impl<'de, W: Word> Deserialize<'de> for Column<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnVisitor(PhantomData))
    }
}

impl<W: Word> JsonSchema for Column<W> {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed(W::COLUMN)
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let spot = json_schema!({ "type": ["string", "integer"], "minimum": 1, "minLength": 1 });
        let mut table = json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "column": spot,
                "constant": W::word_schema(),
                "strip": { "type": "string", "minLength": 1 },
                "case": { "enum": ["lower", "upper"] },
                "after": { "type": "string", "minLength": 1 },
                "before": { "type": "string", "minLength": 1 },
                "trim": { "type": "boolean" },
            },
        });
        if W::MAPPED {
            let values =
                json_schema!({ "type": "object", "additionalProperties": W::word_schema() });
            table.ensure_object()["properties"]["values"] = values.into();
        }
        json_schema!({
            "description": "The column's header, its number (files without a header), or a table.",
            "oneOf": [{ "type": "string" }, { "type": "integer", "minimum": 1 }, table],
        })
    }
}
