//! `check`: configuration, rights, secrets, inbox and, with `--connect`, the receivers.

mod receiver;
mod schools;
mod watched;

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Time;

use super::story::message_lines;
use super::{Scene, run};
use crate::gateway::failure::Failure;
use crate::gateway::read::{self, KeptOut};
use crate::gateway::{clock, exit};
use crate::notify::around;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language::{En, Sv};
use crate::notify::settings::Transport;
use crate::notify::{number, send};
use crate::pipeline::clock::astray;
use crate::pipeline::verdict::Breach;
use crate::roster::code::Code;
use crate::roster::words::Kind;
use crate::sources::{Ages, SourceKind};
use crate::state::{StateDir, StateReader};

/// Check configuration, rights, inbox and, with --connect, the receivers.
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// Only this target; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Also log in to each receiver and to the mail server; nothing is sent.
    #[arg(long)]
    pub connect: bool,
    /// With --connect: also make, read and remove a temporary file of our own at each receiver.
    #[arg(long, requires = "connect")]
    pub write_probe: bool,
    /// For each configuration (*.toml) in this folder; also whether two of them share their state.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["config", "target"])]
    pub config_dir: Option<PathBuf>,
}

/// What came of one check.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Fine,
    Warning,
    Fault,
}

struct Checker<'s> {
    scene: &'s Scene<'s>,
    faults: u32,
    warnings: u32,
    exit: u8,
    json: Vec<serde_json::Value>,
}

/// Carries out `check`.
pub(super) fn run(scene: &Scene<'_>, arguments: &CheckArguments) -> u8 {
    if let Err(failure) = run::moment(scene, &arguments.target, None) {
        return run::problem(scene, &failure);
    }
    let mut checker = Checker { scene, faults: 0, warnings: 0, exit: exit::DONE, json: Vec::new() };
    checker.configuration();
    checker.schedule();
    checker.state();
    checker.inbox();
    for name in scene.loaded.config.target.keys() {
        if arguments.target.is_empty() || arguments.target.contains(name) {
            checker.target(name, arguments);
        }
    }
    checker.mail(arguments.connect);
    checker.watched(arguments.connect);
    checker.end()
}

/// Said of a configuration that is open for more than reading.
const ALSO: (&str, &str) = (
    "och ändras: vem som helst kan skicka elevdata till en egen server",
    "and changed: anybody can send pupils' data to a server of their own",
);

