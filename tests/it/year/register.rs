//! The register of a municipality with three schools and some sixty persons, as it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::support::export::Export;

/// Code and name of each school.
const SCHOOLS: [(&str, &str); 3] =
    [("99000001", "Alskolan"), ("99000002", "Björkskolan"), ("99000003", "Ekskolan")];
const GIVEN: [&str; 9] =
    ["Alma", "Bo", "Cilla", "Didrik", "Elin", "Folke", "Gudrun", "Hugo", "Iris"];
const FAMILY: [&str; 8] =
    ["Dahl", "Ekström", "Forsberg", "Grahn", "Holm", "Isaksson", "Jansson", "Kvist"];

/// A pupil or a member of staff.
#[derive(Clone)]
struct Someone {
    number: usize,
    /// 1 to 6, or none for staff.
    grade: Option<u8>,
    school: usize,
    username: String,
    protected: bool,
}

/// A school year's groups.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SchoolYear {
    pub(super) name: &'static str,
    /// What tells its group keys from last year's.
    pub(super) mark: &'static str,
    pub(super) begin: &'static str,
    pub(super) end: &'static str,
}

/// The register.
#[derive(Clone)]
pub(super) struct Register {
    people: BTreeMap<String, Someone>,
    open: BTreeSet<usize>,
    year: SchoolYear,
    /// Groups beside those of every class: key, name, school, members.
    extra: BTreeMap<String, (String, usize, Vec<String>)>,
    /// Set before every key since the register was upgraded.
    prefix: &'static str,
    born: usize,
}

impl Register {
    pub(super) fn new(year: SchoolYear) -> Register {
        let mut register = Register {
            people: BTreeMap::new(),
            open: (0..SCHOOLS.len()).collect(),
            year,
            extra: BTreeMap::new(),
            prefix: "",
            born: 0,
        };
        for school in 0..SCHOOLS.len() {
            for grade in (1..=6).flat_map(|grade| [grade, grade]) {
                register.comes(school, Some(grade));
            }
            (0..3).for_each(|_| drop(register.comes(school, None)));
        }
        register
    }

    /// Somebody new; gives the key.
    pub(super) fn comes(&mut self, school: usize, grade: Option<u8>) -> String {
        self.born += 1;
        let number = self.born;
        let word = if grade.is_some() { "elev" } else { "larare" };
        let key = format!("{word}-{number:03}");
        let username = format!("{}{number:03}", &word[..1]);
        let someone = Someone { number, grade, school, username, protected: false };
        self.people.insert(key.clone(), someone);
        key
    }

    pub(super) fn leaves(&mut self, key: &str) {
        assert!(self.people.remove(key).is_some(), "{key} is in the register");
        for (_, _, members) in self.extra.values_mut() {
            members.retain(|member| member != key);
        }
    }

    /// Somebody is there again as before.
    pub(super) fn returns(&mut self, key: &str, before: &Register) {
        self.people.insert(key.to_owned(), before.people[key].clone());
    }

    fn change(&mut self, key: &str, change: impl FnOnce(&mut Someone)) {
        change(self.people.get_mut(key).expect("somebody of the register"));
    }

    pub(super) fn moves(&mut self, key: &str, school: usize) {
        self.change(key, |someone| someone.school = school);
    }

    pub(super) fn marked(&mut self, key: &str, protected: bool) {
        self.change(key, |someone| someone.protected = protected);
    }

    pub(super) fn has_username(&mut self, key: &str, username: &str) {
        self.change(key, |someone| username.clone_into(&mut someone.username));
    }

    /// Keys of the pupils of a school, in order, of a grade or of all.
    pub(super) fn pupils(&self, school: usize, grade: Option<u8>) -> Vec<String> {
        let pupils = self.people.iter().filter(|(_, someone)| {
            someone.school == school
                && someone.grade.is_some()
                && (grade.is_none() || grade == someone.grade)
        });
        pupils.map(|(key, _)| key.clone()).collect()
    }

