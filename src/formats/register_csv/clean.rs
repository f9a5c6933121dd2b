//! Clean-up of one value: what is always done, and what a municipality declares.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Which case a value is turned to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// Small letters.
    Lower,
    /// Capital letters.
    Upper,
}

/// Declared clean-up, in the order in which it is done: trim, after, before, strip, case.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clean {
    /// Whether white space at both ends goes. Without a word: from keys no, from the rest yes.
    pub trim: Option<bool>,
    /// Keep what stands after the first of these; nothing when it does not occur.
    pub after: Option<String>,
    /// Keep what stands before the first of these; everything when it does not occur.
    pub before: Option<String>,
    /// Take these characters off both ends.
    pub strip: Option<String>,
    /// Turn the letters to this case.
    pub case: Option<Case>,
}

impl Clean {
    /// Whether anything is declared.
    pub fn is_declared(&self) -> bool {
        *self != Clean::default()
    }

    /// The value cleaned, trimmed or not. Borrowed unless letters change.
    pub(super) fn apply<'t>(&self, value: Cow<'t, str>, trim: bool) -> Cow<'t, str> {
        match value {
            Cow::Borrowed(text) => self.apply_to(text, trim),
            Cow::Owned(text) => Cow::Owned(self.apply_to(&text, trim).into_owned()),
        }
    }

    fn apply_to<'t>(&self, text: &'t str, trim: bool) -> Cow<'t, str> {
        let ends = |text: &'t str| if trim { text.trim() } else { text };
        let mut text = ends(text);
        if let Some(mark) = &self.after {
            text = ends(text.split_once(mark.as_str()).map_or("", |(_, rest)| rest));
        }
        if let Some(mark) = &self.before {
            text = ends(text.split_once(mark.as_str()).map_or(text, |(rest, _)| rest));
        }
        if let Some(set) = &self.strip {
            text = ends(text.trim_matches(|c| set.contains(c)));
        }
        match self.case {
            Some(Case::Lower) if text.chars().any(|c| !c.is_lowercase()) => {
                Cow::Owned(text.to_lowercase())
            }
            Some(Case::Upper) if text.chars().any(|c| !c.is_uppercase()) => {
                Cow::Owned(text.to_uppercase())
            }
            _ => Cow::Borrowed(text),
        }
    }
}

/// Whether a value is printable ASCII: the common case, which needs nothing.
pub(super) fn is_plain(text: &str) -> bool {
    // Looking at all of them is quicker than stopping: the processor takes many at a time.
    text.bytes().fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte))
}

/// Whether a character cannot stand in XML 1.0, or is a control character: those break lines of
/// text, terminals and mails even where XML allows them.
pub(super) fn is_illegal(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// The value in the composed form, so that the same name always is the same bytes.
pub(super) fn composed(value: Cow<'_, str>) -> Cow<'_, str> {
    // Every character below U+0300 is composed already.
    if value.chars().all(|c| c < '\u{300}') || is_nfc(&value) {
        return value;
    }
    Cow::Owned(value.nfc().collect())
}

/// The value without illegal characters: those that part words become a space, others go.
pub(super) fn without_illegal(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut previous = ' ';
    for c in value.chars() {
        if matches!(c, '\t'..='\r' | '\u{85}') {
            if !(previous == '\r' && c == '\n') {
                out.push(' ');
            }
        } else if !is_illegal(c) {
            out.push(c);
        }
        previous = c;
    }
    out
}

/// Whether a spreadsheet would take the value for a formula.
pub(super) fn is_formula_like(raw: &str) -> bool {
    raw.starts_with('\t') || raw.trim_start().starts_with(['=', '+', '-', '@'])
}

/// Whether text looks like UTF-8 that somebody read as an eight-bit encoding: `Ã¥`, `Ã–`.
pub(super) fn is_mojibake(raw: &str) -> bool {
    let mut previous = ' ';
    raw.chars().any(|c| {
        let continued = matches!(c, '\u{80}'..='\u{BF}') || HIGH_1252.contains(c);
        let odd = c == char::REPLACEMENT_CHARACTER || (previous == 'Ã' && continued);
        previous = c;
        odd
    })
}

/// What windows-1252 makes of the bytes 80 to 9F.
const HIGH_1252: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clean: &Clean, text: &str, expected: &str) {
        assert_eq!(clean.apply(Cow::Borrowed(text), true), expected, "{text}");
        assert_eq!(clean.apply(Cow::Owned(text.to_owned()), true), expected, "{text}");
    }

    #[test]
    fn a_name_column_is_split() {
        let given = Clean { after: Some(", ".into()), ..Clean::default() };
        let family = Clean { before: Some(", ".into()), ..Clean::default() };
        check(&given, "Öberg, Åsa Maria", "Åsa Maria");
        check(&family, "Öberg, Åsa Maria", "Öberg");
        check(&given, "Öberg", "");
        check(&family, "Öberg", "Öberg");
    }

    #[test]
    fn braces_go_and_letters_turn_small() {
        let clean = Clean { strip: Some("{}".into()), case: Some(Case::Lower), ..Clean::default() };
        check(&clean, "{A1B2-Å}", "a1b2-å");
        check(&clean, "a1b2", "a1b2");
        check(&clean, "{}", "");
    }

    #[test]
    fn illegal_characters_part_words_or_go() {
        assert_eq!(
            without_illegal("An\u{1}na\r\nMaria\tE\u{85}K\u{B}L\u{FFFE}"),
            "Anna Maria E K L"
        );
    }

    #[test]
    fn mojibake_is_seen_in_both_eight_bit_encodings() {
        for text in ["Ã¥sa", "Ã–rjan", "Ã\u{96}rjan", "Br\u{FFFD}d"] {
            assert!(is_mojibake(text), "{text}");
        }
        for text in ["Åsa", "Örjan", "SÃO", "João", "Ã"] {
            assert!(!is_mojibake(text), "{text}");
        }
    }
}
