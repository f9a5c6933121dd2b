//! The rules of a selection: for every entity and link, which of them leaves it out. What none
//! of them leaves out is told, so that asking why is asking the rule itself.

use jiff::civil::Date;
use serde::Serialize;

use super::select::Selection;
use crate::formats::carried::Carried;
use crate::roster::entity::{Group, Person};
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{Kind, RelationKind, Role};

/// The rule that leaves an entity or a link out. Of several, the first in this order of thought:
/// what the file can hold, then what the target asks for, then what is left of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyNot {
    /// The target's files have no place for it.
    NotCarried,
    /// None of a person's roles is selected; of a relation, the role that it makes.
    Role,
    /// The school is not selected. A person is in no selected group there either.
    School,
    /// A pupil of a school year that is not selected.
    SchoolYear,
    /// A guardian none of whose children is told.
    NoChild,
    /// A kind of group that is not selected.
    GroupKind,
    /// The last day is past.
    Ended,
    /// A group all of whose pupils are left out, where school years are selected.
    NoPupils,
    /// A link whose person is left out.
    PersonLeftOut,
    /// A membership whose group is left out.
    GroupLeftOut,
}

/// For each entity and link of a roster, by position, what leaves it out.
pub struct Reasons {
    schools: Vec<Option<WhyNot>>,
    persons: Vec<Option<WhyNot>>,
    groups: Vec<Option<WhyNot>>,
    memberships: Vec<Option<WhyNot>>,
    relations: Vec<Option<WhyNot>>,
}

/// Why a school, person or group of a roster is not told; `None` when it is. Of something that
/// the roster does not hold, nothing can be said: `None`, too.
pub fn why_not(
    roster: &Roster,
    selection: &Selection,
    carried: Carried,
    today: Date,
    (kind, key): (Kind, &str),
) -> Option<WhyNot> {
    let at = match kind {
        Kind::School => roster.find_school(key),
        Kind::Person => roster.find_person(key),
        Kind::Group => roster.find_group(key),
        Kind::Membership | Kind::Relation => None,
    }?;
    Reasons::of(roster, selection, carried, today).each(kind)[at]
}

impl Reasons {
    /// Asks every rule about every entity and link.
    pub fn of(roster: &Roster, selection: &Selection, carried: Carried, today: Date) -> Reasons {
        let asked = Asked { roster, selection, carried, today: today.to_string() };
        let wanted = asked.wanted_groups();
        let live: Vec<Option<WhyNot>> = asked.live(&wanted);
        let persons = asked.persons(&live);
        let groups = asked.groups(wanted, &persons, &live);
        Reasons {
            schools: asked.schools(),
            memberships: asked.memberships(live, &persons, &groups),
            relations: asked.relations(&persons),
            persons,
            groups,
        }
    }

    /// What leaves each one of a kind out, in the roster's order.
    pub fn each(&self, kind: Kind) -> &[Option<WhyNot>] {
        match kind {
            Kind::School => &self.schools,
            Kind::Person => &self.persons,
            Kind::Group => &self.groups,
            Kind::Membership => &self.memberships,
            Kind::Relation => &self.relations,
        }
    }

    /// What nothing leaves out.
    pub(super) fn keep(&self) -> Keep {
        let told = |kind| self.each(kind).iter().map(Option::is_none).collect();
        Keep {
            schools: told(Kind::School),
            persons: told(Kind::Person),
            groups: told(Kind::Group),
            memberships: told(Kind::Membership),
            relations: told(Kind::Relation),
        }
    }
}

/// A roster, and what is asked of it.
struct Asked<'a> {
    roster: &'a Roster,
    selection: &'a Selection,
    carried: Carried,
    today: String,
}

/// The reason, unless something holds.
fn unless(holds: bool, reason: WhyNot) -> Option<WhyNot> {
    (!holds).then_some(reason)
}

