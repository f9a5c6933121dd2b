//! F74: a clock that cannot be right holds every target, and makes nothing older.

use std::fs;

use jiff::{SignedDuration, Zoned};
use rostergate::state::StateDir;

use crate::support::export::Export;
use crate::support::gateway::Gateway;

fn changed(surname: &str) -> Export {
    Export::night("night2").with("personer.csv", "Nygift", surname)
}

#[test]
fn f74_an_hour_back_and_forty_days_ahead_are_right_and_more_is_held() {
    for (time, right) in [
        ("2026-08-24T03:15:00", true),
        ("2026-08-24T03:14:59", false),
        ("2026-08-23T04:15:00", false),
        ("2016-08-24T04:15:00", false),
        ("2026-10-03T04:15:00", true),
        ("2026-10-03T04:15:01", false),
        ("2036-08-24T04:15:00", false),
    ] {
        let gateway = Gateway::new().delivered();
        gateway.export(&changed("Nygift").lasting());
        gateway.run_at(time);
        let reasons = gateway.run(&["status", "--json"]).json()["targets"]["lms"]["held"].clone();
        let held = if reasons.is_string() { gateway.held_for() } else { Vec::new() };
        assert_eq!(held.contains(&"RG360".to_owned()), !right, "{time}: {held:?}");
    }
}

#[test]
fn f74_a_wrong_clock_ages_expires_and_erases_nothing_and_is_told() {
    let gateway = Gateway::new().mailing().delivered();
    let judged = |gateway: &Gateway| gateway.baseline()["delivered"]["judged_at"].clone();
    let (before, aged) = (gateway.received(), judged(&gateway));
    let folders = || fs::read_dir(gateway.state().join("runs")).unwrap().count();
    let stored = folders();
    for time in ["2036-08-25T04:15", "2036-08-26T04:15", "2016-01-01T04:15"] {
        gateway.export(&changed("Nygift").lasting());
        gateway.run_at(time).exits(10).says("Enligt serverns klocka");
        assert_eq!(gateway.held_for()[0], "RG360");
        assert_eq!(judged(&gateway), aged, "{time}");
    }
    assert_eq!(folders(), stored + 3, "ten years later nothing is erased");
    assert_eq!(gateway.received(), before);
    gateway.run(&["history"]).exits(0).says("anna.admin");
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("serverns klocka går fel"), "{}", mail.subject);
    assert!(mail.body.contains("timedatectl") && mail.body.contains("RG360"), "{}", mail.body);
    // Set right again, the next night goes as if nothing had been.
    gateway.night_of(25, &changed("Nygift")).exits(0);
    assert!(gateway.xml().contains("Nygift"));
}

/// Held every night, not only on the first, until a person says that the time is right.
#[test]
fn f74_an_approval_vouches_for_the_time() {
    let gateway = Gateway::new().delivered();
    for day in ["2026-11-01", "2026-11-02"] {
        gateway.export(&changed("Nygift"));
        gateway.run_at(&format!("{day}T04:15")).exits(10);
        assert!(gateway.held_for().contains(&"RG360".to_owned()), "{day}");
    }
    gateway.approve(&[]).exits(0);
    gateway.export(&changed("Nyare"));
    gateway.run_at("2026-11-03T04:15").exits(0);
    assert!(gateway.xml().contains("Nyare"));
}

#[test]
fn f74_a_night_without_news_tells_of_the_clock_too() {
    let gateway = Gateway::new().mailing().delivered();
    gateway.run_at("2026-08-01T04:15").exits(0).says("inget skickades");
    let mails = gateway.mails();
    assert!(mails.last().unwrap().body.contains("RG360"), "{}", mails.last().unwrap().body);
}

