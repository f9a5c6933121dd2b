//! `find`: one key's way from the register's rows through the rules to each receiver, tonight and
//! over the stored nights; looks only, and never says who.

use std::fs;

use jiff::civil::date;
use rostergate::formats::snapshot::Reader;
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::trace::{self, SchoolNames, Withheld};
use rostergate::roster::draft::Marking;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{Kind, Role};
use rostergate::state::StateDir;
use serde_json::{Value, json};

use crate::rows::{Register, class, guardian, packed, pupil, staff};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told};

const PUPIL: &str = "elev-bj-4A-8";

fn asked(gateway: &Gateway, key: &str, day: u8) -> Told {
    gateway.run(&["find", key, "--as-of", &format!("2026-08-{day:02}T08:00")])
}

fn answer(gateway: &Gateway, key: &str, day: u8) -> Value {
    let at = format!("2026-08-{day:02}T08:00");
    gateway.run(&["find", key, "--as-of", &at, "--json"]).exits(0).json()
}

/// The four nights: the pupil leaves on the second, the third is held, the fourth is sent.
fn four_nights() -> Gateway {
    let gateway = Gateway::new().delivered();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    gateway.night_of(27, &Export::night("night4")).exits(0);
    gateway
}

#[test]
fn somebody_is_followed_from_row_to_receiver_and_through_the_nights() {
    let gateway = four_nights();
    asked(&gateway, "elev-ek-1A-1", 27)
        .exits(0)
        .says("personer.csv rad 62: person")
        .says("medlemskap.csv rad ")
        .says("Person  elev, Ekskolan, 2 grupper, 2 medlemskap, 1 relation\n")
        .says("I natt          Skickas: elev, Ekskolan, 2 grupper, 2 medlemskap, 1 relation.")
        .says("Senast skickat  27 aug 04:15: med (elev, Ekskolan, 2 grupper")
        .says("Sparade filer   27 aug: med, skickad (1 fil)")
        .says("26 aug: inte med, stoppad (1 fil)")
        .says("24 aug – 25 aug: med, skickad (2 filer)");
    asked(&gateway, PUPIL, 27)
        .exits(0)
        .says("Ingen rad har den nyckeln.")
        .says("Skickas inte: det finns ingen användbar rad i registrets export.")
        .says("27 aug 04:15: inte med")
        .says("25 aug: inte med, skickad (1 fil)")
        .says("24 aug: med, skickad (1 fil)");
    let english = gateway.run(&["find", PUPIL, "--as-of", "2026-08-27T08:00", "--lang", "en"]);
    english.exits(0).says("No row has this key.").says("24 Aug: in it, sent (1 file)");
}

#[test]
fn schools_and_groups_are_followed_too() {
    let gateway = four_nights();
    asked(&gateway, "99000003", 27)
        .exits(0)
        .says("skolor.csv rad 4: skola")
        .says("Skola  Ekskolan, 30 personer, 4 grupper")
        .says("26 aug: inte med, stoppad (1 fil)");
    let told = answer(&gateway, "klass-ek-1A", 27);
    let group = &told["found"]["group"];
    assert_eq!(group["register"]["kind"], "class");
    assert_eq!(group["register"]["schools"], json!(["Ekskolan"]));
    let standing = &group["targets"]["lms"]["tonight"]["standing"];
    assert_eq!(standing["told"]["persons"], 10, "nine pupils and a mentor: {told}");
}

