//! Every limit in a table: just under it, at it and just over it, of few, of one and of none.
//! What `safety` shows for kinds, roles and schools, this shows for the finer guards.

use proptest::prelude::*;
use rostergate::formats::carried::Carried;
use rostergate::pipeline::counts::{Counts, Rekeyed, SchoolTally, Tally};
use rostergate::pipeline::field::FieldTally;
use rostergate::pipeline::percent::{Limit, Percent};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::field::PersonField;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Role};

use crate::rows::{ALL, Register, class, counts, counts_seen, pupil, staff};

#[track_caller]
fn settings(text: &str) -> Settings {
    toml::from_str(text).expect("limits that may be set")
}

#[track_caller]
fn breaches(counts: &Counts, text: &str) -> Vec<Breach> {
    let limits = Limits::resolve(&settings(text), &Settings::default());
    match judge(counts, &Circumstances::default(), &limits) {
        Verdict::Pass => Vec::new(),
        Verdict::Hold(breaches) => breaches,
    }
}

fn still(of: u64) -> Tally {
    Tally { before: of, now: of, ..Tally::default() }
}

/// So many persons and groups of whom nothing moves; one person is left even of none, so that
/// the minimum has no say.
fn town(persons: u64, groups: u64) -> Counts {
    let persons = Tally { now: persons.max(1), ..still(persons) };
    Counts { persons, groups: still(groups), ..Counts::default() }
}

const SIZES: [u64; 12] = [1, 2, 7, 99, 100, 101, 199, 200, 999, 1000, 123_457, 10_000_000];

/// F15: re-keyed persons and groups, with the default and with other limits.
#[test]
fn f15_new_keys_are_held_above_their_limit_and_only_there() {
    for (text, thousandths) in [
        ("", 1000),
        ("rekeyed = \"0%\"", 0),
        ("rekeyed = \"0.5%\"", 500),
        ("rekeyed = \"30%\"", 30_000),
    ] {
        for of in SIZES {
            let most = thousandths * of / 100_000;
            for count in [most.saturating_sub(1), most, most + 1] {
                let limit = u32::try_from(thousandths).expect("a small number");
                let text = format!("always-allow = 0\n{text}");
                let over = count > most;
                for subject in [Subject::Persons, Subject::Groups] {
                    let mut counts = town(of, of);
                    counts.rekeyed = match subject {
                        Subject::Persons => Rekeyed { persons: count, groups: 0 },
                        _ => Rekeyed { persons: 0, groups: count },
                    };
                    let breach = Breach::Rekeyed { subject, count, of, limit };
                    let expected = if over { vec![breach] } else { vec![] };
                    assert_eq!(breaches(&counts, &text), expected, "{text} {count} of {of}");
                }
            }
        }
    }
}

#[test]
fn f15_an_allowance_covers_few_new_keys_but_never_everybody() {
    for (allow, count, of, over) in [
        (10, 10, 50, false),
        (10, 11, 50, true),
        (0, 1, 50, true),
        (0, 1, 100, false),
        (10, 8, 8, true),
        (10, 7, 8, false),
        (10, 1, 1, true),
        (10, 0, 0, false),
        (100, 1, 0, true),
    ] {
        let mut counts = town(of, of);
        counts.rekeyed.groups = count;
        let found = breaches(&counts, &format!("always-allow = {allow}"));
        assert_eq!(!found.is_empty(), over, "{allow}: {count} of {of}");
    }
}

fn with_field(field: PersonField, tally: FieldTally) -> Counts {
    let mut counts = town(20_000_000, 0);
    counts.fields.insert(field, tally);
    counts
}

