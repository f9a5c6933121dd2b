//! THE WORDS: what a roster is. Pure, and uses no other room.
//!
//! A [`Roster`](roster::Roster) is what a register says on one night, checked: keys are unique,
//! every reference resolves, entities stand in key order. A [`Draft`](draft::Draft) is the same
//! as read, with nothing promised yet.
//!
//! Inside, each entity is one canonical line of text in one buffer, and a membership is three
//! integers. Nothing outside this room sees that: it meets [`Person`](entity::Person) and its
//! siblings, which borrow their text.

pub mod code;
mod cursor;
mod difference;
pub mod draft;
pub mod entity;
pub mod field;
mod index;
pub mod issue;
mod likely;
mod lines;
mod links;
pub mod loose;
mod merge;
pub mod personal_number;
mod references;
pub mod rename;
#[expect(clippy::module_inception, reason = "the room is named after its one central type")]
pub mod roster;
mod set_aside;
pub mod sighting;
mod subset;
mod unresolved;
pub mod untold;
pub mod words;
