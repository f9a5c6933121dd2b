//! Why a run or one target's part of it came to nothing: a code, and facts for its message.

use super::{reasons, source_reasons};
use crate::delivery::DeliveryError;
use crate::formats::register_csv::DecodeError;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::pipeline::plan::PlanError;
use crate::roster::code::Code;
use crate::roster::issue::Issue;
use crate::secrets::SecretError;
use crate::sources::SourceError;
use crate::state::StateError;

/// A failure as staff are told it. Holds no personal data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which message.
    pub code: Code,
    /// What fills it.
    pub facts: Facts,
    /// Faults in the data behind it, where that is what it is about.
    pub issues: Vec<Issue>,
}

impl Failure {
    /// A failure without faults in the data.
    pub fn new(code: Code, facts: Facts) -> Failure {
        Failure { code, facts, issues: Vec::new() }
    }

    /// A failure of which only a technical text is known.
    pub fn detail(code: Code, detail: impl Into<String>) -> Failure {
        Failure::new(code, Facts::new().text(Placeholder::Detail, detail))
    }

    /// The same about a target.
    #[must_use]
    pub fn at_target(mut self, target: &str) -> Failure {
        self.facts = self.facts.text(Placeholder::Target, target);
        self
    }

    /// The worst fault in the data.
    pub fn of_issues(worst: &Issue, issues: Vec<Issue>) -> Failure {
        Failure { code: worst.code, facts: Facts::of_issue(worst), issues }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        Failure::new(error.code(), source_reasons::of_source(&error))
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Failure {
        Failure::new(error.code(), source_reasons::of_file(&error))
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Failure {
        Failure::detail(error.code(), error.to_string())
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Failure {
        Failure::new(error.code(), reasons::of_state(&error))
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Failure {
        Failure::new(error.code(), reasons::of_secret(&error))
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Failure {
        Failure::new(error.code(), reasons::of_delivery(Facts::new(), &error))
    }
}
