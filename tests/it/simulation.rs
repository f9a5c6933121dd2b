//! Random nights of small towns through the program's own corridor, with a real state folder and
//! ledger: registers live, exports and machines break, the power fails between any two steps,
//! admins say yes, no and too late, and a model of the receiver reads files whenever it likes.
//! After every event the invariants I1 to I9 are held against that receiver.
//!
//! A failure shows the shortest story found that leads to it. `SIMULATION_STORIES` sets how many
//! stories each test takes, `SIMULATION_SEED` other ones than those of every day.

use std::time::{Duration, Instant};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use laws::Checked;
use story::Story;
use world::{Tally, World};

mod found;
mod laws;
mod ledger;
mod line;
mod receiver;
mod scenes;
mod stage;
mod story;
mod town;
mod world;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Lives a story; gives what happened, and the fault that it came to.
fn lived(story: &Story) -> (String, Tally, Checked) {
    let broken = |_| (String::new(), Tally::default(), Err("the story cannot go on".to_owned()));
    std::panic::catch_unwind(|| told(story)).unwrap_or_else(broken)
}

fn told(story: &Story) -> (String, Tally, Checked) {
    let mut world = World::new(&story.setup);
    let mut outcome = Ok(());
    for event in &story.events {
        outcome = world.live(event);
        if outcome.is_err() {
            break;
        }
    }
    let outcome = outcome.and_then(|()| world.calm());
    (world.log, world.tally, outcome)
}

/// So many stories of so many scenes; `SIMULATION_STORIES` in their place.
fn stories(seed: u64, cases: u32, scenes: usize) {
    let given = number("SIMULATION_STORIES").and_then(|n| u32::try_from(n).ok());
    let cases = given.unwrap_or(cases);
    let seed = number("SIMULATION_SEED").unwrap_or(0).wrapping_add(seed);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut drawn = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = story::story(scenes);
    let mut sum = Tally::default();
    let started = Instant::now();
    for nth in 1..=cases {
        let story = strategy.new_tree(&mut drawn).expect("a strategy that draws").current();
        let (_, tally, outcome) = lived(&story);
        sum.nights += tally.nights;
        for (what, number) in tally.of {
            *sum.of.entry(what).or_default() += number;
        }
        if let Err(fault) = outcome {
            let took = started.elapsed().as_secs_f32();
            let found = format!(
                "seed {seed}, story {nth}, after {} nights and {took:.1} s: {fault}",
                sum.nights
            );
            say(&format!("{found}, to be told shorter"));
            let (story, fault, log) = shorter(story, fault);
            panic!("{found}\nshorter: {fault}\n{:?}\n{:?}\n{log}", story.setup, story.events);
        }
    }
    report(seed, cases, &sum, started);
}

/// So long a story that fails is told shorter.
const SHORTENING: Duration = Duration::from_secs(30);

/// The same story without all that it fails without, its fault, and what happened in it.
fn shorter(mut story: Story, mut fault: String) -> (Story, String, String) {
    let started = Instant::now();
    let mut step = story.events.len().div_ceil(2);
    while step > 0 && !story.events.is_empty() {
        let mut at = story.events.len().saturating_sub(step);
        let mut shrunk = false;
        loop {
            let mut less = story.clone();
            less.events.drain(at..(at + step).min(story.events.len()));
            let found = lived(&less).2.err().filter(|_| started.elapsed() < SHORTENING);
            if let Some(found) = found {
                (story, fault, shrunk) = (less, found, true);
            }
            if at == 0 || started.elapsed() > SHORTENING {
                break;
            }
            at = at.saturating_sub(step).min(story.events.len().saturating_sub(step));
        }
        // Where the last round took nothing away, a finer one may.
        step = if shrunk && step == 1 { 1 } else { step / 2 };
        if started.elapsed() > SHORTENING {
            break;
        }
    }
    let log = lived(&story).0;
    (story, fault, log)
}

/// What every day's seeds must have met, and how often at least.
const MET: &[(&str, u32)] = &[
    ("Delivered", 200),
    ("AlreadyDelivered", 1),
    ("Approved", 80),
    ("Unknown", 1),
    ("Paused", 3),
    ("held", 100),
    ("the power failed", 40),
    ("the program fell over", 1),
    ("act Takes", 40),
    ("act Gone", 10),
    ("act Flipped", 2),
    ("act CutUpload", 2),
    ("act TempTaken", 2),
    ("act StateFull", 3),
    ("act LedgerFull", 10),
    ("act LedgerOnce", 10),
    ("act LedgerStep", 10),
    ("act MailGone", 3),
    ("act Lost", 2),
    ("act LostAndGone", 2),
    ("export None", 5),
    ("export SameAgain", 3),
    ("export Earlier", 10),
    ("export Cut", 5),
    ("export Short", 5),
    ("export Empty", 2),
    ("export Missing", 3),
    ("export AllMarked", 2),
    ("export Garbled", 10),
    ("clock ahead", 3),
    ("clock behind", 3),
    ("state folder restored", 2),
    ("configuration edited", 3),
    ("receiver's own limit", 2),
    ("approve Right", 80),
    ("approve Wrong", 5),
    ("approve Stale", 3),
    ("withdraw", 2),
    ("undo", 2),
    ("pause", 2),
    ("resume", 1),
    ("adopt", 1),
    ("a window's list", 5),
    ("failed RG352", 3),
];

/// Every moment of a run at which something happened.
const MOMENTS: [&str; 12] = [
    "Begun",
    "Read",
    "Planned",
    "Written",
    "Uploading",
    "Sending",
    "Uploaded",
    "Publishing",
    "Renamed",
    "Published",
    "Done",
    "Mailed",
];

#[expect(clippy::print_stdout, reason = "what a simulation lived through is its result")]
fn say(what: &str) {
    println!("{what}");
}

fn report(seed: u64, stories: u32, tally: &Tally, started: Instant) {
    let took = started.elapsed().as_secs_f32();
    say(&format!("seed {seed}: {stories} stories, {} nights, {took:.1} s", tally.nights));
    let met: Vec<String> =
        tally.of.iter().map(|(what, number)| format!("{what} {number}")).collect();
    say(&met.join(", "));
    if stories < STORIES {
        return;
    }
    let times = |what: &str| tally.of.get(what).copied().unwrap_or(0);
    assert!(tally.nights >= NIGHTS, "{} nights", tally.nights);
    for (what, least) in MET {
        assert!(times(what) >= *least, "{what}: {} times", times(what));
    }
    for moment in MOMENTS {
        let times = times(&format!("moment {moment}"));
        assert!(times >= 5, "something happened at {moment} {times} times");
    }
}

/// As many tests as a machine has cores may run at a time.
const STORIES: u32 = 86;
const SCENES: usize = 36;
/// So many nights each test lives through at least.
const NIGHTS: u32 = 1000;

#[test]
fn random_nights_first_quarter() {
    stories(1, STORIES, SCENES);
}

#[test]
fn random_nights_second_quarter() {
    stories(2, STORIES, SCENES);
}

#[test]
fn random_nights_third_quarter() {
    stories(3, STORIES, SCENES);
}

#[test]
fn random_nights_last_quarter() {
    stories(4, STORIES, SCENES);
}
