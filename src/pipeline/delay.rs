//! Delayed delete: what is missing from the registers stays at the receiver until a window has
//! ended and it is released, or until its grace is over.
//!
//! Whoever stays keeps groups, memberships and relations. Whoever comes back is simply told
//! again. Nobody who stays ever displaces somebody new.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::{Earlier, keep};
use super::diff::named;
pub(super) use super::differences::Differences;
use super::differences::{ends, first, is_entity};
pub use super::fate::{Calendar, Fall};
use super::fate::{Fate, Fates};
use super::namesakes::{same_human, user_names};
use super::pending::{Pending, Why};
use super::reveal::groups_that_reveal;
use super::waiting::Waiting;
use super::window::Hold;
use super::withdrawal::guardians_left_alone;
use crate::roster::draft::SetAside;
use crate::roster::entity::{Group, Person};
use crate::roster::roster::Roster;
use crate::roster::words::{Kind, Role};

/// What is told when what must wait has been kept.
pub(super) struct Delayed {
    /// `None` when nothing had to be kept.
    pub(super) told: Option<Roster>,
    pub(super) pending: Vec<Pending>,
    /// Lines of the baseline that stay although they are missing.
    pub(super) kept: Vec<(Kind, String)>,
    pub(super) waiting: Waiting,
    /// Why what goes tonight goes, where it is not just missing.
    pub(super) why: BTreeMap<(Kind, String), Why>,
    /// New persons with the user name of somebody else who would have stayed.
    pub(super) taken_over: u64,
    /// Groups under the key of another whose members would have stayed.
    pub(super) groups_taken_over: u64,
}

impl Delayed {
    /// Nothing had to be kept.
    pub(super) fn nothing(pending: Vec<Pending>, waiting: Waiting) -> Delayed {
        let why = BTreeMap::new();
        Delayed {
            told: None,
            pending,
            kept: Vec::new(),
            waiting,
            why,
            taken_over: 0,
            groups_taken_over: 0,
        }
    }
}

/// What of a list is still missing from what would be told.
pub(super) fn still_missing(pending: &[Pending], told: &Roster) -> Vec<Pending> {
    let is_told = told_in(told, pending);
    pending.iter().filter(|waiting| !is_told(waiting)).cloned().collect()
}

/// What of a list is among what would be told.
pub(super) fn still_told(mut pending: Vec<Pending>, told: &Roster) -> Vec<Pending> {
    let is_told = told_in(told, &pending);
    pending.retain(is_told);
    pending
}

/// Whether something on a list stands in a roster.
fn told_in<'r>(told: &'r Roster, pending: &[Pending]) -> impl Fn(&Pending) -> bool + use<'r> {
    let mut here: BTreeSet<(Kind, String)> = BTreeSet::new();
    for kind in [Kind::Membership, Kind::Relation] {
        if pending.iter().any(|waiting| waiting.kind == kind) {
            told.each_line(kind, |line| {
                here.insert((kind, named(kind, line).to_owned()));
            });
        }
    }
    move |waiting| match waiting.kind {
        Kind::School => told.find_school(&waiting.identity).is_some(),
        Kind::Person => told.find_person(&waiting.identity).is_some(),
        Kind::Group => told.find_group(&waiting.identity).is_some(),
        link => here.contains(&(link, waiting.identity.clone())),
    }
}

/// Keeps what must wait. `gone` names protected persons, who never stay.
pub(super) fn delay(
    told: &Roster,
    baseline: &Roster,
    differences: &Differences,
    calendar: &Calendar<'_>,
    fall: Fall,
    gone: &BTreeSet<String>,
) -> Delayed {
    // Whoever is only the guardian of protected children goes with them, in the register or not.
    let alone = guardians_left_alone(baseline, gone);
    let missing = |key: &&String| differences.missing.contains_key(&(Kind::Person, (*key).clone()));
    let gone: BTreeSet<String> = gone.iter().chain(alone.iter().filter(missing)).cloned().collect();
    let gone = &gone;
    let mut decision = Decision::new(told, baseline, differences, calendar, fall, gone);
    decision.find_reused();
    decision.held_back();
    decision.entities();
    decision.schools();
    decision.links();
    let groups_taken_over = decision.groups_taken_over.len() as u64;
    let Decision { rows, earlier, mut pending, kept, waiting, why, taken_over, .. } = decision;
    let (told, _) = keep(told, baseline, &rows, &earlier, gone);
    pending.sort_by(|a, b| (a.kind, &a.identity).cmp(&(b.kind, &b.identity)));
    Delayed { told: Some(told), pending, kept, waiting, why, taken_over, groups_taken_over }
}

