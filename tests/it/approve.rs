//! A person's yes: to exactly the stored bytes of one plan, with the right number, while nothing
//! that the plan was judged by has moved.

use std::fs;

use jiff::Zoned;
use rostergate::state::{Approval, RunStart, StateDir, Today};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, sha256};
use crate::support::sshd::{command, put, run};

/// A gateway whose night 3 is held: a school is missing.
fn held() -> (Gateway, String) {
    let gateway = Gateway::new().delivered();
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    let plan = gateway.held();
    (gateway, plan)
}

/// Asserts that an approval was refused with an explanation, and that nothing was sent.
#[track_caller]
fn refused(gateway: &Gateway, approve: impl FnOnce() -> Told, code: &str, says: &str) {
    let (received, told) = (gateway.received(), gateway.baseline());
    let answer = approve().explains(code);
    assert!(answer.err.contains(says), "no {says:?} in\n{}", answer.err);
    assert!(answer.exit != 0, "{answer:?}");
    assert_eq!((gateway.received(), gateway.baseline()), (received, told));
}

fn stored(gateway: &Gateway, plan: &str) -> Vec<u8> {
    let runs = gateway.state().join("runs");
    let folders = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path());
    let folder = folders.into_iter().find(|path| path.ends_with(plan)).expect("the plan's folder");
    fs::read(folder.join("payload").join("ims.xml"))
        .or_else(|_| fs::read(folder.join("ims.xml")))
        .unwrap()
}

/// Rule 7: a yes to a plan is no yes to taking away a file that came since.
#[test]
fn a_file_that_somebody_else_left_since_is_not_replaced() {
    let (gateway, plan) = held();
    let file = gateway.remote().join("ims.xml");
    put(&file, "another sender's");
    refused(&gateway, || gateway.approve_plan(&plan, &[]), "RG374", "ims.xml");
    assert_eq!(fs::read_to_string(&file).unwrap(), "another sender's");
    // Told of it, a person may say yes knowingly.
    gateway.night_of(27, &Export::night("night3-school-missing")).exits(10);
    gateway.approve_plan(&gateway.held(), &[]).exits(0);
    assert_ne!(fs::read_to_string(&file).unwrap(), "another sender's");
}

#[test]
fn exactly_the_stored_bytes_go_out_whatever_the_register_says_now() {
    let (gateway, plan) = held();
    assert_eq!(gateway.number_of(&plan), 30, "29 in the missing school, and one who moved away");
    let bytes = stored(&gateway, &plan);
    gateway.export(&Export::night("night4"));
    let told = gateway.approve_plan(&plan, &[]).exits(0).says("GODKÄNT av anna.admin");
    let back = "OBS: planen tar bort personer som finns i registret igen: 29.";
    assert!(told.err.contains(back) && told.err.contains(" run --now"), "{}", told.err);
    assert_eq!(sha256(&bytes), sha256(gateway.xml().as_bytes()));
    assert_eq!(gateway.told(), sha256(&bytes));
    gateway.run(&["history"]).exits(0).says("godkänd av anna.admin: kontrollerat");
    // The next night is compared with what was sent.
    gateway.night(27).exits(10).says("30 personer skulle läggas till de 58 som finns");
}

#[test]
fn a_wrong_number_sends_nothing_and_the_plan_still_waits() {
    let (gateway, plan) = held();
    for wrong in ["29", "0", "300"] {
        let arguments = ["approve", &plan, "--reason", "x", "--confirm", wrong];
        refused(&gateway, || gateway.run(&arguments).exits(2), "RG506", wrong);
        assert!(!gateway.run(&arguments).err.contains("OBS"), "nobody came back");
    }
    // Without a terminal and without --confirm there is nobody to ask.
    refused(&gateway, || gateway.run(&["approve", &plan, "--reason", "x"]).exits(2), "RG508", "");
    let blank = ["approve", &plan, "--reason", " ", "--confirm", "30"];
    refused(&gateway, || gateway.run(&blank).exits(2), "RG507", "");
    gateway.approve_plan(&plan, &[]).exits(0);
}

#[test]
fn a_first_delivery_takes_a_word_on_what_the_receiver_holds() {
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let plan = gateway.held();
    assert_eq!(gateway.number_of(&plan), 87, "the number of persons");
    refused(&gateway, || gateway.approve_plan(&plan, &[]).exits(10), "RG333", "--receiver-empty");
    gateway.approve_plan(&plan, &["--receiver-empty"]).exits(0);
}

#[test]
fn a_plan_is_approved_once() {
    let (gateway, plan) = held();
    let number = gateway.number_of(&plan).to_string();
    gateway.approve_plan(&plan, &[]).exits(0);
    let again = ["approve", &plan, "--reason", "igen", "--confirm", &number];
    refused(&gateway, || gateway.run(&again).exits(2), "RG505", &plan);
    refused(
        &gateway,
        || gateway.run(&["approve", "P-ZZZZZZ", "--reason", "x", "--confirm", "1"]).exits(2),
        "RG504",
        "P-ZZZZZZ",
    );
}

