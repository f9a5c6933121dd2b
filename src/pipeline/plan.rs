//! One target's plan: what it would be told tonight, what that changes, and whether it may.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

use thiserror::Error;

use super::carry::CarriedOver;
use super::counts::Counts;
use super::delay::{Calendar, Fall};
use super::diff::{View, diff};
use super::pending::{Gone, Pending};
use super::protect::Protected;
use super::rehearse::{Mismatch, same, same_effect, whole};
use super::safety::{Circumstances, Limits};
use super::select::Selection;
use super::sentinels::missing;
use super::telltale::Telltales;
use super::today::{Today, attempts};
use super::verdict::{Breach, Verdict};
use super::waiting::Waiting;
use crate::formats::carried::Carried;
use crate::formats::snapshot::{Header, Reader, SnapshotError};
use crate::formats::{Format, snapshot};
use crate::roster::code::Code;
use crate::roster::draft::SetAside;
use crate::roster::issue::Issue;
use crate::roster::roster::Roster;

/// Opens the bytes of a stored snapshot anew each time.
pub type OpenSnapshot<'a> = &'a dyn Fn() -> io::Result<Box<dyn Read>>;
/// A finished or stored file of a payload: its name and its bytes.
pub type NamedBytes<'a> = (String, Box<dyn BufRead + 'a>);
/// Opens the files of the payload that the receiver holds.
pub type OpenPayload<'a> = &'a dyn Fn() -> io::Result<Vec<NamedBytes<'static>>>;

/// What was read from the register, ready for every target.
#[derive(Clone)]
pub struct Register {
    /// The checked roster, without protected persons.
    pub roster: Roster,
    /// Who was protected.
    pub protected: Protected,
    /// Rows that could not be used although their keys are known.
    pub set_aside: BTreeSet<SetAside>,
    /// Rows read.
    pub rows: u64,
    /// Persons read.
    pub persons_read: u64,
    /// Names that look decoded with the wrong encoding.
    pub garbled_names: u64,
    /// Faults, all of them.
    pub issues: Vec<Issue>,
}

/// What the target was last told.
#[derive(Clone, Copy)]
pub enum Model<'a> {
    /// Nothing, at this receiver.
    Nothing,
    /// One snapshot.
    Known(OpenSnapshot<'a>),
    /// One of these, and nobody knows which: what is in any is told again. Never empty.
    AnyOf(&'a [OpenSnapshot<'a>]),
}

/// Everything that a plan is made from.
pub struct Input<'a> {
    /// The register's data.
    pub register: &'a Register,
    /// The target's part of it.
    pub selection: &'a Selection,
    /// The target's format.
    pub format: &'a Format,
    /// The target's limits.
    pub limits: &'a Limits,
    /// What the target was last told.
    pub model: Model<'a>,
    /// The payload that the receiver holds, where the format or encoder changed since.
    pub other_encoding: Option<OpenPayload<'a>>,
    /// What the filter is to know beside the numbers; the plan adds what it finds itself.
    pub around: Circumstances,
    /// Windows, grace, and what waits; its date is also the one by which periods end.
    pub calendar: Calendar<'a>,
    /// What the plan is for.
    pub purpose: Purpose,
}

/// What a plan is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Tonight's delivery: what must wait waits, and what may go tonight goes.
    Tonight,
    /// Tonight's delivery, and nothing goes that waits, though it may.
    Keep,
    /// What waited in a window that has ended, for a person to release.
    Release {
        /// And the rest of approved lists that go no further by themselves.
        rest: bool,
    },
    /// To look at: as if the open window had ended and all were released.
    AfterWindow,
}

/// What a target may need to hear.
pub struct Feed {
    /// What it would be told.
    pub roster: Roster,
    /// What that changes, in numbers.
    pub counts: Counts,
}

/// One target's plan.
#[must_use = "a plan's verdict decides what may be done with it"]
pub struct Plan {
    /// What would be told, and what that changes.
    pub feed: Feed,
    /// Whether it may.
    pub verdict: Verdict,
    /// Each change with names, for a file that only the service user can read.
    pub changes: String,
    /// Keys of groups that the receiver archives with this plan, as it knows them.
    pub archived: BTreeSet<String>,
    /// Faults that concern this target only, such as names cut to its reader's limits.
    pub issues: Vec<Issue>,
    /// Told again because their rows were set aside.
    pub carried_over: CarriedOver,
    /// Persons whom the target knows and who are protected since, gone or under a pseudonym.
    pub newly_protected: u64,
    /// What is missing and still told: it becomes valid with the snapshot.
    pub pending: Vec<Pending>,
    /// Schools, persons and groups that this plan removes, and why.
    pub gone: Vec<Gone>,
    /// What waits, in numbers.
    pub waiting: Waiting,
    /// What the receiver is shown.
    pub carried: Carried,
    /// Groups that a withdrawal leaves although they bear the name of somebody protected.
    pub still_named: u64,
    /// Groups that this plan no longer tells because they give somebody protected away.
    pub telltales: Telltales,
    /// Keys of protected persons, who are read out of the baseline before it is compared.
    pub(super) hidden: BTreeSet<String>,
}

/// A plan that could not be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// What the target was last told cannot be trusted.
    #[error(transparent)]
    Baseline(#[from] SnapshotError),
    /// The data cannot be told to this target at all.
    #[error("the data cannot be written in this target's format ({0})")]
    Unfit(Code),
}

