//! THE CORRIDOR: the order of the rooms.
//!
//! [`run`] is the product: read once, then for each target recover, plan, judge, write, rehearse,
//! deliver, record, and at the end tell. [`preview`] is its first half and changes nothing;
//! [`approve`](approve::approve) is its second half on stored bytes, and
//! [`withdraw`](withdraw::withdraw) takes one person out of everything at once.

mod again;
pub mod alarm;
pub mod approve;
pub mod backtest;
pub mod clock;
mod elsewhere;
pub mod exit;
pub mod failure;
pub mod find;
pub mod guards;
mod last_file;
mod meant;
mod memory;
mod other_name;
pub mod outbox;
pub mod pause;
mod protected_first;
pub mod pulse_reasons;
pub mod read;
pub mod reasons;
mod recover;
pub mod release;
pub mod send;
mod signals;
mod source_reasons;
pub mod standing;
mod straight;
pub mod target;
pub mod tell;
mod tonight;
mod unknown_key;
pub mod withdraw;

use std::path::{Path, PathBuf};

use jiff::Zoned;

use crate::config::target::Environment;
use crate::config::{self, Loaded};
use crate::notify::catalogue::Facts;
use crate::notify::command::Here;
use crate::notify::heartbeat::Signal;
use crate::notify::night::{Night, TargetNight, Trigger};
use crate::pipeline::plan::Purpose;
use crate::roster::code::Code;
use crate::sources::Ages;
use crate::state::{
    Digest, Document, Lock, Retention, RunEnd, RunId, RunStart, StateDir, StateReader,
};
use failure::Failure;
use read::{KeptOut, Reading};
use signals::{Pulse, Stages};
use target::{Aim, Occasion, Planned, plan_target};

/// Everything a run needs to know from outside: nothing here is read a second time.
#[derive(Clone)]
pub struct Context<'a> {
    /// The configuration.
    pub loaded: &'a Loaded,
    /// The time, in the site's zone.
    pub now: Zoned,
    /// The time was set by `--as-of`: ages of files are not judged.
    pub replay: bool,
    /// What started the program.
    pub trigger: Trigger,
    /// Only these targets; all when empty.
    pub only: Vec<String>,
    /// Deliver outside the configured hours, too.
    pub outside_hours: bool,
    /// Deliver an export that was delivered already.
    pub again: bool,
    /// Where systemd puts credentials.
    pub credentials: Option<PathBuf>,
    /// This machine's name, for mails.
    pub host: String,
    /// The unit that runs the nights of this configuration, where it is not the usual one.
    pub unit: Option<String>,
    /// systemd's id of the service's start, where systemd started it.
    pub invocation: Option<String>,
    /// Told what happens, as it happens.
    pub listener: &'a dyn Fn(&Event<'_>),
}

