//! What is kept, and for how long.

use jiff::{Span, Timestamp, Zoned};
use rusqlite::Connection;

use crate::state::StateDir;
use crate::state::error::StateError;
use crate::state::files;
use crate::state::ids::PlanId;
use crate::state::ledger::outbox::Mail;
use crate::state::ledger::removals::Removal;
use crate::state::ledger::runs::RunRecord;
use crate::state::ledger::telltales::Telltale;
use crate::state::ledger::{Fault, baselines, decisions, record};
use crate::state::plan_record::{PlanRecord, PlanState};

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// The files of plans, and mails that were sent.
    pub sent_files: Span,
    /// Entries of runs, plans and decisions: numbers only.
    pub history: Span,
    /// Marks of what was removed: keys.
    pub removals: Span,
}

/// What retention removed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Pruned {
    /// Held plans whose time was up.
    pub expired: usize,
    /// Folders of plans.
    pub folders: usize,
    /// Entries of plans.
    pub plans: usize,
    /// Entries of runs.
    pub runs: usize,
    /// Mails.
    pub mails: usize,
    /// Marks of what was removed.
    pub removals: usize,
    /// Groups that gave somebody away, and that no register has had since.
    pub telltales: usize,
    /// Decisions.
    pub decisions: usize,
}

impl StateDir {
    /// Lets held plans expire, and removes what is older than `keep` says. What holds a baseline,
    /// may still be approved, or is not settled stays, however old.
    ///
    /// # Errors
    /// When the ledger or a folder cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn retention(&self, now: &Zoned, keep: &Retention) -> Result<Pruned, StateError> {
        self.room().assert_locked();
        // A span beyond the calendar keeps everything.
        let before = |span: Span| now.checked_sub(span).map_or(Timestamp::MIN, |at| at.timestamp());
        let (files, history) = (before(keep.sent_files), before(keep.history));
        let removals = before(keep.removals);
        let mut pruned = Pruned::default();
        let gone = self.ledger().change(|ledger| {
            pruned.expired = expire(ledger, now.timestamp())?;
            forget_files(ledger, files)
        })?;
        // The ledger first: what is half-removed after a crash is swept, and nobody relies on it.
        for plan in gone {
            let folder = self.room().plan_folder(&plan);
            files::remove_folder(&folder).map_err(|error| StateError::io(&folder, error))?;
            pruned.folders += 1;
        }
        // Entries go after their folders: files without an entry mean that the ledger is an older
        // copy.
        self.ledger().change(|ledger| {
            pruned.plans = forget_plans(ledger, history)?;
            pruned.runs = forget_runs(ledger, history)?;
            pruned.mails = forget_mails(ledger, files)?;
            pruned.removals = forget_removals(ledger, removals)?;
            pruned.telltales = forget_telltales(ledger, removals)?;
            pruned.decisions = decisions::forget(ledger, history)?;
            Ok(())
        })?;
        Ok(pruned)
    }
}

fn expire(ledger: &Connection, now: Timestamp) -> Result<usize, Fault> {
    let mut count = 0;
    for mut plan in record::select::<PlanRecord>(ledger, "WHERE state = 'held'", [])? {
        if plan.is_expired(now) {
            plan.state = PlanState::Expired;
            record::put(ledger, &plan)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Needed still, whatever its age?
fn stays(ledger: &Connection, plan: &PlanRecord) -> Result<bool, Fault> {
    let open = matches!(plan.state, PlanState::Held | PlanState::Begun);
    let baseline = baselines::target(ledger, &plan.target)?.holds(&plan.id);
    Ok(open || baseline || plan.state.is_unfinished())
}

fn forget_files(ledger: &Connection, before: Timestamp) -> Result<Vec<PlanId>, Fault> {
    let mut gone = Vec::new();
    for mut plan in record::select::<PlanRecord>(ledger, "WHERE files_erased = 0 ORDER BY n", [])? {
        if plan.begun_at < before && !stays(ledger, &plan)? {
            plan.files_erased = true;
            record::put(ledger, &plan)?;
            gone.push(plan.id);
        }
    }
    Ok(gone)
}

fn forget_plans(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let mut count = 0;
    for id in older::<PlanRecord>(ledger, "begun_at", before)? {
        let Some(plan) = record::get::<PlanRecord>(ledger, &id)? else { continue };
        if plan.files_erased && !stays(ledger, &plan)? {
            record::remove::<PlanRecord>(ledger, &id)?;
            count += 1;
        }
    }
    Ok(count)
}

fn forget_runs(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let mut count = 0;
    for id in older::<RunRecord>(ledger, "started_at", before)? {
        let mut plans =
            ledger.prepare_cached("SELECT 1 FROM plan WHERE run = ?1 OR sent_by = ?1")?;
        if !plans.exists([&id])? {
            record::remove::<RunRecord>(ledger, &id)?;
            count += 1;
        }
    }
    Ok(count)
}

fn forget_mails(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let mut count = 0;
    for mail in record::select::<Mail>(ledger, "WHERE sent = 1 ORDER BY n", [])? {
        if mail.queued_at < before {
            record::remove::<Mail>(ledger, &mail.id)?;
            count += 1;
        }
    }
    Ok(count)
}

fn forget_removals(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let old = older::<Removal>(ledger, "at", before)?;
    old.iter().try_for_each(|id| record::remove::<Removal>(ledger, id))?;
    Ok(old.len())
}

fn forget_telltales(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let old = older::<Telltale>(ledger, "at", before)?;
    old.iter().try_for_each(|id| record::remove::<Telltale>(ledger, id))?;
    Ok(old.len())
}

/// Ids of entries older than a moment, without reading the entries through.
fn older<R: record::Record>(
    ledger: &Connection,
    field: &str,
    before: Timestamp,
) -> Result<Vec<String>, Fault> {
    let sql = format!(
        "SELECT id FROM {} WHERE unixepoch(record ->> '$.{field}') < ?1 ORDER BY n",
        R::TABLE
    );
    let mut query = ledger.prepare_cached(&sql)?;
    let ids = query.query_map([before.as_second()], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}
