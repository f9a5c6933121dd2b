//! Rule 19: one person out of every receiver at once, by hand, and kept out until that is undone.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, assert_valid, secret};
use crate::support::sealing::{ledger, reseal};

const PUPIL: &str = "elev-al-1A-2";

/// `withdraw` at ten in the morning of a day of August 2026.
fn withdraw(gateway: &Gateway, key: &str, day: u8, more: &[&str]) -> Told {
    let at = format!("2026-08-{day:02}T10:00");
    let arguments = ["withdraw", key, "--reason", "skyddad sedan i dag", "--as-of", &at];
    let told = gateway.run(&[&arguments[..], more].concat());
    assert!(!told.out.contains(key) && !told.err.contains(key), "{told:?}");
    told
}

fn people(gateway: &Gateway) -> usize {
    assert_valid(&gateway.remote().join("ims.xml"));
    gateway.xml().matches("<person>").count()
}

fn has(gateway: &Gateway, key: &str) -> bool {
    gateway.xml().contains(&format!("<id>{key}</id>"))
}

#[test]
fn rule_19_out_at_once_within_a_held_night_and_kept_out_until_undone() {
    let mut gateway = Gateway::new().mailing();
    gateway.change("[mail]\n", "[schedule]\ndeliver-between = [\"00:00\", \"06:30\"]\n\n[mail]\n");
    let gateway = gateway.delivered();
    assert_eq!((people(&gateway), has(&gateway, PUPIL)), (87, true));
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    let held = gateway.held();
    let mails = gateway.mails().len();

    let told = withdraw(&gateway, PUPIL, 26, &[]).exits(0);
    let told = told.says("SKICKAD och kontrollerad").says("den senaste filen utan personen");
    told.says("Med togs vårdnadshavare som inte har något annat barn där: 1").says("Antecknat.");
    assert_eq!((people(&gateway), has(&gateway, PUPIL)), (85, false));
    assert!(!has(&gateway, "vuxen-al-2"), "whose guardian is only hers");
    assert!(has(&gateway, "elev-ek-4A-8"), "everybody else is as on the last night");

    let mails = gateway.mails().split_off(mails);
    let [mail] = &mails[..] else { panic!("{} mails", mails.len()) };
    assert!(mail.subject.contains("[OK] Exempelby kommun: en person borttagen för hand"));
    assert!(mail.body.contains("utan den som togs bort för hand"), "{}", mail.body);
    assert!(mail.body.contains("Register visar ofta skydd bara genom att personen saknas"));
    assert!(!mail.all.contains(PUPIL) && !mail.all.contains("skyddad sedan i dag"));

    // Rule 17: the held plan has the person, and is of no use any more.
    gateway.approve_plan(&held, &[]).exits(10).explains("RG331");
    assert!(!has(&gateway, PUPIL));

    gateway.night_of(27, &Export::night("night4")).exits(0);
    assert!(!has(&gateway, PUPIL) && gateway.xml().contains("Nygift"), "kept out");
    let listed = gateway.run(&["withdraw", "--list"]).exits(0);
    let listed = listed.says("anna.admin").says("skyddad sedan i dag");
    assert!(!listed.out.contains(PUPIL));
    gateway.run(&["status"]).exits(0).says("Borttagna för hand 1 ");

    let undone = withdraw(&gateway, PUPIL, 27, &["--undo"]).exits(0);
    undone.says("Ångrat.");
    gateway
        .night_of(28, &Export::night("night4").with("personer.csv", "Nygift", "Nynygift"))
        .exits(0);
    assert!(has(&gateway, PUPIL) && has(&gateway, "vuxen-al-2"), "the register's word again");
    gateway.run(&["withdraw", "--list"]).exits(0).says("Ingen är borttagen för hand.");
    // Its numbers are of what the filter counts, among which whoever was withdrawn is not.
    let history = gateway.run(&["history"]).exits(0).says("den förra filen utan den som togs bort");
    assert!(!history.out.contains("0 nya, 0 ändrade, 0 borttagna"), "{}", history.out);
    gateway.run(&["history", "--verify"]).exits(0);
}