impl Checker<'_> {
    fn line(&mut self, level: Level, what: &str, text: &str) {
        let ui = &self.scene.ui;
        let word = match level {
            Level::Fine => "OK",
            Level::Warning => ui.pick("VARNING", "WARNING"),
            Level::Fault => ui.pick("FEL", "FAULT"),
        };
        ui.say(format!(" {word:<8}{what:<15} {text}"));
        self.warnings += u32::from(level == Level::Warning);
        self.faults += u32::from(level == Level::Fault);
        let level = match level {
            Level::Fine => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        };
        self.json.push(serde_json::json!({ "level": level, "what": what, "text": text }));
    }

    fn fault(&mut self, level: Level, what: &str, code: Code, facts: &Facts) {
        self.fault_of(level, what, code, facts, 1);
    }

    /// A text that is worded for one, told once for all of them.
    fn fault_of(&mut self, level: Level, what: &str, code: Code, facts: &Facts, count: u64) {
        let ui = &self.scene.ui;
        let lines = message_lines(ui, code, facts);
        let all = match count {
            0 | 1 => String::new(),
            _ => format!(", {} {}", number::count(count, ui.language), ui.pick("st", "of them")),
        };
        self.line(level, what, &format!("{} ({code}{all})", lines[0]));
        for line in &lines[1..] {
            self.scene.ui.say(format!("{:<25}{line}", ""));
        }
        if level == Level::Fault {
            self.exit = self.exit.max(exit::of(code));
        }
    }

    fn failure(&mut self, what: &str, failure: &Failure) {
        self.fault(Level::Fault, what, failure.code, &failure.facts);
    }

    fn configuration(&mut self) {
        let path = self.scene.loaded.path.clone();
        let word = self.scene.ui.pick("Konfiguration", "Configuration");
        self.line(Level::Fine, word, &path.display().to_string());
        let Ok(about) = std::fs::metadata(&path) else { return };
        if about.mode() & 0o007 != 0 {
            let shown = path.display().to_string();
            let facts = Facts::new().text(Placeholder::File, shown.as_str());
            let facts = facts.text(Placeholder::Path, shown);
            // Whoever may write in it decides who gets the pupils' data.
            let (level, facts) = match about.mode() & 0o002 {
                0 => (Level::Warning, facts),
                _ => (Level::Fault, facts.words(Placeholder::Detail, ALSO.0, ALSO.1)),
            };
            self.fault(level, word, Code(118), &facts);
        }
    }

    /// Between two and three at night there is one night a year without that hour.
    fn schedule(&mut self) {
        let Some(hours) = self.scene.loaded.config.schedule.deliver_between else { return };
        let usual = Time::constant(4, 15, 0, 0);
        let word = self.scene.ui.pick("Tider", "Times");
        let level = if hours.contain(usual) { Level::Fine } else { Level::Warning };
        let text = format!(
            "{:02}:{:02}–{:02}:{:02}",
            hours.from.hour(),
            hours.from.minute(),
            hours.through.hour(),
            hours.through.minute()
        );
        self.line(level, word, &text);
    }

    fn state(&mut self) {
        let path = &self.scene.loaded.config.site.state;
        let word = self.scene.ui.pick("State-mapp", "State");
        let reader = StateDir::is_ours(path).and_then(|()| StateDir::read_only(path));
        match reader {
            Ok(reader) => {
                self.line(Level::Fine, word, &path.display().to_string());
                self.clock(&reader);
            }
            Err(error) => self.failure(word, &error.into()),
        }
    }

    /// The machine's clock beside the last run's.
    fn clock(&mut self, reader: &StateReader) {
        let ui = self.scene.ui.clone();
        let (word, now) = (ui.pick("Klocka", "Clock"), self.scene.now());
        let shown = |at: &jiff::Zoned| number::day_and_clock(at, ui.language);
        let last = match clock::last(reader, false) {
            Err(failure) => return self.failure(word, &failure),
            Ok(None) => return self.line(Level::Fine, word, &shown(&now)),
            Ok(Some(last)) => last,
        };
        if let Some(Breach::Clock { backwards, minutes }) = astray(last, now.timestamp()) {
            let told = |language| around::clock(backwards, minutes, language);
            let facts = Facts::new().words(Placeholder::Detail, told(Sv), told(En));
            return self.fault(Level::Fault, word, Code(360), &facts);
        }
        let (last, words) =
            (shown(&self.scene.local(last)), ui.pick("förra körningen", "last run"));
        self.line(Level::Fine, word, &format!("{}, {words} {last}", shown(&now)));
    }

    fn inbox(&mut self) {
        let word = self.scene.ui.pick("Inkorg", "Inbox");
        let config = &self.scene.loaded.config;
        for kind in config.source.values() {
            let SourceKind::Csv(settings) = kind;
            let open =
                std::fs::metadata(&settings.folder).is_ok_and(|about| about.mode() & 0o002 != 0);
            if open {
                let facts =
                    Facts::new().text(Placeholder::Path, settings.folder.display().to_string());
                self.fault(Level::Warning, word, Code(117), &facts);
            }
        }
        match read::read(config, &self.scene.now(), Ages::Judge, &KeptOut::default(), &|_| None) {
            Ok(reading) => {
                let ui = &self.scene.ui;
                let count = |kind| number::count(reading.register.roster.count(kind), ui.language);
                let at = number::day_and_clock(&self.scene.local(reading.exported_at), ui.language);
                let text = format!(
                    "{} {}, {} {}, {} {at}",
                    count(Kind::Person),
                    ui.pick("personer", "persons"),
                    count(Kind::Group),
                    ui.pick("grupper", "groups"),
                    ui.pick("exporterade", "exported"),
                );
                self.line(Level::Fine, word, &text);
                self.schools(&reading.register.roster);
                for warning in crate::gateway::tell::warnings(&reading.register.issues) {
                    let count = warning.count;
                    let facts = Facts::new()
                        .number(Placeholder::Count, count)
                        .text(Placeholder::File, warning.detail);
                    self.fault_of(Level::Warning, word, warning.code, &facts, count);
                }
            }
            Err(failure) => self.failure(word, &failure),
        }
    }

    fn mail(&mut self, connect: bool) {
        let word = self.scene.ui.pick("Mejl", "Mail");
        let Some(settings) = &self.scene.loaded.config.mail else {
            let text = self.scene.ui.pick(
                "inget [mail]: ingen får veta hur natten gick",
                "no [mail]: nobody is told how the night went",
            );
            return self.line(Level::Warning, word, text);
        };
        let secret = match &settings.transport {
            Transport::Smtp(server) => server.login.as_ref().map(|login| &login.password),
            Transport::Folder(_) => None,
        };
        let resolved =
            secret.map(|secret| secret.resolve(self.scene.around.credentials.as_deref()));
        let password = match resolved {
            Some(Err(error)) => {
                return self.failure(word, &error.into());
            }
            Some(Ok(secret)) => Some(secret),
            None => None,
        };
        if !connect {
            let text =
                self.scene.ui.pick("inställt; prova med --connect", "set up; try with --connect");
            return self.line(Level::Fine, word, text);
        }
        let ui = &self.scene.ui;
        let works = match &settings.transport {
            Transport::Smtp(_) => ui.pick(
                "servern svarar och inloggningen fungerar",
                "the server answers and the login works",
            ),
            Transport::Folder(_) => ui.pick("mappen går att skriva i", "the folder can be written"),
        };
        match send::probe(settings, password.as_ref().map(super::super::secrets::Secret::expose)) {
            Ok(()) => self.line(Level::Fine, word, works),
            Err(error) => self.fault(Level::Fault, word, error.code(), &error.facts()),
        }
    }

    fn end(self) -> u8 {
        let ui = &self.scene.ui;
        let (faults, warnings) = (self.faults, self.warnings);
        ui.say("");
        let noun = |count, one: [&'static str; 2], many: [&'static str; 2]| {
            let [sv, en] = if count == 1 { one } else { many };
            ui.pick(sv, en)
        };
        let fault = noun(faults, ["fel", "fault"], ["fel", "faults"]);
        let warning = noun(warnings, ["varning", "warning"], ["varningar", "warnings"]);
        ui.say(format!("{faults} {fault}, {warnings} {warning}."));
        ui.json(&serde_json::json!({
            "schema": "rostergate.check/1", "exit": self.exit, "faults": faults,
            "warnings": warnings, "checks": self.json,
        }));
        self.exit
    }
}
