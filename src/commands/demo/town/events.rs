//! What happens in the town from one export to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::founding::mobile;
use super::names::Family;
use super::{GroupKind, Kin, Person, Role, Town, next};

/// How much happens in a night, in thousandths.
#[derive(Clone, Copy, Debug)]
pub struct Stir {
    /// Of the persons, who are gone, new, or otherwise called afterwards.
    leave: u32,
    join: u32,
    change: u32,
    /// Of the staff, who are replaced; of the pupils, who change class.
    replace: u32,
    change_class: u32,
    /// Of the memberships, which move to the other half of a class.
    change_half: u32,
    /// Of the groups, which are otherwise called.
    rename_group: u32,
}

impl Stir {
    /// Of the persons about 0.2 % leave, 0.3 % join and 0.3 % change; of the memberships about
    /// 1 % are replaced.
    pub const ORDINARY: Stir = Stir {
        leave: 2,
        join: 3,
        change: 3,
        replace: 2,
        change_class: 2,
        change_half: 6,
        rename_group: 3,
    };
    /// More than most nights bring, for benches: of the persons 0.5 % leave, 0.7 % join and 1 %
    /// change; of the memberships about 2 % are replaced.
    pub const BUSY: Stir = Stir {
        leave: 5,
        join: 7,
        change: 10,
        replace: 2,
        change_class: 4,
        change_half: 11,
        rename_group: 3,
    };
}

impl Town {
    /// One day passes as most do.
    pub fn ordinary_night(&mut self) {
        self.night(Stir::ORDINARY);
    }

    /// One day passes: a few families leave and join, teachers are replaced, pupils change class
    /// or group, people change name or telephone.
    ///
    /// # Panics
    /// In the year 9999, and when the town grows past 2^32 rows of anything.
    pub fn night(&mut self, stir: Stir) {
        self.today = self.today.tomorrow().expect("the town does not see the year 9999");
        let persons = u32::try_from(self.persons()).expect("fewer than 2^32 persons");
        // A family and more come even to a hamlet, from which a whole family may have left.
        let (leave, join) =
            (self.share(persons, stir.leave), self.share(persons, stir.join).max(4));
        self.families_leave(leave);
        self.staff_is_replaced(stir.replace);
        self.memberships.retain(|row| self.persons[row.person as usize].here);
        self.pupils_change_class(stir.change_class);
        self.pupils_change_half(stir.change_half);
        self.families_join(join);
        let change = self.share(persons, stir.change).max(1);
        self.people_change(change);
        self.groups_are_renamed(stir.rename_group);
    }

    /// The smallest school that is not a preschool closes: its pupils, staff and groups leave the
    /// register, and the guardians who have no child in another school. Gives its name.
    ///
    /// # Panics
    /// When no school is left but preschools.
    pub fn close_school(&mut self) -> String {
        let told = self.schools();
        let teaches = |key: &str| self.schools.iter().any(|one| one.key == key && !one.preschool);
        let smallest =
            told.into_iter().filter(|one| teaches(&one.key)).min_by_key(|one| one.pupils);
        let closing = smallest.expect("a town has a school to close");
        let place = self.place_of(&closing.name).expect("the school was listed just now");
        let homes = self.homes(None);
        for (person, home) in self.persons.iter_mut().zip(homes) {
            // Guardians leave with their last child: see `homes`.
            person.here &= home != Some(place) || matches!(person.kin, Kin::Guardian);
        }
        self.schools[usize::from(place)].open = false;
        self.memberships.retain(|row| self.persons[row.person as usize].here);
        closing.name
    }

    /// Where the open school of that name stands in `schools`.
    pub(super) fn place_of(&self, name: &str) -> Option<u16> {
        let place = self.schools.iter().position(|school| school.open && school.name == name)?;
        u16::try_from(place).ok()
    }

    /// So many thousandths of `count`; the fraction is left to chance, so that small towns live too.
    fn share(&mut self, count: u32, thousandths: u32) -> u32 {
        let parts = u64::from(count) * u64::from(thousandths) + u64::from(self.dice.below(1000));
        u32::try_from(parts / 1000).expect("a share is smaller than the whole")
    }

    /// Brothers, sisters and parents leave together, while they are at most `persons`.
    fn families_leave(&mut self, persons: u32) {
        let mut leaving = BTreeSet::new();
        let sizes = self.family_sizes();
        let mut left = 0;
        while let Some((_, Person { kin: Kin::Pupil { parents, .. }, .. })) =
            self.somebody(Person::is_pupil)
        {
            left += sizes[parents.0 as usize];
            if left > persons && !leaving.is_empty() {
                break;
            }
            leaving.insert(parents.0);
        }
        for person in &mut self.persons {
            if let Kin::Pupil { parents, .. } = person.kin {
                person.here &= !leaving.contains(&parents.0);
            }
        }
    }

    /// How many leave with each first guardian.
    fn family_sizes(&self) -> Vec<u32> {
        let mut sizes = vec![0; self.persons.len()];
        for person in self.persons.iter().filter(|person| person.here) {
            if let Kin::Pupil { parents, .. } = person.kin {
                let size = &mut sizes[parents.0 as usize];
                *size += if *size == 0 { 1 + next(&parents.all().collect::<Vec<_>>()) } else { 1 };
            }
        }
        sizes
    }

