//! The same human: by personal number, user name, e-mail, name with birth date and school, or a
//! key that is written in another way.

use super::Pair;
use super::pairing::{Pairing, bare, folded, joined};
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
        let person = Person::from_line(line)?;
        let number = twelve_places(person.personal_number).or_else(|| twelve_places(person.key));
        let name = folded(&joined(&[person.given_name, person.family_name]));
        Some(Human { line, person, number, name })
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
