//! A night that can be played again and again from the same start, and what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, sha256};
use crate::support::sshd::{command, run};

/// The time of every run in the matrix.
const TIME: &str = "2026-08-26T04:15";

/// A gateway with a night before it, kept aside to be brought back.
pub(super) struct Stage {
    pub(super) gateway: Gateway,
    /// The plan to approve, where that is what is stopped.
    held: Option<(String, String)>,
    /// Digest of the file at the receiver before the night.
    pub(super) yesterday: String,
}

impl Stage {
    /// A night's run, with its mail to a folder or to a mail server.
    pub(super) fn run(mut gateway: Gateway) -> Stage {
        // Killed runs leave more behind than one week of nights may remove.
        gateway.change("always-allow = 3", "always-allow = 60");
        let gateway = gateway.delivered();
        gateway.export(&Export::night("night2"));
        Stage::kept(gateway, None)
    }

    /// An approval of a held night.
    pub(super) fn approval() -> Stage {
        let gateway = Gateway::new().delivered();
        gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
        let plan = gateway.held();
        let number = gateway.number_of(&plan).to_string();
        Stage::kept(gateway, Some((plan, number)))
    }

    fn kept(gateway: Gateway, held: Option<(String, String)>) -> Stage {
        let yesterday = sha256(gateway.xml_now().as_bytes());
        let stage = Stage { gateway, held, yesterday };
        fs::create_dir(stage.aside()).unwrap();
        for folder in stage.folders() {
            copy(&folder, &stage.aside().join(folder.file_name().unwrap()));
        }
        stage
    }

    fn aside(&self) -> PathBuf {
        self.gateway.home().join("aside")
    }

    /// What a run changes; the receiver's folder last.
    fn folders(&self) -> [PathBuf; 3] {
        let home = self.gateway.home();
        [self.gateway.state(), home.join("mail"), self.gateway.remote().to_path_buf()]
    }

    /// What it changes on this machine.
    pub(super) fn folders_here(&self) -> Vec<PathBuf> {
        let here = if self.gateway.has_folder() { 3 } else { 2 };
        self.folders()[..here].to_vec()
    }

    /// Everything as it was before the night.
    pub(super) fn back(&self) {
        for folder in self.folders() {
            fs::remove_dir_all(&folder).unwrap();
            copy(&self.aside().join(folder.file_name().unwrap()), &folder);
        }
    }

    /// The command that is stopped.
    pub(super) fn command(&self) -> Vec<&str> {
        match &self.held {
            None => vec!["run", "--as-of", TIME],
            Some((plan, number)) => {
                vec!["approve", plan, "--reason", "kontrollerat", "--confirm", number]
            }
        }
    }

    /// What follows: a normal run, and a yes again where the first one came to nothing. Cut off
    /// after it was noted that the file is about to appear, and found not to be there, an approved
    /// plan is held again.
    pub(super) fn next(&self) -> Told {
        let night = ["run", "--as-of", TIME];
        let Some((plan, _)) = &self.held else { return self.gateway.run(&night) };
        let shown = self.gateway.run(&["plan", plan, "--json"]).exits(0).json();
        if shown["state"] == "held" {
            return self.gateway.run(&self.command());
        }
        let told = self.gateway.run(&night);
        if told.exit == 10 { self.gateway.approve(&[]) } else { told }
    }
}

/// A folder with its files' times.
pub(super) fn copy(from: &Path, to: &Path) {
    run(command("cp").arg("-a").arg(from).arg(to));
}
