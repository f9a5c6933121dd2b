//! Making a roster fit a reader's limits: names are cut or spelt otherwise, anything else that
//! does not fit is left out, a key that does not fit is an error.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::char::is_combining_mark;

use crate::roster::code::Code;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;

/// A reference to something that the roster does not hold.
pub(super) const DANGLING: Code = Code(322);
/// Characters that the file cannot hold were replaced.
pub(super) const REPLACED: Code = Code(326);
/// A text was longer than the receiver takes.
pub(super) const TOO_LONG: Code = Code(340);
/// A school and a group have the same key.
pub(super) const SHARED_KEY: Code = Code(346);

/// How often what happened to which field: one issue for each, whatever the count.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<(Code, Severity, &'static str), u64>);

impl Tally {
    pub(super) fn note(&mut self, code: Code, severity: Severity, field: &'static str) {
        *self.0.entry((code, severity, field)).or_default() += 1;
    }

    pub(super) fn into_issues(self, document: &str) -> Vec<Issue> {
        let issue = |((code, severity, field), count): ((Code, Severity, &str), u64)| {
            Issue::of_file(code, severity, document).in_field(field).with(count.to_string())
        };
        self.0.into_iter().map(issue).collect()
    }
}

/// The longest start of `text` that is at most `max` UTF-16 units long, which is how most
/// receivers count, and that takes no letter apart from its accents. No blanks at its end.
pub(super) fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut units = 0;
    let Some((end, _)) = text.char_indices().find(|&(_, c)| {
        units += c.len_utf16();
        units > max
    }) else {
        return text;
    };
    let mut kept = &text[..end];
    let mut next = text[end..].chars().next();
    while next.is_some_and(joins) || kept.ends_with('\u{200d}') {
        next = kept.chars().next_back();
        kept = &kept[..kept.len() - next.map_or(0, char::len_utf8)];
    }
    let kept = if kept.is_empty() { &text[..end] } else { kept };
    kept.trim_end()
}

/// Whether a character belongs to the one before it.
fn joins(c: char) -> bool {
    c == '\u{200d}' || is_combining_mark(c) || matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether a text is longer than `max` UTF-16 units.
pub(super) fn longer(text: &str, max: usize) -> bool {
    text.len() > max && text.encode_utf16().count() > max
}

/// Names that a file cannot hold as they are, with the spelling that it can hold.
#[derive(Default)]
pub(super) struct Spellings(HashMap<String, String>);

impl Spellings {
    /// Spells every name of the roster that does not fit otherwise.
    pub(super) fn of(
        roster: &Roster,
        fits: impl Fn(&str) -> bool,
        spell: impl Fn(&str) -> String,
    ) -> Self {
        let mut spellings = HashMap::new();
        let mut look_at = |text: &str| {
            if !fits(text) {
                spellings.insert(text.to_owned(), spell(text));
            }
        };
        roster.schools().for_each(|school| look_at(school.name));
        for person in roster.persons() {
            let names = [person.given_name, person.family_name, person.school_year];
            names.into_iter().for_each(&mut look_at);
        }
        for group in roster.groups() {
            [group.name, group.term, group.course].into_iter().for_each(&mut look_at);
        }
        Spellings(spellings)
    }
}

/// Fits texts one by one and counts what it did.
pub(super) struct Fitter<'f> {
    pub(super) tally: Tally,
    spellings: &'f Spellings,
    fits: fn(&str) -> bool,
}

impl<'f> Fitter<'f> {
    pub(super) fn new(spellings: &'f Spellings, fits: fn(&str) -> bool) -> Self {
        Fitter { tally: Tally::default(), spellings, fits }
    }

    /// A name: spelt otherwise and cut where it must.
    pub(super) fn name(&mut self, field: &'static str, text: &'f str, max: usize) -> &'f str {
        let spelt = self.spellings.0.get(text);
        if spelt.is_some() {
            self.tally.note(REPLACED, Severity::Warning, field);
        }
        let text = spelt.map_or(text, String::as_str);
        if longer(text, max) {
            self.tally.note(TOO_LONG, Severity::Warning, field);
            return cut(text, max);
        }
        text
    }

    /// A text of which a part is worth nothing, an address for instance: whole or not at all.
    pub(super) fn whole(&mut self, field: &'static str, text: &'f str, max: usize) -> &'f str {
        let fault = self.fault(text, max);
        fault.map_or(text, |code| {
            self.tally.note(code, Severity::Warning, field);
            ""
        })
    }

    /// A key: an error when it does not fit.
    pub(super) fn key(&mut self, field: &'static str, text: &str, max: usize) {
        if let Some(code) = self.fault(text, max) {
            self.tally.note(code, Severity::Error, field);
        }
    }

    fn fault(&self, text: &str, max: usize) -> Option<Code> {
        if !(self.fits)(text) {
            return Some(REPLACED);
        }
        longer(text, max).then_some(TOO_LONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_takes_no_letter_apart() {
        assert_eq!(cut("Åsa", 3), "Åsa");
        assert_eq!(cut("Åsa", 2), "Ås");
        assert_eq!(cut("Asa\u{30a}", 3), "As");
        assert_eq!(cut("ab👩‍🎓", 3), "ab");
        assert_eq!(cut("ab👩‍🎓", 4), "ab");
        assert_eq!(cut("ab👩‍🎓", 7), "ab👩‍🎓");
        assert_eq!(cut("Anna Maria", 5), "Anna");
        assert_eq!(cut("\u{30a}\u{30a}\u{30a}", 2), "\u{30a}\u{30a}");
    }
}
