//! The town's chance, `SplitMix64`: one seed gives the same town on every machine for ever.

/// A seeded stream of numbers. Not for secrets.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 up to and without `end`, which must not be 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The upper half of the product is uniform enough for a story: the bias is end / 2^32.
        let below = ((self.roll() >> 32) * u64::from(end)) >> 32;
        u32::try_from(below).expect("two halves multiplied, shifted down by a half")
    }

    /// True `per_thousand` times of a thousand.
    pub(super) fn chance(&mut self, per_thousand: u32) -> bool {
        self.below(1000) < per_thousand
    }

    /// Fisher and Yates.
    pub(super) fn shuffle<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            let end = u32::try_from(last + 1).expect("a table has fewer than 2^32 rows");
            rows.swap(last, self.below(end) as usize);
        }
    }
}

/// The random-looking key of `serial` in the table `salt`: 36 lower-case places of a GUID.
/// Keys need no store and cannot collide within a table, because `mix` is one-to-one.
pub(super) fn guid(salt: u64, serial: u32) -> [u8; 36] {
    let high = mix(salt.wrapping_add(u64::from(serial).wrapping_mul(GOLDEN)));
    let low = mix(high ^ salt);
    let mut text = [b'-'; 36];
    let bytes = high.to_be_bytes().into_iter().chain(low.to_be_bytes());
    for (byte, place) in bytes.zip(BYTE_PLACES) {
        text[place] = HEX[usize::from(byte >> 4)];
        text[place + 1] = HEX[usize::from(byte & 15)];
    }
    text
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const BYTE_PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_stream_is_the_published_splitmix64() {
        let mut dice = Dice::new(1_234_567);
        let rolled: Vec<u64> = (0..3).map(|_| dice.roll()).collect();
        let published =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(rolled, published);
    }

    #[test]
    fn keys_look_like_guids_and_differ() {
        let keys: HashSet<[u8; 36]> = (0..10_000).map(|serial| guid(7, serial)).collect();
        assert_eq!(keys.len(), 10_000);
        for key in keys {
            let text = std::str::from_utf8(&key).expect("hexadecimal digits are ASCII");
            let parts: Vec<usize> = text.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{text}");
            assert!(text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-')), "{text}");
        }
    }

    #[test]
    fn a_shuffle_keeps_every_row() {
        let mut rows: Vec<u32> = (0..1000).collect();
        Dice::new(3).shuffle(&mut rows);
        assert_ne!(rows, (0..1000).collect::<Vec<_>>());
        rows.sort_unstable();
        assert_eq!(rows, (0..1000).collect::<Vec<_>>());
    }
}
