//! `[target.NAME] group-key`: the keys by which a receiver knows groups, where they are not the
//! register's own. A course that a receiver archives for good must not come back under its old
//! key, and many registers use one key year after year: the school year in the key tells them
//! apart.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::formats::Format;
use crate::roster::code::Code;
use crate::roster::draft::SetAside;
use crate::roster::entity::Group;
use crate::roster::issue::{Issue, Severity};
use crate::roster::rename::SameKey;
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{GroupKind, Kind};

/// Two groups would get one key.
pub(super) const ONE_KEY: Code = Code(367);
/// Groups lack the term that their key needs.
const WITHOUT_TERM: Code = Code(368);
/// How long a template may be.
const LONGEST: usize = 64;

/// A key with other texts around it: `{key}` once, and `{term}` at most once.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct KeyTemplate(String);

impl KeyTemplate {
    fn has_term(&self) -> bool {
        self.0.contains("{term}")
    }

    /// What stands before and after the key.
    fn around(&self) -> (&str, &str) {
        self.0.split_once("{key}").expect("checked when it was read")
    }

    fn fill(&self, key: &str, term: &str) -> String {
        let (before, after) = self.around();
        let filled = |text: &str| text.replacen("{term}", term, 1);
        format!("{}{key}{}", filled(before), filled(after))
    }

    /// Whether `told` can be what became of the key, in whatever term.
    fn may_have_given(&self, told: &str, key: &str) -> bool {
        let (before, after) = self.around();
        let whole = match (before.split_once("{term}"), after.split_once("{term}")) {
            (Some((start, mid)), _) => (start, format!("{mid}{key}{after}")),
            (_, Some((mid, end))) => {
                return told
                    .strip_prefix(&format!("{before}{key}{mid}"))
                    .is_some_and(|rest| rest.len() > end.len() && rest.ends_with(end));
            }
            _ => return told == self.fill(key, ""),
        };
        let (start, rest) = whole;
        told.strip_prefix(start).is_some_and(|t| t.len() > rest.len() && t.ends_with(&rest))
    }
}

impl TryFrom<String> for KeyTemplate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        check(&text)?;
        Ok(KeyTemplate(text))
    }
}

impl From<KeyTemplate> for String {
    fn from(template: KeyTemplate) -> String {
        template.0
    }
}

fn check(text: &str) -> Result<(), String> {
    let odd = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let long = text.is_empty() || text.chars().count() > LONGEST;
    if long || text.contains(odd) || text.trim() != text {
        return Err(format!(
            "must be 1 to {LONGEST} characters, without control characters and without blanks at \
             either end"
        ));
    }
    let mut bare = text.replacen("{key}", "\u{0}", 1);
    if bare.len() == text.len() || bare.contains("{key}") {
        return Err(format!("{text:?} must hold {{key}} once: no two groups may get one key"));
    }
    bare = bare.replacen("{term}", "\u{1}", 1);
    if let Some(at) = bare.find(['{', '}']) {
        let before = &bare[..at];
        let restored = before.replace('\u{0}', "{key}").replace('\u{1}', "{term}");
        let end = bare[at..].find('}').map_or(bare.len(), |end| at + end + 1);
        return Err(format!(
            "unknown placeholder {:?} at character {}: there are {{key}} and {{term}}, each once",
            &bare[at..end].replace('\u{0}', "{key}").replace('\u{1}', "{term}"),
            restored.chars().count() + 1
        ));
    }
    if bare.contains("\u{0}\u{1}") || bare.contains("\u{1}\u{0}") {
        return Err(format!("{text:?}: put a character such as - between {{key}} and {{term}}"));
    }
    Ok(())
}

/// For each kind of group, how its keys are made; a kind without a template keeps the
/// register's keys.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroupKeys {
    /// Classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<KeyTemplate>,
    /// Courses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<KeyTemplate>,
    /// Mentor groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentor: Option<KeyTemplate>,
    /// Any other groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<KeyTemplate>,
    /// Teaching groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teaching: Option<KeyTemplate>,
}

