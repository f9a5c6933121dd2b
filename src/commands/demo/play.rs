//! One step of the demo: an export, a run or an approval at a played time, and what came of it.

use std::collections::BTreeSet;

use jiff::Zoned;
use jiff::civil::{Date, date};
use serde_json::Value;

use super::stage::Stage;
use super::tale;
use super::town::{Export, Town, stamp};
use super::trouble::Trouble;
use crate::commands::Service;
use crate::commands::approve::{self, ApproveArguments};
use crate::commands::story::{self, Story};
use crate::commands::ui::Ui;
use crate::commands::{Scene, Surroundings};
use crate::config::Loaded;
use crate::gateway::target::Aim;
use crate::gateway::tell::{exit_of, outcome_word};
use crate::gateway::{self, Event};
use crate::notify::compose::compose;
use crate::notify::night::{Night, Outcome, TargetNight, Trigger};
use crate::state::{BaselineRecord, StateDir, StateReader, files};

/// The Monday of the first night.
pub(super) const FIRST_DAY: Date = date(2026, 8, 24);
/// Who approves: an account of the municipality's school IT.
const WHO: &str = "skol-it";

/// The demo as it goes on.
pub(super) struct Play<'p> {
    pub(super) ui: Ui,
    pub(super) stage: Stage,
    pub(super) town: Town,
    around: &'p Surroundings,
    loaded: Loaded,
    mails: BTreeSet<String>,
    runs: Vec<Value>,
}

impl<'p> Play<'p> {
    /// Nothing has happened yet.
    pub(super) fn new(
        ui: &Ui,
        around: &'p Surroundings,
        stage: Stage,
        town: Town,
    ) -> Result<Play<'p>, Trouble> {
        let loaded = stage.load()?;
        Ok(Play {
            ui: ui.clone(),
            stage,
            town,
            around,
            loaded,
            mails: BTreeSet::new(),
            runs: Vec::new(),
        })
    }

    /// Runs and approvals so far, as JSON.
    pub(super) fn runs(&self) -> &[Value] {
        &self.runs
    }

    /// How many mails lie in the mailbox.
    pub(super) fn mails(&self) -> usize {
        self.mails.len()
    }

    /// The register exports, as it does every night at half past two.
    pub(super) fn export(&self, night: i8, options: Export<'_>) -> Result<(), Trouble> {
        let inbox = self.stage.inbox();
        let written = self.town.write_export(&inbox, options);
        let at = self.at(night, 2, 30).timestamp();
        written.and_then(|()| stamp(&inbox, at)).map_err(|error| Trouble::io(&inbox, &error))
    }

    /// The timer starts a run.
    pub(super) fn run(&mut self, night: i8) -> Result<Night, Trouble> {
        let now = self.at(night, 4, 15);
        self.command("04:15", "run");
        let around = self.surroundings(now.clone());
        let scene = self.scene(&around);
        let limits = |name: &str| Aim::at(&self.loaded.config, name).limits;
        let story = Story::new(&scene.ui, &limits);
        let hear = |event: &Event<'_>| story.hear(event);
        let night = gateway::run(&scene.context(now, false, Trigger::Timer, &hear))?;
        if !self.ui.json {
            story::end(&self.ui, &night);
        }
        self.note(&night)?;
        Ok(night)
    }

    /// A person approves what a run has held, with the number that the plan asks for.
    pub(super) fn approve(
        &mut self,
        night: i8,
        held: &TargetNight,
        reason: &str,
    ) -> Result<Night, Trouble> {
        let Outcome::Held { plan, .. } = &held.outcome else {
            return Err(Trouble::NotAsPromised(format!("{} waits for no approval", held.name)));
        };
        let record = self.reader()?.find_plan(plan)?;
        let facts = record.facts.ok_or_else(|| odd(format!("{plan} has no facts")))?;
        let first = facts.first_delivery;
        let confirm = if first { facts.persons } else { facts.removals };
        let empty = if first { " --receiver-empty" } else { "" };
        self.command(
            "08:10",
            &format!("approve {plan} --reason \"{reason}\"{empty} --confirm {confirm}"),
        );
        let arguments = ApproveArguments {
            plan: plan.clone(),
            reason: reason.to_owned(),
            receiver_empty: first,
            confirm: Some(confirm),
        };
        let now = self.at(night, 8, 10);
        let around = self.surroundings(now.clone());
        let scene = self.scene(&around);
        let night = approve::carry_out(&scene, &arguments, now, false)?;
        if !self.ui.json {
            approve::told(&scene, &night, &arguments);
        }
        self.note(&night)?;
        Ok(night)
    }

    /// Fails unless the run ended in these words, in the order of the configuration.
    pub(super) fn expect(&self, night: &Night, expected: &[(&str, &str)]) -> Result<(), Trouble> {
        let ended = |target: &'_ TargetNight| (target.name.clone(), outcome_word(&target.outcome));
        let ended: Vec<_> = night.targets.iter().map(ended).collect();
        let same =
            ended.iter().map(|(name, word)| (name.as_str(), *word)).eq(expected.iter().copied());
        self.ensure(same, || format!("{} ended as {ended:?}, not {expected:?}", night.run))?;
        expected.iter().try_for_each(|(target, _)| self.compare_with_logbook(target))
    }

    /// Fails with a text for whoever maintains the program.
    #[expect(clippy::unused_self, reason = "reads as what the play demands")]
    pub(super) fn ensure(&self, holds: bool, what: impl FnOnce() -> String) -> Result<(), Trouble> {
        if holds { Ok(()) } else { Err(odd(what())) }
    }

    /// What lies at the receiver is what the logbook says was delivered last.
    fn compare_with_logbook(&self, target: &str) -> Result<(), Trouble> {
        let reader = self.reader()?;
        let there = self.stage.delivered(target);
        let told = match reader.baseline(target)? {
            BaselineRecord::Delivered(told) => told,
            BaselineRecord::NeverDelivered => {
                return self.ensure(!there.exists(), || format!("{target} got a file unasked"));
            }
            BaselineRecord::Unknown { .. } => {
                return Err(odd(format!("what {target} holds is unknown")));
            }
        };
        let sent = reader.find_plan(told.plan.as_str())?.documents;
        let found = files::measure(&there).map_err(|error| Trouble::io(&there, &error))?;
        let same = sent.len() == 1 && sent[0].size == found.size && sent[0].sha256 == found.sha256;
        self.ensure(same, || format!("{target} holds other bytes than {} sent", told.plan))
    }

    /// Shows the one mail of a run and keeps its result.
    fn note(&mut self, night: &Night) -> Result<(), Trouble> {
        let folder = self.stage.mails();
        let names = std::fs::read_dir(&folder).and_then(|entries| {
            entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        });
        let names: BTreeSet<String> = names.map_err(|error| Trouble::io(&folder, &error))?;
        let new: Vec<&String> = names.difference(&self.mails).collect();
        let one = new.len() == 1 && new[0].starts_with(&night.run);
        self.ensure(one, || format!("{} gave the mails {new:?}", night.run))?;
        let subject = compose(night, self.loaded.config.site.language).subject;
        tale::mail(&self.ui, &subject);
        let mut json = story::json(night, exit_of(night));
        json["mail"] = serde_json::json!({ "file": new[0], "subject": subject });
        self.runs.push(json);
        self.mails = names;
        Ok(())
    }

    fn command(&self, clock: &str, words: &str) {
        self.ui.say("");
        self.ui.say(self.ui.strong(&format!("{clock}  rostergate {words}")));
    }

    /// A time of day after the given night, in the site's zone.
    fn at(&self, night: i8, hour: i8, minute: i8) -> Zoned {
        let day = FIRST_DAY.with().day(FIRST_DAY.day() + night - 1).build();
        let time = day.expect("the demo ends within the month").at(hour, minute, 0, 0);
        let zone = self.loaded.config.site.timezone.0.clone();
        time.to_zoned(zone).expect("the year 2026 is within range")
    }

    fn surroundings(&self, now: Zoned) -> Surroundings {
        let (who, service) = (WHO.to_owned(), Service::default());
        Surroundings { now, who, credentials: None, service, ..self.around.clone() }
    }

    fn scene<'s>(&'s self, around: &'s Surroundings) -> Scene<'s> {
        Scene { around, loaded: &self.loaded, ui: self.ui.clone() }
    }

    fn reader(&self) -> Result<StateReader, Trouble> {
        Ok(StateDir::read_only(&self.loaded.config.site.state)?)
    }
}

