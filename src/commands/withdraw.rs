//! `withdraw`: takes one person out of every receiver at once, and keeps them out until undone.
//!
//! The key goes in and never comes out again: nothing here prints it.

use std::io::BufRead;

use clap::Args;

use super::pause::reason;
use super::run::{AsOf, allowed_as_root, moment, problem};
use super::story;
use super::{Scene, ui::Ui};
use crate::gateway::failure::Failure;
use crate::gateway::tell::{exit_of, outcome_word};
use crate::gateway::withdraw::{Asked, Done, Went, undo, withdraw};
use crate::gateway::{Event, exit};
use crate::notify::catalogue::facts::one_line;
use crate::notify::language::Language;
use crate::notify::night::{Outcome, TargetNight, Trigger};
use crate::notify::number;
use crate::notify::past_filter::{STILL_NAMED, still_named, went_along};
use crate::roster::code::Code;
use crate::state::StateDir;

/// Take one person out of every receiver at once, and keep them out until undone.
#[derive(Args, Debug)]
pub struct WithdrawArguments {
    /// The person's key in the register; `-` reads it from standard input, so that it stands in no
    /// log of commands.
    #[arg(value_name = "KEY", required_unless_present = "list")]
    pub key: Option<String>,
    /// Why; kept in the history. Write no names here.
    #[arg(long, value_name = "TEXT", value_parser = reason, required_unless_present = "list")]
    pub reason: Option<String>,
    /// Undo an earlier withdrawal.
    #[arg(long, conflicts_with = "list")]
    pub undo: bool,
    /// Who asked for which withdrawals, when and why; never who is withdrawn.
    #[arg(long, conflicts_with_all = ["key", "reason"])]
    pub list: bool,
    /// Act as if it were this time, as 2026-08-24T04:15; only for test targets and folders.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
}

/// Carries out `withdraw`.
pub(super) fn run(scene: &Scene<'_>, arguments: &WithdrawArguments) -> u8 {
    let done = if arguments.list { list(scene) } else { carry_out(scene, arguments) };
    done.unwrap_or_else(|failure| problem(scene, &failure))
}

fn carry_out(scene: &Scene<'_>, arguments: &WithdrawArguments) -> Result<u8, Failure> {
    let now = moment(scene, &[], arguments.as_of)?;
    allowed_as_root(scene, &[])?;
    let key = key(arguments.key.as_deref().unwrap_or_default());
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let asked = Asked { key: &key, reason, who: &scene.around.who };
    let ui = &scene.ui;
    let hear = |event: &Event<'_>| match event {
        Event::Sending(target, ..) | Event::Waiting(target, _) => {
            ui.draw(&format!("  {target} …"));
        }
        _ => ui.draw(""),
    };
    let trigger = if arguments.undo { Trigger::Hand } else { Trigger::Withdrawal };
    let replay = arguments.as_of.is_some();
    let context = scene.context(now, replay, trigger, &hear);
    if arguments.undo {
        undo(&context, &asked)?;
        return Ok(undone(ui));
    }
    let done = withdraw(&context, &asked);
    ui.draw("");
    Ok(told(ui, &done?))
}

/// The key as it was typed: blanks at its ends may be the register's.
fn key(typed: &str) -> String {
    let mut line = String::new();
    if typed == "-" {
        // What cannot be read is an empty key, which nobody has.
        let _unread = std::io::stdin().lock().read_line(&mut line);
    } else {
        line.push_str(typed);
    }
    line.trim_end_matches(['\n', '\r']).to_owned()
}

fn undone(ui: &Ui) -> u8 {
    ui.say(ui.pick(
        "Ångrat. Från nästa export följer filerna registret igen för den personen.",
        "Undone. From the next export on, the files follow the register again for that person.",
    ));
    ui.json(&serde_json::json!({ "schema": "rostergate.withdraw/1", "undone": true }));
    exit::DONE
}

