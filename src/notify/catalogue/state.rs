//! `RG5xx` and `RG9xx`: the logbook on this machine, and the program itself.

use super::{Entry, STAYS_EN, STAYS_SV, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        500,
        [
            "En annan körning pågår redan[: {detail}].",
            "Den körningen gör arbetet; den här avstår. Elever och lärare märker inget.",
            "Vänta tills den är klar och se hur det gick:\n$ sudo rostergate status",
        ],
        [
            "Another run is active[: {detail}].",
            "That run does the work; this one steps aside. Pupils and teachers notice nothing.",
            "Wait until it is done and see how it went:\n$ sudo rostergate status",
        ],
    ),
    entry(
        501,
        [
            "Rostergates mapp går inte att läsa eller skriva[: {path}][ ({detail})].",
            STAYS_SV,
            "Se efter att disken inte är full och att mappen ägs av rostergate:\n\
             $ df -h {path}\n$ ls -ld {path}\n$ sudo rostergate check",
        ],
        [
            "Rostergate's folder cannot be read or written[: {path}][ ({detail})].",
            STAYS_EN,
            "See that the disk is not full and that the folder belongs to rostergate:\n\
             $ df -h {path}\n$ ls -ld {path}\n$ sudo rostergate check",
        ],
    ),
    entry(
        502,
        [
            "Loggboken är skadad[: {path}][ ({detail})].",
            "Utan den går det inte att veta vad mottagaren har, och då kunde elever tas bort av \
             misstag. Inget skickas; det som mottagaren redan har ligger kvar.",
            "Återläs rostergates mapp från säkerhetskopian. Finns ingen: läs in den fil som \
             mottagaren senast fick.\n$ sudo rostergate status\n\
             $ sudo rostergate baseline adopt {target} <fil>",
        ],
        [
            "The logbook is damaged[: {path}][ ({detail})].",
            "Without it there is no telling what the receiver has, and pupils could be removed by \
             mistake. Nothing is sent; what the receiver already has stays.",
            "Restore rostergate's folder from the backup. If there is none, read in the file that \
             the receiver was last given.\n$ sudo rostergate status\n\
             $ sudo rostergate baseline adopt {target} <file>",
        ],
    ),
    entry(
        503,
        [
            "Loggboken är av en annan version än programmet[: {path}][ ({detail})].",
            STAYS_SV,
            "Är loggboken nyare: installera den nyare versionen av rostergate igen. Är den \
             äldre: nästa körning gör om den. Versionen som används nu:\n\
             $ rostergate --version\n$ sudo rostergate check",
        ],
        [
            "The logbook is of another version than the program[: {path}][ ({detail})].",
            STAYS_EN,
            "If the logbook is newer, install the newer version of rostergate again. If it is \
             older, the next run brings it up to date. The version in use now:\n\
             $ rostergate --version\n$ sudo rostergate check",
        ],
    ),
    entry(
        504,
        [
            "Det finns ingen plan {plan}[: {detail}].",
            "Inget skickas och inget ändras hos mottagaren.",
            "Se vilka planer som väntar, och skriv av numret därifrån:\n$ sudo rostergate status",
        ],
        [
            "There is no plan {plan}[: {detail}].",
            "Nothing is sent and nothing changes at the receiver.",
            "See which plans wait, and copy the id from there:\n$ sudo rostergate status",
        ],
    ),
    entry(
        505,
        [
            "Planen {plan} väntar inte längre[: {detail}].",
            "Den är redan skickad, har gått ut, har ersatts av en nyare eller är godkänd men \
             avbruten på väg; en avbruten reds ut av nästa körning. Inget skickas nu.",
            "[Nu väntar i stället planen {field}. ]Se vad som hände med den, och vad som gäller \
             nu:\n$ sudo rostergate history\n$ sudo rostergate plan[ {field}]",
        ],
        [
            "The plan {plan} no longer waits[: {detail}].",
            "It was already sent, has expired, was replaced by a newer one, or was approved and \
             interrupted on its way; the next run settles an interrupted one. Nothing is sent now.",
            "[The plan {field} waits in its place now. ]See what became of it, and what is valid \
             now:\n$ sudo rostergate history\n$ sudo rostergate plan[ {field}]",
        ],
    ),
    entry(
        506,
        [
            "Talet stämmer inte med planen {plan}[: {detail}].",
            "Inget skickas och inget ändras hos mottagaren. Planen väntar fortfarande.",
            "Titta igenom planen, så står talet där, och godkänn sedan igen:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"\n\
             Är det första leveransen till en tom mottagare, lägg till --receiver-empty.",
        ],
        [
            "The number is not the plan {plan}'s[: {detail}].",
            "Nothing is sent and nothing changes at the receiver. The plan still waits.",
            "Look through the plan, which has the number, then approve again:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"\n\
             If this is the first delivery to an empty receiver, add --receiver-empty.",
        ],
    ),
    entry(
        507,
        [
            "Det saknas ett skäl för godkännandet.",
            "Inget skickas och inget ändras hos mottagaren. Planen väntar fortfarande.",
            "Skriv varför det är rätt att skicka; skälet står sedan i historiken:\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"\n\
             Är det första leveransen till en tom mottagare, lägg till --receiver-empty.",
        ],
        [
            "A reason for the approval is missing.",
            "Nothing is sent and nothing changes at the receiver. The plan still waits.",
            "Say why it is right to send; the reason is kept in the history:\n\
             $ sudo rostergate approve {plan} --reason \"reason\"\n\
             If this is the first delivery to an empty receiver, add --receiver-empty.",
        ],
    ),
    entry(
        508,
        [
            "Talet som bekräftar planen {plan} angavs inte.",
            "Inget skickas och inget ändras hos mottagaren. Planen väntar fortfarande.",
            "Titta igenom planen:\n$ sudo rostergate plan {plan} --details\n\
             Godkänn sedan i en terminal, där talet efterfrågas, eller ange det:\n\
             $ sudo rostergate approve {plan} --confirm {count} --reason \"skäl\"\n\
             Är det första leveransen till en tom mottagare, lägg till --receiver-empty.",
        ],
        [
            "The number that confirms the plan {plan} was not given.",
            "Nothing is sent and nothing changes at the receiver. The plan still waits.",
            "Look through the plan:\n$ sudo rostergate plan {plan} --details\n\
             Then approve at a terminal, where the number is asked for, or give it:\n\
             $ sudo rostergate approve {plan} --confirm {count} --reason \"reason\"\n\
             If this is the first delivery to an empty receiver, add --receiver-empty.",
        ],
    ),
    entry(
        509,
        [
            "Historiken över beslut hänger inte ihop[: {detail}].",
            "Någon har ändrat i loggboken, eller så är den skadad. Elever och lärare märker inget, \
             men det går inte att lita på vem som godkände vad från den punkten.",
            "Ta en kopia av rostergates mapp som den är. Jämför sedan kvittona i mejlen med \
             historiken: den sista körning vars kvitto stämmer visar hur långt den går att lita \
             på. Ta det vidare som en misstänkt ändring i systemet.\n\
             $ sudo rostergate history --runs 400",
        ],
        [
            "The history of decisions does not hold together[: {detail}].",
            "Somebody has changed the logbook, or it is damaged. Pupils and teachers notice \
             nothing, but from that point on there is no trusting who approved what.",
            "Take a copy of rostergate's folder as it is. Then compare the receipts in the mails \
             with the history: the last run whose receipt is right shows how far it can be \
             trusted. Report it as a suspected change of the system.\n\
             $ sudo rostergate history --runs 400",
        ],
    ),
];

