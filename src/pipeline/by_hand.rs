//! Persons withdrawn by hand, known again when a register gives them another key: by their lasting
//! personal number, or, where that says nothing, by name, for a person to judge.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::plan::Model;
use super::protect::Pseudonyms;
use super::rekey::folded;
use crate::formats::snapshot::{self, SnapshotError, hex};
use crate::roster::draft::{Draft, Marking};
use crate::roster::entity::Person;
use crate::roster::loose::loose;
use crate::roster::personal_number::{birth_date, lasting, twelve_places};
use crate::roster::roster::Roster;

/// What a withdrawn human is known by beside the key that was typed: other keys, and digests of
/// what stays when a register gives a new one. The digests are keyed with the installation's id.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// Other keys under which the registers have had them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
    /// Of lasting personal numbers.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    numbers: BTreeSet<String>,
    /// Of full names.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    names: BTreeSet<String>,
    /// Of dates of birth.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    born: BTreeSet<String>,
}

/// Everybody who is withdrawn, by the key that was typed.
#[derive(Clone, Default)]
pub struct ByHand {
    /// What they are known by.
    pub persons: BTreeMap<String, Traits>,
    /// The installation's id.
    pub salt: String,
}

/// What the registers have of them.
#[derive(Clone, Default)]
pub struct Found {
    /// Their keys, as the registers write them.
    pub keys: BTreeSet<String>,
    /// What they are known by there, by the key that was typed. Whoever is not there is not in it.
    pub seen: BTreeMap<String, Traits>,
    /// Keys of others who have the name of somebody withdrawn whom the registers do not have.
    pub namesakes: BTreeSet<String>,
}

impl Traits {
    /// What there is to know of a person.
    pub fn of(person: &Person<'_>, salt: &str) -> Traits {
        let number = number_of(person);
        let born = number.as_deref().and_then(birth_date);
        let number = number.filter(|number| lasting(number));
        let one = |what, text: Option<String>| {
            text.map(|text| digest(salt, what, &text)).into_iter().collect()
        };
        Traits {
            keys: BTreeSet::from([person.key.to_owned()]),
            numbers: one(NUMBER, number),
            names: one(NAME, name_of(person)),
            born: one(BORN, born),
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Traits::default()
    }

    /// Adds what else is known.
    pub fn add(&mut self, more: &Traits) {
        let Traits { keys, numbers, names, born } = more.clone();
        self.keys.extend(keys);
        self.numbers.extend(numbers);
        self.names.extend(names);
        self.born.extend(born);
    }

    /// Two humans: each has a lasting number, and none is the same.
    fn is_other(&self, other: &Traits) -> bool {
        let known = !self.numbers.is_empty() && !other.numbers.is_empty();
        known && self.numbers.is_disjoint(&other.numbers)
    }

    /// The same name, and nothing that speaks against it.
    fn is_namesake(&self, other: &Traits) -> bool {
        let known = !self.born.is_empty() && !other.born.is_empty();
        let other_birth = known && self.born.is_disjoint(&other.born);
        !other_birth && !self.names.is_disjoint(&other.names)
    }
}

impl ByHand {
    /// Every key that they are or were known by.
    pub fn keys(&self) -> BTreeSet<String> {
        let all = self.persons.iter();
        all.flat_map(|(key, traits)| traits.keys.iter().chain([key])).cloned().collect()
    }

    /// The keys that were typed for whoever is known by this one.
    pub fn known_as<'k>(&'k self, key: &'k str) -> impl Iterator<Item = &'k String> {
        let is = move |other: &String| loose(other) == loose(key);
        let all = self.persons.iter();
        all.filter(move |(key, traits)| is(key) || traits.keys.iter().any(is)).map(|(key, _)| key)
    }

    /// Treats whoever was withdrawn by hand as protected, without a pseudonym, whatever the
    /// register says: by key, and by a lasting personal number under any other key. Case, blanks
    /// at its ends and unseen characters in a key make nobody somebody else, unless the number
    /// does. [`protect`](super::protect::protect) comes next, and then
    /// [`Protected::also_withdrawn`](super::protect::Protected::also_withdrawn).
    pub fn withdraw(&self, draft: &mut Draft, pseudonyms: &mut Pseudonyms) -> Found {
        draft.close();
        let mut found = Found::default();
        if self.persons.is_empty() {
            return found;
        }
        let rows = self.rows(draft);
        for (key, traits) in &self.persons {
            let seen = seen(key, traits, &rows);
            if !seen.is_empty() {
                found.keys.extend(seen.keys.iter().cloned());
                found.seen.insert(key.clone(), seen);
            }
        }
        let is_one = |row: &Traits| !row.keys.is_disjoint(&found.keys);
        for rank in rows.iter().filter(|(_, row)| is_one(row)).filter_map(|(rank, _)| *rank) {
            draft.mark(rank);
        }
        found.namesakes = self.namesakes(draft, &found.seen);
        let typed = self.keys();
        let kept: BTreeSet<_> = typed.iter().chain(&found.keys).map(|key| loose(key)).collect();
        pseudonyms.retain(|key, _| !kept.contains(&loose(key)));
        found
    }

