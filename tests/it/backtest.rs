//! `backtest`: stored nights through the same filter, under other limits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use rostergate::pipeline::counts::{Counts, SchoolTally, Tally};
use rostergate::pipeline::replay::{Largest, Replay, StoredNight, in_order, take_in, worst_school};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::words::Role;
use serde_json::json;

use crate::support::export::Export;
use crate::support::gateway::Gateway;

fn three_nights() -> Gateway {
    let gateway = Gateway::new().delivered();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    gateway.night_of(27, &Export::night("night4")).exits(0);
    gateway
}

#[test]
fn nights_are_told_as_they_were_and_as_they_would_be() {
    let gateway = three_nights();
    gateway
        .run(&["backtest"])
        .exits(0)
        .says("2026-08-24 04:15        0        0         0          0         0  godkänd     första leveransen")
        .says("levererad   skickas")
        .says("100 %  stoppad     STOPPAS\n")
        .says("1 av 4 nätter skulle ha stoppats med dagens gränser.")
        .says("Räknas inte, första leveransen: 1.");
    gateway
        .run(&["backtest", "--limit", "persons.remove-max=0", "--limit", "school.remove=20%"])
        .exits(0)
        .says("      1 person skulle tas bort, gränsen är 0.")
        .says("2 av 4 nätter skulle ha stoppats; med dagens gränser 1.");
    gateway
        .run(&["backtest", "--nights", "1", "--lang", "en"])
        .exits(0)
        .says("0 of 1 nights would have been stopped under today's limits.");
}

/// A file of persons alone tells the receiver no school, but people know schools by their names.
#[test]
fn a_school_has_its_name_also_where_the_receiver_is_told_none() {
    let mut gateway = Gateway::new().mailing();
    let (before, rest) = gateway.config().split_once("[target.lms.format").expect("a format");
    let after = rest.split_once("[target.lms.deliver").expect("a receiver").1;
    let table = "[target.lms.format.csv]\nencoding = \"utf-8\"\ndelimiter = \";\"\n\
        [target.lms.format.csv.file.\"a.csv\"]\nrows = \"persons\"\n\
        columns = [[\"Id\", \"key\"], [\"Namn\", \"family-name\"]]\n[target.lms.deliver";
    gateway.configure(format!("{before}{table}{after}"));
    let gateway = gateway.delivered();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    // The school is gone from the register's list, too: its name is that of the nights before.
    let night = gateway.night_of(26, &Export::night("night3-school-missing"));
    let told = night.exits(10).says("Ekskolan");
    let shown = gateway.run(&["plan", &gateway.held(), "--details"]).exits(0).says("Alskolan");
    let tested = gateway.run(&["backtest"]).exits(0).says("Ekskolan");
    let json = gateway.run(&["backtest", "--json"]).exits(0).says("Ekskolan");
    let mail = gateway.mails().pop().unwrap().body;
    for said in [told.out, shown.out, tested.out, json.out, mail] {
        assert!(!said.contains("9900000"), "{said}");
    }
}

#[test]
fn a_target_of_its_own_limits_keeps_them_under_those_that_are_tried() {
    let mut gateway = three_nights();
    gateway.change("[limits]\n", "[target.lms.limits]\npersons = { remove-max = 0 }\n\n[limits]\n");
    let told = gateway.run(&["backtest", "--limit", "groups.remove=0%", "--json"]).exits(0).json();
    let summary = &told["targets"]["lms"]["summary"];
    assert_eq!((&summary["given"], &summary["configured"]), (&json!(2), &json!(2)), "{told}");
}

#[test]
fn a_limit_that_cannot_be_is_named() {
    let gateway = Gateway::new();
    for (limit, says) in [
        ("persons.remove=31%", "31% är över taket: ange 0% till 30%"),
        ("person.remove=3%", "nyckeln `person` finns inte här (menade du `persons`?)"),
        ("persons.remove=3", "\"3\" är ingen andel: skriv siffror och procenttecken"),
        ("always-allow=101", "101 är över taket: ange 0 till 100"),
        ("set-aside=1%", "de sparade nätterna har inte talen som den gränsen räknar"),
        ("persons.remove", "skriv NYCKEL=VÄRDE, som persons.remove=3%"),
    ] {
        let told = gateway.run(&["backtest", "--limit", "groups.remove=3%", "--limit", limit]);
        let told = told.exits(2).explains("RG114");
        let key = limit.split('=').next().unwrap();
        assert!(told.err.contains(&format!("--limit {key} ")), "{}", told.err);
        assert!(told.err.contains(says), "{limit}: {}", told.err);
    }
    gateway.run(&["backtest", "--target", "nowhere"]).exits(2).explains("RG105");
    gateway.run(&["backtest"]).exits(0).says("Inga sparade nätter än.");
}

