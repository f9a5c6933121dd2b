//! F15: the same human or group under another key is found by everything but the key, once, and
//! only where nobody else could be meant.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read};

use jiff::civil::date;
use proptest::prelude::*;
use rostergate::formats::Format;
use rostergate::pipeline::counts::{Rekeyed, Tally};
use rostergate::pipeline::delay::Calendar;
use rostergate::pipeline::diff::Difference;
use rostergate::pipeline::keys::GroupKeys;
use rostergate::pipeline::plan::{Input, Model, Plan, Purpose, Register as Reading, plan};
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::pipeline::rekey::{Lines, Pair, Turnover, counted, rekeyed};
use rostergate::pipeline::safety::{Circumstances, Limits, Settings};
use rostergate::pipeline::season::Season;
use rostergate::pipeline::select::{Choice, Selection};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::entity::{Group, Membership, Person, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use crate::rows::{Register, class, packed, pupil};

const EVERYTHING: &str = "201806132385";
const OTHER: &str = "200601312382";

fn line(person: &Person<'_>) -> String {
    let mut line = String::new();
    person.write_line(&mut line);
    line
}

fn anna(key: &str) -> Person<'_> {
    Person {
        given_name: "Anna",
        family_name: "Alm",
        school_keys: Cow::Borrowed("s1"),
        roles: Roles::of(Role::Learner),
        key,
        ..Person::default()
    }
}

fn keys(missing: &[Person<'_>], new: &[Person<'_>]) -> Vec<String> {
    let [missing, new] = [missing, new].map(|all| all.iter().map(line).collect::<Vec<_>>());
    let of = |lines| Lines { persons: lines, ..Lines::default() };
    rekeyed(&of(lent(&missing)), &of(lent(&new))).iter().map(|pair| pair.keys().join(">")).collect()
}

#[track_caller]
fn check(what: &str, missing: Person<'_>, new: Person<'_>, same: bool) {
    let expected = if same { vec![format!("{}>{}", missing.key, new.key)] } else { vec![] };
    assert_eq!(keys(&[missing], &[new]), expected, "{what}");
}

#[test]
fn f15_a_human_is_known_by_everything_but_the_key() {
    let bare = |key| Person { key, ..Person::default() };
    let number = |key, personal_number| Person { personal_number, ..bare(key) };
    let user = |key, username| Person { username, ..bare(key) };
    let mail = |key, email| Person { email, ..bare(key) };
    let born = |key, personal_number| Person { personal_number, ..anna(key) };
    check("personal number", number("a", EVERYTHING), number("b", EVERYTHING), true);
    check("another personal number", number("a", EVERYTHING), number("b", OTHER), false);
    check("user name", user("a", "annalm"), user("b", "annalm"), true);
    check("user name in capitals", user("a", "annalm"), user("b", "AnnAlm"), true);
    check("another user name", user("a", "annalm"), user("b", "annaln"), false);
    check("e-mail", mail("a", "anna@elev.example"), mail("b", "Anna@Elev.example"), true);
    check("another e-mail", mail("a", "anna@elev.example"), mail("b", "a@elev.example"), false);
    check("no field at all", bare("a"), bare("b"), false);
    check("a name alone", anna("a"), anna("b"), false);
    check("name, birth date, school", born("a", "20180613TF18"), born("b", "201806132385"), true);
    let moved = Person { school_keys: Cow::Borrowed("s2"), ..born("b", "201806132385") };
    check("no common school", born("a", "20180613TF18"), moved, false);
    let both = Person { school_keys: Cow::Borrowed("s1\u{1f}s2"), ..born("b", "201806132385") };
    check("one of two schools", born("a", "20180613TF18"), both, true);
    check("another birth date", born("a", "20180613TF18"), born("b", OTHER), false);
    let renamed = Person { family_name: "Ek", ..born("b", "201806132385") };
    check("another name", born("a", "20180613TF18"), renamed, false);
}

