//! `history`: past runs, their results, who approved what, and whether all that can be trusted.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use clap::Args;

use super::Scene;
use super::run::problem;
use super::words::word;
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::gateway::tell::receipt;
use crate::notify::catalogue::{Facts, Placeholder, facts::one_line};
use crate::notify::language::Language;
use crate::notify::number;
use crate::roster::code::Code;
use crate::state::{Broken, BrokenLink, PlanRecord, StateDir, StateReader};

/// Past runs, results and approvals.
#[derive(Args, Debug)]
pub struct HistoryArguments {
    /// How many runs.
    #[arg(long, default_value = "30", value_name = "N")]
    pub runs: NonZeroU32,
    /// Walk the chain of decisions: whether any was changed or removed since.
    #[arg(long)]
    pub verify: bool,
}

/// Carries out `history`.
pub(super) fn run(scene: &Scene<'_>, arguments: &HistoryArguments) -> u8 {
    history(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn history(scene: &Scene<'_>, arguments: &HistoryArguments) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    if arguments.verify {
        return verify(scene, &reader);
    }
    let mut listed = Vec::new();
    for run in reader.recent_runs(arguments.runs.get())? {
        let at = number::day_and_clock(&scene.local(run.started_at), ui.language);
        let result = run.end.as_ref().map_or("-", |end| end.result.as_str());
        let (trigger, shown) = (word(ui, &run.trigger), word(ui, result));
        let receipt = run.receipt.as_deref().map(receipt);
        let beside = receipt.as_ref().map_or_else(String::new, |receipt| {
            format!(", {} {receipt}", ui.pick("kvitto", "receipt"))
        });
        ui.say(format!("{:<22} {at:<14} {trigger:<12} {shown}{beside}", run.id.to_string()));
        let plans = reader.plans_of_run(&run.id)?;
        for plan in &plans {
            ui.say(format!("  {}", line(scene, plan)));
        }
        let plans: Vec<_> = plans.iter().map(json).collect();
        listed.push(serde_json::json!({
            "run": run.id.to_string(), "started": run.started_at.to_string(),
            "trigger": run.trigger, "result": result, "receipt": receipt, "plans": plans,
        }));
    }
    if listed.is_empty() {
        ui.say(ui.pick("Ingen körning än.", "No run yet."));
    }
    ui.json(&serde_json::json!({ "schema": "rostergate.history/1", "runs": listed }));
    Ok(exit::DONE)
}

/// Walks the chain and says how far it holds; a break is an error with its own message.
fn verify(scene: &Scene<'_>, reader: &StateReader) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let report = reader.verify_chain()?;
    let head = report.head.as_deref().map(receipt);
    let day = |at| scene.local(at).strftime("%Y-%m-%d %H:%M").to_string();
    let span = report.from.zip(report.through).map(|(from, through)| (day(from), day(through)));
    if let Some((from, through)) = &span {
        let (first, to) = (ui.pick("från", "from"), ui.pick("till", "to"));
        let hold = ui.pick("Beslut som hänger ihop:", "Decisions that hold together:");
        ui.say(format!("{hold} {} ({first} {from} {to} {through})", report.count));
    } else if report.broken.is_none() {
        ui.say(ui.pick("Inget beslut än.", "No decision yet."));
    }
    ui.json(&serde_json::json!({
        "schema": "rostergate.chain/1", "decisions": report.count, "receipt": head,
        "from": report.from.map(|at| at.to_string()),
        "through": report.through.map(|at| at.to_string()),
        "holds": report.broken.is_none(),
        "broken": report.broken.as_ref().map(|link| serde_json::json!({
            "at": link.at.map(|at| at.to_string()), "run": link.run, "decision": link.decision,
        })),
    }));
    if let Some(link) = &report.broken {
        return Err(Failure::new(Code(509), broken(scene, link)));
    }
    if let Some(head) = head {
        ui.say(format!("{} {head}", ui.pick("Kvitto nu:", "Receipt now:")));
        ui.say(ui.pick(
            "Varje mejl slutar med kvittot för sin körning. Jämför med: sudo rostergate history",
            "Every mail ends with the receipt of its run. Compare with: sudo rostergate history",
        ));
    }
    Ok(exit::DONE)
}

/// The first decision that does not hold, and what is wrong with it.
fn broken(scene: &Scene<'_>, link: &BrokenLink) -> Facts {
    let when = link.at.map(|at| scene.local(at).strftime("%Y-%m-%d %H:%M").to_string());
    let run = link.run.as_ref().map(ToString::to_string);
    let known: Vec<String> = when.into_iter().chain(run).collect();
    let known = known.join(", ");
    let (sv, en) = match link.what {
        Broken::Changed => ("beslutet har ändrats", "the decision was changed"),
        Broken::Missing => {
            ("beslutet före det här är borta", "the decision before this one is gone")
        }
        Broken::CutOff => (
            "det beslut som körningens kvitto gäller är borta",
            "the decision that the run's receipt is of is gone",
        ),
        Broken::Withdrawn => (
            "de som är borttagna för hand är fler eller färre än besluten säger",
            "those withdrawn by hand are more or fewer than the decisions say",
        ),
    };
    let detail =
        |what: &str| if known.is_empty() { what.into() } else { format!("{known}: {what}") };
    Facts::new().words(Placeholder::Detail, detail(sv), detail(en))
}

fn line(scene: &Scene<'_>, plan: &PlanRecord) -> String {
    let ui = &scene.ui;
    let state = word(ui, plan.state.as_str());
    let mut text = format!("{:<10} {:<14} {state}", plan.id.as_str(), plan.target);
    let without = plan.facts.as_ref().filter(|facts| facts.withdrawal);
    if let Some(facts) = without {
        let (persons, said) = (number::count(facts.persons, ui.language), ui.language);
        let _ = match said {
            Language::Sv => {
                write!(text, ", {persons} personer: den förra filen utan den som togs bort")
            }
            Language::En => {
                write!(text, ", {persons} persons: the last file without whoever was taken out")
            }
        };
    } else if let Some(counts) = plan.counts() {
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
        let _ = write!(text, "; {by} {}: {}", one_line(&approval.who), one_line(&approval.reason));
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
