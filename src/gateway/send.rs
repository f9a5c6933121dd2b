//! The last part of a plan's way: look at the receiver, deliver, write down what came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::failure::Failure;
use super::other_name;
use super::reasons;
use super::target::Aim;
use super::tonight::Evening;
use super::{Context, Event};
use crate::delivery::{
    self, Class, Credentials, DeliveryError, Errand, Fingerprint, How, JournalError, Remote, Tag,
    Verified,
};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::{Check, Outcome};
use crate::pipeline::verdict::{Breach, Verdict};
use crate::roster::code::Code;
use crate::state::{
    Cleared, Document, FinalStat, PlanId, PlanRecord, Receipt, StateDir, StateError, StateReader,
    Step,
};

/// RG339: a file that we did not leave.
pub(super) const FOREIGN: Code = Code(339);

/// Everything that the way to one receiver takes.
pub(super) struct Way<'w> {
    pub(super) context: &'w Context<'w>,
    pub(super) state: &'w StateDir,
    pub(super) aim: &'w Aim<'w>,
}

impl Way<'_> {
    pub(super) fn credentials(&self) -> Result<Credentials, Failure> {
        let folder = self.context.credentials.as_deref();
        Ok(self.aim.target.deliver.credentials(folder)?)
    }

    pub(super) fn pins(&self) -> Result<Vec<Fingerprint>, Failure> {
        pins(self.state, self.aim.name)
    }

    fn wait(&self, wait: Duration) {
        (self.context.listener)(&Event::Waiting(self.aim.name, wait));
        std::thread::sleep(wait);
    }

    pub(super) fn tag(&self, plan: &PlanId) -> Result<Tag, Failure> {
        tag(self.state, plan)
    }
}

/// The host keys that `trust` agreed for a target.
///
/// # Errors
/// When the logbook cannot be read.
pub fn pins(state: &StateReader, target: &str) -> Result<Vec<Fingerprint>, Failure> {
    let pins = state.pins(target)?;
    Ok(pins.iter().filter_map(|pin| pin.fingerprint.parse().ok()).collect())
}

pub(super) fn tag(state: &StateReader, plan: &PlanId) -> Result<Tag, Failure> {
    let install = state.temp_prefix()?;
    let plan = plan.as_str().trim_start_matches("P-").to_ascii_lowercase();
    Ok(Tag::new(install.trim_end_matches('-'), &plan).expect("ids are letters and digits"))
}

/// What a look at the receiver is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The plan is about to be sent. As long as nobody could look it is not: the connection that is
    /// lost now may be there again a moment later.
    BeforeSending,
    /// A plan that is held tells also what it would replace, if that can be seen.
    ForAPlanThatIsHeld,
}

/// The name of a file at the receiver that stands under one of our names and is not what we left
/// there (`baseline`), where the folder can be read.
///
/// # Errors
/// When the receiver refuses us or shows another key: a second try at the same door, minutes
/// later, could lock the account. Before sending also when no try got an answer.
pub(super) fn foreign_file(
    evening: &Evening<'_>,
    baseline: Option<&PlanId>,
    why: Look,
) -> Result<Option<String>, Failure> {
    let way = Way { context: evening.context, state: evening.state, aim: &evening.aim };
    let (last, names) = match baseline {
        Some(plan) => (left_by(evening, plan)?, vec![evening.aim.name.to_owned()]),
        None => left_before(evening)?,
    };
    // What was taken over from another program is that program's file.
    if baseline.is_some() && last.is_none() {
        return Ok(None);
    }
    let deliver = &evening.aim.target.deliver;
    let files = evening.aim.target.format.document_names();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (pins, credentials) = (way.pins()?, way.credentials()?);
    let mut look = |remote: &mut dyn Remote| {
        let seen = delivery::observe(remote, deliver, &files, last.as_ref());
        let seen = seen.and_then(|mut seen| {
            if seen.iter().any(|file| !file.ours) {
                // What cannot be read here is not known for ours there.
                let tried = |name: &String| evening.state.tried(name).unwrap_or_default();
                let tried: Vec<Document> = names.iter().flat_map(tried).collect();
                for file in seen.iter_mut().filter(|file| !file.ours) {
                    file.ours = delivery::is_one_of(remote, deliver, file, &tried)?;
                }
            }
            Ok(seen)
        });
        // What a server does not let us see is no reason to keep the night back.
        seen.or_else(|error| if is_transient(&error) { Err(error) } else { Ok(Vec::new()) })
    };
    let seen = way.context.away(|| match why {
        Look::BeforeSending => {
            delivery::ask(deliver, &pins, &credentials, &mut |wait| way.wait(wait), &mut look)
        }
        Look::ForAPlanThatIsHeld => {
            let seen = delivery::connect(deliver, &pins, &credentials)
                .and_then(|mut remote| look(remote.as_mut()));
            seen.or_else(|error| if is_transient(&error) { Ok(Vec::new()) } else { Err(error) })
        }
    });
    let seen =
        seen.map_err(|error| Failure::new(error.code(), error_facts(&evening.aim, &error)))?;
    Ok(seen.into_iter().find(|seen| !seen.ours).map(|seen| seen.name))
}

