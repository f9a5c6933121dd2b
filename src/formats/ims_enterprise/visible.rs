//! What a reader of the document can know of the roster behind it.

use super::rules::Rules;
use super::tree::places;
use super::values::UsernameField;
use crate::roster::entity::{Group, Person};
use crate::roster::field::PersonField;
use crate::roster::roster::{Keep, Roster};
use crate::roster::untold::Field;
use crate::roster::words::RelationKind;

/// The roster without what the document does not carry.
pub(super) fn visible(rules: &Rules<'_>, told: &Roster) -> Roster {
    match with_links_carried(rules, told) {
        Some(less) => reduce(rules, &less),
        None => reduce(rules, told),
    }
}

/// The roster without relations that are not written; `None` when all are.
fn with_links_carried(rules: &Rules<'_>, told: &Roster) -> Option<Roster> {
    let carried = |kind| rules.parent_links && kind == RelationKind::Guardian;
    let relations: Vec<bool> = told.relation_kinds().map(carried).collect();
    relations.contains(&false).then(|| told.subset(&Keep { relations, ..Keep::all(told) }))
}

fn reduce(rules: &Rules<'_>, told: &Roster) -> Roster {
    let schools: Vec<&str> = told.schools().map(|school| school.key).collect();
    let mut places = places(told, rules).into_iter();
    let username = (rules.username != UsernameField::Username).then_some(PersonField::Username);
    let at_schools = (!rules.school_memberships).then_some(Field::Schools);
    let texts = [Some(PersonField::SchoolYear), username].into_iter().flatten().map(Field::Person);
    let reduced = told.without(texts.chain(at_schools).collect()).rewrite(
        |school| school,
        |person| reduce_person(rules, told, person),
        |group| {
            let place = places.next().expect("as many places as groups");
            Group {
                kind: rules.kind_of(rules.type_of(group.kind)),
                school: place.school.map_or("", |school| schools[school as usize]),
                parent: if place.parent.is_some() { group.parent } else { "" },
                term: if rules.terms || place.year { group.term } else { "" },
                course: "",
                begin: if rules.periods { group.begin } else { "" },
                end: if rules.periods { group.end } else { "" },
                ..group
            }
        },
    );
    reduced.rewrite_memberships(|(role, begin, end)| {
        let role = rules.visible_member_role(role);
        if rules.periods { (role, begin, end) } else { (role, "", "") }
    })
}

fn reduce_person<'p>(rules: &Rules<'_>, told: &Roster, mut person: Person<'p>) -> Person<'p> {
    person.roles = rules.visible_roles(person.roles);
    if person.schools().any(|key| told.find_school(key).is_none()) {
        let copy = person.clone();
        person.set_schools(copy.schools().filter(|key| told.find_school(key).is_some()));
    }
    person
}