#[test]
fn rule_19_blanks_that_a_register_begins_to_write_around_a_key_bring_nobody_back() {
    let gateway = Gateway::new().delivered();
    withdraw(&gateway, PUPIL, 24, &[]).exits(0);
    let padded = format!("{PUPIL} ");
    let night = Export::night("night2").with("personer.csv", PUPIL, &padded);
    let night = night.with("medlemskap.csv", PUPIL, &padded).with("relationer.csv", PUPIL, &padded);
    gateway.night_of(25, &night).exits(0);
    assert!(!gateway.xml().contains(PUPIL) && gateway.xml().contains("Nygift"));
}

#[test]
fn rule_19_a_key_that_the_register_pads_or_cleans_up_is_withdrawn_as_typed_anyhow() {
    let lower = PUPIL.to_lowercase();
    for typed in [PUPIL.to_owned(), format!("{PUPIL}  "), format!("{{{}}}", PUPIL.to_uppercase())] {
        let mut gateway = Gateway::new();
        let padded = format!("{PUPIL}  ");
        let mut night = Export::night("night1");
        for file in ["personer.csv", "medlemskap.csv", "relationer.csv"] {
            night = night.with(file, PUPIL, &padded);
        }
        if typed.starts_with('{') {
            night = Export::night("night1");
            for column in ["\"PersonId\"", "\"ElevId\""] {
                let cleaned =
                    format!("{{ column = {column}, strip = \"{{}}\", case = \"lower\" }}");
                gateway.change(column, &cleaned);
            }
        }
        let is_there = |gateway: &Gateway| gateway.xml().to_lowercase().contains(&lower);
        gateway.night_of(24, &night).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        assert!(is_there(&gateway));
        withdraw(&gateway, &typed, 24, &[]).exits(0).says("den senaste filen utan personen");
        assert!(!is_there(&gateway));
        withdraw(&gateway, &typed, 24, &["--undo"]).exits(0).says("Ångrat.");
    }
}

#[test]
fn a_misspelt_key_is_refused_and_nothing_is_written_down() {
    let gateway = Gateway::new().mailing().delivered();
    let (received, mails) = (gateway.received(), gateway.mails().len());
    let history = gateway.run(&["history", "--json"]).exits(0).out;
    withdraw(&gateway, "elev-al-1A-2x", 24, &[]).exits(2).explains("RG365");
    withdraw(&gateway, "elev-al-1A-2x", 24, &["--undo"]).exits(2).explains("RG365");
    withdraw(&gateway, "elev-al-1A-2x", 24, &["--json"]).exits(2);
    assert_eq!((gateway.received(), gateway.mails().len()), (received, mails));
    assert_eq!(gateway.run(&["history", "--json"]).exits(0).out, history);
    gateway.run(&["withdraw", "--list"]).exits(0).says("Ingen är borttagen för hand.");
    for wrong in [&["withdraw", PUPIL][..], &["withdraw", PUPIL, "--reason", "  "], &["withdraw"]] {
        gateway.run(wrong).exits(2);
    }
}

#[test]
fn without_a_readable_register_the_key_alone_is_enough() {
    let gateway = Gateway::new().delivered();
    for file in fs::read_dir(gateway.inbox()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    withdraw(&gateway, "elev-al-9Z-9", 24, &[]).exits(2).explains("RG365");
    let told = withdraw(&gateway, PUPIL, 24, &[]).exits(0);
    told.says("Registret gick inte att läsa (RG312)").says("den senaste filen utan personen");
    assert_eq!((people(&gateway), has(&gateway, PUPIL)), (85, false));
    assert!(!has(&gateway, "vuxen-al-2") && has(&gateway, "vuxen-al-1"));
    gateway.night_of(25, &Export::night("night2")).exits(0);
    assert!(!has(&gateway, PUPIL) && !has(&gateway, "vuxen-al-2"));
}

#[test]
fn whom_the_register_has_dropped_goes_too_and_a_flood_of_markings_takes_nobody_along() {
    let gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2").without(PUPIL).with("personer.csv", ";N;", ";;"));
    withdraw(&gateway, PUPIL, 25, &[]).exits(0).says("den senaste filen utan personen");
    assert_eq!((people(&gateway), has(&gateway, PUPIL)), (85, false));
    let again = withdraw(&gateway, PUPIL, 25, &[]).exits(0);
    again.says("Personen finns inte i den senaste filen; inget skickades");
    assert_eq!(people(&gateway), 85);
}

/// A receiver that is a folder has its first file.
fn in_a_folder() -> Gateway {
    let mut gateway = Gateway::new().mailing();
    gateway.deliver_into_folder();
    gateway.delivered()
}

/// The folder of the receiver is another one now, and empty.
fn moved(gateway: &mut Gateway) {
    let other = gateway.home().join("annan");
    fs::create_dir(&other).unwrap();
    let folder = gateway.remote().display().to_string();
    gateway.change(&folder, &other.display().to_string());
}

/// The withdrawal came to nothing, and the mail says so before anything else.
#[track_caller]
fn remains(gateway: &Gateway, told: &Told, why: &str) {
    assert_eq!(told.exit, 10, "{told:?}");
    assert!(told.err.contains("RG369") && told.err.contains(why), "{told:?}");
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.body.contains("BRÅDSKANDE") && mail.body.contains("manuella"), "{}", mail.body);
    assert!(!mail.subject.contains("[OK]") && !mail.all.contains(PUPIL));
}

