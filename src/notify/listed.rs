//! What may be very many, as far as anybody reads it: the rest is told as a number.

use super::language::Language::{self, En, Sv};
use super::number::count;
use super::sentence::sentence;
use crate::pipeline::verdict::Breach;

/// So many are told one by one.
const MOST: usize = 30;

/// Why a plan is held, one sentence for each reason.
pub fn reasons(breaches: &[Breach], language: Language) -> Vec<String> {
    let first = breaches.iter().take(MOST).map(|breach| sentence(breach, language));
    first.chain(more(breaches.len(), language)).collect()
}

/// Names, on one line.
pub(super) fn names(names: &[String], language: Language) -> String {
    let first = names.iter().take(MOST).cloned();
    first.chain(more(names.len(), language)).collect::<Vec<_>>().join(", ")
}

fn more(all: usize, language: Language) -> Option<String> {
    let more = all.checked_sub(MOST).filter(|&more| more > 0)?;
    let number = count(more as u64, language);
    Some(match language {
        Sv => format!("… och {number} till"),
        En => format!("… and {number} more"),
    })
}