    /// The rows that may be about them, those among them that could not be used without a rank.
    fn rows(&self, draft: &Draft) -> Vec<(Option<u32>, Traits)> {
        let keys = self.keys();
        let keys: BTreeSet<_> = keys.iter().map(|key| loose(key)).collect();
        let numbers: BTreeSet<&String> =
            self.persons.values().flat_map(|traits| &traits.numbers).collect();
        let has_number = |person: &Person<'_>| {
            let number = number_of(person).filter(|number| lasting(number));
            number.is_some_and(|number| numbers.contains(&digest(&self.salt, NUMBER, &number)))
        };
        let may_be = |person: &Person<'_>| {
            keys.contains(&loose(person.key)) || !numbers.is_empty() && has_number(person)
        };
        let used = draft.persons().map(|(rank, person, _)| (Some(rank), person));
        let aside = draft.persons_aside().map(|(key, personal_number)| {
            (None, Person { key, personal_number, ..Person::default() })
        });
        let rows = used.chain(aside).filter(|(_, person)| may_be(person));
        rows.map(|(rank, person)| (rank, Traits::of(&person, &self.salt))).collect()
    }

    /// Who has the name of somebody whom the registers do not have any more.
    fn namesakes(&self, draft: &Draft, seen: &BTreeMap<String, Traits>) -> BTreeSet<String> {
        let gone = self.persons.iter().filter(|(key, _)| !seen.contains_key(*key));
        let gone: Vec<&Traits> =
            gone.map(|(_, traits)| traits).filter(|traits| !traits.names.is_empty()).collect();
        if gone.is_empty() {
            return BTreeSet::new();
        }
        let others = draft.persons().filter(|(.., marking)| *marking == Marking::None);
        let is_namesake = |person: &Person<'_>| {
            let traits = Traits::of(person, &self.salt);
            gone.iter().any(|gone| gone.is_namesake(&traits))
        };
        let namesakes = others.filter(|(_, person, _)| is_namesake(person));
        namesakes.map(|(_, person, _)| person.key.to_owned()).collect()
    }
}

/// What rows say of somebody: those with one of the keys or numbers, and those with nearly such a
/// key, unless their number says that they are of somebody else.
fn seen(key: &str, traits: &Traits, rows: &[(Option<u32>, Traits)]) -> Traits {
    let own: BTreeSet<&str> = traits.keys.iter().map(String::as_str).chain([key]).collect();
    let bare: BTreeSet<&str> = own.iter().map(|key| key.trim()).collect();
    let near: BTreeSet<_> = own.iter().map(|key| loose(key)).collect();
    let rows = || rows.iter().map(|(_, row)| row);
    let is_one = |row: &&Traits| {
        row.keys.iter().any(|key| bare.contains(key.trim()))
            || !row.numbers.is_disjoint(&traits.numbers)
    };
    let mut seen = Traits::default();
    rows().filter(is_one).for_each(|row| seen.add(row));
    let mut known = traits.clone();
    known.add(&seen);
    let is_near = |row: &&Traits| {
        row.keys.iter().any(|key| near.contains(&loose(key))) && !known.is_other(row)
    };
    rows().filter(is_near).for_each(|row| seen.add(row));
    seen
}

/// How many are told tonight who may be somebody withdrawn under a new key: with that one's name,
/// and nobody whom the target was told before.
pub(super) fn may_be_back(
    told: &Roster,
    namesakes: &BTreeSet<String>,
    model: Model<'_>,
) -> Result<u64, SnapshotError> {
    let mut back: Vec<&String> =
        namesakes.iter().filter(|key| told.find_person(key).is_some()).collect();
    let before = match model {
        _ if back.is_empty() => &[][..],
        Model::Nothing => &[],
        Model::Known(open) => &[open],
        Model::AnyOf(candidates) => candidates,
    };
    for open in before {
        let before = snapshot::read(open()?)?;
        back.retain(|key| before.find_person(key).is_none());
    }
    Ok(back.len() as u64)
}

const NUMBER: &str = "number";
const NAME: &str = "name";
const BORN: &str = "born";

fn digest(salt: &str, what: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in [salt, what, text] {
        hash.update(part);
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// A person's number; some registers have it as the key.
fn number_of(person: &Person<'_>) -> Option<String> {
    let number = twelve_places(person.personal_number).or_else(|| twelve_places(person.key));
    number.map(|(_, number)| number)
}

/// The full name; half a name is many people's.
fn name_of(person: &Person<'_>) -> Option<String> {
    let names = [person.given_name, person.family_name].map(folded);
    names.iter().all(|name| !name.is_empty()).then(|| names.join("\t"))
}
