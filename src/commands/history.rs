//! `history`: past runs, their results, and who approved what.

use std::fmt::Write as _;

use clap::Args;

use super::Scene;
use super::run::problem;
use super::words::word;
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::notify::number;
use crate::state::{PlanRecord, StateDir};

/// Past runs, results and approvals.
#[derive(Args, Debug)]
pub struct HistoryArguments {
    /// How many runs.
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub runs: u32,
}

/// Carries out `history`.
pub(super) fn run(scene: &Scene<'_>, arguments: &HistoryArguments) -> u8 {
    history(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn history(scene: &Scene<'_>, arguments: &HistoryArguments) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    let mut listed = Vec::new();
    for run in reader.recent_runs(arguments.runs)? {
        let at = number::day_and_clock(&scene.local(run.started_at), ui.language);
        let result = run.end.as_ref().map_or("-", |end| end.result.as_str());
        let (trigger, shown) = (word(ui, &run.trigger), word(ui, result));
        ui.say(format!("{:<22} {at:<14} {trigger:<12} {shown}", run.id.to_string()));
        let plans = reader.plans_of_run(&run.id)?;
        for plan in &plans {
            ui.say(format!("  {}", line(scene, plan)));
        }
        let plans: Vec<_> = plans.iter().map(json).collect();
        listed.push(serde_json::json!({
            "run": run.id.to_string(), "started": run.started_at.to_string(),
            "trigger": run.trigger, "result": result, "plans": plans,
        }));
    }
    if listed.is_empty() {
        ui.say(ui.pick("Ingen körning än.", "No run yet."));
    }
    ui.json(&serde_json::json!({ "schema": "rostergate.history/1", "runs": listed }));
    Ok(exit::DONE)
}

fn line(scene: &Scene<'_>, plan: &PlanRecord) -> String {
    let ui = &scene.ui;
    let state = word(ui, plan.state.as_str());
    let mut text = format!("{:<10} {:<14} {state}", plan.id.as_str(), plan.target);
    if let Some(counts) = plan.counts() {
        let (p, n) = (counts.persons, |n: u64| number::count(n, ui.language));
        let words = [
            ui.pick("personer", "persons"),
            ui.pick("nya", "new"),
            ui.pick("ändrade", "changed"),
            ui.pick("borttagna", "removed"),
        ];
        let [persons, new, changed, removed] = words;
        let (now, added) = (n(p.now), n(p.added));
        let _ = write!(
            text,
            ", {now} {persons} ({added} {new}, {} {changed}, {} {removed})",
            n(p.changed),
            n(p.removed)
        );
    }
    if let Some(approval) = &plan.approval {
        let by = ui.pick("godkänd av", "approved by");
        let _ = write!(text, "; {by} {}: {}", approval.who, approval.reason);
    }
    text
}

fn json(plan: &PlanRecord) -> serde_json::Value {
    serde_json::json!({
        "plan": plan.id.as_str(),
        "target": plan.target,
        "state": plan.state.as_str(),
        "counts": plan.counts(),
        "approval": plan.approval,
        "delivered": plan.delivered_at.map(|at| at.to_string()),
    })
}
