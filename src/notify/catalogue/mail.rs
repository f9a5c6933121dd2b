//! `RG6xx`: the mails themselves.

use super::{Entry, entry};

const WAITS_SV: &str =
    "Nattens leverans påverkas inte. Mejlet väntar och skickas vid nästa körning.";
const WAITS_EN: &str =
    "The night's delivery is not affected. The mail waits and goes with the next run.";

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        610,
        [
            "Mejlservern {host} går inte att nå eller tar inte emot just nu[: {detail}].",
            WAITS_SV,
            "Se efter namn och port i inställningsfilen och fråga den som sköter mejlen. Läget \
             och det som väntar:\n$ sudo rostergate status",
        ],
        [
            "The mail server {host} cannot be reached or takes nothing now[: {detail}].",
            WAITS_EN,
            "See name and port in the configuration file and ask whoever runs the mail. How it \
             stands and what waits:\n$ sudo rostergate status",
        ],
    ),
    entry(
        611,
        [
            "Förbindelsen till mejlservern {host} går inte att kryptera säkert[: {detail}].",
            "Därför skickades varken mejl eller lösenord. Nattens leverans påverkas inte, och \
             mejlet väntar till nästa körning.",
            "Fråga den som sköter mejlen om STARTTLS är på och om certifikatet stämmer. Är det \
             utfärdat av er egen organisation: skriv ca-file i inställningsfilen. Pröva:\n\
             $ sudo rostergate check --connect",
        ],
        [
            "The connection to the mail server {host} cannot be encrypted safely[: {detail}].",
            "So neither mail nor password was sent. The night's delivery is not affected, and the \
             mail waits for the next run.",
            "Ask whoever runs the mail whether STARTTLS is on and the certificate is right. If \
             your own organisation issued it, write ca-file in the configuration file. Try:\n\
             $ sudo rostergate check --connect",
        ],
    ),
    entry(
        612,
        [
            "Mejlservern {host} nekade inloggningen[: {detail}].",
            WAITS_SV,
            "Se efter att user och password i inställningsfilen är rätt, och fråga den som sköter \
             mejlen om kontot är spärrat. Pröva:\n$ sudo rostergate check --connect",
        ],
        [
            "The mail server {host} refused the login[: {detail}].",
            WAITS_EN,
            "See that user and password in the configuration file are right, and ask whoever runs \
             the mail whether the account is locked. Try:\n$ sudo rostergate check --connect",
        ],
    ),
    entry(
        613,
        [
            "Mejlservern {host} tog inte emot mejlet till en mottagare[: {detail}].",
            "Övriga mottagare har fått sitt mejl. Nattens leverans påverkas inte.",
            "Stämmer mottagarlistan? Rätta to och urgent-to i inställningsfilen och kontrollera:\n\
             $ sudo rostergate check",
        ],
        [
            "The mail server {host} did not take the mail to one recipient[: {detail}].",
            "Other recipients have their mail. The night's delivery is not affected.",
            "Is the list of recipients right? Correct to and urgent-to in the configuration file \
             and check:\n$ sudo rostergate check",
        ],
    ),
    entry(
        614,
        [
            "Mejlet går inte att skriva i mappen {path}[: {detail}].",
            WAITS_SV,
            "Se efter att mappen finns, att disken inte är full och att tjänsten får skriva där:\n\
             $ ls -ld {path}\n$ sudo rostergate check",
        ],
        [
            "The mail cannot be written in the folder {path}[: {detail}].",
            WAITS_EN,
            "See that the folder is there, that the disk is not full and that the service may \
             write there:\n$ ls -ld {path}\n$ sudo rostergate check",
        ],
    ),
];
