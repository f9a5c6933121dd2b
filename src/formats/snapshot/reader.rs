//! Reads a snapshot line by line, checking as it goes; lines are lent from one buffer.

use std::io::{self, BufReader, Read};
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Header, ORDER, SnapshotError, hex, letter};
use crate::roster::entity::identity;
use crate::roster::words::Kind;

/// How much is unpacked at a time.
const BLOCK: u64 = 128 * 1024;

/// Reads a snapshot line by line, checking as it goes.
pub struct Reader<R: Read> {
    packed: zstd::Decoder<'static, BufReader<R>>,
    header: Header,
    /// Whole lines: the one before, the one at hand, and what comes next.
    text: String,
    before: Range<usize>,
    line: Range<usize>,
    kind: Option<Kind>,
    /// Unpacked, and the end of its last line not seen yet.
    raw: Vec<u8>,
    seen: [u64; 5],
    at: u64,
    hasher: Sha256,
    done: bool,
}

impl<R: Read> Reader<R> {
    /// Opens a snapshot and reads its header.
    ///
    /// # Errors
    /// When it cannot be unpacked, is no snapshot, or is newer than this program.
    pub fn open(packed: R) -> Result<Self, SnapshotError> {
        let header = Header { key_rules: String::new(), counts: [0; 5], digest: String::new() };
        let mut reader = Reader {
            packed: zstd::Decoder::new(packed)?,
            header,
            text: String::new(),
            before: 0..0,
            line: 0..0,
            kind: None,
            raw: Vec::new(),
            seen: [0; 5],
            at: 1,
            hasher: Sha256::new(),
            done: false,
        };
        reader.refill()?;
        let end = memchr::memchr(b'\n', reader.text.as_bytes()).map_or(0, |end| end + 1);
        reader.header = Header::parse(&reader.text[..end])?;
        // The digest is that of everything after the header.
        reader.hasher = Sha256::new_with_prefix(&reader.text[end..]);
        reader.line = end..end;
        Ok(reader)
    }

    /// What the first line says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next entity's canonical line, or `None` after the last, when everything agreed.
    ///
    /// # Errors
    /// When lines do not increase strictly, two are of one entity, or counts or digest disagree with
    /// the header.
    pub fn next_line(&mut self) -> Result<Option<(Kind, &str)>, SnapshotError> {
        self.advance()?;
        Ok(self.line())
    }

    /// The line at hand: none before the first step, and none after the last.
    pub fn line(&self) -> Option<(Kind, &str)> {
        let text = || &self.text[self.line.start + 2..self.line.end - 1];
        self.kind.map(|kind| (kind, text()))
    }

    /// Goes to the next line, or past the last, when everything agreed.
    ///
    /// # Errors
    /// As for [`Reader::next_line`].
    pub fn advance(&mut self) -> Result<(), SnapshotError> {
        self.before = self.line.clone();
        self.kind = None;
        if self.done || (self.line.end == self.text.len() && !self.refill()?) {
            return self.finish();
        }
        let begin = self.line.end;
        let length = memchr::memchr(b'\n', &self.text.as_bytes()[begin..]);
        self.line = begin..begin + length.expect("only whole lines are at hand") + 1;
        self.at += 1;
        let kind = self.check_order()?;
        self.seen[kind as usize] += 1;
        self.kind = Some(kind);
        Ok(())
    }

    /// Puts whole lines behind those at hand; `false` when there are no more.
    fn refill(&mut self) -> Result<bool, SnapshotError> {
        let passed = self.before.start;
        self.text.drain(..passed);
        for place in [&mut self.before, &mut self.line] {
            *place = place.start - passed..place.end - passed;
        }
        loop {
            if self.packed.by_ref().take(BLOCK).read_to_end(&mut self.raw)? == 0 {
                return if self.raw.is_empty() { Ok(false) } else { Err(self.damaged("cut line")) };
            }
            if let Some(last) = memchr::memrchr(b'\n', &self.raw) {
                let lines = std::str::from_utf8(&self.raw[..=last]);
                let lines =
                    lines.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                self.hasher.update(lines);
                self.text.push_str(lines);
                self.raw.drain(..=last);
                return Ok(true);
            }
        }
    }

    fn check_order(&self) -> Result<Kind, SnapshotError> {
        let place_of = |line: &[u8]| {
            let [first, b'\t', ..] = line else { return None };
            ORDER.iter().position(|&kind| letter(kind) == char::from(*first))
        };
        let bytes = self.text.as_bytes();
        let (before, line) = (&bytes[self.before.clone()], &bytes[self.line.clone()]);
        let place = place_of(line).ok_or_else(|| self.damaged("unknown kind"))?;
        // Before the first line there is none, and that has no place.
        let Some(last) = place_of(before) else { return Ok(ORDER[place]) };
        if (last, before) >= (place, line) {
            return Err(self.damaged("lines are not in order"));
        }
        let said = |line: &Range<usize>| &self.text[line.start + 2..line.end - 1];
        // Lines differ; those of one entity would be two of it.
        if last == place && said(&self.line).starts_with(identity(ORDER[place], said(&self.before)))
        {
            return Err(self.damaged("two lines are of one entity"));
        }
        Ok(ORDER[place])
    }

    fn finish(&mut self) -> Result<(), SnapshotError> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(());
        }
        if ORDER.map(|kind| self.seen[kind as usize]) != self.header.counts {
            return Err(self.damaged("counts differ from the header"));
        }
        let digest = hex(&std::mem::take(&mut self.hasher).finalize());
        if digest != self.header.digest {
            return Err(self.damaged("digest differs from the header"));
        }
        Ok(())
    }

    fn damaged(&self, what: &'static str) -> SnapshotError {
        SnapshotError::Damaged { line: self.at, what }
    }
}