#[test]
fn json_holds_the_same_as_the_text() {
    let gateway = four_nights();
    let told = answer(&gateway, "elev-ek-1A-1", 27);
    assert_eq!(told["schema"], "rostergate.find/1");
    assert_eq!(told["unread"], Value::Null);
    assert_eq!(told["rows"][0]["file"], "personer.csv");
    assert_eq!((&told["rows"][0]["line"], &told["rows"][0]["used"]), (&json!(62), &json!(true)));
    let person = &told["found"]["person"];
    assert_eq!(person["withheld"], Value::Null);
    let lms = &person["targets"]["lms"];
    assert_eq!(lms["tonight"]["standing"]["why-not"], Value::Null);
    assert_eq!(lms["tonight"]["standing"]["told"]["roles"], json!(["learner"]));
    assert_eq!(lms["holds"][0]["seen"]["groups"], 2);
    let nights: Vec<_> = lms["nights"].as_array().unwrap().iter().collect();
    let said: Vec<_> = nights.iter().map(|n| (n["result"].clone(), n["there"].clone())).collect();
    assert_eq!(
        said,
        [(json!("sent"), json!(true)), (json!("held"), json!(false)), (json!("sent"), json!(true))]
    );
    assert_eq!(
        (&nights[2]["from"], &nights[2]["to"]),
        (&json!("2026-08-24"), &json!("2026-08-25"))
    );
}

#[test]
fn the_rule_that_leaves_somebody_out_is_named() {
    let mut gateway = Gateway::new().delivered();
    gateway.change(
        "[target.lms]\n",
        "[target.lms]\nroles = [\"learner\", \"guardian\"]\nschools = [\"99000001\"]\n\
         groups = [\"class\"]\n",
    );
    gateway.export(&Export::night("night2"));
    for (key, says) in [
        ("larare-al-1", "Skickas inte: rollen är inte vald för mottagaren (roles)."),
        (
            "elev-ek-1A-1",
            "Skickas inte: går inte på någon skola som är vald för mottagaren (schools)",
        ),
        ("vuxen-ek-1", "Skickas inte: vårdnadshavaren har inget barn som mottagaren ska ha."),
        ("klass-ek-1A", "Skickas inte: skolan är inte vald för mottagaren (schools)."),
        ("ma-al-1A", "Skickas inte: den sortens grupper är inte valda för mottagaren (groups)."),
        ("elev-al-1A-1", "1 grupp skickas inte: den sortens grupper är inte valda"),
        ("klass-al-1A", "1 person skickas inte: rollen är inte vald för mottagaren (roles)."),
        ("elev-al-1A-1", "Men säkerhetsfiltret skulle stoppa filen"),
    ] {
        asked(&gateway, key, 25).exits(0).says(says);
    }
}

#[test]
fn a_row_that_could_not_be_used_is_told_with_its_code() {
    let gateway = Gateway::new().delivered();
    let night =
        Export::night("night2").with("personer.csv", "eal1a1;elev;", "eal1a1;elevassistent;");
    gateway.export(&night);
    asked(&gateway, "elev-al-1A-1", 25)
        .exits(0)
        .says("personer.csv rad 5: person, används inte; RG325, Roll: okända värden")
        .says("medlemskap, används inte, för en rad som den hör ihop med kunde inte användas")
        .says("Skickas: elev, Alskolan, 2 grupper, 2 medlemskap")
        .says("Som förut: raden kunde inte användas i natt, och då tas inget bort.");
    let known = answer(&gateway, "elev-al-1A-1", 25);
    assert_eq!(known["found"]["person"]["register"], Value::Null);
    let standing = &known["found"]["person"]["targets"]["lms"]["tonight"]["standing"];
    assert_eq!(standing["as-before"], true);
}

#[test]
fn a_row_about_somebody_who_is_nowhere_is_told_though_the_night_is_refused() {
    let gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2").row("medlemskap.csv", "borta;klass-al-1A;elev;;"));
    let told = asked(&gateway, "borta", 25).exits(65).explains("RG323");
    told.says("medlemskap.csv rad 110: medlemskap, används inte; RG322").says("inte med");
}

#[test]
fn protection_is_told_as_the_reason() {
    let gateway = Gateway::new().delivered();
    let night = Export::night("night2").marked("elev-al-1A-2", "J").marked("elev-al-1A-3", "?");
    gateway.export(&night);
    for (key, says) in [
        ("elev-al-1A-2", "Skyddad identitet enligt registrets markering"),
        ("elev-al-1A-3", "Registrets markering är ett okänt ord"),
        ("vuxen-al-2", "Vårdnadshavare som här bara har barn med skyddad identitet"),
    ] {
        let told = asked(&gateway, key, 25).exits(0).says(says).says("Skickas inte.");
        assert!(told.out.contains("24 aug 08:00: med") || told.out.contains("24 aug 04:15: med"));
    }
}

