//! The settings of the safety filter: shares and numbers, each below its ceiling.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::percent::{Limit, Percent, UpTo};
use super::sentinels::Sentinels;
use super::verdict::Operation;
use super::window::Adds;
use crate::roster::words::GroupKind;

/// Limits for one kind of entity; `Remove` carries the ceiling of its removals.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    default,
    bound(deserialize = "Remove: Deserialize<'de>")
)]
pub struct Bounds<Remove> {
    /// New ones, as a share of those last told.
    pub add: Option<Limit<300>>,
    /// New ones, as a number.
    pub add_max: Option<u64>,
    /// Ones with other data, as a share.
    pub change: Option<Limit<100>>,
    /// Ones with other data, as a number.
    pub change_max: Option<u64>,
    /// Removed ones, as a share.
    pub remove: Option<Remove>,
    /// Removed ones, as a number.
    pub remove_max: Option<u64>,
}

impl<Remove> Default for Bounds<Remove> {
    fn default() -> Self {
        Bounds {
            add: None,
            add_max: None,
            change: None,
            change_max: None,
            remove: None,
            remove_max: None,
        }
    }
}

impl<const CEILING: u32> Bounds<Limit<CEILING>> {
    /// These, and where they say nothing, `below`.
    fn over(self, below: Self) -> Self {
        Bounds {
            add: self.add.or(below.add),
            add_max: self.add_max.or(below.add_max),
            change: self.change.or(below.change),
            change_max: self.change_max.or(below.change_max),
            remove: self.remove.or(below.remove),
            remove_max: self.remove_max.or(below.remove_max),
        }
    }

    const fn defaults(add: u32, change: u32, remove: u32) -> Self {
        Bounds {
            add: Some(Limit::of(add * 1000)),
            add_max: None,
            change: Some(Limit::of(change * 1000)),
            change_max: None,
            remove: Some(Limit::of(remove * 1000)),
            remove_max: None,
        }
    }

    const fn removals(remove: u32) -> Self {
        Bounds {
            add: None,
            add_max: None,
            change: None,
            change_max: None,
            remove: Some(Limit::of(remove * 1000)),
            remove_max: None,
        }
    }

    /// The share for an operation, for mails.
    pub fn share(&self, operation: Operation) -> Option<Percent> {
        match operation {
            Operation::Add => self.add.map(Limit::share),
            Operation::Change => self.change.map(Limit::share),
            Operation::Remove => self.remove.map(Limit::share),
        }
    }

    pub(super) fn number(&self, operation: Operation) -> Option<u64> {
        match operation {
            Operation::Add => self.add_max,
            Operation::Change => self.change_max,
            Operation::Remove => self.remove_max,
        }
    }
}

/// Removals from one school.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SchoolBounds {
    /// Persons who leave the school, as a share.
    pub remove: Option<Limit<60>>,
    /// Persons who leave the school, as a number.
    pub remove_max: Option<u64>,
}

/// What may happen to one field of the persons who are told now as before.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FieldBounds {
    /// Persons whose value is gone, as a share of those who had one: 10% unless set.
    pub emptied: Option<Limit<30>>,
    /// Persons with another value, as a share of those who had one: 25% unless set. School years
    /// are not judged by it.
    pub changed: Option<Limit<100>>,
}

/// Limits of kinds of group, by kind.
pub type OfKinds = BTreeMap<GroupKind, Bounds<Limit<50>>>;

/// The fewest that may be sent.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Minimum {
    /// Persons.
    pub persons: Option<u64>,
    /// Groups.
    pub groups: Option<u64>,
    /// Memberships.
    pub memberships: Option<u64>,
}

/// Removals over seven days.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct WeekBounds {
    /// Of anything that has a limit for a night, as a share; never below that limit.
    pub remove: Option<Limit<30>>,
}

