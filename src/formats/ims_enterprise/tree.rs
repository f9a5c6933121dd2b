//! What stands above each group: its parent, its school year, its school, and how deep it lies.

use std::collections::BTreeSet;

use super::rules::Rules;
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
    /// Whether it hangs right under the node of its term at its school.
    pub(super) year: bool,
    /// How many nodes lie above, the root not counted: 1 without parent or school.
    pub(super) level: u8,
}

/// Where each group hangs, by position.
pub(super) fn places(told: &Roster, rules: &Rules<'_>) -> Vec<Place> {
    let position = |found: Option<usize>| found.and_then(|at| u32::try_from(at).ok());
    let above_of = |group: Group| {
        let parent = (!group.parent.is_empty()).then(|| told.find_group(group.parent)).flatten();
        let school = (!group.school.is_empty()).then(|| told.find_school(group.school)).flatten();
        let year = rules.years && school.is_some() && !group.term.is_empty();
        Above { parent: position(parent), school: position(school), year }
    };
    let above: Vec<Above> = told.groups().map(above_of).collect();
    (0..above.len()).map(|at| place(at, &above, rules.is_tree())).collect()
}

/// What a group says stands above it.
struct Above {
    parent: Option<u32>,
    school: Option<u32>,
    /// Whether the node of its term would stand between it and its school.
    year: bool,
}

fn place(at: usize, above: &[Above], is_tree: bool) -> Place {
    let (top, parents) = top_of(at, above).unwrap_or((at, 0));
    let level =
        1 + parents + usize::from(above[top].school.is_some()) + usize::from(above[top].year);
    Place {
        parent: if parents > 0 { above[at].parent } else { None },
        school: above[if is_tree { top } else { at }].school,
        year: parents == 0 && above[at].year,
        level: u8::try_from(level).expect("chains of parents are short"),
    }
}

/// The topmost parent and how many there are; `None` when there is no end to them.
fn top_of(at: usize, above: &[Above]) -> Option<(usize, usize)> {
    let mut top = at;
    for parents in 0..=DEEPEST {
        match above[top].parent {
            None => return Some((top, parents)),
            Some(parent) => top = parent as usize,
        }
    }
    None
}

/// The sync key of the node of a term at a school.
pub(super) fn year_key(school: &str, term: &str) -> String {
    format!("{school}:{term}")
}

/// Positions of schools with the terms that they have a node for.
pub(super) fn years<'t>(told: &'t Roster, places: &[Place]) -> BTreeSet<(u32, &'t str)> {
    let groups = told.groups().zip(places).filter(|(_, place)| place.year);
    groups.filter_map(|(group, place)| Some((place.school?, group.term))).collect()
}
