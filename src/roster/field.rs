//! The fields of a person that stand for themselves: judged one by one, and told or not.

use serde::{Deserialize, Serialize};

/// A field of a person that holds a single text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonField {
    /// Personnummer, samordningsnummer or interim number.
    PersonalNumber,
    /// Given name.
    GivenName,
    /// Family name.
    FamilyName,
    /// E-mail address.
    Email,
    /// User name.
    Username,
    /// Phone other than mobile.
    Phone,
    /// Mobile phone.
    Mobile,
    /// A pupil's school year.
    SchoolYear,
    /// The names of a person's classes, which no line of a person holds: they follow from the
    /// groups.
    Class,
}

impl PersonField {
    /// Every field of a person's line, in the order in which it holds them after the key.
    pub const ALL: [PersonField; 8] = [
        PersonField::PersonalNumber,
        PersonField::GivenName,
        PersonField::FamilyName,
        PersonField::Email,
        PersonField::Username,
        PersonField::Phone,
        PersonField::Mobile,
        PersonField::SchoolYear,
    ];
}