/// `[limits]`, and `[target.NAME.limits]` which is laid over it.
#[derive(Clone, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// All persons: add 25%, change 25%, remove 5% unless set.
    pub persons: Option<Bounds<Limit<30>>>,
    /// Pupils: remove 5% unless set.
    pub learners: Option<Bounds<Limit<30>>>,
    /// Staff: add 25%, remove 8% unless set.
    pub staff: Option<Bounds<Limit<30>>>,
    /// Guardians: remove 10% unless set.
    pub guardians: Option<Bounds<Limit<30>>>,
    /// Groups: add 50%, change 50%, remove 10% unless set.
    pub groups: Option<Bounds<Limit<50>>>,
    /// Groups of one kind, beside the limits of all groups: removals by the limits of all groups
    /// unless set, additions and changes only where set.
    pub group_kinds: OfKinds,
    /// Memberships, all and of each role: add 50%, change 50%, remove 10% unless set.
    pub memberships: Option<Bounds<Limit<50>>>,
    /// Relations: add 50%, change 50%, remove 10% unless set.
    pub relations: Option<Bounds<Limit<50>>>,
    /// The persons of each school, and there those of each role, the groups and the memberships:
    /// remove 30% unless set.
    pub school: Option<SchoolBounds>,
    /// Persons or groups that got another key, of all of their kind: 1% unless set.
    pub rekeyed: Option<Limit<30>>,
    /// Each field of a person, by itself: emptied 10%, changed 25% unless set.
    pub field: Option<FieldBounds>,
    /// Rows that could not be used: 0.5% unless set.
    pub set_aside: Option<Limit<10>>,
    /// So many newly protected persons, or 0.5% of all if that is more: 5 unless set.
    pub newly_protected: Option<UpTo<100>>,
    /// So few never break a share, in a night or in seven days: 10 unless set. Never covers a
    /// school or role that vanishes.
    pub always_allow: Option<UpTo<100>>,
    /// The fewest that may be sent: 1 person unless set.
    pub minimum: Option<Minimum>,
    /// Removals over seven days: remove 12% unless set.
    pub week: Option<WeekBounds>,
    /// What must be there whatever anyone approves: nothing unless set.
    pub sentinels: Option<Sentinels>,
}

/// Every limit of one target, with nothing left open.
#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    /// All persons.
    pub persons: Bounds<Limit<30>>,
    /// Pupils.
    pub learners: Bounds<Limit<30>>,
    /// Staff.
    pub staff: Bounds<Limit<30>>,
    /// Guardians.
    pub guardians: Bounds<Limit<30>>,
    /// Groups.
    pub groups: Bounds<Limit<50>>,
    /// Groups of a kind, where they are set; see [`Limits::of_kind`].
    pub group_kinds: OfKinds,
    /// Memberships.
    pub memberships: Bounds<Limit<50>>,
    /// Relations.
    pub relations: Bounds<Limit<50>>,
    /// The persons of each school.
    pub school: SchoolBounds,
    /// Persons and groups that got another key.
    pub rekeyed: Limit<30>,
    /// Persons whose value in one field is gone.
    pub emptied: Limit<30>,
    /// Persons with another value in one field.
    pub changed: Limit<100>,
    /// Rows that could not be used.
    pub set_aside: Limit<10>,
    /// Newly protected persons.
    pub newly_protected: u64,
    /// The allowance under every share.
    pub always_allow: u32,
    /// The fewest that may be sent.
    pub minimum: Minimum,
    /// Removals over seven days.
    pub week: Limit<30>,
    /// What must be there.
    pub sentinels: Sentinels,
}

impl Limits {
    /// The same with a window's own limits on what is new.
    #[must_use]
    pub fn in_window(mut self, adds: &Adds) -> Limits {
        self.persons.add = adds.persons.or(self.persons.add);
        self.staff.add = adds.persons.or(self.staff.add);
        self.groups.add = adds.groups.or(self.groups.add);
        self.memberships.add = adds.memberships.or(self.memberships.add);
        self.relations.add = adds.relations.or(self.relations.add);
        self
    }

