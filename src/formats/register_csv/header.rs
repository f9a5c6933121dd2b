//! Finding configured columns in a file, by header or by number.

use super::column::{Spot, nfc};
use super::error::{ColumnFault, DecodeError};
use super::nearest::nearest;

/// Finds columns, and remembers which could not be found so that all are told at once.
pub(super) struct Finder<'t> {
    headers: Option<Vec<String>>,
    width: usize,
    file: &'t str,
    used: Vec<bool>,
    faults: Vec<ColumnFault>,
}

impl<'t> Finder<'t> {
    /// For a file with these headers.
    pub(super) fn by_header<'h>(
        file: &'t str,
        headers: impl Iterator<Item = std::borrow::Cow<'h, str>>,
    ) -> Self {
        let headers: Vec<String> = headers.map(|header| nfc(header.trim())).collect();
        let width = headers.len();
        Finder { headers: Some(headers), width, file, used: vec![false; width], faults: Vec::new() }
    }

    /// For a file without a header, whose rows have so many fields.
    pub(super) fn by_number(file: &'t str, width: usize) -> Self {
        Finder { headers: None, width, file, used: vec![false; width], faults: Vec::new() }
    }

    /// The place of a column in a row; `None` is remembered as a fault.
    pub(super) fn find(&mut self, spot: &Spot) -> Option<usize> {
        let places: Vec<usize> = match (spot, &self.headers) {
            (Spot::Number(number), _) => {
                (*number <= self.width).then(|| number - 1).into_iter().collect()
            }
            (Spot::Header(wanted), Some(headers)) => {
                (0..self.width).filter(|&place| headers[place] == *wanted).collect()
            }
            (Spot::Header(_), None) => Vec::new(),
        };
        let [place] = places[..] else {
            self.fault(spot, places.len());
            return None;
        };
        self.used[place] = true;
        Some(place)
    }

    fn fault(&mut self, spot: &Spot, found: usize) {
        let expected = spot.label().into_owned();
        let headers = self.headers.iter().flatten().map(String::as_str);
        let near = if found == 0 { nearest(&expected, headers).map(str::to_owned) } else { None };
        let fault = ColumnFault { expected, near, found };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// How many columns nobody asked for, once all were found.
    pub(super) fn finish(mut self) -> Result<u64, DecodeError> {
        if self.faults.is_empty() {
            return Ok(self.used.iter().filter(|&&used| !used).count() as u64);
        }
        if !self.used.contains(&true) {
            // Perhaps the header is missing, and what looks like a misspelt column is a name.
            self.faults.iter_mut().for_each(|fault| fault.near = None);
        }
        Err(DecodeError::Columns { file: self.file.to_owned(), faults: self.faults })
    }
}
