//! Groups whose removal a receiver archives for good, as itslearning does with courses: how many
//! leave tonight, and whether one comes back under a key that was archived.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Model, OpenSnapshot};
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind};

/// What a receiver archives, and what it has archived.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// Kinds of group whose removal is for good.
    pub kinds: BTreeSet<GroupKind>,
    /// Keys of groups that deliveries removed and the receiver archived, as it knows them.
    pub keys: BTreeSet<String>,
}

/// How many groups that would be told come back from the archive: their keys were archived, and
/// the receiver does not have them now. While it is unknown which of several files it has, a
/// group of an archived kind that only some of them hold may have been archived by the others.
///
/// # Errors
/// When what the receiver was told cannot be trusted.
pub(super) fn returning(
    told: &Roster,
    model: Model<'_>,
    archive: &Archive,
) -> Result<u64, SnapshotError> {
    let one;
    let candidates = match model {
        Model::Nothing => return Ok(0),
        Model::Known(_) if archive.keys.is_empty() => return Ok(0),
        Model::Known(open) => {
            one = [open];
            &one[..]
        }
        Model::AnyOf(_) if archive.keys.is_empty() && archive.kinds.is_empty() => return Ok(0),
        Model::AnyOf(candidates) => candidates,
    };
    let mut holding: BTreeMap<String, usize> =
        told.groups().map(|group| (group.key.to_owned(), 0)).collect();
    for open in candidates {
        count_groups(*open, &mut holding)?;
    }
    let returns = told.groups().filter(|group| {
        let held_by = holding[group.key];
        let archived = archive.keys.contains(group.key);
        let perhaps = held_by > 0 && archive.kinds.contains(&group.kind);
        held_by < candidates.len() && (archived || perhaps)
    });
    Ok(returns.count() as u64)
}

/// Counts which of these groups a snapshot holds.
fn count_groups(
    open: OpenSnapshot<'_>,
    holding: &mut BTreeMap<String, usize>,
) -> Result<(), SnapshotError> {
    let mut reader = Reader::open(open()?)?;
    while let Some((kind, line)) = reader.next_line()? {
        if kind == Kind::Group
            && let Some(count) = line.split('\t').next().and_then(|key| holding.get_mut(key))
        {
            *count += 1;
        }
    }
    Ok(())
}
