//! The folder of the demo, which nothing outside it notices.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::trouble::Trouble;
use crate::commands::ui::Ui;
use crate::commands::user;
use crate::gateway::exit;

/// Makes the folder: the one named, which must not exist, or one among the temporary ones. Started
/// as root, it then belongs to the service user and the program goes on as that user, as the
/// commands that come after the demo will.
///
/// # Errors
/// When it exists, cannot be made, or cannot be entered.
pub(super) fn make(keep: Option<&Path>, ui: &Ui) -> Result<PathBuf, Trouble> {
    let made = match keep {
        Some(path) => new(path, ui)?,
        None => temporary().map_err(|error| Trouble::io(&std::env::temp_dir(), &error))?,
    };
    user::give_to_service_user(&made).map_err(|error| Trouble::io(&made, &error))?;
    user::become_service_user(ui).map_err(Trouble::Said)?;
    made.canonicalize().map_err(|error| Trouble::io(&made, &error))
}

fn new(path: &Path, ui: &Ui) -> Result<PathBuf, Trouble> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Trouble::Folder {
            path: path.to_owned(),
            detail: ui.pick("den finns redan", "it exists already").to_owned(),
            exit: exit::USAGE,
        }),
        Err(error) => Err(Trouble::io(path, &error)),
    }
}

/// Kept when the program ends: whoever watched wants to look around.
fn temporary() -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("rostergate-demo-").permissions(Permissions::from_mode(0o700));
    Ok(builder.tempdir()?.keep())
}
