//! Decisions are chained: none can be changed, removed or put in without being seen.

use std::collections::BTreeMap;

use rostergate::pipeline::by_hand::Traits;
use rostergate::roster::entity::Person;
use rostergate::state::{Broken, Decision, Pause, Retention, RunEnd, Withdrawn};
use rusqlite::Connection;

use super::*;
use crate::support::sealing::{ledger, reseal};

/// A held night, an approval that is refused, one that is not, a delivery that fails, one that
/// succeeds, a lost answer that is settled, a key, a pause and a withdrawal.
fn a_busy_week(folder: &Path) -> Vec<Decision> {
    let night = Night::open(folder, 0);
    let id = night.held();
    let wrong = Approval { confirmed: 1, ..night.approval() };
    let now = night.now.timestamp();
    assert!(night.state.held(&id).unwrap().approve(wrong.clone(), &night.today()).is_err());
    let end = RunEnd { at: now, result: "refused".into(), exit: 2 };
    night.state.refuse(&id, &wrong, &night.run, end).unwrap();
    night.approve(&id).unwrap().abandon(Code(410), now).unwrap();
    night.deliver(night.approve(&id).unwrap());
    drop(night);
    lost_answer(folder, 24);
    let night = Night::open(folder, 48);
    let now = night.now.timestamp();
    for open in night.state.unfinished(TARGET).unwrap() {
        open.stay_unknown(Code(430), now).unwrap();
    }
    for open in night.state.unfinished(TARGET).unwrap() {
        open.settle_published(receipt(&night.now)).unwrap();
    }
    adopt(&night);
    night.state.add_pin(TARGET, "SHA256:one", "anna.a", now).unwrap();
    night.state.add_pin(TARGET, "SHA256:one", "bo.b", now).unwrap();
    night.state.begin_pause(&pause(&night, 3), night.now.date()).unwrap();
    night.state.resume("bo.b", now, night.now.date()).unwrap();
    let person = withdrawn(&night);
    assert!(night.state.withdraw(&person, &night.run).unwrap());
    let undone = night.state.undo_withdrawal("P1", "bo.b", "a mistake", &night.run, now);
    assert!(undone.unwrap());
    night.state.note_receipt(&night.run).unwrap();
    night.state.decisions().unwrap()
}

fn pause(night: &Night, days: i64) -> Pause {
    let until = night.now.date() + jiff::Span::new().days(days);
    let (reason, who) = ("the registers move".into(), "anna.a".into());
    Pause { until, reason, who, at: night.now.timestamp() }
}

fn withdrawn(night: &Night) -> Withdrawn {
    let (key, reason, who) = ("P1".into(), "protected".into(), "anna.a".into());
    let (at, known_by) = (night.now.timestamp(), Traits::default());
    Withdrawn { key, reason, who, at, known_by }
}

#[test]
fn every_decision_is_in_the_chain_with_who_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = a_busy_week(folder.path());
    let what: Vec<&str> = decisions.iter().map(|decision| &*decision.what).collect();
    #[rustfmt::skip]
    let expected = [
        "held", "refused", "approved", "failed", "approved", "delivered", "unknown", "delivered",
        "adopted", "trusted", "paused", "resumed", "withdrawn", "undone",
    ];
    assert_eq!(what, expected);
    let of = |at: usize| (decisions[at].who.as_deref(), decisions[at].why.as_deref());
    assert_eq!(of(0), (None, None));
    assert_eq!(of(2), (Some("anna.a"), Some("Björkskolan closed")));
    assert_eq!(of(3), (None, Some("RG410")));
    assert_eq!(of(9), (Some("anna.a"), Some("SHA256:one")));
    assert_eq!(of(10), (Some("anna.a"), Some("2026-08-29: the registers move")));
    assert_eq!((decisions[5].removed, decisions[12].removed), (312, 1));
    assert!(decisions[5].digest.is_some() && decisions[5].digest == decisions[0].digest);
    let text = serde_json::to_string(&decisions).unwrap();
    assert!(!text.contains("P1\""), "a decision never holds a key: {text}");
}

#[test]
fn a_chain_that_nobody_touched_holds_to_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = a_busy_week(folder.path());
    let state = StateDir::read_only(folder.path()).unwrap();
    let report = state.verify_chain().unwrap();
    assert_eq!((report.count, report.broken), (14, None));
    assert_eq!(report.from, Some(decisions[0].at));
    assert_eq!(report.through, Some(decisions[13].at));
    assert_eq!(report.head, state.chain_head().unwrap());
    assert_eq!(report.head.as_ref(), Some(&decisions[13].hash));
    let last = state.recent_runs(1).unwrap();
    assert_eq!(last[0].receipt, report.head);
    let empty = StateDir::read_only(&folder.path().join("none")).unwrap();
    assert_eq!((empty.verify_chain().unwrap().count, empty.chain_head().unwrap()), (0, None));
}

