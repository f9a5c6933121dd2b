//! Laws of the comparison, held against a naive model: gross numbers, every change once, and
//! nothing that depends on the order of rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rostergate::formats::carried::Carried;
use rostergate::formats::snapshot::{self, Reader};
use rostergate::pipeline::counts::{Counts, Tally};
use rostergate::pipeline::diff::{View, diff};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, judge};
use rostergate::pipeline::verdict::{Operation, Verdict};
use rostergate::roster::entity::{Group, Membership, Person, Relation, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};

use crate::rows::{ALL, Register, class, counts, counts_seen, lines, packed, pupil};

/// A register as plain maps: what the naive model counts on.
#[derive(Clone, Default, Debug)]
struct Model {
    schools: BTreeMap<String, String>,
    persons: BTreeMap<String, (String, BTreeSet<Role>, BTreeSet<String>)>,
    groups: BTreeMap<String, (String, GroupKind, String)>,
    members: BTreeMap<(String, String, Role), String>,
    relations: BTreeSet<(String, String, RelationKind)>,
}

/// One row of an export.
#[derive(Clone)]
enum Row<'m> {
    School(&'m str, &'m str),
    Person(&'m str, &'m str, Roles, String),
    Group(&'m str, &'m str, GroupKind, &'m str),
    Member(&'m str, &'m str, Role, &'m str),
    Relation(&'m str, &'m str, RelationKind),
}

impl Model {
    fn rows(&self) -> Vec<Row<'_>> {
        let schools = self.schools.iter().map(|(key, name)| Row::School(key, name));
        let persons = self.persons.iter().map(|(key, (name, roles, at))| {
            let at: Vec<&str> = at.iter().map(String::as_str).collect();
            Row::Person(key, name, roles.iter().copied().collect(), at.join("\u{1f}"))
        });
        let groups =
            self.groups.iter().map(|(key, (name, kind, at))| Row::Group(key, name, *kind, at));
        let members = self.members.iter();
        let members =
            members.map(|((group, person, role), end)| Row::Member(group, person, *role, end));
        let relations = self.relations.iter();
        let relations = relations.map(|(person, to, kind)| Row::Relation(person, to, *kind));
        schools.chain(persons).chain(groups).chain(members).chain(relations).collect()
    }

    fn roster(&self) -> Roster {
        build(&self.rows())
    }

    /// Without the persons named, nor any link to them.
    fn without(&self, gone: &BTreeSet<String>) -> Model {
        let mut model = self.clone();
        model.persons.retain(|key, _| !gone.contains(key));
        model.members.retain(|(_, person, _), _| !gone.contains(person));
        model.relations.retain(|(person, to, _)| !gone.contains(person) && !gone.contains(to));
        model
    }

    /// Everything that belongs together only where both ends exist.
    fn close(mut self) -> Model {
        let Model { schools, persons, groups, members, relations } = &mut self;
        for (_, _, at) in persons.values_mut() {
            at.retain(|key| schools.contains_key(key));
        }
        for (_, _, at) in groups.values_mut() {
            if !schools.contains_key(at) {
                at.clear();
            }
        }
        members.retain(|(group, person, _), _| {
            groups.contains_key(group) && persons.contains_key(person)
        });
        relations
            .retain(|(person, to, _)| persons.contains_key(person) && persons.contains_key(to));
        self
    }
}

/// Rows in any order, but entities before links.
fn build(rows: &[Row<'_>]) -> Roster {
    let is_link = |row: &&Row<'_>| matches!(row, Row::Member(..) | Row::Relation(..));
    let (links, entities): (Vec<&Row<'_>>, Vec<&Row<'_>>) = rows.iter().partition(is_link);
    let add = |register: Register, row: &Row<'_>| match row {
        Row::School(key, name) => register.school(key, name),
        Row::Person(key, name, roles, at) => register.person(&Person {
            key,
            family_name: name,
            roles: *roles,
            school_keys: at.as_str().into(),
            ..Person::default()
        }),
        Row::Group(key, name, kind, school) => {
            register.group(&Group { name, kind: *kind, ..class(key, school) })
        }
        Row::Member(group, person, role, end) => {
            register.member_from(group, person, *role, ["", end])
        }
        Row::Relation(person, to, kind) => register.relation(person, to, *kind),
    };
    entities.into_iter().chain(links).fold(Register::new(), add).roster()
}

