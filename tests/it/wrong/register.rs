//! Exports that cannot be used: missing, cut, stale, unfinished, or other than described.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::{held_for, nothing_sent};
use crate::support::export::{DONE, Export};
use crate::support::gateway::{Gateway, Told};
use crate::support::sshd::put;

/// What is wrong with an export after it was left in the drop folder.
type Damage = fn(&Gateway);

fn text(gateway: &Gateway, file: &str) -> String {
    fs::read_to_string(gateway.inbox().join(file)).unwrap()
}

fn remove(gateway: &Gateway, file: &str) {
    fs::remove_file(gateway.inbox().join(file)).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "an export in another encoding")]
fn latin(gateway: &Gateway, file: &str) {
    let bytes: Vec<u8> = text(gateway, file).chars().map(|c| u8::try_from(c).unwrap()).collect();
    fs::write(gateway.inbox().join(file), bytes).unwrap();
}

fn cut(gateway: &Gateway, file: &str, bytes: usize) {
    File::options()
        .write(true)
        .open(gateway.inbox().join(file))
        .unwrap()
        .set_len(bytes as u64)
        .unwrap();
}

#[test]
fn a_faulty_export_is_not_used_and_its_file_is_named() {
    let gateway = Gateway::new().delivered();
    let cases: &[(&str, i32, &str, &str, Damage)] = &[
        ("missing", 66, "RG311", "personer.csv", |g| remove(g, "personer.csv")),
        ("not done", 66, "RG312", DONE, |g| remove(g, DONE)),
        ("empty", 66, "RG311", "personer.csv", |g| cut(g, "personer.csv", 0)),
        ("header only", 66, "RG311", "medlemskap.csv", |g| {
            put(&g.inbox().join("medlemskap.csv"), "PersonId;GruppId;Roll;Startdatum;Slutdatum\n");
        }),
        ("cut in a row", 65, "RG310", "personer.csv", |g| cut(g, "personer.csv", 3001)),
        ("cut between rows", 65, "RG316", "medlemskap.csv", |g| {
            let whole = text(g, "medlemskap.csv");
            cut(g, "medlemskap.csv", whole[..2000].rfind('\n').unwrap() + 1);
        }),
        ("cut in a quoted field", 65, "RG310", "grupper.csv", |g| {
            let text = text(g, "grupper.csv").replace("4A Ekskolan", "\"4A Ekskolan\"");
            let inside = text.rfind("A Ekskolan\"").unwrap();
            put(&g.inbox().join("grupper.csv"), &text[..inside]);
        }),
        ("other encoding", 65, "RG314", "personer.csv", |g| latin(g, "personer.csv")),
        ("renamed column", 65, "RG315", "Förnamn", |g| {
            let renamed = text(g, "personer.csv").replace("Förnamn", "Tilltalsnamn");
            put(&g.inbox().join("personer.csv"), &renamed);
        }),
        ("other delimiter", 65, "RG315", "personer.csv", |g| {
            let commas = text(g, "personer.csv").replace(';', ",");
            put(&g.inbox().join("personer.csv"), &commas);
        }),
        ("a row too short", 65, "RG318", "personer.csv", |g| {
            let short = text(g, "personer.csv").replace(";1;N;\n", ";1;N\n");
            put(&g.inbox().join("personer.csv"), &short);
        }),
        ("a link", 65, "RG319", "skolor.csv", |g| {
            remove(g, "skolor.csv");
            std::os::unix::fs::symlink("/etc/passwd", g.inbox().join("skolor.csv")).unwrap();
        }),
    ];
    for (what, exit, code, names, damage) in cases {
        gateway.export(&Export::night("night2"));
        damage(&gateway);
        let mails = gateway.eml().len();
        let told = nothing_sent(&gateway, |gateway| gateway.night(25), *exit, code);
        assert!(told.err.contains(names), "{what}: no {names:?} in\n{}", told.err);
        assert_eq!(gateway.eml().len(), mails + 1, "{what}: a mail tells of it");
        let _ = fs::remove_file(gateway.inbox().join("skolor.csv"));
    }
    let failed = gateway.eml().keys().filter(|name| name.ends_with(".failed.eml")).count();
    assert_eq!(failed, cases.len());
    gateway.night_of(25, &Export::night("night2")).exits(0);
}

/// A gateway that runs by the real clock, its first delivery approved.
fn by_the_clock() -> (Gateway, Export) {
    let (gateway, night) = (Gateway::new(), Export::night("night2").lasting());
    gateway.export(&Export::night("night1").lasting());
    gateway.run(&["run"]).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    (gateway, night)
}

#[expect(clippy::disallowed_methods, reason = "an export gets an age")]
fn aged(gateway: &Gateway, file: &str, seconds: i64) {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let at = if seconds < 0 { now + by } else { now - by };
    File::options().write(true).open(gateway.inbox().join(file)).unwrap().set_modified(at).unwrap();
}

#[test]
fn a_stale_or_unfinished_export_is_not_used() {
    let (gateway, night) = by_the_clock();
    let run = |gateway: &Gateway| -> Told { gateway.run(&["run"]) };
    gateway.export(&night);
    aged(&gateway, DONE, 30 * 3600);
    nothing_sent(&gateway, run, 66, "RG313");
    gateway.export(&night);
    aged(&gateway, "personer.csv", 30 * 3600);
    nothing_sent(&gateway, run, 66, "RG313");
    gateway.export(&night);
    aged(&gateway, DONE, -7200);
    nothing_sent(&gateway, run, 66, "RG313");
    // The register goes on writing after its done-file.
    gateway.export(&night);
    aged(&gateway, DONE, 20);
    nothing_sent(&gateway, run, 66, "RG312");
    gateway.export(&night);
    run(&gateway).exits(0);
}

