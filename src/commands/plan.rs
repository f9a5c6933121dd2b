//! `plan`: what a run would do, or a plan that waits. Sends and changes nothing.

mod waits;

use std::collections::BTreeMap;

use clap::Args;
use jiff::civil::Date;

use self::waits::{in_stages, pause_on, paused};
use super::run::{AsOf, moment, problem};
use super::timings::Timings;
use super::words::word;
use super::{Scene, table};
use crate::gateway::failure::Failure;
use crate::gateway::guards::sentinel;
use crate::gateway::release;
use crate::gateway::target::{Aim, Planned};
use crate::gateway::{self, exit};
use crate::notify::catalogue::facts::one_line;
use crate::notify::catalogue::short;
use crate::notify::command::quoted;
use crate::notify::listed::reasons;
use crate::notify::night::Trigger;
use crate::notify::noun::noun;
use crate::notify::number;
use crate::notify::sentence::{code_of, waiting as waiting_lines};
use crate::pipeline::counts::Counts;
use crate::pipeline::plan::Purpose;
use crate::pipeline::verdict::{Breach, Subject, Verdict};
use crate::roster::issue::Issue;
use crate::state::{Digest, PlanId, PlanRecord, PlanState, StateDir, StateReader};

/// Show what a run would do, or a held plan.
#[derive(Args, Debug)]
pub struct PlanArguments {
    /// A held plan, as P-7K3FQX; without it, what a run would do now.
    #[arg(value_name = "PLAN")]
    pub plan: Option<String>,
    /// Only this target; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// As if the open window had ended and everything that waits were released.
    #[arg(long, conflicts_with = "plan")]
    pub after_window: bool,
    /// Every school, role and kind of group, and where the list with names lies.
    #[arg(long)]
    pub details: bool,
    /// Also what each stage took: time, processor time, memory.
    #[arg(long, conflicts_with = "plan")]
    pub timings: bool,
    /// Act as if it were this time, as 2026-08-24T04:15; only for test targets and folders.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
}

/// Carries out `plan`.
pub(super) fn run(scene: &Scene<'_>, arguments: &PlanArguments) -> u8 {
    let done = match &arguments.plan {
        Some(typed) => stored(scene, typed, arguments.details),
        None => tonight(scene, arguments),
    };
    done.unwrap_or_else(|failure| problem(scene, &failure))
}

fn tonight(scene: &Scene<'_>, arguments: &PlanArguments) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let now = moment(scene, &arguments.target, arguments.as_of)?;
    let timings = Timings::new(arguments.timings);
    let hear = |event: &gateway::Event<'_>| timings.hear(event);
    let today = now.date();
    let mut context = scene.context(now, arguments.as_of.is_some(), Trigger::Hand, &hear);
    context.only.clone_from(&arguments.target);
    ui.say(ui.pick(
        "Inget skickas och inget ändras av det här kommandot.",
        "Nothing is sent and nothing is changed by this command.",
    ));
    ui.draw(ui.pick("  Läser och jämför …", "  Reading and comparing …"));
    let purpose = if arguments.after_window { Purpose::AfterWindow } else { Purpose::Tonight };
    let preview = gateway::preview(&context, purpose);
    ui.draw("");
    timings.end(ui);
    let preview = preview?;
    if arguments.details {
        remarks(scene, &preview.reading.register.issues);
    }
    let mut exits = Vec::new();
    let mut targets = serde_json::Map::new();
    for (name, planned) in &preview.targets {
        ui.say("");
        let (exit, json) = match planned {
            Ok(planned) => one(scene, name, planned, arguments, today),
            Err(failure) => {
                ui.say(ui.strong(name));
                let exit = problem(scene, failure);
                (exit, serde_json::json!({ "codes": [failure.code.to_string()] }))
            }
        };
        exits.push(exit);
        targets.insert(name.clone(), json);
    }
    let exit = exits.into_iter().max().unwrap_or(exit::DONE);
    ui.json(
        &serde_json::json!({ "schema": "rostergate.plan/1", "exit": exit, "targets": targets }),
    );
    Ok(exit)
}

