//! What systemd will start, as its folders show it: no child process is needed to look.

use std::path::{Path, PathBuf};

use crate::gateway::alarm::watch::Timer;

/// Folders with units, the administrator's first.
const FOLDERS: [&str; 4] =
    ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];

/// The timer that starts the night.
pub(super) const NIGHT: &str = "rostergate.timer";

/// The timers beside it.
pub(super) const BESIDE: [&str; 2] = ["rostergate-watch.timer", "rostergate-outbox.timer"];

/// systemd's folders.
pub(super) struct Units {
    root: PathBuf,
}

impl Units {
    /// Those of this machine.
    pub(super) fn here() -> Units {
        Units { root: PathBuf::from("/") }
    }

    /// Whether systemd runs this machine.
    pub(super) fn are_seen(&self) -> bool {
        self.root.join("run/systemd/system").is_dir()
    }

    fn folders(&self) -> impl Iterator<Item = PathBuf> + '_ {
        FOLDERS.iter().map(|folder| self.root.join(folder))
    }

    /// Whether a timer starts with the machine.
    pub(super) fn timer(&self, name: &str) -> Timer {
        if !self.are_seen() {
            return Timer::Unseen;
        }
        let forbidden = |place: PathBuf| {
            std::fs::read_link(place.join(name)).is_ok_and(|to| to == Path::new("/dev/null"))
        };
        let wanted = |place: PathBuf| {
            place.join("timers.target.wants").join(name).symlink_metadata().is_ok()
        };
        if self.folders().any(forbidden) {
            Timer::Masked
        } else if self.folders().any(wanted) {
            Timer::On
        } else {
            Timer::Off
        }
    }

    /// The timer that starts the night of a configuration: one for all, or its own.
    pub(super) fn night(&self, config: &Path) -> Timer {
        let common = self.timer(NIGHT);
        let name = config.file_stem().unwrap_or_default().to_string_lossy();
        match self.timer(&format!("rostergate@{name}.timer")) {
            Timer::On if common == Timer::Off => Timer::On,
            _ => common,
        }
    }

    /// Everything that is set for the service and what it is given on top, as one text; empty
    /// where it is not installed.
    pub(super) fn service(&self) -> String {
        let mut text = String::new();
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let unit = self.folders().map(|place| place.join("rostergate.service"));
        text.push_str(&unit.map(|path| read(&path)).find(|t| !t.is_empty()).unwrap_or_default());
        for place in self.folders() {
            let Ok(more) = std::fs::read_dir(place.join("rostergate.service.d")) else { continue };
            for entry in more.filter_map(Result::ok) {
                text.push('\n');
                text.push_str(&read(&entry.path()));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A machine that systemd runs, with nothing of ours.
    fn machine() -> (tempfile::TempDir, Units) {
        let root = tempfile::tempdir().unwrap();
        for folder in ["run/systemd/system", "etc/systemd/system/timers.target.wants"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let units = Units { root: root.path().to_owned() };
        (root, units)
    }

    #[test]
    fn f82_a_timer_that_is_off_or_masked_is_seen() {
        let (root, units) = machine();
        let etc = root.path().join("etc/systemd/system");
        assert_eq!(units.timer(NIGHT), Timer::Off);
        // What systemctl enable, disable and mask do.
        let wanted = etc.join("timers.target.wants").join(NIGHT);
        symlink(etc.join(NIGHT), &wanted).unwrap();
        assert_eq!(units.timer(NIGHT), Timer::On);
        assert_eq!(units.timer(BESIDE[0]), Timer::Off);
        fs::remove_file(&wanted).unwrap();
        assert_eq!(units.timer(NIGHT), Timer::Off);
        // Beside one for all, there may be one for each municipality.
        let ale = Path::new("/etc/rostergate/sites/ale.toml");
        assert_eq!(units.night(ale), Timer::Off);
        let own = etc.join("timers.target.wants/rostergate@ale.timer");
        symlink(etc.join("rostergate@.timer"), &own).unwrap();
        assert_eq!(units.night(ale), Timer::On);
        assert_eq!(units.night(Path::new("/etc/rostergate/sites/ek.toml")), Timer::Off);
        symlink(etc.join(NIGHT), &wanted).unwrap();
        symlink("/dev/null", etc.join(NIGHT)).unwrap();
        assert_eq!(units.timer(NIGHT), Timer::Masked);
    }

    #[test]
    fn without_systemd_nothing_is_said_of_timers() {
        let root = tempfile::tempdir().unwrap();
        let units = Units { root: root.path().to_owned() };
        assert_eq!(units.timer(NIGHT), Timer::Unseen);
        assert_eq!(units.service(), "");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "files of the test's own")]
    fn what_is_added_to_the_service_is_read_with_it() {
        let (root, units) = machine();
        let etc = root.path().join("etc/systemd/system");
        fs::write(etc.join("rostergate.service"), "[Service]\nProtectHome=yes\n").unwrap();
        fs::create_dir(etc.join("rostergate.service.d")).unwrap();
        let more = "[Service]\nReadWritePaths=/srv/metrics\n";
        fs::write(etc.join("rostergate.service.d/override.conf"), more).unwrap();
        let text = units.service();
        assert!(text.contains("ProtectHome=yes") && text.contains("ReadWritePaths=/srv/metrics"));
    }
}
