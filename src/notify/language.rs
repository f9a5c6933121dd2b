//! The two languages that staff can be told in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language of mails, reports and the command line.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
}

impl Language {
    /// Both languages.
    pub const ALL: [Language; 2] = [Language::Sv, Language::En];

    /// The language tag, as in `<html lang>` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        self.of("sv", "en")
    }

    /// The one of two values that is in this language.
    pub fn of<T>(self, sv: T, en: T) -> T {
        match self {
            Language::Sv => sv,
            Language::En => en,
        }
    }
}
