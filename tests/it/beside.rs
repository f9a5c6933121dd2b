//! What saves memory and must not be seen: a draft beside a likely roster, and fields that a
//! roster holds and does not show.

use rostergate::formats::snapshot::add_line;
use rostergate::roster::draft::{Draft, Place};
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::field::PersonField;
use rostergate::roster::issue::Severity;
use rostergate::roster::roster::Roster;
use rostergate::roster::untold::{Field, Untold};
use rostergate::roster::words::{Kind, Role};

use crate::rows::{Register, class, codes, guardian, lines, packed, pupil, staff};

fn town() -> Roster {
    Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "Ekskolan")
        .person(&guardian("p1"))
        .person(&Person { school_year: "7", username: "elsa01", ..pupil("p2", "s1") })
        .person(&pupil("p3", "s1"))
        .person(&staff("p4", "s2"))
        .group(&class("g1", "s1"))
        .group(&Group {
            term: "HT26",
            course: "MAT",
            begin: "2026-08-17",
            end: "2027-06-11",
            ..class("g2", "s2")
        })
        .member("g1", "p2", Role::Learner)
        .member("g1", "p3", Role::Learner)
        .member("g1", "p4", Role::Instructor)
        .member("g2", "p4", Role::Instructor)
        .guardian("p1", "p2")
        .guardian("p1", "p3")
        .roster()
}

type Row = (Kind, String);

fn rows(roster: &Roster) -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation] {
        roster.each_line(kind, |line| rows.push((kind, line.to_owned())));
    }
    rows
}

fn read(mut draft: Draft, rows: &[Row]) -> (Vec<String>, Vec<(u16, Severity)>) {
    let file = draft.file("rows.csv");
    for ((kind, line), at) in rows.iter().zip(1..) {
        add_line(&mut draft, Place { file, line: at }, *kind, line).expect("a canonical line");
    }
    let (roster, issues) = Roster::assemble(draft);
    (lines(&roster), codes(&issues))
}

/// Every way in which one row may not be what was likely.
fn altered(rows: &[Row], at: usize) -> Vec<Vec<Row>> {
    let (kind, line) = &rows[at];
    let with = |row: Option<Row>| {
        let mut rows = rows.to_vec();
        rows.splice(at..=at, row);
        rows
    };
    let mut twice = rows.to_vec();
    twice.insert(at, rows[at].clone());
    let mut all = vec![with(None), twice];
    let first = line.split('\t').next().expect("a key");
    match kind {
        Kind::School => all.push(with(Some((*kind, format!("{first}\tAlmskolan"))))),
        Kind::Person => all.push(with(Some((*kind, line.replacen("\t\t", "\t201806132385\t", 1))))),
        Kind::Group => all.push(with(Some((*kind, line.replacen(first, "g0", 1))))),
        Kind::Membership => all.push(with(Some((*kind, format!("{line}2026-12-20"))))),
        Kind::Relation => all.push(with(Some((*kind, line.replace("guardian", "mentor"))))),
    }
    if rows.get(at + 1).is_some_and(|(next, _)| next == kind) {
        let mut swapped = rows.to_vec();
        swapped.swap(at, at + 1);
        all.push(swapped);
    }
    all.push(rows[..at].to_vec());
    all
}

#[test]
fn whatever_comes_the_outcome_is_that_of_any_other_draft() {
    let town = town();
    let rows = rows(&town);
    assert_eq!(read(Draft::beside(&town), &rows).0, lines(&town));
    let mut seen = 0;
    for at in 0..rows.len() {
        for altered in altered(&rows, at) {
            let plain = read(Draft::new(), &altered);
            assert_eq!(read(Draft::beside(&town), &altered), plain, "row {at}: {altered:?}");
            seen += u32::from(plain.0 != lines(&town));
        }
    }
    assert!(seen > 40, "most alterations change the outcome: {seen}");
}

#[test]
fn what_is_untold_is_in_no_line_no_snapshot_and_no_later_roster() {
    let texts = [PersonField::SchoolYear, PersonField::Username].map(Field::Person);
    let fields = texts.into_iter().chain([Field::Term, Field::Course, Field::Periods]);
    let untold: Untold = fields.collect();
    let less = town().without(untold);
    let without = |line: &String| {
        let line = line.replace("\telsa01\t", "\t\t").replace("\t7\t", "\t\t");
        line.replace("\tHT26\tMAT\t", "\t\t\t").replace("\t2026-08-17\t2027-06-11", "\t\t")
    };
    let expected: Vec<String> = lines(&town()).iter().map(without).collect();
    assert_ne!(expected, lines(&town()));
    assert_eq!(lines(&less), expected);
    assert_eq!(lines(&less.rewrite(|school| school, |person| person, |group| group)), expected);
    assert_eq!(zstd::decode_all(&packed(&less)[..]).expect("zstd"), {
        let (roster, issues) = Roster::assemble({
            let mut draft = Draft::new();
            let file = draft.file("rows.csv");
            for (kind, line) in &rows(&less) {
                add_line(&mut draft, Place { file, line: 1 }, *kind, line).expect("a line");
            }
            draft
        });
        assert_eq!(codes(&issues), []);
        zstd::decode_all(&packed(&roster)[..]).expect("zstd")
    });
    assert_eq!(less.first_difference(&less.clone()), None);
    assert_eq!(less.first_difference(&town()), Some((Kind::Person, 1)));
}

#[test]
fn schools_that_were_untold_are_given_anew() {
    let town = town();
    let none = town.without(Untold::from_iter([Field::Schools]));
    assert!(none.persons().all(|person| person.schools().next().is_none()));
    let same = none.with_schools(|mut person| {
        let known = town.find_person(person.key).map(|at| town.person_at(at)).expect("known");
        let schools: Vec<String> = known.schools().map(str::to_owned).collect();
        person.set_schools(schools.iter().map(String::as_str));
        person
    });
    assert_eq!(lines(&same), lines(&town));
    let other = none.with_schools(|person| Person { school_keys: "".into(), ..person });
    assert_eq!(lines(&other), lines(&none));
}

#[test]
#[should_panic(expected = "what is not shown stays so")]
fn a_field_that_is_not_shown_cannot_be_filled() {
    let less = town().without(Untold::from_iter([Field::Person(PersonField::Username)]));
    let _ = less.rewrite(
        |school| school,
        |person| Person { username: "elsa01", ..person },
        |group| group,
    );
}
