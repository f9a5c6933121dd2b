//! Protected identity: what is left of a protected person in a roster is nothing, or the data of
//! the local file. Each test of a safety rule carries its number.

use std::collections::BTreeSet;

use rostergate::formats::snapshot::Reader;
use rostergate::pipeline::counts::Counts;
use rostergate::pipeline::diff::{View, diff};
use rostergate::pipeline::protect::{Protected, Pseudonym, Pseudonyms, protect};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Breach, Verdict};
use rostergate::roster::draft::Marking;
use rostergate::roster::entity::{Group, Person, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{Kind, RelationKind, Role};

use crate::rows::{ALL, Register, class, guardian, lines, packed, pupil, staff};

/// The canary: every field of hers is found again wherever it leaks.
fn canary() -> Person<'static> {
    Person {
        personal_number: "200601312382",
        given_name: "Kanarieva",
        family_name: "Gulfjäder",
        email: "kg@elev.example",
        username: "kanarie01",
        mobile: "+46701740612",
        phone: "+46701740613",
        school_year: "7",
        ..pupil("key-kanarie", "s1")
    }
}

const TRACES: [&str; 8] = [
    "key-kanarie",
    "200601312382",
    "Kanarieva",
    "Gulfjäder",
    "kg@elev",
    "kanarie01",
    "740612",
    "740613",
];

fn shielded(register: Register, pseudonyms: &Pseudonyms) -> (Roster, Protected) {
    let mut draft = register.draft();
    let protected = protect(&mut draft, pseudonyms);
    (Roster::assemble(draft).0, protected)
}

fn excluded(register: Register) -> (Roster, Protected) {
    shielded(register, &Pseudonyms::new())
}

#[track_caller]
fn assert_no_trace(roster: &Roster, traces: &[&str]) {
    for line in lines(roster) {
        let found = traces.iter().find(|trace| line.contains(**trace));
        assert_eq!(found, None, "{line}");
    }
}

fn persons(roster: &Roster) -> Vec<&str> {
    roster.persons().map(|person| person.key).collect()
}

fn groups(roster: &Roster) -> Vec<&str> {
    roster.groups().map(|group| group.key).collect()
}

fn keys(set: &BTreeSet<String>) -> Vec<&str> {
    set.iter().map(String::as_str).collect()
}

/// The canary with everything that could point at her.
fn around_canary(marking: Marking) -> Register {
    Register::new()
        .school("s1", "Björkskolan")
        .marked(&canary(), marking)
        .persons([pupil("p1", "s1"), pupil("p2", "s1"), staff("t1", "s1")])
        .persons([guardian("v1"), guardian("v2"), guardian("v3")])
        .group(&class("g1", "s1"))
        .group(&class("g2", "s1"))
        .group(&Group { name: "Läsgruppen", ..class("g3", "s1") })
        .group(&Group { name: "Gulfjäder, Kanarieva", ..class("g4", "s1") })
        .group(&Group { parent: "g2", ..class("g5", "s1") })
        .member("g1", "key-kanarie", Role::Learner)
        .member("g1", "p1", Role::Learner)
        .member("g1", "t1", Role::Instructor)
        .member("g2", "key-kanarie", Role::Learner)
        .member("g2", "t1", Role::Instructor)
        .member("g3", "p1", Role::Learner)
        .member("g3", "p2", Role::Learner)
        .member("g4", "p1", Role::Learner)
        .member("g5", "p2", Role::Learner)
        .guardian("v1", "key-kanarie")
        .guardian("v2", "key-kanarie")
        .guardian("v2", "p1")
        .guardian("v3", "p2")
        .relation("t1", "key-kanarie", RelationKind::Mentor)
        .relation("t1", "p1", RelationKind::Mentor)
}

