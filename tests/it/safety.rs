//! The safety filter, limit by limit: what is at a limit goes out, what is above it is held.
//! Each test carries the number of the safety rule that it shows.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rostergate::pipeline::counts::{Counts, SchoolTally, Tally};
use rostergate::pipeline::field::FieldTally;
use rostergate::pipeline::percent::{Limit, Percent};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::entity::Person;
use rostergate::roster::field::PersonField;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Role};

use crate::rows::{Register, class, counts, pupil, staff};

/// Limits from the text of a `[limits]` table.
#[track_caller]
pub(crate) fn limits(text: &str) -> Limits {
    Limits::resolve(&settings(text), &Settings::default())
}

#[track_caller]
fn settings(text: &str) -> Settings {
    toml::from_str(text).expect("limits that may be set")
}

fn refusal(text: &str) -> String {
    toml::from_str::<Settings>(text).expect_err("limits that may not be set").to_string()
}

pub(crate) fn held(counts: &Counts, around: &Circumstances, limits: &Limits) -> Vec<Breach> {
    match judge(counts, around, limits) {
        Verdict::Pass => Vec::new(),
        Verdict::Hold(breaches) => breaches,
    }
}

fn breaches(counts: &Counts, text: &str) -> Vec<Breach> {
    held(counts, &Circumstances::default(), &limits(text))
}

/// Numbers that break no limit: a thousand of everything, nothing moves.
pub(crate) fn calm() -> Counts {
    let still = Tally { before: 1000, now: 1000, ..Tally::default() };
    let known = FieldTally { before: 1000, ..FieldTally::default() };
    let school = |key: &str| SchoolTally {
        key: key.into(),
        name: key.into(),
        persons: still,
        roles: Role::OF_PERSONS.iter().map(|&role| (role, still)).collect(),
        groups: still,
        memberships: still,
    };
    Counts {
        schools: still,
        persons: still,
        groups: still,
        memberships: still,
        relations: still,
        roles: Role::OF_PERSONS.iter().map(|&role| (role, still)).collect(),
        membership_roles: Role::OF_MEMBERSHIPS.iter().map(|&role| (role, still)).collect(),
        group_kinds: GroupKind::ALL.iter().map(|&kind| (kind, still)).collect(),
        by_school: vec![school("s1"), school("s2")],
        archived: 0,
        schools_gone: Vec::new(),
        fields: PersonField::ALL.iter().map(|&field| (field, known)).collect(),
        ..Counts::default()
    }
}

pub(crate) fn tally_of<'c>(counts: &'c mut Counts, subject: &Subject) -> &'c mut Tally {
    match subject {
        Subject::Persons => &mut counts.persons,
        Subject::Role(role) => counts.roles.entry(*role).or_default(),
        Subject::Groups => &mut counts.groups,
        Subject::GroupKind(kind) => counts.group_kinds.entry(*kind).or_default(),
        Subject::Memberships => &mut counts.memberships,
        Subject::MembershipRole(role) => counts.membership_roles.entry(*role).or_default(),
        Subject::Relations => &mut counts.relations,
        Subject::Schools => &mut counts.schools,
        Subject::School(_) => &mut counts.by_school[0].persons,
        Subject::AtSchool(what, _) => {
            let school = &mut counts.by_school[0];
            match **what {
                Subject::Role(role) => school.roles.entry(role).or_default(),
                Subject::Groups => &mut school.groups,
                _ => &mut school.memberships,
            }
        }
    }
}

/// Calm numbers but for one operation on one subject; new ones keep its total above nothing.
fn moved(subject: &Subject, operation: Operation, count: u64, of: u64) -> Counts {
    let mut counts = calm();
    let tally = tally_of(&mut counts, subject);
    *tally = Tally { before: of, now: of + 1, ..Tally::default() };
    match operation {
        Operation::Add => tally.added = count,
        Operation::Change => tally.changed = count,
        Operation::Remove => tally.removed = count,
    }
    counts
}

