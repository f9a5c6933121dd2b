//! Thousands of whole conversations with servers that do what bytes say: the program's own way to
//! a receiver, and to a mail server. The laws stand in `fuzz/`, where a fuzzer attacks them too.
//!
//! The seed is printed with what breaks a law, and with `CONVERSATION_SEED` and
//! `CONVERSATIONS` there are others and more of them.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::fuzz::{sftp_conversation, smtp_conversation};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The bytes of one conversation: mostly few things go wrong, so that it comes far.
fn script(seed: u64) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed);
    let turns = [0, 1, 1, 1, 2, 2, 3, 5, 9][random.random_range(0..9)];
    (0..2 + 3 * turns).map(|_| random.random()).collect()
}

/// A shorter script that breaks the law as well.
fn smaller(mut bytes: Vec<u8>, law: fn(&[u8])) -> Vec<u8> {
    let breaks = |bytes: &[u8]| catch_unwind(AssertUnwindSafe(|| law(bytes))).is_err();
    let mut at = 2;
    while at + 3 <= bytes.len() {
        let without = [&bytes[..at], &bytes[at + 3..]].concat();
        if breaks(&without) { bytes = without } else { at += 3 }
    }
    bytes
}

/// Holds a law to so many conversations, many at once: most of their time is waiting.
fn converse(name: &str, law: fn(&[u8]), wanted: u64) {
    let (first, count) = (number("CONVERSATION_SEED", 1), number("CONVERSATIONS", wanted));
    let (next, broken) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let many = broken.lock().expect("nobody panics with it").len() > 4;
                    if seed >= first + count || many {
                        return;
                    }
                    let bytes = script(seed);
                    if catch_unwind(AssertUnwindSafe(|| law(&bytes))).is_err() {
                        let found = (seed, smaller(bytes, law));
                        broken.lock().expect("nobody panics with it").push(found);
                    }
                }
            });
        }
    });
    let took = started.elapsed().as_secs();
    let _ = writeln!(std::io::stderr(), "{name}: {count} conversations from {first} in {took} s");
    let broken = broken.into_inner().expect("nobody panicked with it");
    assert!(broken.is_empty(), "{name}: seed and script: {broken:?}");
}

#[test]
fn t10_whatever_a_receivers_server_says_nothing_is_claimed_that_is_not_there() {
    converse("receiver", sftp_conversation::check, 3000);
}

#[test]
fn t10_whatever_a_mail_server_says_no_mail_is_called_sent_that_it_does_not_have() {
    converse("mail server", smtp_conversation::check, 3000);
}
