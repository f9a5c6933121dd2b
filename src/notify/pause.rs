//! A night in a pause: nothing was delivered, and what would have been.

use super::catalogue::Step;
use super::catalogue::facts::one_line;
use super::document::Block;
use super::language::Language::{self, En, Sv};
use super::night::{Outcome, TargetNight};
use super::number::day;
use super::sentence::sentence;
use crate::pipeline::verdict::Verdict;

/// Why nothing was sent, until when, and what the filter says of tonight's data.
pub(super) fn blocks(target: &TargetNight, language: Language) -> Vec<Block> {
    let Outcome::Paused { through, window, by, verdict } = &target.outcome else {
        return Vec::new();
    };
    let through = day(*through, language);
    let why = match (window, by, language) {
        (Some(window), _, Sv) => format!("Perioden \"{}\" är en paus", one_line(window)),
        (Some(window), _, En) => format!("The window \"{}\" is a pause", one_line(window)),
        (None, Some(by), Sv) => format!("{} har pausat leveranserna", one_line(by)),
        (None, Some(by), En) => format!("{} has paused deliveries", one_line(by)),
        (None, None, Sv) => "Leveranserna är pausade".to_owned(),
        (None, None, En) => "Deliveries are paused".to_owned(),
    };
    let rest = match language {
        Sv => format!(
            "till och med {through}. Inget skickas. Det som mottagarna redan har ligger kvar. \
             Skyddade personuppgifter går igenom ändå."
        ),
        En => format!(
            "through {through}. Nothing is sent. What the receivers already have stays. Protected \
             identities go through all the same."
        ),
    };
    let mut blocks = vec![Block::Paragraph(format!("{why} {rest}"))];
    blocks.extend(would_be(verdict, language));
    if window.is_none() {
        blocks.push(Block::Heading(language.of("Gör så här", "What to do").to_owned()));
        blocks.push(Block::Steps(vec![
            Step::Say(
                language
                    .of("Ska leveranserna börja igen tidigare:", "To deliver again before that:")
                    .to_owned(),
            ),
            Step::Type("sudo rostergate resume".to_owned()),
        ]));
    }
    blocks
}

fn would_be(verdict: &Verdict, language: Language) -> Vec<Block> {
    let said = match verdict {
        Verdict::Pass => language.of(
            "Utan paus hade nattens data skickats.",
            "Without the pause tonight's data would have been sent.",
        ),
        Verdict::Hold(_) => language.of(
            "Utan paus hade säkerhetsfiltret stoppat nattens data:",
            "Without the pause the safety filter would have held tonight's data:",
        ),
    };
    let mut blocks = vec![Block::Paragraph(said.to_owned())];
    if let Verdict::Hold(breaches) = verdict {
        let reasons = breaches.iter().map(|breach| sentence(breach, language)).collect();
        blocks.push(Block::Bullets(reasons));
    }
    blocks
}
