//! Canonical lines of text in one buffer, in key order: how a roster keeps its entities.
//!
//! A line is its fields with a tab between them, the key first. Fields hold no control
//! characters, so a tab sorts below everything a key may hold and the order of whole lines is the
//! order of keys. That lets yesterday be merged with today as text, without parsing either.

use std::ops::Range;
use std::sync::Arc;

use super::index::{Home, Index};

/// Where a line stands in the buffer.
#[derive(Clone, Copy)]
struct Row {
    start: u32,
    len: u32,
}

impl Row {
    fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// Lines, plus, once sorted, an index of their keys. A roster that is made from another shares the
/// texts of what stays as it was.
#[derive(Clone, Default)]
pub(super) struct Lines {
    /// Texts that other rosters may share, end to end.
    shared: Vec<Arc<String>>,
    /// The text behind them, which only this one has.
    text: String,
    /// Shared by rosters whose lines are the same.
    rows: Arc<Vec<Row>>,
    /// Shared by rosters that have the same keys and say other things of them.
    index: Arc<Index>,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, rank: usize) -> &str {
        let Row { start, len } = self.rows[rank];
        let (text, start) = self.text_at(start as usize);
        &text[start..start + len as usize]
    }

    /// The text that holds a place, and where it is in it.
    fn text_at(&self, mut place: usize) -> (&str, usize) {
        for text in &self.shared {
            if place < text.len() {
                return (text, place);
            }
            place -= text.len();
        }
        (&self.text, place)
    }

