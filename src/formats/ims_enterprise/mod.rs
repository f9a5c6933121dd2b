//! IMS Enterprise 1.1: one document with every person, group and membership.
//!
//! The receiver compares it with the one before and deletes whatever is missing, so it is always
//! a complete snapshot. Administrators' rights cannot be expressed: neither the settings nor the
//! writer have a word for them.

use std::io::{self, Write};

use jiff::Zoned;

mod decode;
mod encode;
mod escape;
mod fit;
mod person;
mod rules;
mod settings;
mod tree;
pub mod values;
mod visible;

pub use settings::{GroupTypes, InstitutionRoles, MembershipRoles, Root, Settings};

use super::Document;
use super::carried::Carried;
use super::error::FormatError;
use crate::roster::entity::Person;
use crate::roster::issue::Issue;
use crate::roster::roster::Roster;
use rules::Rules;

impl Settings {
    /// What becomes a person's user name.
    pub(super) fn user_name<'p>(&self, person: &Person<'p>) -> &'p str {
        person::userid(self.username, person)
    }

    /// Whether the personal number becomes the user name.
    pub(super) fn uses_personal_number(&self) -> bool {
        self.username == values::UsernameField::PersonalNumber
    }

    /// Whether the tree has a node for each school year.
    pub(super) fn needs_terms(&self) -> bool {
        Rules::of(self).years
    }

    pub(super) fn contradiction(&self) -> Option<String> {
        let years = self.school_year_nodes == Some(true);
        (years && !self.needs_terms()).then(|| {
            "school-year-nodes = true needs dialect = \"itslearning\": the plain standard has no tree"
                .to_owned()
        })
    }

    pub(super) fn carried(&self) -> Carried {
        Rules::of(self).carried()
    }

    pub(super) fn fit(&self, roster: &Roster) -> (Roster, Vec<Issue>) {
        fit::fit(&Rules::of(self), self.file_name.as_str(), roster)
    }

    pub(super) fn write(
        &self,
        roster: &Roster,
        stamp: &Zoned,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        encode::write(&Rules::of(self), roster, stamp, out)
    }

    pub(super) fn visible(&self, told: &Roster) -> Roster {
        visible::visible(&Rules::of(self), told)
    }

    /// Reads the document; with what was told, and what is visible of that, it must be exactly what
    /// this program writes of it.
    pub(super) fn read(
        &self,
        documents: Vec<Document<'_>>,
        told: Option<(&Roster, &Roster)>,
    ) -> Result<(Roster, Vec<Issue>), FormatError> {
        let document = documents.into_iter().next().expect("one document, checked by the caller");
        decode::read(&Rules::of(self), document, told)
    }

    /// Every setting that reaches the bytes, defaults filled in.
    pub(super) fn canonical(&self) -> String {
        let rules = serde_json::to_string(&Rules::of(self));
        format!("ims-enterprise {}", rules.expect("settings are plain text and words"))
    }
}
