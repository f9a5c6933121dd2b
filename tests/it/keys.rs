//! Courses and keys at the turn of the year: what a receiver archives for good is said before it
//! is sent, a key that comes back after that is stopped, and keys can hold the school year.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use rostergate::commands::init::SWEDISH;
use rostergate::config::{self, ConfigError};
use rostergate::formats::Format;
use rostergate::pipeline::archive::Archive;
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::plan::{
    Input, Model, OpenSnapshot, Plan, PlanError, Purpose, Register as Reading, plan, rehearse,
};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings};
use rostergate::pipeline::season::Season;
use rostergate::pipeline::select::{Choice, Selection};
use rostergate::pipeline::verdict::{Breach, Verdict};
use rostergate::pipeline::withdrawal::Leaving;
use rostergate::roster::entity::Group;
use rostergate::roster::issue::Severity;
use rostergate::roster::rename::SameKey;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use crate::rows::{Register, class, lines, packed, pupil, staff};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, assert_valid};

const BY_YEAR: &str = "teaching = \"{key}-{term}\"\ncourse = \"{key}-{term}\"";

fn ims(more: &str) -> Format {
    let text = format!(
        "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
         username = \"username\"\nfile-name = \"ims.xml\"\n{more}"
    );
    toml::from_str(&text).expect("a format")
}

fn selection(keys: &str) -> Selection {
    Selection {
        schools: Choice::All,
        years: Choice::All,
        roles: Role::OF_PERSONS.iter().copied().collect(),
        groups: GroupKind::ALL.iter().copied().collect(),
        send: BTreeSet::new(),
        group_keys: toml::from_str::<GroupKeys>(keys).expect("templates"),
    }
}

fn reading(register: Register) -> Reading {
    let mut draft = register.draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let set_aside = draft.set_aside_rows().clone();
    let persons_read = draft.rows_read(Kind::Person);
    let (roster, issues) = Roster::assemble(draft);
    Reading { roster, protected, set_aside, rows: 10_000, persons_read, garbled_names: 0, issues }
}

fn archive(keys: &[&str]) -> Archive {
    let kinds = BTreeSet::from([GroupKind::Teaching, GroupKind::Course]);
    Archive { kinds, keys: keys.iter().map(|&key| key.to_owned()).collect() }
}

/// One night of a target whose keys hold the year, and which archives.
fn night(register: Register, keys: &str, archived: &[&str], model: Model<'_>) -> Plan {
    try_night(register, keys, archived, model).expect("a plan")
}

fn try_night(
    register: Register,
    keys: &str,
    archived: &[&str],
    model: Model<'_>,
) -> Result<Plan, PlanError> {
    let text = "groups = { add = \"300%\", change = \"100%\", remove = \"50%\" }";
    let settings: Settings = toml::from_str(text).expect("limits");
    let first_delivery = matches!(model, Model::Nothing).then(Vec::new);
    plan(Input {
        register: &reading(register),
        selection: &selection(keys),
        format: &ims(""),
        limits: &Limits::resolve(&settings, &Settings::default()),
        model,
        other_encoding: None,
        around: Circumstances {
            first_delivery,
            archive: archive(archived),
            ..Circumstances::default()
        },
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2027, 8, 16) },
        purpose: Purpose::Tonight,
    })
}

/// Runs `with` on a stored snapshot, opened anew each time.
fn known<T>(told: &Roster, with: impl FnOnce(OpenSnapshot<'_>) -> T) -> T {
    let bytes = packed(told);
    with(&|| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) })
}

fn teaching<'a>(key: &'a str, term: &'a str) -> Group<'a> {
    Group { kind: GroupKind::Teaching, term, ..class(key, "s1") }
}

/// A class and three teaching groups of one year, one below another.
fn school(term: &str) -> Register {
    people()
        .group(&Group { term, ..class("1A", "s1") })
        .group(&teaching("ma", term))
        .group(&Group { parent: "ma", ..teaching("ma-extra", term) })
        .group(&teaching("sv", term))
        .member("1A", "p1", Role::Learner)
        .member("ma", "p1", Role::Learner)
        .member("ma-extra", "p1", Role::Learner)
        .member("sv", "p2", Role::Learner)
        .member("sv", "t1", Role::Instructor)
}

