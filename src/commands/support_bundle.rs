//! `support-bundle`: one file for whoever helps, in which nobody is named.
//!
//! A document of its own and no archive of files: what goes in is chosen value by value, and it can
//! be read to its end before it is sent. Counts are of whole receivers, never of one school. Left
//! out are reasons and names of those who decided, and everything that ever stood in a row.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::Scene;
use super::run::problem;
use crate::gateway::failure::Failure;
use crate::gateway::{exit, reasons};
use crate::notify::catalogue::Facts;
use crate::notify::catalogue::facts::one_line;
use crate::notify::sentence::code_of;
use crate::pipeline::verdict::Verdict;
use crate::roster::code::Code;
use crate::state::{BaselineRecord, PlanRecord, StateDir, StateReader, files};

/// Nights that are told of.
const NIGHTS: u32 = 60;

/// Write a file for whoever helps you; it names nobody and holds no secret.
#[derive(Args, Debug)]
pub struct SupportBundleArguments {
    /// The file to write; it must not exist. Without it, everything goes to stdout.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Carries out `support-bundle`.
pub(super) fn run(scene: &Scene<'_>, arguments: &SupportBundleArguments) -> u8 {
    let ui = &scene.ui;
    let bundle = bundle(scene);
    let text = serde_json::to_string_pretty(&bundle).expect("JSON can be written") + "\n";
    let Some(path) = &arguments.file else {
        ui.say(text.trim_end());
        ui.json(&bundle);
        return exit::DONE;
    };
    if let Err(error) = files::write_new(path, files::PRIVATE, text.as_bytes()) {
        let failure = Failure::new(Code(109), reasons::of_system(Facts::new().path(path), &error));
        return problem(scene, &failure);
    }
    let shown = one_line(&path.to_string_lossy());
    ui.say(format!("{} {shown}", ui.pick("Skrev", "Wrote")));
    ui.say(ui.pick(
        "Inga namn, nycklar, adresser eller hemligheter står i den. Läs den ändå innan ni skickar den.",
        "No names, keys, addresses or secrets stand in it. Read it all the same before you send it.",
    ));
    ui.json(&json!({ "schema": "rostergate.support/1", "file": path.display().to_string() }));
    exit::DONE
}

/// Everything that there is to tell; where the state cannot be read, why.
fn bundle(scene: &Scene<'_>) -> Value {
    let config = &scene.loaded.config;
    let state = match StateDir::read_only(&config.site.state).map_err(Failure::from) {
        Ok(reader) => told(scene, &reader).unwrap_or_else(|failure| unreadable(&failure)),
        Err(failure) => unreadable(&failure),
    };
    json!({
        "schema": "rostergate.support/1",
        "version": env!("CARGO_PKG_VERSION"),
        "made": scene.now().timestamp().to_string(),
        "timezone": scene.now().time_zone().iana_name(),
        "system": system(),
        "configuration": scene.loaded.redacted(),
        "state": state,
    })
}

/// Of an error its code: its words have paths, which may be anybody's.
fn unreadable(failure: &Failure) -> Value {
    json!({ "unreadable": failure.code.to_string() })
}

/// The name of the operating system.
fn system() -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn told(scene: &Scene<'_>, reader: &StateReader) -> Result<Value, Failure> {
    let mut receivers = serde_json::Map::new();
    for name in scene.loaded.config.target.keys() {
        let latest = reader.latest_plan(name)?;
        let last = reader.last_published(name)?;
        receivers.insert(
            name.clone(),
            json!({
                "latest": latest.as_ref().map(plan),
                "last-sent": last.map(|last| last.published_at.to_string()),
                "baseline": match reader.baseline(name)? {
                    BaselineRecord::NeverDelivered => "none",
                    BaselineRecord::Delivered(_) => "known",
                    BaselineRecord::Unknown { .. } => "unknown",
                },
            }),
        );
    }
    let held: Vec<_> = reader.held_plans()?.iter().map(|plan| plan.id.to_string()).collect();
    let chain = reader.verify_chain()?;
    Ok(json!({
        "receivers": receivers,
        "held": held,
        "paused-until": reader.pause()?.map(|pause| pause.until.to_string()),
        "mails-waiting": reader.waiting_mails()?.len(),
        "withdrawn": reader.withdrawn()?.len(),
        "decisions": { "count": chain.count, "hold": chain.broken.is_none() },
        "nights": nights(reader)?,
    }))
}

fn nights(reader: &StateReader) -> Result<Vec<Value>, Failure> {
    let mut nights = Vec::new();
    for run in reader.recent_runs(NIGHTS)? {
        let plans = reader.plans_of_run(&run.id)?;
        nights.push(json!({
            "run": run.id.to_string(),
            "started": run.started_at.to_string(),
            "ended": run.end.as_ref().map(|end| end.at.to_string()),
            "trigger": run.trigger,
            "version": run.version,
            "result": run.end.as_ref().map(|end| &end.result),
            "exit": run.end.as_ref().map(|end| end.exit),
            "plans": plans.iter().map(plan).collect::<Vec<_>>(),
        }));
    }
    Ok(nights)
}

fn plan(plan: &PlanRecord) -> Value {
    let held: Vec<String> = match plan.verdict() {
        Some(Verdict::Hold(breaches)) => breaches.iter().map(|b| code_of(b).to_string()).collect(),
        _ => Vec::new(),
    };
    json!({
        "plan": plan.id.as_str(),
        "target": plan.target,
        "state": plan.state.as_str(),
        "code": plan.code.map(|code| Code(code).to_string()),
        "held-for": held,
        "approved": plan.approval.is_some(),
        "maybe-published": plan.maybe_published,
        "delivered": plan.delivered_at.map(|at| at.to_string()),
        "bytes": plan.documents.iter().map(|file| file.size).collect::<Vec<_>>(),
        "counts": plan.counts().map(|counts| json!({
            "schools": counts.schools,
            "persons": counts.persons,
            "groups": counts.groups,
            "memberships": counts.memberships,
            "relations": counts.relations,
        })),
    })
}
