//! Schools, persons, groups, memberships and relations, as seen from outside: borrowed text.
//!
//! `Debug` prints `•••`: an entity is about a child, and debug output ends up in logs.

use std::borrow::Cow;
use std::fmt;

use super::words::{GroupKind, Kind, RelationKind, Role};

/// Separates the items of a field that holds several: the unit separator, which no text holds.
pub(super) const SEPARATOR: char = '\u{1f}';

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Roles(u8);

impl Roles {
    /// The set with one role.
    pub fn of(role: Role) -> Self {
        Roles(1 << role as u8)
    }

    /// Whether the role is in the set.
    pub fn contains(self, role: Role) -> bool {
        self.0 & Self::of(role).0 != 0
    }

    /// The roles of both sets.
    #[must_use]
    pub fn union(self, other: Roles) -> Self {
        Roles(self.0 | other.0)
    }

    /// The roles that are in both sets.
    #[must_use]
    pub fn intersection(self, other: Roles) -> Self {
        Roles(self.0 & other.0)
    }

    /// Whether there is no role.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The roles, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |&role| self.contains(role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Roles::default(), |set, role| set.union(Roles::of(role)))
    }
}

macro_rules! hidden_debug {
    ($($name:ident),*) => { $(
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(•••)"))
            }
        }
    )* };
}
hidden_debug!(School, Person, Group, Membership, Relation);

/// A school, preschool or other unit.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct School<'a> {
    /// The sync key: for most schools the eight-digit school unit code.
    pub key: &'a str,
    /// The name, which is no personal datum.
    pub name: &'a str,
}

/// A pupil, employee or guardian. Empty text means that the register says nothing.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Person<'a> {
    /// The sync key, never changed and never reused.
    pub key: &'a str,
    /// Personnummer, samordningsnummer or interim number in twelve places.
    pub personal_number: &'a str,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// User name.
    pub username: &'a str,
    /// Phone other than mobile.
    pub phone: &'a str,
    /// Mobile phone.
    pub mobile: &'a str,
    /// School year of a pupil, as the register writes it.
    pub school_year: &'a str,
    /// What the person is.
    pub roles: Roles,
    /// Keys of the person's schools, sorted, with [`Person::schools`] as the way to read them.
    pub school_keys: Cow<'a, str>,
}

/// A class, teaching group or other group of persons.
#[derive(Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// The sync key, never changed and never reused.
    pub key: &'a str,
    /// The name.
    pub name: &'a str,
    /// What the group is for.
    pub kind: GroupKind,
    /// Key of the school, or empty.
    pub school: &'a str,
    /// The school year or term, as the register writes it.
    pub term: &'a str,
    /// The course code.
    pub course: &'a str,
    /// Key of the group that this one is part of, or empty.
    pub parent: &'a str,
    /// First day, `YYYY-MM-DD`, or empty.
    pub begin: &'a str,
    /// Last day, `YYYY-MM-DD`, or empty.
    pub end: &'a str,
}

/// A person in a group. Identified by person, group and role; the period is a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    /// Key of the group.
    pub group: &'a str,
    /// Key of the person.
    pub person: &'a str,
    /// What the person is in the group.
    pub role: Role,
    /// First day, `YYYY-MM-DD`, or empty.
    pub begin: &'a str,
    /// Last day, `YYYY-MM-DD`, or empty.
    pub end: &'a str,
}

/// A person's relation to a pupil: `person` is the guardian or mentor of `to`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Relation<'a> {
    /// Key of the guardian or mentor.
    pub person: &'a str,
    /// Key of the pupil.
    pub to: &'a str,
    /// What `person` is to `to`.
    pub kind: RelationKind,
}

impl<'a> Person<'a> {
    /// Keys of the person's schools, sorted.
    pub fn schools(&self) -> impl Iterator<Item = &str> {
        self.school_keys.split(SEPARATOR).filter(|key| !key.is_empty())
    }

    /// Sets the person's schools, in any order and with repeats.
    pub fn set_schools<'b>(&mut self, keys: impl IntoIterator<Item = &'b str>) {
        let mut keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
        keys.sort_unstable();
        keys.dedup();
        self.school_keys = Cow::Owned(keys.join(&SEPARATOR.to_string()));
    }

    /// Reads a canonical line; `None` when it is not one.
    pub fn from_line(line: &'a str) -> Option<Self> {
        Self::from_fields(fields(line))
    }

    /// Reads the fields of a canonical line; `None` when they are not.
    pub(super) fn from_fields(mut fields: impl Iterator<Item = &'a str>) -> Option<Self> {
        let person = Person {
            key: fields.next()?,
            personal_number: fields.next()?,
            given_name: fields.next()?,
            family_name: fields.next()?,
            email: fields.next()?,
            username: fields.next()?,
            phone: fields.next()?,
            mobile: fields.next()?,
            school_year: fields.next()?,
            roles: roles_from(fields.next()?)?,
            school_keys: Cow::Borrowed(fields.next()?),
        };
        fields.next().is_none().then_some(person)
    }

    /// Appends the canonical line.
    pub fn write_line(&self, out: &mut String) {
        let texts = [
            self.key,
            self.personal_number,
            self.given_name,
            self.family_name,
            self.email,
            self.username,
            self.phone,
            self.mobile,
            self.school_year,
        ];
        for text in texts {
            field(out, text);
            out.push('\t');
        }
        for (place, role) in self.roles.iter().enumerate() {
            if place > 0 {
                out.push(SEPARATOR);
            }
            out.push_str(role.as_str());
        }
        for (place, key) in self.school_keys.split(SEPARATOR).enumerate() {
            out.push(if place == 0 { '\t' } else { SEPARATOR });
            field(out, key);
        }
    }
}

