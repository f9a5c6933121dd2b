//! Checked values of the format settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a text value that checks itself while the configuration is read.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $check:expr) => {
        $(#[$meta])*
        #[derive(
            Clone, PartialEq, Eq, PartialOrd, Ord, Debug,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(&text)?;
                Ok($name(text))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}
pub(super) use checked_text;

/// Text of 1 to `max` characters without control characters or blanks at its ends.
pub(super) fn short_text(text: &str, max: usize) -> Result<(), String> {
    let long = text.chars().count() > max;
    let odd = text.chars().any(|c| c.is_control() || is_noncharacter(c)) || text.trim() != text;
    if text.is_empty() || long || odd {
        return Err(format!(
            "must be 1 to {max} characters, without control characters and without blanks at \
             either end"
        ));
    }
    Ok(())
}

/// U+FFFE and U+FFFF, which XML forbids.
pub(super) fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

checked_text! {
    /// The name of a file at the receiver: a plain name, no path.
    FileName, |text| {
        short_text(text, 128)?;
        if text.starts_with('.') || text.contains(['/', '\\', ':', '*', '?', '<', '>', '|', '"']) {
            return Err("must be a plain file name: no folder, no leading dot, none of \
                        / \\ : * ? \" < > |"
                .to_owned());
        }
        Ok(())
    }
}

/// How lines of a text file end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineEnds {
    /// Carriage return and line feed, as RFC 4180 has it.
    #[default]
    Crlf,
    /// Line feed.
    Lf,
}

impl LineEnds {
    /// The bytes.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            LineEnds::Crlf => b"\r\n",
            LineEnds::Lf => b"\n",
        }
    }
}
