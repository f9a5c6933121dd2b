//! Bytes for the law `register_csv`; see `src/lib.rs`.
#![no_main]

mod strict;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rostergate_fuzz::register_csv::check(bytes, &mut strict::accept);
});
