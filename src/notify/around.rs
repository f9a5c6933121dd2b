//! What lies around the numbers of one night, as sentences: the week, the clock, the configuration, what
//! must be there, and an export that stands still.

use super::catalogue::facts::one_line;
use super::language::Language::{self, En, Sv};
use super::noun::counted;
use super::number::count as write;
use super::sentence::Part;
use crate::pipeline::sentinels::Missing;
use crate::pipeline::verdict::{Cause, Subject};

/// New persons who may be somebody withdrawn by hand, under another key.
pub(super) fn withdrawn_back(number: u64, language: Language) -> String {
    let number = write(number, language);
    match language {
        Sv => format!(
            "Nya personer heter som någon som är borttagen för hand och vars nyckel inte längre \
             finns i registret: {number}. Är det samma person: ta bort också den nya nyckeln \
             (withdraw)."
        ),
        En => format!(
            "New persons have the name of somebody withdrawn by hand whose key the register does \
             not have any more: {number}. If it is the same person, withdraw the new key, too \
             (withdraw)."
        ),
    }
}

/// `Under sju dagar skulle 612 av 5 000 personer tas bort: 12,2 %, gränsen är 12 %.`
pub(super) fn over_week(subject: &Subject, part: Part, language: Language) -> String {
    let (number, compared) = (write(part.count, language), part.compared(language));
    let whole = counted(subject, part.of, language);
    match language {
        Sv => format!("Under sju dagar skulle {number} av {whole} tas bort: {compared}."),
        En => format!("Over seven days {number} of {whole} would be removed: {compared}."),
    }
}

/// `Mottagarens urval har ändrats: konfigurationen, inte registret, gör att 29 personer och 60
/// medlemskap skulle tas bort.`
pub(super) fn configuration_removes(
    cause: Cause,
    [persons, groups, memberships, relations]: [u64; 4],
    language: Language,
) -> String {
    let numbers = [
        (Subject::Persons, persons),
        (Subject::Groups, groups),
        (Subject::Memberships, memberships),
        (Subject::Relations, relations),
    ];
    let some = numbers.iter().filter(|(_, count)| *count > 0);
    let each: Vec<String> =
        some.map(|(subject, count)| counted(subject, *count, language)).collect();
    let (and, part) =
        (language.of("och", "and"), language.of("en skola eller roll", "a school or role"));
    let what = match &each[..] {
        [] => part.to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {and} {last}", most.join(", ")),
    };
    let because = because(cause, language);
    match (cause, language) {
        (Cause::Selection, Sv) => {
            format!("{because}: konfigurationen, inte registret, gör att {what} skulle tas bort.")
        }
        (Cause::Selection, En) => format!(
            "{because}: the configuration, not the register, is why {what} would be removed."
        ),
        (Cause::Source, Sv) => format!(
            "{because}: det kan vara konfigurationen, inte registret, som gör att {what} skulle \
             tas bort."
        ),
        (Cause::Source, En) => format!(
            "{because}: it may be the configuration, not the register, why {what} would be \
             removed."
        ),
        (Cause::Program, Sv) => format!(
            "{because}: det kan vara programmet, inte registret, som gör att {what} skulle tas \
             bort."
        ),
        (Cause::Program, En) => format!(
            "{because}: it may be the program, not the register, why {what} would be removed."
        ),
    }
}

fn because(cause: Cause, language: Language) -> &'static str {
    match cause {
        Cause::Selection => language.of(
            "Urvalet för mottagaren har ändrats",
            "What the receiver is to be told has changed",
        ),
        Cause::Source => language.of(
            "Inställningarna för registret, skyddade personer eller nycklar har ändrats",
            "The settings of the register, of protected persons or of keys have changed",
        ),
        Cause::Program => {
            language.of("Programmet har fått nya regler", "The program has other rules")
        }
    }
}

/// How the clock stands to the last run's, without a full stop.
pub fn clock(backwards: bool, minutes: u64, language: Language) -> String {
    let span = span(minutes, language);
    match (backwards, language) {
        (true, Sv) => format!("Enligt serverns klocka började körningen {span} före den förra"),
        (true, En) => format!("By the server's clock the run began {span} before the last one"),
        (false, Sv) => format!("Enligt serverns klocka är det {span} sedan den förra körningen"),
        (false, En) => format!("By the server's clock the last run was {span} ago"),
    }
}

/// Minutes, hours from two of them, days from two of them; rounded down.
fn span(minutes: u64, language: Language) -> String {
    let (number, unit) = match minutes {
        0..120 => (minutes, language.of("minuter", "minutes")),
        120..2880 => (minutes / 60, language.of("timmar", "hours")),
        _ => (minutes / 1440, language.of("dygn", "days")),
    };
    format!("{} {unit}", write(number, language))
}

