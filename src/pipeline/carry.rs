//! A row that is set aside never removes anybody: what the baseline holds of it is told again,
//! unchanged, with its memberships and relations (rule 10 in CONTRIBUTING).

use std::collections::{BTreeMap, BTreeSet};

use super::diff::named;
use super::reveal::groups_that_reveal;
use crate::formats::snapshot;
use crate::roster::draft::{Draft, Place, SetAside};
use crate::roster::entity::{Person, Roles};
use crate::roster::roster::Roster;
use crate::roster::words::{Kind, Role};

/// What was told again, by number.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CarriedOver {
    /// Schools, persons and groups told again as they stood.
    pub entities: u64,
    /// Their memberships and relations told again.
    pub links: u64,
}

/// Adds to `told` what `baseline` holds of the rows set aside. `gone` names protected persons,
/// who are never told again, nor any group or relation that would point at them.
pub fn carry_over(
    told: &Roster,
    baseline: &Roster,
    set_aside: &BTreeSet<SetAside>,
    gone: &BTreeSet<String>,
) -> (Roster, CarriedOver) {
    keep(told, baseline, set_aside, &Earlier::new(), gone)
}

/// Lines of the baseline that stand in place of today's, by kind and identity.
pub(super) type Earlier = BTreeMap<(Kind, String), String>;

/// The same, and with the lines of `earlier` in place of today's.
pub(super) fn keep(
    told: &Roster,
    baseline: &Roster,
    rows: &BTreeSet<SetAside>,
    earlier: &Earlier,
    gone: &BTreeSet<String>,
) -> (Roster, CarriedOver) {
    let mut carried = CarriedOver::default();
    let wanted = Wanted::of(told, baseline, rows, gone);
    if wanted.is_empty() && earlier.is_empty() {
        return (told.clone(), carried);
    }
    let as_before = |kind: Kind, line: &str| {
        if earlier.is_empty() { None } else { earlier.get(&(kind, named(kind, line).to_owned())) }
    };
    let mut draft = Draft::new();
    let place = Place { file: draft.file("baseline"), line: 0 };
    let mut add = |kind, line: &str| {
        snapshot::add_line(&mut draft, place, kind, line).expect("lines of a roster");
    };
    for kind in snapshot::ORDER {
        told.each_line(kind, |line| match wanted.widened(kind, line, baseline) {
            Some(line) => add(kind, &line),
            None => add(kind, as_before(kind, line).map_or(line, String::as_str)),
        });
        let mut lines = baseline.lines(kind);
        while let Some(line) = lines.next_line() {
            if wanted.has(kind, line) {
                add(kind, line);
                match kind {
                    Kind::Membership | Kind::Relation => carried.links += 1,
                    _ => carried.entities += 1,
                }
            }
        }
    }
    let (roster, _) = Roster::assemble(draft);
    (roster, carried)
}

/// Which lines of the baseline are told again.
struct Wanted<'g> {
    entities: BTreeSet<(Kind, String)>,
    links: BTreeSet<(Kind, String, String)>,
    told_links: BTreeSet<(Kind, String)>,
    here: BTreeSet<(Kind, String)>,
    partly: BTreeSet<String>,
    gone: &'g BTreeSet<String>,
}