/// What somebody who can write the file would do to it, seals included.
fn tampered(with: impl FnOnce(&Connection)) -> rostergate::state::ChainReport {
    let folder = tempfile::tempdir().unwrap();
    a_busy_week(folder.path());
    with(&ledger(folder.path()));
    // The seals hold, so it opens like any other.
    drop(Night::open(folder.path(), 72));
    StateDir::read_only(folder.path()).unwrap().verify_chain().unwrap()
}

#[test]
fn an_edited_decision_is_seen_though_its_seal_holds() {
    let report = tampered(|ledger| {
        reseal(ledger, "decision", "n = 5", &|text| text.replace("anna.a", "olle.o"));
    });
    let broken = report.broken.unwrap();
    assert_eq!((report.count, broken.what), (4, Broken::Changed));
    assert_eq!(broken.decision, "approved");
    assert_eq!(broken.at, Some(at(0).timestamp()));
    assert!(broken.run.unwrap().as_str().starts_with("R-20260824-0415-"));
}

#[test]
fn a_removed_decision_is_seen() {
    let report = tampered(|ledger| {
        ledger.execute("DELETE FROM decision WHERE n = 2", []).unwrap();
    });
    let broken = report.broken.unwrap();
    assert_eq!((report.count, broken.what), (1, Broken::Missing));
    assert_eq!(broken.decision, "approved");
}

#[test]
fn decisions_cut_off_at_the_end_are_seen_by_what_the_mail_said() {
    let report = tampered(|ledger| {
        ledger.execute("DELETE FROM decision WHERE n > 8", []).unwrap();
    });
    let broken = report.broken.unwrap();
    assert_eq!((report.count, broken.what), (8, Broken::CutOff));
    assert!(broken.run.unwrap().as_str().starts_with("R-20260826-"));
}

#[test]
fn decisions_cut_off_at_the_beginning_are_seen() {
    for which in ["n < 2", "n < 14"] {
        let report = tampered(|ledger| {
            ledger.execute(&format!("DELETE FROM decision WHERE {which}"), []).unwrap();
        });
        assert_eq!((report.count, report.broken.unwrap().what), (0, Broken::Missing), "{which}");
    }
}

fn keep(days: i64) -> Retention {
    let days = jiff::Span::new().days(days);
    Retention { sent_files: days, history: days, removals: days }
}

/// The same, after retention has erased the six decisions of the first night.
fn tampered_later(with: impl FnOnce(&Connection)) -> (rostergate::state::ChainReport, usize) {
    let folder = tempfile::tempdir().unwrap();
    a_busy_week(folder.path());
    let later = Night::open(folder.path(), 24 * 11);
    later.state.retention(&later.now, &keep(10)).unwrap();
    with(&ledger(folder.path()));
    // What does not hold is not erased, and so does not come to hold.
    let erased = later.state.retention(&at(24 * 500), &keep(10)).unwrap().decisions;
    (later.state.verify_chain().unwrap(), erased)
}

#[test]
fn what_retention_erased_is_told_from_what_somebody_removed() {
    let sql = |sql: &'static str| move |ledger: &Connection| ledger.execute_batch(sql).unwrap();
    let missing = |(report, erased): (rostergate::state::ChainReport, usize)| {
        let broken = report.broken.unwrap();
        assert_eq!((report.count, broken.what, erased), (0, Broken::Missing, 0));
        broken.decision
    };
    assert_eq!(missing(tampered_later(sql("DELETE FROM decision WHERE n = 7"))), "delivered");
    assert_eq!(missing(tampered_later(sql("DELETE FROM decision WHERE n < 14"))), "undone");
    assert_eq!(
        missing(tampered_later(sql("DELETE FROM meta WHERE id = 'chain-start'"))),
        "unknown"
    );
    let edited = |ledger: &Connection| {
        let change = |text: &str| text.replace("\"after\":\"", "\"after\":\"0");
        reseal(ledger, "meta", "id = 'chain-start'", &change);
    };
    assert_eq!(missing(tampered_later(edited)), "unknown");
    assert_eq!(missing(tampered_later(sql("DELETE FROM run; DELETE FROM decision"))), "");
    let (report, erased) = tampered_later(sql("DELETE FROM decision WHERE n = 9"));
    assert_eq!((report.count, erased), (0, 2), "what holds goes, up to the gap");
    assert_eq!(report.broken.unwrap().what, Broken::Missing);
    let (report, erased) = tampered_later(|_| ());
    assert_eq!((report.count, report.broken, erased), (1, None, 7));
}

