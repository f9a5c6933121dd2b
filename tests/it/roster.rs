//! What a roster promises: unique keys, references that resolve, and a note of every row that
//! had to be merged, narrowed or left out.

use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::roster::draft::{Draft, Marking, SetAside};
use rostergate::roster::entity::{Group, Membership, Person, Relation, Roles, School};
use rostergate::roster::issue::Severity;
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{Kind, RelationKind, Role};

use crate::rows::{Register, class, codes, guardian, lines, pupil, staff};

const REPEATED: (u16, Severity) = (320, Severity::Warning);
const CONFLICT: (u16, Severity) = (321, Severity::Error);
const DANGLING: (u16, Severity) = (322, Severity::Warning);

#[test]
fn a_repeated_row_is_merged_and_noted_with_both_lines() {
    let (roster, issues) = Register::new()
        .school("s1", "Björkskolan")
        .person(&pupil("p1", "s1"))
        .person(&pupil("p2", "s1"))
        .person(&pupil("p1", "s1"))
        .group(&class("g1", "s1"))
        .group(&class("g1", "s1"))
        .school("s1", "Björkskolan")
        .assemble();
    assert_eq!(codes(&issues), [REPEATED, REPEATED, REPEATED]);
    let places: Vec<(Option<u64>, &str)> =
        issues.iter().map(|issue| (issue.line, issue.detail.as_str())).collect();
    assert_eq!(
        places,
        [
            (Some(7), "school; rows.csv 1"),
            (Some(4), "person; rows.csv 2"),
            (Some(6), "group; rows.csv 5")
        ]
    );
    let held = [Kind::School, Kind::Person, Kind::Group].map(|kind| roster.count(kind));
    assert_eq!(held, [1, 2, 1]);
}

#[test]
fn one_key_with_different_data_refuses_the_export() {
    let renamed = Person { family_name: "Ekholm", ..pupil("p1", "s1") };
    let other_name = Group { name: "7B", ..class("g1", "s1") };
    for register in [
        Register::new().person(&pupil("p1", "s1")).person(&renamed),
        Register::new().school("s1", "Björkskolan").school("s1", "Ekskolan"),
        Register::new().group(&class("g1", "")).group(&other_name),
        Register::new()
            .person(&Person { school_year: "7", ..pupil("p1", "") })
            .person(&Person { school_year: "8", ..pupil("p1", "") }),
    ] {
        let (_, issues) = register.assemble();
        assert_eq!(codes(&issues), [CONFLICT]);
        assert_eq!((issues[0].line, issues[0].detail.contains("rows.csv 1")), (Some(2), true));
    }
}

/// A receiver that passes over blanks takes them for one, and one would get the other's groups.
#[test]
fn keys_that_differ_by_blanks_at_their_ends_refuse_the_export() {
    for register in [
        Register::new().person(&pupil("p1", "s1")).person(&pupil("p1 ", "s1")),
        Register::new().person(&pupil("\u{a0}p1", "s1")).person(&pupil("p1 ", "s1")),
        Register::new().school("s1", "Björkskolan").school(" s1", "Björkskolan"),
        Register::new().group(&class("g1 ", "")).group(&class("g1", "")),
    ] {
        let mut draft = register.draft();
        protect(&mut draft, &Pseudonyms::new());
        let (_, issues) = Roster::assemble(draft);
        assert_eq!(codes(&issues), [CONFLICT]);
    }
    // What was sent like that before can be read to the end.
    let sent = Register::new().person(&pupil("p1", "")).person(&pupil("p1 ", ""));
    assert_eq!(codes(&sent.assemble().1), []);
}

#[test]
fn rows_of_one_person_may_differ_in_school_role_and_a_missing_year() {
    let (roster, issues) = Register::new()
        .person(&Person { school_year: "", ..pupil("p1", "s2") })
        .person(&Person { school_year: "7", ..pupil("p1", "s1") })
        .person(&staff("p1", "s3"))
        .assemble();
    assert_eq!(issues, []);
    let person = roster.person_at(0);
    assert_eq!(person.schools().collect::<Vec<_>>(), ["s1", "s2", "s3"]);
    assert_eq!(person.roles.iter().collect::<Vec<_>>(), [Role::Learner, Role::Staff]);
    assert_eq!((person.school_year, roster.persons().len()), ("7", 1));
}

