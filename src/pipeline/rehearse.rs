//! The rehearsal: what the finished file would do at the receiver must equal the plan.
//!
//! The model of the receiver is what it was last told. The finished file, read back by a reader
//! that shares nothing with the writer, is applied to that model; what is then new, changed and
//! gone must be exactly what the plan counted, and the model must end as the plan's roster.

use std::io::Read;

use thiserror::Error;

use super::counts::{Counts, Tally};
use super::diff::{View, diff};
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::roster::code::Code;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// A finished file that would not do what was planned.
#[derive(Debug, Error)]
pub enum Mismatch {
    /// Read back, the file does not hold what was to be told.
    #[error("read back, the {kind} number {position} of the finished file is not the planned one")]
    Content {
        /// Of what kind.
        kind: Kind,
        /// Position in key order, from 1.
        position: u64,
    },
    /// Applied to the model, it changes other numbers than planned.
    #[error("at the receiver, the file would change other {kind} numbers than planned")]
    Effect {
        /// Of what kind.
        kind: Kind,
    },
    /// The model could not be read.
    #[error(transparent)]
    Baseline(#[from] SnapshotError),
}

impl Mismatch {
    /// The message code.
    pub fn code(&self) -> Code {
        match self {
            Mismatch::Content { .. } | Mismatch::Effect { .. } => Code(901),
            Mismatch::Baseline(error) => error.code(),
        }
    }
}

/// Compares what the finished file says (`seen`) with what it should say (`expected`), entity
/// by entity.
///
/// # Errors
/// At the first difference.
pub fn same(seen: &Roster, expected: &Roster) -> Result<(), Mismatch> {
    match seen.first_difference(expected) {
        Some((kind, at)) => Err(Mismatch::Content { kind, position: at as u64 + 1 }),
        None => Ok(()),
    }
}

/// Applies what the finished file says to the model of the receiver and compares the effect with
/// the plan's numbers, for the kinds of entity that the file tells.
///
/// # Errors
/// When any number differs, or the model cannot be read.
pub fn same_effect<R: Read>(
    seen: &Roster,
    model: Option<&mut Reader<R>>,
    view: &View<'_>,
    planned: &Counts,
) -> Result<(), Mismatch> {
    let (effect, _) = diff(seen, model, view, |_| ())?;
    let carried = view.carried;
    let pairs: [(Kind, bool, Tally, Tally); 5] = [
        (Kind::School, carried.school_rows, effect.schools, planned.schools),
        (Kind::Person, true, effect.persons, planned.persons),
        (Kind::Group, carried.group_rows, effect.groups, planned.groups),
        (Kind::Membership, carried.membership_rows, effect.memberships, planned.memberships),
        (Kind::Relation, carried.relation_rows, effect.relations, planned.relations),
    ];
    match pairs.into_iter().find(|(_, told, effect, planned)| *told && effect != planned) {
        Some((kind, ..)) => Err(Mismatch::Effect { kind }),
        None => Ok(()),
    }
}
