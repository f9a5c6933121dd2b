//! What becomes of one thing that is missing: it stays, or it goes and why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use super::delay::Differences;
use super::pending::{Pending, Why};
use super::percent::Percent;
use super::season::Season;
use super::window::Release;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// What the calendar and the logbook say of one receiver tonight.
#[derive(Clone, Copy)]
pub struct Calendar<'a> {
    /// Windows and grace.
    pub season: &'a Season,
    /// What the receiver is still told although it is missing.
    pub pending: &'a [Pending],
    /// The local date.
    pub today: Date,
}

impl Calendar<'_> {
    /// Whether anything that is missing could be told again tonight.
    pub(super) fn may_keep(&self) -> bool {
        !self.pending.is_empty() || self.season.holding().is_some() || !self.season.grace.is_none()
    }
}

/// What may go tonight of that which waited in a window that has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fall {
    /// Of approved lists, so many a night, divided by this; nothing when it is 0.
    Approved(u32),
    /// The first of these, and all of windows with `release = "auto"`.
    Auto,
    /// Nothing tonight; the stages of approved lists go on another night.
    Later,
    /// Everything, for a person to approve; of windows with `release = "staged"` the list, which
    /// then goes so many a night.
    Released {
        /// And the rest of lists that were approved and whose next stage the filter does not let
        /// go by itself, such as the last pupils of a school that has closed.
        rest: bool,
    },
    /// Everything, as if the open window had ended: to look at.
    AfterWindow,
}

/// What becomes of one missing thing.
pub(super) enum Fate {
    Stays(Pending),
    Goes(Why),
}

/// Decides one by one.
pub(super) struct Fates<'d> {
    calendar: &'d Calendar<'d>,
    fall: Fall,
    known: BTreeMap<(Kind, &'d str), &'d Pending>,
    batch: BTreeSet<(Kind, &'d str)>,
}

impl<'d> Fates<'d> {
    pub(super) fn new(
        baseline: &Roster,
        differences: &Differences,
        calendar: &'d Calendar<'d>,
        fall: Fall,
    ) -> Self {
        let known = calendar.pending.iter().map(|p| ((p.kind, p.identity.as_str()), p)).collect();
        let batch = tonights_batch(baseline, differences, calendar, fall);
        Fates { calendar, fall, known, batch }
    }

    /// What is written down of something that was missing before.
    pub(super) fn known(&self, kind: Kind, identity: &str) -> Option<&Pending> {
        self.known.get(&(kind, identity)).copied()
    }

    /// Whether what is approved to go in stages goes no further by itself tonight.
    pub(super) fn stages_stop(&self) -> bool {
        self.fall == Fall::Approved(0) && self.calendar.season.open.is_none()
    }

    /// Whether removals wait tonight whatever their age.
    pub(super) fn window_holds(&self) -> bool {
        self.fall != Fall::AfterWindow && self.calendar.season.holding().is_some()
    }

    pub(super) fn fate(&self, kind: Kind, identity: &str) -> Fate {
        let Calendar { season, today, .. } = *self.calendar;
        let fresh = || {
            let window = season.holding().map(|open| open.name.as_str()).unwrap_or_default();
            Pending::fresh(kind, identity.to_owned(), today, window, season)
        };
        let mut pending = match self.known.get(&(kind, identity)) {
            Some(known) => (*known).clone(),
            None => fresh(),
        };
        let goes = if self.window_holds() {
            None
        } else if !pending.window.is_empty() {
            self.is_released(&pending).then(|| Why::Window(pending.window.clone()))
        } else {
            self.grace_over(&pending)
        };
        if let Some(why) = goes {
            return Fate::Goes(why);
        }
        if matches!(self.fall, Fall::Released { .. }) {
            // The same night's file again, with a list that a person has approved.
            let release = season.release_of(&pending);
            pending.approved |= !pending.window.is_empty() && release == Release::Staged;
        } else {
            pending.nights += 1;
        }
        Fate::Stays(pending)
    }

    fn is_released(&self, pending: &Pending) -> bool {
        let release = self.calendar.season.release_of(pending);
        match self.fall {
            Fall::AfterWindow => true,
            Fall::Released { rest } => release != Release::Staged || rest && pending.approved,
            Fall::Auto if release == Release::Auto => true,
            Fall::Auto | Fall::Later | Fall::Approved(_) => {
                self.batch.contains(&(pending.kind, pending.identity.as_str()))
            }
        }
    }

    /// Over when as many delivered files and as many days have passed: nights in which nothing
    /// was delivered do not count. Tonight's file has been delivered when a list is put to a
    /// person, and what else waits is not on it.
    fn grace_over(&self, pending: &Pending) -> Option<Why> {
        let days = self.calendar.season.grace_of(pending);
        let passed = (self.calendar.today - pending.missing_since).get_days();
        if days == 0 {
            return Some(Why::Register);
        }
        let over = pending.nights >= days && i64::from(passed) >= i64::from(days);
        (over && !matches!(self.fall, Fall::Released { .. })).then_some(Why::Grace)
    }
}

/// So many of each kind of what a person has approved for release in stages.
fn tonights_batch<'d>(
    baseline: &Roster,
    differences: &Differences,
    calendar: &'d Calendar<'d>,
    fall: Fall,
) -> BTreeSet<(Kind, &'d str)> {
    let mut taken: BTreeMap<Kind, u64> = BTreeMap::new();
    let divisor = match fall {
        Fall::Approved(divisor) => divisor,
        Fall::Auto => 1,
        Fall::Later | Fall::Released { .. } | Fall::AfterWindow => 0,
    };
    let approved = calendar.pending.iter().filter(|p| p.approved && divisor > 0);
    let chosen = approved.filter(|p| {
        let known = differences.missing.contains_key(&(p.kind, p.identity.clone()));
        let (release, share) =
            (calendar.season.release_of(p), calendar.season.release(&p.window).1);
        let most = some_of(share.share(), baseline.count(p.kind), divisor);
        let count = taken.entry(p.kind).or_default();
        let fits = known && release == Release::Staged && *count < most;
        *count += u64::from(fits);
        fits
    });
    chosen.map(|p| (p.kind, p.identity.as_str())).collect()
}

/// A share of a number, divided again, and at least one.
fn some_of(share: Percent, of: u64, divisor: u32) -> u64 {
    let part = u128::from(of) * u128::from(share.in_thousandths()) / 100_000;
    let part = part / u128::from(divisor.max(1));
    u64::try_from(part).unwrap_or(u64::MAX).max(1)
}
