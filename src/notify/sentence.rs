//! Why a plan is held: each reason as a sentence that states the comparison exactly.

use jiff::civil::Date;

use super::altered;
use super::around;
pub use super::breach_code::code_of;
use super::catalogue::facts::{one_line, school};
use super::first_delivery::first_delivery;
use super::language::Language::{self, En, Sv};
use super::noun::{counted, is_neuter};
use super::number::{count as write, needs_care, percent, share};
use super::waiting;
use crate::pipeline::verdict::{Breach, Operation, Subject};
use crate::pipeline::waiting::{Numbers, Waiting};

/// The reason as one sentence, such as
/// `312 av 5 822 personer skulle tas bort: 5,4 %, gränsen är 5 %.`
pub fn sentence(breach: &Breach, language: Language) -> String {
    match breach {
        Breach::FirstDelivery { persons, moved, last_for } => {
            first_delivery(*persons, moved, last_for.as_deref(), language)
        }
        Breach::OverPercent { subject, operation, count, of, limit } => over_percent(
            subject,
            *operation,
            Part { count: *count, of: *of, limit: *limit },
            language,
        ),
        Breach::OverCount { subject, operation, count, limit } => {
            over_count(subject, *operation, *count, *limit, language)
        }
        Breach::Vanished { subject, of } => vanished(subject, *of, language),
        Breach::BelowMinimum { subject, count, minimum } => {
            below_minimum(subject, *count, *minimum, language)
        }
        Breach::SetAside { count, of, limit }
        | Breach::Rekeyed { count, of, limit, .. }
        | Breach::FieldEmptied { count, of, limit, .. }
        | Breach::FieldChanged { count, of, limit, .. }
        | Breach::OverWeek { count, of, limit, .. } => {
            of_a_part(breach, Part { count: *count, of: *of, limit: *limit }, language)
        }
        Breach::NothingUnchanged { of } => altered::nothing_unchanged(*of, language),
        Breach::ProtectedFlood { newly, unknown, limit } => {
            around::flood([*newly, *unknown, *limit], language)
        }
        Breach::ProtectionFell { before, now } => around::protection_fell(*before, *now, language),
        Breach::EncodingChanged { added, changed, removed } => {
            encoding_changed([*added, *changed, *removed], language)
        }
        Breach::ConfigurationRemoves { persons, groups, memberships, relations, cause } => {
            let numbers = [*persons, *groups, *memberships, *relations];
            around::configuration_removes(*cause, numbers, language)
        }
        Breach::Clock { backwards, minutes } => around::clock(*backwards, *minutes, language) + ".",
        Breach::BaselineOld { days } => baseline_old(*days, language),
        Breach::ForeignFile { name } => foreign_file(name, language),
        Breach::WrongEncoding { count } => wrong_encoding(*count, language),
        Breach::TakenOver { count, groups } => waiting::taken_over(*count, *groups, language),
        Breach::SharedUserName { count } => altered::shared_user_name(*count, language),
        Breach::Release { .. } => released(breach, language),
        Breach::ArchivedReturns { count } => archived_returns(*count, language),
        Breach::WithdrawnBack { count } => around::withdrawn_back(*count, language),
        Breach::KeyRulesChanged => language
            .of("Reglerna för nycklar har ändrats.", "The rules for keys have changed.")
            .to_owned(),
        Breach::OutcomeUnknown => language
            .of(
                "Ingen vet vilken av två filer mottagaren har.",
                "Nobody knows which of two files the receiver has.",
            )
            .to_owned(),
    }
}

fn released(breach: &Breach, language: Language) -> String {
    let Breach::Release { window, schools, persons, groups, memberships, relations, per_night } =
        breach
    else {
        return String::new();
    };
    let list = Numbers {
        schools: *schools,
        persons: *persons,
        groups: *groups,
        memberships: *memberships,
        relations: *relations,
    };
    waiting::release(window, &list, *per_night, language)
}

/// The reasons that are one part of a whole, each with words of its own.
fn of_a_part(breach: &Breach, part: Part, language: Language) -> String {
    match breach {
        Breach::Rekeyed { subject, .. } => altered::rekeyed(subject, part, language),
        Breach::FieldEmptied { field, .. } => altered::emptied(*field, part, language),
        Breach::FieldChanged { field, .. } => altered::changed(*field, part, language),
        Breach::OverWeek { subject, .. } => around::over_week(subject, part, language),
        _ => set_aside(part, language),
    }
}

/// What waits to be removed, in lines for `status`.
pub fn waiting(waiting: &Waiting, today: Date, language: Language) -> Vec<String> {
    waiting::lines(waiting, today, language)
}

/// `6 personer och 12 medlemskap`; empty where there are none.
pub fn numbers(list: &Numbers, language: Language) -> String {
    waiting::numbers(list, language)
}

/// A part of a whole, and how large it may be in thousandths of a percent.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) count: u64,
    pub(super) of: u64,
    pub(super) limit: u32,
}

