//! What beside the register decides what a target is told, and what goes because of it: a line
//! edited in the configuration must never pass as pupils who moved away (rule 12 in CONTRIBUTING).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::diff::{View, diff};
use super::keys::GroupKeys;
use super::plan::{Model, Plan, Register};
use super::select::{Choice, Selection, Sensitive, select};
use super::verdict::{Breach, Cause, Operation};
use crate::formats::Format;
use crate::formats::snapshot::{ORDER, Reader, SnapshotError};
use crate::roster::entity::identity;
use crate::roster::roster::Roster;
use crate::roster::words::{GroupKind, Kind, Role};

/// The revision of protecting, selecting and carrying over. Whoever changes what they leave out of
/// the same register under the same configuration raises it: the next night that removes is held.
pub const PIPELINE_REVISION: u32 = 1;

/// What beside the register decided what a target was told. No personal data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rules {
    /// What the target selects.
    pub selection: Selected,
    /// Digest of the settings by which the registers are read.
    pub sources: String,
    /// Digest of the settings of protected identity.
    pub protection: String,
    /// Digest of whatever else of the target's settings decides whom or which keys it is told.
    pub target: String,
    /// See [`PIPELINE_REVISION`].
    pub revision: u32,
}

/// A selection as it is kept. `None` is everything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Selected {
    /// Keys of schools.
    pub schools: Option<BTreeSet<String>>,
    /// School years of pupils.
    pub years: Option<BTreeSet<String>>,
    /// Roles of persons.
    pub roles: BTreeSet<Role>,
    /// Kinds of group.
    pub groups: BTreeSet<GroupKind>,
    /// Sensitive fields.
    pub send: BTreeSet<Sensitive>,
}

impl From<&Selection> for Selected {
    fn from(selection: &Selection) -> Selected {
        let listed = |choice: &Choice| match choice {
            Choice::All => None,
            Choice::These(items) => Some(items.clone()),
        };
        Selected {
            schools: listed(&selection.schools),
            years: listed(&selection.years),
            roles: selection.roles.iter().collect(),
            groups: selection.groups.clone(),
            send: selection.send.clone(),
        }
    }
}

impl Selected {
    /// The selection that was kept, with today's keys of groups: another template is a change of
    /// how the receiver is told, and held as such.
    fn with(&self, group_keys: &GroupKeys) -> Selection {
        let kept = self;
        let choice =
            |items: &Option<BTreeSet<String>>| items.clone().map_or(Choice::All, Choice::These);
        Selection {
            schools: choice(&kept.schools),
            years: choice(&kept.years),
            roles: kept.roles.iter().copied().collect(),
            groups: kept.groups.clone(),
            send: kept.send.clone(),
            group_keys: group_keys.clone(),
        }
    }
}

/// What a plan was made from, beside its rules.
pub struct Made<'m> {
    /// The register's data.
    pub register: &'m Register,
    /// The target's format.
    pub format: &'m Format,
    /// How the target's keys of groups are made.
    pub group_keys: &'m GroupKeys,
    /// What the target was last told.
    pub model: Model<'m>,
    /// The local date.
    pub today: Date,
}

/// What other rules than last time's do to a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// The reason to hold it, when they remove something.
    pub breach: Option<Breach>,
    /// Something that only last time's rules select is told once more, such as a row set aside:
    /// until it goes, last time's rules are the ones to compare with.
    pub waits: bool,
}

impl Rules {
    /// Why tonight's rules may tell other people than `before` did, where they are not the same.
    pub fn cause_since(&self, before: &Rules) -> Option<Cause> {
        let read =
            |rules: &Rules| (rules.sources.clone(), rules.protection.clone(), rules.target.clone());
        if read(self) != read(before) {
            Some(Cause::Source)
        } else if self.revision != before.revision {
            Some(Cause::Program)
        } else {
            (self.selection != before.selection).then_some(Cause::Selection)
        }
    }
}

