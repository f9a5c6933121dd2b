//! XML text into one reused buffer: escaping, numeric references, handing over in large pieces.

use std::io::{self, Write};

use super::values::Encoding;

/// The buffer is handed over when it holds this much.
const PIECE: usize = 256 * 1024;

/// XML on its way out. Markup is the program's own ASCII; everything else goes through
/// [`Xml::text`].
pub(super) struct Xml<'o> {
    out: &'o mut dyn Write,
    buffer: Vec<u8>,
    encoding: Encoding,
}

impl<'o> Xml<'o> {
    pub(super) fn new(out: &'o mut dyn Write, encoding: Encoding) -> Self {
        Xml { out, buffer: Vec::with_capacity(PIECE + PIECE / 4), encoding }
    }

    /// Appends markup as it is.
    pub(super) fn markup(&mut self, markup: &str) {
        self.buffer.extend_from_slice(markup.as_bytes());
    }

    /// Appends a fragment that [`escaped`] made.
    pub(super) fn fragment(&mut self, fragment: &[u8]) {
        self.buffer.extend_from_slice(fragment);
    }

    /// Appends text, escaped.
    pub(super) fn text(&mut self, text: &str) {
        append(&mut self.buffer, text, self.encoding);
    }

    /// Appends an element with text; nothing when there is no text.
    pub(super) fn element(&mut self, open: &str, text: &str, close: &str) {
        if !text.is_empty() {
            self.markup(open);
            self.text(text);
            self.markup(close);
        }
    }

    /// Hands the buffer over when it is large.
    pub(super) fn pass(&mut self) -> io::Result<()> {
        if self.buffer.len() >= PIECE { self.finish() } else { Ok(()) }
    }

    /// Hands over what is left.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// `before`, escaped text and `after`, in the document's encoding.
pub(super) fn escaped(before: &str, text: &str, after: &str, encoding: Encoding) -> Vec<u8> {
    let mut fragment = before.as_bytes().to_vec();
    append(&mut fragment, text, encoding);
    fragment.extend_from_slice(after.as_bytes());
    fragment
}

fn append(out: &mut Vec<u8>, text: &str, encoding: Encoding) {
    if encoding == Encoding::Latin1 && !text.is_ascii() {
        return append_latin1(out, text);
    }
    let mut rest = text.as_bytes();
    while let Some(at) = first_special(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(entity(rest[at]));
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

fn append_latin1(out: &mut Vec<u8>, text: &str) {
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte @ (b'<' | b'>' | b'&' | b'"')) => out.extend_from_slice(entity(byte)),
            Ok(byte) if !(0x80..0xa0).contains(&byte) => out.push(byte),
            _ => out.extend_from_slice(format!("&#{};", u32::from(c)).as_bytes()),
        }
    }
}

fn first_special(bytes: &[u8]) -> Option<usize> {
    let markup = memchr::memchr3(b'&', b'<', b'>', bytes);
    let until = markup.unwrap_or(bytes.len());
    memchr::memchr(b'"', &bytes[..until]).or(markup)
}

fn entity(byte: u8) -> &'static [u8] {
    match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        _ => b"&quot;",
    }
}
