//! What one target is told of a roster, and that nothing in it refers to what is left out.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::{select as one_of, subsequence};
use rostergate::formats::carried::Carried;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::select::{
    Choice, Reasons, Selection, Sensitive, WhyNot, select, why_not,
};
use rostergate::roster::entity::{Group, Person, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

use crate::rows::{ALL, Register, class, guardian, lines, packed, pupil, staff};

fn these(items: &[&str]) -> Choice {
    Choice::These(items.iter().map(|&item| item.to_owned()).collect())
}

fn everything() -> Selection {
    Selection {
        schools: Choice::All,
        years: Choice::All,
        roles: Role::OF_PERSONS.iter().copied().collect(),
        groups: GroupKind::ALL.iter().copied().collect(),
        send: BTreeSet::from([Sensitive::PersonalNumber, Sensitive::Mobile, Sensitive::Phone]),
        group_keys: GroupKeys::default(),
    }
}

fn told(roster: &Roster, selection: &Selection) -> Roster {
    select(roster, selection, ALL, date(2026, 11, 21))
}

fn year<'a>(key: &'a str, school: &'a str, school_year: &'a str) -> Person<'a> {
    Person { school_year, ..pupil(key, school) }
}

/// Two schools, a visiting teacher, a pupil who visits, guardians of one, of both, of none.
fn town() -> Roster {
    let both = Person {
        roles: Roles::of(Role::Staff).union(Roles::of(Role::Guardian)),
        ..staff("t3", "b")
    };
    Register::new()
        .school("a", "Björkskolan")
        .school("b", "Havets förskola")
        .persons([
            year("p1", "a", "7"),
            year("p2", "a", "8"),
            year("p3", "b", "7"),
            year("p4", "b", "8"),
        ])
        .person(&year("p5", "a\u{1f}b", "8"))
        .persons([staff("t1", "a"), staff("t2", "b"), both])
        .persons([guardian("v1"), guardian("v3"), guardian("v13"), guardian("v0")])
        .group(&class("a7", "a"))
        .group(&class("a8", "a"))
        .group(&class("b7", "b"))
        .group(&Group { kind: GroupKind::Teaching, ..class("ma", "a") })
        .group(&Group { kind: GroupKind::Course, parent: "ma", ..class("mb", "a") })
        .member("a7", "p1", Role::Learner)
        .member("a7", "t1", Role::Mentor)
        .member("a8", "p2", Role::Learner)
        .member("a8", "t1", Role::Mentor)
        .member("b7", "p3", Role::Learner)
        .member("b7", "t2", Role::Mentor)
        .member("ma", "p1", Role::Learner)
        .member("ma", "p4", Role::Learner)
        .member("ma", "t2", Role::Instructor)
        .member("mb", "p2", Role::Learner)
        .guardian("v1", "p1")
        .guardian("v3", "p3")
        .guardian("v13", "p1")
        .guardian("v13", "p3")
        .guardian("t3", "p1")
        .relation("t2", "p1", RelationKind::Mentor)
        .relation("v3", "p1", RelationKind::Mentor)
        .roster()
}

fn persons(roster: &Roster) -> Vec<&str> {
    roster.persons().map(|person| person.key).collect()
}

fn groups(roster: &Roster) -> Vec<&str> {
    roster.groups().map(|group| group.key).collect()
}

#[test]
fn everything_selected_is_everything_told() {
    let town = town();
    assert_eq!(lines(&told(&town, &everything())), lines(&town));
}

#[test]
fn a_school_brings_its_pupils_its_staff_who_visits_it_and_their_guardians() {
    let town = town();
    let found = told(&town, &Selection { schools: these(&["a"]), ..everything() });
    assert_eq!(groups(&found), ["a7", "a8", "ma", "mb"]);
    let at_a = ["p1", "p2", "p4", "p5", "t1", "t2", "t3", "v1", "v13"];
    assert_eq!(persons(&found), at_a, "p4 and t2 through ma, t3 and v13 as guardians of p1");
    let schools =
        |key| found.person_at(found.find_person(key).expect("told")).school_keys.into_owned();
    assert_eq!((schools("p1"), schools("p5")), ("a".to_owned(), "a".to_owned()));
    assert_eq!((schools("t2"), schools("p4")), (String::new(), String::new()));
    let relations: Vec<_> = found.relations().map(|r| (r.person, r.to)).collect();
    assert_eq!(relations, [("t2", "p1"), ("t3", "p1"), ("v1", "p1"), ("v13", "p1")]);
}