/// The target is seldom told the personal number, but in many registers it is the key.
#[test]
fn f15_an_interim_number_as_key_that_becomes_a_personnummer_is_the_same_child() {
    check("the key", anna("20180613-TF18"), anna("20180613-2385"), true);
    check("without a dash", anna("20180613TF18"), anna("201806132385"), true);
    check("coordination number", anna("19701003TF18"), anna("197010632391"), true);
    check("twins of one name", anna("201006142382"), anna("201006142390"), false);
    check("with a dash from now on", anna("201806132385"), anna("20180613-2385"), true);
}

#[test]
fn f15_two_personnummer_are_two_humans_whatever_they_share() {
    let of = |key, personal_number| Person {
        personal_number,
        username: "annalm",
        email: "anna@elev.example",
        ..anna(key)
    };
    check("two numbers", of("a", EVERYTHING), of("b", OTHER), false);
    check("a user name that went on", of("a", EVERYTHING), of("b", "20060131TF18"), false);
    check("one number", of("a", EVERYTHING), of("b", EVERYTHING), true);
    check("an interim number first", of("a", "20180613TF18"), of("b", EVERYTHING), true);
    check("one is not known", of("a", ""), of("b", EVERYTHING), true);
}

#[test]
fn f15_a_key_written_in_another_way_is_the_same_key() {
    for (before, now) in [
        ("0123", "123"),
        ("elev-7", "ELEV-7"),
        ("elev 7", "elev7"),
        (" 77", "77"),
        ("20-77", "2077"),
        ("a.b_c", "ABC"),
    ] {
        check(before, anna(before), anna(now), true);
        check(before, anna(now), anna(before), true);
        let bo = Person { given_name: "Bo", ..anna(now) };
        check("but not for another name", anna(before), bo, false);
    }
    check("another key", anna("0123"), anna("124"), false);
    check("nothing but zeros", anna("00"), anna("0"), false);
}

#[test]
fn f15_where_two_could_be_meant_nobody_is() {
    let born = |key, personal_number| Person { personal_number, ..anna(key) };
    let two = [born("b", "201006142382"), born("c", "201006142390")];
    assert_eq!(keys(&[born("a", "20100614TF18")], &two), [""; 0]);
    let user = |key| Person { key, username: "annalm", ..Person::default() };
    assert_eq!(keys(&[user("a"), user("b")], &[user("c")]), [""; 0]);
    let family = |key, given_name| Person { key, given_name, email: "alm@x.example", ..anna(key) };
    let given = |person: Person<'static>, username| Person { username, ..person };
    let missing = [given(family("a", "Anna"), "anna"), given(family("b", "Bo"), "bo")];
    let new = [given(family("c", "Bo"), "bo"), given(family("d", "Anna"), "anna")];
    assert_eq!(keys(&missing, &new), ["a>d", "b>c"], "the surer evidence decides");
    let number = |key| Person { key, personal_number: EVERYTHING, ..Person::default() };
    let shared = keys(&[number("a"), number("b")], &[number("c")]);
    assert_eq!(shared, ["a>c"], "a personal number is one human, however often it stands there");
}

fn group_line(group: &Group<'_>) -> String {
    let mut line = String::new();
    group.write_line(&mut line);
    line
}

fn member_lines(group: &str, persons: &[&str]) -> Vec<String> {
    let role = Role::Learner;
    let write = |&person: &&str| {
        let mut line = String::new();
        Membership { group, person, role, begin: "", end: "" }.write_line(&mut line);
        line
    };
    persons.iter().map(write).collect()
}