/// F11: every field, emptied and changed.
#[test]
fn f11_a_field_is_held_above_its_limits_and_only_there() {
    for field in PersonField::ALL {
        for (text, emptied, changed) in [
            ("", 10_000, 25_000),
            ("field = { emptied = \"0%\", changed = \"0%\" }", 0, 0),
            ("field = { emptied = \"30%\" }", 30_000, 25_000),
            ("field = { changed = \"2.5%\" }", 10_000, 2500),
        ] {
            let text = format!("always-allow = 0\n{text}");
            for of in SIZES {
                let most = emptied * of / 100_000;
                for count in [most.saturating_sub(1), most, most + 1] {
                    let counts =
                        with_field(field, FieldTally { before: of, emptied: count, changed: 0 });
                    let limit = u32::try_from(emptied).expect("a small number");
                    let breach = Breach::FieldEmptied { field, count, of, limit };
                    let expected = if count > most { vec![breach] } else { vec![] };
                    assert_eq!(breaches(&counts, &text), expected, "{text} {count} of {of}");
                }
                let most = changed * of / 100_000;
                for count in [most.saturating_sub(1), most, most + 1] {
                    let counts =
                        with_field(field, FieldTally { before: of, emptied: 0, changed: count });
                    let limit = u32::try_from(changed).expect("a small number");
                    let breach = Breach::FieldChanged { field, count, of, limit };
                    let judged = count > most && field != PersonField::SchoolYear;
                    let expected = if judged { vec![breach] } else { vec![] };
                    assert_eq!(breaches(&counts, &text), expected, "{text} {count} of {of}");
                }
            }
        }
    }
}

#[test]
fn f11_an_allowance_covers_a_field_that_hardly_anybody_has() {
    for (emptied, changed, of, held) in [
        (1, 0, 1, 0),
        (10, 0, 10, 0),
        (11, 0, 11, 1),
        (0, 10, 10, 0),
        (0, 11, 11, 1),
        (11, 11, 22, 2),
    ] {
        let tally = FieldTally { before: of, emptied, changed };
        let found = breaches(&with_field(PersonField::Mobile, tally), "");
        assert_eq!(found.len(), held, "{emptied} emptied, {changed} changed of {of}");
    }
}

#[test]
fn a_night_on_which_nobody_is_as_before_is_held_whatever_the_limits() {
    let loosest = "persons = { add = \"300%\", change = \"100%\", remove = \"30%\" }\n\
                   field = { emptied = \"30%\", changed = \"100%\" }";
    for (allow, before, removed, changed, promoted, over) in [
        (10, 11, 0, 11, 0, true),
        (10, 11, 0, 10, 0, false),
        (10, 10, 0, 10, 0, false),
        (0, 1, 0, 1, 0, true),
        (0, 0, 0, 0, 0, false),
        (100, 100, 0, 100, 0, false),
        (100, 101, 0, 101, 0, true),
        (10, 1000, 300, 700, 0, true),
        (10, 1000, 300, 699, 0, false),
        // A new school year is no reason to think that nobody is as before.
        (10, 1000, 0, 1000, 1000, false),
        (10, 1000, 0, 1000, 1, false),
        (10, 1000, 300, 700, 1, false),
    ] {
        let mut counts = town(before, 0);
        counts.persons = Tally { before, now: before.max(1), added: 0, changed, removed };
        counts.promoted = promoted;
        let found = breaches(&counts, &format!("always-allow = {allow}\n{loosest}"));
        let expected = if over { vec![Breach::NothingUnchanged { of: before }] } else { vec![] };
        assert_eq!(found, expected, "{before} before, {removed} removed, {changed} changed");
    }
}

/// Each kind of group by limits of its own.
#[test]
fn rule_08_every_kind_of_group_has_limits_of_its_own() {
    use Operation::{Add, Change, Remove};
    for &kind in GroupKind::ALL {
        for (word, operation) in [("add", Add), ("change", Change), ("remove", Remove)] {
            for of in SIZES {
                let text = format!(
                    "always-allow = 0\ngroup-kinds = {{ {kind} = {{ {word} = \"20%\" }} }}"
                );
                let most = of / 5;
                for count in [most.saturating_sub(1), most, most + 1] {
                    let counts = of_kind(kind, operation, count, of);
                    let subject = Subject::GroupKind(kind);
                    let breach =
                        Breach::OverPercent { subject, operation, count, of, limit: 20_000 };
                    let expected = if count > most { vec![breach] } else { vec![] };
                    assert_eq!(breaches(&counts, &text), expected, "{text} {count} of {of}");
                }
            }
            let text = format!("group-kinds = {{ {kind} = {{ {word}-max = 3 }} }}");
            for count in [2, 3, 4] {
                let subject = Subject::GroupKind(kind);
                let breach = Breach::OverCount { subject, operation, count, limit: 3 };
                let expected = if count > 3 { vec![breach] } else { vec![] };
                assert_eq!(breaches(&of_kind(kind, operation, count, 1000), &text), expected);
            }
        }
    }
}

