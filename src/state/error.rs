//! What can go wrong with the state directory.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::roster::code::Code;
use crate::state::{Moved, PlanId};

/// What can go wrong with the state directory. Texts hold paths, plans and codes only.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another process holds the lock.
    #[error("{path} is locked by {purpose}, process {pid}, since {since}", path = .path.display(),
        pid = .pid.map_or_else(|| "unknown".into(), |pid| pid.to_string()),
        since = .since.map_or_else(|| "unknown".into(), |since| since.to_string()))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The holder's process id, when it has written it down.
        pid: Option<u32>,
        /// Since when.
        since: Option<Timestamp>,
        /// What the holder does: `run`, `approve` …
        purpose: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk or quota is full.
    #[error("{path}: no space left: {source}", path = .path.display())]
    Full {
        /// What was being written.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Others may write in the state directory.
    #[error("{path}: others may write here (mode {mode:04o}); it must be 0700", path = .path.display())]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The ledger is damaged. Never taken for an empty one.
    #[error("{path} is damaged: {what}", path = .path.display())]
    Corrupt {
        /// The ledger.
        path: PathBuf,
        /// What does not hold.
        what: String,
    },
    /// There are plans on disk but no ledger that knows them.
    #[error("{path} is gone, though plans lie beside it", path = .path.display())]
    LedgerMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is a plan on disk that the ledger, put back from a backup, has never heard of.
    #[error("{path} lies there, and the ledger does not know it: the ledger is an older one", path = .path.display())]
    LedgerBehind {
        /// The plan's folder.
        path: PathBuf,
    },
    /// A stored file is gone, or its bytes are not those that were written.
    #[error("{path}: the stored bytes are {what}", path = .path.display())]
    BytesChanged {
        /// The file.
        path: PathBuf,
        /// `gone` or `changed`.
        what: &'static str,
    },
    /// The ledger was written by a newer version of the program.
    #[error("{path} is of version {found}, this program knows {known}", path = .path.display())]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this program reads.
        known: i64,
    },
    /// The ledger was written by an older version, and may only be looked at.
    #[error("{path} is of version {found}; the next run brings it to {known}", path = .path.display())]
    Older {
        /// The ledger.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Today's.
        known: i64,
    },
    /// No plan has this id or start of an id.
    #[error("no plan is named {typed:?}")]
    NoSuchPlan {
        /// As typed.
        typed: String,
    },
    /// Several plans start like this.
    #[error("{count} plans start with {typed:?}")]
    Ambiguous {
        /// As typed.
        typed: String,
        /// How many.
        count: usize,
    },
    /// The plan is not held (any more).
    #[error("plan {plan} is not held: it is {state}")]
    NotHeld {
        /// The plan.
        plan: PlanId,
        /// Its state, as in JSON: `delivered`, `failed` …
        state: &'static str,
    },
    /// What the plan was judged by is no longer so.
    #[error("plan {plan} is stale: {moved}")]
    Stale {
        /// The plan.
        plan: PlanId,
        /// What moved.
        moved: Moved,
    },
    /// Sending these bytes would put an older file over a newer one.
    #[error("plan {plan} is older than {published}, which was published since")]
    WouldRollBack {
        /// The plan.
        plan: PlanId,
        /// The newer one.
        published: PlanId,
    },
    /// The number that was typed is not the plan's.
    #[error("plan {plan}: {typed} was typed, which is not the number to confirm")]
    WrongNumber {
        /// The plan.
        plan: PlanId,
        /// What was typed.
        typed: u64,
    },
    /// A first delivery, and nothing says what the receiver holds.
    #[error("plan {plan} is a first delivery: what the receiver holds is not known")]
    FirstDelivery {
        /// The plan.
        plan: PlanId,
    },
    /// A document's name cannot be a file's name.
    #[error("{name:?} cannot be the name of one document among its plan's")]
    Name {
        /// The name.
        name: String,
    },
    /// A step was noted, or a result recorded, that cannot follow the step before.
    #[error("plan {plan}: {step} cannot follow {state}")]
    OutOfOrder {
        /// The plan.
        plan: PlanId,
        /// What was to be recorded.
        step: &'static str,
        /// The plan's state.
        state: &'static str,
    },
    /// An older plan of the target may have been published, and that was not settled.
    #[error("whether plan {plan} was published is not settled")]
    Unsettled {
        /// The older plan.
        plan: PlanId,
    },
    /// A pause holds already.
    #[error("a pause holds until {until}")]
    AlreadyPaused {
        /// Its last day.
        until: Date,
    },
    /// No pause holds.
    #[error("no pause holds")]
    NotPaused,
    /// A run that is not in the ledger.
    #[error("run {run} is not in the ledger")]
    NoSuchRun {
        /// Its id.
        run: String,
    },
    /// The database refused for another reason.
    #[error("{path}: {source}", path = .path.display())]
    Ledger {
        /// The ledger.
        path: PathBuf,
        /// The reason.
        source: rusqlite::Error,
    },
}

impl StateError {
    /// The stable code that `help` explains.
    #[must_use]
    pub fn code(&self) -> Code {
        Code(match self {
            Self::Locked { .. } => 500,
            Self::Unwritable { .. }
            | Self::Full { .. }
            | Self::Exposed { .. }
            | Self::Ledger { .. } => 501,
            Self::Corrupt { .. }
            | Self::LedgerMissing { .. }
            | Self::LedgerBehind { .. }
            | Self::BytesChanged { .. } => 502,
            Self::Newer { .. } | Self::Older { .. } => 503,
            Self::NoSuchPlan { .. } | Self::Ambiguous { .. } => 504,
            Self::NotHeld { .. } => 505,
            Self::WrongNumber { .. } => 506,
            Self::Stale { .. } | Self::WouldRollBack { .. } => 331,
            Self::FirstDelivery { .. } => 333,
            Self::Unsettled { .. } => 338,
            Self::AlreadyPaused { .. } | Self::NotPaused => 366,
            Self::Name { .. } | Self::OutOfOrder { .. } | Self::NoSuchRun { .. } => 901,
        })
    }

    /// An error of the file system at `path`.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full { path, source }
            }
            _ => Self::Unwritable { path, source },
        }
    }
}

/// Why a plan could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError<E> {
    /// The state directory failed, or an encoder did while writing into it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The finished files, read back, are not what the plan says.
    #[error("the finished files, read back, are not the plan")]
    ReadBack(#[source] E),
}
