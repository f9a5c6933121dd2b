//! RG330–RG339 and RG347–RG349: what the safety filter holds, and what it knows of last time.

use super::{Entry, entry};

pub(super) const HELD_SV: &str = "Inget skickas till {target}. Det som mottagaren redan har ligger kvar, så \
    elever och lärare kan arbeta som vanligt.";
pub(super) const HELD_EN: &str = "Nothing is sent to {target}. What the receiver already has stays, so \
    pupils and teachers can work as usual.";
const REVIEW_SV: &str = "Se efter i registret om det stämmer[, särskilt {detail}].\n\
    Är exporten fel? Låt rätta den. Nästa natt går allt av sig självt.\n\
    Är det rätt? Titta igenom planen och godkänn den[ senast {until}]. Godkännandet gäller bara \
    den här filen.\n\
    $ sudo rostergate plan {plan} --details\n\
    $ sudo rostergate approve {plan} --reason \"skäl\"\n\
    Mottagaren kan ha ett eget filter. Stoppar det också: be deras support om en import med \
    filtret av.";
const REVIEW_EN: &str = "Check in the register whether this is right[, above all {detail}].\n\
    Is the export wrong? Have it corrected. Next night runs by itself.\n\
    Is it right? Look through the plan and approve it[ before {until}]. The approval covers this \
    file only.\n\
    $ sudo rostergate plan {plan} --details\n\
    $ sudo rostergate approve {plan} --reason \"reason\"\n\
    The receiver may have a filter of its own. If that stops too, ask their support for an \
    import with the filter off.";

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        330,
        ["Säkerhetsfiltret stoppade planen {plan}: en gräns överskreds.", HELD_SV, REVIEW_SV],
        ["The safety filter held the plan {plan}: a limit was exceeded.", HELD_EN, REVIEW_EN],
    ),
    entry(
        331,
        [
            "Planen {plan} gäller inte längre[: {detail}].",
            "Inget skickas av godkännandet. Det som mottagaren redan har ligger kvar.",
            "[Exporten går inte att använda just nu: {export}. Låt först rätta den. ]\
             [Nu väntar i stället planen {field}. ]Granska det som gäller nu. Väntar ingen plan gör \
             en ny körning en ny:\n$ sudo rostergate plan[ {field}]\n$ sudo rostergate run --now",
        ],
        [
            "The plan {plan} is no longer valid[: {detail}].",
            "The approval sends nothing. What the receiver already has stays.",
            "[The export cannot be used right now: {export}. Have it corrected first. ]\
             [The plan {field} waits in its place now. ]Review what is valid now. If no plan \
             waits, a new run makes one:\n$ sudo rostergate plan[ {field}]\n\
             $ sudo rostergate run --now",
        ],
    ),
    entry(
        332,
        [
            "Säkerhetsfiltret stoppade planen {plan}: en skola, roll eller gruppsort försvann \
             helt.",
            HELD_SV,
            REVIEW_SV,
        ],
        [
            "The safety filter held the plan {plan}: a school, role or kind of group vanished \
             whole.",
            HELD_EN,
            REVIEW_EN,
        ],
    ),
    entry(
        333,
        [
            "Planen {plan} är den första leveransen[ till {target}] och väntar på godkännande.",
            "Inget skickas[ till {target}] förrän någon har granskat planen. Mottagaren tar bort \
             det som inte finns i filen, så den första är viktigast.",
            "Titta igenom planen:\n$ sudo rostergate plan {plan} --details\n\
             Har mottagaren inga elever än? Godkänn[ senast {until}]:\n\
             $ sudo rostergate approve {plan} --receiver-empty --reason \"skäl\"\n\
             Har mottagaren redan elever, från ett annat system eller från ett mål som hette något \
             annat? Läs först in den fil som mottagaren senast fick, så görs en ny plan:\n\
             $ sudo rostergate baseline adopt {target} <fil>",
        ],
        [
            "The plan {plan} is the first delivery[ to {target}] and waits for approval.",
            "Nothing is sent[ to {target}] until someone has reviewed the plan. The receiver \
             removes whatever is not in the file, so the first one matters most.",
            "Look through the plan:\n$ sudo rostergate plan {plan} --details\n\
             Has the receiver no pupils yet? Approve[ before {until}]:\n\
             $ sudo rostergate approve {plan} --receiver-empty --reason \"reason\"\n\
             Does the receiver have pupils already, from another system or from a target of \
             another name? First read in the file that it was last given; a new plan is then \
             made:\n\
             $ sudo rostergate baseline adopt {target} <file>",
        ],
    ),
    entry(
        334,
        [
            "Ovanligt många blev skyddade på en natt, eller har en märkning som inte är känd.",
            "Så många är oftast ett fel i registrets kolumn. Inget skickas till {target}, men den \
             som verkligen har fått skydd ligger också kvar där. Skynda er därför.",
            "Se genast efter i registret om kolumnen för skyddade uppgifter är tom, har bytt ord \
             eller är fel.\n\
             Är den fel? Låt rätta den och kör igen:\n$ sudo rostergate run --now\n\
             Är den rätt? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"\n\
             Följ under tiden er manuella rutin för skyddade personuppgifter.",
        ],
        [
            "Unusually many became protected in one night, or carry an unknown marking.",
            "That many are mostly a fault in the register's column. Nothing is sent to {target}, \
             but whoever truly became protected also remains there. So please hurry.",
            "See at once in the register whether the column for protected persons is empty, has \
             other words or is wrong.\n\
             Is it wrong? Have it corrected and run again:\n$ sudo rostergate run --now\n\
             Is it right? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"\n\
             Meanwhile follow your manual routine for protected persons.",
        ],
    ),
    entry(
        335,
        [
            "Inställningen för filen till {target} har ändrats, eller programmets sätt att skriva \
             den.",
            "Mottagaren kan se gamla elever som nya och de nya som borttagna. Inget skickas till \
             {target}; det som redan finns ligger kvar.",
            "Var ändringen ett misstag? Ändra tillbaka i inställningsfilen och kör igen:\n\
             $ sudo rostergate plan\n\
             Var den avsedd? Tala först med mottagarens support. Granska och godkänn[ senast \
             {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The settings of the file to {target} have changed, or the program's way of writing \
             it.",
            "The receiver may see old pupils as new and the new ones as removed. Nothing is sent \
             to {target}; what is there stays.",
            "Was the change a mistake? Change the configuration file back and run again:\n\
             $ sudo rostergate plan\n\
             Was it meant? Talk to the receiver's support first. Review and approve[ before \
             {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        336,
        [
            "Säkerhetsfiltret stoppade planen {plan}: färre än minimum skulle skickas.",
            HELD_SV,
            REVIEW_SV,
        ],
        [
            "The safety filter held the plan {plan}: fewer than the minimum would be sent.",
            HELD_EN,
            REVIEW_EN,
        ],
    ),
    entry(
        337,
        [
            "Säkerhetsfiltret stoppade planen {plan}: för många rader kunde inte användas.",
            HELD_SV,
            "Se vilka rader det är i dagens export och låt rätta dem i registret. Nästa natt går \
             allt av sig självt.\n$ sudo rostergate plan --details\n\
             Går det inte att rätta dem nu? Godkänn[ senast {until}]; ingen tas bort för en sådan \
             rads skull:\n$ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: too many rows could not be used.",
            HELD_EN,
            "See which rows of today's export they are and have them corrected in the register. \
             Next night runs by itself.\n$ sudo rostergate plan --details\n\
             Can they not be corrected now? Approve[ before {until}]; nobody is removed because \
             of such a row:\n$ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        338,
        [
            "Det är inte klarlagt vilken av två filer {target} fick senast.",
            "Inget nytt skickas till {target} förrän någon har sett efter. Elever och lärare kan \
             arbeta som vanligt.",
            "Fråga mottagarens support vilken fil de läste in senast, och när. Granska sedan \
             planen:\n$ sudo rostergate plan {plan} --details\n\
             Stämmer den: godkänn[ senast {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "It is not settled which of two files {target} got last.",
            "Nothing new is sent to {target} until someone has looked. Pupils and teachers can \
             work as usual.",
            "Ask the receiver's support which file they read last, and when. Then review the \
             plan:\n$ sudo rostergate plan {plan} --details\n\
             If it is right, approve[ before {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        339,
        [
            "Hos {target} ligger en fil som rostergate inte har lämnat[: {file}].",
            "Ett annat system kan fortfarande skicka elever till samma mottagare, och då tar de \
             bort varandras. Inget skickas till {target}; det som finns där ligger kvar.",
            "Ta reda på vem som lämnade filen: det gamla systemet, en återläst kopia, eller vi \
             själva, om den skrivs direkt (publish = \"direct\") och förbindelsen bröts: då är den \
             halv, och mottagaren ska inte läsa in den. Stäng av den andra sändaren.\n\
             Granska och godkänn sedan[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "At {target} lies a file that rostergate did not leave[: {file}].",
            "Another system may still send pupils to the same receiver, and then each removes the \
             other's. Nothing is sent to {target}; what is there stays.",
            "Find out who left the file: the old system, a restored copy, or we ourselves, if it \
             is written straight (publish = \"direct\") and the line broke: then it is half, and \
             the receiver must not read it. Turn the other sender off.\n\
             Then review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
];

pub(super) const OF_THE_BASELINE: &[Entry] = &[
    entry(
        347,
        [
            "Uppgiften om vad {target} senast fick är gammal[: {count} dygn].",
            "Servern kan vara återläst från en säkerhetskopia, och då är jämförelsen fel. Inget \
             skickas till {target}; det som finns där ligger kvar.",
            "Se vad programmet tror att mottagaren har, och fråga mottagarens support vad den \
             läste in senast:\n$ sudo rostergate baseline show\n\
             Är servern återläst? Läs in den fil som mottagaren senast fick:\n\
             $ sudo rostergate baseline adopt {target} <fil>\n\
             Har det bara varit uppehåll? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "What is known of {target}'s last file is old[: {count} days].",
            "The server may have been restored from a backup, and then the comparison is wrong. \
             Nothing is sent to {target}; what is there stays.",
            "See what the program believes the receiver has, and ask the receiver's support what \
             it read last:\n$ sudo rostergate baseline show\n\
             Was the server restored? Read in the file that the receiver was last given:\n\
             $ sudo rostergate baseline adopt {target} <file>\n\
             Was there only a pause? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        348,
        [
            "Reglerna för nycklar har ändrats sedan {target} senast fick en fil.",
            "Samma elev kan ha fått en annan nyckel, och då ser mottagaren en borttagen och en \
             ny. Inget skickas till {target}; det som finns där ligger kvar.",
            "Granska planen: antalet nya och borttagna ska vara litet.\n\
             $ sudo rostergate plan {plan} --details\n\
             Stämmer den: godkänn[ senast {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The rules for keys have changed since {target} last got a file.",
            "One pupil may have got another key, and then the receiver sees one removed and one \
             new. Nothing is sent to {target}; what is there stays.",
            "Review the plan: few should be new or removed.\n\
             $ sudo rostergate plan {plan} --details\n\
             If it is right, approve[ before {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        349,
        [
            "Namn i exporten ser ut att vara lästa med fel teckenkodning[: {count}].",
            "Å, ä och ö skulle bli fel för elever och lärare. Inget skickas till {target}; det \
             som finns där ligger kvar.",
            "Fråga den som sköter registret vilken kodning exporten har. Skriv den under encoding \
             i inställningsfilen och pröva:\n$ sudo rostergate plan\n\
             Ska namnen verkligen se ut så? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "Names in the export look as if read with the wrong encoding[: {count}].",
            "Letters such as å, ä and ö would be wrong for pupils and teachers. Nothing is sent \
             to {target}; what is there stays.",
            "Ask whoever runs the register which encoding the export has. Write it under encoding \
             in the configuration file and try:\n$ sudo rostergate plan\n\
             Are the names really meant to look so? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        350,
        [
            "Nycklar i {file} ändrades av den städning som inställningen anger[: {count}].",
            "Mottagaren får de städade nycklarna. Elever och lärare märker inget så länge \
             städningen är densamma.",
            "Ni behöver inte göra något. Ändra inte strip, case och trim utan att tala med \
             mottagarens support. Se i vilka kolumner, och första raden:\n$ sudo rostergate plan --details",
        ],
        [
            "Keys in {file} were changed by the clean-up that the configuration declares[: \
             {count}].",
            "The receiver gets the cleaned keys. Pupils and teachers notice nothing as long as \
             the clean-up stays the same.",
            "You need not do anything. Do not change strip, case and trim without talking to \
             the receiver's support. See in which columns, and the first line:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        351,
        [
            "Nycklar i {file} börjar eller slutar med mellanslag[: {count}].",
            "De skickas som de är. Försvinner mellanslagen en dag i registret blir personerna \
             nya hos mottagaren.",
            "Låt rätta nycklarna i registret, eller skriv trim = true för kolumnen i \
             inställningsfilen innan något har skickats. Se i vilka kolumner, och första raden:\n\
             $ sudo rostergate plan --details",
        ],
        [
            "Keys in {file} begin or end with blanks[: {count}].",
            "They are sent as they are. If the blanks vanish from the register one day, the \
             persons become new at the receiver.",
            "Have the keys corrected in the register, or write trim = true for the column in \
             the configuration file before anything was sent. See in which columns, and the first \
             line:\n\
             $ sudo rostergate plan --details",
        ],
    ),
    entry(
        352,
        [
            "Exporten är äldre än den som redan har levererats[ till {target}][: {detail}].",
            "Inget skickades: äldre uppgifter hade tagit bort elever som kommit sedan dess. Det \
             som mottagaren har ligger kvar.",
            "Har gamla filer lagts tillbaka i mappen? Låt registret exportera på nytt och kör:\n\
             $ sudo rostergate run --now",
        ],
        [
            "The export is older than the one already delivered[ to {target}][: {detail}].",
            "Nothing was sent: older data would have removed pupils who came since. What the \
             receiver has stays.",
            "Were old files put back in the folder? Have the register export again and run:\n\
             $ sudo rostergate run --now",
        ],
    ),
    entry(
        353,
        [
            "Mappen {file} som registret ska skriva i går inte att öppna[: {detail}].",
            "Inget skickas. Det som mottagaren redan har ligger kvar, så elever och lärare kan \
             arbeta som vanligt.",
            "Stämmer folder i inställningsfilen, och får användaren rostergate läsa mappen? \
             Kontrollera:\n$ ls -ld {file}\n$ sudo rostergate check",
        ],
        [
            "The folder {file} that the register writes in cannot be opened[: {detail}].",
            "Nothing is sent. What the receiver already has stays, so pupils and teachers can \
             work as usual.",
            "Is folder right in the configuration, and may the user rostergate read it? \
             Check:\n$ ls -ld {file}\n$ sudo rostergate check",
        ],
    ),
];
