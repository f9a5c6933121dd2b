//! Protected identity: applied before anything else sees a draft.
//!
//! Whoever is marked is taken out, or told under the pseudonym that a local file gives; with them
//! go their memberships and relations, guardians who have no other child here, and groups that
//! would point at them (`exclude` is the default; an unknown marking counts as protected).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rekey::ToldBefore;
use super::reveal::Hidden;
use super::telltale::{self, Telltales};
use crate::roster::draft::{Draft, Marking};
use crate::roster::entity::{Group, Person, Roles};
use crate::roster::loose::loose;
use crate::roster::personal_number::lasting;
use crate::roster::words::{Kind, RelationKind, Role};

/// `[protected-identity]`.
#[derive(Clone, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// What happens to a person with a protection marking.
    pub action: Action,
    /// With `pseudonym`: the local file with `key;given-name;family-name;username;email`.
    pub file: Option<std::path::PathBuf>,
}

/// What happens to a person with a protection marking.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The person is not told to any target.
    #[default]
    Exclude,
    /// The person is told under the data of the local file; without a line there, excluded.
    Pseudonym,
}

/// The data told instead of a protected person's own.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pseudonym {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
}

/// Pseudonyms by the key of the person.
pub type Pseudonyms = BTreeMap<String, Pseudonym>;

/// Reads the local file: `key;given-name;family-name;username;email`, one line a person, no
/// header. Blank lines and lines that begin with `#` do not count.
///
/// # Errors
/// With the number of the first line that is not of that form.
pub fn pseudonyms(text: &str) -> Result<Pseudonyms, u64> {
    let mut found = Pseudonyms::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        let [key, given_name, family_name, username, email] = fields[..] else {
            return Err(number);
        };
        let own = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let pseudonym = Pseudonym {
            given_name: own(given_name),
            family_name: own(family_name),
            username: own(username),
            email: own(email),
        };
        if key.is_empty() || found.insert(key.to_owned(), pseudonym).is_some() {
            return Err(number);
        }
    }
    Ok(found)
}

/// Who was protected tonight. Held in memory only, never written or shown.
#[derive(Clone, Default)]
pub struct Protected {
    /// Keys of everyone who was taken out.
    pub excluded: BTreeSet<String>,
    /// Keys of everyone told under a pseudonym.
    pub pseudonymous: BTreeSet<String>,
    /// Keys of those taken out only because every child of theirs here is protected, each with
    /// the keys of the children.
    pub guardians: BTreeMap<String, BTreeSet<String>>,
    /// Keys of groups taken out because they would point at somebody protected.
    pub groups: BTreeSet<String>,
    /// Keys of those taken out because a person withdrew them by hand.
    pub by_hand: BTreeSet<String>,
    /// Keys of persons who may be somebody withdrawn by hand, under another key.
    pub namesakes: BTreeSet<String>,
    /// Groups that are known from earlier nights to give somebody away.
    pub telltales: telltale::Tonight,
    /// Rows with a marking that the configuration does not know.
    pub unknown_markings: u64,
    /// How many persons are marked, or have a marking that the configuration does not know.
    pub marked: u64,
    /// What the registers say of everyone who is marked, by key: a last file may tell them under
    /// another one.
    pub humans: BTreeMap<String, String>,
}

impl std::fmt::Debug for Protected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Protected(•••)")
    }
}

impl Protected {
    /// Only those who were withdrawn by hand, for when the markings are in doubt.
    #[must_use]
    pub fn by_hand_alone(keys: &BTreeSet<String>) -> Protected {
        let mut alone = Protected::default();
        alone.also_withdrawn(keys);
        alone
    }

    /// Counts in whoever was withdrawn, also those whom the register does not have tonight: what a
    /// target was last told may have them.
    pub fn also_withdrawn(&mut self, keys: &BTreeSet<String>) {
        let written = keys.iter().flat_map(|key| [key.clone(), key.trim().to_owned()]);
        self.by_hand.extend(written);
        self.excluded.extend(self.by_hand.iter().cloned());
    }

