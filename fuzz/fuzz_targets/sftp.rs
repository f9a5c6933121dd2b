//! Bytes for the law `sftp`; see `src/lib.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rostergate_fuzz::sftp::check(bytes));
