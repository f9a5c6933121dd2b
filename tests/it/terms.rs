//! What stands above windows and their lists: sentinels, pauses, protection, and the terms under
//! which something went missing. Each test of a safety rule carries its number.

use crate::support::export::Export;
use crate::support::gateway::{Gateway, next_year};

const PUPIL: &str = "elev-al-1A-3";

fn gateway(more: &str) -> Gateway {
    let mut gateway = Gateway::new().mailing().delivered();
    gateway.configure(format!("{}\n{more}", gateway.config()));
    gateway
}

fn window(hold: &str, release: &str) -> String {
    format!(
        "[[window]]\nname = \"Läsårsskifte\"\nfrom = 2026-08-25\nthrough = 2026-08-27\n\
         hold = {hold}\nrelease = \"{release}\"\n"
    )
}

fn has(gateway: &Gateway, key: &str) -> bool {
    gateway.xml_now().contains(&format!("<id>{key}</id>"))
}

/// An export without some pupils, and with another given name each night.
fn without(pupils: &[&str], night: u8) -> Export {
    let drop = |export: Export, pupil: &&str| export.without(&format!("{pupil};"));
    let export = pupils.iter().fold(Export::night("night1"), drop);
    export.with("personer.csv", "Didrik", &format!("Didrik{night}"))
}

fn school_missing() -> Export {
    Export::night("night3-school-missing")
}

#[test]
fn no_approval_lets_go_what_must_be_there() {
    let mut gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway
        .change("always-allow = 3", "always-allow = 3\nsentinels = { schools = [\"99000003\"] }");
    gateway.night_of(26, &school_missing()).exits(0);
    gateway.night_of(28, &school_missing()).exits(0);
    let status = gateway.run(&["status", "--json"]).json();
    assert!(status["targets"]["lms"]["held"].is_null(), "no list without the school: {status}");
    assert!(gateway.mails().last().unwrap().body.contains("RG354"));
    assert!(has(&gateway, "elev-ek-4A-7"));
}

#[test]
fn rule_16_a_night_that_misses_a_sentinel_makes_older_plans_stale() {
    let mut gateway = gateway("");
    gateway.change("always-allow = 3", "always-allow = 3\nsentinels = { persons = 60 }");
    gateway.night_of(25, &Export::night("night2").without("elev-ek-4A-")).exits(10);
    let older = gateway.held();
    gateway.night_of(26, &school_missing()).exits(65);
    gateway.approve_plan(&older, &[]).exits(10).explains("RG331");
    assert!(has(&gateway, "elev-ek-4A-7"));
}

#[test]
fn rule_14_what_may_go_by_itself_does_not_hold_up_the_rest() {
    let mut gateway = gateway(&window("[\"remove\"]", "auto"));
    gateway.change("always-allow = 3", "always-allow = 3\nsentinels = { persons = 87 }");
    gateway.night_of(26, &without(&[PUPIL], 26)).exits(0);
    gateway.night_of(28, &without(&[PUPIL], 28)).exits(0);
    assert!(gateway.xml_now().contains("Didrik28"), "changes go on");
    assert!(has(&gateway, PUPIL), "87 must be there");
}

#[test]
fn rule_18_and_19_whoever_could_not_be_taken_out_goes_though_the_register_rests() {
    let gateway = gateway("");
    let away = gateway.remote().with_extension("away");
    std::fs::rename(gateway.remote(), &away).unwrap();
    let at = ["--as-of", "2026-08-24T10:00"];
    let told = gateway.run(&[&["withdraw", PUPIL, "--reason", "skydd"], &at[..]].concat());
    assert_ne!(told.exit, 0);
    std::fs::rename(&away, gateway.remote()).unwrap();
    assert!(has(&gateway, PUPIL));
    gateway.night_of(25, &Export::night("night1")).exits(0);
    assert!(!has(&gateway, PUPIL));
}

