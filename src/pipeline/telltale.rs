//! Groups that gave a protected person away by their name or key: noted when they leave, so that
//! they stay hidden when the registers no longer say whom they are named after.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::keys::GroupKeys;
use super::plan::Register;
use super::protect::Protected;
use crate::formats::snapshot::hex;
use crate::roster::draft::Draft;
use crate::roster::entity::Group;
use crate::roster::roster::{Keep, Roster};

/// Keys of the persons whom a group gives away, by the digest of its key and name as a receiver
/// knows them. A group of another name is judged anew, by what the registers say then.
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

/// Adds some to others.
pub fn add(to: &mut Telltales, more: Telltales) {
    for (digest, persons) in more {
        to.entry(digest).or_default().extend(persons);
    }
}

/// Takes out of a draft, after [`protect`](super::protect::protect), the groups that are known to
/// give somebody away. `keys` are the receivers' rules for the keys of groups.
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
    draft.exclude(&[], &ranks);
    protected.telltales = tonight;
}

/// What the registers say without the groups that were just found to give somebody away; `None`
/// when they have none of them. `keys` are the target's.
pub fn without(register: &Register, found: &Telltales, keys: &GroupKeys) -> Option<Register> {
    let gives_away = |group: &Group<'_>| {
        let key = keys.key_of(group);
        key.is_some_and(|key| found.contains_key(&digest(&key, group.name)))
    };
    let roster = &register.roster;
    let groups: Vec<bool> = roster.groups().map(|group| !gives_away(&group)).collect();
    if !groups.contains(&false) {
        return None;
    }
    let roster = roster.subset(&Keep { groups, ..Keep::all(roster) });
    Some(Register { roster, ..register.clone() })
}

/// Whether a stored roster has a group that is known to give somebody away.
pub(super) fn stand_in(stored: &Roster, protected: &Protected) -> bool {
    let in_force = &protected.telltales.in_force;
    let known = |group: Group<'_>| in_force.contains(&digest(group.key, group.name));
    !in_force.is_empty() && stored.groups().any(known)
}