impl PlanError {
    /// The message code.
    pub fn code(&self) -> Code {
        match self {
            PlanError::Baseline(error) => error.code(),
            PlanError::Unfit(code) => *code,
        }
    }
}

/// Makes one target's plan.
///
/// # Errors
/// When the baseline cannot be trusted or the data cannot be written in the target's format.
#[expect(clippy::needless_pass_by_value, reason = "what a plan is made from serves one plan")]
pub fn plan(input: Input<'_>) -> Result<Plan, PlanError> {
    let mut today = Today::of(&input)?;
    let mut attempts = attempts(&input);
    let last = attempts.pop().unwrap_or(Fall::Approved(0));
    attempts.retain(|_| today.may_keep());
    // What was released goes as far as the filter lets it; what it does not let waits on.
    let mut stopped_by_week = false;
    for fall in attempts {
        let plan = today.plan(&input, fall)?;
        stopped_by_week = only_the_week(&plan.verdict);
        let watched = missing(&plan.feed.counts, input.selection, &input.limits.sentinels);
        if plan.verdict == Verdict::Pass && watched.is_empty() {
            return Ok(plan);
        }
    }
    // A stage that only the week stops goes on by itself when the days have passed.
    today.plan(&input, if stopped_by_week { Fall::Later } else { last })
}

fn only_the_week(verdict: &Verdict) -> bool {
    let week = |breach: &Breach| matches!(breach, Breach::OverWeek { .. });
    matches!(verdict, Verdict::Hold(breaches) if breaches.iter().all(week))
}

impl Plan {
    /// Adds a reason to hold, found where the plan would go.
    pub fn also_held_for(&mut self, breach: Breach) {
        match &mut self.verdict {
            Verdict::Hold(breaches) => breaches.push(breach),
            Verdict::Pass => self.verdict = Verdict::Hold(vec![breach]),
        }
    }

    /// Nothing that the receiver can see would change.
    pub fn is_unchanged(&self) -> bool {
        let counts = &self.feed.counts;
        let kinds =
            [counts.schools, counts.persons, counts.groups, counts.memberships, counts.relations];
        // A class's name is in the rows of persons who count as unchanged.
        let fields = counts.fields.values();
        kinds.iter().all(|tally| tally.added + tally.changed + tally.removed == 0)
            && fields.map(|tally| tally.emptied + tally.changed).sum::<u64>() == 0
            && self.newly_protected == 0
    }
}

/// What the receiver would see by its own keys: its present payload read with today's settings,
/// against what it would be told. A payload that today's settings cannot read is all new to it.
pub(super) fn seen_by_receiver(
    told: &Roster,
    format: &Format,
    payload: OpenPayload<'_>,
    counts: &Counts,
) -> Counts {
    let visible = format.visible(told);
    let none = BTreeSet::new();
    let view = View { carried: format.carried(), hidden: &none };
    let before = payload().ok().and_then(|files| format.decode(files).ok());
    let compared = before.and_then(|(before, _)| {
        let mut packed = Vec::new();
        snapshot::write(&before, &Header::of(&before), &mut packed).ok()?;
        let mut reader = Reader::open(packed.as_slice()).ok()?;
        diff(&visible, Some(&mut reader), &view, |_| ()).ok()
    });
    compared.map_or_else(|| all_replaced(counts), |(seen, _)| seen)
}

fn all_replaced(counts: &Counts) -> Counts {
    let mut seen = Counts::default();
    seen.persons.added = counts.persons.now;
    seen.persons.removed = counts.persons.before;
    seen.groups.added = counts.groups.now;
    seen.groups.removed = counts.groups.before;
    seen
}

/// Checks a finished payload: read back by the independent reader it must say what was planned of
/// everybody who was planned, and applied to a model of the receiver that must do what was planned.
///
/// # Errors
/// With the code and an English reason, when anything differs or a file cannot be read.
pub fn rehearse(
    plan: &Plan,
    format: &Format,
    model: Model<'_>,
    files: Vec<NamedBytes<'_>>,
) -> Result<(), (Code, String)> {
    let told = &plan.feed.roster;
    let expected = format.visible(told);
    let seen = format.read_back_beside(told, &expected, files);
    let seen = seen.map_err(|error| (error.code(), error.to_string()))?;
    let fail = |mismatch: Mismatch| (mismatch.code(), mismatch.to_string());
    same(&seen, &expected).map_err(fail)?;
    let school_rows = plan.carried.school_rows && format.has_school_rows();
    whole(&seen, told, Carried { school_rows, ..plan.carried }).map_err(fail)?;
    let view = View { carried: plan.carried, hidden: &plan.hidden };
    let counts = &plan.feed.counts;
    let effect = match model {
        Model::Nothing | Model::AnyOf([]) => same_effect::<&[u8]>(told, None, &view, counts),
        Model::Known(_) | Model::AnyOf(_) => {
            let open = match model {
                Model::AnyOf(candidates) => candidates[0],
                Model::Known(open) => open,
                Model::Nothing => unreachable!("handled above"),
            };
            let bytes = open().map_err(|error| (Code(502), error.to_string()))?;
            let mut reader = Reader::open(bytes).map_err(|e| (e.code(), e.to_string()))?;
            same_effect(told, Some(&mut reader), &view, counts)
        }
    };
    effect.map_err(fail)
}
