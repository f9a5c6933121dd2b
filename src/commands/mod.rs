//! THE FRONT DOOR: one file per command, with its arguments, its help text and its body.

pub mod approve;
pub mod arguments;
pub mod backtest;
pub mod baseline;
pub mod check;
pub mod demo;
pub mod find;
pub mod help;
pub mod history;
pub mod init;
pub mod outbox;
pub mod pause;
mod place;
pub mod plan;
mod region;
pub mod report_crash;
pub mod resume;
pub mod run;
pub mod status;
mod story;
pub mod support_bundle;
mod swedish;
mod table;
mod timings;
pub mod trust;
pub mod ui;
mod units;
mod usage;
mod user;
pub mod withdraw;
mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::FromArgMatches;
use jiff::{Timestamp, Zoned};

use crate::config::lenient::Lenient;
use crate::config::{self, ConfigError, Fault, Loaded};
use crate::gateway::{Context, Event, exit, reasons};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::command::Here;
use crate::notify::language::Language;
use crate::notify::night::Trigger;
use arguments::{Arguments, Command, Global};
use ui::{Problem, Ui};

/// What `main` read from outside, once.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about the surroundings")]
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The command line, the program's name first.
    pub arguments: Vec<OsString>,
    /// The clock.
    pub now: Zoned,
    /// Where systemd puts credentials.
    pub credentials: Option<PathBuf>,
    /// What systemd says of itself.
    pub service: Service,
    /// `LANG`, for the language before a configuration is read.
    pub lang: Option<String>,
    /// Who started the program: the name behind `sudo`, or the account's.
    pub who: String,
    /// `NO_COLOR` is set, or the terminal is dumb.
    pub no_color: bool,
    /// Stdout is a terminal.
    pub stdout_terminal: bool,
    /// Stderr is a terminal.
    pub stderr_terminal: bool,
    /// Stdin is a terminal.
    pub stdin_terminal: bool,
}

/// What systemd tells the services that it starts.
#[derive(Clone, Default, Debug)]
pub struct Service {
    /// `INVOCATION_ID`: this start of a service.
    pub invocation: Option<String>,
    /// `MONITOR_SERVICE_RESULT`: how the service that this one is about ended, as `core-dump`.
    pub ended: Option<String>,
    /// `MONITOR_EXIT_STATUS`: its exit code, or the signal that ended it.
    pub status: Option<String>,
    /// `MONITOR_INVOCATION_ID`: that start of it.
    pub ended_invocation: Option<String>,
}

/// The name of the account that started the program, or its number.
pub fn account() -> String {
    let id = nix::unistd::Uid::current();
    let known = nix::unistd::User::from_uid(id).ok().flatten();
    known.map_or_else(|| id.to_string(), |user| user.name)
}

/// Carries out one command and gives its exit code.
pub fn main(around: &Surroundings) -> u8 {
    let language = early_language(around);
    let shown = swedish::translate(arguments::command(), language);
    let parsed = shown
        .try_get_matches_from(&around.arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => carry_out(around, arguments, language),
        Err(error) => not_understood(around, &error, language),
    }
}

/// What was typed cannot be understood: told in the language that the command would have spoken.
fn not_understood(around: &Surroundings, error: &clap::Error, language: Language) -> u8 {
    let typed = typed(around);
    let file = value_of(&typed, "--config").unwrap_or_else(|| config::USUAL.to_owned());
    let asked = asked_early(&typed).map(|_| language);
    let ui = Ui {
        language: language_of(around, asked, Path::new(&file)),
        json: typed.iter().any(|word| word == "--json"),
        quiet: false,
        input: false,
        color: around.stderr_terminal && !around.no_color,
        progress: false,
        here: Here::default(),
        of_many: false,
    };
    usage::tell(&ui, error, &typed)
}

/// The language before the configuration is known: `--lang`, else the environment's.
fn early_language(around: &Surroundings) -> Language {
    match asked_early(&typed(around)).as_deref().or(around.lang.as_deref()) {
        Some(tag) if tag.starts_with("sv") => Language::Sv,
        _ => Language::En,
    }
}

