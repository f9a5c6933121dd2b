//! One target's plan: what it would be told tonight, what that changes, and whether it may.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

use jiff::civil::Date;
use thiserror::Error;

use super::carry::{CarriedOver, carry_over};
use super::changes::Changes;
use super::counts::Counts;
use super::diff::{Difference, View, diff};
use super::protect::Protected;
use super::rehearse::{Mismatch, same, same_effect};
use super::safety::{Circumstances, Limits, judge};
use super::select::{Selection, as_carried, select};
use super::verdict::{Breach, Verdict};
use crate::formats::carried::Carried;
use crate::formats::snapshot::{Header, Reader, SnapshotError};
use crate::formats::{Format, snapshot};
use crate::roster::code::Code;
use crate::roster::draft::SetAside;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// Opens the bytes of a stored snapshot anew each time.
pub type OpenSnapshot<'a> = &'a dyn Fn() -> io::Result<Box<dyn Read>>;
/// A finished or stored file of a payload: its name and its bytes.
pub type NamedBytes<'a> = (String, Box<dyn BufRead + 'a>);
/// Opens the files of the payload that the receiver holds.
pub type OpenPayload<'a> = &'a dyn Fn() -> io::Result<Vec<NamedBytes<'static>>>;

/// What was read from the register, ready for every target.
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
    /// The local date, for periods that ended.
    pub today: Date,
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
    /// The header of its snapshot.
    pub snapshot: Header,
    /// Each change with names, for a file that only the service user can read.
    pub changes: String,
    /// Faults that concern this target only, such as names cut to its reader's limits.
    pub issues: Vec<Issue>,
    /// Told again because their rows were set aside.
    pub carried_over: CarriedOver,
    /// Persons whom the target knows and who are protected since, gone or under a pseudonym.
    pub newly_protected: u64,
    /// What the receiver is shown.
    pub carried: Carried,
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
pub fn plan(input: Input<'_>) -> Result<Plan, PlanError> {
    let Input { register, selection, format, limits, model, today, mut around, .. } = input;
    let carried = selection.allowed(format.carried());
    let selected = select(&register.roster, selection, format.carried(), today);
    let (fitted, issues) = format.fit(&selected);
    drop(selected);
    if let Some(issue) = issues.iter().find(|issue| issue.severity == Severity::Error) {
        return Err(PlanError::Unfit(issue.code));
    }
    let (told, carried_over) = carry(fitted, register, model, carried)?;
    let hidden = newly_hidden(register, &told);
    let view = View { carried, hidden: &hidden };
    let pseudonymous = &register.protected.pseudonymous;
    let mut changes = Changes::new(matches!(model, Model::Nothing), pseudonymous);
    let (counts, hidden_since) = compare(&told, model, &view, &mut changes)?;
    let newly_protected = hidden_since + changes.renamed;
    around.newly_protected = newly_protected;
    around.unknown_markings = register.protected.unknown_markings;
    around.persons_read = register.persons_read;
    around.garbled_names = register.garbled_names;
    around.rows = register.rows;
    around.set_aside = register.set_aside.len() as u64;
    around.encoding_changed =
        input.other_encoding.map(|payload| seen_by_receiver(&told, format, payload, &counts));
    let verdict = judge(&counts, &around, limits);
    let verdict = also_judge_others(&told, model, &view, limits, verdict)?;
    Ok(Plan {
        snapshot: Header::of(&told),
        feed: Feed { roster: told, counts },
        verdict,
        changes: changes.text,
        issues,
        carried_over,
        newly_protected,
        carried,
        hidden,
    })
}

/// Protected persons are read out of the baseline before anything is compared: they leave past
/// the filter. Whoever is told under a pseudonym stays in it.
fn newly_hidden(register: &Register, told: &Roster) -> BTreeSet<String> {
    let gone = |key: &&String| told.find_person(key).is_none();
    register.protected.excluded.iter().filter(gone).cloned().collect()
}

