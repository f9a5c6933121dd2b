//! The safety filter: gross numbers against limits, in exact integers.
//!
//! A comparison is written so that whatever is not provably within its limit is held.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::Archive;
use super::counts::{Counts, SchoolTally, Tally};
use super::flood::{self, Marked};
pub use super::limits::{Bounds, FieldBounds, Limits, Minimum, OfKinds, SchoolBounds, Settings};
use super::percent::{Limit, Percent};
pub use super::sentinels::Sentinels;
use super::verdict::{Breach, Operation, Subject, Verdict};
use super::week;
pub use super::week::Week;
use crate::roster::field::PersonField;
use crate::roster::words::Role;

/// What the filter knows beside the numbers.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// Set when there is no baseline for this receiver: what differs from the last one's.
    pub first_delivery: Option<Vec<String>>,
    /// The target of another name whose file this receiver was given last.
    pub last_for: Option<String>,
    /// The baseline is a file that a person says the receiver holds: also a first delivery, but
    /// one that is compared.
    pub adopted: bool,
    /// Rows that could not be used.
    pub set_aside: u64,
    /// Rows read.
    pub rows: u64,
    /// Persons of the baseline who are protected since, but for those withdrawn by hand.
    pub newly_protected: u64,
    /// Roles of which everybody in the baseline is among them, each with its number of them.
    pub protected_roles: BTreeMap<Role, u64>,
    /// Rows with a marking that the configuration does not know.
    pub unknown_markings: u64,
    /// How many the markings are of.
    pub marked: Marked,
    /// Persons read from the register.
    pub persons_read: u64,
    /// Names that look decoded with the wrong encoding.
    pub garbled_names: u64,
    /// What the receiver would see by its own keys, when the format or encoder changed.
    pub encoding_changed: Option<Counts>,
    /// The baseline was written under other key rules.
    pub key_rules_changed: bool,
    /// Which file the receiver holds is not known.
    pub outcome_unknown: bool,
    /// Days since a run last judged against the baseline, when that is too long.
    pub baseline_old: Option<u32>,
    /// A final file that rostergate did not leave.
    pub foreign_file: Option<String>,
    /// New persons with the user name of somebody who would have stayed until released.
    pub taken_over: u64,
    /// Groups under the key of another whose members would have stayed until released.
    pub groups_taken_over: u64,
    /// New persons who may be somebody withdrawn by hand.
    pub withdrawn_back: u64,
    /// What the receiver archives, and has archived.
    pub archive: Archive,
    /// Groups that would be told again after the receiver archived them.
    pub archived_returns: u64,
    /// What left with the files of the last seven days.
    pub week: Week,
}

/// May this go out?
pub fn judge(counts: &Counts, around: &Circumstances, limits: &Limits) -> Verdict {
    let mut judge = Judge { limits, breaches: Vec::new() };
    judge.circumstances(counts, around);
    if around.first_delivery.is_none() {
        judge.rekeyed(counts);
        judge.fields(counts);
        judge.nothing_unchanged(counts);
        judge.kinds(counts);
        judge.schools(counts);
        let week = week::breaches(counts, &around.week, limits);
        let untold = week::untold(&week, &judge.breaches);
        judge.breaches.extend(untold);
    }
    judge.minimum(counts);
    judge.breaches.sort_by_key(telling);
    if judge.breaches.is_empty() { Verdict::Pass } else { Verdict::Hold(judge.breaches) }
}

/// What tells a reader most comes first: what is wrong at all, how many persons, which school.
fn telling(breach: &Breach) -> (u8, u8) {
    let of = |subject: &Subject| match subject {
        Subject::Persons => 1,
        Subject::School(_) | Subject::AtSchool(..) => 2,
        _ => 3,
    };
    match breach {
        Breach::OverPercent { subject, operation, .. }
        | Breach::OverCount { subject, operation, .. } => match operation {
            Operation::Remove => (1, of(subject)),
            Operation::Add | Operation::Change => (2, of(subject)),
        },
        Breach::Vanished { subject, .. } | Breach::OverWeek { subject, .. } => (1, of(subject)),
        _ => (0, 0),
    }
}