#[test]
fn a_guardian_is_told_for_a_selected_pupil_only() {
    let town = town();
    let found = told(&town, &Selection { schools: these(&["b"]), ..everything() });
    assert_eq!(persons(&found), ["p3", "p4", "p5", "t2", "t3", "v13", "v3"]);
    let found = told(&town, &Selection { years: these(&["8"]), ..everything() });
    assert_eq!(persons(&found), ["p2", "p4", "p5", "t1", "t2", "t3"]);
    let all = told(&town, &everything());
    assert!(all.find_person("v0").is_some(), "where nobody is left out, all guardians are told");
}

/// v3 is the mentor of p1 but the guardian of p3 alone.
#[test]
fn a_mentor_of_a_selected_pupil_is_no_guardian_of_it() {
    let found = told(&town(), &Selection { schools: these(&["a"]), ..everything() });
    assert_eq!(found.find_person("v3"), None);
}

#[test]
fn years_take_the_groups_of_other_years_along() {
    let town = town();
    let found = told(&town, &Selection { years: these(&["7"]), ..everything() });
    assert_eq!(persons(&found), ["p1", "p3", "t1", "t2", "t3", "v1", "v13", "v3"]);
    assert_eq!(groups(&found), ["a7", "b7", "ma"], "ma has a pupil in year 7, a8 and mb none");
    let found = told(&town, &Selection { years: these(&["8"]), ..everything() });
    assert_eq!(groups(&found), ["a8", "ma", "mb"]);
    assert_eq!(found.group_at(2).parent, "ma");
}

#[test]
fn a_group_without_pupils_stays_where_years_are_chosen() {
    let roster = Register::new()
        .persons([year("p1", "", "7"), staff("t1", "")])
        .group(&class("g1", ""))
        .group(&class("g2", ""))
        .group(&class("g3", ""))
        .member("g1", "t1", Role::Instructor)
        .member("g2", "p1", Role::Learner)
        .roster();
    let found = told(&roster, &Selection { years: these(&["9"]), ..everything() });
    assert_eq!(groups(&found), ["g1", "g3"]);
}

#[test]
fn roles_take_persons_their_roles_and_their_relations_along() {
    let town = town();
    let only = |role| Selection { roles: Roles::of(role), ..everything() };
    let found = told(&town, &only(Role::Learner));
    assert_eq!(persons(&found), ["p1", "p2", "p3", "p4", "p5"]);
    assert_eq!(found.count(Kind::Relation), 0);
    assert!(found.memberships().all(|m| m.role == Role::Learner));
    assert_eq!(groups(&found).len(), 5);

    let no_guardians =
        Selection { roles: Roles::of(Role::Learner).union(Roles::of(Role::Staff)), ..everything() };
    let found = told(&town, &no_guardians);
    let teacher = found.person_at(found.find_person("t3").expect("staff"));
    assert_eq!(teacher.roles, Roles::of(Role::Staff), "that t3 is a guardian is not told");
    let relations: Vec<_> = found.relations().map(|r| (r.person, r.kind)).collect();
    assert_eq!(relations, [("t2", RelationKind::Mentor)], "neither by role nor by relation");
}

#[test]
fn kinds_of_group_take_their_memberships_and_parents_along() {
    let groups_of =
        |kinds: &[GroupKind]| Selection { groups: kinds.iter().copied().collect(), ..everything() };
    let town = town();
    let found = told(&town, &groups_of(&[GroupKind::Course]));
    assert_eq!(groups(&found), ["mb"]);
    assert_eq!(found.group_at(0).parent, "", "a parent that is left out is not named");
    assert_eq!(found.memberships().map(|m| m.person).collect::<Vec<_>>(), ["p2"]);
    let found =
        told(&town, &Selection { schools: these(&["a"]), ..groups_of(&[GroupKind::Class]) });
    assert_eq!(found.find_person("p4"), None, "a visit to a group that is not told brings nobody");
    assert_eq!(found.find_person("t2"), None);
}

