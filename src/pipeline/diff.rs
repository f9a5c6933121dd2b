//! Today against what the target was last told: two sorted streams of lines, merged.
//!
//! Equal lines are equal entities and are only counted. A line that differs is a change only if
//! the receiver can see the difference.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::counts::{Counts, SchoolTally, Tally};
use super::verdict::Operation;
use crate::formats::carried::Carried;
use crate::formats::snapshot::{ORDER, Reader, SnapshotError};
use crate::roster::entity::{Group, Person, fields};
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, Role};

/// One difference, as lines lent for the call.
pub struct Difference<'a> {
    /// Of what kind.
    pub kind: Kind,
    /// What happens.
    pub operation: Operation,
    /// The line before, unless it is new.
    pub before: Option<&'a str>,
    /// The line now, unless it is gone.
    pub now: Option<&'a str>,
}

/// What is hidden from the comparison and from the receiver.
pub struct View<'a> {
    /// What the format carries to the receiver.
    pub carried: Carried,
    /// Keys of protected persons: the baseline is read as if they had never been there.
    pub hidden: &'a BTreeSet<String>,
}

/// Compares `today` with the baseline, or with nothing; hands every difference to `visit`.
/// Gives the numbers, and how many persons of the baseline were hidden.
///
/// # Errors
/// When the baseline cannot be trusted.
pub fn diff<R: Read>(
    today: &Roster,
    baseline: Option<&mut Reader<R>>,
    view: &View<'_>,
    mut visit: impl FnMut(&Difference<'_>),
) -> Result<(Counts, u64), SnapshotError> {
    let mut merge = Merge { counter: Counter::of(today), view, hidden: 0 };
    match baseline {
        Some(reader) => merge.both(today, reader, &mut visit)?,
        None => merge.only_today(today, &mut visit),
    }
    Ok((merge.counter.finish(), merge.hidden))
}

/// The line of the baseline at hand; the text's room is used again for every line.
#[derive(Default)]
struct Before {
    kind: Option<Kind>,
    line: String,
}

impl Before {
    fn line_of(&self, kind: Kind) -> Option<&str> {
        (self.kind == Some(kind)).then_some(self.line.as_str())
    }
}

struct Merge<'v> {
    counter: Counter,
    view: &'v View<'v>,
    hidden: u64,
}