pub(super) const OF_THE_PROGRAM: &[Entry] = &[
    entry(
        900,
        [
            "Körningen avbröts innan den var klar[: {detail}].",
            "Mottagaren har antingen den förra filen eller den nya, aldrig en halv[, utom {file}, \
             som skrivs direkt (publish = \"direct\"): den kan vara halv, och av en halv fil tar \
             mottagaren bort elever]. Elever och lärare kan arbeta som vanligt.",
            "[Be mottagarens support att inte läsa in {file} förrän en körning har skickat den hel. ]\
             Nästa körning reder ut vad som hann skickas. Vill ni inte vänta:\n\
             $ sudo rostergate run --now\n$ journalctl -u rostergate.service --since today",
        ],
        [
            "The run was interrupted before it was done[: {detail}].",
            "The receiver has either the last file or the new one, never half of one[, but for \
             {file}, which is written straight (publish = \"direct\"): it may be half, and by \
             half a file the receiver removes pupils]. Pupils and teachers can work as usual.",
            "[Ask the receiver's support not to read {file} until a run has sent it whole. ]\
             The next run sorts out what was sent. If you cannot wait:\n\
             $ sudo rostergate run --now\n$ journalctl -u rostergate.service --since today",
        ],
    ),
    entry(
        901,
        [
            "Ett fel i rostergate självt: något som alltid ska stämma stämde inte[: {detail}].",
            "Därför avbröts arbetet och inget skickas. Det som mottagaren redan har ligger kvar, \
             så elever och lärare kan arbeta som vanligt.",
            "Skicka loggen till den som underhåller rostergate. Den innehåller inga \
             personuppgifter.\n$ journalctl -u rostergate.service --since today",
        ],
        [
            "A fault in rostergate itself: something that must always hold did not[: {detail}].",
            "The work was therefore stopped and nothing is sent. What the receiver already has \
             stays, so pupils and teachers can work as usual.",
            "Send the log to whoever maintains rostergate. It holds no personal data.\n\
             $ journalctl -u rostergate.service --since today",
        ],
    ),
    entry(
        910,
        [
            "Nattens körning har inte startat[; den förra började {until}][: {detail}].",
            "Inget har skickats i natt. Det som mottagarna redan har ligger kvar, så elever och \
             lärare kan arbeta som vanligt. Nya elever och ändringar dröjer.",
            "Se efter att timern är på, och kör sedan nattens körning för hand:\n\
             $ sudo systemctl enable --now rostergate.timer\n$ sudo rostergate run --now\n\
             $ journalctl -u rostergate.service --since yesterday",
        ],
        [
            "Last night's run did not start[; the one before began {until}][: {detail}].",
            "Nothing was sent last night. What the receivers already have stays, so pupils and \
             teachers can work as usual. New pupils and changes have to wait.",
            "See that the timer is on, and then run last night's by hand:\n\
             $ sudo systemctl enable --now rostergate.timer\n$ sudo rostergate run --now\n\
             $ journalctl -u rostergate.service --since yesterday",
        ],
    ),
    entry(
        911,
        [
            "Nattens körning är inte klar[: {run}, som började {until}].",
            "Den kan ha avbrutits, eller stå och vänta. Mottagarna har antingen den förra filen \
             eller den nya, aldrig en halv[, utom {file}, som skrivs direkt (publish = \
             \"direct\"): den kan vara halv, och av en halv fil tar mottagaren bort elever]. \
             Elever och lärare kan arbeta som vanligt.",
            "[Be mottagarens support att inte läsa in {file} förrän en körning har skickat den hel. ]\
             Se efter i loggen hur långt den kom. Nästa körning reder ut vad som hann skickas. \
             Vill ni inte vänta:\n$ journalctl -u rostergate.service --since yesterday\n\
             $ sudo rostergate run --now",
        ],
        [
            "Last night's run is not done[: {run}, which began {until}].",
            "It may have been interrupted, or be waiting. The receivers have either the last file \
             or the new one, never half of one[, but for {file}, which is written straight \
             (publish = \"direct\"): it may be half, and by half a file the receiver removes \
             pupils]. Pupils and teachers can work as usual.",
            "[Ask the receiver's support not to read {file} until a run has sent it whole. ]\
             See in the log how far it came. The next run sorts out what was sent. If you cannot \
             wait:\n$ journalctl -u rostergate.service --since yesterday\n\
             $ sudo rostergate run --now",
        ],
    ),
    entry(
        912,
        [
            "Nattens körning är gjord, men nästa startar inte av sig själv[: {detail}].",
            "I natt skickas inget. Det som mottagarna redan har ligger kvar, så elever och lärare \
             kan arbeta som vanligt. Nya elever och ändringar dröjer.",
            "Är det inte meningen, slå på timern. Är det meningen, slå också av den som larmar:\n\
             $ sudo systemctl enable --now rostergate.timer\n\
             $ sudo systemctl disable --now rostergate-watch.timer",
        ],
        [
            "Last night's run took place, but the next will not start by itself[: {detail}].",
            "Nothing will be sent tonight. What the receivers already have stays, so pupils and \
             teachers can work as usual. New pupils and changes have to wait.",
            "If that is not meant, turn the timer on. If it is, turn off the one that tells you, \
             too:\n$ sudo systemctl enable --now rostergate.timer\n\
             $ sudo systemctl disable --now rostergate-watch.timer",
        ],
    ),
];