#[test]
fn persons_withdrawn_by_hand_are_as_many_as_was_decided() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let one = withdrawn(&night);
    let withdraw = |key: &str| {
        let person = Withdrawn { key: key.into(), ..one.clone() };
        night.state.withdraw(&person, &night.run).unwrap()
    };
    let broken = || night.state.verify_chain().unwrap().broken.map(|broken| broken.what);
    let remove = || ledger(folder.path()).execute("DELETE FROM withdrawn WHERE id = 'P2'", []);
    assert!(withdraw("P1") && withdraw("P2") && !withdraw("P2"));
    let now = night.now.timestamp();
    assert!(night.state.undo_withdrawal("P1", "bo.b", "moved", &night.run, now).unwrap());
    assert_eq!(broken(), None);
    assert_eq!(night.state.retention(&at(24 * 11), &keep(10)).unwrap().decisions, 3);
    assert_eq!(broken(), None, "those who were withdrawn by erased decisions count");
    assert!(withdraw("P3"));
    assert_eq!(broken(), None);

    assert_eq!(remove().unwrap(), 1);
    assert_eq!(broken(), Some(Broken::Withdrawn));
    assert_eq!(night.state.retention(&at(24 * 12), &keep(10)).unwrap().decisions, 1);
    assert_eq!(broken(), Some(Broken::Withdrawn), "nor is it forgotten");
    assert!(withdraw("P2"), "which is one decision more");
    assert_eq!(broken(), Some(Broken::Withdrawn));
}

#[test]
fn history_may_go_and_the_rest_still_holds() {
    let folder = tempfile::tempdir().unwrap();
    let decisions = a_busy_week(folder.path());
    let later = Night::open(folder.path(), 24 * 11);
    let pruned = later.state.retention(&later.now, &keep(10)).unwrap();
    assert_eq!(pruned.decisions, 6, "those of the first night");
    let report = later.state.verify_chain().unwrap();
    assert_eq!((report.count, report.broken), (8, None));
    assert_eq!(report.head.as_ref(), Some(&decisions[13].hash));
    drop(later);
    let years = Night::open(folder.path(), 24 * 500);
    years.state.retention(&years.now, &keep(10)).unwrap();
    let report = years.state.verify_chain().unwrap();
    assert_eq!((report.count, report.broken), (1, None), "its end stays");
    years.held();
    assert_eq!(years.state.verify_chain().unwrap().count, 2);
}

#[test]
fn a_pause_holds_through_its_last_day_and_is_asked_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let (state, today) = (&night.state, night.now.date());
    assert_eq!(state.pause().unwrap(), None);
    let asked = pause(&night, 2);
    state.begin_pause(&asked, today).unwrap();
    assert_eq!(state.pause().unwrap(), Some(asked.clone()));
    let day = |days| today + jiff::Span::new().days(days);
    assert!(asked.holds(today) && asked.holds(day(2)) && !asked.holds(day(3)));
    let twice = state.begin_pause(&pause(&night, 5), day(2)).unwrap_err();
    assert_eq!(
        (twice.code(), twice.to_string()),
        (Code(366), "a pause holds until 2026-08-26".into())
    );
    let over = state.resume("bo.b", night.now.timestamp(), day(3)).unwrap_err();
    assert!(matches!(over, StateError::NotPaused) && over.code() == Code(366));
    state.begin_pause(&pause(&night, 5), day(3)).unwrap();
    assert_eq!(state.resume("bo.b", night.now.timestamp(), day(4)).unwrap().until, day(5));
    assert_eq!(state.pause().unwrap(), None);
    assert!(state.resume("bo.b", night.now.timestamp(), day(4)).is_err());
}

#[test]
fn a_withdrawn_person_stays_withdrawn_until_that_is_undone_and_is_erased_then() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let state = &night.state;
    let person = Withdrawn { key: "a-key-like-no-other".into(), ..withdrawn(&night) };
    assert!(state.withdraw(&person, &night.run).unwrap());
    let again = Withdrawn { who: "bo.b".into(), ..person.clone() };
    assert!(!state.withdraw(&again, &night.run).unwrap(), "already");
    assert_eq!(state.withdrawn().unwrap(), std::slice::from_ref(&person));
    state.retention(&at(24 * 900), &keep(1)).unwrap();
    assert_eq!(state.verify_chain().unwrap().broken, None, "and asked for twice");
    assert_eq!(state.withdrawn().unwrap().len(), 1, "however old");
    let other = Person {
        key: "another-key-of-theirs",
        given_name: "A",
        family_name: "B",
        ..Person::default()
    };
    let known_by = Traits::of(&other, "salt");
    state.know_again(&BTreeMap::from([(person.key.clone(), known_by.clone())])).unwrap();
    state.know_again(&BTreeMap::from([("of-nobody".to_owned(), Traits::default())])).unwrap();
    let by_hand = state.by_hand().unwrap();
    assert_eq!(by_hand.persons, BTreeMap::from([(person.key.clone(), known_by)]));
    assert_eq!(by_hand.known_as(other.key).collect::<Vec<_>>(), [&person.key]);
    assert_eq!(state.verify_chain().unwrap().broken, None);
    let now = night.now.timestamp();
    let undo = |key| state.undo_withdrawal(key, "bo.b", "moved", &night.run, now).unwrap();
    assert!(!undo("another"));
    assert!(undo(&person.key) && !undo(&person.key));
    assert!(state.withdrawn().unwrap().is_empty());
    let bytes = fs::read(folder.path().join("ledger.sqlite3")).unwrap();
    for key in [&person.key, other.key] {
        let left = bytes.windows(key.len()).any(|part| part == key.as_bytes());
        assert!(!left, "the key is still in the file");
    }
}
