//! A small town's register, and what it leaves in its drop folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use super::story::Event;
use crate::support::sshd::put;

/// Pupils have numbers below this, staff from it on.
const PUPILS: u8 = 30;
const STAFF: u8 = 4;
const SCHOOLS: u8 = 3;
const GROUPS: u8 = 4;
/// The file that the register writes last.
const DONE: &str = "klar";

/// One pupil or member of staff.
#[derive(Clone)]
struct Soul {
    school: u8,
    names: u32,
    keys: u32,
    protected: bool,
}

/// The register.
#[derive(Clone, Default)]
pub(super) struct Town {
    souls: BTreeMap<u8, Soul>,
    schools: BTreeSet<u8>,
    /// How often the groups of each school got new keys.
    turns: BTreeMap<u8, u32>,
    members: BTreeSet<(u8, u8)>,
    /// How often anything has changed: told to everybody by the name of one person.
    pub(super) edition: u32,
}

/// What an export says, for those who judge what becomes of it.
#[derive(Clone, Default, Debug)]
pub(super) struct Says {
    pub(super) edition: u32,
    /// Keys of everybody who may not be told.
    pub(super) hidden: BTreeSet<String>,
    /// Keys of everybody else.
    pub(super) told: BTreeSet<String>,
    /// Keys of groups; those with a hidden member may be left out.
    pub(super) groups: BTreeMap<String, bool>,
    /// Keys of persons whose rows cannot be used.
    pub(super) aside: BTreeSet<String>,
    /// Group and person, of everybody who is told.
    pub(super) members: BTreeSet<(String, String)>,
}

/// The files of one night, by name.
#[derive(Clone, Default)]
pub(super) struct Files {
    pub(super) csv: BTreeMap<&'static str, String>,
    pub(super) says: Says,
}

fn key(number: u8, soul: &Soul) -> String {
    let sort = if number < PUPILS { "elevk" } else { "perso" };
    format!("{sort}{number:02}x{}", soul.keys)
}

fn guardian_of(pupil: u8) -> u8 {
    pupil / 3
}

impl Town {
    /// Every school with its staff, and so many pupils.
    pub(super) fn of(pupils: u8) -> Town {
        let mut town = Town { schools: (0..SCHOOLS).collect(), ..Town::default() };
        for number in (0..pupils).chain(PUPILS..PUPILS + STAFF) {
            town.join(number, number % SCHOOLS);
            town.members.insert((number % GROUPS, number));
        }
        town
    }

    fn join(&mut self, number: u8, school: u8) {
        let known = self.schools.contains(&school).then_some(school);
        let Some(school) = known.or(self.schools.first().copied()) else { return };
        let soul = Soul { school, names: 0, keys: 0, protected: false };
        self.souls.entry(number).or_insert(soul);
    }

    fn leave(&mut self, number: u8) {
        self.souls.remove(&number);
        self.members.retain(|(_, person)| *person != number);
    }

    /// A key of somebody who is, or could be, in the register.
    pub(super) fn key_of(&self, who: u8) -> Option<String> {
        let number = who % (PUPILS + STAFF);
        self.souls.get(&number).map(|soul| key(number, soul))
    }

