//! A pause by hand: until a day, with a reason and a name, shown and ended.

use crate::support::export::Export;
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

/// Others than whoever typed it know that nights bring nothing, and when they do again.
#[test]
fn a_pause_and_its_end_are_mailed_without_the_reason() {
    let gateway = Gateway::new().mailing();
    pause(&gateway, "2199-12-31").exits(0);
    pause(&gateway, "2199-12-31").exits(2);
    gateway.run(&["resume"]).exits(0);
    gateway.run(&["resume"]).exits(2);
    let mails = gateway.mails();
    let [begun, ended] = &mails[..] else { panic!("{} mails", mails.len()) };
    assert_eq!(
        begun.subject,
        "[TEST] [PAUS] Exempelby kommun: leveranserna är pausade till och med 31 dec 2199"
    );
    assert_eq!(
        ended.subject,
        "[TEST] [PAUS] Exempelby kommun: pausen är slut, nästa körning skickar"
    );
    for part in ["anna.admin har pausat leveranserna", "rostergate.toml resume", "Gör så här"] {
        let flat = begun.body.replace("=\n", "").replace(" \\\n       ", " ");
        let found = flat.to_lowercase().contains(&part.to_lowercase());
        assert!(found, "no {part} in {}", begun.body);
    }
    assert!(ended.body.contains("anna.admin har avslutat"), "{}", ended.body);
    assert!(!mails.iter().any(|mail| mail.all.contains("registren flyttas")), "free text");
}

#[test]
fn plan_says_that_nothing_goes_out_in_a_pause() {
    let gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    let plan = ["plan", "--as-of", "2026-08-25T10:00"];
    gateway.run(&plan).exits(0).says("  Skulle SKICKAS.");
    pause(&gateway, "2199-12-31").exits(0);
    let told = gateway.run(&plan).exits(0);
    let told = told.says("Skickas INTE: paus till och med 31 dec (anna.admin).");
    assert!(!told.out.contains("Skulle SKICKAS"), "{}", told.out);
    let json = gateway.run(&["plan", "--as-of", "2026-08-25T10:00", "--json"]).json();
    assert_eq!(json["targets"]["lms"]["result"], "paused");
    assert_eq!(json["targets"]["lms"]["paused-through"], "2199-12-31");
}

/// A key that the register does not have, and a name in a key's place.
#[test]
fn a_school_that_is_not_in_the_register_is_told_by_check() {
    let mut gateway = Gateway::new();
    gateway.export(&Export::night("night1").lasting());
    assert!(!gateway.run(&["check"]).out.contains("RG127"));
    let test = "environment = \"test\"";
    gateway.change(test, &format!("{test}\nschools = [\"99000001\", \"9900001\", \"Ekskolan\"]"));
    let told = gateway.run(&["check"]);
    assert_eq!(told.out.matches("(RG127)").count(), 2, "{}", told.out);
    assert!(told.out.contains("ingen skola 9900001, som"), "{}", told.out);
    assert!(told.out.contains("skolan som heter så har nyckeln 990"), "{}", told.out);
}
