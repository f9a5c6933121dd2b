//! Keys by rank and ranks by key, close together in memory: links come in any order, and what
//! takes the time is going to see a key that the processor has not at hand.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// The keys of sorted lines.
#[derive(Default)]
pub(super) struct Index {
    keys: String,
    /// Where each key ends.
    ends: Vec<u32>,
    /// Ranks, each at the hash of its key or soon after; twice as many as keys or more, and a
    /// power of two.
    slots: Vec<Slot>,
}

/// Room for a rank.
#[derive(Clone, Copy)]
struct Slot {
    /// Half of the key's hash: another half is another key, which saves going to see the key.
    half: u32,
    rank: u32,
}

/// A slot that holds no rank.
const FREE: Slot = Slot { half: 0, rank: u32::MAX };

impl Index {
    /// The index of these keys, which differ from each other.
    pub(super) fn of<'k>(keys: impl ExactSizeIterator<Item = &'k str>) -> Self {
        let slots = vec![FREE; (keys.len() * 2).next_power_of_two()];
        let ends = Vec::with_capacity(keys.len());
        let mut index = Index { keys: String::new(), ends, slots };
        for (rank, key) in (0..).zip(keys) {
            let (half, slot) = index.slot_of(key);
            index.slots[slot] = Slot { half, rank };
            index.keys.push_str(key);
            let end = u32::try_from(index.keys.len());
            index.ends.push(end.expect("input limits keep a table below 4 GiB"));
        }
        index
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The key at a rank, if there is one.
    pub(super) fn key(&self, rank: usize) -> Option<&str> {
        let end = *self.ends.get(rank)?;
        let start = if rank == 0 { 0 } else { self.ends[rank - 1] };
        Some(&self.keys[start as usize..end as usize])
    }

    /// The rank of a key.
    pub(super) fn find(&self, key: &str) -> Option<u32> {
        if self.ends.is_empty() {
            return None;
        }
        let rank = self.slots[self.slot_of(key).1].rank;
        (rank != FREE.rank).then_some(rank)
    }

    /// Half of a key's hash, and the slot that holds its rank, or the free one where it belongs.
    fn slot_of(&self, key: &str) -> (u32, usize) {
        let hash = FixedState::default().hash_one(key.as_bytes());
        let half = u32::try_from(hash >> 32).expect("half of the bits");
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash & mask as u64).expect("below the length");
        loop {
            let Slot { half: other, rank } = self.slots[slot];
            if rank == FREE.rank || (other == half && self.key(rank as usize) == Some(key)) {
                return (half, slot);
            }
            slot = (slot + 1) & mask;
        }
    }
}
