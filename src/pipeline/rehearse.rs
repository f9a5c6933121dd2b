//! The rehearsal: what the finished file would do at the receiver must equal the plan.
//!
//! The finished file, read back by a reader that shares nothing with the writer, must say of the
//! plan's roster all that its format can show, and nothing else; nobody of the plan may be missing
//! in it. The model of the receiver is what it was last told. The roster that the file is thereby
//! known to tell is applied to that model, and what is then new, changed and gone must be exactly
//! what the plan counted. What the format cannot show (a group's own school in a tree, a name in
//! two parts) is in the model as in the roster, so it must not be compared with the file.

use std::io::Read;

use thiserror::Error;

use super::counts::{Counts, Tally};
use super::diff::{View, diff};
use crate::formats::carried::Carried;
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::roster::code::Code;
use crate::roster::roster::Roster;
use crate::roster::words::{Kind, RelationKind};

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
    /// Read back, the file holds others than it was to tell of.
    #[error("read back, the finished file holds other {kind} keys than planned")]
    Others {
        /// Of what kind.
        kind: Kind,
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
            Mismatch::Content { .. } | Mismatch::Others { .. } | Mismatch::Effect { .. } => {
                Code(901)
            }
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

/// Compares who and what is in the finished file (`seen`) with the plan's roster, whatever the
/// format shows of them: by keys, and of links by their ends, since a format may have no place for
/// what kind of link it is.
///
/// # Errors
/// When one has a key that the other has not, in rows that the file has.
pub fn whole(seen: &Roster, told: &Roster, rows: Carried) -> Result<(), Mismatch> {
    // Links are compared last, by position: by then the same position is the same entity.
    let alike = |kind| match kind {
        Kind::School => {
            !rows.school_rows || seen.schools().map(|s| s.key).eq(told.schools().map(|s| s.key))
        }
        Kind::Person => seen.persons().map(|p| p.key).eq(told.persons().map(|p| p.key)),
        Kind::Group => {
            !rows.group_rows || seen.groups().map(|g| g.key).eq(told.groups().map(|g| g.key))
        }
        Kind::Membership => !rows.membership_rows || members(seen).eq(members(told)),
        Kind::Relation => !rows.relation_rows || guardians(seen).eq(guardians(told)),
    };
    let kinds = [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation];
    match kinds.into_iter().find(|&kind| !alike(kind)) {
        Some(kind) => Err(Mismatch::Others { kind }),
        None => Ok(()),
    }
}

/// Who is in which group, in whatever roles.
fn members(roster: &Roster) -> impl Iterator<Item = (usize, usize)> {
    let mut last = None;
    roster.membership_positions().filter(move |&pair| last.replace(pair) != Some(pair))
}

/// Who is guardian of whom: the relations that every format with relations holds.
fn guardians(roster: &Roster) -> impl Iterator<Item = (&str, &str)> {
    let guardians = roster.relations().filter(|r| r.kind == RelationKind::Guardian);
    guardians.map(|relation| (relation.person, relation.to))
}

/// Applies the roster that the finished file is known to tell to the model of the receiver and
/// compares the effect with the plan's numbers, for the kinds of entity that the file tells.
///
/// # Errors
/// When any number differs, or the model cannot be read.
pub fn same_effect<R: Read>(
    told: &Roster,
    model: Option<&mut Reader<R>>,
    view: &View<'_>,
    planned: &Counts,
) -> Result<(), Mismatch> {
    let (effect, _) = diff(told, model, view, |_| ())?;
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