#[test]
fn rule_18_nothing_is_left_of_a_protected_person() {
    let (roster, protected) = excluded(around_canary(Marking::Protected));
    assert_no_trace(&roster, &TRACES);
    assert_eq!(persons(&roster), ["p1", "p2", "t1", "v2", "v3"]);
    assert_eq!(groups(&roster), ["g1", "g3", "g5"]);
    assert_eq!(roster.group_at(2).parent, "", "a child group points at no group that is gone");
    let relations: Vec<_> = roster.relations().map(|r| (r.person, r.to)).collect();
    assert_eq!(relations, [("t1", "p1"), ("v2", "p1"), ("v3", "p2")]);
    let members: Vec<_> = roster.memberships().map(|m| (m.group, m.person)).collect();
    assert_eq!(members, [("g1", "p1"), ("g1", "t1"), ("g3", "p1"), ("g3", "p2"), ("g5", "p2")]);
    assert_eq!(keys(&protected.excluded), ["key-kanarie", "v1"]);
    assert_eq!((protected.unknown_markings, protected.pseudonymous.len()), (0, 0));
}

#[test]
fn rule_18_an_unknown_marking_counts_as_protected() {
    let (known, _) = excluded(around_canary(Marking::Protected));
    let (unknown, protected) = excluded(around_canary(Marking::Unknown));
    assert_eq!(lines(&known), lines(&unknown));
    assert_eq!(protected.unknown_markings, 1);
    let (open, protected) = excluded(around_canary(Marking::None));
    assert_eq!((open.count(Kind::Person), protected.excluded.len()), (7, 0));
    assert_eq!(open.count(Kind::Group), 5, "without anybody hidden no group reveals anybody");
}

/// A column that turned blank: every marking is unknown, and the plan is held.
#[test]
fn rule_18_a_marking_column_that_turned_blank_is_a_flood() {
    let keys: Vec<String> = (0..40).map(|number| format!("p{number:02}")).collect();
    let register = keys
        .iter()
        .fold(Register::new(), |rows, key| rows.marked(&pupil(key, "s1"), Marking::Unknown));
    let (roster, protected) = excluded(register);
    assert_eq!((roster.count(Kind::Person), protected.unknown_markings), (0, 40));
    let around = Circumstances {
        unknown_markings: protected.unknown_markings,
        persons_read: 40,
        ..Circumstances::default()
    };
    let limits = Limits::resolve(&Settings::default(), &Settings::default());
    let verdict = judge(&Counts::default(), &around, &limits);
    let flood = Breach::ProtectedFlood { newly: 0, unknown: 40, limit: 5 };
    assert!(matches!(verdict, Verdict::Hold(breaches) if breaches.contains(&flood)));
}

/// Newly protected persons leave past the filter: they are read out of what was last told.
#[test]
fn rule_18_newly_protected_persons_are_no_removals() {
    let (before, _) = excluded(around_canary(Marking::None));
    let (now, protected) = excluded(around_canary(Marking::Protected));
    let bytes = packed(&before);
    let mut reader = Reader::open(bytes.as_slice()).expect("just written");
    let view = View { carried: ALL, hidden: &protected.excluded };
    let (counts, newly) = diff(&now, Some(&mut reader), &view, |change| {
        let about_person = [change.before, change.now].into_iter().flatten();
        let leaked = about_person.clone().any(|line| line.contains("kanarie"));
        assert!(change.kind == Kind::Group || !leaked, "nobody lists her");
    })
    .expect("just written");
    assert_eq!((counts.persons.removed, newly), (0, 2));
    assert_eq!((counts.memberships.removed, counts.relations.removed), (2, 0));
}

#[test]
fn rule_20_a_guardian_whose_children_are_all_protected_is_excluded() {
    let family = |others: fn(Register) -> Register| {
        let register = Register::new()
            .protected(&pupil("c1", ""))
            .protected(&pupil("c2", ""))
            .person(&pupil("c3", ""))
            .person(&guardian("v1"));
        excluded(others(register)).0
    };
    let roster = family(|rows| rows.guardian("v1", "c1"));
    assert_eq!(persons(&roster), ["c3"]);
    let roster = family(|rows| rows.guardian("v1", "c1").guardian("v1", "c2"));
    assert_eq!(persons(&roster), ["c3"]);
    let roster = family(|rows| rows.guardian("v1", "c1").guardian("v1", "c3"));
    assert_eq!(persons(&roster), ["c3", "v1"], "who has a child here stays, for that child");
    assert_eq!(roster.count(Kind::Relation), 1);
    let roster = family(|rows| rows);
    assert_eq!(persons(&roster), ["c3", "v1"], "who has no child here reveals nobody");
}

