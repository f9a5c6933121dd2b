//! A small town's register as it changes from night to night.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rostergate::pipeline::plan::Register as Reading;
use rostergate::pipeline::protect::{Pseudonyms, protect};
use rostergate::roster::entity::{Group, Person, Roles};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, Role};

use super::story::Event;
use crate::rows::{Register, class, guardian, pupil, staff};

/// Pupils have numbers below this, staff from it on.
pub(super) const PUPILS: u8 = 30;
const STAFF: u8 = 5;
const GUARDIANS: u8 = 8;
const SCHOOLS: u8 = 3;
const GROUPS: u8 = 6;
/// The member of staff who is the guardian of a pupil, too, and of which.
const BOTH: (u8, u8) = (PUPILS, 1);

/// One human in the register.
#[derive(Clone)]
struct Soul {
    key: String,
    school: u8,
    names: u8,
    username: String,
    protected: bool,
}

/// The register.
#[derive(Clone, Default)]
pub(super) struct Town {
    souls: BTreeMap<u8, Soul>,
    schools: BTreeSet<u8>,
    /// Teaching groups, each with its last day where it has one.
    groups: BTreeMap<u8, Option<Date>>,
    members: BTreeSet<(u8, u8)>,
    rekeyed: u8,
    names: u8,
    /// Of tonight's export only: rows with a fault, the share that is there, a broken column.
    faulty: BTreeSet<u8>,
    share: Option<u8>,
    all_marked: bool,
}

impl Town {
    /// Every school with its class and staff, and so many pupils.
    pub(super) fn of(pupils: u8) -> Town {
        let mut town = Town { schools: (0..SCHOOLS).collect(), ..Town::default() };
        for number in (0..pupils).chain(PUPILS..PUPILS + STAFF) {
            town.join(number, number % SCHOOLS);
        }
        for group in 0..3 {
            town.groups.insert(group, None);
        }
        for pupil in 0..pupils {
            town.members.insert((pupil % 3, pupil));
        }
        town
    }

    fn join(&mut self, number: u8, school: u8) {
        let school = if self.schools.contains(&school) { Some(school) } else { None };
        let Some(school) = school.or(self.schools.first().copied()) else { return };
        let soul = || Soul {
            key: format!("{}{number:02}", if number < PUPILS { 'p' } else { 't' }),
            school,
            names: 0,
            username: format!("u{number}"),
            protected: false,
        };
        self.souls.entry(number).or_insert_with(soul);
    }

    fn leave(&mut self, number: u8) {
        self.souls.remove(&number);
        self.members.retain(|(_, person)| *person != number);
    }

    /// What happens in the register, or to one export of it.
    pub(super) fn live(&mut self, event: &Event, today: Date) {
        let anybody = |number: &u8| number % (PUPILS + STAFF);
        match event {
            Event::Join(who, school) => self.join(anybody(who), school % SCHOOLS),
            Event::Leave(who) => self.leave(anybody(who)),
            Event::Move(who, school) => {
                let school = school % SCHOOLS;
                if let Some(soul) = self.souls.get_mut(&anybody(who))
                    && self.schools.contains(&school)
                {
                    soul.school = school;
                }
            }
            Event::Rename(who) => self.change(anybody(who), |soul| soul.names += 1),
            Event::TakeName(who, of) => {
                let name = format!("u{}", anybody(of));
                self.change(anybody(who), |soul| soul.username = name);
            }
            Event::HandName(from, to) => {
                let (from, to) = (anybody(from), anybody(to));
                if let Some(soul) = self.souls.get_mut(&from).filter(|_| from != to) {
                    let old = std::mem::replace(&mut soul.username, format!("n{}", self.names));
                    self.names += 1;
                    self.change(to, |soul| soul.username = old);
                }
            }
            Event::Rekey(who) => {
                self.rekeyed += 1;
                let key = format!("q{:02}", self.rekeyed);
                self.change(anybody(who), |soul| soul.key = key);
            }
            Event::Protect(who) => self.change(anybody(who), |soul| soul.protected = true),
            Event::Unprotect(who) => self.change(anybody(who), |soul| soul.protected = false),
            Event::Faulty(who) => {
                self.faulty.insert(anybody(who));
            }
            Event::Cut(share) => self.share = Some(share % 100),
            Event::AllMarked => self.all_marked = true,
            Event::OpenGroup(group) => {
                self.groups.insert(group % GROUPS, None);
            }
            Event::EndGroup(group) => {
                let last = today.tomorrow().expect("within the calendar");
                self.groups.entry(group % GROUPS).and_modify(|end| *end = Some(last));
            }
            Event::CloseGroup(group) => {
                self.groups.remove(&(group % GROUPS));
                self.members.retain(|(known, _)| *known != group % GROUPS);
            }
            Event::Enter(who, group) => {
                let (who, group) = (who % PUPILS, group % GROUPS);
                if self.souls.contains_key(&who) && self.groups.contains_key(&group) {
                    self.members.insert((group, who));
                }
            }
            Event::Exit(who, group) => {
                self.members.remove(&(group % GROUPS, who % PUPILS));
            }
            Event::CloseSchool(school) => self.close(school % SCHOOLS),
            Event::OpenSchool(school) => {
                self.schools.insert(school % SCHOOLS);
            }
            _ => {}
        }
    }

