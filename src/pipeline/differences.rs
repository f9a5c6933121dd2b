//! What differs between what a target was last told and what the registers say tonight.

use std::collections::BTreeMap;

use super::diff::{Difference, named};
use crate::roster::words::Kind;

/// The differences, in lines.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) missing: BTreeMap<(Kind, String), String>,
    pub(super) changed: Vec<(Kind, String, String)>,
}

impl Differences {
    /// Nothing is missing and nothing has changed.
    pub(super) fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty()
    }

    /// Whether something that is missing waits by itself: a link shares the fate of a missing end.
    pub(super) fn has_a_fate(&self, kind: Kind, identity: &str) -> bool {
        let missing =
            |(end, key): &(Kind, &str)| self.missing.contains_key(&(*end, (*key).to_owned()));
        is_entity(kind) || !ends(kind, identity).iter().any(missing)
    }

    pub(super) fn add(&mut self, difference: &Difference<'_>) {
        let kind = difference.kind;
        match (difference.before, difference.now) {
            (Some(before), None) => {
                let key = (kind, named(kind, before).to_owned());
                self.missing.insert(key, before.to_owned());
            }
            (Some(before), Some(now)) => {
                self.changed.push((kind, before.to_owned(), now.to_owned()));
            }
            _ => {}
        }
    }
}

/// The two ends of a link.
pub(super) fn ends(kind: Kind, identity: &str) -> [(Kind, &str); 2] {
    let mut fields = identity.split('\t');
    let (first, second) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let first_kind = if kind == Kind::Membership { Kind::Group } else { Kind::Person };
    [(first_kind, first), (Kind::Person, second)]
}

pub(super) fn is_entity(kind: Kind) -> bool {
    matches!(kind, Kind::School | Kind::Person | Kind::Group)
}

/// The group of a membership.
pub(super) fn first(identity: &str) -> &str {
    identity.split('\t').next().unwrap_or_default()
}
