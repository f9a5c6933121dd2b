//! THE ALARM: told by others than the run, when the run cannot tell of itself.
//!
//! Three layers: the run mails its own result; [`crash`] is started by systemd when the run broke
//! off, and mails unless the run did; [`watch`] looks in the morning whether there was a run at all.
//! What none of them can tell, because the machine is off, the heartbeat's absence does.

pub mod crash;
pub mod watch;

use super::failure::Failure;
use super::signals;
use super::{Context, outbox, straight, tell};
use crate::config::target::Target;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::compose::{Composed, compose};
use crate::notify::heartbeat::Signal;
use crate::notify::message::{About, build};
use crate::notify::night::Night;
use crate::notify::pause::{Pausing, compose_pause};
use crate::state::{Pause, RunId, RunRecord, StateDir, StateError, StateReader};

/// Hands over the mails that wait. Gives how many still do.
///
/// # Errors
/// When the logbook cannot be used.
pub fn outbox(context: &Context<'_>) -> Result<usize, Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    if let Some(settings) = &context.loaded.config.mail {
        outbox::flush(context, &state, settings);
    }
    let waiting = state.waiting_mails()?;
    Ok(waiting.iter().filter(|mail| !mail.is_given_up()).count())
}

/// Tells that a run is not even begun, and why: its logbook must not be touched.
pub fn not_begun(context: &Context<'_>, failure: &Failure) {
    straight::tell_failure(context, failure);
    signals::beat(context, Signal::Fail, &straight::straight_id(&context.now));
}

/// The files that are written straight: of these a run that broke off may have left a half.
fn written_straight(context: &Context<'_>) -> Facts {
    let targets = context.loaded.config.target.values();
    let files: Vec<String> =
        targets.map(Target::written_straight).filter(|names| !names.is_empty()).collect();
    Facts::new().text(Placeholder::File, files.join(", "))
}

/// Whether a run has told of itself, or another has told of it.
fn is_told(state: &StateReader, run: &RunRecord) -> Result<bool, StateError> {
    let at_start = |id: &str| id.contains(".start@");
    Ok(run.end.is_some() || state.mails_of_run(&run.id)?.iter().any(|mail| !at_start(&mail.id)))
}

/// Queues a mail that is not about what a run did, and hands over what waits. `name` makes its
/// message id: the same name is the same mail.
fn mail(
    context: &Context<'_>,
    state: &StateDir,
    night: &Night,
    (name, run): (&str, Option<&RunId>),
) -> Result<(), Failure> {
    let composed = compose(night, context.loaded.config.site.language);
    mail_composed(context, state, &composed, (name, run))
}

/// Tells that a person has begun a pause, or ended it: who else gets the mails must know.
///
/// # Errors
/// When the mail cannot be kept in the logbook.
pub fn pausing(
    context: &Context<'_>,
    pause: &Pause,
    (who, ended): (&str, bool),
) -> Result<(), Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    let pausing = Pausing {
        site: context.loaded.config.site.name.clone(),
        host: context.host.clone(),
        now: context.now.clone(),
        test: context.is_test(),
        through: pause.until,
        who: who.to_owned(),
        ended,
        here: context.here(),
    };
    let composed = compose_pause(&pausing, context.loaded.config.site.language);
    // A pause and its end may come within one second.
    let word = if ended { "resume" } else { "pause" };
    let name = format!("{word}-{}", context.now.strftime("%Y%m%d-%H%M%S%3f"));
    mail_composed(context, &state, &composed, (&name, None))
}

fn mail_composed(
    context: &Context<'_>,
    state: &StateDir,
    composed: &Composed,
    (name, run): (&str, Option<&RunId>),
) -> Result<(), Failure> {
    let Some(settings) = &context.loaded.config.mail else { return Ok(()) };
    let (host, site, now) = (&context.host, &context.loaded.config.site.name, &context.now);
    let about = About { run: name, host, site, now, answers: None };
    let mail = build(composed, about, settings)
        .map_err(|error| Failure::new(error.code(), error.facts()))?;
    let of = run.cloned().unwrap_or_else(|| RunId::draw(&context.now));
    for entry in tell::entries(settings, mail, &of) {
        state.queue_alone(entry, context.now.timestamp())?;
    }
    outbox::flush(context, state, settings);
    Ok(())
}