/// The same of a plan that a person said yes to, but for a file that they were told of.
///
/// # Errors
/// As for [`foreign_file`] before sending.
pub(super) fn untold_file(
    evening: &Evening<'_>,
    plan: &PlanRecord,
) -> Result<Option<String>, Failure> {
    let baseline = plan.facts.as_ref().and_then(|facts| facts.baseline.as_ref());
    let found = foreign_file(evening, baseline, Look::BeforeSending)?;
    let told_of = |name: &String| match plan.verdict() {
        Some(Verdict::Hold(breaches)) => breaches
            .iter()
            .any(|breach| matches!(breach, Breach::ForeignFile { name: known } if known == name)),
        _ => false,
    };
    Ok(found.filter(|name| !told_of(name)))
}

/// Before a first delivery every file is foreign, but what we left there by other settings or under
/// other names: that, and the names.
fn left_before(evening: &Evening<'_>) -> Result<(Option<delivery::Receipt>, Vec<String>), Failure> {
    let own = evening.state.last_published(evening.aim.name)?.map(|last| last.plan);
    let others = other_name::since(evening.state, &evening.aim, own.as_ref())?;
    let last = other_name::arrived(&others).or(own.as_ref());
    // Retention may have taken its entry.
    let left = last.and_then(|plan| left_by(evening, plan).ok().flatten());
    let names = others.iter().map(|other| other.target.clone());
    let names: BTreeSet<String> = names.chain([evening.aim.name.to_owned()]).collect();
    Ok((left, names.into_iter().collect()))
}

/// What a plan left at the receiver, if it was delivered and its entry is still there.
fn left_by(evening: &Evening<'_>, plan: &PlanId) -> Result<Option<delivery::Receipt>, Failure> {
    let receipt = evening.state.find_plan(plan.as_str())?.receipt;
    Ok(receipt.and_then(|says| serde_json::from_value(says).ok()))
}

fn is_transient(error: &DeliveryError) -> bool {
    error.class() == Class::Transient
}

/// Delivers a cleared plan and writes down what came of it. Where files may have been published
/// and the logbook could not be written, the outcome is unknown: the next run finds the plan
/// unfinished and looks.
///
/// # Errors
/// When nothing was published and the logbook cannot be written.
pub(super) fn deliver(
    way: &Way<'_>,
    cleared: Cleared,
    unchanged: bool,
) -> Result<Outcome, Failure> {
    let started = std::time::Instant::now();
    let sent = send(way, &cleared);
    let took = SignedDuration::try_from(started.elapsed()).unwrap_or_default();
    let at = way.context.now.timestamp().checked_add(took).unwrap_or(way.context.now.timestamp());
    match sent {
        Ok(receipt) => {
            let outcome = sent_outcome(way, &cleared, &receipt, at, unchanged);
            let noted = cleared.accept(record_of(&receipt, at));
            Ok(noted.map_or_else(|error| not_noted(way, &error), |_| outcome))
        }
        Err(error) => not_sent(way, cleared, error, at),
    }
}

fn send(way: &Way<'_>, cleared: &Cleared) -> Result<delivery::Receipt, Failed> {
    let (pins, credentials) = (way.pins()?, way.credentials()?);
    let tag = way.tag(cleared.id())?;
    let deliver = &way.aim.target.deliver;
    let errand = Errand { deliver, documents: cleared.documents(), tag: &tag };
    let mut note = |step: delivery::Step| {
        (way.context.listener)(&Event::Step(way.aim.name, &step, false));
        note(cleared, &step)?;
        (way.context.listener)(&Event::Step(way.aim.name, &step, true));
        Ok(())
    };
    let mut progress = |bytes: u64, total: u64| {
        (way.context.listener)(&Event::Sending(way.aim.name, bytes, total));
    };
    let mut wait = |wait| way.wait(wait);
    let sent = way.context.away(|| {
        delivery::deliver(errand, &pins, &credentials, &mut wait, &mut note, &mut progress)
    });
    sent.map_err(Failed::Delivery)
}

/// Why nothing was sent, before or in delivery.
enum Failed {
    Before(Failure),
    Delivery(DeliveryError),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Failed {
        Failed::Before(failure)
    }
}