    /// Counts in the keys under which a target was told somebody before who has another key now.
    /// Whoever was withdrawn by hand is it under each.
    pub fn also_told_before(&mut self, before: &ToldBefore) {
        for (old, new) in before {
            self.by_hand.extend(new.is_subset(&self.by_hand).then(|| old.clone()));
            self.excluded.insert(old.clone());
        }
    }
}

/// Takes protected persons out of a draft, or puts their pseudonyms in.
pub fn protect(draft: &mut Draft, pseudonyms: &Pseudonyms) -> Protected {
    draft.close();
    draft.match_near_keys();
    let aside = mark_the_same_humans(draft);
    let mut protected = Protected::default();
    let mut hidden = vec![false; draft.person_count()];
    let mut excluded = Vec::new();
    let mut replaced = Vec::new();
    for (rank, person, marking) in draft.marked() {
        protected.unknown_markings += u64::from(marking == Marking::Unknown);
        protected.marked += 1;
        hidden[rank as usize] = true;
        let mut line = String::new();
        person.write_line(&mut line);
        protected.humans.insert(person.key.to_owned(), line);
        match pseudonyms.get(person.key) {
            Some(pseudonym) => replaced.push((rank, line_of(&person, pseudonym))),
            None => excluded.push(rank),
        }
    }
    let (guardians, narrowed) = guardians_without_child(draft, &hidden, &aside);
    let (groups, found) = revealing_groups(draft);
    protected.telltales.found = found;
    for (rank, line) in replaced.into_iter().chain(narrowed) {
        let person = Person::from_line(&line).expect("written from a person");
        draft.replace_person(rank, &person);
        if hidden[rank as usize] {
            protected.pseudonymous.insert(person.key.to_owned());
            draft.settle_marking(rank);
        }
    }
    let guardians: Vec<u32> =
        guardians.into_iter().filter(|&rank| !hidden[rank as usize]).collect();
    let key = |rank: u32| draft.person_at(rank).key.to_owned();
    protected.guardians = guardians.iter().map(|&rank| (key(rank), BTreeSet::new())).collect();
    for (person, to, _) in draft.relation_ranks().filter(|&(_, to, _)| hidden[to as usize]) {
        if let Some(children) = protected.guardians.get_mut(draft.person_at(person).key) {
            children.insert(key(to));
        }
    }
    draft.unrelate(&hidden);
    if !groups.is_empty() {
        let gone = draft.groups().filter(|(rank, _)| groups.binary_search(rank).is_ok());
        protected.groups = gone.map(|(_, group)| group.key.to_owned()).collect();
    }
    excluded.extend(guardians);
    excluded.sort_unstable();
    for &rank in &excluded {
        protected.excluded.insert(draft.person_at(rank).key.to_owned());
    }
    draft.exclude(&excluded, &groups);
    protected.excluded.extend(aside);
    protected
}

/// A marking is of a human. Who stands in the registers a second time under another key is
/// protected there, too, and so is who has nearly the same key, unless the numbers say that they
/// are two. Interim numbers are not unique, and user names are used again. Gives the keys of those
/// whose rows there could not be used: nobody may be told them again.
fn mark_the_same_humans(draft: &mut Draft) -> BTreeSet<String> {
    let marked = || draft.marked().map(|(_, person, _)| person);
    let numbers: BTreeSet<String> = marked()
        .map(|person| person.personal_number.to_owned())
        .filter(|number| lasting(number))
        .collect();
    let mut keys: BTreeMap<Cow<'_, str>, BTreeSet<&str>> = BTreeMap::new();
    for person in marked() {
        keys.entry(loose(person.key)).or_default().insert(person.personal_number);
    }
    let is_near = |key: &str, number: &str| {
        let of = keys.get(&loose(key));
        let other = |of: &&str| lasting(of) && lasting(number) && *of != number;
        of.is_some_and(|of| !of.iter().all(other))
    };
    let aside = draft.persons_aside();
    let aside = aside.filter(|(key, number)| is_near(key, number) || numbers.contains(*number));
    let mut aside: BTreeSet<String> = aside.map(|(key, _)| key.to_owned()).collect();
    if !keys.is_empty() || !aside.is_empty() {
        let all = draft.persons().filter(|(_, person, marking)| {
            *marking == Marking::None
                && (numbers.contains(person.personal_number)
                    || aside.contains(person.key)
                    || is_near(person.key, person.personal_number))
        });
        let ranks: Vec<u32> = all.map(|(rank, ..)| rank).collect();
        for rank in ranks {
            draft.mark(rank);
        }
    }
    aside.retain(|key| draft.find_person(key).is_none());
    aside
}

