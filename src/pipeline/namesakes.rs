//! User names that several persons have: one account, or one human with two keys.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::plan::{Input, Model, OpenSnapshot};
use super::verdict::{Breach, Verdict};
use crate::formats::Format;
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::roster::code::Code;
use crate::roster::entity::Person;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// Several persons are told under one user name.
const SHARED: Code = Code(381);

/// Persons by user name, in lower case as receivers compare them.
pub(super) fn user_names<'p>(
    persons: impl Iterator<Item = Person<'p>>,
) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for person in persons.filter(|person| !person.username.is_empty()) {
        names.entry(person.username.to_lowercase()).or_default().push(person.key.to_owned());
    }
    names
}

/// Whether two persons with one user name are one human with two keys.
pub(super) fn same_human(a: &Person<'_>, b: &Person<'_>) -> bool {
    let known = !a.personal_number.is_empty() && !b.personal_number.is_empty();
    if known {
        return a.personal_number == b.personal_number;
    }
    !a.family_name.is_empty() && (a.given_name, a.family_name) == (b.given_name, b.family_name)
}

/// User names under which several persons are told.
#[derive(Default)]
pub(super) struct Shared {
    names: u64,
    newcomers: u64,
    /// Keys of the newcomers, and of those whom the receiver knows.
    pub(super) concerned: BTreeSet<String>,
}

impl Shared {
    /// Looks for them in what would be told, and for whoever came to one since the target was
    /// last told: who shared it then was approved then.
    pub(super) fn of(told: &Roster, input: &Input<'_>) -> Result<Shared, SnapshotError> {
        let sharing = sharing(told, input.format);
        let mut shared = Shared { names: sharing.len() as u64, ..Shared::default() };
        let before = match input.model {
            _ if sharing.is_empty() => return Ok(shared),
            Model::Nothing => return Ok(shared),
            Model::Known(open) => told_before(&[open], &sharing, input.format)?,
            Model::AnyOf(candidates) => told_before(candidates, &sharing, input.format)?,
        };
        for (name, keys) in &sharing {
            let known = |key: &&String| before.contains_key(key.as_str());
            let new = |key: &&String| !before.get(key.as_str()).is_some_and(|of| of.contains(name));
            let owners: BTreeSet<String> =
                keys.iter().filter(known).map(|key| human(key, &input.register.roster)).collect();
            for key in keys.iter().filter(new) {
                let own = human(key, &input.register.roster);
                if owners.len() > 1 || !owners.is_empty() && !owners.contains(&own) {
                    shared.newcomers += 1;
                    shared.concerned.extend(keys.iter().filter(known).cloned());
                    shared.concerned.insert(key.clone());
                }
            }
        }
        Ok(shared)
    }

    /// The verdict with these among its reasons: the receiver might give one human's account to
    /// another, and no share of all is so small that it would not matter.
    pub(super) fn judged(&self, verdict: Verdict) -> Verdict {
        if self.newcomers == 0 {
            return verdict;
        }
        let breach = Breach::SharedUserName { count: self.newcomers };
        match verdict {
            Verdict::Pass => Verdict::Hold(vec![breach]),
            Verdict::Hold(mut breaches) => {
                breaches.push(breach);
                Verdict::Hold(breaches)
            }
        }
    }

    /// What is told to people of all that are shared.
    pub(super) fn remark(&self, format: &Format) -> Option<Issue> {
        let document = format.document_names().into_iter().next().unwrap_or_default();
        let issue = Issue::of_file(SHARED, Severity::Warning, &document).in_field("username");
        (self.names > 0).then(|| issue.with(self.names.to_string()))
    }
}

/// The keys of those who share a user name, by that name. A country's names are not all kept:
/// first only their digests, and where two are alike, the names.
fn sharing(told: &Roster, format: &Format) -> BTreeMap<String, Vec<String>> {
    let named = || {
        let names = told.persons().map(|person| (person.key, format.user_name(&person)));
        names.filter(|(_, name)| !name.is_empty()).map(|(key, name)| (key, name.to_lowercase()))
    };
    let digest = |name: &str| {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish()
    };
    let mut digests: Vec<u64> = named().map(|(_, name)| digest(&name)).collect();
    digests.sort_unstable();
    let twice: HashSet<u64> =
        digests.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    let mut sharing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if twice.is_empty() {
        return sharing;
    }
    for (key, name) in named().filter(|(_, name)| twice.contains(&digest(name))) {
        sharing.entry(name).or_default().push(key.to_owned());
    }
    sharing.retain(|_, keys| keys.len() > 1);
    sharing
}

/// Under which user names those who share one now were told before.
fn told_before(
    candidates: &[OpenSnapshot<'_>],
    sharing: &BTreeMap<String, Vec<String>>,
    format: &Format,
) -> Result<BTreeMap<String, Vec<String>>, SnapshotError> {
    let keys: HashSet<&str> = sharing.values().flatten().map(String::as_str).collect();
    let mut before: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for open in candidates {
        let mut reader = Reader::open(open()?)?;
        while let Some((kind, line)) = reader.next_line()? {
            let person = (kind == Kind::Person).then(|| Person::from_line(line)).flatten();
            if let Some(person) = person.filter(|person| keys.contains(person.key)) {
                let name = format.user_name(&person).to_lowercase();
                before.entry(person.key.to_owned()).or_default().push(name);
            }
        }
    }
    Ok(before)
}

/// Who somebody is: the personal number where the register has it, since most targets are not told
/// it; else the key. Names do not say: it is namesakes who are given one user name by mistake.
fn human(key: &str, register: &Roster) -> String {
    let person = register.find_person(key).map(|at| register.person_at(at));
    let number = person.as_ref().map_or("", |person| person.personal_number);
    if number.is_empty() { key.to_owned() } else { number.to_owned() }
}
