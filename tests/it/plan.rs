//! A whole plan in the real format: what is told, what is held, and that the finished file does
//! what was planned. Each test of a safety rule carries its number.

use std::collections::BTreeSet;
use std::io::{self, Read};

use jiff::civil::date;
use rostergate::formats::Format;
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::plan::{
    Input, Model, OpenSnapshot, Plan, Purpose, Register as Reading, plan, rehearse,
};
use rostergate::pipeline::protect::{Pseudonym, Pseudonyms, protect};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings};
use rostergate::pipeline::season::Season;
use rostergate::pipeline::select::{Choice, Selection};
use rostergate::pipeline::verdict::{Breach, Verdict};
use rostergate::pipeline::withdrawal::Leaving;
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use crate::rows::{Register, class, guardian, lines, packed, pupil, staff};

fn ims() -> Format {
    let text = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
                username = \"username\"\nfile-name = \"ims.xml\"\n";
    toml::from_str(text).expect("a format")
}

fn selection() -> Selection {
    Selection {
        schools: Choice::All,
        years: Choice::All,
        roles: Role::OF_PERSONS.iter().copied().collect(),
        groups: GroupKind::ALL.iter().copied().collect(),
        send: BTreeSet::new(),
        group_keys: GroupKeys::default(),
    }
}

/// What was read tonight.
fn reading(register: Register, pseudonyms: &Pseudonyms) -> Reading {
    let mut draft = register.draft();
    let protected = protect(&mut draft, pseudonyms);
    let set_aside = draft.set_aside_rows().clone();
    let persons_read = draft.rows_read(Kind::Person);
    let (roster, issues) = Roster::assemble(draft);
    Reading { roster, protected, set_aside, rows: 10_000, persons_read, garbled_names: 0, issues }
}

fn planned(register: &Reading, model: Model<'_>) -> Plan {
    let limits = Limits::resolve(&Settings::default(), &Settings::default());
    let first_delivery = matches!(model, Model::Nothing).then(Vec::new);
    plan(Input {
        register,
        selection: &selection(),
        format: &ims(),
        limits: &limits,
        model,
        other_encoding: None,
        around: Circumstances { first_delivery, ..Circumstances::default() },
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2026, 11, 21) },
        purpose: Purpose::Tonight,
    })
    .expect("a plan")
}

/// What the target was last told, minus whoever is protected tonight.
fn withdrawn(open: OpenSnapshot<'_>, tonight: &Reading, plan: &Plan) -> Plan {
    let leaving = Leaving {
        carried: plan.carried,
        protected: &tonight.protected,
        tonight: &plan.feed.roster,
        pending: &[],
        archives: &BTreeSet::new(),
        limits: &Limits::resolve(&Settings::default(), &Settings::default()),
    };
    Plan::withdrawal(open, &leaving).expect("the baseline is whole")
}

/// Writes the plan's file and rehearses it against the model of the receiver.
#[track_caller]
fn rehearsed(plan: &Plan, model: Model<'_>) -> String {
    let stamp = date(2026, 11, 21).in_tz("Europe/Stockholm").expect("a time");
    let name = ims().document_names().remove(0);
    let mut bytes = Vec::new();
    ims().write(&plan.feed.roster, &stamp, &name, &mut bytes).expect("memory takes every byte");
    let document: Box<dyn io::BufRead> = Box::new(bytes.as_slice());
    rehearse(plan, &ims(), model, vec![(name, document)]).expect("does what was planned");
    String::from_utf8(bytes).expect("text")
}

/// Runs `with` on a stored snapshot, opened anew each time.
fn known<T>(told: &Roster, with: impl FnOnce(OpenSnapshot<'_>) -> T) -> T {
    let bytes = packed(told);
    with(&|| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) })
}

fn canary() -> Person<'static> {
    Person {
        given_name: "Kanarieva",
        family_name: "Gulfjäder",
        email: "kg@elev.example",
        username: "kanarie01",
        ..pupil("c1", "s1")
    }
}