fn people() -> Register {
    Register::new().school("s1", "Björkskolan").persons([
        pupil("p1", "s1"),
        pupil("p2", "s1"),
        staff("t1", "s1"),
    ])
}

fn first(register: Register, keys: &str) -> Roster {
    night(register, keys, &[], Model::Nothing).feed.roster
}

fn keys_of(roster: &Roster) -> Vec<String> {
    roster.groups().map(|group| group.key.to_owned()).collect()
}

fn held(plan: &Plan) -> &[Breach] {
    match &plan.verdict {
        Verdict::Pass => &[],
        Verdict::Hold(breaches) => breaches,
    }
}

/// Writes the plan's file and rehearses it against the model of the receiver.
#[track_caller]
fn rehearsed(plan: &Plan, model: Model<'_>) -> String {
    let stamp = date(2027, 8, 16).in_tz("Europe/Stockholm").expect("a time");
    let mut bytes = Vec::new();
    ims("").write(&plan.feed.roster, &stamp, "ims.xml", &mut bytes).expect("memory");
    let document: Box<dyn io::BufRead> = Box::new(bytes.as_slice());
    rehearse(plan, &ims(""), model, vec![("ims.xml".to_owned(), document)]).expect("as planned");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn the_year_in_the_key_makes_next_years_courses_new_ones() {
    let told = first(school("2026/2027"), BY_YEAR);
    assert_eq!(
        keys_of(&told),
        ["1A", "ma-2026/2027", "ma-extra-2026/2027", "sv-2026/2027"],
        "classes keep the register's key"
    );
    known(&told, |open| {
        let plan = night(school("2027/2028"), BY_YEAR, &[], Model::Known(open));
        let counts = &plan.feed.counts;
        assert_eq!((counts.groups.removed, counts.groups.added, counts.archived), (3, 3, 3));
        assert_eq!((counts.persons.removed, counts.persons.changed), (0, 0));
        let gone = ["ma-2026/2027", "ma-extra-2026/2027", "sv-2026/2027"];
        assert_eq!(plan.archived, gone.iter().map(|&key| key.to_owned()).collect());
        let now = &plan.feed.roster;
        let group = now.group_at(now.find_group("ma-extra-2027/2028").expect("it is told"));
        assert_eq!((group.parent, group.name), ("ma-2027/2028", "ma-extra"));
        let file = rehearsed(&plan, Model::Known(open));
        assert!(file.contains("<id>sv-2027/2028</id>") && !file.contains("2026/2027"));
    });
}

#[test]
fn without_templates_the_keys_are_the_registers_own() {
    let told = first(school("2026/2027"), "");
    assert_eq!(keys_of(&told), ["1A", "ma", "ma-extra", "sv"]);
    known(&told, |open| {
        let plan = night(school("2027/2028"), "", &[], Model::Known(open));
        assert!(plan.is_unchanged() && plan.archived.is_empty());
    });
}

#[test]
fn only_kinds_that_the_receiver_archives_are_counted() {
    known(&first(school("2026/2027"), ""), |open| {
        let left = people().group(&teaching("sv", "2026/2027"));
        let plan = night(left, "", &[], Model::Known(open));
        assert_eq!((plan.feed.counts.groups.removed, plan.feed.counts.archived), (3, 2));
    });
}

#[test]
fn a_key_that_comes_back_after_it_was_archived_is_held() {
    known(&first(people(), BY_YEAR), |open| {
        let archived = ["ma-2026/2027", "sv-2025/2026"];
        let back = || school("2026/2027");
        let plan = night(back(), BY_YEAR, &archived, Model::Known(open));
        let returns = Breach::ArchivedReturns { count: 1 };
        assert!(held(&plan).contains(&returns), "{:?}", held(&plan));
        assert!(returns.permits_withdrawal(), "newly protected persons leave all the same");
        // The register's own keys were never archived here.
        let plan = night(back(), BY_YEAR, &["ma", "sv"], Model::Known(open));
        assert!(!held(&plan).iter().any(|breach| matches!(breach, Breach::ArchivedReturns { .. })));
        // Next year's are new ones.
        let plan = night(school("2027/2028"), BY_YEAR, &archived, Model::Known(open));
        assert!(!held(&plan).contains(&returns));
    });
}

#[test]
fn a_key_that_was_let_back_is_not_held_again() {
    known(&first(school("2026/2027"), BY_YEAR), |open| {
        let archived = ["ma-2026/2027"];
        let plan = night(school("2026/2027"), BY_YEAR, &archived, Model::Known(open));
        assert_eq!(held(&plan), []);
    });
    let elsewhere = night(school("2026/2027"), BY_YEAR, &["ma-2026/2027"], Model::Nothing);
    assert_eq!(held(&elsewhere).len(), 1, "another receiver has archived nothing");
}

#[test]
fn rule_05_what_an_unknown_file_may_have_archived_does_not_come_back_unseen() {
    let (before, after) = (first(school("2026/2027"), ""), first(people(), ""));
    known(&before, |older| {
        known(&after, |newer| {
            for candidates in [[older, newer], [newer, older]] {
                let plan = night(people(), "", &[], Model::AnyOf(&candidates));
                assert_eq!(plan.feed.roster.count(Kind::Group), 4, "told again");
                assert!(held(&plan).contains(&Breach::ArchivedReturns { count: 3 }));
            }
        });
    });
}

#[test]
fn a_group_without_the_year_that_its_key_needs_waits_and_removes_nothing() {
    let blank = || {
        people()
            .group(&Group { term: "2027/2028", ..class("1A", "s1") })
            .group(&teaching("ma", ""))
            .group(&teaching("ny", ""))
            .group(&teaching("sv", "2026/2027"))
            .member("sv", "p2", Role::Learner)
            .member("sv", "t1", Role::Instructor)
    };
    known(&first(school("2026/2027"), BY_YEAR), |open| {
        let plan = night(blank(), BY_YEAR, &[], Model::Known(open));
        let keys = keys_of(&plan.feed.roster);
        assert_eq!(keys, ["1A", "ma-2026/2027", "ma-extra-2026/2027", "sv-2026/2027"]);
        assert_eq!((plan.feed.counts.archived, plan.carried_over.links), (0, 2));
        let issues: Vec<(u16, Severity, &str)> = plan
            .issues
            .iter()
            .map(|issue| (issue.code.0, issue.severity, &*issue.detail))
            .collect();
        assert_eq!(issues, [(368, Severity::SetAside, "2")]);
        rehearsed(&plan, Model::Known(open));
    });
    let told = first(blank(), BY_YEAR);
    assert_eq!(keys_of(&told), ["1A", "sv-2026/2027"], "not told under a key that would change");
}

#[test]
fn groups_without_a_year_count_as_rows_that_could_not_be_used() {
    let register = (0..60).fold(people().group(&class("1A", "s1")), |rows, number| {
        rows.group(&teaching(&format!("g{number}"), ""))
    });
    known(&first(people(), BY_YEAR), |open| {
        let plan = night(register, BY_YEAR, &[], Model::Known(open));
        let expected = Breach::SetAside { count: 60, of: 10_000, limit: 500 };
        assert!(held(&plan).contains(&expected), "{:?}", held(&plan));
    });
}

#[test]
fn rule_10_a_faulty_row_keeps_its_group_by_the_receivers_key() {
    let faulty = || {
        people()
            .group(&Group { term: "2026/2027", ..class("1A", "s1") })
            .group(&teaching("sv", "2026/2027"))
            .member("1A", "p1", Role::Learner)
            .member("sv", "t1", Role::Instructor)
            .set_aside(Kind::Group, "ma", "")
            .set_aside(Kind::Membership, "p2", "sv")
    };
    known(&first(school("2026/2027"), BY_YEAR), |open| {
        let plan = night(faulty(), BY_YEAR, &[], Model::Known(open));
        let counts = &plan.feed.counts;
        assert!(keys_of(&plan.feed.roster).contains(&"ma-2026/2027".to_owned()));
        assert_eq!(counts.memberships.removed, 0);
        rehearsed(&plan, Model::Known(open));
    });
}

#[test]
fn two_groups_of_one_key_and_a_key_too_long_are_refused() {
    let code = |register: Register, keys: &str| {
        let refused = try_night(register, keys, &[], Model::Nothing);
        refused.map(|_| ()).map_err(|error| error.code().0)
    };
    let clash = || people().group(&teaching("a-b", "c")).group(&teaching("a", "b-c"));
    assert_eq!(code(clash(), BY_YEAR), Err(367));
    assert_eq!(code(clash(), "teaching = \"{key}/{term}\""), Ok(()));
    let with_class = people().group(&class("a-b", "s1")).group(&teaching("a", "b"));
    assert_eq!(code(with_class, BY_YEAR), Err(367));
    let long = "k".repeat(250);
    assert_eq!(code(people().group(&teaching(&long, "2026/2027")), BY_YEAR), Err(340));
    assert_eq!(code(people().group(&teaching(&long, "26/27")), "class = \"x{key}\""), Ok(()));
}

/// A course that would point at somebody protected leaves with that person, and is archived, too.
#[test]
fn a_withdrawal_says_what_it_archives() {
    let canary = rostergate::roster::entity::Person {
        given_name: "Kanarieva",
        family_name: "Gulfjäder",
        ..pupil("c1", "s1")
    };
    let town = |rows: Register| {
        rows.group(&Group { name: "Stöd Kanarieva G", ..teaching("st", "HT26") })
            .member("st", "c1", Role::Learner)
            .member("st", "p1", Role::Learner)
    };
    let told = first(town(people().person(&canary)), BY_YEAR);
    known(&told, |open| {
        let tonight = reading(town(people().protected(&canary)));
        let plan = night(town(people().protected(&canary)), BY_YEAR, &[], Model::Known(open));
        let archives = BTreeSet::from([GroupKind::Teaching]);
        let leaving = Leaving {
            carried: plan.carried,
            protected: &tonight.protected,
            tonight: &plan.feed.roster,
            pending: &[],
            archives: &archives,
            limits: &Limits::resolve(&Settings::default(), &Settings::default()),
        };
        let reduced = Plan::withdrawal(open, &leaving).expect("the baseline is whole");
        assert_eq!(reduced.archived, BTreeSet::from(["st-HT26".to_owned()]));
        assert_eq!(reduced.feed.counts.archived, 1);
    });
}

#[test]
fn other_keys_change_nothing_but_keys() {
    let key = "[a-d]{1,3}";
    let links = proptest::collection::vec((0..8_usize, 0..3_usize), 0..20);
    proptest!(|(groups in proptest::collection::btree_set(key, 1..8), parents in proptest::collection::vec(0..8_usize, 8), links in links)| {
        let groups: Vec<String> = groups.into_iter().collect();
        let told = groups.iter().zip(&parents).fold(people(), |rows, (key, &parent)| {
            // Only groups further on are parents, so that no chain bites its own tail.
            let parent = groups.get(parent).filter(|parent| *parent > key);
            rows.group(&Group { parent: parent.map_or("", |p| p), ..class(key, "s1") })
        });
        let persons = ["p1", "p2", "t1"];
        let told = links.iter().fold(told, |rows, &(group, person)| {
            match groups.get(group) {
                Some(group) => rows.member(group, persons[person], Role::Learner),
                None => rows,
            }
        });
        let told = told.roster();
        // Their order is turned around.
        let turned = |key: &str| -> String {
            key.bytes().map(|b| char::from(b'a' + b'd' - b)).chain(['~']).collect()
        };
        let renamed = told.rename_groups(|group| turned(group.key)).expect("keys stay apart");
        let back = |key: &str| -> String {
            key.trim_end_matches('~').bytes().map(|b| char::from(b'a' + b'd' - b)).collect()
        };
        for group in renamed.groups() {
            prop_assert_eq!(group.name, back(group.key), "the name is the old key");
        }
        let again = renamed.rename_groups(|group| back(group.key)).expect("keys stay apart");
        prop_assert_eq!(lines(&again), lines(&told));
        prop_assert_eq!(lines(&renamed).len(), lines(&told).len());
        let snapshot = packed(&renamed);
        let read = rostergate::formats::snapshot::read(snapshot.as_slice()).expect("in order");
        prop_assert_eq!(lines(&read), lines(&renamed));
        if groups.len() > 1 {
            let same = told.rename_groups(|_| "x".to_owned());
            prop_assert_eq!(same.err(), Some(SameKey(groups.len() as u64)));
        }
    });
}

/// The export of the school year after: the same keys, another year.
fn next_year(export: Export) -> Export {
    export
        .with("grupper.csv", "2026/2027", "2027/2028")
        .with("grupper.csv", "2026-08-17", "2027-08-16")
        .with("grupper.csv", "2027-06-11", "2028-06-09")
        .with("medlemskap.csv", "2026-08-17", "2027-08-16")
        .with("medlemskap.csv", "2027-06-11", "2028-06-09")
}

fn by_year() -> Gateway {
    let mut gateway = Gateway::new().mailing();
    gateway.change(
        "environment = \"test\"",
        "environment = \"test\"\narchives = [\"teaching\"]\n\
         group-key = { teaching = \"{key}-{term}\" }",
    );
    gateway.change(
        "dialect   = \"itslearning\"",
        "dialect = \"itslearning\"\nschool-year-nodes = true",
    );
    gateway
}

#[test]
fn two_school_years_from_end_to_end() {
    let gateway = by_year().delivered();
    let first = gateway.xml();
    assert_valid(&gateway.remote().join("ims.xml"));
    assert!(
        first.contains("<id>ma-al-1A-2026/2027</id>") && first.contains("<id>klass-al-1A</id>")
    );
    assert_eq!(first.matches("<short>2026/2027</short>").count(), 3, "a node at each school");
    assert!(!gateway.mails()[0].body.contains("arkiveras"));

    gateway.export(&next_year(Export::night("night1")));
    let at = ["--as-of", "2027-08-16T04:15"];
    let said = gateway.run(&[&["plan"], &at[..]].concat()).exits(10);
    said.says("Skickas detta arkiveras 6 kurser, och de kan inte återtas av integrationen.");
    let json = gateway.run(&[&["plan", "--json"], &at[..]].concat()).exits(10).json();
    let counts = &json["targets"]["lms"]["counts"];
    assert_eq!(counts["archived"], 6);
    assert_eq!((&counts["groups"]["added"], &counts["groups"]["removed"]), (&6.into(), &6.into()));
    assert_eq!(counts["groups"]["changed"], 6, "classes move to the node of the new year");
    assert_eq!(gateway.xml(), first, "looking sends nothing");

    gateway.run(&[&["run"], &at[..]].concat()).exits(10).says("arkiveras 6 kurser");
    let mail = |gateway: &Gateway| gateway.mails().pop().expect("a mail").body.replace('\n', " ");
    assert!(mail(&gateway).contains("Skickas detta arkiveras 6 kurser"), "{}", mail(&gateway));
    let plan = gateway.held();
    gateway.run(&["plan", &plan]).exits(0).says("Skickas detta arkiveras 6 kurser");
    gateway.run(&["plan", &plan, "--json", "--lang", "en"]).exits(0);
    gateway.approve(&[]).exits(0).says("Skickas detta arkiveras 6 kurser");
    let body = mail(&gateway);
    assert!(body.contains("6 kurser arkiveras i natt och kan inte återtas"), "{body}");

    assert_valid(&gateway.remote().join("ims.xml"));
    let second = gateway.xml();
    assert!(second.contains("<id>ma-al-1A-2027/2028</id>") && !second.contains("2026/2027"));
    assert!(second.contains("<id>99000001:2027/2028</id>"));
    let quiet = ["run", "--again", "--as-of", "2027-08-17T04:15"];
    gateway.run(&quiet).exits(0).says("inga ändringar");

    // The register goes back to last year's courses: the receiver has archived those keys.
    let before = gateway.received();
    let longer = |export: Export, file| export.with(file, "2027-06-11", "2028-06-11");
    let last_year = longer(Export::night("night2"), "grupper.csv");
    gateway.export(&longer(last_year, "medlemskap.csv"));
    gateway.run(&["run", "--as-of", "2027-08-18T04:15"]).exits(10);
    assert_eq!(gateway.received(), before);
    let plan = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    assert!(plan["codes"].as_array().unwrap().contains(&"RG361".into()), "{plan}");
}

/// Rules 3 and 12: a template is a setting like the format's, and a change is held with what the
/// receiver would see by its own keys.
#[test]
fn rule_03_a_changed_template_or_tree_holds() {
    let mut gateway = by_year().delivered();
    let before = gateway.config().to_owned();
    for (from, to) in [
        ("{key}-{term}", "{key}/{term}"),
        ("group-key = { teaching = \"{key}-{term}\" }", ""),
        ("school-year-nodes = true", "school-year-nodes = false"),
    ] {
        gateway.change(from, to);
        let night = ["run", "--again", "--as-of", "2026-08-25T04:15"];
        gateway.run(&night).exits(10).says("Filens inställning har ändrats");
        let plan = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
        assert!(plan["codes"].as_array().unwrap().contains(&"RG335".into()), "{plan}");
        gateway.configure(before.clone());
    }
    let night = ["run", "--again", "--as-of", "2026-08-25T04:15"];
    gateway.run(&night).exits(0).says("inga ändringar");
}

#[test]
fn two_groups_of_one_key_stop_the_night_and_groups_without_a_year_are_told_of() {
    let gateway = by_year().delivered();
    let before = gateway.xml();
    let night = Export::night("night1");
    let clash = "ma-al-1A-2026/2027;klass;Fel;99000001;2026/2027;;2026-08-17;2027-06-11";
    gateway.night_of(25, &night.clone().row("grupper.csv", clash)).exits(65).explains("RG367");
    assert_eq!(gateway.xml(), before);
    let blank =
        night.with("grupper.csv", "MA 1A Alskolan;99000001;2026/2027", "MA 1A Alskolan;99000001;");
    gateway.export(&blank);
    gateway.run(&["plan", "--as-of", "2026-08-26T04:15"]).says("RG368 ims.xml, term");
    gateway.night(26);
    let body = gateway.mails().pop().expect("a mail").body;
    assert!(body.contains("RG368"), "{body}");
    let plan = gateway.run(&["plan", "--as-of", "2026-08-26T04:15", "--json"]).json();
    assert_eq!(plan["targets"]["lms"]["counts"]["archived"], 0, "it is told again");
}

#[test]
fn what_needs_the_school_year_of_groups_needs_a_column_for_it() {
    let live = |text: &str| text.replace("# school-year-nodes = false", "school-year-nodes = true");
    let keyed = |text: &str| text.replace("# group-key ", "group-key ");
    let parsed = |text: String| config::parse(&text, Path::new("rostergate.toml"));
    for (text, key) in [
        (live(SWEDISH), "target.itslearning.format"),
        (keyed(SWEDISH), "target.itslearning.group-key"),
    ] {
        assert!(parsed(text.clone()).is_ok(), "{key}");
        let without = text.replace("term   = \"Läsår\"\n", "");
        assert_ne!(without, text);
        let Err(ConfigError::Faulty { faults, .. }) = parsed(without) else { panic!("{key}") };
        let [fault] = &faults[..] else { panic!("{faults:?}") };
        assert_eq!((fault.code.0, &*fault.key), (102, key));
        assert!(fault.what.sv.contains("ange term under") && fault.line > 0, "{fault:?}");
    }
}
