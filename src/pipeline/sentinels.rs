//! Sentinels: what must stand in every file. No approval overrides them, so that nobody says yes
//! to a night that cannot be right.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::select::Selection;
use super::verdict::Subject;

/// What must be there, or nothing is sent and nobody can approve it.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Sentinels {
    /// Keys of schools that must be told with at least one person. Those that a target does not
    /// select are not demanded from it.
    pub schools: Option<BTreeSet<String>>,
    /// So many persons at least.
    pub persons: Option<u64>,
    /// So many groups at least.
    pub groups: Option<u64>,
    /// So many memberships at least.
    pub memberships: Option<u64>,
}

impl Sentinels {
    /// These, and where they say nothing, `below`.
    pub(super) fn over(&self, below: &Sentinels) -> Sentinels {
        Sentinels {
            schools: self.schools.clone().or_else(|| below.schools.clone()),
            persons: self.persons.or(below.persons),
            groups: self.groups.or(below.groups),
            memberships: self.memberships.or(below.memberships),
        }
    }
}

/// A sentinel that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Nobody would be told at this school.
    School {
        /// Its key.
        key: String,
    },
    /// Fewer would be told.
    Fewer {
        /// Of what.
        subject: Subject,
        /// How many.
        count: u64,
        /// How many there must be.
        least: u64,
    },
}

/// The sentinels that are missing in what would be told.
pub fn missing(counts: &Counts, selection: &Selection, sentinels: &Sentinels) -> Vec<Missing> {
    let told = |key: &str| {
        counts.by_school.iter().any(|school| school.key == key && school.persons.now > 0)
    };
    let schools = sentinels.schools.iter().flatten();
    let schools = schools.filter(|key| selection.schools.has(key) && !told(key));
    let numbers = [
        (Subject::Persons, counts.persons.now, sentinels.persons),
        (Subject::Groups, counts.groups.now, sentinels.groups),
        (Subject::Memberships, counts.memberships.now, sentinels.memberships),
    ];
    let fewer = numbers.into_iter().filter_map(|(subject, count, least)| {
        let least = least.filter(|&least| count < least)?;
        Some(Missing::Fewer { subject, count, least })
    });
    schools.map(|key| Missing::School { key: key.clone() }).chain(fewer).collect()
}
