//! `baseline`: what each receiver was last sent, or taking over from another program.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use clap::Subcommand;

use super::Scene;
use super::run::{no_such_target, problem};
use crate::formats::snapshot::{self, Header, KEY_RULES};
use crate::gateway::failure::Failure;
use crate::gateway::target::Aim;
use crate::gateway::{exit, reasons};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::Trigger;
use crate::notify::number;
use crate::pipeline::plan::NamedBytes;
use crate::roster::code::Code;
use crate::roster::issue::Severity;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;
use crate::state::{AdoptFacts, BaselineRecord, Digest, RunEnd, RunStart, StateDir};

/// RG115: what another program left is not there, cannot be read, or has nobody in it.
const NOT_USABLE: Code = Code(115);

/// What each receiver was last sent, or take over from another program.
#[derive(Subcommand, Debug)]
pub enum BaselineCommand {
    /// Show what each receiver was last sent.
    Show,
    /// Say that the receiver holds these files, sent by another program; the next run compares
    /// with them and is still held once.
    Adopt {
        /// The target.
        #[arg(value_name = "TARGET")]
        target: String,
        /// Its files as they were last sent, in the target's format.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// Carries out `baseline`.
pub(super) fn run(scene: &Scene<'_>, command: &BaselineCommand) -> u8 {
    let done = match command {
        BaselineCommand::Show => show(scene),
        BaselineCommand::Adopt { target, files } => adopt(scene, target, files),
    };
    done.unwrap_or_else(|failure| problem(scene, &failure))
}

fn show(scene: &Scene<'_>) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let reader = StateDir::read_only(&scene.loaded.config.site.state)?;
    let mut targets = serde_json::Map::new();
    for name in scene.loaded.config.target.keys() {
        let baseline = reader.baseline(name)?;
        let text = match &baseline {
            BaselineRecord::NeverDelivered => ui
                .pick(
                    "inget skickat än: första leveransen stoppas för godkännande",
                    "nothing sent yet: the first delivery is held for approval",
                )
                .to_owned(),
            BaselineRecord::Delivered(told) => {
                let at = number::day_and_clock(&scene.local(told.delivered_at), ui.language);
                let word = if told.adopted {
                    ui.pick("övertagen", "adopted")
                } else {
                    ui.pick("skickad", "sent")
                };
                let moved = told.receiver.moved(&Aim::at(&scene.loaded.config, name).receiver);
                let other = if moved.is_empty() {
                    String::new()
                } else {
                    format!(
                        "; {} {}",
                        ui.pick(
                            "gäller en annan mottagare, ändrat:",
                            "for another receiver, changed:"
                        ),
                        moved.join(", ")
                    )
                };
                format!("{word} {at}, plan {}, sha256 {}{other}", told.plan, told.snapshot.sha256)
            }
            BaselineRecord::Unknown { .. } => ui
                .pick(
                    "okänt vilken av flera filer mottagaren har",
                    "which of several files the receiver holds is not known",
                )
                .to_owned(),
        };
        ui.say(format!("{name:<14}{text}"));
        targets.insert(name.clone(), serde_json::to_value(&baseline).unwrap_or_default());
    }
    ui.json(&serde_json::json!({ "schema": "rostergate.baseline/1", "targets": targets }));
    Ok(exit::DONE)
}

fn adopt(scene: &Scene<'_>, name: &str, files: &[PathBuf]) -> Result<u8, Failure> {
    let ui = &scene.ui;
    if !scene.loaded.config.target.contains_key(name) {
        return Err(no_such_target(scene, name));
    }
    let aim = Aim::at(&scene.loaded.config, name);
    let roster = decode(&aim, files)?;
    let now = scene.now();
    let state = StateDir::open(&scene.loaded.config.site.state, &now)?;
    let _lock = state.lock("adopt", &now)?;
    let quiet = |_: &crate::gateway::Event<'_>| ();
    let context = scene.context(now.clone(), false, Trigger::Hand, &quiet);
    let start = RunStart {
        trigger: "adopt".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_digest: Digest::of(scene.loaded.digest(name).as_bytes()),
        invocation: None,
    };
    let run = state.begin_run(&start, &now)?.id;
    let header = Header::of(&roster);
    let facts = AdoptFacts {
        receiver: aim.receiver.clone(),
        format_digest: Digest(aim.target.format.digest()),
        key_rules: KEY_RULES.to_owned(),
        who: scene.around.who.clone(),
    };
    let names = aim.target.format.document_names();
    let copy = |name: &str, out: &mut dyn io::Write| {
        let at = names.iter().position(|known| known == name).unwrap_or_default();
        io::copy(&mut File::open(&files[at])?, out).map(drop)
    };
    let snapshot = |out: &mut dyn io::Write| snapshot::write(&roster, &header, out);
    let adopted = state.begin(name, &run, &now)?.adopt(facts, copy, snapshot, now.timestamp());
    let (result, code) =
        if adopted.is_ok() { ("adopted", exit::DONE) } else { ("failed", exit::IO) };
    state.finish_run(
        &run,
        RunEnd { at: context.now.timestamp(), result: result.to_owned(), exit: code },
    )?;
    state.no_mail(&run)?;
    adopted?;
    let count = |kind| number::count(roster.count(kind), ui.language);
    ui.say(format!(
        "{} {name}: {} {}, {} {}",
        ui.pick("Övertaget:", "Adopted:"),
        count(Kind::Person),
        ui.pick("personer", "persons"),
        count(Kind::Group),
        ui.pick("grupper", "groups")
    ));
    ui.say(ui.pick(
        "Nästa körning jämförs med detta och stoppas en gång för godkännande:",
        "The next run is compared with this and held once for approval:",
    ));
    ui.say("  sudo rostergate run");
    Ok(exit::DONE)
}

/// Reads the predecessor's files with the target's settings; they are taken in the order of the
/// target's own file names, whatever they are called themselves.
fn decode(aim: &Aim<'_>, files: &[PathBuf]) -> Result<Roster, Failure> {
    let names = aim.target.format.document_names();
    if files.len() != names.len() {
        let facts = Facts::new().text(Placeholder::Target, aim.name);
        return Err(Failure::new(Code(108), facts.text(Placeholder::Detail, names.join(", "))));
    }
    let mut opened: Vec<NamedBytes<'_>> = Vec::new();
    for (name, path) in names.iter().zip(files) {
        let file = File::open(path).map_err(|error| {
            let facts = Facts::new().path(path).text(Placeholder::Target, aim.name);
            Failure::new(NOT_USABLE, reasons::of_system(facts, &error))
        })?;
        opened.push((name.clone(), Box::new(BufReader::new(file))));
    }
    let decoded = aim.target.format.decode(opened);
    let (roster, issues) = decoded.map_err(|e| Failure::detail(e.code(), e.to_string()))?;
    match issues.iter().find(|issue| issue.severity == Severity::Error) {
        Some(worst) => Err(Failure::of_issues(&worst.clone(), issues)),
        // An empty receiver is approved as one, with --receiver-empty.
        None if roster.count(Kind::Person) == 0 => {
            let facts = Facts::new().path(&files[0]).text(Placeholder::Target, aim.name);
            let (sv, en) = ("där finns ingen person", "there is no person in it");
            Err(Failure::new(NOT_USABLE, facts.words(Placeholder::Detail, sv, en)))
        }
        None => Ok(roster),
    }
}
