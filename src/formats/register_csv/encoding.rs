//! Bytes to text in the declared encoding, a block at a time, or an error with its place. Nothing
//! is guessed and nothing replaced.

use std::io::{self, Read};

use super::error::DecodeError;
use super::settings::Encoding;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// So many bytes are read at a time, or as many as there is text at hand.
const BLOCK: usize = 256 * 1024;

/// A file's text, of which a part is at hand.
pub(super) struct Text<'b> {
    bytes: Box<dyn Read + 'b>,
    pub(super) file: &'b str,
    encoding: Encoding,
    /// The text at hand, without a byte order mark.
    pub(super) at_hand: String,
    /// Bytes that are no text yet.
    raw: Vec<u8>,
    /// Where they stand: line, and bytes of it before them.
    line: u64,
    column: u64,
    /// Whether there was a byte order mark.
    pub(super) marked: bool,
    /// Whether nothing comes after the text at hand.
    pub(super) ended: bool,
}

impl<'b> Text<'b> {
    /// Reads the beginning of a file.
    pub(super) fn open(
        bytes: Box<dyn Read + 'b>,
        encoding: Encoding,
        file: &'b str,
    ) -> Result<Self, DecodeError> {
        let (at_hand, raw) = (String::new(), Vec::new());
        let (line, column, marked, ended) = (1, 0, false, false);
        let mut text = Text { bytes, file, encoding, at_hand, raw, line, column, marked, ended };
        text.read()?;
        text.marked = text.raw.starts_with(BYTE_ORDER_MARK);
        if text.marked && encoding != Encoding::Utf8 {
            return Err(text.wrong(0, "the file begins with the mark of UTF-8"));
        }
        if text.raw.starts_with(b"\xFF\xFE") || text.raw.starts_with(b"\xFE\xFF") {
            return Err(text.wrong(0, "the file begins with the mark of UTF-16"));
        }
        if text.marked {
            text.pass(BYTE_ORDER_MARK.len());
        }
        text.convert()?;
        Ok(text)
    }

    /// Lets go of the text up to a place, and puts more behind the rest.
    pub(super) fn more(&mut self, from: usize) -> Result<(), DecodeError> {
        self.at_hand.drain(..from);
        self.read()?;
        self.convert()
    }

    fn read(&mut self) -> Result<(), DecodeError> {
        let count = BLOCK.max(self.at_hand.len());
        let read = self.bytes.by_ref().take(count as u64).read_to_end(&mut self.raw);
        let file = || self.file.to_owned();
        match read {
            Ok(read) => {
                self.ended = read < count;
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(DecodeError::Changed { file: file() })
            }
            Err(error) => Err(DecodeError::Unreadable { file: file(), kind: error.kind() }),
        }
    }

    fn convert(&mut self) -> Result<(), DecodeError> {
        match self.encoding {
            Encoding::Utf8 => self.convert_utf8(),
            Encoding::Windows1252 => {
                let undefined = |byte: &u8| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
                if let Some(at) = self.raw.iter().position(undefined) {
                    return Err(self.wrong(at, "a byte that windows-1252 leaves undefined"));
                }
                let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&self.raw).0;
                self.at_hand.push_str(&text);
                self.pass(self.raw.len());
                Ok(())
            }
            Encoding::Latin1 => {
                self.at_hand.push_str(&encoding_rs::mem::decode_latin1(&self.raw));
                self.pass(self.raw.len());
                Ok(())
            }
        }
    }

    fn convert_utf8(&mut self) -> Result<(), DecodeError> {
        let (sound, fault) = match std::str::from_utf8(&self.raw) {
            Ok(text) => (text.len(), None),
            Err(error) => (error.valid_up_to(), Some(error.error_len())),
        };
        match fault {
            Some(Some(_)) => return Err(self.wrong(sound, "a byte that is no UTF-8")),
            Some(None) if self.ended => {
                let (line, _) = self.place_of(sound);
                let (file, how) = (self.file.to_owned(), "it ends in the middle of a letter");
                return Err(DecodeError::Cut { file, line, how });
            }
            // The rest of a letter comes with the next block.
            Some(None) | None => {}
        }
        let text = std::str::from_utf8(&self.raw[..sound]).expect("found to be sound");
        self.at_hand.push_str(text);
        self.pass(sound);
        Ok(())
    }

    /// Line of a byte that is no text yet, from 1, and its place in it, from 0.
    fn place_of(&self, at: usize) -> (u64, u64) {
        let passed = &self.raw[..at];
        match memchr::memrchr(b'\n', passed) {
            Some(end) => {
                let breaks = memchr::memchr_iter(b'\n', passed).count() as u64;
                (self.line + breaks, (at - end - 1) as u64)
            }
            None => (self.line, self.column + at as u64),
        }
    }

    /// So many bytes were dealt with.
    fn pass(&mut self, count: usize) {
        (self.line, self.column) = self.place_of(count);
        self.raw.drain(..count);
    }

    fn wrong(&self, at: usize, what: &'static str) -> DecodeError {
        let (line, column) = self.place_of(at);
        let (file, declared) = (self.file.to_owned(), self.encoding.as_str());
        DecodeError::Encoding { file, line, column: column + 1, declared, what }
    }
}
