//! What is missing from the registers and still told to a target, and what a plan removes: the
//! list that is stored beside a plan's snapshot and becomes valid with it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;
use thiserror::Error;

use super::season::Season;
use super::window::Release;
use crate::roster::code::Code;
use crate::roster::words::Kind;

/// Missing from the sources, still told to the target.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// What it is.
    pub kind: Kind,
    /// The part of its line that says which one it is: a key; of a membership group, person and
    /// role, of a relation both persons and its kind, between tabs.
    pub identity: String,
    /// The first night it was missing.
    pub missing_since: Date,
    /// The delivered files in which it stood although it was missing.
    pub nights: u32,
    /// The window it waits for, or empty when it waits for its grace to end.
    pub window: String,
    /// A person has approved the list it stands on: it may go, so many a night.
    pub approved: bool,
    /// How its window was released when it went missing: a later edit of the configuration may
    /// make that stricter, never easier.
    pub release: Release,
    /// How many days of grace it had then: a later edit may give more, never less.
    pub grace: u32,
}

impl Pending {
    /// Something that is missing for the first time.
    pub(super) fn fresh(
        kind: Kind,
        identity: String,
        missing_since: Date,
        window: &str,
        season: &Season,
    ) -> Pending {
        Pending {
            kind,
            identity,
            missing_since,
            nights: 0,
            window: window.to_owned(),
            approved: false,
            release: season.release(window).0,
            grace: season.grace.days(kind),
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({}, since {}, •••)", self.kind, self.missing_since)
    }
}

/// Something that a plan removes, and why.
#[derive(Clone, PartialEq, Eq)]
pub struct Gone {
    /// What it is.
    pub kind: Kind,
    /// Which one, as in [`Pending`].
    pub identity: String,
    /// Why it goes.
    pub why: Why,
}

/// Why something is removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is no longer in the registers, or no longer selected.
    Register,
    /// Its grace has ended.
    Grace,
    /// It waited in the window of this name, and was released.
    Window(String),
    /// A new person has its user name: the new one is told.
    Conflict,
}

impl Why {
    fn write(&self) -> String {
        match self {
            Why::Register => "register".to_owned(),
            Why::Grace => "grace".to_owned(),
            Why::Conflict => "conflict".to_owned(),
            Why::Window(name) => format!("window {name}"),
        }
    }

    fn read(word: &str) -> Option<Why> {
        Some(match word {
            "register" => Why::Register,
            "grace" => Why::Grace,
            "conflict" => Why::Conflict,
            _ => Why::Window(word.strip_prefix("window ")?.to_owned()),
        })
    }
}

/// A stored list that is not one.
#[derive(Debug, Error)]
#[error("the stored list of waiting removals is damaged in line {line}")]
pub struct PendingError {
    /// Line, from 1.
    pub line: usize,
}

impl PendingError {
    /// The message code: the logbook is damaged.
    pub fn code(&self) -> Code {
        Code(502)
    }
}

/// The stored form: one line each, between tabs, waiting ones first; then what goes, and the keys
/// of groups that the receiver archives.
pub fn write(pending: &[Pending], gone: &[Gone], archived: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for Pending { kind, identity, missing_since, nights, window, approved, release, grace } in
        pending
    {
        let (approved, release) = (u8::from(*approved), release.as_str());
        let _ = writeln!(
            text,
            "pending\t{kind}\t{missing_since}\t{nights}\t{window}\t{approved}\t{release}\t\
             {grace}\t{identity}"
        );
    }
    for Gone { kind, identity, why } in gone {
        let _ = writeln!(text, "gone\t{kind}\t{}\t{identity}", why.write());
    }
    for key in archived {
        let _ = writeln!(text, "archived\tgroup\t{key}");
    }
    text
}

/// Reads the waiting ones of a stored list.
///
/// # Errors
/// When a line is none of ours: a damaged list never counts as an empty one.
pub fn read(text: &str) -> Result<Vec<Pending>, PendingError> {
    let mut found = Vec::new();
    for (line, number) in text.split_terminator('\n').zip(1..) {
        match line.split_once('\t') {
            // No snapshot holds control characters, so nothing that waits does.
            _ if line.bytes().any(|byte| byte < b' ' && byte != b'\t') => {
                return Err(PendingError { line: number });
            }
            Some(("pending", rest)) => {
                found.push(one(rest).ok_or(PendingError { line: number })?);
            }
            Some(("gone" | "archived", _)) => {}
            _ => return Err(PendingError { line: number }),
        }
    }
    Ok(found)
}

/// What goes by a stored list; lines that are none of ours are passed over.
pub fn gone(text: &str) -> Vec<Gone> {
    let of = |line: &str| {
        let mut fields = line.strip_prefix("gone\t")?.splitn(3, '\t');
        let (kind, why, identity) = (kind(fields.next()?)?, fields.next()?, fields.next()?);
        Some(Gone { kind, why: Why::read(why)?, identity: identity.to_owned() })
    };
    text.lines().filter_map(of).collect()
}

fn one(rest: &str) -> Option<Pending> {
    let mut fields = rest.splitn(8, '\t');
    let mut next = || fields.next();
    let kind = kind(next()?)?;
    let missing_since = next()?.parse().ok()?;
    let nights = next()?.parse().ok()?;
    let window = next()?.to_owned();
    let approved = match next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let release = next()?.parse().ok()?;
    let grace = next()?.parse().ok()?;
    let identity = next()?.to_owned();
    Some(Pending { kind, identity, missing_since, nights, window, approved, release, grace })
}

fn kind(word: &str) -> Option<Kind> {
    crate::formats::snapshot::ORDER.into_iter().find(|kind| kind.to_string() == word)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn waiting() -> Pending {
        Pending {
            kind: Kind::Membership,
            identity: "g1\tp1\tlearner".to_owned(),
            missing_since: date(2027, 6, 15),
            nights: 3,
            window: "Läsårsskifte 2027".to_owned(),
            approved: false,
            release: Release::Staged,
            grace: 0,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let person = Pending {
            kind: Kind::Person,
            identity: "p1".to_owned(),
            window: String::new(),
            approved: true,
            ..waiting()
        };
        let gone =
            Gone { kind: Kind::Group, identity: "g1".to_owned(), why: Why::Window("W".to_owned()) };
        let list = [waiting(), person];
        let text = write(&list, &[gone], &BTreeSet::from(["g9".to_owned()]));
        assert_eq!(read(&text).expect("ours"), list);
        assert!(text.ends_with("gone\tgroup\twindow W\tg1\narchived\tgroup\tg9\n"));
        assert_eq!(read("").expect("an empty list"), []);
    }

    #[test]
    fn a_damaged_list_is_never_an_empty_one() {
        for damaged in
            ["pending\tperson\n", "pending\tperson\t2027-06-15\t3\tW\t2\tstaged\t0\tp1\n", "x\n"]
        {
            assert!(read(damaged).is_err(), "{damaged}");
        }
        assert!(read("something\n").is_err());
        let text = write(&[waiting()], &[], &BTreeSet::new());
        for odd in ['\r', '\0', '\u{1f}'] {
            assert!(read(&text.replace("learner", &format!("learner{odd}"))).is_err(), "{odd:?}");
        }
    }
}
