//! What must be there: no approval overrides it, and nothing is stored that could be approved.

use std::collections::BTreeSet;
use std::fs;

use rostergate::pipeline::counts::{Counts, SchoolTally, Tally};
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::safety::{Limits, Sentinels, Settings};
use rostergate::pipeline::select::{Choice, Selection};
use rostergate::pipeline::sentinels::{Missing, missing};
use rostergate::pipeline::verdict::Subject;
use rostergate::roster::entity::Roles;

use super::codes;
use crate::support::export::Export;
use crate::support::gateway::Gateway;

fn selecting(schools: Choice) -> Selection {
    Selection {
        schools,
        years: Choice::All,
        roles: Roles::default(),
        groups: BTreeSet::new(),
        send: BTreeSet::new(),
        group_keys: GroupKeys::default(),
    }
}

fn keys(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

fn told(schools: &[(&str, u64)], [persons, groups, memberships]: [u64; 3]) -> Counts {
    let now = |now| Tally { now, ..Tally::default() };
    let school = |&(key, persons): &(&str, u64)| SchoolTally {
        key: key.to_owned(),
        name: "Namnet gäller inte".to_owned(),
        persons: now(persons),
        ..SchoolTally::default()
    };
    Counts {
        persons: now(persons),
        groups: now(groups),
        memberships: now(memberships),
        by_school: schools.iter().map(school).collect(),
        ..Counts::default()
    }
}

#[test]
fn a_number_is_reached_or_missing() {
    for (count, least, over) in [
        (0, 0, true),
        (0, 1, false),
        (1, 1, true),
        (499, 500, false),
        (500, 500, true),
        (501, 500, true),
    ] {
        for place in 0..3 {
            let mut numbers = [1000; 3];
            numbers[place] = count;
            let mut asked = [None; 3];
            asked[place] = Some(least);
            let [persons, groups, memberships] = asked;
            let sentinels = Sentinels { schools: None, persons, groups, memberships };
            let found = missing(&told(&[], numbers), &selecting(Choice::All), &sentinels);
            let subject = [Subject::Persons, Subject::Groups, Subject::Memberships][place].clone();
            let expected =
                if over { vec![] } else { vec![Missing::Fewer { subject, count, least }] };
            assert_eq!(found, expected, "{count} of {least}");
        }
    }
}

#[test]
fn a_school_is_there_with_one_person_or_it_is_missing() {
    let sentinels = Sentinels { schools: Some(keys(&["1", "2", "3"])), ..Sentinels::default() };
    let absent = |schools: &[(&str, u64)], selected: Choice| {
        let found = missing(&told(schools, [9; 3]), &selecting(selected), &sentinels);
        let key = |missing: Missing| match missing {
            Missing::School { key } => key,
            other @ Missing::Fewer { .. } => panic!("{other:?}"),
        };
        found.into_iter().map(key).collect::<Vec<_>>()
    };
    let all = [("1", 1), ("2", 400), ("3", 1), ("4", 0)];
    assert!(absent(&all, Choice::All).is_empty());
    assert_eq!(absent(&[("1", 1), ("2", 0), ("3", 9)], Choice::All), ["2"]);
    assert_eq!(absent(&[], Choice::All), ["1", "2", "3"]);
    // What a target does not select is not demanded from it.
    assert_eq!(absent(&[("1", 1)], Choice::These(keys(&["1", "3", "4"]))), ["3"]);
    assert!(absent(&[("4", 1)], Choice::These(keys(&["4"]))).is_empty());
}

#[test]
fn a_target_s_sentinels_are_laid_over_the_site_s() {
    let settings = |text: &str| toml::from_str::<Settings>(text).unwrap();
    let site = settings("sentinels = { schools = [\"1\"], persons = 500, groups = 20 }");
    let target = settings("sentinels = { schools = [], persons = 5, memberships = 7 }");
    let found = Limits::resolve(&target, &site).sentinels;
    let expected = Sentinels {
        schools: Some(BTreeSet::new()),
        persons: Some(5),
        groups: Some(20),
        memberships: Some(7),
    };
    assert_eq!(found, expected);
    assert_eq!(
        Limits::resolve(&Settings::default(), &Settings::default()).sentinels,
        Sentinels::default()
    );
}

const EKSKOLAN: &str = "sentinels = { schools = [\"99000003\"] }\n[mail]\n";

fn watched() -> Gateway {
    let mut gateway = Gateway::new().mailing();
    gateway.change("[mail]\n", EKSKOLAN);
    gateway.delivered()
}

#[test]
fn a_night_without_a_sentinel_fails_and_leaves_nothing_to_approve() {
    let gateway = watched();
    let (before, told) = (gateway.received(), gateway.told());
    let folders = || fs::read_dir(gateway.state().join("runs")).unwrap().count();
    let stored = folders();
    let night = gateway.night_of(25, &Export::night("night3-school-missing")).exits(65);
    let night = night.explains("RG354");
    assert!(night.err.contains("skola 99000003 saknas"), "{}", night.err);
    assert_eq!((gateway.received(), gateway.told(), folders()), (before, told, stored));
    let status = gateway.run(&["status", "--json"]).json();
    assert!(status["targets"]["lms"]["held"].is_null(), "{status}");
    assert_eq!(status["targets"]["lms"]["state"], "failed");
    let mails = gateway.mails();
    let mail = mails.last().unwrap();
    assert!(mail.subject.contains("[FEL]") && mail.body.contains("RG354"), "{}", mail.subject);
    assert!(mail.body.contains("går inte att godkänna"), "{}", mail.body);

    let preview = gateway.run(&["plan", "--as-of", "2026-08-25T05:00", "--json"]).exits(65);
    let preview: serde_json::Value =
        serde_json::from_str(preview.out.lines().last().unwrap()).unwrap();
    let lms = &preview["targets"]["lms"];
    assert_eq!((lms["result"].as_str(), codes(lms)), (Some("failed"), vec!["RG354".to_owned()]));
    gateway.night_of(26, &Export::night("night2")).exits(0);
}

#[test]
fn other_targets_go_on_and_one_that_leaves_the_school_out_is_not_asked_for_it() {
    let mut gateway = Gateway::new();
    gateway.change("[mail]\n", EKSKOLAN);
    let library = gateway.home().join("library");
    fs::create_dir(&library).unwrap();
    let other = format!(
        "[target.alskolan]\nschools = [\"99000001\"]\nenvironment = \"test\"\n\
         [target.alskolan.format.ims-enterprise]\ndialect = \"plain\"\nsource = \"Exempelby\"\n\
         file-name = \"al.xml\"\n[target.alskolan.deliver.folder]\npath = \"{}\"\n\n[limits]\n\
         minimum = {{ persons = 10 }}\n",
        library.display()
    );
    gateway.change("[limits]\n", &other);
    gateway.change("minimum      = { persons = 40 }\n", "");
    gateway.night_of(24, &Export::night("night1")).exits(10);
    for _ in 0..2 {
        gateway.approve(&["--receiver-empty"]).exits(0);
    }
    let night = gateway.night_of(25, &Export::night("night3-school-missing")).exits(12);
    assert!(night.out.contains("alskolan    SKICKAD"), "{}", night.out);
    assert!(fs::read_to_string(library.join("al.xml")).unwrap().contains("Nygift"));
    assert!(!gateway.xml().contains("Nygift"));
}

#[test]
fn a_first_delivery_without_a_sentinel_cannot_be_approved_either() {
    let mut gateway = Gateway::new();
    gateway.change("[mail]\n", "sentinels = { persons = 88 }\n[mail]\n");
    let night = gateway.night_of(24, &Export::night("night1")).exits(65).explains("RG354");
    assert!(night.err.contains("87 personer av minst 88"), "{}", night.err);
    assert!(gateway.run(&["status", "--json"]).json()["targets"]["lms"]["held"].is_null());
}

/// A plan that was held before the sentinel was written is stale by the edit of the configuration:
/// stored bytes have always passed the sentinels of the configuration that they leave under.
#[test]
fn rule_16_stored_bytes_never_leave_past_a_sentinel_that_came_later() {
    let mut gateway = Gateway::new().delivered();
    gateway.night_of(25, &Export::night("night3-school-missing")).exits(10);
    let plan = gateway.held();
    let before = gateway.received();
    gateway.change("[mail]\n", EKSKOLAN);
    gateway.approve_plan(&plan, &[]).exits(10).explains("RG331");
    assert_eq!(gateway.received(), before);
}

#[test]
fn rule_18_newly_protected_persons_leave_though_a_sentinel_is_missing() {
    for text in [EKSKOLAN, "sentinels = { persons = 87 }\n[mail]\n"] {
        let mut gateway = Gateway::new();
        gateway.change("[mail]\n", text);
        let gateway = gateway.delivered();
        let export = if text == EKSKOLAN { "night3-school-missing" } else { "night1" };
        let night = Export::night(export).marked("elev-al-1A-2", "J");
        gateway.night_of(25, &night).exits(65);
        let xml = gateway.xml();
        assert!(!xml.contains("elev-al-1A-2<") && xml.contains("elev-ek-4A-8<"), "{text}");
    }
}
