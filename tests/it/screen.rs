//! What stands on the screen is so, and is said in the site's language.

use crate::support::export::Export;
use crate::support::gateway::Gateway;

#[test]
fn a_plans_details_call_roles_and_kinds_by_their_swedish_names() {
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let told = gateway.run(&["plan", &gateway.held(), "--details"]).exits(0);
    for swedish in ["    elever ", "    anställda ", "    medlemskap som elev ", "    klasser "] {
        assert!(told.out.contains(swedish), "no {swedish:?} in {}", told.out);
    }
    for english in ["learner", "staff ", "guardian", "instructor", "class ", "teaching"] {
        assert!(!told.out.contains(english), "{english:?} in {}", told.out);
    }
}

#[test]
fn check_says_what_it_tried_and_no_more() {
    let gateway = Gateway::new();
    gateway.export(&Export::night("night1"));
    let told = gateway.run(&["check", "--connect"]);
    assert!(!told.out.contains("gick att skapa"), "{}", told.out);
    // These mails go into a folder: nobody answered and nobody logged in.
    assert!(told.out.contains("mappen går att skriva i"), "{}", told.out);
    assert!(!told.out.contains("servern svarar"), "{}", told.out);
    let told = gateway.run(&["check", "--connect", "--write-probe"]);
    assert!(told.out.contains("en egen fil gick att skapa, läsa och ta bort"), "{}", told.out);
    assert_eq!(gateway.received().len(), 0, "and it is gone");
}

#[test]
fn a_file_to_take_over_that_is_not_there_is_told_as_that() {
    let gateway = Gateway::new();
    let told = gateway.run(&["baseline", "adopt", "lms", "/srv/nowhere.xml"]).exits(66);
    let told = told.explains("RG115");
    assert!(told.err.contains("/srv/nowhere.xml"), "{}", told.err);
    assert!(!told.err.contains("os error") && !told.err.contains("exporten"), "{}", told.err);
}

#[test]
fn a_guess_is_made_only_where_it_is_near() {
    let gateway = Gateway::new();
    let told = gateway.run(&["resume", "--reason", "klart"]).exits(2).explains("RG100");
    assert!(!told.err.contains("Menade du"), "{}", told.err);
    let told = gateway.run(&["plan", "--detials"]).exits(2).explains("RG100");
    assert!(told.err.contains("Menade du --details?"), "{}", told.err);
    let told = gateway.run(&["trust", "lms", "SHA256:abc"]).exits(2).explains("RG100");
    assert!(told.err.contains("43 tecken") && !told.err.contains("host key"), "{}", told.err);
    let told = gateway.run(&["statsu"]).exits(2).explains("RG100");
    assert!(told.err.contains("Menade du status?"), "{}", told.err);
}
