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

/// By the digest of a group's key and name, or of a guardian's key, the keys of the persons whom
/// it gives away, and whether they count also when no register has them: not once a withdrawal
/// was undone. A group of another name is judged anew, by what the registers say then, and so is a
/// guardian who has a child that is told.
pub type Telltales = BTreeMap<String, BTreeMap<String, bool>>;

/// What becomes of the known ones tonight.
#[derive(Clone, Default)]
pub struct Tonight {
    /// Digests of those that hide a group, by the registers' key and by every receiver's.
    pub in_force: BTreeSet<String>,
    /// Those of them that the registers have.
    pub there: BTreeSet<String>,
    /// Keys of persons who are protected no more and told like others.
    pub told_again: BTreeSet<String>,
    /// What the registers themselves say tonight.
    pub found: Telltales,
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

/// Notes that a group gives these persons away.
pub(super) fn note(to: &mut Telltales, digest: String, persons: impl IntoIterator<Item = String>) {
    to.entry(digest).or_default().extend(persons.into_iter().map(|person| (person, true)));
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
    let mut renamed = Telltales::new();
    for (digest, persons) in found {
        note(&mut renamed, digest, persons.into_keys().flat_map(today));
    }
    renamed
}

/// Takes out of a draft, after [`protect`](super::protect::protect), the groups and guardians that
/// are known to give somebody away. `keys` are the receivers' rules for the keys of groups.
pub fn hide(draft: &mut Draft, protected: &mut Protected, known: &Telltales, keys: &[GroupKeys]) {
    if known.is_empty() {
        return;
    }
    let here: BTreeSet<&str> = draft.persons().map(|(_, person, _)| person.key.trim()).collect();
    let hidden = protected.excluded.iter().chain(&protected.pseudonymous);
    let hidden: BTreeSet<&str> = hidden.map(|key| key.trim()).collect();
    let mut tonight = std::mem::take(&mut protected.telltales);
    for (digest, persons) in known {
        for (person, when_absent) in persons {
            if hidden.contains(person.trim()) || *when_absent && !here.contains(person.trim()) {
                tonight.in_force.insert(digest.clone());
            } else if here.contains(person.trim()) {
                tonight.told_again.insert(person.clone());
            }
        }
    }
    let mut ranks = Vec::new();
    let mut as_told = BTreeSet::new();
    for (rank, group) in draft.groups().filter(|_| !tonight.in_force.is_empty()) {
        let of_receivers = keys.iter().filter_map(|keys| keys.key_of(&group));
        let all = of_receivers.chain([group.key.to_owned()]).map(|key| digest(&key, group.name));
        let all: Vec<String> = all.collect();
        if all.iter().any(|digest| tonight.in_force.contains(digest)) {
            ranks.push(rank);
            protected.groups.insert(group.key.to_owned());
            as_told.extend(all);
        }
    }
    let there = tonight.in_force.intersection(&as_told);
    tonight.there = there.cloned().collect();
    tonight.in_force.extend(as_told);
    let guardians = guardians_alone(draft, protected, &tonight.in_force);
    for &rank in &guardians {
        let key = draft.person_at(rank).key.to_owned();
        let digest = of_guardian(&key);
        let children: Vec<String> = known[&digest].keys().cloned().collect();
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
/// away in what a target was last told; `None` when they have none of them. `told` is what the
/// target would be told, and `keys` are its keys: a name may be shorter there, and a key another.
/// How the registers have such a group is noted, too.
pub fn without(
    register: &Register,
    told: &Roster,
    found: &mut Telltales,
    keys: &GroupKeys,
) -> Option<Register> {
    let hits = told.groups().filter_map(|group| {
        let persons = found.get(&digest(group.key, group.name))?;
        Some((group.key.to_owned(), persons.clone()))
    });
    let hits: BTreeMap<String, BTreeMap<String, bool>> = hits.collect();
    let roster = &register.roster;
    let mut protected = register.protected.clone();
    let mut keep = |group: Group<'_>| {
        let Some(persons) = keys.key_of(&group).and_then(|key| hits.get(&key)) else { return true };
        add(found, Telltales::from([(digest(group.key, group.name), persons.clone())]));
        protected.groups.insert(group.key.to_owned());
        false
    };
    let groups: Vec<bool> = roster.groups().map(&mut keep).collect();
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
    for key in guardians {
        let children = found[&of_guardian(&key)].keys().cloned().collect();
        protected.guardians.insert(key.clone(), children);
        protected.excluded.insert(key);
    }
    Some(Register {
        roster,
        protected,
        set_aside: register.set_aside.clone(),
        rows: register.rows,
        persons_read: register.persons_read,
        garbled_names: register.garbled_names,
        issues: register.issues.clone(),
    })
}

/// Whether a stored roster has a group that is known to give somebody away.
pub(super) fn stand_in(stored: &Roster, protected: &Protected) -> bool {
    let in_force = &protected.telltales.in_force;
    let known = |group: Group<'_>| in_force.contains(&digest(group.key, group.name));
    !in_force.is_empty() && stored.groups().any(known)
}