    /// What was only of tonight's export is over.
    pub(super) fn morning(&mut self) {
        self.faulty.clear();
        self.share = None;
        self.all_marked = false;
    }

    fn change(&mut self, who: u8, change: impl FnOnce(&mut Soul)) {
        if let Some(soul) = self.souls.get_mut(&who) {
            change(soul);
        }
    }

    /// Its pupils and staff are gone with it, and its groups.
    fn close(&mut self, school: u8) {
        if self.schools.len() == 1 {
            return;
        }
        self.schools.remove(&school);
        let at: Vec<u8> =
            self.souls.iter().filter(|(_, soul)| soul.school == school).map(|(&n, _)| n).collect();
        for number in at {
            self.leave(number);
        }
        for group in (0..GROUPS).filter(|group| group % SCHOOLS == school) {
            self.live(&Event::CloseGroup(group), Date::MIN);
        }
    }

    /// Those whose rows tonight's export has, whether they can be used or not.
    fn exported(&self) -> Vec<(u8, &Soul)> {
        let all = self.souls.len() * usize::from(self.share.unwrap_or(100)) / 100;
        self.souls.iter().take(all).map(|(&number, soul)| (number, soul)).collect()
    }

    fn is_marked(&self, number: u8, soul: &Soul) -> bool {
        soul.protected || self.all_marked && number < PUPILS
    }

    fn is_faulty(&self, number: u8, soul: &Soul) -> bool {
        self.faulty.contains(&number) && !self.is_marked(number, soul)
    }

    /// Pupils of a guardian, as numbers.
    fn children(guardian: u8) -> [u8; 3] {
        [0, 1, 2].map(|nth| guardian * 3 + nth)
    }

    /// Keys of everybody who may not be told tonight: those marked, and guardians of nobody else.
    pub(super) fn must_not_be_told(&self) -> BTreeSet<String> {
        let exported = self.exported();
        let marked = exported.iter().filter(|(number, soul)| self.is_marked(*number, soul));
        let mut keys: BTreeSet<String> = marked.map(|(_, soul)| soul.key.clone()).collect();
        for guardian in 0..GUARDIANS {
            let children = Town::children(guardian);
            let mut here = exported.iter().filter(|(number, _)| children.contains(number));
            let mut seen = here.clone().filter(|(number, soul)| !self.is_marked(*number, soul));
            if here.next().is_some() && seen.next().is_none() {
                keys.insert(format!("v{guardian}"));
            }
        }
        keys
    }

    /// Keys of pupils and staff who may be told and whose rows can be used.
    pub(super) fn usable(&self) -> BTreeSet<String> {
        let exported = self.exported().into_iter();
        exported
            .filter(|(number, soul)| {
                !self.is_marked(*number, soul) && !self.is_faulty(*number, soul)
            })
            .map(|(_, soul)| soul.key.clone())
            .collect()
    }

    /// Keys of those whose rows are there and cannot be used.
    pub(super) fn faulty(&self) -> BTreeSet<String> {
        let exported = self.exported().into_iter();
        exported
            .filter(|(number, soul)| self.is_faulty(*number, soul))
            .map(|(_, soul)| soul.key.clone())
            .collect()
    }