/// Roles in a canonical line, each once and in their order.
fn roles_from(text: &str) -> Option<Roles> {
    // Nearly everybody has one.
    if let Ok(role) = text.parse() {
        return Some(Roles::of(role));
    }
    if text.is_empty() {
        return Some(Roles::default());
    }
    let roles: Vec<Role> =
        text.split(SEPARATOR).map(|word| word.parse().ok()).collect::<Option<_>>()?;
    roles.is_sorted_by(|a, b| a < b).then(|| roles.into_iter().collect())
}

impl<'a> School<'a> {
    /// Reads a canonical line; `None` when it is not one.
    pub fn from_line(line: &'a str) -> Option<Self> {
        let (key, name) = line.split_once('\t')?;
        (!name.contains('\t')).then_some(School { key, name })
    }

    /// Appends the canonical line.
    pub fn write_line(&self, out: &mut String) {
        write_fields(out, &[self.key, self.name]);
    }
}

impl<'a> Group<'a> {
    /// Reads a canonical line; `None` when it is not one.
    pub fn from_line(line: &'a str) -> Option<Self> {
        Self::from_fields(fields(line))
    }

    /// Reads the fields of a canonical line; `None` when they are not.
    pub(super) fn from_fields(mut fields: impl Iterator<Item = &'a str>) -> Option<Self> {
        let group = Group {
            key: fields.next()?,
            name: fields.next()?,
            kind: fields.next()?.parse().ok()?,
            school: fields.next()?,
            term: fields.next()?,
            course: fields.next()?,
            parent: fields.next()?,
            begin: fields.next()?,
            end: fields.next()?,
        };
        fields.next().is_none().then_some(group)
    }

    /// Appends the canonical line.
    pub fn write_line(&self, out: &mut String) {
        let fields = [
            self.key,
            self.name,
            self.kind.as_str(),
            self.school,
            self.term,
            self.course,
            self.parent,
            self.begin,
            self.end,
        ];
        write_fields(out, &fields);
    }
}

impl<'a> Membership<'a> {
    /// Reads a canonical line; `None` when it is not one.
    pub fn from_line(line: &'a str) -> Option<Self> {
        let mut fields = fields(line);
        let membership = Membership {
            group: fields.next()?,
            person: fields.next()?,
            role: fields.next()?.parse().ok()?,
            begin: fields.next()?,
            end: fields.next()?,
        };
        fields.next().is_none().then_some(membership)
    }

    /// Appends the canonical line.
    pub fn write_line(&self, out: &mut String) {
        write_fields(out, &[self.group, self.person, self.role.as_str(), self.begin, self.end]);
    }
}

impl<'a> Relation<'a> {
    /// Reads a canonical line; `None` when it is not one.
    pub fn from_line(line: &'a str) -> Option<Self> {
        let mut fields = fields(line);
        let relation = Relation {
            person: fields.next()?,
            to: fields.next()?,
            kind: fields.next()?.parse().ok()?,
        };
        fields.next().is_none().then_some(relation)
    }

    /// Appends the canonical line.
    pub fn write_line(&self, out: &mut String) {
        write_fields(out, &[self.person, self.to, self.kind.as_str()]);
    }
}

/// The part of a canonical line that says which entity it is.
pub fn identity(kind: Kind, line: &str) -> &str {
    let tabs = match kind {
        Kind::School | Kind::Person | Kind::Group => 1,
        Kind::Membership | Kind::Relation => 3,
    };
    let end = memchr::memchr_iter(b'\t', line.as_bytes()).nth(tabs - 1);
    // The tab belongs to it, so that identities sort as lines do.
    end.map_or(line, |end| &line[..=end])
}

/// The fields of a canonical line, or of the rest of one.
pub fn fields(line: &str) -> Fields<'_> {
    Fields(Some(line))
}

/// See [`fields`].
#[derive(Clone, Debug)]
pub struct Fields<'a>(Option<&'a str>);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        let Some(end) = memchr::memchr(b'\t', rest.as_bytes()) else { return self.0.take() };
        self.0 = Some(&rest[end + 1..]);
        Some(&rest[..end])
    }
}

fn write_fields(out: &mut String, fields: &[&str]) {
    for (place, text) in fields.iter().enumerate() {
        if place > 0 {
            out.push('\t');
        }
        field(out, text);
    }
}

/// Appends one field. A control character would break the line, so it is a bug to get here
/// with one: decoders replace them and say so.
fn field(out: &mut String, text: &str) {
    let is_control = |b: u8| b < b' ';
    let has_control = text.bytes().fold(false, |any, b| any | is_control(b));
    assert!(!has_control, "fields of a roster hold no control characters");
    out.push_str(text);
}
