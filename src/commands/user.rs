//! Started as root, every command first becomes the service user, so that no file of the state
//! directory ever belongs to root and the nightly run can go on.

use std::io;
use std::os::unix::fs::fchown;
use std::path::Path;

use nix::unistd::{Uid, User, initgroups, setgid, setuid};
use rustix::fs::{Mode, OFlags};

use super::ui::Ui;
use crate::gateway::exit;

/// The account that the nightly run uses.
pub(super) const SERVICE_USER: &str = "rostergate";

/// Becomes the service user where the program was started as root and that user exists.
///
/// # Errors
/// With the exit code, when the system refuses.
pub(super) fn become_service_user(ui: &Ui) -> Result<(), u8> {
    let Some(user) = service_user().filter(|_| Uid::effective().is_root()) else { return Ok(()) };
    let name = std::ffi::CString::new(SERVICE_USER).expect("a name without NUL");
    let dropped =
        initgroups(&name, user.gid).and_then(|()| setgid(user.gid)).and_then(|()| setuid(user.uid));
    dropped.map_err(|error| {
        ui.remark(format!("setuid {SERVICE_USER}: {error}"));
        exit::NO_PERMISSION
    })
}

/// Gives a folder that root has just made to the service user, where that user exists, so that the
/// command can go on as that user.
///
/// # Errors
/// The system's.
pub(super) fn give_to_service_user(folder: &Path) -> io::Result<()> {
    let Some(user) = service_user().filter(|_| Uid::effective().is_root()) else { return Ok(()) };
    // By its handle: a link in its place is not followed.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = rustix::fs::open(folder, flags, Mode::empty())?;
    fchown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
}

/// Whether the program runs as root because there is no service user: then only test targets and
/// folders may be fed.
pub(super) fn is_bare_root() -> bool {
    Uid::effective().is_root() && service_user().is_none()
}

fn service_user() -> Option<User> {
    User::from_name(SERVICE_USER).ok().flatten()
}
