//! One file, one table: text, header, rows, and what must hold for the whole file.

use jiff::civil::Date;

use super::codes;
use super::encoding::Text;
use super::error::DecodeError;
use super::header::Finder;
use super::records::{Dialect, Record, Records};
use super::rows::{Groups, Memberships, Persons, Relations, Rows, Schools};
use super::settings::Settings;
use super::sheet::Sheet;
use super::{Opened, Reading};
use crate::roster::draft::Draft;
use crate::roster::words::Kind;

/// Reads the table about `kind` out of its file into the draft.
pub(super) fn read_table(
    settings: &Settings,
    kind: Kind,
    file: Opened<'_>,
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    let text = Text::open(file.bytes, settings.encoding, file.name)?;
    let marked = text.marked;
    let dialect = Dialect::new(settings, settings.counts_rows() && file.rows.is_some());
    let mut records = Records::new(text, dialect);
    let mut sheet = Sheet::new(draft, file.name, kind);
    let read = read_rows(settings, (kind, today), &mut records, marked, &mut sheet);
    // A file in another encoding has other faults by that: that one is told.
    let found = read.or_else(|error| records.check_text().and(Err(error)))?;
    check_count(settings, kind, (file.name, file.rows), found)?;
    let reading = Reading {
        rows: found,
        names: sheet.names,
        accented: sheet.accented,
        mojibake: sheet.mojibake,
    };
    sheet.finish();
    Ok(reading)
}

/// Reads header and rows, and gives the number of rows.
fn read_rows(
    settings: &Settings,
    (kind, today): (Kind, Date),
    records: &mut Records<'_>,
    marked: bool,
    sheet: &mut Sheet<'_>,
) -> Result<u64, DecodeError> {
    let mut record = Record::default();
    if !records.next(&mut record)? {
        return Err(DecodeError::Empty { file: sheet.name.to_owned(), kind });
    }
    let mut finder = if settings.header {
        Finder::by_header(sheet.name, (0..record.len()).map(|place| record.get(place)))
    } else {
        Finder::by_number(sheet.name, record.len())
    };
    let mut rows = rows_of(settings, kind, today, &mut finder);
    let extra = finder.finish()?;
    if marked {
        sheet.note_file(codes::BYTE_ORDER_MARK, 1);
    }
    if extra > 0 {
        sheet.note_file(codes::EXTRA_COLUMNS, extra);
    }
    let mut found = 0;
    let mut more = !settings.header || records.next(&mut record)?;
    while more {
        found += 1;
        take(rows.as_mut(), &record, sheet);
        more = records.next(&mut record)?;
    }
    rows.finish(sheet);
    Ok(found)
}

fn take(rows: &mut dyn Rows, record: &Record, sheet: &mut Sheet<'_>) {
    sheet.line = record.line;
    rows.row(record, sheet);
}

fn rows_of<'s>(
    settings: &'s Settings,
    kind: Kind,
    today: Date,
    finder: &mut Finder<'_>,
) -> Box<dyn Rows + 's> {
    let configured = "only configured tables are read";
    match kind {
        Kind::School => Box::new(Schools::find(settings, finder).expect(configured)),
        Kind::Person => Box::new(Persons::find(settings, today, finder)),
        Kind::Group => Box::new(Groups::find(settings, finder).expect(configured)),
        Kind::Membership => Box::new(Memberships::find(settings, finder).expect(configured)),
        Kind::Relation => Box::new(Relations::find(settings, finder).expect(configured)),
    }
}

/// The number of rows: as the done-file says, some at all, and what is normal.
fn check_count(
    settings: &Settings,
    kind: Kind,
    (file, rows): (&str, Option<u64>),
    found: u64,
) -> Result<(), DecodeError> {
    let name = || file.to_owned();
    let range = settings.expect.of(kind);
    if found == 0 && range.is_none_or(|range| range.least > 0) {
        return Err(DecodeError::Empty { file: name(), kind });
    }
    if settings.counts_rows() && rows != Some(found) {
        return Err(DecodeError::Counts { file: name(), expected: rows, found });
    }
    match range {
        Some(range) if !(range.least..=range.most).contains(&found) => Err(DecodeError::Outside {
            file: name(),
            kind,
            found,
            least: range.least,
            most: range.most,
        }),
        _ => Ok(()),
    }
}