impl GroupKeys {
    fn of(&self, kind: GroupKind) -> Option<&KeyTemplate> {
        match kind {
            GroupKind::Class => self.class.as_ref(),
            GroupKind::Course => self.course.as_ref(),
            GroupKind::Mentor => self.mentor.as_ref(),
            GroupKind::Other => self.other.as_ref(),
            GroupKind::Teaching => self.teaching.as_ref(),
        }
    }

    fn templates(&self) -> impl Iterator<Item = &KeyTemplate> {
        GroupKind::ALL.iter().filter_map(|&kind| self.of(kind))
    }

    /// Whether every group keeps the register's key.
    pub fn are_plain(&self) -> bool {
        self.templates().next().is_none()
    }

    /// Whether any key has the group's term in it.
    pub fn use_term(&self) -> bool {
        self.templates().any(KeyTemplate::has_term)
    }

    /// What the digest of a delivery covers; empty where every group keeps the register's key.
    pub fn canonical(&self) -> String {
        if self.are_plain() {
            return String::new();
        }
        let keys = serde_json::to_string(self);
        format!("group-key {}", keys.expect("templates are plain text"))
    }

    /// The key by which the receiver knows a group of the register; `None` while it has no term
    /// and its key needs one.
    pub fn key_of(&self, group: &Group<'_>) -> Option<String> {
        match self.of(group.kind) {
            None => Some(group.key.to_owned()),
            Some(template) if template.has_term() && group.term.is_empty() => None,
            Some(template) => Some(template.fill(group.key, group.term)),
        }
    }

    /// Whether a receiver's key can stand for a group of the register, in whatever term and of
    /// whatever kind. In doubt it can.
    fn may_stand_for(&self, told: &str, key: &str) -> bool {
        told == key || self.templates().any(|template| template.may_have_given(told, key))
    }

    /// A roster with the receiver's keys, without groups that wait for a term.
    pub(super) fn apply(&self, roster: Roster) -> Keyed {
        if self.are_plain() {
            return Keyed { roster, waiting: BTreeSet::new(), clashing: 0 };
        }
        let waits = |group: &Group<'_>| self.key_of(group).is_none();
        let waiting: BTreeSet<String> =
            roster.groups().filter(waits).map(|group| group.key.to_owned()).collect();
        let ready = if waiting.is_empty() {
            roster
        } else {
            let groups = roster.groups().map(|group| !waits(&group)).collect();
            roster.subset(&Keep { groups, ..Keep::all(&roster) })
        };
        let key = |group: &Group<'_>| self.key_of(group).expect("the others were left out");
        match ready.rename_groups(key) {
            Ok(roster) => Keyed { roster, waiting, clashing: 0 },
            Err(SameKey(clashing)) => Keyed { roster: ready, waiting, clashing },
        }
    }
}

/// A roster with the receiver's keys.
pub struct Keyed {
    /// The roster.
    pub roster: Roster,
    /// Groups, by the register's keys, that lack the term which their key needs. They are not
    /// told under a key that would have to change; what was told of them stays.
    pub waiting: BTreeSet<String>,
    /// Groups that would share a key. When there are any, no key was changed, and nothing may be
    /// told.
    pub clashing: u64,
}

/// What is told to people of groups that wait for a term.
pub(super) fn without_term(waiting: &BTreeSet<String>, format: &Format) -> Option<Issue> {
    let document = format.document_names().into_iter().next().unwrap_or_default();
    let issue = Issue::of_file(WITHOUT_TERM, Severity::SetAside, &document).in_field("term");
    (!waiting.is_empty()).then(|| issue.with(waiting.len().to_string()))
}

/// Rows that could not be used, groups that wait for a term among them, by the register's keys.
pub(super) struct Aside<'a> {
    pub(super) rows: &'a BTreeSet<SetAside>,
    pub(super) waiting: &'a BTreeSet<String>,
    pub(super) keys: &'a GroupKeys,
}

