//! Whether somebody notices when nothing happens, and what the service's sandbox keeps it from.

use std::path::{Path, PathBuf};

use super::super::units::{BESIDE, NIGHT, Units};
use super::{Checker, Level};
use crate::commands::place::real;
use crate::delivery::Deliver;
use crate::gateway::alarm::watch::Timer;
use crate::gateway::{pulse_reasons, reasons};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::heartbeat::Heartbeat;
use crate::notify::settings::Transport;
use crate::roster::code::Code;
use crate::sources::SourceKind;

/// Folders that `ProtectHome=` and `PrivateTmp=` hide from the service.
const HIDDEN: [(&str, &str); 5] = [
    ("/home", "ProtectHome=yes"),
    ("/root", "ProtectHome=yes"),
    ("/run/user", "ProtectHome=yes"),
    ("/tmp", "PrivateTmp=yes"),
    ("/var/tmp", "PrivateTmp=yes"),
];

impl Checker<'_> {
    /// The timers, the heartbeat, the metrics, and the sandbox.
    pub(super) fn watched(&mut self, connect: bool) {
        self.timers(&Units::here());
        self.heartbeat(connect);
        self.metrics();
        let service = Units::here().service(self.scene.ui.here.unit.as_deref());
        if !service.is_empty() {
            self.sandbox(&service);
        }
    }

    fn timers(&mut self, units: &Units) {
        let word = self.scene.ui.pick("Timrar", "Timers");
        let config = &self.scene.loaded.path;
        let off = |name: &&str| {
            let timer = if *name == NIGHT { units.night(config) } else { units.timer(name) };
            matches!(timer, Timer::Off | Timer::Masked)
        };
        let off: Vec<&str> = std::iter::once(NIGHT).chain(BESIDE).filter(off).collect();
        for name in &off {
            let facts = Facts::new().text(Placeholder::Detail, *name);
            self.fault(Level::Warning, word, Code(121), &facts);
        }
        if units.are_seen() && off.is_empty() {
            self.line(Level::Fine, word, self.scene.ui.pick("påslagna", "enabled"));
        }
    }

    fn heartbeat(&mut self, connect: bool) {
        let ui = &self.scene.ui;
        let word = ui.pick("Puls", "Heartbeat");
        let settings = &self.scene.loaded.config.monitor;
        let Some(secret) = &settings.heartbeat else {
            return self.fault(Level::Warning, word, Code(120), &Facts::new());
        };
        let address = match secret.resolve(self.scene.around.credentials.as_deref()) {
            Ok(address) => address,
            Err(error) => {
                let (code, facts) = pulse_reasons::without_address(&error);
                return self.fault(Level::Fault, word, code, &facts);
            }
        };
        let there = Heartbeat::at(&address, settings.heartbeat_timeout.get());
        let probed = there.and_then(|there| if connect { there.probe() } else { Ok(()) });
        if let Err(error) = probed {
            let (code, facts) = pulse_reasons::unheard(&error);
            return self.fault(Level::Fault, word, code, &facts);
        }
        let text = if connect {
            ui.pick("servern svarar", "the server answers")
        } else {
            ui.pick("inställd; prova med --connect", "set up; try with --connect")
        };
        self.line(Level::Fine, word, text);
    }

    fn metrics(&mut self) {
        let Some(file) = &self.scene.loaded.config.monitor.textfile else { return };
        let word = self.scene.ui.pick("Mätvärden", "Metrics");
        let folder = file.0.parent().unwrap_or(Path::new("/"));
        if let Some(facts) = self.misplaced(&file.0) {
            return self.fault(Level::Fault, word, Code(126), &facts);
        }
        let may = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        if let Err(error) = rustix::fs::access(folder, may) {
            let facts = reasons::of_system(Facts::new().path(folder), &error.into());
            return self.fault(Level::Warning, word, Code(124), &facts);
        }
        self.line(Level::Fine, word, &file.0.display().to_string());
    }

    /// Why a file of metrics cannot stand where it is said to; `None` when it can.
    fn misplaced(&self, file: &Path) -> Option<Facts> {
        let facts = Facts::new().path(file);
        if file.is_dir() {
            return Some(facts.words(Placeholder::Detail, "det är en mapp", "it is a folder"));
        }
        let place = real(file);
        let (whose, (sv, en)) =
            self.readers().into_iter().find(|(folder, _)| place.starts_with(real(folder)))?;
        let whose = whose.display();
        let (sv, en) = (format!("{sv} {whose}"), format!("{en} {whose}"));
        Some(facts.words(Placeholder::Detail, sv, en))
    }

    /// Folders in which other files are looked for, and whose they are.
    fn readers(&self) -> Vec<(PathBuf, (&'static str, &'static str))> {
        let config = &self.scene.loaded.config;
        let state = ("den ligger i programmets eget minne", "it lies in the program's own state");
        let mut readers = vec![(config.site.state.clone(), state)];
        for SourceKind::Csv(settings) in config.source.values() {
            let inbox = ("den ligger i inkorgen", "it lies in the inbox");
            readers.push((settings.folder.clone(), inbox));
        }
        for target in config.target.values() {
            if let Deliver::Folder(folder) = &target.deliver {
                let theirs = ("den ligger i mottagarens mapp", "it lies in the receiver's folder");
                readers.push((folder.path.clone(), theirs));
            }
        }
        readers
    }

    fn sandbox(&mut self, service: &str) {
        let word = self.scene.ui.pick("Sandlåda", "Sandbox");
        let (read, written) = self.paths();
        for trap in traps(service, &read, &written) {
            self.fault(Level::Warning, word, trap.0, &trap.1);
        }
    }

    /// Folders that the service reads, and those that it writes beside its own.
    fn paths(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let config = &self.scene.loaded.config;
        let folder = |SourceKind::Csv(settings): &SourceKind| settings.folder.clone();
        let read = config.source.values().map(folder).collect();
        let of_target = config.target.values().filter_map(|target| match &target.deliver {
            Deliver::Folder(folder) => Some(folder.path.clone()),
            Deliver::Sftp(_) => None,
        });
        let of_mail = config.mail.iter().filter_map(|mail| match &mail.transport {
            Transport::Folder(folder) => Some(folder.path.clone()),
            Transport::Smtp(_) => None,
        });
        let textfile = config.monitor.textfile.iter();
        let of_metrics = textfile.filter_map(|file| file.0.parent().map(Path::to_owned));
        (read, of_target.chain(of_mail).chain(of_metrics).collect())
    }
}

