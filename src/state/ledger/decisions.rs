//! Decisions: who let what go out, and when; each bound to the one before by its hash.
//!
//! A decision is written in the same change as what it decides. Whoever edits one must seal anew
//! every later one, and the mails that were sent meanwhile say what the chain's end was.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Fault;
use super::beginning::{self, Beginning};
use super::record::{self, Record};
use crate::formats::snapshot::hex;
use crate::roster::code::Code;
use crate::state::StateReader;
use crate::state::digest::Digest;
use crate::state::error::StateError;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::runs::RunRecord;
use crate::state::ledger::withdrawals;
use crate::state::plan_record::PlanRecord;

/// One decision. Counts, ids, reasons and digests only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// The run in which it was made.
    pub run: Option<RunId>,
    /// The target that it is about; `None` when about all.
    pub target: Option<String>,
    /// The plan that it is about.
    pub plan: Option<PlanId>,
    /// `delivered`, `held`, `approved`, `refused`, `withdrawn`, `undone`, `paused`, `resumed`,
    /// `adopted`, `trusted`, `failed` or `unknown`.
    pub what: String,
    /// The person who made it; `None` when the program did.
    pub who: Option<String>,
    /// Their reason, the fingerprint that they vouched for, or the code of a failure.
    pub why: Option<String>,
    /// Digest of the payload: the document's own, or of all documents' digests in order.
    pub digest: Option<Digest>,
    /// How many removals it lets go, or would have.
    pub removed: u64,
    /// The hash of the decision before; empty in the first of all.
    pub previous: String,
    /// SHA-256 of `previous` and everything else here.
    pub hash: String,
}

impl Record for Decision {
    const TABLE: &'static str = "decision";
    fn id(&self) -> &str {
        &self.hash
    }
}

/// What a decision says beyond what was decided, and when.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) run: Option<&'a RunId>,
    pub(crate) target: Option<&'a str>,
    pub(crate) plan: Option<&'a PlanId>,
    pub(crate) who: Option<&'a str>,
    pub(crate) why: Option<&'a str>,
    pub(crate) digest: Option<Digest>,
    pub(crate) removed: u64,
}

impl<'a> About<'a> {
    /// A plan's part of it.
    pub(crate) fn plan(plan: &'a PlanRecord) -> Self {
        Self {
            run: Some(plan.sent_by.as_ref().unwrap_or(&plan.run)),
            target: Some(&plan.target),
            plan: Some(&plan.id),
            digest: payload(plan),
            removed: plan.facts.as_ref().map_or(0, |facts| facts.removals),
            ..Self::default()
        }
    }
}

fn payload(plan: &PlanRecord) -> Option<Digest> {
    match &plan.documents[..] {
        [] => None,
        [one] => Some(one.sha256),
        all => Some(Digest::of(&all.iter().flat_map(|file| file.sha256.0).collect::<Vec<u8>>())),
    }
}

/// Adds a decision to the end of the chain, in the change that makes it so.
pub(crate) fn add(
    ledger: &Connection,
    what: &str,
    at: Timestamp,
    about: About<'_>,
) -> Result<(), Fault> {
    let mut decision = Decision {
        at,
        run: about.run.cloned(),
        target: about.target.map(str::to_owned),
        plan: about.plan.cloned(),
        what: what.to_owned(),
        who: about.who.map(str::to_owned),
        why: about.why.map(str::to_owned),
        digest: about.digest,
        removed: about.removed,
        previous: head(ledger)?.unwrap_or_default(),
        hash: String::new(),
    };
    decision.hash = Link::of(&decision).hash();
    if record::add(ledger, &decision)? {
        return Ok(());
    }
    Err(Fault::Broken("a decision is in the chain already".into()))
}

/// Adds that a plan came to nothing, with its code.
pub(crate) fn failed(ledger: &Connection, plan: &PlanRecord, at: Timestamp) -> Result<(), Fault> {
    coded(ledger, "failed", plan, at)
}

