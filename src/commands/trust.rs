//! `trust`: pins a host key whose fingerprint the vendor gave. It never offers to accept what a
//! server happens to show.

use std::time::Duration;

use clap::Args;

use super::Scene;
use super::run::{no_such_target, problem};
use crate::delivery::{self, Deliver, Fingerprint};
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::gateway::send::error_facts;
use crate::gateway::target::Aim;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::code::Code;
use crate::state::StateDir;

/// Pin a host key whose fingerprint the vendor gave you.
#[derive(Args, Debug)]
pub struct TrustArguments {
    /// The target.
    #[arg(value_name = "TARGET")]
    pub target: String,
    /// The fingerprint, from the vendor and not from the network: SHA256:…
    #[arg(value_name = "SHA256:…")]
    pub fingerprint: Fingerprint,
}

/// Carries out `trust`.
pub(super) fn run(scene: &Scene<'_>, arguments: &TrustArguments) -> u8 {
    trust(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn trust(scene: &Scene<'_>, arguments: &TrustArguments) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let name = arguments.target.as_str();
    let unknown = || no_such_target(scene, name);
    let target = scene.loaded.config.target.get(name).ok_or_else(unknown)?;
    let Deliver::Sftp(sftp) = &target.deliver else {
        let (sv, en) = ("den är en mapp och har ingen nyckel", "it is a folder and has no key");
        let facts = Facts::new().text(Placeholder::Target, name);
        return Err(Failure::new(Code(105), facts.words(Placeholder::Detail, sv, en)));
    };
    let given = arguments.fingerprint;
    compare(scene, name, given, sftp)?;
    let now = scene.now();
    let state = StateDir::open(&scene.loaded.config.site.state, &now)?;
    let _lock = state.lock("trust", &now)?;
    let new = state.add_pin(name, &given.to_string(), &scene.around.who, now.timestamp())?;
    let word = if new {
        ui.pick("Antecknad", "Noted")
    } else {
        ui.pick("Redan antecknad", "Noted before")
    };
    ui.say(format!("{word}: {name} {given}"));
    ui.json(&serde_json::json!({
        "schema": "rostergate.trust/1", "target": name, "fingerprint": given.to_string(), "new": new,
    }));
    Ok(exit::DONE)
}

/// What the server shows must be what the vendor said.
fn compare(
    scene: &Scene<'_>,
    name: &str,
    given: Fingerprint,
    sftp: &delivery::SftpSettings,
) -> Result<(), Failure> {
    let aim = Aim::at(&scene.loaded.config, name);
    let shown = delivery::shown_host_keys(&sftp.host, sftp.port, Duration::from_secs(30))
        .map_err(|error| Failure::new(error.code(), error_facts(&aim, &error)))?;
    if shown.iter().any(|key| key.fingerprint == given) {
        return Ok(());
    }
    let listed: Vec<String> = shown.iter().map(|key| key.fingerprint.to_string()).collect();
    let facts = Facts::new()
        .text(Placeholder::Target, name)
        .text(Placeholder::Host, aim.receiver.host.as_str())
        .text(Placeholder::Pinned, given.to_string())
        .text(Placeholder::Shown, listed.join(", "));
    Err(Failure::new(Code(420), facts))
}
