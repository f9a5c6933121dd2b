//! Rows of one key become one: what may differ between them, and what is a conflict.

use std::collections::BTreeMap;

use super::draft::{CONFLICT, Draft, Marking, Place, REPEATED, Rows};
use super::entity::Person;
use super::issue::Severity;
use super::words::Kind;

impl Draft {
    /// Ends the part with schools, persons and groups: sorts them and merges rows of one key.
    /// Done by the first link; called again when there are no more, it looks up the last of them.
    pub fn close(&mut self) {
        if self.closed {
            return self.resolve();
        }
        self.closed = true;
        if self.likely.is_some() {
            return;
        }
        self.close_equal(Kind::School);
        self.close_persons();
        self.close_equal(Kind::Group);
        self.excluded_persons = vec![false; self.persons.lines.len()];
        self.excluded_groups = vec![false; self.groups.lines.len()];
    }

    /// Keeps the first row of each key; a repeat is noted, different data is a conflict.
    fn close_equal(&mut self, kind: Kind) {
        let rows = if kind == Kind::School { &mut self.schools } else { &mut self.groups };
        let order = rows.lines.order();
        let mut kept: Vec<u32> = Vec::with_capacity(order.len());
        let mut faults = Vec::new();
        for (row, again) in order {
            match kept.last() {
                Some(&first) if again => {
                    let equal = rows.lines.get(first as usize) == rows.lines.get(row as usize);
                    faults.push((equal, rows.places_of(first as usize, row as usize)));
                }
                _ => kept.push(row),
            }
        }
        rows.arrange(&kept);
        for (equal, places) in faults {
            self.note_double(kind, equal, places);
        }
    }

    /// Keys that differ only by blanks at their ends are one key to every receiver that passes over
    /// blanks, and one row would take the other's place there: noted as errors. Where one of two
    /// persons is protected, both are. Of a closed draft of what registers say; what was sent
    /// before stays as it was sent.
    pub fn match_near_keys(&mut self) {
        for kind in [Kind::School, Kind::Person, Kind::Group] {
            self.match_near_keys_of(kind);
        }
    }

    fn match_near_keys_of(&mut self, kind: Kind) {
        let rows = match kind {
            Kind::School => &self.schools,
            Kind::Group => &self.groups,
            _ => &self.persons,
        };
        let mut loose: BTreeMap<&str, usize> = BTreeMap::new();
        let mut twins = Vec::new();
        for (rank, line) in rows.lines.iter().enumerate() {
            let key = line.split('\t').next().unwrap_or_default();
            let bare = key.trim();
            if bare.len() < key.len() {
                let other = rows.lines.find(bare).map(|other| other as usize);
                let other = loose.insert(bare, rank).or(other);
                twins.extend(other.map(|other| ([other, rank], rows.places_of(other, rank))));
            }
        }
        for ([a, b], places) in twins {
            let mark = match kind {
                Kind::Person => self.marks[a].max(self.marks[b]),
                _ => Marking::None,
            };
            if mark == Marking::None {
                self.note_double(kind, false, places);
            } else {
                (self.marks[a], self.marks[b]) = (mark, mark);
            }
        }
    }

    fn note_double(&mut self, kind: Kind, equal: bool, [first, second]: [Place; 2]) {
        let (code, severity) =
            if equal { (REPEATED, Severity::Warning) } else { (CONFLICT, Severity::Error) };
        let other = self.issue(code, severity, first);
        let detail = format!("{kind}; {} {}", other.file, first.line);
        let issue = self.issue(code, severity, second).with(detail);
        self.issues.push(issue);
    }

    fn close_persons(&mut self) {
        let order = self.persons.lines.order();
        let mut kept: Vec<u32> = Vec::with_capacity(order.len());
        let mut marks = Vec::with_capacity(order.len());
        for rows in order.chunk_by(|_, &(_, again)| again) {
            let rows = || rows.iter().map(|&(row, _)| row);
            let mark = rows().map(|row| self.marks[row as usize]).max().unwrap_or_default();
            let first = rows().next().expect("a chunk holds one at least");
            for row in rows().skip(1) {
                self.merge_person(first, row, mark != Marking::None);
            }
            kept.push(first);
            marks.push(mark);
        }
        self.persons.arrange(&kept);
        self.marks = marks;
    }

    /// Rows of one person may differ in school, role and (where one says nothing) school year.
    /// Of somebody protected they may differ in anything: registers blank the data of exactly
    /// those persons, and a conflict would keep them at every receiver.
    fn merge_person(&mut self, first: u32, row: u32, protected: bool) {
        let line = |row: u32| self.persons.lines.get(row as usize);
        let places = self.persons.places_of(first as usize, row as usize);
        if line(first) == line(row) {
            self.note_double(Kind::Person, true, places);
            return;
        }
        let parse = |row| Person::from_line(line(row)).expect("written by this draft");
        let (a, b) = (parse(first), parse(row));
        let Some(merged) = merged(&a, &b, protected) else {
            self.note_double(Kind::Person, false, places);
            return;
        };
        let mut text = String::new();
        merged.write_line(&mut text);
        self.persons.lines.replace(first as usize, |out| out.push_str(&text));
    }
}

impl Rows {
    fn places_of(&self, a: usize, b: usize) -> [Place; 2] {
        [self.places[a], self.places[b]]
    }

    /// Keeps the rows named, in that order, each with its place.
    fn arrange(&mut self, kept: &[u32]) {
        self.lines.arrange(kept);
        self.places = kept.iter().map(|&row| self.places[row as usize]).collect();
    }
}

/// Both rows as one person; `None` when they say different things.
fn merged<'a>(a: &Person<'a>, b: &Person<'a>, protected: bool) -> Option<Person<'a>> {
    let either = |a: &'a str, b: &'a str| if a.is_empty() { b } else { a };
    let mut merged = a.clone();
    merged.school_year = either(a.school_year, b.school_year);
    if protected {
        merged.personal_number = either(a.personal_number, b.personal_number);
        merged.given_name = either(a.given_name, b.given_name);
        merged.family_name = either(a.family_name, b.family_name);
        merged.username = either(a.username, b.username);
        merged.email = either(a.email, b.email);
    }
    merged.roles = a.roles.union(b.roles);
    merged.set_schools(a.schools().chain(b.schools()));
    let mut rest = b.clone();
    rest.school_year = either(b.school_year, merged.school_year);
    rest.roles = merged.roles;
    rest.school_keys.clone_from(&merged.school_keys);
    (protected || rest == merged).then_some(merged)
}
