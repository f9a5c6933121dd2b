//! What a target was last told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::digest::Digest;
use crate::state::facts::ReceiverBinding;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::record::Record;
use crate::state::plan_record::StoredFile;

/// What a target was last told. A snapshot that is lost is an error, never `NeverDelivered`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineRecord {
    /// Nothing yet.
    NeverDelivered,
    /// This.
    Delivered(Delivered),
    /// Nobody knows which: publishing was begun and its outcome could not be settled.
    Unknown {
        /// What was certainly told before, if anything.
        last: Option<Delivered>,
        /// What may have been told since, oldest first; at least one.
        possible: Vec<Delivered>,
    },
}

impl BaselineRecord {
    /// Everything that the target may hold: none, one, or several.
    #[must_use]
    pub fn candidates(&self) -> Vec<&Delivered> {
        match self {
            Self::NeverDelivered => Vec::new(),
            Self::Delivered(delivered) => vec![delivered],
            Self::Unknown { last, possible } => last.iter().chain(possible).collect(),
        }
    }

    pub(super) fn candidates_mut(&mut self) -> Vec<&mut Delivered> {
        match self {
            Self::NeverDelivered => Vec::new(),
            Self::Delivered(delivered) => vec![delivered],
            Self::Unknown { last, possible } => last.iter_mut().chain(possible).collect(),
        }
    }

    /// Adds what may have been published.
    pub(super) fn with_possible(self, new: Delivered) -> Self {
        let (last, mut possible) = match self {
            Self::NeverDelivered => (None, Vec::new()),
            Self::Delivered(delivered) => (Some(delivered), Vec::new()),
            Self::Unknown { last, possible } => (last, possible),
        };
        possible.retain(|old| old.plan != new.plan);
        possible.push(new);
        Self::Unknown { last, possible }
    }

    /// Drops what turned out not to have been published.
    pub(super) fn without_possible(self, plan: &PlanId) -> Self {
        let Self::Unknown { last, mut possible } = self else { return self };
        possible.retain(|candidate| candidate.plan != *plan);
        match last {
            _ if !possible.is_empty() => Self::Unknown { last, possible },
            Some(delivered) => Self::Delivered(delivered),
            None => Self::NeverDelivered,
        }
    }
}

/// Something a target was told, or may have been told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivered {
    /// The plan whose files these are.
    pub plan: PlanId,
    /// Whom it was told.
    pub receiver: ReceiverBinding,
    /// How it was written.
    pub format_digest: Digest,
    /// Its key rules.
    pub key_rules: String,
    /// The snapshot.
    pub snapshot: StoredFile,
    /// The documents, in publishing order.
    pub documents: Vec<StoredFile>,
    /// When it was published, adopted, or perhaps published.
    pub delivered_at: Timestamp,
    /// When a run last judged against it; its age counts from here.
    pub judged_at: Timestamp,
    /// When the sources wrote what was told; `None` when adopted.
    pub exported_at: Option<Timestamp>,
    /// Digest of what was read from the sources; `None` when adopted.
    pub export_digest: Option<Digest>,
    /// How the final files looked at the receiver just after.
    pub finals: Vec<FinalStat>,
    /// Did a person say that the receiver holds this, rather than us sending it?
    pub adopted: bool,
}

/// How a final file looked at the receiver just after it was published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FinalStat {
    /// Its name.
    pub name: String,
    /// How many bytes, where that could be seen.
    pub size: Option<u64>,
    /// Its time at the receiver, seconds since 1970, where that could be seen.
    pub mtime: Option<i64>,
}

/// What was last certainly published to a target; adopting a baseline does not change it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastPublished {
    /// The plan.
    pub plan: PlanId,
    /// The run that delivered it.
    pub run: RunId,
    /// When the plan was begun.
    pub begun_at: Timestamp,
    /// When the sources wrote what it says.
    pub exported_at: Timestamp,
    /// Digest of what was read from the sources: one automatic delivery per target and export.
    pub export_digest: Digest,
    /// When.
    pub published_at: Timestamp,
}

/// A target's entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct TargetRecord {
    pub(super) name: String,
    pub(super) baseline: BaselineRecord,
    pub(super) last: Option<LastPublished>,
}

impl TargetRecord {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into(), baseline: BaselineRecord::NeverDelivered, last: None }
    }

    /// The plans that are the baseline now.
    pub(super) fn standing(&self) -> Vec<&PlanId> {
        self.baseline.candidates().into_iter().map(|delivered| &delivered.plan).collect()
    }

    /// Plans whose files must stay.
    pub(super) fn holds(&self, plan: &PlanId) -> bool {
        self.standing().contains(&plan)
    }
}

impl Record for TargetRecord {
    const TABLE: &'static str = "target";
    fn id(&self) -> &str {
        &self.name
    }
}
