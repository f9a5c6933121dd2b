//! The calendar of the safety filter: windows in which removals wait, pauses, and grace.
//!
//! A window is a stretch of days with a name. While it is open nothing that went missing is
//! judged; when it ends, what was kept waits on until it is released.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::percent::Limit;
pub use super::release::Release;

/// `[[window]]`: a stretch of days, both ends counted in, in the site's time zone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Window {
    /// The name that every message uses.
    pub name: WindowName,
    /// The receivers it is for: all unless set.
    pub targets: Option<Vec<String>>,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub through: Day,
    /// Whether the same days come every year.
    #[serde(default)]
    pub yearly: bool,
    /// What waits: `["remove"]`, `["remove", "change"]`, or `"all"` for a pause.
    pub hold: Hold,
    /// How what waited is released afterwards: `approve` unless set.
    #[serde(default)]
    pub release: Release,
    /// With `release = "staged"`: the share of what the receiver holds that may go a night, of
    /// each kind: 2% unless set.
    #[serde(default)]
    pub per_night: Option<Limit<10>>,
    /// Limits on what is new while the window is open, in place of those in `[limits]`.
    #[serde(default)]
    pub add: Adds,
}

pub(super) const fn two_percent() -> Limit<10> {
    Limit::of(2000)
}

/// Limits on what is new, by kind, as a share of what was last told.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Adds {
    /// Persons.
    pub persons: Option<Limit<300>>,
    /// Groups.
    pub groups: Option<Limit<300>>,
    /// Memberships.
    pub memberships: Option<Limit<300>>,
    /// Relations.
    pub relations: Option<Limit<300>>,
}

/// A window's name: one line of at most 60 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct WindowName(String);

impl WindowName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WindowName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let fits = !name.trim().is_empty() && name.chars().count() <= 60;
        if fits && !name.chars().any(char::is_control) {
            return Ok(WindowName(name));
        }
        Err("a window's name is one line of 1 to 60 characters".to_owned())
    }
}

impl From<WindowName> for String {
    fn from(name: WindowName) -> String {
        name.0
    }
}

impl JsonSchema for WindowName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WindowName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 60 })
    }
}

/// A day, written as a TOML date: `2027-06-14`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(try_from = "toml::value::Datetime", into = "toml::value::Datetime")]
pub struct Day(pub Date);

impl TryFrom<toml::value::Datetime> for Day {
    type Error = String;

    fn try_from(written: toml::value::Datetime) -> Result<Self, String> {
        let wrong = || format!("{written} is no day: write a date alone, as 2027-06-14");
        let (Some(date), None) = (written.date, written.time) else { return Err(wrong()) };
        let year = i16::try_from(date.year).map_err(|_| wrong())?;
        let (month, day) = (i8::try_from(date.month), i8::try_from(date.day));
        let (Ok(month), Ok(day)) = (month, day) else { return Err(wrong()) };
        Date::new(year, month, day).map(Day).map_err(|_| wrong())
    }
}

impl From<Day> for toml::value::Datetime {
    fn from(Day(date): Day) -> Self {
        date.to_string().parse().expect("jiff writes dates as TOML does")
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

/// What waits while a window is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// Removals.
    Removals,
    /// Removals, and changes of what the receiver knows: only new data go through.
    RemovalsAndChanges,
    /// Everything: a pause.
    All,
}

impl Serialize for Hold {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Hold::Removals => ["remove"].as_slice().serialize(serializer),
            Hold::RemovalsAndChanges => ["remove", "change"].as_slice().serialize(serializer),
            Hold::All => serializer.serialize_str("all"),
        }
    }
}

const HOLDS: &str = "[\"remove\"], [\"remove\", \"change\"] or \"all\"";

impl<'de> Deserialize<'de> for Hold {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Hold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(HOLDS)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Hold, E> {
                match text {
                    "all" => Ok(Hold::All),
                    _ => Err(E::custom(format!("hold is {HOLDS}, not {text:?}"))),
                }
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Hold, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element::<String>()? {
                    words.push(word);
                }
                words.sort_unstable();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                match words[..] {
                    ["remove"] => Ok(Hold::Removals),
                    ["change", "remove"] => Ok(Hold::RemovalsAndChanges),
                    _ => Err(serde::de::Error::custom(format!("hold is {HOLDS}"))),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Hold {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hold".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let words = serde_json::json!({ "enum": ["remove", "change"] });
        schemars::json_schema!({
            "oneOf": [
                { "const": "all" },
                { "type": "array", "items": words, "minItems": 1, "maxItems": 2, "uniqueItems": true },
            ]
        })
    }
}

/// A window on the day it is open.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Open {
    /// Its name.
    pub name: String,
    /// Its first day this time.
    pub from: Date,
    /// Its last day this time.
    pub through: Date,
    /// What waits.
    pub hold: Hold,
    /// How it is released afterwards.
    pub release: Release,
    /// Limits on what is new meanwhile.
    pub add: Adds,
}

impl Window {
    /// Whether it is for a receiver.
    pub fn is_for(&self, target: &str) -> bool {
        self.targets.as_ref().is_none_or(|names| names.iter().any(|name| name == target))
    }

