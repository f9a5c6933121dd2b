//! Bytes for the law `smtp_conversation`; see `src/lib.rs`.
#![no_main]

// Not the pure rooms, but all of them.
extern crate whole as rostergate;

#[path = "../src/smtp_conversation.rs"]
mod smtp_conversation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| smtp_conversation::check(bytes));
