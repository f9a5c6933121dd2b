//! Fields of persons and groups that a roster holds and does not show: whoever is told less than the register
//! says shares its text all the same.

use std::borrow::Cow;

use super::entity::{Group, Person, fields};
use super::words::Kind;

/// Fields of persons and groups that a roster does not show, each or none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a set of named fields, each in it or not")]
pub struct Untold {
    /// A person's personal number.
    pub personal_number: bool,
    /// A person's given name.
    pub given_name: bool,
    /// A person's family name.
    pub family_name: bool,
    /// A person's e-mail address.
    pub email: bool,
    /// A person's user name.
    pub username: bool,
    /// A person's phone other than mobile.
    pub phone: bool,
    /// A person's mobile phone.
    pub mobile: bool,
    /// A person's school year.
    pub school_year: bool,
    /// A person's schools.
    pub schools: bool,
    /// A group's school year or term.
    pub term: bool,
    /// A group's course code.
    pub course: bool,
    /// The group that a group is part of.
    pub parent: bool,
    /// A group's first and last day.
    pub periods: bool,
}

impl Untold {
    /// The fields of both.
    pub(super) fn and(self, other: Untold) -> Untold {
        Untold {
            personal_number: self.personal_number || other.personal_number,
            given_name: self.given_name || other.given_name,
            family_name: self.family_name || other.family_name,
            email: self.email || other.email,
            username: self.username || other.username,
            phone: self.phone || other.phone,
            mobile: self.mobile || other.mobile,
            school_year: self.school_year || other.school_year,
            schools: self.schools || other.schools,
            term: self.term || other.term,
            course: self.course || other.course,
            parent: self.parent || other.parent,
            periods: self.periods || other.periods,
        }
    }

    /// Which fields of a kind's line are not shown, in the order of the line; `None` when all are.
    pub(super) fn fields_of(self, kind: Kind) -> Option<[bool; FIELDS]> {
        let mut untold = [false; FIELDS];
        match kind {
            // The key stands before these, and the roles before the schools.
            Kind::Person => {
                untold[1..9].copy_from_slice(&[
                    self.personal_number,
                    self.given_name,
                    self.family_name,
                    self.email,
                    self.username,
                    self.phone,
                    self.mobile,
                    self.school_year,
                ]);
                untold[10] = self.schools;
            }
            // Key, name, kind and school stand before these.
            Kind::Group => untold[4..9].copy_from_slice(&[
                self.term,
                self.course,
                self.parent,
                self.periods,
                self.periods,
            ]),
            Kind::School | Kind::Membership | Kind::Relation => {}
        }
        untold.contains(&true).then_some(untold)
    }

    /// The person as shown.
    pub(super) fn show_person(self, mut person: Person<'_>) -> Person<'_> {
        let texts = [
            (&mut person.personal_number, self.personal_number),
            (&mut person.given_name, self.given_name),
            (&mut person.family_name, self.family_name),
            (&mut person.email, self.email),
            (&mut person.username, self.username),
            (&mut person.phone, self.phone),
            (&mut person.mobile, self.mobile),
            (&mut person.school_year, self.school_year),
        ];
        for (text, untold) in texts {
            if untold {
                *text = "";
            }
        }
        if self.schools {
            person.school_keys = Cow::Borrowed("");
        }
        person
    }

    /// The group as shown.
    pub(super) fn show_group(self, mut group: Group<'_>) -> Group<'_> {
        let texts = [
            (&mut group.term, self.term),
            (&mut group.course, self.course),
            (&mut group.parent, self.parent),
            (&mut group.begin, self.periods),
            (&mut group.end, self.periods),
        ];
        for (text, untold) in texts {
            if untold {
                *text = "";
            }
        }
        group
    }
}

/// No line has more fields than a person's.
pub(super) const FIELDS: usize = 11;

/// Appends a canonical line without the text of some fields.
pub(super) fn copy(line: &str, untold: &[bool; FIELDS], out: &mut String) {
    for (field, untold) in fields(line).zip(untold) {
        out.push_str(if *untold { "" } else { field });
        out.push('\t');
    }
    out.pop();
}
