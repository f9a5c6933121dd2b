//! Links whose ends are still to be looked up, a batch at a time: rows name persons in any order,
//! and the processor can go to see many of them at once.

use super::draft::{DANGLING, Draft, Marking, Member, Place, Related};
use super::entity::{Membership, Relation};
use super::index::BATCH;
use super::issue::Severity;
use super::sighting::Fate;
use super::words::{Kind, RelationKind};

/// What a link says besides whose it is.
#[derive(Clone, Copy)]
enum Says {
    /// A membership's role and period, by their number.
    Tail(u32),
    /// What a relation is.
    Relation(RelationKind),
}

/// One link: both keys stand one after the other in the batch's text.
struct Link {
    place: Place,
    begin: usize,
    middle: usize,
    end: usize,
    says: Says,
}

/// Links of one kind, and their keys: the person's first, then the group's or the pupil's.
pub(super) struct Unresolved {
    kind: Kind,
    text: String,
    links: Vec<Link>,
}

impl Default for Unresolved {
    fn default() -> Self {
        Unresolved { kind: Kind::Membership, text: String::new(), links: Vec::new() }
    }
}

impl Unresolved {
    fn keys(&self, link: &Link) -> [&str; 2] {
        [&self.text[link.begin..link.middle], &self.text[link.middle..link.end]]
    }

    /// One end of every link.
    fn ends(&self, which: usize) -> impl Iterator<Item = &str> + Clone {
        self.links.iter().map(move |link| self.keys(link)[which])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    fn push(&mut self, place: Place, [person, other]: [&str; 2], says: Says) {
        let begin = self.text.len();
        self.text.push_str(person);
        let middle = self.text.len();
        self.text.push_str(other);
        let end = self.text.len();
        self.links.push(Link { place, begin, middle, end, says });
    }
}

impl Draft {
    /// Adds a membership; one whose keys resolve to nothing is set aside.
    pub fn membership(&mut self, place: Place, membership: &Membership<'_>) {
        self.count(Kind::Membership);
        if !self.is_likely(|likely| likely.membership(membership)) {
            self.add_membership(place, membership);
        }
    }

    pub(super) fn add_membership(&mut self, place: Place, membership: &Membership<'_>) {
        let tail = self.tail(membership);
        let keys = [membership.person, membership.group];
        self.link(place, Kind::Membership, keys, Says::Tail(tail));
    }

    /// Adds a relation; one whose keys resolve to nothing is set aside.
    pub fn relation(&mut self, place: Place, relation: &Relation<'_>) {
        self.count(Kind::Relation);
        if !self.is_likely(|likely| likely.relation(relation)) {
            self.add_relation(place, relation);
        }
    }

    pub(super) fn add_relation(&mut self, place: Place, relation: &Relation<'_>) {
        let keys = [relation.person, relation.to];
        self.link(place, Kind::Relation, keys, Says::Relation(relation.kind));
    }

    fn link(&mut self, place: Place, kind: Kind, keys: [&str; 2], says: Says) {
        if !self.closed {
            self.close();
        }
        if self.unresolved.kind != kind || self.unresolved.links.len() == BATCH {
            self.resolve();
            self.unresolved.kind = kind;
        }
        self.unresolved.push(place, keys, says);
    }

    /// Looks up the ends of the links that wait; before anything else is said of rows, so that
    /// all is told in the order of the rows.
    pub fn resolve(&mut self) {
        if self.unresolved.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.unresolved);
        let others = match batch.kind {
            Kind::Membership => &self.groups.lines,
            _ => &self.persons.lines,
        };
        let persons = self.persons.lines.find_many(batch.ends(0));
        let others = others.find_many(batch.ends(1));
        for (link, found) in batch.links.iter().zip(persons.into_iter().zip(others)) {
            self.resolved(batch.kind, link, batch.keys(link), found);
        }
        batch.links.clear();
        batch.text.clear();
        self.unresolved = batch;
    }

    fn resolved(
        &mut self,
        kind: Kind,
        link: &Link,
        keys: [&str; 2],
        found: (Option<u32>, Option<u32>),
    ) {
        let (Some(person), Some(other)) = found else {
            let end = if kind == Kind::Membership { Kind::Group } else { Kind::Person };
            let unknown =
                [(found.0.is_none(), Kind::Person, keys[0]), (found.1.is_none(), end, keys[1])];
            let fate = self.link_to_nobody(link.place, kind, &unknown);
            self.look(link.place, kind, keys, fate);
            return self.hold_back(kind, keys[0], keys[1]);
        };
        self.look(link.place, kind, keys, Fate::Used(Marking::None));
        match link.says {
            Says::Tail(tail) => self.members.push(Member { group: other, person, tail }),
            Says::Relation(kind) => self.relations.push(Related { person, to: other, kind }),
        }
    }

    fn tail(&mut self, membership: &Membership<'_>) -> u32 {
        let text = &mut self.tail;
        text.clear();
        for part in [membership.role.as_str(), "\t", membership.begin, "\t", membership.end] {
            text.push_str(part);
        }
        if let Some(&known) = self.tails.get(text.as_str()) {
            return known;
        }
        let next = u32::try_from(self.tails.len()).expect("few roles and dates");
        self.tails.insert(text.clone(), next);
        next
    }

    /// A link whose other end was set aside waits with it; one to nobody is a fault.
    fn link_to_nobody(&mut self, place: Place, kind: Kind, ends: &[(bool, Kind, &str)]) -> Fate {
        let faulty =
            ends.iter().any(|&(unknown, end, key)| unknown && !self.is_set_aside(end, key));
        if !faulty {
            return Fate::Waits;
        }
        *self.dangling.entry(kind).or_default() += 1;
        let issue = self.issue(DANGLING, Severity::SetAside, place).with(kind.as_str());
        self.issues.push(issue);
        Fate::Faulty(DANGLING)
    }
}
