//! What systemd will start, as its folders show it: no child process is needed to look.

use std::path::{Path, PathBuf};

use crate::config;
use crate::gateway::alarm::watch::Timer;
use crate::notify::command::Here;

/// Folders with units, the administrator's first.
const FOLDERS: [&str; 4] =
    ["etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];

/// Where `rostergate@.service` has a municipality's configuration.
pub(super) const SITES: &str = "/etc/rostergate/sites";

/// The timer that starts the night.
pub(super) const NIGHT: &str = "rostergate.timer";

/// The timers beside it.
pub(super) const BESIDE: [&str; 2] = ["rostergate-watch.timer", "rostergate-outbox.timer"];

/// What commands about a configuration name on this machine.
pub(super) fn here(config: &Path) -> Here {
    let whole = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
    Here { config: config::named(config), unit: Units::here().own(&whole) }
}

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

    /// The unit of its own that runs the nights of a configuration, as `rostergate@ale`; `None`
    /// where one unit runs them for all, and where nothing is seen.
    pub(super) fn own(&self, config: &Path) -> Option<String> {
        let own = format!("rostergate@{}", config.file_stem()?.to_string_lossy());
        if self.timer(&format!("{own}.timer")) == Timer::On {
            return Some(own);
        }
        // Its timer is off: what is installed says which it would be.
        let template = self.folders().any(|place| place.join("rostergate@.service").exists());
        let is_site = config.parent() == Some(Path::new(SITES));
        let for_all = self.service(None).contains("--config-dir");
        (self.are_seen() && is_site && template && !for_all).then_some(own)
    }

    /// The timer that starts the night of a configuration: one for all, or its own.
    pub(super) fn night(&self, config: &Path) -> Timer {
        match self.own(config) {
            Some(own) => self.timer(&format!("{own}.timer")),
            None => self.timer(NIGHT),
        }
    }

    /// Everything that is set for the service and what it is given on top, as one text; empty
    /// where it is not installed. `own` is the unit of one municipality among many.
    pub(super) fn service(&self, own: Option<&str>) -> String {
        let own = own.map(|own| format!("{own}.service"));
        let name = if own.is_some() { "rostergate@.service" } else { "rostergate.service" };
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        let unit = self.folders().map(|place| place.join(name));
        let mut text = unit.map(|path| read(&path)).find(|t| !t.is_empty()).unwrap_or_default();
        let names: Vec<&str> = [Some(name), own.as_deref()].into_iter().flatten().collect();
        let on_top = names.iter().flat_map(|name| {
            let folder = format!("{name}.d");
            self.folders().map(move |place| place.join(&folder))
        });
        for entry in on_top.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten()
        {
            text.push('\n');
            text.push_str(&read(&entry.path()));
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
        assert_eq!(units.service(None), "");
        assert_eq!(units.own(Path::new("/etc/rostergate/sites/ale.toml")), None);
    }

    /// A municipality's own unit is named also while its timer is off.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "files of the test's own")]
    fn a_municipality_of_its_own_has_its_own_unit() {
        let (root, units) = machine();
        let etc = root.path().join("etc/systemd/system");
        let site = |name: &str| Path::new(SITES).join(name);
        assert_eq!(units.own(&site("ale.toml")), None, "no template");
        fs::write(etc.join("rostergate@.service"), "[Service]\nProtectHome=yes\n").unwrap();
        assert_eq!(units.own(&site("ale.toml")), Some("rostergate@ale".to_owned()));
        assert_eq!(units.own(Path::new("/etc/rostergate/rostergate.toml")), None);
        // A common timer that only one configuration is run by says nothing of this one.
        symlink(etc.join(NIGHT), etc.join("timers.target.wants").join(NIGHT)).unwrap();
        assert_eq!(units.night(&site("ale.toml")), Timer::Off);
        let own = etc.join("rostergate@ale.service.d");
        fs::create_dir(&own).unwrap();
        fs::write(own.join("a.conf"), "[Service]\nReadWritePaths=/srv/ale\n").unwrap();
        let text = units.service(Some("rostergate@ale"));
        assert!(text.contains("ProtectHome=yes") && text.contains("/srv/ale"), "{text}");
        // One service for the whole folder runs it after all.
        let many =
            "[Service]\nExecStart=/usr/bin/rostergate run --config-dir /etc/rostergate/sites\n";
        fs::write(etc.join("rostergate.service"), many).unwrap();
        assert_eq!(units.own(&site("ale.toml")), None);
        assert_eq!(units.night(&site("ale.toml")), Timer::On);
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
        let text = units.service(None);
        assert!(text.contains("ProtectHome=yes") && text.contains("ReadWritePaths=/srv/metrics"));
    }
}
