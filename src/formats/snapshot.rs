//! The snapshot: what a target was told, as canonical text that tomorrow is merged with.
//!
//! ```text
//! rostergate-snapshot 1<TAB>keys-1<TAB>schools 5<TAB>persons 1508<TAB>…<TAB>sha256 9f3c…
//! S<TAB>key<TAB>name
//! P<TAB>key<TAB>…
//! G…  M…  R…
//! ```
//!
//! One line per entity, sorted within its kind, compressed with zstd, readable with `zstdcat`.
//! The header's digest is that of every line after it. While it is read, lines must increase
//! strictly, and counts and digest must agree: a damaged snapshot is an error, never a short one.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::roster::code::Code;
use crate::roster::draft::{Draft, Marking, Place};
use crate::roster::entity::{Group, Membership, Person, Relation, School};
use crate::roster::issue::Severity;
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

mod reader;

pub use reader::Reader;

/// The newest version that this program writes and reads.
const VERSION: u32 = 1;
/// How keys are compared and normalised; a baseline with other rules holds (rule 4).
pub const KEY_RULES: &str = "keys-1";
/// Stands between the items of a field that holds several.
const SEPARATOR: u8 = 0x1f;
const MAGIC: &str = "rostergate-snapshot";
/// The order of the kinds in a snapshot.
pub const ORDER: [Kind; 5] =
    [Kind::School, Kind::Person, Kind::Group, Kind::Membership, Kind::Relation];

/// A snapshot that cannot be trusted.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The bytes could not be read or unpacked.
    #[error("the snapshot cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It was written by a newer program.
    #[error("the snapshot has version {0}, newer than this program knows")]
    Newer(u32),
    /// It is not what its header says.
    #[error("the snapshot is damaged at line {line}: {what}")]
    Damaged {
        /// Line, from 1.
        line: u64,
        /// What disagrees.
        what: &'static str,
    },
}

impl SnapshotError {
    /// The message code.
    pub fn code(&self) -> Code {
        match self {
            SnapshotError::Unreadable(_) | SnapshotError::Damaged { .. } => Code(502),
            SnapshotError::Newer(_) => Code(503),
        }
    }
}

/// What the first line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The key rules that it was written under.
    pub key_rules: String,
    /// Entities by kind, in the order of [`ORDER`].
    pub counts: [u64; 5],
    /// SHA-256 of the lines after the header, in hexadecimal.
    pub digest: String,
}

impl Header {
    /// The header of a roster's snapshot.
    pub fn of(roster: &Roster) -> Header {
        let mut hasher = Sha256::new();
        each_line(roster, |line| hasher.update(line));
        Header {
            key_rules: KEY_RULES.to_owned(),
            counts: ORDER.map(|kind| roster.count(kind)),
            digest: hex(&hasher.finalize()),
        }
    }

    fn to_line(&self) -> String {
        let counts: Vec<String> =
            ORDER.iter().zip(self.counts).map(|(kind, count)| format!("{kind} {count}")).collect();
        let Header { key_rules, digest, .. } = self;
        format!("{MAGIC} {VERSION}\t{key_rules}\t{}\tsha256 {digest}\n", counts.join("\t"))
    }

    fn parse(line: &str) -> Result<Header, SnapshotError> {
        let damaged = |what| SnapshotError::Damaged { line: 1, what };
        let mut fields = line.trim_end_matches('\n').split('\t');
        let magic = fields.next().and_then(|field| field.strip_prefix(MAGIC));
        let version = magic.and_then(|version| version.trim().parse().ok());
        match version.ok_or_else(|| damaged("no header"))? {
            VERSION => {}
            other if other > VERSION => return Err(SnapshotError::Newer(other)),
            _ => return Err(damaged("a version that never was")),
        }
        let key_rules = fields.next().ok_or_else(|| damaged("no key rules"))?.to_owned();
        let mut counts = [0; 5];
        for (slot, kind) in counts.iter_mut().zip(ORDER) {
            let field = fields.next().and_then(|field| field.strip_prefix(kind.as_str()));
            let count = field.and_then(|count| count.trim().parse().ok());
            *slot = count.ok_or_else(|| damaged("no count"))?;
        }
        let digest = fields.next().and_then(|field| field.strip_prefix("sha256 "));
        let digest = digest.ok_or_else(|| damaged("no digest"))?.to_owned();
        if fields.next().is_some() {
            return Err(damaged("more in the header than belongs there"));
        }
        Ok(Header { key_rules, counts, digest })
    }
}

