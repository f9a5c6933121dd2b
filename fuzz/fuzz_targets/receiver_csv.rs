//! Bytes for the law `receiver_csv`; see `src/lib.rs`.
#![no_main]

mod strict;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rostergate_fuzz::receiver_csv::check(bytes, &mut strict::accept);
});
