//! Rule 12, F41: what goes because of the configuration or the program is told apart from what
//! the register lets go, and is held however little it is.

use std::collections::BTreeSet;
use std::io::{self, Read};

use jiff::civil::date;
use rostergate::formats::Format;
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::plan::{
    Input, Model, OpenSnapshot, Plan, Purpose, Register as Reading, plan,
};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::rules::{Effect, Made, PIPELINE_REVISION, Rules, Selected, effect};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings};
use rostergate::pipeline::season::Season;
use rostergate::pipeline::select::{Choice, Selection};
use rostergate::pipeline::verdict::{Breach, Cause, Verdict};
use rostergate::roster::entity::Person;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};
use rostergate::state::PlanFacts;

use crate::rows::{Register, class, packed, pupil, staff};
use crate::support::export::Export;
use crate::support::gateway::Gateway;

fn ims() -> Format {
    let text = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
                username = \"username\"\nfile-name = \"ims.xml\"\n";
    toml::from_str(text).expect("a format")
}

fn selecting(years: Choice) -> Selection {
    Selection {
        schools: Choice::All,
        years,
        roles: Role::OF_PERSONS.iter().copied().collect(),
        groups: GroupKind::ALL.iter().copied().collect(),
        send: BTreeSet::new(),
        group_keys: GroupKeys::default(),
    }
}

fn these(years: &[&str]) -> Choice {
    Choice::These(years.iter().map(|&year| year.to_owned()).collect())
}

fn rules(years: Choice) -> Rules {
    Rules {
        selection: Selected::from(&selecting(years)),
        sources: "s".to_owned(),
        protection: "p".to_owned(),
        target: "t".to_owned(),
        revision: PIPELINE_REVISION,
    }
}

/// A hundred pupils, every tenth of them in year 9, one teacher and one class of all.
fn town(without: &[&str]) -> Register {
    let keys: Vec<String> = (0..100).map(|number| format!("p{number:02}")).collect();
    let told: Vec<&String> = keys.iter().filter(|key| !without.contains(&key.as_str())).collect();
    let rows = Register::new().school("s1", "Björkskolan");
    let rows = told.iter().fold(rows, |rows, key| {
        let school_year = if key.ends_with('9') { "9" } else { "8" };
        rows.person(&Person {
            given_name: "Kim",
            family_name: "Alm",
            school_year,
            ..pupil(key, "s1")
        })
    });
    let rows = rows
        .person(&Person { given_name: "Li", family_name: "Ek", ..staff("t1", "s1") })
        .group(&class("g1", "s1"))
        .member("g1", "t1", Role::Instructor);
    told.iter().fold(rows, |rows, key| rows.member("g1", key, Role::Learner))
}

fn reading(register: Register) -> Reading {
    let mut draft = register.draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let set_aside = draft.set_aside_rows().clone();
    let persons_read = draft.rows_read(Kind::Person);
    let (roster, issues) = Roster::assemble(draft);
    Reading { roster, protected, set_aside, rows: 10_000, persons_read, garbled_names: 0, issues }
}

fn planned(register: &Reading, years: Choice, model: Model<'_>) -> Plan {
    let limits = Limits::resolve(&Settings::default(), &Settings::default());
    plan(Input {
        register,
        selection: &selecting(years),
        format: &ims(),
        limits: &limits,
        model,
        other_encoding: None,
        around: Circumstances::default(),
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2026, 11, 21) },
        purpose: Purpose::Tonight,
    })
    .expect("a plan")
}

/// What rules do to tonight's plan when the whole town was told last.
fn effect_of(tonight: Register, years: Choice, before: &Rules, now: &Rules) -> (Verdict, Effect) {
    let told = planned(&reading(town(&[])), Choice::All, Model::Nothing).feed.roster;
    let bytes = packed(&told);
    let open: OpenSnapshot<'_> =
        &|| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) };
    let register = reading(tonight);
    let plan = planned(&register, years, Model::Known(open));
    let format = ims();
    let model = Model::Known(open);
    let group_keys = &GroupKeys::default();
    let today = date(2026, 11, 21);
    let made = Made { register: &register, format: &format, group_keys, model, today };
    let effect = effect(&plan, before, now, &made).expect("a sound baseline");
    (plan.verdict, effect)
}

fn removes(persons: u64, memberships: u64, cause: Cause) -> Effect {
    let breach =
        Breach::ConfigurationRemoves { persons, groups: 0, memberships, relations: 0, cause };
    Effect { breach: Some(breach), waits: false }
}

