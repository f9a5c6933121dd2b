//! Configured columns found in a file: how one value gets from a row to us.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::clean::{self, Clean};
use super::codes;
use super::column::{Column, Origin};
use super::header::Finder;
use super::records::Record;
use super::settings::DateFormat;
use super::sheet::Sheet;
use super::vocabulary::{Text, Word};

/// What a value is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// A key or a reference to one: never changed unless that is declared.
    Key,
    /// A name: watched for wrong encodings and formulas.
    Name,
    /// Any other text.
    Text,
}

/// One column of text.
pub(super) struct Cell<'s> {
    label: Cow<'s, str>,
    at: Option<usize>,
    constant: &'s str,
    clean: &'s Clean,
    nature: Nature,
}

static AS_IT_IS: Clean = Clean { trim: None, after: None, before: None, strip: None, case: None };

impl<'s> Cell<'s> {
    fn new(column: &'s Column<Text>, nature: Nature, finder: &mut Finder<'_>) -> Self {
        let (at, label, constant) = match &column.origin {
            Origin::Column(spot) => (finder.find(spot), spot.label(), ""),
            Origin::Constant(Text(text)) => (None, Cow::Borrowed(""), text.as_str()),
        };
        Cell { label, at, constant, clean: &column.clean, nature }
    }

    fn absent() -> Self {
        let (label, nature) = (Cow::Borrowed(""), Nature::Text);
        Cell { label, at: None, constant: "", clean: &AS_IT_IS, nature }
    }

    /// A column of text, which may be left out.
    pub(super) fn text(column: Option<&'s Column<Text>>, finder: &mut Finder<'_>) -> Self {
        column.map_or_else(Cell::absent, |column| Cell::new(column, Nature::Text, finder))
    }

    /// A column of names, which may be left out.
    pub(super) fn name(column: Option<&'s Column<Text>>, finder: &mut Finder<'_>) -> Self {
        column.map_or_else(Cell::absent, |column| Cell::new(column, Nature::Name, finder))
    }

    /// A column of keys.
    pub(super) fn key(column: &'s Column<Text>, finder: &mut Finder<'_>) -> Self {
        Cell::new(column, Nature::Key, finder)
    }

    /// A column that refers to keys, cleaned as they are unless it says otherwise itself.
    pub(super) fn reference(
        column: Option<&'s Column<Text>>,
        keys: Option<&'s Column<Text>>,
        finder: &mut Finder<'_>,
    ) -> Self {
        let Some(column) = column else { return Cell::absent() };
        let mut cell = Cell::new(column, Nature::Key, finder);
        if let Some(keys) = keys
            && !column.clean.is_declared()
        {
            cell.clean = &keys.clean;
        }
        cell
    }

    /// The column's header or number, for messages.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// The value in a row. Empty where the register says nothing.
    pub(super) fn read<'a>(&self, record: &'a Record, sheet: &mut Sheet<'_>) -> Cow<'a, str>
    where
        's: 'a,
    {
        let Some(at) = self.at else { return Cow::Borrowed(self.constant) };
        let raw = record.get(at);
        if self.nature == Nature::Name && !raw.is_empty() {
            self.watch(&raw, sheet);
        }
        if clean::is_plain(&raw) {
            return self.tidy(raw, sheet);
        }
        let mut value = clean::composed(raw);
        if value.chars().any(clean::is_illegal) {
            sheet.tally(codes::ILLEGAL, &self.label);
            value = Cow::Owned(clean::without_illegal(&value));
        }
        self.tidy(value, sheet)
    }