#[test]
fn rule_19_whom_the_last_file_has_remains_where_the_target_was_before_it_moved() {
    let mut gateway = in_a_folder();
    moved(&mut gateway);
    remains(&gateway, &withdraw(&gateway, PUPIL, 24, &[]), "(folder)");
    // So it is on every night until that is over, and whoever is protected since remains, too.
    let marked = Export::night("night2").marked("elev-ek-4A-8", "J");
    gateway.night_of(25, &marked).exits(10);
    assert!(gateway.mails().last().unwrap().body.contains("BRÅDSKANDE"));
}

#[test]
fn whoever_is_protected_since_a_target_moved_is_told_of() {
    let mut gateway = in_a_folder();
    moved(&mut gateway);
    gateway.night_of(25, &Export::night("night2")).exits(10);
    assert!(!gateway.mails().last().unwrap().body.contains("BRÅDSKANDE"));
    gateway.night_of(26, &Export::night("night2").marked(PUPIL, "J")).exits(10);
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.body.contains("BRÅDSKANDE") && mail.body.contains("manuella"), "{}", mail.body);
}

#[test]
fn rule_19_whom_an_adopted_file_has_remains() {
    let old = in_a_folder();
    let gateway = Gateway::new().mailing();
    let file = old.remote().join("ims.xml").display().to_string();
    gateway.run(&["baseline", "adopt", "lms", &file]).exits(0).says("87");
    gateway.export(&Export::night("night1"));
    remains(&gateway, &withdraw(&gateway, PUPIL, 24, &[]), "baseline adopt");
}

#[test]
fn rule_19_whom_the_last_file_of_a_renamed_target_has_remains_until_it_is_told_again() {
    let mut gateway = in_a_folder();
    gateway.change("target.lms", "target.plattform");
    let told = withdraw(&gateway, PUPIL, 24, &[]);
    remains(&gateway, &told, "konfigurationen");
    told.says("plattform").says("vad den har är inte känt");
    gateway.night_of(25, &Export::night("night2")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    let told = withdraw(&gateway, "elev-ek-4A-8", 25, &[]).exits(0);
    assert!(!told.out.contains("lms "), "{told:?}");
}

/// Who was in the last file is told of as often as they are withdrawn, and nobody else is.
#[test]
fn rule_19_a_removed_target_is_told_of_for_whom_its_last_file_has_and_for_nobody_else() {
    let mut gateway = in_a_folder();
    gateway.change("target.lms", "target.plattform");
    moved(&mut gateway);
    remains(&gateway, &withdraw(&gateway, PUPIL, 24, &[]), "konfigurationen");
    let new = "ny-elev-1;;Nils;Ny;ny1@elev.exempelby.example;nyelev1;elev;99000001;1;N;";
    gateway.export(&Export::night("night2").row("personer.csv", new));
    let told = withdraw(&gateway, "ny-elev-1", 25, &[]).exits(0);
    assert!(!told.out.contains("lms ") && !told.err.contains("RG369"), "{told:?}");
    assert!(!gateway.mails().last().unwrap().body.contains("BRÅDSKANDE"));
    remains(&gateway, &withdraw(&gateway, "elev-ek-4A-8", 25, &[]), "konfigurationen");
    remains(&gateway, &withdraw(&gateway, PUPIL, 25, &[]), "konfigurationen");
}

#[test]
fn before_the_first_delivery_it_is_written_down_and_the_held_plan_is_stale() {
    let gateway = Gateway::new().mailing();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let held = gateway.held();
    let told = withdraw(&gateway, PUPIL, 24, &[]).exits(0);
    told.says("Inget har skickats dit än, så vad den har är inte känt; nästa körning lämnar");
    assert!(gateway.received().is_empty());
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("okänt vad lms har"), "{}", mail.subject);
    assert!(mail.body.contains("Vad lms har är inte känt, se nedan."), "{}", mail.body);
    assert!(!mail.body.contains("Ni behöver inte göra något"), "{}", mail.body);
    gateway.approve_plan(&held, &["--receiver-empty"]).exits(10).explains("RG331");
    gateway.night_of(25, &Export::night("night1")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert_eq!((people(&gateway), has(&gateway, PUPIL)), (85, false));
}

#[test]
fn a_receiver_that_cannot_be_reached_is_told_of_and_gets_its_file_the_next_night() {
    let mut gateway = Gateway::new().mailing().delivered();
    let key = gateway.sshd().host_key("ed25519").to_string();
    let other = format!("SHA256:{}", "A".repeat(43));
    gateway.change(&key, &other);
    let told = withdraw(&gateway, PUPIL, 24, &[]).exits(77).explains("RG420");
    assert!(told.out.contains("Antecknat."), "{}", told.out);
    assert!(has(&gateway, PUPIL));
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("[FEL]") && mail.body.contains("BRÅDSKANDE"), "{}", mail.body);
    assert!(!mail.all.contains(PUPIL));
    gateway.change(&other, &key);
    gateway.night_of(25, &Export::night("night2")).exits(0);
    assert!(!has(&gateway, PUPIL) && gateway.xml().contains("Nygift"));
}

