//! The first day: schools, classes and groups, then staff, then pupils with their families.

use jiff::civil::{Date, Weekday, date};

use super::dice::Dice;
use super::names::{self, Family, Given};
use super::{
    Class, Group, GroupKind, Kin, Membership, Parents, Person, Role, School, SchoolYear, Subject,
    Town, next,
};

/// Pupils of an ordinary school.
const SCHOOL: u32 = 400;
const CLASS: u32 = 22;
const PUPILS_PER_STAFF: u32 = 11;
/// So many of the families last seen may have another child in school.
const NEIGHBOURS: usize = 600;
const CHILDREN_AT_MOST: u8 = 4;

const WHOLE: [Subject; 5] =
    [Subject::Swedish, Subject::Mathematics, Subject::English, Subject::Society, Subject::Nature];
/// Taught in halves of a class.
const HALVES: [Subject; 3] = [Subject::Sports, Subject::Art, Subject::Crafts];

impl Town {
    /// A town with exactly so many `pupils` (at least one), about 2.3 persons for each. The same
    /// `seed` and day give the same town, and the same nights after it.
    #[must_use]
    pub fn found(pupils: u32, seed: u64, first_day: Date) -> Town {
        let mut town = Town::empty(pupils.max(1), seed, first_day);
        let mut families = Families::default();
        for plan in plans(pupils.max(1), seed) {
            town.found_school(&plan, &mut families);
        }
        town
    }

    fn empty(pupils: u32, seed: u64, first_day: Date) -> Town {
        // Said beforehand, so that growing never holds a table twice.
        let room = pupils as usize + 100;
        Town {
            seed,
            dice: Dice::new(seed),
            today: first_day,
            year: SchoolYear::around(first_day),
            schools: Vec::new(),
            classes: Vec::new(),
            groups: Vec::with_capacity(room * 6 / 10),
            persons: Vec::with_capacity(room * 5 / 2),
            memberships: Vec::with_capacity(room * 10),
        }
    }

    fn found_school(&mut self, plan: &SchoolPlan, families: &mut Families) {
        let school = u16::try_from(self.schools.len()).expect("a town has fewer schools");
        let staff = self.hire(school, (plan.pupils / PUPILS_PER_STAFF).max(2));
        let first = next(&self.classes);
        let sizes = class_sizes(&mut self.dice, plan.pupils);
        for (nth, size) in sizes.into_iter().enumerate() {
            let class = self.open_class(school, plan, nth);
            self.man_class(class, &staff);
            for _ in 0..size {
                self.enrol(class, families);
            }
        }
        self.schools.push(School {
            key: plan.key.clone(),
            name: plan.name.clone(),
            preschool: plan.years == 0,
            open: true,
            classes: first..next(&self.classes),
        });
    }

    fn hire(&mut self, school: u16, staff: u32) -> Vec<u32> {
        (0..staff).map(|_| self.settle(Kin::Staff { school }, None)).collect()
    }

    fn open_class(&mut self, school: u16, plan: &SchoolPlan, nth: usize) -> u32 {
        let place = |number: usize| u8::try_from(number).expect("a school has few classes");
        let class = next(&self.classes);
        let first_group = next(&self.groups);
        let years = usize::from(plan.years);
        let (year, letter) = match years {
            0 => (0, place(nth)),
            _ => (plan.first_year + place(nth % years), place(nth / years)),
        };
        self.classes.push(Class { school, year, letter, first_group });
        let kinds = if years == 0 { vec![GroupKind::Class] } else { kinds() };
        let groups = kinds.into_iter().map(|kind| Group { class, kind, spelt_out: false });
        self.groups.extend(groups);
        class
    }

    /// A mentor for the class, and a teacher for every teaching group.
    fn man_class(&mut self, class: u32, staff: &[u32]) {
        for group in self.classes[class as usize].first_group..next(&self.groups) {
            let person = staff[self.dice.below(next(staff)) as usize];
            let kind = self.groups[group as usize].kind;
            let role = if kind == GroupKind::Class { Role::Mentor } else { Role::Teacher };
            self.memberships.push(Membership { person, group, since: 0, role });
        }
    }

    fn enrol(&mut self, class: u32, families: &mut Families) {
        let known = families.brother_or_sister(&mut self.dice);
        let (parents, family) = known.unwrap_or_else(|| families.remember(self.move_in()));
        self.admit(class, parents, family, 0);
    }

    /// One or two new guardians, and the name of their children.
    pub(super) fn move_in(&mut self) -> (Parents, Family) {
        let family = Family::draw(&mut self.dice);
        let first = self.settle(Kin::Guardian, Some(family));
        if self.dice.chance(200) {
            return (Parents(first, first), family);
        }
        let same = self.dice.chance(600).then_some(family);
        (Parents(first, self.settle(Kin::Guardian, same)), family)
    }

    /// A new pupil of `class`, in its groups from the day `since`.
    pub(super) fn admit(&mut self, class: u32, parents: Parents, family: Family, since: u16) {
        let person = self.settle(Kin::Pupil { class, parents }, Some(family));
        let second = self.dice.chance(500);
        let mut group = self.classes[class as usize].first_group;
        while self.groups.get(group as usize).is_some_and(|found| found.class == class) {
            let joins = match self.groups[group as usize].kind {
                GroupKind::Class | GroupKind::Whole(_) => true,
                GroupKind::FirstHalf(_) => !second,
                GroupKind::SecondHalf(_) => second,
            };
            if joins {
                self.memberships.push(Membership { person, group, since, role: Role::Learner });
            }
            group += 1;
        }
    }