impl Asked<'_> {
    fn schools(&self) -> Vec<Option<WhyNot>> {
        let rows = unless(self.carried.school_rows, WhyNot::NotCarried);
        let of = |key| unless(self.selection.schools.has(key), WhyNot::School);
        self.roster.schools().map(|school| rows.or(of(school.key))).collect()
    }

    fn wanted_groups(&self) -> Vec<Option<WhyNot>> {
        self.roster.groups().map(|group| self.wanted_group(&group)).collect()
    }

    fn wanted_group(&self, group: &Group<'_>) -> Option<WhyNot> {
        let Selection { schools, groups, .. } = self.selection;
        unless(groups.contains(&group.kind), WhyNot::GroupKind)
            .or(unless(schools.is_all() || schools.has(group.school), WhyNot::School))
            .or(self.ended(group.end))
    }

    /// The last day still counts.
    fn ended(&self, end: &str) -> Option<WhyNot> {
        unless(end.is_empty() || end >= self.today.as_str(), WhyNot::Ended)
    }

    /// Of each membership, whether it is one in a wanted group today.
    fn live(&self, wanted: &[Option<WhyNot>]) -> Vec<Option<WhyNot>> {
        let links = self.roster.membership_roles().zip(self.roster.membership_positions());
        let of = |group: usize| unless(wanted[group].is_none(), WhyNot::GroupLeftOut);
        links.map(|((_, _, end), (group, _))| of(group).or_else(|| self.ended(end))).collect()
    }

    /// Pupils and staff by their schools or by a live membership in a selected group; guardians
    /// by their selected pupils, or all of them where nothing is left out.
    fn persons(&self, live: &[Option<WhyNot>]) -> Vec<Option<WhyNot>> {
        let mut in_group = vec![false; self.roster.persons().len()];
        for ((_, person), live) in self.roster.membership_positions().zip(live) {
            in_group[person] |= live.is_none();
        }
        let people = self.roster.persons().zip(&in_group);
        let mut reasons: Vec<_> =
            people.map(|(person, &in_group)| self.by_itself(&person, in_group)).collect();
        if self.selection.roles.contains(Role::Guardian) {
            self.admit_guardians(&mut reasons);
        }
        reasons
    }

    /// What leaves a person out as a pupil or a member of staff.
    fn by_itself(&self, person: &Person<'_>, in_group: bool) -> Option<WhyNot> {
        let Selection { schools, years, roles, .. } = self.selection;
        let roles = person.roles.intersection(*roles);
        if roles.is_empty() {
            return Some(WhyNot::Role);
        }
        let (pupil, staff) = (roles.contains(Role::Learner), roles.contains(Role::Staff));
        let here = schools.is_all() || in_group || person.schools().any(|key| schools.has(key));
        unless(pupil || staff, WhyNot::NoChild)
            .or(unless(here, WhyNot::School))
            .or(unless(staff || years.has(person.school_year), WhyNot::SchoolYear))
    }

    fn admit_guardians(&self, reasons: &mut [Option<WhyNot>]) {
        let whole = self.selection.schools.is_all() && self.selection.years.is_all();
        let mut of_told = vec![false; reasons.len()];
        let relations = self.roster.relation_positions().zip(self.roster.relation_kinds());
        for ((person, to), kind) in relations {
            of_told[person] |= reasons[to].is_none() && kind == RelationKind::Guardian;
        }
        for (at, person) in self.roster.persons().enumerate() {
            if person.roles.contains(Role::Guardian) && (of_told[at] || whole) {
                reasons[at] = None;
            }
        }
    }

    /// Where years are chosen, a group all of whose pupils are left out is left out too.
    fn groups(
        &self,
        mut reasons: Vec<Option<WhyNot>>,
        persons: &[Option<WhyNot>],
        live: &[Option<WhyNot>],
    ) -> Vec<Option<WhyNot>> {
        if !self.selection.years.is_all() {
            let mut pupils = vec![(false, false); reasons.len()];
            let links = self.roster.membership_roles().zip(self.roster.membership_positions());
            let links = links.zip(live).filter(|(_, live)| live.is_none());
            for (((role, ..), (group, person)), _) in links {
                if role == Role::Learner {
                    pupils[group].0 |= persons[person].is_some();
                    pupils[group].1 |= persons[person].is_none();
                }
            }
            for (reason, (some_out, some_in)) in reasons.iter_mut().zip(pupils) {
                *reason = reason.or(unless(some_in || !some_out, WhyNot::NoPupils));
            }
        }
        let rows = self.carried.group_rows || self.carried.class_names;
        let rows = unless(rows, WhyNot::NotCarried);
        reasons.into_iter().map(|reason| rows.or(reason)).collect()
    }

    fn memberships(
        &self,
        live: Vec<Option<WhyNot>>,
        persons: &[Option<WhyNot>],
        groups: &[Option<WhyNot>],
    ) -> Vec<Option<WhyNot>> {
        let rows = self.carried.membership_rows || self.carried.class_names;
        let rows = unless(rows, WhyNot::NotCarried);
        let ends = |(group, person): (usize, usize)| {
            unless(persons[person].is_none(), WhyNot::PersonLeftOut)
                .or(unless(groups[group].is_none(), WhyNot::GroupLeftOut))
        };
        let links = live.into_iter().zip(self.roster.membership_positions());
        links.map(|(live, link)| rows.or(live).or_else(|| ends(link))).collect()
    }

    fn relations(&self, persons: &[Option<WhyNot>]) -> Vec<Option<WhyNot>> {
        let rows = unless(self.carried.relation_rows, WhyNot::NotCarried);
        let role = |kind| match kind {
            RelationKind::Guardian => Role::Guardian,
            RelationKind::Mentor => Role::Staff,
        };
        let role = |kind| unless(self.selection.roles.contains(role(kind)), WhyNot::Role);
        let ends = |(person, to): (usize, usize)| {
            let both = persons[person].is_none() && persons[to].is_none();
            unless(both, WhyNot::PersonLeftOut)
        };
        let links = self.roster.relation_positions().zip(self.roster.relation_kinds());
        links.map(|(link, kind)| rows.or(role(kind)).or_else(|| ends(link))).collect()
    }
}
