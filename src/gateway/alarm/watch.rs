//! In the morning: whether the night's run took place and is done.

use jiff::{SignedDuration, Zoned};

use super::super::failure::Failure;
use super::super::{Context, signals, straight, tell};
use super::{is_told, mail, written_straight};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::heartbeat::Signal;
use crate::notify::night;
use crate::notify::number;
use crate::roster::code::Code;
use crate::state::{RunRecord, StateDir, StateError, StateReader};

/// A night's run by the timer lies no longer back than this.
const A_NIGHT: SignedDuration = SignedDuration::from_hours(24);

/// A run that was started by hand stands for the night's no longer than this.
const BY_HAND: SignedDuration = SignedDuration::from_hours(12);

/// No run takes longer: systemd ends it (`TimeoutStartSec` in `rostergate.service`).
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(2);

/// So many entries back lies the latest run, at most: approvals and withdrawals come between.
const ENTRIES: u32 = 400;

/// Where a timer stands, as far as systemd's folders show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// There is no systemd here, or it cannot be seen.
    Unseen,
    /// It starts with the machine.
    On,
    /// It does not.
    Off,
    /// Somebody has forbidden it (`systemctl mask`).
    Masked,
}

/// What is missing in the morning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// RG910 the run did not start, RG911 it is not done, RG912 it was there, and the timer is off.
    pub failure: Failure,
    /// Nights without a run, last night counted in.
    nights: u32,
}

/// What is missing, if anything is.
///
/// # Errors
/// When the logbook cannot be read.
pub fn missing(
    context: &Context<'_>,
    state: &StateReader,
    timer: Timer,
) -> Result<Option<Missing>, Failure> {
    let now = &context.now;
    let latest = latest(state)?;
    let age = |run: &RunRecord| now.timestamp().duration_since(run.started_at);
    let since = latest.as_ref().map(|run| run.started_at.to_zoned(now.time_zone().clone()));
    let language = context.loaded.config.site.language;
    let shown = since.as_ref().map(|since| number::day_and_clock(since, language));
    let facts = Facts::new().text(Placeholder::Until, shown.unwrap_or_default());
    let nights = since.as_ref().map_or(1, |since| nights(since, now));
    let missing = |code, facts, nights| {
        Ok(Some(Missing { failure: Failure::new(Code(code), facts), nights }))
    };
    let Some(run) = latest.filter(|run| age(run) <= patience(run)) else {
        return missing(910, facts.and(of_timer(timer)), nights);
    };
    if age(&run) > LONGEST_RUN && !is_told(state, &run)? {
        let facts = facts.and(written_straight(context));
        return missing(911, facts.text(Placeholder::Run, run.id.as_str()), 1);
    }
    match timer {
        Timer::Unseen | Timer::On => Ok(None),
        Timer::Off | Timer::Masked => missing(912, facts.and(of_timer(timer)), 1),
    }
}

/// Mails what is missing, once a day. Gives it.
///
/// # Errors
/// When the logbook cannot be used; that is mailed, too.
pub fn alert(context: &Context<'_>, timer: Timer) -> Result<Option<Missing>, Failure> {
    look(context, timer).inspect_err(|failure| straight::tell_failure(context, failure))
}

fn look(context: &Context<'_>, timer: Timer) -> Result<Option<Missing>, Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    let missing = missing(context, &state, timer)?;
    if let Some(missing) = &missing {
        let Failure { code, facts, .. } = missing.failure.clone();
        let mut told = tell::blank(context, String::new());
        told.failure = Some(night::Failure { code, facts, nights_without: missing.nights });
        let name = context.now.strftime("watch-%Y%m%d").to_string();
        signals::beat(context, Signal::Fail, &name);
        mail(context, &state, &told, (&name, None))?;
    }
    Ok(missing)
}

/// The latest run of a night or by hand. Approvals, withdrawals and takeovers are no runs, and
/// what was tried at another time is no night.
pub(super) fn latest(state: &StateReader) -> Result<Option<RunRecord>, StateError> {
    let runs = state.recent_runs(ENTRIES)?;
    Ok(runs.into_iter().find(|run| run.trigger == "timer" || run.trigger == "run"))
}

fn patience(run: &RunRecord) -> SignedDuration {
    if run.trigger == "timer" { A_NIGHT } else { BY_HAND }
}

/// Whole days since a run: on the morning after a night without one, one.
fn nights(since: &Zoned, now: &Zoned) -> u32 {
    let days = now.date().since(since.date()).map_or(1, |span| span.get_days());
    u32::try_from(days).unwrap_or(1).max(1)
}

fn of_timer(timer: Timer) -> Facts {
    match timer {
        Timer::Unseen | Timer::On => Facts::new(),
        Timer::Off => Facts::new().words(
            Placeholder::Detail,
            "rostergate.timer är inte påslagen",
            "rostergate.timer is not enabled",
        ),
        Timer::Masked => Facts::new().words(
            Placeholder::Detail,
            "rostergate.timer är spärrad (systemctl mask)",
            "rostergate.timer is masked (systemctl mask)",
        ),
    }
}
