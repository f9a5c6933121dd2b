//! Why the demo stopped before its end.

use std::io;
use std::path::{Path, PathBuf};

use crate::commands::ui::Ui;
use crate::config::ConfigError;
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::code::Code;
use crate::state::StateError;

/// No place for the demo, or no way to write there.
const NO_FOLDER: Code = Code(141);
/// Something that the demo promises did not happen.
const NOT_AS_PROMISED: Code = Code(142);

/// Why the demo stopped.
pub(super) enum Trouble {
    /// The folder cannot be used.
    Folder {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
        /// What the command ends in.
        exit: u8,
    },
    /// A part of the program refused.
    Refused(Failure),
    /// It went another way than it should: a fault in the program.
    NotAsPromised(String),
    /// The account could not be changed; said already.
    Said(u8),
}

impl Trouble {
    /// A folder or file that the system refuses.
    pub(super) fn io(path: &Path, error: &io::Error) -> Trouble {
        Trouble::Folder { path: path.to_owned(), detail: error.to_string(), exit: exit::IO }
    }

    /// Prints it and gives the exit code.
    pub(super) fn tell(&self, ui: &Ui) -> u8 {
        match self {
            Trouble::Folder { path, detail, exit } => {
                let facts = Facts::new().text(Placeholder::Path, path.display().to_string());
                let facts = facts.text(Placeholder::Detail, detail.as_str());
                ui.problem_with(NO_FOLDER, &facts, *exit)
            }
            Trouble::Refused(failure) => ui.problem(failure.code, &failure.facts),
            Trouble::NotAsPromised(what) => {
                let facts = Facts::new().text(Placeholder::Detail, what.as_str());
                ui.problem_with(NOT_AS_PROMISED, &facts, exit::SOFTWARE)
            }
            Trouble::Said(exit) => *exit,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Refused(failure)
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Trouble {
        Trouble::Refused(error.into())
    }
}

impl From<ConfigError> for Trouble {
    /// The demo writes its configuration itself.
    fn from(error: ConfigError) -> Trouble {
        let ConfigError::Faulty { faults, .. } = &error else {
            return Trouble::NotAsPromised(error.to_string());
        };
        let first = faults.first().map(|fault| format!("{error}: {}", fault.what.en));
        Trouble::NotAsPromised(first.unwrap_or_else(|| error.to_string()))
    }
}