fn lent(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// Whether two groups with these members are the same one.
fn same_group(a: (&Group<'_>, &[&str]), b: (&Group<'_>, &[&str])) -> bool {
    let [first, second] =
        [a, b].map(|(group, persons)| (vec![group_line(group)], member_lines(group.key, persons)));
    let [missing, new] = [&first, &second].map(|(groups, memberships)| Lines {
        persons: Vec::new(),
        groups: lent(groups),
        memberships: lent(memberships),
    });
    let pairs = rekeyed(&missing, &new);
    assert!(pairs.iter().all(|pair| pair.kind == Kind::Group && pair.keys() == [a.0.key, b.0.key]));
    counted(&pairs).groups == 1
}

#[test]
fn f15_a_group_is_known_by_name_kind_school_and_term() {
    let of = |key, term| Group { name: "1A", term, ..class(key, "s1") };
    let check = |what: &str, a: Group<'_>, b: Group<'_>, same: bool| {
        assert_eq!(same_group((&a, &[]), (&b, &[])), same, "{what}");
    };
    check("all alike", of("a", "2026/2027"), of("b", "2026/2027"), true);
    check("another term", of("a", "2026/2027"), of("b", "2027/2028"), false);
    check(
        "another name",
        of("a", "2026/2027"),
        Group { name: "1B", ..of("b", "2026/2027") },
        false,
    );
    check(
        "another school",
        of("a", "2026/2027"),
        Group { school: "s2", ..of("b", "2026/2027") },
        false,
    );
    let other = |key| Group { kind: GroupKind::Other, ..of(key, "2026/2027") };
    check("another kind", of("a", "2026/2027"), other("b"), false);
    let course = |group: Group<'static>| Group { course: "MATMAT01", ..group };
    check("one course", course(of("a", "2026/2027")), course(other("b")), true);
    let begun = |key, begin| Group { begin, ..of(key, "") };
    check("one first day", begun("a", "2026-08-17"), begun("b", "2026-08-17"), true);
    check("another first day", begun("a", "2026-08-17"), begun("b", "2027-08-16"), false);
    check("a key in capitals", of("kl-1a", ""), of("KL-1A", ""), true);
    check("of another term", of("kl-1a", "2026"), of("KL-1A", "2027"), false);
    check("term, key and members unknown", of("a", ""), of("b", ""), false);
}

/// The file of most targets tells neither term nor dates: class 1A of next year has its name.
#[test]
fn f15_without_a_term_the_members_tell_this_year_from_the_last() {
    let of = |key| Group { name: "1A", ..class(key, "s1") };
    let pupils = ["p1", "p2", "p3", "p4"];
    let same = |before: &[&str], now: &[&str]| same_group((&of("a"), before), (&of("b"), now));
    assert!(same(&pupils, &pupils));
    assert!(same(&pupils, &["p1", "p2", "p3", "x"]), "three of four");
    assert!(!same(&pupils, &["p1", "p2", "x", "y"]), "half is not most");
    assert!(!same(&pupils, &["q1", "q2", "q3", "q4"]), "the pupils of the next year");
    assert!(!same(&pupils[..1], &pupils), "one of four");
    assert!(!same(&pupils, &[]));
}

#[test]
fn f15_members_who_got_new_keys_as_well_are_still_the_members() {
    let of = |key| Group { name: "1A", ..class(key, "s1") };
    let person = |key: &str, username: &str| line(&Person { key, username, ..Person::default() });
    let sides = ["a", "b"].map(|side| {
        let keys = [1, 2, 3].map(|number| format!("{side}{number}"));
        let names = ["ann", "bo", "cim"];
        let persons: Vec<String> = keys.iter().zip(names).map(|(k, n)| person(k, n)).collect();
        let members: Vec<&str> = keys.iter().map(String::as_str).collect();
        (persons, vec![group_line(&of(side))], member_lines(side, &members))
    });
    let [missing, new] = sides.each_ref().map(|(persons, groups, memberships)| Lines {
        persons: lent(persons),
        groups: lent(groups),
        memberships: lent(memberships),
    });
    assert_eq!(counted(&rekeyed(&missing, &new)), Rekeyed { persons: 3, groups: 1 });
}

/// Lists that no diff would show: whoever is told again although the register has lost them.
#[test]
fn f15_lists_are_explicit() {
    let mut turnover = Turnover::default();
    let user = |key| line(&Person { key, username: "annalm", ..Person::default() });
    turnover.new_line(Kind::Person, &user("b"));
    assert_eq!(counted(&turnover.pairs()), Rekeyed::default());
    turnover.missing(Kind::Person, &user("a"));
    turnover.missing(Kind::School, "s1\tA school");
    assert_eq!(turnover.pairs().iter().map(Pair::keys).collect::<Vec<_>>(), [["a", "b"]]);
}

proptest! {
    /// Whoever has evidence of his own is found under any new key, in any order of rows, and
    /// nobody is found twice.
    #[test]
    fn f15_everybody_is_found_once(order in Just((0..60usize).collect::<Vec<_>>()).prop_shuffle()) {
        let texts = |at: usize| [format!("n{at:02}"), format!("user{at}"), format!("p{at}@x.example")];
        let person = |key: String, at: usize| {
            let [_, username, email] = texts(at);
            // One part is known by each kind of evidence, and a part by none.
            let (username, email) = match at % 3 {
                0 => (username, String::new()),
                1 => (String::new(), email),
                _ => (String::new(), String::new()),
            };
            line(&Person { key: &key, username: &username, email: &email, ..Person::default() })
        };
        let missing: Vec<String> = (0..60).map(|at| person(format!("a{at:02}"), at)).collect();
        let new: Vec<String> = order.iter().map(|&at| person(format!("b{at:02}"), at)).collect();
        let of = |lines| Lines { persons: lines, ..Lines::default() };
        let pairs = rekeyed(&of(lent(&missing)), &of(lent(&new)));
        let found: Vec<[&str; 2]> = pairs.iter().map(Pair::keys).collect();
        prop_assert_eq!(found.len(), 40);
        prop_assert!(found.iter().all(|[a, b]| a[1..] == b[1..]));
    }

    /// Evidence that many share costs no more than evidence of one's own.
    #[test]
    fn f15_few_values_for_many_pair_each_at_most_once(
        missing in proptest::collection::vec((0..4u8, 0..4u8, 0..3u8), 0..40),
        new in proptest::collection::vec((0..4u8, 0..4u8, 0..3u8), 0..40),
    ) {
        let lines = |side: &str, all: &[(u8, u8, u8)]| -> Vec<String> {
            all.iter().enumerate().map(|(at, (username, email, number))| {
                let text = |value: &u8| if *value == 0 { String::new() } else { value.to_string() };
                let number = ["", EVERYTHING, OTHER][usize::from(*number)];
                line(&Person {
                    key: &format!("{side}{at:02}x"),
                    username: &text(username),
                    email: &text(email),
                    personal_number: number,
                    ..Person::default()
                })
            }).collect()
        };
        let (missing, new) = (lines("a", &missing), lines("b", &new));
        let of = |lines| Lines { persons: lines, ..Lines::default() };
        let pairs = rekeyed(&of(lent(&missing)), &of(lent(&new)));
        for side in [0, 1] {
            let keys: BTreeSet<&str> = pairs.iter().map(|pair| pair.keys()[side]).collect();
            prop_assert_eq!(keys.len(), pairs.len(), "nobody twice");
        }
        for pair in &pairs {
            let (a, b) = (Person::from_line(pair.missing).expect("a line"), Person::from_line(pair.new).expect("a line"));
            let told = |a: &str, b: &str| !a.is_empty() && a == b;
            prop_assert!(told(a.personal_number, b.personal_number) || told(a.username, b.username) || told(a.email, b.email));
            prop_assert!(a.personal_number.is_empty() || b.personal_number.is_empty() || a.personal_number == b.personal_number);
        }
    }
}

#[test]
fn f15_fifty_thousand_of_one_name_are_compared_at_once() {
    let lines = |side: &str| -> Vec<String> {
        let of = |at: usize| {
            line(&Person {
                key: &format!("{side}{at}"),
                username: "all",
                email: "all@x.example",
                personal_number: "20180613TF18",
                ..anna("")
            })
        };
        (0..50_000).map(of).collect()
    };
    let (missing, new) = (lines("a"), lines("b"));
    let of = |lines| Lines { persons: lines, ..Lines::default() };
    assert_eq!(counted(&rekeyed(&of(lent(&missing)), &of(lent(&new)))).persons, 50_000);
}

fn ims() -> Format {
    let text = "[ims-enterprise]\ndialect = \"itslearning\"\nsource = \"Exempelstad\"\n\
                username = \"username\"\nfile-name = \"ims.xml\"\n";
    toml::from_str(text).expect("a format")
}

/// 300 pupils in ten classes; of `upgraded` pupils and classes the register changes the keys.
fn town(upgraded: usize, classes: usize) -> Register {
    let keys: Vec<[String; 3]> = (0..300)
        .map(|at| {
            let key = if at < upgraded { format!("{at:06}") } else { format!("0{at:06}") };
            [key, format!("user{at:03}"), format!("Alm{at}")]
        })
        .collect();
    let groups: Vec<[String; 2]> = (0..10)
        .map(|at| {
            [if at < classes { format!("ny-{at}") } else { format!("kl-{at}") }, format!("{at}A")]
        })
        .collect();
    let mut rows = Register::new().school("s1", "Björkskolan");
    for [key, username, family_name] in &keys {
        rows =
            rows.person(&Person { given_name: "Anna", family_name, username, ..pupil(key, "s1") });
    }
    for [key, name] in &groups {
        rows = rows.group(&Group { name, ..class(key, "s1") });
    }
    for (at, [key, ..]) in keys.iter().enumerate() {
        rows = rows.member(&groups[at / 30][0], key, Role::Learner);
    }
    rows
}

fn reading(register: Register) -> Reading {
    let mut draft = register.draft();
    let protected = protect(&mut draft, &Pseudonyms::new());
    let persons_read = draft.rows_read(Kind::Person);
    let (roster, issues) = Roster::assemble(draft);
    let set_aside = BTreeSet::new();
    Reading { roster, protected, set_aside, rows: 10_000, persons_read, garbled_names: 0, issues }
}

fn planned(before: &Roster, now: Register, limits: &str) -> Plan {
    let bytes = packed(before);
    let open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(io::Cursor::new(bytes.clone()))) };
    let settings: Settings = toml::from_str(limits).expect("limits");
    plan(Input {
        register: &reading(now),
        selection: &Selection {
            schools: Choice::All,
            years: Choice::All,
            roles: Role::OF_PERSONS.iter().copied().collect(),
            groups: GroupKind::ALL.iter().copied().collect(),
            send: BTreeSet::new(),
            group_keys: GroupKeys::default(),
        },
        format: &ims(),
        limits: &Limits::resolve(&settings, &Settings::default()),
        model: Model::Known(&open),
        other_encoding: None,
        around: Circumstances::default(),
        calendar: Calendar { season: &Season::default(), pending: &[], today: date(2026, 11, 21) },
        purpose: Purpose::Tonight,
    })
    .expect("a plan")
}

