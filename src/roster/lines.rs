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

/// Lines, plus, once sorted, an index of their keys. A roster that is made from another shares the
/// texts of what stays as it was.
#[derive(Clone, Default)]
pub(super) struct Lines {
    /// Texts that other rosters may share, end to end.
    shared: Vec<Arc<String>>,
    /// The text behind them, which only this one has.
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
        self.rows.push(row);
    }

    /// No lines yet; what comes may share the texts of `model`.
    pub(super) fn beside(model: &Lines) -> Lines {
        Lines { shared: model.texts(), ..Lines::default() }
    }

    /// The same as [`Lines::push`], beside `model`: where its line of this key begins with the new
    /// one, the new one takes no text of its own.
    pub(super) fn push_beside(&mut self, model: &Lines, render: impl FnOnce(&mut String)) {
        let begin = self.text.len();
        self.push(render);
        let line = &self.text[begin..];
        let known = model.find(first_field(line)).map(|rank| rank as usize);
        if let Some(rank) = known.filter(|&rank| model.get(rank).starts_with(line)) {
            self.text.truncate(begin);
            let row = self.rows.last_mut().expect("push added a row");
            row.start = model.rows[rank].start;
        }
    }

    /// Puts another line in the place of the one at `rank`; the key stays the same.
    pub(super) fn replace(&mut self, rank: usize, render: impl FnOnce(&mut String)) {
        self.push(render);
        self.rows[rank] = self.rows.pop().expect("push added a row");
    }

    /// Lines with the same keys that `render` writes one by one; one that comes out as it was is
    /// shared.
    pub(super) fn rewritten<'l>(&'l self, mut render: impl FnMut(&'l str, &mut String)) -> Lines {
        let mut lines = Lines { shared: self.texts(), ..Lines::default() };
        lines.rows.reserve_exact(self.len());
        for rank in 0..self.len() {
            let (before, begin) = (self.get(rank), lines.text.len());
            lines.push(|out| render(before, out));
            let after = &lines.text[begin..];
            assert!(first_field(after) == first_field(before), "a rewrite keeps the key");
            // What was there may also be the beginning of what it became.
            let Row { start, .. } = self.rows[rank];
            let (text, at) = self.text_at(start as usize);
            if text.as_bytes()[at..].starts_with(after.as_bytes()) {
                lines.text.truncate(begin);
                lines.rows[rank].start = start;
            }
        }
        lines.index = Arc::clone(&self.index);
        lines.share();
        lines
    }

    /// Those of the lines that `keep` flags.
    pub(super) fn kept(&self, keep: &[bool]) -> Lines {
        let rows = self.rows.iter().zip(keep).filter(|&(_, &keep)| keep).map(|(&row, _)| row);
        let rows = rows.collect();
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

    /// Keeps the rows named, in that order, which must be the order of their keys. Their text is
    /// laid out in that order, too: whoever goes through all lines then goes straight on.
    pub(super) fn arrange(&mut self, order: &[u32]) {
        let shared = self.shared.iter().map(|text| text.len()).sum();
        let text = String::with_capacity(self.text.len());
        let mut arranged = Lines { shared: self.shared.clone(), text, ..Lines::default() };
        arranged.rows.reserve_exact(order.len());
        for &row in order {
            let Row { start, .. } = self.rows[row as usize];
            if (start as usize) < shared {
                arranged.rows.push(self.rows[row as usize]);
            } else {
                arranged.push(|out| out.push_str(self.get(row as usize)));
            }
        }
        *self = arranged;
        self.share();
        self.index();
    }

    /// Makes look-ups by key possible; the lines must stand in key order.
    pub(super) fn index(&mut self) {
        let keys = (0..self.len()).map(|rank| self.key(rank));
        self.index = Arc::new(Index::of(keys));
    }

    /// The rank of a key, once the lines are arranged.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        debug_assert_eq!(self.index.len(), self.len(), "look-ups need arranged lines");
        self.index.find(key, |rank| self.key(rank as usize))
    }

    /// The ranks of several keys. Each step is done for all of them before the next, so that the
    /// processor goes to see many places at once and waits for one.
    pub(super) fn find_many<'k>(
        &self,
        keys: impl Iterator<Item = &'k str> + Clone,
    ) -> Vec<Option<u32>> {
        let likely = self.index.likely(keys.clone());
        self.approach(likely.into_iter());
        keys.map(|key| self.find(key)).collect()
    }

    /// Goes to see the lines at some ranks, so that their keys are at hand when they are asked for.
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
