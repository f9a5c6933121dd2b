//! Rows and fields of a text, borrowed, and strict wherever a loose reading could lose rows.
//!
//! What a general CSV reader accepts and this one refuses: a quoted field that is still open at
//! the end of the file, a file that does not end with a line break, text after a closing quote,
//! and a quoted field that holds both a line break and a delimiter, which is what two rows look
//! like when a stray quote joins them (unless the rows are counted anyway).

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use super::encoding::Text;
use super::error::DecodeError;
use super::settings::{FinalLineBreak, Quote, Settings};

/// How to part a text.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    delimiter: u8,
    quote: Option<u8>,
    /// Whether the number of rows is verified, so that joined rows are found out.
    counted: bool,
    may_end_anyhow: bool,
    header_rows: u64,
    max_rows: u64,
    max_field: usize,
    max_row: usize,
}

impl Dialect {
    /// As configured; `counted` when the done-file says how many rows there are.
    pub(super) fn new(settings: &Settings, counted: bool) -> Self {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Dialect {
            delimiter: settings.delimiter.0,
            quote: (settings.quote == Quote::Double).then_some(b'"'),
            counted,
            may_end_anyhow: counted && settings.final_line_break == FinalLineBreak::Optional,
            header_rows: u64::from(settings.header),
            max_rows: settings.max_rows,
            max_field: size(settings.max_field_size.bytes()),
            max_row: size(settings.max_row_size.bytes()),
        }
    }
}

/// One field: where it stands, and whether it holds doubled quotes.
struct Field {
    range: Range<usize>,
    doubled: bool,
}

/// One row.
#[derive(Default)]
pub(super) struct Record {
    /// The row as it stands in the file, and where it began in the text at hand.
    text: String,
    begin: usize,
    fields: Vec<Field>,
    /// Line of its beginning, from 1.
    pub(super) line: u64,
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field as it stands in the file.
    pub(super) fn get(&self, place: usize) -> Cow<'_, str> {
        let Field { range, doubled } = &self.fields[place];
        let text = &self.text[range.start - self.begin..range.end - self.begin];
        if *doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) }
    }
}

/// What ends a field.
enum Stop {
    Delimiter,
    LineBreak,
    EndOfText,
}

/// The rows of a file.
pub(super) struct Records<'b> {
    text: Text<'b>,
    dialect: Dialect,
    at: usize,
    line: u64,
    width: Option<usize>,
    rows: u64,
}

impl<'b> Records<'b> {
    pub(super) fn new(text: Text<'b>, dialect: Dialect) -> Self {
        Records { text, dialect, at: 0, line: 1, width: None, rows: 0 }
    }

    /// Reads the next row; `false` after the last. Empty lines are no rows.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, DecodeError> {
        let stop = loop {
            let Text { file, at_hand, ended, .. } = &self.text;
            let (at, line, dialect) = (self.at, self.line, self.dialect);
            let mut scan = Scan { text: at_hand, file, dialect, at, line };
            let stop = scan.row(record);
            // What stands right before the end of the text at hand may look otherwise with more.
            if *ended || (stop.is_ok() && scan.at + 2 <= at_hand.len()) {
                (self.at, self.line) = (scan.at, scan.line);
                break stop?;
            }
            self.text.more(at)?;
            self.at = 0;
        };
        let Some(stop) = stop else { return Ok(false) };
        self.check_shape(record, &stop)?;
        Ok(true)
    }

    /// Goes to the end of the file: whether all of it is text.
    pub(super) fn check_text(&mut self) -> Result<(), DecodeError> {
        while !self.text.ended {
            self.text.more(self.text.at_hand.len())?;
        }
        Ok(())
    }

    fn check_shape(&mut self, record: &Record, stop: &Stop) -> Result<(), DecodeError> {
        let file = || self.text.file.to_owned();
        let (line, found) = (record.line, record.len());
        let expected = *self.width.get_or_insert(found);
        let cut = matches!(stop, Stop::EndOfText);
        if cut && (found != expected || !self.dialect.may_end_anyhow) {
            let how = "its last line does not end with a line break";
            return Err(DecodeError::Cut { file: file(), line, how });
        }
        if found != expected {
            return Err(DecodeError::Shape { file: file(), line, expected, found });
        }
        self.rows += 1;
        let limit = self.dialect.max_rows;
        if self.rows - self.dialect.header_rows.min(self.rows) > limit {
            let (what, key) = ("the number of rows", "max-rows");
            return Err(DecodeError::TooLarge { file: file(), line, what, key, limit });
        }
        Ok(())
    }
}

/// One look at the text at hand.
struct Scan<'t> {
    text: &'t str,
    file: &'t str,
    dialect: Dialect,
    at: usize,
    line: u64,
}