/// What the target was told of the town before the upgrade.
fn told() -> Roster {
    planned(&Register::new().roster(), town(0, 0), "").feed.roster
}

/// An upgrade that eats leading zeros: totals are the same, every limit on removals is wide.
#[test]
fn f15_a_register_that_changes_its_keys_is_held_and_the_pairs_are_listed() {
    let wide = "persons = { remove = \"30%\" }\nlearners = { remove = \"30%\" }\n\
                memberships = { remove = \"50%\" }\nalways-allow = 0";
    let plan = planned(&told(), town(4, 0), wide);
    let expected = Breach::Rekeyed { subject: Subject::Persons, count: 4, of: 300, limit: 1000 };
    assert_eq!(plan.verdict, Verdict::Hold(vec![expected]));
    let counts = &plan.feed.counts;
    assert_eq!(counts.rekeyed, Rekeyed { persons: 4, groups: 0 });
    let persons = Tally { before: 300, now: 300, added: 4, changed: 0, removed: 4 };
    assert_eq!(counts.persons, persons, "each is counted as removed and added, too");
    for row in [
        "person;remove;0000003;Anna Alm3;s1;",
        "person;add;000003;Anna Alm3;s1;",
        "person;rekeyed;0000003;Anna Alm3;s1;000003",
    ] {
        assert!(plan.changes.lines().any(|line| line == row), "{row} in\n{}", plan.changes);
    }
    assert_eq!(plan.changes.matches(";rekeyed;").count(), 4);
    let plan = planned(&told(), town(3, 0), wide);
    assert_eq!((plan.feed.counts.rekeyed.persons, plan.verdict), (3, Verdict::Pass), "1 percent");
}