/// What the service cannot see, or may not write.
fn traps(service: &str, read: &[PathBuf], written: &[PathBuf]) -> Vec<(Code, Facts)> {
    let mut traps = Vec::new();
    for path in read.iter().chain(written) {
        let hidden = HIDDEN.iter().find(|(folder, by)| {
            path.starts_with(folder) && service.lines().any(|line| line.trim() == *by)
        });
        let known = |line: &str| values(line).any(|allowed| path.starts_with(allowed));
        if let Some((_, by)) = hidden {
            traps.push((Code(122), Facts::new().path(path).text(Placeholder::Detail, *by)));
        } else if written.contains(path) && !service.lines().any(known) {
            traps.push((Code(123), Facts::new().path(path)));
        }
    }
    traps
}

/// The paths of a line that lets the service write.
fn values(line: &str) -> impl Iterator<Item = &Path> {
    let (key, value) = line.split_once('=').unwrap_or_default();
    let value = match key.trim() {
        "ReadWritePaths" => value,
        "StateDirectory" => "/var/lib/rostergate",
        _ => "",
    };
    value.split_whitespace().map(|path| Path::new(path.trim_start_matches(['-', '+'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = include_str!("../../../systemd/rostergate.service");

    fn told(service: &str, read: &str, written: &str) -> Vec<u16> {
        let paths = |text: &str| text.split_whitespace().map(PathBuf::from).collect::<Vec<_>>();
        traps(service, &paths(read), &paths(written)).iter().map(|trap| trap.0.0).collect()
    }

    #[test]
    fn what_the_sandbox_hides_and_forbids_is_said() {
        assert_eq!(told(UNIT, "/srv/rostergate/inbox", "/var/lib/rostergate/mail"), [0; 0]);
        assert_eq!(told(UNIT, "/home/export /tmp/x", ""), [122, 122]);
        assert_eq!(told(UNIT, "", "/srv/binogi /home/x"), [123, 122]);
        let more = format!("{UNIT}\n[Service]\nReadWritePaths=/srv/binogi /srv/metrics\n");
        assert_eq!(told(&more, "", "/srv/binogi /srv/metrics/sub /srv/other"), [123]);
        assert_eq!(told(&UNIT.replace("ProtectHome=yes", "ProtectHome=no"), "/home/x", ""), [0; 0]);
    }
}
