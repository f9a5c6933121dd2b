//! Pauses: nothing is delivered, the plan is still made and told.

use jiff::civil::Date;

use super::failure::Failure;
use super::tonight::Evening;
use crate::notify::night::Outcome;
use crate::pipeline::verdict::Verdict;

/// Why nothing is delivered tonight.
pub(super) struct Paused {
    through: Date,
    window: Option<String>,
    by: Option<String>,
}

impl Evening<'_> {
    /// A pause by hand, or a window that holds everything.
    pub(super) fn pause(&self) -> Result<Option<Paused>, Failure> {
        let today = self.context.now.date();
        let by_hand = self.state.pause()?.filter(|pause| pause.holds(today));
        let of_calendar = self.aim.season(today);
        let of_calendar = of_calendar.pause();
        Ok(match (by_hand, of_calendar) {
            (Some(pause), _) => {
                Some(Paused { through: pause.until, window: None, by: Some(pause.who) })
            }
            (None, Some(open)) => {
                Some(Paused { through: open.through, window: Some(open.name.clone()), by: None })
            }
            (None, None) => None,
        })
    }
}

impl Paused {
    /// What is told of the night.
    pub(super) fn outcome(self, verdict: Verdict) -> Outcome {
        let Paused { through, window, by } = self;
        Outcome::Paused { through, window, by, verdict }
    }
}
