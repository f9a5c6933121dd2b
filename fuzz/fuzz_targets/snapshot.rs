//! Bytes for the law `snapshot`; see `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rostergate_fuzz::snapshot::check(bytes));
