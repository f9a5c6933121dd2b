//! What a target was last told, as far as it says more of somebody than tonight's registers do.

use std::fs::File;
use std::path::Path;

use super::failure::Failure;
use super::target::Planned;
use crate::formats::snapshot::{self, SnapshotError};
use crate::pipeline::pending::Pending;
use crate::pipeline::plan::Register;
use crate::pipeline::rekey::{self, ToldBefore};
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
        for (old, new) in rekey::told_before(&stored(path)?, register) {
            found.entry(old).or_default().extend(new);
        }
    }
    Ok(found)
}

/// The roster of a stored file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn stored(path: &Path) -> Result<Roster, Failure> {
    let read = File::open(path).map_err(SnapshotError::from).and_then(snapshot::read);
    read.map_err(|error| Failure::detail(error.code(), error.to_string()))
}
