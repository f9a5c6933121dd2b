//! CSV files as registers export them, described column by column by the municipality.
//!
//! Reading is strict wherever a loose reading could lose rows, because a row that is not read is
//! a person removed at the receiver. A fault of a whole file is a [`DecodeError`]; a fault of a
//! row goes into the draft and the row is set aside.
//!
//! What is done to every value: letters are composed (NFC), characters that cannot stand in XML
//! and control characters are taken out (RG326), and white space at both ends goes, except from
//! keys. Keys are changed only by clean-up that the configuration declares, which is counted
//! (RG350), and columns that refer to keys are cleaned as the keys are unless they declare
//! clean-up of their own.

mod cells;
mod clean;
pub mod codes;
mod column;
mod encoding;
mod error;
mod header;
mod nearest;
mod read;
mod records;
mod rows;
mod settings;
mod sheet;
mod tables;
mod units;
mod vocabulary;

use std::io;

use jiff::civil::Date;

use crate::roster::draft::Draft;
use crate::roster::words::Kind;

pub use clean::{Case, Clean};
pub use column::{Column, Origin, Spot};
pub use error::{ColumnFault, DecodeError};
pub use settings::{
    Complete, DateFormat, Delimiter, Encoding, Expect, FinalLineBreak, Quote, Settings,
};
pub use tables::{GroupTable, MembershipTable, PersonTable, RelationTable, SchoolTable};
pub use units::{FileName, Range, Size, TimeSpan};
pub use vocabulary::{
    KindOfGroup, KindOfRelation, MembershipRole, PersonRole, Protected, Text, Word,
};

/// One file, opened for reading.
pub struct Opened<'b> {
    /// Name without folder, as configured.
    pub name: &'b str,
    /// Everything in it. An error of the kind `InvalidData` says that it changed on the way.
    pub bytes: Box<dyn io::Read + 'b>,
    /// How many rows the done-file says it has.
    pub rows: Option<u64>,
}

/// Opens the file of a name; `None` when there is none.
pub type Open<'o, 'b> = &'o dyn Fn(&str) -> Option<Opened<'b>>;

/// One file, held whole.
#[derive(Clone, Copy)]
pub struct File<'b> {
    /// Name without folder, as configured.
    pub name: &'b str,
    /// Everything in it.
    pub bytes: &'b [u8],
    /// How many rows the done-file says it has.
    pub rows: Option<u64>,
}

/// What was seen while reading, for decisions about the whole export.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// Rows, without headers.
    pub rows: u64,
    /// Names of persons, groups and schools that are not empty.
    pub names: u64,
    /// Those with a letter outside ASCII, such as å, ä or ö.
    pub accented: u64,
    /// Those that look like text read in the wrong encoding: `Ã¥`, or a replacement character.
    pub mojibake: u64,
}

impl Reading {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Reading) -> Reading {
        Reading {
            rows: self.rows + other.rows,
            names: self.names + other.names,
            accented: self.accented + other.accented,
            mojibake: self.mojibake + other.mojibake,
        }
    }
}

/// Reads all tables into a draft that only this export fills.
///
/// # Errors
/// The first file that cannot be used as a whole; the draft is then of no use either.
pub fn decode(
    settings: &Settings,
    files: &[File<'_>],
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    let open = |name: &str| {
        let file = files.iter().find(|file| file.name == name)?;
        Some(Opened { name: file.name, bytes: Box::new(file.bytes), rows: file.rows })
    };
    let entities = entities(settings, &open, today, draft)?;
    Ok(entities.plus(links(settings, &open, today, draft)?))
}

/// Reads schools, persons and groups. When several exports fill one draft, the entities of all
/// come before the links of any.
///
/// # Errors
/// The first file that cannot be used as a whole.
pub fn entities(
    settings: &Settings,
    open: Open<'_, '_>,
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    tables(settings, open, &[Kind::School, Kind::Person, Kind::Group], today, draft)
}

/// Reads memberships and relations; see [`entities`].
///
/// # Errors
/// The first file that cannot be used as a whole.
pub fn links(
    settings: &Settings,
    open: Open<'_, '_>,
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    tables(settings, open, &[Kind::Membership, Kind::Relation], today, draft)
}

fn tables(
    settings: &Settings,
    open: Open<'_, '_>,
    kinds: &[Kind],
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    let mut reading = Reading::default();
    for (kind, name) in settings.files().filter(|(kind, _)| kinds.contains(kind)) {
        let Some(file) = open(name.as_str()) else {
            return Err(DecodeError::Empty { file: name.as_str().to_owned(), kind });
        };
        reading = reading.plus(read::read_table(settings, kind, file, today, draft)?);
    }
    Ok(reading)
}
