//! References that lead nowhere: left out and noted, and too many of them refuse the export.

use std::collections::BTreeSet;

use super::draft::{DANGLING, Draft, Place, TOO_MANY_DANGLING};
use super::entity::{Group, Person};
use super::issue::{Issue, Severity};
use super::words::Kind;

/// Of a thousand rows of a kind, how many may refer to nobody before the export is refused.
const DANGLING_PER_MILLE: u64 = 5;

/// Leaves out every reference that leads nowhere: schools of persons and groups, parents of
/// groups. Notes each row, and an error where more rows of a kind do so than may.
pub(super) fn settle(draft: &mut Draft) {
    clear_schools_of_persons(draft);
    clear_schools_of_groups(draft);
    clear_parents(draft);
    note_too_many(draft);
}

/// Without any school in the export, school keys are taken as they are.
fn is_school(draft: &Draft, key: &str) -> bool {
    draft.schools.lines.len() == 0 || draft.schools.lines.find(key).is_some()
}

fn clear_schools_of_persons(draft: &mut Draft) {
    let strays: Vec<usize> = (0..draft.persons.lines.len())
        .filter(|&rank| !draft.excluded_persons[rank])
        .filter(|&rank| !person_at(draft, rank).schools().all(|key| is_school(draft, key)))
        .collect();
    for rank in strays {
        let mut text = String::new();
        let before = person_at(draft, rank);
        let mut person = before.clone();
        person.set_schools(before.schools().filter(|key| is_school(draft, key)));
        person.write_line(&mut text);
        draft.persons.lines.replace(rank, |out| out.push_str(&text));
        note(draft, Kind::Person, draft.persons.places[rank]);
    }
}

fn clear_schools_of_groups(draft: &mut Draft) {
    let strays: Vec<usize> = (0..draft.groups.lines.len())
        .filter(|&rank| !draft.excluded_groups[rank])
        .filter(|&rank| {
            let school = group_at(draft, rank).school;
            !school.is_empty() && !is_school(draft, school)
        })
        .collect();
    for rank in strays {
        replace_group(draft, rank, |group| group.school = "");
        note(draft, Kind::Group, draft.groups.places[rank]);
    }
}

/// A group whose parent is nowhere, or that is its own ancestor, stands alone. A parent whose
/// row was set aside is no fault of the group's.
fn clear_parents(draft: &mut Draft) {
    let count = draft.groups.lines.len();
    let parents: Vec<Option<u32>> =
        (0..count).map(|rank| draft.groups.lines.find(group_at(draft, rank).parent)).collect();
    let mut strays: BTreeSet<usize> = own_ancestors(&parents);
    strays.extend(
        (0..count)
            .filter(|&rank| parents[rank].is_none() && !group_at(draft, rank).parent.is_empty()),
    );
    for rank in strays {
        let waits = draft.is_set_aside(Kind::Group, group_at(draft, rank).parent);
        replace_group(draft, rank, |group| group.parent = "");
        if !draft.excluded_groups[rank] && (parents[rank].is_some() || !waits) {
            note(draft, Kind::Group, draft.groups.places[rank]);
        }
    }
}

/// Every rank that is above itself, however far.
fn own_ancestors(parents: &[Option<u32>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut walk_of = vec![usize::MAX; parents.len()];
    for start in 0..parents.len() {
        let mut at = start;
        while walk_of[at] == usize::MAX {
            walk_of[at] = start;
            match parents[at] {
                Some(parent) => at = parent as usize,
                None => break,
            }
        }
        let closed = walk_of[at] == start && parents[at].is_some();
        while closed && found.insert(at) {
            at = parents[at].expect("every rank of a circle has a parent") as usize;
        }
    }
    found
}

fn person_at(draft: &Draft, rank: usize) -> Person<'_> {
    Person::from_line(draft.persons.lines.get(rank)).expect("written by this draft")
}

fn group_at(draft: &Draft, rank: usize) -> Group<'_> {
    Group::from_line(draft.groups.lines.get(rank)).expect("written by this draft")
}

fn replace_group(draft: &mut Draft, rank: usize, change: impl for<'g> FnOnce(&mut Group<'g>)) {
    let mut text = String::new();
    let mut group = group_at(draft, rank);
    change(&mut group);
    group.write_line(&mut text);
    draft.groups.lines.replace(rank, |out| out.push_str(&text));
}

fn note(draft: &mut Draft, kind: Kind, place: Place) {
    *draft.dangling.entry(kind).or_default() += 1;
    let issue = draft.issue(DANGLING, Severity::Warning, place).with(kind.as_str());
    draft.issues.push(issue);
}

fn note_too_many(draft: &mut Draft) {
    for (&kind, &count) in &draft.dangling.clone() {
        let of = draft.rows_read(kind);
        if count * 1000 > of * DANGLING_PER_MILLE {
            let file =
                draft.issues.iter().find(|i| i.code == DANGLING && i.detail == kind.as_str());
            let file = file.map(|issue| issue.file.clone()).unwrap_or_default();
            let issue = Issue::of_file(TOO_MANY_DANGLING, Severity::Error, &file);
            draft.issues.push(issue.with(format!("{kind}; {count} > 0.5 % of {of}")));
        }
    }
}