fn of_kind(kind: GroupKind, operation: Operation, count: u64, of: u64) -> Counts {
    let mut tally = Tally { before: of, now: of + 1, ..Tally::default() };
    match operation {
        Operation::Add => tally.added = count,
        Operation::Change => tally.changed = count,
        Operation::Remove => tally.removed = count,
    }
    Counts { group_kinds: [(kind, tally)].into(), ..town(1, 0) }
}

#[test]
fn rule_08_a_kind_of_group_without_limits_of_its_own_follows_all_groups() {
    let kind = GroupKind::Teaching;
    for (text, operation, most) in [
        ("", Operation::Remove, Some(100)),
        ("groups = { remove = \"20%\" }", Operation::Remove, Some(200)),
        (
            "groups = { remove = \"20%\" }\ngroup-kinds = { class = { remove = \"1%\" } }",
            Operation::Remove,
            Some(200),
        ),
        (
            "groups = { remove = \"20%\" }\ngroup-kinds = { teaching = { add = \"1%\" } }",
            Operation::Remove,
            Some(200),
        ),
        ("groups = { remove-max = 7 }", Operation::Remove, Some(7)),
        (
            "groups = { remove-max = 7 }\ngroup-kinds = { teaching = { remove-max = 70 } }",
            Operation::Remove,
            Some(70),
        ),
        // What is new is judged with all groups: a kind that is new has no share.
        ("groups = { add = \"1%\", change = \"1%\" }", Operation::Add, None),
        ("groups = { add = \"1%\", change = \"1%\" }", Operation::Change, None),
    ] {
        let found = |count| breaches(&of_kind(kind, operation, count, 1000), text).len();
        match most {
            Some(most) => assert_eq!((found(most), found(most + 1)), (0, 1), "{text}"),
            None => assert_eq!(found(1000), 0, "{text}"),
        }
    }
    let vanished = Tally { before: 5, removed: 5, ..Tally::default() };
    let counts = Counts { group_kinds: [(kind, vanished)].into(), ..town(1, 0) };
    let found = breaches(&counts, "group-kinds = { teaching = { remove = \"50%\" } }");
    assert!(found.contains(&Breach::Vanished { subject: Subject::GroupKind(kind), of: 5 }));
}

/// A kind's own limit does not lift the limit of all groups.
#[test]
fn rule_08_all_groups_are_judged_beside_their_kinds() {
    let removed = Tally { before: 100, now: 60, removed: 40, ..Tally::default() };
    let counts = Counts {
        groups: Tally { before: 200, now: 160, removed: 40, ..Tally::default() },
        group_kinds: [(GroupKind::Teaching, removed)].into(),
        ..town(1, 0)
    };
    let found = breaches(&counts, "group-kinds = { teaching = { remove = \"40%\" } }");
    let all = Breach::OverPercent {
        subject: Subject::Groups,
        operation: Operation::Remove,
        count: 40,
        of: 200,
        limit: 10_000,
    };
    assert_eq!(found, [all]);
}