#[test]
fn what_held_by_itself_is_told_as_such_whatever_the_limits() {
    let gateway = Gateway::new().delivered();
    let flood = Export::night("night2").with("personer.csv", ";N;", ";?;");
    gateway.night_of(25, &flood).exits(10);
    gateway
        .run(&["backtest", "--limit", "persons.remove=30%", "--limit", "always-allow=100"])
        .exits(0)
        .says("      oavsett gränser: Nyligen skyddade personer: ");
    let told = gateway.run(&["backtest", "--json"]).exits(0).json();
    let lms = &told["targets"]["lms"];
    assert_eq!(lms["summary"]["by-itself"], 1);
    assert!(lms["nights"][1]["given"]["by-itself"][0]["protected-flood"].is_object(), "{told}");
    assert_eq!(lms["nights"][0]["given"]["first-delivery"], true);
    assert_eq!(lms["nights"][0]["then"], "approved");
}

fn limits(settings: &str) -> Limits {
    let settings: Settings = toml::from_str(settings).expect("settings");
    Limits::resolve(&settings, &Settings::default())
}

fn tally(before: u64, removed: u64) -> Tally {
    Tally { before, now: before - removed, removed, ..Tally::default() }
}

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + day * 86_400).expect("a moment")
}

fn night(persons: Tally, school: Tally) -> Counts {
    let school = SchoolTally {
        key: "s".into(),
        name: "Alskolan".into(),
        persons: school,
        ..SchoolTally::default()
    };
    Counts {
        persons,
        roles: BTreeMap::from([(Role::Learner, persons)]),
        by_school: vec![school],
        ..Counts::default()
    }
}

/// At, just under and just over a limit, and with other limits: as `judge` itself says.
#[test]
fn a_replay_says_what_the_filter_says() {
    for settings in
        ["", "persons = { remove = \"3%\" }", "always-allow = 0\nschool = { remove = \"1%\" }"]
    {
        for removed in [0, 1, 10, 29, 30, 31, 49, 50, 51, 999, 1000] {
            let counts = night(tally(1000, removed), tally(100, removed.min(99)));
            let limits = limits(settings);
            let judged = judge(&counts, &Circumstances::default(), &limits);
            let mut replay = Replay::under(limits);
            let verdict = Verdict::Pass;
            let stored = StoredNight {
                date: date(2026, 8, 24),
                counts: &counts,
                verdict: &verdict,
                sent: true,
            };
            let replayed = replay.night(&stored);
            let expected = match judged {
                Verdict::Pass => Vec::new(),
                Verdict::Hold(breaches) => breaches,
            };
            assert_eq!(replayed.by_numbers, expected, "{settings} {removed}");
            assert!(replayed.by_itself.is_empty() && !replayed.first_delivery);
        }
    }
}

#[test]
fn a_first_delivery_is_no_night_of_numbers_and_old_numbers_are_judged_anew() {
    let counts = night(tally(1000, 400), tally(100, 0));
    let over = |limit| Breach::OverPercent {
        subject: Subject::Persons,
        operation: Operation::Remove,
        count: 400,
        of: 1000,
        limit,
    };
    let replayed = |verdict: Vec<Breach>| {
        let verdict = Verdict::Hold(verdict);
        let stored = StoredNight {
            date: date(2026, 8, 24),
            counts: &counts,
            verdict: &verdict,
            sent: false,
        };
        Replay::under(limits("")).night(&stored)
    };
    let first =
        replayed(vec![Breach::FirstDelivery { persons: 600, moved: Vec::new(), last_for: None }]);
    assert!(first.first_delivery && first.by_numbers.is_empty() && first.by_itself.is_empty());
    let old = Breach::BaselineOld { days: 9 };
    let mixed = replayed(vec![old.clone(), over(1000)]);
    assert_eq!(mixed.by_itself, [old]);
    assert!(mixed.by_numbers.contains(&over(5000)), "today's limit, not that of the night");
    assert!(!mixed.by_numbers.contains(&over(1000)));
}

#[test]
fn the_most_that_happened_is_the_largest_share_above_the_allowance() {
    let nights = [
        night(tally(1000, 12), tally(10, 9)),
        night(tally(1000, 10), tally(1000, 11)),
        night(tally(100, 11), tally(1000, 10)),
        night(tally(0, 0), Tally::default()),
    ];
    let mut largest: Vec<Largest> = Vec::new();
    for (day, counts) in (0..).zip(&nights) {
        take_in(&mut largest, (at(day), counts), 10);
    }
    in_order(&mut largest);
    let told: Vec<_> =
        largest.iter().map(|most| (most.count, most.of, most.allowed, most.at)).collect();
    let expected = [(11, 100, false, at(2)), (11, 100, false, at(2)), (11, 1000, false, at(1))];
    assert_eq!(told, expected, "persons, pupils, one school");
    assert!(matches!(largest[2].subject, Subject::School(_)));
    assert_eq!(worst_school(&nights[0]).map(|(name, _)| name), Some("Alskolan"));
    assert_eq!(worst_school(&nights[3]), None);
}
