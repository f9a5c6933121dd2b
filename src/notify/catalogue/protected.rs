//! RG358, RG373, RG376 and RG379: groups that are named like somebody protected, markings that
//! nobody knows, somebody withdrawn who may be back, and markings that fell away.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        358,
        [
            "Grupper[ hos {target}] bär en skyddad persons namn utan att personen är med i dem[: \
             {count}]. Personen är borttagen, men grupperna är kvar.",
            "Så många grupper kan inte tas bort utan att gränserna bryts: elever och lärare behåller \
             dem. Men ett namn på en grupp kan peka ut personen.",
            "Se genast på gruppernas namn i registret. Pekar de ut personen: byt namn på grupperna \
             där, och kör igen:\n$ sudo rostergate run --now\n\
             Ska de bort som de heter? Godkänn nattens stoppade plan, som utelämnar dem. Finns ingen, \
             gör nästa körning en. Se vad som väntar på beslut:\n$ sudo rostergate status",
        ],
        [
            "Groups[ at {target}] bear a protected person's name though the person is not in them[: \
             {count}]. The person has left, but the groups are still there.",
            "So many groups cannot go without breaking the limits: pupils and teachers keep them. But \
             the name of a group may give the person away.",
            "Look at the groups' names in the register at once. If they give the person away, rename \
             the groups there and run again:\n$ sudo rostergate run --now\n\
             Are they to go, named as they are? Approve tonight's held plan, which leaves them out. \
             If there is none, the next run makes one. See what waits for a decision:\n\
             $ sudo rostergate status",
        ],
    ),
    entry(
        373,
        [
            "Märkningen om skydd är tom eller okänd[ ({file}, rad {line})][, kolumn {field}].",
            "Personen räknas som skyddad och skickas inte till någon mottagare. Övriga elever och \
             lärare märker inget.",
            "Låt rätta märkningen i registret. Är ordet rätt: lägg till det i inställningsfilen. \
             Pröva sedan:\n$ sudo rostergate plan",
        ],
        [
            "The marking of protection is blank or unknown[ ({file}, line {line})][, column \
             {field}].",
            "The person counts as protected and is sent to no receiver. Other pupils and teachers \
             notice nothing.",
            "Have the marking corrected in the register. If the word is right, add it to the \
             configuration file. Then try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        379,
        [
            "Märkningen om skydd har fallit bort för ovanligt många, och personer skulle \
             tillkomma[ hos {target}][: {detail}].",
            "De kan vara barn med skyddad identitet, som skulle visas för mottagaren: det går inte \
             att ta tillbaka. Inget skickas[ till {target}]; det som finns där ligger kvar.",
            "Se efter i registret om de verkligen inte är skyddade längre, och att kolumnen och orden \
             under protected i inställningsfilen stämmer. Är något fel: rätta det och kör igen:\n\
             $ sudo rostergate run --now\n\
             Är de inte skyddade längre? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The marking of protection has fallen away for unusually many, and persons would be \
             added[ at {target}][: {detail}].",
            "They may be children with protected identity who would be shown to the receiver: that \
             cannot be taken back. Nothing is sent[ to {target}]; what is there stays.",
            "See in the register whether they really are protected no more, and that the column and \
             the words under protected in the configuration file are right. If something is wrong, \
             correct it and run again:\n$ sudo rostergate run --now\n\
             Are they protected no more? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        376,
        [
            "Någon som är borttagen för hand kan vara tillbaka under en ny nyckel[ hos {target}]: en \
             ny person har samma namn, och den gamla nyckeln finns inte längre i registret.",
            "Inget skickas till {target}; det som finns där ligger kvar, så elever och lärare kan \
             arbeta som vanligt. Godkänns planen får mottagaren uppgifter om den nya personen.",
            "Se i registret om det är samma person. Är det så: ta bort också den nya nyckeln, och \
             kör igen:\n$ sudo rostergate withdraw \"nyckel\" --reason \"skäl\"\n\
             $ sudo rostergate run --now\n\
             Är det någon annan? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "Somebody withdrawn by hand may be back under a new key[ at {target}]: a new person has \
             the same name, and the register does not have the old key any more.",
            "Nothing is sent to {target}; what is there stays, so pupils and teachers can work as \
             usual. If the plan is approved, the receiver gets the new person's data.",
            "See in the register whether it is the same person. If so, withdraw the new key, too, \
             and run again:\n$ sudo rostergate withdraw \"key\" --reason \"reason\"\n\
             $ sudo rostergate run --now\n\
             Is it somebody else? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
];