/// The last day still counts; the day after is over.
#[test]
fn groups_and_memberships_end_the_day_after_their_last() {
    #[track_caller]
    fn check(end: &str, day: jiff::civil::Date, live: bool) {
        let group = Register::new()
            .persons([pupil("p1", "a"), staff("t1", "b")])
            .school("a", "A")
            .school("b", "B")
            .group(&Group { end, ..class("g1", "a") })
            .member("g1", "t1", Role::Instructor)
            .roster();
        let membership = Register::new()
            .persons([pupil("p1", "a"), staff("t1", "b")])
            .school("a", "A")
            .school("b", "B")
            .group(&class("g1", "a"))
            .member_from("g1", "t1", Role::Instructor, ["", end])
            .roster();
        let selection = Selection { schools: these(&["a"]), ..everything() };
        let found = select(&group, &selection, ALL, day);
        assert_eq!(found.count(Kind::Group), u64::from(live), "group to {end} on {day}");
        assert_eq!(found.find_person("t1").is_some(), live, "who visits it");
        let found = select(&membership, &selection, ALL, day);
        assert_eq!(found.count(Kind::Membership), u64::from(live), "membership to {end} on {day}");
        assert_eq!((found.count(Kind::Group), found.find_person("t1").is_some()), (1, live));
    }
    check("2026-06-11", date(2026, 6, 10), true);
    check("2026-06-11", date(2026, 6, 11), true);
    check("2026-06-11", date(2026, 6, 12), false);
    check("2026-12-31", date(2027, 1, 1), false);
    check("", date(9999, 12, 31), true);
}

#[test]
fn sensitive_fields_are_told_only_where_they_are_named() {
    let person = Person {
        personal_number: "201806132385",
        mobile: "+46701740612",
        phone: "+46701740613",
        email: "a@elev.example",
        ..pupil("p1", "")
    };
    let roster = Register::new().person(&person).roster();
    let sent = |send: &[Sensitive], carried: Carried| {
        let selection = Selection { send: send.iter().copied().collect(), ..everything() };
        let found = select(&roster, &selection, carried, date(2026, 11, 21));
        let told = found.person_at(0);
        [told.personal_number, told.mobile, told.phone].map(|text| !text.is_empty())
    };
    assert_eq!(sent(&[], ALL), [false, false, false]);
    assert_eq!(sent(&[Sensitive::PersonalNumber], ALL), [true, false, false]);
    assert_eq!(sent(&[Sensitive::Mobile], ALL), [false, true, false]);
    assert_eq!(sent(&[Sensitive::Phone], ALL), [false, false, true]);
    let all = [Sensitive::PersonalNumber, Sensitive::Mobile, Sensitive::Phone];
    assert_eq!(sent(&all, ALL), [true, true, true]);
    assert_eq!(sent(&all, Carried { mobile: false, phone: false, ..ALL }), [true, false, false]);
    let allowed = Selection { send: BTreeSet::new(), ..everything() }.allowed(ALL);
    let expected = Carried { personal_number: false, mobile: false, phone: false, ..ALL };
    assert_eq!(allowed, expected);
}

#[test]
fn a_field_that_the_format_does_not_carry_is_not_kept() {
    let person = Person {
        personal_number: "201806132385",
        given_name: "Åsa",
        family_name: "Ekholm",
        email: "a@elev.example",
        username: "asek",
        school_year: "7",
        ..pupil("p1", "")
    };
    let group = Group {
        term: "2026",
        course: "MA",
        begin: "2026-08-18",
        end: "2027-06-11",
        ..class("g1", "")
    };
    let roster = Register::new().person(&person).group(&group).roster();
    let bare = Carried { group_rows: true, ..Carried::default() };
    let found = select(&roster, &everything(), bare, date(2026, 11, 21));
    assert!(found.person_at(0) == pupil("p1", ""));
    assert!(found.group_at(0) == class("g1", ""));
    let unseen = select(&roster, &everything(), Carried::default(), date(2026, 11, 21));
    assert_eq!(unseen.count(Kind::Group), 0, "groups that no file tells are no part of it");
}