/// Every limit that holds unless the configuration says otherwise, in percent.
pub(crate) fn defaults() -> Vec<(Subject, Operation, u64)> {
    use Operation::{Add, Change, Remove};
    let mut table = vec![
        (Subject::Persons, Add, 25),
        (Subject::Persons, Change, 25),
        (Subject::Persons, Remove, 5),
        (Subject::Role(Role::Learner), Remove, 5),
        (Subject::Role(Role::Staff), Add, 25),
        (Subject::Role(Role::Staff), Remove, 8),
        (Subject::Role(Role::Guardian), Remove, 10),
        (Subject::School("s1".into()), Remove, 30),
    ];
    for subject in [Subject::Groups, Subject::Memberships, Subject::Relations] {
        let rows = [(Add, 50), (Change, 50), (Remove, 10)];
        table.extend(rows.map(|(operation, percent)| (subject.clone(), operation, percent)));
    }
    let here = |what| (Subject::AtSchool(Box::new(what), "s1".into()), Remove, 30);
    table.extend([Subject::Role(Role::Staff), Subject::Groups, Subject::Memberships].map(here));
    let kinds = GroupKind::ALL.iter().map(|&kind| (Subject::GroupKind(kind), Remove, 10));
    let roles = Role::OF_MEMBERSHIPS.iter();
    table.extend(kinds);
    table.extend(roles.map(|&role| (Subject::MembershipRole(role), Remove, 10)));
    table
}

/// Rule 8, F31: `100 · count > percent · of`, in whole numbers.
#[test]
fn rule_08_every_default_limit_holds_what_is_above_it_and_only_that() {
    for (subject, operation, percent) in defaults() {
        for of in [1, 2, 7, 19, 20, 99, 100, 101, 999, 1000, 123_457, 10_000_000] {
            let most = percent * of / 100;
            for (count, over) in [(most.saturating_sub(1), false), (most, false), (most + 1, true)]
            {
                let counts = moved(&subject, operation, count, of);
                let limit = u32::try_from(percent * 1000).expect("a small number");
                let breach =
                    Breach::OverPercent { subject: subject.clone(), operation, count, of, limit };
                let mut expected = if over { vec![breach] } else { vec![] };
                if subject == Subject::Persons && operation != Operation::Add && count >= of {
                    expected.insert(0, Breach::NothingUnchanged { of });
                }
                let found = breaches(&counts, "always-allow = 0");
                assert_eq!(found, expected, "{subject:?} {operation:?} {count} of {of}");
            }
        }
    }
}

#[test]
fn rule_08_something_of_nothing_is_above_every_share() {
    for (subject, operation, _) in defaults() {
        assert_eq!(breaches(&moved(&subject, operation, 0, 0), "always-allow = 0"), []);
        let found = breaches(&moved(&subject, operation, 1, 0), "always-allow = 0");
        assert_eq!(found.len(), 1, "{subject:?} {operation:?}: 1 of 0");
        let found = breaches(&moved(&subject, operation, 11, 0), "");
        assert_eq!(found.len(), 1, "{subject:?} {operation:?}: 11 of 0 is above the allowance");
    }
}

/// Everything that may be set beside the defaults, as a share of a thousand.
#[test]
fn rule_08_every_configured_share_holds() {
    use Operation::{Add, Change, Remove};
    for (key, subject) in [
        ("persons", Subject::Persons),
        ("learners", Subject::Role(Role::Learner)),
        ("staff", Subject::Role(Role::Staff)),
        ("guardians", Subject::Role(Role::Guardian)),
        ("groups", Subject::Groups),
        ("memberships", Subject::Memberships),
        ("relations", Subject::Relations),
    ] {
        for (word, operation) in [("add", Add), ("change", Change), ("remove", Remove)] {
            let text = format!("{key} = {{ {word} = \"2.5%\" }}");
            for (count, over) in [(24, false), (25, false), (26, true)] {
                let found = breaches(&moved(&subject, operation, count, 1000), &text);
                assert_eq!(!found.is_empty(), over, "{text} {count}");
            }
            let text = format!("{key} = {{ {word}-max = 3 }}");
            for (count, over) in [(2, false), (3, false), (4, true)] {
                let found = breaches(&moved(&subject, operation, count, 1000), &text);
                let breach =
                    Breach::OverCount { subject: subject.clone(), operation, count, limit: 3 };
                assert_eq!(found, if over { vec![breach] } else { vec![] }, "{text} {count}");
            }
        }
    }
}

