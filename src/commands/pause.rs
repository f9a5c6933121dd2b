//! `pause`: nothing is delivered until a day that is given.

use clap::Args;
use jiff::ToSpan;
use jiff::civil::Date;

use super::Scene;
use super::run::problem;
use crate::gateway::failure::Failure;
use crate::gateway::{alarm, exit};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language;
use crate::notify::night::Trigger;
use crate::roster::code::Code;
use crate::state::{Pause, StateDir};

/// RG366: not as the pause stands.
const NOT_SO: Code = Code(366);

/// RG375: further away than a pause may end.
const TOO_LONG: Code = Code(375);

/// Deliver nothing until a day that is given.
#[derive(Args, Debug)]
pub struct PauseArguments {
    /// The last day of the pause, as 2026-12-24; at most a year away.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Why; kept in the history.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
}

/// A reason that says something.
pub(super) fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("skäl | a reason".to_owned()),
        said => Ok(said.to_owned()),
    }
}

/// Carries out `pause`.
pub(super) fn run(scene: &Scene<'_>, arguments: &PauseArguments) -> u8 {
    pause(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn pause(scene: &Scene<'_>, arguments: &PauseArguments) -> Result<u8, Failure> {
    let (ui, now, until) = (&scene.ui, scene.now(), arguments.until);
    if until < now.date() {
        let (sv, en) = ("dagen har redan varit", "that day is past");
        let facts = Facts::new().words(Placeholder::Detail, sv, en);
        return Err(Failure::new(NOT_SO, facts));
    }
    let longest = longest(now.date());
    if until > longest {
        let days = (longest - now.date()).get_days().unsigned_abs();
        let facts = Facts::new().text(Placeholder::Until, longest.to_string());
        return Err(Failure::new(TOO_LONG, facts.number(Placeholder::Count, days.into())));
    }
    let (reason, who) = (arguments.reason.clone(), scene.around.who.clone());
    let asked = Pause { until, reason, who, at: now.timestamp() };
    // Without the lock: a run that is at work must not keep anybody from stopping the next one.
    let state = StateDir::open(&scene.loaded.config.site.state, &now)?;
    state.begin_pause(&asked, now.date())?;
    ui.say(match ui.language {
        Language::Sv => {
            format!("PAUS till och med {until}. Inget skickas; körningarna görs och mejlas.")
        }
        Language::En => {
            format!("PAUSED through {until}. Nothing is sent; runs are made and told of.")
        }
    });
    ui.say(ui.pick("Sluta tidigare:", "To end it before:"));
    ui.say("  sudo rostergate resume");
    ui.json(&json(&asked));
    tell(scene, &asked, false)?;
    Ok(exit::DONE)
}

/// The last day that a pause may hold: a gateway that is meant to rest for longer is turned off,
/// and a slip of the finger in a year must not be that unseen.
fn longest(today: Date) -> Date {
    today.saturating_add(1.year())
}

/// Mails it: whoever else gets the mails must know that nights bring nothing, or do again.
pub(super) fn tell(scene: &Scene<'_>, pause: &Pause, ended: bool) -> Result<(), Failure> {
    let quiet = |_: &crate::gateway::Event<'_>| ();
    let context = scene.context(scene.now(), false, Trigger::Hand, &quiet);
    alarm::pausing(&context, pause, (&scene.around.who, ended))
}

/// A pause as JSON, here and in `status`.
pub(super) fn json(pause: &Pause) -> serde_json::Value {
    serde_json::json!({
        "schema": "rostergate.pause/1",
        "until": pause.until.to_string(),
        "reason": pause.reason,
        "who": pause.who,
        "at": pause.at.to_string(),
    })
}
