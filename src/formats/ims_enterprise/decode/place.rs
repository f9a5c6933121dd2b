//! Where the reader stands: the elements that are open, and the text of the one at hand.

use std::rc::Rc;

use super::tags::{Attributes, Tag};

/// No dialect nests deeper than ten elements; extensions may.
const DEEPEST: usize = 32;
/// No field is longer than 2048 characters.
pub(super) const LONGEST: usize = 1 << 20;
pub(super) const TOO_LONG: &str = "a text of more than 1 MiB";
pub(super) const UNCLOSED: &str = "elements or references that do not close";

/// A rule that the document breaks; whoever knows the line makes an error of it.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// A character that is forbidden.
    Character,
    /// The document ends too early.
    Cut,
    /// The form of the document.
    Malformed(&'static str),
    /// What stands there is not what was to be written.
    Altered(&'static str),
    /// Deeper or longer than it may be.
    TooLarge(&'static str),
}

/// The position in the document.
pub(super) struct Place {
    /// The elements that are open.
    pub(super) path: Vec<Tag>,
    /// The names of those that mean nothing to a roster.
    unknown: Vec<String>,
    /// Attributes of the element that opened.
    pub(super) attributes: Rc<Attributes>,
    none: Rc<Attributes>,
    /// Text of the leaf that closes.
    pub(super) text: String,
    /// Whether every blank counts and nothing is forgiven.
    pub(super) finished: bool,
    leaf: bool,
    pub(super) seen_root: bool,
}

impl Place {
    pub(super) fn before(finished: bool) -> Self {
        let none: Rc<Attributes> = Rc::default();
        Place {
            path: Vec::new(),
            unknown: Vec::new(),
            attributes: none.clone(),
            none,
            text: String::new(),
            finished,
            leaf: false,
            seen_root: false,
        }
    }

    /// An element without attributes opens.
    pub(super) fn open_bare(&mut self, tag: Tag) -> Result<(), Fault> {
        self.open(tag, self.none.clone())
    }

    /// An element opens. A name that is unknown is to be given to [`Place::name`].
    pub(super) fn open(&mut self, tag: Tag, attributes: Rc<Attributes>) -> Result<(), Fault> {
        if self.path.is_empty() && (self.seen_root || tag != Tag::Enterprise) {
            return Err(Fault::Malformed("the document is not one `enterprise` element"));
        }
        if self.path.len() >= DEEPEST {
            return Err(Fault::TooLarge("elements nested too deep"));
        }
        self.no_stray_text()?;
        self.seen_root = true;
        self.path.push(tag);
        self.text.clear();
        self.leaf = true;
        self.attributes = attributes;
        if self.finished && self.attributes.unknown {
            return Err(Fault::Altered("an attribute"));
        }
        Ok(())
    }

    /// What the element that opened is called, where its tag does not say.
    pub(super) fn name(&mut self, name: &str) {
        self.unknown.push(name.to_owned());
    }

    /// The element of this name closes, which must be the last.
    pub(super) fn close_named(&mut self, name: &str) -> Result<(), Fault> {
        let tag = Tag::of(name.as_bytes());
        let last = self.path.last() == Some(&tag);
        let own = self.unknown.last().map_or("", String::as_str);
        if !last || (tag == Tag::Unknown && own != name) {
            return Err(Fault::Malformed(UNCLOSED));
        }
        self.close()
    }

    /// The last element closes; it stays in the path until [`Place::leave`].
    pub(super) fn close(&mut self) -> Result<(), Fault> {
        let container = self.path.last().is_some_and(|tag| tag.holds_elements());
        if !self.leaf || container {
            self.no_stray_text()?;
            self.text.clear();
        }
        self.tidy()
    }

    pub(super) fn leave(&mut self) {
        if self.path.pop() == Some(Tag::Unknown) {
            self.unknown.pop();
        }
        self.text.clear();
        self.leaf = false;
    }

    /// Text between elements is nothing but blanks, save in an extension or in what is unknown.
    fn no_stray_text(&self) -> Result<(), Fault> {
        if self.text.bytes().all(|b| b.is_ascii_whitespace()) {
            return Ok(());
        }
        let free = self.path.iter().any(|tag| matches!(tag, Tag::Extension | Tag::Unknown));
        if free { Ok(()) } else { Err(Fault::Malformed("text between elements")) }
    }

    /// A roster holds no control characters. In our own file there are none; in another's they
    /// are line breaks and tabs, which are blanks.
    fn tidy(&mut self) -> Result<(), Fault> {
        let blank = memchr::memchr3(b'\n', b'\t', b'\r', self.text.as_bytes()).is_some();
        if self.finished {
            return if blank { Err(Fault::Character) } else { Ok(()) };
        }
        if blank {
            let words: Vec<&str> = self.text.split_ascii_whitespace().collect();
            self.text = words.join(" ");
        }
        self.text.truncate(self.text.trim_end().len());
        let start = self.text.len() - self.text.trim_start().len();
        self.text.drain(..start);
        Ok(())
    }

    /// Text, in which every character is allowed.
    pub(super) fn append(&mut self, text: &str) -> Result<(), Fault> {
        if self.path.is_empty() && !text.bytes().all(|b| b.is_ascii_whitespace()) {
            return Err(Fault::Malformed("text outside the document's element"));
        }
        if self.text.len() + text.len() > LONGEST {
            return Err(Fault::TooLarge(TOO_LONG));
        }
        self.text.push_str(text);
        Ok(())
    }
}
