//! A list of removals that a person is to release.

use super::catalogue::Step;
use super::catalogue::facts::one_line;
use super::document::Block;
use super::language::Language::{self, En, Sv};
use super::listed::reasons;
use super::night::Proposal;
use super::number::day_and_clock;

/// What is on the list, and what to do.
pub(super) fn proposed(proposal: &Proposal, language: Language) -> Vec<Block> {
    let Proposal::Held { plan, breaches, expires } = proposal else {
        let Proposal::Failed(code) = proposal else { return Vec::new() };
        let said = match language {
            Sv => format!("Listan över borttag kunde inte göras ({code}). Nästa natt görs en ny."),
            En => format!("The list of removals could not be made ({code}). Next night makes one."),
        };
        return vec![Block::Paragraph(said)];
    };
    let until = day_and_clock(expires, language);
    let plan = one_line(plan);
    let (review, approve) = match language {
        Sv => (
            "Titta igenom listan. Är någon fel? Låt rätta registret: den som finns där igen \
             stryks av sig själv.",
            format!(
                "Är den rätt? Godkänn senast {until}. Annars ligger alla kvar, och nästa natt \
                 gör en ny lista."
            ),
        ),
        En => (
            "Look through the list. Is anybody wrong? Have the register corrected: whoever is \
             there again drops off by itself.",
            format!(
                "Is it right? Approve it before {until}. Otherwise everyone stays, and next night \
                 makes a new list."
            ),
        ),
    };
    let reason = language.of("skäl", "reason");
    vec![
        Block::Bullets(reasons(breaches, language)),
        Block::Steps(vec![
            Step::Say(review.to_owned()),
            Step::Type(format!("sudo rostergate plan {plan} --details")),
            Step::Say(approve),
            Step::Type(format!("sudo rostergate approve {plan} --reason \"{reason}\"")),
        ]),
    ]
}
