//! Makes a roster fit the files' encoding.

use std::cell::RefCell;

use super::column::{Field, Rows};
use super::derived::JOINT;
use super::settings::Settings;
use crate::formats::fitting::{Fitter, Spellings, Tally};
use crate::roster::code::Code;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;

/// A row that cannot be written so that it can be read again.
const BAD_SHAPE: Code = Code(318);
/// Tables have no limits of length.
const ANY: usize = usize::MAX;

/// The roster as it fits, and one issue for each field and what was done to it.
pub(super) fn fit(settings: &Settings, told: &Roster) -> (Roster, Vec<Issue>) {
    let fits = settings.encoding.fits();
    let spellings = Spellings::of(told, fits, |text| settings.encoding.spell(text));
    let fitter = || RefCell::new(Fitter::new(&spellings, fits));
    let [schools, persons, groups] = [fitter(), fitter(), fitter()];
    let changed = told.rewrite(
        |mut school| {
            let fitter = &mut *schools.borrow_mut();
            fitter.key("school-key", school.key, ANY);
            school.name = fitter.name("school-name", school.name, ANY);
            school
        },
        |mut person| {
            let fitter = &mut *persons.borrow_mut();
            fitter.key("person-key", person.key, ANY);
            person.personal_number = fitter.whole("personal-number", person.personal_number, ANY);
            person.given_name = fitter.name("given-name", person.given_name, ANY);
            person.family_name = fitter.name("family-name", person.family_name, ANY);
            person.email = fitter.whole("email", person.email, ANY);
            person.username = fitter.whole("username", person.username, ANY);
            person.phone = fitter.whole("phone", person.phone, ANY);
            person.mobile = fitter.whole("mobile", person.mobile, ANY);
            person.school_year = fitter.name("school-year", person.school_year, ANY);
            person
        },
        |mut group| {
            let fitter = &mut *groups.borrow_mut();
            fitter.key("group-key", group.key, ANY);
            group.name = fitter.name("group-name", group.name, ANY);
            group.term = fitter.name("term", group.term, ANY);
            group.course = fitter.name("course", group.course, ANY);
            group
        },
    );
    let [schools, mut persons, groups] =
        [schools, persons, groups].map(|fitter| fitter.into_inner().tally);
    note_joined_keys(settings, told, fits, &mut persons);
    let tallies = [(Rows::Schools, schools), (Rows::Persons, persons), (Rows::Groups, groups)];
    (changed, issues(settings, tallies))
}

/// Keys of schools stand joined in a person's field, and are taken apart again.
fn note_joined_keys(settings: &Settings, told: &Roster, fits: fn(&str) -> bool, tally: &mut Tally) {
    if !settings.has(Rows::Persons, Field::School) {
        return;
    }
    for person in told.persons() {
        if person.schools().any(|key| key.contains(JOINT) || !fits(key)) {
            tally.note(BAD_SHAPE, Severity::Error, "school");
        }
    }
}

/// Each fault is reported for the file in which it would stand, or the persons' where only a
/// derived column holds it.
fn issues(settings: &Settings, tallies: [(Rows, Tally); 3]) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (rows, tally) in tallies {
        let file = settings.file_of(rows).or_else(|| settings.file_of(Rows::Persons));
        issues.extend(tally.into_issues(file.map_or("", |(name, _)| name)));
    }
    issues
}
