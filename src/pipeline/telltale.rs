//! Groups that gave a protected person away by their name or key, and guardians who are only
//! theirs: noted when they leave, so that they stay hidden when the registers no longer say whom
//! they are named after, or whose guardians they are.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::keys::GroupKeys;
use super::plan::Register;
use super::protect::Protected;
use super::rekey::ToldBefore;
use super::withdrawal::needed;
use crate::formats::snapshot::hex;
use crate::roster::draft::Draft;
use crate::roster::entity::{Group, Person};
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{Kind, RelationKind, Role};

/// Keys of the persons whom a group gives away, by the digest of its key and name as a receiver
/// knows them, or a guardian, by the digest of their key. A group of another name is judged anew,
/// by what the registers say then, and so is a guardian who has a child that is told.
pub type Telltales = BTreeMap<String, BTreeSet<String>>;

/// What becomes of the known ones tonight.
#[derive(Clone, Default)]
pub struct Tonight {
    /// Digests of those that hide a group: somebody whom it gives away is still protected, or no
    /// register has them any more.
    pub in_force: BTreeSet<String>,
    /// Those of them that the registers have.
    pub there: BTreeSet<String>,
    /// Keys of persons who are protected no more and told like others.
    pub told_again: BTreeSet<String>,
}

/// What stands for a group here: SHA-256 of its key and the words of its name, in hexadecimals.
pub(super) fn digest(key: &str, name: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key.trim());
    for word in super::reveal::words(name) {
        hash.update([0]);
        hash.update(word);
    }
    hex(&hash.finalize())
}

/// What stands for a guardian. No group has it: a word of a name is never empty.
pub(super) fn of_guardian(key: &str) -> String {
    let mut hash = Sha256::new();
    hash.update([0, 0]);
    hash.update(key.trim());
    hex(&hash.finalize())
}

/// Adds some to others.
pub fn add(to: &mut Telltales, more: Telltales) {
    for (digest, persons) in more {
        to.entry(digest).or_default().extend(persons);
    }
}

/// In place of keys that somebody had before, those of today: when they are protected no more,
/// what gave them away is told again.
pub fn rename(found: Telltales, before: &ToldBefore) -> Telltales {
    let today = |key: String| before.get(&key).cloned().unwrap_or_else(|| BTreeSet::from([key]));
    let rename = |persons: BTreeSet<String>| persons.into_iter().flat_map(today).collect();
    found.into_iter().map(|(digest, persons)| (digest, rename(persons))).collect()
}

/// Takes out of a draft, after [`protect`](super::protect::protect), the groups and guardians that
/// are known to give somebody away. `keys` are the receivers' rules for the keys of groups.
pub fn hide(draft: &mut Draft, protected: &mut Protected, known: &Telltales, keys: &[GroupKeys]) {
    let hidden = |person: &String| {
        protected.excluded.contains(person)
            || protected.pseudonymous.contains(person)
            || draft.find_person(person).is_none()
    };
    let mut tonight = Tonight::default();
    for (digest, persons) in known {
        let (gone, told): (Vec<&String>, Vec<&String>) =
            persons.iter().partition(|key| hidden(key));
        tonight.in_force.extend((!gone.is_empty()).then(|| digest.clone()));
        tonight.told_again.extend(told.into_iter().cloned());
    }
    let mut ranks = Vec::new();
    for (rank, group) in draft.groups().filter(|_| !tonight.in_force.is_empty()) {
        let of_receivers = keys.iter().filter_map(|keys| keys.key_of(&group));
        let all = of_receivers.chain([group.key.to_owned()]).map(|key| digest(&key, group.name));
        let known: Vec<String> = all.filter(|digest| tonight.in_force.contains(digest)).collect();
        if !known.is_empty() {
            ranks.push(rank);
            protected.groups.insert(group.key.to_owned());
            tonight.there.extend(known);
        }
    }
    let guardians = guardians_alone(draft, protected, &tonight.in_force);
    for &rank in &guardians {
        let key = draft.person_at(rank).key.to_owned();
        let digest = of_guardian(&key);
        let children = known[&digest].clone();
        tonight.there.insert(digest);
        protected.excluded.insert(key.clone());
        protected.guardians.entry(key).or_default().extend(children);
    }
    draft.exclude(&guardians, &ranks);
    protected.telltales = tonight;
}

fn is_only_guardian(person: &Person<'_>) -> bool {
    person.roles.iter().all(|role| role == Role::Guardian)
}

/// The known guardians in a draft who have no child there that is told, also in no row that could
/// not be used.
fn guardians_alone(draft: &Draft, protected: &Protected, known: &BTreeSet<String>) -> Vec<u32> {
    if known.is_empty() {
        return Vec::new();
    }
    let alone = draft.persons().filter(|(_, person, _)| {
        is_only_guardian(person) && known.contains(&of_guardian(person.key))
    });
    let mut alone: BTreeSet<u32> = alone.map(|(rank, ..)| rank).collect();
    // Those to hidden persons are gone from the draft by now.
    for (guardian, _, kind) in draft.relation_ranks() {
        if kind == RelationKind::Guardian {
            alone.remove(&guardian);
        }
    }
    let is_told = |key: &str| {
        !protected.excluded.contains(key)
            && !protected.pseudonymous.contains(key)
            && (draft.find_person(key).is_some() || draft.is_set_aside(Kind::Person, key))
    };
    for row in draft.set_aside_rows().iter().filter(|row| row.kind == Kind::Relation) {
        if let Some(guardian) = draft.find_person(&row.key).filter(|_| is_told(&row.other)) {
            alone.remove(&guardian);
        }
    }
    alone.into_iter().collect()
}

/// What the registers say without the groups and guardians that were just found to give somebody
/// away; `None` when they have none of them. `keys` are the target's.
pub fn without(register: &Register, found: &Telltales, keys: &GroupKeys) -> Option<Register> {
    let gives_away = |group: &Group<'_>| {
        let key = keys.key_of(group);
        key.is_some_and(|key| found.contains_key(&digest(&key, group.name)))
    };
    let roster = &register.roster;
    let groups: Vec<bool> = roster.groups().map(|group| !gives_away(&group)).collect();
    let known = |person: &Person<'_>| {
        is_only_guardian(person) && found.contains_key(&of_guardian(person.key))
    };
    let guardians = roster.persons().filter(known).map(|person| person.key.to_owned()).collect();
    let guardians = &guardians - &needed(&guardians, &BTreeSet::new(), register);
    if !groups.contains(&false) && guardians.is_empty() {
        return None;
    }
    let persons = roster.persons().map(|person| !guardians.contains(person.key)).collect();
    let roster = roster.subset(&Keep { persons, groups, ..Keep::all(roster) });
    let mut protected = register.protected.clone();
    for key in guardians {
        let children = found[&of_guardian(&key)].clone();
        protected.guardians.insert(key.clone(), children);
        protected.excluded.insert(key);
    }
    Some(Register { roster, protected, ..register.clone() })
}

/// Whether a stored roster has a group that is known to give somebody away.
pub(super) fn stand_in(stored: &Roster, protected: &Protected) -> bool {
    let in_force = &protected.telltales.in_force;
    let known = |group: Group<'_>| in_force.contains(&digest(group.key, group.name));
    !in_force.is_empty() && stored.groups().any(known)
}