    /// The window if it is open on a day.
    pub fn open_on(&self, day: Date) -> Option<Open> {
        let (from, through) =
            self.days_around(day).find(|(from, to)| *from <= day && day <= *to)?;
        let Window { hold, release, add, .. } = *self;
        Some(Open { name: self.name.0.clone(), from, through, hold, release, add })
    }

    /// Its first and last day: the ones written, and for a yearly one those near a day.
    fn days_around(&self, day: Date) -> impl Iterator<Item = (Date, Date)> {
        let (from, through, yearly) = (self.from.0, self.through.0, self.yearly);
        let years = i32::from(day.year()) - i32::from(from.year());
        let shifts = if yearly { (years - 1)..=(years + 1) } else { 0..=0 };
        shifts.filter(|shift| *shift >= 0).filter_map(move |shift| {
            let shift = Span::new().try_years(shift).ok()?;
            Some((from.checked_add(shift).ok()?, through.checked_add(shift).ok()?))
        })
    }

    /// What contradicts itself in a window.
    pub fn contradiction(&self) -> Option<String> {
        let (from, through) = (self.from.0, self.through.0);
        if through < from {
            return Some(format!("it ends ({through}) before it begins ({from})"));
        }
        if self.per_night.is_some() && self.release != Release::Staged {
            return Some("per-night belongs to release = \"staged\"".to_owned());
        }
        let year = from.checked_add(1.year()).unwrap_or(Date::MAX);
        if self.yearly && through >= year {
            return Some("a yearly window is shorter than a year".to_owned());
        }
        None
    }

    /// Whether two windows are ever open on one day for one receiver.
    pub fn meets(&self, other: &Window) -> bool {
        let common = match (&self.targets, &other.targets) {
            (Some(a), Some(b)) => a.iter().any(|name| b.contains(name)),
            _ => true,
        };
        let days = |a: &Window, b: &Window| {
            let day = b.from.0;
            let mut starts = b.days_around(a.from.0).chain(b.days_around(a.through.0));
            a.open_on(day).is_some() || starts.any(|(from, _)| a.open_on(from).is_some())
        };
        common && (days(self, other) || days(other, self))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn window(text: &str) -> Window {
        toml::from_str(&format!("name = \"W\"\nhold = [\"remove\"]\n{text}")).expect("a window")
    }

    #[test]
    fn both_ends_are_counted_in() {
        let summer = window("from = 2027-06-14\nthrough = 2027-09-05");
        for (day, open) in [
            (date(2027, 6, 13), false),
            (date(2027, 6, 14), true),
            (date(2027, 9, 5), true),
            (date(2027, 9, 6), false),
            (date(2028, 7, 1), false),
        ] {
            assert_eq!(summer.open_on(day).is_some(), open, "{day}");
        }
    }

    #[test]
    fn a_yearly_window_comes_again_and_may_pass_new_year() {
        let winter = window("from = 2026-12-20\nthrough = 2027-01-07\nyearly = true");
        for (day, open) in [
            (date(2025, 12, 24), false),
            (date(2026, 12, 24), true),
            (date(2027, 1, 7), true),
            (date(2027, 1, 8), false),
            (date(2030, 1, 1), true),
            (date(2030, 12, 19), false),
            (date(2030, 12, 20), true),
        ] {
            assert_eq!(winter.open_on(day).is_some(), open, "{day}");
        }
        assert_eq!(
            winter.open_on(date(2030, 1, 1)).map(|open| open.through),
            Some(date(2030, 1, 7))
        );
    }

    #[test]
    fn windows_that_meet_are_found() {
        let summer = window("from = 2027-06-14\nthrough = 2027-09-05\nyearly = true");
        let within = window("from = 2029-08-01\nthrough = 2029-08-02");
        let around = window("from = 2027-01-01\nthrough = 2027-12-31");
        let after = window("from = 2027-09-06\nthrough = 2027-09-07");
        let elsewhere = window("from = 2027-07-01\nthrough = 2027-07-02\ntargets = [\"a\"]");
        assert!(summer.meets(&within) && within.meets(&summer));
        assert!(summer.meets(&around) && around.meets(&summer));
        assert!(!summer.meets(&after) && !after.meets(&summer));
        let other = Window { targets: Some(vec!["b".to_owned()]), ..summer.clone() };
        assert!(summer.meets(&elsewhere) && !other.meets(&elsewhere));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        assert!(window("from = 2027-06-14\nthrough = 2027-06-13").contradiction().is_some());
        let long = window("from = 2027-06-14\nthrough = 2028-06-14\nyearly = true");
        assert!(long.contradiction().is_some());
        assert!(window("from = 2027-06-14\nthrough = 2027-06-14").contradiction().is_none());
        for bad in ["hold = []", "hold = [\"change\"]", "hold = \"remove\"", "hold = [\"add\"]"] {
            let text = format!("name = \"W\"\nfrom = 2027-06-14\nthrough = 2027-09-05\n{bad}");
            assert!(toml::from_str::<Window>(&text).is_err(), "{bad}");
        }
        assert!(
            toml::from_str::<Window>(
                "name = \"W\"\nhold = \"all\"\nfrom = 2027-06-14T10:00:00\nthrough = 2027-09-05"
            )
            .is_err()
        );
    }
}
