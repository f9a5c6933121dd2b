//! Columns: what may stand in a file of each kind of rows.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What a column holds.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The word used in the configuration.
            pub fn as_str(self) -> &'static str {
                match self { $(Field::$variant => $word,)* }
            }
        }
    };
}

fields! {
    /// First day of a group or membership.
    Begin = "begin",
    /// Names of a person's classes.
    Class = "class",
    /// Course code of a group.
    Course = "course",
    /// E-mail address.
    Email = "email",
    /// Last day of a group or membership.
    End = "end",
    /// Family name.
    FamilyName = "family-name",
    /// Given name.
    GivenName = "given-name",
    /// Key of a membership's group.
    Group = "group",
    /// Name of a membership's group.
    GroupName = "group-name",
    /// Sync key of a person, group or school.
    Key = "key",
    /// Kind of a group or relation.
    Kind = "kind",
    /// Mobile phone.
    Mobile = "mobile",
    /// Name of a group or school; of a person, given name and family name.
    Name = "name",
    /// Key of the group that a group is part of.
    Parent = "parent",
    /// Key of a membership's or relation's person.
    Person = "person",
    /// Personal number.
    PersonalNumber = "personal-number",
    /// Phone other than mobile.
    Phone = "phone",
    /// Role of a person or member.
    Role = "role",
    /// Keys of a person's schools, or of a group's school.
    School = "school",
    /// Names of the same.
    SchoolName = "school-name",
    /// School year of a pupil.
    SchoolYear = "school-year",
    /// School year or term of a group.
    Term = "term",
    /// Key of the pupil in a relation.
    To = "to",
    /// User name.
    Username = "username",
}

/// What the rows of a file are.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Debug,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// A school each.
    Schools,
    /// A person each.
    Persons,
    /// A group each.
    Groups,
    /// A person in a group each.
    Memberships,
    /// A person and a pupil each.
    Relations,
}

impl Rows {
    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Rows::Schools => "schools",
            Rows::Persons => "persons",
            Rows::Groups => "groups",
            Rows::Memberships => "memberships",
            Rows::Relations => "relations",
        }
    }

    /// What a column may hold.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Rows::Schools => &[Field::Key, Field::Name],
            Rows::Persons => OF_PERSONS,
            Rows::Groups => OF_GROUPS,
            Rows::Memberships => OF_MEMBERSHIPS,
            Rows::Relations => &[Field::Person, Field::To, Field::Kind],
        }
    }

    /// The columns without which a row could not be told from others.
    pub fn keys(self) -> &'static [Field] {
        match self {
            Rows::Schools | Rows::Persons | Rows::Groups => &[Field::Key],
            Rows::Memberships => &[Field::Person, Field::Group],
            Rows::Relations => &[Field::Person, Field::To],
        }
    }
}

const OF_PERSONS: &[Field] = &[
    Field::Key,
    Field::PersonalNumber,
    Field::GivenName,
    Field::FamilyName,
    Field::Name,
    Field::Email,
    Field::Username,
    Field::Phone,
    Field::Mobile,
    Field::SchoolYear,
    Field::Role,
    Field::School,
    Field::SchoolName,
    Field::Class,
];

const OF_GROUPS: &[Field] = &[
    Field::Key,
    Field::Name,
    Field::Kind,
    Field::School,
    Field::SchoolName,
    Field::Term,
    Field::Course,
    Field::Parent,
    Field::Begin,
    Field::End,
];

const OF_MEMBERSHIPS: &[Field] =
    &[Field::Person, Field::Group, Field::Role, Field::Begin, Field::End, Field::GroupName];

/// A column: its header and what it holds. Written `["Header", "field"]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The header.
    pub header: String,
    /// What the column holds.
    pub field: Field,
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.header)?;
        pair.serialize_element(self.field.as_str())?;
        pair.end()
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known = Field::ALL.iter().find(|field| field.as_str() == word);
        known.copied().ok_or_else(|| D::Error::custom(unknown(&word, Field::ALL)))
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(2, Pair)
    }
}

struct Pair;

impl<'de> Visitor<'de> for Pair {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column as [\"Header\", \"field\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Column, A::Error> {
        let header: String =
            pair.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let field = pair.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        if pair.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(A::Error::invalid_length(3, &self));
        }
        if header.chars().any(char::is_control) {
            return Err(A::Error::custom("a header must hold no control characters"));
        }
        Ok(Column { header, field })
    }
}

/// Says that a word is no field, which one may be meant, and which there are.
pub(super) fn unknown(word: &str, fields: &[Field]) -> String {
    let words: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    let near = words.iter().map(|known| (distance(word, known), known)).min();
    let meant = match near {
        Some((apart, known)) if apart <= 3 && apart < word.len() => {
            format!("did you mean \"{known}\"? ")
        }
        _ => String::new(),
    };
    format!("unknown field \"{word}\"; {meant}there are {}", words.join(", "))
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
