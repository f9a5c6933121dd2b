//! A roster as read, with nothing promised: decoders fill it row by row.
//!
//! Schools, persons and groups come first; the first membership or relation closes that part, so
//! that keys can be resolved to ranks while links are read and no link keeps its text.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use super::code::Code;
use super::entity::{Group, Person, School};
use super::issue::{Issue, Severity};
use super::likely::Likely;
use super::lines::Lines;
use super::roster::Roster;
pub use super::set_aside::SetAside;
use super::sighting::{Fate, Sighting, Watch};
use super::unresolved::Unresolved;
use super::words::Kind;

/// A row is an exact repeat of another.
pub const REPEATED: Code = Code(320);
/// Two rows have one key and different data.
pub const CONFLICT: Code = Code(321);
/// A row refers to something that the export does not hold.
pub const DANGLING: Code = Code(322);
/// More rows than tolerable refer to something that the export does not hold.
pub const TOO_MANY_DANGLING: Code = Code(323);

/// Where a row came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file, as [`Draft::file`] numbered it.
    pub file: u16,
    /// Line, from 1.
    pub line: u32,
}

/// What the register says of a person's protection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Marking {
    /// Not protected.
    #[default]
    None,
    /// A word that the configuration does not know: counts as protected.
    Unknown,
    /// Protected.
    Protected,
}

/// Rows of one kind, and where each came from.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) lines: Lines,
    pub(super) places: Vec<Place>,
}

impl Rows {
    pub(super) fn push(&mut self, place: Place, render: impl FnOnce(&mut String)) {
        self.lines.push(render);
        self.places.push(place);
    }
}

/// A membership as three integers: ranks of group and person, and the role with its period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) group: u32,
    pub(super) person: u32,
    pub(super) tail: u32,
}

/// A relation as ranks of both persons, and its kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Related {
    pub(super) person: u32,
    pub(super) to: u32,
    pub(super) kind: super::words::RelationKind,
}

/// As read: nothing promised.
#[derive(Default)]
pub struct Draft {
    files: Vec<String>,
    pub(super) schools: Rows,
    pub(super) persons: Rows,
    pub(super) groups: Rows,
    pub(super) marks: Vec<Marking>,
    pub(super) closed: bool,
    pub(super) unresolved: Unresolved,
    /// What most likely comes, as long as just that has come.
    pub(super) likely: Option<Likely>,
    pub(super) members: Vec<Member>,
    pub(super) relations: Vec<Related>,
    /// Role and period of memberships, as `role<TAB>begin<TAB>end`, numbered as they come.
    pub(super) tails: HashMap<String, u32>,
    /// Room for the tail of the membership at hand.
    pub(super) tail: String,
    set_aside: BTreeSet<SetAside>,
    /// Personal numbers of persons whose rows were set aside, each with the person's key.
    numbers_aside: Vec<(String, String)>,
    pub(super) issues: Vec<Issue>,
    rows_read: BTreeMap<Kind, u64>,
    pub(super) dangling: BTreeMap<Kind, u64>,
    pub(super) excluded_persons: Vec<bool>,
    pub(super) excluded_groups: Vec<bool>,
    watch: Watch,
}

impl Draft {
    /// An empty draft.
    pub fn new() -> Self {
        Draft::default()
    }

    /// An empty draft of what most likely is `roster`, in its order: as long as just that comes,
    /// it takes no memory. It shows nothing before it is assembled.
    pub fn beside(roster: &Roster) -> Self {
        Draft { likely: Some(Likely::all_of(roster)), ..Draft::default() }
    }

    /// An empty draft that notes every row about these keys.
    pub fn watching(keys: &[String]) -> Self {
        Draft { watch: Watch::for_keys(keys), ..Draft::default() }
    }

    /// Where the watched keys were seen, in the order of the rows.
    pub fn sightings(&mut self) -> &[Sighting] {
        self.resolve();
        &self.watch.seen
    }

    pub(super) fn look(&mut self, place: Place, row: Kind, ends: [&str; 2], fate: Fate) {
        self.watch.look((&self.files, place), row, ends, fate);
    }

    /// Numbers a file, for [`Place`]s and messages.
    pub fn file(&mut self, name: &str) -> u16 {
        self.files.push(name.to_owned());
        u16::try_from(self.files.len() - 1).expect("a source names few files")
    }

