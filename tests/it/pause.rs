//! A pause by hand: until a day, with a reason and a name, shown and ended.

use crate::support::gateway::{Gateway, Told};

fn pause(gateway: &Gateway, until: &str) -> Told {
    gateway.run(&["pause", "--until", until, "--reason", "registren flyttas"])
}

#[test]
fn a_pause_is_shown_with_its_day_its_reason_and_who_asked() {
    let gateway = Gateway::new();
    pause(&gateway, "2199-12-31").exits(0).says("PAUS till och med 2199-12-31");
    let status = gateway.run(&["status"]).exits(0);
    status.says("Paus          till och med 2199-12-31, anna.admin: registren flyttas");
    let status = gateway.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["pause"]["until"], "2199-12-31");
    assert_eq!(status["pause"]["who"], "anna.admin");

    let twice = pause(&gateway, "2199-12-30").exits(2).explains("RG366");
    assert!(twice.err.contains("det är redan paus till och med 2199-12-31"), "{}", twice.err);
    let english = gateway.run(&["--lang", "en", "pause", "--until", "2199-12-30", "--reason", "x"]);
    assert!(english.err.contains("there is a pause already, through 2199-12-31"));

    gateway.run(&["resume"]).exits(0).says("Nästa körning skickar.");
    assert!(!gateway.run(&["status"]).exits(0).out.contains("Paus"));
    gateway.run(&["resume"]).exits(2).explains("RG366");
    gateway.run(&["history", "--verify"]).exits(0).says("Beslut som hänger ihop: 2 ");
}

#[test]
fn a_day_that_is_past_and_a_reason_that_says_nothing_are_refused() {
    let gateway = Gateway::new();
    let past = pause(&gateway, "2020-01-01").exits(2).explains("RG366");
    assert!(past.err.contains("dagen har redan varit"), "{}", past.err);
    for wrong in [
        &["pause", "--until", "2199-12-31"][..],
        &["pause", "--until", "2199-12-31", "--reason", " "],
        &["pause", "--until", "snart", "--reason", "x"],
        &["pause", "--until", "2199-02-30", "--reason", "x"],
    ] {
        gateway.run(wrong).exits(2);
    }
    assert!(gateway.run(&["status", "--json"]).exits(0).json()["pause"].is_null());
}
