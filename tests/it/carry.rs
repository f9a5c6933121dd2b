//! Rule 10: a row that is set aside never removes anybody. What the target was last told of it
//! is told again, with its links, and never at the cost of a protected person.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rostergate::pipeline::carry::{CarriedOver, carry_over};
use rostergate::pipeline::protect::{Pseudonym, Pseudonyms, protect};
use rostergate::roster::draft::SetAside;
use rostergate::roster::entity::{Group, Person, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{Kind, RelationKind, Role};

use crate::rows::{Register, class, counts, guardian, lines, pupil, staff};

fn faulty(rows: &[(Kind, &str, &str)]) -> BTreeSet<SetAside> {
    let row = |&(kind, key, other): &(Kind, &str, &str)| SetAside {
        kind,
        key: key.to_owned(),
        other: other.to_owned(),
    };
    rows.iter().map(row).collect()
}

fn nobody() -> BTreeSet<String> {
    BTreeSet::new()
}

/// Yesterday: two pupils in two classes, a teacher, a guardian.
fn yesterday() -> Register {
    Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "Ekskolan")
        .persons([pupil("p1", "s1"), pupil("p2", "s2"), staff("t1", "s1"), guardian("v1")])
        .group(&class("g1", "s1"))
        .group(&Group { parent: "g1", ..class("g2", "s2") })
        .member_from("g1", "p1", Role::Learner, ["2026-08-18", ""])
        .member("g1", "t1", Role::Instructor)
        .member("g2", "p1", Role::Learner)
        .member("g2", "p2", Role::Learner)
        .guardian("v1", "p1")
        .relation("t1", "p1", RelationKind::Mentor)
}

#[test]
fn rule_10_a_person_in_a_faulty_row_is_told_again_with_every_link() {
    let before = yesterday().roster();
    let now = Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "Ekskolan")
        .persons([pupil("p2", "s2"), staff("t1", "s1"), guardian("v1")])
        .group(&class("g1", "s1"))
        .group(&Group { parent: "g1", ..class("g2", "s2") })
        .member("g1", "t1", Role::Instructor)
        .member("g2", "p2", Role::Learner)
        .roster();
    let (told, carried) =
        carry_over(&now, &before, &faulty(&[(Kind::Person, "p1", "")]), &nobody());
    assert_eq!(lines(&told), lines(&before));
    assert_eq!(carried, CarriedOver { entities: 1, links: 4 });
    let numbers = counts(&before, &told);
    assert_eq!((numbers.persons.removed, numbers.memberships.removed), (0, 0));
}

#[test]
fn rule_10_a_group_in_a_faulty_row_is_told_again_with_whoever_is_still_there() {
    let before = yesterday().roster();
    let now = Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "Ekskolan")
        .persons([pupil("p1", "s1"), staff("t1", "s1"), guardian("v1"), pupil("p3", "s2")])
        .group(&class("g1", "s1"))
        .member_from("g1", "p1", Role::Learner, ["2026-08-18", ""])
        .member("g1", "t1", Role::Instructor)
        .guardian("v1", "p1")
        .relation("t1", "p1", RelationKind::Mentor)
        .roster();
    let (told, carried) = carry_over(&now, &before, &faulty(&[(Kind::Group, "g2", "")]), &nobody());
    assert_eq!(carried, CarriedOver { entities: 1, links: 1 });
    assert!(told.group_at(1) == before.group_at(1), "as it stood, its parent with it");
    let members: Vec<_> = told.memberships().map(|m| (m.group, m.person)).collect();
    assert_eq!(members, [("g1", "p1"), ("g1", "t1"), ("g2", "p1")], "p2 left the register");
    assert_eq!(told.find_person("p2"), None);
    assert!(told.find_person("p3").is_some(), "and who came is told");
}

