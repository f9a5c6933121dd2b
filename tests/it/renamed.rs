//! A target that gets another name, and its old one back: the receiver holds the last file,
//! whatever its target was called then.

use std::fs;

use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::sshd::put;

const PUPIL: &str = "elev-al-1A-2";

/// Delivers into a folder, and has done so once.
fn in_a_folder() -> Gateway {
    let mut gateway = Gateway::new().mailing();
    gateway.deliver_into_folder();
    gateway.delivered()
}

fn rename(gateway: &mut Gateway, from: &str, to: &str) {
    gateway.change(&format!("[target.{from}"), &format!("[target.{to}"));
}

/// So few that every limit lets them come and go.
fn with_newcomers() -> Export {
    [1, 2, 3].iter().fold(Export::night("night1"), |export, n| {
        let person = format!(
            "ny-elev-{n};;Nils;Ny;ny{n}@elev.exempelby.example;nyelev{n};elev;99000001;1;N;"
        );
        export.row("personer.csv", &person)
    })
}

/// One more night by another name, which begins anew and is approved.
fn one_night_as(gateway: &mut Gateway, name: &str, day: u8, export: &Export) {
    rename(gateway, "lms", name);
    gateway.night_of(day, export).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
}

#[test]
fn rule_01_a_target_with_its_old_name_back_knows_nothing_of_what_the_receiver_has() {
    let mut gateway = in_a_folder();
    gateway.change("retry-waits = [\"1s\"]", "retry-waits = [\"1s\"]\npickup = \"expected\"");
    let taken = |gateway: &Gateway| fs::remove_file(gateway.remote().join("ims.xml")).unwrap();
    taken(&gateway);
    one_night_as(&mut gateway, "plattform", 25, &with_newcomers());
    assert!(gateway.xml().contains("ny-elev-3"));
    taken(&gateway);

    rename(&mut gateway, "plattform", "lms");
    let told = gateway.night_of(26, &Export::night("night1")).exits(10);
    told.says("Mottagarens senaste fil gällde målet plattform, så detta är en första leverans: 87");
    assert!(gateway.received().is_empty(), "nobody goes by what the receiver had before");
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.body.contains("Mottagarens senaste fil"), "{}", mail.body);
    gateway.approve(&["--receiver-empty"]).exits(0);
    taken(&gateway);
    gateway.night_of(27, &Export::night("night2")).exits(0);
    assert!(gateway.xml().contains("Nygift"), "from here on it is compared again");
}

/// The file of the other name lies there still: it is our own, and the same export is no reason to
/// think that the receiver has it.
#[test]
fn rule_07_what_we_left_under_another_name_is_no_other_senders() {
    let mut gateway = in_a_folder();
    one_night_as(&mut gateway, "plattform", 25, &with_newcomers());
    rename(&mut gateway, "plattform", "lms");
    let before = gateway.received();
    for day in [26, 27] {
        let told = gateway.night_of(day, &Export::night("night1")).exits(10);
        assert!(!told.out.contains("inte har lämnat"), "{}", told.out);
        assert_eq!(gateway.received(), before);
    }
    put(&gateway.remote().join("ims.xml"), "another sender's");
    gateway.night(28).exits(10).says("ims.xml, som rostergate inte har lämnat");
}

/// Beside each other they would take each other's file away.
#[test]
fn rule_01_two_names_for_one_file_at_once_are_refused() {
    let mut gateway = in_a_folder();
    let (before, rest) = gateway.config().split_once("[target.lms]").unwrap();
    let (table, after) = rest.split_once("# The fixture").unwrap();
    let both = ["lms", "plattform"].map(|name| {
        format!("[target.lms]{table}").replace("[target.lms", &format!("[target.{name}"))
    });
    let config = format!("{before}{}# The fixture{after}", both.concat());
    gateway.configure(config);
    let told = gateway.night_of(25, &Export::night("night2")).exits(78);
    assert!(told.err.contains("mottagaren lms levererar samma fil till samma plats"), "{told:?}");
}

#[test]
fn rule_16_a_plan_from_before_is_stale_when_the_receiver_was_told_under_another_name() {
    let mut gateway = in_a_folder();
    gateway.night_of(25, &Export::night("night3-school-missing")).exits(10);
    let held = gateway.held();
    one_night_as(&mut gateway, "plattform", 26, &Export::night("night4"));
    let before = gateway.received();
    rename(&mut gateway, "plattform", "lms");
    gateway.export(&Export::night("night3-school-missing"));
    gateway.approve_plan(&held, &[]).exits(10).explains("RG331");
    assert_eq!(gateway.received(), before);
}

#[test]
fn rule_18_after_a_new_name_whoever_is_protected_since_is_an_urgent_matter() {
    let urgent = |gateway: &Gateway| gateway.mails().pop().unwrap().body.contains("BRÅDSKANDE");
    let mut gateway = in_a_folder();
    rename(&mut gateway, "lms", "plattform");
    gateway.night_of(25, &Export::night("night1")).exits(10);
    assert!(!urgent(&gateway));
    gateway.night_of(26, &Export::night("night1").marked(PUPIL, "J")).exits(10);
    assert!(urgent(&gateway) && gateway.xml().contains(PUPIL));
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(!gateway.xml().contains(PUPIL));
    let night = Export::night("night2").marked(PUPIL, "J");
    gateway.night_of(27, &night).exits(0);
    assert!(!urgent(&gateway));
}

#[test]
fn rule_19_nobody_is_taken_out_of_the_last_file_of_another_name_by_an_older_one() {
    let mut gateway = in_a_folder();
    one_night_as(&mut gateway, "plattform", 25, &with_newcomers());
    rename(&mut gateway, "plattform", "lms");
    let before = gateway.received();
    let withdraw = |key| ["withdraw", key, "--reason", "skyddad", "--as-of", "2026-08-25T10:00"];
    for key in [PUPIL, "ny-elev-1"] {
        let told = gateway.run(&withdraw(key)).exits(10);
        assert!(told.err.contains("RG369") && told.err.contains("under namnet plattform"));
        assert!(gateway.mails().pop().unwrap().body.contains("BRÅDSKANDE"));
        assert_eq!(gateway.received(), before);
    }
}