/// Gross numbers of two maps.
fn tally<K: Ord, V: PartialEq>(before: &BTreeMap<K, V>, now: &BTreeMap<K, V>) -> Tally {
    let both = || before.iter().filter_map(|(key, old)| now.get(key).map(|new| (old, new)));
    Tally {
        before: before.len() as u64,
        now: now.len() as u64,
        added: now.keys().filter(|key| !before.contains_key(key)).count() as u64,
        changed: both().filter(|(old, new)| old != new).count() as u64,
        removed: before.keys().filter(|key| !now.contains_key(key)).count() as u64,
    }
}

/// Gross numbers of two sets.
fn sets<K: Ord>(before: &BTreeSet<K>, now: &BTreeSet<K>) -> Tally {
    Tally {
        before: before.len() as u64,
        now: now.len() as u64,
        added: now.difference(before).count() as u64,
        changed: 0,
        removed: before.difference(now).count() as u64,
    }
}

/// The numbers of the part of two maps that belongs to one role, school or kind; data that
/// differ are the whole's matter.
fn gross<K: Ord, V>(
    before: &BTreeMap<K, V>,
    now: &BTreeMap<K, V>,
    belongs: impl Fn(&K, &V) -> bool,
) -> Tally {
    sets(&keys(before, &belongs), &keys(now, &belongs))
}

fn keys<'m, K: Ord, V>(
    map: &'m BTreeMap<K, V>,
    belongs: &impl Fn(&K, &V) -> bool,
) -> BTreeSet<&'m K> {
    map.iter().filter(|(key, value)| belongs(key, value)).map(|(key, _)| key).collect()
}

fn without_changes(tally: Tally) -> Tally {
    Tally { changed: 0, ..tally }
}

#[track_caller]
fn assert_numbers(found: &Counts, before: &Model, now: &Model) {
    assert_eq!(found.schools, tally(&before.schools, &now.schools));
    assert_eq!(found.persons, tally(&before.persons, &now.persons));
    assert_eq!(found.groups, tally(&before.groups, &now.groups));
    assert_eq!(found.memberships, tally(&before.members, &now.members));
    assert_eq!(found.relations, sets(&before.relations, &now.relations));
    for &role in Role::OF_PERSONS {
        let expected =
            gross(&before.persons, &now.persons, |_, (_, roles, _)| roles.contains(&role));
        let found = found.roles.get(&role).copied().unwrap_or_default();
        assert_eq!(without_changes(found), expected, "{role}");
    }
    for &role in Role::OF_MEMBERSHIPS {
        let expected = gross(&before.members, &now.members, |(_, _, of), _| *of == role);
        let found = found.membership_roles.get(&role).copied().unwrap_or_default();
        assert_eq!(without_changes(found), expected, "{role}");
    }
    for &kind in GroupKind::ALL {
        let expected = gross(&before.groups, &now.groups, |_, (_, of, _)| *of == kind);
        let found = found.group_kinds.get(&kind).copied().unwrap_or_default();
        assert_eq!(without_changes(found), expected, "{kind}");
    }
    for school in before.schools.keys().chain(now.schools.keys()) {
        let expected = gross(&before.persons, &now.persons, |_, (_, _, at)| at.contains(school));
        let found = found.by_school.iter().find(|found| found.key == *school);
        let found = found.map_or(Tally::default(), |found| found.persons);
        assert_eq!(without_changes(found), expected, "{school}");
    }
    let gone = before.schools.iter().filter(|(key, _)| !now.schools.contains_key(*key));
    let names: Vec<&String> =
        gone.map(|(key, name)| if name.is_empty() { key } else { name }).collect();
    assert_eq!(found.schools_gone.iter().collect::<Vec<_>>(), names);
}

