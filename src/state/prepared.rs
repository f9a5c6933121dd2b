//! A plan whose files are whole, and the interlock: only what may go out becomes [`Cleared`].

use std::sync::Arc;

use crate::state::cleared::Cleared;
use crate::state::dir::Room;
use crate::state::document::Document;
use crate::state::ids::PlanId;
use crate::state::plan_record::{PlanRecord, PlanState};

/// A plan whose files are whole and read back, written down with its verdict.
#[must_use = "a plan that is prepared is cleared or held"]
pub struct Prepared {
    room: Arc<Room>,
    plan: PlanRecord,
    documents: Vec<Document>,
}

/// A plan that waits for a person: nothing of it is sent until [`HeldPlan`](crate::state::HeldPlan)
/// is approved.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "a plan that is held must be told to someone"]
pub struct Held {
    plan: Box<PlanRecord>,
}

impl Held {
    /// The plan's entry.
    #[must_use]
    pub fn record(&self) -> &PlanRecord {
        &self.plan
    }
}

impl Prepared {
    pub(super) fn new(room: Arc<Room>, plan: PlanRecord, documents: Vec<Document>) -> Self {
        Self { room, plan, documents }
    }

    /// The plan's id.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.plan.id
    }

    /// The plan's entry.
    #[must_use]
    pub fn record(&self) -> &PlanRecord {
        &self.plan
    }

    /// The finished files.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Lets the plan go out if the filter passed it.
    ///
    /// # Errors
    /// `Held` when it did not.
    pub fn clear(self) -> Result<Cleared, Held> {
        if self.plan.state == PlanState::Cleared {
            Ok(Cleared::new(self.room, self.plan, self.documents))
        } else {
            Err(Held { plan: Box::new(self.plan) })
        }
    }
}
