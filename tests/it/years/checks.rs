//! What must hold of every plan, whatever the year: an opinion of its own on each thing that is
//! missing, formed from the calendar and from what was delivered before.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rostergate::pipeline::plan::Plan;
use rostergate::pipeline::safety::Limits;
use rostergate::pipeline::season::Season;
use rostergate::pipeline::verdict::{Operation, Verdict};
use rostergate::pipeline::window::{Hold, Release};
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::words::{Kind, Role};

use super::told::{
    Id, Lines, Told, Wait, Waits, ends, is_about, is_another_group, is_link, learners, persons,
};

/// A fault, in words.
pub(super) type Checked = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($why:tt)*) => {
        if !$holds {
            return Err(format!($($why)*));
        }
    };
}
pub(super) use ensure;

/// A night's plan and what it was made from.
pub(super) struct Scene<'s> {
    /// What the receiver was last told.
    pub(super) before: &'s Told,
    /// What the register says, with what its faulty rows stand for.
    pub(super) register: &'s Lines,
    /// The register without what only faulty rows say.
    pub(super) usable: &'s Lines,
    /// What the plan would tell.
    pub(super) after: &'s Lines,
    /// Keys of persons who may not be told.
    pub(super) hidden: &'s BTreeSet<String>,
    pub(super) season: &'s Season,
    pub(super) today: Date,
    pub(super) limits: &'s Limits,
    /// It was made to release what waited.
    pub(super) release: bool,
    /// And the rest of lists that were approved and went no further.
    pub(super) rest: bool,
}

/// What should become of something that is missing.
#[derive(PartialEq, Debug)]
enum Due {
    Stays,
    Goes,
    /// So many a night, or all within the limits.
    MayGo,
}

