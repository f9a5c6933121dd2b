//! The same human: by personal number, user name, e-mail, name with birth date and school, or a
//! key that is written in another way.

use std::collections::{BTreeMap, HashMap};

use super::pairing::{Pairing, bare, folded, joined};
use super::{Pair, ToldBefore};
use crate::roster::entity::Person;
use crate::roster::personal_number::{PersonalNumberKind, birth_date, twelve_places};
use crate::roster::words::Kind;

struct Human<'a> {
    line: &'a str,
    person: Person<'a>,
    /// The personal number; some registers use it as the key, and targets are seldom told it.
    number: Option<(PersonalNumberKind, String)>,
    name: String,
}

impl<'a> Human<'a> {
    fn of(line: &'a str) -> Option<Self> {
        Some(Human { line, ..Human::known(Person::from_line(line)?) })
    }

    fn known(person: Person<'a>) -> Self {
        let number = twelve_places(person.personal_number).or_else(|| twelve_places(person.key));
        let name = folded(&joined(&[person.given_name, person.family_name]));
        Human { line: "", person, number, name }
    }

    fn birth_date(&self) -> Option<String> {
        self.number.as_ref().and_then(|(_, number)| birth_date(number))
    }

    /// Nothing known of the two says that they are two humans. An interim or coordination number
    /// is replaced by a personnummer one day; a personnummer stays.
    fn may_be(&self, other: &Human<'_>) -> bool {
        let (Some((kind, number)), Some((other_kind, other_number))) =
            (&self.number, &other.number)
        else {
            return true;
        };
        let lasting = PersonalNumberKind::Personnummer;
        number == other_number
            || (self.birth_date() == other.birth_date()
                && (*kind != lasting || *other_kind != lasting))
    }

    /// Whether somebody whom the registers no longer have may be this protected human. Where two
    /// may be, both are: whoever is missing goes anyhow unless they come back, and a protected
    /// person who stays is worse than somebody who goes too early and is told again. A name alone
    /// is too common for that, since it goes past the filter; and registers put other names in the
    /// place of a protected person's, so that none is asked for beside the other facts.
    /// `own_address` says that nobody else who is missing has this one's e-mail.
    fn may_be_protected_as(&self, other: &Human<'_>, own_address: bool) -> bool {
        let same = |one: Vec<String>, other: Vec<String>| !one.is_empty() && one == other;
        let lasting = |human: &Human<'_>| {
            human.number.as_ref().is_some_and(|(kind, _)| *kind != PersonalNumberKind::Interim)
        };
        let named = !self.person.given_name.is_empty() && !self.person.family_name.is_empty();
        lasting(self) && self.number == other.number
            || self.may_be(other)
                && (same(self.username(), other.username())
                    || own_address && same(self.email(), other.email())
                    || same(known(bare(self.person.key)), known(bare(other.person.key)))
                    || named && self.name == other.name && self.at_one_school(other))
    }

    /// Whether both are at one school, or it is not known of both where they are.
    fn at_one_school(&self, other: &Human<'_>) -> bool {
        let (mut here, mut there) = (self.person.schools(), other.person.schools().peekable());
        let known = self.person.schools().next().is_some() && there.peek().is_some();
        !known || here.any(|school| other.person.schools().any(|other| other == school))
    }

    /// Everything by which two may be one, each a thing of its own.
    fn traces(&self) -> Vec<(u8, String)> {
        let name = if self.name.is_empty() { Vec::new() } else { vec![self.name.clone()] };
        let key = known(bare(self.person.key));
        let all = [self.number(), self.username(), self.email(), key, name];
        (0..).zip(all).flat_map(|(kind, of)| of.into_iter().map(move |it| (kind, it))).collect()
    }

    fn number(&self) -> Vec<String> {
        self.number.iter().map(|(_, number)| number.clone()).collect()
    }

    fn username(&self) -> Vec<String> {
        known(folded(self.person.username))
    }

    fn email(&self) -> Vec<String> {
        known(folded(self.person.email))
    }

    /// Name and birth date at each of the person's schools.
    fn name_at_schools(&self) -> Vec<String> {
        let (Some(born), false) = (self.birth_date(), self.person.family_name.is_empty()) else {
            return Vec::new();
        };
        let schools = self.person.schools();
        schools.map(|school| joined(&[&self.name, &born, school])).collect()
    }

    fn rewritten_key(&self) -> Vec<String> {
        known(bare(self.person.key)).iter().map(|key| joined(&[key, &self.name])).collect()
    }
}

fn known(text: String) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text] }
}

/// Who of those missing is somebody protected, by the lines of these: for each the keys of today.
pub(super) fn among<'m>(
    missing: impl Iterator<Item = Person<'m>>,
    protected: &BTreeMap<String, String>,
) -> ToldBefore {
    let protected: Vec<Human<'_>> = protected.values().filter_map(|line| Human::of(line)).collect();
    let mut by_trace: HashMap<(u8, String), Vec<&Human<'_>>> = HashMap::new();
    for human in &protected {
        for trace in human.traces() {
            by_trace.entry(trace).or_default().push(human);
        }
    }
    let missing: Vec<Human<'_>> = missing.map(Human::known).collect();
    let mut addresses: HashMap<String, usize> = HashMap::new();
    for address in missing.iter().flat_map(Human::email) {
        *addresses.entry(address).or_default() += 1;
    }
    let mut found = ToldBefore::new();
    for missing in &missing {
        let own = missing.email().iter().all(|address| addresses[address] == 1);
        let like = missing.traces().into_iter().filter_map(|trace| by_trace.get(&trace)).flatten();
        for human in like.filter(|human| missing.may_be_protected_as(human, own)) {
            let keys = found.entry(missing.person.key.to_owned()).or_default();
            keys.insert(human.person.key.to_owned());
        }
    }
    found
}

/// Pairs of persons, the surest evidence first.
pub(super) fn pairs<'a>(missing: &[&'a str], new: &[&'a str]) -> Vec<Pair<'a>> {
    if missing.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let humans = |lines: &[&'a str]| lines.iter().filter_map(|line| Human::of(line)).collect();
    let mut pairing = Pairing::new(humans(missing), humans(new));
    pairing.by_proof(Human::number);
    for evidence in [Human::username, Human::email, Human::name_at_schools, Human::rewritten_key] {
        pairing.by(evidence, Human::may_be);
    }
    let pair = |(m, n): (&Human<'a>, &Human<'a>)| Pair {
        kind: Kind::Person,
        missing: m.line,
        new: n.line,
    };
    pairing.finish().map(pair).collect()
}