    /// Keys of the staff of a school.
    pub(super) fn staff(&self, school: usize) -> Vec<String> {
        let staff = self
            .people
            .iter()
            .filter(|(_, someone)| someone.school == school && someone.grade.is_none());
        staff.map(|(key, _)| key.clone()).collect()
    }

    /// The sixth grade leaves, the others move up, and each school gets a new first grade. Every
    /// group is another one, with a key of its own.
    pub(super) fn new_school_year(&mut self, year: SchoolYear) {
        self.people.retain(|_, someone| someone.grade != Some(6));
        for someone in self.people.values_mut() {
            someone.grade = someone.grade.map(|grade| grade + 1);
        }
        for school in self.open.clone() {
            (0..2).for_each(|_| drop(self.comes(school, Some(1))));
        }
        self.extra.clear();
        self.year = year;
    }

    /// As if it had never been in the file.
    pub(super) fn vanishes(&mut self, school: usize) {
        self.open.remove(&school);
        self.people.retain(|_, someone| someone.school != school);
    }

    /// Whoever is there moves to another school, and the school is no more.
    pub(super) fn closes(&mut self, school: usize, to: usize) {
        self.open.remove(&school);
        for someone in self.people.values_mut().filter(|someone| someone.school == school) {
            someone.school = to;
        }
    }

    pub(super) fn opens_group(
        &mut self,
        key: &str,
        name: &str,
        school: usize,
        members: Vec<String>,
    ) {
        self.extra.insert(key.to_owned(), (name.to_owned(), school, members));
    }

    /// The supplier has given everybody another key, or taken that back.
    pub(super) fn upgraded(&mut self, prefix: &'static str) {
        self.prefix = prefix;
    }

    /// Adults with a child in the register, by key, and their children.
    fn guardians(&self) -> BTreeMap<String, Vec<&str>> {
        let mut guardians: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let pupils = self.people.iter().filter(|(_, someone)| someone.grade.is_some());
        for (key, someone) in pupils.filter(|(_, someone)| someone.number % 3 == 0) {
            guardians.entry(format!("vuxen-{:03}", someone.number)).or_default().push(key);
        }
        // One adult of two children: one being protected does not hide the adult.
        if let (Some(first), true) =
            (self.people.get("elev-001"), self.people.contains_key("elev-003"))
        {
            let _ = first;
            guardians.entry("vuxen-003".to_owned()).or_default().push("elev-001");
        }
        guardians
    }

    /// Keys of everybody who may be told.
    pub(super) fn persons(&self) -> BTreeSet<String> {
        let told = self.people.iter().filter(|(_, someone)| !someone.protected);
        let guardians = self.guardians().into_iter();
        let guardians = guardians
            .filter(|(_, children)| children.iter().any(|child| !self.people[*child].protected))
            .map(|(key, _)| key);
        told.map(|(key, _)| key.clone()).chain(guardians).collect()
    }

    /// Keys of everybody who is protected, and of guardians who must not be told for that.
    pub(super) fn hidden(&self) -> BTreeSet<String> {
        let told = self.persons();
        let all = self.people.keys().cloned().chain(self.guardians().into_keys());
        all.filter(|key| !told.contains(key)).collect()
    }