fn odd(what: String) -> Trouble {
    Trouble::NotAsPromised(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::demo::stage::{LIBRARY, PLATFORM};
    use crate::notify::command::Here;
    use crate::notify::language::Language;

    fn quiet() -> Ui {
        Ui {
            of_many: false,
            language: Language::Sv,
            json: true,
            quiet: true,
            input: false,
            color: false,
            progress: false,
            here: Here::default(),
        }
    }

    fn around() -> Surroundings {
        Surroundings {
            arguments: Vec::new(),
            now: FIRST_DAY.at(12, 0, 0, 0).in_tz("Europe/Stockholm").unwrap(),
            credentials: None,
            service: Service::default(),
            lang: None,
            who: "test".to_owned(),
            no_color: true,
            stdout_terminal: false,
            stderr_terminal: false,
            stdin_terminal: false,
        }
    }

    #[track_caller]
    fn assert_loud(checked: Result<(), Trouble>, says: &str) {
        let trouble = checked.expect_err("must be noticed");
        let Trouble::NotAsPromised(what) = &trouble else { panic!("another trouble") };
        assert!(what.contains(says), "{what}");
    }

    #[test]
    fn another_outcome_and_other_bytes_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::found(30, 1, FIRST_DAY);
        let school = town.schools().remove(0);
        let stage = Stage::set(folder.path(), Language::Sv, &school).ok().expect("set");
        let around = around();
        let mut play = Play::new(&quiet(), &around, stage, town).ok().expect("begun");
        play.export(1, Export::default()).ok().expect("exported");
        let night = play.run(1).ok().expect("run");
        let held = [(LIBRARY, "held"), (PLATFORM, "held")];
        assert!(play.expect(&night, &held).is_ok());
        assert_loud(play.expect(&night, &held[..1]), "ended as");
        assert_loud(play.expect(&night, &[(LIBRARY, "held"), (PLATFORM, "completed")]), "ended as");

        let library = play.stage.delivered(LIBRARY);
        files::create_new(&library, files::PRIVATE).unwrap();
        assert_loud(play.expect(&night, &held), "unasked");
        std::fs::remove_file(&library).unwrap();
        let approved = play.approve(1, &night.targets[0], "test").ok().expect("approved");
        assert!(play.expect(&approved, &[(LIBRARY, "approved")]).is_ok());
        files::write_whole(&library, |out| out.write_all(b"Id")).unwrap();
        assert_loud(play.expect(&approved, &[(LIBRARY, "approved")]), "other bytes");

        let stray = play.stage.mails().join("stray.eml");
        files::create_new(&stray, files::PRIVATE).unwrap();
        assert_loud(play.note(&approved), "mails");
    }
}
