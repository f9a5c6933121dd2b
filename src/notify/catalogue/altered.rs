//! RG355–RG357: nobody is missing, but keys or data are others than last time.

use super::safety::{HELD_EN, HELD_SV};
use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        355,
        [
            "Säkerhetsfiltret stoppade planen {plan}: samma personer eller grupper har fått nya \
             nycklar.",
            "Mottagaren känner igen alla på nyckeln. Med nya nycklar tar den bort de gamla kontona \
             med allt som finns i dem, och gör nya som är tomma. Inget skickas till {target}; det \
             som finns där ligger kvar.",
            "Fråga den som sköter registret om nycklarna har ändrats, kanske av en uppgradering \
             eller ett kalkylprogram. Grupper kan få nya nycklar vid ett nytt läsår; personer ska \
             behålla sina.\n\
             Var det ett misstag? Låt ändra tillbaka. Nästa natt går allt av sig självt.\n\
             Är det avsett? Tala först med mottagarens support. Paren står i planens lista. \
             Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: the same persons or groups have got new keys.",
            "The receiver knows everybody by key. With new keys it removes the old accounts with \
             everything in them, and makes new ones that are empty. Nothing is sent to {target}; \
             what is there stays.",
            "Ask whoever runs the register whether the keys were changed, perhaps by an upgrade or \
             a spreadsheet. Groups may get new keys with a new school year; persons must keep \
             theirs.\n\
             Was it a mistake? Have it changed back. Next night runs by itself.\n\
             Is it meant? Talk to the receiver's support first. The pairs are in the plan's list. \
             Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        356,
        [
            "Säkerhetsfiltret stoppade planen {plan}: en uppgift är tom eller ny för ovanligt \
             många.",
            HELD_SV,
            "Se efter i registret om kolumnen är tom, har flyttats eller har fått andra värden.\n\
             Är exporten fel? Låt rätta den. Nästa natt går allt av sig självt.\n\
             Är det rätt, till exempel nya e-postadresser åt alla? Granska och godkänn[ senast \
             {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: a field is blank or new for unusually many.",
            HELD_EN,
            "See in the register whether the column is empty, was moved or has other values.\n\
             Is the export wrong? Have it corrected. Next night runs by itself.\n\
             Is it right, such as new e-mail addresses for everybody? Review and approve[ before \
             {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        357,
        [
            "Säkerhetsfiltret stoppade planen {plan}: inte en enda person är som sist.",
            HELD_SV,
            "Det brukar betyda att fel fil lades i mappen, eller att registret skriver på ett nytt \
             sätt. Fråga den som sköter registret.\n\
             Är exporten fel? Låt göra om den. Nästa natt går allt av sig självt.\n\
             Är allt rätt? Granska och godkänn[ senast {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: not one person is as last time.",
            HELD_EN,
            "Mostly that means that a wrong file lies in the folder, or that the register writes \
             in a new way. Ask whoever runs the register.\n\
             Is the export wrong? Have it made again. Next night runs by itself.\n\
             Is everything right? Review and approve[ before {until}]:\n\
             $ sudo rostergate plan {plan} --details\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
];