#[test]
fn rule_08_a_number_and_a_share_hold_each_by_itself_and_no_allowance_covers_a_number() {
    let removed = |count, of| moved(&Subject::Persons, Operation::Remove, count, of);
    let text = "persons = { remove = \"5%\", remove-max = 200 }";
    assert_eq!(breaches(&removed(200, 5000), text), []);
    assert_eq!(breaches(&removed(201, 5000), text).len(), 1);
    assert_eq!(breaches(&removed(51, 1000), text).len(), 1);
    assert_eq!(breaches(&removed(300, 5000), text).len(), 2);
    assert_eq!(breaches(&removed(1, 5000), "persons = { remove-max = 0 }").len(), 1);
    assert_eq!(breaches(&removed(1, 5000), "always-allow = 100\nschool = { remove-max = 0 }"), []);
    let school = moved(&Subject::School("s1".into()), Operation::Remove, 1, 5000);
    assert_eq!(breaches(&school, "school = { remove-max = 0 }").len(), 1);
}

/// 96 pupils and four teachers.
fn little_town() -> (Vec<String>, Vec<String>) {
    let pupils = (0..96).map(|number| format!("p{number:02}")).collect();
    (pupils, (0..4).map(|number| format!("t{number}")).collect())
}

fn town(pupils: &[String], teachers: &[String]) -> Roster {
    let register = Register::new()
        .persons(pupils.iter().map(|key| pupil(key, "s1")))
        .persons(teachers.iter().map(|key| staff(key, "s1")))
        .group(&class("g1", "s1"));
    let taught =
        teachers.iter().fold(register, |rows, key| rows.member("g1", key, Role::Instructor));
    let all = pupils.iter().fold(taught, |rows, key| rows.member("g1", key, Role::Learner));
    all.roster()
}

#[test]
fn rule_08_losing_all_teachers_is_a_breach_though_they_are_four_in_a_hundred() {
    let (pupils, teachers) = little_town();
    let numbers = counts(&town(&pupils, &teachers), &town(&pupils, &[]));
    assert_eq!((numbers.persons.removed, numbers.persons.before), (4, 100));
    let expected = [
        Breach::OverPercent {
            subject: Subject::Role(Role::Staff),
            operation: Operation::Remove,
            count: 4,
            of: 4,
            limit: 8000,
        },
        Breach::Vanished { subject: Subject::Role(Role::Staff), of: 4 },
        Breach::OverPercent {
            subject: Subject::MembershipRole(Role::Instructor),
            operation: Operation::Remove,
            count: 4,
            of: 4,
            limit: 10_000,
        },
        Breach::Vanished { subject: Subject::MembershipRole(Role::Instructor), of: 4 },
    ];
    assert_eq!(breaches(&numbers, ""), expected);
    let lost_one = counts(&town(&pupils, &teachers), &town(&pupils, &teachers[1..]));
    assert_eq!(breaches(&lost_one, ""), [], "one teacher who leaves is an ordinary night");
}

/// A role that a person loses is a removal, though the person is still told.
#[test]
fn rule_08_pupils_who_become_staff_are_lost_pupils() {
    let (pupils, _) = little_town();
    let before = town(&pupils, &[]);
    let now = Register::new()
        .persons(pupils[..80].iter().map(|key| pupil(key, "s1")))
        .persons(pupils[80..].iter().map(|key| staff(key, "s1")))
        .roster();
    let numbers = counts(&before, &now);
    assert_eq!(numbers.persons.removed, 0);
    let breach = Breach::OverPercent {
        subject: Subject::Role(Role::Learner),
        operation: Operation::Remove,
        count: 16,
        of: 96,
        limit: 5000,
    };
    assert!(breaches(&numbers, "").contains(&breach));
}

#[test]
fn rule_08_relabelled_groups_are_lost_groups_of_their_kind() {
    let keys: Vec<String> = (0..100).map(|number| format!("g{number:02}")).collect();
    let groups = |relabelled: usize| {
        let kind_of = |at| if at < relabelled { GroupKind::Other } else { GroupKind::Class };
        let groups = keys.iter().enumerate();
        groups
            .fold(Register::new().person(&pupil("p1", "")), |rows, (at, key)| {
                let mut group = class(key, "");
                group.kind = kind_of(at);
                rows.group(&group)
            })
            .roster()
    };
    let numbers = counts(&groups(1), &groups(13));
    assert_eq!((numbers.groups.removed, numbers.groups.changed), (0, 12));
    let lost = Breach::OverPercent {
        subject: Subject::GroupKind(GroupKind::Class),
        operation: Operation::Remove,
        count: 12,
        of: 99,
        limit: 10_000,
    };
    assert_eq!(breaches(&numbers, ""), [lost]);
}

