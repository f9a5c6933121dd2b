//! Reads persons, and keeps their links to children and guardians until all persons are known.

use super::super::person::{FULL_NAME, userid};
use super::super::rules::{BY_STRENGTH, strongest};
use super::super::values::UsernameField;
use super::names::Names;
use super::pull::Pull;
use super::tags::{Attributes, Tag};
use super::{NO_KEY, Shared, UNKNOWN_WORD};
use crate::formats::error::FormatError;
use crate::formats::fitting::cut;
use crate::roster::draft::Marking;
use crate::roster::entity::{Person, Relation, Roles};
use crate::roster::issue::Severity;
use crate::roster::words::RelationKind;

/// Which `userid` an element holds.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Userid {
    #[default]
    Login,
    PersonalNumber,
}

/// Which telephone an element holds.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Tel {
    #[default]
    Voice,
    Mobile,
    Other,
}

/// The person being read, as text.
#[derive(Default)]
struct Texts {
    key: String,
    personal_number: String,
    login: String,
    full_name: String,
    given: String,
    family: String,
    email: String,
    phone: String,
    mobile: String,
}

impl Texts {
    /// Forgets the texts and keeps their room for the next person.
    fn clear(&mut self) {
        let Texts { key, personal_number, login, full_name, given, family, email, phone, mobile } =
            self;
        for text in [key, personal_number, login, full_name, given, family, email, phone, mobile] {
            text.clear();
        }
    }
}

/// A link in a person's extension, by the numbers of the keys.
#[derive(Clone, Copy)]
struct Link {
    line: u32,
    guardian: u32,
    child: u32,
}

impl Link {
    fn ends(&self) -> (u32, u32) {
        (self.guardian, self.child)
    }
}

/// Reads persons.
#[derive(Default)]
pub(super) struct Persons {
    line: u64,
    /// Whether the record says that the person is to be deleted.
    gone: bool,
    texts: Texts,
    roles: Roles,
    /// Every role as it stands in a finished document, for comparison.
    role_names: String,
    userid: Userid,
    tel: Tel,
    former_key: bool,
    /// In a relationship: what the person is to the other, and the other's key.
    side: String,
    other: String,
    names: Names,
    /// The number of the person's own key, once it is known.
    own: Option<u32>,
    by_guardians: Vec<Link>,
    by_children: Vec<Link>,
    /// Whether both sides were compared, and no more persons may come.
    pub(super) checked: bool,
}

impl Persons {
    pub(super) fn open(&mut self, line: u64, attributes: &Attributes) {
        self.line = line;
        self.gone = attributes.recstatus == "3";
        self.texts.clear();
        self.roles = Roles::default();
        self.role_names.clear();
        self.own = None;
    }

    pub(super) fn open_part(&mut self, pull: &Pull<'_>, shared: &Shared<'_>) {
        let attributes = pull.attributes();
        match pull.path()[2..] {
            [Tag::Sourcedid] => {
                self.former_key = matches!(&attributes.sourcedidtype[..], "Old" | "Duplicate");
            }
            [Tag::Userid] if attributes.useridtype.eq_ignore_ascii_case("PID") => {
                self.userid = Userid::PersonalNumber;
            }
            [Tag::Userid] => self.userid = Userid::Login,
            [Tag::Tel] => {
                self.tel = match &attributes.teltype[..] {
                    "" | "1" | "Voice" => Tel::Voice,
                    "3" | "Mobile" => Tel::Mobile,
                    _ => Tel::Other,
                }
            }
            [Tag::Institutionrole] => self.role(pull, shared),
            [Tag::Extension, Tag::Relationship] => {
                self.side.clear();
                self.other.clear();
            }
            _ => {}
        }
    }

    fn role(&mut self, pull: &Pull<'_>, shared: &Shared<'_>) {
        let name = pull.attributes().institutionroletype.trim();
        if let Some(role) = shared.rules.person_role_of(name) {
            self.roles = self.roles.union(Roles::of(role));
        }
        if shared.finished {
            put_role(&mut self.role_names, &pull.attributes().primaryrole, name);
        }
    }

    pub(super) fn close(
        &mut self,
        pull: &Pull<'_>,
        shared: &mut Shared<'_>,
    ) -> Result<(), FormatError> {
        let text = pull.text();
        let texts = &mut self.texts;
        match pull.path()[2..] {
            [Tag::Sourcedid] if !self.former_key => {
                shared.put_key(&mut texts.key);
                self.own = shared.told.map(|told| self.names.next(told, &texts.key));
            }
            [Tag::Userid] => match self.userid {
                Userid::Login => texts.login.clone_from(text),
                Userid::PersonalNumber => texts.personal_number.clone_from(text),
            },
            [Tag::Name, Tag::Fn] => texts.full_name.clone_from(text),
            [Tag::Name, Tag::N, Tag::Family] => texts.family.clone_from(text),
            [Tag::Name, Tag::N, Tag::Given] => texts.given.clone_from(text),
            [Tag::Email] => texts.email.clone_from(text),
            [Tag::Tel] => match self.tel {
                Tel::Voice => texts.phone.clone_from(text),
                Tel::Mobile => texts.mobile.clone_from(text),
                Tel::Other => {}
            },
            [Tag::Extension, Tag::Relationship, Tag::Relationshiptype] => {
                self.side = text.to_ascii_lowercase();
            }
            [Tag::Extension, Tag::Relationship, Tag::Sourcedid] => shared.put_key(&mut self.other),
            [Tag::Extension, Tag::Relationship] => self.link(pull, shared)?,
            [] => self.finish(pull, shared)?,
            _ => {}
        }
        Ok(())
    }

