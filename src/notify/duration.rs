//! How long something may take, as people write it: `30s`, `2m`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// A patience from one second to one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct Patience(#[schemars(with = "String")] Duration);

impl Patience {
    pub(super) const fn seconds(seconds: u64) -> Self {
        Patience(Duration::from_secs(seconds))
    }

    /// The same as a duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for Patience {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let hint =
            || format!("{text:?} is not a time: give seconds or minutes, as \"30s\" or \"2m\"");
        let (digits, unit) = match text.strip_suffix('s') {
            Some(digits) => (digits, 1),
            None => (text.strip_suffix('m').ok_or_else(hint)?, 60),
        };
        let number: u64 = digits.parse().map_err(|_| hint())?;
        match number.checked_mul(unit) {
            Some(seconds @ 1..=3600) => Ok(Patience::seconds(seconds)),
            _ => Err(format!("{text:?} is not between 1s and 60m")),
        }
    }
}