    /// Groups by key: kind, name, school and members with their roles.
    pub(super) fn groups(&self) -> BTreeMap<String, Group> {
        let mut groups = BTreeMap::new();
        for &school in &self.open {
            for (class, grades) in [("L", 1..=3), ("H", 4..=6)] {
                let here = |someone: &&Someone| someone.school == school;
                let pupils: Vec<String> = self
                    .people
                    .iter()
                    .filter(|(_, s)| {
                        here(s) && s.grade.is_some_and(|grade| grades.contains(&grade))
                    })
                    .map(|(key, _)| key.clone())
                    .collect();
                let staff = self.staff(school);
                let tail = format!(
                    "{}-{class}-{}",
                    &SCHOOLS[school].1[..2].to_lowercase(),
                    self.year.mark
                );
                let name = |what: &str| format!("{what}{class} {}", SCHOOLS[school].1);
                let of = |kind, name: String, adult: Option<&String>, role| Group {
                    kind,
                    name,
                    school,
                    members: pupils
                        .iter()
                        .map(|key| (key.clone(), "elev"))
                        .chain(adult.map(|key| (key.clone(), role)))
                        .collect(),
                };
                groups.insert(
                    format!("klass-{tail}"),
                    of("klass", name(""), staff.first(), "mentor"),
                );
                let lesson = of("undervisning", name("MA "), staff.last(), "lärare");
                groups.insert(format!("ma-{tail}"), lesson);
            }
        }
        for (key, (name, school, members)) in &self.extra {
            let members = members.iter().map(|key| (key.clone(), "elev")).collect();
            let (name, school) = (name.clone(), *school);
            groups.insert(key.clone(), Group { kind: "undervisning", name, school, members });
        }
        groups
    }

    /// Tonight's files.
    pub(super) fn export(&self) -> Export {
        let key = |key: &str| format!("{}{key}", self.prefix);
        let mut schools = "Skolenhetskod;Skolnamn\n".to_owned();
        for &school in &self.open {
            schools.extend([SCHOOLS[school].0, ";", SCHOOLS[school].1, "\n"]);
        }
        let mut persons = "PersonId;Personnummer;Förnamn;Efternamn;Epost;Användarnamn;Roll;\
                           Skolenhetskod;Årskurs;Sekretess;Mobil\n"
            .to_owned();
        for (id, someone) in &self.people {
            let [given, family] = name(someone.number);
            let (role, grade) = match someone.grade {
                Some(grade) => ("elev", grade.to_string()),
                None => ("personal", String::new()),
            };
            let (mark, username) = (if someone.protected { 'J' } else { 'N' }, &someone.username);
            let school = SCHOOLS[someone.school].0;
            let _ = writeln!(
                persons,
                "{};;{given};{family};{id}@exempelby.example;{username};{role};{school};{grade};{mark};",
                key(id)
            );
        }
        let mut relations = "VuxenId;ElevId;Typ\n".to_owned();
        for (number, (id, children)) in self.guardians().into_iter().enumerate() {
            let [given, family] = name(number + 31);
            let _ = writeln!(persons, "{};;{given};{family};;;vårdnadshavare;;;N;", key(&id));
            for child in children {
                let _ = writeln!(relations, "{};{};vårdnadshavare", key(&id), key(child));
            }
        }
        let mut groups =
            "GruppId;Typ;Namn;Skolenhetskod;Läsår;Kurskod;Startdatum;Slutdatum\n".to_owned();
        let mut members = "PersonId;GruppId;Roll;Startdatum;Slutdatum\n".to_owned();
        let SchoolYear { name, begin, end, .. } = self.year;
        for (id, group) in self.groups() {
            let school = SCHOOLS[group.school].0;
            let _ = writeln!(
                groups,
                "{id};{};{};{school};{name};;{begin};{end}",
                group.kind, group.name
            );
            for (person, role) in &group.members {
                let _ = writeln!(members, "{};{id};{role};{begin};{end}", key(person));
            }
        }
        let files = [
            ("skolor.csv", schools),
            ("personer.csv", persons),
            ("grupper.csv", groups),
            ("medlemskap.csv", members),
            ("relationer.csv", relations),
        ];
        Export(files.map(|(name, text)| (name.to_owned(), text)).into())
    }
}

/// One group.
pub(super) struct Group {
    kind: &'static str,
    name: String,
    school: usize,
    pub(super) members: Vec<(String, &'static str)>,
}

fn name(number: usize) -> [&'static str; 2] {
    [GIVEN[number % GIVEN.len()], FAMILY[number % FAMILY.len()]]
}