#[test]
fn a_key_that_nobody_knows_is_not_repeated_and_the_likely_mistake_is_named() {
    let gateway = Gateway::new().delivered();
    for (typed, says) in [
        ("anna.kanari@exempelby.example", "det ser ut som en e-postadress"),
        ("20180613-2385", "det ser ut som ett personnummer"),
        ("Kanari Kanarisson", "det ser ut som ett namn"),
        ("ELEV-AL-1A-1", "skiljer sig bara i stora och små bokstäver"),
        ("{elev-al-1a-1}", "skiljer sig bara i stora och små bokstäver"),
        ("kanari", "i någon sparad fil.\n"),
        ("", "i någon sparad fil.\n"),
    ] {
        let told = asked(&gateway, typed, 24).exits(2).explains("RG370");
        assert!(told.err.contains(says), "{typed}: {}", told.err);
        assert!(told.err.contains("(GruppId, PersonId, Skolenhetskod)"), "{}", told.err);
        let said = (told.out + &told.err).to_lowercase();
        let typed = typed.to_lowercase();
        assert!(typed.is_empty() || !said.contains(&typed), "{said}");
        assert!(!said.contains("elev-al"), "nobody else's key either: {said}");
    }
    let known = asked(&gateway, " elev-al-1A-1 ", 24).exits(0);
    known.says("personer.csv rad 5: person");
}

#[test]
fn what_is_typed_is_cleaned_as_the_configuration_says() {
    let mut gateway = Gateway::new();
    let column = "key             = { column = \"PersonId\", case = \"lower\", strip = \"{}\" }";
    gateway.change("key             = \"PersonId\"", column);
    gateway.export(&Export::night("night1"));
    asked(&gateway, "{ELEV-al-1A-1}", 24).exits(0).says("personer.csv rad 5: person");
}

#[test]
fn without_a_usable_export_the_stored_nights_still_answer() {
    let gateway = Gateway::new().delivered();
    fs::remove_file(gateway.inbox().join("personer.csv")).unwrap();
    let told = asked(&gateway, PUPIL, 25).exits(66).explains("RG311");
    told.says("RG311")
        .says("Senast skickat  24 aug")
        .says("Sparade filer   24 aug: med, skickad (1 fil)");
    let at = "2026-08-25T08:00";
    let json = gateway.run(&["find", PUPIL, "--as-of", at, "--json"]).exits(66).json();
    assert_eq!(json["unread"], "RG311");
    assert_eq!(json["found"]["person"]["targets"]["lms"]["tonight"], Value::Null);
}

#[test]
fn a_conflict_is_told_with_the_rows_that_contradict_each_other() {
    let gateway = Gateway::new().delivered();
    let row = "elev-al-1A-1;201806132385;Annan;Dahl;al.1a.1@elev.exempelby.example;eal1a1;elev;99000001;1;N;";
    gateway.export(&Export::night("night2").row("personer.csv", row));
    let told = asked(&gateway, "elev-al-1A-1", 25).exits(65).explains("RG321");
    told.says("personer.csv rad 89: person, används; RG321");
}

#[test]
fn looking_changes_nothing_and_needs_no_lock() {
    let gateway = four_nights();
    let now = date(2026, 8, 27).at(8, 0, 0, 0).in_tz("Europe/Stockholm").unwrap();
    let state = StateDir::open(&gateway.state(), &now).unwrap();
    let _lock = state.lock("test", &now).unwrap();
    let before = everything_in(&gateway);
    asked(&gateway, "elev-ek-1A-1", 27).exits(0);
    gateway.run(&["backtest"]).exits(0);
    assert_eq!(everything_in(&gateway), before);
}

