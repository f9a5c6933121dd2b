//! Keys of groups from one school year to the next.

use super::{Entry, STAYS_EN, STAYS_SV, entry};

/// Keys that come back.
pub(super) const OF_THE_ARCHIVE: &[Entry] = &[entry(
    361,
    [
        "Kurser skulle komma tillbaka till {target} med nycklar som redan är arkiverade där[: \
         {count}].",
        "En arkiverad kurs går inte att hämta tillbaka genom filen: elever och lärare kan få en tom \
         kurs eller ingen alls. Inget skickas till {target}; det som finns där ligger kvar.",
        "Är kursen ny? Låt registret ge den en ny nyckel, eller ta med läsåret i nyckeln med \
         group-key i inställningsfilen, och kör:\n$ sudo rostergate run --now\n\
         Är det samma kurs som ska tillbaka? Be mottagarens support hämta den ur arkivet. \
         Granska och godkänn sedan[ senast {until}]:\n\
         $ sudo rostergate plan {plan} --details\n\
         $ sudo rostergate approve {plan} --reason \"skäl\"",
    ],
    [
        "Courses would come back to {target} with keys that are archived there[: {count}].",
        "A course in the archive cannot be fetched back through the file: pupils and teachers may \
         get an empty course or none. Nothing is sent to {target}; what is there stays.",
        "Is the course a new one? Have the register give it a new key, or put the school year into \
         the key with group-key in the configuration file, and run:\n$ sudo rostergate run --now\n\
         Is it the same course that is to return? Ask the receiver's support to take it out of \
         the archive. Then review and approve[ before {until}]:\n\
         $ sudo rostergate plan {plan} --details\n\
         $ sudo rostergate approve {plan} --reason \"reason\"",
    ],
)];

/// Keys made by `group-key`.
pub(super) const OF_TEMPLATES: &[Entry] = &[
    entry(
        367,
        [
            "Två grupper skulle få samma nyckel[ hos {target}] av group-key i inställningsfilen.",
            STAYS_SV,
            "Låt group-key skilja grupperna åt: skriv mellan nyckeln och läsåret ett tecken \
             som inte finns i någon nyckel, till exempel / eller #. Pröva:\n\
             $ sudo rostergate plan",
        ],
        [
            "Two groups would get the same key[ at {target}] by group-key in the configuration.",
            STAYS_EN,
            "Let group-key tell them apart: between the key and the school year, write a \
             character that is in no key, such as / or #. Try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        368,
        [
            "Grupper saknar det läsår som deras nyckel ska ha med enligt group-key[: {count}].",
            "De skickas inte förrän de har ett läsår, för nyckeln får inte ändras sedan. En grupp \
             som redan finns hos mottagaren ligger kvar som den är.",
            "Låt fylla i läsåret för grupperna i registret. Se hur många det är, och hos vilka \
             mottagare:\n$ sudo rostergate plan --details",
        ],
        [
            "Groups lack the school year that group-key puts into their keys[: {count}].",
            "They are not sent until they have a school year, since a key must not change later. \
             A group that the receiver already has stays as it is.",
            "Have the school year of the groups filled in in the register. See how many they are, \
             and at which receivers:\n$ sudo rostergate plan --details",
        ],
    ),
];
