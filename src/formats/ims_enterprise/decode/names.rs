//! Keys of persons as numbers: whoever is expected has a rank already, and only others' keys are
//! kept as text.

use std::collections::HashMap;

use super::number;
use crate::roster::roster::Roster;

/// Numbers for keys: those of the roster that the document must hold, and after them the others.
#[derive(Default)]
pub(super) struct Names {
    others: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The rank that comes next where keys come in their order.
    next: usize,
}

impl Names {
    /// The number of a key; equal keys have equal numbers.
    pub(super) fn number(&mut self, told: Option<&Roster>, key: &str) -> u32 {
        if let Some(rank) = told.and_then(|told| told.find_person(key)) {
            return number(rank);
        }
        if let Some(&known) = self.numbers.get(key) {
            return known;
        }
        let next = number(persons(told) + self.others.len());
        self.others.push(key.to_owned());
        self.numbers.insert(key.to_owned(), next);
        next
    }

    /// The number of the key that the next person has, who is most often the next in order.
    pub(super) fn next(&mut self, told: &Roster, key: &str) -> u32 {
        let next = self.next;
        self.next += 1;
        if next < told.person_count() && told.person_key(next) == key {
            return number(next);
        }
        let found = self.number(Some(told), key);
        self.next = found as usize + 1;
        found
    }

    /// The rank that a number's key has in what was read: most often the number itself.
    pub(super) fn rank_in(&self, read: &Roster, told: Option<&Roster>, number: u32) -> Option<u32> {
        let (key, at) = (self.key(told, number), number as usize);
        let expected = at < read.person_count() && read.person_key(at) == key;
        if expected { Some(number) } else { read.find_person(key).map(super::number) }
    }

    /// The key that has a number.
    pub(super) fn key<'n>(&'n self, told: Option<&'n Roster>, number: u32) -> &'n str {
        let number = number as usize;
        match told {
            Some(told) if number < persons(Some(told)) => told.person_key(number),
            _ => &self.others[number - persons(told)],
        }
    }
}

fn persons(told: Option<&Roster>) -> usize {
    told.map_or(0, Roster::person_count)
}
