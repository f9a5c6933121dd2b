//! Canonical lines of text in one buffer, in key order: how a roster keeps its entities.
//!
//! A line is its fields with a tab between them, the key first. Fields hold no control
//! characters, so a tab sorts below everything a key may hold and the order of whole lines is the
//! order of keys. That lets yesterday be merged with today as text, without parsing either.

use std::sync::Arc;

use super::index::Index;

/// Where a line stands in the buffer.
#[derive(Clone, Copy)]
struct Row {
    start: u32,
    len: u32,
}

/// Lines in one buffer, plus, once sorted, an index of their keys.
#[derive(Clone, Default)]
pub(super) struct Lines {
    text: String,
    rows: Vec<Row>,
    /// Shared by rosters that have the same keys and say other things of them.
    index: Arc<Index>,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, rank: usize) -> &str {
        let Row { start, len } = self.rows[rank];
        &self.text[start as usize..(start + len) as usize]
    }

    pub(super) fn key(&self, rank: usize) -> &str {
        self.index.key(rank).unwrap_or_else(|| self.key_of_row(rank))
    }

    fn key_of_row(&self, rank: usize) -> &str {
        first_field(self.get(rank))
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|rank| self.get(rank))
    }

    /// Appends a line that `render` writes; it must hold the fields with tabs between them.
    pub(super) fn push(&mut self, render: impl FnOnce(&mut String)) {
        let start = self.text.len();
        render(&mut self.text);
        let line = &self.text[start..];
        assert!(!line.contains('\n'), "a line of a roster holds no line break");
        let row = Row {
            start: u32::try_from(start).expect("input limits keep a table below 4 GiB"),
            len: u32::try_from(line.len()).expect("input limits keep a row below 4 GiB"),
        };
        self.rows.push(row);
    }

    /// Puts another line in the place of the one at `rank`; the key stays the same.
    pub(super) fn replace(&mut self, rank: usize, render: impl FnOnce(&mut String)) {
        self.push(render);
        self.rows[rank] = self.rows.pop().expect("push added a row");
    }

    /// The order in which the lines stand by key; equal keys keep the order in which they came.
    pub(super) fn order(&self) -> Vec<u32> {
        let count = u32::try_from(self.len()).expect("input limits keep rows below 2^32");
        let mut order: Vec<(u128, u32)> =
            (0..count).map(|row| (prefix(self.key(row as usize)), row)).collect();
        order.sort_unstable_by(|&(a, i), &(b, j)| {
            a.cmp(&b)
                .then_with(|| self.key(i as usize).cmp(self.key(j as usize)))
                .then_with(|| i.cmp(&j))
        });
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Keeps the rows named, in that order, which must be the order of their keys.
    pub(super) fn arrange(&mut self, order: &[u32]) {
        self.rows = order.iter().map(|&row| self.rows[row as usize]).collect();
        self.index();
    }

    /// Makes look-ups by key possible; the lines must stand in key order.
    pub(super) fn index(&mut self) {
        let keys = (0..self.len()).map(|rank| self.key_of_row(rank));
        self.index = Arc::new(Index::of(keys));
    }

    /// The same as [`Lines::index`] for lines with the same keys as those of `other`.
    pub(super) fn index_as(&mut self, other: &Lines) {
        self.index = Arc::clone(&other.index);
        debug_assert!((0..self.len()).all(|rank| self.key(rank) == self.key_of_row(rank)));
    }

    /// The rank of a key, once the lines are arranged.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        debug_assert_eq!(self.index.len(), self.len(), "look-ups need arranged lines");
        self.index.find(key)
    }
}

/// The text before the first tab.
fn first_field(line: &str) -> &str {
    match memchr::memchr(b'\t', line.as_bytes()) {
        Some(end) => &line[..end],
        None => line,
    }
}

/// The first 16 bytes of a key as a number that sorts like the text.
fn prefix(key: &str) -> u128 {
    let mut bytes = [0; 16];
    let taken = key.len().min(16);
    bytes[..taken].copy_from_slice(&key.as_bytes()[..taken]);
    u128::from_be_bytes(bytes)
}
