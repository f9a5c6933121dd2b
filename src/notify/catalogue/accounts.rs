//! RG380 and RG381: several persons with one user name.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        380,
        [
            "Säkerhetsfiltret stoppade planen {plan}: någon skulle få ett användarnamn som en annan \
             person också har.",
            "Inget skickas till {target}. Mottagaren kunde annars ge den enas konto till den \
             andra, till exempel en lärares till en elev. Det som mottagaren redan har ligger kvar.",
            "Se i planens lista vilka de är, och låt registret ge var och en ett eget användarnamn. \
             Nästa natt går allt av sig självt.\n\
             $ sudo rostergate plan {plan} --details\n\
             Ska de ha samma? Fråga först mottagarens support vad som händer då. Godkänn[ senast \
             {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"skäl\"",
        ],
        [
            "The safety filter held the plan {plan}: somebody would get a user name that another \
             person has, too.",
            "Nothing is sent to {target}. The receiver might otherwise give one person's account \
             to the other, such as a teacher's to a pupil. What the receiver already has stays.",
            "See in the plan's list who they are, and have the register give each a user name of \
             their own. Next night runs by itself.\n\
             $ sudo rostergate plan {plan} --details\n\
             Are they to have the same? First ask the receiver's support what happens then. \
             Approve[ before {until}]:\n\
             $ sudo rostergate approve {plan} --reason \"reason\"",
        ],
    ),
    entry(
        381,
        [
            "Flera personer har samma användarnamn[: {count}].",
            "Alla skickas, var och en med sin nyckel. Mottagaren kan ge dem ett konto tillsammans, \
             så att den ena ser den andras uppgifter, eller avvisa någon av dem.",
            "Låt registret leta upp dem och ge var och en ett eget användarnamn. Se hur många det \
             är:\n$ sudo rostergate plan --details",
        ],
        [
            "Several persons have one user name[: {count}].",
            "All are sent, each with its own key. The receiver may give them one account together, \
             so that one sees what is the other's, or refuse one of them.",
            "Have the register find them and give each a user name of their own. See how many \
             there are:\n$ sudo rostergate plan --details",
        ],
    ),
];