    pub(super) fn count(&mut self, kind: Kind) {
        *self.rows_read.entry(kind).or_default() += 1;
    }

    fn open(&self) {
        assert!(!self.closed, "entities come before the links that refer to them");
    }

    /// Adds a school.
    pub fn school(&mut self, place: Place, school: &School<'_>) {
        self.open();
        self.count(Kind::School);
        self.look(place, Kind::School, [school.key, ""], Fate::Used(Marking::None));
        if self.is_likely(|likely| likely.school(school)) {
            return;
        }
        self.schools.push(place, |out| school.write_line(out));
    }

    /// Adds a person, or one of the rows of a person who has several.
    pub fn person(&mut self, place: Place, person: &Person<'_>, marking: Marking) {
        self.open();
        self.count(Kind::Person);
        self.look(place, Kind::Person, [person.key, ""], Fate::Used(marking));
        if marking == Marking::None && self.is_likely(|likely| likely.person(person)) {
            return;
        }
        self.persons.push(place, |out| person.write_line(out));
        self.marks.push(marking);
    }

    /// Adds a group.
    pub fn group(&mut self, place: Place, group: &Group<'_>) {
        self.open();
        self.count(Kind::Group);
        self.look(place, Kind::Group, [group.key, ""], Fate::Used(Marking::None));
        if self.is_likely(|likely| likely.group(group)) {
            return;
        }
        self.groups.push(place, |out| group.write_line(out));
    }

    /// Notes a row that cannot be used although its keys are known, with the reason.
    pub fn set_aside(&mut self, kind: Kind, key: &str, other: &str, issue: Issue) {
        self.resolve();
        self.count(kind);
        let place = (issue.file.as_str(), issue.line.unwrap_or_default());
        self.watch.look_at(place, kind, [key, other], Fate::Faulty(issue.code));
        self.issues.push(issue);
        self.hold_back(kind, key, other);
    }

    /// The same for a row whose fault is told together with others'.
    pub fn set_aside_unlisted(&mut self, kind: Kind, [key, other]: [&str; 2], at: (Place, Code)) {
        self.resolve();
        self.count(kind);
        self.look(at.0, kind, [key, other], Fate::Faulty(at.1));
        self.hold_back(kind, key, other);
    }

    /// Notes the personal number of a person whose row is set aside: somebody of this number may be
    /// protected under another key.
    pub fn number_aside(&mut self, key: &str, number: &str) {
        self.numbers_aside.push((key.to_owned(), number.to_owned()));
    }

    /// Keys of persons whose rows were set aside, with the personal number where a row says one.
    pub fn persons_aside(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self.set_aside.iter().filter(|row| row.kind == Kind::Person);
        let numbers =
            self.numbers_aside.iter().map(|(key, number)| (key.as_str(), number.as_str()));
        rows.map(|row| (row.key.as_str(), "")).chain(numbers)
    }

    pub(super) fn hold_back(&mut self, kind: Kind, key: &str, other: &str) {
        self.unfold();
        let row = SetAside { kind, key: key.to_owned(), other: other.to_owned() };
        self.set_aside.insert(row);
    }

    /// Whether a row with this key was set aside.
    pub fn is_set_aside(&self, kind: Kind, key: &str) -> bool {
        let row = SetAside { kind, key: key.to_owned(), other: String::new() };
        self.set_aside.contains(&row)
    }

    /// Every row that was set aside although its keys are known, once links are resolved.
    pub fn set_aside_rows(&self) -> &BTreeSet<SetAside> {
        &self.set_aside
    }

    /// How many rows of a kind were read, used or not.
    pub fn rows_read(&self, kind: Kind) -> u64 {
        self.rows_read.get(&kind).copied().unwrap_or_default()
    }

    /// Adds a fault that a decoder found.
    pub fn note(&mut self, issue: Issue) {
        self.resolve();
        self.issues.push(issue);
    }

    /// A fault at a place.
    pub fn issue(&self, code: Code, severity: Severity, place: Place) -> Issue {
        let file = &self.files[usize::from(place.file)];
        Issue::of_file(code, severity, file).at(u64::from(place.line))
    }