/// F30: a missing school of three in a hundred is named.
#[test]
fn rule_08_a_missing_school_is_held_and_named_however_small() {
    let pupils: Vec<String> = (0..1000).map(|number| format!("p{number:03}")).collect();
    let town = |away: usize| {
        let schools = Register::new().school("s1", "Björkskolan");
        let schools = if away == 0 { schools.school("s2", "Havets förskola") } else { schools };
        let of = |at: usize| if at < 30 { "s2" } else { "s1" };
        let told = pupils.iter().enumerate().skip(away);
        schools.persons(told.map(|(at, key)| pupil(key, of(at)))).roster()
    };
    let numbers = counts(&town(0), &town(30));
    let expected =
        [Breach::Vanished { subject: Subject::School("Havets förskola".into()), of: 30 }];
    assert_eq!(breaches(&numbers, ""), expected);
    let expected: &[Breach] = &[];
    assert_eq!(breaches(&counts(&town(0), &town(0)), ""), expected);
}

/// Each is a reason, and none of them is looked for among all the others.
#[test]
fn rule_08_sixty_thousand_schools_that_vanish_are_judged_at_once() {
    let mut numbers = calm();
    numbers.schools_gone = (0..60_000).map(|nth| format!("Skola {nth}")).collect();
    numbers.schools_gone.push("Skola 7".to_owned());
    let began = Instant::now();
    assert_eq!(breaches(&numbers, "").len(), 60_000);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Pupils who all move to another school leave the first one without being removed.
#[test]
fn rule_08_a_school_whose_pupils_move_loses_them() {
    let pupils: Vec<String> = (0..1000).map(|number| format!("p{number:03}")).collect();
    let town = |moved: usize| {
        let of = |at: usize| if at < 40 - moved { "s2" } else { "s1" };
        Register::new()
            .persons(pupils.iter().enumerate().map(|(at, key)| pupil(key, of(at))))
            .roster()
    };
    let subject = || Subject::School("s2".into());
    let left = |count| Breach::OverPercent {
        subject: subject(),
        operation: Operation::Remove,
        count,
        of: 40,
        limit: 30_000,
    };
    assert_eq!(breaches(&counts(&town(0), &town(12)), ""), []);
    assert_eq!(breaches(&counts(&town(0), &town(13)), ""), [left(13)]);
    let vanished = Breach::Vanished { subject: subject(), of: 40 };
    assert_eq!(breaches(&counts(&town(0), &town(40)), ""), [vanished]);
}

#[test]
fn rule_09_an_allowance_covers_few_removals_but_no_more() {
    for (allow, count, over) in
        [(10, 10, false), (10, 11, true), (0, 2, true), (100, 19, false), (3, 4, true)]
    {
        let text = format!("always-allow = {allow}");
        let found = breaches(&moved(&Subject::Persons, Operation::Remove, count, 20), &text);
        assert_eq!(!found.is_empty(), over, "{allow} {count}");
    }
    assert_eq!(breaches(&moved(&Subject::Persons, Operation::Remove, 10, 11), ""), []);
}

#[test]
fn rule_09_no_allowance_covers_what_vanishes_whole() {
    let mut subjects = vec![Subject::School("s1".into()), Subject::Relations, Subject::Persons];
    subjects.extend(Role::OF_PERSONS.iter().map(|&role| Subject::Role(role)));
    subjects.extend(Role::OF_MEMBERSHIPS.iter().map(|&role| Subject::MembershipRole(role)));
    subjects.extend(GroupKind::ALL.iter().map(|&kind| Subject::GroupKind(kind)));
    for subject in subjects {
        for of in [1, 2, 10] {
            let mut counts = moved(&subject, Operation::Remove, of, of);
            tally_of(&mut counts, &subject).now = 0;
            let found = breaches(&counts, "always-allow = 100");
            let vanished = Breach::Vanished { subject: subject.clone(), of };
            assert!(found.contains(&vanished), "{subject:?} {of}: {found:?}");
            tally_of(&mut counts, &subject).before = 0;
            tally_of(&mut counts, &subject).removed = 0;
            assert_eq!(
                breaches(&counts, "minimum = { persons = 0 }"),
                [],
                "it was not there before"
            );
        }
    }
}

/// A school of eight, all of them exchanged for eight others: net counts see nothing.
#[test]
fn rule_09_no_allowance_covers_a_school_or_role_of_which_everybody_is_exchanged() {
    let (pupils, teachers) = little_town();
    let others: Vec<String> = (0..4).map(|number| format!("u{number}")).collect();
    let numbers = counts(&town(&pupils, &teachers), &town(&pupils, &others));
    assert_eq!(numbers.persons.before, numbers.persons.now);
    let gone = |subject, limit| Breach::OverPercent {
        subject,
        operation: Operation::Remove,
        count: 4,
        of: 4,
        limit,
    };
    let expected = [
        gone(Subject::Role(Role::Staff), 8000),
        gone(Subject::MembershipRole(Role::Instructor), 10_000),
    ];
    assert_eq!(breaches(&numbers, ""), expected);
    let most =
        counts(&town(&pupils, &teachers), &town(&pupils, &[&teachers[..1], &others[1..]].concat()));
    assert_eq!(breaches(&most, ""), [], "while one stays it is the allowance's matter");
}

#[test]
fn rule_09_a_school_of_eight_that_is_exchanged_is_held() {
    let of = |school: &'static str, letter: char| {
        let keys: Vec<String> = (0..8).map(|number| format!("{letter}{number}")).collect();
        let fill: Vec<String> = (0..500).map(|number| format!("p{number:03}")).collect();
        let rows = Register::new().persons(fill.iter().map(|key| pupil(key, "s1")));
        rows.persons(keys.iter().map(|key| pupil(key, school))).roster()
    };
    let found = breaches(&counts(&of("s2", 'a'), &of("s2", 'b')), "");
    let school = Subject::School("s2".into());
    let operation = Operation::Remove;
    let expected =
        [Breach::OverPercent { subject: school, operation, count: 8, of: 8, limit: 30_000 }];
    assert_eq!(found, expected);
}

