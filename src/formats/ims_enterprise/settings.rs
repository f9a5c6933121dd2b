//! `[target.NAME.format.ims-enterprise]`: what the municipality says about its document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{
    Dialect, Encoding, GroupType, InstitutionRole, Namespace, RoleType, RootKey, RootName, Source,
    UsernameField,
};
use crate::formats::value::FileName;

/// Settings of an IMS Enterprise document. Receivers read dialects of the standard, often
/// through a stylesheet of their own, so each habit of a dialect can be set.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// What the reader makes of the file; the defaults of the other settings depend on it.
    pub dialect: Dialect,
    /// Encoding of the document; default UTF-8.
    #[serde(default)]
    pub encoding: Encoding,
    /// Who the keys belong to, at most 32 characters. A change makes every person new.
    pub source: Source,
    /// Which field becomes the user name at the receiver; default the user name.
    #[serde(default)]
    pub username: UsernameField,
    /// The file's name at the receiver.
    pub file_name: FileName,
    /// XML namespace; default `none`.
    #[serde(default)]
    pub namespace: Namespace,
    /// The group on top of the tree; used in the dialect `itslearning` only.
    #[serde(default)]
    pub root: Root,
    /// What each kind of group is called. Defaults: in itslearning teaching groups and courses
    /// are `COURSE` and the others have no type; in plain our own words.
    #[serde(default)]
    pub group_types: GroupTypes,
    /// What each role of a person is called. Defaults: `Student`, `Staff`, and for guardians
    /// `Carer` in itslearning and `Other` in plain.
    #[serde(default)]
    pub institution_roles: InstitutionRoles,
    /// What each role of a member is called; defaults `01`, `02` and `06`.
    #[serde(default)]
    pub roles: MembershipRoles,
    /// Whether every person is a member of his or her schools; default in itslearning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school_memberships: Option<bool>,
    /// Whether guardians and children are linked to each other; default in itslearning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_links: Option<bool>,
    /// Whether first and last day of groups and memberships are written; default in plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periods: Option<bool>,
    /// Whether the school year or term of groups is written; default in plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<bool>,
    /// Whether groups hang under a node for their school year, between them and their school;
    /// default no, and in the dialect `itslearning` only. Groups without a school year hang under
    /// the school, and groups that are part of another one under that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school_year_nodes: Option<bool>,
}

/// The group on top of the tree.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Root {
    /// Its sync key; default `root`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<RootKey>,
    /// Its name; default the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RootName>,
}

/// What each kind of group is called.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroupTypes {
    /// A class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<GroupType>,
    /// A course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<GroupType>,
    /// A mentor group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentor: Option<GroupType>,
    /// Any other group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<GroupType>,
    /// A teaching group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teaching: Option<GroupType>,
}

/// What each role of a person is called.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstitutionRoles {
    /// A guardian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guardian: Option<InstitutionRole>,
    /// A pupil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learner: Option<InstitutionRole>,
    /// Anyone employed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<InstitutionRole>,
}

/// What each role of a member is called.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MembershipRoles {
    /// Someone who teaches the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructor: Option<RoleType>,
    /// A pupil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learner: Option<RoleType>,
    /// A class teacher or other mentor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentor: Option<RoleType>,
}