struct Decision<'d> {
    told: &'d Roster,
    baseline: &'d Roster,
    differences: &'d Differences,
    calendar: &'d Calendar<'d>,
    fates: Fates<'d>,
    gone: &'d BTreeSet<String>,
    rows: BTreeSet<SetAside>,
    earlier: Earlier,
    pending: Vec<Pending>,
    kept: Vec<(Kind, String)>,
    waiting: Waiting,
    why: BTreeMap<(Kind, String), Why>,
    taken_over: u64,
    reused: BTreeSet<String>,
    groups_taken_over: BTreeSet<String>,
}

impl<'d> Decision<'d> {
    fn new(
        told: &'d Roster,
        baseline: &'d Roster,
        differences: &'d Differences,
        calendar: &'d Calendar<'d>,
        fall: Fall,
        gone: &'d BTreeSet<String>,
    ) -> Self {
        Decision {
            told,
            baseline,
            differences,
            calendar,
            fates: Fates::new(baseline, differences, calendar, fall),
            gone,
            rows: BTreeSet::new(),
            earlier: Earlier::new(),
            pending: Vec::new(),
            kept: Vec::new(),
            waiting: Waiting::of(calendar.season),
            why: BTreeMap::new(),
            taken_over: 0,
            reused: BTreeSet::new(),
            groups_taken_over: BTreeSet::new(),
        }
    }

    /// Groups that are others than before under the same key: at another school, of another kind, or
    /// of another name without one member who stays. Whoever waited in the old one is not in the
    /// new one.
    fn find_reused(&mut self) {
        for (kind, before, now) in &self.differences.changed {
            if *kind != Kind::Group {
                continue;
            }
            let (Some(before), Some(now)) = (Group::from_line(before), Group::from_line(now))
            else {
                continue;
            };
            let moved = !before.school.is_empty() && before.school != now.school;
            if moved || before.kind != now.kind || self.is_another(&before, &now) {
                self.reused.insert(now.key.to_owned());
            }
        }
    }

    fn is_another(&self, before: &Group<'_>, now: &Group<'_>) -> bool {
        let members = |roster: &Roster| -> BTreeSet<String> {
            let members = roster.memberships().filter(|member| member.group == now.key);
            members.map(|member| member.person.to_owned()).collect()
        };
        if before.name == now.name {
            return false;
        }
        let (old, new) = (members(self.baseline), members(self.told));
        !old.is_empty() && !new.is_empty() && old.is_disjoint(&new)
    }

    /// Changes wait too: what the receiver knows stays as it was told.
    fn held_back(&mut self) {
        let held = self.calendar.season.holding().map(|open| open.hold);
        if held != Some(Hold::RemovalsAndChanges) || !self.fates.window_holds() {
            return;
        }
        let names = user_names(self.told.persons());
        // The old name of a group may say who is in it.
        let revealing = groups_that_reveal(self.baseline, self.gone);
        for (kind, before, now) in &self.differences.changed {
            let identity = named(*kind, before);
            let waits = match kind {
                Kind::Person => self.may_wait(before, now, &names),
                Kind::Group => !revealing.contains(identity) && !self.reused.contains(identity),
                _ => true,
            };
            if waits {
                self.waiting.changed.count(*kind);
                let line = self.as_may_be_sent(*kind, identity, before);
                self.earlier.insert((*kind, identity.to_owned()), line);
            }
        }
    }

    /// A person as told before, without fields that may no longer be sent.
    fn as_may_be_sent(&self, kind: Kind, identity: &str, before: &str) -> String {
        let known = (kind == Kind::Person).then(|| self.baseline.find_person(identity)).flatten();
        known.map_or_else(
            || before.to_owned(),
            |at| {
                let mut line = String::new();
                self.baseline.person_at(at).write_line(&mut line);
                line
            },
        )
    }

    /// A change of a person waits unless protection made it, or somebody new has the old name.
    fn may_wait(&self, before: &str, now: &str, names: &BTreeMap<String, Vec<String>>) -> bool {
        let (Some(before), Some(now)) = (Person::from_line(before), Person::from_line(now)) else {
            return false;
        };
        let guardian = |person: &Person<'_>| person.roles.contains(Role::Guardian);
        // Losing a protected child takes the role of guardian: that never waits.
        let unbound = guardian(&before) && !guardian(&now);
        let taken = names.get(&before.username.to_lowercase());
        let taken = taken.is_some_and(|keys| keys.iter().any(|key| key != before.key));
        !self.gone.contains(now.key) && !unbound && !taken
    }

