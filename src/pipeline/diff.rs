//! Today against what the target was last told: two sorted streams of lines, merged.
//!
//! Equal lines are equal entities and are only counted. A line that differs is a change only if
//! the receiver can see the difference.

use std::collections::BTreeSet;
use std::io::Read;

use super::classes::shown;
use super::counter::{Counter, Side};
use super::counts::Counts;
use super::verdict::Operation;
use foldhash::HashSet;

use crate::formats::carried::Carried;
use crate::formats::snapshot::{ORDER, Reader, SnapshotError};
use crate::roster::entity::{Group, Person, fields, identity};
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

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
    let keys = view.hidden.iter().map(String::as_str).collect();
    let counter = Counter::of(today, view.carried);
    let mut merge = Merge { counter, carried: view.carried, keys, hidden: 0 };
    match baseline {
        Some(reader) => merge.both(today, reader, &mut visit)?,
        None => merge.only_today(today, &mut visit),
    }
    Ok((merge.counter.finish(view.carried), merge.hidden))
}

/// The line of the baseline at hand, if it is of this kind.
fn line_of<R: Read>(reader: &Reader<R>, kind: Kind) -> Option<&str> {
    reader.line().filter(|(of, _)| *of == kind).map(|(_, line)| line)
}

struct Merge<'v> {
    counter: Counter,
    carried: Carried,
    /// Keys of hidden persons, and how many of them the baseline held.
    keys: HashSet<&'v str>,
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
        self.advance(reader)?;
        for kind in ORDER {
            let mut lines = today.lines(kind);
            let mut now = lines.next_line();
            loop {
                match (line_of(reader, kind), now) {
                    (None, None) => break,
                    (Some(old), None) => {
                        self.removed(kind, old, visit);
                        self.advance(reader)?;
                    }
                    (None, Some(new)) => {
                        self.added(kind, new, visit);
                        now = lines.next_line();
                    }
                    (Some(old), Some(new)) if old == new => {
                        self.counter.same(kind, old);
                        self.advance(reader)?;
                        now = lines.next_line();
                    }
                    (Some(old), Some(new)) => match identity(kind, old).cmp(identity(kind, new)) {
                        std::cmp::Ordering::Less => {
                            self.removed(kind, old, visit);
                            self.advance(reader)?;
                        }
                        std::cmp::Ordering::Greater => {
                            self.added(kind, new, visit);
                            now = lines.next_line();
                        }
                        std::cmp::Ordering::Equal => {
                            self.changed(kind, old, new, visit);
                            self.advance(reader)?;
                            now = lines.next_line();
                        }
                    },
                }
            }
        }
        Ok(())
    }

    /// Goes to the next line of the baseline that is not about a hidden person.
    fn advance<R: Read>(&mut self, reader: &mut Reader<R>) -> Result<(), SnapshotError> {
        reader.advance()?;
        while let Some((kind, line)) = reader.line()
            && self.is_hidden(kind, line)
        {
            self.hidden += u64::from(kind == Kind::Person);
            reader.advance()?;
        }
        Ok(())
    }

    fn is_hidden(&self, kind: Kind, line: &str) -> bool {
        if self.keys.is_empty() {
            return false;
        }
        let mut fields = fields(line);
        let is_hidden = |key: &str| self.keys.contains(key);
        match kind {
            Kind::School | Kind::Group => false,
            Kind::Person => fields.next().is_some_and(is_hidden),
            Kind::Membership => fields.nth(1).is_some_and(is_hidden),
            Kind::Relation => fields.take(2).any(is_hidden),
        }
    }

    fn added(&mut self, kind: Kind, now: &str, visit: &mut impl FnMut(&Difference<'_>)) {
        self.counter.line(kind, now, Side::Now);
        self.counter.tally(kind, now, Side::Now, |tally| tally.added += 1);
        visit(&Difference { kind, operation: Operation::Add, before: None, now: Some(now) });
    }

    fn removed(&mut self, kind: Kind, before: &str, visit: &mut impl FnMut(&Difference<'_>)) {
        self.counter.line(kind, before, Side::Before);
        self.counter.tally(kind, before, Side::Before, |tally| tally.removed += 1);
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
        let Some(seen) = difference(kind, old, new, self.carried) else { return };
        self.counter.counts.promoted += u64::from(seen == Seen::Promotion);
        self.counter.tally(kind, new, Side::Now, |tally| tally.changed += 1);
        let operation = Operation::Change;
        visit(&Difference { kind, operation, before: Some(old), now: Some(new) });
    }
}

/// The part of a line that says which entity it is, as it is stored and spoken of.
pub(super) fn named(kind: Kind, line: &str) -> &str {
    let identity = identity(kind, line);
    identity.strip_suffix('\t').unwrap_or(identity)
}

/// What a receiver sees of the difference between two lines of one entity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// A person's school year, and nothing else.
    Promotion,
    /// Anything else.
    Data,
}

/// The difference that a receiver sees, or `None` when the two look the same to it.
fn difference(kind: Kind, old: &str, new: &str, carried: Carried) -> Option<Seen> {
    let same = match kind {
        Kind::Person => return difference_of_persons(old, new, carried),
        Kind::Group => groups_seen_alike(old, new, carried),
        // Of one membership only the period can differ.
        Kind::Membership => !carried.periods,
        Kind::School | Kind::Relation => false,
    };
    (!same).then_some(Seen::Data)
}

fn difference_of_persons(old: &str, new: &str, carried: Carried) -> Option<Seen> {
    let (Some(a), Some(mut b)) = (Person::from_line(old), Person::from_line(new)) else {
        return Some(Seen::Data);
    };
    if !carried.roles {
        b.roles = a.roles;
    }
    if !carried.schools {
        b.school_keys.clone_from(&a.school_keys);
    }
    if a == b {
        return None;
    }
    b.school_year = a.school_year;
    Some(if a == b { Seen::Promotion } else { Seen::Data })
}

fn groups_seen_alike(old: &str, new: &str, carried: Carried) -> bool {
    let (Some(a), Some(mut b)) = (Group::from_line(old), Group::from_line(new)) else {
        return false;
    };
    // Where no row tells of groups, the rows of a class's members say what it is called.
    if carried.class_names && !carried.group_rows && shown(&a) != shown(&b) {
        return false;
    }
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