#[test]
fn rows_of_somebody_protected_never_conflict() {
    let blanked = Person { given_name: "", family_name: "", ..pupil("p1", "s1") };
    let named = Person { given_name: "Vera", family_name: "Ekholm", ..pupil("p1", "s2") };
    let moved = Person { family_name: "Lind", ..named.clone() };
    for marking in [Marking::Protected, Marking::Unknown] {
        let mut draft =
            Register::new().person(&named).person(&moved).marked(&blanked, marking).draft();
        let protected = protect(&mut draft, &Pseudonyms::new());
        assert_eq!(protected.excluded.len(), 1, "one marked row marks the person");
        let (roster, issues) = Roster::assemble(draft);
        assert_eq!((roster.count(Kind::Person), issues), (0, vec![]));
        // Nor under a key that a receiver takes for the same.
        let loose = pupil("p1 ", "s1");
        let mut draft = Register::new().person(&named).marked(&loose, marking).draft();
        assert_eq!(protect(&mut draft, &Pseudonyms::new()).excluded.len(), 2);
        let (roster, issues) = Roster::assemble(draft);
        assert_eq!((roster.count(Kind::Person), issues), (0, vec![]));
    }
}

#[test]
fn repeated_memberships_become_one_period_that_covers_all() {
    #[track_caller]
    fn check(periods: &[[&str; 2]], expected: [&str; 2]) {
        let register = Register::new().person(&pupil("p1", "")).group(&class("g1", ""));
        let register = register.member("g1", "p1", Role::Mentor);
        let register = periods
            .iter()
            .fold(register, |rows, &period| rows.member_from("g1", "p1", Role::Learner, period));
        let roster = register.roster();
        let found: Vec<Membership<'_>> = roster.memberships().collect();
        assert_eq!(found.len(), 2, "another role is another membership");
        assert_eq!([found[0].begin, found[0].end], expected);
    }
    let (spring, autumn) = (["2026-01-08", "2026-06-11"], ["2026-08-18", "2026-12-18"]);
    check(&[spring], spring);
    check(&[spring, spring], spring);
    check(&[autumn, spring], ["2026-01-08", "2026-12-18"]);
    check(&[autumn, spring, ["2025-08-18", "2025-12-18"]], ["2025-08-18", "2026-12-18"]);
    check(&[["2026-02-01", "2026-03-01"], spring], spring);
    check(&[spring, ["2026-08-18", ""]], ["2026-01-08", ""]);
    check(&[["", "2026-06-11"], autumn], ["", "2026-12-18"]);
    check(&[spring, ["", ""]], ["", ""]);
}

#[test]
fn memberships_keep_their_periods_when_others_are_merged() {
    let roster = Register::new()
        .persons([pupil("p1", ""), pupil("p2", "")])
        .group(&class("g1", ""))
        .member_from("g1", "p1", Role::Learner, ["2026-08-18", "2026-12-18"])
        .member_from("g1", "p1", Role::Learner, ["2026-01-08", "2026-06-11"])
        .member_from("g1", "p2", Role::Learner, ["2026-01-08", "2026-06-11"])
        .roster();
    let periods: Vec<_> = roster.memberships().map(|m| (m.person, m.begin, m.end)).collect();
    let expected = [("p1", "2026-01-08", "2026-12-18"), ("p2", "2026-01-08", "2026-06-11")];
    assert_eq!(periods, expected);
}

/// F14: of a thousand rows five may refer to nobody, six may not.
#[test]
fn few_dangling_rows_are_dropped_and_many_refuse_the_export() {
    for (dangling, refused) in [(0, false), (1, false), (5, false), (6, true), (20, true)] {
        let keys: Vec<String> = (0..1000).map(|number| format!("p{number:04}")).collect();
        let register =
            Register::new().persons(keys.iter().map(|key| pupil(key, ""))).group(&class("g1", ""));
        let (roster, issues) = keys
            .iter()
            .enumerate()
            .map(|(at, key)| if at < dangling { "nobody" } else { key })
            .fold(register, |rows, key| rows.member("g1", key, Role::Learner))
            .assemble();
        let kept = 1000 - dangling as u64;
        assert_eq!(roster.count(Kind::Membership), kept, "{dangling}");
        let set_aside = issues.iter().filter(|i| i.code.0 == 322).count();
        assert_eq!(set_aside, dangling);
        let errors: Vec<&str> = issues
            .iter()
            .filter(|issue| issue.severity == Severity::Error)
            .map(|issue| issue.detail.as_str())
            .collect();
        let text = format!("membership; {dangling} > 0.5 % of 1000");
        assert_eq!(errors, if refused { vec![text.as_str()] } else { vec![] });
    }
}

