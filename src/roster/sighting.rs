//! Where an export speaks of a key that somebody asks about: file and line, never a value.

use super::code::Code;
use super::draft::{Marking, Place};
use super::words::Kind;

/// One row that speaks of a watched key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// Which of the watched keys, by its place among them.
    pub which: usize,
    /// What the key is in this row: of a membership, person or group.
    pub about: Kind,
    /// The kind of row.
    pub row: Kind,
    /// Name of the file, without folder.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Whether the row could be used.
    pub used: bool,
    /// Why not, where this row says it itself; a link may also wait for another row.
    pub fault: Option<Code>,
    /// What a person's row says of protection.
    pub marking: Marking,
}

/// What became of a row.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    Used(Marking),
    Faulty(Code),
    Waits,
}

/// Keys that somebody asks about, and where they were seen. Nobody does on an ordinary night.
#[derive(Default)]
pub(super) struct Watch {
    keys: Vec<String>,
    pub(super) seen: Vec<Sighting>,
}

impl Watch {
    pub(super) fn for_keys(keys: &[String]) -> Watch {
        Watch { keys: keys.to_vec(), seen: Vec::new() }
    }

    /// Notes a row at a place if it speaks of a watched key.
    pub(super) fn look(
        &mut self,
        (files, place): (&[String], Place),
        row: Kind,
        ends: [&str; 2],
        fate: Fate,
    ) {
        if !self.keys.is_empty() {
            let file = files[usize::from(place.file)].as_str();
            self.look_at((file, u64::from(place.line)), row, ends, fate);
        }
    }

    /// The same with the file's own name. `ends` are the keys as [`super::draft::SetAside`] has
    /// them: of a link the person's first.
    pub(super) fn look_at(
        &mut self,
        (file, line): (&str, u64),
        row: Kind,
        ends: [&str; 2],
        fate: Fate,
    ) {
        let other = if row == Kind::Membership { Kind::Group } else { Kind::Person };
        let first = if matches!(row, Kind::School | Kind::Group) { row } else { Kind::Person };
        let (used, fault, marking) = match fate {
            Fate::Used(marking) => (true, None, marking),
            Fate::Faulty(code) => (false, Some(code), Marking::None),
            Fate::Waits => (false, None, Marking::None),
        };
        for (which, key) in self.keys.iter().enumerate() {
            for (about, end) in [(first, ends[0]), (other, ends[1])] {
                if end == key {
                    let file = file.to_owned();
                    self.seen.push(Sighting {
                        which,
                        about,
                        row,
                        file,
                        line,
                        used,
                        fault,
                        marking,
                    });
                }
            }
        }
    }
}
