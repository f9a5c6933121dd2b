//! What stands above each group: its parent, its school, and how deep it lies.

use crate::roster::entity::Group;
use crate::roster::roster::Roster;

/// How many parents a group may have above it. A longer chain, or one that bites its own tail,
/// is taken as no parent at all.
const DEEPEST: usize = 90;

/// Where a group hangs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Position of the parent.
    pub(super) parent: Option<u32>,
    /// Position of the school: the group's own, or in a tree the one on top of its parents.
    pub(super) school: Option<u32>,
    /// How many nodes lie above, the root not counted: 1 without parent or school.
    pub(super) level: u8,
}

/// Where each group hangs, by position.
pub(super) fn places(told: &Roster, is_tree: bool) -> Vec<Place> {
    let position = |found: Option<usize>| found.and_then(|at| u32::try_from(at).ok());
    let parent_of = |group: Group| {
        let found = (!group.parent.is_empty()).then(|| told.find_group(group.parent)).flatten();
        position(found)
    };
    let school_of = |group: Group| {
        let found = (!group.school.is_empty()).then(|| told.find_school(group.school)).flatten();
        position(found)
    };
    let parents: Vec<Option<u32>> = told.groups().map(parent_of).collect();
    let schools: Vec<Option<u32>> = told.groups().map(school_of).collect();
    (0..parents.len()).map(|at| place(at, &parents, &schools, is_tree)).collect()
}

fn place(at: usize, parents: &[Option<u32>], schools: &[Option<u32>], is_tree: bool) -> Place {
    let (top, above) = top_of(at, parents).unwrap_or((at, 0));
    let level = 1 + above + usize::from(schools[top].is_some());
    Place {
        parent: if above > 0 { parents[at] } else { None },
        school: schools[if is_tree { top } else { at }],
        level: u8::try_from(level).expect("chains of parents are short"),
    }
}

/// The topmost parent and how many there are; `None` when there is no end to them.
fn top_of(at: usize, parents: &[Option<u32>]) -> Option<(usize, usize)> {
    let mut top = at;
    for above in 0..=DEEPEST {
        match parents[top] {
            None => return Some((top, above)),
            Some(parent) => top = parent as usize,
        }
    }
    None
}