#[test]
fn rows_that_the_format_does_not_carry_are_not_told() {
    let town = town();
    let counted = |carried: Carried| {
        let found = select(&town, &everything(), carried, date(2026, 11, 21));
        [Kind::School, Kind::Group, Kind::Membership, Kind::Relation]
            .map(|kind| found.count(kind) > 0)
    };
    let none = Carried {
        school_rows: false,
        group_rows: false,
        membership_rows: false,
        relation_rows: false,
        class_names: false,
        ..ALL
    };
    assert_eq!(counted(none), [false, false, false, false]);
    assert_eq!(counted(Carried { school_rows: true, ..none }), [true, false, false, false]);
    assert_eq!(counted(Carried { group_rows: true, ..none }), [false, true, false, false]);
    assert_eq!(counted(Carried { relation_rows: true, ..none }), [false, false, false, true]);
    assert_eq!(counted(Carried { class_names: true, ..none }), [false, true, true, false]);
    let found = select(&town, &everything(), none, date(2026, 11, 21));
    assert_eq!(found.person_at(4).schools().count(), 2, "schools stay, for the limits of each");
}

/// A register without a list of schools still says where everybody is.
#[test]
fn without_a_list_of_schools_their_keys_stay() {
    let roster = Register::new().person(&pupil("p1", "a")).group(&class("g1", "a")).roster();
    let found = told(&roster, &everything());
    assert_eq!((found.person_at(0).school_keys.as_ref(), found.group_at(0).school), ("a", "a"));
}

