//! The second half of a run, on the stored bytes of a plan that a person said yes to.

use super::failure::Failure;
use super::read::{self, Reading};
use super::recover::holds_protected;
use super::signals::{self, Stages};
use super::target::{Aim, gone_of};
use super::tonight::Evening;
use super::{Context, Event, finish, other_name, pause, release, run_start, send, tell};
use crate::notify::catalogue::{Facts, Placeholder, short};
use crate::notify::heartbeat::Signal;
use crate::notify::language::Language::{En, Sv};
use crate::notify::night::{Night, Outcome, TargetNight};
use crate::notify::number::day_and_clock;
use crate::pipeline::pending::Gone;
use crate::pipeline::select::select;
use crate::roster::code::Code;
use crate::roster::words::Kind;
use crate::state::{
    Approval, Cleared, Digest, HeldPlan, Lock, Moved, PlanRecord, RunEnd, StateDir, StateError,
    StateReader, Today,
};

/// RG374: a file that we did not leave has come since the plan was made.
pub const CAME_SINCE: Code = Code(374);

/// A held plan that may be approved as things stand, to be shown to a person. Nothing is locked
/// while they think: a night that comes meanwhile goes its way and makes the plan stale.
pub struct Ready<'a> {
    context: &'a Context<'a>,
    plan: PlanRecord,
    /// The number that the person must type.
    pub to_confirm: u64,
    /// Persons whom the plan removes and today's register has again.
    pub back: u64,
}

/// Finds a held plan and refuses at once whatever would be refused later.
///
/// # Errors
/// When there is no such plan, it is stale, or the registers cannot be read: today's protection
/// markings must be known before stored bytes leave.
pub fn ready<'a>(context: &'a Context<'a>, typed: &str) -> Result<Ready<'a>, Failure> {
    let Checked { state, held, reading, .. } = check(context, typed)?;
    (context.listener)(&Event::Read(&reading));
    let (plan, to_confirm) = (held.record().clone(), held.to_confirm());
    let back = came_back(context, &state, &plan, &reading)?;
    Ok(Ready { context, plan, to_confirm, back })
}

/// A held plan that is not stale, under the lock.
struct Checked {
    state: StateDir,
    _lock: Lock,
    held: HeldPlan,
    reading: Reading,
    today: Today,
}

fn check(context: &Context<'_>, typed: &str) -> Result<Checked, Failure> {
    let state = StateDir::open(&context.loaded.config.site.state, &context.now)?;
    let lock = state.lock("approve", &context.now)?;
    let plan = state.find_plan(typed)?;
    let held = state.held(&plan.id).map_err(|error| {
        let stale = matches!(error, StateError::Stale { .. });
        let mut failure = beside(&state, &plan, error);
        if stale {
            failure.facts = export_now(context, failure.facts);
        }
        failure
    })?;
    let stale = |moved| beside(&state, &plan, StateError::Stale { plan: plan.id.clone(), moved });
    let Some(target) = context.loaded.config.target.get(&plan.target) else {
        return Err(stale(Moved::Configuration));
    };
    let reading = super::read_registers_without_marks(context, &super::kept_out(&state)?)?;
    let aim = Aim::at(&context.loaded.config, &plan.target);
    if pause::forbids(&state, &aim, &plan, context.now.date())? {
        return Err(stale(Moved::Calendar));
    }
    let path = state.snapshot_path(&plan.id);
    let today = Today {
        // Which run delivers is not known yet, and staleness does not depend on it.
        run: plan.run.clone(),
        config_digest: Digest::of(context.loaded.digest(&plan.target).as_bytes()),
        format_digest: Digest(target.digest()),
        protection_moved: holds_protected(&path, &aim, &reading.register, &context.now)?,
        told_otherwise: !other_name::since(&state, &aim, Some(&plan.id))?.is_empty(),
    };
    match held.moved(&today, context.now.timestamp())? {
        Some(moved) => Err(stale(moved)),
        None => Ok(Checked { state, _lock: lock, held, reading, today }),
    }
}

/// How many persons a plan removes whom its receiver would be told again today.
fn came_back(
    context: &Context<'_>,
    state: &StateReader,
    plan: &PlanRecord,
    reading: &Reading,
) -> Result<u64, Failure> {
    let gone = gone_of(state, &plan.id)?;
    let gone: Vec<&Gone> = gone.iter().filter(|gone| gone.kind == Kind::Person).collect();
    if gone.is_empty() {
        return Ok(0);
    }
    let target = Aim::at(&context.loaded.config, &plan.target).target;
    let (selection, carried) = (target.selection(), target.format.carried());
    let today = select(&reading.register.roster, &selection, carried, context.now.date());
    Ok(gone.iter().filter(|gone| today.find_person(&gone.identity).is_some()).count() as u64)
}

/// Why a plan cannot be approved, beside the one that waits for its receiver now.
fn beside(state: &StateReader, plan: &PlanRecord, error: StateError) -> Failure {
    let mut failure = Failure::from(error);
    let held = state.held_plans().unwrap_or_default();
    let other = held.iter().rfind(|held| held.target == plan.target && held.id != plan.id);
    if let Some(other) = other {
        failure.facts = failure.facts.text(Placeholder::Field, other.id.as_str());
    }
    failure
}

