//! Ranks by key: links come in any order, and what takes the time is going to see a key that the
//! processor has not at hand.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// Where the keys of sorted lines are.
#[derive(Default)]
pub(super) struct Index {
    /// Ranks, each at the hash of its key or soon after; more than there are keys, and a power of
    /// two.
    slots: Vec<Slot>,
    count: usize,
}

/// Room for a rank.
#[derive(Clone, Copy)]
struct Slot {
    /// Half of the key's hash: another half is another key, which saves going to see the key.
    half: u32,
    rank: u32,
}

/// Where the search for a key begins.
#[derive(Clone, Copy)]
pub(super) struct Home {
    half: u32,
    slot: usize,
}

/// So many look-ups are done at once.
pub(super) const BATCH: usize = 64;

/// A slot that holds no rank.
const FREE: Slot = Slot { half: 0, rank: u32::MAX };

impl Index {
    /// The index of these keys, which differ from each other.
    pub(super) fn of<'k>(keys: impl ExactSizeIterator<Item = &'k str>) -> Self {
        let count = keys.len();
        let room = (count + count / 4 + 1).next_power_of_two();
        let mut index = Index { slots: vec![FREE; room], count };
        for (rank, key) in (0..).zip(keys) {
            let Home { half, mut slot } = index.home_of(key);
            while index.slots[slot].rank != FREE.rank {
                slot = index.after(slot);
            }
            index.slots[slot] = Slot { half, rank };
        }
        index
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The rank of a key whose search begins there; `key_at` says which key has a rank.
    pub(super) fn find<'k>(
        &self,
        Home { half, mut slot }: Home,
        key: &str,
        key_at: impl Fn(u32) -> &'k str,
    ) -> Option<u32> {
        loop {
            let Slot { half: other, rank } = self.slots[slot];
            if rank == FREE.rank {
                return None;
            }
            if other == half && key_at(rank) == key {
                return Some(rank);
            }
            slot = self.after(slot);
        }
    }

    /// The rank that a look at the first slot finds, if any: most often the right one.
    pub(super) fn likely(&self, home: Home) -> Option<u32> {
        Some(self.slots[home.slot].rank).filter(|&rank| rank != FREE.rank)
    }

    /// Half of a key's hash, and the slot where it belongs.
    pub(super) fn home_of(&self, key: &str) -> Home {
        let hash = FixedState::default().hash_one(key.as_bytes());
        let half = u32::try_from(hash >> 32).expect("half of the bits");
        let mask = self.slots.len() as u64 - 1;
        Home { half, slot: usize::try_from(hash & mask).expect("below the length") }
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}
