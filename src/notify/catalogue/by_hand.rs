//! `RG365`, `RG366`, `RG369`, `RG374` and `RG375`: what a person does by hand, withdrawing
//! somebody, pausing and approving.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        365,
        [
            "Nyckeln är okänd: ingen sådan person finns i registret eller i den senaste filen till \
             någon mottagare[ ({detail})].",
            "Inget är gjort och inget är antecknat: ingen är borttagen. En felskriven nyckel får \
             inte se ut som en person som är borta.",
            "Skriv nyckeln precis som den står i registrets export. Se vilka borttagningar som är \
             gjorda för hand, när och varför:\n$ sudo rostergate withdraw --list",
        ],
        [
            "The key is unknown: no such person is in the register or in the last file to any \
             receiver[ ({detail})].",
            "Nothing was done and nothing was noted: nobody has been withdrawn. A misspelt key \
             must not look like a person who is gone.",
            "Write the key exactly as it stands in the register's export. See which withdrawals \
             were made by hand, when and why:\n$ sudo rostergate withdraw --list",
        ],
    ),
    entry(
        366,
        [
            "Pausen går inte att ändra så[: {detail}].",
            "Inget är ändrat: en paus som finns gäller som förut, och finns ingen går körningarna \
             som vanligt. Elever och lärare märker inget.",
            "Se om det är paus och till när. En paus som ska ha en annan sista dag avslutas först \
             (resume) och görs sedan om:\n$ sudo rostergate status",
        ],
        [
            "The pause cannot be changed like that[: {detail}].",
            "Nothing has changed: a pause that there is holds as before, and without one runs go \
             on as usual. Pupils and teachers notice nothing.",
            "See whether there is a pause, and until when. A pause that is to have another last \
             day is ended first (resume) and then made anew:\n$ sudo rostergate status",
        ],
    ),
    entry(
        369,
        [
            "Personen kunde inte tas bort[ hos {target}][: {detail}].",
            "Personen kan finnas kvar hos mottagaren, men lämnas utanför varje fil från och med \
             nästa körning. Övriga elever och lärare märker inget.",
            "Ta bort personen för hand i mottagarens eget system nu, om det är bråttom. Se vad som \
             väntar på beslut:\n$ sudo rostergate status",
        ],
        [
            "The person could not be removed[ at {target}][: {detail}].",
            "The person may still be at the receiver, but is left out of every file from the next run \
             on. Other pupils and teachers notice nothing.",
            "Remove the person by hand in the receiver's own system now, if it is urgent. See what \
             waits for a decision:\n$ sudo rostergate status",
        ],
    ),
    entry(
        374,
        [
            "Hos {target} ligger en fil som rostergate inte har lämnat[: {file}]. Den fanns inte \
             när planen {plan} gjordes.",
            "Ett annat system kan skicka elever till samma mottagare, och då tar de bort \
             varandras. Godkännandet skickar inget till {target}; det som finns där ligger kvar.",
            "Ta reda på vem som lämnade filen: det gamla systemet eller en återläst kopia. Stäng \
             av den andra sändaren.\n\
             Är filen borta därifrån? Godkänn igen[ senast {until}]:\n\
             $ sudo rostergate approve {plan}[ {detail}] --reason \"skäl\"\n\
             Ligger den kvar, och får den ersättas? Kör igen. Det blir en ny plan som räknar med \
             filen; körningen visar hur den godkänns, och {plan} gäller inte längre:\n\
             $ sudo rostergate run --target {target} --now --again",
        ],
        [
            "At {target} lies a file that rostergate did not leave[: {file}]. It was not there \
             when the plan {plan} was made.",
            "Another system may send pupils to the same receiver, and then each removes the \
             other's. The approval sends nothing to {target}; what is there stays.",
            "Find out who left the file: the old system or a restored copy. Turn the other sender \
             off.\n\
             Is the file gone from there? Approve again[ before {until}]:\n\
             $ sudo rostergate approve {plan}[ {detail}] --reason \"reason\"\n\
             Is it still there, and may it be replaced? Run again. That makes a new plan which \
             counts with the file; the run shows how to approve it, and {plan} is no longer \
             valid:\n\
             $ sudo rostergate run --target {target} --now --again",
        ],
    ),
    entry(
        375,
        [
            "Så lång paus går inte att göra: den kan som längst gälla till och med {until}[, \
             {count} dagar från i dag].",
            "Inget är ändrat och inget är pausat. En paus som ingen minns är en avstängd gateway: \
             nya elever, ändringar och borttag når inte mottagarna, natt efter natt.",
            "Välj en sista dag som inte ligger längre bort. Behövs mer tid sedan: avsluta pausen \
             (resume) och gör en ny.\n\
             $ sudo rostergate pause --until {until} --reason \"skäl\"",
        ],
        [
            "A pause cannot be that long: it can hold through {until} at most[, {count} days from \
             today].",
            "Nothing has changed and nothing is paused. A pause that nobody remembers is a gateway \
             turned off: new pupils, changes and removals do not reach the receivers, night after \
             night.",
            "Choose a last day that is no further away. If more time is needed then, end the pause \
             (resume) and make a new one.\n\
             $ sudo rostergate pause --until {until} --reason \"reason\"",
        ],
    ),
];
