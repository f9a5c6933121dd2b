//! What is wrong with an export, as facts for its message, in both languages.

use super::reasons::of_system;
use crate::formats::register_csv::{ColumnFault, DecodeError};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::words::Kind;
use crate::sources::SourceError;

/// Texts of the sources and of the decoder that hold nothing of their own, in Swedish.
const TEXTS: &[(&str, &str)] = &[
    ("it changed a moment ago", "den ändrades alldeles nyss"),
    ("it changed a moment ago, after the done-file", "den ändrades alldeles nyss, efter klarfilen"),
    ("it changed while it was read", "den ändrades medan den lästes"),
    ("it was replaced while it was read", "den byttes ut medan den lästes"),
    ("its size is not what was read", "dess storlek stämmer inte med det som lästes"),
    ("not a line \"file;rows\"", "det är ingen rad som \"fil;rader\""),
    (
        "names a file again, with another number of rows",
        "en fil står där igen, med ett annat antal rader",
    ),
    ("a link", "en länk"),
    ("a folder", "en mapp"),
    ("a pipe", "ett rör"),
    ("a socket or device", "en enhet eller sockel"),
    ("it ends in the middle of a letter", "den slutar mitt i en bokstav"),
    (
        "a quote that opens on this line is never closed",
        "ett citattecken som öppnas på raden stängs aldrig",
    ),
    ("its last line does not end with a line break", "den sista raden saknar radbrytning"),
    ("the file begins with the mark of UTF-8", "filen börjar med märket för UTF-8"),
    ("the file begins with the mark of UTF-16", "filen börjar med märket för UTF-16"),
    ("a byte that is no UTF-8", "en byte som inte är UTF-8"),
    ("a byte that windows-1252 leaves undefined", "en byte som inte finns i windows-1252"),
    (
        "a quoted field runs over several lines and looks like rows",
        "ett citerat fält går över flera rader och ser ut som rader",
    ),
    ("text follows a closing quote", "det står text efter ett avslutande citattecken"),
    ("a field", "ett fält"),
    ("a row", "en rad"),
    ("the file", "filen"),
];

fn swedish(text: &str) -> &str {
    TEXTS.iter().find(|(en, _)| *en == text).map_or(text, |(_, sv)| sv)
}

/// Why an export cannot be had.
pub(super) fn of_source(error: &SourceError) -> Facts {
    let facts = match error.path() {
        Some(path) => Facts::new().text(Placeholder::File, path.display().to_string()).path(path),
        None => Facts::new(),
    };
    match error {
        SourceError::Folder { cause, .. } | SourceError::Unreadable { cause, .. } => {
            of_system(facts, cause)
        }
        SourceError::Absent { .. } => because(facts, "filen finns inte", "there is no such file"),
        SourceError::NotDone { .. } => because(
            facts,
            "registret har inte skrivit sin klarfil",
            "the register has not written its done-file",
        ),
        SourceError::BeingWritten { why, .. } => because(facts, swedish(why), *why),
        SourceError::Stale { modified, hours, .. } => {
            let at = modified.strftime("%Y-%m-%d %H:%M UTC");
            because(
                facts,
                format!("skriven {at}, och max-age är {hours} timmar"),
                format!("written {at}, and max-age is {hours} hours"),
            )
        }
        SourceError::Future { modified, .. } => {
            let at = modified.strftime("%Y-%m-%d %H:%M UTC");
            because(facts, format!("skriven {at}"), format!("written {at}"))
        }
        SourceError::DoneFile { line, what, .. } => {
            let row = |word: &str| line.map(|n| format!("{word} {n}: ")).unwrap_or_default();
            let sv = match what.strip_prefix("does not say how many rows ") {
                Some(rest) => {
                    format!("där står inte hur många rader {} har", rest.trim_end_matches(" has"))
                }
                None => swedish(what).to_owned(),
            };
            because(facts, format!("{}{sv}", row("rad")), format!("{}{what}", row("line")))
        }
        SourceError::TooLarge { size, limit, .. } => because(
            facts,
            format!("{size} byte, och max-file-size är {limit}"),
            format!("{size} bytes, and max-file-size is {limit}"),
        ),
        SourceError::NotAFile { what, .. } => {
            because(facts, format!("det är {}", swedish(what)), format!("it is {what}"))
        }
        SourceError::Owner { owner, .. } => because(
            facts,
            format!("kontot {owner} står inte i trusted-owners"),
            format!("user {owner} is not in trusted-owners"),
        ),
        SourceError::UnknownUser { user, .. } => because(
            facts.text(Placeholder::File, "trusted-owners"),
            format!("kontot {user} finns inte på den här datorn"),
            format!("this machine does not know the user {user}"),
        ),
    }
}

