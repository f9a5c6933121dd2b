//! Nights from end to end: the built program, OpenSSH, a mail server, and a register's exports.

use std::path::Path;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, assert_valid, sha256};

#[test]
fn a_municipality_lives_through_four_nights() {
    let gateway = Gateway::new().mailing();

    gateway.night_of(24, &Export::night("night1")).exits(10).says("STOPPAD");
    assert!(gateway.received().is_empty(), "a first delivery waits for a person");
    assert!(gateway.mails()[0].subject.contains("[STOPPAD]"), "{}", gateway.mails()[0].subject);
    gateway.approve(&["--receiver-empty"]).exits(0).says("GODKÄNT av anna.admin");
    assert_valid(&gateway.remote().join("ims.xml"));
    let first = gateway.xml();
    assert_eq!(first.matches("<person>").count(), 87);

    gateway.night_of(25, &Export::night("night2")).exits(0).says("SKICKAD och kontrollerad");
    assert_valid(&gateway.remote().join("ims.xml"));
    let second = gateway.xml();
    assert!(second.contains("Nygift") && !first.contains("Nygift"));
    assert!(second.contains("elev-bj-4A-9") && !second.contains("elev-bj-4A-8"));

    let (before, told) = (gateway.received(), gateway.told());
    let held = gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    held.says("Ekskolan (29 personer) saknas helt");
    assert_eq!(gateway.received(), before, "bytes, time stamps and listing are as they were");
    assert_eq!(gateway.told(), told);
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("[STOPPAD]") && mail.body.contains("Ekskolan"), "{}", mail.body);

    gateway.night_of(27, &Export::night("night4")).exits(0);
    assert_valid(&gateway.remote().join("ims.xml"));
    assert!(gateway.xml().contains("elev-ek-1A-9"));
    let mails = gateway.mails();
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    let expected = ["[STOPPAD]", "[OK]", "[OK]", "[STOPPAD]", "[OK igen]"];
    assert_eq!(subjects.len(), expected.len(), "{subjects:?}");
    for (subject, word) in subjects.iter().zip(expected) {
        assert!(subject.contains(word) && subject.contains("[TEST]"), "{subjects:?}");
    }
    assert_eq!(gateway.told(), sha256(gateway.xml().as_bytes()));
}

#[test]
fn the_same_register_gives_the_same_bytes_in_any_order_of_rows() {
    let night = Export::night("night1");
    let bytes = |export: &Export| {
        let gateway = Gateway::new();
        gateway.night_of(24, export).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        gateway.xml()
    };
    let first = bytes(&night);
    assert!(first == bytes(&night), "the same input");
    assert!(first == bytes(&night.shuffled()), "other rows first");
}

#[test]
fn a_night_without_a_new_export_sends_nothing() {
    let gateway = Gateway::new().delivered();
    let before = gateway.received();
    gateway.night(25).exits(0).says("inget skickades");
    assert_eq!(gateway.received(), before);
    gateway.run(&["run", "--again", "--as-of", "2026-08-25T05:00"]).exits(0).says("inga ändringar");
    assert_ne!(gateway.received(), before, "sent again, with a new time in it");
}

#[test]
fn looking_changes_nothing() {
    let gateway = Gateway::new().delivered();
    let (before, baseline) = (gateway.received(), gateway.baseline());
    gateway.export(&Export::night("night2"));
    let seen = gateway.run(&["plan", "--as-of", "2026-08-25T04:15", "--json"]).exits(0).json();
    assert_eq!(seen["targets"]["lms"]["result"], "pass");
    assert_eq!(seen["targets"]["lms"]["counts"]["persons"]["added"], 1);
    gateway.run(&["status"]).exits(0);
    gateway.run(&["history"]).exits(0).says("anna.admin");
    assert_eq!((gateway.received(), gateway.baseline()), (before, baseline));
}

/// The exports of exempelstad as they are, with the shipped example as a newcomer would edit it.
#[test]
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn exempelstad_with_the_shipped_example() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let found = beside.map(|folder| folder.join("shared/data/exempelstad")).find(|p| p.is_dir());
    let Some(exports) = found else {
        eprintln!("NOT TESTED: the exports of exempelstad are not in ../shared/data/exempelstad");
        return;
    };
    let mut gateway = Gateway::new().mailing();
    gateway.configure(newcomers(&gateway));
    for (day, folder, exit) in [
        (24, "night1", 10),
        (25, "night2", 0),
        (26, "night3-school-missing", 10),
        (27, "night4", 0),
    ] {
        in_place(&gateway, &exports.join(folder));
        let before = gateway.received();
        let told = gateway.night(day).exits(exit);
        match folder {
            "night1" => {
                gateway.approve(&["--receiver-empty"]).exits(0);
            }
            "night3-school-missing" => {
                told.says("Ängsskolan (295 personer) saknas helt");
                assert_eq!(gateway.received(), before);
            }
            _ => assert_ne!(gateway.received(), before),
        }
        assert_valid(&gateway.remote().join("ims.xml"));
    }
}