#[test]
fn f15_groups_under_new_keys_are_held_by_their_members() {
    let wide = "groups = { remove = \"50%\" }\nmemberships = { remove = \"50%\" }\n\
                always-allow = 0\nrekeyed = \"30%\"\nschool = { remove = \"60%\" }";
    let plan = planned(&told(), town(0, 3), wide);
    assert_eq!((plan.feed.counts.rekeyed.groups, &plan.verdict), (3, &Verdict::Pass));
    assert!(plan.changes.contains("group;rekeyed;kl-2;2A;s1;ny-2\n"), "{}", plan.changes);
    let plan = planned(&told(), town(0, 4), wide);
    let expected = Breach::Rekeyed { subject: Subject::Groups, count: 4, of: 10, limit: 30_000 };
    assert_eq!(plan.verdict, Verdict::Hold(vec![expected]));
}

/// A new school year: classes of the same names with other keys and other pupils.
#[test]
fn f15_the_classes_of_a_new_school_year_are_not_those_of_the_last() {
    let keys: Vec<String> = (0..300).map(|at| format!("0{at:06}")).collect();
    let names: Vec<[String; 2]> =
        (0..10).map(|at| [format!("h27-{at}"), format!("{at}A")]).collect();
    let mut rows = Register::new().school("s1", "Björkskolan");
    for key in &keys {
        rows = rows.person(&pupil(key, "s1"));
    }
    for [key, name] in &names {
        rows = rows.group(&Group { name, ..class(key, "s1") });
    }
    for (at, key) in keys.iter().enumerate() {
        rows = rows.member(&names[(at / 30 + 1) % 10][0], key, Role::Learner);
    }
    let plan = planned(&told(), rows, "");
    assert_eq!(plan.feed.counts.groups.removed, 10);
    assert_eq!(plan.feed.counts.rekeyed, Rekeyed::default());
}

