//! Stored nights judged anew: their numbers through the same filter, under other limits.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::Serialize;

use super::counts::{Counts, Tally};
use super::limits::Limits;
use super::percent::{Limit, Percent};
use super::safety::{Circumstances, Week, judge};
use super::verdict::{Breach, Operation, Subject, Verdict};
use crate::roster::words::Role;

/// A night as the logbook keeps it.
pub struct StoredNight<'n> {
    /// Its day on the site's clock.
    pub date: Date,
    /// Its numbers.
    pub counts: &'n Counts,
    /// What the filter said then.
    pub verdict: &'n Verdict,
    /// Whether its file was sent in the end, and counts in the week after it.
    pub sent: bool,
}

/// What the filter says of a stored night under other limits.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Replayed {
    /// What breaks the limits.
    pub by_numbers: Vec<Breach>,
    /// What held it then whatever the limits, as it was written down.
    pub by_itself: Vec<Breach>,
    /// Whether it was a first delivery, whose numbers are compared with nothing of ours.
    pub first_delivery: bool,
}

/// One target's stored nights on their way through the filter.
pub struct Replay {
    limits: Limits,
    /// Nights whose files were sent: their days, whether a person said yes, and their numbers.
    sent: Vec<(Date, bool, Counts)>,
}

impl Replay {
    /// Judges under these limits.
    pub fn under(limits: Limits) -> Replay {
        Replay { limits, sent: Vec::new() }
    }

    /// What was sent in the seven days before a night.
    fn week_before(&self, date: Date) -> Week {
        let first = date.saturating_sub(Span::new().days(7));
        let mut week = Week::default();
        for (_, agreed, counts) in self.sent.iter().filter(|(day, ..)| *day >= first) {
            let nights = if *agreed { &mut week.agreed } else { &mut week.passed };
            nights.push(counts.clone());
        }
        week
    }

    /// The next night, oldest first.
    pub fn night(&mut self, night: &StoredNight<'_>) -> Replayed {
        let stored = match night.verdict {
            Verdict::Hold(breaches) => breaches.as_slice(),
            Verdict::Pass => &[],
        };
        let is_first = |breach: &&Breach| matches!(breach, Breach::FirstDelivery { .. });
        let first_delivery = stored.iter().any(|breach| is_first(&breach));
        let by_itself = stored.iter().filter(|b| !is_first(b) && !is_of_numbers(b));
        let by_itself = by_itself.cloned().collect();
        let week = self.week_before(night.date);
        let around = Circumstances { week, ..Circumstances::default() };
        let judged = judge(night.counts, &around, &self.limits);
        if night.sent {
            let agreed = *night.verdict != Verdict::Pass;
            self.sent.push((night.date, agreed, night.counts.clone()));
        }
        let by_numbers = match judged {
            Verdict::Hold(breaches) if !first_delivery => breaches,
            _ => Vec::new(),
        };
        Replayed { by_numbers, by_itself, first_delivery }
    }
}

/// Whether the filter finds this reason again in a night's stored numbers. Rows set aside and
/// protection markings are stored only for nights that were held for them.
fn is_of_numbers(breach: &Breach) -> bool {
    match breach {
        Breach::OverPercent { .. }
        | Breach::OverCount { .. }
        | Breach::OverWeek { .. }
        | Breach::Vanished { .. }
        | Breach::BelowMinimum { .. }
        | Breach::Rekeyed { .. }
        | Breach::FieldEmptied { .. }
        | Breach::FieldChanged { .. }
        | Breach::NothingUnchanged { .. } => true,
        Breach::FirstDelivery { .. }
        | Breach::SetAside { .. }
        | Breach::ProtectedFlood { .. }
        | Breach::ProtectionFell { .. }
        | Breach::EncodingChanged { .. }
        | Breach::KeyRulesChanged
        | Breach::OutcomeUnknown
        | Breach::BaselineOld { .. }
        | Breach::ForeignFile { .. }
        | Breach::WrongEncoding { .. }
        | Breach::ConfigurationRemoves { .. }
        | Breach::Clock { .. }
        | Breach::ArchivedReturns { .. }
        | Breach::TakenOver { .. }
        | Breach::SharedUserName { .. }
        | Breach::WithdrawnBack { .. }
        | Breach::Release { .. } => false,
    }
}

/// The school that lost the largest share of its persons, with that tally.
pub fn worst_school(counts: &Counts) -> Option<(&str, Tally)> {
    let schools = counts.by_school.iter().filter(|school| school.persons.removed > 0);
    let worst = schools.reduce(|worst, school| {
        let (a, b) = (school.persons, worst.persons);
        if is_larger((a.removed, a.before), (b.removed, b.before)) { school } else { worst }
    });
    worst.map(|school| (school.name.as_str(), school.persons))
}

