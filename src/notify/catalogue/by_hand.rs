//! `RG365`, `RG366` and `RG369`: what a person does by hand, withdrawing somebody and pausing.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        365,
        [
            "Nyckeln är okänd: ingen sådan person finns i registret eller i den senaste filen till \
             någon mottagare[ ({detail})].",
            "Inget är gjort och inget är antecknat: ingen är borttagen. En felskriven nyckel får \
             inte se ut som en person som är borta.",
            "Skriv nyckeln precis som den står i registrets export. Se vilka som är borttagna för \
             hand:\n$ sudo rostergate withdraw --list",
        ],
        [
            "The key is unknown: no such person is in the register or in the last file to any \
             receiver[ ({detail})].",
            "Nothing was done and nothing was noted: nobody has been withdrawn. A misspelt key \
             must not look like a person who is gone.",
            "Write the key exactly as it stands in the register's export. See who has been \
             withdrawn by hand:\n$ sudo rostergate withdraw --list",
        ],
    ),
    entry(
        366,
        [
            "Det går inte, som pausen står nu[: {detail}].",
            "Inget är ändrat: en paus som finns gäller som förut, och finns ingen går körningarna \
             som vanligt. Elever och lärare märker inget.",
            "Se om det är paus och till när:\n$ sudo rostergate status",
        ],
        [
            "That cannot be done as the pause stands now[: {detail}].",
            "Nothing has changed: a pause that there is holds as before, and without one runs go \
             on as usual. Pupils and teachers notice nothing.",
            "See whether there is a pause, and until when:\n$ sudo rostergate status",
        ],
    ),
    entry(
        369,
        [
            "Personen kunde inte tas bort[ hos {target}][: {detail}].",
            "Personen finns kvar hos mottagaren, men lämnas utanför varje fil från och med nästa \
             körning. Övriga elever och lärare märker inget.",
            "Ta bort personen för hand i mottagarens eget system nu, om det är bråttom. Se vad som \
             väntar på beslut:\n$ sudo rostergate status",
        ],
        [
            "The person could not be removed[ at {target}][: {detail}].",
            "The person is still at the receiver, but is left out of every file from the next run \
             on. Other pupils and teachers notice nothing.",
            "Remove the person by hand in the receiver's own system now, if it is urgent. See what \
             waits for a decision:\n$ sudo rostergate status",
        ],
    ),
];
