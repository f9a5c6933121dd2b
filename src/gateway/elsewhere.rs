//! What receivers may hold by files that are no baseline to compare with: sent to where a target
//! was before it moved, taken over from another program, or sent under a name that the
//! configuration no longer has.

use std::collections::BTreeSet;
use std::path::Path;

use super::failure::Failure;
use super::last_file::stored;
use super::other_name;
use super::recover::holds_protected;
use super::target::Aim;
use super::tonight::failed;
use super::withdraw::IN_DOUBT;
use super::{Context, Event};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::{Outcome, PastFilter, Protection, RemovalLimits, TargetNight};
use crate::pipeline::plan::Register;
use crate::pipeline::withdrawal::there;
use crate::state::{BaselineRecord, Delivered, StateError, StateReader};

/// A person is in a file from which we cannot take them out: why.
pub(super) fn in_a_file(last: &Delivered, aim: &Aim<'_>) -> Option<Failure> {
    let moved = last.receiver.moved(&aim.receiver).join(", ");
    if !moved.is_empty() {
        return Some(in_doubt(
            &format!("den senaste filen, som har personen, gick till en annan mottagare ({moved})"),
            &format!("the last file, which has the person, went to another receiver ({moved})"),
        ));
    }
    last.adopted.then(|| {
        in_doubt(
            "filen som lästes in med baseline adopt har personen, och den har ett annat program \
             skickat",
            "the file that was read in with baseline adopt has the person, and another program \
             sent it",
        )
    })
}

/// What is in doubt about a receiver, in words.
pub(super) fn in_doubt(sv: &str, en: &str) -> Failure {
    Failure::new(IN_DOUBT, Facts::new().words(Placeholder::Detail, sv, en))
}

/// Receivers that the configuration no longer names and whose last file has the person who is
/// withdrawn now: somebody must take them out there. Of whoever was withdrawn before, that was told
/// then; no later withdrawal is theirs.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn forgotten(
    context: &Context<'_>,
    state: &StateReader,
    keys: &BTreeSet<String>,
) -> Result<Vec<TargetNight>, Failure> {
    let config = &context.loaded.config;
    let mut told = Vec::new();
    for name in state.targets()?.into_iter().filter(|name| !config.target.contains_key(name)) {
        let baseline = state.baseline(&name)?;
        for last in baseline.candidates() {
            let why = match holds(state, last, keys) {
                Ok(false) => continue,
                Ok(true) if replaced(context, state, last)? => continue,
                Ok(true) => in_doubt(
                    "mottagaren står inte i konfigurationen längre, och dess senaste fil har \
                     personen",
                    "the receiver is no longer in the configuration, and its last file has the \
                     person",
                ),
                Err(unreadable) => unreadable,
            };
            let target = not_done(&name, last, failed(why, &name));
            (context.listener)(&Event::Done(&target));
            told.push(target);
            break;
        }
    }
    Ok(told)
}

fn holds(state: &StateReader, told: &Delivered, keys: &BTreeSet<String>) -> Result<bool, Failure> {
    Ok(!there(&stored(&state.snapshot(told)?.path)?, keys).is_empty())
}

/// A target of another name has told the same receiver since.
fn replaced(
    context: &Context<'_>,
    state: &StateReader,
    old: &Delivered,
) -> Result<bool, StateError> {
    let config = &context.loaded.config;
    for name in config.target.keys() {
        let BaselineRecord::Delivered(new) = state.baseline(name)? else { continue };
        let same = new.receiver == old.receiver && Aim::at(config, name).receiver == old.receiver;
        if same && !new.adopted && new.delivered_at >= old.delivered_at {
            return Ok(true);
        }
    }
    Ok(false)
}

fn not_done(name: &str, last: &Delivered, outcome: Outcome) -> TargetNight {
    TargetNight {
        name: name.to_owned(),
        test: last.receiver.environment == "test",
        outcome,
        counts: None,
        limits: RemovalLimits::default(),
        documents: Vec::new(),
        protection: Protection::NotDone,
        past_filter: PastFilter::default(),
        waiting: None,
        nights_without: 0,
    }
}

/// Whether a file that went to where this target was before it moved, or that the receiver was given
/// under another name, has somebody who is protected now: no plan of ours takes them out there. In
/// doubt it has.
///
/// # Errors
/// When the logbook cannot be read.
pub(super) fn protected_where_it_was(
    context: &Context<'_>,
    state: &StateReader,
    aim: &Aim<'_>,
    register: &Register,
) -> Result<bool, StateError> {
    let baseline = state.baseline(aim.name)?;
    let has = |path: &Path| holds_protected(path, aim, register, &context.now).unwrap_or(true);
    let there = baseline.candidates().into_iter().any(|told| {
        let elsewhere = !told.receiver.moved(&aim.receiver).is_empty();
        elsewhere && state.snapshot(told).map_or(true, |file| has(&file.path))
    });
    let others = other_name::since_told(state, aim, &baseline)?;
    let here = other_name::may_stand(state, aim, &baseline, &others);
    Ok(there || here.iter().any(|path| has(path)))
}