impl Merge<'_> {
    fn only_today(&mut self, today: &Roster, visit: &mut impl FnMut(&Difference<'_>)) {
        for kind in ORDER {
            today.each_line(kind, |line| self.added(kind, line, visit));
        }
    }

    fn both<R: Read>(
        &mut self,
        today: &Roster,
        reader: &mut Reader<R>,
        visit: &mut impl FnMut(&Difference<'_>),
    ) -> Result<(), SnapshotError> {
        let mut before = Before::default();
        self.advance(reader, &mut before)?;
        for kind in ORDER {
            let mut lines = today.lines(kind);
            let mut now = lines.next_line();
            loop {
                match (before.line_of(kind), now) {
                    (None, None) => break,
                    (Some(old), None) => {
                        self.removed(kind, old, visit);
                        self.advance(reader, &mut before)?;
                    }
                    (None, Some(new)) => {
                        self.added(kind, new, visit);
                        now = lines.next_line();
                    }
                    (Some(old), Some(new)) if old == new => {
                        self.counter.line(kind, old, Side::Both);
                        self.advance(reader, &mut before)?;
                        now = lines.next_line();
                    }
                    (Some(old), Some(new)) => match identity(kind, old).cmp(identity(kind, new)) {
                        std::cmp::Ordering::Less => {
                            self.removed(kind, old, visit);
                            self.advance(reader, &mut before)?;
                        }
                        std::cmp::Ordering::Greater => {
                            self.added(kind, new, visit);
                            now = lines.next_line();
                        }
                        std::cmp::Ordering::Equal => {
                            self.changed(kind, old, new, visit);
                            self.advance(reader, &mut before)?;
                            now = lines.next_line();
                        }
                    },
                }
            }
        }
        Ok(())
    }

    /// Goes to the next line of the baseline that is not about a hidden person.
    fn advance<R: Read>(
        &mut self,
        reader: &mut Reader<R>,
        before: &mut Before,
    ) -> Result<(), SnapshotError> {
        before.kind = None;
        while let Some((kind, line)) = reader.next_line()? {
            if !self.is_hidden(kind, line) {
                before.kind = Some(kind);
                before.line.clear();
                before.line.push_str(line);
                break;
            }
            self.hidden += u64::from(kind == Kind::Person);
        }
        Ok(())
    }

    fn is_hidden(&self, kind: Kind, line: &str) -> bool {
        if self.view.hidden.is_empty() {
            return false;
        }
        let mut fields = fields(line);
        let (first, second) =
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        match kind {
            Kind::School | Kind::Group => false,
            Kind::Person => self.view.hidden.contains(first),
            Kind::Membership => self.view.hidden.contains(second),
            Kind::Relation => self.view.hidden.contains(first) || self.view.hidden.contains(second),
        }
    }

    fn added(&mut self, kind: Kind, now: &str, visit: &mut impl FnMut(&Difference<'_>)) {
        self.counter.line(kind, now, Side::Now);
        self.counter.tally(kind, now, |tally| tally.added += 1);
        visit(&Difference { kind, operation: Operation::Add, before: None, now: Some(now) });
    }

    fn removed(&mut self, kind: Kind, before: &str, visit: &mut impl FnMut(&Difference<'_>)) {
        self.counter.line(kind, before, Side::Before);
        self.counter.tally(kind, before, |tally| tally.removed += 1);
        if kind == Kind::School {
            let (key, name) = before.split_once('\t').unwrap_or((before, ""));
            let name = if name.is_empty() { key } else { name };
            self.counter.counts.schools_gone.push(name.to_owned());
        }
        visit(&Difference { kind, operation: Operation::Remove, before: Some(before), now: None });
    }

    fn changed(
        &mut self,
        kind: Kind,
        old: &str,
        new: &str,
        visit: &mut impl FnMut(&Difference<'_>),
    ) {
        self.counter.line(kind, old, Side::Before);
        self.counter.line(kind, new, Side::Now);
        self.counter.moved(kind, old, new);
        if seen_alike(kind, old, new, self.view.carried) {
            return;
        }
        self.counter.tally(kind, new, |tally| tally.changed += 1);
        let operation = Operation::Change;
        visit(&Difference { kind, operation, before: Some(old), now: Some(new) });
    }
}

/// The part of a line that says which entity it is.
pub(super) fn identity(kind: Kind, line: &str) -> &str {
    let tabs = match kind {
        Kind::School | Kind::Person | Kind::Group => 1,
        Kind::Membership | Kind::Relation => 3,
    };
    let end = memchr::memchr_iter(b'\t', line.as_bytes()).nth(tabs - 1);
    // The tab belongs to it, so that identities sort as lines do.
    end.map_or(line, |end| &line[..=end])
}

/// Whether a receiver sees two lines of one entity as the same.
fn seen_alike(kind: Kind, old: &str, new: &str, carried: Carried) -> bool {
    match kind {
        Kind::Person => {
            let (Some(a), Some(mut b)) = (Person::from_line(old), Person::from_line(new)) else {
                return false;
            };
            if !carried.roles {
                b.roles = a.roles;
            }
            if !carried.schools {
                b.school_keys.clone_from(&a.school_keys);
            }
            a == b
        }
        Kind::Group => {
            let (Some(a), Some(mut b)) = (Group::from_line(old), Group::from_line(new)) else {
                return false;
            };
            if !carried.group_kind {
                b.kind = a.kind;
            }
            if !carried.group_school {
                b.school = a.school;
            }
            if !carried.group_name {
                b.name = a.name;
            }
            a == b
        }
        // Of one membership only the period can differ.
        Kind::Membership => !carried.periods,
        Kind::School | Kind::Relation => false,
    }
}

fn kind_of_group(line: &str) -> Option<GroupKind> {
    fields(line).nth(2)?.parse().ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Now,
    Both,
}

impl Side {
    fn count(self, tally: &mut Tally) {
        tally.before += u64::from(self != Side::Now);
        tally.now += u64::from(self != Side::Before);
    }
}

#[derive(Default)]
struct Counter {
    counts: Counts,
    by_school: BTreeMap<String, Tally>,
    names: BTreeMap<String, String>,
}

impl Counter {
    fn of(today: &Roster) -> Counter {
        let names = today.schools().map(|s| (s.key.to_owned(), s.name.to_owned())).collect();
        Counter { names, ..Counter::default() }
    }

    /// Counts a line on its side, in its kind, roles and schools.
    fn line(&mut self, kind: Kind, line: &str, side: Side) {
        if kind == Kind::School
            && let Some((key, name)) = line.split_once('\t')
        {
            self.names.entry(key.to_owned()).or_insert_with(|| name.to_owned());
        }
        side.count(self.kind(kind));
        self.parts(kind, line, |tally| side.count(tally));
        if kind == Kind::Person {
            self.schools(line, |tally| side.count(tally));
        }
    }

    /// Counts a difference in its kind, roles and, for persons, schools.
    fn tally(&mut self, kind: Kind, line: &str, mut count: impl FnMut(&mut Tally)) {
        count(self.kind(kind));
        self.parts(kind, line, &mut count);
        if kind == Kind::Person {
            self.schools(line, &mut count);
        }
    }

    /// A person who left a school or lost a role is removed from it, though still told; so is a
    /// group of another kind than before.
    fn moved(&mut self, kind: Kind, old: &str, new: &str) {
        match kind {
            Kind::Person => {
                self.missing_from(new, old, |tally| tally.removed += 1);
                self.missing_from(old, new, |tally| tally.added += 1);
            }
            Kind::Group if kind_of_group(old) != kind_of_group(new) => {
                self.parts(kind, old, |tally| tally.removed += 1);
                self.parts(kind, new, |tally| tally.added += 1);
            }
            _ => {}
        }
    }

    /// Counts the schools and roles of the person in `line` that the one in `other` has not.
    fn missing_from(&mut self, other: &str, line: &str, count: impl Fn(&mut Tally)) {
        let (Some(other), Some(person)) = (Person::from_line(other), Person::from_line(line))
        else {
            return;
        };
        for key in person.schools().filter(|key| other.schools().all(|known| known != *key)) {
            count(self.by_school.entry(key.to_owned()).or_default());
        }
        for role in person.roles.iter().filter(|&role| !other.roles.contains(role)) {
            count(self.counts.roles.entry(role).or_default());
        }
    }

    fn kind(&mut self, kind: Kind) -> &mut Tally {
        match kind {
            Kind::School => &mut self.counts.schools,
            Kind::Person => &mut self.counts.persons,
            Kind::Group => &mut self.counts.groups,
            Kind::Membership => &mut self.counts.memberships,
            Kind::Relation => &mut self.counts.relations,
        }
    }

    fn parts(&mut self, kind: Kind, line: &str, mut count: impl FnMut(&mut Tally)) {
        match kind {
            Kind::Person => {
                let roles = line.rsplit('\t').nth(1).unwrap_or_default();
                for role in roles.split('\u{1f}').filter_map(|word| word.parse::<Role>().ok()) {
                    count(self.counts.roles.entry(role).or_default());
                }
            }
            Kind::Group => {
                if let Some(kind) = kind_of_group(line) {
                    count(self.counts.group_kinds.entry(kind).or_default());
                }
            }
            Kind::Membership => {
                if let Some(role) = fields(line).nth(2).and_then(|w| w.parse::<Role>().ok()) {
                    count(self.counts.membership_roles.entry(role).or_default());
                }
            }
            Kind::School | Kind::Relation => {}
        }
    }

    fn schools(&mut self, line: &str, mut count: impl FnMut(&mut Tally)) {
        let keys = line.rsplit('\t').next().unwrap_or_default();
        for key in keys.split('\u{1f}').filter(|key| !key.is_empty()) {
            match self.by_school.get_mut(key) {
                Some(tally) => count(tally),
                None => count(self.by_school.entry(key.to_owned()).or_default()),
            }
        }
    }

    fn finish(mut self) -> Counts {
        let names = self.names;
        self.counts.by_school = self
            .by_school
            .into_iter()
            .map(|(key, persons)| {
                let name = names.get(&key).filter(|name| !name.is_empty()).unwrap_or(&key).clone();
                SchoolTally { key, name, persons }
            })
            .collect();
        self.counts
    }
}