#[test]
fn f74_newly_protected_persons_wait_for_a_right_clock_and_that_is_urgent() {
    let gateway = Gateway::new().mailing().delivered();
    let before = gateway.received();
    gateway.export(&Export::night("night2").lasting().marked("elev-al-1A-2", "J"));
    gateway.run_at("2036-08-25T04:15").exits(10);
    assert_eq!(gateway.received(), before);
    let mails = gateway.mails();
    let mail = &mails.last().unwrap().body;
    assert!(mail.contains("BRÅDSKANDE: skyddade personuppgifter kunde inte tas bort"), "{mail}");
}

/// Runs at a played time and at the machine's know nothing of each other's.
#[test]
fn f74_played_nights_are_compared_with_played_nights() {
    let gateway = Gateway::new();
    gateway.export(&Export::night("night1").lasting());
    gateway.run(&["run"]).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let played = |time: &str| {
        gateway.export(&Export::night("night2").lasting());
        gateway.run_at(time);
        let status = gateway.run(&["status", "--json"]).json();
        let held = status["targets"]["lms"]["held"].is_string();
        held && gateway.held_for().contains(&"RG360".to_owned())
    };
    assert!(!played("2010-08-25T04:15"), "the first played night has none before it");
    assert!(played("2009-08-25T04:15"));
    gateway.export(&Export::night("night2").lasting().with("personer.csv", "Nygift", "Nyare"));
    // By the calendar of that delivery the baseline is old; by its own the clock is right.
    gateway.run(&["run"]).exits(10);
    assert_eq!(gateway.held_for(), ["RG347"]);
}

/// By the machine's own clock, which is believed to have been three hours ahead.
#[test]
#[expect(clippy::disallowed_methods, reason = "a run by the machine's clock")]
fn f74_a_real_run_is_held_and_check_tells_of_it() {
    let gateway = Gateway::new();
    gateway.run(&["check"]).exits(66).says("OK      Klocka");
    gateway.export(&Export::night("night1").lasting());
    gateway.run(&["run"]).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    gateway.run(&["check"]).exits(0).says("förra körningen");
    let now = Zoned::now();
    let ahead = now.timestamp() + SignedDuration::from_hours(3);
    StateDir::open(&gateway.state(), &now).unwrap().believe_clock(false, ahead).unwrap();
    gateway.run(&["check"]).exits(10).says("började körningen 2 timmar före den förra.");
    gateway.export(&Export::night("night2").lasting());
    gateway.run(&["run"]).exits(10).says("Enligt serverns klocka");
    let seen = gateway.run(&["plan", "--json"]).exits(10).json();
    assert_eq!(super::codes(&seen["targets"]["lms"])[0], "RG360");
    gateway.approve(&[]).exits(0);
    gateway.run(&["check"]).exits(0);
}

/// A ledger of a program that did not note the time knows its runs.
#[test]
fn f74_without_a_noted_time_the_last_run_counts() {
    let folder = tempfile::tempdir().unwrap();
    let now: Zoned = "2026-08-24T04:15:00+02:00[Europe/Stockholm]".parse().unwrap();
    let state = StateDir::open(folder.path(), &now).unwrap();
    let last = |replay| rostergate::gateway::clock::last(&state, replay).unwrap();
    assert_eq!((last(true), last(false)), (None, None));
    for (trigger, hours) in [("timer", 0), ("replay", 1), ("approve", 2), ("adopt", 3)] {
        let start = rostergate::state::RunStart {
            trigger: trigger.to_owned(),
            version: "0.1.0".to_owned(),
            config_digest: rostergate::state::Digest::of(b"x"),
            invocation: None,
        };
        state.begin_run(&start, &(&now + SignedDuration::from_hours(hours))).unwrap();
    }
    let at = |hours| Some(now.timestamp() + SignedDuration::from_hours(hours));
    assert_eq!((last(false), last(true)), (at(0), at(1)));
    state.believe_clock(false, now.timestamp() + SignedDuration::from_hours(9)).unwrap();
    assert_eq!((last(false), last(true)), (at(9), at(1)));
}