#[test]
fn a_row_that_waits_for_a_faulty_one_is_no_fault_itself() {
    let mut draft = Register::new()
        .set_aside(Kind::Person, "p1", "")
        .set_aside(Kind::Group, "g2", "")
        .persons([pupil("p2", ""), guardian("v1")])
        .group(&class("g1", ""))
        .group(&Group { parent: "g2", ..class("g3", "") })
        .member("g1", "p1", Role::Learner)
        .member("g2", "p2", Role::Learner)
        .guardian("v1", "p1")
        .draft();
    draft.resolve();
    for (kind, key, other) in [
        (Kind::Membership, "p1", "g1"),
        (Kind::Membership, "p2", "g2"),
        (Kind::Relation, "v1", "p1"),
    ] {
        let row = SetAside { kind, key: key.into(), other: other.into() };
        assert!(draft.set_aside_rows().contains(&row), "{kind} waits");
    }
    let (roster, issues) = Roster::assemble(draft);
    let found = codes(&issues);
    assert_eq!(found, [(327, Severity::SetAside), (327, Severity::SetAside)]);
    assert_eq!(roster.group_at(1).parent, "", "a parent that waits cannot be pointed at");
}

#[test]
fn unknown_schools_are_cleared_where_the_export_names_schools() {
    let register = || {
        let keys: Vec<String> = (0..1000).map(|number| format!("p{number:04}")).collect();
        let register =
            keys.iter().fold(Register::new(), |rows, key| rows.person(&pupil(key, "s1")));
        let mut two = pupil("q1", "");
        two.set_schools(["nowhere", "s1"]);
        let register = register.person(&two).group(&class("g000", "nowhere"));
        let groups: Vec<String> = (1..400).map(|number| format!("g{number:03}")).collect();
        groups.iter().fold(register, |rows, key| rows.group(&class(key, "s1")))
    };
    let (roster, issues) = register().school("s1", "Björkskolan").assemble();
    assert_eq!(codes(&issues), [DANGLING, DANGLING]);
    assert_eq!(issues[0].line, Some(1001));
    assert_eq!(issues[1].line, Some(1002));
    assert_eq!(roster.person_at(1000).schools().collect::<Vec<_>>(), ["s1"]);
    assert_eq!((roster.group_at(0).school, roster.group_at(1).school), ("", "s1"));

    let (roster, issues) = register().assemble();
    assert_eq!(issues, [], "without a list of schools every school is taken as it is");
    assert_eq!(roster.person_at(1000).schools().count(), 2);
    assert_eq!(roster.group_at(0).school, "nowhere");
}

#[test]
fn a_school_that_half_the_export_points_at_must_be_there() {
    let (_, issues) = Register::new()
        .school("s1", "Björkskolan")
        .persons([pupil("p1", "s1"), pupil("p2", "s2")])
        .assemble();
    assert_eq!(codes(&issues), [DANGLING, (323, Severity::Error)]);
}

/// Groups with a parent each, in a register large enough for some to be faulty.
fn groups_under(parents: &[(&str, &str)]) -> (Roster, Vec<(u16, Severity)>) {
    let fill: Vec<String> = (0..1000).map(|number| format!("z{number:04}")).collect();
    let register = fill.iter().fold(Register::new(), |rows, key| rows.group(&class(key, "")));
    let (roster, issues) = parents
        .iter()
        .fold(register, |rows, &(key, parent)| rows.group(&Group { parent, ..class(key, "") }))
        .assemble();
    let found = codes(&issues);
    (roster, found)
}

#[track_caller]
fn check_parents(given: &[(&str, &str)], expected: &[&str], notes: usize) {
    let (roster, issues) = groups_under(given);
    let found: Vec<&str> = roster.groups().take(given.len()).map(|group| group.parent).collect();
    assert_eq!(found, expected);
    assert_eq!(issues, vec![DANGLING; notes]);
}

/// F14, for groups.
#[test]
fn a_group_under_an_unknown_group_or_under_itself_stands_alone() {
    check_parents(&[("a", ""), ("b", "a"), ("c", "b")], &["", "a", "b"], 0);
    check_parents(&[("a", "nowhere"), ("b", "a")], &["", "a"], 1);
    check_parents(&[("a", "a"), ("b", "a")], &["", "a"], 1);
    check_parents(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "c")], &["", "", "", "c"], 3);
    check_parents(&[("a", "c"), ("b", "a"), ("c", "b"), ("d", "d")], &["", "", "", ""], 4);
    check_parents(&[("a", "b"), ("b", "c"), ("c", "b")], &["b", "", ""], 2);
}

