//! Laws of single rooms, over two states of a small town's register.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rostergate::formats::snapshot::Reader;
use rostergate::pipeline::counts::Counts;
use rostergate::pipeline::diff::{View, diff};
use rostergate::pipeline::safety::{Circumstances, judge};
use rostergate::pipeline::verdict::Verdict;
use rostergate::roster::roster::Roster;

use super::story::{Event, START, Setup, life, setup};
use super::told::{Lines, lines};
use super::town::Town;
use crate::rows::{ALL, packed};

/// The register after some events, nobody being protected.
fn town(pupils: u8, events: &[Event]) -> Town {
    let mut town = Town::of(pupils);
    for event in events {
        town.live(event, START);
    }
    town
}

/// Called with each difference: what happens, the line before and the line now.
type Each<'e> = &'e mut dyn FnMut(&str, Option<&str>, Option<&str>);

fn compared(old: &Roster, new: &Roster, each: Each<'_>) -> Counts {
    let (bytes, hidden) = (packed(old), BTreeSet::new());
    let mut reader = Reader::open(bytes.as_slice()).expect("a snapshot just written");
    let view = View { carried: ALL, hidden: &hidden };
    let visited = diff(new, Some(&mut reader), &view, |change| {
        each(&change.kind.to_string(), change.before, change.now);
    });
    visited.expect("a snapshot just written").0
}

fn plain(lines: &Lines) -> BTreeSet<(String, String)> {
    lines.iter().map(|((kind, _), line)| (kind.to_string(), line.clone())).collect()
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    proptest::collection::vec(life(), 0..25)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// What differs, done to the old roster, gives the new one, and the numbers count it.
    #[test]
    fn the_old_roster_with_the_differences_is_the_new_one(
        pupils in 0..20u8, before in events(), after in events(),
    ) {
        let old = town(pupils, &before).read().roster;
        let new = town(pupils, &[before, after].concat()).read().roster;
        let mut result = plain(&lines(&old));
        let (mut added, mut removed) = (0, 0);
        let counts = compared(&old, &new, &mut |kind, before, now| {
            if let Some(line) = before {
                assert!(result.remove(&(kind.to_owned(), line.to_owned())), "{line} was there");
            }
            if let Some(line) = now {
                assert!(result.insert((kind.to_owned(), line.to_owned())), "{line} is new");
            }
            added += u64::from(before.is_none());
            removed += u64::from(now.is_none());
        });
        prop_assert_eq!(result, plain(&lines(&new)));
        let all = [counts.schools, counts.persons, counts.groups, counts.memberships, counts.relations];
        prop_assert_eq!(added, all.iter().map(|tally| tally.added).sum::<u64>());
        prop_assert_eq!(removed, all.iter().map(|tally| tally.removed).sum::<u64>());
        prop_assert!(all.iter().all(|t| t.before + t.added == t.now + t.removed));
    }

    /// Whoever holds a night for those who left holds it for more.
    #[test]
    fn more_removals_never_turn_a_held_night_into_one_that_passes(
        setup in setup(),
        before in events(),
        some in proptest::collection::btree_set(0..35u8, 0..12),
        more in proptest::collection::btree_set(0..35u8, 1..12),
    ) {
        let limits = Setup::limits(&setup);
        let verdict = |gone: &BTreeSet<u8>| {
            let mut leaving = town(setup.pupils, &before);
            let old = leaving.read().roster;
            for who in gone {
                leaving.live(&Event::Leave(*who), START);
            }
            let counts = compared(&old, &leaving.read().roster, &mut |_, _, _| ());
            judge(&counts, &Circumstances::default(), &limits)
        };
        if verdict(&some) != Verdict::Pass {
            let all = some.union(&more).copied().collect();
            prop_assert_ne!(verdict(&all), Verdict::Pass);
        }
    }
}
