//! A part of a roster, closed under what it refers to.

use std::sync::Arc;

use super::entity::Group;
use super::lines::Lines;
use super::roster::Roster;

/// Which entities and links to keep, by position; see [`Roster::subset`].
#[derive(Clone, Debug)]
pub struct Keep {
    /// For each school, in order.
    pub schools: Vec<bool>,
    /// For each person, in order.
    pub persons: Vec<bool>,
    /// For each group, in order.
    pub groups: Vec<bool>,
    /// For each membership, in order. One whose person or group goes, goes too.
    pub memberships: Vec<bool>,
    /// For each relation, in order. One whose person goes, goes too.
    pub relations: Vec<bool>,
}

impl Roster {
    /// The roster with only what `keep` names, and no link to what is left out.
    #[must_use]
    pub fn subset(&self, keep: &Keep) -> Roster {
        let mut subset = self.clone();
        subset.leave_out(keep);
        subset
    }

    /// Leaves out what `keep` does not name, with the links to it.
    pub(super) fn leave_out(&mut self, keep: &Keep) {
        self.schools = kept_lines(&self.schools, &keep.schools).0;
        let (persons, person_ranks) = kept_lines(&self.persons, &keep.persons);
        let (groups, group_ranks) = kept_lines(&self.groups, &keep.groups);
        (self.persons, self.groups) = (persons, groups);
        let all = |kept: &[bool]| !kept.contains(&false);
        let same_ranks = all(&keep.persons) && all(&keep.groups);
        if !same_ranks || !all(&keep.memberships) {
            let mut kept = keep.memberships.iter();
            Arc::make_mut(&mut self.members).retain_mut(|member| {
                *kept.next().expect("one for each membership")
                    && follow(&mut member.group, &group_ranks)
                    && follow(&mut member.person, &person_ranks)
            });
        }
        if !same_ranks || !all(&keep.relations) {
            let mut kept = keep.relations.iter();
            Arc::make_mut(&mut self.relations).retain_mut(|related| {
                *kept.next().expect("one for each relation")
                    && follow(&mut related.person, &person_ranks)
                    && follow(&mut related.to, &person_ranks)
            });
        }
        self.clear_parents_left_out();
    }

    /// A group whose parent was left out stands alone.
    fn clear_parents_left_out(&mut self) {
        for rank in 0..self.groups.len() {
            let line = self.groups.get(rank).to_owned();
            let mut group = Group::from_line(&line).expect("checked when assembled");
            if !group.parent.is_empty() && self.groups.find(group.parent).is_none() {
                group.parent = "";
                self.groups.replace(rank, |out| group.write_line(out));
            }
        }
    }
}

impl Keep {
    /// Keeps everything.
    pub fn all(roster: &Roster) -> Keep {
        Keep {
            schools: vec![true; roster.schools.len()],
            persons: vec![true; roster.persons.len()],
            groups: vec![true; roster.groups.len()],
            memberships: vec![true; roster.members.len()],
            relations: vec![true; roster.relations.len()],
        }
    }
}

/// Goes from an old rank to the new one; `false` where there is none any more.
fn follow(rank: &mut u32, ranks: &[Option<u32>]) -> bool {
    let new = ranks[*rank as usize];
    *rank = new.unwrap_or_default();
    new.is_some()
}

/// The lines kept, and for each old rank the new one.
fn kept_lines(lines: &Lines, keep: &[bool]) -> (Lines, Vec<Option<u32>>) {
    if !keep.contains(&false) {
        return (lines.clone(), (0..).take(lines.len()).map(Some).collect());
    }
    let mut next = 0..;
    let ranks = keep.iter().map(|keep| if *keep { next.next() } else { None }).collect();
    (lines.kept(keep), ranks)
}
