//! `RG4xx`: reaching the receiver.

use super::{Entry, entry};

const STAYS_SV: &str = "Inget skickades till {target}. Det som redan finns där ligger kvar. En \
    missad natt märks oftast bara som att nya elever saknas.";
const STAYS_EN: &str = "Nothing was sent to {target}. What is there stays. One missed night \
    usually only shows as missing new pupils.";

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        410,
        [
            "Servern svarar inte: {host}[ ({detail})].",
            STAYS_SV,
            "Inget just nu. Nästa natt görs ett nytt försök med ny data.\n\
             Vill ni inte vänta:\n$ sudo rostergate run --target {target} --now\n\
             Händer det igen: skicka utskriften till den som sköter brandväggen och till \
             mottagarens support. Den innehåller inga personuppgifter.\n\
             $ sudo rostergate check --target {target} --connect",
        ],
        [
            "The server does not answer: {host}[ ({detail})].",
            STAYS_EN,
            "Nothing right now. The next night tries again, with new data.\n\
             If you cannot wait:\n$ sudo rostergate run --target {target} --now\n\
             If it happens again, send the output to whoever runs the firewall and to the \
             receiver's support. It holds no personal data.\n\
             $ sudo rostergate check --target {target} --connect",
        ],
    ),
    entry(
        411,
        [
            "Disken eller kvoten hos {target} verkar vara full[ ({detail})].",
            STAYS_SV,
            "Be mottagarens support att göra plats. Pröva sedan:\n\
             $ sudo rostergate run --target {target} --now",
        ],
        [
            "The disk or quota at {target} seems to be full[ ({detail})].",
            STAYS_EN,
            "Ask the receiver's support to make room. Then try:\n\
             $ sudo rostergate run --target {target} --now",
        ],
    ),
    entry(
        412,
        [
            "Mappen hos {target} finns inte, eller kontot får inte skriva i den[: {path}]\
             [ ({detail})].",
            STAYS_SV,
            "Be mottagarens support att skapa mappen eller ge kontot rätt att skriva i den, eller \
             rätta folder i inställningsfilen. Kontrollera:\n\
             $ sudo rostergate check --target {target} --connect",
        ],
        [
            "The folder at {target} is not there, or the account may not write in it[: {path}]\
             [ ({detail})].",
            STAYS_EN,
            "Ask the receiver's support to make the folder or to let the account write in it, or \
             correct folder in the configuration file. Check:\n\
             $ sudo rostergate check --target {target} --connect",
        ],
    ),
    entry(
        413,
        [
            "Filen som skulle skickas går inte att läsa på den här servern[: {path}][ ({detail})].",
            STAYS_SV,
            "Se efter att disken med site.state inte är full och att ingen har rört filerna. Pröva \
             sedan:\n\
             $ df -h\n$ sudo rostergate run --target {target} --now",
        ],
        [
            "The file to be sent cannot be read on this server[: {path}][ ({detail})].",
            STAYS_EN,
            "See that the disk of site.state is not full and that nobody has touched the files. \
             Then try:\n\
             $ df -h\n$ sudo rostergate run --target {target} --now",
        ],
    ),
    entry(
        414,
        [
            "Överföringen till {target} blev fel och inget publicerades[ ({detail})].",
            STAYS_SV,
            "Nästa natt görs ett nytt försök. Händer det igen: skicka utskriften till mottagarens \
             support.\n$ sudo rostergate check --target {target} --connect",
        ],
        [
            "The transfer to {target} went wrong and nothing was published[ ({detail})].",
            STAYS_EN,
            "The next night tries again. If it happens again, send the output to the receiver's \
             support.\n$ sudo rostergate check --target {target} --connect",
        ],
    ),
    entry(
        415,
        [
            "Överföringen till {target} stod stilla eller gick för långsamt och avbröts[ \
             ({detail})].",
            STAYS_SV,
            "Nästa natt görs ett nytt försök. Händer det igen: tala med den som sköter nätet och \
             med mottagarens support.\n$ sudo rostergate check --target {target} --connect",
        ],
        [
            "The transfer to {target} stood still or was too slow and was stopped[ ({detail})].",
            STAYS_EN,
            "The next night tries again. If it happens again, talk to whoever runs the network \
             and to the receiver's support.\n\
             $ sudo rostergate check --target {target} --connect",
        ],
    ),
    entry(
        420,
        [
            "Servern hos {target} visar en annan nyckel än den avtalade. Avtalad: {pinned}. Visad \
             nu: {shown}.",
            "Det kan vara ett planerat byte, eller någon som avlyssnar. Inget skickades till \
             {target}, inte heller lösenord. Det som redan finns där ligger kvar.",
            "Fråga mottagarens support efter deras nyckels fingeravtryck. Använd \
             kontaktuppgifter ni redan har, inte sådana ni fått i samband med detta fel.\n\
             Stämmer det med den som visas nu, skriv in det ni fick av dem:\n\
             $ sudo rostergate trust {target} SHA256:<fingeravtrycket>\n\
             Stämmer det inte: kontakta er IT-säkerhet och kör inte trust.",
        ],
        [
            "The server of {target} shows another key than the agreed one. Agreed: {pinned}. \
             Shown now: {shown}.",
            "It may be a planned change, or someone listening in. Nothing was sent to {target}, \
             no password either. What is there stays.",
            "Ask the receiver's support for the fingerprint of their key. Use contact details \
             that you already have, none that came with this fault.\n\
             If it equals the one shown now, enter what they gave you:\n\
             $ sudo rostergate trust {target} SHA256:<fingerprint>\n\
             If it does not, contact your IT security and do not run trust.",
        ],
    ),
    entry(
        421,
        [
            "Ingen nyckel är avtalad för servern hos {target}[. Visad nu: {shown}].",
            "Utan den går det inte att veta att det är rätt server. Inget skickades till \
             {target}; det som redan finns där ligger kvar.",
            "Fråga mottagarens support efter deras nyckels fingeravtryck och skriv in det ni fick \
             av dem:\n\
             $ sudo rostergate trust {target} SHA256:<fingeravtrycket>",
        ],
        [
            "No key is agreed for the server of {target}[. Shown now: {shown}].",
            "Without it there is no telling that it is the right server. Nothing was sent to \
             {target}; what is there stays.",
            "Ask the receiver's support for the fingerprint of their key and enter what they gave \
             you:\n\
             $ sudo rostergate trust {target} SHA256:<fingerprint>",
        ],
    ),
    entry(
        422,
        [
            "{target} nekade inloggningen[ ({detail})].",
            STAYS_SV,
            "Det görs bara ett försök per körning, så att kontot inte spärras. Fråga mottagarens \
             support om kontot, nyckeln eller lösenordet har ändrats. Kontrollera:\n\
             $ sudo rostergate check --target {target} --connect",
        ],
        [
            "{target} refused the login[ ({detail})].",
            STAYS_EN,
            "Each run tries only once, so that the account is not locked. Ask the receiver's \
             support whether the account, key or password has changed. Check:\n\
             $ sudo rostergate check --target {target} --connect",
        ],
    ),
    entry(
        430,
        [
            "Vi vet inte om filen kom fram till {target}[: {detail}].",
            "Förbindelsen bröts när filen skulle publiceras. Mottagaren har antingen den förra \
             filen eller den nya, aldrig en halv[, utom {file}, som skrivs direkt (publish = \
             \"direct\"): den kan vara halv, och av en halv fil tar mottagaren bort elever]. \
             Elever och lärare kan arbeta som vanligt.",
            "[Be mottagarens support att inte läsa in {file} förrän en körning har skickat den hel. ]\
             Nästa körning ser efter och säger till. Vill ni veta nu:\n\
             $ sudo rostergate check --target {target} --connect\n$ sudo rostergate status",
        ],
        [
            "We do not know whether the file reached {target}[: {detail}].",
            "The connection broke as the file was being published. The receiver has either the \
             last file or the new one, never half of one[, but for {file}, which is written \
             straight (publish = \"direct\"): it may be half, and by half a file the receiver \
             removes pupils]. Pupils and teachers can work as usual.",
            "[Ask the receiver's support not to read {file} until a run has sent it whole. ]\
             The next run looks and tells you. If you want to know now:\n\
             $ sudo rostergate check --target {target} --connect\n$ sudo rostergate status",
        ],
    ),
];