#[test]
fn rule_20_a_window_keeps_neither_a_revealing_name_nor_a_guardian_left_alone() {
    let group = |export: Export, name: &str| {
        let row =
            format!("stod-77;undervisning;{name};99000001;2026/2027;MA;2026-08-17;2027-06-11");
        let member = |pupil: &str| format!("{pupil};stod-77;elev;2026-08-17;2027-06-11");
        let export = export.row("grupper.csv", &row);
        let export = export.row("medlemskap.csv", &member("elev-al-1A-2"));
        export.row("medlemskap.csv", &member("elev-al-1A-1"))
    };
    let late = window("[\"remove\", \"change\"]", "approve").replace("2026-08-25", "2026-08-26");
    let named = gateway(&late);
    named.night_of(25, &group(Export::night("night1"), "Stöd Elsa Ek")).exits(0);
    assert!(named.xml_now().contains("Stöd Elsa Ek"));
    let marked = Export::night("night1").marked("elev-al-1A-2", "J");
    named.night_of(26, &group(marked, "Stöd 3")).exits(0);
    assert!(!has(&named, "elev-al-1A-2") && !named.xml_now().contains("Elsa Ek"));

    for more in [window("[\"remove\"]", "approve"), "[grace]\npersons = \"14d\"\n".to_owned()] {
        let gateway = gateway(&more);
        let gone = Export::night("night1").marked("elev-al-1A-2", "J").without("vuxen-al-2;");
        gateway.night_of(25, &gone).exits(0);
        assert!(!has(&gateway, "elev-al-1A-2") && !has(&gateway, "vuxen-al-2"), "{more}");
    }

    let gateway = gateway(&window("[\"remove\"]", "approve"));
    let both = Export::night("night1").without("elev-al-1A-2;").without("vuxen-al-2;");
    gateway.night_of(25, &both).exits(0);
    assert!(has(&gateway, "vuxen-al-2"), "they wait");
    let at = ["--as-of", "2026-08-25T10:00"];
    gateway.run(&[&["withdraw", "elev-al-1A-2", "--reason", "x"], &at[..]].concat()).exits(0);
    assert!(!has(&gateway, "elev-al-1A-2") && !has(&gateway, "vuxen-al-2"));
}

#[test]
fn rule_12_what_the_configuration_made_missing_waits_as_such() {
    let edited = |gateway: &mut Gateway| {
        let (from, to) = ("file            = \"personer.csv\"", "file            = \"andra.csv\"");
        gateway.change(from, to);
    };
    let exports = |night: u8| {
        let mut export = without(&[PUPIL], night);
        let persons = export.0["personer.csv"].clone();
        export.0.insert("andra.csv".into(), persons);
        export.0.insert("personer.csv".into(), Export::night("night1").0["personer.csv"].clone());
        export
    };
    let mut window_gateway = gateway(&window("[\"remove\"]", "auto"));
    edited(&mut window_gateway);
    window_gateway.night_of(26, &exports(26)).exits(0);
    window_gateway.night_of(28, &exports(28)).exits(0);
    assert!(has(&window_gateway, PUPIL), "it waits for a person");
    let list = window_gateway.run(&["plan", &window_gateway.held(), "--json"]).json();
    assert!(list["codes"].as_array().unwrap().contains(&"RG359".into()), "{list}");
    let mut grace = gateway("[grace]\npersons = \"2d\"\n");
    edited(&mut grace);
    for night in 25..=26 {
        grace.night_of(night, &exports(night)).exits(0);
    }
    grace.night_of(27, &exports(27)).exits(10);
    assert!(has(&grace, PUPIL));
}

#[test]
fn rule_14_an_edit_makes_the_terms_stricter_and_never_easier() {
    let gone = ["elev-al-1A-3", "elev-al-1A-4"];
    let mut grace = gateway("[grace]\npersons = \"14d\"\n");
    grace.night_of(25, &without(&gone, 25)).exits(0);
    grace.change("[grace]\npersons = \"14d\"\n", "");
    grace.night_of(26, &without(&gone, 26)).exits(0);
    assert!(has(&grace, PUPIL), "fourteen days were promised");

    let mut auto = gateway(&window("[\"remove\"]", "approve"));
    auto.night_of(26, &without(&gone, 26)).exits(0);
    auto.change("release = \"approve\"", "release = \"auto\"");
    auto.night_of(28, &without(&gone, 28)).exits(0);
    assert!(has(&auto, PUPIL), "a person's approval was promised");
    auto.approve(&[]).exits(0);
    assert!(!has(&auto, PUPIL));
}

#[test]
fn a_staged_list_whose_window_is_deleted_is_put_to_a_person_again() {
    let stages = format!("{}per-night = \"1%\"\n", window("[\"remove\"]", "staged"));
    let gone = ["elev-al-1A-1", "elev-al-1A-3", "elev-al-1A-4"];
    let mut gateway = gateway(&stages);
    let night = |number| {
        let drop = |export: Export, pupil: &&str| export.without(&format!("{pupil};"));
        let export = gone.iter().fold(Export::night("night1"), drop);
        export.with("personer.csv", "Elsa", &format!("Elsa{number}"))
    };
    gateway.night_of(26, &night(26)).exits(0);
    gateway.night_of(28, &night(28)).exits(0);
    gateway.approve(&[]).exits(0);
    gateway.change(&stages, "");
    gateway.night_of(29, &night(29)).exits(0);
    assert!(has(&gateway, PUPIL));
    assert_eq!(gateway.number_of(&gateway.held()), 3);
    gateway.approve(&[]).exits(0);
    assert!(!has(&gateway, PUPIL));
}