    /// The key at a rank. It touches nothing of the line behind the key, which lies further off.
    pub(super) fn key(&self, rank: usize) -> &str {
        let Row { start, len } = self.rows[rank];
        let (text, start) = self.text_at(start as usize);
        let line = &text.as_bytes()[start..start + len as usize];
        let end = memchr::memchr(b'\t', line).unwrap_or(line.len());
        &text[start..start + end]
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|rank| self.get(rank))
    }

    /// Appends a line that `render` writes; it must hold the fields with tabs between them.
    pub(super) fn push(&mut self, render: impl FnOnce(&mut String)) {
        let begin = self.text.len();
        render(&mut self.text);
        let line = &self.text[begin..];
        assert!(!line.contains('\n'), "a line of a roster holds no line break");
        let start = self.shared.iter().map(|text| text.len()).sum::<usize>() + begin;
        let row = Row {
            start: u32::try_from(start).expect("input limits keep a table below 4 GiB"),
            len: u32::try_from(line.len()).expect("input limits keep a row below 4 GiB"),
        };
        Arc::make_mut(&mut self.rows).push(row);
    }

    /// Puts another line in the place of the one at `rank`; the key stays the same.
    pub(super) fn replace(&mut self, rank: usize, render: impl FnOnce(&mut String)) {
        self.push(render);
        let rows = Arc::make_mut(&mut self.rows);
        rows[rank] = rows.pop().expect("push added a row");
    }

    /// Lines with the same keys, those that `render` writes anew; it says whether it does. The
    /// others are shared.
    pub(super) fn rewritten<'l>(
        &'l self,
        mut render: impl FnMut(&'l str, &mut String) -> bool,
    ) -> Lines {
        let mut lines = Lines { shared: self.texts(), ..self.clone() };
        lines.text.clear();
        let mut line = String::new();
        for (rank, before) in self.iter().enumerate() {
            line.clear();
            if render(before, &mut line) {
                assert!(first_field(&line) == first_field(before), "a rewrite keeps the key");
                lines.replace(rank, |out| out.push_str(&line));
            }
        }
        lines.share();
        lines
    }

    /// Those of the lines that `keep` flags.
    pub(super) fn kept(&self, keep: &[bool]) -> Lines {
        let rows = self.rows.iter().zip(keep).filter(|&(_, &keep)| keep).map(|(&row, _)| row);
        let rows = Arc::new(rows.collect());
        let mut kept = Lines { shared: self.texts(), rows, ..Lines::default() };
        kept.index();
        kept
    }

    /// All texts, to be shared.
    fn texts(&self) -> Vec<Arc<String>> {
        let mut texts = self.shared.clone();
        if !self.text.is_empty() {
            texts.push(Arc::new(self.text.clone()));
        }
        texts
    }

    /// Lets other rosters share the text that only this one had.
    pub(super) fn share(&mut self) {
        if !self.text.is_empty() {
            self.text.shrink_to_fit();
            self.shared.push(Arc::new(std::mem::take(&mut self.text)));
        }
    }

    /// The order in which the lines stand by key, and whether each has the key of the one before;
    /// equal keys keep the order in which they came.
    pub(super) fn order(&self) -> Vec<(u32, bool)> {
        let count = u32::try_from(self.len()).expect("input limits keep rows below 2^32");
        let mut order: Vec<(u128, u32)> =
            (0..count).map(|row| (prefix(self.key(row as usize)), row)).collect();
        order.sort_unstable_by(|&(a, i), &(b, j)| {
            a.cmp(&b)
                .then_with(|| self.key(i as usize).cmp(self.key(j as usize)))
                .then_with(|| i.cmp(&j))
        });
        let same = |before: Option<&(u128, u32)>, &(prefix, row): &(u128, u32)| {
            before.is_some_and(|&(other, before)| {
                other == prefix && self.key(before as usize) == self.key(row as usize)
            })
        };
        let before = std::iter::once(None).chain(order.iter().map(Some));
        order.iter().zip(before).map(|(row, before)| (row.1, same(before, row))).collect()
    }

    /// Keeps the rows named, in that order, which must be the order of their keys. Their text is
    /// laid out in that order, too: whoever goes through all lines then goes straight on. It is
    /// done in parts, so that the text is never there twice.
    pub(super) fn arrange(&mut self, order: &[u32]) {
        assert!(self.shared.is_empty(), "lines are arranged by whoever read them");
        let mut rows: Vec<Row> = order.iter().map(|&row| self.rows[row as usize]).collect();
        self.rows = Arc::default();
        let mut by_place: Vec<u32> = (0..).take(rows.len()).collect();
        by_place.sort_unstable_by_key(|&rank| rows[rank as usize].start);
        let mut arranged = String::with_capacity(self.text.len());
        let part = rows.len().div_ceil(PARTS).max(1);
        for begin in (0..rows.len()).step_by(part) {
            let end = rows.len().min(begin + part);
            for row in &mut rows[begin..end] {
                let line = &self.text[row.range()];
                row.start = u32::try_from(arranged.len()).expect("no longer than the text before");
                arranged.push_str(line);
            }
            by_place.retain(|&rank| rank as usize >= end);
            self.let_go(&mut rows, &by_place);
        }
        *self = Lines { text: arranged, rows: Arc::new(rows), ..Lines::default() };
        self.share();
        self.index();
    }

    /// Keeps the text of the rows named, in the order of their places, and no other.
    fn let_go(&mut self, rows: &mut [Row], by_place: &[u32]) {
        let mut text = std::mem::take(&mut self.text).into_bytes();
        let mut end = 0;
        for &rank in by_place {
            let row = &mut rows[rank as usize];
            text.copy_within(row.range(), end);
            row.start = u32::try_from(end).expect("no further than it was");
            end += row.len as usize;
        }
        text.truncate(end);
        text.shrink_to_fit();
        self.text = String::from_utf8(text).expect("whole lines");
    }

    /// Makes look-ups by key possible; the lines must stand in key order.
    pub(super) fn index(&mut self) {
        self.index = Arc::new(Index::of(self.iter().map(first_field)));
    }

    /// The rank of a key, once the lines are arranged.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        debug_assert_eq!(self.index.len(), self.len(), "look-ups need arranged lines");
        if self.len() == 0 { None } else { self.find_from(self.index.home_of(key), key) }
    }

    fn find_from(&self, home: Home, key: &str) -> Option<u32> {
        self.index.find(home, key, |rank| self.key(rank as usize))
    }

    /// The ranks of several keys. Each step is done for all of them before the next, so that the
    /// processor goes to see many places at once and waits for one.
    pub(super) fn find_many<'k>(
        &self,
        keys: impl Iterator<Item = &'k str> + Clone,
    ) -> Vec<Option<u32>> {
        if self.len() == 0 {
            return keys.map(|_| None).collect();
        }
        let homes: Vec<Home> = keys.clone().map(|key| self.index.home_of(key)).collect();
        self.approach(homes.iter().filter_map(|&home| self.index.likely(home)));
        keys.zip(homes).map(|(key, home)| self.find_from(home, key)).collect()
    }

    /// Goes to see the keys at some ranks, so that they are at hand when they are asked for.
    pub(super) fn approach(&self, ranks: impl Iterator<Item = u32>) {
        let starts: Vec<usize> =
            ranks.map(|rank| self.rows[rank as usize].start as usize).collect();
        let seen = starts.into_iter().fold(0, |seen, start| {
            let (text, at) = self.text_at(start);
            let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
            seen ^ byte(at) ^ byte(at + KEY)
        });
        std::hint::black_box(seen);
    }
}

/// As long are most keys, with the tab behind them.
const KEY: usize = 36;

/// In so many parts is text laid out anew.
const PARTS: usize = 4;

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