impl Part {
    /// `5,4 %, gränsen är 5 %`, or `5,001 %, över gränsen 5 %` when one decimal would hide it.
    pub(super) fn compared(self, language: Language) -> String {
        let shown = share(self.count, self.of, Some(self.limit), language);
        let limit = percent(self.limit, language);
        match (language, needs_care(self.count, self.of, self.limit)) {
            (Sv, false) => format!("{shown}, gränsen är {limit}"),
            (Sv, true) => format!("{shown}, över gränsen {limit}"),
            (En, false) => format!("{shown}, the limit is {limit}"),
            (En, true) => format!("{shown}, above the limit of {limit}"),
        }
    }
}

pub(super) fn would(operation: Operation, language: Language) -> &'static str {
    match operation {
        Operation::Add => language.of("skulle läggas till", "would be added"),
        Operation::Change => language.of("skulle ändras", "would be changed"),
        Operation::Remove => language.of("skulle tas bort", "would be removed"),
    }
}

fn over_percent(subject: &Subject, operation: Operation, part: Part, language: Language) -> String {
    let would = would(operation, language);
    if part.of == 0 {
        let things = counted(subject, part.count, language);
        return match language {
            Sv => format!("{things} {would}, och mottagaren har inga sedan tidigare."),
            En => format!("{things} {would}, and the receiver has none so far."),
        };
    }
    let (number, compared) = (write(part.count, language), part.compared(language));
    let whole = counted(subject, part.of, language);
    match (operation, language) {
        // New ones are no part of those that were there.
        (Operation::Add, Sv) => {
            let things = counted(subject, part.count, language);
            format!("{things} {would} de {} som finns: {compared}.", write(part.of, language))
        }
        (Operation::Add, En) => {
            let things = counted(subject, part.count, language);
            format!("{things} {would} to the {} there are: {compared}.", write(part.of, language))
        }
        (_, Sv) => format!("{number} av {whole} {would}: {compared}."),
        (_, En) => format!("{number} of {whole} {would}: {compared}."),
    }
}

fn over_count(
    subject: &Subject,
    operation: Operation,
    count: u64,
    limit: u64,
    language: Language,
) -> String {
    let (things, would) = (counted(subject, count, language), would(operation, language));
    let limit = write(limit, language);
    match language {
        Sv => format!("{things} {would}, gränsen är {limit}."),
        En => format!("{things} {would}, the limit is {limit}."),
    }
}

fn vanished(subject: &Subject, of: u64, language: Language) -> String {
    if let Subject::School(name) = subject {
        let (name, persons) = (school(name), counted(&Subject::Persons, of, language));
        return match language {
            Sv => format!("{name} ({persons}) saknas helt."),
            En => format!("{name} ({persons}) is missing entirely."),
        };
    }
    let things = counted(subject, of, language);
    match language {
        Sv if is_neuter(subject) => format!("Inget av {things} skulle finnas kvar."),
        Sv => format!("Ingen av {things} skulle finnas kvar."),
        En => format!("None of {things} would be left."),
    }
}

fn below_minimum(subject: &Subject, count: u64, minimum: u64, language: Language) -> String {
    let things = counted(subject, count, language);
    let minimum = write(minimum, language);
    match language {
        Sv => format!("Bara {things} skulle skickas, minimum är {minimum}."),
        En => format!("Only {things} would be sent, the minimum is {minimum}."),
    }
}

fn set_aside(part: Part, language: Language) -> String {
    let (number, of) = (write(part.count, language), write(part.of, language));
    let compared = part.compared(language);
    match language {
        Sv => format!("{number} av {of} rader kunde inte användas: {compared}."),
        En => format!("{number} of {of} rows could not be used: {compared}."),
    }
}

fn encoding_changed([added, changed, removed]: [u64; 3], language: Language) -> String {
    let [added, changed, removed] = [added, changed, removed].map(|number| write(number, language));
    match language {
        Sv => format!(
            "Filens inställning har ändrats: mottagaren skulle se {added} nya, {changed} ändrade \
             och {removed} borttagna."
        ),
        En => format!(
            "The file's settings have changed: the receiver would see {added} new, {changed} \
             changed and {removed} removed."
        ),
    }
}

fn baseline_old(days: u32, language: Language) -> String {
    let days = write(u64::from(days), language);
    match language {
        Sv => format!("Det är {days} dygn sedan jämförelsen senast användes."),
        En => format!("The comparison was last used {days} days ago."),
    }
}

fn foreign_file(name: &str, language: Language) -> String {
    let name = one_line(name);
    match language {
        Sv => format!("Hos mottagaren ligger {name}, som rostergate inte har lämnat."),
        En => format!("At the receiver lies {name}, which rostergate did not leave."),
    }
}

fn wrong_encoding(count: u64, language: Language) -> String {
    let count = write(count, language);
    match language {
        Sv => format!("Namn som ser ut att vara lästa med fel teckenkodning: {count}."),
        En => format!("Names that look as if read with the wrong encoding: {count}."),
    }
}

