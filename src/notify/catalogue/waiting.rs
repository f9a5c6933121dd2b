//! RG362 and RG363: what waits to be removed.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        362,
        [
            "Säkerhetsfiltret stoppade planen {plan}: en ny person har ett användarnamn som \
             tillhör någon annan som väntar på att tas bort.",
            "Inget skickas till {target}. Mottagaren kunde annars ge den enas konto till den \
             andra. Det som mottagaren redan har ligger kvar.",
            "Se efter i registret om användarnamnet ska återanvändas.\n\
             Är det fel? Låt rätta användarnamnet. Nästa natt går allt av sig självt.\n\
             Är det rätt? Godkänn planen[ senast {until}]: den nya skickas och den som väntade \
             tas bort.\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: a new person has a user name that belongs to \
             somebody else who waits to be removed.",
            "Nothing is sent to {target}. The receiver might otherwise give one person's account \
             to the other. What the receiver already has stays.",
            "Check in the register whether the user name is to be used again.\n\
             Is it wrong? Have the user name corrected. Next night runs by itself.\n\
             Is it right? Approve the plan[ before {until}]: the new person is sent, and the one \
             who waited is removed.\n\
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
