//! Bytes for the law `sftp_conversation`; see `src/lib.rs`.
#![no_main]

// Not the pure rooms, but all of them.
extern crate whole as rostergate;

#[path = "../src/sftp_conversation/mod.rs"]
mod sftp_conversation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sftp_conversation::check(bytes));
