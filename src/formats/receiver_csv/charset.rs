//! Encodings of receivers' tables: all of them write ASCII as it is.

use std::borrow::Cow;

use encoding_rs::{WINDOWS_1252, mem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The encoding of the files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with a byte order mark, which spreadsheet programs ask for.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// Windows-1252.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// ISO 8859-1.
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

impl Encoding {
    /// The word used in the configuration.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Bom => "utf-8-bom",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Latin1 => "iso-8859-1",
        }
    }

    /// Whether every character of a text can be written.
    pub(super) fn fits(self) -> fn(&str) -> bool {
        match self {
            Encoding::Utf8 | Encoding::Utf8Bom => |_| true,
            Encoding::Windows1252 => |text| !WINDOWS_1252.encode(text).2,
            Encoding::Latin1 => mem::is_str_latin1,
        }
    }

    /// The bytes of a text.
    pub(super) fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Bom => Cow::Borrowed(text.as_bytes()),
            Encoding::Windows1252 => WINDOWS_1252.encode(text).0,
            Encoding::Latin1 if mem::is_str_latin1(text) => mem::encode_latin1_lossy(text),
            Encoding::Latin1 => Cow::Owned(self.spell(text).chars().map(|c| c as u8).collect()),
        }
    }

    /// The text of bytes; `None` when they are not in the encoding.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Encoding::Utf8 | Encoding::Utf8Bom => {
                std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
            }
            Encoding::Windows1252 => {
                WINDOWS_1252.decode_without_bom_handling_and_without_replacement(bytes)
            }
            Encoding::Latin1 => Some(mem::decode_latin1(bytes)),
        }
    }

    /// The nearest text that can be written: composed letters where there are some, letters
    /// without an accent that the encoding lacks, `?` for the rest.
    pub(super) fn spell(self, text: &str) -> String {
        let fits = |c: char| self.fits()(c.encode_utf8(&mut [0; 4]));
        let mut spelt = String::with_capacity(text.len());
        for c in text.nfc() {
            let base = std::iter::once(c).nfd().next().unwrap_or(c);
            if fits(c) {
                spelt.push(c);
            } else if base != c && fits(base) {
                spelt.push(base);
            } else if !is_combining_mark(c) {
                spelt.push('?');
            }
        }
        spelt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_stays_as_near_as_the_encoding_allows() {
        let spell = |text| Encoding::Windows1252.spell(text);
        assert_eq!(spell("A\u{30a}sa"), "Åsa");
        assert_eq!(spell("Gerő"), "Gero");
        assert_eq!(spell("Łódź"), "?ódz");
        assert_eq!(spell("Ann–Marie €"), "Ann–Marie €");
        assert_eq!(Encoding::Latin1.spell("Ann–Marie €"), "Ann?Marie ?");
        assert_eq!(spell("李"), "?");
    }
}
