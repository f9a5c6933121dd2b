//! RG362 and RG363: what waits to be removed.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        362,
        [
            "Säkerhetsfiltret stoppade planen {plan}: ett användarnamn eller en gruppnyckel används \
             igen, medan andra som hade det väntar på att tas bort.",
            "Inget skickas till {target}. Mottagaren kunde annars ge den enas konto till den \
             andra, eller sätta elever i fel grupp. Det som mottagaren redan har ligger kvar.",
            "Se efter i registret om användarnamnet eller nyckeln ska återanvändas.\n\
             Är det fel? Låt rätta det. Nästa natt går allt av sig självt.\n\
             Är det rätt? Godkänn planen[ senast {until}]: det nya skickas och det som väntade \
             tas bort.\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: a user name or a group's key is used again, \
             while others who had it wait to be removed.",
            "Nothing is sent to {target}. The receiver might otherwise give one person's account \
             to the other, or put pupils into the wrong group. What the receiver already has stays.",
            "Check in the register whether the user name or key is to be used again.\n\
             Is it wrong? Have it corrected. Next night runs by itself.\n\
             Is it right? Approve the plan[ before {until}]: the new is sent, and what waited is \
             removed.\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        363,
        [
            "Perioden med fördröjda borttag har slutat. Listan {plan} väntar på godkännande.",
            "Ny data skickas till {target} som vanligt. De som saknas i registret ligger kvar \
             tills någon godkänner listan.",
            "Titta igenom listan och godkänn den[ senast {until}]. Görs inget ligger alla kvar.\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The window of delayed removals has ended. The list {plan} waits for approval.",
            "New data is sent to {target} as usual. Whoever is missing from the register stays \
             until somebody approves the list.",
            "Look through the list and approve it[ before {until}]. If nothing is done, everyone \
             stays.\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
];