#[test]
fn relations_are_kept_once_and_need_both_persons() {
    let roster = Register::new()
        .persons([pupil("p1", ""), guardian("v1"), staff("l1", "")])
        .guardian("v1", "p1")
        .guardian("v1", "p1")
        .relation("l1", "p1", RelationKind::Mentor)
        .roster();
    let found: Vec<_> = roster.relations().map(|r| (r.person, r.to, r.kind)).collect();
    let expected = [("l1", "p1", RelationKind::Mentor), ("v1", "p1", RelationKind::Guardian)];
    assert_eq!(found, expected);

    let (roster, issues) = Register::new().person(&guardian("v1")).guardian("v1", "p9").assemble();
    assert_eq!(roster.count(Kind::Relation), 0);
    assert_eq!(codes(&issues), [(322, Severity::SetAside), (323, Severity::Error)]);
}

#[test]
fn a_roster_is_never_assembled_with_a_marking_unheeded() {
    let marked = Register::new().protected(&pupil("p1", ""));
    assert!(std::panic::catch_unwind(|| marked.assemble()).is_err());
    for marking in [Marking::None, Marking::Unknown, Marking::Protected] {
        let mut draft = Register::new()
            .marked(&pupil("p1", "s9"), marking)
            .marked(&guardian("v1"), marking)
            .marked(&staff("l1", "s9"), marking)
            .school("s1", "Björkskolan")
            .guardian("v1", "p1")
            .draft();
        let protected = protect(&mut draft, &Pseudonyms::new());
        let (roster, _) = Roster::assemble(draft);
        let left = 3 - protected.excluded.len() as u64;
        assert_eq!(roster.count(Kind::Person), left);
    }
}

#[test]
fn an_empty_draft_is_an_empty_roster() {
    let (roster, issues) = Roster::assemble(Draft::new());
    assert_eq!((lines(&roster), issues), (vec![], vec![]));
}

#[test]
fn positions_and_look_ups_agree_for_keys_that_share_long_beginnings() {
    let keys = [
        "a",
        "a b",
        "aa",
        "abcdefghijklmnop",
        "abcdefghijklmnopq",
        "abcdefghijklmnopq 1",
        "Ä",
        "ä",
        "Å",
        "å",
        "ö",
        "😀",
        "😀a",
        "~",
    ];
    let register = Register::new().persons(keys.iter().rev().map(|key| pupil(key, "")));
    let roster = register.roster();
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(roster.persons().map(|p| p.key).collect::<Vec<_>>(), sorted);
    for (at, key) in sorted.into_iter().enumerate() {
        assert_eq!(roster.find_person(key), Some(at), "{key}");
        assert_eq!(roster.find_person(&format!("{key}x")), None);
    }
    assert_eq!(roster.find_person(""), None);
}

#[test]
fn debug_output_holds_no_personal_data() {
    let person = Person { given_name: "KANARIE", ..pupil("KANARIE", "KANARIE") };
    let row = SetAside { kind: Kind::Person, key: "KANARIE".into(), other: "KANARIE".into() };
    let membership =
        Membership { group: "KANARIE", person: "KANARIE", role: Role::Learner, begin: "", end: "" };
    let relation = Relation { person: "KANARIE", to: "KANARIE", kind: RelationKind::Guardian };
    let mut draft = Register::new().protected(&person).draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let roster = Register::new().person(&person).group(&class("KANARIE", "")).roster();
    let texts = [
        format!("{person:?}"),
        format!("{:?}", School { key: "KANARIE", name: "KANARIE" }),
        format!("{:?}", class("KANARIE", "KANARIE")),
        format!("{membership:?} {relation:?} {row:?} {protected:?} {roster:?}"),
        format!("{:?}", Roles::of(Role::Learner)),
    ];
    assert!(texts.iter().all(|text| !text.contains("KANARIE")), "{texts:?}");
}

#[test]
fn a_control_character_in_a_field_is_a_bug_not_a_line() {
    for text in ["a\tb", "a\nb", "a\u{1f}b", "\0"] {
        let person = Person { given_name: text, ..pupil("p1", "") };
        let school = Person { school_keys: text.replace('\u{1f}', "\t").into(), ..pupil("p1", "") };
        for broken in [person, school] {
            let written = std::panic::catch_unwind(|| broken.write_line(&mut String::new()));
            assert!(written.is_err(), "{text:?}");
        }
    }
}