#[test]
fn rule_11_the_finer_limits_have_ceilings_and_layers() {
    for (text, message) in [
        ("rekeyed = \"31%\"", "31% is above the ceiling: give 0% to 30%"),
        ("field = { emptied = \"30.001%\" }", "30.001% is above the ceiling: give 0% to 30%"),
        ("field = { changed = \"101%\" }", "101% is above the ceiling: give 0% to 100%"),
        ("group-kinds = { class = { remove = \"51%\" } }", "51% is above the ceiling"),
        ("group-kinds = { class = { add = \"301%\" } }", "301% is above the ceiling"),
        ("group-kinds = { klass = { remove = \"5%\" } }", "unknown variant"),
        ("group-kinds = { class = { delete = \"5%\" } }", "unknown field"),
        ("field = { emptied-max = 5 }", "unknown field"),
        ("rekeyed = { persons = \"1%\" }", "expected a string"),
        ("rekeyed = 1", "expected a string"),
    ] {
        let error = toml::from_str::<Settings>(text).expect_err(text).to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
    let site = settings(
        "rekeyed = \"2%\"\nfield = { emptied = \"3%\", changed = \"4%\" }\n\
         groups = { remove = \"5%\" }\n\
         group-kinds = { class = { remove = \"6%\", add = \"7%\" }, course = { remove = \"8%\" } }",
    );
    let target = settings(
        "field = { changed = \"9%\" }\ngroups = { remove = \"11%\" }\n\
         group-kinds = { class = { remove = \"12%\" }, other = { change = \"13%\" } }",
    );
    let share = |text: &str| Some(text.parse::<Percent>().expect("a share"));
    let found = Limits::resolve(&target, &site);
    assert_eq!(Some(found.rekeyed.share()), share("2%"), "the site's");
    assert_eq!(Some(found.emptied.share()), share("3%"));
    assert_eq!(Some(found.changed.share()), share("9%"), "the target's");
    let of = |kind, operation| found.of_kind(kind).share(operation);
    assert_eq!(of(GroupKind::Class, Operation::Remove), share("12%"), "the target's");
    assert_eq!(of(GroupKind::Class, Operation::Add), share("7%"), "the site's for that kind");
    assert_eq!(of(GroupKind::Course, Operation::Remove), share("8%"), "before that of all groups");
    assert_eq!(of(GroupKind::Other, Operation::Remove), share("11%"), "that of all groups");
    assert_eq!(of(GroupKind::Other, Operation::Change), share("13%"));
    assert_eq!(of(GroupKind::Mentor, Operation::Add), None);
    let bare = Limits::resolve(&Settings::default(), &Settings::default());
    let shares = [bare.rekeyed.share(), bare.emptied.share(), bare.changed.share()];
    assert_eq!(shares.map(Some), [share("1%"), share("10%"), share("25%")]);
    assert_eq!(bare.set_aside, Limit::of(500));
}

/// What counts are written down was written by older versions, too.
#[test]
fn counts_of_older_versions_are_read_and_break_no_finer_limit() {
    let mut old = serde_json::to_value(town(5000, 100)).expect("plain data");
    let fields = old.as_object_mut().expect("an object");
    for new in ["rekeyed", "fields", "promoted"] {
        fields.remove(new).unwrap_or_else(|| panic!("{new} is written down"));
    }
    let read: Counts = serde_json::from_value(old).expect("an older entry");
    assert_eq!((read.rekeyed, read.promoted, read.fields.len()), (Rekeyed::default(), 0, 0));
    assert_eq!(breaches(&read, ""), []);
    let mut counts = town(1, 1);
    counts.fields.insert(PersonField::SchoolYear, FieldTally { before: 3, emptied: 1, changed: 2 });
    let text = serde_json::to_string(&counts).expect("plain data");
    assert!(text.contains(r#""school-year":{"before":3,"emptied":1,"changed":2}"#), "{text}");
    assert_eq!(serde_json::from_str::<Counts>(&text).expect("what was written"), counts);
}

/// A thousand pupils with every field.
fn pupils(edit: impl Fn(usize, &mut Person<'_>)) -> Roster {
    let keys: Vec<String> = (0..1000).map(|number| format!("p{number:03}")).collect();
    let add = |rows: Register, (at, key): (usize, &String)| {
        let username = format!("u{at}");
        let email = format!("u{at}@elev.example");
        let mut person = Person {
            given_name: "Alva",
            family_name: "Alm",
            username: &username,
            email: &email,
            school_year: "7",
            ..pupil(key, "s1")
        };
        edit(at, &mut person);
        rows.person(&person)
    };
    keys.iter().enumerate().fold(Register::new(), add).roster()
}

/// F11: one column blank for everybody.
#[test]
fn f11_all_emails_blank_is_held_though_nobody_is_missing() {
    let all = pupils(|_, _| ());
    let found = counts(&all, &pupils(|_, person| person.email = ""));
    assert_eq!(found.persons, Tally { changed: 1000, ..still(1000) });
    assert_eq!(
        found.fields[&PersonField::Email],
        FieldTally { before: 1000, emptied: 1000, changed: 0 }
    );
    assert_eq!(
        found.fields[&PersonField::Username],
        FieldTally { before: 1000, ..FieldTally::default() }
    );
    assert!(!found.fields.contains_key(&PersonField::Mobile), "nobody has one");
    let loose = "persons = { change = \"100%\" }";
    let emptied =
        Breach::FieldEmptied { field: PersonField::Email, count: 1000, of: 1000, limit: 10_000 };
    assert_eq!(breaches(&found, loose), [emptied, Breach::NothingUnchanged { of: 1000 }]);
    let some = |blank: usize| {
        let now = pupils(|at, person| {
            if at < blank {
                person.email = "";
            }
        });
        breaches(&counts(&all, &now), "")
    };
    assert_eq!((some(100).len(), some(101).len()), (0, 1));
}

#[test]
fn f11_new_user_names_for_everybody_are_held() {
    let all = pupils(|_, _| ());
    let some = |renamed: usize| {
        let now = pupils(|at, person| {
            if at < renamed {
                person.username = "ny";
            }
        });
        breaches(&counts(&all, &now), "persons = { change = \"100%\" }")
    };
    assert_eq!(some(250), []);
    let (field, of) = (PersonField::Username, 1000);
    assert_eq!(some(251), [Breach::FieldChanged { field, count: 251, of, limit: 25_000 }]);
    let filled = counts(&pupils(|_, person| person.mobile = ""), &pupils(|_, p| p.mobile = "+46"));
    assert!(!filled.fields.contains_key(&PersonField::Mobile), "who had none before lost nothing");
}

/// F11: the names of classes in the persons' own rows, where no row tells of groups.
#[test]
fn f11_classes_that_lose_or_change_their_names_are_held() {
    let carried = Carried { group_rows: false, group_name: false, group_kind: false, ..ALL };
    let of = |groups: [Group<'_>; 4], carried| {
        let before = ["1A", "1B", "2A", "2B"].map(|key| class(key, "s1"));
        counts_seen(&in_groups(&before), &in_groups(&groups), carried)
    };
    let others = |names: [&'static str; 4]| {
        let [a, b, c, d] = names;
        [("1A", a), ("1B", b), ("2A", c), ("2B", d)]
            .map(|(key, name)| Group { name, ..class(key, "s1") })
    };
    for (names, emptied, changed) in [
        (["", "", "", ""], 80, 0),
        (["1B", "2A", "2B", "1A"], 0, 80),
        (["", "1B", "2A", "2C"], 20, 20),
        (["1A", "1B", "2A", "2C"], 0, 20),
    ] {
        let found = of(others(names), carried);
        let tally = FieldTally { before: 80, emptied, changed };
        assert_eq!(found.fields[&PersonField::Class], tally, "{names:?}");
        let renamed = names.iter().zip(["1A", "1B", "2A", "2B"]).filter(|(a, b)| *a != b).count();
        assert_eq!((found.groups.changed, found.persons.changed), (renamed as u64, 0));
        let held = breaches(&found, "").iter().any(|breach| {
            matches!(
                breach,
                Breach::FieldEmptied { field: PersonField::Class, .. }
                    | Breach::FieldChanged { field: PersonField::Class, .. }
            )
        });
        assert_eq!(held, emptied > 8 || changed > 20, "{names:?}");
    }
    let mut taught = others(["1A", "1B", "2A", "2B"]);
    taught[0].kind = GroupKind::Teaching;
    let found = of(taught, carried);
    let tally = FieldTally { before: 80, emptied: 20, changed: 0 };
    assert_eq!((found.fields[&PersonField::Class], found.groups.changed), (tally, 1));
    let untold = Carried { class_names: false, ..carried };
    let found = of(others(["", "", "", ""]), untold);
    assert_eq!((found.fields.get(&PersonField::Class), found.groups.changed), (None, 0));
}

/// Four groups with twenty pupils each.
fn in_groups(groups: &[Group<'_>; 4]) -> Roster {
    let mut rows = groups.iter().fold(Register::new().school("s1", "Alskolan"), Register::group);
    for number in 0..80 {
        rows = rows.person(&pupil(&format!("p{number:02}"), "s1"));
    }
    for number in 0..80_usize {
        rows = rows.member(groups[number / 20].key, &format!("p{number:02}"), Role::Learner);
    }
    rows.roster()
}

/// A field that the receiver is not shown is none of its matters.
#[test]
fn f11_a_field_that_the_format_does_not_carry_is_not_judged() {
    let mut carried = crate::rows::ALL;
    carried.email = false;
    let found = counts_seen(
        &pupils(|_, _| ()),
        &pupils(|at, person| {
            if at % 2 == 0 {
                person.email = "";
            }
        }),
        carried,
    );
    assert!(!found.fields.contains_key(&PersonField::Email));
    assert_eq!(found.fields.len(), 4, "names, user name and school year");
}

#[test]
fn a_new_school_year_is_a_change_but_no_fault_of_the_field() {
    let found = counts(&pupils(|_, _| ()), &pupils(|_, person| person.school_year = "8"));
    assert_eq!((found.persons.changed, found.promoted), (1000, 1000));
    assert_eq!(found.fields[&PersonField::SchoolYear].changed, 1000);
    assert_eq!(breaches(&found, "persons = { change = \"100%\" }"), []);
    let both = counts(
        &pupils(|_, _| ()),
        &pupils(|_, person| (person.school_year, person.given_name) = ("8", "Bo")),
    );
    assert_eq!(both.promoted, 0, "who is renamed as well is not as before");
    assert!(
        breaches(&both, "persons = { change = \"100%\" }\nfield = { changed = \"100%\" }")
            .contains(&Breach::NothingUnchanged { of: 1000 })
    );
}

/// The set of persons in both files is what a field is judged among: who left has lost nothing.
#[test]
fn f11_persons_who_left_or_came_are_not_counted_in_their_fields() {
    let town = |from: usize, to: usize| {
        let keys: Vec<String> = (from..to).map(|number| format!("p{number:03}")).collect();
        let person = |key| Person { email: "a@elev.example", ..staff(key, "s1") };
        Register::new().persons(keys.iter().map(|key| person(key))).roster()
    };
    let found = counts(&town(0, 100), &town(10, 120));
    assert_eq!(
        found.fields[&PersonField::Email],
        FieldTally { before: 90, ..FieldTally::default() }
    );
}

fn any_tally() -> impl Strategy<Value = Tally> {
    (0..400u64, 0..400u64, 0..400u64, 0..400u64).prop_map(|(before, removed, added, changed)| {
        let removed = removed.min(before);
        let changed = changed.min(before - removed);
        Tally { before, now: before - removed + added, added, changed, removed }
    })
}

fn any_counts() -> impl Strategy<Value = Counts> {
    let field = (0..400u64, 0..400u64, 0..400u64).prop_map(|(before, emptied, changed)| {
        let emptied = emptied.min(before);
        FieldTally { before, emptied, changed: changed.min(before - emptied) }
    });
    let kinds = proptest::collection::vec(any_tally(), 5);
    let fields = proptest::collection::vec(field, 8);
    let small = (0..50u64, 0..50u64);
    (any_tally(), any_tally(), kinds, fields, small).prop_map(
        |(persons, groups, kinds, fields, (rekeyed, regrouped))| Counts {
            persons,
            groups,
            group_kinds: GroupKind::ALL.iter().copied().zip(kinds).collect(),
            roles: [(Role::Learner, persons)].into(),
            fields: PersonField::ALL.into_iter().zip(fields).collect(),
            rekeyed: Rekeyed {
                persons: rekeyed.min(persons.removed),
                groups: regrouped.min(groups.removed),
            },
            ..Counts::default()
        },
    )
}

fn any_limits() -> impl Strategy<Value = String> {
    (0..=30u32, 0..=30u32, 0..=100u32, 0..=50u32, 0..=100u32).prop_map(
        |(rekeyed, emptied, changed, kind, allow)| {
            format!(
                "rekeyed = \"{rekeyed}%\"\nalways-allow = {allow}\n\
                 field = {{ emptied = \"{emptied}%\", changed = \"{changed}%\" }}\n\
                 group-kinds = {{ class = {{ remove = \"{kind}%\", add = \"{kind}%\" }} }}"
            )
        },
    )
}

proptest! {
    /// One more of anything that a limit counts never turns Hold into Pass.
    #[test]
    fn rule_08_more_of_what_is_counted_never_turns_hold_into_pass(
        counts in any_counts(),
        limits in any_limits(),
        which in 0..6usize,
        more in 1..50u64,
        at in 0..8usize,
    ) {
        let before = breaches(&counts, &limits);
        let mut worse = counts;
        let lose = |tally: &mut Tally| {
            let more = more.min(tally.before - tally.removed - tally.changed);
            (tally.removed, tally.now) = (tally.removed + more, tally.now - more);
        };
        let field = worse.fields.get_mut(&PersonField::ALL[at]).expect("every field");
        match which {
            0 => lose(&mut worse.persons),
            1 => worse.group_kinds.values_mut().for_each(lose),
            2 => worse.rekeyed.persons += more,
            3 => worse.rekeyed.groups += more,
            4 => field.emptied += more.min(field.before - field.emptied),
            _ => field.changed += more.min(field.before - field.changed),
        }
        let after = breaches(&worse, &limits);
        prop_assert!(before.is_empty() || !after.is_empty(), "{before:?}");
    }
}

/// Groups that are re-keyed count as removed and added, too.
#[test]
fn f15_new_keys_are_counted_gross() {
    let of = |prefix: &str| {
        let key = format!("{prefix}1");
        let mut group = class(&key, "s1");
        (group.name, group.term) = ("1A", "2026/2027");
        Register::new().person(&pupil("p1", "s1")).group(&group).roster()
    };
    let found = counts(&of("a"), &of("b"));
    assert_eq!(found.groups, Tally { before: 1, now: 1, added: 1, changed: 0, removed: 1 });
}

/// Removals from one school, by the share and the number that are set, from one pupil to many.
#[test]
fn rule_08_every_configured_limit_of_a_school_holds() {
    for (percent, thousandths) in [("0%", 0), ("2.5%", 2500), ("60%", 60_000)] {
        for of in SIZES {
            let most = thousandths * of / 100_000;
            for count in [most.saturating_sub(1), most, most + 1] {
                let found = breaches(
                    &of_school(count, of),
                    &format!("always-allow = 0\nschool = {{ remove = \"{percent}\" }}"),
                );
                let breach = Breach::OverPercent {
                    subject: Subject::School("Norra".into()),
                    operation: Operation::Remove,
                    count,
                    of,
                    limit: u32::try_from(thousandths).expect("a small number"),
                };
                let expected = if count > most { vec![breach] } else { vec![] };
                assert_eq!(found, expected, "{percent}: {count} of {of}");
            }
        }
    }
    for count in [2, 3, 4] {
        let found = breaches(&of_school(count, 1000), "school = { remove-max = 3 }");
        assert_eq!(!found.is_empty(), count > 3, "{count} of at most 3");
    }
}

fn of_school(removed: u64, before: u64) -> Counts {
    let persons = Tally { before, now: before + 1, removed, ..Tally::default() };
    let school =
        SchoolTally { key: "s1".into(), name: "Norra".into(), persons, ..SchoolTally::default() };
    Counts { by_school: vec![school], ..town(1, 0) }
}

/// Memberships of each role follow the limits of all memberships.
#[test]
fn rule_08_memberships_of_each_role_follow_those_of_all() {
    for &role in Role::OF_MEMBERSHIPS {
        for of in SIZES {
            let most = of / 4;
            for count in [most.saturating_sub(1), most, most + 1] {
                let tally = Tally { before: of, now: of + 1, removed: count, ..Tally::default() };
                let counts = Counts { membership_roles: [(role, tally)].into(), ..town(1, 0) };
                let text = "always-allow = 0\nmemberships = { remove = \"25%\" }";
                let breach = Breach::OverPercent {
                    subject: Subject::MembershipRole(role),
                    operation: Operation::Remove,
                    count,
                    of,
                    limit: 25_000,
                };
                let expected = if count > most { vec![breach] } else { vec![] };
                assert_eq!(breaches(&counts, text), expected, "{role} {count} of {of}");
            }
        }
    }
}

/// The fewest that may be sent, of none as of many; a minimum of nobody is a choice.
#[test]
fn rule_08_a_minimum_is_met_or_not() {
    for (key, subject) in [
        ("persons", Subject::Persons),
        ("groups", Subject::Groups),
        ("memberships", Subject::Memberships),
    ] {
        for (now, minimum, over) in [
            (0, 0, false),
            (0, 1, true),
            (1, 1, false),
            (1, 2, true),
            (999, 1000, true),
            (1000, 1000, false),
            (1001, 1000, false),
        ] {
            let mut counts = town(0, 0);
            let tally = match subject {
                Subject::Persons => &mut counts.persons,
                Subject::Groups => &mut counts.groups,
                _ => &mut counts.memberships,
            };
            tally.now = now;
            let breach = Breach::BelowMinimum { subject: subject.clone(), count: now, minimum };
            let expected = if over { vec![breach] } else { vec![] };
            let text = format!("minimum = {{ {key} = {minimum} }}");
            assert_eq!(breaches(&counts, &text), expected, "{text}, {now} to be sent");
        }
    }
}

/// Rows that were set aside and persons newly protected, at the ends of what may be set.
#[test]
fn rules_10_and_18_hold_at_every_setting() {
    let judged = |around: Circumstances, text: &str| {
        let limits = Limits::resolve(&settings(text), &Settings::default());
        judge(&town(1, 0), &around, &limits) != Verdict::Pass
    };
    for (percent, thousandths) in [("0%", 0), ("0.5%", 500), ("0.001%", 1), ("10%", 10_000)] {
        for rows in SIZES {
            let most = thousandths * rows / 100_000;
            for set_aside in [most.saturating_sub(1), most, most + 1] {
                let around = Circumstances { set_aside, rows, ..Circumstances::default() };
                let over = judged(around, &format!("set-aside = \"{percent}\""));
                assert_eq!(over, set_aside > most, "{percent}: {set_aside} of {rows}");
            }
        }
    }
    for number in [0, 1, 5, 100] {
        for persons_read in SIZES {
            let most = number.max(persons_read / 200);
            for newly in [most.saturating_sub(1), most, most + 1] {
                for (newly_protected, unknown_markings) in [(newly, 0), (0, newly)] {
                    let around = Circumstances {
                        newly_protected,
                        unknown_markings,
                        persons_read,
                        ..Circumstances::default()
                    };
                    let over = judged(around, &format!("newly-protected = {number}"));
                    assert_eq!(over, newly > most, "{number}: {newly} of {persons_read}");
                }
            }
        }
    }
}