fn one(
    scene: &Scene<'_>,
    name: &str,
    planned: &Planned,
    arguments: &PlanArguments,
    today: Date,
) -> (u8, serde_json::Value) {
    let details = arguments.details;
    let ui = &scene.ui;
    let plan = &planned.plan;
    let aim = Aim::at(&scene.loaded.config, name);
    ui.say(ui.strong(name));
    for line in table::lines(ui, &plan.feed.counts, &aim.limits, &plan.verdict) {
        ui.say(line);
    }
    if details {
        detail(scene, &plan.feed.counts);
    }
    for line in waiting_lines(&plan.waiting, today, ui.language) {
        ui.say(format!("  {line}"));
    }
    remarks(scene, &plan.issues);
    let pause = pause_on(scene, &aim, today).filter(|_| !arguments.after_window);
    if let Some(pause) = &pause {
        ui.say(format!("  {}", paused(scene, pause, today)));
    }
    let (exit, result, codes) = match (sentinel(&aim, planned), &plan.verdict) {
        (Some(missing), _) => {
            let exit = problem(scene, &missing);
            (exit, "failed", vec![missing.code.to_string()])
        }
        (None, Verdict::Pass) if pause.is_some() => {
            ui.say(ui.pick("  Utan pausen skulle det SKICKAS.", "  Without the pause: SENT."));
            (exit::DONE, "paused", Vec::new())
        }
        (None, Verdict::Pass) => {
            ui.say(ui.pick("  Skulle SKICKAS.", "  Would be SENT."));
            (exit::DONE, "pass", Vec::new())
        }
        (None, Verdict::Hold(breaches)) => {
            (exit::HELD, "held", would_be_held(scene, name, breaches, arguments.after_window))
        }
    };
    let now = Digest::of(scene.loaded.digest(name).as_bytes());
    let json = serde_json::json!({
        "result": result, "codes": codes, "counts": plan.feed.counts,
        "waiting": plan.waiting, "paused-through": pause.map(|pause| pause.through.to_string()),
        "config": configurations(scene, now, planned.against.baseline.as_ref()),
    });
    (exit, json)
}

/// The reasons, and where the plan is that can be approved.
fn would_be_held(
    scene: &Scene<'_>,
    name: &str,
    breaches: &[Breach],
    after_window: bool,
) -> Vec<String> {
    let ui = &scene.ui;
    ui.say(ui.pick("  Säkerhetsfiltret skulle STOPPA:", "  The safety filter would STOP this:"));
    for reason in reasons(breaches, ui.language) {
        ui.say(format!("    {reason}"));
    }
    if after_window {
        ui.say(ui.pick(
            "  När perioden slutar görs en lista som väntar på ert godkännande.",
            "  When the window ends a list is made that waits for your approval.",
        ));
    } else {
        waiting(scene, name);
    }
    breaches.iter().map(|breach| code_of(breach).to_string()).collect()
}

/// Digests of the configuration by which a plan was made, and of that of its baseline.
fn configurations(scene: &Scene<'_>, now: Digest, baseline: Option<&PlanId>) -> serde_json::Value {
    let reader = StateDir::read_only(&scene.loaded.config.site.state).ok();
    let before = baseline.zip(reader).and_then(|(plan, reader)| {
        let facts = reader.find_plan(plan.as_str()).ok()?.facts?;
        Some(facts.config_digest.to_string())
    });
    serde_json::json!({ "plan": now.to_string(), "baseline": before })
}

/// The rows that remarks are about, by file and line; of many, the first.
fn remarks(scene: &Scene<'_>, issues: &[Issue]) {
    const MOST: usize = 40;
    let ui = &scene.ui;
    for issue in issues.iter().take(MOST) {
        let short = short(issue.code, ui.language).unwrap_or_default();
        let line = issue.line.map(|line| format!(", {} {line}", ui.pick("rad", "line")));
        let field = issue.field.as_ref().map(|field| format!(", {field}"));
        let (line, field) = (line.unwrap_or_default(), field.unwrap_or_default());
        // Where many are told as one, the line is the first one's.
        let count = issue.detail.parse::<u64>().ok().filter(|&count| count > 1);
        let count = count.map(|count| format!(" ({})", number::count(count, ui.language)));
        let count = count.unwrap_or_default();
        ui.say(format!("  {} {}{line}{field}: {short}{count}", issue.code, issue.file));
    }
    if issues.len() > MOST {
        ui.say(format!("  … {} {}", issues.len() - MOST, ui.pick("till", "more")));
    }
}

/// The plan that a run has held for this target, where one waits.
fn waiting(scene: &Scene<'_>, name: &str) {
    let reader = StateDir::read_only(&scene.loaded.config.site.state);
    let held = reader.and_then(|reader| reader.held_plans()).unwrap_or_default();
    let ui = &scene.ui;
    match held.iter().find(|plan| plan.target == name) {
        Some(plan) => ui.say(format!(
            "  {} {}",
            ui.pick(
                "En körning har stoppat en plan som väntar på beslut:",
                "A run has stopped a plan that waits for a decision:"
            ),
            plan.id
        )),
        None => ui.say(format!(
            "  {}  sudo rostergate run",
            ui.pick(
                "En körning ger en plan som kan godkännas:",
                "A run makes a plan that can be approved:"
            )
        )),
    }
}