#[test]
fn rule_10_a_faulty_link_is_told_as_it_was_while_both_its_ends_are() {
    let before = yesterday().roster();
    let aside = faulty(&[
        (Kind::Membership, "p1", "g1"),
        (Kind::Membership, "p2", "g2"),
        (Kind::Membership, "p9", "g1"),
        (Kind::Relation, "v1", "p1"),
    ]);
    let now = Register::new()
        .persons([pupil("p1", ""), guardian("v1")])
        .group(&class("g1", ""))
        .group(&class("g2", ""))
        .roster();
    let (told, carried) = carry_over(&now, &before, &aside, &nobody());
    assert_eq!(carried, CarriedOver { entities: 0, links: 2 });
    let members: Vec<_> = told.memberships().map(|m| (m.group, m.person, m.begin)).collect();
    assert_eq!(members, [("g1", "p1", "2026-08-18")]);
    assert_eq!(told.count(Kind::Relation), 1);
}

#[test]
fn rule_10_todays_own_rows_win() {
    let before = yesterday().roster();
    let renamed = Person { family_name: "Ekholm", ..pupil("p1", "s1") };
    let now = Register::new()
        .school("s1", "Björkskolan")
        .school("s2", "Ekskolan")
        .persons([pupil("p2", "s1"), staff("t1", "s1")])
        .person(&renamed)
        .group(&Group { name: "ny", ..class("g1", "s1") })
        .member_from("g1", "p1", Role::Learner, ["2026-11-20", "2026-12-18"])
        .roster();
    let aside = faulty(&[
        (Kind::Person, "p1", ""),
        (Kind::Group, "g1", ""),
        (Kind::School, "s1", ""),
        (Kind::Membership, "p1", "g1"),
    ]);
    let (told, carried) = carry_over(&now, &before, &aside, &nobody());
    assert_eq!(carried, CarriedOver::default());
    assert_eq!(lines(&told), lines(&now), "all of it is told today from another row");
}

#[test]
fn rule_10_what_the_target_never_knew_is_not_carried() {
    let before = yesterday().roster();
    let now = yesterday().roster();
    let aside = faulty(&[
        (Kind::Person, "p9", ""),
        (Kind::Group, "g9", ""),
        (Kind::School, "s9", ""),
        (Kind::Membership, "p9", "g9"),
        (Kind::Relation, "v9", "p9"),
    ]);
    let (told, carried) = carry_over(&now, &before, &aside, &nobody());
    assert_eq!((lines(&told), carried), (lines(&now), CarriedOver::default()));
    let (told, carried) = carry_over(&now, &before, &faulty(&[]), &nobody());
    assert_eq!((lines(&told), carried), (lines(&now), CarriedOver::default()));
}

/// One of two rows of a person is faulty: the school and role in it stay.
#[test]
fn rule_10_a_person_of_whom_one_row_is_faulty_keeps_schools_and_roles() {
    let both = Person {
        roles: Roles::of(Role::Learner).union(Roles::of(Role::Staff)),
        ..pupil("p1", "s1\u{1f}s2")
    };
    let town = |person: &Person<'_>| {
        Register::new().school("s1", "A").school("s2", "B").person(person).roster()
    };
    let before = town(&both);
    let now = town(&Person { family_name: "Ekholm", ..pupil("p1", "s1") });
    let aside = faulty(&[(Kind::Person, "p1", "")]);
    let (told, carried) = carry_over(&now, &before, &aside, &nobody());
    assert!(told.person_at(0) == Person { family_name: "Ekholm", ..both.clone() });
    assert_eq!(carried, CarriedOver::default());
    let gone = BTreeSet::from(["p1".to_owned()]);
    let (told, _) = carry_over(&now, &before, &aside, &gone);
    assert_eq!(lines(&told), lines(&now), "unless protection decided what is told");
    let was_guardian = Person { roles: Roles::of(Role::Guardian), ..staff("p1", "s1") };
    let (told, _) = carry_over(&town(&staff("p1", "s1")), &town(&was_guardian), &aside, &nobody());
    assert_eq!(told.person_at(0).roles, Roles::of(Role::Staff));
}