/// Every person is told as before, but under a key that was another's: no key is gone or new.
#[test]
fn f15_keys_that_were_exchanged_among_those_who_stay_are_counted() {
    let human = |key: &'static str, username: &'static str| Person { username, ..anna(key) };
    let exchanged = |before: [Person<'_>; 3], now: [Person<'_>; 3]| {
        let mut turnover = Turnover::default();
        for (before, now) in before.iter().map(line).zip(now.iter().map(line)) {
            let (before, now) = (Some(before.as_str()), Some(now.as_str()));
            let (kind, operation) = (Kind::Person, Operation::Change);
            turnover.note(&Difference { kind, operation, before, now });
        }
        (turnover.exchanged(), turnover.pairs().len())
    };
    let before = || [human("a", "alm"), human("b", "berg"), human("c", "ceder")];
    let swapped = [human("a", "Berg"), human("b", "alm"), human("c", "ceder")];
    assert_eq!(exchanged(before(), swapped), (2, 0));
    let turned = [human("a", "berg"), human("b", "ceder"), human("c", "alm")];
    assert_eq!(exchanged(before(), turned), (3, 0));
    let renamed = [human("a", "almgren"), human("b", ""), human("c", "CEDER")];
    assert_eq!(exchanged(before(), renamed), (0, 0));
}
