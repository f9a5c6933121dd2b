//! The program's pure rooms, as they are.

#[path = "../../src/roster/mod.rs"]
pub mod roster;

#[path = "../../src/formats/mod.rs"]
pub mod formats;

#[path = "../../src/pipeline/mod.rs"]
pub mod pipeline;
