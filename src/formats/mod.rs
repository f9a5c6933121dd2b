//! Receivers' file formats: what a file holds, how it is written, and how it is read back by
//! code that shares nothing with the writer but the settings.
//!
//! The one law: what [`Format::read_back`] finds in what [`Format::write`] wrote is what
//! [`Format::visible`] promised, line by line.

use std::io::{self, BufRead, Write};

use jiff::Zoned;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::roster::entity::Person;
use crate::roster::issue::Issue;
use crate::roster::roster::Roster;

pub mod carried;
pub mod error;
mod fitting;
pub mod ims_enterprise;
pub mod receiver_csv;
pub mod register_csv;
pub mod snapshot;
pub mod value;

use carried::Carried;
use error::FormatError;

/// Raised whenever the same roster and settings give other bytes than before: the next delivery
/// is then held like any change of encoding.
pub const ENCODER_REVISION: u32 = 1;

/// A finished file to be read: its name and its bytes.
pub type Document<'d> = (String, Box<dyn BufRead + 'd>);

/// A receiver's file format with its settings: `[target.NAME.format.KIND]`.
#[derive(Deserialize, Serialize, JsonSchema, Clone, Debug)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "there is one for each target, and none is copied")]
pub enum Format {
    /// One IMS Enterprise 1.1 document, always a complete snapshot.
    ImsEnterprise(ims_enterprise::Settings),
    /// Tables as text, one file for each kind of row.
    Csv(receiver_csv::Settings),
}

impl Format {
    /// What a file in this format lets the receiver see.
    pub fn carried(&self) -> Carried {
        match self {
            Format::ImsEnterprise(settings) => settings.carried(),
            Format::Csv(settings) => settings.carried(),
        }
    }

    /// The user name by which the receiver knows a person; empty where it is told none.
    pub fn user_name<'p>(&self, person: &Person<'p>) -> &'p str {
        match self {
            Format::ImsEnterprise(settings) => settings.user_name(person),
            Format::Csv(_) => person.username,
        }
    }

    /// The sensitive fields that the settings use by name, so that a file without them would be
    /// another file than the one asked for.
    pub fn demands(&self) -> Carried {
        match self {
            Format::ImsEnterprise(settings) => {
                Carried { personal_number: settings.uses_personal_number(), ..Carried::default() }
            }
            Format::Csv(settings) => settings.carried(),
        }
    }

    /// Whether schools stand in the files as such, and not only as what others belong to.
    pub fn has_school_rows(&self) -> bool {
        match self {
            Format::ImsEnterprise(_) => true,
            Format::Csv(settings) => settings.has_school_rows(),
        }
    }

    /// Whether the files are another shape without the school years of groups.
    pub fn needs_terms(&self) -> bool {
        match self {
            Format::ImsEnterprise(settings) => settings.needs_terms(),
            Format::Csv(_) => false,
        }
    }

    /// What contradicts itself in the settings.
    pub fn contradiction(&self) -> Option<String> {
        match self {
            Format::ImsEnterprise(settings) => settings.contradiction(),
            Format::Csv(_) => None,
        }
    }

    /// The roster as the reader takes it: names cut to its limits, fields that do not fit left
    /// out, each with a warning that counts them. A key that does not fit is an error.
    pub fn fit(&self, roster: &Roster) -> (Roster, Vec<Issue>) {
        match self {
            Format::ImsEnterprise(settings) => settings.fit(roster),
            Format::Csv(settings) => settings.fit(roster),
        }
    }

    /// The names of the files that one delivery consists of, sorted.
    pub fn document_names(&self) -> Vec<String> {
        match self {
            Format::ImsEnterprise(settings) => vec![settings.file_name.as_str().to_owned()],
            Format::Csv(settings) => settings.document_names(),
        }
    }

    /// Writes one of the files. The same roster, stamp and settings give the same bytes.
    ///
    /// # Errors
    /// What `out` says.
    ///
    /// # Panics
    /// When the format has no file of that name.
    pub fn write(
        &self,
        roster: &Roster,
        stamp: &Zoned,
        document: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self {
            Format::ImsEnterprise(settings) => settings.write(roster, stamp, out),
            Format::Csv(settings) => settings.write(roster, document, out),
        }
    }

    /// Reads finished files as a receiver would, and checks on the way everything in them that
    /// is no roster: derived columns, both sides of a relation, that nothing is cut off.
    ///
    /// # Errors
    /// When the files cannot be read, or hold something that this program would not write.
    pub fn read_back(
        &self,
        told: &Roster,
        documents: Vec<Document<'_>>,
    ) -> Result<Roster, FormatError> {
        self.read_back_beside(told, &self.visible(told), documents)
    }

    /// The same for whoever has the roster that is expected: what the files hold of it takes no
    /// memory again.
    ///
    /// # Errors
    /// As [`Format::read_back`].
    pub fn read_back_beside(
        &self,
        told: &Roster,
        expected: &Roster,
        documents: Vec<Document<'_>>,
    ) -> Result<Roster, FormatError> {
        self.expect_documents(&documents)?;
        let (roster, issues) = match self {
            Format::ImsEnterprise(settings) => settings.read(documents, Some((told, expected))),
            Format::Csv(settings) => settings.read(documents, Some((told, expected))),
        }?;
        match issues.into_iter().max_by_key(|issue| issue.severity) {
            None => Ok(roster),
            Some(Issue { file, code, line, .. }) => {
                Err(FormatError::Faulty { document: file, code, line })
            }
        }
    }

    /// The roster reduced to what a reader of the files can know.
    pub fn visible(&self, told: &Roster) -> Roster {
        match self {
            Format::ImsEnterprise(settings) => settings.visible(told),
            Format::Csv(settings) => settings.visible(told),
        }
    }

    /// Reads files that this or another program once wrote, with today's settings. The roster
    /// may be used only when no issue is an error.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn decode(
        &self,
        documents: Vec<Document<'_>>,
    ) -> Result<(Roster, Vec<Issue>), FormatError> {
        self.expect_documents(&documents)?;
        match self {
            Format::ImsEnterprise(settings) => settings.read(documents, None),
            Format::Csv(settings) => settings.read(documents, None),
        }
    }

    fn expect_documents(&self, documents: &[Document<'_>]) -> Result<(), FormatError> {
        let expected = self.document_names();
        let mut found: Vec<&str> = documents.iter().map(|(name, _)| name.as_str()).collect();
        found.sort_unstable();
        if expected == found {
            return Ok(());
        }
        Err(FormatError::Documents { expected: expected.join(", "), found: found.join(", ") })
    }

    /// Kind and file names: what binds a baseline to a receiver, besides its address.
    pub fn binding(&self) -> String {
        let kind = match self {
            Format::ImsEnterprise(_) => "ims-enterprise",
            Format::Csv(_) => "csv",
        };
        format!("{kind}:{}", self.document_names().join(","))
    }

    /// SHA-256 over every setting that reaches the bytes, defaults filled in, and the encoder's
    /// revision.
    pub fn digest(&self) -> [u8; 32] {
        let settings = match self {
            Format::ImsEnterprise(settings) => settings.canonical(),
            Format::Csv(settings) => settings.canonical(),
        };
        let mut digest = Sha256::new();
        digest.update(ENCODER_REVISION.to_be_bytes());
        digest.update(settings.as_bytes());
        digest.finalize().into()
    }
}