#[test]
fn rule_11_no_limit_is_set_above_its_ceiling() {
    for (text, message) in [
        ("persons = { remove = \"31%\" }", "31% is above the ceiling: give 0% to 30%"),
        ("persons = { remove = \"30.001%\" }", "30.001% is above the ceiling: give 0% to 30%"),
        ("learners = { remove = \"100%\" }", "100% is above the ceiling: give 0% to 30%"),
        ("staff = { remove = \"31%\" }", "31% is above the ceiling: give 0% to 30%"),
        ("guardians = { remove = \"31%\" }", "31% is above the ceiling: give 0% to 30%"),
        ("groups = { remove = \"51%\" }", "51% is above the ceiling: give 0% to 50%"),
        ("memberships = { remove = \"51%\" }", "51% is above the ceiling: give 0% to 50%"),
        ("relations = { remove = \"51%\" }", "51% is above the ceiling: give 0% to 50%"),
        ("school = { remove = \"61%\" }", "61% is above the ceiling: give 0% to 60%"),
        ("persons = { change = \"101%\" }", "101% is above the ceiling: give 0% to 100%"),
        ("groups = { change = \"101%\" }", "101% is above the ceiling: give 0% to 100%"),
        ("persons = { add = \"301%\" }", "301% is above the ceiling: give 0% to 300%"),
        ("memberships = { add = \"999999%\" }", "999999% is above the ceiling: give 0% to 300%"),
        ("set-aside = \"11%\"", "11% is above the ceiling: give 0% to 10%"),
        ("always-allow = 101", "101 is above the ceiling: give 0 to 100"),
        ("always-allow = 4294967296", "4294967296 is above the ceiling: give 0 to 100"),
        ("newly-protected = 1000", "1000 is above the ceiling: give 0 to 100"),
    ] {
        assert!(refusal(text).contains(message), "{text}: {}", refusal(text));
    }
    for text in [
        "persons = { add = \"300%\", change = \"100%\", remove = \"30%\" }",
        "groups = { remove = \"50%\" }\nmemberships = { remove = \"50.000%\" }",
        "school = { remove = \"60%\" }\nalways-allow = 100\nnewly-protected = 100",
    ] {
        settings(text);
    }
}