    /// What happens in the register.
    pub(super) fn live(&mut self, event: &Event) {
        let who = |number: &u8| number % (PUPILS + STAFF);
        self.edition += 1;
        match event {
            Event::Join(number, school) => self.join(who(number), school % SCHOOLS),
            Event::Leave(number) => self.leave(who(number)),
            Event::Move(number, school) if self.schools.contains(&(school % SCHOOLS)) => {
                self.change(who(number), |soul| soul.school = school % SCHOOLS);
            }
            Event::Rename(number) => self.change(who(number), |soul| soul.names += 1),
            Event::Rekey(number) => self.change(who(number), |soul| soul.keys += 1),
            Event::Protect(number) => self.change(who(number), |soul| soul.protected = true),
            Event::Unprotect(number) => self.change(who(number), |soul| soul.protected = false),
            Event::Enter(number, group) if self.souls.contains_key(&who(number)) => {
                self.members.insert((group % GROUPS, who(number)));
            }
            Event::Exit(number, group) => {
                self.members.remove(&(group % GROUPS, who(number)));
            }
            Event::CloseSchool(school) if self.schools.len() > 1 => self.close(school % SCHOOLS),
            Event::OpenSchool(school) => {
                self.schools.insert(school % SCHOOLS);
            }
            Event::RekeyGroups(school) => {
                *self.turns.entry(school % SCHOOLS).or_default() += 1;
            }
            Event::NewYear => self.turn(),
            Event::ManyLeave(every) => {
                let every = usize::from(every % 4) + 2;
                self.pupils().into_iter().step_by(every).for_each(|number| self.leave(number));
            }
            Event::SomeLeave(few) => {
                let some = self.pupils().into_iter().take(usize::from(*few));
                some.for_each(|number| self.leave(number));
            }
            Event::Spread(few) => {
                let few = usize::from(*few);
                let staff = self.souls.keys().copied().filter(|&number| number >= PUPILS);
                let staff: Vec<u8> = staff.take(few).collect();
                let pupils = self.pupils().into_iter().take(few);
                pupils.chain(staff).for_each(|number| self.leave(number));
            }
            Event::Exchange(school) => {
                let here = self.souls.values_mut().filter(|s| s.school == school % SCHOOLS);
                here.for_each(|soul| (soul.keys, soul.names) = (soul.keys + 1, soul.names + 100));
            }
            Event::Thin(school, few) => self.thin(school % SCHOOLS, usize::from(*few)),
            Event::SomeJoin(some) => self.some_join(usize::from(*some)),
            _ => {}
        }
        // A register without any pupil is one that failed, and refused as such.
        if self.pupils().is_empty() {
            self.some_join(3);
        }
    }

    fn pupils(&self) -> Vec<u8> {
        self.souls.keys().copied().filter(|&number| number < PUPILS).collect()
    }

    fn some_join(&mut self, some: usize) {
        let free: Vec<u8> =
            (0..PUPILS).filter(|n| !self.souls.contains_key(n)).take(some).collect();
        for number in free {
            self.join(number, number % SCHOOLS);
            self.members.insert((number % GROUPS, number));
        }
    }

    /// The oldest leave, as many come, and every group is another one.
    fn turn(&mut self) {
        let pupils = self.pupils();
        let some = pupils.len() / 4;
        pupils.into_iter().take(some).for_each(|number| self.leave(number));
        for number in PUPILS - u8::try_from(some).unwrap_or(0)..PUPILS {
            self.join(number, number % SCHOOLS);
            self.members.insert((number % GROUPS, number));
        }
        for school in 0..SCHOOLS {
            *self.turns.entry(school).or_default() += 1;
        }
    }

    fn thin(&mut self, school: u8, few: usize) {
        let other = self.schools.iter().copied().find(|&other| other != school);
        let Some(other) = other else { return };
        let here = self.souls.values_mut().filter(|soul| soul.school == school);
        here.skip(few).for_each(|soul| soul.school = other);
    }

    fn close(&mut self, school: u8) {
        self.schools.remove(&school);
        let here = |(_, soul): &(&u8, &Soul)| soul.school == school;
        let gone: Vec<u8> = self.souls.iter().filter(here).map(|(&number, _)| number).collect();
        for number in gone {
            self.leave(number);
        }
    }

    fn change(&mut self, number: u8, change: impl FnOnce(&mut Soul)) {
        if let Some(soul) = self.souls.get_mut(&number) {
            change(soul);
        }
    }

    fn turn_of(&self, school: u8) -> u32 {
        self.turns.get(&school).copied().unwrap_or(0)
    }

    fn class(&self, school: u8) -> String {
        format!("k{school}t{}", self.turn_of(school))
    }

    fn group(&self, group: u8) -> Option<(String, u8)> {
        let school = group % SCHOOLS;
        let key = format!("g{group}t{}", self.turn_of(school));
        self.schools.contains(&school).then_some((key, school))
    }

    /// Tonight's files: of all of its persons, or of the first so many; all pupils marked, or not.
    pub(super) fn export(&self, first: usize, all_marked: bool) -> Files {
        let mut told = self.clone();
        told.souls = self.souls.iter().take(first).map(|(&n, soul)| (n, soul.clone())).collect();
        if all_marked {
            let pupils = told.souls.iter_mut().filter(|(number, _)| **number < PUPILS);
            pupils.for_each(|(_, soul)| soul.protected = true);
        }
        told.files()
    }

    /// How many pupils and members of staff there are.
    pub(super) fn size(&self) -> usize {
        self.souls.len()
    }

