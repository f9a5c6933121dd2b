//! What a finished file lets its receiver see.

use crate::roster::field::PersonField;

/// The facts that a file in some format holds. What is not named here is not sent, and a change
/// in it is no change for the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a set of named facts, each there or not")]
pub struct Carried {
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
    /// A pupil's school year.
    pub school_year: bool,
    /// What a person is, exactly: every role can be told from the others.
    pub roles: bool,
    /// A person's schools.
    pub schools: bool,
    /// The schools.
    pub school_rows: bool,
    /// The groups.
    pub group_rows: bool,
    /// Who is in which group.
    pub membership_rows: bool,
    /// Who is guardian of whom.
    pub relation_rows: bool,
    /// The names of a person's classes, in a column of the person's row. Needs class groups and
    /// their memberships although no file may hold them as rows.
    pub class_names: bool,
    /// A group's name.
    pub group_name: bool,
    /// A group's kind, exactly: every kind can be told from the others.
    pub group_kind: bool,
    /// A group's school.
    pub group_school: bool,
    /// A group's school year or term.
    pub term: bool,
    /// A group's course code.
    pub course: bool,
    /// The group that a group is part of.
    pub parent: bool,
    /// First and last day of groups and memberships.
    pub periods: bool,
}

impl Carried {
    /// Whether the receiver is shown this of a person.
    #[must_use]
    pub fn shows(&self, field: PersonField) -> bool {
        match field {
            PersonField::PersonalNumber => self.personal_number,
            PersonField::GivenName => self.given_name,
            PersonField::FamilyName => self.family_name,
            PersonField::Email => self.email,
            PersonField::Username => self.username,
            PersonField::Phone => self.phone,
            PersonField::Mobile => self.mobile,
            PersonField::SchoolYear => self.school_year,
            PersonField::Class => self.class_names,
        }
    }
}