/// Adds what became of a plan, with its code.
pub(crate) fn coded(
    ledger: &Connection,
    what: &str,
    plan: &PlanRecord,
    at: Timestamp,
) -> Result<(), Fault> {
    let code = plan.code.map(|code| Code(code).to_string());
    add(ledger, what, at, About { why: code.as_deref(), ..About::plan(plan) })
}

/// The hash of the last decision.
pub(crate) fn head(ledger: &Connection) -> Result<Option<String>, Fault> {
    let last = record::select::<Link>(ledger, "ORDER BY n DESC LIMIT 1", [])?;
    Ok(last.into_iter().next().map(|link| link.text("hash").to_owned()))
}

/// Erases decisions older than a moment: from the beginning of the chain only, never its end, and
/// never past a link that does not hold. What is left can still be walked, and its beginning told
/// from one that was cut off.
pub(crate) fn forget(ledger: &Connection, before: Timestamp) -> Result<usize, Fault> {
    let mut beginning = beginning::read(ledger)?;
    let links = record::select::<Link>(ledger, "ORDER BY n", [])?;
    let held = usize::try_from(walk(&links, &beginning.after).count).unwrap_or(usize::MAX);
    let may_go = held.min(links.len().saturating_sub(1));
    let mut count = 0;
    for link in links[..may_go].iter().take_while(|link| link.at().is_some_and(|at| at < before)) {
        record::remove::<Link>(ledger, link.id())?;
        beginning.move_past(link.id(), link.withdrew());
        count += 1;
    }
    if count > 0 {
        record::put(ledger, &beginning)?;
    }
    Ok(count)
}

/// A decision as it stands in the ledger, with whatever fields its program wrote.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Link(BTreeMap<String, Value>);

impl Record for Link {
    const TABLE: &'static str = "decision";
    fn id(&self) -> &str {
        self.text("hash")
    }
}

impl Link {
    fn of(decision: &Decision) -> Self {
        let json = serde_json::to_value(decision).expect("a decision is plain data");
        Self(serde_json::from_value(json).expect("an object"))
    }

    fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    fn at(&self) -> Option<Timestamp> {
        self.text("at").parse().ok()
    }

    /// By how many persons it made those who are withdrawn by hand more.
    fn withdrew(&self) -> i64 {
        match self.text("what") {
            "withdrawn" => self.0.get("removed").and_then(Value::as_i64).unwrap_or_default(),
            "undone" => -1,
            _ => 0,
        }
    }

    /// SHA-256 of the hash before and of everything else, fields by name.
    fn hash(&self) -> String {
        let rest: BTreeMap<_, _> =
            self.0.iter().filter(|(name, _)| !["hash", "previous"].contains(&&***name)).collect();
        let rest = serde_json::to_string(&rest).expect("plain data");
        let mut hash = Sha256::new();
        hash.update(self.text("previous"));
        hash.update("\n");
        hash.update(rest);
        hex(&hash.finalize())
    }

    fn fault(&self, what: Broken) -> BrokenLink {
        let read = |field| self.text(field).to_owned();
        let run = RunId::try_from(read("run")).ok();
        BrokenLink { at: self.at(), run, decision: read("what"), what }
    }
}

/// What does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// The decision's own text is not what was written.
    Changed,
    /// The decision before it is not the one that it names: one was removed or put in. Of the
    /// first: what stands before it is neither nothing nor what retention erased last.
    Missing,
    /// What a run's mail said was the chain's end is not in the chain: the last ones were removed.
    CutOff,
    /// The persons withdrawn by hand are more or fewer than the decisions say.
    Withdrawn,
}

/// The first link that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenLink {
    /// When it was made, if that can be read.
    pub at: Option<Timestamp>,
    /// In which run.
    pub run: Option<RunId>,
    /// What was decided, in its one word.
    pub decision: String,
    /// What does not hold.
    pub what: Broken,
}