#[test]
fn a_file_that_would_be_written_otherwise_now_does_not_go_out() {
    let mut gateway = Gateway::new().mailing().delivered();
    gateway.change("source    = \"Exempelby\"", "source    = \"Exempelstad\"");
    let before = gateway.received();
    let told = withdraw(&gateway, PUPIL, 24, &[]).exits(10).explains("RG369");
    assert!(told.err.contains("RG335"), "{}", told.err);
    assert_eq!(gateway.received(), before);
    assert!(gateway.mails().last().unwrap().body.contains("BRÅDSKANDE"));
    gateway.run(&["withdraw", "--list"]).exits(0).says("anna.admin");
}

#[test]
fn the_key_may_come_from_standard_input_and_a_pseudonym_does_not_help() {
    let mut gateway = Gateway::new();
    let file = gateway.home().join("pseudonymer.csv");
    secret(&file, &format!("{PUPIL};Nanna;Nordan;nann01;nann01@elev.exempelby.example\n"));
    let table =
        format!("[protected-identity]\naction = \"pseudonym\"\nfile = \"{}\"\n\n", file.display());
    gateway.change("[target.lms]\n", &format!("{table}[target.lms]\n"));
    gateway.night_of(24, &Export::night("night1").marked(PUPIL, "J")).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(gateway.xml().contains("nann01"));

    let arguments = ["withdraw", "-", "--reason", "x", "--as-of", "2026-08-24T10:00"];
    let mut child = gateway.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!(" {PUPIL}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!gateway.xml().contains("nann01") && !has(&gateway, PUPIL));
    gateway.night_of(25, &Export::night("night2").marked(PUPIL, "J")).exits(0);
    assert!(!gateway.xml().contains("nann01"));
}

/// What could not be told the receiver at once is no flood the next night, and a flood keeps
/// nobody there who was withdrawn by hand.
#[test]
fn rule_18_whoever_was_withdrawn_by_hand_is_no_flood_of_markings() {
    let pupils = ["elev-al-1A-1", PUPIL, "elev-al-1A-3", "elev-al-1A-4", "elev-al-1A-5"];
    let all_gone = |gateway: &Gateway| pupils.iter().all(|key| !has(gateway, key));
    let unreachable = || {
        let mut gateway = Gateway::new().mailing().delivered();
        let key = gateway.sshd().host_key("ed25519").to_string();
        let other = format!("SHA256:{}", "A".repeat(43));
        gateway.change(&key, &other);
        for pupil in pupils {
            withdraw(&gateway, pupil, 24, &[]).exits(77);
        }
        gateway.change(&other, &key);
        assert!(has(&gateway, PUPIL) && people(&gateway) == 87);
        gateway
    };
    let gateway = unreachable();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    assert!(all_gone(&gateway) && people(&gateway) < 82, "with guardians more than five");

    let gateway = unreachable();
    let blank = Export::night("night2").with("personer.csv", ";N;", ";;");
    let night = gateway.night_of(25, &blank).exits(10);
    night.says("Nyligen skyddade personer");
    assert!(all_gone(&gateway) && people(&gateway) > 70, "and nobody else");
    assert!(!gateway.xml().contains("Nygift"));
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.subject.contains("[STOPPAD]") && mail.body.contains("BRÅDSKANDE"));
    let files = gateway.received();
    gateway.night_of(26, &blank).exits(10);
    assert_eq!(gateway.received(), files, "once is enough");
}

