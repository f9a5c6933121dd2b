//! What is written down about a plan when its files are whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pipeline::counts::Counts;
use crate::pipeline::rules::Rules;
use crate::pipeline::verdict::Verdict;
use crate::state::digest::Digest;
use crate::state::ids::PlanId;
use crate::state::kept::Kept;

/// Who is told: a baseline holds only for this receiver.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiverBinding {
    /// `production` or `test`.
    pub environment: String,
    /// Host and port; empty for a folder on this machine.
    pub host: String,
    /// The account there.
    pub user: String,
    /// The folder there.
    pub folder: String,
    /// The format's kind: `ims-enterprise`, `csv` …
    pub format: String,
    /// The names of the documents, in the order in which they are published.
    pub files: Vec<String>,
}

impl ReceiverBinding {
    /// What differs, by key name; empty when it is the same receiver.
    #[must_use]
    pub fn moved(&self, other: &Self) -> Vec<String> {
        let differences = [
            ("environment", self.environment != other.environment),
            ("host", self.host != other.host),
            ("user", self.user != other.user),
            ("folder", self.folder != other.folder),
            ("format", self.format != other.format),
            ("file-name", self.files != other.files),
        ];
        differences.iter().filter(|(_, differs)| *differs).map(|(key, _)| (*key).into()).collect()
    }
}

/// What is written down about a plan. Counts, codes, digests and names of schools and files only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanFacts {
    /// Who would be told.
    pub receiver: ReceiverBinding,
    /// Digest of the format's settings and the encoder's revision.
    pub format_digest: Digest,
    /// Version and rules of keys and normalisation, as in the snapshot's header.
    pub key_rules: String,
    /// Digest of whatever in the configuration decides what is sent.
    pub config_digest: Digest,
    /// Digest of what was read from the sources.
    pub export_digest: Digest,
    /// When the sources wrote it.
    pub exported_at: Timestamp,
    /// The program's version.
    pub version: String,
    /// The numbers.
    pub counts: Kept<Counts>,
    /// The filter's answer.
    pub verdict: Kept<Verdict>,
    /// The delivered plan that it was compared with; `None` when with nothing.
    pub baseline: Option<PlanId>,
    /// Is it a first delivery to this receiver?
    pub first_delivery: bool,
    /// How many removals a person confirms.
    pub removals: u64,
    /// How many persons are sent: what a person confirms at a first delivery.
    pub persons: u64,
    /// Until when it may be approved.
    pub expires: Timestamp,
    /// What beside the register decided what is told; `None` in entries of older programs.
    #[serde(default)]
    pub rules: Option<Kept<Rules>>,
    /// How many persons the registers marked as protected; `None` where that is not known.
    #[serde(default)]
    pub marked: Option<u64>,
    /// It is the last file minus persons who are protected since, past the filter.
    #[serde(default)]
    pub withdrawal: bool,
}
