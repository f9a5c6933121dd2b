//! One file, one table: text, header, rows, and what must hold for the whole file.

use jiff::civil::Date;

use super::codes;
use super::encoding;
use super::error::DecodeError;
use super::header::Finder;
use super::records::{Dialect, Record, Records};
use super::rows::{Groups, Memberships, Persons, Relations, Rows, Schools};
use super::settings::Settings;
use super::sheet::Sheet;
use super::{File, Reading};
use crate::roster::draft::Draft;
use crate::roster::words::Kind;

/// Reads the table about `kind` out of its file into the draft.
pub(super) fn read_table(
    settings: &Settings,
    kind: Kind,
    file: &File<'_>,
    today: Date,
    draft: &mut Draft,
) -> Result<Reading, DecodeError> {
    let decoded = encoding::decode(file.bytes, settings.encoding, file.name)?;
    let dialect = Dialect::new(settings, settings.counts_rows() && file.rows.is_some());
    let mut records = Records::new(&decoded.text, file.name, dialect);
    let mut record = records.record();
    if !records.next(&mut record)? {
        return Err(DecodeError::Empty { file: file.name.to_owned(), kind });
    }
    let mut finder = if settings.header {
        Finder::by_header(file.name, (0..record.len()).map(|place| record.get(place)))
    } else {
        Finder::by_number(file.name, record.len())
    };
    let mut rows = rows_of(settings, kind, today, &mut finder);
    let extra = finder.finish()?;
    let mut sheet = Sheet::new(draft, file.name, kind);
    if decoded.marked {
        sheet.note_file(codes::BYTE_ORDER_MARK, 1);
    }
    if extra > 0 {
        sheet.note_file(codes::EXTRA_COLUMNS, extra);
    }
    let mut found = 0;
    let mut more = !settings.header || records.next(&mut record)?;
    while more {
        found += 1;
        take(rows.as_mut(), &record, &mut sheet);
        more = records.next(&mut record)?;
    }
    check_count(settings, kind, file, found)?;
    rows.finish(&mut sheet);
    let reading = Reading {
        rows: found,
        names: sheet.names,
        accented: sheet.accented,
        mojibake: sheet.mojibake,
    };
    sheet.finish();
    Ok(reading)
}

fn take(rows: &mut dyn Rows, record: &Record<'_>, sheet: &mut Sheet<'_>) {
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
    file: &File<'_>,
    found: u64,
) -> Result<(), DecodeError> {
    let name = || file.name.to_owned();
    let range = settings.expect.of(kind);
    if found == 0 && range.is_none_or(|range| range.least > 0) {
        return Err(DecodeError::Empty { file: name(), kind });
    }
    if settings.counts_rows() && file.rows != Some(found) {
        return Err(DecodeError::Counts { file: name(), expected: file.rows, found });
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
