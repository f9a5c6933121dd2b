//! Makes a roster fit the reader's limits and the characters that XML allows.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::rules::Rules;
use super::tree::{Place, places, year_key, years};
use crate::formats::fitting::{DANGLING, Fitter, SHARED_KEY, Spellings, TOO_LONG, Tally, longer};
use crate::formats::value::is_noncharacter;
use crate::roster::entity::{Group, Person};
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;

/// How many UTF-16 units the reader takes.
struct Limits {
    key: usize,
    name: usize,
    title: usize,
    text: usize,
    phone: usize,
    term: usize,
}

/// itslearning's own limits are shorter than the standard's.
fn limits(rules: &Rules<'_>) -> Limits {
    let (key, name, title) = if rules.is_tree() { (255, 64, 64) } else { (256, 256, 256) };
    Limits { key, name, title, text: 256, phone: 32, term: 32 }
}

/// The roster as it fits, and one issue for each field and what was done to it.
pub(super) fn fit(rules: &Rules<'_>, document: &str, told: &Roster) -> (Roster, Vec<Issue>) {
    let limits = limits(rules);
    let spellings = Spellings::of(told, is_xml, spell);
    let fitter = RefCell::new(Fitter::new(&spellings, is_xml));
    let mut places = places(told, rules).into_iter();
    let changed = told.rewrite(
        |mut school| {
            let fitter = &mut *fitter.borrow_mut();
            fitter.key("school-key", school.key, limits.key);
            school.name = fitter.name("school-name", school.name, limits.title);
            school
        },
        |person| fit_person(&mut fitter.borrow_mut(), &limits, person),
        |group| {
            let place = places.next().expect("as many places as groups");
            let group = with_term_seen(rules, place, group);
            fit_group(&mut fitter.borrow_mut(), &limits, group, place.parent.is_some())
        },
    );
    let mut tally = std::mem::take(&mut fitter.borrow_mut().tally);
    note_shared_keys(&mut tally, rules, told);
    note_years(&mut tally, rules, &changed, &limits);
    note_schools_without_rows(&mut tally, told);
    (changed, tally.into_issues(document))
}

fn fit_person<'f>(fitter: &mut Fitter<'f>, limits: &Limits, mut person: Person<'f>) -> Person<'f> {
    fitter.key("person-key", person.key, limits.key);
    person.personal_number = fitter.whole("personal-number", person.personal_number, limits.text);
    person.given_name = fitter.name("given-name", person.given_name, limits.name);
    person.family_name = fitter.name("family-name", person.family_name, limits.name);
    person.email = fitter.whole("email", person.email, limits.text);
    person.username = fitter.whole("username", person.username, limits.text);
    person.phone = fitter.whole("phone", person.phone, limits.phone);
    person.mobile = fitter.whole("mobile", person.mobile, limits.phone);
    person
}

/// Where only nodes say what term a group is of, a group that hangs elsewhere has none.
fn with_term_seen<'g>(rules: &Rules<'_>, place: Place, mut group: Group<'g>) -> Group<'g> {
    if rules.years && !rules.terms && !place.year {
        group.term = "";
    }
    group
}

fn fit_group<'f>(
    fitter: &mut Fitter<'f>,
    limits: &Limits,
    mut group: Group<'f>,
    hangs: bool,
) -> Group<'f> {
    fitter.key("group-key", group.key, limits.key);
    group.name = fitter.name("group-name", group.name, limits.title);
    group.term = fitter.whole("term", group.term, limits.term);
    if !hangs && !group.parent.is_empty() {
        fitter.tally.note(DANGLING, Severity::Warning, "parent");
        group.parent = "";
    }
    group
}

/// Schools, groups and the root share one space of keys.
fn note_shared_keys(tally: &mut Tally, rules: &Rules<'_>, told: &Roster) {
    for school in told.schools() {
        if told.find_group(school.key).is_some() {
            tally.note(SHARED_KEY, Severity::Error, "key");
        }
    }
    if let Some(root) = &rules.root
        && (told.find_group(root.key).is_some() || told.find_school(root.key).is_some())
    {
        tally.note(SHARED_KEY, Severity::Error, "root.key");
    }
}

/// The nodes of school years share that space, too.
fn note_years(tally: &mut Tally, rules: &Rules<'_>, told: &Roster, limits: &Limits) {
    if !rules.years {
        return;
    }
    let schools: Vec<&str> = told.schools().map(|school| school.key).collect();
    let mut keys = BTreeSet::new();
    for (school, term) in years(told, &places(told, rules)) {
        let key = year_key(schools[school as usize], term);
        let is_root = rules.root.as_ref().is_some_and(|root| root.key == key);
        let is_taken = told.find_group(&key).is_some() || told.find_school(&key).is_some();
        if longer(&key, limits.key) {
            tally.note(TOO_LONG, Severity::Error, "school-year-nodes");
        }
        if is_root || is_taken || !keys.insert(key) {
            tally.note(SHARED_KEY, Severity::Error, "school-year-nodes");
        }
    }
}

/// Schools are nodes of the document, and without rows for them there are none.
fn note_schools_without_rows(tally: &mut Tally, told: &Roster) {
    let schools = told.persons().any(|person| !person.school_keys.is_empty());
    if schools && told.schools().len() == 0 {
        tally.note(DANGLING, Severity::Warning, "school");
    }
}

/// Whether XML 1.0 allows every character. Control characters never get into a roster.
fn is_xml(text: &str) -> bool {
    text.is_ascii() || !text.contains(is_noncharacter)
}

fn spell(text: &str) -> String {
    text.replace(is_noncharacter, "\u{fffd}")
}
