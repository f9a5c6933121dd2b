//! XML as steps: an element opens, an element closes, the document ends.
//!
//! `quick-xml` finds the markup; what it lets pass is refused here: characters that XML forbids,
//! a DOCTYPE, entities of one's own, an end before the end, text outside any element.

use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::input::{Charset, Input};
use super::tags::{Attributes, Tag};
use crate::formats::Document;
use crate::formats::error::FormatError;

/// No dialect nests deeper than ten elements; extensions may.
const DEEPEST: usize = 32;
/// No field is longer than 2048 characters.
const LONGEST: usize = 1 << 20;

/// What comes next in the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The last element of [`Pull::path`] opened; its attributes are at hand.
    Open,
    /// The last element of [`Pull::path`] closes; if it is a leaf, its text is at hand.
    Close,
    /// The document is complete.
    End,
}

/// The document as steps.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the position")]
pub(super) struct Pull<'d> {
    document: String,
    reader: Reader<Input<'d>>,
    buffer: Vec<u8>,
    /// The elements that are open.
    pub(super) path: Vec<Tag>,
    /// Attributes of the element that opened.
    pub(super) attributes: Attributes,
    /// Text of the leaf that closes.
    pub(super) text: String,
    /// Whether every blank counts and nothing is forgiven.
    finished: bool,
    leaf: bool,
    closing: bool,
    seen_root: bool,
}

impl<'d> Pull<'d> {
    pub(super) fn open(document: Document<'d>, finished: bool) -> Result<Self, FormatError> {
        let (document, bytes) = document;
        let input = match Input::open(bytes) {
            Ok(Some(input)) => input,
            Ok(None) => {
                let expected = "UTF-8, ISO-8859-1 or Windows-1252";
                return Err(FormatError::Encoding { document, line: 1, expected });
            }
            Err(source) => return Err(FormatError::Io { document, source }),
        };
        let mut reader = Reader::from_reader(input);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        Ok(Pull {
            document,
            reader,
            buffer: Vec::new(),
            path: Vec::new(),
            attributes: Attributes::default(),
            text: String::new(),
            finished,
            leaf: false,
            closing: false,
            seen_root: false,
        })
    }

    pub(super) fn charset(&self) -> Charset {
        self.reader.get_ref().charset()
    }

