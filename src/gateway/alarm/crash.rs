//! The service broke off: mailed by a unit of its own, unless the run told of itself.

use std::path::Path;

use jiff::{SignedDuration, Zoned};

use super::super::failure::Failure;
use super::super::straight::{self, Straight};
use super::super::{Context, INTERRUPTED, exit, signals, tell};
use super::{is_told, mail, watch, written_straight};
use crate::config::lenient::Lenient;
use crate::notify::catalogue::Placeholder;
use crate::notify::command::Here;
use crate::notify::heartbeat::Signal;
use crate::notify::night::{self, Night, Trigger};
use crate::state::{RunRecord, StateDir, StateError, StateReader};

/// So long ago began, at most, the run that broke off, where systemd does not say which it was.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(3);

/// How a service ended, as systemd tells it.
#[derive(Clone, Default, Debug)]
pub struct Crash {
    /// The unit.
    pub unit: String,
    /// `exit-code`, `signal`, `core-dump`, `timeout`, `oom-kill` …
    pub result: Option<String>,
    /// The exit code, or the signal.
    pub status: Option<String>,
    /// systemd's id of that start of the service.
    pub invocation: Option<String>,
    /// It was to run many municipalities, of which this one is one.
    pub of_many: bool,
}

/// What follows systemd's id where many municipalities ran in one start.
const OF_MANY: &str = " of many";

/// The id, in each logbook, of a start that runs many municipalities.
pub fn of_many(start: &str) -> String {
    format!("{start}{OF_MANY}")
}

/// Whether an id in a logbook is such a start's.
pub fn is_of_many(start: &str) -> bool {
    start.ends_with(OF_MANY)
}

/// What became of the news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// A mail is on its way.
    Told,
    /// The run had told of itself.
    Known,
    /// Nobody could be told: there is no mail in the configuration, or no server took it.
    Untold,
}

/// Tells of a crash, unless its run did.
///
/// # Errors
/// When the logbook could be read, but not written.
pub fn report(context: &Context<'_>, crash: &Crash) -> Result<News, Failure> {
    let unit = crash.stem().or_else(|| context.unit.clone());
    let context = &Context { unit, ..context.clone() };
    if crash.exited_with(exit::LOCKED) {
        // Another run was at work, and tells of itself.
        return Ok(News::Known);
    }
    let opened = StateDir::open(context.state_path(), &context.now);
    let found = opened.and_then(|state| Ok((run_of(&state, crash, &context.now)?, state)));
    let (run, state) = match found {
        Err(_) if crash.told_without_logbook() => return Ok(News::Known),
        Err(_) => {
            straight::tell_failure(context, &crash.failure(context));
            return Ok(News::Told);
        }
        Ok(found) => found,
    };
    let known = match &run {
        Some(run) => is_told(&state, run)?,
        None => crash.told_without_logbook(),
    };
    if known {
        super::outbox(context)?;
        return Ok(News::Known);
    }
    let id = run.as_ref().map(|run| &run.id);
    let night = night(context, crash, id.map(ToString::to_string));
    let name = id.map_or_else(|| crash.name(&context.now), ToString::to_string);
    signals::beat(context, Signal::Fail, &name);
    mail(context, &state, &night, (&name, id))?;
    Ok(if context.loaded.config.mail.is_some() { News::Told } else { News::Untold })
}

fn night(context: &Context<'_>, crash: &Crash, run: Option<String>) -> Night {
    let mut night = tell::blank(context, run.unwrap_or_default());
    night.failure = Some(straight::of_one_night(&crash.failure(context)));
    night
}

/// Tells that a service came to nothing because its configuration cannot be used: with what can
/// be read of it, and with `failure`, the first thing wrong with it.
pub fn report_without_configuration(
    (lenient, here): (&Lenient, Here),
    failure: &Failure,
    (host, now): (String, Zoned),
    credentials: Option<&Path>,
) -> News {
    let Some(settings) = &lenient.mail else { return News::Untold };
    let night = Night {
        site: lenient.name.clone(),
        host,
        run: straight::straight_id(&now),
        started: now,
        exported: None,
        trigger: Trigger::Timer,
        test: false,
        targets: Vec::new(),
        left: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        failure: Some(night::Failure { ..straight::of_one_night(failure) }),
        receipt: String::new(),
        here,
    };
    let straight = Straight { settings, language: lenient.language, credentials };
    if straight.hand_over(&night) { News::Told } else { News::Untold }
}

/// The run of the service that ended: by systemd's id, else the latest, if it is recent.
fn run_of(
    state: &StateReader,
    crash: &Crash,
    now: &Zoned,
) -> Result<Option<RunRecord>, StateError> {
    if let Some(start) = &crash.invocation {
        let many = crash.of_many.then(|| of_many(start));
        return state.run_of_invocation(many.as_ref().unwrap_or(start));
    }
    let age = |run: &RunRecord| now.timestamp().duration_since(run.started_at);
    // What was killed is not the run that came to its end before: it never got so far as to be
    // written down.
    let suits = |run: &RunRecord| !crash.was_killed() || run.end.is_none();
    Ok(watch::latest(state)?.filter(|run| age(run) < LONGEST_RUN && suits(run)))
}

impl Crash {
    /// The unit's name without its ending: what to look for in the journal.
    fn stem(&self) -> Option<String> {
        self.unit.strip_suffix(".service").map(str::to_owned)
    }

    /// The program ended by itself with this code.
    fn exited_with(&self, code: u8) -> bool {
        self.result.as_deref() == Some("exit-code")
            && self.status.as_deref() == Some(code.to_string().as_str())
    }

    /// What stops a run before it is in the logbook and is not the configuration is mailed by it.
    fn told_without_logbook(&self) -> bool {
        if self.of_many {
            return self.ended_by_itself() && !self.exited_with(exit::SOFTWARE);
        }
        [exit::IO, exit::CONFIG].into_iter().any(|code| self.exited_with(code))
    }

    /// systemd says that it did not end by itself. Before version 251 it says nothing.
    fn was_killed(&self) -> bool {
        self.result.as_deref().is_some_and(|result| !matches!(result, "exit-code" | "success"))
    }

    /// The program came to its end: with many municipalities, each had its turn. From 200 on,
    /// systemd says that it did not even begin.
    fn ended_by_itself(&self) -> bool {
        let exited = self.result.as_deref() == Some("exit-code");
        let code = self.status.as_deref().and_then(|status| status.parse::<u8>().ok());
        exited && code.is_some_and(|code| code < 200)
    }

    /// The name of the mail, where no run is known.
    fn name(&self, now: &Zoned) -> String {
        let start = self.invocation.clone();
        format!("crash-{}", start.unwrap_or_else(|| now.strftime("%Y%m%d-%H%M%S").to_string()))
    }

    fn failure(&self, context: &Context<'_>) -> Failure {
        let facts = written_straight(context).text(Placeholder::Detail, self.detail());
        Failure::new(INTERRUPTED, facts)
    }

    /// In systemd's words, which are the same in every language.
    fn detail(&self) -> String {
        let ended = [self.result.as_deref(), self.status.as_deref()];
        let ended: Vec<&str> = ended.into_iter().flatten().collect();
        let start = self.invocation.as_ref().map(|id| format!("_SYSTEMD_INVOCATION_ID={id}"));
        let parts = [Some(self.unit.clone()), Some(ended.join(" ")), start];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|p| !p.is_empty()).collect();
        parts.join(", ")
    }
}
