//! The checked roster: unique keys, every reference resolved, in key order.

use std::sync::Arc;

pub use super::cursor::LineCursor;
use super::draft::{Draft, Member, Related};
use super::entity::{Group, Person, Relation, School, fields};
use super::issue::Issue;
use super::lines::Lines;
use super::links::parts;
use super::references;
pub use super::subset::Keep;
use super::untold::{Field, Untold};
use super::words::{Kind, Role};

/// Why every line of a roster can be read.
const CHECKED: &str = "checked when assembled";

/// Unique keys, every reference resolves, sorted. [`Roster::assemble`] is the only way in.
#[derive(Clone, Default)]
pub struct Roster {
    pub(super) schools: Lines,
    pub(super) persons: Lines,
    /// What the lines hold and the roster does not show.
    pub(super) untold: Untold,
    pub(super) groups: Lines,
    pub(super) members: Arc<Vec<Member>>,
    pub(super) relations: Arc<Vec<Related>>,
    pub(super) tails: Vec<String>,
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Roster({} persons, •••)", self.persons.len())
    }
}

impl Roster {
    /// Checks a draft. Rows that refer to nothing are dropped and noted; more than five in a
    /// thousand of a kind make the export unusable. The roster may be used only when no issue
    /// is a [`Severity::Error`](super::issue::Severity::Error).
    ///
    /// # Panics
    /// When somebody marked as protected was neither excluded nor replaced.
    pub fn assemble(mut draft: Draft) -> (Roster, Vec<Issue>) {
        if let Some(roster) = draft.take_likely() {
            return (roster, draft.issues);
        }
        draft.close();
        assert!(!draft.has_marks(), "protection is applied before a roster is assembled");
        references::settle(&mut draft);
        let tails: Vec<String> = draft.tail_texts().map(str::to_owned).collect();
        let mut roster = Roster {
            schools: std::mem::take(&mut draft.schools.lines),
            persons: std::mem::take(&mut draft.persons.lines),
            untold: Untold::default(),
            groups: std::mem::take(&mut draft.groups.lines),
            members: Arc::new(std::mem::take(&mut draft.members)),
            relations: Arc::new(std::mem::take(&mut draft.relations)),
            tails,
        };
        roster.sort_links();
        let keep = Keep {
            persons: draft.excluded_persons.iter().map(|gone| !gone).collect(),
            groups: draft.excluded_groups.iter().map(|gone| !gone).collect(),
            ..Keep::all(&roster)
        };
        if keep.persons.contains(&false) || keep.groups.contains(&false) {
            roster.leave_out(&keep);
        }
        (roster, draft.issues)
    }

    /// Sorts links and merges repeated memberships: their periods become one that covers both,
    /// so that a repeat never shortens anybody's time in a group.
    fn sort_links(&mut self) {
        let mut order: Vec<u32> = (0..).take(self.tails.len()).collect();
        order.sort_unstable_by(|&a, &b| self.tails[a as usize].cmp(&self.tails[b as usize]));
        let mut rank = vec![0; self.tails.len()];
        for (new, &old) in (0..).zip(&order) {
            rank[old as usize] = new;
        }
        self.tails =
            order.iter().map(|&old| std::mem::take(&mut self.tails[old as usize])).collect();
        let members = Arc::make_mut(&mut self.members);
        for member in &mut *members {
            member.tail = rank[member.tail as usize];
        }
        members.sort_unstable();
        members.dedup();
        self.merge_periods();
        let relations = Arc::make_mut(&mut self.relations);
        relations.sort_unstable();
        relations.dedup();
    }

