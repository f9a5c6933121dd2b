//! Whose withdrawal is meant: what was typed, found in the logbook, the registers or a last file.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::find::as_keys;
use super::last_file::stored;
use super::read::{KeptOut, Reading};
use super::tonight::no_panic;
use super::{Context, read_registers_without_marks};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::pipeline::by_hand::{ByHand, Traits};
use crate::pipeline::withdrawal::there;
use crate::roster::code::Code;
use crate::roster::loose::loose;
use crate::state::{BaselineRecord, Delivered, StateReader};

/// RG365: nobody knows this key.
pub(super) const UNKNOWN_KEY: Code = Code(365);

/// Who is meant, and what the registers say without them.
pub(super) struct Meant {
    /// Their key, as it is written where it is known.
    pub(super) key: String,
    /// What they are known by beside it.
    pub(super) known_by: Traits,
    /// Every key of theirs, and of everybody who was withdrawn before.
    pub(super) keys: BTreeSet<String>,
    pub(super) read: Result<Reading, Failure>,
}

/// What was typed is taken as it is, or as the declared clean-up makes it, as `find` takes it.
pub(super) fn meant(
    context: &Context<'_>,
    state: &StateReader,
    typed: &str,
) -> Result<Meant, Failure> {
    let before = state.by_hand()?;
    let mut unread = false;
    for typed in as_keys(context, typed) {
        let mut by_hand = before.clone();
        let known = before.known_as(&typed).next();
        by_hand.persons.entry(known.unwrap_or(&typed).clone()).or_default();
        let kept_out = KeptOut { by_hand, telltales: state.telltales()? };
        let read = no_panic(|| read_registers_without_marks(context, &kept_out)).flatten();
        let seen = read.as_ref().ok().and_then(|reading| reading.by_hand.seen.get(&typed));
        let in_register = || Some((written(&typed, seen?)?, seen?.clone()));
        let again = known.map(|key| (key.clone(), before.persons[key].clone()));
        let found = again.or_else(in_register).or_else(|| in_any_file(state, &before, &typed));
        if let Some((key, known_by)) = found {
            let mut keys = kept_out.by_hand.keys();
            keys.extend(known_by.keys.iter().chain([&key]).cloned());
            return Ok(Meant { key, known_by, keys, read });
        }
        unread = read.is_err();
    }
    Err(unknown_key(unread))
}

/// The key as the registers write it: just so, else nearly so.
fn written(typed: &str, seen: &Traits) -> Option<String> {
    let is = |key: &&String| key.trim() == typed.trim();
    let near = |key: &&String| loose(key) == loose(typed);
    seen.keys.iter().find(is).or_else(|| seen.keys.iter().find(near)).cloned()
}

/// A file that cannot be read knows nobody; its receiver is told of that like any other fault.
fn in_any_file(state: &StateReader, by_hand: &ByHand, key: &str) -> Option<(String, Traits)> {
    let keys = BTreeSet::from([key.to_owned()]);
    let has = |told: &Delivered| {
        let file = stored(&state.snapshot(told).ok()?.path).ok()?;
        let key = there(&file, &keys).pop_first()?;
        let known_by = Traits::of(&file.person_at(file.find_person(&key)?), &by_hand.salt);
        Some((key, known_by))
    };
    let names = state.targets().unwrap_or_default();
    let baselines: Vec<_> = names.iter().filter_map(|name| state.baseline(name).ok()).collect();
    baselines.iter().flat_map(BaselineRecord::candidates).find_map(has)
}

fn unknown_key(unread: bool) -> Failure {
    let facts = Facts::new();
    let (sv, en) = ("registret gick inte att läsa nu", "the register could not be read now");
    let facts = if unread { facts.words(Placeholder::Detail, sv, en) } else { facts };
    Failure::new(UNKNOWN_KEY, facts)
}
