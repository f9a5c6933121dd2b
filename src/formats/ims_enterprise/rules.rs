//! The settings with every default filled in: what both writer and reader go by.

use serde::Serialize;

use super::settings::Settings;
use super::values::{Dialect, Encoding, UsernameField, role_number};
use crate::formats::carried::Carried;
use crate::roster::entity::Roles;
use crate::roster::words::{GroupKind, Role};

/// Roles of persons, the strongest first: it becomes the primary one.
pub(super) const BY_STRENGTH: [Role; 3] = [Role::Staff, Role::Learner, Role::Guardian];
/// Roles of memberships, in the order in which an ambiguous role type is read.
const MEMBERS: [Role; 3] = [Role::Learner, Role::Instructor, Role::Mentor];

/// What both writer and reader go by. Serialised, it is what the digest covers.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a set of named habits, each there or not")]
pub(super) struct Rules<'s> {
    pub(super) dialect: Dialect,
    pub(super) encoding: Encoding,
    pub(super) source: &'s str,
    pub(super) username: UsernameField,
    pub(super) namespace: Option<&'s str>,
    pub(super) root: Option<Root<'s>>,
    pub(super) group_types: [&'s str; 5],
    /// In the order of [`BY_STRENGTH`].
    pub(super) institution_roles: [&'s str; 3],
    /// In the order of [`MEMBERS`].
    role_types: [&'s str; 3],
    pub(super) school_memberships: bool,
    pub(super) parent_links: bool,
    pub(super) periods: bool,
    pub(super) terms: bool,
    /// Whether a node for each school year stands between schools and groups. Not said where it
    /// is not so: a baseline from before there were such nodes stays one.
    #[serde(skip_serializing_if = "is_not")]
    pub(super) years: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_not(habit: &bool) -> bool {
    !habit
}

/// The group on top of the tree.
#[derive(Serialize)]
pub(super) struct Root<'s> {
    pub(super) key: &'s str,
    pub(super) name: &'s str,
}

impl<'s> Rules<'s> {
    pub(super) fn of(settings: &'s Settings) -> Rules<'s> {
        let tree = settings.dialect == Dialect::Itslearning;
        Rules {
            dialect: settings.dialect,
            encoding: settings.encoding,
            source: settings.source.as_str(),
            username: settings.username,
            namespace: settings.namespace.uri(),
            root: tree.then(|| root(settings)),
            group_types: group_types(settings, tree),
            institution_roles: institution_roles(settings, tree),
            role_types: role_types(settings),
            school_memberships: settings.school_memberships.unwrap_or(tree),
            parent_links: settings.parent_links.unwrap_or(tree),
            periods: settings.periods.unwrap_or(!tree),
            terms: settings.terms.unwrap_or(!tree),
            years: tree && settings.school_year_nodes.unwrap_or(false),
        }
    }

    /// Whether schools and groups form one tree below a root, each with one node above it.
    pub(super) fn is_tree(&self) -> bool {
        self.root.is_some()
    }

    pub(super) fn carried(&self) -> Carried {
        let kind_is_told = |&kind: &GroupKind| self.kind_of(self.type_of(kind)) == kind;
        let role_is_told =
            |&role: &Role| self.person_role_of(self.institution_role(role)).is_some();
        Carried {
            personal_number: true,
            given_name: true,
            family_name: true,
            email: true,
            username: self.username == UsernameField::Username,
            phone: true,
            mobile: true,
            school_year: false,
            roles: BY_STRENGTH.iter().all(role_is_told),
            schools: self.school_memberships,
            school_rows: true,
            group_rows: true,
            membership_rows: true,
            relation_rows: self.parent_links,
            class_names: false,
            group_name: true,
            group_kind: GroupKind::ALL.iter().all(kind_is_told),
            group_school: true,
            term: self.terms || self.years,
            course: false,
            parent: true,
            periods: self.periods,
        }
    }

    /// What a kind of group is called.
    pub(super) fn type_of(&self, kind: GroupKind) -> &'s str {
        self.group_types[kind as usize]
    }

    /// The kind of group that alone is called so; else `Other`.
    pub(super) fn kind_of(&self, name: &str) -> GroupKind {
        let mut kinds =
            GroupKind::ALL.iter().filter(|&&kind| self.type_of(kind).eq_ignore_ascii_case(name));
        match (kinds.next(), kinds.next()) {
            (Some(&kind), None) => kind,
            _ => GroupKind::Other,
        }
    }

    pub(super) fn institution_role(&self, role: Role) -> &'s str {
        let at = BY_STRENGTH.iter().position(|&r| r == role).expect("a role of persons");
        self.institution_roles[at]
    }

    /// The role of persons that alone is called so.
    pub(super) fn person_role_of(&self, name: &str) -> Option<Role> {
        let mut roles = BY_STRENGTH
            .into_iter()
            .filter(|&role| self.institution_role(role).eq_ignore_ascii_case(name));
        roles.next().filter(|_| roles.next().is_none())
    }

    /// The roles that a reader can tell.
    pub(super) fn visible_roles(&self, roles: Roles) -> Roles {
        roles.iter().filter_map(|role| self.person_role_of(self.institution_role(role))).collect()
    }

    pub(super) fn role_type(&self, role: Role) -> &'s str {
        let at = MEMBERS.iter().position(|&r| r == role).expect("a role of memberships");
        self.role_types[at]
    }

    /// The first role of memberships that is called so, by number or word.
    pub(super) fn member_role_of(&self, name: &str) -> Option<Role> {
        let number = role_number(name)?;
        MEMBERS.into_iter().find(|&role| role_number(self.role_type(role)) == Some(number))
    }

    /// The role that a reader takes a member to have.
    pub(super) fn visible_member_role(&self, role: Role) -> Role {
        self.member_role_of(self.role_type(role)).expect("every role has a role type")
    }

    /// Role type of a person in the node of his or her school.
    pub(super) fn school_role_type(roles: Roles) -> &'static str {
        match strongest(roles) {
            Some(Role::Learner) => "01",
            Some(Role::Staff) => "02",
            _ => "04",
        }
    }
}

