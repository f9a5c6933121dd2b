//! `approve`: sends exactly the stored file of a held plan.

use clap::Args;
use jiff::Zoned;

use super::run::problem;
use super::story::{self, Story};
use super::ui::Ui;
use super::{Scene, table};
use crate::gateway::approve::{CAME_SINCE, Ready, ready};
use crate::gateway::failure::Failure;
use crate::gateway::target::Aim;
use crate::gateway::{self, REPLAY, exit};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language;
use crate::notify::night::{Night, Outcome, Trigger};
use crate::notify::number;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::roster::code::Code;
use crate::state::{Approval, PlanRecord, StateDir, StateError};

/// Send exactly the stored file of a held plan.
#[derive(Args, Debug)]
pub struct ApproveArguments {
    /// The plan, as P-7K3FQX.
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Why; kept in the history.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// At a first delivery: the receiver holds no accounts from this register yet.
    #[arg(long)]
    pub receiver_empty: bool,
    /// The number to confirm, for scripts; asked for at a terminal.
    #[arg(long, value_name = "N")]
    pub confirm: Option<u64>,
}

/// Carries out `approve`.
pub(super) fn run(scene: &Scene<'_>, arguments: &ApproveArguments) -> u8 {
    match approve(scene, arguments) {
        Ok(exit) => exit,
        Err(failure) => problem(scene, &failure),
    }
}

fn approve(scene: &Scene<'_>, arguments: &ApproveArguments) -> Result<u8, Failure> {
    if arguments.reason.trim().is_empty() {
        let facts = Facts::new().text(Placeholder::Plan, arguments.plan.as_str());
        return Err(Failure::new(Code(507), facts));
    }
    let (now, replay) = clock(scene, &arguments.plan)?;
    let night = carry_out(scene, arguments, now, replay)?;
    Ok(told(scene, &night, arguments))
}

/// Approves and sends, at a time.
pub(super) fn carry_out(
    scene: &Scene<'_>,
    arguments: &ApproveArguments,
    now: Zoned,
    replay: bool,
) -> Result<Night, Failure> {
    let config = &scene.loaded.config;
    let limits = |name: &str| Aim::at(config, name).limits;
    let story = Story::new(&scene.ui, &limits);
    let hear = |event: &gateway::Event<'_>| story.hear(event);
    let context = scene.context(now, replay, Trigger::Approval, &hear);
    let ready = ready(&context, &arguments.plan)?;
    show(scene, &ready);
    let confirmed = confirm(scene, &ready, arguments.confirm)?;
    ready.approve(&Approval {
        who: scene.around.who.clone(),
        reason: arguments.reason.trim().to_owned(),
        confirmed,
        at: context.now.timestamp(),
        receiver_empty: arguments.receiver_empty,
    })
}

/// Tells what came of it and gives the exit code.
pub(super) fn told(scene: &Scene<'_>, night: &Night, arguments: &ApproveArguments) -> u8 {
    let ui = &scene.ui;
    let exit = story::end(ui, night);
    if night.targets.iter().any(|target| is_to_be_tried_again(&target.outcome)) {
        let empty = if arguments.receiver_empty { " --receiver-empty" } else { "" };
        ui.say(format!(
            "{}  sudo rostergate approve {}{empty} --reason \"…\"",
            ui.pick("Planen väntar kvar. Försök igen:", "The plan still waits. Try again:"),
            arguments.plan,
        ));
    }
    if exit == exit::DONE {
        ui.say(match ui.language {
            Language::Sv => format!("GODKÄNT av {}. Antecknat i historiken.", scene.around.who),
            Language::En => format!("APPROVED by {}. Noted in the history.", scene.around.who),
        });
        ui.say(ui.pick(
            "Mottagarens eget filter kan också stoppa. Be i så fall deras support om en import med filtret av.",
            "The receiver's own filter may stop, too. If so, ask its support for an import with the filter off.",
        ));
    }
    exit
}

/// A failure that the same command may mend. What to do about a file that came since is said with it.
fn is_to_be_tried_again(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { code, .. } if *code != CAME_SINCE)
}

/// The time to act at: the clock's, or for a plan made under `--as-of` that plan's own, so that a
/// night of another year can be played to its end.
fn clock(scene: &Scene<'_>, typed: &str) -> Result<(Zoned, bool), Failure> {
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    let plan = reader.find_plan(typed)?;
    // Looking takes the beginning of an id; saying yes takes the whole.
    if !plan.id.as_str().eq_ignore_ascii_case(typed.trim()) {
        return Err(StateError::NoSuchPlan { typed: typed.to_owned() }.into());
    }
    let run = reader.run(&plan.run)?;
    let replay = run.is_some_and(|run| run.trigger == REPLAY);
    Ok((if replay { scene.local(plan.begun_at) } else { scene.now() }, replay))
}

