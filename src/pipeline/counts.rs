//! What differs between what a target was last told and what it would be told now, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::roster::words::{GroupKind, Role};

/// Gross numbers: a thing that left and a thing that came are two, never zero.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// How many the target was last told.
    pub before: u64,
    /// How many it would be told now.
    pub now: u64,
    /// New ones.
    pub added: u64,
    /// Ones with other data.
    pub changed: u64,
    /// Ones that it would no longer be told.
    pub removed: u64,
}

/// The numbers of one school: its persons.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct SchoolTally {
    /// The school's key.
    pub key: String,
    /// The school's name, or its key when the register gives none.
    pub name: String,
    /// Its persons; removed ones are those who left this school, also to another.
    pub persons: Tally,
}

/// Every number that the safety filter judges and that mails show.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Schools.
    pub schools: Tally,
    /// Persons, each once.
    pub persons: Tally,
    /// Groups.
    pub groups: Tally,
    /// Memberships.
    pub memberships: Tally,
    /// Relations.
    pub relations: Tally,
    /// Persons by role; a person with two roles counts in both.
    pub roles: BTreeMap<Role, Tally>,
    /// Memberships by role.
    pub membership_roles: BTreeMap<Role, Tally>,
    /// Groups by kind.
    pub group_kinds: BTreeMap<GroupKind, Tally>,
    /// Persons by school, in key order.
    pub by_school: Vec<SchoolTally>,
    /// Names of schools that would no longer be told.
    pub schools_gone: Vec<String>,
}