impl Scan<'_> {
    /// Reads the next row, and says what ended it; `None` where there is none.
    fn row(&mut self, record: &mut Record) -> Result<Option<Stop>, DecodeError> {
        self.skip_empty_lines();
        if self.at == self.text.len() {
            return Ok(None);
        }
        record.fields.clear();
        record.line = self.line;
        record.begin = self.at;
        let stop = loop {
            let (field, stop) = self.field()?;
            self.check_size(&field, record.begin, record.line)?;
            record.fields.push(field);
            if !matches!(stop, Stop::Delimiter) {
                break stop;
            }
        };
        record.text.clear();
        record.text.push_str(&self.text[record.begin..self.at]);
        Ok(Some(stop))
    }

    fn skip_empty_lines(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(length) = line_break(&bytes[self.at..]) {
            self.at += length;
            self.line += 1;
        }
    }

    fn field(&mut self) -> Result<(Field, Stop), DecodeError> {
        match self.dialect.quote {
            Some(quote) if self.text.as_bytes().get(self.at) == Some(&quote) => self.quoted(quote),
            _ => Ok(self.unquoted()),
        }
    }

    fn unquoted(&mut self) -> (Field, Stop) {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        let Some(found) = memchr2(self.dialect.delimiter, b'\n', &bytes[begin..]) else {
            self.at = bytes.len();
            let end = without_return(bytes, begin, bytes.len());
            return (Field { range: begin..end, doubled: false }, Stop::EndOfText);
        };
        let end = begin + found;
        self.at = end + 1;
        if bytes[end] == b'\n' {
            self.line += 1;
            let end = without_return(bytes, begin, end);
            return (Field { range: begin..end, doubled: false }, Stop::LineBreak);
        }
        (Field { range: begin..end, doubled: false }, Stop::Delimiter)
    }

    fn quoted(&mut self, quote: u8) -> Result<(Field, Stop), DecodeError> {
        let bytes = self.text.as_bytes();
        let begin = self.at + 1;
        let (end, doubled) = self.closing_quote(quote, begin)?;
        let inside = &bytes[begin..end];
        let breaks = memchr_iter(b'\n', inside).count() as u64;
        if breaks > 0 && !self.dialect.counted && memchr(self.dialect.delimiter, inside).is_some() {
            return Err(self.quoting("a quoted field runs over several lines and looks like rows"));
        }
        let rest = &bytes[end + 1..];
        let (stop, length) = match (rest.first(), line_break(rest)) {
            (None, _) => (Stop::EndOfText, 0),
            (Some(_), Some(length)) => (Stop::LineBreak, length),
            (Some(&sign), None) if sign == self.dialect.delimiter => (Stop::Delimiter, 1),
            (Some(b'\r'), None) if rest.len() == 1 => (Stop::EndOfText, 1),
            (Some(_), None) => return Err(self.quoting("text follows a closing quote")),
        };
        self.line += breaks + u64::from(matches!(stop, Stop::LineBreak));
        self.at = end + 1 + length;
        Ok((Field { range: begin..end, doubled }, stop))
    }

    /// Where the field that begins at `begin` is closed, and whether it holds doubled quotes.
    fn closing_quote(&self, quote: u8, begin: usize) -> Result<(usize, bool), DecodeError> {
        let bytes = self.text.as_bytes();
        let (mut at, mut doubled) = (begin, false);
        loop {
            let Some(found) = memchr(quote, &bytes[at..]) else {
                return Err(self.cut("a quote that opens on this line is never closed"));
            };
            at += found;
            if bytes.get(at + 1) != Some(&quote) {
                return Ok((at, doubled));
            }
            doubled = true;
            at += 2;
        }
    }

    fn check_size(&self, field: &Field, row_begin: usize, line: u64) -> Result<(), DecodeError> {
        let limits = [
            (field.range.len(), self.dialect.max_field, "a field", "max-field-size"),
            (field.range.end - row_begin, self.dialect.max_row, "a row", "max-row-size"),
        ];
        for (size, limit, what, key) in limits {
            if size > limit {
                return Err(self.too_large(line, what, key, limit as u64));
            }
        }
        Ok(())
    }

    fn too_large(
        &self,
        line: u64,
        what: &'static str,
        key: &'static str,
        limit: u64,
    ) -> DecodeError {
        DecodeError::TooLarge { file: self.file.to_owned(), line, what, key, limit }
    }

    fn cut(&self, how: &'static str) -> DecodeError {
        DecodeError::Cut { file: self.file.to_owned(), line: self.line, how }
    }

    fn quoting(&self, how: &'static str) -> DecodeError {
        DecodeError::Quoting { file: self.file.to_owned(), line: self.line, how }
    }
}

/// Length of the line break that the text begins with.
fn line_break(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// The end of a field whose line may end with a carriage return.
fn without_return(bytes: &[u8], begin: usize, end: usize) -> usize {
    if end > begin && bytes[end - 1] == b'\r' { end - 1 } else { end }
}
