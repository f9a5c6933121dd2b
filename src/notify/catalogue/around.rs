//! RG354, RG359, RG360 and RG364: what must be there, what a changed configuration removes, the
//! clock, and an export that stands still.

use super::{Entry, entry};

pub(super) const SENTINEL: &[Entry] = &[entry(
    354,
    [
        "Något som måste finnas med saknas i filen till {target}[: {detail}].",
        "Inget skickas till {target}, och det går inte att godkänna. Det som mottagaren redan har \
         ligger kvar, så elever och lärare kan arbeta som vanligt.",
        "Se efter i registret om skolan eller så många saknas. Är exporten fel? Låt rätta den och \
         kör igen:\n$ sudo rostergate run --now\n\
         Är det rätt, för att en skola har lagts ner? Ändra sentinels i inställningsfilen och \
         pröva:\n$ sudo rostergate plan",
    ],
    [
        "Something that must be there is missing in the file to {target}[: {detail}].",
        "Nothing is sent to {target}, and nobody can approve it. What the receiver already has \
         stays, so pupils and teachers can work as usual.",
        "See in the register whether the school or so many are missing. Is the export wrong? Have \
         it corrected and run again:\n$ sudo rostergate run --now\n\
         Is it right, because a school was closed? Change sentinels in the configuration file and \
         try:\n$ sudo rostergate plan",
    ],
)];

pub(super) const CONFIGURATION: &[Entry] = &[
    entry(
        359,
        [
            "Inställningsfilen eller programmet, inte registret, gör att planen {plan} tar bort.",
            "Elever och lärare finns kvar i registret men skulle försvinna hos {target}. Därför \
             skickas inget dit hur få de än är; det som finns där ligger kvar.",
            "Var ändringen i inställningsfilen ett misstag? Ändra tillbaka och se vad som \
             händer:\n$ sudo rostergate plan\n\
             Var den avsedd? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The configuration file or the program, not the register, makes the plan {plan} \
             remove.",
            "Pupils and teachers are still in the register but would vanish at {target}. So \
             nothing is sent there however few they are; what is there stays.",
            "Was the change in the configuration file a mistake? Change it back and see what \
             happens:\n$ sudo rostergate plan\n\
             Was it meant? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        360,
        [
            "Serverns klocka stämmer inte med förra körningen[: {detail}].",
            "Inget skickas[ till {target}]: med fel klocka kan sådant tas bort som ska vara kvar. \
             Inget har åldrats, gått ut eller gallrats. Det som mottagaren har ligger kvar.",
            "Går klockan rätt? Se efter:\n$ sudo timedatectl\n\
             Ställ den rätt om den går fel; nästa natt går allt av sig självt.\n\
             Går den rätt, efter ett långt uppehåll? Granska och godkänn[ senast {until}]; sedan \
             gäller den här tiden:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The server's clock does not fit the last run[: {detail}].",
            "Nothing is sent[ to {target}]: with a wrong clock things may be removed that are to \
             stay. Nothing has aged, expired or been erased. What the receiver has stays.",
            "Is the clock right? See:\n$ sudo timedatectl\n\
             Set it right if it is wrong; next night runs by itself.\n\
             Is it right, after a long pause? Review and approve[ before {until}]; from then on \
             this time counts:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
];

pub(super) const FROZEN: &[Entry] = &[entry(
    364,
    [
        "Exporten[ från {source}] har varit exakt likadan i flera skoldagar[: {count}].",
        "Inget är stoppat och inget tas bort. Men nya elever, byten och konton kommer inte fram om \
         registret har slutat exportera på riktigt.",
        "Fråga den som sköter registret om exporten fortfarande görs och när något senast \
         ändrades. Se när programmet senast läste den:\n$ sudo rostergate status",
    ],
    [
        "The export[ of {source}] has been exactly the same for several school days[: {count}].",
        "Nothing is held and nothing is removed. But new pupils, moves and accounts do not arrive \
         if the register has stopped exporting in earnest.",
        "Ask whoever runs the register whether the export is still made and when anything last \
         changed. See when the program last read it:\n$ sudo rostergate status",
    ],
)];