    fn merge_periods(&mut self) {
        let role = |tail: &str| tail.split('\t').next().unwrap_or_default().to_owned();
        let twice = |a: &Member, b: &Member, tails: &[String]| {
            (a.group, a.person) == (b.group, b.person)
                && role(&tails[a.tail as usize]) == role(&tails[b.tail as usize])
        };
        if !self.members.is_sorted_by(|a, b| !twice(a, b, &self.tails)) {
            let mut merged: Vec<Member> = Vec::with_capacity(self.members.len());
            for &member in self.members.iter() {
                match merged.last_mut() {
                    Some(last) if twice(last, &member, &self.tails) => {
                        let both = cover(
                            &self.tails[last.tail as usize],
                            &self.tails[member.tail as usize],
                        );
                        last.tail = number_of(&mut self.tails, both);
                    }
                    _ => merged.push(member),
                }
            }
            self.members = Arc::new(merged);
            self.sort_tails_again();
        }
    }

    fn sort_tails_again(&mut self) {
        if !self.tails.is_sorted() {
            self.sort_links();
        }
    }

    /// The schools, in key order.
    pub fn schools(&self) -> impl ExactSizeIterator<Item = School<'_>> {
        self.schools.iter().map(|line| School::from_line(line).expect(CHECKED))
    }

    /// The persons, in key order.
    pub fn persons(&self) -> impl ExactSizeIterator<Item = Person<'_>> {
        self.persons.iter().map(|line| self.shown(line))
    }

    /// The groups, in key order.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = Group<'_>> {
        self.groups.iter().map(|line| self.shown_group(line))
    }

    /// The relations, by person and pupil.
    pub fn relations(&self) -> impl ExactSizeIterator<Item = Relation<'_>> {
        self.relations.iter().map(|&related| self.relation(related))
    }

    pub(super) fn relation(&self, related: Related) -> Relation<'_> {
        Relation {
            person: self.persons.key(related.person as usize),
            to: self.persons.key(related.to as usize),
            kind: related.kind,
        }
    }

    /// The person at a position in key order.
    pub fn person_at(&self, position: usize) -> Person<'_> {
        self.shown(self.persons.get(position))
    }

    /// The person of a line.
    pub(super) fn shown<'l>(&self, line: &'l str) -> Person<'l> {
        Person::from_fields(self.untold.of(Kind::Person).shown(line)).expect(CHECKED)
    }

    /// The roster without some fields of its persons and groups.
    #[must_use]
    pub fn without(&self, untold: Untold) -> Roster {
        Roster { untold: self.untold.and(untold), ..self.clone() }
    }

    /// The key of the person at a position in key order.
    pub fn person_key(&self, position: usize) -> &str {
        self.persons.key(position)
    }

    /// How many persons there are.
    pub fn person_count(&self) -> usize {
        self.persons.len()
    }

    /// The group at a position in key order.
    pub fn group_at(&self, position: usize) -> Group<'_> {
        self.shown_group(self.groups.get(position))
    }

    /// The group of a line.
    fn shown_group<'l>(&self, line: &'l str) -> Group<'l> {
        Group::from_fields(self.untold.of(Kind::Group).shown(line)).expect(CHECKED)
    }

    /// The position of a person in key order.
    pub fn find_person(&self, key: &str) -> Option<usize> {
        self.persons.find(key).map(|rank| rank as usize)
    }

    /// The position of a group in key order.
    pub fn find_group(&self, key: &str) -> Option<usize> {
        self.groups.find(key).map(|rank| rank as usize)
    }

    /// The position of a school in key order.
    pub fn find_school(&self, key: &str) -> Option<usize> {
        self.schools.find(key).map(|rank| rank as usize)
    }

    /// How many entities of a kind there are.
    pub fn count(&self, kind: Kind) -> u64 {
        let count = match kind {
            Kind::School => self.schools.len(),
            Kind::Person => self.persons.len(),
            Kind::Group => self.groups.len(),
            Kind::Membership => self.members.len(),
            Kind::Relation => self.relations.len(),
        };
        count as u64
    }

    /// Hands every entity of a kind to `visit` as its canonical line, in order. The line is
    /// lent for the call only.
    pub fn each_line(&self, kind: Kind, mut visit: impl FnMut(&str)) {
        let mut lines = self.lines(kind);
        while let Some(line) = lines.next_line() {
            visit(line);
        }
    }

    /// The canonical lines of a kind, in order, one at a time.
    pub fn lines(&self, kind: Kind) -> LineCursor<'_> {
        LineCursor::over(self, kind)
    }

    /// The roster with every school, person and group rewritten. The key must stay, and what is
    /// not shown stays so.
    #[must_use]
    pub fn rewrite<'r>(
        &'r self,
        school: impl FnMut(School<'r>) -> School<'r>,
        person: impl FnMut(Person<'r>) -> Person<'r>,
        group: impl FnMut(Group<'r>) -> Group<'r>,
    ) -> Roster {
        let read = |line| School::from_line(line).expect(CHECKED);
        let schools = (Kind::School, &self.schools);
        let schools = self.rewritten(schools, read, school, School::write_line);
        let read = |line| self.shown(line);
        let persons = (Kind::Person, &self.persons);
        let persons = self.rewritten(persons, read, person, Person::write_line);
        let read = |line| self.shown_group(line);
        let groups = (Kind::Group, &self.groups);
        let groups = self.rewritten(groups, read, group, Group::write_line);
        Roster { schools, persons, groups, ..self.clone() }
    }

    /// Lines of a kind with their entities rewritten; only those that change are written.
    fn rewritten<'r, E: Clone + PartialEq>(
        &self,
        (kind, lines): (Kind, &'r Lines),
        read: impl Fn(&'r str) -> E,
        mut change: impl FnMut(E) -> E,
        write: impl Fn(&E, &mut String),
    ) -> Lines {
        let untold = self.untold.of(kind);
        lines.rewritten(|line, out| {
            let before = read(line);
            let after = change(before.clone());
            if after == before {
                return false;
            }
            write(&after, out);
            assert!(untold.shown(out).eq(fields(out)), "what is not shown stays so");
            true
        })
    }

    /// The roster with these schools for each person, whatever schools it has shown or not.
    #[must_use]
    pub fn with_schools<'r>(&'r self, schools: impl FnMut(Person<'r>) -> Person<'r>) -> Roster {
        let untold = self.untold.except(Untold::from_iter([Field::Schools]));
        let shown = Roster { untold, ..self.clone() };
        let read = |line| shown.shown(line);
        let persons = (Kind::Person, &self.persons);
        let persons = shown.rewritten(persons, read, schools, Person::write_line);
        Roster { persons, ..shown }
    }

    /// The roster with role, first and last day of every membership rewritten. Memberships that
    /// become the same are merged as if they had been read twice.
    #[must_use]
    pub fn rewrite_memberships(
        mut self,
        mut change: impl for<'t> FnMut((Role, &'t str, &'t str)) -> (Role, &'t str, &'t str),
    ) -> Roster {
        let changed = |tail: &String| {
            let (role, begin, end) = change(parts(tail));
            format!("{role}\t{begin}\t{end}")
        };
        self.tails = self.tails.iter().map(changed).collect();
        // Most often nobody has two memberships in a group, and all stay as they are and shared.
        let tail = |member: &Member| &self.tails[member.tail as usize];
        let in_order = |a: &Member, b: &Member| {
            (a.group, a.person) != (b.group, b.person) || tail(a) < tail(b)
        };
        if !self.members.is_sorted_by(in_order) {
            self.sort_links();
        }
        self
    }
}

fn number_of(tails: &mut Vec<String>, tail: String) -> u32 {
    let at = tails.iter().position(|known| *known == tail).unwrap_or_else(|| {
        tails.push(tail);
        tails.len() - 1
    });
    u32::try_from(at).expect("few roles and dates")
}

/// One period that covers both; an open end stays open.
fn cover(a: &str, b: &str) -> String {
    let part = |tail: &str, at: usize| tail.split('\t').nth(at).unwrap_or_default().to_owned();
    let (begin_a, begin_b) = (part(a, 1), part(b, 1));
    let (end_a, end_b) = (part(a, 2), part(b, 2));
    let begin = begin_a.min(begin_b);
    let end = if end_a.is_empty() || end_b.is_empty() { String::new() } else { end_a.max(end_b) };
    format!("{}\t{begin}\t{end}", part(a, 0))
}
