//! What a reader of the tables can know of the roster behind them.

use std::borrow::Cow;

use super::column::{Field, Rows};
use super::derived::{Derived, full_name};
use super::settings::Settings;
use crate::formats::carried::Carried;
use crate::roster::entity::{Group, Person, Roles, School};
use crate::roster::roster::{Keep, Roster};
use crate::roster::words::{GroupKind, Kind, RelationKind, Role};

/// What the files let the receiver see.
pub(super) fn carried(settings: &Settings) -> Carried {
    let has = |rows, field| settings.has(rows, field);
    let person = |field| has(Rows::Persons, field);
    let group = |field| has(Rows::Groups, field);
    let rows = |rows| settings.file_of(rows).is_some();
    let periods = [Rows::Groups, Rows::Memberships]
        .into_iter()
        .any(|rows| has(rows, Field::Begin) || has(rows, Field::End));
    Carried {
        personal_number: person(Field::PersonalNumber),
        given_name: person(Field::GivenName) || person(Field::Name),
        family_name: person(Field::FamilyName) || person(Field::Name),
        email: person(Field::Email),
        username: person(Field::Username),
        phone: person(Field::Phone),
        mobile: person(Field::Mobile),
        school_year: person(Field::SchoolYear),
        roles: person(Field::Role),
        schools: person(Field::School) || person(Field::SchoolName),
        school_rows: rows(Rows::Schools) || person(Field::SchoolName) || group(Field::SchoolName),
        group_rows: rows(Rows::Groups),
        membership_rows: rows(Rows::Memberships),
        relation_rows: rows(Rows::Relations),
        class_names: person(Field::Class),
        group_name: group(Field::Name) || has(Rows::Memberships, Field::GroupName),
        group_kind: group(Field::Kind),
        group_school: group(Field::School) || group(Field::SchoolName),
        term: group(Field::Term),
        course: group(Field::Course),
        parent: group(Field::Parent),
        periods,
    }
}

/// The roster without what the files do not hold.
pub(super) fn visible(settings: &Settings, told: &Roster) -> Roster {
    let derived = Derived::of(told, false);
    let full_names: Vec<Cow<'_, str>> = if settings.has(Rows::Persons, Field::FamilyName) {
        Vec::new()
    } else {
        told.persons().map(|person| Cow::Owned(full_name(&person).into_owned())).collect()
    };
    let mut full_names = full_names.iter();
    let reduced = told.rewrite(
        |school| reduce_school(settings, &school),
        |person| {
            let full_name = full_names.next().map_or("", |name| name);
            reduce_person(settings, &derived, &person, full_name)
        },
        |group| reduce_group(settings, &derived, &group),
    );
    let reduced = reduced.subset(&rows_kept(settings, told));
    let has = |field| settings.has(Rows::Memberships, field);
    reduced.rewrite_memberships(|(role, begin, end)| {
        let role = if has(Field::Role) { role } else { Role::Learner };
        (role, shown(has(Field::Begin), begin), shown(has(Field::End), end))
    })
}

fn shown(there: bool, text: &str) -> &str {
    if there { text } else { "" }
}

fn rows_kept(settings: &Settings, told: &Roster) -> Keep {
    let there = |rows| settings.file_of(rows).is_some();
    let all = |rows, kind| vec![there(rows); usize::try_from(told.count(kind)).unwrap_or(0)];
    let kinds = settings.has(Rows::Relations, Field::Kind);
    let relation = |kind| there(Rows::Relations) && (kinds || kind == RelationKind::Guardian);
    Keep {
        schools: all(Rows::Schools, Kind::School),
        persons: all(Rows::Persons, Kind::Person),
        groups: all(Rows::Groups, Kind::Group),
        memberships: all(Rows::Memberships, Kind::Membership),
        relations: told.relation_kinds().map(relation).collect(),
    }
}

fn reduce_school<'s>(settings: &Settings, school: &School<'s>) -> School<'s> {
    let name = shown(settings.has(Rows::Schools, Field::Name), school.name);
    School { key: school.key, name }
}

fn reduce_person<'p>(
    settings: &Settings,
    derived: &Derived<'_>,
    person: &Person<'p>,
    full_name: &'p str,
) -> Person<'p> {
    let has = |field| settings.has(Rows::Persons, field);
    let family = if has(Field::FamilyName) {
        person.family_name
    } else {
        shown(has(Field::Name), full_name)
    };
    let mut reduced = Person {
        key: person.key,
        personal_number: shown(has(Field::PersonalNumber), person.personal_number),
        given_name: shown(has(Field::GivenName), person.given_name),
        family_name: family,
        email: shown(has(Field::Email), person.email),
        username: shown(has(Field::Username), person.username),
        phone: shown(has(Field::Phone), person.phone),
        mobile: shown(has(Field::Mobile), person.mobile),
        school_year: shown(has(Field::SchoolYear), person.school_year),
        roles: if has(Field::Role) { person.roles } else { Roles::default() },
        school_keys: Cow::Borrowed(""),
    };
    if has(Field::School) {
        reduced.set_schools(person.schools().filter(|key| derived.is_told(key)));
    }
    reduced
}

fn reduce_group<'g>(settings: &Settings, derived: &Derived<'_>, group: &Group<'g>) -> Group<'g> {
    let has = |field| settings.has(Rows::Groups, field);
    Group {
        key: group.key,
        name: shown(has(Field::Name), group.name),
        kind: if has(Field::Kind) { group.kind } else { GroupKind::Other },
        school: shown(has(Field::School), derived.school_of(group)),
        term: shown(has(Field::Term), group.term),
        course: shown(has(Field::Course), group.course),
        parent: shown(has(Field::Parent), group.parent),
        begin: shown(has(Field::Begin), group.begin),
        end: shown(has(Field::End), group.end),
    }
}