/// The strongest role: the primary one.
pub(super) fn strongest(roles: Roles) -> Option<Role> {
    BY_STRENGTH.into_iter().find(|&role| roles.contains(role))
}

fn root(settings: &Settings) -> Root<'_> {
    Root {
        key: settings.root.key.as_ref().map_or("root", |key| key.as_str()),
        name: settings.root.name.as_ref().map_or(settings.source.as_str(), |name| name.as_str()),
    }
}

fn group_types(settings: &Settings, tree: bool) -> [&str; 5] {
    let given = &settings.group_types;
    let mut types = [""; 5];
    for &kind in GroupKind::ALL {
        let (given, in_tree) = match kind {
            GroupKind::Class => (&given.class, ""),
            GroupKind::Course => (&given.course, "COURSE"),
            GroupKind::Mentor => (&given.mentor, ""),
            GroupKind::Other => (&given.other, ""),
            GroupKind::Teaching => (&given.teaching, "COURSE"),
        };
        let default = if tree { in_tree } else { kind.as_str() };
        types[kind as usize] = given.as_ref().map_or(default, |name| name.as_str());
    }
    types
}

fn institution_roles(settings: &Settings, tree: bool) -> [&str; 3] {
    let given = &settings.institution_roles;
    BY_STRENGTH.map(|role| {
        let (given, default) = match role {
            Role::Staff => (&given.staff, "Staff"),
            Role::Learner => (&given.learner, "Student"),
            _ => (&given.guardian, if tree { "Carer" } else { "Other" }),
        };
        given.as_ref().map_or(default, |name| name.as_str())
    })
}

fn role_types(settings: &Settings) -> [&str; 3] {
    let given = &settings.roles;
    MEMBERS.map(|role| {
        let (given, default) = match role {
            Role::Learner => (&given.learner, "01"),
            Role::Instructor => (&given.instructor, "02"),
            _ => (&given.mentor, "06"),
        };
        given.as_ref().map_or(default, |name| name.as_str())
    })
}