#[test]
fn nothing_is_approved_in_a_pause() {
    let gateway = gateway("");
    gateway.night_of(25, &school_missing()).exits(10);
    let held = gateway.held();
    gateway.run(&["pause", "--until", &next_year().to_string(), "--reason", "x"]).exits(0);
    gateway.approve_plan(&held, &[]).exits(10).explains("RG331");
    assert!(has(&gateway, "elev-ek-4A-7"));
    gateway.run(&["resume"]).exits(0);
    gateway.approve_plan(&held, &[]).exits(0);
}

#[test]
fn rule_10_a_faulty_row_does_not_forget_that_somebody_waits() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(26, &without(&[PUPIL], 26)).exits(0);
    gateway.night_of(28, &without(&[PUPIL], 28)).exits(0);
    let row = "elev-al-1A-3;;Filip;Fors;f@elev.exempelby.example;eal1a3;OKÄND;99000001;1;N;";
    let mut wide = gateway;
    wide.change("always-allow = 3", "always-allow = 3\nset-aside = \"10%\"");
    wide.night_of(29, &without(&[PUPIL], 29).row("personer.csv", row)).exits(0);
    wide.night_of(30, &without(&[PUPIL], 30)).exits(0);
    assert!(has(&wide, PUPIL), "it still waits for a person");
    wide.approve(&[]).exits(0);
    assert!(!has(&wide, PUPIL));
}

#[test]
fn the_number_typed_covers_every_list() {
    let two = "[[window]]\nname = \"A\"\nfrom = 2026-08-25\nthrough = 2026-08-25\n\
               hold = [\"remove\"]\nrelease = \"approve\"\n\
               [[window]]\nname = \"B\"\nfrom = 2026-08-26\nthrough = 2026-08-27\n\
               hold = [\"remove\"]\nrelease = \"staged\"\n";
    let gateway = gateway(two);
    gateway.night_of(25, &without(&[PUPIL], 25)).exits(0);
    let more = || school_missing().without("elev-al-1A-3;");
    gateway.night_of(26, &more()).exits(0);
    gateway.night_of(28, &more()).exits(0);
    assert_eq!(gateway.number_of(&gateway.held()), 31, "one at once, thirty in stages");
}

#[test]
fn rule_14_changes_go_when_the_window_ends_though_the_register_rests() {
    let gateway = gateway(&window("[\"remove\", \"change\"]", "approve"));
    gateway.night_of(26, &without(&[], 26)).exits(0);
    assert!(!gateway.xml_now().contains("Didrik26"));
    gateway.night_of(28, &without(&[], 26)).exits(0);
    assert!(gateway.xml_now().contains("Didrik26"));
}

#[test]
fn a_field_that_may_no_longer_be_sent_does_not_wait() {
    let mut gateway = Gateway::new().mailing();
    gateway
        .change("environment = \"test\"", "environment = \"test\"\nsend = [\"personal-number\"]");
    let mut gateway = gateway.delivered();
    assert!(gateway.xml_now().contains("201806132385"));
    gateway.configure(format!(
        "{}\n{}",
        gateway.config(),
        window("[\"remove\", \"change\"]", "approve")
    ));
    gateway.change("\nsend = [\"personal-number\"]", "");
    let told = gateway.night_of(26, &without(&[], 26));
    if told.exit == 10 {
        gateway.approve(&[]).exits(0);
    }
    assert!(!gateway.xml_now().contains("201806132385"), "{}", told.out);
}

#[test]
fn f38_a_groups_key_that_is_used_again_takes_nobody_along() {
    let gateway = gateway(&window("[\"remove\"]", "approve"));
    gateway.night_of(25, &Export::night("night1").without("klass-ek-4A;")).exits(0);
    assert!(has(&gateway, "klass-ek-4A"), "it waits with its pupils");
    let row = "klass-ek-4A;klass;5B Alskolan;99000001;2026/2027;;2026-08-17;2027-06-11";
    let member = "elev-al-1A-1;klass-ek-4A;elev;2026-08-17;2027-06-11";
    let reused = Export::night("night1").without("klass-ek-4A;");
    let reused = reused.row("grupper.csv", row).row("medlemskap.csv", member);
    let before = gateway.received();
    gateway.night_of(26, &reused).exits(10);
    assert_eq!(gateway.received(), before);
    let held = gateway.run(&["plan", &gateway.held(), "--json"]).json();
    assert!(held["codes"].as_array().unwrap().contains(&"RG362".into()), "{held}");
    gateway.approve(&[]).exits(0);
    let xml = gateway.xml_now();
    let of_class = |part: &&str| {
        part.split("<member>").next().is_some_and(|head| head.contains("<id>klass-ek-4A</id>"))
    };
    let class = xml.split("<membership>").skip(1).find(of_class);
    let class = class.expect("the new class has a member");
    assert!(class.contains("elev-al-1A-1<") && !class.contains("elev-ek-"), "{class}");
}