/// What must be there and is not, such as `skola 99123456 saknas, 499 personer av minst 500`.
pub fn missing(missing: &[Missing], language: Language) -> String {
    let each = missing.iter().map(|missing| match (missing, language) {
        (Missing::School { key }, Sv) => format!("skola {} saknas", one_line(key)),
        (Missing::School { key }, En) => format!("school {} is missing", one_line(key)),
        (Missing::Fewer { subject, count, least }, _) => {
            let (things, least) = (counted(subject, *count, language), write(*least, language));
            format!("{things} {} {least}", language.of("av minst", "of at least"))
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

/// An export whose content has been the same for so many school days.
pub(super) fn frozen(source: &str, school_days: u32, language: Language) -> String {
    let (source, days) = (one_line(source), write(u64::from(school_days), language));
    match language {
        Sv => format!(
            "Exporten från {source} har varit exakt likadan i {days} skoldagar. Se efter att \
             registret fortfarande exporterar (RG364)."
        ),
        En => format!(
            "The export of {source} has been exactly the same for {days} school days. See that \
             the register still exports (RG364)."
        ),
    }
}

/// The clock as a remark, for nights that would not have told it otherwise.
pub(super) fn clock_remark(backwards: bool, minutes: u64, language: Language) -> String {
    let what = clock(backwards, minutes, language);
    match language {
        Sv => format!("{what}. Inget har åldrats, gått ut eller gallrats i natt (RG360)."),
        En => format!("{what}. Nothing has aged, expired or been erased tonight (RG360)."),
    }
}

/// More markings than is plausible.
pub(super) fn flood([newly, unknown, limit]: [u64; 3], language: Language) -> String {
    let [newly, unknown, limit] = [newly, unknown, limit].map(|number| write(number, language));
    match language {
        Sv => format!(
            "Nyligen skyddade personer: {newly}. Rader med okänd märkning: {unknown}. Gränsen är \
             {limit}."
        ),
        En => format!(
            "Newly protected persons: {newly}. Rows with an unknown marking: {unknown}. The limit \
             is {limit}."
        ),
    }
}

/// Markings that fell away.
pub(super) fn protection_fell(before: u64, now: u64, language: Language) -> String {
    let [before, now] = [before, now].map(|number| write(number, language));
    match language {
        Sv => format!(
            "Skyddade personer i registret: {now}, förra gången {before}. De som inte längre är \
             märkta skulle visas för mottagaren."
        ),
        En => format!(
            "Protected persons in the register: {now}, last time {before}. Those who are marked no \
             more would be shown to the receiver."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_configuration_removes_is_listed() {
        let told = |cause, numbers| configuration_removes(cause, numbers, Sv);
        assert_eq!(
            told(Cause::Selection, [29, 2, 60, 0]),
            "Urvalet för mottagaren har ändrats: konfigurationen, inte registret, gör att 29 \
             personer, 2 grupper och 60 medlemskap skulle tas bort."
        );
        assert_eq!(
            told(Cause::Source, [0, 1, 0, 0]),
            "Inställningarna för registret, skyddade personer eller nycklar har ändrats: det kan \
             vara konfigurationen, inte registret, som gör att 1 grupp skulle tas bort."
        );
        assert!(told(Cause::Program, [0; 4]).contains("en skola eller roll skulle tas bort"));
        let english = configuration_removes(Cause::Selection, [1, 0, 0, 1], En);
        assert!(english.ends_with("is why 1 person and 1 relation would be removed."), "{english}");
    }

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        for (minutes, sv, en) in [
            (61, "61 minuter", "61 minutes"),
            (120, "2 timmar", "2 hours"),
            (2879, "47 timmar", "47 hours"),
            (2880, "2 dygn", "2 days"),
            (5_256_000, "3 650 dygn", "3,650 days"),
        ] {
            assert!(clock(true, minutes, Sv).contains(sv));
            assert!(clock(false, minutes, En).contains(en));
        }
    }

    #[test]
    fn every_missing_sentinel_is_named() {
        let all = [
            Missing::School { key: "99123456".into() },
            Missing::Fewer { subject: Subject::Persons, count: 499, least: 500 },
        ];
        assert_eq!(missing(&all, Sv), "skola 99123456 saknas, 499 personer av minst 500");
        assert_eq!(missing(&all, En), "school 99123456 is missing, 499 persons of at least 500");
    }
}
