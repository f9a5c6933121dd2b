//! What differs between what a target was last told and what it would be told now, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::field::FieldTally;
use super::verdict::Subject;
use crate::roster::field::PersonField;
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

impl Tally {
    fn is_nothing(&self) -> bool {
        *self == Tally::default()
    }
}

/// The numbers of one school.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct SchoolTally {
    /// The school's key.
    pub key: String,
    /// The school's name, or its key when the register gives none.
    pub name: String,
    /// Its persons; removed ones are those who left this school, also to another.
    pub persons: Tally,
    /// Its persons by role; who leaves the school or loses the role is removed here.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<Role, Tally>,
    /// Its groups; removed ones are those that went to another school, too.
    #[serde(skip_serializing_if = "Tally::is_nothing")]
    pub groups: Tally,
    /// The memberships in its groups.
    #[serde(skip_serializing_if = "Tally::is_nothing")]
    pub memberships: Tally,
}

impl SchoolTally {
    /// What there is at the school beside its persons as a whole. A register that writes a file
    /// for each school loses just these of one of them, which is little of all.
    pub fn parts(&self) -> impl Iterator<Item = (Subject, Tally)> + '_ {
        let roles = self.roles.iter().map(|(&role, &tally)| (Subject::Role(role), tally));
        let links = [(Subject::Groups, self.groups), (Subject::Memberships, self.memberships)];
        let here = |(what, tally)| (Subject::AtSchool(Box::new(what), self.name.clone()), tally);
        roles.chain(links).map(here)
    }
}

/// How many are gone under one key and new under another: the same human, the same group. They
/// are counted among the removed and the added ones, too.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Rekeyed {
    /// Pairs of persons.
    pub persons: u64,
    /// Pairs of groups.
    pub groups: u64,
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
    /// Groups that would no longer be told, of kinds that the receiver then archives for good.
    #[serde(default)]
    pub archived: u64,
    /// Persons and groups that got another key.
    #[serde(default)]
    pub rekeyed: Rekeyed,
    /// Fields of the persons who are told now as before, where any had a value.
    #[serde(default)]
    pub fields: BTreeMap<PersonField, FieldTally>,
    /// Changed persons of whom only the school year differs.
    #[serde(default)]
    pub promoted: u64,
}

impl Counts {
    /// The names of schools that these numbers know, by their keys.
    pub fn school_names(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let named = self.by_school.iter().filter(|school| school.name != school.key);
        named.map(|school| (school.key.clone(), school.name.clone()))
    }

    /// Gives schools of which the target is told no names those that are known elsewhere.
    pub fn name_schools(&mut self, names: &BTreeMap<String, String>) {
        for school in self.by_school.iter_mut().filter(|school| school.name == school.key) {
            if let Some(name) = names.get(&school.key) {
                school.name.clone_from(name);
            }
        }
    }

    /// A number of one school, or nothing where the school is none.
    pub fn at_school(&self, key: &str, number: impl Fn(&SchoolTally) -> Tally) -> Tally {
        let found = self.by_school.binary_search_by(|school| school.key.as_str().cmp(key));
        found.map_or_else(|_| Tally::default(), |at| number(&self.by_school[at]))
    }

    /// Persons who are told now as before, a new school year aside.
    pub fn persons_unchanged(&self) -> u64 {
        let Tally { before, changed, removed, .. } = self.persons;
        before.saturating_sub(removed).saturating_sub(changed.saturating_sub(self.promoted))
    }
}
