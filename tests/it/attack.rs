//! The built program against a small town that tries to lose its pupils: what must be held stays
//! held, and what a night leaves behind never has to be mended by hand.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rostergate::gateway::{Context, approve};
use rostergate::notify::night::Trigger;
use rostergate::state::Approval;
use tempfile::TempDir;

use crate::support::sshd::put;

const SITE: &str = r#"
config-version = 1
[site]
name = "Provstad"
state = "ROOT/state"
[source.register.csv]
folder = "ROOT/inbox"
encoding = "utf-8"
delimiter = ";"
complete = { done-file = "klar" }
[source.register.csv.schools]
file = "skolor.csv"
key = "Skola"
name = "Namn"
[source.register.csv.persons]
file = "personer.csv"
key = "Id"
given-name = "Förnamn"
family-name = "Efternamn"
school = "Skola"
role = { column = "Roll", values = { elev = "learner", personal = "staff" } }
protected = { column = "Sekretess", values = { N = false, J = true } }
[source.register.csv.groups]
file = "grupper.csv"
key = "Id"
name = "Namn"
kind = { column = "Typ", values = { klass = "class" } }
school = "Skola"
[source.register.csv.memberships]
file = "medlemskap.csv"
person = "Person"
group = "Grupp"
role = { column = "Roll", values = { elev = "learner", "lärare" = "instructor" } }
[target.lms]
environment = "test"
[target.lms.format.ims-enterprise]
dialect = "itslearning"
source = "Provstad"
file-name = "ims.xml"
[target.lms.deliver.folder]
path = "ROOT/out"
[mail]
from = "Rostergate <rostergate@provstad.example>"
to = ["it@provstad.example"]
[mail.folder]
path = "ROOT/mail"
"#;

/// A pupil or teacher of the town.
#[derive(Clone)]
struct Row {
    id: String,
    school: &'static str,
    role: &'static str,
    mark: &'static str,
}

struct Town {
    root: TempDir,
    config: String,
    rows: Vec<Row>,
}

/// What a command gave.
struct Said {
    exit: i32,
    text: String,
}