fn told(ui: &Ui, done: &Done) -> u8 {
    let exit = exit_of(&done.night);
    if let Some(failure) = &done.unread {
        ui.say(match ui.language {
            Language::Sv => format!(
                "Registret gick inte att läsa ({}). Personen tas bort ändå; grupper och \
                 vårdnadshavare efter den senaste filen.",
                failure.code
            ),
            Language::En => format!(
                "The register could not be read ({}). The person is removed all the same; groups \
                 and guardians by the last file.",
                failure.code
            ),
        });
    }
    for (name, went) in &done.targets {
        ui.say(format!("  {name:<11} {}", line(ui, went)));
        if let Went::Tried(target) = went
            && let Some(along) = went_along(target, ui.language)
        {
            ui.say(format!("  {:<11} {along}", ""));
        }
        let guardians = done.guardians.get(name).copied().unwrap_or(0);
        if guardians > 0 && matches!(went, Went::Tried(target) if target.outcome.is_sent()) {
            let number = number::count(guardians, ui.language);
            let word = ui.pick(
                "Med togs vårdnadshavare som inte har något annat barn där:",
                "Guardians who have no other child there went along:",
            );
            ui.say(format!("  {:<11} {word} {number}", ""));
        }
    }
    for (_, went) in &done.targets {
        if let Went::Tried(target) = went {
            explain(ui, target);
        }
    }
    ui.say(ui.pick(
        "Antecknat. Personen lämnas utanför varje fil tills det ångras med withdraw --undo.",
        "Noted. The person is left out of every file until that is undone with withdraw --undo.",
    ));
    ui.json(&json(done, exit));
    exit
}

fn line(ui: &Ui, went: &Went) -> String {
    match went {
        Went::Tried(target) if target.outcome.is_sent() => {
            let out =
                ui.pick("den senaste filen utan personen", "the last file without the person");
            format!("{}: {out}", story::outcome(ui, &target.outcome))
        }
        Went::Tried(target) => story::outcome(ui, &target.outcome),
        Went::NotThere => ui
            .pick(
                "Personen finns inte i den senaste filen; inget skickades",
                "The person is not in the last file; nothing was sent",
            )
            .to_owned(),
        Went::Never => ui
            .pick(
                "Inget har skickats dit än, så vad den har är inte känt; nästa körning lämnar \
                 personen utanför",
                "Nothing was sent there yet, so what it holds is not known; the next run leaves \
                 the person out",
            )
            .to_owned(),
    }
}

fn explain(ui: &Ui, target: &TargetNight) {
    match &target.outcome {
        Outcome::Failed { code, facts, .. } => {
            ui.problem(*code, facts);
        }
        Outcome::Unknown { facts } => {
            ui.problem(Code(430), facts);
        }
        _ => {}
    }
    if let Some(facts) = still_named(target) {
        ui.problem(STILL_NAMED, &facts);
    }
}

fn json(done: &Done, exit: u8) -> serde_json::Value {
    let target = |name: &String, went: &Went| match went {
        Went::Tried(target) => {
            let code = match &target.outcome {
                Outcome::Failed { code, .. } => Some(code.to_string()),
                _ => None,
            };
            let guardians = done.guardians.get(name).copied().unwrap_or(0);
            let gone = target.past_filter;
            serde_json::json!({
                "result": outcome_word(&target.outcome), "code": code, "guardians": guardians,
                "groups": gone.groups, "memberships": gone.memberships,
                "still-named": gone.still_named,
            })
        }
        Went::NotThere => serde_json::json!({ "result": "not-there", "code": null }),
        Went::Never => serde_json::json!({ "result": "never-sent", "code": null }),
    };
    let targets: serde_json::Map<_, _> =
        done.targets.iter().map(|(name, went)| (name.clone(), target(name, went))).collect();
    serde_json::json!({
        "schema": "rostergate.withdraw/1", "run": done.night.run, "exit": exit,
        "register-read": done.unread.is_none(), "targets": targets,
    })
}

fn list(scene: &Scene<'_>) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let all = StateDir::read_only(&scene.loaded.config.site.state)?.withdrawn()?;
    for person in &all {
        let at = number::day_and_clock(&scene.local(person.at), ui.language);
        ui.say(format!("{at:<14} {:<12} {}", one_line(&person.who), one_line(&person.reason)));
    }
    if all.is_empty() {
        ui.say(ui.pick("Ingen är borttagen för hand.", "Nobody is withdrawn by hand."));
    }
    let listed: Vec<_> = all.iter().map(|person| {
        serde_json::json!({ "at": person.at.to_string(), "who": person.who, "reason": person.reason })
    }).collect();
    ui.json(&serde_json::json!({ "schema": "rostergate.withdrawn/1", "withdrawn": listed }));
    Ok(exit::DONE)
}