#[test]
fn stale_after_a_newer_run() {
    let (gateway, plan) = held();
    gateway.night_of(27, &Export::night("night3-school-missing")).exits(10);
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    let newer = gateway.run(&["history", "--json"]).json()["runs"][0]["run"].clone();
    let newer = newer.as_str().unwrap();
    refused(&gateway, || gateway.run(&arguments).exits(10), "RG331", newer);
    // The plan that waits in its place is named, to be looked at.
    let now = format!("Nu väntar i stället planen {}.", gateway.held());
    refused(&gateway, || gateway.run(&arguments).exits(10), "RG331", &now);
    let look = format!(" plan {}\n", gateway.held());
    refused(&gateway, || gateway.run(&arguments).exits(10), "RG331", &look);
    gateway.approve(&[]).exits(0);
    let told = gateway.run(&arguments).exits(10).explains("RG331");
    assert!(!told.err.contains("i stället"), "none waits now: {}", told.err);
}

/// A new run, which is what helps then, would fail: so the export comes first.
#[test]
fn stale_beside_an_export_that_cannot_be_used() {
    let (gateway, plan) = held();
    gateway.night_of(27, &Export::night("night3-school-missing")).exits(10);
    let newer = gateway.held();
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    let told = gateway.run(&arguments).exits(10).explains("RG331");
    assert!(!told.err.contains("Exporten"), "it is whole: {}", told.err);
    let cases = [("export.klar", "exporten var inte färdig (RG312)"), ("personer.csv", "RG311")];
    for (gone, says) in cases {
        gateway.export(&Export::night("night3-school-missing"));
        fs::remove_file(gateway.inbox().join(gone)).unwrap();
        let told = gateway.run(&arguments).exits(10).explains("RG331");
        let (before, after) = told.err.split_once("Exporten går inte att använda").unwrap();
        assert!(after.lines().next().unwrap().contains(says), "{}", told.err);
        assert!(!before.contains("run --now") && after.contains("run --now"), "{}", told.err);
        assert!(after.contains(&newer), "{}", told.err);
    }
}

#[test]
fn stale_after_an_edit_of_the_configuration_until_it_is_undone() {
    let (mut gateway, plan) = held();
    let edits = [
        ("always-allow = 3", "always-allow = 4", "inställningsfilen har ändrats"),
        ("dialect   = \"itslearning\"", "dialect   = \"plain\"", "filens inställningar"),
        ("source    = \"Exempelby\"", "source    = \"Exempelstad\"", "filens inställningar"),
        (
            "environment = \"test\"",
            "environment = \"test\"\nschools = [\"99000001\"]",
            "inställningsfilen har ändrats",
        ),
    ];
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    for (from, to, moved) in edits {
        gateway.change(from, to);
        refused(&gateway, || gateway.run(&arguments).exits(10), "RG331", moved);
        gateway.change(to, from);
    }
    gateway.run(&arguments).exits(0);
}

#[test]
fn stale_when_somebody_in_it_is_protected_now() {
    let (gateway, plan) = held();
    let night = Export::night("night3-school-missing");
    gateway.export(&night.clone().marked("elev-al-1A-2", "J"));
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    refused(&gateway, || gateway.run(&arguments).exits(10), "RG331", "skyddsmärkning");
    gateway.night(27).exits(10);
    assert!(!gateway.xml().contains("elev-al-1A-2"), "withdrawn by the next run");
    gateway.approve(&[]).exits(0);
    assert!(!gateway.xml().contains("elev-al-1A-2") && !gateway.xml().contains("elev-ek-"));
}

#[test]
fn without_today_s_markings_nothing_leaves() {
    let (gateway, plan) = held();
    fs::remove_file(gateway.inbox().join("personer.csv")).unwrap();
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    refused(&gateway, || gateway.run(&arguments).exits(66), "RG311", "personer.csv");
}

#[test]
fn a_plan_expires() {
    let (mut gateway, plan) = held();
    let other = format!(
        "[target.prov]\nenvironment = \"test\"\n[target.prov.format.ims-enterprise]\n\
         dialect = \"plain\"\nsource = \"Exempelby\"\nfile-name = \"prov.xml\"\n\
         [target.prov.deliver.folder]\npath = \"{}\"\n\n[mail]\n",
        gateway.home().join("mail").display()
    );
    gateway.change("[mail]\n", &other);
    gateway.run(&["run", "--target", "prov", "--as-of", "2026-08-28T04:16"]).exits(10);
    let arguments = ["approve", &plan, "--reason", "x", "--confirm", "30"];
    refused(
        &gateway,
        || gateway.run(&arguments).exits(10),
        "RG331",
        "tiden för godkännande har gått ut",
    );
}

