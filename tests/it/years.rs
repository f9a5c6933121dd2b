//! Random years, by the thousand: a small town lives through windows, pauses, grace and every
//! kind of trouble, and after each night everything that must hold of it holds. The rooms are the
//! program's own, with no file and no logbook.
//!
//! A failure shows the shortest story that leads to it. `PROPTEST_CASES` sets how many years each
//! test takes, `PROPTEST_RNG_SEED` other years than those of every day.

use std::fmt::Write as _;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use checks::Checked;
use corridor::{Corridor, Site, Tally};
use story::Year;

mod checks;
mod corridor;
mod story;
mod told;
mod town;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Lives a year; gives its story, and the fault that it came to.
fn lived(site: &Site, year: &Year) -> (String, Tally, Checked) {
    let mut corridor = match Corridor::new(site, year) {
        Ok(corridor) => corridor,
        Err(fault) => return (String::new(), Tally::default(), Err(fault)),
    };
    let mut outcome = Ok(());
    for event in &year.events {
        outcome = corridor.live(event);
        if outcome.is_err() {
            break;
        }
    }
    (corridor.log, corridor.tally, outcome)
}

/// So many years of so many events; `PROPTEST_CASES` in their place.
fn years(seed: u64, cases: u32, events: usize) {
    let cases = number("PROPTEST_CASES").and_then(|n| u32::try_from(n).ok()).unwrap_or(cases);
    let seed = number("PROPTEST_RNG_SEED").unwrap_or(0).wrapping_add(seed);
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 3000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let site = Site::new();
    let sum = std::cell::RefCell::new(Vec::new());
    let run = TestRunner::new_with_rng(config, rng).run(&story::year(events), |year| {
        let (_, tally, outcome) = lived(&site, &year);
        sum.borrow_mut().push(tally);
        outcome.map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(fault, year)) = &run {
        let nth = sum.borrow().len();
        let mut text = format!("seed {seed}, after {nth} years with those of shrinking: {fault}\n");
        let _ = writeln!(text, "{:?}\n{:?}\n{}", year.setup, year.events, lived(&site, year).0);
        panic!("{text}");
    }
    run.expect("a strategy that draws");
    let of = |part: fn(&Tally) -> u32| sum.borrow().iter().map(part).sum::<u32>();
    let seen = [
        ("delivered", of(|t| t.delivered)),
        ("held", of(|t| t.held)),
        ("paused", of(|t| t.paused)),
        ("withdrawn", of(|t| t.withdrawn)),
        ("approved", of(|t| t.approved)),
        ("released", of(|t| t.released)),
        ("staged", of(|t| t.staged)),
        ("waited", of(|t| t.waited)),
        ("in doubt", of(|t| t.doubtful)),
    ];
    assert!(cases < 200 || seen.iter().all(|(_, number)| *number > 20), "{seen:?}");
    eprintln!("{seen:?}");
}

#[test]
fn random_years_a() {
    years(1, 300, 130);
}
