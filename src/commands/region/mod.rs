//! `run --config-dir`: every municipality of a folder in one night, each by itself.
//!
//! Each has its configuration, state, lock and mails, and what happens to one never touches
//! another. So many at a time read and compare, which bounds processor and memory; whoever waits
//! for a receiver hands the turn on meanwhile, so that one that hangs holds up nobody.

mod board;
mod each;
mod missed;
mod sites;
mod turns;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use std::time::Instant;

use jiff::SignedDuration;

use self::board::{Board, End};
pub(super) use self::each::Each;
use self::sites::{Site, Unusable};
use self::turns::{Turn, Turns};
use super::report_crash;
use super::run::{self, RunArguments, Started};
use super::ui::Ui;
use super::{Scene, Service, Surroundings};
use crate::gateway::Event;
use crate::gateway::alarm::{self, crash, crash::News};
use crate::gateway::failure::Failure;
use crate::notify::catalogue::Facts;
use crate::notify::language::Language;
use crate::notify::night::Trigger;
use crate::roster::code::Code;

/// Carries out `run --config-dir`.
pub(super) fn run(
    around: &Surroundings,
    ui: &Ui,
    asked: Option<Language>,
    folder: &Path,
    typed: &RunArguments,
) -> u8 {
    let sites = match sites::of(folder) {
        Ok(sites) => sites,
        Err(failure) => return ui.problem(failure.code, &failure.facts),
    };
    let said = sites.iter().find_map(Site::language);
    let ui = Ui { language: asked.or(said).unwrap_or(ui.language), ..ui.clone() };
    let around = &of_many(around);
    let night = Night { around, typed, begun: Instant::now() };
    let board = Board::new(&ui, asked, folder, &sites);
    let turns = Turns::new(typed.at_a_time);
    thread::scope(|scope| {
        for site in &sites {
            let turn = turns.begin();
            let (night, board) = (&night, &board);
            let started = thread::Builder::new().spawn_scoped(scope, move || {
                board.tell(site, &night.of(site, board, &turn));
                drop(turn);
                night.mails_again(site, board);
            });
            // Where the system gives no thread, this one does the work.
            if started.is_err() {
                board.tell(site, &night.of(site, board, &turns.begin()));
            }
        }
    });
    board.close()
}

/// The surroundings in which every run knows that it is one of many that were started as one.
fn of_many(around: &Surroundings) -> Surroundings {
    let started = around.now.timestamp().as_second().to_string();
    let start = around.service.invocation.clone().unwrap_or(started);
    let invocation = Some(crash::of_many(&start));
    let service = Service { invocation, ..around.service.clone() };
    Surroundings { service, ..around.clone() }
}

/// What all the night's runs have in common.
struct Night<'n> {
    around: &'n Surroundings,
    typed: &'n RunArguments,
    begun: Instant,
}

impl Night<'_> {
    /// One municipality's run, whatever becomes of it.
    fn of<'s>(&self, site: &'s Site, board: &Board<'_>, turn: &Turn<'_>) -> End<'s> {
        let begun = Instant::now();
        let loaded = match site.usable() {
            Ok(loaded) => loaded,
            Err(fault) => {
                if self.typed.trigger == Started::Timer {
                    tell_of(self.around, board.ui, site, &fault);
                }
                return End::unusable(fault);
            }
        };
        let around = self.around_now();
        let scene = Scene { around: &around, loaded, ui: board.voice(site) };
        let hear = |event: &Event<'_>| match event {
            Event::Away => turn.hand_on(),
            Event::Back => turn.take_back(),
            _ => {}
        };
        // A fault of the program ends one municipality's run, and no other's.
        let night = catch_unwind(AssertUnwindSafe(|| run::night(&scene, self.typed, &hear)));
        let night = night.unwrap_or_else(|_| Err(Failure::new(Code(901), Facts::new())));
        End::of(night, begun.elapsed())
    }

    /// Mails that a server may take later, when the municipality's turn is over.
    fn mails_again(&self, site: &Site, board: &Board<'_>) {
        if let Ok(loaded) = site.usable() {
            let around = self.around_now();
            let scene = Scene { around: &around, loaded, ui: board.voice(site) };
            // What cannot be sent waits in the outbox.
            let again = || run::mails_again(&scene, self.typed, &|_| ());
            let _sent = catch_unwind(AssertUnwindSafe(again));
        }
    }

    /// The surroundings when this run begins: exports that came since the first began are not from
    /// the future.
    fn around_now(&self) -> Surroundings {
        let since = SignedDuration::try_from(self.begun.elapsed()).unwrap_or_default();
        let now = self.around.now.checked_add(since).unwrap_or_else(|_| self.around.now.clone());
        Surroundings { now, ..self.around.clone() }
    }
}

/// Mails that a municipality cannot run: nobody reads the journal in the morning.
fn tell_of(around: &Surroundings, ui: &Ui, site: &Site, fault: &Unusable<'_>) -> News {
    match (fault, site.loaded()) {
        (Unusable::Config(error), _) => report_crash::tell_of_configuration(around, error),
        (Unusable::Shared(failure), Some(loaded)) => {
            let scene = Scene { around, loaded, ui: site.voice(ui, None) };
            let context = scene.context(scene.now(), false, Trigger::Timer, &|_| ());
            alarm::not_begun(&context, failure);
            if loaded.config.mail.is_some() { News::Told } else { News::Untold }
        }
        (Unusable::Shared(_), None) => News::Untold,
    }
}