impl Scene<'_> {
    /// Everything that must hold of a plan against one known file.
    pub(super) fn check(&self, plan: &Plan, waits: &Waits) -> Checked {
        self.everybody_of_the_register_is_told()?;
        self.nobody_is_invented()?;
        self.every_missing_one_stays_or_goes_in_its_time()?;
        self.stages_are_small()?;
        self.nobody_who_stays_keeps_a_name_from_another()?;
        self.nobody_held_back_keeps_a_name_from_another()?;
        self.no_line_hangs_in_the_air()?;
        the_list_is_what_waits(plan, waits)?;
        if plan.verdict == Verdict::Pass && !self.release {
            self.within_limits()?;
        }
        Ok(())
    }

    fn holding(&self) -> Option<Hold> {
        self.season.holding().map(|open| open.hold)
    }

    /// Rule 15 and "whoever comes back is simply told again".
    fn everybody_of_the_register_is_told(&self) -> Checked {
        for (id, line) in self.register {
            let Some(told) = self.after.get(id) else {
                return Err(format!("{id:?} is in the register and not told"));
            };
            let earlier = self.before.lines.get(id).filter(|before| *before != line);
            if self.holding() == Some(Hold::RemovalsAndChanges) && earlier == Some(told) {
                continue;
            }
            ensure!(told == line, "{id:?} is told as {told:?}, the register says {line:?}");
            let waits = self.holding() == Some(Hold::RemovalsAndChanges) && earlier.is_some();
            ensure!(!waits || self.may_not_wait(id, line), "{id:?} changed in the window");
        }
        Ok(())
    }

    /// A change that goes through at once: the name is somebody else's now, or a role was lost.
    fn may_not_wait(&self, id: &Id, line: &str) -> bool {
        if id.0 == Kind::Group {
            return self.is_another(&id.1);
        }
        let before = &self.before.lines[id];
        let (Some(before), Some(now)) = (Person::from_line(before), Person::from_line(line)) else {
            return false;
        };
        let unbound = before.roles.contains(Role::Guardian) && !now.roles.contains(Role::Guardian);
        let mut others = persons(self.register).filter(|other| other.key != now.key);
        unbound
            || others.any(|other| other.username == before.username && !before.username.is_empty())
    }

    fn is_another(&self, group: &str) -> bool {
        is_another_group(&self.before.lines, self.register, group)
    }

    fn nobody_is_invented(&self) -> Checked {
        for (id, line) in self.after {
            if !self.register.contains_key(id) {
                let before = self.before.lines.get(id);
                ensure!(before == Some(line), "{id:?} stays as {line:?}, was told as {before:?}");
            }
            ensure!(!is_about(id, self.hidden), "{id:?} is protected and told");
        }
        Ok(())
    }

    fn missing(&self) -> impl Iterator<Item = (&Id, &String)> {
        let gone = |(id, _): &(&Id, &String)| !self.register.contains_key(*id);
        self.before.lines.iter().filter(gone)
    }

    fn every_missing_one_stays_or_goes_in_its_time(&self) -> Checked {
        for (id, line) in self.missing() {
            let due = self.due(id, line);
            let told = self.after.contains_key(id);
            let wait = self.before.waits.get(id);
            ensure!(told || due != Due::Stays, "{id:?} goes before its time: {wait:?}");
            ensure!(!told || due != Due::Goes, "{id:?} stays after its time: {wait:?}");
        }
        Ok(())
    }

    fn due(&self, id: &Id, line: &str) -> Due {
        if is_about(id, self.hidden) {
            return Due::Goes;
        }
        match id.0 {
            Kind::School if self.is_used(&id.1) => Due::Stays,
            Kind::Person if self.has_new_owner(line) => Due::Goes,
            Kind::Group if self.reveals(&id.1) => Due::Goes,
            Kind::Membership | Kind::Relation => {
                let ends = ends(id);
                let missing = ends.iter().any(|end| !self.register.contains_key(end));
                match (missing, ends.iter().all(|end| self.after.contains_key(end))) {
                    (true, true) => Due::Stays,
                    (true, false) => Due::Goes,
                    (false, _) if self.is_another(&ends[0].1) => Due::Goes,
                    (false, _) => self.by_calendar(id),
                }
            }
            _ => self.by_calendar(id),
        }
    }

    /// Rule 14, and grace.
    fn by_calendar(&self, id: &Id) -> Due {
        if self.holding().is_some() {
            return Due::Stays;
        }
        let fresh = self.fresh();
        let wait = self.before.waits.get(id).unwrap_or(&fresh);
        if !wait.window.is_empty() {
            return match (self.season.release(&wait.window).0, self.release) {
                (Release::Staged, true) if self.rest && wait.approved => Due::Goes,
                (Release::Staged, false) if wait.approved => Due::MayGo,
                (Release::Approve | Release::Auto, true) => Due::Goes,
                (Release::Auto, false) => Due::MayGo,
                (Release::Staged, _) | (Release::Approve, false) => Due::Stays,
            };
        }
        let days = self.season.grace.days(id.0);
        let passed = (self.today - wait.since).get_days();
        let over = wait.nights >= days && i64::from(passed) >= i64::from(days);
        // A list that is released is of its window alone.
        if days == 0 || over && !self.release { Due::Goes } else { Due::Stays }
    }

    fn fresh(&self) -> Wait {
        let window = self.season.holding().map(|open| open.name.clone()).unwrap_or_default();
        Wait { since: self.today, nights: 0, window, approved: false }
    }

    fn is_used(&self, school: &str) -> bool {
        let by_group = |((kind, _), line): (&Id, &String)| {
            let group = (*kind == Kind::Group).then(|| Group::from_line(line)).flatten();
            group.is_some_and(|group| group.school == school)
        };
        persons(self.after).any(|person| person.schools().any(|key| key == school))
            || self.after.iter().any(by_group)
    }

    /// Somebody of the register has the name, and is told by it.
    fn has_new_owner(&self, line: &str) -> bool {
        let person = Person::from_line(line).expect("a person's line");
        let told_now = |other: &Person<'_>| {
            let id = (Kind::Person, other.key.to_owned());
            self.after.get(&id) == self.register.get(&id)
        };
        let mut others = persons(self.register).filter(told_now);
        !person.username.is_empty() && others.any(|other| other.username == person.username)
    }

    /// Rule 20: all its pupils may not be told.
    fn reveals(&self, group: &str) -> bool {
        let learners = learners(&self.before.lines, group);
        !learners.is_empty() && learners.iter().all(|key| self.hidden.contains(*key))
    }

    fn stages_are_small(&self) -> Checked {
        for kind in [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation] {
            let staged = |wait: &Wait| {
                !wait.window.is_empty() && self.season.release(&wait.window).0 == Release::Staged
            };
            let gone = self.missing().filter(|(id, line)| {
                id.0 == kind
                    && !self.after.contains_key(*id)
                    && self.due(id, line) == Due::MayGo
                    && self.before.waits.get(*id).is_some_and(staged)
            });
            let (gone, of) = (gone.count(), self.before.lines.keys().filter(|id| id.0 == kind));
            let shares = self.season.windows.iter().map(|(_, _, share)| share.share());
            let share = shares.map(|share| share.in_thousandths() as usize).max().unwrap_or(0);
            let most = (of.count() * share / 100_000).max(1);
            ensure!(gone <= most, "{gone} of kind {kind} go in one stage, at most {most} may");
        }
        Ok(())
    }

    fn nobody_who_stays_keeps_a_name_from_another(&self) -> Checked {
        let stays = |person: &Person<'_>| {
            !person.username.is_empty()
                && !self.register.contains_key(&(Kind::Person, person.key.to_owned()))
        };
        for old in persons(self.after).filter(stays) {
            let others = persons(self.after).filter(|new| !stays(new));
            let mut taken = others.filter(|new| new.username == old.username);
            let new = taken.next().map(|new| new.key);
            let had_it = new.and_then(|key| self.before.lines.get(&(Kind::Person, key.to_owned())));
            let had_it = had_it.and_then(|line| Person::from_line(line));
            ensure!(
                new.is_none() || had_it.is_some_and(|had| had.username == old.username),
                "{} stays and has the user name of {new:?}",
                old.key
            );
        }
        Ok(())
    }

    /// A change that waits leaves nobody with a name that somebody else has got.
    fn nobody_held_back_keeps_a_name_from_another(&self) -> Checked {
        let name = |id: &Id| {
            let before = Person::from_line(self.before.lines.get(id)?)?;
            Some(before.username.to_owned())
        };
        let id = |person: &Person<'_>| (Kind::Person, person.key.to_owned());
        let waits = |person: &Person<'_>| {
            let now = self.register.get(&id(person));
            now.is_some_and(|now| now != &self.after[&id(person)])
        };
        for old in persons(self.after).filter(waits).filter(|old| !old.username.is_empty()) {
            let mut others = persons(self.after).filter(|new| new.key != old.key);
            let new = others.find(|new| {
                new.username == old.username && name(&id(new)).as_deref() != Some(new.username)
            });
            let new = new.map(|new| new.key.to_owned());
            ensure!(new.is_none(), "{} waits and has the new user name of {new:?}", old.key);
        }
        Ok(())
    }

    fn no_line_hangs_in_the_air(&self) -> Checked {
        for id in self.after.keys().filter(|id| is_link(id.0)) {
            let whole = ends(id).iter().all(|end| self.after.contains_key(end));
            ensure!(whole, "{id:?} is told and one of its ends is not");
        }
        for person in persons(self.after) {
            for school in person.schools() {
                let there = self.after.contains_key(&(Kind::School, school.to_owned()));
                ensure!(there, "{} is at {school}, which is not told", person.key);
            }
        }
        Ok(())
    }

    /// What the plan's list should say.
    pub(super) fn waits(&self) -> Waits {
        let mut waits = Waits::new();
        for (id, _) in self.missing().filter(|(id, _)| self.after.contains_key(*id)) {
            let known = self.before.waits.get(id);
            if is_link(id.0) && ends(id).iter().any(|end| !self.register.contains_key(end)) {
                continue;
            }
            if id.0 == Kind::School && known.is_none() && self.holding().is_none() {
                continue;
            }
            let mut wait = known.cloned().unwrap_or_else(|| self.fresh());
            if self.release {
                let staged = self.season.release(&wait.window).0 == Release::Staged;
                wait.approved |= !wait.window.is_empty() && staged;
            } else {
                wait.nights += 1;
            }
            waits.insert(id.clone(), counted(id.0, wait));
        }
        // Rule 10: told for a faulty row alone, which changes nothing of what waits.
        for (id, wait) in &self.before.waits {
            let for_a_row = self.register.contains_key(id) && !self.usable.contains_key(id);
            if for_a_row && self.after.contains_key(id) {
                waits.entry(id.clone()).or_insert_with(|| wait.clone());
            }
        }
        waits
    }

    /// I4, counted again.
    fn within_limits(&self) -> Checked {
        let seen = |id: &&Id| !is_about(id, self.hidden);
        let limits = self.limits;
        let shares = [
            (Kind::Person, limits.persons.share(Operation::Remove)),
            (Kind::Group, limits.groups.share(Operation::Remove)),
            (Kind::Membership, limits.memberships.share(Operation::Remove)),
            (Kind::Relation, limits.relations.share(Operation::Remove)),
        ];
        for (kind, share) in shares {
            let before: Vec<&Id> =
                self.before.lines.keys().filter(|id| id.0 == kind).filter(seen).collect();
            let gone = before.iter().filter(|id| !self.after.contains_key(**id)).count();
            let share = share.expect("set").in_thousandths() as usize;
            self.may_go(&kind.to_string(), gone, before.len(), share)?;
        }
        let mut schools: BTreeSet<&str> = BTreeSet::new();
        for (kind, key) in self.before.lines.keys() {
            if *kind == Kind::School {
                schools.insert(key);
            }
        }
        for school in schools {
            let at = |person: &Person<'_>| person.schools().any(|key| key == school);
            let here: Vec<&str> = persons(&self.before.lines)
                .filter(|person| at(person) && !self.hidden.contains(person.key))
                .map(|person| person.key)
                .collect();
            let still: BTreeSet<&str> = persons(self.after).filter(at).map(|p| p.key).collect();
            let gone = here.iter().filter(|key| !still.contains(*key)).count();
            ensure!(here.is_empty() || !still.is_empty(), "school {school} vanishes and passes");
            self.may_go(school, gone, here.len(), 30_000)?;
        }
        Ok(())
    }

    fn may_go(&self, what: &str, gone: usize, of: usize, share: usize) -> Checked {
        let few = gone <= self.limits.always_allow as usize && gone < of;
        let over = gone * 100_000 > share * of && !few;
        ensure!(!over, "{gone} of {of} ({what}) go and pass");
        Ok(())
    }
}

/// Nothing is missing on a plan's list, and nothing stands on it that does not wait.
pub(super) fn the_list_is_what_waits(plan: &Plan, expected: &Waits) -> Checked {
    let found = listed(plan);
    for (id, wait) in expected {
        let said = found.get(id);
        let same = said == Some(wait);
        ensure!(same, "{id:?} waits as {wait:?}, the list says {said:?}");
    }
    let more = found.keys().find(|id| !expected.contains_key(*id));
    ensure!(more.is_none(), "{more:?} is on the list and does not wait");
    Ok(())
}

/// A plan's list.
pub(super) fn listed(plan: &Plan) -> Waits {
    let wait = |one: &rostergate::pipeline::pending::Pending| Wait {
        since: one.missing_since,
        nights: one.nights,
        window: one.window.clone(),
        approved: one.approved,
    };
    let list = plan.pending.iter();
    list.map(|one| ((one.kind, one.identity.clone()), counted(one.kind, wait(one)))).collect()
}

/// Schools stay for whoever is at them: for how many nights is not counted.
fn counted(kind: Kind, wait: Wait) -> Wait {
    if kind == Kind::School { Wait { nights: 0, ..wait } } else { wait }
}
