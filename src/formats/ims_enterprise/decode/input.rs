//! Bytes to text, as the XML declaration says: checked once, a block at a time, lines counted.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use encoding_rs::{WINDOWS_1252, mem};

/// How many bytes are looked at for the XML declaration.
const HEAD: u64 = 256;
/// How many bytes are taken from the document at a time.
const BLOCK: u64 = 256 * 1024;

/// What the declaration says. The writer knows two; another program's file may hold a third.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Charset {
    Utf8,
    Latin1,
    Windows1252,
}

/// Why there is no more text.
pub(super) enum Broken {
    /// The document cannot be read.
    Io(io::Error),
    /// A byte that is no UTF-8.
    Encoding,
    /// A character that XML forbids.
    Character,
}

/// The document as text, of which a part is at hand.
pub(super) struct Input<'d> {
    bytes: Box<dyn BufRead + 'd>,
    charset: Charset,
    /// Bytes that are no text yet: half a character, or what is behind a fault.
    raw: Vec<u8>,
    /// Text at hand, and how much of it was taken.
    text: String,
    taken: usize,
    /// What comes right after the text at hand.
    broken: Option<Broken>,
    ended: bool,
    /// Line breaks before the text at hand, and in it up to a place.
    lines: Cell<u64>,
    counted: Cell<usize>,
}

impl<'d> Input<'d> {
    /// Looks at the start of the document; `None` when it declares an encoding that is unknown.
    pub(super) fn open(mut bytes: Box<dyn BufRead + 'd>) -> io::Result<Option<Self>> {
        let mut raw = Vec::new();
        bytes.by_ref().take(HEAD).read_to_end(&mut raw)?;
        let Some(charset) = declared(&raw) else { return Ok(None) };
        let (text, taken, broken, ended) = (String::new(), 0, None, false);
        let (lines, counted) = (Cell::new(0), Cell::new(0));
        let mut input = Input { bytes, charset, raw, text, taken, broken, ended, lines, counted };
        input.convert();
        if charset == Charset::Utf8 && input.text.starts_with('\u{feff}') {
            input.take('\u{feff}'.len_utf8());
        }
        Ok(Some(input))
    }

    pub(super) fn charset(&self) -> Charset {
        self.charset
    }

    /// The line, from 1, that is being read.
    pub(super) fn line(&self) -> u64 {
        let passed = &self.text.as_bytes()[self.counted.get()..self.taken];
        self.lines.set(self.lines.get() + line_breaks(passed));
        self.counted.set(self.taken);
        self.lines.get() + 1
    }

    /// The text at hand, as far as it was not taken.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.taken..]
    }

    /// Takes so many bytes of text.
    pub(super) fn take(&mut self, count: usize) {
        self.taken += count;
    }

    /// Whether nothing comes after the text at hand.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Puts more text behind the rest, or finds that the document has ended.
    ///
    /// # Errors
    /// When a fault comes next; the rest is taken then, so that the line is the fault's.
    pub(super) fn more(&mut self) -> Result<(), Broken> {
        self.line();
        self.text.drain(..self.taken);
        self.taken = 0;
        self.counted.set(0);
        let rest = self.text.len();
        while self.text.len() == rest && !self.ended {
            if let Some(broken) = self.broken.take() {
                self.taken = rest;
                return Err(broken);
            }
            self.refill();
        }
        Ok(())
    }

    /// Takes the next block from the document.
    fn refill(&mut self) {
        match self.bytes.by_ref().take(BLOCK).read_to_end(&mut self.raw) {
            Ok(0) if self.raw.is_empty() => self.ended = true,
            // Half a character at the end of the document.
            Ok(0) => self.broken = Some(Broken::Encoding),
            Ok(_) => self.convert(),
            Err(error) => self.broken = Some(Broken::Io(error)),
        }
    }

    /// Bytes to text, up to the first fault.
    fn convert(&mut self) {
        let begin = self.text.len();
        match self.charset {
            Charset::Utf8 => self.convert_utf8(),
            // Each byte is a character of its own here.
            Charset::Latin1 => self.text.push_str(&mem::decode_latin1(&self.raw)),
            Charset::Windows1252 => {
                let text = WINDOWS_1252.decode_without_bom_handling(&self.raw).0;
                self.text.push_str(&text);
            }
        }
        if self.charset != Charset::Utf8 {
            self.raw.clear();
        }
        if let Some(at) = first_forbidden(&self.text.as_bytes()[begin..]) {
            self.text.truncate(begin + at);
            self.broken = Some(Broken::Character);
        }
    }

    fn convert_utf8(&mut self) {
        let valid = match std::str::from_utf8(&self.raw) {
            Ok(_) => self.raw.len(),
            Err(error) => {
                if error.error_len().is_some() {
                    self.broken = Some(Broken::Encoding);
                }
                error.valid_up_to()
            }
        };
        self.text.push_str(std::str::from_utf8(&self.raw[..valid]).expect("checked above"));
        self.raw.drain(..valid);
    }
}

/// Where the first character stands that XML 1.0 forbids; the bytes are UTF-8.
pub(super) fn first_forbidden(bytes: &[u8]) -> Option<usize> {
    /// So many bytes are looked at together, and nearly never need another look.
    const MANY: usize = 64;
    let odd = |b: u8| (b < b' ' && b != b'\n') || b == 0xef;
    let forbidden = |&at: &usize| match bytes[at] {
        b'\t' | b'\n' | b'\r' => false,
        0xef => matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])),
        b => b < b' ',
    };
    for (number, chunk) in bytes.chunks(MANY).enumerate() {
        if chunk.iter().fold(false, |any, &b| any | odd(b)) {
            let begin = number * MANY;
            if let Some(at) = (begin..begin + chunk.len()).find(forbidden) {
                return Some(at);
            }
        }
    }
    None
}

/// Counts in bytes as long as they suffice, which a processor does many at a time.
fn line_breaks(bytes: &[u8]) -> u64 {
    let some = |bytes: &[u8]| bytes.iter().fold(0, |count: u8, b| count + u8::from(*b == b'\n'));
    bytes.chunks(usize::from(u8::MAX)).map(|chunk| u64::from(some(chunk))).sum()
}

/// The encoding that the XML declaration names; UTF-8 without one.
fn declared(head: &[u8]) -> Option<Charset> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if !head.starts_with(b"<?xml") {
        return (!head.starts_with(b"\xff\xfe") && !head.starts_with(b"\xfe\xff"))
            .then_some(Charset::Utf8);
    }
    let end = memchr::memmem::find(head, b"?>").unwrap_or(head.len());
    let declaration = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
    let Some((_, after)) = declaration.split_once("encoding") else { return Some(Charset::Utf8) };
    let label = after.trim_start().strip_prefix('=')?.trim_start();
    let label = label.split(['"', '\'']).nth(1)?;
    match label {
        "utf-8" | "utf8" => Some(Charset::Utf8),
        "iso-8859-1" | "iso8859-1" | "latin1" => Some(Charset::Latin1),
        "windows-1252" | "cp1252" => Some(Charset::Windows1252),
        _ => None,
    }
}
