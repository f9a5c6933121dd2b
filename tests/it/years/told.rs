//! What a file says, as lines by kind and identity, and what the test itself knows of those in it
//! who are missing from the register.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::civil::Date;
use rostergate::formats::snapshot::ORDER;
use rostergate::pipeline::pending::Pending;
use rostergate::roster::entity::{Group, Person};
use rostergate::roster::roster::Roster;
use rostergate::roster::words::{Kind, Role};

use crate::rows::packed;

/// A kind, and of it a key; of a link both its ends and its role.
pub(super) type Id = (Kind, String);
/// The lines of a roster.
pub(super) type Lines = BTreeMap<Id, String>;

/// How long something has been missing, and what it waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wait {
    pub(super) since: Date,
    pub(super) nights: u32,
    pub(super) window: String,
    pub(super) approved: bool,
}

/// What the test expects to wait.
pub(super) type Waits = BTreeMap<Id, Wait>;

/// One file, as it is kept.
pub(super) struct Told {
    pub(super) roster: Roster,
    pub(super) bytes: Rc<[u8]>,
    pub(super) lines: Lines,
    pub(super) pending: Vec<Pending>,
    pub(super) waits: Waits,
}

impl Told {
    pub(super) fn of(roster: Roster, pending: Vec<Pending>, waits: Waits) -> Told {
        let (bytes, lines) = (packed(&roster).into(), lines(&roster));
        Told { roster, bytes, lines, pending, waits }
    }
}

/// A roster as lines.
pub(super) fn lines(roster: &Roster) -> Lines {
    let mut lines = Lines::new();
    for kind in ORDER {
        roster.each_line(kind, |line| {
            lines.insert((kind, identity(kind, line)), line.to_owned());
        });
    }
    lines
}

fn identity(kind: Kind, line: &str) -> String {
    let fields = if is_link(kind) { 3 } else { 1 };
    line.split('\t').take(fields).collect::<Vec<_>>().join("\t")
}

pub(super) fn is_link(kind: Kind) -> bool {
    matches!(kind, Kind::Membership | Kind::Relation)
}

/// Both ends of a link.
pub(super) fn ends((kind, identity): &Id) -> [Id; 2] {
    let mut fields = identity.split('\t').map(str::to_owned);
    let (first, second) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let first_kind = if *kind == Kind::Membership { Kind::Group } else { Kind::Person };
    [(first_kind, first), (Kind::Person, second)]
}

/// Whether a line is about one of these persons.
pub(super) fn is_about(id: &Id, persons: &std::collections::BTreeSet<String>) -> bool {
    match id.0 {
        Kind::Person => persons.contains(&id.1),
        Kind::School | Kind::Group => false,
        Kind::Membership | Kind::Relation => {
            ends(id).iter().any(|(kind, key)| *kind == Kind::Person && persons.contains(key))
        }
    }
}

/// Persons of a file.
pub(super) fn persons(lines: &Lines) -> impl Iterator<Item = Person<'_>> {
    let persons = lines.iter().filter(|((kind, _), _)| *kind == Kind::Person);
    persons.map(|(_, line)| Person::from_line(line).expect("a person's line"))
}

/// Keys of those in a group as pupils.
pub(super) fn learners<'l>(lines: &'l Lines, group: &str) -> Vec<&'l str> {
    let prefix = format!("{group}\t");
    let members = lines.keys().filter(|(kind, _)| *kind == Kind::Membership);
    let of_group = members.filter_map(|(_, identity)| identity.strip_prefix(prefix.as_str()));
    of_group
        .filter_map(|rest| rest.split_once('\t'))
        .filter(|(_, role)| *role == Role::Learner.as_str())
        .map(|(person, _)| person)
        .collect()
}

/// Whether a group is another than before under the same key: at another school, of another kind,
/// or of another name without one member who stays.
pub(super) fn is_another_group(before: &Lines, now: &Lines, key: &str) -> bool {
    let id = (Kind::Group, key.to_owned());
    let (Some(old), Some(new)) = (before.get(&id), now.get(&id)) else { return false };
    let (old, new) = (Group::from_line(old).unwrap(), Group::from_line(new).unwrap());
    let members = |lines: &Lines| -> Vec<String> {
        let of_group = lines.keys().filter(|id| id.0 == Kind::Membership);
        let of_group = of_group.map(ends).filter(|[group, _]| group.1 == key);
        of_group.map(|[_, person]| person.1).collect()
    };
    let (were, are) = (members(before), members(now));
    let renamed = old.name != new.name
        && !were.is_empty()
        && !are.is_empty()
        && !are.iter().any(|person| were.contains(person));
    !old.school.is_empty() && old.school != new.school || old.kind != new.kind || renamed
}