/// The person's line with the pseudonym's data; numbers and phones are never told.
fn line_of(person: &Person<'_>, pseudonym: &Pseudonym) -> String {
    let told = Person {
        key: person.key,
        given_name: &pseudonym.given_name,
        family_name: &pseudonym.family_name,
        username: &pseudonym.username,
        email: &pseudonym.email,
        school_year: person.school_year,
        roles: person.roles,
        school_keys: person.school_keys.clone(),
        ..Person::default()
    };
    let mut line = String::new();
    told.write_line(&mut line);
    line
}

/// Guardians all of whose children are hidden: those with no other role are taken out, the rest
/// lose the role of guardian. `aside` are hidden persons whose own rows could not be used.
fn guardians_without_child(
    draft: &Draft,
    hidden: &[bool],
    aside: &BTreeSet<String>,
) -> (Vec<u32>, Vec<(u32, String)>) {
    let mut children = vec![(false, false); hidden.len()];
    let mut child = |guardian: u32, is_hidden: bool| {
        let (some_hidden, some_seen) = &mut children[guardian as usize];
        *some_hidden |= is_hidden;
        *some_seen |= !is_hidden;
    };
    for (person, to, kind) in draft.relation_ranks() {
        if kind == RelationKind::Guardian {
            child(person, hidden[to as usize]);
        }
    }
    // A faulty row still says whose guardian somebody is, and a child whose own row is faulty
    // is still a child.
    for row in draft.set_aside_rows().iter().filter(|row| row.kind == Kind::Relation) {
        match (draft.find_person(&row.key), draft.find_person(&row.other)) {
            (Some(guardian), Some(to)) => child(guardian, hidden[to as usize]),
            (Some(guardian), None) if draft.is_set_aside(Kind::Person, &row.other) => {
                child(guardian, aside.contains(&row.other));
            }
            _ => {}
        }
    }
    let (mut gone, mut narrowed) = (Vec::new(), Vec::new());
    let without =
        (0..).zip(children).filter(|&(_, (some_hidden, some_seen))| some_hidden && !some_seen);
    for (rank, _) in without {
        let person = draft.person_at(rank);
        let others: Roles = person.roles.iter().filter(|&role| role != Role::Guardian).collect();
        if others.is_empty() {
            gone.push(rank);
        } else if !hidden[rank as usize] {
            let mut line = String::new();
            Person { roles: others, ..person }.write_line(&mut line);
            narrowed.push((rank, line));
        }
    }
    (gone, narrowed)
}

/// Groups whose every learner is hidden, and groups that give a hidden person away by name: these
/// are to be remembered.
fn revealing_groups(draft: &Draft) -> (Vec<u32>, Telltales) {
    let mut names = Hidden::default();
    let mut numbers = vec![None; draft.person_count()];
    for (rank, person, _) in draft.marked() {
        numbers[rank as usize] = Some(names.add(&person));
    }
    let mut learners = vec![(false, false); draft.group_count()];
    let mut members = vec![Vec::new(); draft.group_count()];
    for (group, person, learner) in draft.member_ranks() {
        let (group, number) = (group as usize, numbers[person as usize]);
        if learner {
            let (some_hidden, some_seen) = &mut learners[group];
            *some_hidden |= number.is_some();
            *some_seen |= number.is_none();
        }
        members[group].extend(number);
    }
    let reveals = |rank: u32, group: &Group<'_>| {
        let (some_hidden, some_seen) = learners[rank as usize];
        some_hidden && !some_seen || names.revealed_by(group, &members[rank as usize])
    };
    let mut found = Telltales::new();
    let groups = draft.groups().filter(|(rank, group)| reveals(*rank, group));
    let groups = groups.map(|(rank, group)| {
        let persons = names.given_away(&group, &members[rank as usize]);
        if !persons.is_empty() {
            telltale::note(&mut found, telltale::digest(group.key, group.name), persons);
        }
        rank
    });
    (groups.collect(), found)
}
