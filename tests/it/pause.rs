//! A pause by hand: until a day, with a reason and a name, shown and ended.

use jiff::civil::Date;
use rostergate::notify::language::Language;
use rostergate::notify::number::day;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, next_year};

fn pause(gateway: &Gateway, until: Date) -> Told {
    gateway.run(&["pause", "--until", &until.to_string(), "--reason", "registren flyttas"])
}

#[test]
fn a_pause_is_shown_with_its_day_its_reason_and_who_asked() {
    let gateway = Gateway::new();
    let until = next_year();
    pause(&gateway, until).exits(0).says(&format!("PAUS till och med {until}"));
    let status = gateway.run(&["status"]).exits(0);
    status.says(&format!("Paus          till och med {until}, anna.admin: registren flyttas"));
    let status = gateway.run(&["status", "--json"]).exits(0).json();
    assert_eq!(status["pause"]["until"], until.to_string());
    assert_eq!(status["pause"]["who"], "anna.admin");

    let earlier = until.yesterday().unwrap();
    let twice = pause(&gateway, earlier).exits(2).explains("RG366");
    let told = format!("det är redan paus till och med {until}");
    assert!(twice.err.contains(&told), "{}", twice.err);
    let again = ["--lang", "en", "pause", "--until", &earlier.to_string(), "--reason", "x"];
    let told = format!("there is a pause already, through {until}");
    assert!(gateway.run(&again).err.contains(&told));

    gateway.run(&["resume"]).exits(0).says("Nästa körning skickar.");
    assert!(!gateway.run(&["status"]).exits(0).out.contains("Paus"));
    gateway.run(&["resume"]).exits(2).explains("RG366");
    gateway.run(&["history", "--verify"]).exits(0).says("Beslut som hänger ihop: 2 ");
}

#[test]
fn a_day_that_is_past_and_a_reason_that_says_nothing_are_refused() {
    let gateway = Gateway::new();
    let past = pause(&gateway, "2020-01-01".parse().unwrap()).exits(2).explains("RG366");
    assert!(past.err.contains("dagen har redan varit"), "{}", past.err);
    let until = next_year();
    for wrong in [
        &["pause", "--until", &until.to_string()][..],
        &["pause", "--until", &until.to_string(), "--reason", " "],
        &["pause", "--until", "snart", "--reason", "x"],
        &["pause", "--until", &format!("{}-02-30", until.year()), "--reason", "x"],
    ] {
        gateway.run(wrong).exits(2);
    }
    assert!(gateway.run(&["status", "--json"]).exits(0).json()["pause"].is_null());
}

/// A pause that nobody remembers is a gateway turned off. What is advised instead works as it is
/// written.
#[test]
fn a_pause_of_more_than_a_year_is_refused_and_the_longest_is_told() {
    let gateway = Gateway::new();
    let longest = next_year();
    for until in [longest.tomorrow().unwrap(), Date::MAX] {
        let told = pause(&gateway, until).exits(2).explains("RG375");
        let advised = format!(" pause --until {longest} --reason \"skäl\"\n");
        assert!(told.err.contains(&advised), "{}", told.err);
        assert!(told.err.contains("som längst gälla till och med"), "{}", told.err);
    }
    assert!(gateway.run(&["status", "--json"]).exits(0).json()["pause"].is_null());
    pause(&gateway, longest).exits(0);
}

/// Others than whoever typed it know that nights bring nothing, and when they do again.
#[test]
fn a_pause_and_its_end_are_mailed_without_the_reason() {
    let gateway = Gateway::new().mailing();
    let until = next_year();
    pause(&gateway, until).exits(0);
    pause(&gateway, until).exits(2);
    gateway.run(&["resume"]).exits(0);
    gateway.run(&["resume"]).exits(2);
    let mails = gateway.mails();
    let [begun, ended] = &mails[..] else { panic!("{} mails", mails.len()) };
    assert_eq!(
        begun.subject,
        format!(
            "[TEST] [PAUS] Exempelby kommun: leveranserna är pausade till och med {} {}",
            day(until, Language::Sv),
            until.year()
        )
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
    let until = next_year();
    pause(&gateway, until).exits(0);
    let told = gateway.run(&plan).exits(0);
    let (through, year) = (day(until, Language::Sv), until.year());
    let told =
        told.says(&format!("Skickas INTE: paus till och med {through} {year} (anna.admin)."));
    assert!(!told.out.contains("Skulle SKICKAS"), "{}", told.out);
    let json = gateway.run(&["plan", "--as-of", "2026-08-25T10:00", "--json"]).json();
    assert_eq!(json["targets"]["lms"]["result"], "paused");
    assert_eq!(json["targets"]["lms"]["paused-through"], until.to_string());
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