/// Every file of the state folder, with its bytes.
fn everything_in(gateway: &Gateway) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![gateway.state()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_stored_file_that_is_damaged_is_counted_and_not_guessed_at() {
    let gateway = four_nights();
    let runs = fs::read_dir(gateway.state().join("runs")).unwrap();
    let snapshots = runs.map(|run| run.unwrap().path().join("snapshot.zst"));
    let held = gateway.run(&["history", "--json"]).json();
    let plans = held["runs"].as_array().unwrap().iter().filter_map(|run| run["plans"].as_array());
    let old = plans.flatten().find(|plan| plan["state"] == "superseded").unwrap();
    let old = old["plan"].as_str().unwrap();
    let path = snapshots.into_iter().find(|path| path.to_string_lossy().contains(old)).unwrap();
    crate::support::sshd::put(&path, "no snapshot");
    asked(&gateway, "elev-ek-1A-1", 27).exits(0).says("1 filer går inte att läsa");
}

fn school_and_pupils() -> Register {
    Register::new()
        .school("s1", "Alskolan")
        .school("s2", "")
        .persons([pupil("p1", "s1"), pupil("p2", "s2"), staff("t1", "s1\u{1f}s2"), guardian("v2")])
        .group(&class("g1", "s1"))
        .group(&class("s1", "s2"))
        .member("g1", "p1", Role::Learner)
        .member("g1", "p2", Role::Learner)
        .member("g1", "t1", Role::Instructor)
        .member("g1", "t1", Role::Mentor)
        .member("s1", "t1", Role::Instructor)
        .guardian("v2", "p2")
}

/// A roster and its snapshot say the same, and a key may be borne by a school and a group.
#[test]
fn numbers_are_of_each_kind_that_bears_the_key() {
    let roster = school_and_pupils().roster();
    let none = SchoolNames::new();
    for key in ["p1", "p2", "t1", "v2", "g1", "s1", "s2", "nobody"] {
        let bytes = packed(&roster);
        let mut reader = Reader::open(bytes.as_slice()).expect("just written");
        let stored = trace::in_snapshot(&mut reader, &[key.to_owned()], &none).expect("whole");
        assert_eq!(stored, [trace::in_roster(&roster, key, &none)], "{key}");
    }
    let teacher = &trace::in_roster(&roster, "t1", &none)[&Kind::Person];
    assert_eq!((teacher.groups, teacher.memberships), (2, 3), "twice in g1");
    assert_eq!(teacher.schools, ["Alskolan", "s2"], "a school without a name");
    let both = trace::in_roster(&roster, "s1", &none);
    assert_eq!(both.keys().copied().collect::<Vec<_>>(), [Kind::School, Kind::Group]);
    assert_eq!((both[&Kind::School].persons, both[&Kind::School].groups), (2, 1));
    assert_eq!(both[&Kind::Group].persons, 1);
    let group = &trace::in_roster(&roster, "g1", &none)[&Kind::Group];
    assert_eq!((group.persons, group.memberships), (3, 4));
    assert_eq!(trace::in_roster(&roster, "v2", &none)[&Kind::Person].relations, 1);
}

#[test]
fn protection_says_whom_it_withheld_and_why() {
    let mut draft = school_and_pupils().draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    assert!(protected.excluded.is_empty() && protected.guardians.is_empty());
    let mut draft = Register::new()
        .protected(&pupil("p1", ""))
        .marked(&pupil("p2", ""), Marking::Unknown)
        .person(&guardian("v1"))
        .group(&class("g1", ""))
        .member("g1", "p1", Role::Learner)
        .guardian("v1", "p1")
        .draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let (roster, _) = Roster::assemble(draft);
    assert_eq!(roster.count(Kind::Person), 0);
    let withheld = |kind, key, marking| trace::withheld(&protected, (kind, key), marking);
    let person = |key, marking| withheld(Kind::Person, key, marking);
    assert_eq!(person("p1", Marking::Protected), Some(Withheld::Marked));
    assert_eq!(person("p2", Marking::Unknown), Some(Withheld::UnknownMarking));
    assert_eq!(person("v1", Marking::None), Some(Withheld::Guardian));
    assert_eq!(withheld(Kind::Group, "g1", Marking::None), Some(Withheld::Group));
    assert_eq!(withheld(Kind::School, "g1", Marking::None), None);
    assert_eq!(person("somebody", Marking::None), None);
}