/// Keys that are the beginning of others, with what sorts oddly.
const KEYS: [&str; 12] = [
    "a",
    "a b",
    "aa",
    "ab",
    "a😀",
    "å",
    "åa",
    "ä",
    "Ö",
    "z",
    "abcdefghijklmnop",
    "abcdefghijklmnopq",
];
const NAMES: [&str; 4] = ["", "Ekholm", "Ek holm", "Öst"];

fn any_key() -> impl Strategy<Value = String> {
    select(&KEYS[..]).prop_map(str::to_owned)
}

fn model() -> impl Strategy<Value = Model> {
    let name = || select(&NAMES[..]).prop_map(str::to_owned);
    let kind = select(GroupKind::ALL);
    let some = |words: &'static [Role]| subsequence(words.to_vec(), 1..=2);
    let at = || proptest::collection::btree_set(any_key(), 0..3);
    let roles = some(Role::OF_PERSONS).prop_map(|roles| roles.into_iter().collect());
    let end = select(vec!["", "2026-06-11", "2026-12-18"]).prop_map(str::to_owned);
    let member = (any_key(), any_key(), select(Role::OF_MEMBERSHIPS));
    let relation = (any_key(), any_key(), select(RelationKind::ALL));
    (
        proptest::collection::btree_map(any_key(), name(), 1..8),
        proptest::collection::btree_map(any_key(), (name(), roles, at()), 0..12),
        proptest::collection::btree_map(any_key(), (name(), kind, any_key()), 0..12),
        proptest::collection::btree_map(member, end, 0..40),
        proptest::collection::btree_set(relation, 0..20),
    )
        .prop_map(|(schools, persons, groups, members, relations)| {
            Model { schools, persons, groups, members, relations }.close()
        })
}

