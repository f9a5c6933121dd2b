//! Every message code with what happened, what it means and what to do, in Swedish and English.
//!
//! Texts hold placeholders (`{file}`) from one closed set, and parts in brackets (`[, rad {line}]`)
//! that are left out when a fact inside them is not known. In `do_next`, a line that begins with
//! `$ ` is a command to type.

mod accounts;
mod altered;
mod around;
mod asked;
mod by_hand;
mod delivery;
pub mod facts;
mod keys;
mod mail;
mod protected;
mod render;
mod rows;
mod safety;
mod short;
mod source;
mod state;
mod surroundings;
mod waiting;
mod watched;

pub use self::facts::{Facts, Placeholder};
pub use self::render::{Rendered, Step, render};
pub use self::short::short;

use crate::roster::code::Code;

/// One message code, explained.
#[derive(Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// In Swedish.
    pub sv: Parts,
    /// In English.
    pub en: Parts,
}

/// The three parts of every message.
#[derive(Debug)]
pub struct Parts {
    /// What happened.
    pub what: &'static str,
    /// What it means for pupils and teachers.
    pub means: &'static str,
    /// What to do, with at least one command.
    pub do_next: &'static str,
}

const fn entry(code: u16, sv: [&'static str; 3], en: [&'static str; 3]) -> Entry {
    Entry { code: Code(code), sv: parts(sv), en: parts(en) }
}

const fn parts([what, means, do_next]: [&'static str; 3]) -> Parts {
    Parts { what, means, do_next }
}

/// Nothing goes anywhere: the sentence that most faults of a whole night share.
const STAYS_SV: &str = "Inget skickas. Det som mottagaren redan har ligger kvar, så elever och \
    lärare kan arbeta som vanligt. Nya elever och ändringar dröjer.";
/// See `STAYS_SV`.
const STAYS_EN: &str = "Nothing is sent. What the receiver already has stays, so pupils and \
    teachers can work as usual. New pupils and changes have to wait.";

/// Every entry, in the order of the codes.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    let rooms = [
        surroundings::ENTRIES,
        watched::ENTRIES,
        source::ENTRIES,
        rows::FAULTS,
        rows::NOTES,
        safety::ENTRIES,
        safety::OF_THE_BASELINE,
        waiting::ENTRIES,
        by_hand::ENTRIES,
        protected::ENTRIES,
        keys::OF_THE_ARCHIVE,
        keys::OF_TEMPLATES,
        altered::ENTRIES,
        accounts::ENTRIES,
        around::SENTINEL,
        around::CONFIGURATION,
        around::FROZEN,
        asked::ENTRIES,
        delivery::ENTRIES,
        state::ENTRIES,
        mail::ENTRIES,
        state::OF_THE_PROGRAM,
    ];
    let mut all: Vec<&Entry> = rooms.into_iter().flatten().collect();
    all.sort_by_key(|entry| entry.code);
    all.into_iter()
}

/// The explanation of a code; `None` when there is no such code.
pub fn entry_of(code: Code) -> Option<&'static Entry> {
    all().find(|entry| entry.code == code)
}
