//! Whom the last night of all municipalities brought no run: it was broken off before their turn,
//! or they could not take it.

use jiff::Timestamp;

use super::sites::Site;
use crate::commands::ui::Ui;
use crate::gateway::alarm::crash;
use crate::notify::catalogue::facts::one_line;
use crate::notify::language::Language;
use crate::notify::number;
use crate::state::{RunRecord, StateDir};

/// So many entries back lies a municipality's run of the last night, at most.
const ENTRIES: u32 = 20;

/// Municipalities that had run before and did not get their turn.
pub(super) struct Missed {
    /// When the night came to its last municipality.
    at: Timestamp,
    zone: jiff::tz::TimeZone,
    /// File and name of each.
    sites: Vec<(String, String)>,
}

/// What a municipality's logbook says of its latest run.
struct Latest {
    at: Timestamp,
    /// The night of many that it belonged to.
    night: Option<String>,
}

impl Missed {
    /// What the logbooks say; `None` when the last night came to all.
    pub(super) fn of(sites: &[Site]) -> Option<Missed> {
        let known: Vec<(&Site, Latest)> =
            sites.iter().filter_map(|site| Some((site, latest(site)?))).collect();
        let of_nights = known.iter().filter(|(_, latest)| latest.night.is_some());
        let (of_zone, last) = of_nights.max_by_key(|(_, latest)| latest.at)?;
        // Whoever ran since then, by hand or otherwise, has had a turn.
        let missed =
            known.iter().filter(|(_, latest)| latest.night != last.night && latest.at < last.at);
        let sites: Vec<(String, String)> =
            missed.map(|(site, _)| (site.file(), site.name())).collect();
        let zone = of_zone.loaded()?.config.site.timezone.0.clone();
        (!sites.is_empty()).then_some(Missed { at: last.at, zone, sites })
    }

    /// Says so, below the summary.
    pub(super) fn say(&self, ui: &Ui) {
        let at = number::day_and_clock(&self.at.to_zoned(self.zone.clone()), ui.language);
        let count = self.sites.len();
        ui.say("");
        ui.say(match ui.language {
            Language::Sv => {
                format!("Förra gången ({at}) blev det ingen körning för {count}. De är med nu:")
            }
            Language::En => {
                format!("Last time ({at}) there was no run for {count}. They took part now:")
            }
        });
        for (file, name) in &self.sites {
            ui.say(format!("  {}  {}", one_line(file), one_line(name)));
        }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        self.sites.iter().map(|(file, _)| file.as_str()).collect()
    }
}

/// The latest run of a municipality that can be read.
fn latest(site: &Site) -> Option<Latest> {
    let loaded = site.usable().ok()?;
    let reader = StateDir::read_only(&loaded.config.site.state).ok()?;
    let runs = reader.recent_runs(ENTRIES).ok()?;
    let is_run = |run: &&RunRecord| !BESIDE.contains(&run.trigger.as_str());
    let run = runs.iter().find(is_run)?;
    let night = run.invocation.clone().filter(|start| crash::is_of_many(start));
    Some(Latest { at: run.started_at, night })
}

/// Entries that are no runs.
const BESIDE: [&str; 4] = ["approve", "withdraw", "undo", "adopt"];