/// What a list of changes makes of yesterday's lines.
fn apply(before: &Roster, now: &Roster) -> BTreeMap<(Kind, String), String> {
    let mut told: BTreeMap<(Kind, String), String> = BTreeMap::new();
    let identity = |kind: Kind, line: &str| {
        let fields = if matches!(kind, Kind::Membership | Kind::Relation) { 3 } else { 1 };
        (kind, line.split('\t').take(fields).collect::<Vec<_>>().join("\t"))
    };
    for kind in snapshot::ORDER {
        before.each_line(kind, |line| drop(told.insert(identity(kind, line), line.to_owned())));
    }
    let (bytes, hidden) = (packed(before), BTreeSet::new());
    let mut reader = Reader::open(bytes.as_slice()).expect("just written");
    let view = View { carried: ALL, hidden: &hidden };
    diff(now, Some(&mut reader), &view, |change| {
        let kind = change.kind;
        let changed = match (change.operation, change.before, change.now) {
            (Operation::Add, None, Some(line)) => {
                told.insert(identity(kind, line), line.to_owned()).is_none()
            }
            (Operation::Remove, Some(line), None) => {
                told.remove(&identity(kind, line)).as_deref() == Some(line)
            }
            (Operation::Change, Some(old), Some(new)) => {
                assert_eq!(identity(kind, old), identity(kind, new));
                told.insert(identity(kind, new), new.to_owned()).as_deref() == Some(old)
            }
            _ => false,
        };
        assert!(changed, "each change fits what was told before it");
    })
    .expect("just written");
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn numbers_agree_with_a_naive_model(before in model(), now in model()) {
        assert_numbers(&counts(&before.roster(), &now.roster()), &before, &now);
    }

    #[test]
    fn a_first_delivery_is_compared_with_nothing(now in model()) {
        let hidden = BTreeSet::new();
        let view = View { carried: ALL, hidden: &hidden };
        let found = diff::<&[u8]>(&now.roster(), None, &view, |change| {
            assert!(change.before.is_none() && change.operation == Operation::Add);
        });
        assert_numbers(&found.expect("no baseline, no fault").0, &Model::default(), &now);
    }

    #[test]
    fn applying_every_change_gives_the_new_roster(before in model(), now in model()) {
        let (before, now) = (before.roster(), now.roster());
        let told = apply(&before, &now);
        let mut expected = lines(&now);
        let mut found: Vec<String> =
            told.into_iter().map(|((kind, _), line)| format!("{kind}\t{line}")).collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nothing_changes_between_a_roster_and_itself(now in model()) {
        let roster = now.roster();
        let found = counts(&roster, &roster);
        let tallies = [found.schools, found.persons, found.groups, found.memberships, found.relations];
        for tally in tallies {
            prop_assert_eq!((tally.added, tally.changed, tally.removed), (0, 0, 0));
            prop_assert_eq!(tally.before, tally.now);
        }
    }

    #[test]
    fn shuffled_rows_give_the_same_snapshot(
        (sorted, shuffled) in model().prop_flat_map(|model| {
            let places: Vec<usize> = (0..model.rows().len()).collect();
            (Just(model), Just(places).prop_shuffle())
        }),
    ) {
        let rows = sorted.rows();
        let mixed: Vec<Row<'_>> = shuffled.iter().map(|&at| rows[at].clone()).collect();
        prop_assert_eq!(packed(&build(&mixed)), packed(&sorted.roster()));
    }

    #[test]
    fn hidden_persons_are_as_if_they_had_never_been_told(
        before in model(), now in model(), hidden in proptest::collection::btree_set(any_key(), 0..5),
    ) {
        let now = now.without(&hidden);
        let bytes = packed(&before.roster());
        let mut reader = Reader::open(bytes.as_slice()).expect("just written");
        let view = View { carried: ALL, hidden: &hidden };
        let result = diff(&now.roster(), Some(&mut reader), &view, |change| {
            let persons = match change.kind {
                Kind::School | Kind::Group => 0..0,
                Kind::Person => 0..1,
                Kind::Membership => 1..2,
                Kind::Relation => 0..2,
            };
            for line in [change.before, change.now].into_iter().flatten() {
                let fields: Vec<&str> = line.split('\t').collect();
                assert!(fields[persons.clone()].iter().all(|key| !hidden.contains(*key)));
            }
        });
        let (found, number) = result.expect("just written");
        let met = before.persons.keys().filter(|key| hidden.contains(*key)).count() as u64;
        prop_assert_eq!(number, met);
        assert_numbers(&found, &before.without(&hidden), &now);
    }

    #[test]
    fn more_removed_persons_never_turn_hold_into_pass(
        before in model(), first in proptest::collection::btree_set(any_key(), 0..6), more in any_key(),
    ) {
        let settings: Settings = toml::from_str("always-allow = 1").expect("limits");
        let limits = Limits::resolve(&settings, &Settings::default());
        let verdict = |gone: &BTreeSet<String>| {
            let numbers = counts(&before.roster(), &before.without(gone).roster());
            judge(&numbers, &Circumstances::default(), &limits)
        };
        let mut all = first.clone();
        all.insert(more);
        prop_assert!(verdict(&first) == Verdict::Pass || verdict(&all) != Verdict::Pass);
    }
}

#[test]
fn two_hundred_gone_and_two_hundred_new_are_four_hundred_changes() {
    let keys = |letter: char| (0..200).map(|n| format!("{letter}{n:03}")).collect::<Vec<_>>();
    let town =
        |keys: &[String]| Register::new().persons(keys.iter().map(|key| pupil(key, ""))).roster();
    let found = counts(&town(&keys('a')), &town(&keys('b')));
    let swapped = Tally { before: 200, now: 200, added: 200, changed: 0, removed: 200 };
    assert_eq!(found.persons, swapped);
    assert_eq!(found.roles[&Role::Learner], swapped);
}

/// One person, group and membership, each with every field that a receiver may not see.
fn seen(roles: Roles, kind: GroupKind, text: &str, end: &str, school: &str) -> Roster {
    let mut person = Person { roles, ..pupil("p1", "") };
    person.set_schools([school]);
    let group = Group { name: text, kind, ..class("g1", school) };
    Register::new()
        .person(&person)
        .group(&group)
        .member_from("g1", "p1", Role::Learner, ["", end])
        .roster()
}

#[test]
fn what_the_receiver_cannot_see_is_no_change() {
    let before = seen(Roles::of(Role::Learner), GroupKind::Class, "7A", "2026-06-11", "s1");
    let now = seen(Roles::of(Role::Staff), GroupKind::Other, "7B", "2026-12-18", "s2");
    let changed = |carried: Carried| {
        let found = counts_seen(&before, &now, carried);
        [found.persons.changed, found.groups.changed, found.memberships.changed]
    };
    let blind = Carried {
        roles: false,
        schools: false,
        group_kind: false,
        group_school: false,
        group_name: false,
        periods: false,
        ..ALL
    };
    assert_eq!(changed(ALL), [1, 1, 1]);
    assert_eq!(changed(blind), [0, 0, 0]);
    for one in [Carried { roles: true, ..blind }, Carried { schools: true, ..blind }] {
        assert_eq!(changed(one), [1, 0, 0]);
    }
    for one in [
        Carried { group_kind: true, ..blind },
        Carried { group_school: true, ..blind },
        Carried { group_name: true, ..blind },
    ] {
        assert_eq!(changed(one), [0, 1, 0]);
    }
    assert_eq!(changed(Carried { periods: true, ..blind }), [0, 0, 1]);
}

/// The filter still counts a lost role, school or kind that no column shows.
#[test]
fn what_the_receiver_cannot_see_is_counted_for_the_filter_all_the_same() {
    let before = seen(Roles::of(Role::Learner), GroupKind::Class, "7A", "", "s1");
    let now = seen(Roles::of(Role::Staff), GroupKind::Other, "7A", "", "s2");
    let found = counts_seen(&before, &now, Carried { group_rows: true, ..Carried::default() });
    assert_eq!((found.roles[&Role::Learner].removed, found.roles[&Role::Learner].now), (1, 0));
    assert_eq!(found.group_kinds[&GroupKind::Class].removed, 1);
    let schools: Vec<(&str, u64, u64)> = found
        .by_school
        .iter()
        .map(|school| (school.key.as_str(), school.persons.removed, school.persons.added))
        .collect();
    assert_eq!(schools, [("s1", 1, 0), ("s2", 0, 1)]);
}

#[test]
fn a_school_that_is_gone_is_named_by_its_key_where_it_has_no_name() {
    let town = |schools: &[(&str, &str)]| {
        schools.iter().fold(Register::new(), |rows, (key, name)| rows.school(key, name)).roster()
    };
    let found = counts(&town(&[("s1", "Björkskolan"), ("s2", "")]), &town(&[]));
    assert_eq!(found.schools_gone, ["Björkskolan", "s2"]);
}

#[test]
fn a_damaged_baseline_is_an_error_and_never_a_list_of_changes_that_ends_early() {
    let roster = Register::new().persons(["a", "b", "c"].map(|key| pupil(key, ""))).roster();
    let mut bytes = packed(&roster);
    let at = bytes.len() / 2;
    bytes.truncate(at);
    let hidden = BTreeSet::new();
    let view = View { carried: ALL, hidden: &hidden };
    let result = Reader::open(bytes.as_slice())
        .and_then(|mut reader| diff(&roster, Some(&mut reader), &view, |_| ()));
    assert!(result.is_err());
}

/// Entities in key order are what the merge stands on.
#[test]
fn lines_sort_as_their_keys_do_for_every_kind() {
    let mut keys = KEYS;
    keys.sort_unstable();
    let line = |write: &dyn Fn(&mut String)| {
        let mut text = String::new();
        write(&mut text);
        text
    };
    let mut links: Vec<[String; 2]> = Vec::new();
    for first in keys {
        for second in keys {
            let (role, begin, end) = (Role::Learner, "", "");
            let member = Membership { group: first, person: second, role, begin, end };
            let relation = Relation { person: first, to: second, kind: RelationKind::Guardian };
            links
                .push([line(&|out| member.write_line(out)), line(&|out| relation.write_line(out))]);
        }
    }
    assert!(links.is_sorted_by(|a, b| a[0] < b[0] && a[1] < b[1]));
}
