//! The closed sets of the field: roles, kinds of group, kinds of relation, kinds of entity.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every value, in the order of their names.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word used in configuration, snapshots and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok($name::$variant),)* _ => Err(()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a person is at a school, or in a group.
    ///
    /// There is no administrator: rostergate can never hand out an administrator's rights.
    Role {
        /// A parent or other custodian of a pupil; only a person's role.
        Guardian = "guardian",
        /// Someone who teaches a group; only a membership's role.
        Instructor = "instructor",
        /// A pupil.
        Learner = "learner",
        /// A class teacher or other mentor; only a membership's role.
        Mentor = "mentor",
        /// Anyone employed; only a person's role.
        Staff = "staff",
    }
}

impl Role {
    /// Roles that a person may have.
    pub const OF_PERSONS: &'static [Role] = &[Role::Learner, Role::Staff, Role::Guardian];
    /// Roles that a membership may have.
    pub const OF_MEMBERSHIPS: &'static [Role] = &[Role::Learner, Role::Instructor, Role::Mentor];
}

words! {
    /// What a group is for.
    GroupKind {
        /// The class that a pupil belongs to.
        Class = "class",
        /// A course.
        Course = "course",
        /// A mentor group.
        Mentor = "mentor",
        /// Any other group.
        Other = "other",
        /// A teaching group.
        Teaching = "teaching",
    }
}

words! {
    /// How two persons are related: `person` is the … of `to`.
    RelationKind {
        /// A custodian of a pupil.
        Guardian = "guardian",
        /// A mentor of a pupil.
        Mentor = "mentor",
    }
}

words! {
    /// The kinds of entity that a roster holds.
    Kind {
        /// A school, preschool or other unit.
        School = "school",
        /// A person.
        Person = "person",
        /// A group.
        Group = "group",
        /// A person in a group.
        Membership = "membership",
        /// A person's relation to a pupil.
        Relation = "relation",
    }
}
