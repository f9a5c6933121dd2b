//! A person's yes to one plan, and what makes the plan too old for it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::baseline::TargetRecord;
use crate::state::digest::Digest;
use crate::state::facts::PlanFacts;
use crate::state::ids::{PlanId, RunId};
use crate::state::plan_record::PlanRecord;

/// A person's yes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// Who, as the system knows them.
    pub who: String,
    /// Why, in their words.
    pub reason: String,
    /// The number they typed: removals, or persons at a first delivery.
    pub confirmed: u64,
    /// When.
    pub at: Timestamp,
    /// They said that the receiver holds nothing yet.
    pub receiver_empty: bool,
}

/// How things stand today, to compare with how they stood when the plan was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Today {
    /// The run that is to deliver.
    pub run: RunId,
    /// See [`PlanFacts::config_digest`].
    pub config_digest: Digest,
    /// See [`PlanFacts::format_digest`].
    pub format_digest: Digest,
    /// Is a person in the stored bytes marked as protected now?
    pub protection_moved: bool,
    /// Did anything go to the receiver under another name since?
    pub told_otherwise: bool,
}

/// What moved since a plan was judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moved {
    /// The target was told something else since, or its baseline was adopted.
    Baseline,
    /// The configuration.
    Configuration,
    /// The encoder or the format's settings.
    Encoder,
    /// A newer run judged the target.
    NewerRun {
        /// Which.
        run: RunId,
    },
    /// Its time is up.
    Expired,
    /// A protection marking.
    Protection,
    /// Deliveries pause, or a window has opened in which removals wait.
    Calendar,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Baseline => f.write_str("the target's baseline is another one now"),
            Self::Configuration => f.write_str("the configuration has changed"),
            Self::Encoder => f.write_str("the encoder or the format's settings have changed"),
            Self::NewerRun { run } => write!(f, "run {run} has judged the target since"),
            Self::Expired => f.write_str("it has expired"),
            Self::Protection => f.write_str("a protection marking has changed"),
            Self::Calendar => f.write_str("deliveries pause, or a window has opened"),
        }
    }
}

/// What moved under a plan: its baseline first, for that is what it was judged by.
pub(super) fn moved(
    plan: &PlanRecord,
    facts: &PlanFacts,
    target: &TargetRecord,
    today: &Today,
) -> Option<Moved> {
    let standing: Vec<&PlanId> =
        target.standing().into_iter().filter(|id| **id != plan.id).collect();
    if today.told_otherwise || !standing.into_iter().eq(&plan.judged_against) {
        return Some(Moved::Baseline);
    }
    if facts.config_digest != today.config_digest {
        // The format is part of the configuration: say the narrower thing when it is the cause.
        let encoder = facts.format_digest != today.format_digest;
        return Some(if encoder { Moved::Encoder } else { Moved::Configuration });
    }
    if facts.format_digest != today.format_digest {
        return Some(Moved::Encoder);
    }
    today.protection_moved.then_some(Moved::Protection)
}
