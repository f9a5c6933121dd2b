//! What waits to be removed or changed at one receiver, in numbers for mails and `status`.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use super::counts::Counts;
use super::pending::Pending;
use super::season::Season;
use super::window::{Open, Release};
use crate::roster::entity::{Group, Person};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind};

/// A number for each kind of thing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Numbers {
    /// Schools.
    pub schools: u64,
    /// Persons.
    pub persons: u64,
    /// Groups.
    pub groups: u64,
    /// Memberships.
    pub memberships: u64,
    /// Relations.
    pub relations: u64,
}

impl Numbers {
    /// One more.
    pub fn count(&mut self, kind: Kind) {
        let number = match kind {
            Kind::School => &mut self.schools,
            Kind::Person => &mut self.persons,
            Kind::Group => &mut self.groups,
            Kind::Membership => &mut self.memberships,
            Kind::Relation => &mut self.relations,
        };
        *number += 1;
    }

    /// Whether it is nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Numbers::default()
    }
}

/// What waits.
#[derive(Clone, Default, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Waiting {
    /// The window that is open.
    pub window: Option<Open>,
    /// What is missing and still told.
    pub removed: Numbers,
    /// What has changed and is told as before.
    pub changed: Numbers,
    /// Persons who wait to be removed, by name of school.
    pub schools: BTreeMap<String, u64>,
    /// Groups that wait to be removed, by kind.
    pub group_kinds: BTreeMap<GroupKind, u64>,
    /// What waits for a person's approval since its window has ended, by window.
    pub to_release: BTreeMap<String, Numbers>,
    /// What goes in stages, its list being approved.
    pub in_stages: Numbers,
    /// Of an approved list no further stage is within the limits: the rest is to be released, too.
    pub stages_stop: bool,
    /// What waits for its grace to end.
    pub in_grace: Numbers,
    /// The first day on which a grace ends.
    pub grace_ends: Option<Date>,
}

impl Waiting {
    /// Nothing waits yet.
    pub(super) fn of(season: &Season) -> Waiting {
        Waiting { window: season.holding().cloned(), ..Waiting::default() }
    }

    /// What a stored list says, for `status`: whoever stays with something on the list is not
    /// counted.
    pub fn of_list(pending: &[Pending], season: &Season) -> Waiting {
        let mut waiting = Waiting::of(season);
        for one in pending {
            waiting.removed.count(one.kind);
            waiting.note(one, season, false);
        }
        waiting
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changed.is_empty()
    }

    /// One more thing stays.
    pub(super) fn count(&mut self, kind: Kind, line: &str, baseline: &Roster) {
        self.removed.count(kind);
        match kind {
            Kind::Person => self.count_person(Person::from_line(line).as_ref(), baseline),
            Kind::Group => self.count_group(Group::from_line(line)),
            Kind::School | Kind::Membership | Kind::Relation => {}
        }
    }

    fn count_person(&mut self, person: Option<&Person<'_>>, told: &Roster) {
        for key in person.into_iter().flat_map(Person::schools) {
            let name = told.schools().find(|s| s.key == key).map(|s| s.name);
            let name = name.filter(|name| !name.is_empty()).unwrap_or(key);
            *self.schools.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// Schools of which the target is told no names get those that its numbers have.
    pub(super) fn name_schools(&mut self, counts: &Counts) {
        for (key, name) in counts.school_names() {
            if let Some(number) = self.schools.remove(&key) {
                *self.schools.entry(name).or_default() += number;
            }
        }
    }

    fn count_group(&mut self, group: Option<Group<'_>>) {
        if let Some(group) = group {
            *self.group_kinds.entry(group.kind).or_default() += 1;
        }
    }

    /// What goes in stages once a stored plan is approved, by school and by kind of group: its
    /// list, as far as what the plan tells still has it. `None` where there is nothing of the kind.
    pub fn of_stages(pending: &[Pending], told: &Roster) -> Option<Waiting> {
        let staged = |one: &&Pending| {
            one.approved && !one.window.is_empty() && one.release == Release::Staged
        };
        let mut waiting = Waiting::default();
        for one in pending.iter().filter(staged) {
            waiting.removed.count(one.kind);
            waiting.in_stages.count(one.kind);
            match one.kind {
                Kind::Person => {
                    let person = told.find_person(&one.identity).map(|at| told.person_at(at));
                    waiting.count_person(person.as_ref(), told);
                }
                Kind::Group => {
                    let group = told.find_group(&one.identity).map(|at| told.group_at(at));
                    waiting.count_group(group);
                }
                Kind::School | Kind::Membership | Kind::Relation => {}
            }
        }
        (!waiting.is_empty()).then_some(waiting)
    }

    /// What something that stays waits for.
    pub(super) fn note(&mut self, pending: &Pending, season: &Season, stages_stop: bool) {
        let in_stages = pending.approved && season.release_of(pending) == Release::Staged;
        if pending.window.is_empty() {
            self.in_grace.count(pending.kind);
            let days = i64::from(season.grace_of(pending));
            let ends = pending.missing_since.checked_add(Span::new().days(days)).ok();
            self.grace_ends = [self.grace_ends, ends].into_iter().flatten().min();
        } else if in_stages && !stages_stop {
            self.in_stages.count(pending.kind);
        } else if season.holding().is_none() {
            self.stages_stop |= in_stages;
            self.to_release.entry(pending.window.clone()).or_default().count(pending.kind);
        }
    }
}
