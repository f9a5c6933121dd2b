//! `run`: the whole chain, what the timer starts every night.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};

use super::story::{self, Story};
use super::timings::Timings;
use super::{Scene, user};
use crate::config::target::Environment;
use crate::delivery::Deliver;
use crate::gateway::failure::Failure;
use crate::gateway::{self, exit, target::Aim};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::{Night, Trigger};
use crate::roster::code::Code;

/// Read, compare, judge, send and mail.
#[derive(Args, Debug)]
pub struct RunArguments {
    /// Only this target; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Deliver also outside the configured hours.
    #[arg(long)]
    pub now: bool,
    /// Deliver also an export that was delivered before.
    #[arg(long)]
    pub again: bool,
    /// Also what each stage took: time, processor time, memory.
    #[arg(long)]
    pub timings: bool,
    /// Act as if it were this time, as 2026-08-24T04:15; only for test targets and folders.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
    /// One run for each configuration (*.toml) in this folder, each by itself.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["config", "target", "timings"])]
    pub config_dir: Option<PathBuf>,
    /// With --config-dir: so many read and compare at once; more may wait for receivers.
    #[arg(long, value_name = "N", default_value = "2", requires = "config_dir")]
    pub at_a_time: NonZeroUsize,
    /// What started the run.
    #[arg(long, value_enum, default_value = "hand", hide = true)]
    pub trigger: Started,
}

/// A time to act at: with an offset, or in the site's zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsOf {
    /// A moment.
    Moment(Timestamp),
    /// A time on the site's clock.
    Local(DateTime),
}

impl std::str::FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(moment) = text.parse() {
            return Ok(AsOf::Moment(moment));
        }
        let local = text.parse().map(AsOf::Local);
        local.map_err(|_| "2026-08-24T04:15 | 2026-08-24T04:15:00+02:00".to_owned())
    }
}

impl AsOf {
    fn in_zone(self, scene: &Scene<'_>) -> Result<Zoned, Failure> {
        match self {
            AsOf::Moment(moment) => Ok(scene.local(moment)),
            AsOf::Local(time) => {
                let zone = scene.loaded.config.site.timezone.0.clone();
                time.to_zoned(zone).map_err(|error| Failure::detail(Code(106), error.to_string()))
            }
        }
    }
}

/// What started a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Started {
    /// The nightly timer.
    Timer,
    /// A person.
    Hand,
}

/// Carries out `run`.
pub(super) fn run(scene: &Scene<'_>, arguments: &RunArguments) -> u8 {
    let ui = &scene.ui;
    let config = &scene.loaded.config;
    let limits = |name: &str| Aim::at(config, name).limits;
    let story = Story::new(ui, &limits);
    let timings = Timings::new(arguments.timings);
    let hear = |event: &gateway::Event<'_>| {
        timings.hear(event);
        if matches!(event, gateway::Event::Begun(_)) {
            ui.say(format!("Rostergate {}, {}", env!("CARGO_PKG_VERSION"), config.site.name));
        }
        story.hear(event);
    };
    let done = night(scene, arguments, &hear);
    ui.draw("");
    timings.end(ui);
    let exit = match done {
        Ok(night) => story::end(ui, &night),
        Err(failure) => return ui.problem(failure.code, &failure.facts),
    };
    mails_again(scene, arguments, &hear);
    exit
}

/// Tries the night's mails again for as long as is configured, when all else is over. A person
/// does not sit and wait for a mail server; the timer can.
pub(super) fn mails_again(
    scene: &Scene<'_>,
    arguments: &RunArguments,
    hear: &dyn Fn(&gateway::Event<'_>),
) {
    if arguments.trigger != Started::Timer {
        return;
    }
    if let Ok(context) = context(scene, arguments, hear) {
        gateway::outbox::again(&context);
    }
}

/// One run by what was typed, told to `hear`.
///
/// # Errors
/// When what was typed cannot be, or the logbook cannot be used at all.
pub(super) fn night(
    scene: &Scene<'_>,
    arguments: &RunArguments,
    hear: &dyn Fn(&gateway::Event<'_>),
) -> Result<Night, Failure> {
    gateway::run(&context(scene, arguments, hear)?)
}

fn context<'s>(
    scene: &'s Scene<'_>,
    arguments: &RunArguments,
    hear: &'s dyn Fn(&gateway::Event<'_>),
) -> Result<gateway::Context<'s>, Failure> {
    let now = moment(scene, &arguments.target, arguments.as_of)?;
    allowed_as_root(scene, &arguments.target)?;
    let trigger = match arguments.trigger {
        Started::Timer => Trigger::Timer,
        Started::Hand => Trigger::Hand,
    };
    let mut context = scene.context(now, arguments.as_of.is_some(), trigger, hear);
    context.only.clone_from(&arguments.target);
    context.outside_hours = arguments.now;
    context.again = arguments.again;
    Ok(context)
}

/// The time to act at: the clock's, or `--as-of` where every target is a test or a folder.
pub(super) fn moment(
    scene: &Scene<'_>,
    only: &[String],
    as_of: Option<AsOf>,
) -> Result<Zoned, Failure> {
    if let Some(unknown) = only.iter().find(|name| !scene.loaded.config.target.contains_key(*name))
    {
        return Err(no_such_target(scene, unknown));
    }
    let Some(as_of) = as_of else { return Ok(scene.now()) };
    match real_target(scene, &[]) {
        Some(name) => Err(Failure::new(Code(106), Facts::new().text(Placeholder::Target, name))),
        None => as_of.in_zone(scene),
    }
}

/// No target has this name: those that there are.
pub(super) fn no_such_target(scene: &Scene<'_>, name: &str) -> Failure {
    let known: Vec<&str> = scene.loaded.config.target.keys().map(String::as_str).collect();
    let list = known.join(", ");
    let facts = Facts::new().text(Placeholder::Target, name);
    let sv = format!("inställningsfilen har bara {list}");
    let en = format!("the configuration has only {list}");
    Failure::new(Code(105), facts.words(Placeholder::Detail, sv, en))
}

/// As root without a service user, only test targets and folders may be fed.
pub(super) fn allowed_as_root(scene: &Scene<'_>, only: &[String]) -> Result<(), Failure> {
    match real_target(scene, only).filter(|_| user::is_bare_root()) {
        Some(name) => Err(Failure::new(Code(107), Facts::new().text(Placeholder::Target, name))),
        None => Ok(()),
    }
}

/// The first target, of those named or of all, that is neither a test environment nor a folder.
fn real_target<'s>(scene: &'s Scene<'_>, only: &[String]) -> Option<&'s str> {
    let targets = scene.loaded.config.target.iter();
    let mut chosen = targets.filter(|(name, _)| only.is_empty() || only.contains(name));
    let real = chosen.find(|(_, target)| {
        target.environment != Environment::Test && !matches!(target.deliver, Deliver::Folder(_))
    });
    real.map(|(name, _)| name.as_str())
}

/// Prints a failure that stops a command, with the faults in the data behind it.
pub(super) fn problem(scene: &Scene<'_>, failure: &Failure) -> u8 {
    let exit = exit::of(failure.code);
    scene.ui.problem_with(failure.code, &failure.facts, exit)
}