    /// A new person, by the name of `family` or one of their own.
    pub(super) fn settle(&mut self, kin: Kin, family: Option<Family>) -> u32 {
        let place = next(&self.persons);
        let reachable = !matches!(kin, Kin::Pupil { .. }) || self.dice.chance(300);
        let person = Person {
            kin,
            family: family.unwrap_or_else(|| Family::draw(&mut self.dice)),
            given: Given::draw(&mut self.dice),
            mobile: if reachable { mobile(&mut self.dice) } else { 0 },
            protected: self.dice.chance(3),
            here: true,
        };
        self.persons.push(person);
        place
    }
}

/// The last two places of +46 70 174 06 05 to +46 70 174 06 99, which nobody will ever have.
pub(super) fn mobile(dice: &mut Dice) -> u8 {
    u8::try_from(5 + dice.below(95)).expect("two places")
}

impl SchoolYear {
    /// The school year of `day`: from the Monday on or after 15 August to the Friday on or
    /// before 15 June. July belongs to the next one.
    fn around(day: Date) -> SchoolYear {
        let autumn = if day.month() >= 7 { day.year() } else { day.year() - 1 };
        let (mut begin, mut end) = (date(autumn, 8, 15), date(autumn + 1, 6, 15));
        while begin.weekday() != Weekday::Monday {
            begin = begin.tomorrow().expect("August is not the end of time");
        }
        while end.weekday() != Weekday::Friday {
            end = end.yesterday().expect("June is not the beginning of time");
        }
        SchoolYear { begin, end }
    }
}

struct SchoolPlan {
    key: String,
    name: String,
    pupils: u32,
    first_year: u8,
    /// How many years are taught; 0 in a preschool.
    years: u8,
}

/// Two preschools, a village school small enough to be closed, and ordinary schools.
fn plans(pupils: u32, seed: u64) -> Vec<SchoolPlan> {
    let mut plans = Vec::new();
    let mut left = pupils;
    if pupils >= 200 {
        let children = (pupils / 25).clamp(10, 40);
        plans.extend(names::PRESCHOOLS.map(|(key, name)| preschool(key, name, children)));
        left -= 2 * children;
    }
    if pupils >= 500 {
        plans.push(SchoolPlan {
            key: code(0, seed),
            name: names::VILLAGE_SCHOOL.to_owned(),
            pupils: 60,
            first_year: 1,
            years: 3,
        });
        left -= 60;
    }
    let schools = ((left + SCHOOL / 2) / SCHOOL).max(1);
    plans.extend((0..schools).map(|nth| ordinary(nth, (left + nth) / schools, seed)));
    plans
}

fn preschool(key: &str, name: &str, pupils: u32) -> SchoolPlan {
    SchoolPlan { key: key.to_owned(), name: name.to_owned(), pupils, first_year: 0, years: 0 }
}

/// Every third school has the years 7 to 9, the others 1 to 6.
fn ordinary(nth: u32, pupils: u32, seed: u64) -> SchoolPlan {
    let (first_year, years) = if nth % 3 == 2 { (7, 3) } else { (1, 6) };
    SchoolPlan { key: code(nth + 1, seed), name: names::school(nth), pupils, first_year, years }
}

/// Eight digits from 99, different for every school: the factor has no common divisor with 10^6.
fn code(nth: u32, seed: u64) -> String {
    let first = seed % 1_000_000 * 366_421 + 707_173;
    let place = (u64::from(nth) * 618_033 + first) % 1_000_000;
    format!("99{place:06}")
}

/// As many classes as give about 22 pupils each, some larger at their neighbour's cost.
fn class_sizes(dice: &mut Dice, pupils: u32) -> Vec<u32> {
    let classes = ((pupils + CLASS / 2) / CLASS).max(1);
    let mut sizes: Vec<u32> = (0..classes).map(|nth| (pupils + nth) / classes).collect();
    for pair in sizes.chunks_exact_mut(2) {
        let moved = dice.below(3).min(pair[0]);
        pair[0] -= moved;
        pair[1] += moved;
    }
    sizes
}

/// The groups of one class, in the order in which every class has them.
fn kinds() -> Vec<GroupKind> {
    let halves = HALVES
        .into_iter()
        .flat_map(|subject| [GroupKind::FirstHalf(subject), GroupKind::SecondHalf(subject)]);
    let whole = WHOLE.into_iter().map(GroupKind::Whole);
    std::iter::once(GroupKind::Class).chain(whole).chain(halves).collect()
}

/// The families last seen, so that a child can be a brother or a sister.
#[derive(Default)]
struct Families {
    seen: Vec<(Parents, Family, u8)>,
    oldest: usize,
}

impl Families {
    /// A third of the children have one, which gives 1.5 children for each family.
    fn brother_or_sister(&mut self, dice: &mut Dice) -> Option<(Parents, Family)> {
        if self.seen.is_empty() || !dice.chance(333) {
            return None;
        }
        let nth = dice.below(next(&self.seen)) as usize;
        let (parents, family, children) = &mut self.seen[nth];
        (*children < CHILDREN_AT_MOST).then(|| {
            *children += 1;
            (*parents, *family)
        })
    }

    fn remember(&mut self, (parents, family): (Parents, Family)) -> (Parents, Family) {
        if self.seen.len() < NEIGHBOURS {
            self.seen.push((parents, family, 1));
        } else {
            self.seen[self.oldest] = (parents, family, 1);
            self.oldest = (self.oldest + 1) % NEIGHBOURS;
        }
        (parents, family)
    }
}
