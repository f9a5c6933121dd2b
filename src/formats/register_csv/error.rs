//! Faults of a whole file: what makes an export unusable before its rows are looked at.

use crate::roster::code::Code;
use crate::roster::words::Kind;

/// A file that cannot be used. Holds names of files and of configured columns, lines and counts;
/// never anything that stands in a row.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// The file ends in the middle of something.
    #[error("{file}:{line}: the file is cut short: {how}")]
    Cut {
        /// The file.
        file: String,
        /// Where what is not finished begins.
        line: u64,
        /// What is not finished.
        how: &'static str,
    },
    /// The file is another than the one that was judged.
    #[error("{file}: it changed while it was read")]
    Changed {
        /// The file.
        file: String,
    },
    /// Reading failed.
    #[error("{file}: cannot be read: {kind}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        kind: std::io::ErrorKind,
    },
    /// The file holds no rows.
    #[error("{file}: no rows about any {kind}")]
    Empty {
        /// The file.
        file: String,
        /// What its rows should be about.
        kind: Kind,
    },
    /// The file is not in the declared encoding.
    #[error("{file}:{line}:{column}: not {declared}: {what}")]
    Encoding {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// Byte in the line, from 1.
        column: u64,
        /// The declared encoding.
        declared: &'static str,
        /// What stands there instead.
        what: &'static str,
    },
    /// Columns are missing, renamed or there twice.
    #[error("{file}:1: {}", list(.faults))]
    Columns {
        /// The file.
        file: String,
        /// Every column that is not there exactly once.
        faults: Vec<ColumnFault>,
    },
    /// The file does not have as many rows as the done-file says.
    #[error("{file}: {found} rows, but the done-file says {}", said(*.expected))]
    Counts {
        /// The file.
        file: String,
        /// What the done-file says; `None` when it does not name the file.
        expected: Option<u64>,
        /// How many there are.
        found: u64,
    },
    /// Something is larger than a limit.
    #[error("{file}:{line}: {what} is larger than {key} allows ({limit})")]
    TooLarge {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is too large.
        what: &'static str,
        /// The setting.
        key: &'static str,
        /// Its value, in bytes or rows.
        limit: u64,
    },
    /// A row has more or fewer fields than the others.
    #[error("{file}:{line}: {found} fields where {expected} are expected")]
    Shape {
        /// The file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// How many the first row has.
        expected: usize,
        /// How many this row has.
        found: usize,
    },
    /// A quote stands where it could join two rows into one.
    #[error("{file}:{line}: {how}")]
    Quoting {
        /// The file.
        file: String,
        /// Line of the field's beginning.
        line: u64,
        /// What is wrong.
        how: &'static str,
    },
    /// The number of rows is outside what is configured as normal.
    #[error("{file}: {found} rows about {kind}s; normal is {least} to {most}")]
    Outside {
        /// The file.
        file: String,
        /// What its rows are about.
        kind: Kind,
        /// How many there are.
        found: u64,
        /// The fewest that are normal.
        least: u64,
        /// The most that are normal.
        most: u64,
    },
}

/// A configured column that is not in the file exactly once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnFault {
    /// The column, as configured.
    pub expected: String,
    /// A header of the file that may be it, misspelt.
    pub near: Option<String>,
    /// How often it is there.
    pub found: usize,
}

fn list(faults: &[ColumnFault]) -> String {
    let one = |fault: &ColumnFault| match (fault.found, &fault.near) {
        (0, Some(near)) => format!("no column {:?} (did you mean {near:?}?)", fault.expected),
        (0, None) => format!("no column {:?}", fault.expected),
        (found, _) => format!("column {:?} stands there {found} times", fault.expected),
    };
    faults.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn said(expected: Option<u64>) -> String {
    expected.map_or_else(|| "nothing about it".to_owned(), |rows| rows.to_string())
}

impl DecodeError {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            DecodeError::Cut { .. } => Code(310),
            DecodeError::Empty { .. } | DecodeError::Unreadable { .. } => Code(311),
            DecodeError::Changed { .. } => Code(312),
            DecodeError::Encoding { .. } => Code(314),
            DecodeError::Columns { .. } => Code(315),
            DecodeError::Counts { .. } => Code(316),
            DecodeError::TooLarge { .. } => Code(317),
            DecodeError::Shape { .. } | DecodeError::Quoting { .. } => Code(318),
            DecodeError::Outside { .. } => Code(329),
        }
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        match self {
            DecodeError::Cut { file, .. }
            | DecodeError::Changed { file }
            | DecodeError::Unreadable { file, .. }
            | DecodeError::Empty { file, .. }
            | DecodeError::Encoding { file, .. }
            | DecodeError::Columns { file, .. }
            | DecodeError::Counts { file, .. }
            | DecodeError::TooLarge { file, .. }
            | DecodeError::Shape { file, .. }
            | DecodeError::Quoting { file, .. }
            | DecodeError::Outside { file, .. } => file,
        }
    }

    /// Line in the file, from 1; `None` when the fault is the whole file's.
    pub fn line(&self) -> Option<u64> {
        match self {
            DecodeError::Cut { line, .. }
            | DecodeError::Encoding { line, .. }
            | DecodeError::TooLarge { line, .. }
            | DecodeError::Shape { line, .. }
            | DecodeError::Quoting { line, .. } => Some(*line),
            DecodeError::Columns { .. } => Some(1),
            _ => None,
        }
    }
}
