//! The snapshot: what is taken for one is the roster that was written, to the byte.

use std::io::Read as _;

use rostergate::formats::snapshot::{self, Header, KEY_RULES, ORDER};
use rostergate::roster::roster::Roster;
use sha2::{Digest, Sha256};

/// The first byte says what the rest is: a stored file as it is, its text, or lines that are
/// put under a header that fits them, so that what a digest cannot catch is attacked too.
pub fn check(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else { return };
    match how % 3 {
        0 => read(rest),
        1 => read(&packed(rest)),
        _ => read(&packed(&sealed(rest))),
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).expect("memory takes every byte")
}

/// The lines under a header with their counts and digest.
fn sealed(lines: &[u8]) -> Vec<u8> {
    let letters = [b'S', b'P', b'G', b'M', b'R'];
    let counts = ORDER.iter().zip(letters).map(|(kind, letter)| {
        let count = lines.split(|&b| b == b'\n').filter(|line| line.first() == Some(&letter));
        format!("{kind} {}\t", count.count())
    });
    let counts: String = counts.collect();
    let digest = snapshot::hex(&Sha256::digest(lines));
    let header = format!("rostergate-snapshot 1\t{KEY_RULES}\t{counts}sha256 {digest}\n");
    [header.as_bytes(), lines].concat()
}

fn read(packed: &[u8]) {
    let Ok(roster) = snapshot::read(packed) else { return };
    let mut text = Vec::new();
    let mut reader = zstd::Decoder::new(packed).expect("it was read");
    reader.read_to_end(&mut text).expect("it was read");
    // Key rules of another program are read, and hold the night: they stand in the header.
    assert!(
        behind_header(&text) == behind_header(&written(&roster)),
        "a snapshot that is read is what would be written of it"
    );
}

fn behind_header(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|&byte| byte == b'\n').expect("a header");
    &text[end..]
}

fn written(roster: &Roster) -> Vec<u8> {
    let (mut packed, mut text) = (Vec::new(), Vec::new());
    snapshot::write(roster, &Header::of(roster), &mut packed).expect("memory takes every byte");
    let mut reader = zstd::Decoder::new(packed.as_slice()).expect("just written");
    reader.read_to_end(&mut text).expect("just written");
    text
}