#[test]
fn rule_10_never_brings_a_protected_person_back() {
    let before = yesterday().roster();
    let gone = BTreeSet::from(["p1".to_owned()]);
    let now = Register::new()
        .persons([pupil("p2", ""), staff("t1", ""), guardian("v1")])
        .group(&class("g2", ""))
        .roster();
    let aside = faulty(&[
        (Kind::Person, "p1", ""),
        (Kind::Group, "g1", ""),
        (Kind::Membership, "p1", "g2"),
        (Kind::Relation, "v1", "p1"),
        (Kind::Relation, "t1", "p1"),
    ]);
    let (told, carried) = carry_over(&now, &before, &aside, &gone);
    assert_eq!((lines(&told), carried), (lines(&now), CarriedOver::default()));
    assert!(lines(&told).iter().all(|line| !line.contains("p1")));
}

/// g1 had p1 for its only pupil: carried over, it would point at p1 for whoever knows the class.
#[test]
fn rule_20_no_group_that_points_at_a_protected_person_is_carried() {
    let named = |name: &'static str| Group { name, ..class("g1", "") };
    let child = Person { given_name: "Kanarieva", family_name: "Gulfjäder", ..pupil("p1", "") };
    for (group, other_learner, carried) in [
        (named("7A"), true, 1),
        (named("7A"), false, 0),
        (named("Stöd Kanarieva G"), true, 0),
        (named("Gulfjäder, Kanarieva"), true, 0),
    ] {
        let before = Register::new().persons([pupil("p2", ""), staff("t1", "")]).person(&child);
        let before = before.group(&group).member("g1", "p1", Role::Learner).member(
            "g1",
            "t1",
            Role::Instructor,
        );
        let before =
            if other_learner { before.member("g1", "p2", Role::Learner) } else { before }.roster();
        let now = Register::new().persons([pupil("p2", ""), staff("t1", "")]).roster();
        let gone = BTreeSet::from(["p1".to_owned()]);
        let (told, found) = carry_over(&now, &before, &faulty(&[(Kind::Group, "g1", "")]), &gone);
        assert_eq!(found.entities, carried, "{}", group.name);
        assert!(
            lines(&told).iter().all(|line| !line.contains("Kanarieva") && !line.contains("p1"))
        );
    }
}

/// Told under a pseudonym since, nobody's child is carried back to a guardian.
#[test]
fn rule_21_a_pseudonymous_person_gets_no_relation_back() {
    let before = yesterday().roster();
    let mut draft = Register::new()
        .protected(&pupil("p1", "s1"))
        .persons([pupil("p2", "s2"), guardian("v1")])
        .group(&class("g1", ""))
        .guardian("v1", "p2")
        .set_aside(Kind::Relation, "v1", "p1")
        .set_aside(Kind::Membership, "p1", "g1")
        .member("g1", "p2", Role::Learner)
        .draft();
    let names = Pseudonyms::from([("p1".to_owned(), Pseudonym::default())]);
    let protected = protect(&mut draft, &names);
    let aside = draft.set_aside_rows().clone();
    let (now, _) = Roster::assemble(draft);
    let gone = protected.excluded.union(&protected.pseudonymous).cloned().collect();
    let (told, carried) = carry_over(&now, &before, &aside, &gone);
    assert_eq!(carried, CarriedOver { entities: 0, links: 1 }, "p1 stays in the class");
    assert!(told.relations().all(|relation| relation.to != "p1"));
    assert!(told.memberships().any(|m| (m.group, m.person) == ("g1", "p1")));
}

