//! What a night of many municipalities says: a line as each ends, and one summary.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::missed::Missed;
use super::sites::{Site, Unusable};
use crate::commands::ui::Ui;
use crate::commands::words::word;
use crate::commands::{configuration_problem, story};
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::gateway::tell::{exit_of, result_word};
use crate::notify::catalogue::facts::one_line;
use crate::notify::language::Language;
use crate::notify::night::Night;

/// What became of one municipality.
pub(super) struct End<'s> {
    came: Came<'s>,
    took: Duration,
}

enum Came<'s> {
    Night(Box<Night>),
    Failed(Failure),
    Unusable(Unusable<'s>),
}

impl<'s> End<'s> {
    pub(super) fn of(night: Result<Night, Failure>, took: Duration) -> End<'s> {
        let came = night.map_or_else(Came::Failed, |night| Came::Night(Box::new(night)));
        End { came, took }
    }

    pub(super) fn unusable(fault: Unusable<'s>) -> End<'s> {
        End { came: Came::Unusable(fault), took: Duration::ZERO }
    }
}

/// Everything told so far. One municipality at a time speaks.
pub(super) struct Board<'b> {
    pub(super) ui: &'b Ui,
    asked: Option<Language>,
    sites: usize,
    /// Whom the last night of all did not get to.
    missed: Option<Missed>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    exits: Vec<u8>,
    /// What is not as it should be: file, name and exit code.
    amiss: Vec<(String, String, u8)>,
    json: Map<String, Value>,
}

impl<'b> Board<'b> {
    pub(super) fn new(
        ui: &'b Ui,
        asked: Option<Language>,
        folder: &Path,
        sites: &[Site],
    ) -> Board<'b> {
        let (version, path) = (env!("CARGO_PKG_VERSION"), one_line(&folder.display().to_string()));
        ui.say(format!("Rostergate {version}, {path}: {}", sites.len()));
        let (missed, sites) = (Missed::of(sites), sites.len());
        Board { ui, asked, sites, missed, told: Mutex::default() }
    }

    /// How one municipality speaks.
    pub(super) fn voice(&self, site: &Site) -> Ui {
        site.voice(self.ui, self.asked)
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells how one ended, and why where it is not done.
    pub(super) fn tell(&self, site: &Site, end: &End<'_>) {
        let mut told = self.told();
        let exit = self.line(site, end, told.exits.len() + 1);
        let (file, name) = (site.file(), site.name());
        if self.ui.json {
            told.json.insert(file.clone(), as_json(&name, exit, end));
        }
        told.exits.push(exit);
        if !matches!(exit, exit::DONE | exit::PLANNED_ONLY) {
            told.amiss.push((file, name, exit));
        }
        let (done, all) = (told.exits.len(), self.sites);
        self.ui.draw(&format!("  {done}/{all} …"));
    }

    fn line(&self, site: &Site, end: &End<'_>, nth: usize) -> u8 {
        let ui = self.voice(site);
        self.ui.draw("");
        let show = |outcome: &str, exit: u8| {
            if !ui.quiet || !matches!(exit, exit::DONE | exit::PLANNED_ONLY) {
                let (name, seconds) = (one_line(&site.name()), end.took.as_secs_f64());
                ui.say(format!("  {nth:>4}/{} {name}: {outcome} ({seconds:.1} s)", self.sites));
            }
        };
        let failed = |code| format!("{} {code}", ui.pick("FEL", "FAILED"));
        match &end.came {
            Came::Night(night) => {
                let exit = exit_of(night);
                let of = |target: &crate::notify::night::TargetNight| {
                    format!("{} {}", target.name, story::outcome(&ui, &target.outcome))
                };
                let failure = night.failure.iter().map(|failure| failed(failure.code));
                let outcomes: Vec<String> = failure.chain(night.targets.iter().map(of)).collect();
                show(&outcomes.join("; "), exit);
                story::what_stopped(&ui, night);
                exit
            }
            Came::Failed(failure) | Came::Unusable(Unusable::Shared(failure)) => {
                show(&failed(failure.code), exit::of(failure.code));
                ui.problem(failure.code, &failure.facts)
            }
            Came::Unusable(Unusable::Config(error)) => {
                show(
                    ui.pick("FEL i inställningsfilen", "FAULT in the configuration"),
                    exit::CONFIG,
                );
                configuration_problem(&ui, error)
            }
        }
    }

    /// The summary; gives the exit code of the whole night.
    pub(super) fn close(&self) -> u8 {
        let mut told = self.told();
        let exit = exit_of_all(&told.exits);
        told.amiss.sort();
        let (ui, all) = (self.ui, self.sites);
        self.ui.draw("");
        ui.say("");
        let right = all - told.amiss.len();
        let end = if right == all { ui.pick("KLART", "DONE") } else { ui.pick("SLUT", "ENDED") };
        ui.say(match ui.language {
            Language::Sv => format!("{end}  {right} av {all} gick som de skulle."),
            Language::En => format!("{end}  {right} of {all} went as they should."),
        });
        for (file, name, exit) in &told.amiss {
            let result = word(ui, result_of(*exit));
            ui.say(format!("  {}  {}  {result} (exit {exit})", one_line(file), one_line(name)));
        }
        if let Some(missed) = &self.missed {
            missed.say(ui);
        }
        let sites = std::mem::take(&mut told.json);
        let missed = self.missed.as_ref().map(Missed::json);
        ui.json(&json!({
            "schema": "rostergate.region/1", "exit": exit, "sites": sites, "missed-before": missed,
        }));
        exit
    }
}

fn as_json(name: &str, exit: u8, end: &End<'_>) -> Value {
    let mut site = json!({ "name": name, "exit": exit, "seconds": end.took.as_secs_f64() });
    match &end.came {
        Came::Night(night) => {
            site["result"] = result_word(night).into();
            site["run"] = story::json(night, exit);
        }
        Came::Failed(failure) | Came::Unusable(Unusable::Shared(failure)) => {
            site["result"] = "failed".into();
            site["codes"] = vec![failure.code.to_string()].into();
        }
        Came::Unusable(Unusable::Config(error)) => {
            site["result"] = "failed".into();
            site["codes"] = vec![error.code().to_string()].into();
        }
    }
    site
}

/// One municipality's result in a word of the ledger.
fn result_of(exit: u8) -> &'static str {
    match exit {
        exit::HELD => "held",
        exit::MIXED => "mixed",
        _ => "failed",
    }
}

/// The exit code of a night of many: 12 where some got their files and others not, else the most
/// severe.
pub(super) fn exit_of_all(each: &[u8]) -> u8 {
    // One that is mixed by itself got part of its files.
    let part = each.contains(&exit::MIXED).then_some(exit::DONE);
    exit::of_targets(&each.iter().copied().chain(part).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_among_municipalities_is_12_and_else_the_most_severe_wins() {
        assert_eq!(exit_of_all(&[0, 0]), 0);
        assert_eq!(exit_of_all(&[0, 78]), 12);
        assert_eq!(exit_of_all(&[12, 78]), 12);
        assert_eq!(exit_of_all(&[12, 0]), 12);
        assert_eq!(exit_of_all(&[10, 78, 69]), 78);
        assert_eq!(exit_of_all(&[0, 13]), 13);
    }
}
