//! What the program would send: an independent reader takes it, and it is read back as planned.

use std::collections::BTreeSet;
use std::io::{BufRead, Cursor};

use rostergate::formats::{Document, Format};
use rostergate::roster::issue::{Issue, Severity};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::Kind;

/// A reader of XML that is not ours; it panics at a document that is none.
pub type Accept<'a> = &'a mut dyn FnMut(&[u8]);

/// The output law: whatever a roster holds, its files are lawful, and hold what was planned.
pub fn check(roster: &Roster, format: &Format, accept: Accept<'_>) {
    let (told, issues) = format.fit(roster);
    // A key that the receiver cannot take stops the night.
    if is_refused(&issues) {
        return;
    }
    let files = written(format, &told);
    if let Format::ImsEnterprise(_) = format {
        for (_, bytes) in &files {
            accept(bytes);
        }
    }
    let promised = lines(&format.visible(&told));
    let found = format.read_back(&told, documents(&files));
    let found = found.unwrap_or_else(|error| panic!("a finished file is faultless: {error}"));
    assert_eq!(lines(&found), promised, "what is read back is what was planned");
    let (found, issues) = format.decode(documents(&files)).expect("a finished file is readable");
    assert!(issues.is_empty(), "a finished file is faultless: {issues:?}");
    // A key that began with a blank has another place without it.
    let blanks =
        |lines: Vec<String>| lines.iter().map(|line| trimmed(line)).collect::<BTreeSet<_>>();
    assert_eq!(blanks(lines(&found)), blanks(promised));
}

/// Whether a whole export or plan is refused.
pub fn is_refused(issues: &[Issue]) -> bool {
    issues.iter().any(|issue| issue.severity == Severity::Error)
}

/// Name and bytes of every file.
pub fn written(format: &Format, told: &Roster) -> Vec<(String, Vec<u8>)> {
    let stamp = "2026-11-21T03:15:00+01:00[Europe/Stockholm]".parse().expect("a time");
    let write = |name: String| {
        let mut bytes = Vec::new();
        format.write(told, &stamp, &name, &mut bytes).expect("memory can be written");
        (name, bytes)
    };
    format.document_names().into_iter().map(write).collect()
}

/// Finished files, to be read.
pub fn documents(files: &[(String, Vec<u8>)]) -> Vec<Document<'_>> {
    let open = |bytes| -> Box<dyn BufRead + '_> { Box::new(Cursor::new(bytes)) };
    files.iter().map(|(name, bytes)| (name.clone(), open(bytes))).collect()
}

/// Every canonical line, with its kind.
pub fn lines(roster: &Roster) -> Vec<String> {
    let mut lines = Vec::new();
    for &kind in Kind::ALL {
        roster.each_line(kind, |line| lines.push(format!("{kind}: {line}")));
    }
    lines
}

/// Another program's file may be indented, so there blanks at the ends of a field mean nothing.
fn trimmed(line: &str) -> String {
    let (kind, fields) = line.split_once(": ").expect("a line begins with its kind");
    let fields: Vec<&str> = fields.split('\t').map(str::trim).collect();
    format!("{kind}: {}", fields.join("\t"))
}