#[test]
fn rule_11_what_is_no_share_is_no_limit() {
    for share in
        ["nan", "nan%", "inf%", "-0%", "-1%", "1e999%", "5,0%", "5", "", "%", "5%%", "٥%", " 5%"]
    {
        let text = format!("persons = {{ remove = \"{share}\" }}");
        assert!(refusal(&text).contains("is not a share"), "{share:?}: {}", refusal(&text));
    }
    for text in [
        "persons = { remove = nan }",
        "persons = { remove = 5 }",
        "persons = { remove = 0.05 }",
        "persons = { remove-max = -1 }",
        "persons = { remove-max = \"10\" }",
        "always-allow = -1",
        "always-allow = \"10\"",
        "minimum = { persons = -1 }",
        "newly-protected = 0.5",
    ] {
        refusal(text);
    }
}

#[test]
fn rule_13_an_unknown_limit_is_refused() {
    for text in [
        "person = { remove = \"5%\" }",
        "persons = { delete = \"5%\" }",
        "persons = { remove_max = 5 }",
        "school = { add = \"5%\" }",
        "minimum = { relations = 1 }",
        "week = { add = \"12%\" }",
        "sentinels = { relations = 1 }",
    ] {
        assert!(refusal(text).contains("unknown field"), "{text}: {}", refusal(text));
    }
}

#[test]
fn rule_11_a_target_is_laid_over_the_site_over_the_defaults() {
    let site = settings(
        "persons = { remove = \"4%\", remove-max = 70 }\nalways-allow = 3\nnewly-protected = 9\n\
         groups = { remove = \"20%\" }\nset-aside = \"1%\"\nminimum = { persons = 900, groups = 30 }\n\
         school = { remove = \"25%\", remove-max = 40 }",
    );
    let target = settings(
        "persons = { remove = \"2%\", add-max = 8 }\ngroups = { remove = \"15%\" }\n\
         minimum = { persons = 50 }\nschool = { remove = \"10%\" }\nalways-allow = 0",
    );
    let found = Limits::resolve(&target, &site);
    let share = |text: &str| Some(text.parse::<Percent>().expect("a share"));
    assert_eq!(found.persons.share(Operation::Remove), share("2%"), "the target's");
    assert_eq!(found.persons.remove_max, Some(70), "the site's, where the target says nothing");
    assert_eq!(found.persons.share(Operation::Add), share("25%"), "the default");
    assert_eq!((found.persons.add_max, found.persons.change_max), (Some(8), None));
    assert_eq!(found.groups.share(Operation::Remove), share("15%"));
    assert_eq!(found.groups.share(Operation::Change), share("50%"));
    assert_eq!(found.school.remove.map(Limit::share), share("10%"));
    assert_eq!(found.school.remove_max, Some(40));
    assert_eq!((found.minimum.persons, found.minimum.groups), (Some(50), Some(30)));
    assert_eq!((found.always_allow, found.newly_protected), (0, 9));
    assert_eq!(Some(found.set_aside.share()), share("1%"));

    let bare = Limits::resolve(&Settings::default(), &Settings::default());
    assert_eq!((bare.always_allow, bare.newly_protected, bare.minimum.persons), (10, 5, Some(1)));
    assert_eq!(Some(bare.set_aside.share()), share("0.5%"));
    assert_eq!(bare.school.remove.map(Limit::share), share("30%"));
}

#[test]
fn rule_10_too_many_rows_set_aside_are_held() {
    for (text, count, of, over) in [
        ("", 0, 0, false),
        ("", 1, 0, true),
        ("", 1, 199, true),
        ("", 1, 200, false),
        ("", 5, 1000, false),
        ("", 6, 1000, true),
        ("set-aside = \"0%\"", 1, 1_000_000, true),
        ("set-aside = \"10%\"", 100, 1000, false),
        ("set-aside = \"10%\"", 101, 1000, true),
    ] {
        let around = Circumstances { set_aside: count, rows: of, ..Circumstances::default() };
        let found = held(&calm(), &around, &limits(text));
        assert_eq!(!found.is_empty(), over, "{text} {count} of {of}");
        if let [Breach::SetAside { count: c, of: o, .. }] = found[..] {
            assert_eq!((c, o), (count, of));
        }
    }
}

