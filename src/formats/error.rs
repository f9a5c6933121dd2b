//! Why a receiver's file could not be read.

use std::io;

use crate::roster::code::Code;

/// A receiver's file that cannot be read, or is not what was written. Never holds anything that
/// stands in the file.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The disk or the stream failed.
    #[error("{document}: cannot be read")]
    Io {
        /// Name of the file.
        document: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file stops before its end.
    #[error("{document}:{line}: the file ends in the middle")]
    Cut {
        /// Name of the file.
        document: String,
        /// The last line, from 1.
        line: u64,
    },
    /// The file breaks the rules of its format.
    #[error("{document}:{line}: {what}")]
    Malformed {
        /// Name of the file.
        document: String,
        /// Line, from 1.
        line: u64,
        /// Which rule.
        what: &'static str,
    },
    /// The bytes are not text in the encoding expected.
    #[error("{document}:{line}: not {expected}")]
    Encoding {
        /// Name of the file.
        document: String,
        /// Line, from 1.
        line: u64,
        /// The encoding expected.
        expected: &'static str,
    },
    /// A character that the format forbids.
    #[error("{document}:{line}: a character that is forbidden in this format")]
    Character {
        /// Name of the file.
        document: String,
        /// Line, from 1.
        line: u64,
    },
    /// Deeper or longer than any file of this format.
    #[error("{document}:{line}: {what}")]
    TooLarge {
        /// Name of the file.
        document: String,
        /// Line, from 1.
        line: u64,
        /// What is too large.
        what: &'static str,
    },
    /// Other columns than configured.
    #[error("{document}: the columns are not those configured")]
    Columns {
        /// Name of the file.
        document: String,
    },
    /// Other files than the format has.
    #[error("the format has the files {expected}, not {found}")]
    Documents {
        /// The names configured.
        expected: String,
        /// The names given.
        found: String,
    },
    /// A finished file holds data that a roster cannot hold: a repeat, a reference to nothing.
    #[error("{document}: fault {code} in a file that should have none")]
    Faulty {
        /// Name of the file.
        document: String,
        /// Which fault.
        code: Code,
        /// Line, from 1, where it is known.
        line: Option<u64>,
    },
    /// A finished file holds something else than what was to be written.
    #[error("{document}:{line}: {what} is not what was to be written")]
    Altered {
        /// Name of the file.
        document: String,
        /// Line, from 1.
        line: u64,
        /// Which part.
        what: &'static str,
    },
}

impl FormatError {
    /// The message code.
    pub fn code(&self) -> Code {
        Code(match self {
            FormatError::Io { .. } => 413,
            FormatError::Cut { .. } => 310,
            FormatError::Malformed { .. } => 318,
            FormatError::Encoding { .. } => 314,
            FormatError::Character { .. } => 326,
            FormatError::TooLarge { .. } => 317,
            FormatError::Columns { .. } => 315,
            FormatError::Documents { .. } => 311,
            FormatError::Faulty { code, .. } => code.0,
            FormatError::Altered { .. } => 901,
        })
    }
}
