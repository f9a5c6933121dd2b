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

/// A patience from one second to one minute, for whoever answers at once or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct ShortPatience(#[schemars(with = "String")] Duration);

impl ShortPatience {
    pub(super) const fn seconds(seconds: u64) -> Self {
        ShortPatience(Duration::from_secs(seconds))
    }

    /// The same as a duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for ShortPatience {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let patience = Patience::try_from(text.clone())?.get();
        if patience > Duration::from_secs(60) {
            return Err(format!("{text:?} is not between 1s and 1m"));
        }
        Ok(ShortPatience(patience))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_patience_ends_at_a_minute() {
        let short = |text: &str| ShortPatience::try_from(text.to_owned());
        assert_eq!(short("10s").map(ShortPatience::get), Ok(Duration::from_secs(10)));
        assert_eq!(short("1m").map(ShortPatience::get), Ok(Duration::from_secs(60)));
        for text in ["61s", "2m", "60m"] {
            assert!(short(text).is_err_and(|why| why.ends_with("between 1s and 1m")), "{text}");
        }
        assert!(short("0s").is_err() && short("1h").is_err());
    }
}
