//! `demo`: an invented municipality lives through five nights, on this computer only.
//!
//! Everything in it is the real program: a configuration file, runs, approvals, an SFTP server on
//! the loopback address, a logbook, mails as files. Only the register and the clock are played.
//! After every step it looks for itself whether what was promised is what happened.

mod course;
mod ending;
mod folder;
mod play;
mod stage;
mod tale;
pub mod town;
mod trouble;

use std::path::PathBuf;

use clap::Args;

use super::Surroundings;
use super::ui::Ui;
use crate::gateway::exit;

/// Watch an invented municipality live through five nights, on this computer only.
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// Keep everything in this new folder.
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
}

/// Carries out `demo`.
pub(super) fn run(arguments: &DemoArguments, ui: &Ui, around: &Surroundings) -> u8 {
    let folder = match folder::make(arguments.keep.as_deref(), ui) {
        Ok(folder) => folder,
        Err(trouble) => return trouble.tell(ui),
    };
    match course::run(&folder, ui, around) {
        Ok(()) => exit::DONE,
        Err(trouble) => {
            let exit = trouble.tell(ui);
            ui.remark(tale::left_behind(ui, &folder));
            exit
        }
    }
}
