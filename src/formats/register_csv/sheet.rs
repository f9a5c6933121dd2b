//! Faults of the rows of one table, on their way into the draft: counted, and not without end.

use std::collections::BTreeMap;

use super::codes;
use crate::roster::code::Code;
use crate::roster::draft::{Draft, Place};
use crate::roster::issue::{Issue, Severity};
use crate::roster::words::Kind;

/// So many faults of one code are listed for a file; the rest is counted.
const LISTED: u64 = 1000;

/// How often something happened in a column, and where first.
struct Tally {
    severity: Severity,
    first: u64,
    count: u64,
}

/// One table's rows on their way into a draft.
pub(super) struct Sheet<'d> {
    pub(super) draft: &'d mut Draft,
    file: u16,
    pub(super) name: &'d str,
    kind: Kind,
    /// Line of the row at hand.
    pub(super) line: u64,
    /// Notable values per code and column.
    tallies: BTreeMap<(Code, String), Tally>,
    listed: BTreeMap<Code, (Severity, u64)>,
    /// Names read, names with letters outside ASCII, and names that look wrongly decoded.
    pub(super) names: u64,
    pub(super) accented: u64,
    pub(super) mojibake: u64,
}

impl<'d> Sheet<'d> {
    pub(super) fn new(draft: &'d mut Draft, name: &'d str, kind: Kind) -> Self {
        let file = draft.file(name);
        Sheet {
            draft,
            file,
            name,
            kind,
            line: 0,
            tallies: BTreeMap::new(),
            listed: BTreeMap::new(),
            names: 0,
            accented: 0,
            mojibake: 0,
        }
    }

    /// Where the row at hand stands.
    pub(super) fn place(&self) -> Place {
        let line = u32::try_from(self.line).unwrap_or(u32::MAX);
        Place { file: self.file, line }
    }

    /// Counts something about a value of the row at hand; one issue per column tells all of it.
    pub(super) fn tally(&mut self, code: Code, field: &str) {
        self.tally_as(code, Severity::Warning, field);
    }

    fn tally_as(&mut self, code: Code, severity: Severity, field: &str) {
        let first = self.line;
        let tally = self.tallies.entry((code, field.to_owned())).or_insert(Tally {
            severity,
            first,
            count: 0,
        });
        tally.count += 1;
    }

    /// A row without a usable key: the whole export is refused.
    pub(super) fn without_key(&mut self, field: &str, detail: &str) {
        if let Some(issue) = self.listed(codes::NO_KEY, Severity::Error, field, detail) {
            self.draft.note(issue);
        }
    }

    /// A row that cannot be used although its keys are known.
    pub(super) fn set_aside(&mut self, [key, other]: [&str; 2], code: Code, field: &str) {
        match self.listed(code, Severity::SetAside, field, "") {
            Some(issue) => self.draft.set_aside(self.kind, key, other, issue),
            None => self.draft.set_aside_unlisted(self.kind, [key, other], (self.place(), code)),
        }
    }

    /// A fault of the row at hand that does not keep the row out.
    pub(super) fn warn(&mut self, code: Code, field: &str) {
        if let Some(issue) = self.listed(code, Severity::Warning, field, "") {
            self.draft.note(issue);
        }
    }

    fn listed(
        &mut self,
        code: Code,
        severity: Severity,
        field: &str,
        detail: &str,
    ) -> Option<Issue> {
        let (_, count) = self.listed.entry(code).or_insert((severity, 0));
        *count += 1;
        (*count <= LISTED).then(|| {
            Issue::of_file(code, severity, self.name).at(self.line).in_field(field).with(detail)
        })
    }

    /// A note about the whole file, with a count.
    pub(super) fn note_file(&mut self, code: Code, count: u64) {
        let issue = Issue::of_file(code, Severity::Warning, self.name);
        self.draft.note(issue.with(count.to_string()));
    }

    /// Tells the draft what was counted.
    pub(super) fn finish(self) {
        self.draft.resolve();
        for ((code, field), tally) in self.tallies {
            let issue = Issue::of_file(code, tally.severity, self.name).at(tally.first);
            self.draft.note(issue.in_field(&field).with(tally.count.to_string()));
        }
        for (code, (severity, count)) in self.listed {
            if count > LISTED {
                let issue = Issue::of_file(code, severity, self.name);
                self.draft.note(issue.with(format!("+{}", count - LISTED)));
            }
        }
    }
}