/// Why a file of an export cannot be used.
pub(super) fn of_file(error: &DecodeError) -> Facts {
    let mut facts = Facts::new().text(Placeholder::File, error.file());
    if let Some(line) = error.line() {
        facts = facts.number(Placeholder::Line, line);
    }
    match error {
        DecodeError::Cut { how, .. } | DecodeError::Quoting { how, .. } => {
            because(facts, swedish(how), *how)
        }
        DecodeError::Changed { .. } => {
            let why = "it changed while it was read";
            because(facts, swedish(why), why)
        }
        DecodeError::Unreadable { kind, .. } => of_system(facts, &(*kind).into()),
        DecodeError::Empty { kind, .. } => because(
            facts,
            format!("inga rader om {}", kind_in_swedish(*kind)),
            format!("no rows about any {kind}"),
        ),
        DecodeError::Encoding { column, declared, what, .. } => because(
            facts,
            format!("byte {column} på raden är inte {declared}: {}", swedish(what)),
            format!("byte {column} of the line is not {declared}: {what}"),
        ),
        DecodeError::Columns { faults, .. } => columns(facts, faults),
        DecodeError::Counts { expected, found, .. } => {
            let (sv, en) = match expected {
                Some(rows) => {
                    (format!("klarfilen säger {rows}"), format!("the done-file says {rows}"))
                }
                None => (
                    "klarfilen nämner den inte".to_owned(),
                    "the done-file does not name it".to_owned(),
                ),
            };
            because(facts, format!("{found} rader, {sv}"), format!("{found} rows, {en}"))
        }
        DecodeError::TooLarge { what, key, limit, .. } => because(
            facts,
            format!("{} är större än {key} tillåter ({limit})", swedish(what)),
            format!("{what} is larger than {key} allows ({limit})"),
        ),
        DecodeError::Shape { expected, found, .. } => because(
            facts,
            format!("{found} fält där det ska vara {expected}"),
            format!("{found} fields where {expected} are expected"),
        ),
        DecodeError::Outside { found, least, most, .. } => {
            facts.number(Placeholder::Count, *found).words(
                Placeholder::Limit,
                format!("{least} till {most}"),
                format!("{least} to {most}"),
            )
        }
    }
}

fn columns(facts: Facts, faults: &[ColumnFault]) -> Facts {
    let list = |one: &dyn Fn(&ColumnFault) -> String| {
        faults.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let sv = list(&|fault| match (fault.found, &fault.near) {
        (0, Some(near)) => format!("{} saknas (menade du {near}?)", fault.expected),
        (0, None) => format!("{} saknas", fault.expected),
        (found, _) => format!("{} står där {found} gånger", fault.expected),
    });
    let en = list(&|fault| match (fault.found, &fault.near) {
        (0, Some(near)) => format!("{} is missing (did you mean {near}?)", fault.expected),
        (0, None) => format!("{} is missing", fault.expected),
        (found, _) => format!("{} stands there {found} times", fault.expected),
    });
    because(facts, sv, en)
}

fn kind_in_swedish(kind: Kind) -> &'static str {
    match kind {
        Kind::School => "skolor",
        Kind::Person => "personer",
        Kind::Group => "grupper",
        Kind::Membership => "medlemskap",
        Kind::Relation => "relationer",
    }
}

fn because(facts: Facts, sv: impl Into<String>, en: impl Into<String>) -> Facts {
    facts.words(Placeholder::Detail, sv, en)
}
