//! Whether a group points at somebody who may not be told: by its name, its key or its pupils.

use std::collections::{BTreeMap, BTreeSet};

use super::telltale::{self, Telltales};
use crate::roster::entity::{Group, Person};
use crate::roster::roster::Roster;
use crate::roster::words::Role;

/// Shorter identifiers stand in names by chance.
const LEAST_IDENTIFIER: usize = 6;

/// Persons who may not be told, as far as the name of a group could give them away.
#[derive(Default)]
pub(super) struct Hidden {
    traces: Vec<Traces>,
    by_word: BTreeMap<String, Vec<usize>>,
}

/// What would give one person away.
struct Traces {
    key: String,
    given: BTreeSet<String>,
    family: BTreeSet<String>,
    identifiers: Vec<String>,
}

impl Hidden {
    /// Adds a person and gives the number by which [`Hidden::revealed_by`] knows members.
    pub(super) fn add(&mut self, person: &Person<'_>) -> usize {
        let number = self.traces.len();
        let traces = Traces::of(person);
        if let Some(word) = traces.family.first().or(traces.given.first()) {
            self.by_word.entry(word.clone()).or_default().push(number);
        }
        self.traces.push(traces);
        number
    }

    /// Whether a group's name or key gives anybody here away, `members` being in it. Of a member
    /// one given name with a family name or its initial is enough, or an identifier; of anybody
    /// else it takes the whole name, since others bear parts of it.
    pub(super) fn revealed_by(&self, group: &Group<'_>, members: &[usize]) -> bool {
        self.reveals_a_member(group, members) || self.reveals_by_name(group)
    }

    fn reveals_a_member(&self, group: &Group<'_>, members: &[usize]) -> bool {
        if members.is_empty() {
            return false;
        }
        let named = said_of(group);
        members.iter().any(|&number| self.traces[number].partly_in(&named, group))
    }

    fn reveals_by_name(&self, group: &Group<'_>) -> bool {
        if self.traces.is_empty() {
            return false;
        }
        let named = said_of(group);
        self.wholly_named(&named).next().is_some()
    }

    fn wholly_named<'h>(&'h self, named: &'h BTreeSet<String>) -> impl Iterator<Item = usize> + 'h {
        let others = named.iter().filter_map(|word| self.by_word.get(word)).flatten().copied();
        others.filter(|&number| self.traces[number].wholly_in(named))
    }

    /// Keys of those whom a group gives away, `members` being in it.
    pub(super) fn given_away(&self, group: &Group<'_>, members: &[usize]) -> BTreeSet<String> {
        let named = said_of(group);
        let of_members = |&number: &usize| self.traces[number].partly_in(&named, group);
        let members = members.iter().copied().filter(of_members);
        let numbers = members.chain(self.wholly_named(&named));
        numbers.map(|number| self.traces[number].key.clone()).collect()
    }
}

/// Keys of groups that point at somebody who is gone.
#[derive(Default)]
pub(super) struct Revealing<'b> {
    /// Those of the gone: all of their pupils, or a member by name.
    pub(super) own: BTreeSet<&'b str>,
    /// Others that bear the name of somebody gone, who is not in them.
    pub(super) named: BTreeSet<&'b str>,
    /// Of both those that give somebody away by themselves, and whom.
    telling: BTreeMap<&'b str, BTreeSet<String>>,
}

impl Revealing<'_> {
    /// Whether a group of this key is among them.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.own.contains(key) || self.named.contains(key)
    }

    /// What is to be remembered of these groups of the baseline, so that they stay hidden.
    pub(super) fn telltales(&self, baseline: &Roster, of: &BTreeSet<&str>) -> Telltales {
        let mut told = Telltales::new();
        for group in baseline.groups().filter(|group| of.contains(group.key)) {
            if let Some(persons) = self.telling.get(group.key) {
                let digest = telltale::digest(group.key, group.name);
                telltale::note(&mut told, digest, persons.iter().cloned());
            }
        }
        told
    }
}

