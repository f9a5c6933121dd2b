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
/// give somebody away who is still protected or whom the registers do not have any more. `keys`
/// are the receivers' rules for the keys of groups.
pub fn hide(draft: &mut Draft, protected: &mut Protected, known: &Telltales, keys: &[GroupKeys]) {
    let hidden = |person: &String| {
        protected.excluded.contains(person)
            || protected.pseudonymous.contains(person)
            || draft.find_person(person).is_none()
    };
    let in_force = known.iter().filter(|(_, persons)| persons.iter().any(hidden));
    let in_force: BTreeSet<&String> = in_force.map(|(digest, _)| digest).collect();
    if in_force.is_empty() {
        return;
    }
    let mut told = BTreeSet::new();
    let mut ranks = Vec::new();
    for (rank, group) in draft.groups() {
        let of_receivers = keys.iter().filter_map(|keys| keys.key_of(&group));
        let mut any = of_receivers.chain([group.key.to_owned()]);
        if let Some(known) = any.find_map(|key| {
            let digest = digest(&key, group.name);
            in_force.get(&digest).copied()
        }) {
            ranks.push(rank);
            protected.groups.insert(group.key.to_owned());
            told.insert(known.clone());
        }
    }
    protected.telltales = in_force.into_iter().cloned().collect();
    protected.telltales_seen = told;
    draft.exclude(&[], &ranks);
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
    let known = |group: Group<'_>| protected.telltales.contains(&digest(group.key, group.name));
    !protected.telltales.is_empty() && stored.groups().any(known)
}