fn stored(scene: &Scene<'_>, typed: &str, details: bool) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    let plan = reader.find_plan(typed)?;
    let (Some(counts), Some(facts)) = (plan.counts(), &plan.facts) else {
        return Err(Failure::detail(crate::roster::code::Code(505), plan.state.as_str()));
    };
    let verdict = plan.verdict().unwrap_or(Verdict::Hold(Vec::new()));
    let expires = number::day_and_clock(&scene.local(facts.expires), ui.language);
    ui.say(format!("{} {} {}", ui.strong(plan.id.as_str()), ui.pick("till", "to"), plan.target));
    ui.say(state_line(scene, &plan, &expires));
    if scene.loaded.config.target.contains_key(&plan.target) {
        let limits = Aim::at(&scene.loaded.config, &plan.target).limits;
        for line in table::lines(ui, &counts, &limits, &verdict) {
            ui.say(line);
        }
    }
    let breaches = match &verdict {
        Verdict::Hold(breaches) => breaches.as_slice(),
        Verdict::Pass => &[],
    };
    for reason in reasons(breaches, ui.language) {
        ui.say(format!("  {reason}"));
    }
    let stages = release::stages(&reader, &plan)?;
    if let Some(stages) = &stages {
        in_stages(scene, stages, details);
    }
    if details {
        detail(scene, &counts);
        names(scene, &reader, &plan);
    }
    if plan.state == PlanState::Held {
        how_to_approve(scene, &plan, breaches);
    }
    ui.json(&serde_json::json!({
        "schema": "rostergate.plan/1", "plan": plan.id.as_str(), "target": plan.target,
        "state": plan.state.as_str(), "expires": facts.expires.to_string(), "counts": counts,
        "confirm": if facts.first_delivery { facts.persons } else { facts.removals },
        "codes": breaches.iter().map(|b| code_of(b).to_string()).collect::<Vec<_>>(),
        "in-stages": stages,
        "config": configurations(scene, facts.config_digest, facts.baseline.as_ref()),
    }));
    Ok(exit::DONE)
}

fn state_line(scene: &Scene<'_>, plan: &PlanRecord, expires: &str) -> String {
    let ui = &scene.ui;
    match plan.state {
        PlanState::Held => format!(
            "  {} {expires}",
            ui.pick(
                "Väntar på beslut, kan godkännas till",
                "Waits for a decision, can be approved until"
            )
        ),
        PlanState::Delivered => ui.pick("  Levererad.", "  Delivered.").to_owned(),
        PlanState::Superseded => ui
            .pick(
                "  Gäller inte längre: en nyare körning har tagit över.",
                "  No longer holds: a newer run has taken its place.",
            )
            .to_owned(),
        PlanState::Expired => ui
            .pick("  Gäller inte längre: tiden gick ut.", "  No longer holds: its time is up.")
            .to_owned(),
        other => format!("  {}", word(ui, other.as_str())),
    }
}

fn how_to_approve(scene: &Scene<'_>, plan: &PlanRecord, breaches: &[Breach]) {
    let ui = &scene.ui;
    let first = breaches.iter().any(|breach| matches!(breach, Breach::FirstDelivery { .. }));
    let id = &plan.id;
    ui.say("");
    if first {
        ui.say(ui.pick(
            "  Har mottagaren redan konton från ett annat program? Ta först över dess senaste fil:",
            "  Does the receiver already hold accounts from another program? Take over its last file first:",
        ));
        ui.say(format!("    sudo rostergate baseline adopt {} FIL", quoted(&plan.target)));
        ui.say(ui.pick("  Är mottagaren tom:", "  If the receiver is empty:"));
        ui.say(format!("    sudo rostergate approve {id} --reason \"…\" --receiver-empty"));
    } else {
        ui.say(ui.pick("  Är allt rätt:", "  If all is right:"));
        ui.say(format!("    sudo rostergate approve {id} --reason \"…\""));
    }
}

/// Numbers for every school, role and kind of group.
fn detail(scene: &Scene<'_>, counts: &Counts) {
    // As many as a noun in the plural takes.
    const MANY: u64 = 2;
    let ui = &scene.ui;
    let mut rows: BTreeMap<String, crate::pipeline::counts::Tally> = BTreeMap::new();
    let called = |subject| noun(&subject, MANY, ui.language);
    for (role, tally) in &counts.roles {
        rows.insert(format!("1 {}", called(Subject::Role(*role))), *tally);
    }
    for (role, tally) in &counts.membership_roles {
        rows.insert(format!("2 {}", called(Subject::MembershipRole(*role))), *tally);
    }
    for (kind, tally) in &counts.group_kinds {
        rows.insert(format!("3 {}", called(Subject::GroupKind(*kind))), *tally);
    }
    for school in &counts.by_school {
        rows.insert(format!("4 {}", school.name), school.persons);
    }
    for (name, tally) in rows {
        let name: String = one_line(&name[2..]).chars().take(30).collect();
        let number = |n: u64| number::count(n, ui.language);
        ui.say(format!(
            "    {name:<30}{:>9} → {:>7}   {} {}   {} {}",
            number(tally.before),
            number(tally.now),
            ui.pick("nya", "new"),
            number(tally.added),
            ui.pick("borttagna", "removed"),
            number(tally.removed),
        ));
    }
}

/// Names are in a file that only the service user can read, never on a screen or in a log.
fn names(scene: &Scene<'_>, reader: &StateReader, plan: &PlanRecord) {
    let ui = &scene.ui;
    if !plan.files_erased {
        ui.say("");
        ui.say(ui.pick(
            "  Listan med namn visas inte här. Den ligger i en fil som bara tjänsten kan läsa:",
            "  The list with names is not shown here. It lies in a file that only the service can read:",
        ));
        let path = reader.changes_path(&plan.id);
        ui.say(format!("    sudo less {}", quoted(&path.to_string_lossy())));
    }
}
