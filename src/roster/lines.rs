//! Canonical lines of text in one buffer, in key order: how a roster keeps its entities.
//!
//! A line is its fields with a tab between them, the key first. Fields hold no control
//! characters, so a tab sorts below everything a key may hold and the order of whole lines is the
//! order of keys. That lets yesterday be merged with today as text, without parsing either.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// Where a line stands in the buffer.
#[derive(Clone, Copy)]
struct Row {
    start: u32,
    len: u32,
    /// How long the key is: so that finding it touches no other part of the line.
    key: u32,
}

/// A rank in the table for look-ups.
#[derive(Clone, Copy)]
struct Slot {
    /// Half of its key's hash: another half is another key, which saves going to see the key.
    half: u32,
    rank: u32,
}

/// A slot that holds no rank.
const FREE: Slot = Slot { half: 0, rank: u32::MAX };

/// Lines in one buffer, plus, once sorted, a table of their ranks by key for look-ups.
#[derive(Clone, Default)]
pub(super) struct Lines {
    text: String,
    rows: Vec<Row>,
    /// Ranks, each at the hash of its key or soon after.
    slots: Vec<Slot>,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, rank: usize) -> &str {
        let Row { start, len, .. } = self.rows[rank];
        &self.text[start as usize..(start + len) as usize]
    }

    pub(super) fn key(&self, rank: usize) -> &str {
        let Row { start, key, .. } = self.rows[rank];
        &self.text[start as usize..(start + key) as usize]
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
            key: u32::try_from(first_field(line).len()).expect("no longer than the row"),
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
        self.slots = vec![FREE; (self.len() * 2).next_power_of_two()];
        for at in 0..self.len() {
            let (half, slot) = self.slot_of(self.key(at));
            let rank = u32::try_from(at).expect("input limits keep rows below 2^32");
            self.slots[slot] = Slot { half, rank };
        }
    }

    /// The same as [`Lines::index`] for lines with the same keys as those of `other`.
    pub(super) fn index_as(&mut self, other: &Lines) {
        debug_assert!((0..self.len()).all(|rank| self.key(rank) == other.key(rank)));
        self.slots.clone_from(&other.slots);
    }

    /// The rank of a key, once the lines are arranged.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        if self.rows.is_empty() {
            return None;
        }
        let rank = self.slots[self.slot_of(key).1].rank;
        (rank != FREE.rank).then_some(rank)
    }

    /// Half of a key's hash, and the slot that holds its rank, or the free one where it belongs.
    /// There are at least twice as many slots as rows, and a power of two.
    fn slot_of(&self, key: &str) -> (u32, usize) {
        debug_assert!(self.slots.len() > self.rows.len(), "look-ups need arranged lines");
        let hash = FixedState::default().hash_one(key.as_bytes());
        let half = u32::try_from(hash >> 32).expect("half of the bits");
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash & mask as u64).expect("below the length");
        loop {
            let Slot { half: other, rank } = self.slots[slot];
            if rank == FREE.rank || (other == half && self.key(rank as usize) == key) {
                return (half, slot);
            }
            slot = (slot + 1) & mask;
        }
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
