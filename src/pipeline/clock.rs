//! The clock against the last run's: a wrong one must not expire, age or release anything.

use jiff::{SignedDuration, Timestamp};

use super::verdict::Breach;

/// A run may start so much earlier than the last one did: clocks are set right.
const BACK: SignedDuration = SignedDuration::from_hours(1);
/// A run may start so much later than the last one did: a summer.
const AHEAD: SignedDuration = SignedDuration::from_hours(40 * 24);

/// Whether `now` can be right after a run that started at `last`.
pub fn astray(last: Timestamp, now: Timestamp) -> Option<Breach> {
    let passed = now.duration_since(last);
    let wrong = passed < -BACK || passed > AHEAD;
    let minutes = passed.as_secs().unsigned_abs() / 60;
    wrong.then_some(Breach::Clock { backwards: passed.is_negative(), minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_an_hour_behind_and_forty_days_ahead_and_no_more() {
        let last: Timestamp = "2026-08-24T02:15:00Z".parse().expect("a time");
        let at = |seconds: i64| astray(last, last + SignedDuration::from_secs(seconds));
        let (hour, days) = (3600, 40 * 24 * 3600);
        for seconds in [0, 1, -1, -hour, hour, 24 * hour, days - 1, days] {
            assert_eq!(at(seconds), None, "{seconds} s");
        }
        let clock = |backwards, minutes| Some(Breach::Clock { backwards, minutes });
        assert_eq!(at(-hour - 1), clock(true, 60));
        assert_eq!(at(-24 * hour), clock(true, 24 * 60));
        assert_eq!(at(days + 1), clock(false, 40 * 24 * 60));
        assert_eq!(at(3650 * 24 * hour), clock(false, 3650 * 24 * 60));
        assert_eq!(at(-3650 * 24 * hour), clock(true, 3650 * 24 * 60));
    }
}
