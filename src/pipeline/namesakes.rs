//! User names that several persons have: one account, or one human with two keys.

use std::collections::BTreeMap;

use crate::roster::entity::Person;

/// Persons by user name, in lower case as receivers compare them.
pub(super) fn user_names<'p>(
    persons: impl Iterator<Item = Person<'p>>,
) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for person in persons.filter(|person| !person.username.is_empty()) {
        names.entry(person.username.to_lowercase()).or_default().push(person.key.to_owned());
    }
    names
}

/// Whether two persons with one user name are one human with two keys.
pub(super) fn same_human(a: &Person<'_>, b: &Person<'_>) -> bool {
    let known = !a.personal_number.is_empty() && !b.personal_number.is_empty();
    if known {
        return a.personal_number == b.personal_number;
    }
    !a.family_name.is_empty() && (a.given_name, a.family_name) == (b.given_name, b.family_name)
}
