//! What a target was last told, as far as it says more of somebody than tonight's registers do.

use std::fs::File;
use std::path::Path;

use super::failure::Failure;
use super::target::Planned;
use crate::formats::snapshot::{self, Reader, SnapshotError};
use crate::pipeline::pending::Pending;
use crate::pipeline::plan::Register;
use crate::pipeline::rekey::{self, ToldBefore};
use crate::roster::entity::Person;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// Whom the last file tells under another key than tonight's registers, of those who are protected:
/// they would wait as missing. Nobody is looked for where nobody of that file is missing.
///
/// # Errors
/// When a stored file cannot be read.
pub(super) fn told_before(planned: &Planned, register: &Register) -> Result<ToldBefore, Failure> {
    let Planned { plan, against, protected, .. } = planned;
    let waits = |waiting: &Pending| waiting.kind == Kind::Person;
    let missing = plan.feed.counts.persons.removed > 0 || plan.pending.iter().any(waits);
    let mut found = ToldBefore::new();
    if protected.humans.is_empty() || !(missing || against.doubtful) {
        return Ok(found);
    }
    for path in &against.snapshots {
        let lines = absent(path, register);
        let lines = lines.map_err(|error| Failure::detail(error.code(), error.to_string()))?;
        let persons = lines.iter().filter_map(|line| Person::from_line(line));
        for (old, new) in rekey::told_before(persons, register) {
            found.entry(old).or_default().extend(new);
        }
    }
    Ok(found)
}

/// The lines of a stored file about persons of whom the register tells nothing, of the others never
/// more than one at a time: this is done on any night on which somebody is missing.
fn absent(path: &Path, register: &Register) -> Result<Vec<String>, SnapshotError> {
    let mut file = Reader::open(File::open(path)?)?;
    let mut absent = Vec::new();
    while let Some((kind, line)) = file.next_line()? {
        if kind == Kind::Person {
            let key = Person::from_line(line).map(|person| person.key);
            if key.is_some_and(|key| register.roster.find_person(key).is_none()) {
                absent.push(line.to_owned());
            }
        }
    }
    Ok(absent)
}

/// The roster of a stored file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn stored(path: &Path) -> Result<Roster, Failure> {
    let read = File::open(path).map_err(SnapshotError::from).and_then(snapshot::read);
    read.map_err(|error| Failure::detail(error.code(), error.to_string()))
}
