//! `status`: last night, plans that wait, and mails that wait.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use jiff::Zoned;

use super::Scene;
use super::run::problem;
use super::units::Units;
use crate::gateway::alarm::watch;
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::gateway::release::is_list;
use crate::gateway::standing::last_mark;
use crate::gateway::target::{Aim, waiting_at};
use crate::notify::catalogue::facts::one_line;
use crate::notify::catalogue::short;
use crate::notify::language::Language;
use crate::notify::night::Trigger;
use crate::notify::number;
use crate::notify::sentence;
use crate::roster::code::Code;
use crate::sources::Standing;
use crate::state::{
    BaselineRecord, Pause, PlanRecord, PlanState, RunRecord, StateDir, StateReader,
};

/// After so many hours without a run, the timer has missed a night.
const LONGEST_SILENCE: i64 = 30;

/// Last night, held plans and waiting mails.
#[derive(Args, Debug)]
pub struct StatusArguments {
    /// For monitoring: exit with 0 fine, 1 warning, 2 critical, 3 unknown (Nagios).
    #[arg(long)]
    pub check: bool,
    /// Mail, once, if last night's run did not start or did not finish, or the timer is off.
    #[arg(long, conflicts_with = "check")]
    pub alert_if_stale: bool,
    /// For each configuration (*.toml) in this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub config_dir: Option<PathBuf>,
}

/// Carries out `status`.
pub(super) fn run(scene: &Scene<'_>, arguments: &StatusArguments) -> u8 {
    if arguments.alert_if_stale {
        return alert_if_stale(scene);
    }
    match status(scene) {
        Ok(worst) if arguments.check => worst,
        Ok(_) => exit::DONE,
        Err(failure) => {
            let exit = problem(scene, &failure);
            if arguments.check { 3 } else { exit }
        }
    }
}

/// What a timer of its own asks in the morning. Says the same as the mail, for the journal.
fn alert_if_stale(scene: &Scene<'_>) -> u8 {
    let ui = &scene.ui;
    let quiet = |_: &crate::gateway::Event<'_>| ();
    let context = scene.context(scene.now(), false, Trigger::Timer, &quiet);
    let missing = match watch::alert(&context, Units::here().night(&scene.loaded.path)) {
        Ok(missing) => missing.map(|missing| missing.failure),
        Err(failure) => return problem(scene, &failure),
    };
    let code = missing.as_ref().map(|missing| missing.code.to_string());
    ui.json(&serde_json::json!({ "schema": "rostergate.alert/1", "missing": code }));
    let Some(missing) = missing else {
        ui.say(ui.pick("Nattens körning är gjord.", "Last night's run took place."));
        return exit::DONE;
    };
    let exit = ui.problem(missing.code, &missing.facts);
    // Told is told: only where nobody could be is this unit itself a failed one.
    if scene.loaded.config.mail.is_some() { exit::DONE } else { exit }
}

