//! Rule 8 at one school of many: what is little of all schools' may be all of one school's. A
//! register that writes a file for each school, or a broken column of one school, shows as this.

use rostergate::pipeline::counts::Counts;
use rostergate::pipeline::safety::{Circumstances, Limits, Settings, Week, judge};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::entity::{Group, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::Role;

use crate::rows::{Register, class, counts, pupil, staff};

const SCHOOLS: usize = 30;
const NAME: &str = "Skola 7";

/// A town of thirty schools: of each, four classes of ten with a teacher each.
struct Town {
    schools: Vec<[String; 2]>,
    /// Key, school and role.
    persons: Vec<(String, String, Role)>,
    /// Key and school.
    groups: Vec<[String; 2]>,
    /// Group, person and role.
    members: Vec<(String, String, Role)>,
}

impl Town {
    fn new() -> Town {
        let (mut persons, mut groups, mut members) = (Vec::new(), Vec::new(), Vec::new());
        for school in 0..SCHOOLS {
            let at = format!("s{school}");
            for class in 0..4 {
                let group = format!("{at}-g{class}");
                groups.push([group.clone(), at.clone()]);
                let teacher = format!("{at}-t{class}");
                members.push((group.clone(), teacher.clone(), Role::Instructor));
                persons.push((teacher, at.clone(), Role::Staff));
                for pupil in 0..10 {
                    let pupil = format!("{at}-p{class}-{pupil}");
                    members.push((group.clone(), pupil.clone(), Role::Learner));
                    persons.push((pupil, at.clone(), Role::Learner));
                }
            }
        }
        let schools = (0..SCHOOLS).map(|n| [format!("s{n}"), format!("Skola {n}")]).collect();
        Town { schools, persons, groups, members }
    }

    fn roster(&self) -> Roster {
        let mut register = Register::new();
        for [key, name] in &self.schools {
            register = register.school(key, name);
        }
        for (key, school, role) in &self.persons {
            let person = if *role == Role::Staff { staff(key, school) } else { pupil(key, school) };
            register = register.person(&person);
        }
        for [key, school] in &self.groups {
            register = register.group(&class(key, school));
        }
        let members = self.members.iter();
        members
            .fold(register, |rows, (group, person, role)| rows.member(group, person, *role))
            .roster()
    }

    fn without_persons(mut self, gone: impl Fn(&str) -> bool) -> Town {
        self.persons.retain(|(key, ..)| !gone(key));
        self.members.retain(|(_, key, _)| !gone(key));
        self
    }
}

fn judged(counts: &Counts, week: Week, limits: &str) -> Vec<Breach> {
    let settings: Settings = toml::from_str(limits).expect("limits");
    let limits = Limits::resolve(&settings, &Settings::default());
    let around = Circumstances { week, ..Circumstances::default() };
    match judge(counts, &around, &limits) {
        Verdict::Pass => Vec::new(),
        Verdict::Hold(breaches) => breaches,
    }
}

fn held(now: &Roster) -> Vec<Breach> {
    judged(&counts(&Town::new().roster(), now), Week::default(), "")
}

fn here(what: Subject) -> Subject {
    Subject::AtSchool(Box::new(what), NAME.into())
}

fn vanished(what: Subject, of: u64) -> Breach {
    Breach::Vanished { subject: here(what), of }
}

#[test]
fn rule_08_one_school_without_its_memberships_is_held() {
    let mut town = Town::new();
    town.members.retain(|(group, ..)| !group.starts_with("s7-"));
    assert_eq!(held(&town.roster()), [vanished(Subject::Memberships, 44)]);
}

#[test]
fn rule_08_one_school_without_its_groups_is_held() {
    let mut town = Town::new();
    town.members.retain(|(group, ..)| !group.starts_with("s7-"));
    town.groups.retain(|[group, _]| !group.starts_with("s7-"));
    let all = [vanished(Subject::Groups, 4), vanished(Subject::Memberships, 44)];
    assert_eq!(held(&town.roster()), all);
}

#[test]
fn rule_08_one_school_without_its_staff_is_held() {
    let town = Town::new().without_persons(|key| key.starts_with("s7-t"));
    assert_eq!(held(&town.roster()), [vanished(Subject::Role(Role::Staff), 4)]);
    // One or two of so few may leave on the same day.
    let town = Town::new().without_persons(|key| ["s7-t0", "s7-t1"].contains(&key));
    assert_eq!(held(&town.roster()), []);
}

#[test]
fn rule_08_the_groups_of_one_school_at_another_are_held() {
    let mut town = Town::new();
    for [group, school] in &mut town.groups {
        if group.starts_with("s7-") {
            "s8".clone_into(school);
        }
    }
    let all = [vanished(Subject::Groups, 4), vanished(Subject::Memberships, 44)];
    assert_eq!(held(&town.roster()), all);
    for [_, school] in &mut town.groups {
        school.clear();
    }
    let found = held(&town.roster());
    assert_eq!(found.iter().filter(|b| matches!(b, Breach::Vanished { .. })).count(), 60);
}

#[test]
fn rule_08_a_school_that_is_gone_whole_is_told_once() {
    let mut town = Town::new().without_persons(|key| key.starts_with("s7-"));
    town.groups.retain(|[group, _]| !group.starts_with("s7-"));
    town.schools.retain(|[key, _]| key != "s7");
    let gone = Breach::Vanished { subject: Subject::School(NAME.into()), of: 44 };
    assert_eq!(held(&town.roster()), [gone]);
}

#[test]
fn rule_08_a_school_does_not_lose_its_groups_by_and_by_in_a_week() {
    let after = |classes: usize| {
        let mut town = Town::new();
        let gone = |group: &str| (0..classes).any(|n| group == format!("s7-g{n}"));
        town.groups.retain(|[group, _]| !gone(group));
        town.members.retain(|(group, ..)| !gone(group));
        town.roster()
    };
    let nights = [counts(&after(0), &after(1)), counts(&after(1), &after(2))];
    let few = "always-allow = 0\nschool = { remove = \"35%\" }";
    assert_eq!(judged(&nights[0], Week::default(), few), []);
    assert_eq!(judged(&nights[1], Week::default(), few), []);
    let week = Week { passed: nights[..1].to_vec(), agreed: Vec::new() };
    let over = |what, count, of| Breach::OverWeek { subject: here(what), count, of, limit: 35_000 };
    let all = [over(Subject::Groups, 2, 4), over(Subject::Memberships, 22, 44)];
    assert_eq!(judged(&nights[1], week, few), all);
}

/// Pupils are many and teachers few: what would be few new pupils are many new teachers.
#[test]
fn rule_08_pupils_who_become_teachers_are_held() {
    let town = Town::new();
    let mut teaching = Town::new();
    let learns = |role: &&(String, String, Role)| role.2 == Role::Learner;
    let pupils = town.members.iter().filter(learns).take(61);
    let more = pupils.map(|(group, pupil, _)| (group.clone(), pupil.clone(), Role::Instructor));
    teaching.members.extend(more);
    let over = |subject, count, limit| Breach::OverPercent {
        subject,
        operation: Operation::Add,
        count,
        of: 120,
        limit,
    };
    let subject = Subject::MembershipRole(Role::Instructor);
    assert_eq!(held(&teaching.roster()), [over(subject, 61, 50_000)]);

    let both = Roles::of(Role::Learner).union(Roles::of(Role::Staff));
    let (mut register, mut promoted) = (Register::new(), 0);
    for (key, school, role) in &town.persons {
        let mut person = if *role == Role::Staff { staff(key, school) } else { pupil(key, school) };
        if *role == Role::Learner && promoted < 31 {
            (person.roles, promoted) = (both, promoted + 1);
        }
        register = register.person(&person);
    }
    let now = register.roster();
    let found = judged(&counts(&town.roster(), &now), Week::default(), "");
    assert!(found.contains(&over(Subject::Role(Role::Staff), 31, 25_000)), "{found:?}");
}

#[test]
fn rule_08_other_names_for_most_schools_are_held() {
    let mut town = Town::new();
    for [_, name] in &mut town.schools {
        name.clear();
    }
    let (subject, operation) = (Subject::Schools, Operation::Change);
    let over = Breach::OverPercent { subject, operation, count: 30, of: 30, limit: 50_000 };
    assert_eq!(held(&town.roster()), [over]);
    let mut town = Town::new();
    town.schools[7][1] = "Nya skolan".to_owned();
    assert_eq!(held(&town.roster()), []);
}

#[test]
fn rule_08_a_group_of_no_school_is_at_none() {
    let group = Group { school: "", ..class("g", "") };
    let before = Register::new().person(&pupil("p", "s1")).group(&group);
    let before = before.member("g", "p", Role::Learner).roster();
    let found = counts(&before, &Register::new().person(&pupil("p", "s1")).roster());
    let parts: Vec<_> = found.by_school[0].parts().filter(|(_, t)| t.removed > 0).collect();
    assert_eq!((found.groups.removed, parts), (1, vec![]));
}