    /// The target's limits over the site's over the defaults.
    pub fn resolve(target: &Settings, site: &Settings) -> Limits {
        fn layer<const R: u32>(
            target: Option<Bounds<Limit<R>>>,
            site: Option<Bounds<Limit<R>>>,
            default: Bounds<Limit<R>>,
        ) -> Bounds<Limit<R>> {
            target.unwrap_or_default().over(site.unwrap_or_default()).over(default)
        }
        let (t, s) = (target, site);
        let school = t.school.unwrap_or_default();
        let school_below = s.school.unwrap_or_default();
        let (field, field_below) = (t.field.unwrap_or_default(), s.field.unwrap_or_default());
        let least = t.minimum.unwrap_or_default();
        let least_below = s.minimum.unwrap_or_default();
        let week = t.week.unwrap_or_default().remove.or(s.week.unwrap_or_default().remove);
        let none = Sentinels::default();
        let (watched, below) = (t.sentinels.as_ref(), s.sentinels.as_ref());
        Limits {
            persons: layer(t.persons, s.persons, Bounds::defaults(25, 25, 5)),
            learners: layer(t.learners, s.learners, Bounds::removals(5)),
            staff: layer(
                t.staff,
                s.staff,
                Bounds { add: Some(Limit::of(25_000)), ..Bounds::removals(8) },
            ),
            guardians: layer(t.guardians, s.guardians, Bounds::removals(10)),
            groups: layer(t.groups, s.groups, Bounds::defaults(50, 50, 10)),
            group_kinds: of_kinds(&t.group_kinds, &s.group_kinds),
            memberships: layer(t.memberships, s.memberships, Bounds::defaults(50, 50, 10)),
            relations: layer(t.relations, s.relations, Bounds::defaults(50, 50, 10)),
            school: SchoolBounds {
                remove: school.remove.or(school_below.remove).or(Some(Limit::of(30_000))),
                remove_max: school.remove_max.or(school_below.remove_max),
            },
            rekeyed: t.rekeyed.or(s.rekeyed).unwrap_or(Limit::of(1000)),
            emptied: field.emptied.or(field_below.emptied).unwrap_or(Limit::of(10_000)),
            changed: field.changed.or(field_below.changed).unwrap_or(Limit::of(25_000)),
            set_aside: t.set_aside.or(s.set_aside).unwrap_or(Limit::of(500)),
            newly_protected: t
                .newly_protected
                .or(s.newly_protected)
                .map_or(5, |n| u64::from(n.number())),
            always_allow: t.always_allow.or(s.always_allow).map_or(10, UpTo::number),
            minimum: Minimum {
                persons: least.persons.or(least_below.persons).or(Some(1)),
                groups: least.groups.or(least_below.groups),
                memberships: least.memberships.or(least_below.memberships),
            },
            week: week.unwrap_or(Limit::of(12_000)),
            sentinels: watched.unwrap_or(&none).over(below.unwrap_or(&none)),
        }
    }
    /// The limits of one kind of group: its own, and for removals those of all groups where it
    /// has none. What is new in a kind is judged with all groups unless a limit is set for it: a
    /// kind that is new to a target has nothing that it could be a share of.
    pub fn of_kind(&self, kind: GroupKind) -> Bounds<Limit<50>> {
        let Bounds { remove, remove_max, .. } = self.groups;
        let below = Bounds { remove, remove_max, ..Bounds::default() };
        self.group_kinds.get(&kind).copied().unwrap_or_default().over(below)
    }
}

fn of_kinds(target: &OfKinds, site: &OfKinds) -> OfKinds {
    let mut kinds = site.clone();
    for (&kind, &bounds) in target {
        let below = kinds.get(&kind).copied().unwrap_or_default();
        kinds.insert(kind, bounds.over(below));
    }
    kinds
}