/// A town of two schools; `change` decides what of the canary the register says.
fn town(pupils_of_s2: usize, canary: impl FnOnce(Register) -> Register) -> Register {
    let keys: Vec<String> = (0..100).map(|number| format!("p{number:02}")).collect();
    let rows = Register::new().school("s1", "Björkskolan").school("s2", "Havets förskola");
    let told = keys.iter().enumerate().filter(|(at, _)| *at >= 50 || *at < pupils_of_s2);
    let rows = told.fold(rows, |rows, (at, key)| {
        let school = if at < 50 { "s2" } else { "s1" };
        rows.person(&Person { given_name: "Kim", family_name: "Alm", ..pupil(key, school) })
    });
    let named = |key| Person { given_name: "Bo", family_name: "Ek", ..guardian(key) };
    let rows = canary(rows)
        .person(&Person { given_name: "Li", family_name: "Ek", ..staff("t1", "s1") })
        .persons([named("v1"), named("v2")])
        .group(&class("g1", "s1"))
        .group(&class("g2", "s1"))
        .group(&Group { name: "Stöd Kanarieva G", ..class("g3", "s1") });
    ["g1", "g3"]
        .into_iter()
        .fold(rows, |rows, group| {
            rows.member(group, "p99", Role::Learner).member(group, "c1", Role::Learner)
        })
        .member("g2", "c1", Role::Learner)
        .member("g1", "t1", Role::Instructor)
        .guardian("v1", "c1")
        .guardian("v2", "p99")
}

fn open_town(pupils_of_s2: usize) -> Register {
    town(pupils_of_s2, |rows| rows.person(&canary()))
}

fn marked_town(pupils_of_s2: usize) -> Register {
    town(pupils_of_s2, |rows| rows.protected(&canary()))
}

fn yesterday() -> Plan {
    planned(&reading(open_town(50), &Pseudonyms::new()), Model::Nothing)
}

fn held(plan: &Plan) -> &[Breach] {
    match &plan.verdict {
        Verdict::Pass => &[],
        Verdict::Hold(breaches) => breaches,
    }
}

#[test]
fn rule_02_a_first_delivery_is_held_and_its_file_is_as_planned() {
    let plan = yesterday();
    let expected = [Breach::FirstDelivery { persons: 104, moved: vec![], last_for: None }];
    assert_eq!(held(&plan), expected);
    rehearsed(&plan, Model::Nothing);
}

#[test]
fn a_night_without_news_passes_and_changes_nothing() {
    known(&yesterday().feed.roster, |open| {
        let plan = planned(&reading(open_town(50), &Pseudonyms::new()), Model::Known(open));
        assert!(plan.verdict == Verdict::Pass && plan.is_unchanged());
        rehearsed(&plan, Model::Known(open));
    });
}

#[test]
fn rule_04_a_damaged_baseline_is_an_error_and_never_a_first_delivery() {
    let tonight = reading(open_town(50), &Pseudonyms::new());
    let limits = Limits::resolve(&Settings::default(), &Settings::default());
    let mut bytes = packed(&yesterday().feed.roster);
    bytes.pop();
    let open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) };
    let result = plan(Input {
        register: &tonight,
        selection: &selection(),
        format: &ims(),
        limits: &limits,
        model: Model::Known(&open),
        other_encoding: None,
        around: Circumstances::default(),
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2026, 11, 21) },
        purpose: Purpose::Tonight,
    });
    assert_eq!(result.map(|_| ()).map_err(|error| error.code().0), Err(502));
}

#[test]
fn rule_10_faulty_rows_remove_nobody_in_the_finished_file() {
    known(&yesterday().feed.roster, |open| {
        let register = town(50, |rows| rows).set_aside(Kind::Person, "c1", "");
        let plan = planned(&reading(register, &Pseudonyms::new()), Model::Known(open));
        let counts = &plan.feed.counts;
        assert_eq!((counts.persons.removed, plan.carried_over.entities), (0, 1));
        assert!(rehearsed(&plan, Model::Known(open)).contains("Gulfjäder"));
    });
}

#[test]
fn rule_18_a_protected_person_leaves_with_a_passing_plan_and_is_no_removal() {
    known(&yesterday().feed.roster, |open| {
        let plan = planned(&reading(marked_town(50), &Pseudonyms::new()), Model::Known(open));
        assert_eq!((plan.newly_protected, plan.feed.counts.persons.removed), (2, 0));
        assert!(!plan.is_unchanged() && !plan.changes.contains("c1"), "{}", plan.changes);
        let file = rehearsed(&plan, Model::Known(open));
        assert!(!file.contains("Gulfjäder") && !file.contains("Kanarieva") && !file.contains("c1"));
    });
}

/// I8: a school is missing, the night is held, and the protected person leaves all the same.
#[test]
fn rule_18_a_held_night_still_tells_the_last_file_minus_the_protected_person() {
    known(&yesterday().feed.roster, |open| {
        let tonight = reading(marked_town(0), &Pseudonyms::new());
        let plan = planned(&tonight, Model::Known(open));
        assert!(held(&plan).iter().all(Breach::permits_withdrawal) && !held(&plan).is_empty());
        let reduced = withdrawn(open, &tonight, &plan);
        assert_eq!((reduced.newly_protected, reduced.feed.counts.persons.removed), (2, 0));
        assert_eq!(reduced.feed.roster.count(Kind::Person), 102, "the missing school stays");
        assert_eq!(reduced.feed.roster.count(Kind::Group), 1, "nor a group of hers or by her name");
        let file = rehearsed(&reduced, Model::Known(open));
        assert!(!file.contains("Gulfjäder") && !file.contains("Kanarieva") && !file.contains("c1"));
    });
}