    /// The key in a row; `None` when there is no usable one, which is noted.
    pub(super) fn read_key<'a>(
        &self,
        record: &'a Record,
        sheet: &mut Sheet<'_>,
    ) -> Option<Cow<'a, str>> {
        let raw = record.get(self.at.expect("a key is a column: checked with the settings"));
        let plain = clean::is_plain(&raw);
        if !plain && raw.chars().any(clean::is_illegal) {
            sheet.without_key(&self.label, "control character");
            return None;
        }
        let key = self.tidy(if plain { raw } else { clean::composed(raw) }, sheet);
        let trimmed = key.trim().len();
        if trimmed == 0 {
            sheet.without_key(&self.label, "empty");
            return None;
        }
        if trimmed < key.len() {
            sheet.tally(codes::LOOSE_KEY, &self.label);
        }
        Some(key)
    }

    /// Declared clean-up; that of keys is told.
    fn tidy<'a>(&self, value: Cow<'a, str>, sheet: &mut Sheet<'_>) -> Cow<'a, str> {
        if self.nature != Nature::Key {
            return self.clean.apply(value, self.clean.trim.unwrap_or(true));
        }
        if !self.clean.is_declared() {
            return value;
        }
        let key = self.clean.apply(value.clone(), self.clean.trim.unwrap_or(false));
        if key != value {
            sheet.tally(codes::CLEANED_KEY, &self.label);
        }
        key
    }

    fn watch(&self, raw: &str, sheet: &mut Sheet<'_>) {
        sheet.names += 1;
        if !raw.is_ascii() {
            sheet.accented += 1;
            sheet.mojibake += u64::from(clean::is_mojibake(raw));
        }
        if clean::is_formula_like(raw) {
            sheet.tally(codes::FORMULA, &self.label);
        }
    }
}

/// One column whose words are mapped to ours.
pub(super) struct WordCell<'s, W> {
    cell: Cell<'s>,
    constant: Option<&'s W>,
    values: &'s BTreeMap<String, W>,
}

impl<'s, W: Word> WordCell<'s, W> {
    pub(super) fn new(column: &'s Column<W>, finder: &mut Finder<'_>) -> Self {
        let (at, label, constant) = match &column.origin {
            Origin::Column(spot) => (finder.find(spot), spot.label(), None),
            Origin::Constant(word) => (None, Cow::Borrowed(""), Some(word)),
        };
        let cell = Cell { label, at, constant: "", clean: &column.clean, nature: Nature::Text };
        WordCell { cell, constant, values: &column.values }
    }

    pub(super) fn label(&self) -> &str {
        self.cell.label()
    }

    /// Our word for what stands in the row; `None` when the register's word is not mapped.
    pub(super) fn read(&self, record: &Record, sheet: &mut Sheet<'_>) -> Option<&'s W> {
        if let Some(word) = self.constant {
            return Some(word);
        }
        let word = self.cell.read(record, sheet);
        self.values.get(word.as_ref())
    }
}

/// One column of dates, which repeat a lot.
struct DateCell<'s> {
    cell: Cell<'s>,
    format: &'s DateFormat,
    last: (String, Option<String>),
}

impl<'s> DateCell<'s> {
    fn new(
        column: Option<&'s Column<Text>>,
        format: &'s DateFormat,
        finder: &mut Finder<'_>,
    ) -> Self {
        let empty = (String::new(), Some(String::new()));
        DateCell { cell: Cell::text(column, finder), format, last: empty }
    }

    /// Reads the row's date, to be asked for with [`DateCell::day`].
    fn advance(&mut self, record: &Record, sheet: &mut Sheet<'_>) {
        let text = self.cell.read(record, sheet);
        if text != self.last.0 {
            let date = match text.as_ref() {
                "" => Some(String::new()),
                text => self.format.read(text).map(|date| date.to_string()),
            };
            self.last = (text.into_owned(), date);
        }
    }

    /// The date as `YYYY-MM-DD`, empty where the register says nothing; else the column's label.
    fn day(&self) -> Result<&str, &str> {
        self.last.1.as_deref().ok_or_else(|| self.cell.label())
    }
}

/// First and last day of something.
pub(super) struct PeriodCells<'s> {
    begin: DateCell<'s>,
    end: DateCell<'s>,
}

impl<'s> PeriodCells<'s> {
    pub(super) fn new(
        [begin, end]: [Option<&'s Column<Text>>; 2],
        format: &'s DateFormat,
        finder: &mut Finder<'_>,
    ) -> Self {
        let begin = DateCell::new(begin, format, finder);
        PeriodCells { begin, end: DateCell::new(end, format, finder) }
    }

    /// Both days, or the label of the column that is wrong.
    pub(super) fn read(
        &mut self,
        record: &Record,
        sheet: &mut Sheet<'_>,
    ) -> Result<(&str, &str), &str> {
        self.begin.advance(record, sheet);
        self.end.advance(record, sheet);
        let (begin, end) = (self.begin.day()?, self.end.day()?);
        if !begin.is_empty() && !end.is_empty() && end < begin {
            return Err(self.end.cell.label());
        }
        Ok((begin, end))
    }
}