/// What a walk along the chain found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChainReport {
    /// How many decisions hold, from the first kept one on.
    pub count: u64,
    /// When the first was made.
    pub from: Option<Timestamp>,
    /// When the last that holds was made.
    pub through: Option<Timestamp>,
    /// The hash of the last that holds.
    pub head: Option<String>,
    /// The first that does not hold.
    pub broken: Option<BrokenLink>,
}

fn walk(links: &[Link], after: &str) -> ChainReport {
    let mut report = ChainReport::default();
    for link in links {
        let expected = report.head.as_deref().unwrap_or(after);
        let wrong = match () {
            () if link.hash() != link.text("hash") => Some(Broken::Changed),
            () if link.text("previous") != expected => Some(Broken::Missing),
            () => None,
        };
        if let Some(wrong) = wrong {
            report.broken = Some(link.fault(wrong));
            break;
        }
        report.count += 1;
        report.through = link.at();
        report.from = report.from.or(report.through);
        report.head = Some(link.text("hash").to_owned());
    }
    report
}

/// The first run whose mail named an end of the chain that is not in it (any more). What is older
/// than the first kept decision may have named one that was erased on schedule.
fn cut_off(links: &[Link], runs: Vec<RunRecord>, from: Option<Timestamp>) -> Option<BrokenLink> {
    let known = |head: &str| {
        let first = links.first().is_some_and(|link| link.text("previous") == head);
        first || links.iter().any(|link| link.text("hash") == head)
    };
    let kept = |run: &RunRecord| from.is_none_or(|from| run.started_at >= from);
    let gone = runs
        .into_iter()
        .filter(kept)
        .find(|run| run.receipt.as_ref().is_some_and(|head| !known(head)))?;
    let (at, run) = (Some(gone.started_at), Some(gone.id));
    Some(BrokenLink { at, run, decision: String::new(), what: Broken::CutOff })
}

/// Retention leaves the last decision: where it erased some, there is one.
fn emptied(links: &[Link], beginning: &Beginning) -> Option<BrokenLink> {
    let gone = links.is_empty() && !beginning.after.is_empty();
    gone.then(|| nowhere("", Broken::Missing))
}

/// A decision holds no key, so that only the number of persons can be compared.
fn withdrawn(links: &[Link], beginning: &Beginning, stand: i64) -> Option<BrokenLink> {
    let decided = beginning.withdrawn + links.iter().map(Link::withdrew).sum::<i64>();
    (stand != decided).then(|| nowhere("withdrawn", Broken::Withdrawn))
}

fn nowhere(decision: &str, what: Broken) -> BrokenLink {
    BrokenLink { at: None, run: None, decision: decision.to_owned(), what }
}

impl StateReader {
    /// The hash of the last decision; `None` before the first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn chain_head(&self) -> Result<Option<String>, StateError> {
        self.ledger().read(head)
    }

    /// Decisions of a run, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    pub fn decisions(&self) -> Result<Vec<Decision>, StateError> {
        self.ledger().read(|ledger| record::select(ledger, "ORDER BY n", []))
    }

    /// Walks the chain from the first decision that is kept to the last, and compares it with what
    /// retention erased before it, with the runs' receipts and with the persons who are withdrawn.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged; a chain that does not hold is no error.
    pub fn verify_chain(&self) -> Result<ChainReport, StateError> {
        self.ledger().read(|ledger| {
            let beginning = beginning::read(ledger)?;
            let links = record::select::<Link>(ledger, "ORDER BY n", [])?;
            let mut report = walk(&links, &beginning.after);
            if report.broken.is_none() {
                let runs = record::select(ledger, "ORDER BY n", [])?;
                let stand = withdrawals::count(ledger)?;
                report.broken = cut_off(&links, runs, report.from)
                    .or_else(|| emptied(&links, &beginning))
                    .or_else(|| withdrawn(&links, &beginning, stand));
            }
            Ok(report)
        })
    }
}
