//! Reads one table: fields decoded and checked, the file known to be whole.

use std::io::{self, BufRead, Read};

use csv::{ByteRecord, ErrorKind, ReaderBuilder, Terminator};

use super::charset::Encoding;
use super::settings::{File, Settings};
use crate::formats::error::FormatError;

/// What went by: the first bytes, the last ones, and how many quotation marks.
struct Watched<R> {
    inner: R,
    first: Vec<u8>,
    last: [u8; 2],
    quotes: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        let bytes = &out[..count];
        let missing = 3 - self.first.len();
        self.first.extend(bytes.iter().take(missing));
        self.quotes += memchr::memchr_iter(b'"', bytes).count() as u64;
        match *bytes {
            [] => {}
            [one] => self.last = [self.last[1], one],
            [.., before, last] => self.last = [before, last],
        }
        Ok(count)
    }
}

/// One table being read.
pub(super) struct Table<'t> {
    settings: &'t Settings,
    file: &'t File,
    document: String,
    reader: csv::Reader<Watched<Box<dyn BufRead + 't>>>,
    record: ByteRecord,
    /// Whether the file must be exactly what this program writes.
    finished: bool,
    /// The fields of the row at hand, in the order of the columns.
    pub(super) cells: Vec<String>,
    /// Where the row at hand begins, from 1.
    pub(super) line: u64,
}

impl<'t> Table<'t> {
    pub(super) fn open(
        settings: &'t Settings,
        file: &'t File,
        (document, bytes): (String, Box<dyn BufRead + 't>),
        finished: bool,
    ) -> Result<Self, FormatError> {
        let watched = Watched { inner: bytes, first: Vec::new(), last: [0; 2], quotes: 0 };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(false)
            .delimiter(settings.delimiter.byte())
            .terminator(Terminator::CRLF)
            .from_reader(watched);
        let cells = vec![String::new(); file.columns.len()];
        let record = ByteRecord::new();
        let mut table =
            Table { settings, file, document, reader, record, finished, cells, line: 1 };
        if settings.header {
            table.check_header()?;
        }
        Ok(table)
    }

    fn check_header(&mut self) -> Result<(), FormatError> {
        let found = self.next()?;
        let mut headers = self.file.columns.iter().map(|column| &column.header);
        if found && headers.by_ref().eq(&self.cells) {
            return Ok(());
        }
        if !found {
            return Err(FormatError::Cut { document: self.document.clone(), line: 1 });
        }
        Err(FormatError::Columns { document: self.document.clone() })
    }

    /// Reads the next row into [`Table::cells`]; `false` after the last, once the file is known
    /// to be whole.
    pub(super) fn next(&mut self) -> Result<bool, FormatError> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return self.check_end().map(|()| false),
            Err(error) => return Err(self.fault(error)),
        }
        self.line = self.record.position().map_or(self.line, csv::Position::line);
        if self.record.len() != self.cells.len() {
            return Err(self.whole().err().unwrap_or_else(|| self.columns()));
        }
        for at in 0..self.cells.len() {
            self.decode(at)?;
        }
        Ok(true)
    }

    fn decode(&mut self, at: usize) -> Result<(), FormatError> {
        let (document, line) = (&self.document, self.line);
        let encoding = self.settings.encoding;
        let Some(text) = encoding.decode(&self.record[at]) else {
            let (document, expected) = (document.clone(), encoding.as_str());
            return Err(FormatError::Encoding { document, line, expected });
        };
        if text.bytes().any(|byte| byte < b' ') {
            return Err(FormatError::Character { document: document.clone(), line });
        }
        self.cells[at].clear();
        self.cells[at].push_str(&text);
        Ok(())
    }

    fn check_end(&self) -> Result<(), FormatError> {
        self.whole()?;
        let bom = self.reader.get_ref().first.starts_with(b"\xef\xbb\xbf");
        let expected = self.settings.encoding == Encoding::Utf8Bom;
        if self.finished && bom != expected {
            return Err(self.altered("the byte order mark"));
        }
        Ok(())
    }

    /// A whole file ends with a line's end, outside quotation marks.
    fn whole(&self) -> Result<(), FormatError> {
        let watched = self.reader.get_ref();
        let end = self.settings.line_ends.bytes();
        let ended =
            if self.finished { watched.last.ends_with(end) } else { watched.last[1] == b'\n' };
        let empty = watched.first.is_empty();
        if (ended || empty) && watched.quotes.is_multiple_of(2) {
            return Ok(());
        }
        let line = self.reader.position().line();
        Err(FormatError::Cut { document: self.document.clone(), line })
    }

    fn columns(&self) -> FormatError {
        FormatError::Columns { document: self.document.clone() }
    }

    fn fault(&self, error: csv::Error) -> FormatError {
        let document = self.document.clone();
        match error.into_kind() {
            ErrorKind::Io(source) => FormatError::Io { document, source },
            ErrorKind::UnequalLengths { .. } => {
                self.whole().err().unwrap_or_else(|| FormatError::Malformed {
                    document,
                    line: self.reader.position().line(),
                    what: "a row with more or fewer fields than the others",
                })
            }
            _ => self.columns(),
        }
    }

    /// The file holds something else than what was to be written, here.
    pub(super) fn altered(&self, what: &'static str) -> FormatError {
        FormatError::Altered { document: self.document.clone(), line: self.line, what }
    }

    pub(super) fn document(&self) -> &str {
        &self.document
    }

    pub(super) fn file(&self) -> &'t File {
        self.file
    }
}