#[test]
fn a_choice_is_all_or_a_list_that_names_somebody() {
    let parse = |text: &str| serde_json::from_str::<Choice>(text);
    assert_eq!(parse("\"all\"").expect("all"), Choice::All);
    assert_eq!(parse("[\"7\", \"8\", \"7\"]").expect("a list"), these(&["7", "8"]));
    for (text, message) in [
        ("[]", "an empty list selects nobody"),
        ("\"7\"", "must stand in a list: [\"7\"]"),
        ("7", "\"all\" or a list such as"),
        ("[7]", "expected a string"),
        ("null", "\"all\" or a list such as"),
    ] {
        let error = parse(text).expect_err("no choice").to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

/// Each rule by its name, for those whom it leaves out.
#[test]
fn every_rule_can_be_asked_why() {
    #[track_caller]
    fn check(town: &Roster, selection: &Selection, expected: &[(Kind, &str, Option<WhyNot>)]) {
        for &(kind, key, reason) in expected {
            let found = why_not(town, selection, ALL, date(2026, 11, 21), (kind, key));
            assert_eq!(found, reason, "{kind} {key}");
        }
    }
    let town = town();
    let (person, group, school) = (Kind::Person, Kind::Group, Kind::School);
    check(&town, &everything(), &[(person, "p1", None), (group, "mb", None), (school, "a", None)]);
    check(
        &town,
        &Selection { schools: these(&["a"]), ..everything() },
        &[
            (person, "p3", Some(WhyNot::School)),
            (person, "p4", None),
            (person, "v3", Some(WhyNot::NoChild)),
            (person, "v0", Some(WhyNot::NoChild)),
            (group, "b7", Some(WhyNot::School)),
            (school, "b", Some(WhyNot::School)),
            (school, "nowhere", None),
        ],
    );
    check(
        &town,
        &Selection { years: these(&["7"]), ..everything() },
        &[
            (person, "p2", Some(WhyNot::SchoolYear)),
            (person, "t1", None),
            (group, "a8", Some(WhyNot::NoPupils)),
            (group, "ma", None),
        ],
    );
    check(
        &town,
        &Selection { roles: Roles::of(Role::Learner), ..everything() },
        &[(person, "t1", Some(WhyNot::Role)), (person, "v1", Some(WhyNot::Role))],
    );
    check(
        &town,
        &Selection { groups: BTreeSet::from([GroupKind::Course]), ..everything() },
        &[(group, "a7", Some(WhyNot::GroupKind)), (group, "mb", None)],
    );
    let bare = Carried { school_rows: false, group_rows: false, class_names: false, ..ALL };
    let asked = |of| why_not(&town, &everything(), bare, date(2026, 11, 21), of);
    assert_eq!(asked((school, "a")), Some(WhyNot::NotCarried));
    assert_eq!(asked((group, "a7")), Some(WhyNot::NotCarried));
    let over = Register::new()
        .person(&pupil("p1", ""))
        .group(&Group { end: "2026-11-20", ..class("g1", "") })
        .group(&class("g2", ""))
        .member("g1", "p1", Role::Learner)
        .member_from("g2", "p1", Role::Learner, ["", "2026-11-20"])
        .roster();
    let reasons = Reasons::of(&over, &everything(), ALL, date(2026, 11, 21));
    assert_eq!(reasons.each(group), [Some(WhyNot::Ended), None]);
    let links = [Some(WhyNot::GroupLeftOut), Some(WhyNot::Ended)];
    assert_eq!(reasons.each(Kind::Membership), links);
}

/// A roster of any shape: keys drawn from few, everything optional.
fn roster() -> impl Strategy<Value = Roster> {
    let key = |letter: char| (0..6u8).prop_map(move |number| format!("{letter}{number}"));
    let end = || one_of(vec!["", "2026-06-11", "2026-11-21", "2027-06-11"]);
    let roles = subsequence(Role::OF_PERSONS.to_vec(), 1..=3);
    let person =
        (roles, proptest::collection::btree_set(key('s'), 0..3), one_of(vec!["", "7", "8"]));
    let group = (one_of(GroupKind::ALL), key('s'), key('g'), end());
    let member = (key('g'), key('p'), one_of(Role::OF_MEMBERSHIPS), end());
    let relation = (key('p'), key('p'), one_of(RelationKind::ALL));
    (
        proptest::collection::btree_set(key('s'), 0..6),
        proptest::collection::btree_map(key('p'), person, 1..6),
        proptest::collection::btree_map(key('g'), group, 0..6),
        proptest::collection::vec(member, 0..20),
        proptest::collection::vec(relation, 0..8),
    )
        .prop_map(|(schools, persons, groups, members, relations)| {
            let mut rows = Register::new();
            for key in &schools {
                rows = rows.school(key, "x");
            }
            for (key, (roles, at, school_year)) in &persons {
                let roles = roles.iter().copied().collect();
                let mut person = Person { roles, school_year, ..pupil(key, "") };
                person.set_schools(at.iter().map(String::as_str));
                rows = rows.person(&person);
            }
            for (key, (kind, school, parent, end)) in &groups {
                rows = rows.group(&Group { kind: *kind, parent, end, ..class(key, school) });
            }
            for (group, person, role, end) in &members {
                rows = rows.member_from(group, person, *role, ["", end]);
            }
            for (person, to, kind) in &relations {
                rows = rows.relation(person, to, *kind);
            }
            rows.assemble().0
        })
}

fn choice(letter: &'static str, words: [&'static str; 3]) -> impl Strategy<Value = Choice> {
    let words = words.map(|word| format!("{letter}{word}")).to_vec();
    prop_oneof![
        Just(Choice::All),
        subsequence(words, 1..=3).prop_map(|some| Choice::These(some.into_iter().collect())),
    ]
}

fn selection() -> impl Strategy<Value = Selection> {
    (
        choice("s", ["0", "1", "2"]),
        choice("", ["7", "8", "9"]),
        subsequence(Role::OF_PERSONS.to_vec(), 1..=3),
        subsequence(GroupKind::ALL.to_vec(), 1..=5),
    )
        .prop_map(|(schools, years, roles, groups)| Selection {
            schools,
            years,
            roles: roles.into_iter().collect(),
            groups: groups.into_iter().collect(),
            send: BTreeSet::new(),
            group_keys: GroupKeys::default(),
        })
}

fn carried() -> impl Strategy<Value = Carried> {
    any::<[bool; 5]>().prop_map(|[schools, groups, members, relations, names]| Carried {
        school_rows: schools,
        group_rows: groups,
        membership_rows: members,
        relation_rows: relations,
        class_names: names,
        ..ALL
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_refers_to_what_is_left_out(
        roster in roster(), selection in selection(), carried in carried(),
    ) {
        let found = select(&roster, &selection, carried, date(2026, 11, 21));
        let lists_schools = carried.school_rows && roster.count(Kind::School) > 0;
        for person in found.persons() {
            prop_assert!(!person.roles.is_empty());
            prop_assert_eq!(person.roles.intersection(selection.roles), person.roles);
            for key in person.schools().filter(|_| lists_schools) {
                prop_assert!(found.find_school(key).is_some());
            }
        }
        for group in found.groups() {
            let told = |key: &str| key.is_empty() || found.find_school(key).is_some();
            prop_assert!(!lists_schools || told(group.school));
            prop_assert!(group.parent.is_empty() || found.find_group(group.parent).is_some());
            prop_assert!(selection.groups.contains(&group.kind));
            prop_assert!(group.end.is_empty() || group.end >= "2026-11-21");
        }
        for membership in found.memberships() {
            prop_assert!(found.find_group(membership.group).is_some());
            prop_assert!(found.find_person(membership.person).is_some());
            prop_assert!(membership.end.is_empty() || membership.end >= "2026-11-21");
        }
        for relation in found.relations() {
            prop_assert!(found.find_person(relation.person).is_some());
            prop_assert!(found.find_person(relation.to).is_some());
        }
    }

    /// The law of `find`: a rule gives a reason exactly for those who are not told.
    #[test]
    fn there_is_a_reason_exactly_for_what_is_not_told(
        roster in roster(), selection in selection(), carried in carried(),
    ) {
        let day = date(2026, 11, 21);
        let found = select(&roster, &selection, carried, day);
        let reasons = Reasons::of(&roster, &selection, carried, day);
        let asked = |of| why_not(&roster, &selection, carried, day, of);
        for school in roster.schools() {
            let told = found.find_school(school.key).is_some();
            prop_assert_eq!(asked((Kind::School, school.key)).is_none(), told);
        }
        for person in roster.persons() {
            let told = found.find_person(person.key).is_some();
            prop_assert_eq!(asked((Kind::Person, person.key)).is_none(), told);
        }
        for group in roster.groups() {
            let told = found.find_group(group.key).is_some();
            prop_assert_eq!(asked((Kind::Group, group.key)).is_none(), told);
        }
        let members: BTreeSet<_> =
            found.memberships().map(|m| (m.group, m.person, m.role)).collect();
        for (member, reason) in roster.memberships().zip(reasons.each(Kind::Membership)) {
            let told = members.contains(&(member.group, member.person, member.role));
            prop_assert_eq!(reason.is_none(), told);
        }
        let related: BTreeSet<_> = found.relations().map(|r| (r.person, r.to, r.kind)).collect();
        for (relation, reason) in roster.relations().zip(reasons.each(Kind::Relation)) {
            let told = related.contains(&(relation.person, relation.to, relation.kind));
            prop_assert_eq!(reason.is_none(), told);
        }
    }

    #[test]
    fn what_was_told_survives_the_snapshot(
        roster in roster(), selection in selection(), carried in carried(),
    ) {
        let found = select(&roster, &selection, carried, date(2026, 11, 21));
        let read = rostergate::formats::snapshot::read(packed(&found).as_slice());
        prop_assert_eq!(lines(&read.expect("just written")), lines(&found));
    }

    #[test]
    fn selecting_twice_selects_the_same(
        roster in roster(), selection in selection(), carried in carried(),
    ) {
        let day = date(2026, 11, 21);
        let once = select(&roster, &selection, carried, day);
        let whole = Selection { schools: Choice::All, years: Choice::All, ..selection };
        prop_assert_eq!(lines(&select(&once, &whole, carried, day)), lines(&once));
    }

    #[test]
    fn told_lines_are_the_registers_own(roster in roster(), selection in selection()) {
        let found = select(&roster, &selection, ALL, date(2026, 11, 21));
        for kind in [Kind::Membership, Kind::Relation] {
            let mut known = BTreeSet::new();
            roster.each_line(kind, |line| {
                known.insert(line.to_owned());
            });
            let mut all = true;
            found.each_line(kind, |line| all &= known.contains(line));
            prop_assert!(all);
        }
        for person in found.persons() {
            let own = roster.person_at(roster.find_person(person.key).expect("the register's"));
            prop_assert!(person.schools().all(|key| own.schools().any(|known| known == key)));
        }
    }
}
