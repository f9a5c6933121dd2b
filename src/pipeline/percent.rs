//! Shares in exact arithmetic: no floating point decides whether pupils are removed.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A share in thousandths of a percent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Percent(u32);

impl Percent {
    /// So many thousandths of a percent.
    pub const fn thousandths(thousandths: u32) -> Self {
        Percent(thousandths)
    }

    /// In thousandths of a percent.
    pub fn in_thousandths(self) -> u32 {
        self.0
    }

    /// Whether `count` of `of` is more than this share: `100 · count > percent · of`.
    pub fn exceeded_by(self, count: u64, of: u64) -> bool {
        u128::from(count) * 100_000 > u128::from(self.0) * u128::from(of)
    }
}

impl FromStr for Percent {
    type Err = String;

    /// Reads `5%`, `0.5%` and `7.25 %`: digits, a point, at most three decimals, a percent sign.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a share: write digits and a percent sign, as in \"5%\" or \"0.5%\""
            )
        };
        let number = text.strip_suffix('%').ok_or_else(wrong)?.trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 6 || decimals.len() > 3 {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let thousandths: u32 = format!("{decimals:0<3}").parse().map_err(|_| wrong())?;
        Ok(Percent(whole * 1000 + thousandths))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, self.0 % 1000);
        if rest == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{rest:03}").trim_end_matches('0'))
    }
}

/// A limit that may not be set above `MAX` percent, however it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit<const MAX: u32>(Percent);

impl<const MAX: u32> Limit<MAX> {
    /// A limit known at compile time, in thousandths of a percent.
    pub const fn of(thousandths: u32) -> Self {
        assert!(thousandths <= MAX * 1000, "a default stays below its ceiling");
        Limit(Percent(thousandths))
    }

    /// The share.
    pub fn share(self) -> Percent {
        self.0
    }
}

impl<const MAX: u32> TryFrom<String> for Limit<MAX> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let share: Percent = text.parse()?;
        if share > Percent(MAX * 1000) {
            return Err(format!("{share} is above the ceiling: give 0% to {MAX}%"));
        }
        Ok(Limit(share))
    }
}

impl<const MAX: u32> From<Limit<MAX>> for String {
    fn from(limit: Limit<MAX>) -> String {
        limit.0.to_string()
    }
}

impl<const MAX: u32> JsonSchema for Limit<MAX> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("LimitUpTo{MAX}Percent").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]{1,3})? ?%$",
            "description": format!("a share from 0% to {MAX}%"),
        })
    }
}

/// A number that may not be set above `MAX`: above it, a small town's filter would be off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct UpTo<const MAX: u32>(u32);

impl<const MAX: u32> UpTo<MAX> {
    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl<const MAX: u32> TryFrom<u64> for UpTo<MAX> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(small) if small <= MAX => Ok(UpTo(small)),
            _ => Err(format!("{number} is above the ceiling: give 0 to {MAX}")),
        }
    }
}

impl<const MAX: u32> From<UpTo<MAX>> for u64 {
    fn from(number: UpTo<MAX>) -> u64 {
        u64::from(number.0)
    }
}

impl<const MAX: u32> JsonSchema for UpTo<MAX> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("NumberUpTo{MAX}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_plain_shares_are_read() {
        for good in ["0%", "5%", "5 %", "0.5%", "100%", "7.125%"] {
            assert!(good.parse::<Percent>().is_ok(), "{good}");
        }
        for bad in ["nan%", "inf%", "-0%", "1e999%", "5,0%", "", "5", "%", "5.%", "5.1234%", "+5%"]
        {
            assert!(bad.parse::<Percent>().is_err(), "{bad}");
        }
        assert_eq!(
            "250%".to_owned().try_into().map(|l: Limit<30>| l.share().0),
            Err("250% is above the ceiling: give 0% to 30%".to_owned())
        );
    }

    #[test]
    fn a_limit_is_exceeded_only_above_it() {
        let five: Percent = "5%".parse().expect("a share");
        assert!(!five.exceeded_by(5, 100));
        assert!(five.exceeded_by(6, 100));
        assert!(five.exceeded_by(5, 99));
        assert!(five.exceeded_by(1, 0), "something of nothing is above every share");
        assert!(!five.exceeded_by(0, 0));
        assert!(five.exceeded_by(u64::MAX, u64::MAX));
    }
}
