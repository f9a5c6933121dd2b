//! The course of the five nights, and what must hold after each.

use std::path::Path;

use super::play::{FIRST_DAY, Play};
use super::stage::{LIBRARY, PLATFORM, Stage};
use super::town::{Export, OpenSchool, Town};
use super::trouble::Trouble;
use super::{ending, tale};
use crate::commands::Surroundings;
use crate::commands::ui::Ui;
use crate::notify::night::{Night, TargetNight};

const PUPILS: u32 = 2_000;
/// Any number gives a town; this one always gives the same.
const SEED: u64 = 20_260_824;

/// The schools that something happens to.
struct Cast {
    /// The largest: the export loses it.
    lost: OpenSchool,
    /// The next: its library is a receiver.
    lender: OpenSchool,
}

impl Cast {
    fn of(town: &Town) -> Cast {
        let mut schools = town.schools();
        schools.sort_by_key(|school| std::cmp::Reverse(school.pupils));
        let mut largest = schools.into_iter();
        let mut next = || largest.next().expect("a town of that size has several schools");
        Cast { lost: next(), lender: next() }
    }
}

/// Plays all of it in an empty folder.
///
/// # Errors
/// When a part of the program refuses, or something happens that must not.
pub(super) fn run(folder: &Path, ui: &Ui, around: &Surroundings) -> Result<(), Trouble> {
    let town = Town::found(PUPILS, SEED, FIRST_DAY);
    let cast = Cast::of(&town);
    let stage = Stage::set(folder, ui.language, &cast.lender)?;
    let mut play = Play::new(ui, around, stage, town)?;
    tale::beginning(ui, &play.town, &cast.lender.name);
    first_delivery(&mut play)?;
    ordinary(&mut play)?;
    school_missing(&mut play, &cast)?;
    repaired(&mut play, &cast)?;
    school_closed(&mut play)?;
    // The register lives on: there is something to look at when the demo is over.
    play.town.ordinary_night();
    play.export(6, Export::default())?;
    ending::tell(&play, around, &cast.lost.name);
    Ok(())
}

fn first_delivery(play: &mut Play<'_>) -> Result<(), Trouble> {
    tale::first_delivery(&play.ui);
    play.export(1, Export::default())?;
    let night = play.run(1)?;
    play.expect(&night, &[(LIBRARY, "held"), (PLATFORM, "held")])?;
    tale::first_delivery_held(&play.ui);
    for held in &night.targets {
        let reason = tale::reason_first(&play.ui);
        let approved = play.approve(1, held, reason)?;
        play.expect(&approved, &[(&held.name, "approved")])?;
    }
    tale::first_delivery_approved(&play.ui);
    Ok(())
}

fn ordinary(play: &mut Play<'_>) -> Result<(), Trouble> {
    tale::ordinary(&play.ui);
    let before = play.stage.bytes_at(PLATFORM)?;
    play.town.ordinary_night();
    play.export(2, Export::default())?;
    let night = play.run(2)?;
    play.expect(&night, &[(LIBRARY, "completed"), (PLATFORM, "completed")])?;
    let after = play.stage.bytes_at(PLATFORM)?;
    play.ensure(after != before, || "an ordinary night gave the same file".to_owned())?;
    tale::ordinary_done(&play.ui);
    Ok(())
}

fn school_missing(play: &mut Play<'_>, cast: &Cast) -> Result<(), Trouble> {
    tale::school_missing(&play.ui, &cast.lost.name);
    let before = play.stage.bytes_at(PLATFORM)?;
    play.town.ordinary_night();
    play.export(3, Export { leave_out_school: Some(&cast.lost.name), ..Export::default() })?;
    let night = play.run(3)?;
    play.expect(&night, &[(LIBRARY, "completed"), (PLATFORM, "held")])?;
    let after = play.stage.bytes_at(PLATFORM)?;
    play.ensure(after == before, || "a held night changed the receiver's file".to_owned())?;
    tale::school_missing_held(&play.ui, target(&night, PLATFORM)?, &cast.lender.name);
    Ok(())
}

fn repaired(play: &mut Play<'_>, cast: &Cast) -> Result<(), Trouble> {
    tale::repaired(&play.ui);
    play.town.ordinary_night();
    play.export(4, Export::default())?;
    let night = play.run(4)?;
    play.expect(&night, &[(LIBRARY, "completed"), (PLATFORM, "completed")])?;
    let there = tells_of(play, &cast.lost.name)?;
    play.ensure(there, || "the repaired export did not arrive".to_owned())?;
    tale::repaired_done(&play.ui, &cast.lost.name);
    Ok(())
}

fn school_closed(play: &mut Play<'_>) -> Result<(), Trouble> {
    play.town.ordinary_night();
    let closed = play.town.close_school();
    tale::school_closed(&play.ui, &closed);
    let before = play.stage.bytes_at(PLATFORM)?;
    play.export(5, Export::default())?;
    let night = play.run(5)?;
    play.expect(&night, &[(LIBRARY, "completed"), (PLATFORM, "held")])?;
    let after = play.stage.bytes_at(PLATFORM)?;
    play.ensure(after == before, || "a held night changed the receiver's file".to_owned())?;
    tale::school_closed_held(&play.ui, &closed);
    let reason = tale::reason_closed(&play.ui, &closed);
    let approved = play.approve(5, target(&night, PLATFORM)?, &reason)?;
    play.expect(&approved, &[(PLATFORM, "approved")])?;
    let gone = !tells_of(play, &closed)?;
    play.ensure(gone, || "the closed school is still there".to_owned())?;
    tale::school_closed_approved(&play.ui);
    Ok(())
}

fn target<'n>(night: &'n Night, name: &str) -> Result<&'n TargetNight, Trouble> {
    let found = night.targets.iter().find(|target| target.name == name);
    found.ok_or_else(|| Trouble::NotAsPromised(format!("{} has no target {name}", night.run)))
}

/// Whether the learning platform's file names a school.
fn tells_of(play: &Play<'_>, school: &str) -> Result<bool, Trouble> {
    let bytes = play.stage.bytes_at(PLATFORM)?.unwrap_or_default();
    Ok(memchr::memmem::find(&bytes, school.as_bytes()).is_some())
}
