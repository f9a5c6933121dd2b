//! What one target is told: its schools, years, roles and kinds of group, closed under what they
//! refer to, and only the fields that its format carries and its `send` allows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::formats::carried::Carried;
use crate::roster::entity::{Group, Person, Roles};
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{GroupKind, Kind, RelationKind, Role};

/// A selection as it stands in the configuration: `"all"` or a list.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
#[serde(into = "Vec<String>")]
pub enum Choice {
    /// Everything.
    #[default]
    All,
    /// Only these.
    These(BTreeSet<String>),
}

impl Choice {
    fn has(&self, item: &str) -> bool {
        match self {
            Choice::All => true,
            Choice::These(items) => items.contains(item),
        }
    }

    fn is_all(&self) -> bool {
        *self == Choice::All
    }
}

impl From<Choice> for Vec<String> {
    fn from(choice: Choice) -> Vec<String> {
        match choice {
            Choice::All => vec!["all".to_owned()],
            Choice::These(items) => items.into_iter().collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Choice;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"all\" or a list such as [\"7\", \"8\"]")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Choice, E> {
                match text {
                    "all" => Ok(Choice::All),
                    _ => Err(E::custom(format!("{text:?} must stand in a list: [{text:?}]"))),
                }
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Choice, A::Error> {
                let mut items = BTreeSet::new();
                while let Some(item) = seq.next_element::<String>()? {
                    items.insert(item);
                }
                if items.is_empty() {
                    return Err(serde::de::Error::custom(
                        "an empty list selects nobody: write \"all\" or name some",
                    ));
                }
                Ok(Choice::These(items))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Choice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Choice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "oneOf": [{ "const": "all" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }]
        })
    }
}

/// Fields that are told only where the configuration names them.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitive {
    /// Personal number.
    PersonalNumber,
    /// Mobile phone.
    Mobile,
    /// Phone.
    Phone,
}

/// What a target selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Keys of schools.
    pub schools: Choice,
    /// School years of pupils, as the register writes them.
    pub years: Choice,
    /// Roles of persons.
    pub roles: Roles,
    /// Kinds of group.
    pub groups: BTreeSet<GroupKind>,
    /// Sensitive fields that may be told.
    pub send: BTreeSet<Sensitive>,
}

impl Selection {
    /// What the receiver is shown of what its format could carry.
    #[must_use]
    pub fn allowed(&self, carried: Carried) -> Carried {
        let sends = |field| self.send.contains(&field);
        Carried {
            personal_number: carried.personal_number && sends(Sensitive::PersonalNumber),
            mobile: carried.mobile && sends(Sensitive::Mobile),
            phone: carried.phone && sends(Sensitive::Phone),
            ..carried
        }
    }
}

/// The part of a roster that a target is told on `today`.
pub fn select(roster: &Roster, selection: &Selection, carried: Carried, today: Date) -> Roster {
    let today = today.to_string();
    let carried = selection.allowed(carried);
    let chosen = roster.subset(&choose(roster, selection, carried, &today));
    // A register without a list of schools still says which school each person is at: the keys
    // stay, for the limits of each school.
    let closed = carried.school_rows && roster.count(Kind::School) > 0;
    let told =
        |key: &str| selection.schools.has(key) && (!closed || chosen.find_school(key).is_some());
    chosen.rewrite(
        |school| school,
        |person| told_person(person, selection, carried, &told),
        |group| told_group(group, carried, &told),
    )
}

fn choose(roster: &Roster, selection: &Selection, carried: Carried, today: &str) -> Keep {
    let groups: Vec<bool> = roster.groups().map(|g| wanted_group(&g, selection, today)).collect();
    let live: Vec<bool> = roster
        .membership_roles()
        .zip(roster.membership_positions())
        .map(|((_, _, end), (group, _))| groups[group] && !ended(end, today))
        .collect();
    let persons = choose_persons(roster, selection, &live);
    let groups = with_members(roster, selection, groups, &persons, &live);
    let told_groups = carried.group_rows || carried.class_names;
    let told_links = carried.membership_rows || carried.class_names;
    let related = |((person, to), kind): ((usize, usize), RelationKind)| {
        let role = match kind {
            RelationKind::Guardian => Role::Guardian,
            RelationKind::Mentor => Role::Staff,
        };
        persons[person] && persons[to] && selection.roles.contains(role)
    };
    Keep {
        schools: roster
            .schools()
            .map(|s| carried.school_rows && selection.schools.has(s.key))
            .collect(),
        memberships: live.iter().map(|&live| live && told_links).collect(),
        relations: roster
            .relation_positions()
            .zip(roster.relation_kinds())
            .map(|ends| carried.relation_rows && related(ends))
            .collect(),
        groups: groups.into_iter().map(|kept| kept && told_groups).collect(),
        persons,
    }
}

