//! The document as steps: an element opens, an element closes, the document ends.
//!
//! Nearly all of a roster is names of elements without attributes, and text without references:
//! those are told apart here, where they stand. Everything else is for `quick-xml`, one piece of
//! markup at a time, and what it lets pass is refused: a DOCTYPE, entities of one's own, an end
//! before the end, text outside any element. Characters that XML forbids never get this far.

use std::rc::Rc;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::input::{Broken, Charset, Input, first_forbidden};
use super::place::{Fault, LONGEST, Place, TOO_LONG, UNCLOSED};
use super::tags::{Attributes, Tag};
use crate::formats::Document;
use crate::formats::error::FormatError;

/// So many bytes of text are enough to see what kind of markup begins there.
const SEEN: usize = 16;
/// So many different start tags with attributes are remembered.
const REMEMBERED: usize = 64;
/// The declarations that this program writes.
const DECLARED: [&str; 2] =
    ["xml version=\"1.0\" encoding=\"UTF-8\"", "xml version=\"1.0\" encoding=\"ISO-8859-1\""];

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
pub(super) struct Pull<'d> {
    document: String,
    input: Input<'d>,
    place: Place,
    habits: Vec<Habit>,
    /// Whether the element that opened is empty, and closes next.
    empty: bool,
    closing: bool,
    /// Whether anything was read: a declaration stands before everything.
    begun: bool,
}

/// A start tag that was read before: the same text means the same.
struct Habit {
    /// Between the angle brackets.
    text: String,
    tag: Tag,
    attributes: Rc<Attributes>,
    empty: bool,
}

/// What was made of the text at hand.
enum Found {
    /// So many bytes were read, and maybe a step is done.
    Read(usize, Result<Option<Step>, Fault>),
    /// It takes more text to say.
    Cut,
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
        let (place, habits) = (Place::before(finished), Vec::new());
        Ok(Pull { document, input, place, habits, empty: false, closing: false, begun: false })
    }

    pub(super) fn charset(&self) -> Charset {
        self.input.charset()
    }

    /// The line, from 1, that is being read.
    pub(super) fn line(&self) -> u64 {
        self.input.line()
    }

    /// The elements that are open.
    pub(super) fn path(&self) -> &[Tag] {
        &self.place.path
    }

    /// Attributes of the element that opened.
    pub(super) fn attributes(&self) -> &Attributes {
        &self.place.attributes
    }

    /// Text of the leaf that closes.
    pub(super) fn text(&self) -> &String {
        &self.place.text
    }

    /// Goes to the next element that opens or closes.
    pub(super) fn step(&mut self) -> Result<Step, FormatError> {
        if std::mem::take(&mut self.closing) {
            self.place.leave();
        }
        let step = if std::mem::take(&mut self.empty) {
            self.place.close().map_err(|fault| self.fault(fault))?;
            Step::Close
        } else {
            self.read()?
        };
        self.closing = step == Step::Close;
        Ok(step)
    }

    fn read(&mut self) -> Result<Step, FormatError> {
        loop {
            let rest = self.input.rest();
            let found = match rest.as_bytes() {
                [] if self.input.is_ended() => return self.end(),
                [] => Found::Cut,
                [b'<', ..] => self.markup(),
                [b'&', ..] => self.rare(),
                _ => text(rest, self.input.is_ended(), &mut self.place),
            };
            match found {
                Found::Read(count, step) => {
                    self.begun = true;
                    self.input.take(count);
                    if let Some(step) = step.map_err(|fault| self.fault(fault))? {
                        return Ok(step);
                    }
                }
                Found::Cut if self.input.rest().len() > LONGEST => {
                    return Err(self.fault(Fault::TooLarge(TOO_LONG)));
                }
                Found::Cut => self.input.more().map_err(|broken| self.broken(broken))?,
            }
        }
    }

    /// There is no more text.
    fn end(&self) -> Result<Step, FormatError> {
        let complete = self.place.seen_root && self.place.path.is_empty();
        if complete { Ok(Step::End) } else { Err(self.cut_off()) }
    }

    /// What stands between angle brackets, if it is a name that is known or a start tag that was
    /// read before.
    fn markup(&mut self) -> Found {
        let rest = self.input.rest().as_bytes();
        let Some(end) = rest.iter().position(|&b| b == b'>') else { return self.rare() };
        let (inside, count) = (&rest[1..end], end + 1);
        if let [b'/', name @ ..] = inside {
            let tag = Tag::of(name);
            if tag == Tag::Unknown || self.place.path.last() != Some(&tag) {
                return self.rare();
            }
            return Found::Read(count, self.place.close().map(|()| Some(Step::Close)));
        }
        let tag = Tag::of(inside);
        let opened = if tag != Tag::Unknown {
            self.place.open_bare(tag)
        } else if let Some(habit) = self.habits.iter().find(|h| h.text.as_bytes() == inside) {
            self.empty = habit.empty;
            self.place.open(habit.tag, habit.attributes.clone())
        } else {
            return self.rare();
        };
        Found::Read(count, opened.map(|()| Some(Step::Open)))
    }

    /// One piece of markup or one reference, as `quick-xml` reads it.
    fn rare(&mut self) -> Found {
        let Pull { input, place, habits, empty, begun, .. } = self;
        let rest = input.rest();
        let mut reader = Reader::from_str(rest);
        reader.config_mut().check_comments = true;
        // It sees one piece only: which element closes is checked by its place.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        let event = reader.read_event();
        if !input.is_ended() && (rest.len() < SEEN || is_cut(&event, rest)) {
            return Found::Cut;
        }
        let count = usize::try_from(reader.buffer_position()).expect("no longer than the text");
        let step = match event {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                *empty = rest[..count].ends_with("/>");
                opened(&start, *empty, place, habits).map(|()| Some(Step::Open))
            }
            Ok(Event::End(end)) => {
                place.close_named(end.name().as_ref()).map(|()| Some(Step::Close))
            }
            Ok(Event::Decl(_)) if *begun => Err(Fault::Malformed("a declaration inside")),
            Ok(event) => beside(&event, place).map(|()| None),
            Err(error) => Err(refused(&error)),
        };
        Found::Read(count, step)
    }

    fn fault(&self, fault: Fault) -> FormatError {
        let (document, line) = (self.document.clone(), self.line());
        match fault {
            Fault::Character => FormatError::Character { document, line },
            Fault::Cut => FormatError::Cut { document, line },
            Fault::Malformed(what) => FormatError::Malformed { document, line, what },
            Fault::Altered(what) => FormatError::Altered { document, line, what },
            Fault::TooLarge(what) => FormatError::TooLarge { document, line, what },
        }
    }

    fn broken(&self, broken: Broken) -> FormatError {
        let (document, line) = (self.document.clone(), self.line());
        match broken {
            Broken::Io(source) => FormatError::Io { document, source },
            Broken::Encoding => FormatError::Encoding { document, line, expected: "UTF-8" },
            Broken::Character => FormatError::Character { document, line },
        }
    }

    /// The document ends before its end.
    pub(super) fn cut_off(&self) -> FormatError {
        self.fault(Fault::Cut)
    }

    /// The document breaks a rule, here.
    pub(super) fn malformed(&self, what: &'static str) -> FormatError {
        self.fault(Fault::Malformed(what))
    }

    /// The document holds something else than what was to be written, here.
    pub(super) fn altered(&self, what: &'static str) -> FormatError {
        self.fault(Fault::Altered(what))
    }
}

