//! `resume`: ends a pause before its day.

use clap::Args;

use super::Scene;
use super::pause::tell;
use super::run::problem;
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::notify::language::Language;
use crate::state::StateDir;

/// End a pause before its day.
#[derive(Args, Debug)]
pub struct ResumeArguments {}

/// Carries out `resume`.
pub(super) fn run(scene: &Scene<'_>, _: &ResumeArguments) -> u8 {
    resume(scene).unwrap_or_else(|failure| problem(scene, &failure))
}

fn resume(scene: &Scene<'_>) -> Result<u8, Failure> {
    let (ui, now) = (&scene.ui, scene.now());
    let state = StateDir::open(&scene.loaded.config.site.state, &now)?;
    let ended = state.resume(&scene.around.who, now.timestamp(), now.date())?;
    ui.say(match ui.language {
        Language::Sv => {
            format!("Pausen till och med {} är slut. Nästa körning skickar.", ended.until)
        }
        Language::En => format!("The pause through {} is over. The next run sends.", ended.until),
    });
    ui.json(&serde_json::json!({
        "schema": "rostergate.resume/1", "until": ended.until.to_string(),
    }));
    tell(scene, &ended, true)?;
    Ok(exit::DONE)
}