/// Writes a roster's snapshot, compressed.
///
/// # Errors
/// What `out` says.
pub fn write(roster: &Roster, header: &Header, out: impl Write) -> io::Result<()> {
    let mut packed = zstd::Encoder::new(out, -1)?;
    packed.write_all(header.to_line().as_bytes())?;
    let mut failed = Ok(());
    each_line(roster, |line| {
        if failed.is_ok() {
            failed = packed.write_all(line);
        }
    });
    failed?;
    packed.finish()?.flush()
}

/// Hands every line of a roster's snapshot after the header to `visit`, in large pieces.
fn each_line(roster: &Roster, mut visit: impl FnMut(&[u8])) {
    const PIECE: usize = 64 * 1024;
    let mut buffer = String::with_capacity(PIECE + 4096);
    for kind in ORDER {
        roster.each_line(kind, |line| {
            buffer.push(letter(kind));
            buffer.push('\t');
            buffer.push_str(line);
            buffer.push('\n');
            if buffer.len() > PIECE {
                visit(buffer.as_bytes());
                buffer.clear();
            }
        });
    }
    visit(buffer.as_bytes());
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::School => 'S',
        Kind::Person => 'P',
        Kind::Group => 'G',
        Kind::Membership => 'M',
        Kind::Relation => 'R',
    }
}

/// Reads a whole snapshot back into a roster.
///
/// # Errors
/// When the snapshot cannot be trusted.
pub fn read(packed: impl Read) -> Result<Roster, SnapshotError> {
    let mut reader = Reader::open(packed)?;
    let mut draft = Draft::new();
    let file = draft.file("snapshot");
    while let Some((kind, line)) = reader.next_line()? {
        let at = u32::try_from(draft_len(&draft)).unwrap_or(u32::MAX);
        let place = Place { file, line: at };
        add_line(&mut draft, place, kind, line)
            .ok_or(SnapshotError::Damaged { line: u64::from(at), what: "a field is missing" })?;
    }
    let (roster, issues) = Roster::assemble(draft);
    match issues.iter().find(|issue| issue.severity != Severity::Warning) {
        Some(_) => Err(SnapshotError::Damaged { line: 0, what: "a reference leads nowhere" }),
        None => Ok(roster),
    }
}

fn draft_len(draft: &Draft) -> u64 {
    ORDER.iter().map(|&kind| draft.rows_read(kind)).sum::<u64>() + 2
}

/// Adds one canonical line to a draft; `None` when it is not one.
pub fn add_line(draft: &mut Draft, place: Place, kind: Kind, line: &str) -> Option<()> {
    if !is_clean(kind, line) {
        return None;
    }
    match kind {
        Kind::School => draft.school(place, &School::from_line(line)?),
        Kind::Person => draft.person(place, &Person::from_line(line)?, Marking::None),
        Kind::Group => draft.group(place, &Group::from_line(line)?),
        Kind::Membership => draft.membership(place, &Membership::from_line(line)?),
        Kind::Relation => draft.relation(place, &Relation::from_line(line)?),
    }
    Some(())
}

/// Whether a line holds no control character but those between fields and between the items of
/// a person's roles and schools, its last two fields.
fn is_clean(kind: Kind, line: &str) -> bool {
    let single = match kind {
        Kind::Person => line.rsplitn(3, '\t').nth(2).unwrap_or(line),
        _ => line,
    };
    let is_control = |byte: u8| byte < b' ' && byte != b'\t';
    let stray = |byte: u8| is_control(byte) && byte != SEPARATOR;
    !single.bytes().any(is_control) && !line.bytes().any(stray)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