fn archived_returns(count: u64, language: Language) -> String {
    let count = write(count, language);
    match language {
        Sv => format!("Kurser som mottagaren redan har arkiverat skulle komma tillbaka: {count}."),
        En => format!("Courses that the receiver has archived would come back: {count}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::verdict::Cause;
    use crate::roster::words::Role;

    #[track_caller]
    fn check(breach: &Breach, sv: &str, en: &str) {
        assert_eq!(sentence(breach, Sv), sv);
        assert_eq!(sentence(breach, En), en);
    }

    fn over(subject: Subject, operation: Operation, count: u64, of: u64, limit: u32) -> Breach {
        Breach::OverPercent { subject, operation, count, of, limit }
    }

    #[test]
    fn a_percentage_states_the_comparison() {
        check(
            &over(Subject::Persons, Operation::Remove, 312, 5822, 5000),
            "312 av 5 822 personer skulle tas bort: 5,4 %, gränsen är 5 %.",
            "312 of 5,822 persons would be removed: 5.4%, the limit is 5%.",
        );
        check(
            &over(Subject::Persons, Operation::Remove, 5001, 100_000, 5000),
            "5 001 av 100 000 personer skulle tas bort: 5,001 %, över gränsen 5 %.",
            "5,001 of 100,000 persons would be removed: 5.001%, above the limit of 5%.",
        );
        check(
            &over(Subject::School("Björkskolan".into()), Operation::Remove, 150, 298, 30000),
            "150 av 298 personer på Björkskolan skulle tas bort: 50,3 %, gränsen är 30 %.",
            "150 of 298 persons at Björkskolan would be removed: 50.3%, the limit is 30%.",
        );
    }

    #[test]
    fn new_ones_are_no_part_of_the_old() {
        check(
            &over(Subject::Groups, Operation::Add, 300, 486, 50000),
            "300 grupper skulle läggas till de 486 som finns: 61,7 %, gränsen är 50 %.",
            "300 groups would be added to the 486 there are: 61.7%, the limit is 50%.",
        );
        check(
            &over(Subject::Role(Role::Guardian), Operation::Add, 1, 0, 50000),
            "1 vårdnadshavare skulle läggas till, och mottagaren har inga sedan tidigare.",
            "1 guardian would be added, and the receiver has none so far.",
        );
    }

    #[test]
    fn a_week_says_that_it_is_one() {
        check(
            &Breach::OverWeek { subject: Subject::Persons, count: 612, of: 5000, limit: 12000 },
            "Under sju dagar skulle 612 av 5 000 personer tas bort: 12,2 %, gränsen är 12 %.",
            "Over seven days 612 of 5,000 persons would be removed: 12.2%, the limit is 12%.",
        );
    }

    #[test]
    fn counts_and_vanished_things() {
        check(
            &Breach::OverCount {
                subject: Subject::Role(Role::Staff),
                operation: Operation::Remove,
                count: 201,
                limit: 200,
            },
            "201 anställda skulle tas bort, gränsen är 200.",
            "201 members of staff would be removed, the limit is 200.",
        );
        check(
            &Breach::Vanished { subject: Subject::School("Björk\nskolan".into()), of: 298 },
            "Björk skolan (298 personer) saknas helt.",
            "Björk skolan (298 persons) is missing entirely.",
        );
        check(
            &Breach::Vanished { subject: Subject::MembershipRole(Role::Mentor), of: 1310 },
            "Inget av 1 310 medlemskap som mentor skulle finnas kvar.",
            "None of 1,310 mentor memberships would be left.",
        );
        check(
            &Breach::BelowMinimum { subject: Subject::Persons, count: 1, minimum: 1000 },
            "Bara 1 person skulle skickas, minimum är 1 000.",
            "Only 1 person would be sent, the minimum is 1,000.",
        );
    }

    #[test]
    fn every_other_reason_is_a_sentence_with_a_code() {
        let all = [
            Breach::FirstDelivery {
                persons: 5822,
                moved: vec!["host".into(), "folder".into()],
                last_for: None,
            },
            Breach::SetAside { count: 40, of: 5000, limit: 500 },
            Breach::ProtectedFlood { newly: 40, unknown: 2, limit: 29 },
            Breach::ProtectionFell { before: 40, now: 0 },
            Breach::EncodingChanged { added: 5, changed: 6, removed: 7 },
            Breach::KeyRulesChanged,
            Breach::OutcomeUnknown,
            Breach::BaselineOld { days: 45 },
            Breach::ForeignFile { name: "ims.xml".into() },
            Breach::WrongEncoding { count: 12 },
            Breach::ArchivedReturns { count: 2 },
            Breach::SharedUserName { count: 1 },
            Breach::WithdrawnBack { count: 1 },
            Breach::ConfigurationRemoves {
                persons: 29,
                groups: 2,
                memberships: 60,
                relations: 0,
                cause: Cause::Selection,
            },
            Breach::Clock { backwards: true, minutes: 90 },
        ];
        for breach in all {
            for language in Language::ALL {
                let text = sentence(&breach, language);
                assert!(text.ends_with('.') && text.len() > 20, "{text}");
            }
            assert!(super::super::catalogue::entry_of(code_of(&breach)).is_some());
        }
    }
}