/// Rule 18: more than five, or half a percent if that is more, is a broken column.
#[test]
fn rule_18_a_flood_of_protected_persons_is_held() {
    for (text, many, persons, over) in [
        ("", 5, 100, false),
        ("", 6, 100, true),
        ("", 5, 0, false),
        ("", 6, 1199, true),
        ("", 6, 1200, false),
        ("", 7, 1200, true),
        ("", 115, 23_000, false),
        ("", 116, 23_000, true),
        ("newly-protected = 0", 1, 100, true),
        ("newly-protected = 20", 20, 100, false),
        ("newly-protected = 20", 21, 100, true),
    ] {
        for unknown in [false, true] {
            let (newly, marks) = if unknown { (0, many) } else { (many, 0) };
            let around = Circumstances {
                newly_protected: newly,
                unknown_markings: marks,
                persons_read: persons,
                ..Circumstances::default()
            };
            let found = held(&calm(), &around, &limits(text));
            assert_eq!(!found.is_empty(), over, "{text} {many} of {persons}");
            assert!(found.iter().all(|breach| matches!(breach, Breach::ProtectedFlood { .. })));
        }
    }
}

#[test]
fn rule_08_a_whole_role_that_is_newly_protected_is_a_flood_however_few_they_are() {
    for (of, over) in [(2, false), (3, true)] {
        let around = Circumstances {
            newly_protected: of,
            protected_roles: [(Role::Staff, of)].into(),
            persons_read: 400,
            ..Circumstances::default()
        };
        let flood = Breach::ProtectedFlood { newly: of, unknown: 0, limit: 5 };
        let gone = Breach::Vanished { subject: Subject::Role(Role::Staff), of };
        let found = held(&calm(), &around, &limits(""));
        assert_eq!(found, if over { vec![flood, gone] } else { vec![] });
    }
}

#[test]
fn rule_02_a_first_delivery_is_held_with_its_number_of_persons_and_judged_by_its_size_only() {
    let new = |number| Tally { now: number, added: number, ..Tally::default() };
    let counts = Counts {
        persons: new(1508),
        roles: [(Role::Learner, new(1508))].into(),
        memberships: new(21_340),
        ..Counts::default()
    };
    let around =
        Circumstances { first_delivery: Some(vec!["host".into()]), ..Circumstances::default() };
    let first = Breach::FirstDelivery { persons: 1508, moved: vec!["host".into()], last_for: None };
    assert_eq!(held(&counts, &around, &limits("")), std::slice::from_ref(&first));
    let short = Breach::BelowMinimum { subject: Subject::Persons, count: 1508, minimum: 2000 };
    let found = held(&counts, &around, &limits("minimum = { persons = 2000 }"));
    assert_eq!(found, [first, short]);
}

#[test]
fn rule_08_less_than_the_minimum_is_held() {
    let mut counts = calm();
    for (key, subject) in [
        ("persons", Subject::Persons),
        ("groups", Subject::Groups),
        ("memberships", Subject::Memberships),
    ] {
        for (minimum, over) in [(999, false), (1000, false), (1001, true)] {
            let text = format!("minimum = {{ {key} = {minimum} }}");
            let breach = Breach::BelowMinimum { subject: subject.clone(), count: 1000, minimum };
            assert_eq!(breaches(&counts, &text), if over { vec![breach] } else { vec![] });
        }
    }
    counts.persons = Tally::default();
    let nobody = Breach::BelowMinimum { subject: Subject::Persons, count: 0, minimum: 1 };
    assert_eq!(breaches(&counts, ""), [nobody], "a file without anybody is never sent");
}