/// The command line as text.
fn typed(around: &Surroundings) -> Vec<String> {
    around.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// A language that was asked for in so many words.
fn asked_early(typed: &[String]) -> Option<String> {
    value_of(typed, "--lang").filter(|tag| tag == "sv" || tag == "en")
}

/// What stands with an option, before the command line is understood.
fn value_of(typed: &[String], name: &str) -> Option<String> {
    let joined = typed.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let after = typed.iter().position(|word| word == name).and_then(|at| typed.get(at + 1));
    joined.map(str::to_owned).or_else(|| after.cloned())
}

fn carry_out(around: &Surroundings, arguments: Arguments, language: Language) -> u8 {
    let Arguments { command, mut global } = arguments;
    let ui = ui_of(around, &global, global.lang.unwrap_or(language));
    match command {
        Command::Init(arguments) => return init::run(&arguments, &ui, global.lang),
        Command::Demo(arguments) => return demo::run(&arguments, &ui, around),
        Command::Help(arguments) => return help::run(&arguments, &ui),
        _ => {}
    }
    if let Err(exit) = user::become_service_user(&ui) {
        return exit;
    }
    if let Some(exit) = for_many(around, &ui, global.lang, &command) {
        return exit;
    }
    if let Command::ReportCrash(arguments) = &command
        && let Some(config) = arguments.config()
        && global.config.as_os_str() == config::USUAL
    {
        global.config = config;
    }
    let ui = Ui { here: units::here(&global.config), ..ui };
    let loaded = match config::load(&global.config) {
        Ok(loaded) => loaded,
        Err(error) => {
            let language = language_of(around, global.lang, &global.config);
            let ui = Ui { language, ..ui };
            if let Command::ReportCrash(_) = &command {
                return report_crash::without_configuration(around, &ui, &error);
            }
            return configuration_problem(&ui, &error);
        }
    };
    let ui = Ui { language: global.lang.unwrap_or(loaded.config.site.language), ..ui };
    let scene = Scene { around, loaded: &loaded, ui };
    match command {
        Command::Run(arguments) => run::run(&scene, &arguments),
        Command::Plan(arguments) => plan::run(&scene, &arguments),
        Command::Approve(arguments) => approve::run(&scene, &arguments),
        Command::Status(arguments) => status::run(&scene, &arguments),
        Command::Check(arguments) => check::run(&scene, &arguments),
        Command::History(arguments) => history::run(&scene, &arguments),
        Command::Find(arguments) => find::run(&scene, &arguments),
        Command::Backtest(arguments) => backtest::run(&scene, &arguments),
        Command::Baseline(command) => baseline::run(&scene, &command),
        Command::Trust(arguments) => trust::run(&scene, &arguments),
        Command::Withdraw(arguments) => withdraw::run(&scene, &arguments),
        Command::Pause(arguments) => pause::run(&scene, &arguments),
        Command::Resume(arguments) => resume::run(&scene, &arguments),
        Command::Outbox(_) => outbox::run(&scene),
        Command::SupportBundle(arguments) => support_bundle::run(&scene, &arguments),
        Command::ReportCrash(arguments) => report_crash::run(&scene, &arguments),
        Command::Init(_) | Command::Demo(_) | Command::Help(_) => exit::SOFTWARE,
    }
}

/// What is asked for every configuration of a folder.
fn for_many(
    around: &Surroundings,
    ui: &Ui,
    asked: Option<Language>,
    command: &Command,
) -> Option<u8> {
    let folder = match command {
        Command::Run(typed) => typed.config_dir.as_deref()?,
        Command::Status(typed) => typed.config_dir.as_deref()?,
        Command::Check(typed) => typed.config_dir.as_deref()?,
        Command::Outbox(typed) => typed.config_dir.as_deref()?,
        // The unit of one municipality names its configuration itself.
        Command::ReportCrash(typed) if typed.config().is_none() => typed.config_dir.as_deref()?,
        _ => return None,
    };
    let each = region::Each { around, ui, asked, folder };
    Some(match command {
        Command::Run(typed) => region::run(around, ui, asked, folder, typed),
        Command::Status(typed) => each.status(typed),
        Command::Check(typed) => each.check(typed),
        Command::Outbox(_) => each.outbox(),
        Command::ReportCrash(typed) => each.report_crash(typed),
        _ => return None,
    })
}

fn ui_of(around: &Surroundings, global: &Global, language: Language) -> Ui {
    Ui {
        language,
        json: global.json,
        quiet: global.quiet,
        input: !global.no_input && around.stdin_terminal,
        color: around.stderr_terminal
            && around.stdout_terminal
            && !around.no_color
            && !global.no_color,
        progress: around.stderr_terminal && !global.quiet && !global.json,
        here: units::here(&global.config),
        of_many: false,
    }
}

/// What a command that needs a configuration works with.
pub struct Scene<'s> {
    /// What `main` read from outside.
    pub around: &'s Surroundings,
    /// The configuration.
    pub loaded: &'s Loaded,
    /// The voice.
    pub ui: Ui,
}

