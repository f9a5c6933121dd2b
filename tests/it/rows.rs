//! Small registers, written row by row: what the tests of the pure rooms are made of.

use rostergate::formats::carried::Carried;
use rostergate::formats::snapshot::{self, Header, Reader};
use rostergate::pipeline::counts::Counts;
use rostergate::pipeline::diff::{View, diff};
use rostergate::roster::code::Code;
use rostergate::roster::draft::{Draft, Marking, Place};
use rostergate::roster::entity::{Group, Membership, Person, Relation, Roles, School};
use rostergate::roster::issue::{Issue, Severity};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{GroupKind, Kind, RelationKind, Role};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Everything reaches the receiver.
pub(crate) const ALL: Carried = Carried {
    personal_number: true,
    given_name: true,
    family_name: true,
    email: true,
    username: true,
    phone: true,
    mobile: true,
    school_year: true,
    roles: true,
    schools: true,
    class_names: true,
    school_rows: true,
    group_rows: true,
    membership_rows: true,
    relation_rows: true,
    group_name: true,
    group_kind: true,
    group_school: true,
    term: true,
    course: true,
    parent: true,
    periods: true,
};

/// An export being written: one row a line, from line 1.
pub(crate) struct Register {
    draft: Draft,
    place: Place,
}

impl Register {
    pub(crate) fn new() -> Self {
        let mut draft = Draft::new();
        let place = Place { file: draft.file("rows.csv"), line: 0 };
        Register { draft, place }
    }

    fn next(&mut self) -> Place {
        self.place.line += 1;
        self.place
    }

    pub(crate) fn school(mut self, key: &str, name: &str) -> Self {
        let place = self.next();
        self.draft.school(place, &School { key, name });
        self
    }

    pub(crate) fn person(self, person: &Person<'_>) -> Self {
        self.marked(person, Marking::None)
    }

    pub(crate) fn persons<'p>(self, persons: impl IntoIterator<Item = Person<'p>>) -> Self {
        persons.into_iter().fold(self, |register, person| register.person(&person))
    }

    pub(crate) fn protected(self, person: &Person<'_>) -> Self {
        self.marked(person, Marking::Protected)
    }

    pub(crate) fn marked(mut self, person: &Person<'_>, marking: Marking) -> Self {
        let place = self.next();
        self.draft.person(place, person, marking);
        self
    }

    pub(crate) fn group(mut self, group: &Group<'_>) -> Self {
        let place = self.next();
        self.draft.group(place, group);
        self
    }

    pub(crate) fn member(self, group: &str, person: &str, role: Role) -> Self {
        self.member_from(group, person, role, ["", ""])
    }

    pub(crate) fn member_from(
        mut self,
        group: &str,
        person: &str,
        role: Role,
        [begin, end]: [&str; 2],
    ) -> Self {
        let place = self.next();
        self.draft.membership(place, &Membership { group, person, role, begin, end });
        self
    }

    pub(crate) fn relation(mut self, person: &str, to: &str, kind: RelationKind) -> Self {
        let place = self.next();
        self.draft.relation(place, &Relation { person, to, kind });
        self
    }

    pub(crate) fn guardian(self, person: &str, to: &str) -> Self {
        self.relation(person, to, RelationKind::Guardian)
    }

    pub(crate) fn set_aside(mut self, kind: Kind, key: &str, other: &str) -> Self {
        let place = self.next();
        let issue = self.draft.issue(Code(327), Severity::SetAside, place);
        self.draft.set_aside(kind, key, other, issue);
        self
    }

    pub(crate) fn draft(self) -> Draft {
        self.draft
    }

    pub(crate) fn assemble(self) -> (Roster, Vec<Issue>) {
        Roster::assemble(self.draft)
    }

    /// The roster of an export without faults.
    #[track_caller]
    pub(crate) fn roster(self) -> Roster {
        let (roster, issues) = self.assemble();
        assert_eq!(issues, [], "the register of the test has no faults");
        roster
    }
}

pub(crate) fn pupil<'a>(key: &'a str, school: &'a str) -> Person<'a> {
    person(key, school, Role::Learner)
}

pub(crate) fn staff<'a>(key: &'a str, school: &'a str) -> Person<'a> {
    person(key, school, Role::Staff)
}

pub(crate) fn guardian(key: &str) -> Person<'_> {
    person(key, "", Role::Guardian)
}

fn person<'a>(key: &'a str, school: &'a str, role: Role) -> Person<'a> {
    Person { key, school_keys: Cow::Borrowed(school), roles: Roles::of(role), ..Person::default() }
}

pub(crate) fn class<'a>(key: &'a str, school: &'a str) -> Group<'a> {
    Group {
        key,
        name: key,
        kind: GroupKind::Class,
        school,
        term: "",
        course: "",
        parent: "",
        begin: "",
        end: "",
    }
}

/// Every line of a roster, its kind before it.
pub(crate) fn lines(roster: &Roster) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in snapshot::ORDER {
        roster.each_line(kind, |line| lines.push(format!("{kind}\t{line}")));
    }
    lines
}

/// The codes of issues with their weights, in order.
pub(crate) fn codes(issues: &[Issue]) -> Vec<(u16, Severity)> {
    issues.iter().map(|issue| (issue.code.0, issue.severity)).collect()
}

/// A roster's snapshot, as it is stored.
pub(crate) fn packed(roster: &Roster) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::write(roster, &Header::of(roster), &mut bytes).expect("memory takes every byte");
    bytes
}

/// The gross numbers from one roster to another, everything seen by the receiver.
pub(crate) fn counts(before: &Roster, now: &Roster) -> Counts {
    counts_seen(before, now, ALL)
}

pub(crate) fn counts_seen(before: &Roster, now: &Roster, carried: Carried) -> Counts {
    let hidden = BTreeSet::new();
    let bytes = packed(before);
    let mut reader = Reader::open(bytes.as_slice()).expect("a snapshot just written");
    let view = View { carried, hidden: &hidden };
    diff(now, Some(&mut reader), &view, |_| ()).expect("a snapshot just written").0
}
