//! One receiver in a mail: how it went, in a line, with its files and numbers.

use jiff::Zoned;

use super::altered::new_keys;
use super::archive::archived;
use super::catalogue::facts::one_line;
use super::columns::rows;
use super::document::Receiver;
use super::language::Language::{self, En, Sv};
use super::night::{Check, Outcome, TargetNight};
use super::number::{clock, count, day_and_clock, day_seen_from, size};

/// The receiver's part of the table.
pub(super) fn receiver(target: &TargetNight, started: &Zoned, language: Language) -> Receiver {
    let test = if target.test { language.of(" (testmiljö)", " (test)") } else { "" };
    let title = format!("{}{test}, {}", one_line(&target.name), went(target, started, language));
    let files: Vec<String> = target
        .documents
        .iter()
        .map(|(name, bytes)| format!("{}, {}", one_line(name), size(*bytes, language)))
        .collect();
    let files = files.join("; ");
    let file = (!files.is_empty()).then(|| format!("{}: {files}", language.of("Fil", "File")));
    let gone = target.counts.as_ref().map_or(0, |counts| counts.archived);
    let gone = archived(gone, target.outcome.is_sent(), language);
    let mut lines: Vec<String> = file.into_iter().chain(gone).collect();
    let rekeyed = target.counts.as_ref().map(|counts| counts.rekeyed).unwrap_or_default();
    lines.extend(new_keys(rekeyed.persons, rekeyed.groups, language));
    Receiver { title, lines, rows: rows(target, language) }
}

fn went(target: &TargetNight, started: &Zoned, language: Language) -> String {
    let day = |date| day_seen_from(started.date(), date, language);
    match (&target.outcome, language) {
        (Outcome::Delivered { at, check, unchanged }, _) => {
            let sent = language.of("skickad", "sent");
            let same = match unchanged {
                true => language.of(", samma som sist", ", same as last time"),
                false => "",
            };
            format!("{sent} {} {}{same}", moment(at, started, language), checked(*check, language))
        }
        (Outcome::Approved { plan, by, at, check }, Sv) => format!(
            "{} godkänd av {}, skickad {} {}",
            one_line(plan),
            one_line(by),
            moment(at, started, language),
            checked(*check, language)
        ),
        (Outcome::Approved { plan, by, at, check }, En) => format!(
            "{} approved by {}, sent {} {}",
            one_line(plan),
            one_line(by),
            moment(at, started, language),
            checked(*check, language)
        ),
        (Outcome::Held { plan, .. }, Sv) => {
            format!("stoppad, väntar på beslut: {}", one_line(plan))
        }
        (Outcome::Held { plan, .. }, En) => {
            format!("held, waits for a decision: {}", one_line(plan))
        }
        (Outcome::Failed { code, .. }, Sv) => format!("inget skickat ({code})"),
        (Outcome::Failed { code, .. }, En) => format!("nothing sent ({code})"),
        (Outcome::Unknown { .. }, Sv) => "oklart om filen kom fram (RG430)".to_owned(),
        (Outcome::Unknown { .. }, En) => "unclear whether the file arrived (RG430)".to_owned(),
        (Outcome::AlreadyDelivered, Sv) => "har redan den här exporten".to_owned(),
        (Outcome::AlreadyDelivered, En) => "already has this export".to_owned(),
        (Outcome::Paused { through, .. }, Sv) => {
            format!("paus till och med {}, inget skickat", day(*through))
        }
        (Outcome::Paused { through, .. }, En) => {
            format!("paused through {}, nothing sent", day(*through))
        }
        (Outcome::PlannedOnly, Sv) => "bara planerad, inget skickat".to_owned(),
        (Outcome::PlannedOnly, En) => "only planned, nothing sent".to_owned(),
    }
}

/// The time, with the day when it is not the run's own.
fn moment(at: &Zoned, started: &Zoned, language: Language) -> String {
    if at.date() == started.date() { clock(at) } else { day_and_clock(at, language) }
}

fn checked(check: Check, language: Language) -> &'static str {
    match check {
        Check::Content => language.of("och kontrollerad", "and verified"),
        Check::Size => language.of("(storleken kontrollerad)", "(size verified)"),
    }
}

/// `binogi har fått sin fil (3 nya, 6 ändrade, 2 borttagna personer).`
pub(super) fn delivered_line(target: &TargetNight, language: Language) -> String {
    let name = one_line(&target.name);
    let Some(counts) = &target.counts else {
        return match language {
            Sv => format!("{name} har fått sin fil."),
            En => format!("{name} has its file."),
        };
    };
    let tally = &counts.persons;
    let [added, changed, removed] =
        [tally.added, tally.changed, tally.removed].map(|number| count(number, language));
    match language {
        Sv => format!(
            "{name} har fått sin fil (personer: {added} nya, {changed} ändrade, {removed} borttagna)."
        ),
        En => format!(
            "{name} has its file (persons: {added} new, {changed} changed, {removed} removed)."
        ),
    }
}
