//! `outbox`: hands over the mails that wait.

use std::path::PathBuf;

use clap::Args;

use super::{Scene, run};
use crate::gateway::{self, alarm, exit};
use crate::notify::night::Trigger;

/// Hand over the mails that wait.
#[derive(Args, Debug)]
pub struct OutboxArguments {
    /// For each configuration (*.toml) in this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub config_dir: Option<PathBuf>,
}

/// Carries out `outbox`.
pub(super) fn run(scene: &Scene<'_>) -> u8 {
    let ui = &scene.ui;
    let hear = |event: &gateway::Event<'_>| {
        if let gateway::Event::Mailed(sent, _) = event
            && *sent > 0
        {
            ui.say(format!("{} {sent}", ui.pick("Mejl skickade:", "Mails sent:")));
        }
    };
    let context = scene.context(scene.now(), false, Trigger::Hand, &hear);
    match alarm::outbox(&context) {
        Ok(waiting) => {
            if waiting > 0 {
                ui.say(format!("{} {waiting}", ui.pick("Mejl som väntar:", "Mails waiting:")));
            }
            let json = serde_json::json!({ "schema": "rostergate.outbox/1", "waiting": waiting });
            ui.json(&json);
            if waiting > 0 { exit::TEMPORARY } else { exit::DONE }
        }
        Err(failure) => run::problem(scene, &failure),
    }
}
