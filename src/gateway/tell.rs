//! What staff are told of a run: its mail made, queued in the logbook, and handed over.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, Zoned};

use super::exit;
use super::failure::Failure;
use super::release::is_list;
use super::{Context, outbox};
use crate::notify::address::MailAddress;
use crate::notify::compose::{Composed, compose, compose_start};
use crate::notify::message::{About, Mail, build};
use crate::notify::night::{self, Night, Note, Outcome, Start, Warning};
use crate::notify::settings::{MailSettings, Transport};
use crate::roster::code::Code;
use crate::roster::issue::{Issue, Severity};
use crate::state::{Digest, NewMail, RunEnd, RunId, StateDir, StateReader};

/// The part of a night that is known when it begins, with notes on earlier runs that were
/// interrupted before they could tell of themselves.
///
/// # Errors
/// When the logbook cannot be read or written.
pub(super) fn begin(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
) -> Result<Night, Failure> {
    let mut notes = Vec::new();
    for earlier in state.unfinished_runs()?.into_iter().filter(|earlier| earlier.id != *run) {
        notes.push(Note::Interrupted { run: earlier.id.to_string() });
    }
    let waiting = state.waiting_mails()?.into_iter().filter(|mail| !mail.is_given_up());
    let waiting = waiting.count() as u64;
    if waiting > 0 {
        notes.push(Note::LateMails { count: waiting });
    }
    Ok(Night { notes, ..blank(context, run.to_string()) })
}

/// What [`begin`] noted of earlier runs is told: they are over. Until then they stay open, so that
/// a run that is interrupted itself, or tells nothing, leaves them to the next.
///
/// # Errors
/// When the logbook cannot be read or written.
pub(super) fn end_interrupted(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
) -> Result<(), Failure> {
    for earlier in state.unfinished_runs()?.into_iter().filter(|earlier| earlier.id != *run) {
        let at = context.now.timestamp();
        let end = RunEnd { at, result: "interrupted".to_owned(), exit: exit::SOFTWARE };
        state.finish_run(&earlier.id, end)?;
        state.no_mail(&earlier.id)?;
    }
    Ok(())
}

/// A night of which nothing is known yet.
pub(super) fn blank(context: &Context<'_>, run: String) -> Night {
    Night {
        site: context.loaded.config.site.name.clone(),
        host: context.host.clone(),
        run,
        started: context.now.clone(),
        exported: None,
        trigger: context.trigger,
        test: context.is_test(),
        targets: Vec::new(),
        left: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        failure: None,
        receipt: String::new(),
        here: context.here(),
    }
}

/// The receivers of the configuration that took no part in a night, and that lack the export that
/// it was about, or wait for a person or for the answer to what they have. Where the logbook does
/// not say, they do.
pub(super) fn left(
    context: &Context<'_>,
    state: &StateReader,
    night: &Night,
    export: (Digest, Timestamp),
) -> Vec<String> {
    let took_part = |name: &String| night.targets.iter().any(|target| target.name == *name);
    let others = context.loaded.config.target.keys().filter(|name| !took_part(name));
    others.filter(|name| waits(state, name, export).unwrap_or(true)).cloned().collect()
}

fn waits(
    state: &StateReader,
    name: &str,
    (export, exported_at): (Digest, Timestamp),
) -> Result<bool, Failure> {
    let has_it = state
        .last_published(name)?
        .is_some_and(|last| last.export_digest == export || last.exported_at >= exported_at);
    let held = state.held_plans()?;
    let held = held.iter().any(|plan| plan.target == name && !is_list(plan));
    Ok(!has_it || held || !state.unfinished_plans(name)?.is_empty())
}

/// The mail at the start of a run, where the configuration wants one.
pub(super) fn announce(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
) -> Result<(), Failure> {
    let Some(settings) = context.loaded.config.mail.as_ref().filter(|mail| mail.at_start) else {
        return Ok(());
    };
    let start = Start {
        site: context.loaded.config.site.name.clone(),
        host: context.host.clone(),
        run: run.to_string(),
        started: context.now.clone(),
        test: context.is_test(),
        targets: context.targets().iter().map(|&name| name.to_owned()).collect(),
    };
    let composed = compose_start(&start, context.loaded.config.site.language);
    queue(context, state, run, settings, &composed)?;
    context.away(|| outbox::flush(context, state, settings));
    Ok(())
}

/// Makes the run's mail, queues it, and hands over whatever waits.
///
/// # Errors
/// When the mail could not be queued. One that could not be handed over waits, and is no error.
pub(super) fn tell(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
    night: &mut Night,
) -> Result<(), Failure> {
    // What was decided so far is in the chain, and nothing is decided after the mail.
    // Where it cannot be noted, the mail cannot be queued either, and goes out without.
    let head = state.note_receipt(run).ok().flatten();
    night.receipt = head.as_deref().map(receipt).unwrap_or_default();
    let Some(settings) = &context.loaded.config.mail else {
        state.no_mail(run)?;
        return Ok(());
    };
    if settings.on.wants(night) {
        let composed = compose(night, context.loaded.config.site.language);
        let queued = queue(context, state, run, settings, &composed);
        queued.inspect_err(|_| super::straight::hand_over(context, night))?;
    } else {
        state.no_mail(run)?;
    }
    context.away(|| outbox::flush(context, state, settings));
    Ok(())
}