/// Staff and pupils come from two systems, or somebody got a new key and the old row stayed.
#[test]
fn rule_18_a_marking_is_of_the_human_under_every_key() {
    let own =
        |key, personal_number, username| Person { personal_number, username, ..pupil(key, "s1") };
    let people = [
        own("by-number", "201806132385", ""),
        own("user-name", "", "ANNALM"),
        own("neither", "200601312382", "annalmgren"),
        own("nameless", "", ""),
        own("interim", "20180613TF18", ""),
    ];
    let marked = own("marked", "201806132385", "annalm");
    let register = Register::new().persons(people).protected(&marked);
    let register = register.protected(&own("marked-too", "20180613TF18", ""));
    let (roster, protected) = excluded(register);
    let told: Vec<&str> = persons(&roster);
    assert_eq!(told, ["interim", "nameless", "neither", "user-name"], "none of these is unique");
    assert_eq!(keys(&protected.excluded), ["by-number", "marked", "marked-too"]);
}

#[test]
fn rule_18_a_marking_is_of_the_human_under_nearly_the_same_key() {
    let beside = |twin: &Person<'_>| {
        let register = Register::new().school("s1", "Björkskolan").person(&canary());
        excluded(register.protected(twin)).0
    };
    for key in ["KEY-Kanarie", " key-kanarie", "key-kana\u{200B}rie"] {
        assert_no_trace(&beside(&Person { key, ..Person::default() }), &TRACES);
    }
    // Somebody else's number says that it is somebody else.
    let other = Person { personal_number: "201806132385", ..pupil("KEY-KANARIE", "s1") };
    assert_eq!(persons(&beside(&other)), ["key-kanarie"]);
}

#[test]
fn rule_18_whose_own_row_is_faulty_is_the_same_human_all_the_same() {
    let aside = |rows: Register, key| rows.set_aside(Kind::Person, key, "");
    let rows = Register::new().protected(&canary()).person(&guardian("v1"));
    let rows = aside(aside(aside(rows, "key-kanarie "), "other-key"), "somebody");
    let mut draft = rows.guardian("v1", "other-key").guardian("v1", "key-kanarie").draft();
    draft.number_aside("other-key", canary().personal_number);
    draft.number_aside("somebody", "201806132385");
    let protected = protect(&mut draft, &Pseudonyms::new());
    assert_eq!(keys(&protected.excluded), ["key-kanarie", "key-kanarie ", "other-key", "v1"]);
}

#[test]
fn rule_20_faulty_rows_hide_no_guardian_and_expose_none() {
    let base = || {
        Register::new()
            .protected(&pupil("c1", ""))
            .person(&pupil("c2", ""))
            .person(&guardian("v1"))
            .set_aside(Kind::Person, "c3", "")
    };
    let (roster, _) = excluded(base().set_aside(Kind::Relation, "v1", "c1"));
    assert_eq!(persons(&roster), ["c2"], "a relation in a faulty row is one all the same");
    let (roster, protected) = excluded(base().guardian("v1", "c1").guardian("v1", "c3"));
    assert_eq!(persons(&roster), ["c2", "v1"], "a child whose own row is faulty is a child");
    assert_eq!(keys(&protected.excluded), ["c1"]);
    let (roster, _) = excluded(base().guardian("v1", "c1").guardian("v1", "c9"));
    assert_eq!(persons(&roster), ["c2"], "a child that the register does not know is none");
}

#[test]
fn rule_20_staff_who_are_guardians_of_a_protected_child_stay_as_staff() {
    let both = Person {
        roles: Roles::of(Role::Staff).union(Roles::of(Role::Guardian)),
        ..staff("t1", "s1")
    };
    let register =
        || Register::new().protected(&pupil("c1", "")).person(&pupil("c2", "")).person(&both);
    let (roster, protected) = excluded(register().guardian("t1", "c1"));
    let told = roster.person_at(1);
    assert_eq!((told.key, told.roles), ("t1", Roles::of(Role::Staff)));
    assert_eq!(keys(&protected.excluded), ["c1"]);
    let (roster, _) = excluded(register().guardian("t1", "c1").guardian("t1", "c2"));
    assert_eq!(roster.person_at(1).roles, both.roles, "and as guardians while a child is told");
}

