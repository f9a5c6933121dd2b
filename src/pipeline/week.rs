//! Removals over seven days: what passes every night must not drip a school away in a week.
//!
//! The numbers are gross, as those of a night: who leaves, comes back and leaves again counts
//! twice.

use std::collections::BTreeSet;

use super::counts::{Counts, SchoolTally, Tally};
use super::limits::Limits;
use super::percent::{Limit, Percent};
use super::verdict::{Breach, Operation, Subject};
use crate::roster::words::Role;

/// The files of the last days, tonight's not among them.
#[derive(Clone, Default, Debug)]
pub struct Week {
    /// Numbers of those that passed the filter by themselves, oldest first.
    pub passed: Vec<Counts>,
    /// Numbers of those that a person said yes to: their removals were looked at and do not
    /// count, but a population that a person agreed to is one to count from.
    pub agreed: Vec<Counts>,
}

impl Week {
    /// How many left in the days before tonight, and of how many: those that there were when the
    /// days began, those that a person agreed to since if that is more, tonight's where the days
    /// knew none.
    fn part(&self, part: impl Fn(&Counts) -> Tally, tonight: Tally) -> (u64, u64) {
        let earlier = self.passed.iter().map(&part);
        let removed = earlier.clone().map(|tally| tally.removed).sum();
        let first = earlier.map(|tally| tally.before).find(|&before| before > 0);
        let agreed = self.agreed.iter().map(|counts| part(counts).now).max();
        (removed, first.unwrap_or(tonight.before).max(agreed.unwrap_or(0)))
    }
}

/// Every limit of the week that tonight would exceed. What loses nothing tonight breaks none, and
/// what lost nothing before is judged by the night alone.
pub(super) fn breaches(counts: &Counts, week: &Week, limits: &Limits) -> Vec<Breach> {
    if week.passed.is_empty() {
        return Vec::new();
    }
    let mut judge = Judge { week, limits, breaches: Vec::new() };
    judge.kinds(counts);
    judge.schools(counts);
    judge.breaches
}

/// Without what needs no week to say so: a subject of which the night alone holds removals, and a
/// part of a school that is told whole or of something that is told of all schools.
pub(super) fn untold(found: &[Breach], night: &[Breach]) -> Vec<Breach> {
    let told: BTreeSet<&Subject> = night.iter().filter_map(Breach::removed).collect();
    let told = |of: &Subject| told.contains(of);
    let over = found.iter().filter_map(|breach| match breach {
        Breach::OverWeek { subject, .. } => Some(subject),
        _ => None,
    });
    let over: BTreeSet<&Subject> = over.collect();
    let is_new = |breach: &&Breach| match breach {
        Breach::OverWeek { subject: subject @ Subject::AtSchool(what, school), .. } => {
            let school = Subject::School(school.clone());
            !told(subject) && !told(&school) && !told(what) && !over.contains(&**what)
        }
        Breach::OverWeek { subject, .. } => !told(subject),
        _ => true,
    };
    found.iter().filter(is_new).cloned().collect()
}

struct Judge<'w> {
    week: &'w Week,
    limits: &'w Limits,
    breaches: Vec<Breach>,
}

impl Judge<'_> {
    fn kinds(&mut self, counts: &Counts) {
        let limits = self.limits;
        let remove = Operation::Remove;
        self.one(Subject::Persons, counts, |c| c.persons, limits.persons.share(remove));
        for &role in counts.roles.keys() {
            let nightly = match role {
                Role::Learner => limits.learners.share(remove),
                Role::Staff => limits.staff.share(remove),
                Role::Guardian => limits.guardians.share(remove),
                _ => None,
            };
            let part = move |c: &Counts| c.roles.get(&role).copied().unwrap_or_default();
            self.one(Subject::Role(role), counts, part, nightly);
        }
        self.one(Subject::Groups, counts, |c| c.groups, limits.groups.share(remove));
        for &kind in counts.group_kinds.keys() {
            let part = move |c: &Counts| c.group_kinds.get(&kind).copied().unwrap_or_default();
            self.one(Subject::GroupKind(kind), counts, part, limits.of_kind(kind).share(remove));
        }
        self.one(Subject::Memberships, counts, |c| c.memberships, limits.memberships.share(remove));
        for &role in counts.membership_roles.keys() {
            let part = move |c: &Counts| c.membership_roles.get(&role).copied().unwrap_or_default();
            let nightly = limits.memberships.share(remove);
            self.one(Subject::MembershipRole(role), counts, part, nightly);
        }
        self.one(Subject::Relations, counts, |c| c.relations, limits.relations.share(remove));
    }

    fn schools(&mut self, counts: &Counts) {
        let nightly = self.limits.school.remove.map(Limit::share);
        for SchoolTally { key, name, roles, .. } in &counts.by_school {
            let here = |what| Subject::AtSchool(Box::new(what), name.clone());
            let whole = Subject::School(name.clone());
            let told = self.breaches.len();
            self.one(whole, counts, |c| c.at_school(key, |school| school.persons), nightly);
            if self.breaches.len() > told {
                continue;
            }
            for &role in roles.keys() {
                let part = |school: &SchoolTally| school.roles.get(&role).copied();
                let part = |c: &Counts| c.at_school(key, |s| part(s).unwrap_or_default());
                self.one(here(Subject::Role(role)), counts, part, nightly);
            }
            let part = |c: &Counts| c.at_school(key, |school| school.groups);
            self.one(here(Subject::Groups), counts, part, nightly);
            let part = |c: &Counts| c.at_school(key, |school| school.memberships);
            self.one(here(Subject::Memberships), counts, part, nightly);
        }
    }

    /// Never stricter on one night's removals than that night's own limit. The allowance covers
    /// so many in the whole week, and not those of whom everyone was exchanged.
    fn one(
        &mut self,
        subject: Subject,
        counts: &Counts,
        part: impl Fn(&Counts) -> Tally,
        nightly: Option<Percent>,
    ) {
        let tonight = part(counts);
        if tonight.removed == 0 {
            return;
        }
        let (earlier, of) = self.week.part(part, tonight);
        if earlier == 0 {
            return;
        }
        let count = earlier + tonight.removed;
        let limit = self.limits.week.share().max(nightly.unwrap_or_default());
        let few = count <= u64::from(self.limits.always_allow) && count < of;
        if !few && limit.exceeded_by(count, of) {
            let limit = limit.in_thousandths();
            self.breaches.push(Breach::OverWeek { subject, count, of, limit });
        }
    }
}