/// A person's yes is written down, and the program ends before anything leaves.
fn cut_short(gateway: &Gateway, plan: &str) {
    let now: Zoned = "2026-08-26T09:00:00+02:00[Europe/Stockholm]".parse().unwrap();
    let state = StateDir::open(&gateway.state(), &now).unwrap();
    let _lock = state.lock("approve", &now).unwrap();
    let plan = state.find_plan(plan).unwrap();
    let facts = plan.facts.unwrap();
    let start = RunStart {
        trigger: "approve".to_owned(),
        version: facts.version,
        config_digest: facts.config_digest,
        invocation: None,
    };
    let today = Today {
        run: state.begin_run(&start, &now).unwrap().id,
        config_digest: facts.config_digest,
        format_digest: facts.format_digest,
        protection_moved: false,
        told_otherwise: false,
    };
    let approval = Approval {
        who: "anna.admin".to_owned(),
        reason: "kontrollerat".to_owned(),
        confirmed: facts.removals,
        at: now.timestamp(),
        receiver_empty: false,
    };
    drop(state.held(&plan.id).unwrap().approve(approval, &today).unwrap());
}

#[test]
fn f88_an_approval_that_was_cut_short_goes_out_with_the_next_run_on_that_export() {
    let (gateway, plan) = held();
    let bytes = stored(&gateway, &plan);
    cut_short(&gateway, &plan);
    let status = gateway.run(&["status"]).exits(0).says("nästa körning med samma export");
    assert!(status.out.contains(&plan) && status.out.contains(" pause"), "{}", status.out);
    gateway.run(&["run", "--as-of", "2026-08-26T10:00"]).exits(0).says("GODKÄND och skickad");
    assert_eq!(sha256(&bytes), sha256(gateway.xml().as_bytes()));
    assert_eq!(gateway.told(), sha256(&bytes));
}

/// The pause that `status` tells to type is one, as it stands there, and lasts for long enough.
#[test]
fn f88_what_prevents_an_approved_plan_from_going_out_can_be_typed() {
    let (gateway, plan) = held();
    cut_short(&gateway, &plan);
    let home = gateway.home().display().to_string();
    let mut of_many = command(env!("CARGO_BIN_EXE_rostergate"));
    let of_many = run(of_many.args(["--lang", "sv", "status", "--config-dir", &home]));
    let before = gateway.received();
    for status in [of_many, gateway.run(&["status"]).out] {
        let hint = status.lines().find(|line| line.contains(" pause ")).expect("a hint");
        let typed = hint.trim().replace("sudo rostergate", env!("CARGO_BIN_EXE_rostergate"));
        let _resumed = gateway.run(&["resume"]);
        run(command("sh").args(["-c", &typed]));
    }
    gateway.run(&["run", "--as-of", "2026-08-26T10:00"]).exits(13);
    assert_eq!(gateway.received(), before);
}

/// Too late, ahead of a newer export, by a wrong clock, or over somebody else's file it does not:
/// it is as any plan that waits, and the mail says so.
#[test]
fn f88_an_approval_that_was_cut_short_does_not_go_out_where_a_yes_would_not_count() {
    let as_bad = Export::night("night3-school-missing").lasting();
    let cases = [
        ("expired", "2026-08-28T04:15", None, false, 10),
        ("a newer export", "2026-08-27T04:15", Some(Export::night("night2")), false, 0),
        ("a newer export, as bad", "2026-08-27T04:15", Some(as_bad), false, 10),
        ("a wrong clock", "2036-08-26T10:00", None, false, 10),
        ("another's file", "2026-08-26T10:00", None, true, 10),
    ];
    for (case, time, export, foreign, exit) in cases {
        let (gateway, plan) = held();
        let bytes = sha256(&stored(&gateway, &plan));
        cut_short(&gateway, &plan);
        if let Some(export) = export {
            gateway.export(&export);
        }
        let file = gateway.remote().join("ims.xml");
        if foreign {
            put(&file, "another sender's");
        }
        let before = fs::read(&file).unwrap();
        let told = gateway.run(&["run", "--as-of", time]);
        assert_eq!(told.exit, exit, "{case}: {told:?}");
        let now = fs::read(&file).unwrap();
        assert!(sha256(&now) != bytes && (exit == 0 || now == before), "{case}: sent");
        let mails = gateway.eml();
        let told = mails.values().map(|mail| mail.replace("=\r\n", ""));
        let told = told.filter(|mail| mail.contains(&plan) && mail.contains(" i efterhand"));
        assert_eq!(told.count(), 1, "{case}: {mails:?}");
    }
}

#[test]
fn what_a_predecessor_sent_is_taken_over_and_held_once() {
    let old = Gateway::new().delivered();
    let gateway = Gateway::new();
    let file = old.remote().join("ims.xml").display().to_string();
    fs::copy(&file, gateway.remote().join("ims.xml")).unwrap();
    gateway.run(&["baseline", "adopt", "lms", &file]).exits(0).says("87");
    gateway.night_of(25, &Export::night("night2")).exits(10);
    let plan = gateway.held();
    let counts = gateway.run(&["plan", &plan, "--json"]).json()["counts"].clone();
    let persons = &counts["persons"];
    assert_eq!((persons["added"].as_u64(), persons["removed"].as_u64()), (Some(1), Some(1)));
    gateway.approve_plan(&plan, &[]).exits(0);
    assert!(gateway.xml().contains("Nygift"));
    gateway.night_of(27, &Export::night("night4")).exits(0);
}
