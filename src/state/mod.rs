//! THE LOGBOOK: the state directory.
//!
//! ```text
//! <state>/ledger.sqlite3              runs, plans, baselines, decisions … (schemas/state*.sql)
//! <state>/lock                        held by the one process that may change anything
//! <state>/runs/<plan>/payload/…       the bytes that are, or would be, sent
//! <state>/runs/<plan>/snapshot.zst    becomes the baseline if the plan is delivered
//! <state>/runs/<plan>/changes.csv     for people
//! <state>/runs/<plan>/pending.txt     what the plan holds back, and what it removes and why
//! ```
//!
//! One plan's way through the room; each step consumes the one before, and none can be made
//! anywhere else, so what holds a [`Cleared`] passed the filter or was approved by a person:
//!
//! ```text
//! StateDir::begin ─▶ Begun ─prepare─▶ Prepared ─clear─▶ Cleared ─note…─▶ accept | unknown | abandon
//!                                          └─▶ Held   ─ StateDir::held ─▶ HeldPlan ─approve─▶ Cleared
//! StateDir::unfinished ─▶ Unfinished ─resume─▶ Cleared        (what a crash left; same bytes)
//! ```
//!
//! Two doors: [`StateDir`] may change things and is what a run holds under its [`Lock`];
//! [`StateReader`] only looks, creates nothing, and takes an absent directory as an empty one.

mod adopt;
mod approval;
mod baseline;
mod begun;
mod cleared;
pub mod digest;
mod dir;
pub mod document;
mod error;
mod facts;
pub mod files;
mod held;
mod ids;
mod kept;
mod ledger;
mod lock;
mod pending;
mod plan_record;
mod prepared;
mod retention;
mod settle;
mod step;
mod sweep;
mod unfinished;

pub use adopt::AdoptFacts;
pub use approval::{Approval, Moved, Today};
pub use baseline::{BaselineRecord, Delivered, FinalStat, LastPublished};
pub use begun::Begun;
pub use cleared::{Cleared, Receipt};
pub use digest::Digest;
pub use dir::{StateDir, StateReader};
pub use document::Document;
pub use error::{PrepareError, StateError};
pub use facts::{PlanFacts, ReceiverBinding};
pub use held::HeldPlan;
pub use ids::{PlanId, RunId};
pub use kept::Kept;
pub use ledger::decisions::{Broken, BrokenLink, ChainReport, Decision};
pub use ledger::outbox::{Mail, NewMail};
pub use ledger::pauses::Pause;
pub use ledger::pins::Pin;
pub use ledger::removals::Removal;
pub use ledger::runs::{MailState, RunEnd, RunRecord, RunStart};
pub use ledger::withdrawals::Withdrawn;
pub use lock::{Lock, Turn};
pub use plan_record::{PlanRecord, PlanState, StoredFile};
pub use prepared::{Held, Prepared};
pub use retention::{Pruned, Retention};
pub use step::Step;
pub use unfinished::Unfinished;