#[test]
fn an_export_without_a_done_file_must_have_settled() {
    let (mut gateway, night) = by_the_clock();
    gateway.change("{ done-file = \"export.klar\", counts = true }", "{ settled = \"3s\" }");
    gateway.export(&night);
    nothing_sent(&gateway, |gateway| gateway.run(&["run"]), 66, "RG312");
    std::thread::sleep(Duration::from_millis(3100));
    gateway.run(&["run"]).exits(0);
}

#[test]
fn two_rows_with_one_key_and_other_data_stop_the_night_and_their_line_is_told() {
    let gateway = Gateway::new().delivered();
    let night = Export::night("night2").row(
        "personer.csv",
        "elev-bj-1A-3;;Annan;Alldeles;annan@elev.exempelby.example;annan;elev;99000002;1;N;",
    );
    let told = nothing_sent(&gateway, |gateway| gateway.night_of(25, &night), 65, "RG321");
    assert!(told.err.contains("personer.csv") && told.err.contains("rad 89"), "{}", told.err);
    // The very same row twice is merged.
    let row = Export::night("night2").0["personer.csv"].lines().nth(20).unwrap().to_owned();
    gateway.night_of(26, &Export::night("night2").row("personer.csv", &row)).exits(0);
    assert!(gateway.eml().values().any(|mail| mail.contains("320,")), "told in the mail");
}

#[test]
fn a_membership_of_nobody_is_left_out_and_many_stop_the_night() {
    // Enough memberships for one to be less than 0.5%.
    let mut night = Export::night("night1");
    for number in [1, 2] {
        let group = format!("val-{number};undervisning;Val {number};99000001;2026/2027;;;");
        night = night.row("grupper.csv", &group);
        let persons = night.0["personer.csv"].clone();
        for line in persons.lines().filter(|line| line.starts_with("elev-")) {
            let (pupil, _) = line.split_once(';').unwrap();
            night = night.row("medlemskap.csv", &format!("{pupil};val-{number};elev;;"));
        }
    }
    let gateway = Gateway::new();
    gateway.night_of(24, &night).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let one = night.row("medlemskap.csv", "elev-borta-1;klass-al-1A;elev;;");
    gateway.night_of(25, &one).exits(0);
    assert!(!gateway.xml().contains("elev-borta"));
    let two = one.row("medlemskap.csv", "elev-borta-2;klass-al-1A;elev;;");
    let told = nothing_sent(&gateway, |gateway| gateway.night_of(26, &two), 65, "RG323");
    assert!(told.err.contains("medlemskap.csv"));
}

#[test]
fn an_encoding_that_is_declared_wrong_holds() {
    let mut gateway = Gateway::new().delivered();
    gateway.change("encoding  = \"utf-8\"", "encoding  = \"windows-1252\"");
    // Columns with å, ä and ö are not found by that name, so the register must be plainer.
    let told = gateway.night_of(25, &Export::night("night2"));
    assert_eq!(told.exit, 65, "{told:?}");
    told.explains("RG315");
}

#[test]
fn a_changed_source_or_dialect_is_held_with_what_the_receiver_would_see() {
    let mut gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    for (from, to) in [
        ("source    = \"Exempelby\"", "source    = \"Exempelstad\""),
        ("dialect   = \"itslearning\"", "dialect   = \"plain\""),
    ] {
        gateway.change(from, to);
        let run = ["run", "--json", "--as-of", "2026-08-25T04:15"];
        let told = held_for(&gateway, |gateway| gateway.run(&run), "RG335").json();
        let breaches = told["targets"]["lms"]["breaches"].as_array().unwrap().clone();
        let seen = breaches.iter().find_map(|breach| breach.get("encoding-changed")).unwrap();
        let number = |what: &str| seen[what].as_u64().unwrap();
        assert!(number("added") > 0 && number("removed") > 0, "{seen}");
        if to.starts_with("source") {
            // By the receiver's keys everybody is new, and everybody it has is gone.
            assert!(number("added") >= 87 && number("removed") >= 87, "{seen}");
        }
        gateway.change(to, from);
    }
    gateway.night(26).exits(0);
}

#[test]
fn a_target_renamed_or_pointed_elsewhere_begins_anew() {
    let mut gateway = Gateway::new().delivered();
    let folder = gateway.remote().display().to_string();
    fs::create_dir(gateway.remote().join("annan")).unwrap();
    gateway.export(&Export::night("night2"));
    let edits = [
        (
            format!("folder          = \"{folder}\""),
            format!("folder          = \"{folder}/annan\""),
        ),
        ("file-name = \"ims.xml\"".to_owned(), "file-name = \"ny.xml\"".to_owned()),
        (
            "host            = \"127.0.0.1\"".to_owned(),
            "host            = \"localhost\"".to_owned(),
        ),
    ];
    for (from, to) in edits {
        gateway.change(&from, &to);
        let before = gateway.received();
        gateway.night(25).exits(10);
        let plan = gateway.held();
        assert_eq!(super::codes(&gateway), ["RG333"], "{to}");
        assert_eq!(gateway.number_of(&plan), 87);
        assert_eq!(gateway.received(), before);
        gateway.change(&to, &from);
    }
    gateway.change("[target.lms.", "[target.plattform.");
    gateway.change("[target.lms]", "[target.plattform]");
    gateway.night(25).exits(10);
    assert_eq!(super::codes(&gateway), ["RG333"], "renamed: what lies there is our own");
}
