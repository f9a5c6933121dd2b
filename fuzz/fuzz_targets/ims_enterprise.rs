//! Bytes for the law `ims_enterprise`; see `src/lib.rs`.
#![no_main]

mod strict;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rostergate_fuzz::ims_enterprise::check(bytes, &mut strict::accept);
});
