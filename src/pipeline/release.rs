//! The ways in which what waited in a window is released.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How what waited in a window is released after it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// When a person approves the whole list, all at once.
    #[default]
    Approve,
    /// By itself, if it is within the limits; else as `approve`.
    Auto,
    /// So much a night, after a person has approved the whole list.
    Staged,
}

impl Release {
    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Release::Approve => "approve",
            Release::Auto => "auto",
            Release::Staged => "staged",
        }
    }

    /// The one that asks more of a person.
    #[must_use]
    pub fn stricter(self, other: Release) -> Release {
        let asks = |release| match release {
            Release::Auto => 0,
            Release::Staged => 1,
            Release::Approve => 2,
        };
        if asks(self) >= asks(other) { self } else { other }
    }
}

impl std::str::FromStr for Release {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let all = [Release::Approve, Release::Auto, Release::Staged];
        all.into_iter().find(|release| release.as_str() == word).ok_or(())
    }
}