/// Shows the status and gives the worst of it, as monitoring counts.
fn status(scene: &Scene<'_>) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    let now = scene.now();
    ui.say(format!(
        "{}   {}",
        ui.strong(&scene.loaded.config.site.name),
        number::day_and_clock(&now, ui.language)
    ));
    ui.say("");
    let mut worst = 0;
    let mut targets = serde_json::Map::new();
    for name in scene.loaded.config.target.keys() {
        let (level, json) = target(scene, &reader, name)?;
        worst = worst.max(level);
        targets.insert(name.clone(), json);
    }
    let frozen = frozen(scene, &reader);
    worst = worst.max(u8::from(!frozen.is_empty()));
    let (mails, given_up) = mails(&reader)?;
    ui.say("");
    let pause = reader.pause()?.filter(|pause| pause.holds(now.date()));
    if let Some(pause) = &pause {
        ui.say(paused(scene, pause));
    }
    ui.say(match mails {
        0 => ui.pick("Mejl          inga i kö", "Mail          none waiting").to_owned(),
        n => format!("{} {n}", ui.pick("Mejl          väntar:", "Mail          waiting:")),
    });
    if given_up > 0 {
        let words = ui.pick("  uppgivna efter fem dagar:", "  given up after five days:");
        ui.say(format!("{words} {given_up}"));
    }
    worst = worst.max(u8::from(mails + given_up > 0));
    if let Some(run) = reader.recent_runs(1)?.first() {
        let at = number::day_and_clock(&scene.local(run.started_at), ui.language);
        let result = run.end.as_ref().map_or_else(
            || ui.pick("avbruten eller pågår", "interrupted or running").to_owned(),
            |end| super::words::word(ui, &end.result),
        );
        ui.say(format!("{} {at}, {result} ({})", ui.pick("Senaste körning", "Last run"), run.id));
        worst = worst.max(level_of_run(run, &now));
    } else {
        ui.say(ui.pick("Ingen körning än.", "No run yet."));
        worst = worst.max(1);
    }
    let withdrawn = reader.withdrawn()?.len();
    if withdrawn > 0 {
        let word = ui.pick("Borttagna för hand", "Withdrawn by hand");
        ui.say(format!("{word} {withdrawn}   sudo rostergate withdraw --list"));
    }
    ui.json(&serde_json::json!({
        "schema": "rostergate.status/1", "level": worst, "targets": targets, "waiting-mails": mails,
        "given-up-mails": given_up,
        "withdrawn": withdrawn,
        "pause": pause.as_ref().map(super::pause::json),
        "frozen": frozen,
    }));
    Ok(worst)
}

/// How many mails wait, and how many were given up.
fn mails(reader: &StateReader) -> Result<(usize, usize), Failure> {
    let mails = reader.waiting_mails()?;
    let given_up = mails.iter().filter(|mail| mail.is_given_up()).count();
    Ok((mails.len() - given_up, given_up))
}

fn paused(scene: &Scene<'_>, pause: &Pause) -> String {
    let ui = &scene.ui;
    let through = ui.pick("till och med", "through");
    format!(
        "{} {through} {}, {}: {}",
        ui.pick("Paus         ", "Pause        "),
        pause.until,
        one_line(&pause.who),
        one_line(&pause.reason)
    )
}

/// Exports whose content has not changed for many school days, each with how many.
fn frozen(scene: &Scene<'_>, reader: &StateReader) -> BTreeMap<String, u32> {
    let ui = &scene.ui;
    let mut frozen = BTreeMap::new();
    for source in scene.loaded.config.source.keys() {
        let standing = last_mark(reader, source).and_then(|mark| mark.standing);
        if let Some(standing) = standing.filter(Standing::is_frozen) {
            let days = standing.school_days;
            ui.say(match ui.language {
                Language::Sv => {
                    format!("{source:<14}exporten är likadan sedan {days} skoldagar (RG364)")
                }
                Language::En => {
                    format!("{source:<14}the export is the same for {days} school days (RG364)")
                }
            });
            frozen.insert(source.clone(), days);
        }
    }
    frozen
}

/// A night that failed, or nights without any run, are news although every target was fine before.
fn level_of_run(run: &RunRecord, now: &Zoned) -> u8 {
    let hours = now.timestamp().duration_since(run.started_at).as_hours();
    match run.end.as_ref().map(|end| end.result.as_str()) {
        Some("failed") => 2,
        _ if hours > LONGEST_SILENCE => 2,
        Some("mixed") | None => 1,
        Some(_) => 0,
    }
}

fn target(
    scene: &Scene<'_>,
    reader: &StateReader,
    name: &str,
) -> Result<(u8, serde_json::Value), Failure> {
    let ui = &scene.ui;
    let latest = reader.latest_plan(name)?;
    let held = reader.held_plans()?.into_iter().rfind(|plan| plan.target == name);
    let baseline = reader.baseline(name)?;
    let (level, word, more) = judge(scene, latest.as_ref(), held.as_ref(), &baseline);
    ui.say(format!("{name:<14}{word:<10} {more}"));
    let last = reader.last_published(name)?;
    if let Some(last) = &last {
        let at = number::day_and_clock(&scene.local(last.published_at), ui.language);
        ui.say(format!("{:<25}{} {at}", "", ui.pick("senast skickad", "last sent")));
    }
    let aim = Aim::at(&scene.loaded.config, name);
    let today = scene.now().date();
    let waits = waiting_at(reader, &aim, today)?;
    for line in sentence::waiting(&waits, today, ui.language) {
        ui.say(format!("{:<25}{line}", ""));
    }
    let json = serde_json::json!({
        "waiting": waits.removed,
        "window": waits.window.as_ref().map(|open| &open.name),
        "grace-ends": waits.grace_ends.map(|day| day.to_string()),
        "state": latest.as_ref().map(|plan| plan.state.as_str()),
        "held": held.as_ref().map(|plan| plan.id.to_string()),
        "last-sent": last.map(|last| last.published_at.to_string()),
        "level": level,
    });
    Ok((level, json))
}

