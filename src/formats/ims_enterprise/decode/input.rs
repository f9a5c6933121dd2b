//! Bytes to UTF-8, as the XML declaration says, with lines counted on the way.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use encoding_rs::{WINDOWS_1252, mem};

/// How many bytes are looked at for the XML declaration.
const HEAD: u64 = 256;
/// How many bytes are taken from the document at a time.
const BLOCK: usize = 64 * 1024;

/// What the declaration says. The writer knows two; another program's file may hold a third.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Charset {
    Utf8,
    Latin1,
    Windows1252,
}

/// The document as UTF-8.
pub(super) struct Input<'d> {
    bytes: Box<dyn BufRead + 'd>,
    charset: Charset,
    /// Text that waits, and how much of it was taken.
    block: Vec<u8>,
    taken: usize,
    /// Line breaks before the block, and in the block up to a place.
    lines: Cell<u64>,
    counted: Cell<usize>,
}

impl<'d> Input<'d> {
    /// Looks at the start of the document; `None` when it declares an encoding that is unknown.
    pub(super) fn open(mut bytes: Box<dyn BufRead + 'd>) -> io::Result<Option<Self>> {
        let mut head = Vec::with_capacity(BLOCK);
        bytes.by_ref().take(HEAD).read_to_end(&mut head)?;
        let Some(charset) = declared(&head) else { return Ok(None) };
        let (lines, counted) = (Cell::new(0), Cell::new(0));
        let mut input = Input { bytes, charset, block: head, taken: 0, lines, counted };
        input.convert();
        Ok(Some(input))
    }

    pub(super) fn charset(&self) -> Charset {
        self.charset
    }

    /// The line, from 1, that is being read.
    pub(super) fn line(&self) -> u64 {
        let passed = &self.block[self.counted.get()..self.taken];
        self.lines.set(self.lines.get() + line_breaks(passed));
        self.counted.set(self.taken);
        self.lines.get() + 1
    }

    /// Takes the next block from the document.
    fn refill(&mut self) -> io::Result<()> {
        self.line();
        self.block.resize(BLOCK, 0);
        let count = loop {
            match self.bytes.read(&mut self.block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.block.truncate(*count.as_ref().unwrap_or(&0));
        self.taken = 0;
        self.counted.set(0);
        self.convert();
        count.map(|_| ())
    }

    /// Each byte is a character of its own in the encodings that need it, so blocks can be
    /// converted one by one.
    fn convert(&mut self) {
        let text = match self.charset {
            Charset::Utf8 => return,
            Charset::Latin1 => mem::decode_latin1(&self.block),
            Charset::Windows1252 => WINDOWS_1252.decode_without_bom_handling(&self.block).0,
        };
        self.block = text.into_owned().into_bytes();
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.block.len() {
            self.refill()?;
        }
        Ok(&self.block[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
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