    fn entities(&mut self) {
        let revealing = groups_that_reveal(self.baseline, self.gone);
        let kept: BTreeMap<&str, &String> = self
            .earlier
            .iter()
            .filter(|((kind, _), _)| *kind == Kind::Person)
            .map(|((_, key), line)| (key.as_str(), line))
            .collect();
        let as_told = self.told.persons().filter(|person| !kept.contains_key(person.key));
        let names = user_names(as_told);
        let missing = self.differences.missing.iter();
        for ((kind, identity), line) in missing.filter(|((kind, _), _)| is_entity(*kind)) {
            if *kind == Kind::School {
                continue;
            }
            let mut fate = self.fates.fate(*kind, identity);
            let revealed = *kind == Kind::Group && revealing.contains(identity);
            if revealed || *kind == Kind::Person && self.gone.contains(identity) {
                fate = Fate::Goes(Why::Register);
            }
            if let (Fate::Stays(_), Kind::Person, Some(person)) =
                (&fate, *kind, Person::from_line(line))
                && let Some(owner) = self.new_owner(&person, &names)
            {
                self.taken_over += u64::from(!owner);
                fate = Fate::Goes(Why::Conflict);
            }
            self.settle(*kind, identity, line, fate);
        }
    }

    /// Whether a user name belongs to somebody else now, and whether that is the same human.
    fn new_owner(
        &self,
        person: &Person<'_>,
        names: &BTreeMap<String, Vec<String>>,
    ) -> Option<bool> {
        let keys = names.get(&person.username.to_lowercase())?;
        let others = keys.iter().filter(|key| *key != person.key);
        let mut others = others.filter_map(|key| self.told.find_person(key)).peekable();
        others.peek()?;
        Some(others.all(|at| same_human(person, &self.told.person_at(at))))
    }

    fn settle(&mut self, kind: Kind, identity: &str, line: &str, fate: Fate) {
        match fate {
            Fate::Stays(pending) => {
                self.stays(kind, identity, line);
                self.waiting.note(&pending, self.calendar.season, self.fates.stages_stop());
                self.pending.push(pending);
            }
            Fate::Goes(why) => {
                self.why.insert((kind, identity.to_owned()), why);
            }
        }
    }

    fn stays(&mut self, kind: Kind, identity: &str, line: &str) {
        self.waiting.count(kind, line, self.baseline);
        self.kept.push((kind, line.to_owned()));
        let mut fields = identity.split('\t');
        let (first, second) =
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let (key, other) = match kind {
            Kind::Membership => (second, first),
            _ => (first, second),
        };
        self.rows.insert(SetAside { kind, key: key.to_owned(), other: other.to_owned() });
    }

    /// A school stays as long as anything that stays is at it.
    fn schools(&mut self) {
        let used = self.schools_in_use();
        for ((kind, key), line) in &self.differences.missing {
            if *kind != Kind::School {
                continue;
            }
            match self.fates.fate(*kind, key) {
                Fate::Goes(_) if used.contains(key) => {
                    self.stays(*kind, key, line);
                    self.pending.extend(self.fates.known(*kind, key).cloned());
                }
                fate => self.settle(*kind, key, line, fate),
            }
        }
    }

    fn schools_in_use(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        let mut note = |kind: Kind, line: &str| match kind {
            Kind::Person => {
                if let Some(person) = Person::from_line(line) {
                    used.extend(person.schools().map(str::to_owned));
                }
            }
            Kind::Group => {
                used.extend(Group::from_line(line).map(|group| group.school.to_owned()));
            }
            _ => {}
        };
        for ((kind, _), line) in &self.earlier {
            note(*kind, line);
        }
        for ((kind, identity), line) in &self.differences.missing {
            let row = SetAside { kind: *kind, key: identity.clone(), other: String::new() };
            if self.rows.contains(&row) {
                note(*kind, line);
            }
        }
        used
    }

    /// A membership or relation shares the fate of an end that is missing; else it has its own.
    fn links(&mut self) {
        for ((kind, identity), line) in &self.differences.missing {
            if is_entity(*kind) {
                continue;
            }
            let ends = ends(*kind, identity);
            if *kind == Kind::Relation && ends.iter().any(|(_, key)| self.gone.contains(*key)) {
                continue;
            }
            let why = ends.iter().find_map(|(end, key)| self.why.get(&(*end, (*key).to_owned())));
            if let Some(why) = why.cloned() {
                self.why.insert((*kind, identity.clone()), why);
            } else if !self.differences.has_a_fate(*kind, identity) {
                self.waiting.count(*kind, line, self.baseline);
            } else {
                let mut fate = self.fates.fate(*kind, identity);
                let other_group =
                    *kind == Kind::Membership && self.reused.contains(first(identity));
                if matches!(fate, Fate::Stays(_)) && other_group {
                    self.groups_taken_over.insert(first(identity).to_owned());
                    fate = Fate::Goes(Why::Conflict);
                }
                self.settle(*kind, identity, line, fate);
            }
        }
    }
}
