//! What must hold of every file that becomes visible, judged by what the receiver was told
//! before and by what the register says: not by anything that the program says of itself.

use std::collections::{BTreeMap, BTreeSet};

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
    pub(super) roles: usize,
    /// Percent of groups and of memberships.
    pub(super) others: usize,
    /// Percent of the persons of one school.
    pub(super) school: usize,
    /// Percent of persons in seven days.
    pub(super) week: usize,
    /// So few are always allowed, unless they are all.
    pub(super) few: usize,
    /// By the gateway's clock it is a window's day: nothing.
    pub(super) in_window: bool,
}

/// One file that became visible.
#[derive(Clone)]
pub(super) struct Published {
    pub(super) digest: String,
    pub(super) roll: Roll,
    at: Timestamp,
    approved: bool,
    /// Persons of the one before who are gone, other than those who must be: [`ALL`], and by role.
    lost: BTreeMap<String, Gone>,
}

/// Everybody, whatever their roles.
const ALL: &str = "persons";

impl Published {
    /// How many persons it tells, in all or of a role.
    fn count(&self, part: &str) -> usize {
        let roles = self.roll.persons.values();
        roles.filter(|role| part == ALL || *role == part).count()
    }
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
    let mut new = Published { digest, at: stage.now, approved, lost: BTreeMap::new(), roll };
    match known {
        None => ensure!(approved, "I2: a first delivery that nobody approved"),
        Some(known) => {
            let losses = Losses::of(stage, &known.roll, &new.roll);
            new.lost.clone_from(&losses.roles);
            new.lost.insert(ALL.to_owned(), losses.persons);
            if !approved {
                nobody_set_aside_is_gone(stage, &known.roll, &new.roll)?;
                losses.within(&stage.allowed)?;
                ensure!(
                    !stage.allowed.in_window || losses.are_none(),
                    "rule 14: {losses:?} in a window"
                );
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

/// Rule 10: nobody goes whose row cannot be used.
fn nobody_set_aside_is_gone(stage: &Stage, before: &Roll, now: &Roll) -> Checked {
    let aside = stage.inbox.aside.iter().filter(|_| stage.has_read);
    let gone = aside
        .filter(|key| !stage.withdrawn.contains(*key))
        .find(|key| before.persons.contains_key(*key) && !now.persons.contains_key(*key));
    ensure!(gone.is_none(), "I4: {gone:?} is gone, whose row could not be used");
    Ok(())
}

/// How many are gone, and of how many.
#[derive(Clone, Copy, Default, Debug)]
struct Gone(usize, usize);

impl Gone {
    fn of<T>(before: impl Iterator<Item = T>, is_gone: impl Fn(&T) -> bool) -> Gone {
        let mut gone = Gone::default();
        for one in before {
            gone.0 += usize::from(is_gone(&one));
            gone.1 += 1;
        }
        gone
    }

    fn within(self, what: &str, percent: usize, few: usize) -> Checked {
        let Gone(gone, of) = self;
        let few = gone <= few && gone < of;
        let fine = gone == 0 || few || gone * 100 <= of * percent;
        ensure!(fine, "I4: {gone} of {of} {what} removed, and nobody approved that");
        Ok(())
    }
}

/// What a file takes away. Those who may not be told do not count.
#[derive(Debug)]
struct Losses {
    persons: Gone,
    roles: BTreeMap<String, Gone>,
    schools: BTreeMap<String, Gone>,
    /// Groups of each kind, by the first letter of their keys.
    kinds: BTreeMap<char, Gone>,
    groups: Gone,
    members: Gone,
}

impl Losses {
    fn of(stage: &Stage, before: &Roll, now: &Roll) -> Losses {
        let nobody = BTreeSet::new();
        let marked = if stage.has_read { &stage.inbox.hidden } else { &nobody };
        let is_hidden = |key: &str| {
            marked.contains(key) || stage.withdrawn.contains(key) || is_alone(stage, key)
        };
        let told = |key: &&String| !is_hidden(key);
        let is_gone = |key: &&String| !now.persons.contains_key(*key);
        let of_role = |role: &String| {
            let all = before.persons.iter().filter(|(_, has)| *has == role);
            (role.clone(), Gone::of(all.map(|(key, _)| key).filter(told), is_gone))
        };
        let of_school = |(school, all): (&String, &BTreeSet<String>)| {
            (school.clone(), Gone::of(all.iter().filter(told), is_gone))
        };
        // A group that points at somebody hidden goes with them, and all of its memberships.
        let points = |group: &str| {
            before.members.iter().any(|(of, person)| of == group && is_hidden(person))
                || stage.inbox.groups.get(group).copied().unwrap_or(false)
        };
        let lost = |group: &&String| !now.groups.contains(*group);
        let counts = |group: &&String| !points(group) || now.groups.contains(*group);
        let groups: Vec<&String> = before.groups.iter().filter(counts).collect();
        let kind_of = |group: &str| group.chars().next().unwrap_or_default();
        let of_kind = |kind: char| {
            let all = groups.iter().copied().filter(move |group| kind_of(group) == kind);
            (kind, Gone::of(all, lost))
        };
        let members = before.members.iter().filter(|(group, person)| {
            !is_hidden(person) && (now.groups.contains(group) || !points(group))
        });
        let roles: BTreeSet<&String> = before.persons.values().collect();
        Losses {
            persons: Gone::of(before.persons.keys().filter(told), is_gone),
            roles: roles.into_iter().map(of_role).collect(),
            schools: before.schools.iter().map(of_school).collect(),
            kinds: groups.iter().map(|group| of_kind(kind_of(group))).collect(),
            groups: Gone::of(groups.iter().copied(), lost),
            members: Gone::of(members, |of| !now.members.contains(*of)),
        }
    }

    /// Rule 14.
    fn are_none(&self) -> bool {
        self.persons.0 + self.groups.0 + self.members.0 == 0
    }

    /// I4.
    fn within(&self, allowed: &Allowed) -> Checked {
        let Allowed { persons, roles, others, school, few, .. } = *allowed;
        self.persons.within("persons", persons, few)?;
        for (role, gone) in &self.roles {
            gone.within(role, roles, few)?;
        }
        for (name, gone) in &self.schools {
            gone.within(&format!("persons of {name}"), school, few)?;
        }
        for (kind, gone) in &self.kinds {
            gone.within(&format!("groups of kind {kind}"), others, few)?;
        }
        self.groups.within("groups", others, few)?;
        self.members.within("memberships", others, few)
    }
}

/// An adult of whose children one may not be told now.
fn is_alone(stage: &Stage, key: &str) -> bool {
    let Some(number) = key.strip_prefix("vuxen").and_then(|n| n.parse::<u8>().ok()) else {
        return false;
    };
    let of = |child: &String| {
        let child = child.strip_prefix("elevk").and_then(|rest| rest[..2].parse::<u8>().ok());
        child.is_some_and(|child| child / 3 == number)
    };
    stage.withdrawn.iter().any(of) || stage.has_read && stage.inbox.hidden.iter().any(of)
}

/// I4 over seven days: of all persons, and of each role.
fn week(stage: &Stage) -> Checked {
    let Some(last) = stage.published.last().filter(|last| !last.approved) else { return Ok(()) };
    let since = last.at - SignedDuration::from_hours(6 * 24);
    let all = stage.published.iter().skip(stage.remembers);
    let week: Vec<&Published> = all.filter(|file| file.at >= since && file.at <= last.at).collect();
    let Allowed { week: percent, persons, roles, few, .. } = stage.allowed;
    let sum = |part: &str, percent: usize| {
        let lost = |file: &Published| file.lost.get(part).copied().unwrap_or_default();
        let own = week.iter().filter(|file| !file.approved).map(|file| lost(file).0);
        let gone: usize = own.sum();
        let of = week.iter().map(|file| lost(file).1.max(file.count(part))).max().unwrap_or(0);
        let tonight = lost(last).0;
        if tonight == 0 || gone == tonight || gone <= few {
            return Ok(());
        }
        let fine = gone * 100 <= of * percent;
        ensure!(fine, "I4: {gone} of {of} {part} removed in a week, and nobody approved that");
        Ok(())
    };
    sum(ALL, percent.max(persons))?;
    last.lost.keys().filter(|part| *part != ALL).try_for_each(|role| sum(role, percent.max(roles)))
}