/// So few of one role, of groups or of memberships at a school may all go on an ordinary night, and
/// so few of one role may all become protected.
pub(super) const FEW_AT_A_SCHOOL: u64 = 2;

struct Judge<'l> {
    limits: &'l Limits,
    breaches: Vec<Breach>,
}

impl Judge<'_> {
    fn circumstances(&mut self, counts: &Counts, around: &Circumstances) {
        if around.first_delivery.is_some() || around.adopted {
            let moved = around.first_delivery.clone().unwrap_or_default();
            let persons = counts.persons.now;
            let last_for = around.last_for.clone();
            self.breaches.push(Breach::FirstDelivery { persons, moved, last_for });
        }
        if let Some(seen) = &around.encoding_changed {
            let sum = |part: fn(&Tally) -> u64| {
                [seen.persons, seen.groups, seen.schools, seen.memberships, seen.relations]
                    .iter()
                    .map(part)
                    .sum()
            };
            self.breaches.push(Breach::EncodingChanged {
                added: sum(|t| t.added),
                changed: sum(|t| t.changed),
                removed: sum(|t| t.removed),
            });
        }
        self.breaches.extend(around.key_rules_changed.then_some(Breach::KeyRulesChanged));
        self.breaches.extend(around.outcome_unknown.then_some(Breach::OutcomeUnknown));
        self.breaches.extend(around.baseline_old.map(|days| Breach::BaselineOld { days }));
        if let Some(name) = &around.foreign_file {
            self.breaches.push(Breach::ForeignFile { name: name.clone() });
        }
        if around.garbled_names > 0 {
            self.breaches.push(Breach::WrongEncoding { count: around.garbled_names });
        }
        if around.taken_over + around.groups_taken_over > 0 {
            let (count, groups) = (around.taken_over, around.groups_taken_over);
            self.breaches.push(Breach::TakenOver { count, groups });
        }
        if around.withdrawn_back > 0 {
            self.breaches.push(Breach::WithdrawnBack { count: around.withdrawn_back });
        }
        if around.archived_returns > 0 {
            self.breaches.push(Breach::ArchivedReturns { count: around.archived_returns });
        }
        self.set_aside(around);
        self.breaches.extend(flood::of_markings(around, self.limits));
        self.breaches.extend(flood::fallen(counts, around));
    }

    fn set_aside(&mut self, around: &Circumstances) {
        let limit = self.limits.set_aside.share();
        if limit.exceeded_by(around.set_aside, around.rows) {
            let (count, of, limit) = (around.set_aside, around.rows, limit.in_thousandths());
            self.breaches.push(Breach::SetAside { count, of, limit });
        }
    }

    /// New keys for the same people are a fault of the register or its upgrade: the receiver
    /// would delete them all and make them anew.
    fn rekeyed(&mut self, counts: &Counts) {
        let share = self.limits.rekeyed.share();
        let rows = [
            (Subject::Persons, counts.rekeyed.persons, counts.persons.before),
            (Subject::Groups, counts.rekeyed.groups, counts.groups.before),
        ];
        for (subject, count, of) in rows {
            if self.is_over(count, of, share, count >= of) {
                let limit = share.in_thousandths();
                self.breaches.push(Breach::Rekeyed { subject, count, of, limit });
            }
        }
    }

    fn fields(&mut self, counts: &Counts) {
        let (emptied, changed) = (self.limits.emptied.share(), self.limits.changed.share());
        for (&field, tally) in &counts.fields {
            let of = tally.before;
            if self.is_over(tally.emptied, of, emptied, false) {
                let (count, limit) = (tally.emptied, emptied.in_thousandths());
                self.breaches.push(Breach::FieldEmptied { field, count, of, limit });
            }
            // Every pupil gets another school year in August.
            if field != PersonField::SchoolYear && self.is_over(tally.changed, of, changed, false) {
                let (count, limit) = (tally.changed, changed.in_thousandths());
                self.breaches.push(Breach::FieldChanged { field, count, of, limit });
            }
        }
    }

    /// Whatever the limits: of a register that is in order, somebody is always as yesterday.
    fn nothing_unchanged(&mut self, counts: &Counts) {
        let of = counts.persons.before;
        if of > u64::from(self.limits.always_allow) && counts.persons_unchanged() == 0 {
            self.breaches.push(Breach::NothingUnchanged { of });
        }
    }

    /// Above the share, and above the allowance unless it is `all` of them.
    fn is_over(&self, count: u64, of: u64, share: Percent, all: bool) -> bool {
        let few = count <= u64::from(self.limits.always_allow) && !all;
        count > 0 && !few && share.exceeded_by(count, of)
    }

    fn kinds(&mut self, counts: &Counts) {
        let limits = self.limits;
        self.all(&Subject::Persons, counts.persons, &limits.persons);
        self.vanished(Subject::Persons, counts.persons);
        let of_role = BTreeMap::from([
            (Role::Learner, limits.learners),
            (Role::Staff, limits.staff),
            (Role::Guardian, limits.guardians),
        ]);
        for (&role, &tally) in &counts.roles {
            if let Some(bounds) = of_role.get(&role) {
                self.all(&Subject::Role(role), tally, bounds);
            }
            self.vanished(Subject::Role(role), tally);
        }
        self.all(&Subject::Groups, counts.groups, &limits.groups);
        for (&kind, &tally) in &counts.group_kinds {
            self.all(&Subject::GroupKind(kind), tally, &limits.of_kind(kind));
            self.vanished(Subject::GroupKind(kind), tally);
        }
        self.all(&Subject::Memberships, counts.memberships, &limits.memberships);
        for (&role, &tally) in &counts.membership_roles {
            let subject = Subject::MembershipRole(role);
            self.one(&subject, tally, Operation::Remove, &limits.memberships);
            // Whoever becomes a teacher of a group sees what teachers see: new ones are judged
            // among their like, not among the many pupils. Pupils are nearly all there are.
            if role != Role::Learner && tally.before > 0 {
                self.one(&subject, tally, Operation::Add, &limits.memberships);
            }
            self.vanished(Subject::MembershipRole(role), tally);
        }
        self.all(&Subject::Relations, counts.relations, &limits.relations);
        self.vanished(Subject::Relations, counts.relations);
    }

    fn all<const R: u32>(&mut self, subject: &Subject, tally: Tally, bounds: &Bounds<Limit<R>>) {
        for operation in [Operation::Add, Operation::Change, Operation::Remove] {
            self.one(subject, tally, operation, bounds);
        }
    }

    fn one<const R: u32>(
        &mut self,
        subject: &Subject,
        tally: Tally,
        operation: Operation,
        bounds: &Bounds<Limit<R>>,
    ) {
        let count = match operation {
            Operation::Add => tally.added,
            Operation::Change => tally.changed,
            Operation::Remove => tally.removed,
        };
        self.share(subject, operation, count, tally.before, bounds.share(operation));
        self.number(subject, operation, count, bounds.number(operation));
    }

    fn share(
        &mut self,
        subject: &Subject,
        operation: Operation,
        count: u64,
        of: u64,
        limit: Option<Percent>,
    ) {
        let Some(limit) = limit else { return };
        // Everybody replaced by others is as bad as everybody gone: no allowance covers it.
        let all = operation == Operation::Remove && count >= of;
        if self.is_over(count, of, limit, all) {
            let (subject, limit) = (subject.clone(), limit.in_thousandths());
            self.breaches.push(Breach::OverPercent { subject, operation, count, of, limit });
        }
    }

    fn number(&mut self, subject: &Subject, operation: Operation, count: u64, limit: Option<u64>) {
        if let Some(limit) = limit.filter(|&limit| count > limit) {
            let subject = subject.clone();
            self.breaches.push(Breach::OverCount { subject, operation, count, limit });
        }
    }

    /// The allowance never covers what vanishes whole.
    fn vanished(&mut self, subject: Subject, tally: Tally) {
        if tally.before > 0 && tally.now == 0 {
            self.breaches.push(Breach::Vanished { subject, of: tally.before });
        }
    }

    /// There may be very many schools: for none of them the reasons of all others are gone through.
    fn schools(&mut self, counts: &Counts) {
        let bounds = self.limits.school;
        self.school_names(counts.schools);
        let of_all = self.breaches.len();
        let (mut told, mut before) = (BTreeSet::new(), BTreeMap::new());
        let mut vanished: BTreeSet<&str> = BTreeSet::new();
        for school in &counts.by_school {
            let (name, tally, found) = (school.name.as_str(), school.persons, self.breaches.len());
            let subject = Subject::School(name.to_owned());
            before.entry(name).or_insert(tally.before);
            self.vanished(subject.clone(), tally);
            if tally.now > 0 {
                let (count, of) = (tally.removed, tally.before);
                let limit = bounds.remove.map(Limit::share);
                self.share(&subject, Operation::Remove, count, of, limit);
                self.number(&subject, Operation::Remove, count, bounds.remove_max);
            } else if tally.before > 0 {
                vanished.insert(name);
            }
            if self.breaches.len() > found {
                told.insert(name);
            }
            if !told.contains(name) {
                self.parts_of(school, of_all);
            }
        }
        for name in &counts.schools_gone {
            if vanished.insert(name) {
                let of = before.get(name.as_str()).copied().unwrap_or(0);
                self.breaches.push(Breach::Vanished { subject: Subject::School(name.clone()), of });
            }
        }
    }

    /// Of a school only the name can change. One or two get another in an ordinary year; when most
    /// of them have one on the same night, a column is wrong.
    fn school_names(&mut self, Tally { before: of, changed: count, .. }: Tally) {
        let share = self.limits.groups.share(Operation::Change).unwrap_or_default();
        let all = of > FEW_AT_A_SCHOOL && count >= of;
        if self.is_over(count, of, share, all) {
            let (limit, operation) = (share.in_thousandths(), Operation::Change);
            let subject = Subject::Schools;
            self.breaches.push(Breach::OverPercent { subject, operation, count, of, limit });
        }
    }

    /// A school whose persons are all there can lose its staff, its groups or their members, and
    /// that is little of all schools'. One or two are no whole, and what is held for all schools
    /// is not told again: the first `of_all` reasons.
    fn parts_of(&mut self, school: &SchoolTally, of_all: usize) {
        let limit = self.limits.school.remove.map(Limit::share).unwrap_or_default();
        for (subject, tally) in school.parts() {
            let Tally { before: of, now, removed: count, .. } = tally;
            let of_all = &self.breaches[..of_all];
            let everywhere = |of| of_all.iter().any(|breach| breach.removes_from(of));
            if matches!(&subject, Subject::AtSchool(what, _) if everywhere(what)) {
                continue;
            }
            let whole = of > FEW_AT_A_SCHOOL && count >= of;
            if whole && now == 0 {
                self.breaches.push(Breach::Vanished { subject, of });
            } else if self.is_over(count, of, limit, whole) {
                let (limit, operation) = (limit.in_thousandths(), Operation::Remove);
                self.breaches.push(Breach::OverPercent { subject, operation, count, of, limit });
            }
        }
    }

    fn minimum(&mut self, counts: &Counts) {
        let least = self.limits.minimum;
        let rows = [
            (Subject::Persons, counts.persons.now, least.persons),
            (Subject::Groups, counts.groups.now, least.groups),
            (Subject::Memberships, counts.memberships.now, least.memberships),
        ];
        for (subject, count, minimum) in rows {
            if let Some(minimum) = minimum.filter(|&minimum| count < minimum) {
                self.breaches.push(Breach::BelowMinimum { subject, count, minimum });
            }
        }
    }
}
