//! Why a plan is held, short enough for the subject of a mail.

use super::altered;
use super::catalogue::facts::school;
use super::language::Language::{self, En, Sv};
use super::noun::{counted, noun};
use super::number::{count as write, percent, share};
use super::sentence::would;
use crate::pipeline::verdict::{Breach, Operation, Subject};

/// The reason as the end of a mail's subject: short, with the one number that matters.
pub(super) fn headline(breach: &Breach, target: &str, language: Language) -> String {
    match (breach, language) {
        (Breach::OverPercent { subject, operation, count, of, limit }, _) if *of > 0 => {
            let about = about(subject, *operation, *count, target, language);
            let shown = share(*count, *of, Some(*limit), language);
            let limit = percent(*limit, language);
            format!("{about} ({shown}, {} {limit})", language.of("gräns", "limit"))
        }
        (Breach::OverPercent { subject, operation, count, .. }, _) => {
            about(subject, *operation, *count, target, language)
        }
        (Breach::OverCount { subject, operation, count, limit }, _) => {
            let about = about(subject, *operation, *count, target, language);
            format!("{about} ({} {})", language.of("gräns", "limit"), write(*limit, language))
        }
        (
            Breach::OverWeek { .. }
            | Breach::ConfigurationRemoves { .. }
            | Breach::Clock { .. }
            | Breach::WithdrawnBack { .. },
            _,
        ) => around(breach, target, language),
        (Breach::Vanished { subject: Subject::School(name), .. }, Sv) => {
            format!("{} saknas helt, inget skickat till {target}", school(name))
        }
        (Breach::Vanished { subject: Subject::School(name), .. }, En) => {
            format!("{} is missing entirely, nothing sent to {target}", school(name))
        }
        (Breach::Vanished { subject, .. }, Sv) => {
            format!("alla {} skulle försvinna från {target}", noun(subject, 2, language))
        }
        (Breach::Vanished { subject, .. }, En) => {
            format!("all {} would vanish from {target}", noun(subject, 2, language))
        }
        (Breach::FirstDelivery { .. }, Sv) => {
            format!("första leveransen till {target} väntar på godkännande")
        }
        (Breach::FirstDelivery { .. }, En) => {
            format!("the first delivery to {target} waits for approval")
        }
        (Breach::Rekeyed { .. } | Breach::FieldEmptied { .. }, _) => {
            altered_data(breach, target, language)
        }
        (Breach::ProtectedFlood { .. }, Sv) => {
            format!("BRÅDSKANDE, ovanligt många skyddade, inget skickat till {target}")
        }
        (Breach::ProtectedFlood { .. }, En) => {
            format!("URGENT, unusually many protected, nothing sent to {target}")
        }
        (Breach::ProtectionFell { .. }, Sv) => {
            format!("BRÅDSKANDE, skydd har fallit bort, inget skickat till {target}")
        }
        (Breach::ProtectionFell { .. }, En) => {
            format!("URGENT, protection has fallen away, nothing sent to {target}")
        }
        (_, Sv) => format!("inget skickat till {target}, väntar på beslut"),
        (_, En) => format!("nothing sent to {target}, waiting for a decision"),
    }
}

/// The same people under other data.
fn altered_data(breach: &Breach, target: &str, language: Language) -> String {
    match (breach, language) {
        (Breach::Rekeyed { subject, count, .. }, Sv) => {
            let who = counted(subject, *count, language);
            format!("{who} har fått nya nycklar, inget skickat till {target}")
        }
        (Breach::Rekeyed { subject, count, .. }, En) => {
            let who = counted(subject, *count, language);
            format!("new keys for {who}, nothing sent to {target}")
        }
        (Breach::FieldEmptied { field, .. }, Sv) => {
            let name = altered::name(*field, language);
            format!("{name} är tom för många, inget skickat till {target}")
        }
        (Breach::FieldEmptied { field, .. }, En) => {
            let name = altered::name(*field, language);
            format!("{name} is blank for many, nothing sent to {target}")
        }
        (_, Sv) => format!("inget skickat till {target}, väntar på beslut"),
        (_, En) => format!("nothing sent to {target}, waiting for a decision"),
    }
}

/// Reasons that lie around the numbers of one night.
fn around(breach: &Breach, target: &str, language: Language) -> String {
    match (breach, language) {
        (Breach::OverWeek { subject, count, of, limit }, _) => {
            let about = about(subject, Operation::Remove, *count, target, language);
            let shown = share(*count, *of, Some(*limit), language);
            let limit = percent(*limit, language);
            let (week, word) = language.of(("på sju dagar", "gräns"), ("in seven days", "limit"));
            format!("{about} {week} ({shown}, {word} {limit})")
        }
        (Breach::Clock { .. }, Sv) => {
            format!("serverns klocka går fel, inget skickat till {target}")
        }
        (Breach::Clock { .. }, En) => {
            format!("the server's clock is wrong, nothing sent to {target}")
        }
        (Breach::WithdrawnBack { .. }, Sv) => {
            format!("en borttagen kan vara tillbaka, inget skickat till {target}")
        }
        (Breach::WithdrawnBack { .. }, En) => {
            format!("a withdrawn person may be back, nothing sent to {target}")
        }
        (_, Sv) => format!("ändrad konfiguration skulle ta bort hos {target}, inget skickat"),
        (_, En) => format!("a changed configuration would remove at {target}, nothing sent"),
    }
}

fn about(
    subject: &Subject,
    operation: Operation,
    count: u64,
    target: &str,
    language: Language,
) -> String {
    let (things, would) = (counted(subject, count, language), would(operation, language));
    let place = match operation {
        Operation::Add | Operation::Change => language.of("hos", "at"),
        Operation::Remove => language.of("från", "from"),
    };
    format!("{things} {would} {place} {target}")
}