/// A group of one, and a group named after its pupil.
#[test]
fn rule_20_groups_that_point_at_one_protected_person_are_excluded() {
    #[track_caller]
    fn check(group: &Group<'_>, others: &[&str], kept: bool) {
        let register = Register::new()
            .school("s1", "Björkskolan")
            .protected(&canary())
            .persons([pupil("p1", "s1"), pupil("p2", "s1")])
            .protected(&staff("t9", "s1"))
            .group(group)
            .member(group.key, "key-kanarie", Role::Learner)
            .member(group.key, "t9", Role::Instructor);
        let register =
            others.iter().fold(register, |rows, key| rows.member(group.key, key, Role::Learner));
        let (roster, _) = excluded(register);
        assert_eq!(roster.count(Kind::Group) == 1, kept, "{}", group.name);
        assert_no_trace(&roster, &TRACES);
    }
    let named = |name: &'static str| Group { name, ..class("g1", "s1") };
    check(&Group { course: "Enskilt Kanarieva Gulfjäder", ..named("SVA") }, &["p1"], false);
    check(&Group { term: "HT key-kanarie", ..named("SVA") }, &["p1"], false);
    check(&named("7A"), &["p1"], true);
    check(&named("7A"), &[], false);
    check(&named("Stöd Kanarieva G."), &["p1"], false);
    check(&named("Extra svenska"), &["p1", "p2"], true);
}

#[test]
fn rule_20_a_group_named_after_a_protected_member_is_found_in_every_spelling() {
    let double = Person { given_name: "Eva-Lena Maria", family_name: "von Ek", ..canary() };
    for (person, key, name, kept) in [
        (canary(), "g1", "IUP Kanarieva Gulfjäder", false),
        (canary(), "g1", "iup: GULFJÄDER,kanarieva", false),
        (canary(), "g1", "Samtal 060131-2382", false),
        (canary(), "g1", "Samtal 20060131-2382", false),
        (canary(), "g1", "Konto kanarie01", false),
        (canary(), "iup-key-kanarie", "IUP", false),
        (canary(), "g1", "Gulfjädrarna", true),
        (canary(), "g1", "7A", true),
        (double.clone(), "g1", "Stöd Maria Ek", false),
        (double.clone(), "g1", "Stöd Eva", true),
        (double.clone(), "g1", "Stöd Eva E", false),
        (double, "g1", "Ekorrarna", true),
        (canary(), "g1", "Kanarieva Gulfjäders läsgrupp", false),
        (canary(), "g1", "Kanarievas-Gulfjäders grupp", false),
        (canary(), "g1", "Resurs KanarievaG", false),
        (canary(), "g1", "KanarievaGulfjäder", false),
        (canary(), "g1", "Kanarievor", true),
        (Person { family_name: "", ..canary() }, "g1", "Kanarieva", false),
        (Person { given_name: "", family_name: "", ..canary() }, "g1", "7A", true),
    ] {
        let (roster, _) = excluded(
            Register::new()
                .school("s1", "Björkskolan")
                .protected(&person)
                .persons([pupil("p1", "s1"), pupil("p2", "s1")])
                .group(&Group { name, ..class(key, "s1") })
                .member(key, "key-kanarie", Role::Learner)
                .member(key, "p1", Role::Learner)
                .member(key, "p2", Role::Learner),
        );
        assert_eq!(roster.count(Kind::Group) == 1, kept, "{name}");
    }
}

/// Others may share a name; only the whole name of somebody hidden gives a group away.
#[test]
fn rule_20_a_group_without_the_protected_person_goes_only_for_the_whole_name() {
    for (name, kept) in
        [("Gulfjäder Kanarieva", false), ("Kanarieva Bladlus", true), ("Gulfjäder", true)]
    {
        let (roster, _) = excluded(
            Register::new()
                .protected(&Person { school_keys: "".into(), ..canary() })
                .person(&pupil("p1", ""))
                .group(&Group { name, ..class("g1", "") })
                .member("g1", "p1", Role::Learner),
        );
        assert_eq!(roster.count(Kind::Group) == 1, kept, "{name}");
    }
}