impl Scene<'_> {
    /// The time in the site's zone.
    pub fn now(&self) -> Zoned {
        self.around.now.with_time_zone(self.loaded.config.site.timezone.0.clone())
    }

    /// A moment in the site's zone.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.loaded.config.site.timezone.0.clone())
    }

    /// The context of a run at a time, told to `listener`.
    pub fn context<'a>(
        &'a self,
        now: Zoned,
        replay: bool,
        trigger: Trigger,
        listener: &'a dyn Fn(&Event<'_>),
    ) -> Context<'a> {
        Context {
            loaded: self.loaded,
            now,
            replay,
            trigger,
            only: Vec::new(),
            outside_hours: false,
            again: false,
            credentials: self.around.credentials.clone(),
            host: host(),
            unit: self.ui.here.unit.clone(),
            invocation: self.around.service.invocation.clone(),
            listener,
        }
    }
}

/// This machine's name.
fn host() -> String {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    name.unwrap_or_else(|| "localhost".to_owned())
}

/// Every fault of a configuration, each in its three parts, with the line it is about.
fn configuration_problem(ui: &Ui, error: &ConfigError) -> u8 {
    match error {
        ConfigError::Unreadable { path, source } => {
            let facts = Facts::new().text(Placeholder::File, path.display().to_string());
            ui.problem(error.code(), &reasons::of_system(facts, source))
        }
        ConfigError::Faulty { path, faults } => {
            let told: Vec<Problem> = faults
                .iter()
                .map(|fault| Problem {
                    code: fault.code,
                    facts: fault_facts(ui.language, path, fault),
                    excerpt: &fault.excerpt,
                })
                .collect();
            ui.problems(&told, exit::CONFIG)
        }
    }
}

fn fault_facts(language: Language, path: &Path, fault: &Fault) -> Facts {
    let mut what = fault.what.in_language(language).to_owned();
    if !fault.nearest.is_empty() {
        let meant = language.of("menade du", "did you mean");
        what = format!("{what} ({meant} `{}`?)", fault.nearest);
    }
    let facts = Facts::new()
        .text(Placeholder::File, path.display().to_string())
        .text(Placeholder::Field, fault.key.as_str())
        .text(Placeholder::Detail, what);
    if fault.line == 0 { facts } else { facts.number(Placeholder::Line, fault.line as u64) }
}

/// The language of a configuration that cannot be used: what was asked for, the environment's if
/// it is Swedish, else what can be read of the file.
fn language_of(around: &Surroundings, asked: Option<Language>, path: &Path) -> Language {
    let early = early_language(around);
    if asked.is_some() || early == Language::Sv {
        return asked.unwrap_or(early);
    }
    Lenient::read(path).map_or(early, |lenient| lenient.language)
}