/// What a plan made under `now` removes because of its rules, when its baseline was made under
/// `before`. Another selection is tried out on tonight's register. Other settings of sources and
/// other programs cannot be: with them, whatever goes may go because of them.
///
/// # Errors
/// When the baseline cannot be trusted.
pub fn effect(
    plan: &Plan,
    before: &Rules,
    now: &Rules,
    made: &Made<'_>,
) -> Result<Effect, SnapshotError> {
    match now.cause_since(before) {
        None => Ok(Effect { breach: None, waits: false }),
        Some(Cause::Selection) => of_selection(plan, before, now, made),
        // What is missing because of them may wait, and goes when its time comes.
        Some(cause) => {
            let waits = !plan.pending.is_empty();
            Ok(Effect { breach: whatever_goes(plan, cause), waits })
        }
    }
}

/// Any removal at all. Who leaves a school or loses a role is a removal there, too.
pub fn whatever_goes(plan: &Plan, cause: Cause) -> Option<Breach> {
    let counts = &plan.feed.counts;
    let kinds =
        [counts.schools, counts.persons, counts.groups, counts.memberships, counts.relations];
    let schools = counts.by_school.iter().map(|school| school.persons);
    let parts = counts.roles.values().chain(counts.membership_roles.values());
    let mut parts = parts.chain(counts.group_kinds.values()).copied().chain(kinds).chain(schools);
    parts.any(|tally| tally.removed > 0).then_some(Breach::ConfigurationRemoves {
        persons: counts.persons.removed,
        groups: counts.groups.removed,
        memberships: counts.memberships.removed,
        relations: counts.relations.removed,
        cause,
    })
}

fn of_selection(
    plan: &Plan,
    before: &Rules,
    now: &Rules,
    made: &Made<'_>,
) -> Result<Effect, SnapshotError> {
    let told_by = |rules: &Rules| {
        let selection = rules.selection.with(made.group_keys);
        let told = select(&made.register.roster, &selection, made.format.carried(), made.today);
        made.format.fit(&told).0
    };
    let (old, new) = (told_by(before), told_by(now));
    let told = &plan.feed.roster;
    // What is carried over from an earlier night stands in `told`, though nothing selects it.
    let lost = Lost::of(&old, told);
    let waits = Lost::of(&old, &new).0.len() > lost.0.len();
    let open = match made.model {
        Model::Nothing | Model::AnyOf([]) => return Ok(Effect { breach: None, waits }),
        Model::Known(open) => open,
        Model::AnyOf(candidates) => candidates[0],
    };
    let view = View { carried: plan.carried, hidden: &plan.hidden };
    let mut gone = [0_u64; 5];
    diff(told, Some(&mut Reader::open(open()?)?), &view, |change| {
        if change.operation == Operation::Remove
            && change.before.is_some_and(|line| lost.has(change.kind, line))
        {
            gone[place(change.kind)] += 1;
        }
    })?;
    let [schools, persons, groups, memberships, relations] = gone;
    let any = schools + persons + groups + memberships + relations > 0;
    let cause = Cause::Selection;
    let breach = any.then_some(Breach::ConfigurationRemoves {
        persons,
        groups,
        memberships,
        relations,
        cause,
    });
    Ok(Effect { breach, waits })
}

fn place(kind: Kind) -> usize {
    match kind {
        Kind::School => 0,
        Kind::Person => 1,
        Kind::Group => 2,
        Kind::Membership => 3,
        Kind::Relation => 4,
    }
}

/// The identities that one roster has and another has not.
struct Lost(BTreeSet<(usize, String)>);

impl Lost {
    fn of(old: &Roster, new: &Roster) -> Lost {
        let mut lost = BTreeSet::new();
        for kind in ORDER {
            let (mut mine, mut theirs) = (old.lines(kind), new.lines(kind));
            let named = |line: &str| identity(kind, line).to_owned();
            let mut other = theirs.next_line().map(named);
            while let Some(own) = mine.next_line().map(named) {
                while other.as_ref().is_some_and(|other| *other < own) {
                    other = theirs.next_line().map(named);
                }
                if other.as_ref() != Some(&own) {
                    lost.insert((place(kind), own));
                }
            }
        }
        Lost(lost)
    }

    fn has(&self, kind: Kind, line: &str) -> bool {
        self.0.contains(&(place(kind), identity(kind, line).to_owned()))
    }
}