/// The groups that give somebody gone away.
pub(super) fn groups_that_reveal<'b>(
    baseline: &'b Roster,
    gone: &BTreeSet<String>,
) -> Revealing<'b> {
    let mut hidden = Hidden::default();
    let mut numbers = vec![None; baseline.persons().len()];
    for (number, person) in numbers.iter_mut().zip(baseline.persons()) {
        *number = gone.contains(person.key).then(|| hidden.add(&person));
    }
    if numbers.iter().all(Option::is_none) {
        return Revealing::default();
    }
    let mut learners = vec![(false, false); baseline.groups().len()];
    let mut members = vec![Vec::new(); baseline.groups().len()];
    let links = baseline.membership_roles().zip(baseline.membership_positions());
    for ((role, ..), (group, person)) in links {
        if role == Role::Learner {
            learners[group].0 |= numbers[person].is_some();
            learners[group].1 |= numbers[person].is_none();
        }
        members[group].extend(numbers[person]);
    }
    let mut revealing = Revealing::default();
    for (at, group) in baseline.groups().enumerate() {
        let (some_gone, some_seen) = learners[at];
        if some_gone && !some_seen || hidden.reveals_a_member(&group, &members[at]) {
            revealing.own.insert(group.key);
        } else if hidden.reveals_by_name(&group) {
            revealing.named.insert(group.key);
        } else {
            continue;
        }
        let persons = hidden.given_away(&group, &members[at]);
        if !persons.is_empty() {
            revealing.telling.insert(group.key, persons);
        }
    }
    revealing
}

impl Traces {
    fn of(person: &Person<'_>) -> Traces {
        // The last ten places stand in every written form of a personal number.
        let number = person.personal_number;
        let number = number.get(number.len().saturating_sub(10)..).unwrap_or(number);
        let mailbox = person.email.split('@').next().unwrap_or_default();
        let identifiers = [person.key, number, person.username, mailbox].map(squeeze);
        Traces {
            key: person.key.to_owned(),
            given: words(person.given_name).collect(),
            family: words(person.family_name).collect(),
            identifiers: identifiers
                .into_iter()
                .filter(|text| text.len() >= LEAST_IDENTIFIER)
                .collect(),
        }
    }

    /// A single word is nobody's whole name: it may be what half of the groups are called.
    fn wholly_in(&self, named: &BTreeSet<String>) -> bool {
        self.given.union(&self.family).nth(1).is_some()
            && self.given.is_subset(named)
            && self.family.is_subset(named)
    }

    fn partly_in(&self, named: &BTreeSet<String>, group: &Group<'_>) -> bool {
        let has = |name: &BTreeSet<String>| name.is_empty() || !name.is_disjoint(named);
        let initial = |word: &String| word.chars().next().map(String::from);
        let has_initial = || self.family.iter().filter_map(initial).any(|i| named.contains(&i));
        let nameless = self.given.is_empty() && self.family.is_empty();
        let texts = [group.name, group.key, group.course, group.term].map(squeeze);
        let has_identifier = |id: &String| texts.iter().any(|text| text.contains(id));
        !nameless && has(&self.given) && (has(&self.family) || has_initial())
            || self.is_joined_in(named)
            || self.identifiers.iter().any(has_identifier)
    }

    /// A given name with the family name or its initial in one word, such as `KimA`.
    fn is_joined_in(&self, named: &BTreeSet<String>) -> bool {
        let initials = self.family.iter().filter_map(|word| word.chars().next()).map(String::from);
        let ends: Vec<String> = self.family.iter().cloned().chain(initials).collect();
        let mut joined = self.given.iter().flat_map(|given| ends.iter().map(move |e| (given, e)));
        joined.any(|(given, end)| named.contains(&format!("{given}{end}")))
    }
}

/// The words that are said of a group, with and without the s of a Swedish genitive: what is
/// `Kims grupp` is hers.
fn said_of(group: &Group<'_>) -> BTreeSet<String> {
    let all = [group.name, group.course, group.term].into_iter().flat_map(words);
    let both = all.flat_map(|word| [word.strip_suffix('s').map(str::to_owned), Some(word)]);
    both.flatten().filter(|word| !word.is_empty()).collect()
}

/// The words of a name, in small letters.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

/// Letters and digits only, so that `180613-2385` and `1806132385` are one.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