/// What happens in a run, for whoever watches.
pub enum Event<'a> {
    /// A run began.
    Begun(&'a RunId),
    /// The registers were read.
    Read(&'a Reading),
    /// A target's plan was made.
    Planned(&'a str, &'a Planned),
    /// A target's files were written.
    Written(&'a str, &'a [Document]),
    /// They were read back, and say what was planned.
    Rehearsed(&'a str),
    /// So many bytes of so many are at the receiver.
    Sending(&'a str, u64, u64),
    /// A step of a delivery is about to be written down (`false`), or has been (`true`). What an
    /// intent says comes after; what an outcome says came before.
    Step(&'a str, &'a crate::delivery::Step, bool),
    /// The receiver did not answer; the next try comes after this.
    Waiting(&'a str, std::time::Duration),
    /// From here on a receiver or a mail server is waited for, and next to nothing computed.
    Away,
    /// The wait is over.
    Back,
    /// One target's part is over.
    Done(&'a TargetNight),
    /// So many mails were sent, so many wait.
    Mailed(usize, usize),
    /// Another program could not be told, and why.
    Unheard(Code, &'a Facts),
}

impl Context<'_> {
    /// The names of the targets that take part, in the order of the configuration.
    pub fn targets(&self) -> Vec<&str> {
        let all = self.loaded.config.target.keys().map(String::as_str);
        all.filter(|name| self.only.is_empty() || self.only.iter().any(|only| only == name))
            .collect()
    }

    /// Waits for something outside, and says so.
    fn away<T>(&self, wait: impl FnOnce() -> T) -> T {
        (self.listener)(&Event::Away);
        let came = wait();
        (self.listener)(&Event::Back);
        came
    }

    fn ages(&self) -> Ages {
        if self.replay { Ages::Skip } else { Ages::Judge }
    }

    /// Whether every target that takes part is a test environment.
    fn is_test(&self) -> bool {
        let targets = &self.loaded.config.target;
        self.targets().iter().all(|name| targets[*name].environment == Environment::Test)
    }

    fn state_path(&self) -> &Path {
        &self.loaded.config.site.state
    }

    /// What commands in mails name.
    fn here(&self) -> Here {
        Here { config: config::named(&self.loaded.path), unit: self.unit.clone() }
    }
}

/// What `plan` shows: for each target its plan, or why there is none.
pub struct Preview {
    /// The reading, or why nothing could be read.
    pub reading: Reading,
    /// The targets.
    pub targets: Vec<(String, Result<Planned, Failure>)>,
}

/// The first half of a run: reads, plans and judges, and writes nothing.
///
/// # Errors
/// When the registers cannot be read.
pub fn preview(context: &Context<'_>, purpose: Purpose) -> Result<Preview, Failure> {
    let reader = StateDir::read_only(context.state_path())?;
    let reading = read_registers(context, &reader)?;
    (context.listener)(&Event::Read(&reading));
    let config = &context.loaded.config;
    let mut targets = Vec::new();
    for name in context.targets() {
        let rules = context.loaded.rules(name);
        let occasion = Occasion { reading: &reading, now: &context.now, rules: &rules, purpose };
        let planned = plan_target(&reader, &Aim::at(config, name), &occasion)
            .and_then(|planned| clock::hold(context, &reader, planned));
        if let Ok(planned) = &planned {
            (context.listener)(&Event::Planned(name, planned));
        }
        targets.push((name.to_owned(), planned.map_err(|failure| failure.at_target(name))));
    }
    Ok(Preview { reading, targets })
}

fn read_registers(context: &Context<'_>, reader: &StateReader) -> Result<Reading, Failure> {
    let kept_out = kept_out(reader)?;
    let last_used = |source: &str| standing::last_mark(reader, source);
    read::read(&context.loaded.config, &context.now, context.ages(), &kept_out, &last_used)
}

fn kept_out(reader: &StateReader) -> Result<KeptOut, Failure> {
    Ok(KeptOut { by_hand: reader.by_hand()?, telltales: reader.telltales()? })
}

/// The registers as they are now, whether or not an export was used before: for protection
/// markings, before stored bytes leave.
fn read_registers_without_marks(
    context: &Context<'_>,
    kept_out: &KeptOut,
) -> Result<Reading, Failure> {
    read::read(&context.loaded.config, &context.now, context.ages(), kept_out, &|_| None)
}

/// A whole run: what the timer starts every night. Gives what was told, and the exit code's
/// parts: a result for each target, or the failure of the whole.
///
/// # Errors
/// When the logbook cannot be used at all: then nothing is sent and no mail can be promised.
pub fn run(context: &Context<'_>) -> Result<Night, Failure> {
    let stages = Stages::default();
    let hear = |event: &Event<'_>| {
        stages.hear(event);
        (context.listener)(event);
    };
    let context = &Context { listener: &hear, ..context.clone() };
    let (state, lock, run) = begin(context).inspect_err(|failure| {
        // Whoever holds the lock tells of that run.
        if failure.code != LOCKED {
            straight::tell_failure(context, failure);
            signals::beat(context, Signal::Fail, &straight::straight_id(&context.now));
        }
    })?;
    let pulse = Pulse::begin(context, run.as_str());
    let night = the_night(context, (&state, &run), &stages);
    drop(lock);
    pulse.end(night.as_ref().map_or_else(|failure| exit::of(failure.code), tell::exit_of));
    night
}

fn the_night(
    context: &Context<'_>,
    (state, run): (&StateDir, &RunId),
    stages: &Stages,
) -> Result<Night, Failure> {
    (context.listener)(&Event::Begun(run));
    let told = through(context, state, run);
    let mut night = told.inspect_err(|failure| straight::tell_failure(context, failure))?;
    finish(context, state, run, &mut night)?;
    signals::metrics(context, state, &night, stages);
    Ok(night)
}

/// A night up to its end. Fails only where the logbook does.
fn through(context: &Context<'_>, state: &StateDir, run: &RunId) -> Result<Night, Failure> {
    let mut night = tell::begin(context, state, run)?;
    tell::announce(context, state, run)?;
    match tonight::no_panic(|| read_registers(context, state)).flatten() {
        Ok(reading) => {
            (context.listener)(&Event::Read(&reading));
            tonight::targets(context, state, run, &reading, &mut night)?;
        }
        Err(failure) => tonight::without_register(context, state, failure, &mut night),
    }
    clock::note(context, state, &mut night)?;
    Ok(night)
}

fn begin(context: &Context<'_>) -> Result<(StateDir, Lock, RunId), Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    let lock = state.lock("run", &context.now)?;
    clock::begin(context, &state)?;
    let run = state.begin_run(&run_start(context, "run"), &context.now)?.id;
    Ok((state, lock, run))
}

fn run_start(context: &Context<'_>, what: &str) -> RunStart {
    let trigger = match context.trigger {
        _ if context.replay && what == "run" => REPLAY,
        Trigger::Timer => "timer",
        Trigger::Hand => what,
        Trigger::Approval => "approve",
        Trigger::Withdrawal => "withdraw",
    };
    let digests: Vec<String> =
        context.loaded.config.target.keys().map(|name| context.loaded.digest(name)).collect();
    RunStart {
        trigger: trigger.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_digest: Digest::of(digests.concat().as_bytes()),
        invocation: context.invocation.clone(),
    }
}

/// Ends a run: tells, writes down how it ended, erases what retention says unless the clock that
/// says so is wrong.
fn finish(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
    night: &mut Night,
) -> Result<(), Failure> {
    tell::tell(context, state, run, night)?;
    tell::end_interrupted(context, state, run)?;
    let exit = crate::gateway::tell::exit_of(night);
    let end =
        RunEnd { at: context.now.timestamp(), result: tell::result_word(night).to_owned(), exit };
    state.finish_run(run, end)?;
    if clock::breach(context, state)?.is_some() {
        return Ok(());
    }
    let keep = context.loaded.config.retention;
    let retention = Retention {
        sent_files: jiff::Span::new().days(i64::from(keep.sent_files.0)),
        removals: jiff::Span::new().days(i64::from(keep.removals.0)),
        // The week before tonight is summed up every night.
        history: jiff::Span::new().days(i64::from(keep.history.0.max(guards::KEPT_DAYS))),
    };
    state.retention(&context.now, &retention)?;
    Ok(())
}

/// What started a run under `--as-of`. Its plans are approved at its own time.
pub const REPLAY: &str = "replay";

/// RG500: another run is at work.
const LOCKED: Code = Code(500);

/// The code that stands for an outcome that failed.
pub(crate) const INTERRUPTED: Code = Code(900);
