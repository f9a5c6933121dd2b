//! A command for every municipality of a folder, one after the other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::board::exit_of_all;
use super::sites::{self, Site, Unusable};
use crate::commands::report_crash::{self, ReportCrashArguments};
use crate::commands::status::StatusArguments;
use crate::commands::ui::Ui;
use crate::commands::{Scene, Surroundings, check, configuration_problem, outbox, status};
use crate::gateway::alarm::crash::News;
use crate::gateway::exit;
use crate::notify::catalogue::facts::one_line;
use crate::notify::language::Language;

/// What is the same for every municipality.
pub(in crate::commands) struct Each<'e> {
    /// What `main` read from outside.
    pub(in crate::commands) around: &'e Surroundings,
    /// The voice, in the language of the surroundings.
    pub(in crate::commands) ui: &'e Ui,
    /// The language that was asked for.
    pub(in crate::commands) asked: Option<Language>,
    /// The configurations' folder.
    pub(in crate::commands) folder: &'e Path,
}

impl Each<'_> {
    /// `status --config-dir`.
    pub(in crate::commands) fn status(&self, typed: &StatusArguments) -> u8 {
        let exits = self.exits(&|scene| status::run(scene, typed), &|site, fault, ui| {
            let exit = told(ui, fault);
            // What keeps a municipality from its night is mailed, as the night does.
            let mailed = typed.alert_if_stale && self.mail_of(site, fault) == News::Told;
            if mailed { exit::DONE } else { exit }
        });
        match exits {
            Err(_) if typed.check => 3,
            Err(exit) => exit,
            // As monitoring counts: what cannot be read is unknown.
            Ok(exits) if typed.check => {
                exits.into_iter().map(|exit| exit.min(3)).max().unwrap_or(3)
            }
            Ok(exits) => exit_of_all(&exits),
        }
    }

    /// `outbox --config-dir`.
    pub(in crate::commands) fn outbox(&self) -> u8 {
        let exits = match self.exits(&outbox::run, &|_, fault, ui| told(ui, fault)) {
            Ok(exits) => exits,
            Err(exit) => return exit,
        };
        // Mails that wait at some are no failure beside others without any.
        let waits = |&exit: &u8| exit == exit::DONE || exit == exit::TEMPORARY;
        if exits.iter().all(waits) {
            return exits.into_iter().max().unwrap_or(exit::DONE);
        }
        exit_of_all(&exits)
    }

    /// `check --config-dir`.
    pub(in crate::commands) fn check(&self, typed: &check::CheckArguments) -> u8 {
        let exits = self.exits(&|scene| check::run(scene, typed), &|_, fault, ui| told(ui, fault));
        exits.map_or_else(|exit| exit, |exits| exit_of_all(&exits))
    }

    /// `report-crash --config-dir`.
    pub(in crate::commands) fn report_crash(&self, typed: &ReportCrashArguments) -> u8 {
        let exits = self.exits(
            &|scene| report_crash::run(scene, typed),
            // The night told of these by itself, if it came so far: this is about those that ran.
            &|_, fault, ui| told(ui, fault),
        );
        exits.map_or_else(|exit| exit, |exits| exit_of_all(&exits))
    }

    /// What came of each.
    ///
    /// # Errors
    /// With the exit code, when the folder gives no configurations.
    fn exits(
        &self,
        what: &dyn Fn(&Scene<'_>) -> u8,
        unusable: &dyn Fn(&Site, &Unusable<'_>, &Ui) -> u8,
    ) -> Result<Vec<u8>, u8> {
        let sites = sites::of(self.folder);
        let sites = sites.map_err(|failure| self.ui.problem(failure.code, &failure.facts))?;
        let exits = sites.iter().map(|site| {
            let ui = site.voice(self.ui, self.asked);
            ui.say(format!("{} ({}):", one_line(&site.name()), one_line(&site.file())));
            match site.usable() {
                // A fault of the program is one municipality's, and no other's.
                Ok(loaded) => {
                    let scene = Scene { around: self.around, loaded, ui };
                    let done = catch_unwind(AssertUnwindSafe(|| what(&scene)));
                    done.unwrap_or(exit::SOFTWARE)
                }
                Err(fault) => unusable(site, &fault, &ui),
            }
        });
        Ok(exits.collect())
    }

    fn mail_of(&self, site: &Site, fault: &Unusable<'_>) -> News {
        super::tell_of(self.around, self.ui, site, fault)
    }
}

/// Says why a municipality cannot be used.
fn told(ui: &Ui, fault: &Unusable<'_>) -> u8 {
    match fault {
        Unusable::Config(error) => configuration_problem(ui, error),
        Unusable::Shared(failure) => ui.problem(failure.code, &failure.facts),
    }
}