impl<'a> Aside<'a> {
    pub(super) fn len(&self) -> u64 {
        (self.rows.len() + self.waiting.len()) as u64
    }

    /// The same by the keys that the receiver knows.
    pub(super) fn as_told_in(&self, baseline: &Roster) -> Cow<'a, BTreeSet<SetAside>> {
        if self.keys.are_plain() && self.waiting.is_empty() {
            return Cow::Borrowed(self.rows);
        }
        let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut told_as = |key: &'a str| -> Vec<String> {
            let find = || {
                let groups = baseline.groups().map(|group| group.key);
                let stands = groups.filter(|told| self.keys.may_stand_for(told, key));
                stands.map(str::to_owned).collect()
            };
            known.entry(key).or_insert_with(find).clone()
        };
        let mut aside = BTreeSet::new();
        for row in self.rows {
            match row.kind {
                Kind::Group => aside.extend(told_as(&row.key).into_iter().map(group)),
                Kind::Membership => {
                    let of = |other| SetAside { other, ..row.clone() };
                    aside.extend(told_as(&row.other).into_iter().map(of));
                }
                Kind::School | Kind::Person | Kind::Relation => {
                    aside.insert(row.clone());
                }
            }
        }
        for key in self.waiting {
            aside.extend(told_as(key).into_iter().map(group));
        }
        Cow::Owned(aside)
    }
}

fn group(key: String) -> SetAside {
    SetAside { kind: Kind::Group, key, other: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Result<KeyTemplate, String> {
        KeyTemplate::try_from(text.to_owned())
    }

    #[test]
    fn a_template_says_what_is_wrong_and_where() {
        for (text, wrong) in [
            ("{key}-{klass}", "unknown placeholder \"{klass}\" at character 7"),
            ("å{term}-{key}{", "unknown placeholder \"{\" at character 14"),
            ("}{key}", "unknown placeholder \"}\" at character 1"),
            ("{key}-{term}-{term}", "unknown placeholder \"{term}\" at character 14"),
            ("{term}", "must hold {key} once"),
            ("{key}{key}", "must hold {key} once"),
            ("{key}{term}", "between {key} and {term}"),
            ("{term}{key}", "between {key} and {term}"),
            (" {key}", "must be 1 to 64 characters"),
            ("", "must be 1 to 64 characters"),
        ] {
            let said = template(text).expect_err(text);
            assert!(said.contains(wrong), "{text}: {said}");
        }
    }

    #[test]
    fn a_template_is_filled_once() {
        let both = template("{key}-{term}").expect("right");
        assert_eq!(both.fill("ma-{term}-1", "HT26 {key}"), "ma-{term}-1-HT26 {key}");
        assert_eq!(template("{term}/{key}x").expect("right").fill("1", "2"), "2/1x");
        assert_eq!(template("K-{key}").expect("right").fill("1", "2"), "K-1");
    }

    #[test]
    fn a_receivers_key_is_recognised_in_whatever_term() {
        for (text, told, key, expected) in [
            ("{key}-{term}", "ma-1-2026/2027", "ma-1", true),
            ("{key}-{term}", "ma-1", "ma-1", false),
            ("{key}-{term}", "ma-1-", "ma-1", false),
            ("{key}-{term}", "ma-12-2026", "ma-1", false),
            ("{key}-{term}.", "ma-1-HT26.", "ma-1", true),
            ("{term}:{key}.", "HT26:ma-1.", "ma-1", true),
            ("{term}:{key}", ":ma-1", "ma-1", false),
            ("K-{key}", "K-ma-1", "ma-1", true),
            ("K-{key}", "K-ma-12", "ma-1", false),
        ] {
            let found = template(text).expect("right").may_have_given(told, key);
            assert_eq!(found, expected, "{text} {told} {key}");
        }
    }
}
