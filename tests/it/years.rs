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
mod laws;
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
    let nth = std::cell::OnceCell::new();
    let run = TestRunner::new_with_rng(config, rng).run(&story::year(events), |year| {
        let (_, tally, outcome) = lived(&site, &year);
        if outcome.is_err() {
            let _ = nth.set(sum.borrow().len() + 1);
        }
        sum.borrow_mut().push(tally);
        outcome.map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(fault, year)) = &run {
        let nth = nth.get().expect("the year that failed");
        let mut text = format!("seed {seed}, year {nth}: {fault}\n");
        let _ = writeln!(text, "{:?}\n{:?}\n{}", year.setup, year.events, lived(&site, year).0);
        panic!("{text}");
    }
    run.expect("a strategy that draws");
    let of = |part: fn(&Tally) -> u32| sum.borrow().iter().map(part).sum::<u32>();
    let seen = [
        ("nights", of(|t| t.nights)),
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
    // With `simulation`, ten thousand nights on every day.
    assert!(cases < YEARS || of(|t| t.nights) >= 2000, "{seen:?}");
    assert!(cases < 200 || seen.iter().all(|(_, number)| *number > 9), "{seen:?}");
}

/// As many tests as a machine has cores may run at a time.
const YEARS: u32 = 260;
const EVENTS: usize = 120;

#[test]
fn random_years_first_quarter() {
    years(1, YEARS, EVENTS);
}

#[test]
fn random_years_second_quarter() {
    years(2, YEARS, EVENTS);
}

#[test]
fn random_years_third_quarter() {
    years(3, YEARS, EVENTS);
}

#[test]
fn random_years_last_quarter() {
    years(4, YEARS, EVENTS);
}

/// Stories that random years found, each once a fault.
mod found {
    use super::story::Event::{self, AllMarked, Approve, CloseGroup, CloseSchool, EndGroup};
    use super::story::Event::{Join, Leave, LostReceipt, Night, Rekey};
    use super::story::{Period, Setup, Year};
    use super::{Site, lived};

    const APPROVE: u8 = 0;
    const STAGED: u8 = 2;

    /// One window for removals from the third day on, of three days.
    fn window(release: u8) -> Period {
        Period { after: 2, days: 2, hold: 0, release, percent_a_night: 5 }
    }

    #[track_caller]
    fn told(release: u8, grace: u8, events: &[Event]) -> String {
        told_of(12, release, grace, events)
    }

    #[track_caller]
    fn told_of(pupils: u8, release: u8, grace: u8, events: &[Event]) -> String {
        let setup = Setup {
            pupils,
            periods: vec![window(release)],
            grace: [grace; 3],
            persons: 30,
            others: 50,
            allow: 10,
        };
        let year = Year { setup, events: events.to_vec() };
        let (story, _, outcome) = lived(&Site::new(), &year);
        assert_eq!(outcome, Ok(()), "{story}");
        story
    }

    #[test]
    fn what_waits_for_release_is_not_forgotten_in_a_night_of_doubt() {
        let doubt = LostReceipt(false, 3);
        let story =
            [Night, Night, Leave(3), Night, Night, Night, doubt, Night, Night, Night, Night];
        let log = told(APPROVE, 0, &[&story[..], &[Approve, Night]].concat());
        assert!(log.contains("the list is approved"), "{log}");
    }

    #[test]
    fn a_list_to_be_released_leaves_alone_what_is_in_its_grace() {
        let before = [Night, Night, Leave(3), Night, Night, Leave(4), Night, Leave(5)];
        let skipped = [Night, Event::NoExport(4), Night, Approve, Night, Night, Night, Night];
        let log = told(APPROVE, 2, &[&before[..], &skipped].concat());
        assert!(log.contains("the list is approved"), "{log}");
    }

    #[test]
    fn the_last_pupils_of_a_closed_school_leave_when_a_person_says_so() {
        let nights = [Night, Night, Night, Approve].repeat(6);
        let story = [&[Night, Night, CloseSchool(1), Night, Night][..], &nights].concat();
        let log = told(STAGED, 0, &story);
        assert_eq!(log.matches("the list is approved").count(), 2, "{log}");
        assert!(log.ends_with(" 0 wait\n"), "{log}");
    }

    /// A group whose pupils are all protected goes with them, and no longer waits.
    #[test]
    fn what_leaves_with_protected_persons_is_off_the_list() {
        let story = [Night, CloseGroup(0), Night, AllMarked, Night, Night];
        let log = told_of(2, APPROVE, 3, &story);
        assert!(log.contains("protected persons left; held"), "{log}");
    }

    #[test]
    fn the_night_after_a_doubt_puts_only_the_list_to_a_person() {
        let doubt = LostReceipt(false, 2);
        let story = [Night, EndGroup(0), Night, Join(13, 0), Night, Night, doubt, Night, Rekey(0)];
        told(APPROVE, 0, &[&story[..], &[Night, Approve, Night, Approve]].concat());
    }
}