/// Text up to markup, a reference or the end of the document.
fn text(rest: &str, ended: bool, place: &mut Place) -> Found {
    let bytes = rest.as_bytes();
    for at in memchr::memchr3_iter(b'<', b'&', b'>', bytes) {
        if bytes[at] != b'>' {
            return Found::Read(at, place.append(&rest[..at]).map(|()| None));
        }
        if bytes[..at].ends_with(b"]]") {
            return Found::Read(at, Err(Fault::Malformed("`]]>` in text")));
        }
    }
    if ended { Found::Read(rest.len(), place.append(rest).map(|()| None)) } else { Found::Cut }
}

/// An element opens whose start tag was not seen before.
fn opened(
    start: &BytesStart<'_>,
    empty: bool,
    place: &mut Place,
    habits: &mut Vec<Habit>,
) -> Result<(), Fault> {
    let name = start.name();
    let tag = Tag::of(name.as_ref().as_bytes());
    let attributes = Attributes::of(start);
    let attributes =
        Rc::new(attributes.ok_or(Fault::Malformed("an attribute that breaks the rules"))?);
    place.open(tag, attributes.clone())?;
    if tag == Tag::Unknown {
        place.name(name.as_ref());
    } else if habits.len() < REMEMBERED {
        let text = format!("{}{}", &**start, if empty { "/" } else { "" });
        habits.push(Habit { text, tag, attributes, empty });
    }
    Ok(())
}

/// What is no element.
fn beside(event: &Event<'_>, place: &mut Place) -> Result<(), Fault> {
    match event {
        Event::CData(text) if !place.path.is_empty() => place.append(text),
        Event::GeneralRef(reference) => place.append(resolved(reference)?.encode_utf8(&mut [0; 4])),
        Event::Comment(_) | Event::PI(_) => Ok(()),
        // The reader of encodings is lenient; what we write is not.
        Event::Decl(declaration) if place.finished && !DECLARED.contains(&&**declaration) => {
            Err(Fault::Altered("the declaration"))
        }
        Event::Decl(declaration) => match declaration.version() {
            Ok(version) if version == "1.0" => Ok(()),
            _ => Err(Fault::Malformed("not XML 1.0")),
        },
        Event::DocType(_) => Err(Fault::Malformed("a DOCTYPE is refused")),
        _ => Err(Fault::Malformed("markup outside the document's element")),
    }
}

/// The character that a reference stands for.
fn resolved(reference: &BytesRef<'_>) -> Result<char, Fault> {
    let c = match reference.resolve_char_ref() {
        Ok(Some(c)) => c,
        Err(_) => return Err(Fault::Character),
        Ok(None) => {
            predefined(reference).ok_or(Fault::Malformed("an entity that XML does not define"))?
        }
    };
    match first_forbidden(c.encode_utf8(&mut [0; 4]).as_bytes()) {
        Some(_) => Err(Fault::Character),
        None => Ok(c),
    }
}

/// Whether markup that cannot be read may only need more text.
fn is_cut(event: &Result<Event<'_>, Error>, rest: &str) -> bool {
    match event {
        Err(Error::Syntax(error)) => *error != SyntaxError::InvalidBangMarkup,
        Err(Error::IllFormed(IllFormedError::UnclosedReference)) => !rest[1..].contains(['<', '&']),
        _ => false,
    }
}

fn refused(error: &Error) -> Fault {
    match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => Fault::Malformed("unknown markup"),
        Error::Syntax(_) => Fault::Cut,
        Error::IllFormed(_) => Fault::Malformed(UNCLOSED),
        _ => Fault::Malformed("not well-formed XML"),
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