/// The new school year of exempelstad inside a window, and its end by each way of release: every
/// group has a new key, and the old ones are missing.
#[test]
#[expect(clippy::print_stderr, reason = "a test that does not run says so")]
fn exempelstad_begins_a_new_school_year() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let found = beside.map(|folder| folder.join("shared/data/exempelstad")).find(|p| p.is_dir());
    let Some(exports) = found else {
        eprintln!("NOT TESTED: the exports of exempelstad are not in ../shared/data/exempelstad");
        return;
    };
    for release in ["approve", "auto", "staged"] {
        let mut gateway = Gateway::new().mailing();
        let stages = if release == "staged" { "per-night = \"10%\"\n" } else { "" };
        let window = format!(
            "[[window]]\nname = \"Läsårsskifte 2027\"\nfrom = 2027-06-10\nthrough = 2027-06-20\n\
             hold = [\"remove\", \"change\"]\nrelease = \"{release}\"\n{stages}\
             add = {{ groups = \"300%\", memberships = \"300%\" }}\n"
        );
        gateway.configure(format!("{}\n{window}", newcomers(&gateway)));
        // Wide, so that the stages take days and not weeks.
        gateway.change("week         = { remove = \"12%\" }", "week = { remove = \"30%\" }");
        let night = |day: &str, folder: &str| {
            in_place(&gateway, &exports.join(folder));
            gateway.run(&["run", "--as-of", &format!("{day}T04:15")])
        };
        let groups = || gateway.xml_now().matches("<group>").count();
        night("2027-06-08", "night1").exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        night("2027-06-09", "night4").exits(0);
        let before = groups();
        night("2027-06-15", "night6-new-school-year").exits(0);
        assert_valid(&gateway.remote().join("ims.xml"));
        assert_eq!(groups(), before + 270, "{release}: the old ones stay beside the new");
        night("2027-06-20", "night6-new-school-year").exits(0);
        let told = gateway.mails().last().unwrap().body.clone();
        let after = night("2027-06-21", "night6-new-school-year").exits(0);
        assert_eq!(groups(), before + 270, "{release}: removals wait on");
        let mails = gateway.mails();
        let mail = mails.last().unwrap();
        assert!(mail.subject.contains("270"), "{release}: {}\n{}\n{told}", mail.subject, after.out);
        gateway.approve(&[]).exits(0);
        if release == "staged" {
            assert_eq!(groups(), before + 270, "the list is approved, and goes in stages");
            let mut day = jiff::civil::date(2027, 6, 22);
            let mut last = groups();
            while groups() > before && day < jiff::civil::date(2027, 8, 30) {
                night(&day.to_string(), "night6-new-school-year");
                assert!(last - groups() <= 54, "10 % of 540 a night at most");
                last = groups();
                day = day.tomorrow().unwrap();
            }
        }
        assert_valid(&gateway.remote().join("ims.xml"));
        assert_eq!(groups(), before, "{release}: the old ones are gone");
    }
}

/// Leaves a folder's files in the inbox as they are; another folder each night would be another
/// configuration each night.
fn in_place(gateway: &Gateway, folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, gateway.inbox().join(path.file_name().unwrap())).unwrap();
    }
}

/// `schemas/example.sv.toml` with the values that a municipality fills in.
fn newcomers(gateway: &Gateway) -> String {
    let example = include_str!("../../schemas/example.sv.toml");
    let (sftp, smtp) = ("[target.itslearning.deliver.sftp]", "[mail.smtp]");
    let ours = gateway.config().replace("[target.lms", "[target.itslearning");
    let state = format!("state    = \"{}\"", gateway.state().display());
    let inbox = format!("folder      = \"{}\"", gateway.inbox().display());
    example
        .replace("state    = \"/var/lib/rostergate\"", &state)
        .replace("folder      = \"/srv/rostergate/inbox\"", &inbox)
        .replace("environment = \"production\"", "environment = \"test\"")
        .replace(section(example, sftp), section(&ours, sftp))
        .replace(section(example, smtp), section(&ours, smtp))
}

/// A table of a configuration with its header.
fn section<'t>(text: &'t str, header: &str) -> &'t str {
    let from = text.find(header).unwrap_or_else(|| panic!("no {header}"));
    let length = text[from + 1..].find("\n[").map_or(text.len() - from, |at| at + 2);
    &text[from..from + length]
}
