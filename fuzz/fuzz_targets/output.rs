//! Bytes for the law `output`; see `src/lib.rs`.
#![no_main]

mod strict;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rostergate_fuzz::output::check(bytes, &mut strict::accept);
});
