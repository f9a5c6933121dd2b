//! What one target is told: its schools, years, roles and kinds of group, closed under what they
//! refer to, and only the fields that its format carries and its `send` allows.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::{GroupKeys, Keyed};
pub use super::why_not::{Reasons, WhyNot, why_not};
use crate::formats::carried::Carried;
use crate::roster::entity::{Group, Person, Roles};
use crate::roster::field::PersonField;
use crate::roster::roster::Roster;
use crate::roster::untold::{Field, Untold};
use crate::roster::words::{GroupKind, Kind};

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
    /// Whether this one is selected.
    pub fn has(&self, item: &str) -> bool {
        match self {
            Choice::All => true,
            Choice::These(items) => items.contains(item),
        }
    }

    pub(super) fn is_all(&self) -> bool {
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
    /// By which keys groups are told.
    pub group_keys: GroupKeys,
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

/// The part of a roster that a target is told on `today`, by the keys that its receiver knows.
pub fn select(roster: &Roster, selection: &Selection, carried: Carried, today: Date) -> Roster {
    select_keyed(roster, selection, carried, today).roster
}

/// The same, and which groups could not be given their keys.
pub fn select_keyed(
    roster: &Roster,
    selection: &Selection,
    carried: Carried,
    today: Date,
) -> Keyed {
    let allowed = selection.allowed(carried);
    let chosen = roster.subset(&Reasons::of(roster, selection, allowed, today).keep());
    let Keyed { roster: chosen, waiting, clashing } = selection.group_keys.apply(chosen);
    Keyed { roster: as_told(roster, &chosen, selection, allowed), waiting, clashing }
}

/// What was chosen of a roster, with only the fields that are told.
fn as_told(roster: &Roster, chosen: &Roster, selection: &Selection, carried: Carried) -> Roster {
    // A register without a list of schools still says which school each person is at: the keys
    // stay, for the limits of each school.
    let closed = carried.school_rows && roster.count(Kind::School) > 0;
    let told =
        |key: &str| selection.schools.has(key) && (!closed || chosen.find_school(key).is_some());
    chosen.without(of_persons(carried)).without(of_groups(carried)).rewrite(
        |school| school,
        |person| told_person(person, selection, &told),
        |group| told_group(group, &told),
    )
}

fn told_person<'r>(
    mut person: Person<'r>,
    selection: &Selection,
    told: &impl Fn(&str) -> bool,
) -> Person<'r> {
    person.roles = person.roles.intersection(selection.roles);
    if !person.schools().all(told) {
        let before = person.clone();
        person.set_schools(before.schools().filter(|key| told(key)));
    }
    person
}

/// The fields of persons that are not carried.
fn of_persons(carried: Carried) -> Untold {
    let untold = PersonField::ALL.into_iter().filter(|&field| !carried.shows(field));
    untold.map(Field::Person).collect()
}

/// The fields of groups that are not carried.
fn of_groups(carried: Carried) -> Untold {
    let fields = [
        (Field::Term, carried.term),
        (Field::Course, carried.course),
        (Field::Parent, carried.parent),
        (Field::Periods, carried.periods),
    ];
    fields.into_iter().filter(|(_, carried)| !carried).map(|(field, _)| field).collect()
}

/// What is told again from an earlier night, without fields that may no longer be sent.
#[must_use]
pub(super) fn as_carried(told_before: &Roster, carried: Carried) -> Roster {
    told_before.without(of_persons(carried))
}

fn told_group<'r>(mut group: Group<'r>, told: &impl Fn(&str) -> bool) -> Group<'r> {
    if !told(group.school) {
        group.school = "";
    }
    group
}
