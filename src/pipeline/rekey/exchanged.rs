//! The same human under a key that is somebody else's: keys that were exchanged among persons who
//! are all told as before. Whoever logs in would find another's work.

use std::collections::BTreeSet;
use std::hash::BuildHasher as _;

use foldhash::HashMap;
use foldhash::quality::RandomState;

use super::pairing::folded;
use crate::roster::entity::Person;

/// What changed of persons who are told now as before, as far as it says who they are. Keys and
/// values stand as their hashes: on a night that gives everybody another address there are as many
/// as persons.
#[derive(Default)]
pub(super) struct Exchanged {
    hash: RandomState,
    /// Whose each value was.
    before: HashMap<u64, u64>,
    /// Each value, and whose it is.
    now: Vec<(u64, u64)>,
}

impl Exchanged {
    /// Notes a person whose line is another.
    pub(super) fn note(&mut self, before: &str, now: &str) {
        let (Some(before), Some(now)) = (Person::from_line(before), Person::from_line(now)) else {
            return;
        };
        let key = self.hash.hash_one(before.key);
        // A value counts among its like alone.
        for (which, (old, new)) in (0_u8..).zip(evidence(&before).into_iter().zip(evidence(&now))) {
            if old != new && !old.is_empty() && !new.is_empty() {
                self.before.insert(self.hash.hash_one((which, old)), key);
                self.now.push((self.hash.hash_one((which, new)), key));
            }
        }
    }

    /// How many persons have a value that was another's.
    pub(super) fn count(&self) -> u64 {
        let anothers =
            |(value, key): &&(u64, u64)| self.before.get(value).is_some_and(|owner| owner != key);
        let keys: BTreeSet<u64> = self.now.iter().filter(anothers).map(|&(_, key)| key).collect();
        keys.len() as u64
    }
}

/// Personal number, user name, e-mail.
fn evidence(person: &Person<'_>) -> [String; 3] {
    [person.personal_number, person.username, person.email].map(folded)
}
