//! Reads a document: our own, which must be exactly what the settings say, or another program's,
//! of which dialects and habits are forgiven but no fault of form.

use crate::formats::Document;
use crate::formats::error::FormatError;
use crate::roster::code::Code;
use crate::roster::draft::{Draft, Place};
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::untold::{Field, Untold};

use super::rules::Rules;
use super::values::Encoding;
use group::Groups;
use input::Charset;
use member::Members;
use person::Persons;
use pull::{Pull, Step};
use tags::Tag;

mod arena;
mod group;
mod input;
mod member;
mod names;
mod person;
mod place;
mod pull;
mod tags;
mod tree;

/// A row has no key.
const NO_KEY: Code = Code(324);
/// A word that the settings do not know.
const UNKNOWN_WORD: Code = Code(325);
/// A date that is none.
const BAD_DATE: Code = Code(327);

/// What all parts of the decoder need.
struct Shared<'s> {
    rules: &'s Rules<'s>,
    /// What the document must hold, exactly as this program writes it; `None` for another's.
    told: Option<&'s Roster>,
    finished: bool,
    draft: Draft,
    file: u16,
    /// The `sourcedid` being read.
    source: String,
    id: String,
}

impl Shared<'_> {
    /// The key that a `sourcedid` stands for: its id, and another source's key is another key.
    fn put_key(&self, key: &mut String) {
        key.clear();
        if self.source != self.rules.source && !self.id.is_empty() {
            key.push_str(&self.source);
            key.push('|');
        }
        key.push_str(&self.id);
    }

    fn place(&self, line: u64) -> Place {
        Place { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    fn issue(&self, code: Code, severity: Severity, line: u64) -> Issue {
        self.draft.issue(code, severity, self.place(line))
    }

    fn note(&mut self, code: Code, severity: Severity, line: u64, field: &str) {
        let issue = self.issue(code, severity, line).in_field(field);
        self.draft.note(issue);
    }

    /// Puts the date that closes, or nothing and a note when it is none.
    fn put_date(&mut self, date: &mut String, pull: &Pull<'_>, field: &str) {
        let text = pull.text();
        date.clear();
        if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
            date.push_str(text);
        } else if !text.is_empty() {
            self.note(BAD_DATE, Severity::Warning, pull.line(), field);
        }
    }
}

/// Reads the document into a roster.
pub(super) fn read(
    rules: &Rules<'_>,
    document: Document<'_>,
    told: Option<(&Roster, &Roster)>,
) -> Result<(Roster, Vec<Issue>), FormatError> {
    // Who is at which school is said last of all, in the schools' nodes.
    let schools = Untold::from_iter([Field::Schools]);
    let beside = |(_, expected): (_, &Roster)| Draft::beside(&expected.without(schools));
    let mut draft = told.map_or_else(Draft::new, beside);
    let told = told.map(|(told, _)| told);
    let name = document.0.clone();
    let file = draft.file(&name);
    let finished = told.is_some();
    let pull = Pull::open(document, finished)?;
    let (source, id) = (String::new(), String::new());
    let shared = Shared { rules, told, finished, draft, file, source, id };
    Decoder::of(shared, pull).read(&name)
}

/// A place among rows, or in a text.
fn number(at: usize) -> u32 {
    u32::try_from(at).expect("input limits keep rows below 2^32 and texts below 4 GiB")
}

struct Decoder<'s, 'd> {
    shared: Shared<'s>,
    pull: Pull<'d>,
    persons: Persons,
    groups: Groups,
    members: Members,
    /// Whether memberships have begun, before which persons and groups come.
    linking: bool,
}

impl<'s, 'd> Decoder<'s, 'd> {
    fn of(shared: Shared<'s>, pull: Pull<'d>) -> Self {
        let (persons, groups, members) = Default::default();
        Decoder { shared, pull, persons, groups, members, linking: false }
    }

    fn read(mut self, name: &str) -> Result<(Roster, Vec<Issue>), FormatError> {
        loop {
            match self.pull.step()? {
                Step::Open => self.open()?,
                Step::Close => self.close()?,
                Step::End => break,
            }
        }
        self.begin_links()?;
        let Decoder { shared, members, groups, .. } = self;
        let told = shared.told;
        let (roster, mut issues) = Roster::assemble(shared.draft);
        let roster = members.add_schools(&roster, told, &groups, name, &mut issues);
        Ok((roster, issues))
    }