impl<'g> Wanted<'g> {
    fn of(
        told: &Roster,
        baseline: &Roster,
        set_aside: &BTreeSet<SetAside>,
        gone: &'g BTreeSet<String>,
    ) -> Self {
        let mut wanted = Wanted {
            entities: BTreeSet::new(),
            links: BTreeSet::new(),
            told_links: BTreeSet::new(),
            here: BTreeSet::new(),
            partly: BTreeSet::new(),
            gone,
        };
        let revealing = groups_that_reveal(baseline, gone);
        for SetAside { kind, key, other } in set_aside {
            let (before, now) = match kind {
                Kind::School => (baseline.find_school(key), told.find_school(key)),
                Kind::Person => (baseline.find_person(key), told.find_person(key)),
                Kind::Group => (baseline.find_group(key), told.find_group(key)),
                Kind::Membership | Kind::Relation => {
                    wanted.links.insert((*kind, key.clone(), other.clone()));
                    continue;
                }
            };
            let barred = match kind {
                Kind::Person => gone.contains(key),
                Kind::Group => revealing.contains(key),
                _ => false,
            };
            match (before, now) {
                (Some(_), None) if !barred => {
                    wanted.entities.insert((*kind, key.clone()));
                }
                (Some(_), Some(_)) if *kind == Kind::Person && !barred => {
                    wanted.partly.insert(key.clone());
                }
                _ => {}
            }
        }
        wanted.find_ends(told, baseline);
        wanted
    }

    fn is_empty(&self) -> bool {
        self.entities.is_empty() && self.links.is_empty() && self.partly.is_empty()
    }

    /// Notes which ends of the baseline's links will stand in the result, and which links of
    /// carried entities are told already.
    fn find_ends(&mut self, told: &Roster, baseline: &Roster) {
        if self.is_empty() {
            return;
        }
        for person in baseline.persons() {
            if told.find_person(person.key).is_some() || self.is_entity(Kind::Person, person.key) {
                self.here.insert((Kind::Person, person.key.to_owned()));
            }
        }
        for group in baseline.groups() {
            if told.find_group(group.key).is_some() || self.is_entity(Kind::Group, group.key) {
                self.here.insert((Kind::Group, group.key.to_owned()));
            }
        }
        for kind in [Kind::Membership, Kind::Relation] {
            told.each_line(kind, |line| {
                self.told_links.insert((kind, named(kind, line).to_owned()));
            });
        }
    }

    fn is_entity(&self, kind: Kind, key: &str) -> bool {
        self.entities.contains(&(kind, key.to_owned()))
    }

    /// The line of a person of whom only some rows could be used: the schools and roles of the
    /// others stay as they were told. Nobody becomes a guardian again this way, since that may
    /// be what protection took.
    fn widened(&self, kind: Kind, line: &str, baseline: &Roster) -> Option<String> {
        if kind != Kind::Person || self.partly.is_empty() {
            return None;
        }
        let mut person = Person::from_line(line).expect("a line of a roster");
        let before =
            baseline.find_person(person.key).filter(|_| self.partly.contains(person.key))?;
        let before = baseline.person_at(before);
        let kept: Roles = before.roles.iter().filter(|&role| role != Role::Guardian).collect();
        let now = person.clone();
        person.roles = now.roles.union(kept);
        person.set_schools(now.schools().chain(before.schools()));
        let mut text = String::new();
        person.write_line(&mut text);
        Some(text)
    }

    fn has(&self, kind: Kind, line: &str) -> bool {
        let mut fields = line.split('\t');
        let (first, second) =
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let (one, ends) = match kind {
            Kind::School | Kind::Person | Kind::Group => return self.is_entity(kind, first),
            Kind::Membership => {
                ((kind, second, first), [(Kind::Group, first), (Kind::Person, second)])
            }
            Kind::Relation => {
                ((kind, first, second), [(Kind::Person, first), (Kind::Person, second)])
            }
        };
        // A protected person may be told under a pseudonym, but never as anybody's child.
        if kind == Kind::Relation && (self.gone.contains(first) || self.gone.contains(second)) {
            return false;
        }
        let (kind, key, other) = one;
        let carried = self.links.contains(&(kind, key.to_owned(), other.to_owned()))
            || ends.iter().any(|&(kind, key)| self.is_entity(kind, key));
        let here = |&(kind, key): &(Kind, &str)| self.here.contains(&(kind, key.to_owned()));
        carried
            && ends.iter().all(here)
            && !self.told_links.contains(&(kind, named(kind, line).to_owned()))
    }
}