    /// Tonight's export, read.
    pub(super) fn read(&self) -> Reading {
        let mut draft = self.rows().draft();
        let protected = protect(&mut draft, &Pseudonyms::new());
        let set_aside = draft.set_aside_rows().clone();
        let persons_read = draft.rows_read(Kind::Person);
        let (roster, issues) = Roster::assemble(draft);
        let rows = 10_000;
        Reading { roster, protected, set_aside, rows, persons_read, garbled_names: 0, issues }
    }

    fn rows(&self) -> Register {
        let exported = self.exported();
        let here: BTreeMap<u8, &Soul> = exported.iter().copied().collect();
        let mut rows = Register::new();
        for school in &self.schools {
            rows = rows.school(&format!("s{school}"), &format!("Skola {school}"));
        }
        for (number, soul) in &exported {
            rows = self.person(rows, *number, soul);
        }
        let guardians: Vec<(u8, Vec<&Soul>)> = (0..GUARDIANS)
            .map(|guardian| {
                let children = Town::children(guardian);
                (guardian, children.iter().filter_map(|child| here.get(child).copied()).collect())
            })
            .filter(|(_, children): &(u8, Vec<_>)| !children.is_empty())
            .collect();
        for (number, _) in &guardians {
            let key = format!("v{number}");
            let person = Person { given_name: "Bo", family_name: "Ek", ..guardian(&key) };
            rows = rows.person(&person);
        }
        rows = self.groups(rows);
        rows = self.links(rows, &here);
        for (number, children) in guardians {
            let key = format!("v{number}");
            rows = children.into_iter().fold(rows, |rows, child| rows.guardian(&key, &child.key));
        }
        match (here.get(&BOTH.0), here.get(&BOTH.1)) {
            (Some(adult), Some(child)) => rows.guardian(&adult.key, &child.key),
            _ => rows,
        }
    }

    fn person(&self, rows: Register, number: u8, soul: &Soul) -> Register {
        if self.is_faulty(number, soul) {
            return rows.set_aside(Kind::Person, &soul.key, "");
        }
        let (school, family) = (format!("s{}", soul.school), format!("Alm{number}x{}", soul.names));
        let email = format!("u{number}@elev.example");
        let blank =
            if number < PUPILS { pupil(&soul.key, &school) } else { staff(&soul.key, &school) };
        let mut person = Person {
            given_name: "Kim",
            family_name: &family,
            email: &email,
            username: &soul.username,
            ..blank
        };
        if number == BOTH.0 {
            person.roles = person.roles.union(Roles::of(Role::Guardian));
        }
        if self.is_marked(number, soul) { rows.protected(&person) } else { rows.person(&person) }
    }

    fn groups(&self, rows: Register) -> Register {
        let rows = self.schools.iter().fold(rows, |rows, school| {
            rows.group(&class(&format!("k{school}"), &format!("s{school}")))
        });
        self.groups.iter().fold(rows, |rows, (group, end)| {
            let (key, school) = (format!("g{group}"), format!("s{}", group % SCHOOLS));
            let school =
                if self.schools.contains(&(group % SCHOOLS)) { school } else { String::new() };
            let end = end.map(|end| end.to_string()).unwrap_or_default();
            let kind = GroupKind::Teaching;
            rows.group(&Group { kind, end: &end, ..class(&key, &school) })
        })
    }

    fn links(&self, mut rows: Register, here: &BTreeMap<u8, &Soul>) -> Register {
        for (&number, soul) in here {
            let (class, role) = (format!("k{}", soul.school), role_in_class(number));
            rows = rows.member(&class, &soul.key, role);
        }
        for (group, number) in &self.members {
            if let (Some(soul), true) = (here.get(number), self.groups.contains_key(group)) {
                rows = rows.member(&format!("g{group}"), &soul.key, Role::Learner);
            }
        }
        for group in self.groups.keys() {
            if let Some(teacher) = here.get(&(PUPILS + group % STAFF)) {
                rows = rows.member(&format!("g{group}"), &teacher.key, Role::Instructor);
            }
        }
        rows
    }
}

fn role_in_class(number: u8) -> Role {
    if number < PUPILS { Role::Learner } else { Role::Mentor }
}