fn judge(
    scene: &Scene<'_>,
    latest: Option<&PlanRecord>,
    held: Option<&PlanRecord>,
    baseline: &BaselineRecord,
) -> (u8, &'static str, String) {
    let ui = &scene.ui;
    if matches!(baseline, BaselineRecord::Unknown { .. }) {
        let more = ui.pick(
            "vi vet inte om den senaste filen kom fram",
            "whether the last file arrived is not known",
        );
        return (2, word(ui.language, "OKÄNT", "UNKNOWN"), more.to_owned());
    }
    if let Some(plan) = held.filter(|plan| is_list(plan)) {
        let more = format!(
            "{} {}",
            ui.pick("borttag väntar på godkännande:", "removals wait for approval:"),
            plan.id
        );
        return (1, word(ui.language, "VÄNTAR", "WAITING"), more);
    }
    if let Some(plan) = held {
        let until = plan
            .facts
            .as_ref()
            .map(|f| number::day_and_clock(&scene.local(f.expires), ui.language));
        let until = until.unwrap_or_default();
        let more = match ui.language {
            Language::Sv => format!("väntar på beslut: {} (går ut {until})", plan.id),
            Language::En => format!("waits for a decision: {} (expires {until})", plan.id),
        };
        return (2, word(ui.language, "STOPPAD", "STOPPED"), more);
    }
    match latest {
        None => (
            1,
            word(ui.language, "NY", "NEW"),
            ui.pick("inget har skickats än", "nothing was sent yet").to_owned(),
        ),
        Some(plan) if plan.state == PlanState::Failed => {
            let code = Code(plan.code.unwrap_or(0));
            let more = short(code, ui.language).unwrap_or_default();
            (2, word(ui.language, "FEL", "FAILED"), format!("{code} {more}"))
        }
        Some(plan) if plan.state == PlanState::Delivered => (0, "OK", String::new()),
        Some(plan) if plan.approval.is_some() && plan.state.is_unfinished() => {
            (1, word(ui.language, "VARNING", "WARNING"), on_its_way(scene, plan))
        }
        Some(plan) => (
            1,
            word(ui.language, "VARNING", "WARNING"),
            super::words::word(ui, plan.state.as_str()),
        ),
    }
}

/// That an approved plan was interrupted on its way, or leaves just now; and the pause that lasts
/// until it cannot go out any more.
fn on_its_way(scene: &Scene<'_>, plan: &PlanRecord) -> String {
    let (id, today) = (&plan.id, scene.now().date());
    let until = plan.facts.as_ref().map_or(today, |facts| scene.local(facts.expires).date());
    let until = until.max(today);
    let (approved, next, reason) = match scene.ui.language {
        Language::Sv => (
            format!("godkänd, avbruten eller på väg: {id}"),
            "nästa körning med samma export skickar den; hindra det:",
            "skäl",
        ),
        Language::En => (
            format!("approved, interrupted or on its way: {id}"),
            "the next run on the same export sends it; prevent that:",
            "reason",
        ),
    };
    let pause = format!("sudo rostergate pause --until {until} --reason \"{reason}\"");
    format!("{approved}\n{0:<25}{next}\n{0:<25}{pause}", "")
}

fn word(
    language: crate::notify::language::Language,
    sv: &'static str,
    en: &'static str,
) -> &'static str {
    language.of(sv, en)
}