/// Rules 3, 4, 5, 6 and 7: what a baseline is bound to.
#[test]
fn rule_03_to_07_every_doubt_about_the_baseline_holds() {
    let calm = calm();
    let still = Circumstances::default;
    let seen =
        Counts { persons: Tally { added: 7, removed: 7, ..Tally::default() }, ..calm.clone() };
    for (around, expected) in [
        (
            Circumstances { encoding_changed: Some(seen), ..still() },
            Breach::EncodingChanged { added: 7, changed: 0, removed: 7 },
        ),
        (
            Circumstances { encoding_changed: Some(Counts::default()), ..still() },
            Breach::EncodingChanged { added: 0, changed: 0, removed: 0 },
        ),
        (Circumstances { key_rules_changed: true, ..still() }, Breach::KeyRulesChanged),
        (Circumstances { outcome_unknown: true, ..still() }, Breach::OutcomeUnknown),
        (Circumstances { baseline_old: Some(8), ..still() }, Breach::BaselineOld { days: 8 }),
        (
            Circumstances { foreign_file: Some("ims.xml".into()), ..still() },
            Breach::ForeignFile { name: "ims.xml".into() },
        ),
        (Circumstances { garbled_names: 1, ..still() }, Breach::WrongEncoding { count: 1 }),
    ] {
        assert_eq!(held(&calm, &around, &limits("")), [expected]);
    }
    assert_eq!(held(&calm, &still(), &limits("")), []);
}

/// The swap that net counts miss: 200 leave, 200 others come.
#[test]
fn rule_08_gross_counts_see_a_swap() {
    let keys = |letter: char| (0..200).map(|n| format!("{letter}{n:03}")).collect::<Vec<_>>();
    let fill: Vec<String> = (0..1800).map(|number| format!("m{number:04}")).collect();
    let town = |swapped: &[String]| {
        let of = |key| Person { school_year: "7", ..pupil(key, "s1") };
        Register::new().persons(fill.iter().chain(swapped).map(|key| of(key.as_str()))).roster()
    };
    let numbers = counts(&town(&keys('a')), &town(&keys('z')));
    let persons = Tally { before: 2000, now: 2000, added: 200, changed: 0, removed: 200 };
    assert_eq!(numbers.persons, persons);
    let subjects: Vec<Subject> = breaches(&numbers, "")
        .into_iter()
        .filter_map(|breach| match breach {
            Breach::OverPercent { subject, operation: Operation::Remove, count: 200, .. } => {
                Some(subject)
            }
            _ => None,
        })
        .collect();
    assert_eq!(subjects, [Subject::Persons, Subject::Role(Role::Learner)]);
}

fn any_tally() -> impl Strategy<Value = Tally> {
    (0..400u64, 0..400u64, 0..400u64, 0..100u64).prop_map(|(before, removed, added, changed)| {
        let removed = removed.min(before);
        Tally { before, now: before - removed + added, added, changed, removed }
    })
}

proptest! {
    /// One more removal of anything never turns Hold into Pass.
    #[test]
    fn rule_08_more_removals_never_turn_hold_into_pass(
        tallies in proptest::collection::vec(any_tally(), 19),
        which in 0..19usize,
        more in 1..50u64,
        allow in 0..30u32,
    ) {
        let subjects = || {
            let mut all = vec![
                Subject::Persons, Subject::Groups, Subject::Memberships, Subject::Relations,
                Subject::School(String::new()),
            ];
            all.extend(Role::OF_PERSONS.iter().map(|&role| Subject::Role(role)));
            all.extend(Role::OF_MEMBERSHIPS.iter().map(|&role| Subject::MembershipRole(role)));
            all.extend(GroupKind::ALL.iter().map(|&kind| Subject::GroupKind(kind)));
            all
        };
        let mut counts = calm();
        for (subject, tally) in subjects().iter().zip(&tallies) {
            *tally_of(&mut counts, subject) = *tally;
        }
        let limits = limits(&format!("always-allow = {allow}"));
        let before = judge(&counts, &Circumstances::default(), &limits);
        let subjects = subjects();
        let tally = tally_of(&mut counts, &subjects[which % subjects.len()]);
        let more = more.min(tally.before - tally.removed);
        tally.removed += more;
        tally.now -= more;
        let after = judge(&counts, &Circumstances::default(), &limits);
        prop_assert!(before == Verdict::Pass || after != Verdict::Pass);
    }

    /// A share never depends on rounding: it agrees with exact rational arithmetic.
    #[test]
    fn rule_08_shares_are_exact(thousandths in 0..300_000u32, count: u32, of: u32) {
        let share = Percent::thousandths(thousandths);
        let over = u128::from(count) * 100_000 > u128::from(thousandths) * u128::from(of);
        prop_assert_eq!(share.exceeded_by(count.into(), of.into()), over);
        prop_assert_eq!(share.to_string().parse::<Percent>(), Ok(share));
    }
}