fn pseudonyms() -> Pseudonyms {
    let told = Pseudonym {
        given_name: "Kim".into(),
        family_name: "Alm".into(),
        username: "elev17".into(),
        email: "elev17@elev.example".into(),
    };
    Pseudonyms::from([("key-kanarie".to_owned(), told)])
}

#[test]
fn rule_21_a_pseudonym_replaces_every_datum_but_the_key() {
    let (roster, protected) = shielded(around_canary(Marking::Protected), &pseudonyms());
    assert_no_trace(&roster, &TRACES[1..]);
    let told = roster.person_at(roster.find_person("key-kanarie").expect("told"));
    let expected = Person {
        given_name: "Kim",
        family_name: "Alm",
        username: "elev17",
        email: "elev17@elev.example",
        school_year: "7",
        ..pupil("key-kanarie", "s1")
    };
    assert!(told == expected);
    assert_eq!(keys(&protected.pseudonymous), ["key-kanarie"]);
    assert_eq!(keys(&protected.excluded), ["v1"]);
    let relations: Vec<_> = roster.relations().map(|r| (r.person, r.to)).collect();
    assert_eq!(
        relations,
        [("t1", "p1"), ("v2", "p1"), ("v3", "p2")],
        "relations lead nowhere near"
    );
    assert_eq!(groups(&roster), ["g1", "g3", "g5"], "a group of one or of her name still reveals");
    let classes: Vec<_> = roster.memberships().filter(|m| m.person == "key-kanarie").collect();
    assert_eq!(classes.iter().map(|m| m.group).collect::<Vec<_>>(), ["g1"]);
}

#[test]
fn rule_21_a_protected_person_without_a_line_is_excluded() {
    let other = Pseudonyms::from([("somebody else".to_owned(), Pseudonym::default())]);
    let (with_other, protected) = shielded(around_canary(Marking::Protected), &other);
    let (without, _) = excluded(around_canary(Marking::Protected));
    assert_eq!(lines(&with_other), lines(&without));
    assert!(protected.pseudonymous.is_empty());
    let (open, protected) = shielded(around_canary(Marking::None), &pseudonyms());
    assert!(lines(&open).iter().any(|line| line.contains("Gulfjäder")));
    assert!(protected.pseudonymous.is_empty(), "a line alone makes nobody protected");
}

#[test]
fn rule_18_a_protected_teacher_leaves_with_every_link() {
    let (roster, _) = excluded(
        Register::new()
            .protected(&Person { roles: Roles::of(Role::Staff), ..canary() })
            .persons([pupil("p1", ""), pupil("p2", "")])
            .group(&class("g1", ""))
            .group(&Group { name: "Gulfjäder Kanarieva", ..class("g2", "") })
            .member("g1", "key-kanarie", Role::Instructor)
            .member("g1", "p1", Role::Learner)
            .member("g2", "key-kanarie", Role::Mentor)
            .member("g2", "p1", Role::Learner)
            .relation("key-kanarie", "p1", RelationKind::Mentor),
    );
    assert_no_trace(&roster, &TRACES);
    assert_eq!((persons(&roster), groups(&roster)), (vec!["p1", "p2"], vec!["g1"]));
}

/// The faults of a protected person's rows are told by line, never by key.
#[test]
fn rule_18_issues_name_no_protected_person() {
    let mut draft = around_canary(Marking::Protected)
        .guardian("key-kanarie", "nobody")
        .set_aside(Kind::Membership, "key-kanarie", "g1")
        .draft();
    protect(&mut draft, &Pseudonyms::new());
    let (_, issues) = Roster::assemble(draft);
    assert!(!issues.is_empty());
    let text = format!("{issues:?}");
    assert!(TRACES.iter().all(|trace| !text.contains(trace)), "{text}");
}