fn wanted_group(group: &Group<'_>, selection: &Selection, today: &str) -> bool {
    let school = selection.schools.is_all() || selection.schools.has(group.school);
    selection.groups.contains(&group.kind) && school && !ended(group.end, today)
}

/// The last day still counts.
fn ended(end: &str, today: &str) -> bool {
    !end.is_empty() && end < today
}

/// Pupils and staff by their schools or by a live membership in a selected group; guardians by
/// their selected pupils, or all of them where nothing is left out.
fn choose_persons(roster: &Roster, selection: &Selection, live: &[bool]) -> Vec<bool> {
    let mut in_group = vec![false; roster.persons().len()];
    for ((_, person), &live) in roster.membership_positions().zip(live) {
        in_group[person] |= live;
    }
    let everywhere = selection.schools.is_all();
    let mut kept: Vec<bool> = roster
        .persons()
        .zip(&in_group)
        .map(|(person, &in_group)| {
            let here =
                everywhere || in_group || person.schools().any(|key| selection.schools.has(key));
            here && belongs(&person, selection)
        })
        .collect();
    if selection.roles.contains(Role::Guardian) {
        keep_guardians(roster, selection, &mut kept);
    }
    kept
}

fn belongs(person: &Person<'_>, selection: &Selection) -> bool {
    let roles = person.roles.intersection(selection.roles);
    let pupil = roles.contains(Role::Learner) && selection.years.has(person.school_year);
    pupil || roles.contains(Role::Staff)
}

fn keep_guardians(roster: &Roster, selection: &Selection, kept: &mut [bool]) {
    let whole = selection.schools.is_all() && selection.years.is_all();
    let mut of_kept = vec![false; kept.len()];
    for ((person, to), kind) in roster.relation_positions().zip(roster.relation_kinds()) {
        of_kept[person] |= kept[to] && kind == RelationKind::Guardian;
    }
    for (at, person) in roster.persons().enumerate() {
        if person.roles.contains(Role::Guardian) {
            kept[at] |= of_kept[at] || whole;
        }
    }
}

/// Where years are chosen, a group all of whose pupils are left out is left out too.
fn with_members(
    roster: &Roster,
    selection: &Selection,
    mut groups: Vec<bool>,
    persons: &[bool],
    live: &[bool],
) -> Vec<bool> {
    if selection.years.is_all() {
        return groups;
    }
    let mut left_out = vec![(false, false); groups.len()];
    let links = roster.membership_roles().zip(roster.membership_positions()).zip(live);
    for (((role, ..), (group, person)), _) in links.filter(|(_, live)| **live) {
        if role == Role::Learner {
            left_out[group].0 |= !persons[person];
            left_out[group].1 |= persons[person];
        }
    }
    for (kept, (some_out, some_in)) in groups.iter_mut().zip(left_out) {
        *kept &= some_in || !some_out;
    }
    groups
}

fn told_person<'r>(
    mut person: Person<'r>,
    selection: &Selection,
    carried: Carried,
    told: &impl Fn(&str) -> bool,
) -> Person<'r> {
    person = only_carried(person, carried);
    person.roles = person.roles.intersection(selection.roles);
    if !person.schools().all(told) {
        let before = person.clone();
        person.set_schools(before.schools().filter(|key| told(key)));
    }
    person
}

/// A person without the fields that are not carried.
fn only_carried(mut person: Person<'_>, carried: Carried) -> Person<'_> {
    let fields = [
        (&mut person.personal_number, carried.personal_number),
        (&mut person.given_name, carried.given_name),
        (&mut person.family_name, carried.family_name),
        (&mut person.email, carried.email),
        (&mut person.username, carried.username),
        (&mut person.phone, carried.phone),
        (&mut person.mobile, carried.mobile),
        (&mut person.school_year, carried.school_year),
    ];
    for (text, keep) in fields {
        if !keep {
            *text = "";
        }
    }
    person
}

/// What is told again from an earlier night, without fields that may no longer be sent.
#[must_use]
pub(super) fn as_carried(told_before: &Roster, carried: Carried) -> Roster {
    told_before.rewrite(|school| school, |person| only_carried(person, carried), |group| group)
}

fn told_group<'r>(
    mut group: Group<'r>,
    carried: Carried,
    told: &impl Fn(&str) -> bool,
) -> Group<'r> {
    if !told(group.school) {
        group.school = "";
    }
    if !carried.term {
        group.term = "";
    }
    if !carried.course {
        group.course = "";
    }
    if !carried.parent {
        group.parent = "";
    }
    if !carried.periods {
        (group.begin, group.end) = ("", "");
    }
    group
}