/// One entry for each recipient: a server may take the mail for one and refuse it for another.
fn queue(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
    settings: &MailSettings,
    composed: &Composed,
) -> Result<(), Failure> {
    let run_id = run.to_string();
    let about = About {
        run: &run_id,
        host: &context.host,
        site: &context.loaded.config.site.name,
        now: &context.now,
        answers: None,
    };
    let mail = build(composed, about, settings)
        .map_err(|error| Failure::new(error.code(), error.facts()))?;
    for new in entries(settings, mail, run) {
        state.queue(new, context.now.timestamp())?;
    }
    Ok(())
}

/// A mail's entries in the outbox.
pub(super) fn entries(settings: &MailSettings, mail: Mail, run: &RunId) -> Vec<NewMail> {
    let message = String::from_utf8(mail.rfc822).expect("mails are encoded as ASCII");
    let one_file = matches!(settings.transport, Transport::Folder(_));
    let recipients = mail.recipients.iter().take(if one_file { 1 } else { usize::MAX });
    let entry = |recipient: &MailAddress| NewMail {
        message_id: format!("{} {}", mail.message_id, recipient.bare()),
        run: run.clone(),
        from: settings.from.bare(),
        to: vec![recipient.bare()],
        message: message.clone(),
    };
    recipients.map(entry).collect()
}

/// Faults in the data as remarks: one for each code, with how many.
pub fn warnings(issues: &[Issue]) -> Vec<Warning> {
    let mut by_code: BTreeMap<Code, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for issue in issues.iter().filter(|issue| issue.severity != Severity::Error) {
        let (count, files) = by_code.entry(issue.code).or_default();
        *count += issue.detail.parse().unwrap_or(1);
        files.insert(&issue.file);
    }
    by_code
        .into_iter()
        .map(|(code, (count, files))| {
            let detail = files.into_iter().collect::<Vec<_>>().join(", ");
            Warning { code, count, detail }
        })
        .collect()
}

/// Runs that bring no new file: they are no nights.
const BY_HAND: [&str; 3] = ["approve", "withdraw", "undo"];

/// Nights in a row, before this one, in which runs took place and the target got no file.
pub(super) fn nights_without(state: &StateReader, target: &str, now: &Zoned) -> u32 {
    let last = state.last_published(target).ok().flatten().map(|last| last.published_at);
    let runs = state.recent_runs(400).unwrap_or_default();
    let nights: BTreeSet<_> = runs
        .iter()
        .filter(|run| {
            !BY_HAND.contains(&run.trigger.as_str())
                && last.is_none_or(|last| run.started_at > last)
        })
        .map(|run| run.started_at.to_zoned(now.time_zone().clone()).date())
        .filter(|&date| date != now.date())
        .collect();
    u32::try_from(nights.len()).unwrap_or(u32::MAX)
}

/// The whole run's failure, as the mail tells it.
pub(super) fn failed(
    context: &Context<'_>,
    state: &StateReader,
    failure: Failure,
) -> night::Failure {
    let nights =
        context.targets().into_iter().map(|name| nights_without(state, name, &context.now));
    let nights_without = nights.min().unwrap_or(0) + 1;
    night::Failure { code: failure.code, facts: failure.facts, nights_without }
}

/// The exit code of a run.
pub fn exit_of(night: &Night) -> u8 {
    if let Some(failure) = &night.failure {
        return exit::of(failure.code);
    }
    let codes: Vec<u8> =
        night.targets.iter().map(|target| exit_of_outcome(&target.outcome)).collect();
    exit::of_targets(&codes)
}

/// The exit code of one target's part.
pub fn exit_of_outcome(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Delivered { .. } | Outcome::Approved { .. } | Outcome::AlreadyDelivered => {
            exit::DONE
        }
        Outcome::Held { .. } => exit::HELD,
        Outcome::Failed { code, .. } => exit::of(*code),
        Outcome::Unknown { .. } => exit::MIXED,
        Outcome::PlannedOnly | Outcome::Paused { .. } => exit::PLANNED_ONLY,
    }
}

/// A run's result in one word, for history and JSON.
pub fn result_word(night: &Night) -> &'static str {
    match exit_of(night) {
        exit::DONE => "completed",
        exit::HELD => "held",
        exit::MIXED => "mixed",
        exit::PLANNED_ONLY => "planned-only",
        _ => "failed",
    }
}

/// One target's result in one word, for JSON.
pub fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered { .. } => "completed",
        Outcome::Approved { .. } => "approved",
        Outcome::Held { .. } => "held",
        Outcome::Failed { .. } => "failed",
        Outcome::Unknown { .. } => "unknown",
        Outcome::AlreadyDelivered => "already-delivered",
        Outcome::PlannedOnly => "planned-only",
        Outcome::Paused { .. } => "paused",
    }
}

/// How a mail and `history` show the end of the chain of decisions: the start of its hash, as
/// `9f3c-a1`. The mailbox is a witness that whoever edits the logbook does not reach.
pub fn receipt(head: &str) -> String {
    match (head.get(..4), head.get(4..6)) {
        (Some(first), Some(second)) => format!("{first}-{second}"),
        _ => String::new(),
    }
}
