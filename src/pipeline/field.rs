//! The fields of a person that are judged by themselves: a column that turned blank or that has
//! other values for everybody is a fault of the export, though no person is missing.

use serde::{Deserialize, Serialize};

use crate::formats::carried::Carried;
use crate::roster::entity::fields;

/// One field of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
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
}

impl Field {
    /// Every field, in the order in which a person's line holds them after the key.
    pub const ALL: [Field; 8] = [
        Field::PersonalNumber,
        Field::GivenName,
        Field::FamilyName,
        Field::Email,
        Field::Username,
        Field::Phone,
        Field::Mobile,
        Field::SchoolYear,
    ];

    /// Whether the receiver is shown it.
    pub fn is_carried(self, carried: Carried) -> bool {
        match self {
            Field::PersonalNumber => carried.personal_number,
            Field::GivenName => carried.given_name,
            Field::FamilyName => carried.family_name,
            Field::Email => carried.email,
            Field::Username => carried.username,
            Field::Phone => carried.phone,
            Field::Mobile => carried.mobile,
            Field::SchoolYear => carried.school_year,
        }
    }
}

/// One field among the persons who are told now as before, gross.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct FieldTally {
    /// How many of them had a value.
    pub before: u64,
    /// How many of those have none now.
    pub emptied: u64,
    /// How many of those have another value now.
    pub changed: u64,
}

/// The fields of all persons while they are counted, in the order of [`Field::ALL`].
#[derive(Clone, Copy, Default)]
pub(super) struct FieldCounter([FieldTally; 8]);

impl FieldCounter {
    /// A person whose line is the same.
    pub(super) fn same(&mut self, line: &str) {
        for (tally, value) in self.0.iter_mut().zip(fields(line).skip(1)) {
            tally.before += u64::from(!value.is_empty());
        }
    }

    /// A person whose line is another.
    pub(super) fn differing(&mut self, old: &str, new: &str) {
        let values = fields(old).zip(fields(new)).skip(1);
        for (tally, (old, new)) in self.0.iter_mut().zip(values) {
            if !old.is_empty() {
                tally.before += 1;
                tally.emptied += u64::from(new.is_empty());
                tally.changed += u64::from(!new.is_empty() && new != old);
            }
        }
    }

    /// The fields that the receiver is shown and of which it knew any value.
    pub(super) fn told(self, carried: Carried) -> impl Iterator<Item = (Field, FieldTally)> {
        let all = Field::ALL.into_iter().zip(self.0);
        all.filter(move |(field, tally)| field.is_carried(carried) && tally.before > 0)
    }
}
