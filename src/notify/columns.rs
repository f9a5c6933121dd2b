//! The numbers of one receiver as rows of a table.

use super::document::Row;
use super::language::Language;
use super::night::{RemovalLimits, TargetNight};
use super::number::{count, percent, share};
use crate::pipeline::counts::Tally;

/// The rows of a receiver: persons, groups, memberships and, where there are any, relations.
pub(super) fn rows(target: &TargetNight, language: Language) -> Vec<Row> {
    let Some(counts) = &target.counts else { return Vec::new() };
    let RemovalLimits { persons, groups, memberships, relations } = target.limits;
    let kinds = [
        (language.of("Personer", "Persons"), &counts.persons, persons),
        (language.of("Grupper", "Groups"), &counts.groups, groups),
        (language.of("Medlemskap", "Memberships"), &counts.memberships, memberships),
        (language.of("Relationer", "Relations"), &counts.relations, relations),
    ];
    kinds
        .into_iter()
        .filter(|(_, tally, _)| tally.before + tally.now > 0)
        .map(|(label, tally, limit)| row(label, tally, limit, language))
        .collect()
}

fn row(label: &'static str, tally: &Tally, limit: Option<u32>, language: Language) -> Row {
    let removed = share(tally.removed, tally.before, limit, language);
    let beside = match limit {
        Some(limit) if tally.before > 0 => format!("{removed} ({})", percent(limit, language)),
        _ => removed,
    };
    let number = |number| count(number, language);
    Row {
        label,
        cells: [
            number(tally.before),
            number(tally.now),
            number(tally.added),
            number(tally.changed),
            number(tally.removed),
            beside,
        ],
    }
}
