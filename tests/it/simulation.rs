//! Random nights of small towns through the program's own corridor, with a real state folder and
//! ledger: registers live, exports and machines break, the power fails between any two steps,
//! admins say yes, no and too late, and a model of the receiver reads files whenever it likes.
//! After every event the invariants I1 to I9 are held against that receiver.
//!
//! A failure shows the shortest story found that leads to it. `SIMULATION_STORIES` sets how many
//! stories each test takes, `SIMULATION_SEED` other ones than those of every day.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::Instant;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use laws::Checked;
use story::Story;
use world::{Tally, World};

mod found;
mod laws;
mod ledger;
mod receiver;
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

/// So many stories of so many events; `SIMULATION_STORIES` in their place.
fn stories(seed: u64, cases: u32, events: usize) {
    let given = number("SIMULATION_STORIES").and_then(|n| u32::try_from(n).ok());
    let cases = given.unwrap_or(cases);
    let seed = number("SIMULATION_SEED").unwrap_or(0).wrapping_add(seed);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 100_000,
        max_shrink_time: 30_000,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let sum = RefCell::new((0_u32, Tally::default()));
    let found = RefCell::new(None);
    let started = Instant::now();
    let run = TestRunner::new_with_rng(config, rng).run(&story::story(events), |story| {
        let (_, tally, outcome) = lived(&story);
        if found.borrow().is_none() {
            let (stories, all) = &mut *sum.borrow_mut();
            *stories += 1;
            all.nights += tally.nights;
            for (what, number) in tally.of {
                *all.of.entry(what).or_default() += number;
            }
        }
        if outcome.is_err() && found.borrow().is_none() {
            let (nth, all) = &*sum.borrow();
            say(&format!(
                "seed {seed}: {outcome:?} after {} nights, to be told shorter",
                all.nights
            ));
            *found.borrow_mut() = Some((*nth, all.nights, started.elapsed()));
        }
        outcome.map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(fault, story)) = &run {
        let (nth, nights, took) = found.borrow().expect("the story that failed");
        let mut text = format!(
            "seed {seed}, story {nth}, after {nights} nights and {:.1} s: {fault}\n",
            took.as_secs_f32()
        );
        let _ = writeln!(text, "{:?}\n{:?}\n{}", story.setup, story.events, lived(story).0);
        panic!("{text}");
    }
    run.expect("a strategy that draws");
    let (stories, tally) = sum.into_inner();
    report(seed, stories, &tally, started);
}

/// What every day's seeds must have met, and how often at least.
const MET: &[(&str, u32)] = &[
    ("Delivered", 200),
    ("AlreadyDelivered", 1),
    ("Approved", 80),
    ("Unknown", 1),
    ("Paused", 5),
    ("held", 100),
    ("the power failed", 40),
    ("the program fell over", 3),
    ("act Takes", 40),
    ("act Gone", 10),
    ("act Flipped", 2),
    ("act CutUpload", 2),
    ("act TempTaken", 2),
    ("act StateFull", 5),
    ("act LedgerFull", 10),
    ("act LedgerOnce", 10),
    ("act MailGone", 5),
    ("export None", 5),
    ("export SameAgain", 5),
    ("export Earlier", 3),
    ("export Cut", 5),
    ("export Short", 5),
    ("export Empty", 3),
    ("export Missing", 3),
    ("export AllMarked", 3),
    ("export Garbled", 3),
    ("clock ahead", 5),
    ("clock behind", 5),
    ("state folder restored", 2),
    ("configuration edited", 5),
    ("receiver's own limit", 3),
    ("approve Right", 80),
    ("approve Wrong", 5),
    ("approve Stale", 5),
    ("withdraw", 5),
    ("undo", 5),
    ("pause", 5),
    ("resume", 1),
    ("adopt", 1),
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
const STORIES: u32 = 80;
const EVENTS: usize = 60;
/// So many nights each test lives through at least.
const NIGHTS: u32 = 1000;

#[test]
fn random_nights_first_quarter() {
    stories(1, STORIES, EVENTS);
}

#[test]
fn random_nights_second_quarter() {
    stories(2, STORIES, EVENTS);
}

#[test]
fn random_nights_third_quarter() {
    stories(3, STORIES, EVENTS);
}

#[test]
fn random_nights_last_quarter() {
    stories(4, STORIES, EVENTS);
}
