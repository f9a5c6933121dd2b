//! Grace, and what the calendar says for one receiver on one day.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pending::Pending;
use super::percent::Limit;
use super::window::{Hold, Open, Release, Window, two_percent};
use crate::roster::words::Kind;

/// `[grace]`: outside windows, how many days what is missing stays.
#[derive(Clone, Copy, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Grace {
    /// Persons, with their memberships: `0d` unless set.
    pub persons: Option<GraceDays>,
    /// Groups, with their memberships: `0d` unless set.
    pub groups: Option<GraceDays>,
    /// Memberships of persons and groups that stay: `0d` unless set.
    pub memberships: Option<GraceDays>,
}

impl Grace {
    /// These, and where they say nothing, `below`.
    #[must_use]
    pub fn over(self, below: Grace) -> Grace {
        Grace {
            persons: self.persons.or(below.persons),
            groups: self.groups.or(below.groups),
            memberships: self.memberships.or(below.memberships),
        }
    }

    /// Days for a kind.
    pub fn days(&self, kind: Kind) -> u32 {
        let days = match kind {
            Kind::Person => self.persons,
            Kind::Group => self.groups,
            Kind::Membership => self.memberships,
            // A school stays as long as anybody in it, a relation as long as both its ends.
            Kind::School | Kind::Relation => None,
        };
        days.map_or(0, |days| days.0)
    }

    /// Whether anything is ever kept.
    pub fn is_none(&self) -> bool {
        [Kind::Person, Kind::Group, Kind::Membership].iter().all(|&kind| self.days(kind) == 0)
    }
}

/// A number of days up to a year, written `14d`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct GraceDays(pub u32);

impl TryFrom<String> for GraceDays {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
        let days = number.filter(|days| *days <= 365).map(GraceDays);
        days.ok_or_else(|| format!("{text:?} is no number of days: write \"0d\" to \"365d\""))
    }
}

impl From<GraceDays> for String {
    fn from(days: GraceDays) -> String {
        format!("{}d", days.0)
    }
}

impl JsonSchema for GraceDays {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GraceDays".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]{1,3}d$" })
    }
}

/// What the calendar says for one receiver on one day.
#[derive(Clone, Default, Debug)]
pub struct Season {
    /// The window that is open, if any.
    pub open: Option<Open>,
    /// How long what is missing stays outside windows.
    pub grace: Grace,
    /// The windows for this receiver, by name: how each is released.
    pub windows: Vec<(String, Release, Limit<10>)>,
}

impl Season {
    /// The calendar for a receiver on a day.
    pub fn of(windows: &[Window], target: &str, grace: Grace, today: Date) -> Season {
        let ours: Vec<&Window> = windows.iter().filter(|window| window.is_for(target)).collect();
        Season {
            open: ours.iter().find_map(|window| window.open_on(today)),
            grace,
            windows: ours
                .iter()
                .map(|window| {
                    (
                        window.name.as_str().to_owned(),
                        window.release,
                        window.per_night.unwrap_or(two_percent()),
                    )
                })
                .collect(),
        }
    }

    /// The open window in which removals wait and the rest is sent.
    pub fn holding(&self) -> Option<&Open> {
        self.open.as_ref().filter(|open| open.hold != Hold::All)
    }

    /// Whether nothing at all is delivered.
    pub fn pause(&self) -> Option<&Open> {
        self.open.as_ref().filter(|open| open.hold == Hold::All)
    }

    /// How something that waited is released: as when it went missing, or as the configuration
    /// says now, whichever asks more of a person.
    pub fn release_of(&self, pending: &Pending) -> Release {
        pending.release.stricter(self.release(&pending.window).0)
    }

    /// How many days of grace something that is missing has: as then or as now, whichever is more.
    pub fn grace_of(&self, pending: &Pending) -> u32 {
        pending.grace.max(self.grace.days(pending.kind))
    }

    /// How what waited in a window is released. A window that is no longer in the configuration
    /// still needs a person's approval.
    pub fn release(&self, window: &str) -> (Release, Limit<10>) {
        let known = self.windows.iter().find(|(name, ..)| name == window);
        known.map_or((Release::Approve, two_percent()), |(_, release, share)| (*release, *share))
    }
}