fn carry(
    fitted: Roster,
    register: &Register,
    model: Model<'_>,
    carried: Carried,
) -> Result<(Roster, CarriedOver), SnapshotError> {
    let gone: BTreeSet<String> =
        register.protected.excluded.union(&register.protected.pseudonymous).cloned().collect();
    match model {
        Model::Nothing => Ok((fitted, CarriedOver::default())),
        Model::Known(_) if register.set_aside.is_empty() => Ok((fitted, CarriedOver::default())),
        Model::Known(open) => {
            let baseline = as_carried(&snapshot::read(open()?)?, carried);
            Ok(carry_over(&fitted, &baseline, &register.set_aside, &gone))
        }
        Model::AnyOf(candidates) => {
            let mut result = (fitted, CarriedOver::default());
            for open in candidates {
                let baseline = as_carried(&snapshot::read(open()?)?, carried);
                result = carry_over(&result.0, &baseline, &everything(&baseline), &gone);
            }
            Ok(result)
        }
    }
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
        kinds.iter().all(|tally| tally.added + tally.changed + tally.removed == 0)
            && self.newly_protected == 0
    }
}

/// Every entity and link of a roster, as if all their rows had been set aside.
fn everything(roster: &Roster) -> BTreeSet<SetAside> {
    let row =
        |kind, key: &str, other: &str| SetAside { kind, key: key.into(), other: other.into() };
    let schools = roster.schools().map(|s| row(Kind::School, s.key, ""));
    let persons = roster.persons().map(|p| row(Kind::Person, p.key, ""));
    let groups = roster.groups().map(|g| row(Kind::Group, g.key, ""));
    let memberships = roster.memberships().map(|m| row(Kind::Membership, m.person, m.group));
    let relations = roster.relations().map(|r| row(Kind::Relation, r.person, r.to));
    schools.chain(persons).chain(groups).chain(memberships).chain(relations).collect()
}

pub(super) fn compare(
    told: &Roster,
    model: Model<'_>,
    view: &View<'_>,
    changes: &mut Changes<'_>,
) -> Result<(Counts, u64), SnapshotError> {
    let (mut counts, hidden) = match model {
        Model::Nothing => diff::<&[u8]>(told, None, view, |change| changes.add(change)),
        Model::Known(open) => against(told, open, view, |change| changes.add(change)),
        Model::AnyOf(candidates) => {
            against(told, candidates[0], view, |change| changes.add(change))
        }
    }?;
    counts.rekeyed = changes.rekeyed();
    Ok((counts, hidden))
}

fn against(
    told: &Roster,
    open: OpenSnapshot<'_>,
    view: &View<'_>,
    visit: impl FnMut(&Difference<'_>),
) -> Result<(Counts, u64), SnapshotError> {
    diff(told, Some(&mut Reader::open(open()?)?), view, visit)
}

/// While it is unknown which file the receiver holds, the filter must pass against each.
fn also_judge_others(
    told: &Roster,
    model: Model<'_>,
    view: &View<'_>,
    limits: &Limits,
    verdict: Verdict,
) -> Result<Verdict, SnapshotError> {
    let Model::AnyOf(candidates) = model else { return Ok(verdict) };
    let mut breaches: Vec<Breach> = Vec::new();
    if let Verdict::Hold(first) = verdict {
        breaches.extend(first);
    }
    for other in &candidates[1..] {
        let (counts, _) = against(told, other, view, |_| ())?;
        if let Verdict::Hold(more) = judge(&counts, &Circumstances::default(), limits) {
            breaches.extend(more);
        }
    }
    Ok(if breaches.is_empty() { Verdict::Pass } else { Verdict::Hold(breaches) })
}

/// What the receiver would see by its own keys: its present payload read with today's settings,
/// against what it would be told. A payload that today's settings cannot read is all new to it.
fn seen_by_receiver(
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

/// Checks a finished payload: read back by the independent reader it must say what was planned,
/// and applied to a model of the receiver it must do what was planned.
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
    let seen = format.read_back(told, files).map_err(|error| (error.code(), error.to_string()))?;
    let fail = |mismatch: Mismatch| (mismatch.code(), mismatch.to_string());
    same(&seen, &format.visible(told)).map_err(fail)?;
    let view = View { carried: plan.carried, hidden: &plan.hidden };
    let counts = &plan.feed.counts;
    let effect = match model {
        Model::Nothing | Model::AnyOf([]) => same_effect::<&[u8]>(&seen, None, &view, counts),
        Model::Known(_) | Model::AnyOf(_) => {
            let open = match model {
                Model::AnyOf(candidates) => candidates[0],
                Model::Known(open) => open,
                Model::Nothing => unreachable!("handled above"),
            };
            let bytes = open().map_err(|error| (Code(502), error.to_string()))?;
            let mut reader = Reader::open(bytes).map_err(|e| (e.code(), e.to_string()))?;
            same_effect(&seen, Some(&mut reader), &view, counts)
        }
    };
    effect.map_err(fail)
}
