//! `[target.NAME]`: one learning platform.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::delivery::Deliver;
use crate::formats::Format;
use crate::pipeline::keys::GroupKeys;
use crate::pipeline::safety;
use crate::pipeline::season::Grace;
use crate::pipeline::select::{Choice, Selection, Sensitive};
use crate::roster::words::{GroupKind, Role};

/// One learning platform.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Target {
    /// `test` for the receiver's test environment; `production` unless set.
    #[serde(default)]
    pub environment: Environment,
    /// Keys of schools to tell, or `"all"`.
    #[serde(default)]
    pub schools: Choice,
    /// Roles of persons to tell: all unless set.
    #[serde(default)]
    pub roles: Option<Vec<PersonRole>>,
    /// Kinds of group to tell: all unless set.
    #[serde(default)]
    pub groups: Option<Vec<GroupKind>>,
    /// Kinds of group that the receiver archives for good when they are no longer told, as
    /// itslearning does with courses: said before sending, and a key that comes back is held.
    #[serde(default)]
    pub archives: BTreeSet<GroupKind>,
    /// By which keys the receiver knows groups, for each kind: `{key}` is the register's own, and
    /// `{term}` the group's school year or term. A change makes every such group new.
    #[serde(default)]
    pub group_key: GroupKeys,
    /// School years of pupils to tell, or `"all"`.
    #[serde(default)]
    pub years: Choice,
    /// Sensitive fields that may be sent: none unless named.
    #[serde(default)]
    pub send: BTreeSet<Sensitive>,
    /// The file's format.
    pub format: Format,
    /// Where the file goes.
    pub deliver: Deliver,
    /// Limits of this target, laid over `[limits]`.
    #[serde(default)]
    pub limits: safety::Settings,
    /// How long what is missing stays at this target, laid over `[grace]`.
    #[serde(default)]
    pub grace: Grace,
}

/// The receiver's test environment, or the real one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// The real one.
    #[default]
    Production,
    /// The test environment.
    Test,
}

impl Environment {
    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Test => "test",
        }
    }
}

/// A role that a person can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PersonRole {
    /// Pupils.
    Learner,
    /// Staff.
    Staff,
    /// Guardians.
    Guardian,
}

impl From<PersonRole> for Role {
    fn from(role: PersonRole) -> Role {
        match role {
            PersonRole::Learner => Role::Learner,
            PersonRole::Staff => Role::Staff,
            PersonRole::Guardian => Role::Guardian,
        }
    }
}

impl Target {
    /// The names of files that are written straight, so that a broken line shows half of one;
    /// empty where they are not.
    pub fn written_straight(&self) -> String {
        let names = self.deliver.writes_straight().then(|| self.format.document_names());
        names.unwrap_or_default().join(", ")
    }

    /// What this target selects.
    pub fn selection(&self) -> Selection {
        let roles = match &self.roles {
            Some(roles) => roles.iter().map(|&role| Role::from(role)).collect(),
            None => Role::OF_PERSONS.iter().copied().collect(),
        };
        let groups = match &self.groups {
            Some(groups) => groups.iter().copied().collect(),
            None => GroupKind::ALL.iter().copied().collect(),
        };
        let (schools, years) = (self.schools.clone(), self.years.clone());
        let group_keys = self.group_key.clone();
        Selection { schools, years, roles, groups, send: self.send.clone(), group_keys }
    }

    /// SHA-256 over everything that decides how what is told is written: the format with its
    /// settings and encoder, and by which keys groups are told.
    pub fn digest(&self) -> [u8; 32] {
        let (format, keys) = (self.format.digest(), self.group_key.canonical());
        if keys.is_empty() {
            return format;
        }
        Sha256::new().chain_update(format).chain_update(keys).finalize().into()
    }

    /// Whether this target and another leave a file of the same name in the same place.
    pub(super) fn takes_the_file_of(&self, other: &Target) -> bool {
        let names = other.format.document_names();
        self.deliver.receiver().is_same_place(&other.deliver.receiver())
            && self.format.document_names().iter().any(|name| names.contains(name))
    }

    /// Whether anything of what is told needs the term of a group.
    pub(super) fn needs_terms(&self) -> Option<&'static str> {
        if self.group_key.use_term() {
            return Some("group-key");
        }
        self.format.needs_terms().then_some("format")
    }

    /// What contradicts itself in this target's settings, each with the key it is about.
    pub(super) fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let demanded = self.format.demands();
        for (field, needed) in [
            (Sensitive::PersonalNumber, demanded.personal_number),
            (Sensitive::Mobile, demanded.mobile),
            (Sensitive::Phone, demanded.phone),
        ] {
            if needed && !self.send.contains(&field) {
                let name = serde_json::to_string(&field).unwrap_or_default();
                let what = format!(
                    "the format uses {name}, which is sensitive: add send = [{name}] or take it out"
                );
                found.push(("format", what));
            }
        }
        let watched =
            self.limits.sentinels.iter().flat_map(|watched| watched.schools.iter().flatten());
        for key in watched.filter(|key| !self.schools.has(key)) {
            let what = format!(
                "sentinels demands school {key:?}, which schools leaves out: it could never be told"
            );
            found.push(("limits", what));
        }
        if self.roles.as_ref().is_some_and(Vec::is_empty) {
            found.push(("roles", "roles = [] tells nobody: name at least one role".to_owned()));
        }
        found.extend(self.format.contradiction().map(|what| ("format", what)));
        let names = self.format.document_names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let unfit = self.deliver.check(&names).err();
        found.extend(unfit.map(|error| ("deliver", error.to_string())));
        found
    }
}