/// Of whom one word is known, only groups that they are in are called like them.
#[test]
fn a_single_word_is_nobodys_whole_name() {
    let town = |canary: &dyn Fn(Register) -> Register| {
        town(50, |rows| {
            canary(rows).group(&Group { name: "Stöd Gulfjäder", ..class("g4", "s1") })
        })
    };
    let mononym = || Person { given_name: "", ..canary() };
    let before = reading(town(&|rows| rows.person(&mononym())), &Pseudonyms::new());
    let before = planned(&before, Model::Nothing).feed.roster;
    known(&before, |open| {
        let marked = town(&|rows| rows.protected(&mononym()));
        let tonight = reading(marked, &Pseudonyms::new());
        assert!(
            tonight.roster.find_group("g4").is_some() && tonight.roster.find_group("g2").is_none()
        );
        let reduced = withdrawn(open, &tonight, &planned(&tonight, Model::Known(open)));
        assert!(reduced.feed.roster.find_group("g4").is_some(), "she is not in it");
        assert_eq!(reduced.still_named, 0);
    });
}

fn pseudonyms() -> Pseudonyms {
    let told = Pseudonym {
        given_name: "Elev".into(),
        family_name: "Sjutton".into(),
        username: "elev17".into(),
        email: "elev17@elev.example".into(),
    };
    Pseudonyms::from([("c1".to_owned(), told)])
}

#[test]
fn rule_21_a_held_night_still_tells_the_pseudonym_and_keeps_the_account() {
    let before = yesterday().feed.roster;
    let reduced = known(&before, |open| {
        let tonight = reading(marked_town(0), &pseudonyms());
        let plan = planned(&tonight, Model::Known(open));
        assert_eq!(plan.newly_protected, 2, "she under a pseudonym, her guardian gone");
        let reduced = withdrawn(open, &tonight, &plan);
        assert_eq!(reduced.newly_protected, 2);
        let file = rehearsed(&reduced, Model::Known(open));
        assert!(
            file.contains("Sjutton") && !file.contains("Gulfjäder") && !file.contains("Kanarieva")
        );
        reduced
    });
    let told = reduced.feed.roster;
    assert!(told.find_person("c1").is_some() && told.relations().all(|r| r.to != "c1"));
    known(&told, |open| {
        let tonight = reading(marked_town(0), &pseudonyms());
        let plan = planned(&tonight, Model::Known(open));
        assert_eq!(plan.newly_protected, 0, "once told, nobody is newly protected");
        let again = withdrawn(open, &tonight, &plan);
        assert_eq!(lines(&again.feed.roster), lines(&told), "and nobody loses an account");
    });
}

#[test]
fn rule_18_doubt_about_markings_or_receiver_permits_no_withdrawal() {
    for breach in [
        Breach::FirstDelivery { persons: 1, moved: vec![], last_for: None },
        Breach::ProtectedFlood { newly: 6, unknown: 0, limit: 5 },
        Breach::EncodingChanged { added: 0, changed: 0, removed: 0 },
        Breach::KeyRulesChanged,
        Breach::OutcomeUnknown,
        Breach::BaselineOld { days: 8 },
        Breach::ForeignFile { name: "ims.xml".into() },
    ] {
        assert!(!breach.permits_withdrawal(), "{breach:?}");
    }
}

/// Rule 5: whatever either of two possible files holds is told again, but nobody protected, and
/// the filter passes against both.
#[test]
fn rule_05_while_the_outcome_is_unknown_nobody_in_either_candidate_is_removed() {
    let older = planned(&reading(open_town(50), &Pseudonyms::new()), Model::Nothing).feed.roster;
    let newer = planned(&reading(open_town(40), &Pseudonyms::new()), Model::Nothing).feed.roster;
    known(&older, |first| {
        known(&newer, |second| {
            let model = Model::AnyOf(&[first, second]);
            let plan = planned(&reading(open_town(30), &Pseudonyms::new()), model);
            assert_eq!(plan.feed.counts.persons.removed, 0);
            assert_eq!(plan.feed.roster.count(Kind::Person), older.count(Kind::Person));
            rehearsed(&plan, model);
            let plan = planned(&reading(marked_town(30), &Pseudonyms::new()), model);
            let told = lines(&plan.feed.roster).join("\n");
            assert!(
                !told.contains("Gulfjäder") && !told.contains("Kanarieva") && !told.contains("c1")
            );
            rehearsed(&plan, model);
        });
    });
}
