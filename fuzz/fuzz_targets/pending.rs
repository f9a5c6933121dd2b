//! Bytes for the law `pending`; see `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rostergate_fuzz::pending::check(bytes));
