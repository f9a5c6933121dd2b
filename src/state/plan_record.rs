//! A plan's entry in the ledger.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::pipeline::counts::Counts;
use crate::pipeline::verdict::Verdict;
use crate::state::approval::Approval;
use crate::state::digest::Digest;
use crate::state::facts::PlanFacts;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::record::Record;

/// Where a plan stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanState {
    /// Its files are being written.
    Begun,
    /// It came to nothing; nothing was published.
    Failed,
    /// It waits for a person.
    Held,
    /// A newer run judged its target.
    Superseded,
    /// Nobody approved it in time.
    Expired,
    /// It may go out; nothing has left.
    Cleared,
    /// Temporary files may be at the receiver.
    Uploading,
    /// Whole temporary files are at the receiver.
    Uploaded,
    /// The final names may have changed.
    Publishing,
    /// The final names have changed.
    Published,
    /// Whether the final names changed could not be found out.
    Unknown,
    /// Delivered: the receipt is in the record.
    Delivered,
    /// Not ours: a person said that the receiver holds this.
    Adopted,
}

impl PlanState {
    /// The word used in JSON and in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Cleared => "cleared",
            Self::Uploading => "uploading",
            Self::Uploaded => "uploaded",
            Self::Publishing => "publishing",
            Self::Published => "published",
            Self::Unknown => "unknown",
            Self::Delivered => "delivered",
            Self::Adopted => "adopted",
        }
    }

    /// On its way out, with an end that is not written down yet?
    #[must_use]
    pub fn is_unfinished(self) -> bool {
        use PlanState::{Cleared, Published, Publishing, Unknown, Uploaded, Uploading};
        matches!(self, Cleared | Uploading | Uploaded | Publishing | Published | Unknown)
    }
}

/// A stored file, by its digest; its place follows from the plan's id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its name; for a document, the name at the receiver.
    pub name: String,
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Digest,
}

/// A plan's entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Its id.
    pub id: PlanId,
    /// Whose part of the run it is.
    pub target: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// Where it stands.
    pub state: PlanState,
    /// The run that planned it.
    pub run: RunId,
    /// Why it failed, or why its outcome is unknown: a code's number.
    pub code: Option<u16>,
    /// The run that took its place.
    pub superseded_by: Option<RunId>,
    /// What was planned; `None` until its files are whole.
    pub facts: Option<PlanFacts>,
    /// The plans that were this target's baseline when it was judged: none, one, or, while an
    /// outcome is unknown, several.
    pub judged_against: Vec<PlanId>,
    /// What would be sent.
    pub documents: Vec<StoredFile>,
    /// What becomes the baseline.
    pub snapshot: Option<StoredFile>,
    /// What it holds back, and what it removes and why; adopted baselines and plans of older
    /// versions have none.
    #[serde(default)]
    pub pending: Option<StoredFile>,
    /// Who released it.
    pub approval: Option<Approval>,
    /// Approvals whose delivery failed before anything was published.
    pub earlier_approvals: Vec<Approval>,
    /// The run that last set out to deliver it.
    pub sent_by: Option<RunId>,
    /// The temporary names at the receiver, in the documents' order.
    pub temps: Vec<String>,
    /// Their times at the receiver, seconds since 1970.
    pub temp_mtimes: Vec<Option<i64>>,
    /// Was `Publishing` ever noted? Stays so when the same bytes are uploaded again.
    pub maybe_published: bool,
    /// When it was published.
    pub delivered_at: Option<Timestamp>,
    /// The proof of delivery, as delivery wrote it.
    pub receipt: Option<Value>,
    /// Its files are gone; retention erased them.
    pub files_erased: bool,
}

impl PlanRecord {
    pub(super) fn new(id: PlanId, target: &str, run: RunId, begun_at: Timestamp) -> Self {
        Self {
            id,
            target: target.into(),
            begun_at,
            state: PlanState::Begun,
            run,
            code: None,
            superseded_by: None,
            facts: None,
            judged_against: Vec::new(),
            documents: Vec::new(),
            snapshot: None,
            pending: None,
            approval: None,
            earlier_approvals: Vec::new(),
            sent_by: None,
            temps: Vec::new(),
            temp_mtimes: Vec::new(),
            maybe_published: false,
            delivered_at: None,
            receipt: None,
            files_erased: false,
        }
    }

    /// Its numbers, when it got so far and today's program still reads them.
    #[must_use]
    pub fn counts(&self) -> Option<Counts> {
        self.facts.as_ref()?.counts.read()
    }

    /// The filter's answer, when it got so far and today's program still reads it.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.facts.as_ref()?.verdict.read()
    }

    /// Is the time to approve it up?
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.facts.as_ref().is_some_and(|facts| now >= facts.expires)
    }
}

impl Record for PlanRecord {
    const TABLE: &'static str = "plan";
    fn id(&self) -> &str {
        self.id.as_str()
    }
}
