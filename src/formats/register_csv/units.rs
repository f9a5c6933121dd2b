//! Values that a municipality writes as text: time spans, sizes, file names, ranges of counts.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// A time span: a whole number and `s`, `m`, `h` or `d`, for instance `26h`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]+ ?[smhd]$"))]
pub struct TimeSpan(Duration);

impl TimeSpan {
    /// A number of seconds.
    pub const fn seconds(seconds: u64) -> Self {
        TimeSpan(Duration::from_secs(seconds))
    }

    /// The span as a duration.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
        parse_with_unit(&text, &units).map(TimeSpan::seconds).ok_or_else(|| {
            format!(
                "{text:?} is not a time span: give a whole number and s, m, h or d, as in \"26h\""
            )
        })
    }
}

/// A size: a whole number and `B`, `kB`, `MB` or `GB` (thousands), for instance `500MB`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]+ ?(B|kB|MB|GB)$"))]
pub struct Size(u64);

impl Size {
    /// A number of bytes.
    pub const fn of_bytes(bytes: u64) -> Self {
        Size(bytes)
    }

    /// The size in bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)];
        parse_with_unit(&text, &units).map(Size).filter(|size| size.0 > 0).ok_or_else(|| {
            format!(
                "{text:?} is not a size: give a whole number and B, kB, MB or GB, as in \"500MB\""
            )
        })
    }
}

fn parse_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, factor) =
        units.iter().find_map(|&(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let number = number.trim_end();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// The name of a file in the folder: no path, so that nothing outside the folder is ever read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct FileName(String);

impl FileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FileName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let odd = text.contains(['/', '\\']) || text.chars().any(char::is_control);
        if text.is_empty() || text == "." || text == ".." || odd {
            return Err(format!(
                "{text:?} is not a file name: give the name alone, without a folder"
            ));
        }
        Ok(FileName(text))
    }
}

/// The fewest and the most rows that are normal, as `[1000, 9000]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "[u64; 2]")]
#[schemars(with = "[u64; 2]")]
pub struct Range {
    /// The fewest.
    pub least: u64,
    /// The most.
    pub most: u64,
}

impl TryFrom<[u64; 2]> for Range {
    type Error = String;

    fn try_from([least, most]: [u64; 2]) -> Result<Self, String> {
        if least > most {
            return Err(format!("[{least}, {most}] is not a range: give the fewest first"));
        }
        Ok(Range { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_need_a_unit() {
        let span = |text: &str| TimeSpan::try_from(text.to_owned()).map(TimeSpan::duration);
        assert_eq!(span("26h"), Ok(Duration::from_secs(26 * 3600)));
        assert_eq!(span("2 d"), Ok(Duration::from_secs(172_800)));
        let size = |text: &str| Size::try_from(text.to_owned()).map(Size::bytes);
        assert_eq!(size("500MB"), Ok(500_000_000));
        assert_eq!(size("64kB"), Ok(64_000));
        for wrong in ["", "26", "h", "-1h", "1.5h", "+3h", "99999999999999999999h", "1 w"] {
            assert!(span(wrong).unwrap_err().contains("as in \"26h\""), "{wrong}");
        }
        for wrong in ["", "5", "MB", "5mb", "0MB", "99999999999999999GB"] {
            assert!(size(wrong).unwrap_err().contains("as in \"500MB\""), "{wrong}");
        }
    }

    #[test]
    fn a_file_name_never_leaves_the_folder() {
        for wrong in ["", ".", "..", "../x", "/etc/shadow", "a/b", "a\\b", "a\0b", "a\nb"] {
            assert!(FileName::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
        }
        assert!(FileName::try_from("elever åk 7.csv".to_owned()).is_ok());
    }

    #[test]
    fn a_range_has_its_fewest_first() {
        assert!(Range::try_from([1, 1]).is_ok());
        assert!(Range::try_from([9, 1]).is_err());
    }
}