/// What is wrong with the export, where a new run is what helps: it would fail at once.
fn export_now(context: &Context<'_>, facts: Facts) -> Facts {
    let Context { loaded, now, .. } = context;
    let Some(code) = read::not_whole(&loaded.config, now, context.ages()) else { return facts };
    let [sv, en] =
        [Sv, En].map(|language| format!("{} ({code})", short(code, language).unwrap_or_default()));
    facts.words(Placeholder::Export, sv, en)
}

impl Ready<'_> {
    /// The plan's entry.
    pub fn plan(&self) -> &PlanRecord {
        &self.plan
    }

    /// Sends exactly the stored bytes, and tells.
    ///
    /// # Errors
    /// When the plan went stale, the number is wrong, or the logbook cannot be written.
    pub fn approve(self, approval: &Approval) -> Result<Night, Failure> {
        let context = self.context;
        let Checked { state, _lock, held, reading, mut today } =
            check(context, self.plan.id.as_str())?;
        let start = run_start(context, "approve");
        let run = state.begin_run(&start, &context.now)?.id;
        today.run = run.clone();
        let mut night = tell::begin(context, &state, &run)?;
        let cleared = match held.approve(approval.clone(), &today) {
            Ok(cleared) => cleared,
            Err(error) => {
                let exit = super::exit::of(error.code());
                let at = context.now.timestamp();
                let end = RunEnd { at, result: "refused".to_owned(), exit };
                state.refuse(&self.plan.id, approval, &run, end)?;
                state.no_mail(&run)?;
                return Err(Failure::from(error).at_target(&self.plan.target));
            }
        };
        super::clock::vouched(context, &state, self.plan.verdict().as_ref())?;
        let aim = Aim::at(&context.loaded.config, &self.plan.target);
        let evening = Evening { context, state: &state, run: &run, reading: &reading, aim };
        night.targets.push(deliver(&evening, &self.plan, cleared));
        if let Some(facts) = &self.plan.facts {
            night.exported = Some(facts.exported_at.to_zoned(context.now.time_zone().clone()));
            let export = (facts.export_digest, facts.exported_at);
            night.left = tell::left(context, &state, &night, export);
        }
        finish(context, &state, &run, &mut night)?;
        signals::metrics(context, &state, &night, &Stages::default());
        if tell::exit_of(&night) == super::exit::DONE && night.left.is_empty() {
            // What a stopped night signalled is over, at every receiver.
            signals::beat(context, Signal::Success, run.as_str());
        }
        Ok(night)
    }
}

/// What came of the delivery, whatever that is: from here on a person is told by mail.
fn deliver(evening: &Evening<'_>, plan: &PlanRecord, cleared: Cleared) -> TargetNight {
    let Evening { context, state, aim, .. } = evening;
    let before = tell::nights_without(state, aim.name, &context.now);
    let mut told = evening.blank();
    told.counts = plan.counts();
    told.waiting = release::in_stages(state, plan).ok().flatten();
    told.documents = super::tonight::sizes(cleared.documents());
    (context.listener)(&Event::Written(aim.name, cleared.documents()));
    let outcome = unless_foreign(evening, plan, cleared);
    told.outcome = outcome.unwrap_or_else(|failure| super::tonight::failed(failure, aim.name));
    told.nights_without = before + u32::from(!told.outcome.is_sent());
    (context.listener)(&Event::Done(&told));
    told
}

/// Delivers, unless a file stands at the receiver that neither we left nor the person was told of:
/// then the plan waits on. It may be approved again when the file is gone; one that is to be
/// replaced takes a plan that tells of it.
fn unless_foreign(
    evening: &Evening<'_>,
    plan: &PlanRecord,
    cleared: Cleared,
) -> Result<Outcome, Failure> {
    let failure = match send::untold_file(evening, plan) {
        Ok(None) => return evening.deliver(cleared, false),
        Ok(Some(name)) => Failure::new(CAME_SINCE, came_since(evening, cleared.record(), name)),
        Err(failure) => failure,
    };
    cleared.abandon(failure.code, evening.context.now.timestamp())?;
    Err(failure)
}

fn came_since(evening: &Evening<'_>, plan: &PlanRecord, name: String) -> Facts {
    let facts = Facts::new()
        .text(Placeholder::File, name)
        .text(Placeholder::Plan, plan.id.as_str())
        .text(Placeholder::Target, plan.target.as_str());
    let empty = plan.approval.as_ref().is_some_and(|approval| approval.receiver_empty);
    let facts = if empty { facts.text(Placeholder::Detail, "--receiver-empty") } else { facts };
    let Some(told) = &plan.facts else { return facts };
    let until = evening.local(told.expires);
    let [sv, en] = [Sv, En].map(|language| day_and_clock(&until, language));
    facts.words(Placeholder::Until, sv, en)
}
