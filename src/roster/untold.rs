//! Fields of persons and groups that a roster holds and does not show: whoever is told less than
//! the register says shares its text all the same.

use super::entity::fields;
use super::field::PersonField;
use super::words::Kind;

/// A field that a roster can hold without showing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// One of a person's texts.
    Person(PersonField),
    /// A person's schools.
    Schools,
    /// A group's school year or term.
    Term,
    /// A group's course code.
    Course,
    /// The group that a group is part of.
    Parent,
    /// A group's first and last day.
    Periods,
}

impl Field {
    /// Whose it is, and its places in the canonical line, a bit for each.
    fn places(self) -> (Kind, u16) {
        match self {
            Field::Person(PersonField::Class) => (Kind::Person, 0),
            // The key stands before these.
            Field::Person(field) => (Kind::Person, 1 << (field as u16 + 1)),
            Field::Schools => (Kind::Person, 1 << 10),
            Field::Term => (Kind::Group, 1 << 4),
            Field::Course => (Kind::Group, 1 << 5),
            Field::Parent => (Kind::Group, 1 << 6),
            Field::Periods => (Kind::Group, 0b11 << 7),
        }
    }
}

/// The fields that a roster does not show.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Untold {
    persons: Places,
    groups: Places,
}

/// Places in a canonical line, a bit for each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Places(u16);

impl FromIterator<Field> for Untold {
    fn from_iter<T: IntoIterator<Item = Field>>(fields: T) -> Self {
        let mut untold = Untold::default();
        for (kind, places) in fields.into_iter().map(Field::places) {
            match kind {
                Kind::Group => untold.groups.0 |= places,
                _ => untold.persons.0 |= places,
            }
        }
        untold
    }
}

impl Untold {
    /// The fields of both.
    pub(super) fn and(self, other: Untold) -> Untold {
        Untold {
            persons: Places(self.persons.0 | other.persons.0),
            groups: Places(self.groups.0 | other.groups.0),
        }
    }

    /// The same without the fields of the other.
    pub(super) fn except(self, other: Untold) -> Untold {
        Untold {
            persons: Places(self.persons.0 & !other.persons.0),
            groups: Places(self.groups.0 & !other.groups.0),
        }
    }

    /// Where they stand in a line of a kind.
    pub(super) fn of(self, kind: Kind) -> Places {
        match kind {
            Kind::Person => self.persons,
            Kind::Group => self.groups,
            Kind::School | Kind::Membership | Kind::Relation => Places::default(),
        }
    }
}

impl Places {
    pub(super) fn are_none(self) -> bool {
        self.0 == 0
    }

    /// The fields of a line as shown: these are empty.
    pub(super) fn shown(self, line: &str) -> impl Iterator<Item = &str> {
        fields(line).zip(0..).map(move |(field, at)| if self.0 >> at & 1 == 1 { "" } else { field })
    }

    /// Appends a line as shown.
    pub(super) fn copy(self, line: &str, out: &mut String) {
        for field in self.shown(line) {
            out.push_str(field);
            out.push('\t');
        }
        out.pop();
    }
}
