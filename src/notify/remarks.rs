//! What people should know besides the result.

use super::catalogue::facts::one_line;
use super::catalogue::short;
use super::language::Language::{self, En, Sv};
use super::night::{Night, Note, Outcome, Protection, Trigger, Warning};
use super::number::count;
use super::{around, past_filter};

/// The remarks of a night, the weightiest first.
pub(super) fn remarks(night: &Night, language: Language) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(protection(night, language));
    remarks.extend(past_filter::remarks(night, language));
    remarks.extend(night.notes.iter().map(|note| noted(note, language)));
    if !night.warnings.is_empty() {
        remarks.push(warnings(&night.warnings, language));
    }
    if night.trigger == Trigger::Hand {
        let hand = language.of("Körningen startades för hand.", "The run was started by hand.");
        remarks.push(hand.to_owned());
    }
    if night.targets.iter().any(|target| is_for_import(&target.outcome)) {
        remarks.push(not_imported(language));
    }
    remarks
}

fn is_for_import(outcome: &Outcome) -> bool {
    outcome.is_sent() && !matches!(outcome, Outcome::Delivered { unchanged: true, .. })
}

fn not_imported(language: Language) -> String {
    language
        .of(
            "Skickad betyder inte importerad: mottagaren läser in filen efteråt. De flesta \
             mottagare mejlar själva när det är klart. Har inget kommit före lunch: fråga \
             mottagarens support.",
            "Sent is not the same as imported: the receiver reads the file afterwards. Most \
             receivers send a mail of their own when it is done. If none has come by noon, ask \
             the receiver's support.",
        )
        .to_owned()
}

fn protection(night: &Night, language: Language) -> Option<String> {
    if night.trigger == Trigger::Withdrawal {
        return None;
    }
    let done = names(night, Protection::Done)?;
    Some(match language {
        Sv => format!(
            "Skyddade personuppgifter: hanterade enligt inställningen hos {done}, även om resten \
             stoppades."
        ),
        En => format!(
            "Protected persons: handled as configured at {done}, even if the rest was held."
        ),
    })
}

/// That newly protected persons remain at a receiver: said before everything else.
pub(super) fn unprotected(night: &Night, language: Language) -> Option<String> {
    let not_done = names(night, Protection::NotDone)?;
    Some(match language {
        Sv => format!(
            "BRÅDSKANDE: skyddade personuppgifter kunde inte tas bort hos {not_done}. Följ er \
             manuella rutin nu."
        ),
        En => format!(
            "URGENT: protected persons could not be removed at {not_done}. Follow your manual \
             routine now."
        ),
    })
}

/// The receivers where it went so, or `None`.
fn names(night: &Night, wanted: Protection) -> Option<String> {
    let targets = night.targets.iter().filter(|target| target.protection == wanted);
    let names: Vec<String> = targets.map(|target| one_line(&target.name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn warnings(warnings: &[Warning], language: Language) -> String {
    let each: Vec<String> = warnings
        .iter()
        .map(|Warning { code, count: number, detail }| {
            let number = count(*number, language);
            let what = short(*code, language).map_or_else(String::new, |short| format!("{short} "));
            let detail = one_line(detail);
            let beside = if detail.is_empty() { detail } else { format!(", {detail}") };
            format!("{what}{number} ({code}{beside})")
        })
        .collect();
    format!(
        "{}: {}.",
        language.of("Anmärkningar i registrets data", "Remarks on the register's data"),
        each.join(", ")
    )
}

fn noted(note: &Note, language: Language) -> String {
    match (note, language) {
        (Note::Interrupted { run }, Sv) => format!(
            "Körning {} avbröts. Den är utredd nu, och ingen mottagare har fått en halv fil.",
            one_line(run)
        ),
        (Note::Interrupted { run }, En) => format!(
            "Run {} was interrupted. It is sorted out now, and no receiver has got half a file.",
            one_line(run)
        ),
        (Note::Settled { target, arrived }, Sv) => format!(
            "Det är utrett vad {} fick förra gången: {}.",
            one_line(target),
            if *arrived { "den nya filen kom fram" } else { "den nya filen kom inte fram" }
        ),
        (Note::Settled { target, arrived }, En) => format!(
            "It is settled what {} got last time: {}.",
            one_line(target),
            if *arrived { "the new file had arrived" } else { "the new file had not arrived" }
        ),
        (Note::HeldAgain { target, plan }, _) => held_again(target, plan, language),
        (Note::LateMails { count: number }, Sv) => format!(
            "Mejl som inte gick att skicka tidigare kommer nu: {}.",
            count(*number, language)
        ),
        (Note::LateMails { count: number }, En) => {
            format!("Mails that could not be sent earlier come now: {}.", count(*number, language))
        }
        (Note::Withdrawn, Sv) => "Den som togs bort för hand finns inte i någon fil framöver, \
             förrän det ångras. Register visar ofta skydd bara genom att personen saknas i \
             exporten; withdraw är sättet att ta bort någon genast."
            .to_owned(),
        (Note::Withdrawn, En) => "Whoever was withdrawn by hand is in no file from now on, until \
             that is undone. Registers often show protection only by the person missing from the \
             export; withdraw is the way to take somebody out at once."
            .to_owned(),
        (Note::HoldsUnknown { target }, _) => holds_unknown(&one_line(target), language),
        (Note::Frozen { source, school_days }, _) => around::frozen(source, *school_days, language),
        (Note::Clock { backwards, minutes }, _) => {
            around::clock_remark(*backwards, *minutes, language)
        }
        (Note::ReviewRecipients, Sv) => {
            "En gång om året: stämmer mottagarlistan för de här mejlen?".to_owned()
        }
        (Note::ReviewRecipients, En) => {
            "Once a year: is the list of recipients of these mails still right?".to_owned()
        }
    }
}

fn held_again(target: &str, plan: &str, language: Language) -> String {
    let (target, plan) = (one_line(target), one_line(plan));
    match language {
        Sv => format!(
            "Den godkända planen {plan} till {target} avbröts innan något hade skickats, och den \
             skickas inte i efterhand: tiden för godkännande, exporten, klockan, filen hos \
             mottagaren eller något annat är inte som när den godkändes. Godkännandet gäller inte \
             längre. Se vad som väntar nu: sudo rostergate status"
        ),
        En => format!(
            "The approved plan {plan} for {target} was interrupted before anything had been sent, \
             and it is not sent late: its time for approval, the export, the clock, the receiver's \
             file or something else is not as it was when it was approved. The approval no longer \
             counts. See what waits now: sudo rostergate status"
        ),
    }
}

fn holds_unknown(target: &str, language: Language) -> String {
    match language {
        Sv => format!(
            "Vad {target} har vet rostergate inte: inget är skickat dit än. Har mottagaren personen \
             från ett annat system, så ta bort personen där för hand."
        ),
        En => format!(
            "What {target} holds is not known to rostergate: nothing was sent there yet. If the \
             receiver has the person from another system, remove the person there by hand."
        ),
    }
}

/// Receivers of whom it is not known what they hold, or `None`.
pub(super) fn unknown(night: &Night) -> Option<String> {
    let names = night.notes.iter().filter_map(|note| match note {
        Note::HoldsUnknown { target } => Some(one_line(target)),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}