    /// A new member of staff takes over all the groups of the one who leaves.
    fn staff_is_replaced(&mut self, thousandths: u32) {
        let staff = |person: &Person| person.here && matches!(person.kin, Kin::Staff { .. });
        let count = self.persons.iter().filter(|person| staff(person)).count();
        let mut successors = BTreeMap::new();
        for _ in 0..self.share(u32::try_from(count).expect("fewer than 2^32 persons"), thousandths)
        {
            if let Some((leaving, person)) = self.somebody(staff) {
                self.persons[leaving as usize].here = false;
                successors.insert(leaving, self.settle(person.kin, None));
            }
        }
        // A successor can be replaced the same night, and then stands in the list as well.
        let last = |mut person: u32| {
            while let Some(successor) = successors.get(&person) {
                person = *successor;
            }
            person
        };
        let since = self.since();
        let theirs = self.memberships.iter_mut().filter(|row| row.role != Role::Learner);
        for row in theirs.filter(|row| successors.contains_key(&row.person)) {
            (row.person, row.since) = (last(row.person), since);
        }
    }

    fn pupils_change_class(&mut self, thousandths: u32) {
        let pupils = u32::try_from(self.pupils()).expect("fewer than 2^32 persons");
        let mut moves = BTreeMap::new();
        for _ in 0..self.share(pupils, thousandths) {
            if let Some((pupil, Person { kin: Kin::Pupil { class, parents }, .. })) =
                self.somebody(Person::is_pupil)
            {
                let other = self.parallel(class);
                self.persons[pupil as usize].kin = Kin::Pupil { class: other, parents };
                let place = |class: u32| self.classes[class as usize].first_group;
                let from = moves.get(&pupil).map_or(place(class), |(from, _)| *from);
                moves.insert(pupil, (from, place(other)));
            }
        }
        let since = self.since();
        for row in self.memberships.iter_mut().filter(|row| row.role == Role::Learner) {
            match moves.get(&row.person) {
                Some((from, to)) if from != to => {
                    (row.group, row.since) = (row.group - from + to, since);
                }
                _ => {}
            }
        }
    }

    /// Another class of the same school and year, or the same class where there is none.
    fn parallel(&mut self, class: u32) -> u32 {
        let here = self.classes[class as usize];
        let fits = |other: &u32| *other != class && self.classes[*other as usize].year == here.year;
        let classes = self.schools[usize::from(here.school)].classes.clone();
        let others: Vec<u32> = classes.filter(fits).collect();
        if others.is_empty() {
            return class;
        }
        others[self.dice.below(next(&others)) as usize]
    }

    fn pupils_change_half(&mut self, thousandths: u32) {
        let since = self.since();
        let rows = next(&self.memberships);
        let mut wanted = self.share(rows, thousandths);
        // Two of three learners' rows in nine are halves: a bound, should there be none.
        for _ in 0..u64::from(wanted) * 100 {
            if wanted == 0 {
                break;
            }
            let row = &mut self.memberships[self.dice.below(rows) as usize];
            if row.role != Role::Learner || row.since == since {
                continue;
            }
            row.group = match self.groups[row.group as usize].kind {
                GroupKind::FirstHalf(_) => row.group + 1,
                GroupKind::SecondHalf(_) => row.group - 1,
                GroupKind::Class | GroupKind::Whole(_) => continue,
            };
            row.since = since;
            wanted -= 1;
        }
    }

    /// New children of new families, or of families that are here, until `persons` are new.
    fn families_join(&mut self, persons: u32) {
        let since = self.since();
        let end = next(&self.persons) + persons;
        while next(&self.persons) < end {
            let Some((_, neighbour)) = self.somebody(Person::is_pupil) else { return };
            let Kin::Pupil { class, parents } = neighbour.kin else { return };
            let (parents, family) =
                if self.dice.chance(333) { (parents, neighbour.family) } else { self.move_in() };
            self.admit(class, parents, family, since);
        }
    }

    fn people_change(&mut self, persons: u32) {
        let homes = self.homes(None);
        let somebody = homes.iter().flatten().count();
        let mut changed = BTreeSet::new();
        while changed.len() < somebody.min(persons as usize) {
            let place = self.dice.below(next(&self.persons));
            if homes[place as usize].is_some() && changed.insert(place) {
                self.change(place);
            }
        }
    }

    /// Two of three take another family name, one gets another telephone.
    fn change(&mut self, place: u32) {
        let person = &mut self.persons[place as usize];
        let (family, number) = (person.family, person.mobile);
        let takes_name = self.dice.chance(667);
        while takes_name && person.family == family {
            person.family = Family::draw(&mut self.dice);
        }
        while !takes_name && person.mobile == number {
            person.mobile = mobile(&mut self.dice);
        }
    }

    fn groups_are_renamed(&mut self, thousandths: u32) {
        let groups = next(&self.groups);
        for _ in 0..self.share(groups, thousandths) {
            let group = &mut self.groups[self.dice.below(groups) as usize];
            group.spelt_out = !group.spelt_out;
        }
    }

    /// Anybody of that kind, found by throws: none if none was found in very many.
    fn somebody(&mut self, is_meant: impl Fn(&Person) -> bool) -> Option<(u32, Person)> {
        (0..100_000).find_map(|_| {
            let place = self.dice.below(next(&self.persons));
            let person = self.persons[place as usize];
            is_meant(&person).then_some((place, person))
        })
    }

    /// Today, in days after the school year's first.
    fn since(&self) -> u16 {
        let day = self.today.min(self.year.end).max(self.year.begin);
        let days = (day - self.year.begin).get_days();
        u16::try_from(days).expect("a school year is shorter than 400 days")
    }
}