/// Whether the first part of a whole is a larger share than the second.
fn is_larger(a: (u64, u64), b: (u64, u64)) -> bool {
    u128::from(a.0) * u128::from(b.1) > u128::from(b.0) * u128::from(a.1)
}

/// The most that ever happened to a subject in a night that was not stopped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Largest {
    /// To what; of schools, the one to which it happened.
    pub subject: Subject,
    /// What happened.
    pub operation: Operation,
    /// To how many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Whether the allowance covers it, so that no share is broken by it.
    pub allowed: bool,
    /// When.
    pub at: Timestamp,
}

/// Takes a night into account: what is above the allowance counts before what is covered by it,
/// then the larger share.
pub fn take_in(largest: &mut Vec<Largest>, (at, counts): (Timestamp, &Counts), always_allow: u32) {
    for (subject, tally) in tallies(counts) {
        for (operation, count) in operations(&subject, tally) {
            let of = tally.before;
            if count == 0 || of == 0 {
                continue;
            }
            let allowed = count <= u64::from(always_allow);
            let subject = subject.clone();
            let new = Largest { subject, operation, count, of, allowed, at };
            match largest.iter_mut().find(|old| old.is_about_the_same(&new)) {
                None => largest.push(new),
                Some(old) if old.allowed != new.allowed => {
                    if old.allowed {
                        *old = new;
                    }
                }
                Some(old) if is_larger((new.count, new.of), (old.count, old.of)) => *old = new,
                Some(_) => {}
            }
        }
    }
}

impl Largest {
    fn is_about_the_same(&self, other: &Largest) -> bool {
        let schools =
            matches!((&self.subject, &other.subject), (Subject::School(_), Subject::School(_)));
        self.operation == other.operation && (schools || self.subject == other.subject)
    }
}

fn tallies(counts: &Counts) -> Vec<(Subject, Tally)> {
    let mut all = vec![(Subject::Persons, counts.persons)];
    all.extend(counts.roles.iter().map(|(&role, &tally)| (Subject::Role(role), tally)));
    let school = worst_school(counts);
    all.extend(school.map(|(name, tally)| (Subject::School(name.to_owned()), tally)));
    all.push((Subject::Groups, counts.groups));
    all.extend(counts.group_kinds.iter().map(|(&kind, &t)| (Subject::GroupKind(kind), t)));
    all.push((Subject::Memberships, counts.memberships));
    let roles = counts.membership_roles.iter();
    all.extend(roles.map(|(&role, &tally)| (Subject::MembershipRole(role), tally)));
    all.push((Subject::Relations, counts.relations));
    all
}

/// Puts the subjects in the order in which people ask: whom, where, then what belongs to them.
pub fn in_order(largest: &mut [Largest]) {
    largest.sort_by_key(|most| {
        let subject = match most.subject {
            Subject::Persons => 0,
            Subject::Role(_) => 1,
            Subject::School(_) | Subject::AtSchool(..) => 2,
            Subject::Schools => 3,
            Subject::Groups => 4,
            Subject::GroupKind(_) => 5,
            Subject::Memberships => 6,
            Subject::MembershipRole(_) => 7,
            Subject::Relations => 8,
        };
        let operation = match most.operation {
            Operation::Remove => 0,
            Operation::Add => 1,
            Operation::Change => 2,
        };
        (subject, operation)
    });
}

/// What is limited unless configured: all three of whole kinds, removals of their parts.
fn operations(subject: &Subject, tally: Tally) -> Vec<(Operation, u64)> {
    let removed = (Operation::Remove, tally.removed);
    match subject {
        Subject::Persons | Subject::Groups | Subject::Memberships | Subject::Relations => {
            vec![removed, (Operation::Add, tally.added), (Operation::Change, tally.changed)]
        }
        _ => vec![removed],
    }
}

/// The share that limits this, if any.
pub fn limit_of(limits: &Limits, subject: &Subject, operation: Operation) -> Option<Percent> {
    match subject {
        Subject::Persons => limits.persons.share(operation),
        Subject::Role(Role::Learner) => limits.learners.share(operation),
        Subject::Role(Role::Staff) => limits.staff.share(operation),
        Subject::Role(Role::Guardian) => limits.guardians.share(operation),
        Subject::Role(_) | Subject::Schools => None,
        Subject::Groups => limits.groups.share(operation),
        Subject::GroupKind(kind) => limits.of_kind(*kind).share(operation),
        Subject::Memberships | Subject::MembershipRole(_) => limits.memberships.share(operation),
        Subject::Relations => limits.relations.share(operation),
        Subject::School(_) | Subject::AtSchool(..) => limits.school.remove.map(Limit::share),
    }
}