/// Both of two possible baselines carried over, one after the other.
#[test]
fn rule_05_everything_in_either_candidate_is_told_again() {
    let older = Register::new().persons([pupil("p1", ""), pupil("p2", "")]).roster();
    let newer = Register::new().persons([pupil("p2", ""), pupil("p3", "")]).roster();
    let all = |roster: &Roster| -> BTreeSet<SetAside> {
        let rows = roster.persons().map(|p| (Kind::Person, p.key, "")).collect::<Vec<_>>();
        faulty(&rows)
    };
    let now = Register::new().person(&pupil("p4", "")).roster();
    let (told, _) = carry_over(&now, &older, &all(&older), &nobody());
    let (told, _) = carry_over(&told, &newer, &all(&newer), &nobody());
    assert_eq!(told.persons().map(|p| p.key).collect::<Vec<_>>(), ["p1", "p2", "p3", "p4"]);
}

const PERSONS: [&str; 5] = ["p1", "p2", "p3", "p4", "p5"];
const GROUPS: [&str; 3] = ["g1", "g2", "g3"];

type Links = Vec<(&'static str, &'static str)>;

fn build(persons: &[&str], groups: &[&str], members: &Links, relations: &Links) -> Roster {
    let mut rows = Register::new().persons(persons.iter().map(|key| pupil(key, "")));
    for key in groups {
        rows = rows.group(&class(key, ""));
    }
    for (group, person) in members {
        if groups.contains(group) && persons.contains(person) {
            rows = rows.member(group, person, Role::Learner);
        }
    }
    for (person, to) in relations {
        if persons.contains(person) && persons.contains(to) {
            rows = rows.guardian(person, to);
        }
    }
    rows.roster()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Whoever's row is faulty today is still told, nobody else comes back, and whoever is
    /// protected is nowhere in the result.
    #[test]
    fn rule_10_nobody_is_removed_by_a_faulty_row(
        members in proptest::collection::vec((select(&GROUPS[..]), select(&PERSONS[..])), 0..12),
        relations in proptest::collection::vec((select(&PERSONS[..]), select(&PERSONS[..])), 0..6),
        now in subsequence(PERSONS.to_vec(), 0..=5),
        now_groups in subsequence(GROUPS.to_vec(), 0..=3),
        aside in subsequence(PERSONS.to_vec(), 0..=5),
        aside_groups in subsequence(GROUPS.to_vec(), 0..=3),
        gone in subsequence(PERSONS.to_vec(), 0..=1),
    ) {
        let before = build(&PERSONS, &GROUPS, &members, &relations);
        let now: Vec<&str> = now.into_iter().filter(|key| !gone.contains(key)).collect();
        let today = build(&now, &now_groups, &members, &relations);
        let persons = aside.iter().map(|key| (Kind::Person, *key, ""));
        let groups = aside_groups.iter().map(|key| (Kind::Group, *key, ""));
        let rows = faulty(&persons.chain(groups).collect::<Vec<_>>());
        let gone: BTreeSet<String> = gone.into_iter().map(str::to_owned).collect();
        let (told, carried) = carry_over(&today, &before, &rows, &gone);
        for key in PERSONS {
            let expected = !gone.contains(key) && (now.contains(&key) || aside.contains(&key));
            prop_assert_eq!(told.find_person(key).is_some(), expected, "{}", key);
        }
        for key in GROUPS {
            let there = told.find_group(key).is_some();
            prop_assert!(there || !now_groups.contains(&key));
            prop_assert!(!there || now_groups.contains(&key) || aside_groups.contains(&key));
            let fine = gone.is_empty() && aside_groups.contains(&key);
            prop_assert!(there || !fine);
        }
        let added = told.count(Kind::Person) + told.count(Kind::Group)
            - today.count(Kind::Person) - today.count(Kind::Group);
        prop_assert_eq!(carried.entities, added);
        let links = told.count(Kind::Membership) + told.count(Kind::Relation)
            - today.count(Kind::Membership) - today.count(Kind::Relation);
        prop_assert_eq!(carried.links, links);
        for line in lines(&today) {
            prop_assert!(lines(&told).contains(&line), "today's own rows stay");
        }
        prop_assert!(lines(&told).iter().all(|line| gone.iter().all(|key| !line.contains(key.as_str()))));
    }
}
