//! Reasons to hold a plan in which nobody is missing, but keys or data are others than last time.

use super::language::Language::{self, En, Sv};
use super::noun::counted;
use super::number::count as write;
use super::sentence::Part;
use crate::pipeline::verdict::Subject;
use crate::roster::field::PersonField;

pub(super) fn rekeyed(subject: &Subject, part: Part, language: Language) -> String {
    let (number, whole) = (write(part.count, language), counted(subject, part.of, language));
    let compared = part.compared(language);
    match language {
        Sv => format!("{number} av {whole} har fått en ny nyckel: {compared}."),
        En => format!("{number} of {whole} have got a new key: {compared}."),
    }
}

pub(super) fn emptied(field: PersonField, part: Part, language: Language) -> String {
    let is = language.of("är tom", "is blank");
    of_field(field, is, part, language)
}

pub(super) fn changed(field: PersonField, part: Part, language: Language) -> String {
    let is = language.of("är annorlunda än sist", "is not as last time");
    of_field(field, is, part, language)
}

fn of_field(field: PersonField, is: &str, part: Part, language: Language) -> String {
    let (number, of) = (write(part.count, language), write(part.of, language));
    let (name, compared) = (name(field, language), part.compared(language));
    match language {
        Sv => {
            format!("{name} {is} för {number} av de {of} personer som hade ett värde: {compared}.")
        }
        En => format!("{name} {is} for {number} of the {of} persons who had a value: {compared}."),
    }
}

pub(super) fn nothing_unchanged(of: u64, language: Language) -> String {
    let persons = counted(&Subject::Persons, of, language);
    match language {
        Sv => format!("Ingen av {persons} är som sist: alla skulle ändras eller tas bort."),
        En => format!("None of {persons} is as last time: all would be changed or removed."),
    }
}

/// Persons who come to a user name that others have.
pub(super) fn shared_user_name(persons: u64, language: Language) -> String {
    let number = write(persons, language);
    match language {
        Sv => format!("Personer som skulle få ett användarnamn som en annan också har: {number}."),
        En => format!("Persons who would get a user name that another has, too: {number}."),
    }
}

/// The field as a sentence or a subject begins with it.
pub(super) fn name(field: PersonField, language: Language) -> &'static str {
    match field {
        PersonField::PersonalNumber => language.of("Personnummer", "Personal number"),
        PersonField::GivenName => language.of("Förnamn", "Given name"),
        PersonField::FamilyName => language.of("Efternamn", "Family name"),
        PersonField::Email => language.of("E-post", "E-mail"),
        PersonField::Username => language.of("Användarnamn", "User name"),
        PersonField::Phone => language.of("Telefon", "Phone"),
        PersonField::Mobile => language.of("Mobil", "Mobile phone"),
        PersonField::SchoolYear => language.of("Årskurs", "School year"),
        PersonField::Class => language.of("Klass", "Class"),
    }
}

/// How many persons and groups got another key, where any did.
pub fn new_keys(persons: u64, groups: u64, language: Language) -> Option<String> {
    let of = |subject, number: u64| (number > 0).then(|| counted(&subject, number, language));
    let both = [of(Subject::Persons, persons), of(Subject::Groups, groups)];
    let both: Vec<String> = both.into_iter().flatten().collect();
    let who = both.join(language.of(" och ", " and "));
    (!both.is_empty()).then(|| match language {
        Sv => format!("{who} har fått en ny nyckel."),
        En => format!("Under a new key: {who}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sentence::sentence;
    use crate::pipeline::verdict::Breach;

    #[track_caller]
    fn check(breach: &Breach, sv: &str, en: &str) {
        assert_eq!(sentence(breach, Sv), sv);
        assert_eq!(sentence(breach, En), en);
    }

    #[test]
    fn other_keys_and_other_data_state_the_comparison() {
        check(
            &Breach::Rekeyed { subject: Subject::Persons, count: 75, of: 5822, limit: 1000 },
            "75 av 5 822 personer har fått en ny nyckel: 1,3 %, gränsen är 1 %.",
            "75 of 5,822 persons have got a new key: 1.3%, the limit is 1%.",
        );
        check(
            &Breach::FieldEmptied {
                field: PersonField::Email,
                count: 600,
                of: 5000,
                limit: 10_000,
            },
            "E-post är tom för 600 av de 5 000 personer som hade ett värde: 12,0 %, gränsen är 10 %.",
            "E-mail is blank for 600 of the 5,000 persons who had a value: 12.0%, the limit is 10%.",
        );
        check(
            &Breach::FieldChanged {
                field: PersonField::Username,
                count: 51,
                of: 200,
                limit: 25_000,
            },
            "Användarnamn är annorlunda än sist för 51 av de 200 personer som hade ett värde: \
             25,5 %, gränsen är 25 %.",
            "User name is not as last time for 51 of the 200 persons who had a value: 25.5%, the \
             limit is 25%.",
        );
        check(
            &Breach::NothingUnchanged { of: 5822 },
            "Ingen av 5 822 personer är som sist: alla skulle ändras eller tas bort.",
            "None of 5,822 persons is as last time: all would be changed or removed.",
        );
    }

    #[test]
    fn new_keys_are_told_as_numbers() {
        assert_eq!(new_keys(0, 0, Sv), None);
        let told = |persons, groups, language| new_keys(persons, groups, language).expect("some");
        assert_eq!(told(12, 0, Sv), "12 personer har fått en ny nyckel.");
        assert_eq!(told(1, 3, Sv), "1 person och 3 grupper har fått en ny nyckel.");
        assert_eq!(told(0, 1, En), "Under a new key: 1 group.");
    }
}