/// Each step of a delivery is on disk before it is taken.
fn note(cleared: &Cleared, step: &delivery::Step) -> Result<(), JournalError> {
    let step = match step {
        delivery::Step::Uploading { temps } => Step::Uploading { temps: temps.clone() },
        delivery::Step::Uploaded { temps } => {
            Step::Uploaded { temp_mtimes: temps.iter().map(|temp| temp.mtime).collect() }
        }
        delivery::Step::Publishing { .. } => Step::Publishing,
        delivery::Step::Published { .. } => Step::Published,
        // What becomes of the plan then is written down when its delivery ends.
        delivery::Step::NotPublished => return Ok(()),
    };
    cleared.note(step).map_err(|error| JournalError(Box::new(error)))
}

fn sent_outcome(
    way: &Way<'_>,
    cleared: &Cleared,
    receipt: &delivery::Receipt,
    at: Timestamp,
    unchanged: bool,
) -> Outcome {
    let at = at.to_zoned(way.context.now.time_zone().clone());
    let check = match receipt.verified {
        Verified::Folder | Verified::ReadBack => Check::Content,
        Verified::Size | Verified::Acknowledged => Check::Size,
    };
    match &cleared.record().approval {
        Some(approval) => Outcome::Approved {
            plan: cleared.id().to_string(),
            by: approval.who.clone(),
            at,
            check,
        },
        None => Outcome::Delivered { at, check, unchanged },
    }
}

pub(super) fn record_of(receipt: &delivery::Receipt, at: Timestamp) -> Receipt {
    let finals = receipt.files.iter().map(|file| FinalStat {
        name: file.name.clone(),
        size: Some(file.size),
        mtime: file.mtime,
    });
    Receipt {
        published_at: at,
        finals: finals.collect(),
        record: serde_json::to_value(receipt).expect("a receipt is plain data"),
    }
}

/// How a settled publishing is written down: nothing was seen of the sending itself.
pub(super) fn settled_receipt(
    documents: &[crate::state::Document],
    how: How,
    mtimes: &[Option<i64>],
) -> delivery::Receipt {
    let files: Vec<delivery::Left> = documents
        .iter()
        .enumerate()
        .map(|(place, document)| delivery::Left {
            name: document.name.clone(),
            size: document.size,
            mtime: mtimes.get(place).copied().flatten(),
            sha256: crate::formats::snapshot::hex(&document.sha256),
        })
        .collect();
    let bytes = files.iter().map(|file| file.size).sum();
    let verified = if how == How::Verified { Verified::ReadBack } else { Verified::Acknowledged };
    delivery::Receipt { how, verified, bytes, files }
}

fn not_sent(
    way: &Way<'_>,
    cleared: Cleared,
    error: Failed,
    at: Timestamp,
) -> Result<Outcome, Failure> {
    let failure = match error {
        Failed::Before(failure) => failure,
        Failed::Delivery(error @ DeliveryError::Unknown { .. }) => {
            let facts = facts(way, &error);
            // If this cannot be written down either, the plan stays as the journal left it.
            let _unfinished = cleared.unknown(error.code(), at);
            return Ok(Outcome::Unknown { facts });
        }
        // The journal failed: what it says last tells whether anything may be visible.
        Failed::Delivery(error @ DeliveryError::Journal(_)) if may_be_out(way, &cleared) => {
            let facts = facts(way, &error);
            let _unfinished = cleared.unknown(error.code(), at);
            return Ok(Outcome::Unknown { facts });
        }
        Failed::Delivery(error) => Failure::new(error.code(), facts(way, &error)),
    };
    cleared.abandon(failure.code, at)?;
    Ok(super::tonight::failed(failure, way.aim.name))
}

/// Whether publishing was begun, or cannot be ruled out.
fn may_be_out(way: &Way<'_>, cleared: &Cleared) -> bool {
    let noted = way.state.find_plan(cleared.id().as_str());
    noted.map_or(true, |plan| plan.maybe_published)
}

/// Published, and that could not be written down.
fn not_noted(way: &Way<'_>, error: &StateError) -> Outcome {
    let facts = Facts::new()
        .text(Placeholder::Target, way.aim.name)
        .text(Placeholder::Host, way.aim.receiver.host.as_str())
        .text(Placeholder::File, way.aim.target.written_straight())
        .text(Placeholder::Detail, error.to_string());
    Outcome::Unknown { facts }
}

/// What a delivery's error says, as facts for its message.
pub(super) fn facts(way: &Way<'_>, error: &DeliveryError) -> Facts {
    error_facts(way.aim, error)
}

/// What a delivery's error says about a target, as facts for its message.
pub fn error_facts(aim: &Aim<'_>, error: &DeliveryError) -> Facts {
    let facts = Facts::new()
        .text(Placeholder::Target, aim.name)
        .text(Placeholder::File, aim.target.written_straight())
        .text(Placeholder::Host, aim.receiver.host.as_str());
    reasons::of_delivery(facts, error)
}
