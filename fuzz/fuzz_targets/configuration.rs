//! Bytes for the law `configuration`; see `src/lib.rs`.
#![no_main]

// Not the pure rooms, but all of them.
extern crate whole as rostergate;

#[path = "../src/configuration.rs"]
mod configuration;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| configuration::check(bytes));
