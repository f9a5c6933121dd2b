//! How a plan ends, each as one change of the ledger: entry, baseline and owed mail together.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::state::baseline::{BaselineRecord, Delivered, LastPublished, TargetRecord};
use crate::state::cleared::Receipt;
use crate::state::error::StateError;
use crate::state::facts::PlanFacts;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::decisions::{self, About};
use crate::state::ledger::removals;
use crate::state::ledger::runs::{self, RunRecord};
use crate::state::ledger::{Fault, baselines, plans, record};
use crate::state::pending::Told;
use crate::state::plan_record::{PlanRecord, PlanState};

/// Not gone out, and nothing at the receiver but perhaps temporary files.
const WAITING: &str = "state IN ('held', 'cleared', 'uploading', 'uploaded')";

/// A newer plan of the target takes the place of those that have not been published.
pub(super) fn supersede_waiting(
    ledger: &Connection,
    target: &str,
    by: &RunId,
) -> Result<(), Fault> {
    for plan in plans::of_target(ledger, target, WAITING)? {
        if !plan.maybe_published {
            supersede(ledger, plan, Some(by))?;
        }
    }
    Ok(())
}

/// What may be at the receiver must be the baseline, or one of its candidates, before anything is
/// judged: a plan that a crash cut off while publishing is settled first.
pub(super) fn refuse_unsettled(ledger: &Connection, target: &TargetRecord) -> Result<(), Fault> {
    let open = plans::unfinished(ledger, &target.name)?;
    match open.into_iter().find(|plan| plan.maybe_published && !target.holds(&plan.id)) {
        Some(plan) => Err(StateError::Unsettled { plan: plan.id }.into()),
        None => Ok(()),
    }
}

/// What the receiver holds is known again: what became of older plans no longer matters.
pub(super) fn supersede_unsettled(
    ledger: &Connection,
    target: &str,
    by: Option<&RunId>,
) -> Result<(), Fault> {
    plans::unfinished(ledger, target)?.into_iter().try_for_each(|plan| supersede(ledger, plan, by))
}

fn supersede(ledger: &Connection, mut plan: PlanRecord, by: Option<&RunId>) -> Result<(), Fault> {
    plan.state = PlanState::Superseded;
    plan.superseded_by = by.cloned();
    record::put(ledger, &plan)
}

/// Checks that the run is known, and notes that a mail must tell of it.
pub(super) fn note_news(ledger: &Connection, run: &RunId, news: bool) -> Result<RunRecord, Fault> {
    if news { runs::owe_mail(ledger, run) } else { runs::update(ledger, run, |_| ()) }
}

/// Published: receipt, baseline, last export, what was removed, the decision, and owed mail.
pub(super) fn accept(
    ledger: &Connection,
    id: &PlanId,
    receipt: Receipt,
    told_gone: Vec<Told>,
) -> Result<RunRecord, Fault> {
    let (mut plan, facts, run) = on_its_way(ledger, id)?;
    if !plan.maybe_published {
        return Err(out_of_order(&plan, "accept").into());
    }
    let Receipt { published_at, finals, record: proof } = receipt;
    plan.state = PlanState::Delivered;
    plan.code = None;
    plan.delivered_at = Some(published_at);
    plan.receipt = Some(proof);
    record::put(ledger, &plan)?;
    removals::add(ledger, &plan, told_gone, published_at)?;
    decisions::add(ledger, "delivered", published_at, About::plan(&plan))?;
    supersede_unsettled(ledger, &plan.target, Some(&run))?;
    let mut delivered = told(&plan, &facts, published_at)?;
    delivered.finals = finals;
    let target = TargetRecord {
        name: plan.target.clone(),
        baseline: BaselineRecord::Delivered(delivered),
        last: Some(LastPublished {
            plan: plan.id,
            run: run.clone(),
            begun_at: plan.begun_at,
            exported_at: facts.exported_at,
            export_digest: facts.export_digest,
            published_at,
        }),
    };
    record::put(ledger, &target)?;
    runs::owe_mail(ledger, &run)
}

/// Perhaps published: what was told before and this are both kept.
pub(super) fn unknown(
    ledger: &Connection,
    id: &PlanId,
    code: u16,
    at: Timestamp,
) -> Result<RunRecord, Fault> {
    let (mut plan, facts, run) = on_its_way(ledger, id)?;
    if !plan.maybe_published {
        return Err(out_of_order(&plan, "unknown").into());
    }
    // Looked for again, and still not known: nothing new was decided.
    let known_before = plan.state == PlanState::Unknown && plan.code == Some(code);
    plan.state = PlanState::Unknown;
    plan.code = Some(code);
    record::put(ledger, &plan)?;
    if !known_before {
        decisions::coded(ledger, "unknown", &plan, at)?;
    }
    let mut target = baselines::target(ledger, &plan.target)?;
    target.baseline = target.baseline.with_possible(told(&plan, &facts, at)?);
    record::put(ledger, &target)?;
    runs::owe_mail(ledger, &run)
}

/// Not published. A person's yes still stands then: the plan goes back to waiting, so that they
/// can give it again when the cause is mended.
pub(super) fn not_published(
    ledger: &Connection,
    id: &PlanId,
    code: u16,
    at: Timestamp,
) -> Result<PlanRecord, Fault> {
    let (mut plan, _, run) = on_its_way(ledger, id)?;
    plan.code = Some(code);
    plan.maybe_published = false;
    plan.temps.clear();
    plan.temp_mtimes.clear();
    plan.state = match plan.approval.take() {
        Some(approval) => {
            plan.earlier_approvals.push(approval);
            PlanState::Held
        }
        None => PlanState::Failed,
    };
    record::put(ledger, &plan)?;
    decisions::failed(ledger, &plan, at)?;
    let mut target = baselines::target(ledger, &plan.target)?;
    target.baseline = target.baseline.without_possible(&plan.id);
    record::put(ledger, &target)?;
    runs::owe_mail(ledger, &run)?;
    Ok(plan)
}

fn on_its_way(ledger: &Connection, id: &PlanId) -> Result<(PlanRecord, PlanFacts, RunId), Fault> {
    let plan = plans::plan(ledger, id)?;
    if !plan.state.is_unfinished() {
        return Err(out_of_order(&plan, "an end").into());
    }
    let missing = || Fault::Broken(format!("plan {id} is on its way without its facts"));
    let facts = plan.facts.clone().ok_or_else(missing)?;
    let run = plan.sent_by.clone().ok_or_else(missing)?;
    Ok((plan, facts, run))
}

pub(super) fn out_of_order(plan: &PlanRecord, step: &'static str) -> StateError {
    StateError::OutOfOrder { plan: plan.id.clone(), step, state: plan.state.as_str() }
}

fn told(plan: &PlanRecord, facts: &PlanFacts, at: Timestamp) -> Result<Delivered, Fault> {
    let missing = || Fault::Broken(format!("plan {} has no snapshot", plan.id));
    Ok(Delivered {
        plan: plan.id.clone(),
        receiver: facts.receiver.clone(),
        format_digest: facts.format_digest,
        key_rules: facts.key_rules.clone(),
        snapshot: plan.snapshot.clone().ok_or_else(missing)?,
        documents: plan.documents.clone(),
        delivered_at: at,
        judged_at: at,
        exported_at: Some(facts.exported_at),
        export_digest: Some(facts.export_digest),
        finals: Vec::new(),
        adopted: false,
    })
}