    fn open(&mut self) -> Result<(), FormatError> {
        use Tag::{Enterprise, Group, Member, Membership, Person, Role, Sourcedid, Unknown};
        let attributes = self.pull.attributes();
        match self.pull.path()[..] {
            [.., Unknown] if self.shared.finished => return Err(self.pull.altered("an element")),
            [.., Sourcedid] => {
                self.shared.source.clear();
                self.shared.id.clear();
            }
            _ => {}
        }
        match self.pull.path()[..] {
            [Enterprise] => self.open_document()?,
            [Enterprise, Person | Group] if self.linking => {
                return Err(self.pull.malformed("persons and groups come before memberships"));
            }
            [Enterprise, Person] if self.persons.checked => {
                return Err(self.pull.altered("the order of persons and groups"));
            }
            [Enterprise, Person] => self.persons.open(self.pull.line(), attributes),
            [Enterprise, Group] => {
                self.persons.check_links(&self.pull, &self.shared)?;
                self.groups.open(self.pull.line(), attributes);
            }
            [Enterprise, Membership] => {
                self.begin_links()?;
                self.members.open();
            }
            [Enterprise, Membership, Member] => self.members.open_member(self.pull.line()),
            [Enterprise, Membership, Member, Role] => self.members.open_role(attributes),
            [Enterprise, Person, ..] => self.persons.open_part(&self.pull, &self.shared),
            [Enterprise, Group, ..] => self.groups.open_part(&self.pull, &self.shared)?,
            _ => {}
        }
        Ok(())
    }

    fn open_document(&self) -> Result<(), FormatError> {
        if !self.shared.finished {
            return Ok(());
        }
        let expected = match self.shared.rules.encoding {
            Encoding::Utf8 => Charset::Utf8,
            Encoding::Latin1 => Charset::Latin1,
        };
        if self.pull.charset() != expected {
            return Err(self.pull.altered("the encoding declared"));
        }
        if self.pull.attributes().xmlns != self.shared.rules.namespace.unwrap_or_default() {
            return Err(self.pull.altered("the namespace"));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), FormatError> {
        use Tag::{
            Datasource, Datetime, Enterprise, Group, Id, Membership, Person, Properties, Source,
            Sourcedid, Type,
        };
        match self.pull.path()[..] {
            [.., Sourcedid, Source] => self.shared.source.push_str(self.pull.text()),
            [.., Sourcedid, Id] => self.shared.id.push_str(self.pull.text()),
            [Enterprise, Properties, Datasource] => {
                self.expect_text(self.shared.rules.source, "the data source")?;
            }
            [Enterprise, Properties, Datetime] => {
                let is_time = self.pull.text().parse::<jiff::Timestamp>().is_ok();
                if self.shared.finished && !is_time {
                    return Err(self.pull.altered("the time"));
                }
            }
            [Enterprise, Properties, Type] => self.expect_text("full", "the document's type")?,
            [Enterprise, Person, ..] => self.persons.close(&self.pull, &mut self.shared)?,
            [Enterprise, Group, ..] => self.groups.close(&self.pull, &mut self.shared)?,
            [Enterprise, Membership, ..] => {
                self.members.close(&self.pull, &mut self.shared, &self.groups)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn expect_text(&self, expected: &str, what: &'static str) -> Result<(), FormatError> {
        if self.shared.finished && self.pull.text() != expected {
            return Err(self.pull.altered(what));
        }
        Ok(())
    }

    /// Persons and groups are complete: groups get their place in the tree, links can follow.
    fn begin_links(&mut self) -> Result<(), FormatError> {
        if !self.linking {
            self.linking = true;
            self.groups.place(&self.pull, &mut self.shared)?;
            self.shared.draft.close();
            // Every person is in the draft, every link checked: what they took goes.
            std::mem::take(&mut self.persons).relate(&self.pull, &mut self.shared)?;
        }
        Ok(())
    }
}
