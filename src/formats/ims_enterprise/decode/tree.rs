//! The tree of a document that was read: what lies above each node, and which nodes are school
//! years.

use std::collections::{HashMap, HashSet};

use super::arena::{Arena, Span};
use super::group::{Node, Row};
use super::{Shared, number};
use crate::formats::fitting::{DANGLING, SHARED_KEY};
use crate::roster::issue::Severity;

/// As many parents as a group may have above it.
const DEEPEST: usize = 99;

/// What lies above each row: a parent, which may be a school year, and a school, by row.
pub(super) struct Tree<'r> {
    pub(super) rows: &'r [Row],
    arena: &'r Arena,
    /// Keys of the nodes above all rows.
    keys_above: &'r [Span],
    above: Vec<(Option<u32>, Option<u32>)>,
    /// Whether a school stands on top of the parents only.
    inherits: bool,
    /// Whether groups with a term hang under its node.
    years: bool,
}

impl<'r> Tree<'r> {
    pub(super) fn of(
        rows: &'r mut [Row],
        keys_above: &'r [Span],
        arena: &'r Arena,
        shared: &mut Shared<'_>,
    ) -> Self {
        if shared.rules.years {
            find_years(rows, keys_above, arena);
        }
        let rows = &*rows;
        let named: HashSet<&str> = keys_above.iter().map(|&key| arena.get(key)).collect();
        let mut by_key: HashMap<&str, usize> = HashMap::new();
        let of_schools = |schools| {
            let rows = rows.iter().enumerate();
            rows.filter(move |(_, row)| row.is_school() == schools)
        };
        for (at, row) in of_schools(true).chain(of_schools(false)) {
            let key = arena.get(row.key);
            // Whom nobody names nobody looks up, and most groups are named by nobody.
            if !row.is_school() && !named.contains(key) && !by_key.contains_key(key) {
                continue;
            }
            let before = by_key.insert(key, at);
            let other_kind = |&before: &usize| rows[before].is_school() != row.is_school();
            if before.as_ref().is_some_and(other_kind) {
                shared.note(SHARED_KEY, Severity::Error, row.line.into(), "sourcedid");
            }
        }
        let mut above = Vec::with_capacity(rows.len());
        for row in rows {
            let (parent, school) = above_of(row, rows, keys_above, arena, &by_key, shared);
            above.push((parent.map(number), school.map(number)));
        }
        let (inherits, years) = (shared.rules.is_tree(), shared.rules.years);
        Tree { rows, arena, keys_above, above, inherits, years }
    }

    /// What lies above a row.
    fn above(&self, at: usize) -> (Option<usize>, Option<usize>) {
        let (parent, school) = self.above[at];
        (parent.map(|at| at as usize), school.map(|at| at as usize))
    }

    pub(super) fn key(&self, at: usize) -> &'r str {
        self.arena.get(self.rows[at].key)
    }

    /// The group that a group is part of.
    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.above(at).0.filter(|&above| self.rows[above].node != Node::Year)
    }

    /// The term of the school year that a group hangs under.
    pub(super) fn year(&self, at: usize) -> Option<&'r str> {
        let year = self.above(at).0.filter(|&above| self.rows[above].node == Node::Year)?;
        Some(self.arena.get(self.rows[year].name))
    }

    /// Whether every school year stands once and has groups, each group with a term at a school
    /// hangs under its own, and nothing else says otherwise.
    pub(super) fn years_are_right(&self) -> bool {
        let is_year = |at: &usize| self.rows[*at].node == Node::Year;
        let keys: Vec<&str> = (0..self.rows.len()).filter(is_year).map(|at| self.key(at)).collect();
        let distinct: HashSet<&str> = keys.iter().copied().collect();
        let used: HashSet<&str> = self
            .above
            .iter()
            .filter_map(|above| above.0.map(|at| at as usize).filter(is_year))
            .map(|at| self.key(at))
            .collect();
        let agrees = |at: usize| {
            let said = self.arena.get(self.rows[at].term);
            match self.year(at) {
                Some(term) => said.is_empty() || said == term,
                None => !self.years || said.is_empty() || self.above(at).1.is_none(),
            }
        };
        keys.len() == distinct.len()
            && distinct == used
            && (0..self.rows.len())
                .all(|at| !matches!(self.rows[at].node, Node::Group(_)) || agrees(at))
    }

    pub(super) fn school(&self, at: usize) -> Option<usize> {
        let mut at = at;
        for _ in 0..DEEPEST {
            match self.above(at) {
                (_, Some(school)) => return Some(school),
                (Some(parent), None) if self.inherits => at = parent,
                _ => return None,
            }
        }
        None
    }

    /// Whether the level is how many nodes lie above, and in a tree there is one right above.
    pub(super) fn hangs_right(&self, at: usize) -> bool {
        let row = &self.rows[at];
        let one_above = row.above(self.keys_above).len() == 1;
        let on_root = self.above(at) == (None, None);
        let hangs = match row.node {
            Node::Group(_) | Node::Year => one_above,
            Node::Site | Node::School(_) => one_above && on_root,
        };
        row.level == self.level(at) && (hangs || !self.inherits)
    }

    fn level(&self, at: usize) -> Option<u8> {
        if self.rows[at].node == Node::Site {
            return Some(0);
        }
        let mut at = at;
        for level in 1..DEEPEST {
            match self.above(at) {
                (Some(parent), _) => at = parent,
                (None, school) => return u8::try_from(level + usize::from(school.is_some())).ok(),
            }
        }
        None
    }
}

/// What the writer calls the node that a group hangs on.
pub(super) fn is_label(text: &str) -> bool {
    matches!(text, "root" | "school" | "year" | "parent")
}

/// A group right below a school whose key is the school's and its own name is a school year.
fn find_years(rows: &mut [Row], keys_above: &[Span], arena: &Arena) {
    let schools: HashSet<&str> =
        rows.iter().filter(|row| row.is_school()).map(|row| arena.get(row.key)).collect();
    let is_year = |row: &Row| {
        let (key, name) = (arena.get(row.key), arena.get(row.name));
        let &[above] = row.above(keys_above) else { return false };
        let school = arena.get(above);
        let rest = key.strip_prefix(school).and_then(|rest| rest.strip_prefix(':'));
        matches!(row.node, Node::Group(_)) && schools.contains(school) && rest == Some(name)
    };
    let years: Vec<bool> = rows.iter().map(is_year).collect();
    for (row, _) in rows.iter_mut().zip(years).filter(|(_, is_year)| *is_year) {
        row.node = Node::Year;
    }
}

fn above_of(
    row: &Row,
    rows: &[Row],
    keys_above: &[Span],
    arena: &Arena,
    by_key: &HashMap<&str, usize>,
    shared: &mut Shared<'_>,
) -> (Option<usize>, Option<usize>) {
    let (mut parent, mut school) = (None, None);
    for &key in row.above(keys_above) {
        let Some(&at) = by_key.get(arena.get(key)) else {
            shared.note(DANGLING, Severity::Warning, row.line.into(), "relationship");
            continue;
        };
        match rows[at].node {
            Node::Site => {}
            Node::School(_) => school = school.or(Some(at)),
            Node::Group(_) | Node::Year => parent = parent.or(Some(at)),
        }
    }
    (parent, school)
}