const NOTHING: Effect = Effect { breach: None, waits: false };

#[test]
fn rule_12_a_narrower_selection_is_told_apart_from_who_left_the_register() {
    let (before, now) = (rules(Choice::All), rules(these(&["8"])));
    let (_, effect) = effect_of(town(&[]), these(&["8"]), &before, &now);
    assert_eq!(effect, removes(10, 10, Cause::Selection));
    // Three left the register, two of whom the selection would have left out anyway.
    let gone = ["p00", "p09", "p19"];
    let (verdict, effect) = effect_of(town(&gone), these(&["8"]), &before, &now);
    assert_eq!(effect, removes(8, 8, Cause::Selection));
    assert_ne!(verdict, Verdict::Pass, "eleven of a hundred are too many by the numbers, too");
    // All of the removals are the register's.
    let nines: Vec<String> = (0..10).map(|tens| format!("p{tens}9")).collect();
    let nines: Vec<&str> = nines.iter().map(String::as_str).collect();
    assert_eq!(effect_of(town(&nines), these(&["8"]), &before, &now).1, NOTHING);
}

#[test]
fn rule_12_one_pupil_is_enough_though_the_filter_would_let_one_go() {
    let nines: Vec<String> = (1..10).map(|tens| format!("p{tens}9")).collect();
    let gone: Vec<&str> = nines.iter().map(String::as_str).collect();
    let (before, now) = (rules(Choice::All), rules(these(&["8"])));
    let (verdict, effect) = effect_of(town(&gone), these(&["8"]), &before, &now);
    assert_eq!((verdict, effect), (Verdict::Pass, removes(1, 1, Cause::Selection)));
}

#[test]
fn rule_12_the_same_rules_or_wider_ones_hold_nothing() {
    let all = rules(Choice::All);
    assert_eq!(effect_of(town(&["p00"]), Choice::All, &all, &all).1, NOTHING);
    let (narrow, wide) = (rules(these(&["8", "9"])), rules(Choice::All));
    assert_eq!(effect_of(town(&["p00"]), Choice::All, &narrow, &wide).1, NOTHING);
}

#[test]
fn rule_12_under_other_source_settings_or_another_program_any_removal_is_held() {
    let now = rules(Choice::All);
    let others = [
        (Rules { sources: "x".into(), ..now.clone() }, Cause::Source),
        (Rules { protection: "x".into(), ..now.clone() }, Cause::Source),
        (Rules { target: "x".into(), ..now.clone() }, Cause::Source),
        (Rules { revision: PIPELINE_REVISION - 1, ..now.clone() }, Cause::Program),
        (Rules { sources: "x".into(), ..rules(these(&["7"])) }, Cause::Source),
    ];
    for (before, cause) in others {
        let (verdict, effect) = effect_of(town(&["p00"]), Choice::All, &before, &now);
        assert_eq!((verdict, effect), (Verdict::Pass, removes(1, 1, cause)));
        assert_eq!(effect_of(town(&[]), Choice::All, &before, &now).1, NOTHING);
    }
}

/// Rule 10: a pupil whose row cannot be used today is told again, though nothing selects her. She
/// is not forgotten as one whom the configuration would remove.
#[test]
fn rule_12_who_is_told_once_more_keeps_the_old_rules_alive() {
    let (before, now) = (rules(Choice::All), rules(these(&["8"])));
    let nines: Vec<String> = (1..10).map(|tens| format!("p{tens}9")).collect();
    let gone: Vec<&str> = nines.iter().map(String::as_str).collect();
    let tonight =
        town(&gone).set_aside(Kind::Person, "p09", "").set_aside(Kind::Membership, "p09", "g1");
    let (_, effect) = effect_of(tonight, these(&["8"]), &before, &now);
    assert_eq!(effect, Effect { breach: None, waits: true });
}

#[test]
fn rule_12_an_entry_of_an_older_program_says_nothing_of_its_rules() {
    let gateway = Gateway::new().delivered();
    let now = "2026-08-24T04:15:00+02:00[Europe/Stockholm]".parse().unwrap();
    let state = rostergate::state::StateDir::open(&gateway.state(), &now).unwrap();
    let plan = state.latest_plan("lms").unwrap().unwrap();
    let facts = plan.facts.unwrap();
    assert!(facts.rules.as_ref().unwrap().read().is_some());
    let mut json = serde_json::to_value(&facts).unwrap();
    assert!(!json["rules"].to_string().contains("PersonId"), "no settings, only digests: {json}");
    let fields = json.as_object_mut().unwrap();
    fields.remove("rules").unwrap();
    fields.remove("withdrawal").unwrap();
    let old: PlanFacts = serde_json::from_value(json).unwrap();
    assert_eq!((old.rules, old.withdrawal), (None, false));
}

