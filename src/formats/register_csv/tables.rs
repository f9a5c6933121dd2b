//! Which column of the register is which field of ours, table by table.

use schemars::JsonSchema;
use serde::Deserialize;

use super::column::{Column, Spot};
use super::units::FileName;
use super::vocabulary::{KindOfGroup, KindOfRelation, MembershipRole, PersonRole, Protected, Text};

/// A column that may be left out.
type Maybe = Option<Column<Text>>;

/// Declares a table: its fields, and where its columns stand.
macro_rules! table {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* }
     optional { $($(#[$maybe_meta:meta])* $maybe:ident: $maybe_kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name {
            /// Name of the file.
            pub file: FileName,
            $($(#[$field_meta])* pub $field: $kind,)*
            $($(#[$maybe_meta])* #[serde(default)] pub $maybe: $maybe_kind,)*
        }

        impl $name {
            /// Where the columns stand.
            pub(super) fn spots(&self) -> Vec<&Spot> {
                let needed = [$(self.$field.spot(),)*];
                let optional: &[Option<&Spot>] =
                    &[$(self.$maybe.as_ref().and_then(Column::spot),)*];
                needed.into_iter().chain(optional.iter().copied()).flatten().collect()
            }
        }
    };
}

table! {
    /// Which columns say what about a school.
    SchoolTable {
        /// The sync key.
        key: Column<Text>,
    } optional {
        /// The name.
        name: Maybe,
    }
}

table! {
    /// Which columns say what about a person. A person with several rows may have another
    /// school, school year and role in each.
    PersonTable {
        /// The sync key, which must never change and never be reused.
        key: Column<Text>,
        /// What the person is.
        role: Column<PersonRole>,
    } optional {
        /// Personnummer, samordningsnummer or interim number, in any written form.
        personal_number: Maybe,
        /// Given name.
        given_name: Maybe,
        /// Family name.
        family_name: Maybe,
        /// E-mail address.
        email: Maybe,
        /// User name.
        username: Maybe,
        /// Phone other than mobile.
        phone: Maybe,
        /// Mobile phone.
        mobile: Maybe,
        /// Key of the school.
        school: Maybe,
        /// School year.
        school_year: Maybe,
        /// Whether the person is protected; a word that is not mapped counts as protected.
        protected: Option<Column<Protected>>,
    }
}

table! {
    /// Which columns say what about a group.
    GroupTable {
        /// The sync key.
        key: Column<Text>,
        /// What the group is for.
        kind: Column<KindOfGroup>,
    } optional {
        /// The name.
        name: Maybe,
        /// Key of the school.
        school: Maybe,
        /// School year or term.
        term: Maybe,
        /// Course code.
        course: Maybe,
        /// Key of the group that this one is part of.
        parent: Maybe,
        /// First day.
        begin: Maybe,
        /// Last day.
        end: Maybe,
    }
}

table! {
    /// Which columns say who is in which group.
    MembershipTable {
        /// Key of the person.
        person: Column<Text>,
        /// Key of the group.
        group: Column<Text>,
        /// What the person is in the group.
        role: Column<MembershipRole>,
    } optional {
        /// First day.
        begin: Maybe,
        /// Last day.
        end: Maybe,
    }
}

table! {
    /// Which columns say who is whose guardian or mentor.
    RelationTable {
        /// Key of the guardian or mentor.
        person: Column<Text>,
        /// Key of the pupil.
        to: Column<Text>,
        /// What `person` is to `to`.
        kind: Column<KindOfRelation>,
    } optional {}
}

/// A key must come from the file: one value for every row is no key.
fn from_file(table: &str, columns: &[(&str, &Column<Text>)]) -> Result<(), String> {
    match columns.iter().find(|(_, column)| column.spot().is_none()) {
        None => Ok(()),
        Some((field, _)) => {
            Err(format!("{table}.{field} cannot be a constant: every row has its own"))
        }
    }
}

impl SchoolTable {
    pub(super) fn check(&self) -> Result<(), String> {
        from_file("schools", &[("key", &self.key)])
    }
}

impl PersonTable {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.given_name.is_none() && self.family_name.is_none() {
            return Err("persons needs given-name or family-name".to_owned());
        }
        from_file("persons", &[("key", &self.key)])
    }
}

impl GroupTable {
    pub(super) fn check(&self) -> Result<(), String> {
        from_file("groups", &[("key", &self.key)])
    }
}

impl MembershipTable {
    pub(super) fn check(&self) -> Result<(), String> {
        from_file("memberships", &[("person", &self.person), ("group", &self.group)])
    }
}

impl RelationTable {
    pub(super) fn check(&self) -> Result<(), String> {
        from_file("relations", &[("person", &self.person), ("to", &self.to)])
    }
}
