//! A key that nobody knows: what is most likely wrong with what was typed.

use std::collections::BTreeSet;

use super::Context;
use super::failure::Failure;
use super::read::Reading;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::code::Code;
use crate::roster::roster::Roster;
use crate::sources::SourceKind;

/// RG370: nobody knows this key.
const UNKNOWN_KEY: Code = Code(370);

/// Nobody knows the key: what is most likely wrong with what was typed, without anybody else's.
pub(super) fn unknown(context: &Context<'_>, reading: Option<&Reading>, typed: &str) -> Failure {
    let sources = context.loaded.config.source.values();
    let columns: BTreeSet<String> =
        sources.flat_map(|SourceKind::Csv(settings)| settings.key_columns()).collect();
    let columns = columns.into_iter().collect::<Vec<_>>().join(", ");
    let facts = Facts::new().text(Placeholder::Field, columns);
    let near = reading.is_some_and(|reading| has_near(&reading.register.roster, typed));
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let is_number =
        matches!(digits, 10 | 12) && typed.chars().all(|c| c.is_ascii_digit() || "-+ ".contains(c));
    let (sv, en) = if near {
        (
            "en nyckel i registret skiljer sig bara i stora och små bokstäver, mellanslag eller \
             skiljetecken",
            "a key in the register differs only in capitals, blanks or punctuation",
        )
    } else if typed.contains('@') {
        ("det ser ut som en e-postadress", "it looks like an e-mail address")
    } else if is_number {
        ("det ser ut som ett personnummer", "it looks like a personal number")
    } else if typed.trim().contains(' ') {
        ("det ser ut som ett namn", "it looks like a name")
    } else {
        return Failure::new(UNKNOWN_KEY, facts);
    };
    Failure::new(UNKNOWN_KEY, facts.words(Placeholder::Detail, sv, en))
}

fn has_near(roster: &Roster, typed: &str) -> bool {
    let bare = |key: &str| -> String {
        key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let typed = bare(typed);
    let is = |key: &str| bare(key) == typed;
    !typed.is_empty()
        && (roster.persons().any(|person| is(person.key))
            || roster.groups().any(|group| is(group.key))
            || roster.schools().any(|school| is(school.key)))
}