/// One pupil in year 9 among 48; the default allowance of the fixture is three.
fn nine() -> Export {
    Export::night("night1").with("personer.csv", "eal4a3;elev;99000001;4", "eal4a3;elev;99000001;9")
}

fn with_a_nine() -> Gateway {
    let gateway = Gateway::new().mailing();
    gateway.night_of(24, &nine()).exits(10);
    gateway.approve(&["--receiver-empty"]).exits(0);
    gateway
}

const NARROW: &str = "[target.lms]\nyears = [\"1\", \"4\"]\n";

#[test]
fn f41_a_shorter_list_of_years_is_held_for_one_pupil_until_it_is_approved() {
    let mut gateway = with_a_nine();
    let before = gateway.received();
    gateway.change("[target.lms]\n", NARROW);
    for day in [25, 26] {
        let night = gateway.night_of(day, &nine()).exits(10);
        night.says(
            "konfigurationen, inte registret, gör att 1 person och 2 medlemskap skulle tas bort.",
        );
        assert_eq!(gateway.held_for(), ["RG359"]);
        assert_eq!(gateway.received(), before);
    }
    let config = &gateway.held_json()["config"];
    assert!(config["plan"].is_string() && config["baseline"].is_string(), "{config}");
    assert_ne!(config["plan"], config["baseline"]);
    let seen = gateway.run(&["plan", "--as-of", "2026-08-26T05:00", "--json"]).exits(10).json();
    assert_eq!(seen["targets"]["lms"]["config"], *config);
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("ändrad konfiguration"), "{}", mail.subject);
    assert!(mail.body.contains("konfigurationen, inte registret"), "{}", mail.body);

    gateway.approve(&[]).exits(0);
    assert!(!gateway.xml().contains("elev-al-4A-3<"));
    let later = nine().without("elev-al-1A-1;");
    gateway.night_of(27, &later).exits(0);
    assert!(!gateway.xml().contains("elev-al-1A-1<"), "from here on the register is the cause");
}

#[test]
fn f41_a_mistake_that_is_undone_holds_nothing_more() {
    let mut gateway = with_a_nine();
    gateway.change("[target.lms]\n", NARROW);
    gateway.night_of(25, &nine()).exits(10);
    gateway.change(NARROW, "[target.lms]\n");
    gateway.night_of(26, &nine().without("elev-al-1A-1;")).exits(0);
    assert!(gateway.xml().contains("elev-al-4A-3<"));
}

/// The file that lets a protected person go was made by last time's rules, not by the new ones.
#[test]
fn rule_18_a_withdrawal_does_not_make_the_new_rules_old() {
    let mut gateway = with_a_nine();
    gateway.change("[target.lms]\n", NARROW);
    for day in [25, 26] {
        gateway.night_of(day, &nine().marked("elev-al-1A-2", "J")).exits(10);
        let xml = gateway.xml();
        assert!(!xml.contains("elev-al-1A-2<") && xml.contains("elev-al-4A-3<"));
        assert_eq!(gateway.held_for(), ["RG359"], "{day} August");
    }
}

#[test]
fn f41_an_edit_of_the_source_holds_a_night_that_removes_and_no_other() {
    let mut gateway = Gateway::new().delivered();
    gateway.change("delimiter = \";\"\n", "delimiter = \";\"\nquote = \"\\\"\"\n");
    let night = gateway.night_of(25, &Export::night("night2")).exits(10);
    night.says("det kan vara konfigurationen, inte registret, som gör att 1 person");
    assert_eq!(gateway.held_for(), ["RG359"]);
    let married = Export::night("night1").with("personer.csv", "Nils;Näs", "Nils;Nygift");
    gateway.night_of(26, &married).exits(0);
    gateway.night_of(27, &married.without("elev-al-1A-1;")).exits(0);
}

#[test]
fn rule_12_limits_times_and_mails_are_no_cause() {
    let mut gateway = Gateway::new().delivered();
    gateway.change("always-allow = 3", "always-allow = 4");
    gateway.change("[mail]\n", "[schedule]\ndeliver-between = [\"00:00\", \"06:30\"]\n[mail]\n");
    gateway.change("delimiter = \";\"\n", "delimiter = \";\"\nmax-age = \"30h\"\n");
    gateway.night_of(25, &Export::night("night2")).exits(0);
}
