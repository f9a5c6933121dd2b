//! `[site]`, `[schedule]` and `[retention]`.

use std::path::PathBuf;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::notify::language::Language;

/// `[site]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Site {
    /// The municipality's name, in every mail.
    pub name: String,
    /// Language of mails and the command line: `sv` unless set.
    #[serde(default)]
    pub language: Language,
    /// Time zone of dates and times: `Europe/Stockholm` unless set.
    #[serde(default)]
    pub timezone: Zone,
    /// The state folder: `/var/lib/rostergate` unless set.
    #[serde(default = "default_state")]
    pub state: PathBuf,
}

fn default_state() -> PathBuf {
    PathBuf::from("/var/lib/rostergate")
}

/// A time zone by its IANA name.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(pub TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Zone(TimeZone::get("Europe/Stockholm").expect("the zone data are built in"))
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        TimeZone::get(&name)
            .map(Zone)
            .map_err(|_| format!("{name:?} is no time zone: write one as \"Europe/Stockholm\""))
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "IANA name, as Europe/Stockholm" })
    }
}

/// `[schedule]`.
#[derive(Clone, Default, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Schedule {
    /// The hours in which files are delivered, as `["00:00", "06:30"]`; always unless set.
    pub deliver_between: Option<Hours>,
}

/// From one time of day to another, over midnight where the first is the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "[String; 2]")]
pub struct Hours {
    /// The first minute.
    pub from: Time,
    /// The last minute.
    pub through: Time,
}

impl Hours {
    /// Whether a time of day lies within.
    pub fn contain(&self, time: Time) -> bool {
        if self.from <= self.through {
            self.from <= time && time <= self.through
        } else {
            self.from <= time || time <= self.through
        }
    }
}

impl TryFrom<[String; 2]> for Hours {
    type Error = String;

    fn try_from([from, through]: [String; 2]) -> Result<Self, String> {
        let read = |text: &str| {
            let time = Time::strptime("%H:%M", text);
            time.map_err(|_| format!("{text:?} is no time of day: write it as \"06:30\""))
        };
        Ok(Hours { from: read(&from)?, through: read(&through)? })
    }
}

impl JsonSchema for Hours {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hours".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let time = serde_json::json!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$" });
        schemars::json_schema!({ "type": "array", "items": time, "minItems": 2, "maxItems": 2 })
    }
}

/// `[retention]`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Retention {
    /// Files that were sent, and held ones: `14d` unless set.
    pub sent_files: Days,
    /// Numbers of past runs, without personal data: `2y` unless set.
    pub history: Days,
    /// Keys of persons, groups and schools that a delivery removed: `180d` unless set.
    pub removals: Days,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { sent_files: Days(14), history: Days(730), removals: Days(180) }
    }
}

/// A length of time in whole days, written `14d` or `2y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Days(pub u32);

impl TryFrom<String> for Days {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no number of days: write \"14d\" or \"2y\"");
        let (number, unit) = text.split_at(text.len().saturating_sub(1));
        let number: u32 = number.parse().map_err(|_| wrong())?;
        let days = match unit {
            "d" => number,
            "y" => number.checked_mul(365).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        if days == 0 || days > 36_500 { Err(wrong()) } else { Ok(Days(days)) }
    }
}

impl JsonSchema for Days {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+[dy]$" })
    }
}
