//! rostergate carries a school register's data to learning platforms, every night.
//!
//! ```text
//!  sources ──bytes──▶ formats ──Reading──▶ pipeline ──Plan──▶ formats ──Payload──▶ state ──Cleared──▶ delivery
//!  (fetch)            (decode)             protect select     (encode)             (prepare,          (upload)
//!                                          validate diff                            clear)               │
//!                                          safety                                  ▲──────Receipt───────┘
//!                                                                                  └─ record ─▶ notify (mail)
//! ```
//!
//! Bytes come in, decisions are made on plain values, bytes go out, and every step is written
//! down before the next is taken. Edges move bytes and never decide; the rooms inside decide and
//! never touch a disk, a wire or a clock.
//!
//! **The one layering rule**: a room may use only the rooms listed before it here. The test
//! `layering` reads this file and every `use` line and enforces it.
//!
//! What is absent on purpose: no switch that turns the safety filter off, no child process, no
//! listening port outside `demo`, no trait with one implementation, no clock below `main`.

// In this order, which a blank line keeps: a room may use only the rooms above it.

pub mod roster;

pub mod formats;

pub mod pipeline;

pub mod sources;

pub mod state;

pub mod secrets;

pub mod delivery;

pub mod notify;

pub mod config;

pub mod gateway;

pub mod commands;
