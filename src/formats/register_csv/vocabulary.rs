//! Our words that a register's words can be mapped to, with a message that lists them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{Schema, json_schema};
use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::nearest::nearest;
use crate::roster::words::{GroupKind, RelationKind, Role};

/// What a column of the register can mean to us.
pub trait Word: DeserializeOwned + Clone {
    /// Name of such a column in the schema.
    const COLUMN: &'static str;
    /// Whether the register's words are mapped to ours; text is taken as it is.
    const MAPPED: bool;

    /// Our own words: what a column without `values` may hold.
    fn own_words() -> BTreeMap<String, Self>;

    /// The schema of one word.
    fn word_schema() -> Schema;
}

/// Text, taken as the register writes it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Text(pub String);

impl Word for Text {
    const COLUMN: &'static str = "TextColumn";
    const MAPPED: bool = false;

    fn own_words() -> BTreeMap<String, Self> {
        BTreeMap::new()
    }

    fn word_schema() -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// Whether a word of the register means that the person is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Protected(pub bool);

impl<'de> Deserialize<'de> for Protected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Flag;
        impl Visitor<'_> for Flag {
            type Value = Protected;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true (protected) or false")
            }
            fn visit_bool<E: Error>(self, flag: bool) -> Result<Protected, E> {
                Ok(Protected(flag))
            }
        }
        deserializer.deserialize_any(Flag)
    }
}

impl Word for Protected {
    const COLUMN: &'static str = "ProtectedColumn";
    const MAPPED: bool = true;

    fn own_words() -> BTreeMap<String, Self> {
        BTreeMap::new()
    }

    fn word_schema() -> Schema {
        json_schema!({ "type": "boolean" })
    }
}

macro_rules! mapped {
    ($($(#[$meta:meta])* $name:ident($inner:ty) of $all:expr, $column:literal, $what:literal;)*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name(pub $inner);

        impl $name {
            fn words() -> impl Iterator<Item = &'static str> {
                $all.iter().map(|word| word.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let found = $all.iter().find(|word| word.as_str() == text);
                found.map(|&word| $name(word)).ok_or_else(|| {
                    D::Error::custom(unknown(&text, $what, &Self::words().collect::<Vec<_>>()))
                })
            }
        }

        impl Word for $name {
            const COLUMN: &'static str = $column;
            const MAPPED: bool = true;

            fn own_words() -> BTreeMap<String, Self> {
                $all.iter().map(|&word| (word.to_string(), $name(word))).collect()
            }

            fn word_schema() -> Schema {
                json_schema!({ "enum": Self::words().collect::<Vec<_>>() })
            }
        }
    )* };
}

mapped! {
    /// A role that a person may have.
    PersonRole(Role) of Role::OF_PERSONS, "PersonRoleColumn", "a person's role";
    /// A role that a membership may have.
    MembershipRole(Role) of Role::OF_MEMBERSHIPS, "MembershipRoleColumn", "a role in a group";
    /// What a group is for.
    KindOfGroup(GroupKind) of GroupKind::ALL, "GroupKindColumn", "a kind of group";
    /// How two persons are related.
    KindOfRelation(RelationKind) of RelationKind::ALL, "RelationKindColumn", "a kind of relation";
}

fn unknown(text: &str, what: &str, words: &[&str]) -> String {
    let near = nearest(text, words.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"));
    format!("{text:?} is not {what}{hint}: use one of {}", words.join(", "))
}
