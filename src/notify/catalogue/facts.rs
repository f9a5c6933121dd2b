//! The facts that a message is filled with. None of them can be about a person.

use crate::notify::language::Language;
use crate::notify::number;
use crate::roster::issue::Issue;

macro_rules! placeholders {
    ($($(#[$doc:meta])* $name:ident $text:literal $sv:literal $en:literal,)*) => {
        /// A place in a message that is filled in when it is shown.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Placeholder { $($(#[$doc])* $name,)* }

        impl Placeholder {
            /// Every placeholder.
            pub const ALL: &'static [Placeholder] = &[$(Placeholder::$name,)*];

            /// The name between the braces.
            pub fn as_str(self) -> &'static str {
                match self { $(Placeholder::$name => $text,)* }
            }

            /// What stands there when the fact is not known, as in `help CODE`.
            pub fn unknown(self, language: Language) -> &'static str {
                match self { $(Placeholder::$name => language.of($sv, $en),)* }
            }
        }
    };
}

placeholders! {
    /// Name of a file.
    File "file" "FIL" "FILE",
    /// Line in the file, from 1.
    Line "line" "N" "N",
    /// Name of a column or of a configuration key.
    Field "field" "NAMN" "NAME",
    /// Name of a receiver.
    Target "target" "MOTTAGARE" "RECEIVER",
    /// Name of a register.
    Source "source" "REGISTER" "REGISTER",
    /// How many.
    Count "count" "N" "N",
    /// Of how many.
    Of "of" "N" "N",
    /// The limit.
    Limit "limit" "N" "N",
    /// Technical facts that need no translation.
    Detail "detail" "…" "…",
    /// Id of a plan.
    Plan "plan" "P-…" "P-…",
    /// Id of a run.
    Run "run" "R-…" "R-…",
    /// A server's name.
    Host "host" "SERVER" "SERVER",
    /// The fingerprint that a server shows.
    Shown "shown" "SHA256:…" "SHA256:…",
    /// The fingerprint that was agreed.
    Pinned "pinned" "SHA256:…" "SHA256:…",
    /// A path on this machine or at the receiver.
    Path "path" "SÖKVÄG" "PATH",
    /// Name of a secret, never its value.
    Secret "secret" "NAMN" "NAME",
    /// What is wrong with the register's export now, in a few words.
    Export "export" "FEL" "FAULT",
    /// When something ends.
    Until "until" "TID" "TIME",
}

impl Placeholder {
    /// The placeholder with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|placeholder| placeholder.as_str() == name)
    }
}

/// What is known about one message.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Facts(Vec<(Placeholder, Fact)>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Fact {
    Text(String),
    Words { sv: String, en: String },
    Number(u64),
    Percent(u32),
}

impl Facts {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a text, which must not be personal data; an empty text is no fact.
    #[must_use]
    pub fn text(self, place: Placeholder, text: impl Into<String>) -> Self {
        let text = one_line(&text.into());
        if text.is_empty() { self } else { self.with(place, Fact::Text(text)) }
    }

    /// The same with a text in both languages, which must not be personal data.
    #[must_use]
    pub fn words(self, place: Placeholder, sv: impl Into<String>, en: impl Into<String>) -> Self {
        let (sv, en) = (one_line(&sv.into()), one_line(&en.into()));
        self.with(place, Fact::Words { sv, en })
    }

    /// The same with a path on this machine.
    #[must_use]
    pub fn path(self, path: &std::path::Path) -> Self {
        self.text(Placeholder::Path, path.display().to_string())
    }

    /// These facts and others, whose word on a placeholder counts.
    #[must_use]
    pub fn and(mut self, others: Facts) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The same with a number, written as the language writes it.
    #[must_use]
    pub fn number(self, place: Placeholder, number: u64) -> Self {
        self.with(place, Fact::Number(number))
    }

    /// The same with a share in thousandths of a percent.
    #[must_use]
    pub fn percent(self, place: Placeholder, thousandths: u32) -> Self {
        self.with(place, Fact::Percent(thousandths))
    }

    /// The place and details of a fault in the data.
    pub fn of_issue(issue: &Issue) -> Self {
        let facts = Facts::new()
            .text(Placeholder::File, issue.file.as_str())
            .text(Placeholder::Field, issue.field.clone().unwrap_or_default())
            .text(Placeholder::Detail, issue.detail.as_str());
        match issue.line {
            Some(line) => facts.number(Placeholder::Line, line),
            None => facts,
        }
    }

    /// A known fact, as the language writes it.
    pub(super) fn get(&self, place: Placeholder, language: Language) -> Option<String> {
        // The last word on a placeholder counts.
        let (_, fact) = self.0.iter().rev().find(|(known, _)| *known == place)?;
        Some(match fact {
            Fact::Text(text) => text.clone(),
            Fact::Words { sv, en } => language.of(sv, en).clone(),
            Fact::Number(number) => number::count(*number, language),
            Fact::Percent(thousandths) => number::percent(*thousandths, language),
        })
    }

    fn with(mut self, place: Placeholder, fact: Fact) -> Self {
        self.0.push((place, fact));
        self
    }
}

/// The text on one line, without control characters and without the marks that turn text around.
///
/// File names, school names and a server's words may hold anything: nothing of it may start a new
/// mail header, colour a terminal or show a command backwards.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if is_not_shown(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A longer name of a school is cut: an export in which a thousand of them hold a page each must
/// not make a mail that no server takes.
const LONGEST_NAME: usize = 80;

/// The name of a school, on one line and of a length that a mail bears.
pub fn school(name: &str) -> String {
    let name = one_line(name);
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{} …", name[..end].trim_end()),
        None => name,
    }
}

/// Control characters, and what nobody sees.
pub(in crate::notify) fn is_not_shown(c: char) -> bool {
    c.is_control() || is_unseen(c)
}

/// Line separators, direction marks, zero-width characters and the byte order mark.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}