    fn files(&self) -> Files {
        let mut files = Files::default();
        files.says.edition = self.edition;
        self.schools_and_groups(&mut files);
        self.persons(&mut files);
        self.memberships(&mut files);
        files
    }

    fn schools_and_groups(&self, files: &mut Files) {
        let mut schools = "Skola;Namn\n".to_owned();
        let mut groups = "Id;Typ;Namn;Skola\n".to_owned();
        for school in &self.schools {
            let _ = writeln!(schools, "s{school};Skola {school}");
            let class = self.class(*school);
            let _ = writeln!(groups, "{class};klass;Klass {school};s{school}");
            files.says.groups.insert(class, false);
        }
        for (key, school) in (0..GROUPS).filter_map(|group| self.group(group)) {
            let _ = writeln!(groups, "{key};undervisning;Grupp {key};s{school}");
            files.says.groups.insert(key, false);
        }
        files.csv.insert("skolor.csv", schools);
        files.csv.insert("grupper.csv", groups);
    }

    fn persons(&self, files: &mut Files) {
        let mut rows = "Id;Fornamn;Efternamn;Epost;Konto;Roll;Skola;Skydd\n".to_owned();
        let mut relations = "Vuxen;Elev;Typ\n".to_owned();
        let mut row = |key: &str, family: &str, role: &str, school: &str, mark: bool| {
            let mark = if mark { "J" } else { "N" };
            let _ = writeln!(
                rows,
                "{key};Qanari;{family};kontoq{key}@elev.example;kontoq{key};{role};{school};{mark}"
            );
        };
        row("rektor", &format!("Edition{}", self.edition), "personal", "", false);
        files.says.told.insert("rektor".to_owned());
        let mut adults: BTreeMap<u8, bool> = BTreeMap::new();
        for (&number, soul) in &self.souls {
            let (key, school) = (key(number, soul), format!("s{}", soul.school));
            let role = if number < PUPILS { "elev" } else { "personal" };
            row(&key, &format!("Zfam{number}v{}", soul.names), role, &school, soul.protected);
            if number < PUPILS {
                *adults.entry(guardian_of(number)).or_default() |= !soul.protected;
                let _ = writeln!(relations, "vuxen{};{key};v", guardian_of(number));
            }
            let says = &mut files.says;
            if soul.protected { &mut says.hidden } else { &mut says.told }.insert(key);
        }
        for (adult, seen) in adults {
            let key = format!("vuxen{adult}");
            row(&key, &format!("Zfamv{adult}"), "vuxen", "", false);
            if seen { &mut files.says.told } else { &mut files.says.hidden }.insert(key);
        }
        files.csv.insert("personer.csv", rows);
        files.csv.insert("relationer.csv", relations);
    }

    fn memberships(&self, files: &mut Files) {
        let mut rows = "Person;Grupp;Roll\n".to_owned();
        let says = &mut files.says;
        let mut member = |group: &str, number: u8, soul: &Soul| {
            let (key, role) = (key(number, soul), if number < PUPILS { "elev" } else { "larare" });
            let _ = writeln!(rows, "{key};{group};{role}");
            if says.told.contains(&key) {
                says.members.insert((group.to_owned(), key));
            } else if let Some(hidden) = says.groups.get_mut(group) {
                *hidden = true;
            }
        };
        for (&number, soul) in &self.souls {
            member(&self.class(soul.school), number, soul);
        }
        for (group, number) in &self.members {
            if let (Some(soul), Some((key, _))) = (self.souls.get(number), self.group(*group)) {
                member(&key, *number, soul);
            }
        }
        files.csv.insert("medlemskap.csv", rows);
    }
}

impl Files {
    /// Leaves them in a folder, the done-file last, as if written at a time. The done-file counts
    /// the rows of `counted`.
    pub(super) fn leave(&self, inbox: &Path, at: SystemTime, counted: &Files) {
        let mut done = String::new();
        for (name, text) in &counted.csv {
            let _ = writeln!(done, "{name};{}", text.lines().count() - 1);
        }
        for (name, text) in &self.csv {
            put(&inbox.join(name), text);
        }
        put(&inbox.join(DONE), &done);
        for name in self.csv.keys().chain([&DONE]) {
            touch(&inbox.join(name), at);
        }
    }
}

/// Gives a file the time at which it was last written.
pub(super) fn touch(path: &Path, at: SystemTime) {
    let file = File::options().write(true).open(path).expect("our own file");
    file.set_modified(at).expect("our own file");
}
