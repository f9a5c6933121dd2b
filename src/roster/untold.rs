//! Fields of persons that a roster holds and does not show: whoever is told less than the register
//! says shares its text all the same.

use std::borrow::Cow;

use super::entity::{Person, fields};

/// Fields of persons that a roster does not show, each or none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a set of named fields, each in it or not")]
pub struct Untold {
    /// The personal number.
    pub personal_number: bool,
    /// The given name.
    pub given_name: bool,
    /// The family name.
    pub family_name: bool,
    /// The e-mail address.
    pub email: bool,
    /// The user name.
    pub username: bool,
    /// The phone other than mobile.
    pub phone: bool,
    /// The mobile phone.
    pub mobile: bool,
    /// The school year.
    pub school_year: bool,
    /// The schools.
    pub schools: bool,
}

impl Untold {
    /// Whether every field is shown.
    pub(super) fn is_nothing(self) -> bool {
        self == Untold::default()
    }

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
        }
    }

    /// Appends a person's canonical line as shown.
    pub(super) fn copy(self, line: &str, out: &mut String) {
        // In the order of the line: the key, these, and between the last two the roles.
        let untold = [
            false,
            self.personal_number,
            self.given_name,
            self.family_name,
            self.email,
            self.username,
            self.phone,
            self.mobile,
            self.school_year,
            false,
            self.schools,
        ];
        for (field, untold) in fields(line).zip(untold) {
            out.push_str(if untold { "" } else { field });
            out.push('\t');
        }
        out.pop();
    }

    /// The person as shown.
    pub(super) fn show(self, mut person: Person<'_>) -> Person<'_> {
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
}
