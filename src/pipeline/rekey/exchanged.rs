//! The same human under a key that is somebody else's: keys that were exchanged among persons who
//! are all told as before. Whoever logs in would find another's work.

use std::collections::{BTreeSet, HashMap};

use super::pairing::folded;
use crate::roster::entity::Person;

/// A value, and which of those that nobody shares with anybody it is.
type Value = (u8, String);

/// What changed of persons who are told now as before, as far as it says who they are.
#[derive(Default)]
pub(super) struct Exchanged {
    /// Whose each value was.
    before: HashMap<Value, String>,
    /// Whose each value is.
    now: Vec<(Value, String)>,
}

impl Exchanged {
    /// Notes a person whose line is another.
    pub(super) fn note(&mut self, before: &str, now: &str) {
        let (Some(before), Some(now)) = (Person::from_line(before), Person::from_line(now)) else {
            return;
        };
        for (which, (old, new)) in (0_u8..).zip(evidence(&before).into_iter().zip(evidence(&now))) {
            if old != new && !old.is_empty() && !new.is_empty() {
                self.before.insert((which, old), before.key.to_owned());
                self.now.push(((which, new), now.key.to_owned()));
            }
        }
    }

    /// How many persons have a value that was another's.
    pub(super) fn count(&self) -> u64 {
        let anothers = |(value, key): &&(Value, String)| {
            self.before.get(value).is_some_and(|owner| owner != key)
        };
        let keys: BTreeSet<&String> =
            self.now.iter().filter(anothers).map(|(_, key)| key).collect();
        keys.len() as u64
    }
}

/// Personal number, user name, e-mail.
fn evidence(person: &Person<'_>) -> [String; 3] {
    [person.personal_number, person.username, person.email].map(folded)
}