/// A pupil with a personal number that lasts; the other has an interim one.
const NUMBERED: &str = "elev-al-1A-1";

/// A night in which the register calls somebody by another key.
fn called(night: &str, key: &str, other: &str) -> Export {
    let mut export = Export::night(night);
    for file in ["personer.csv", "medlemskap.csv", "relationer.csv"] {
        export = export.with(file, &format!("{key};"), &format!("{other};"));
    }
    export
}

fn bytes_of_the_ledger(gateway: &Gateway) -> String {
    let bytes = fs::read(gateway.state().join("ledger.sqlite3")).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn rule_19_a_new_key_for_the_same_personal_number_brings_nobody_back() {
    let gateway = Gateway::new().mailing().delivered();
    withdraw(&gateway, NUMBERED, 24, &[]).exits(0);
    gateway.night_of(25, &called("night2", NUMBERED, "ny-17")).exits(0);
    let is_out = || !gateway.xml().contains("al.1a.1@elev") && !has(&gateway, "ny-17");
    assert!(is_out() && gateway.xml().contains("Nygift"));
    let mail = gateway.mails().pop().unwrap();
    assert!(!mail.all.contains("ny-17") && !mail.all.contains("al.1a.1@elev"), "{}", mail.all);
    gateway.run(&["status"]).exits(0).says("Borttagna för hand 1 ");
    gateway.run(&["find", "ny-17", "--as-of", "2026-08-25T08:00"]).exits(0).says("för hand");

    // From then on by that key, too: the number may go missing, and a third one come.
    let blank = called("night4", NUMBERED, "ny-17").with("personer.csv", "201806132385", "");
    gateway.night_of(26, &blank).exits(0);
    assert!(is_out());
    gateway.night_of(27, &called("night2", NUMBERED, "ny-18")).exits(0);
    assert!(is_out() && !has(&gateway, "ny-18"));

    // Nothing but keys and digests is written down of anybody, and all of that goes again.
    let kept = bytes_of_the_ledger(&gateway);
    assert!(
        kept.contains("ny-17") && !kept.contains("al.1a.1@elev") && !kept.contains("201806132385")
    );
    withdraw(&gateway, "ny-17", 27, &["--undo"]).exits(0).says("Ångrat.");
    gateway.run(&["withdraw", "--list"]).exits(0).says("Ingen är borttagen för hand.");
    let kept = bytes_of_the_ledger(&gateway);
    assert!(!kept.contains("ny-17") && !kept.contains("known_by"));
    gateway.run(&["history", "--verify"]).exits(0);
    gateway.night_of(28, &called("night4", NUMBERED, "ny-18")).exits(0);
    assert!(has(&gateway, "ny-18"), "the register's word again");
}

#[test]
fn rule_19_a_key_in_other_letters_brings_nobody_back() {
    for other in ["ELEV-AL-1A-2", "elev-al-1a-2 ", "elev-\u{200B}al-1A-2"] {
        let gateway = Gateway::new().delivered();
        withdraw(&gateway, PUPIL, 24, &[]).exits(0);
        gateway.night_of(25, &called("night2", PUPIL, other)).exits(0);
        assert!(
            !gateway.xml().contains("al.1a.2@elev") && gateway.xml().contains("Nygift"),
            "{other:?}"
        );
    }
}

/// Where there is no lasting number, a name is no proof: a person judges.
#[test]
fn rule_19_a_new_key_with_the_same_name_is_held_and_names_nobody() {
    let gateway = Gateway::new().mailing().delivered();
    withdraw(&gateway, PUPIL, 24, &[]).exits(0);
    // While the register has the key, whoever else has the name is somebody else.
    let namesake = "elev-ny-1;;Elsa;Ek;ny1@elev.exempelby.example;eny1;elev;99000001;1;N;";
    gateway.night_of(25, &Export::night("night2").row("personer.csv", namesake)).exits(0);
    assert!(has(&gateway, "elev-ny-1"));

    let back = called("night4", PUPIL, "ny-17").row("personer.csv", namesake);
    gateway.night_of(26, &back).exits(10).says("ta bort också den nya nyckeln");
    assert!(!has(&gateway, "ny-17") && has(&gateway, "elev-ny-1"));
    let mail = gateway.mails().pop().unwrap();
    assert!(mail.subject.contains("en borttagen kan vara tillbaka"), "{}", mail.subject);
    assert!(!mail.all.contains("ny-17") && !mail.all.contains("al.1a.2@elev"), "{}", mail.all);

    withdraw(&gateway, "ny-17", 26, &[]).exits(0);
    gateway.night_of(27, &back).exits(0);
    assert!(!has(&gateway, "ny-17") && gateway.xml().contains("Nygift"), "withdrawn, too");
    for key in [PUPIL, "ny-17"] {
        withdraw(&gateway, key, 27, &["--undo"]).exits(0);
    }
    gateway.night_of(28, &called("night2", PUPIL, "ny-17").row("personer.csv", namesake)).exits(0);
    assert!(has(&gateway, "ny-17"));
}

#[test]
fn rule_19_whoever_only_has_the_name_is_told_after_a_yes_and_never_asked_about_again() {
    let gateway = Gateway::new().delivered();
    withdraw(&gateway, PUPIL, 24, &[]).exits(0);
    gateway
        .night_of(25, &called("night2", PUPIL, "ny-17"))
        .exits(10)
        .says("ta bort också den nya nyckeln");
    gateway.approve(&[]).exits(0);
    assert!(has(&gateway, "ny-17"));
    gateway.night_of(26, &called("night4", PUPIL, "ny-17")).exits(0);
    // Another day of birth is another human.
    let other =
        called("night2", PUPIL, "ny-18").with("personer.csv", "20180303-TF02", "20180304-TF02");
    gateway.night_of(27, &other).exits(0);
    assert!(has(&gateway, "ny-18"));
}

/// Older programs kept the key alone: what else is known comes with the next night that sees it.
#[test]
fn rule_19_an_older_withdrawal_learns_from_the_next_night_whom_it_is_of() {
    let gateway = Gateway::new().delivered();
    withdraw(&gateway, NUMBERED, 24, &[]).exits(0);
    let strip = |text: &str| {
        let mut entry: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(entry.as_object_mut().unwrap().remove("known_by").is_some());
        entry.to_string()
    };
    reseal(&ledger(&gateway.state()), "withdrawn", "1", &strip);
    gateway.run(&["status"]).exits(0).says("Borttagna för hand 1 ");
    gateway.night_of(25, &Export::night("night2")).exits(0);
    gateway.night_of(26, &called("night4", NUMBERED, "ny-17")).exits(0);
    assert!(!has(&gateway, "ny-17") && !gateway.xml().contains("al.1a.1@elev"));
}

/// Protection by absence: the register drops the child and the relation, and keeps the guardian.
#[test]
fn rule_19_the_guardian_of_a_child_who_is_missing_goes_along_for_good() {
    let mut gateway = Gateway::new().delivered();
    gateway.configure(format!("{}\n[grace]\npersons = \"14d\"\n", gateway.config()));
    let night = |name: &str| Export::night(name).without(PUPIL);
    gateway.night_of(25, &night("night1")).exits(0);
    assert!(has(&gateway, PUPIL) && has(&gateway, "vuxen-al-2"), "who waits");
    let told = withdraw(&gateway, PUPIL, 25, &[]).exits(0);
    told.says("Med togs vårdnadshavare som inte har något annat barn där: 1");
    assert!(!has(&gateway, PUPIL) && !has(&gateway, "vuxen-al-2"));
    gateway.night_of(26, &night("night2")).exits(0);
    assert!(!has(&gateway, "vuxen-al-2") && gateway.xml().contains("Nygift"));
    withdraw(&gateway, PUPIL, 26, &["--undo"]).exits(0);
    gateway.night_of(27, &night("night4")).exits(0);
    assert!(has(&gateway, "vuxen-al-2"), "the register's word again");
}
