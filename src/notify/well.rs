//! What a mail says first of a night on which nothing went wrong.

use super::catalogue::Step;
use super::catalogue::facts::one_line;
use super::compose::what_to_do;
use super::document::Block;
use super::language::Language::{self, En, Sv};
use super::night::{Night, Outcome, Trigger};
use super::remarks::unknown;
use super::{pause, waiting};

/// That all is well, or at which receivers it is not known to be.
pub(super) fn all_is_well(night: &Night, language: Language) -> Vec<Block> {
    let sent = night.targets.iter().filter(|target| target.outcome.is_sent()).count();
    if night.targets.iter().any(|target| matches!(target.outcome, Outcome::PlannedOnly)) {
        return only_planned(language);
    }
    let paused = night.targets.iter().find(|t| matches!(t.outcome, Outcome::Paused { .. }));
    if let Some(target) = paused.filter(|_| sent == 0) {
        return pause::blocks(target, night.started.date(), language);
    }
    let first = if night.trigger == Trigger::Withdrawal && sent > 0 {
        language.of(
            "Den senaste filen är skickad igen utan den som togs bort för hand.",
            "The last file was sent again without whoever was withdrawn by hand.",
        )
    } else if night.trigger == Trigger::Withdrawal {
        language.of(
            "Ingen mottagares senaste fil har den som togs bort för hand.",
            "No receiver's last file has whoever was withdrawn by hand.",
        )
    } else if !night.left.is_empty() {
        return others_left(night, sent, language);
    } else if sent > 0 && sent == night.targets.len() {
        language.of(
            "Elevdata är skickad till alla mottagare.",
            "The roster has been sent to every receiver.",
        )
    } else if sent > 0 {
        language.of(
            "Elevdata är skickad till de mottagare som inte redan hade den.",
            "The roster has been sent to the receivers that did not have it yet.",
        )
    } else {
        language
            .of("Mottagarna har redan den här exporten.", "The receivers already have this export.")
    };
    if let Some(names) = unknown(night) {
        let rest = match language {
            Sv => format!("Vad {names} har är inte känt, se nedan."),
            En => format!("What {names} holds is not known, see below."),
        };
        return vec![Block::Paragraph(format!("{first} {rest}"))];
    }
    let nothing = language.of("Ni behöver inte göra något.", "You do not need to do anything.");
    let rest = what_waits(night, language).unwrap_or(nothing);
    vec![Block::Paragraph(format!("{first} {rest}"))]
}

fn what_waits(night: &Night, language: Language) -> Option<&'static str> {
    if waiting::asks(night) {
        Some(language.of(
            "En lista över borttag väntar på ert godkännande, se nedan.",
            "A list of removals waits for your approval, see below.",
        ))
    } else if waiting::ends_soon(night) {
        Some(language.of(
            "En period slutar snart: se nedan vad som då ska bort.",
            "A window ends soon: see below what is to go then.",
        ))
    } else {
        None
    }
}

/// What was done is well, and other receivers than those of this run still lack their file.
fn others_left(night: &Night, sent: usize, language: Language) -> Vec<Block> {
    let names = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| one_line(name)).collect::<Vec<_>>().join(", ")
    };
    let of_the_run = night.targets.iter().filter(|target| sent == 0 || target.outcome.is_sent());
    let done = names(&mut of_the_run.map(|target| &target.name));
    let left = names(&mut night.left.iter());
    let done = match (sent, language) {
        (0, Sv) => format!("Den här exporten är redan skickad till: {done}."),
        (0, En) => format!("This export has been sent before to: {done}."),
        (_, Sv) => format!("Elevdata är skickad till: {done}."),
        (_, En) => format!("The roster has been sent to: {done}."),
    };
    let wait = match language {
        Sv => format!("Väntar fortfarande på sin fil: {left}."),
        En => format!("Still without their file: {left}."),
    };
    let see = language.of("Se varför:", "See why:");
    let said: Vec<&str> = [&*done, &*wait].into_iter().chain(what_waits(night, language)).collect();
    vec![
        Block::Paragraph(said.join(" ")),
        Block::Heading(what_to_do(language)),
        Block::Steps(vec![
            Step::Say(see.to_owned()),
            Step::Type("sudo rostergate status".to_owned()),
        ]),
    ]
}

fn only_planned(language: Language) -> Vec<Block> {
    let why = language.of(
        "Utanför tiden för leverans (deliver-between) skickas inget. Nästa körning inom tiden \
         skickar.",
        "Nothing is sent outside the hours of delivery (deliver-between). The next run within \
         them sends.",
    );
    let now = language.of("Vill ni inte vänta:", "If you cannot wait:");
    vec![
        Block::Paragraph(why.to_owned()),
        Block::Heading(what_to_do(language)),
        Block::Steps(vec![
            Step::Say(now.to_owned()),
            Step::Type("sudo rostergate run --now".to_owned()),
        ]),
    ]
}