    /// A relationship names the person's own side: a parent's holds the child, and the reverse.
    fn link(&mut self, pull: &Pull<'_>, shared: &mut Shared<'_>) -> Result<(), FormatError> {
        if shared.finished && !shared.rules.parent_links {
            return Err(pull.altered("a link between persons"));
        }
        if self.gone || !shared.rules.parent_links {
            return Ok(());
        }
        let (line, told) = (pull.line(), shared.told);
        let at = shared.place(line).line;
        let own = *self.own.get_or_insert_with(|| self.names.number(told, &self.texts.key));
        let other = self.names.number(told, &self.other);
        match self.side.as_str() {
            "parent" => self.by_guardians.push(Link { line: at, guardian: own, child: other }),
            "child" => self.by_children.push(Link { line: at, guardian: other, child: own }),
            _ => shared.note(UNKNOWN_WORD, Severity::Warning, line, "relationshiptype"),
        }
        Ok(())
    }

    fn finish(&mut self, pull: &Pull<'_>, shared: &mut Shared<'_>) -> Result<(), FormatError> {
        if self.gone {
            return Ok(());
        }
        if self.texts.key.is_empty() {
            shared.note(NO_KEY, Severity::SetAside, self.line, "sourcedid");
            return Ok(());
        }
        let texts = &self.texts;
        let person = person(texts, shared.rules.username, self.roles);
        if shared.finished {
            self.check(pull, shared, &person)?;
        }
        shared.draft.person(shared.place(self.line), &person, Marking::None);
        Ok(())
    }

    /// Checks what follows from the rest: the full name, the user name, the words for the roles.
    fn check(
        &self,
        pull: &Pull<'_>,
        shared: &Shared<'_>,
        person: &Person<'_>,
    ) -> Result<(), FormatError> {
        let names = [person.given_name, person.family_name];
        let full: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        if self.texts.full_name != cut(&full.join(" "), FULL_NAME) {
            return Err(pull.altered("a person's full name"));
        }
        if self.texts.login != userid(shared.rules.username, person) {
            return Err(pull.altered("a person's user name"));
        }
        let told = shared.told.zip(self.own.map(|own| own as usize));
        let told = told.filter(|&(told, own)| own < told.person_count());
        let roles = told.map_or(self.roles, |(told, own)| told.person_at(own).roles);
        let mut expected = String::new();
        for role in BY_STRENGTH.into_iter().filter(|&role| roles.contains(role)) {
            let primary = if strongest(roles) == Some(role) { "Yes" } else { "No" };
            put_role(&mut expected, primary, shared.rules.institution_role(role));
        }
        if self.role_names != expected {
            return Err(pull.altered("a person's roles"));
        }
        Ok(())
    }

    /// Both sides of a finished document name the same links, and one of them is enough then.
    pub(super) fn check_links(
        &mut self,
        pull: &Pull<'_>,
        shared: &Shared<'_>,
    ) -> Result<(), FormatError> {
        if !shared.finished || self.checked {
            return Ok(());
        }
        self.checked = true;
        let by_children = std::mem::take(&mut self.by_children);
        if same_ends(&mut self.by_guardians, by_children) {
            return Ok(());
        }
        Err(pull.altered("one side of a link between persons"))
    }

    /// Adds the links, now that all persons are known.
    pub(super) fn relate(
        mut self,
        pull: &Pull<'_>,
        shared: &mut Shared<'_>,
    ) -> Result<(), FormatError> {
        self.check_links(pull, shared)?;
        let told = shared.told;
        let key = |number| self.names.key(told, number);
        for link in self.by_guardians.iter().chain(&self.by_children) {
            let (person, to) = (key(link.guardian), key(link.child));
            let relation = Relation { person, to, kind: RelationKind::Guardian };
            let place = shared.place(u64::from(link.line));
            shared.draft.relation(place, &relation);
        }
        Ok(())
    }
}

fn put_role(names: &mut String, primary: &str, name: &str) {
    for part in [primary, "\t", name, "\n"] {
        names.push_str(part);
    }
}

/// Whether both sides name the same links; sorts them.
fn same_ends(links: &mut [Link], mut others: Vec<Link>) -> bool {
    links.sort_unstable_by_key(Link::ends);
    others.sort_unstable_by_key(Link::ends);
    links.iter().map(Link::ends).eq(others.iter().map(Link::ends))
}

/// The person as read. A user name that does not follow from the other fields, as the settings
/// say it should, is kept: the receiver knows the person by it, so a change must show.
fn person(texts: &Texts, username: UsernameField, roles: Roles) -> Person<'_> {
    let by_login = username == UsernameField::PersonalNumber;
    let mut person = Person {
        key: &texts.key,
        personal_number: if by_login { &texts.login } else { &texts.personal_number },
        given_name: &texts.given,
        family_name: &texts.family,
        email: &texts.email,
        phone: &texts.phone,
        mobile: &texts.mobile,
        roles,
        ..Person::default()
    };
    if userid(username, &person) != texts.login {
        person.username = &texts.login;
    }
    person
}
