//! A fault in the data: a value beside the result, never a reason to lose the rest.

use serde::Serialize;

use super::code::Code;

/// How much a fault weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Noted; the row is used.
    Warning,
    /// The row was not used; nobody is removed because of it.
    SetAside,
    /// The whole export is refused.
    Error,
}

/// One fault, with its place. Never holds a value from the row: rows are about children.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// What is wrong; `help CODE` explains it.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// Name of the file, without folder.
    pub file: String,
    /// Line in the file, from 1; `None` when the fault is the whole file's.
    pub line: Option<u64>,
    /// The configured column name, or a field of ours.
    pub field: Option<String>,
    /// Further facts without personal data, for instance a count; empty when there is none.
    pub detail: String,
}

impl Issue {
    /// A fault of a whole file.
    pub fn of_file(code: Code, severity: Severity, file: &str) -> Self {
        Issue {
            code,
            severity,
            file: file.to_owned(),
            line: None,
            field: None,
            detail: String::new(),
        }
    }

    /// The same fault at a line.
    #[must_use]
    pub fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same fault in a column.
    #[must_use]
    pub fn in_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The same fault with further facts, which must not be personal data.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}
