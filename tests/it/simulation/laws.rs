//! What must hold of every file that becomes visible, judged by what the receiver was told
//! before and by what the register says: not by anything that the program says of itself.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::receiver::{Roll, read};
use super::stage::{Known, Stage};
use crate::support::gateway::sha256;

/// A fault, in words.
pub(super) type Checked = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($why:tt)*) => {
        if !$holds {
            return Err(format!($($why)*));
        }
    };
}
pub(super) use ensure;

/// What may be removed without a person's yes.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Allowed {
    /// Percent of persons, all and of each role.
    pub(super) persons: usize,
    /// Percent of groups and of memberships.
    pub(super) others: usize,
    /// Percent of persons in seven days.
    pub(super) week: usize,
    /// So few are always allowed, unless they are all.
    pub(super) few: usize,
}

/// One file that became visible.
#[derive(Clone)]
pub(super) struct Published {
    pub(super) digest: String,
    pub(super) roll: Roll,
    at: Timestamp,
    approved: bool,
    /// Persons of the one before who are gone, other than those who must be.
    removed: usize,
    of: usize,
}

/// Judges a file that has just become visible, and remembers it.
pub(super) fn judge(stage: &mut Stage, bytes: &[u8]) -> Checked {
    let digest = sha256(bytes);
    ensure!(stage.written.contains(&digest), "I1: bytes that were never planned are visible");
    let roll = read(bytes).map_err(|fault| format!("I1: {fault}"))?;
    nobody_hidden(stage, &roll)?;
    let approved = stage.approved.contains(&digest);
    let last = stage.published.last();
    if let (Some(last), None) = (last, stage.forgotten) {
        let (old, new) = (last.roll.edition, roll.edition);
        ensure!(new >= old, "I3: edition {new} is published after {old}");
    }
    // What the ledger believes was last told, where it was put back in time.
    let known = match stage.forgotten {
        Some(Known(known)) => known.and_then(|at| stage.published.get(at)),
        None => last,
    };
    let mut new =
        Published { digest, at: stage.now, approved, removed: 0, of: roll.persons.len(), roll };
    match known {
        None => ensure!(approved, "I2: a first delivery that nobody approved"),
        Some(known) => {
            let losses = Losses::of(stage, &known.roll, &new.roll);
            (new.removed, new.of) = (losses.persons, losses.persons_before);
            if !approved {
                losses.within(&stage.allowed)?;
            }
        }
    }
    stage.published.push(new);
    if stage.forgotten.take().is_none() {
        week(stage)?;
    }
    Ok(())
}

/// I8, the first half: no file that leaves tells of anybody who may not be told.
fn nobody_hidden(stage: &Stage, roll: &Roll) -> Checked {
    let nobody = BTreeSet::new();
    let hidden = if stage.has_read { &stage.inbox.hidden } else { &nobody };
    for key in hidden.union(&stage.withdrawn) {
        ensure!(!roll.persons.contains_key(key), "I8: {key} is protected and told");
    }
    Ok(())
}

/// What a file takes away.
struct Losses {
    persons: usize,
    persons_before: usize,
    /// What, how many are gone, of how many; those who may not be told do not count.
    parts: Vec<(String, usize, usize)>,
    groups: (usize, usize),
    members: (usize, usize),
}

impl Losses {
    fn of(stage: &Stage, before: &Roll, now: &Roll) -> Losses {
        let nobody = BTreeSet::new();
        let marked = if stage.has_read { &stage.inbox.hidden } else { &nobody };
        let is_hidden = |key: &str| {
            marked.contains(key) || stage.withdrawn.contains(key) || is_alone(stage, before, key)
        };
        let gone = |role: Option<&str>| {
            let of = |(key, has): &(&String, &String)| {
                role.is_none_or(|role| role == *has) && !is_hidden(key)
            };
            let before: Vec<_> = before.persons.iter().filter(of).collect();
            let gone = before.iter().filter(|(key, _)| !now.persons.contains_key(*key)).count();
            (gone, before.len())
        };
        let (persons, persons_before) = gone(None);
        let roles: BTreeSet<&String> = before.persons.values().collect();
        let parts = roles.into_iter().map(|role| {
            let (gone, of) = gone(Some(role));
            (role.clone(), gone, of)
        });
        let parts = parts.collect();
        // A group that points at somebody hidden goes with them, and all of its memberships.
        let points = |group: &str| {
            before.members.iter().any(|(of, person)| of == group && is_hidden(person))
                || stage.inbox.groups.get(group).copied().unwrap_or(false)
        };
        let groups = before.groups.iter().filter(|group| !points(group));
        let groups_gone = groups.clone().filter(|group| !now.groups.contains(*group)).count();
        let members = before.members.iter().filter(|(group, person)| {
            !is_hidden(person) && (now.groups.contains(group) || !points(group))
        });
        let members_gone = members.clone().filter(|of| !now.members.contains(*of)).count();
        Losses {
            persons,
            persons_before,
            parts,
            groups: (groups_gone, groups.count()),
            members: (members_gone, members.count()),
        }
    }

    /// I4.
    fn within(&self, allowed: &Allowed) -> Checked {
        let within = |what: &str, gone: usize, of: usize, percent: usize| {
            let few = gone <= allowed.few && gone < of;
            let fine = gone == 0 || few || gone * 100 <= of * percent;
            ensure!(fine, "I4: {gone} of {of} {what} removed, and nobody approved that");
            Ok(())
        };
        within("persons", self.persons, self.persons_before, allowed.persons)?;
        for (role, gone, of) in &self.parts {
            within(role, *gone, *of, allowed.persons)?;
        }
        within("groups", self.groups.0, self.groups.1, allowed.others)?;
        within("memberships", self.members.0, self.members.1, allowed.others)
    }
}

/// An adult of whose children, in the file before, one may not be told now.
fn is_alone(stage: &Stage, before: &Roll, key: &str) -> bool {
    let Some(number) = key.strip_prefix("vuxen").and_then(|n| n.parse::<u8>().ok()) else {
        return false;
    };
    let of = |child: &str| {
        let child = child.strip_prefix("elevk").and_then(|rest| rest[..2].parse::<u8>().ok());
        child.is_some_and(|child| child / 3 == number)
    };
    let hidden = |child: &&String| {
        stage.withdrawn.contains(*child) || stage.has_read && stage.inbox.hidden.contains(*child)
    };
    before.persons.keys().filter(|key| of(key)).any(|child| hidden(&child))
}

/// I4 over seven days.
fn week(stage: &Stage) -> Checked {
    let Some(last) = stage.published.last().filter(|last| !last.approved && last.removed > 0)
    else {
        return Ok(());
    };
    let since = last.at - SignedDuration::from_hours(6 * 24);
    let all = stage.published.iter().skip(stage.remembers);
    let week = all.filter(|file| file.at >= since && file.at <= last.at);
    let removed: usize = week.clone().filter(|file| !file.approved).map(|file| file.removed).sum();
    let of = week.map(|file| file.of.max(file.roll.persons.len())).max().unwrap_or(0);
    let Allowed { week, few, .. } = stage.allowed;
    let fine = removed <= few || removed * 100 <= of * week || removed == last.removed;
    ensure!(fine, "I4: {removed} of {of} persons removed in a week, and nobody approved that");
    Ok(())
}