    /// How many persons there are, once closed.
    pub fn person_count(&self) -> usize {
        debug_assert!(self.closed);
        self.persons.lines.len()
    }

    /// The person at a rank, once closed.
    pub fn person_at(&self, rank: u32) -> Person<'_> {
        debug_assert!(self.closed);
        Person::from_line(self.persons.lines.get(rank as usize)).expect("written by this draft")
    }

    /// Persons with their ranks and markings, in key order, once closed.
    pub fn persons(&self) -> impl Iterator<Item = (u32, Person<'_>, Marking)> {
        let lines = (0..).zip(self.persons.lines.iter()).zip(&self.marks);
        lines.map(|((rank, line), &marking)| {
            (rank, Person::from_line(line).expect("written by this draft"), marking)
        })
    }

    /// Those of them that have a marking.
    pub fn marked(&self) -> impl Iterator<Item = (u32, Person<'_>, Marking)> {
        let ranks = (0..).zip(&self.marks).filter(|&(_, &marking)| marking != Marking::None);
        ranks.map(|(rank, &marking)| (rank, self.person_at(rank), marking))
    }

    /// Marks a person as protected whatever the register says, once closed.
    pub fn mark(&mut self, rank: u32) {
        self.marks[rank as usize] = Marking::Protected;
    }

    /// The rank of a person, once closed.
    pub fn find_person(&self, key: &str) -> Option<u32> {
        self.persons.lines.find(key)
    }

    /// How many groups there are, once closed.
    pub fn group_count(&self) -> usize {
        debug_assert!(self.closed);
        self.groups.lines.len()
    }

    /// Groups with their ranks, in key order, once closed.
    pub fn groups(&self) -> impl Iterator<Item = (u32, Group<'_>)> {
        debug_assert!(self.closed);
        (0..)
            .zip(self.groups.lines.iter())
            .map(|(rank, line)| (rank, Group::from_line(line).expect("written by this draft")))
    }

    /// Memberships as ranks of group and person, with whether the person is a learner there.
    pub fn member_ranks(&self) -> impl Iterator<Item = (u32, u32, bool)> {
        debug_assert!(self.unresolved.is_empty());
        let learner: Vec<bool> =
            self.tail_texts().map(|text| text.starts_with("learner")).collect();
        self.members.iter().map(move |m| (m.group, m.person, learner[m.tail as usize]))
    }

    /// Role and period texts in the order of their numbers.
    pub(super) fn tail_texts(&self) -> impl Iterator<Item = &str> {
        let mut texts: Vec<(&str, u32)> =
            self.tails.iter().map(|(text, &number)| (text.as_str(), number)).collect();
        texts.sort_unstable_by_key(|&(_, number)| number);
        texts.into_iter().map(|(text, _)| text)
    }

    /// Relations as ranks: who, of whom.
    pub fn relation_ranks(&self) -> impl Iterator<Item = (u32, u32, super::words::RelationKind)> {
        debug_assert!(self.unresolved.is_empty());
        self.relations.iter().map(|r| (r.person, r.to, r.kind))
    }

    /// Puts other data in the place of a person's; the key and the schools stay.
    pub fn replace_person(&mut self, rank: u32, person: &Person<'_>) {
        assert_eq!(self.persons.lines.key(rank as usize), person.key);
        self.persons.lines.replace(rank as usize, |out| person.write_line(out));
    }

    /// Takes persons and groups out, with every link to them, as if they had never been read.
    pub fn exclude(&mut self, persons: &[u32], groups: &[u32]) {
        self.close();
        for &rank in persons {
            self.excluded_persons[rank as usize] = true;
            self.marks[rank as usize] = Marking::None;
        }
        for &rank in groups {
            self.excluded_groups[rank as usize] = true;
        }
    }

    /// Takes out every relation of the persons flagged, by rank, once closed.
    pub fn unrelate(&mut self, persons: &[bool]) {
        self.relations.retain(|r| !persons[r.person as usize] && !persons[r.to as usize]);
    }

    /// Notes that a marked person now stands under a pseudonym.
    pub fn settle_marking(&mut self, rank: u32) {
        self.marks[rank as usize] = Marking::None;
    }

    pub(super) fn has_marks(&self) -> bool {
        self.marks.iter().any(|&marking| marking != Marking::None)
    }
}
