//! `report-crash`: systemd starts it when a unit of ours has failed.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ui::Ui;
use super::{Scene, Surroundings, configuration_problem, fault_facts, host, run, units};
use crate::config::ConfigError;
use crate::config::lenient::Lenient;
use crate::gateway::alarm::crash::{self, Crash, News};
use crate::gateway::failure::Failure;
use crate::gateway::{exit, reasons};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::Trigger;

/// Longer than any word of systemd's; a mail's name holds one.
const LONGEST_WORD: usize = 100;

/// Mail that the service broke off, unless it told so itself.
#[derive(Args, Debug)]
pub struct ReportCrashArguments {
    /// The unit that failed.
    #[arg(long, value_name = "UNIT", default_value = "rostergate.service")]
    pub unit: String,
    /// For each configuration (*.toml) in this folder, unless the unit is one municipality's.
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub config_dir: Option<PathBuf>,
}

impl ReportCrashArguments {
    /// Where the unit of one municipality among many has its configuration: `rostergate@.service`
    /// says the same.
    pub(super) fn config(&self) -> Option<PathBuf> {
        let name = self.unit.strip_prefix("rostergate@")?.strip_suffix(".service")?;
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
        plain.then(|| Path::new(units::SITES).join(format!("{name}.toml")))
    }
}

/// Carries out `report-crash`.
pub(super) fn run(scene: &Scene<'_>, arguments: &ReportCrashArguments) -> u8 {
    let quiet = |_: &crate::gateway::Event<'_>| ();
    let context = scene.context(scene.now(), false, Trigger::Timer, &quiet);
    match crash::report(&context, &crash(scene.around, arguments)) {
        Ok(news) => end(&scene.ui, news),
        Err(failure) => run::problem(scene, &failure),
    }
}

fn crash(around: &Surroundings, arguments: &ReportCrashArguments) -> Crash {
    let short = |word: &String| word.chars().take(LONGEST_WORD).collect::<String>();
    Crash {
        unit: short(&arguments.unit),
        result: around.service.ended.as_ref().map(short),
        status: around.service.status.as_ref().map(short),
        invocation: around.service.ended_invocation.as_ref().map(short),
        of_many: arguments.config_dir.is_some() && arguments.config().is_none(),
    }
}

fn end(ui: &Ui, news: News) -> u8 {
    let word = match news {
        News::Told => ui.pick("Ett mejl om avbrottet är på väg.", "A mail about it is on its way."),
        News::Known => ui.pick("Körningen har själv berättat.", "The run has told of itself."),
        News::Untold => {
            ui.pick("Inget mejl kunde skickas om avbrottet.", "No mail about it could be sent.")
        }
    };
    ui.say(word);
    ui.json(&serde_json::json!({
        "schema": "rostergate.report-crash/1",
        "told": match news { News::Told => "now", News::Known => "before", News::Untold => "no" },
    }));
    if news == News::Untold { exit::UNAVAILABLE } else { exit::DONE }
}

/// The configuration itself is broken: whoever it says is told so, as far as it can be read, and
/// the journal has it in any case.
pub(super) fn without_configuration(around: &Surroundings, ui: &Ui, error: &ConfigError) -> u8 {
    configuration_problem(ui, error);
    end(ui, tell_of_configuration(around, error))
}

/// Mails whoever a configuration that cannot be used says, as far as it can be read.
pub(super) fn tell_of_configuration(around: &Surroundings, error: &ConfigError) -> News {
    let (ConfigError::Faulty { path, .. } | ConfigError::Unreadable { path, .. }) = error;
    let lenient = Lenient::read(path).unwrap_or_else(|| Lenient::of(""));
    let facts = match error {
        ConfigError::Unreadable { path, source } => {
            let file = Facts::new().text(Placeholder::File, path.display().to_string());
            reasons::of_system(file, source)
        }
        ConfigError::Faulty { path, faults } => faults
            .first()
            .map(|fault| fault_facts(lenient.language, path, fault))
            .unwrap_or_default(),
    };
    let failure = Failure::new(error.code(), facts);
    let to = (host(), around.now.clone());
    crash::report_without_configuration(
        (&lenient, units::here(path)),
        &failure,
        to,
        around.credentials.as_deref(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_of_one_municipality_has_its_configuration() {
        let config =
            |unit: &str| ReportCrashArguments { unit: unit.to_owned(), config_dir: None }.config();
        let ale = PathBuf::from("/etc/rostergate/sites/ale.toml");
        assert_eq!(config("rostergate@ale.service"), Some(ale));
        assert_eq!(config("rostergate.service"), None);
        assert_eq!(config("rostergate@../x.service"), None);
        assert_eq!(config("rostergate@.service"), None);
    }
}
