//! RG118 to RG127: who may read the configuration, what watches over the nights, and the sandbox
//! that they run in.

use super::{Entry, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        118,
        [
            "Inställningsfilen {path} kan läsas av alla på servern[ {detail}].",
            "Den nämner vem som får mejl och hur ni når mottagarna. Körningen går ändå.",
            "Stäng filen för andra än root och tjänsten.\n$ sudo chmod o-rwx {path}\n\
             $ sudo rostergate check",
        ],
        [
            "The configuration file {path} can be read by everyone on the server[ {detail}].",
            "It names who gets mails and how you reach the receivers. The run goes on.",
            "Close the file to all but root and the service.\n$ sudo chmod o-rwx {path}\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        119,
        [
            "Pulsen till utsidan kom inte fram[: {detail}].",
            "Leveransen påverkas inte. Men den som vaktar att natten blir gjord kan larma i \
             onödan, och om den aldrig nås märks det inte när något på riktigt är fel.",
            "Se efter att adressen är rätt och att servern får nå den. Kontrollera:\n\
             $ sudo rostergate check --connect",
        ],
        [
            "The heartbeat to the outside did not arrive[: {detail}].",
            "The delivery is not affected. But whoever watches that the night is done may raise \
             an alarm for nothing, and if it is never reached nobody notices a real fault.",
            "See that the address is right and that the server may reach it. Check:\n\
             $ sudo rostergate check --connect",
        ],
    ),
    entry(
        120,
        [
            "Ingen puls till utsidan är inställd (heartbeat under monitor i inställningsfilen).",
            "Är servern avstängd en natt kan den inte mejla om det, och då märks det först när \
             elever saknas hos mottagarna.",
            "Skaffa en adress hos en tjänst som larmar när ett anrop uteblir, egen eller hyrd. \
             Lägg adressen som hemlighet, ange den i inställningsfilen och kontrollera:\n\
             $ sudo rostergate check --connect",
        ],
        [
            "No heartbeat to the outside is set up (heartbeat below monitor in the configuration).",
            "If the server is off one night it cannot mail that, and nobody notices until pupils \
             are missing at the receivers.",
            "Get an address at a service that raises an alarm when a call fails to come, your own \
             or rented. Store the address as a secret, name it in the configuration, and check:\n\
             $ sudo rostergate check --connect",
        ],
    ),
    entry(
        121,
        [
            "Timern {detail} är inte påslagen.",
            "Det den ska göra händer inte av sig självt: rostergate.timer kör natten, \
             rostergate-watch.timer larmar på morgonen om natten uteblev, \
             rostergate-outbox.timer skickar mejl som väntar.",
            "Slå på den:\n$ sudo systemctl enable --now {detail}",
        ],
        [
            "The timer {detail} is not enabled.",
            "What it is for does not happen by itself: rostergate.timer runs the night, \
             rostergate-watch.timer tells in the morning that the night was missing, \
             rostergate-outbox.timer sends mails that wait.",
            "Turn it on:\n$ sudo systemctl enable --now {detail}",
        ],
    ),
    entry(
        122,
        [
            "Tjänsten ser inte {path} ({detail}).",
            "Kommandon som skrivs för hand ser den, men inte nattens körning. Inget skulle skickas.",
            "Lägg den på ett annat ställe, som under /srv eller /etc/rostergate, och ändra \
             inställningsfilen. Kontrollera:\n$ sudo rostergate check",
        ],
        [
            "The service does not see {path} ({detail}).",
            "Commands typed by hand see it, but the nightly run does not. Nothing would be sent.",
            "Put it elsewhere, as under /srv or /etc/rostergate, and change the configuration. \
             Check:\n$ sudo rostergate check",
        ],
    ),
    entry(
        123,
        [
            "Tjänsten får inte skriva i {path}: allt utom dess egna mappar är skrivskyddat för den.",
            "Kommandon som skrivs för hand får det, men inte nattens körning, och då blir det inte \
             gjort som skulle skrivas där.",
            "Lägg till raden ReadWritePaths={path} under [Service], och kontrollera:\n\
             $ sudo systemctl edit rostergate.service\n$ sudo rostergate check",
        ],
        [
            "The service may not write in {path}: all but its own folders is read-only for it.",
            "Commands typed by hand may, but the nightly run may not, and what is to be written \
             there is not done.",
            "Add the line ReadWritePaths={path} below [Service], and check:\n\
             $ sudo systemctl edit rostergate.service\n$ sudo rostergate check",
        ],
    ),
    entry(
        124,
        [
            "Mätvärdena går inte att skriva till {path}[: {detail}].",
            "Leveransen påverkas inte. Men övervakningen ser gamla värden och kan larma i onödan.",
            "Se efter att mappen finns och att tjänsten får skriva där:\n$ ls -ld {path}\n\
             $ sudo rostergate check",
        ],
        [
            "The metrics cannot be written to {path}[: {detail}].",
            "The delivery is not affected. But the monitoring sees old values and may raise an \
             alarm for nothing.",
            "See that the folder is there and that the service may write in it:\n$ ls -ld {path}\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        125,
        [
            "Adressen till pulsen går inte att läsa ur hemligheten {secret}[: {detail}].",
            "Leveransen påverkas inte. Men den som vaktar utifrån får inget höra: den larmar i \
             onödan, eller märker inte när något på riktigt är fel.",
            "Lägg adressen där inställningsfilen pekar (heartbeat under monitor), läsbar bara \
             för tjänsten. Kontrollera:\n$ sudo rostergate check --connect",
        ],
        [
            "The heartbeat's address cannot be read from the secret {secret}[: {detail}].",
            "The delivery is not affected. But whoever watches from outside hears nothing: it \
             raises an alarm for nothing, or does not notice a real fault.",
            "Put the address where the configuration points (heartbeat below monitor), readable \
             only for the service. Check:\n$ sudo rostergate check --connect",
        ],
    ),
    entry(
        126,
        [
            "Mätvärdena kan inte ligga i {path}[: {detail}].",
            "Andra program läser där. En fil som de inte väntar sig kan stoppa natten eller tas \
             för elevdata, och då kommer nya elever inte med.",
            "Ange en fil i en egen mapp som textfile under monitor i inställningsfilen, till \
             exempel /var/lib/prometheus/node-exporter/rostergate.prom. Kontrollera:\n\
             $ sudo rostergate check",
        ],
        [
            "The metrics cannot stand in {path}[: {detail}].",
            "Other programs read there. A file that they do not expect may stop the night or be \
             taken for roster data, and then new pupils do not come.",
            "Give a file in a folder of its own as textfile below monitor in the configuration, \
             such as /var/lib/prometheus/node-exporter/rostergate.prom. Check:\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        127,
        [
            "Registret har ingen skola {field}, som inställningsfilen anger för {target}[: {detail}].",
            "Är nyckeln fel får mottagaren ingen från den skolan. Har skolan lagts ner gör det \
             ingenting att den står kvar.",
            "Skriv skolans nyckel som den står i registrets fil, inte dess namn, i schools och \
             sentinels för mottagaren. Kontrollera:\n$ sudo rostergate check",
        ],
        [
            "The register has no school {field}, which the configuration names for {target}[: \
             {detail}].",
            "If the key is wrong, the receiver gets nobody of that school. If the school is \
             closed, it does no harm there.",
            "Write the school's key as it stands in the register's file, not its name, in \
             schools and sentinels of the receiver. Check:\n$ sudo rostergate check",
        ],
    ),
];