/// Which removals are to be confirmed: the number is of the first kind that loses anything.
fn removals_of<'t>(plan: &PlanRecord, ui: &'t Ui) -> &'t str {
    let counts = plan.counts().unwrap_or_default();
    let confirmed = plan.facts.as_ref().map_or(0, |facts| facts.removals);
    let is = |removed: u64| removed > 0 && removed == confirmed;
    if is(counts.persons.removed) {
        return ui.pick(
            "Skriv antalet personer som tas bort för att godkänna (Ctrl-C avbryter):",
            "Type the number of persons removed to approve (Ctrl-C cancels):",
        );
    }
    if is(counts.groups.removed) {
        return ui.pick(
            "Skriv antalet grupper som tas bort för att godkänna (Ctrl-C avbryter):",
            "Type the number of groups removed to approve (Ctrl-C cancels):",
        );
    }
    if is(counts.memberships.removed) {
        return ui.pick(
            "Skriv antalet medlemskap som tas bort för att godkänna (Ctrl-C avbryter):",
            "Type the number of memberships removed to approve (Ctrl-C cancels):",
        );
    }
    let list = |breach: &Breach| matches!(breach, Breach::Release { .. });
    if matches!(plan.verdict(), Some(Verdict::Hold(all)) if all.iter().any(list)) {
        return ui.pick(
            "Skriv antalet på listan ovan (personer, eller grupper om inga personer står där) för att godkänna (Ctrl-C avbryter):",
            "Type the number on the list above (persons, or groups where it has no persons) to approve (Ctrl-C cancels):",
        );
    }
    ui.pick(
        "Skriv antalet borttag som visas ovan (0 om inget tas bort) för att godkänna (Ctrl-C avbryter):",
        "Type the number of removals shown above (0 if none) to approve (Ctrl-C cancels):",
    )
}

fn show(scene: &Scene<'_>, ready: &Ready<'_>) {
    let ui = &scene.ui;
    let plan = ready.plan();
    ui.draw("");
    ui.say(format!("Plan {} {} {}", plan.id, ui.pick("till", "to"), plan.target));
    if let Some(counts) = plan.counts() {
        let limits = Aim::at(&scene.loaded.config, &plan.target).limits;
        let verdict = plan.verdict().unwrap_or(Verdict::Hold(Vec::new()));
        for line in table::lines(ui, &counts, &limits, &verdict) {
            ui.say(line);
        }
    }
    if ready.back > 0 {
        let back = number::count(ready.back, ui.language);
        ui.remark_always(match ui.language {
            Language::Sv => format!(
                "OBS: planen tar bort personer som finns i registret igen: {back}. En ny körning \
                 gör en plan där de är kvar:"
            ),
            Language::En => format!(
                "NOTE: the plan removes persons whom the register has again: {back}. A new run \
                 makes a plan that keeps them:"
            ),
        });
        ui.remark_always("  sudo rostergate run --now");
    }
}

/// The number that the person gives: with `--confirm`, or typed.
fn confirm(scene: &Scene<'_>, ready: &Ready<'_>, given: Option<u64>) -> Result<u64, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    let ui = &scene.ui;
    let plan = ready.plan();
    let first = plan.facts.as_ref().is_some_and(|facts| facts.first_delivery);
    let question = if first {
        ui.pick(
            "Skriv antalet personer som ska skickas för att godkänna (Ctrl-C avbryter):",
            "Type the number of persons to be sent to approve (Ctrl-C cancels):",
        )
    } else {
        removals_of(plan, ui)
    };
    let typed = ui.ask(question).ok_or_else(|| {
        let facts = Facts::new().text(Placeholder::Plan, plan.id.as_str());
        // Without the spaces of a number to read: it stands in a command to type.
        Failure::new(Code(508), facts.text(Placeholder::Count, ready.to_confirm.to_string()))
    })?;
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    digits.parse().map_err(|_| {
        let facts = Facts::new().text(Placeholder::Plan, plan.id.as_str());
        let (sv, en) = ("det som skrevs är inget tal", "what was typed is no number");
        Failure::new(Code(506), facts.words(Placeholder::Detail, sv, en))
    })
}
