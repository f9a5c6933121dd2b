//! Tables as text for receivers: one file for each kind of row, columns as the receiver wants
//! them.
//!
//! Every file holds the keys of its rows, so that what was written can be read back and compared
//! with what was meant. Columns that follow from others, such as the names of a person's classes,
//! are checked against what they follow from.

use std::io::{self, Write};

mod charset;
mod column;
mod decode;
mod derived;
mod encode;
mod fit;
mod settings;
mod table;
mod visible;

pub use charset::Encoding;
pub use column::{Column, Field, Rows};
pub use settings::{Delimiter, File, Quote, Settings};

use super::Document;
use super::carried::Carried;
use super::error::FormatError;
use crate::roster::issue::Issue;
use crate::roster::roster::Roster;

impl Settings {
    pub(super) fn carried(&self) -> Carried {
        visible::carried(self)
    }

    pub(super) fn fit(&self, roster: &Roster) -> (Roster, Vec<Issue>) {
        fit::fit(self, roster)
    }

    pub(super) fn document_names(&self) -> Vec<String> {
        self.file.keys().map(|name| name.as_str().to_owned()).collect()
    }

    pub(super) fn write(
        &self,
        roster: &Roster,
        document: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut files = self.file.iter();
        let file = files.find(|(name, _)| name.as_str() == document);
        let (_, file) = file.expect("the caller names one of the format's files");
        encode::write(self, file, roster, out)
    }

    pub(super) fn has_school_rows(&self) -> bool {
        self.file_of(column::Rows::Schools).is_some()
    }

    pub(super) fn visible(&self, told: &Roster) -> Roster {
        visible::visible(self, told)
    }

    /// Reads the files; with `told`, they must be exactly what this program writes of it.
    pub(super) fn read(
        &self,
        documents: Vec<Document<'_>>,
        told: Option<(&Roster, &Roster)>,
    ) -> Result<(Roster, Vec<Issue>), FormatError> {
        decode::read(self, documents, told)
    }

    /// Every setting that reaches the bytes; the files' names do not.
    pub(super) fn canonical(&self) -> String {
        let mut files: Vec<&File> = self.file.values().collect();
        files.sort_by_key(|file| file.rows);
        let settings =
            (self.encoding, &self.delimiter, self.header, self.line_ends, self.quote, files);
        let text = serde_json::to_string(&settings);
        format!("csv {}", text.expect("settings are plain text and words"))
    }
}