    /// The line, from 1, that is being read.
    pub(super) fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    /// Goes to the next element that opens or closes.
    pub(super) fn step(&mut self) -> Result<Step, FormatError> {
        if std::mem::take(&mut self.closing) {
            self.path.pop();
            self.text.clear();
            self.leaf = false;
        }
        loop {
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            let event = self.reader.read_event_into(&mut buffer);
            let step = match event {
                Ok(event) => self.event(&event),
                Err(error) => Err(self.syntax(error)),
            };
            self.buffer = buffer;
            if let Some(step) = step? {
                return Ok(step);
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Result<Option<Step>, FormatError> {
        match event {
            Event::Start(start) => self.start(start).map(|()| Some(Step::Open)),
            Event::End(_) => self.end().map(|()| Some(Step::Close)),
            Event::Text(text) => {
                if text.contains('>') && text.contains("]]>") {
                    return Err(self.malformed("`]]>` in text"));
                }
                self.append(text).map(|()| None)
            }
            Event::CData(text) if !self.path.is_empty() => self.append(text).map(|()| None),
            Event::GeneralRef(reference) => self.reference(reference).map(|()| None),
            Event::Comment(text) => self.check(text).map(|()| None),
            Event::Decl(declaration) if !self.seen_root => match declaration.version() {
                Ok(version) if version == "1.0" => Ok(None),
                _ => Err(self.malformed("not XML 1.0")),
            },
            Event::PI(text) => self.check(text).map(|()| None),
            Event::DocType(_) => Err(self.malformed("a DOCTYPE is refused")),
            Event::Eof if self.seen_root && self.path.is_empty() => Ok(Some(Step::End)),
            Event::Eof => Err(self.cut_off()),
            _ => Err(self.malformed("markup outside the document's element")),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), FormatError> {
        let tag = Tag::of(start.name().as_ref());
        if self.path.is_empty() && (self.seen_root || tag != Tag::Enterprise) {
            return Err(self.malformed("the document is not one `enterprise` element"));
        }
        if self.path.len() >= DEEPEST {
            let (document, line) = (self.document.clone(), self.line());
            return Err(FormatError::TooLarge { document, line, what: "elements nested too deep" });
        }
        self.no_stray_text()?;
        self.seen_root = true;
        self.path.push(tag);
        self.text.clear();
        self.leaf = true;
        self.check(start)?;
        if !self.attributes.read(start) {
            return Err(self.malformed("an attribute that breaks the rules"));
        }
        if self.finished && self.attributes.unknown {
            return Err(self.altered("an attribute"));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), FormatError> {
        let container = self.path.last().is_some_and(|tag| tag.holds_elements());
        if !self.leaf || container {
            self.no_stray_text()?;
            self.text.clear();
        }
        self.closing = true;
        self.tidy()
    }

    /// Text between elements is nothing but blanks, save in an extension or in what is unknown.
    fn no_stray_text(&self) -> Result<(), FormatError> {
        if self.text.bytes().all(|b| b.is_ascii_whitespace()) {
            return Ok(());
        }
        let free = self.path.iter().any(|tag| matches!(tag, Tag::Extension | Tag::Unknown));
        if free { Ok(()) } else { Err(self.malformed("text between elements")) }
    }

    /// A roster holds no control characters. In our own file there are none; in another's they
    /// are line breaks and tabs, which are blanks.
    fn tidy(&mut self) -> Result<(), FormatError> {
        let blank = |b: u8| b < b' ';
        if self.finished && self.text.bytes().any(blank) {
            return Err(self.character());
        }
        if !self.finished {
            if self.text.bytes().any(blank) {
                let words: Vec<&str> = self.text.split_ascii_whitespace().collect();
                self.text = words.join(" ");
            }
            self.text.truncate(self.text.trim_end().len());
            let start = self.text.len() - self.text.trim_start().len();
            self.text.drain(..start);
        }
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), FormatError> {
        self.check(text)?;
        if self.path.is_empty() && !text.bytes().all(|b| b.is_ascii_whitespace()) {
            return Err(self.malformed("text outside the document's element"));
        }
        if self.text.len() + text.len() > LONGEST {
            let (document, line) = (self.document.clone(), self.line());
            return Err(FormatError::TooLarge {
                document,
                line,
                what: "a text of more than 1 MiB",
            });
        }
        self.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), FormatError> {
        let unknown = "an entity that XML does not define";
        let c = match reference.resolve_char_ref() {
            Ok(Some(c)) => c,
            Err(_) => return Err(self.character()),
            Ok(None) => predefined(reference).ok_or_else(|| self.malformed(unknown))?,
        };
        if self.path.is_empty() {
            return Err(self.malformed("text outside the document's element"));
        }
        self.append(c.encode_utf8(&mut [0; 4]))
    }

    fn check(&self, text: &str) -> Result<(), FormatError> {
        if is_xml(text.as_bytes()) { Ok(()) } else { Err(self.character()) }
    }

    fn syntax(&self, error: Error) -> FormatError {
        let (document, line) = (self.document.clone(), self.line());
        match error {
            Error::Io(source) => {
                let source = std::io::Error::new(source.kind(), source);
                FormatError::Io { document, source }
            }
            Error::Encoding(_) => FormatError::Encoding { document, line, expected: "UTF-8" },
            Error::Syntax(SyntaxError::InvalidBangMarkup) => self.malformed("unknown markup"),
            Error::Syntax(_) => FormatError::Cut { document, line },
            Error::IllFormed(_) => self.malformed("elements or references that do not close"),
            _ => self.malformed("not well-formed XML"),
        }
    }

    /// The document ends before its end.
    pub(super) fn cut_off(&self) -> FormatError {
        FormatError::Cut { document: self.document.clone(), line: self.line() }
    }

    /// The document breaks a rule, here.
    pub(super) fn malformed(&self, what: &'static str) -> FormatError {
        FormatError::Malformed { document: self.document.clone(), line: self.line(), what }
    }

    /// The document holds something else than what was to be written, here.
    pub(super) fn altered(&self, what: &'static str) -> FormatError {
        FormatError::Altered { document: self.document.clone(), line: self.line(), what }
    }

    fn character(&self) -> FormatError {
        FormatError::Character { document: self.document.clone(), line: self.line() }
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// Whether XML 1.0 allows every character; the bytes are UTF-8.
pub(super) fn is_xml(bytes: &[u8]) -> bool {
    if bytes.iter().all(|&b| b >= b' ' && b != 0xef) {
        return true;
    }
    let control = |&b: &u8| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
    let noncharacter = |at| matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf]));
    !bytes.iter().any(control) && !memchr::memchr_iter(0xef, bytes).any(noncharacter)
}
