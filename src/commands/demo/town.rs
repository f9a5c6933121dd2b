//! An invented Swedish municipality: its register's present state, by seed, for demo and benches.
//!
//! Nobody in it exists: names come from a list of common ones, personal numbers are temporary
//! `TF` numbers or blank, telephones are of the series set aside for fiction, addresses end in
//! `.example`. Guardians have no state of their own: they are in the register while a child is.

mod dice;
mod events;
mod export;
mod founding;
mod names;

pub use events::Stir;
pub use export::{Export, stamp};

use jiff::civil::Date;

use dice::Dice;
use names::{Family, Given};

/// The register's present state. A person is 24 bytes and a membership 12, so that a million
/// pupils fit in 250 MiB.
#[derive(Clone, Debug)]
pub struct Town {
    seed: u64,
    dice: Dice,
    today: Date,
    year: SchoolYear,
    schools: Vec<School>,
    classes: Vec<Class>,
    groups: Vec<Group>,
    persons: Vec<Person>,
    memberships: Vec<Membership>,
}

/// One school that is open, as [`Town::schools`] tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSchool {
    /// Eight digits, or `FSK-…` for a preschool.
    pub key: String,
    /// What `Export::leave_out_school` wants to hear.
    pub name: String,
    /// Children that go there today.
    pub pupils: usize,
}

impl Town {
    /// Children in the register, preschools among them.
    #[must_use]
    pub fn pupils(&self) -> usize {
        self.persons.iter().filter(|person| person.is_pupil()).count()
    }

    /// Pupils, staff and guardians in the register.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.homes(None).iter().flatten().count()
    }

    /// Classes, departments and teaching groups.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.iter().filter(|group| self.is_open(**group)).count()
    }

    /// Rows of persons in groups.
    #[must_use]
    pub fn memberships(&self) -> usize {
        self.memberships.len()
    }

    /// The date of the register's next export.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// The schools that are open, in the order of their founding, preschools first.
    #[must_use]
    pub fn schools(&self) -> Vec<OpenSchool> {
        let mut pupils = vec![0; self.schools.len()];
        for person in self.persons.iter().filter(|person| person.here) {
            if let Kin::Pupil { class, .. } = person.kin {
                pupils[usize::from(self.classes[class as usize].school)] += 1;
            }
        }
        let open = self.schools.iter().zip(pupils).filter(|(school, _)| school.open);
        open.map(|(school, pupils)| school.told(pupils)).collect()
    }

    /// Where everyone belongs, by place in `persons`: nowhere if they are not in the register,
    /// or only by the school `left_out`. A guardian belongs where the eldest row of a child does.
    fn homes(&self, left_out: Option<u16>) -> Vec<Option<u16>> {
        let mut homes: Vec<Option<u16>> =
            self.persons.iter().map(|one| self.own_school(one)).collect();
        for home in &mut homes {
            *home = home.filter(|school| left_out != Some(*school));
        }
        for (child, person) in self.persons.iter().enumerate() {
            if let (Some(school), Kin::Pupil { parents, .. }) = (homes[child], person.kin) {
                for parent in parents.all() {
                    homes[parent as usize].get_or_insert(school);
                }
            }
        }
        homes
    }

    fn own_school(&self, person: &Person) -> Option<u16> {
        match person.kin {
            _ if !person.here => None,
            Kin::Pupil { class, .. } => Some(self.classes[class as usize].school),
            Kin::Staff { school } => Some(school),
            Kin::Guardian => None,
        }
    }

    fn is_open(&self, group: Group) -> bool {
        self.schools[usize::from(self.classes[group.class as usize].school)].open
    }
}

/// Everything in the register of one school year begins and ends with it, or begins on a night.
#[derive(Clone, Copy, Debug)]
struct SchoolYear {
    begin: Date,
    end: Date,
}

#[derive(Clone, Debug)]
struct School {
    key: String,
    name: String,
    preschool: bool,
    open: bool,
    classes: std::ops::Range<u32>,
}

impl School {
    fn told(&self, pupils: usize) -> OpenSchool {
        OpenSchool { key: self.key.clone(), name: self.name.clone(), pupils }
    }
}

/// A class or a department of a preschool. Its groups stand side by side from `first_group`, in
/// the same order for every class, so that a pupil who changes class moves by a difference.
#[derive(Clone, Copy, Debug)]
struct Class {
    school: u16,
    /// 0 in a preschool.
    year: u8,
    letter: u8,
    first_group: u32,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    class: u32,
    kind: GroupKind,
    /// Named by the whole word for its subject.
    spelt_out: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum GroupKind {
    Class,
    Whole(Subject),
    FirstHalf(Subject),
    SecondHalf(Subject),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Subject {
    Swedish,
    Mathematics,
    English,
    Society,
    Nature,
    Sports,
    Art,
    Crafts,
}

#[derive(Clone, Copy, Debug)]
struct Person {
    kin: Kin,
    family: Family,
    given: Given,
    /// The last two places of a number in the series set aside for fiction, or 0 for none.
    mobile: u8,
    protected: bool,
    /// False for those who left. Guardians keep it true: see `homes`.
    here: bool,
}

impl Person {
    fn is_pupil(&self) -> bool {
        self.here && matches!(self.kin, Kin::Pupil { .. })
    }
}

#[derive(Clone, Copy, Debug)]
enum Kin {
    Pupil { class: u32, parents: Parents },
    Staff { school: u16 },
    Guardian,
}

/// One or two guardians by their place in `persons`; alone, the second is the first again.
/// Brothers and sisters have the same pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Parents(u32, u32);

impl Parents {
    fn all(self) -> impl Iterator<Item = u32> {
        [self.0, self.1].into_iter().take(if self.0 == self.1 { 1 } else { 2 })
    }
}

#[derive(Clone, Copy, Debug)]
struct Membership {
    person: u32,
    group: u32,
    /// Days after the school year's first.
    since: u16,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Learner,
    Teacher,
    Mentor,
}

/// The place that the next row of a table gets.
fn next<T>(table: &[T]) -> u32 {
    u32::try_from(table.len()).expect("a town has fewer than 2^32 rows of anything")
}

#[cfg(test)]
mod tests;
