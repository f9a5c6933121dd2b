//! What other programs are told of a run: the heartbeat, and metrics. Neither can change its result.

use std::cell::RefCell;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::pulse_reasons::{Unheard, unheard, without_address};
use super::target::{Aim, waiting_at};
use super::tell::{exit_of_outcome, outcome_word};
use super::{Context, Event, exit, reasons};
use crate::notify::catalogue::Facts;
use crate::notify::heartbeat::{Heartbeat, Signal};
use crate::notify::metrics::{self, Receiver};
use crate::notify::night::{Night, TargetNight};
use crate::roster::code::Code;
use crate::state::{RunRecord, StateDir, StateReader, files};

/// The heartbeat of one run.
pub(super) struct Pulse<'a> {
    context: &'a Context<'a>,
    run: String,
    begun: Option<JoinHandle<()>>,
}

/// Where the heartbeat goes; `None` where none is set, and for runs that are no nights: at a time
/// that was set, or for some receivers only.
fn heartbeat(context: &Context<'_>) -> Option<Result<Heartbeat, Unheard>> {
    let settings = &context.loaded.config.monitor;
    let secret = settings.heartbeat.as_ref().filter(|_| is_a_night(context))?;
    let found = secret.resolve(context.credentials.as_deref());
    Some(found.map_err(|error| without_address(&error)).and_then(|address| {
        Heartbeat::at(&address, settings.heartbeat_timeout.get()).map_err(|e| unheard(&e))
    }))
}

fn is_a_night(context: &Context<'_>) -> bool {
    !context.replay && context.only.is_empty()
}

impl<'a> Pulse<'a> {
    /// Signals the beginning, without waiting for an answer.
    pub(super) fn begin(context: &'a Context<'a>, run: &str) -> Pulse<'a> {
        let begun = heartbeat(context).and_then(Result::ok).and_then(|heartbeat| {
            let run = run.to_owned();
            let signal = move || drop(heartbeat.signal(Signal::Start, &run));
            thread::Builder::new().name("heartbeat".to_owned()).spawn(signal).ok()
        });
        Pulse { context, run: run.to_owned(), begun }
    }

    /// Signals the end: success where every receiver has what it should, or nothing was due.
    pub(super) fn end(self, exit: u8) {
        if let Some(begun) = self.begun {
            // A start that arrives after the end would look like a run that goes on.
            let _ = begun.join();
        }
        let fine = exit == exit::DONE || exit == exit::PLANNED_ONLY;
        beat(self.context, if fine { Signal::Success } else { Signal::Fail }, &self.run);
    }
}

/// Signals; what does not arrive is told to whoever listens, and changes nothing.
pub(super) fn beat(context: &Context<'_>, signal: Signal, run: &str) {
    let Some(heartbeat) = heartbeat(context) else { return };
    let signalled =
        heartbeat.and_then(|there| there.signal(signal, run).map_err(|error| unheard(&error)));
    if let Err((code, facts)) = signalled {
        (context.listener)(&Event::Unheard(code, &facts));
    }
}

/// How long each step of a run took, told by its events.
#[derive(Default)]
pub(super) struct Stages {
    last: RefCell<Option<Instant>>,
    took: RefCell<Vec<(&'static str, Duration)>>,
}

impl Stages {
    /// One event: the step that it ends takes the time since the event before.
    pub(super) fn hear(&self, event: &Event<'_>) {
        let stage = match event {
            Event::Begun(_) => "begin",
            Event::Read(_) => "read",
            Event::Planned(..) => "plan",
            Event::Written(..) => "write",
            Event::Rehearsed(_) => "read-back",
            Event::Done(_) => "deliver",
            Event::Mailed(..) => "mail",
            Event::Sending(..)
            | Event::Step(..)
            | Event::Waiting(..)
            | Event::Unheard(..)
            | Event::Away
            | Event::Back => return,
        };
        let now = Instant::now();
        let since = self.last.replace(Some(now)).map_or(Duration::ZERO, |last| now - last);
        let mut took = self.took.borrow_mut();
        match took.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, sum)) => *sum += since,
            None => took.push((stage, since)),
        }
    }
}

/// Writes the metrics after a run, an approval or a withdrawal; what cannot be written is told to
/// whoever listens, and changes nothing.
pub(super) fn metrics(context: &Context<'_>, state: &StateDir, night: &Night, stages: &Stages) {
    let Some(file) = context.loaded.config.monitor.textfile.as_ref().filter(|_| !context.replay)
    else {
        return;
    };
    let config = &context.loaded.config;
    let receivers: Vec<Receiver> =
        config.target.keys().map(|name| receiver(context, state, night, name)).collect();
    let mut took = stages.took.borrow().clone();
    took.retain(|(stage, _)| *stage != "begin");
    let text = metrics::text((&config.site.name, env!("CARGO_PKG_VERSION")), &receivers, &took);
    let written = files::write_shown(&file.0, |out| out.write_all(text.as_bytes()));
    if let Err(error) = written {
        let facts = reasons::of_system(Facts::new().path(&file.0), &error);
        (context.listener)(&Event::Unheard(Code(124), &facts));
    }
}

fn receiver(context: &Context<'_>, state: &StateReader, night: &Night, name: &str) -> Receiver {
    let told = night.targets.iter().find(|target| target.name == name);
    let now = context.now.timestamp();
    let took_part = told.is_some() || night.failure.is_some();
    let done = told.is_some_and(|told| exit_of_outcome(&told.outcome) == exit::DONE);
    let published = state.last_published(name).ok().flatten().map(|last| last.published_at);
    // Also a night on which the receiver had it all already was a success.
    let nights = state.recent_runs(100).unwrap_or_default();
    let good = |run: &&RunRecord| {
        run.trigger == "timer" && run.end.as_ref().is_some_and(|end| end.exit == exit::DONE)
    };
    let night_before = nights.iter().find(good).map(|run| run.started_at);
    let aim = Aim::at(&context.loaded.config, name);
    let waiting = waiting_at(state, &aim, context.now.date()).unwrap_or_default().removed;
    let sum = waiting.schools + waiting.persons + waiting.groups + waiting.memberships;
    Receiver {
        name: name.to_owned(),
        success: if done { published.max(Some(now)) } else { published.max(night_before) },
        completion: took_part.then_some(now).or_else(|| latest(state, name)),
        result: result(told, night),
        held: state.held_plans().is_ok_and(|held| held.iter().any(|plan| plan.target == name)),
        counts: told.and_then(|told| told.counts.clone()),
        delayed: sum + waiting.relations,
    }
}

fn latest(state: &StateReader, name: &str) -> Option<jiff::Timestamp> {
    let plan = state.latest_plan(name).ok().flatten()?;
    state.run(&plan.run).ok().flatten()?.end.map(|end| end.at)
}

fn result(told: Option<&TargetNight>, night: &Night) -> &'static str {
    match told {
        Some(told) => outcome_word(&told.outcome),
        None if night.failure.is_some() => "failed",
        None => "",
    }
}
