//! How long an export has said the same: a register that has stopped exporting in earnest leaves
//! fresh files with yesterday's content, night after night.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ExportMark;

/// After so many school days without a change, staff are told.
pub const FROZEN_AFTER: u32 = 5;

/// How far back school days are counted one by one.
const MOST_DAYS: i32 = 400;

/// How long an export's files have had the content that they have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Standing {
    /// The day on which this content was first read.
    pub since: Date,
    /// The last day that is counted.
    pub through: Date,
    /// School days after the first through the last.
    pub school_days: u32,
}

impl Standing {
    /// Whether staff should look.
    pub fn is_frozen(&self) -> bool {
        self.school_days >= FROZEN_AFTER
    }
}

impl ExportMark {
    /// How long this export's content stands on `today`, when `last` is the mark of the one before
    /// it. Times of files do not count: the same content written anew is the same content.
    pub fn standing_on(
        &self,
        today: Date,
        last: Option<&ExportMark>,
        is_school_day: impl Fn(Date) -> bool,
    ) -> Standing {
        let before = last.filter(|last| self.says_the_same(last));
        let Some(before) = before.and_then(|last| last.standing.as_ref()) else {
            return Standing { since: today, through: today, school_days: 0 };
        };
        let days = (1..=MOST_DAYS).map_while(|days| before.through.checked_add(day(days)).ok());
        let new = days.take_while(|&date| date <= today).filter(|&date| is_school_day(date));
        Standing {
            since: before.since,
            through: today.max(before.through),
            school_days: before.school_days + u32::try_from(new.count()).unwrap_or(0),
        }
    }

    fn says_the_same(&self, other: &ExportMark) -> bool {
        let contents = |mark: &ExportMark| -> Vec<(String, String)> {
            let files = mark.files.iter();
            files.map(|(name, file)| (name.clone(), file.digest.clone())).collect()
        };
        contents(self) == contents(other)
    }
}

fn day(days: i32) -> jiff::Span {
    jiff::Span::new().days(days)
}

#[cfg(test)]
mod tests {
    use super::super::FileMark;
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::Weekday;

    fn mark(content: &str, hour: i64) -> ExportMark {
        let modified = Timestamp::from_second(hour * 3600).expect("a time");
        let file = FileMark { digest: content.to_owned(), modified };
        ExportMark {
            done_file: Some(file.clone()),
            files: [("personer.csv".to_owned(), file)].into(),
            standing: None,
        }
    }

    fn monday_to_friday(date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// One night a day from Monday the 24th of August 2026, each with a new time stamp.
    fn nights(contents: &[&str], school: impl Fn(Date) -> bool + Copy) -> Vec<u32> {
        let first: Date = "2026-08-24".parse().expect("a date");
        let mut last: Option<ExportMark> = None;
        let mut days = Vec::new();
        for (night, content) in contents.iter().enumerate() {
            let night = i32::try_from(night).expect("few");
            let mut now = mark(content, i64::from(night) * 24);
            let standing = now.standing_on(first + day(night), last.as_ref(), school);
            days.push(standing.school_days);
            now.standing = Some(standing);
            last = Some(now);
        }
        days
    }

    #[test]
    fn school_days_count_and_weekends_do_not() {
        let all = nights(&["a"; 9], monday_to_friday);
        assert_eq!(all, [0, 1, 2, 3, 4, 4, 4, 5, 6]);
        let holiday = nights(&["a"; 9], |_| false);
        assert_eq!(holiday, [0; 9]);
    }

    #[test]
    fn another_content_begins_anew_and_so_does_a_mark_of_an_older_program() {
        assert_eq!(nights(&["a", "a", "b", "b", "a"], monday_to_friday), [0, 1, 0, 1, 0]);
        let today = "2026-08-28".parse().expect("a date");
        let standing = mark("a", 5).standing_on(today, Some(&mark("a", 4)), monday_to_friday);
        assert_eq!((standing.since, standing.school_days), (today, 0));
        let old = r#"{"done-file":null,"files":{}}"#;
        assert!(serde_json::from_str::<ExportMark>(old).expect("readable").standing.is_none());
    }

    #[test]
    fn nights_without_a_run_count_and_a_clock_set_back_takes_nothing_away() {
        let monday: Date = "2026-08-24".parse().expect("a date");
        let standing = Standing { since: monday, through: monday, school_days: 0 };
        let last = ExportMark { standing: Some(standing), ..mark("a", 0) };
        let later = mark("a", 9).standing_on(monday + day(7), Some(&last), monday_to_friday);
        assert_eq!((later.school_days, later.is_frozen()), (5, true));
        let last = ExportMark { standing: Some(later.clone()), ..last };
        let back = mark("a", 9).standing_on(monday + day(2), Some(&last), monday_to_friday);
        assert_eq!(back, later);
        let far = "9999-12-31".parse().expect("a date");
        let far = mark("a", 9).standing_on(far, Some(&last), monday_to_friday);
        assert!(far.school_days < 400);
    }
}