impl Town {
    /// 300 pupils and 20 teachers at two schools.
    fn new() -> Town {
        let root = TempDir::new().unwrap();
        for folder in ["inbox", "out", "mail"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let config = SITE.replace("ROOT", &root.path().display().to_string());
        let row = |n: u32| Row {
            id: format!("p{n:04}"),
            school: if n.is_multiple_of(2) { "10000001" } else { "10000002" },
            role: if n.is_multiple_of(16) { "personal" } else { "elev" },
            mark: "N",
        };
        Town { root, config, rows: (0..320).map(row).collect() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes the register's export as it stands now.
    fn export(&self) {
        let inbox = self.path("inbox");
        let mut persons = "Id;Förnamn;Efternamn;Skola;Roll;Sekretess\n".to_owned();
        let mut members = "Person;Grupp;Roll\n".to_owned();
        for Row { id, school, role, mark } in &self.rows {
            writeln!(persons, "{id};För{id};Efter{id};{school};{role};{mark}").unwrap();
            let what = if *role == "elev" { "elev" } else { "lärare" };
            writeln!(members, "{id};g{school};{what}").unwrap();
        }
        put(&inbox.join("skolor.csv"), "Skola;Namn\n10000001;Norra\n10000002;Sodra\n");
        put(&inbox.join("personer.csv"), &persons);
        let groups =
            "Id;Namn;Typ;Skola\ng10000001;1A;klass;10000001\ng10000002;1B;klass;10000002\n";
        put(&inbox.join("grupper.csv"), groups);
        put(&inbox.join("medlemskap.csv"), &members);
        put(&inbox.join("klar"), "");
    }

    #[expect(clippy::disallowed_methods, reason = "the program that is tried")]
    fn command(&self, words: &[&str]) -> Command {
        let config = self.path("r.toml");
        put(&config, &self.config);
        let mut command = Command::new(env!("CARGO_BIN_EXE_rostergate"));
        command.arg("--config").arg(&config).arg("--lang").arg("en").args(words);
        command
    }

    fn go(&self, words: &[&str]) -> Said {
        said(&self.command(words).output().unwrap())
    }

    /// A whole night with the export as it stands, at 04:15 of a day in September.
    fn night(&self, day: u32) -> Said {
        self.export();
        self.again(day, "04:15")
    }

    /// Another run on the same export.
    fn again(&self, day: u32, clock: &str) -> Said {
        self.go(&["run", "--as-of", &format!("2026-09-{day:02}T{clock}")])
    }

    fn approve(&self, plan: &str, number: usize, more: &[&str]) -> Said {
        let number = number.to_string();
        let words = ["approve", plan, "--reason", "checked", "--confirm", &number];
        self.go(&[&words, more].concat())
    }

    /// The first delivery, on the first of the month.
    fn founded() -> Town {
        let town = Town::new();
        let held = town.night(1);
        assert_eq!(held.exit, 10, "{}", held.text);
        let sent = town.approve(&held.plan(), 320, &["--receiver-empty"]);
        assert_eq!(sent.exit, 0, "{}", sent.text);
        town
    }

    fn sent(&self) -> String {
        fs::read_to_string(self.path("out/ims.xml")).unwrap()
    }

    fn mails(&self) -> Vec<String> {
        let mut names: Vec<String> = names(&self.path("mail"));
        names.sort();
        names
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn said(output: &Output) -> Said {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    Said { exit: output.status.code().unwrap_or(-1), text: String::from_utf8_lossy(&text).into() }
}

impl Said {
    /// The id of the plan that it speaks of.
    fn plan(&self) -> String {
        let at = self.text.find("P-").unwrap_or_else(|| panic!("no plan in: {}", self.text));
        self.text[at..at + 8].to_owned()
    }
}

#[test]
fn rule_3_a_newly_protected_person_never_carries_another_source_past_the_filter() {
    let mut town = Town::founded();
    let before = town.sent();
    town.config = town.config.replace("source = \"Provstad\"", "source = \"Nystad\"");
    town.rows[1].mark = "J";
    let night = town.night(2);
    assert_eq!(night.exit, 10, "{}", night.text);
    assert_eq!(town.sent(), before, "held: the receiver keeps yesterday's file");
}

#[test]
fn rule_18_newly_protected_persons_leave_a_held_night_and_tonights_export_stays_undelivered() {
    let mut town = Town::founded();
    town.rows[1].mark = "J";
    town.rows.truncate(200);
    let night = town.night(2);
    assert_eq!(night.exit, 10, "{}", night.text);
    let sent = town.sent();
    assert!(!sent.contains("Förp0001"), "the protected person has left");
    assert!(sent.contains("Förp0319"), "and nobody else");
    // A second run on the same export is held again, and does not call it delivered.
    let again = town.again(2, "09:00");
    assert_eq!(again.exit, 10, "{}", again.text);
    let approved = town.approve(&again.plan(), 120, &[]);
    assert_eq!(approved.exit, 0, "{}", approved.text);
    assert!(!town.sent().contains("Förp0319"));
}

#[test]
fn rule_6_a_baseline_held_for_its_age_stays_held_until_a_person_decides() {
    let town = Town::founded();
    for day in [20, 21, 22] {
        let night = town.night(day);
        assert_eq!(night.exit, 10, "{}", night.text);
    }
    let held = town.night(23);
    let approved = town.approve(&held.plan(), 0, &[]);
    assert_eq!(approved.exit, 0, "{}", approved.text);
    assert_eq!(town.night(24).exit, 0);
}

/// Somebody who approves plans, at a time of the test's choice.
fn at_the_desk<'a>(loaded: &'a rostergate::config::Loaded, now: &str) -> Context<'a> {
    Context {
        loaded,
        now: format!("{now}[Europe/Stockholm]").parse().unwrap(),
        replay: true,
        trigger: Trigger::Approval,
        only: Vec::new(),
        outside_hours: false,
        again: false,
        credentials: None,
        host: "host".to_owned(),
        unit: None,
        invocation: None,
        listener: &|_| (),
    }
}

#[test]
fn rule_14_what_was_held_before_a_window_opened_waits_with_it() {
    let mut town = Town::new();
    let window = "[[window]]\nname = \"Lov\"\nfrom = 2026-09-03\nthrough = 2026-09-09\n\
                  hold = [\"remove\"]\n[mail]\n";
    town.config = town.config.replace("[mail]\n", window);
    let first = town.night(1);
    assert_eq!(town.approve(&first.plan(), 320, &["--receiver-empty"]).exit, 0);
    town.rows.truncate(200);
    let held = town.night(2);
    assert_eq!(held.exit, 10, "{}", held.text);
    let loaded = rostergate::config::load(&town.path("r.toml")).unwrap();
    // On the evening before it may go, on the morning after it is too late.
    let at = |now| {
        let context = at_the_desk(&loaded, now);
        approve::ready(&context, &held.plan()).map(|_| ()).map_err(|failure| failure.code.0)
    };
    assert_eq!(at("2026-09-02T20:00"), Ok(()));
    assert_eq!(at("2026-09-03T07:00"), Err(331));
}

#[test]
fn a_person_who_thinks_before_an_approval_does_not_stop_the_night() {
    let mut town = Town::founded();
    town.rows.truncate(200);
    let held = town.night(2);
    let loaded = rostergate::config::load(&town.path("r.toml")).unwrap();
    let context = at_the_desk(&loaded, "2026-09-02T07:00");
    let ready = approve::ready(&context, &held.plan()).unwrap();
    assert_eq!(ready.to_confirm, 120);
    let night = town.night(3);
    assert_eq!(night.exit, 10, "not locked out: {}", night.text);
    let before = town.sent();
    let late = ready.approve(&Approval {
        who: "w".to_owned(),
        reason: "r".to_owned(),
        confirmed: 120,
        at: context.now.timestamp(),
        receiver_empty: false,
    });
    assert_eq!(late.map(|_| ()).unwrap_err().code.0, 331);
    assert_eq!(town.sent(), before);
}

#[test]
fn rule_16_a_night_outside_the_hours_makes_held_plans_stale_too() {
    let mut town = Town::founded();
    let hours = "[schedule]\ndeliver-between = [\"03:00\", \"06:00\"]\n[mail]";
    town.config = town.config.replace("[mail]", hours);
    let everybody = town.rows.clone();
    town.rows.truncate(200);
    let held = town.night(2);
    assert_eq!(held.exit, 10, "{}", held.text);
    town.rows = everybody;
    town.export();
    let planned = town.again(2, "09:00");
    assert_eq!(planned.exit, 13, "{}", planned.text);
    let stale = town.approve(&held.plan(), 120, &[]);
    assert_ne!(stale.exit, 0, "{}", stale.text);
    assert!(town.sent().contains("Förp0319"));
}

#[test]
fn a_lost_header_does_not_turn_a_name_into_a_suggested_column() {
    let town = Town::founded();
    town.export();
    put(
        &town.path("inbox/personer.csv"),
        "p1;Rolf;Skolan;10000001;elev;N\np2;Bo;Ek;10000001;elev;N\n",
    );
    let night = town.again(2, "04:15");
    assert_eq!(night.exit, 65, "{}", night.text);
    let failed = town.mails().into_iter().find(|name| name.contains("failed")).unwrap();
    let mail = fs::read_to_string(town.path("mail").join(failed)).unwrap();
    assert!(!night.text.contains("Rolf") && !mail.contains("Rolf"), "{}", night.text);
}

#[test]
fn a_night_whose_logbook_cannot_be_used_is_told_by_mail() {
    let town = Town::founded();
    put(&town.path("state/ledger.sqlite3"), "");
    let mails = town.mails().len();
    let before = town.sent();
    let night = town.night(2);
    assert_eq!(night.exit, 74, "{}", night.text);
    assert_eq!(town.mails().len(), mails + 1);
    assert_eq!(town.sent(), before);
}

#[test]
fn rule_7_a_foreign_file_is_told_of_a_held_plan_too() {
    let mut town = Town::founded();
    put(&town.path("out/ims.xml"), "another sender's");
    town.rows.truncate(200);
    town.rows[1].mark = "J";
    let held = town.night(2);
    assert_eq!(held.exit, 10, "{}", held.text);
    assert_eq!(town.sent(), "another sender's", "not replaced by a withdrawal either");
    let json = town.again(3, "04:15");
    assert_eq!(json.exit, 10);
    let told = town.go(&["plan", &json.plan(), "--json"]);
    assert!(told.text.contains("RG339") && told.text.contains("RG330"), "{}", told.text);
}

#[test]
fn rule_2_an_empty_file_is_no_baseline_to_adopt() {
    let town = Town::new();
    assert_eq!(town.night(1).exit, 10);
    let hollow = town.path("old.xml");
    put(&hollow, "<enterprise><properties><datasource>x</datasource></properties></enterprise>");
    let adopted = town.go(&["baseline", "adopt", "lms", &hollow.display().to_string()]);
    assert_eq!(adopted.exit, 66, "{}", adopted.text);
}
