//! `RG1xx`: configuration, secrets and the machine.

use super::{Entry, STAYS_EN, STAYS_SV, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        100,
        [
            "Kommandot går inte att förstå[: {detail}].",
            "Inget har körts, och inget ändras hos någon mottagare.",
            "[Menade du {field}? ]Så här skrivs det:\n$ rostergate help[ {target}]",
        ],
        [
            "The command cannot be understood[: {detail}].",
            "Nothing was run, and nothing changes at any receiver.",
            "[Did you mean {field}? ]This is how it is written:\n$ rostergate help[ {target}]",
        ],
    ),
    entry(
        101,
        [
            "Inställningsfilen {file} går inte att förstå[, rad {line}][: {detail}].",
            STAYS_SV,
            "Rätta raden i filen och kontrollera:\n$ sudo rostergate check",
        ],
        [
            "The configuration file {file} cannot be understood[, line {line}][: {detail}].",
            STAYS_EN,
            "Correct the line in the file and check:\n$ sudo rostergate check",
        ],
    ),
    entry(
        102,
        [
            "Ett värde i inställningsfilen {file} går inte att använda[, rad {line}][: {detail}].",
            STAYS_SV,
            "Rätta värdet i filen och kontrollera:\n$ sudo rostergate check",
        ],
        [
            "A value in the configuration file {file} cannot be used[, line {line}][: {detail}].",
            STAYS_EN,
            "Correct the value in the file and check:\n$ sudo rostergate check",
        ],
    ),
    entry(
        103,
        [
            "Inställningsfilen {file} går inte att läsa[: {detail}].",
            STAYS_SV,
            "Se efter att filen finns och att tjänsten får läsa den. En ny görs med init.\n\
             $ ls -l {file}\n$ sudo rostergate check",
        ],
        [
            "The configuration file {file} cannot be read[: {detail}].",
            STAYS_EN,
            "See that the file is there and that the service may read it. Init makes a new one.\n\
             $ ls -l {file}\n$ sudo rostergate check",
        ],
    ),
    entry(
        104,
        [
            "Inställningen {field} finns inte i den här versionen av rostergate[ ({file}, rad \
             {line})].",
            "En inställning som inte gör något ger falsk trygghet, så inget körs. Det som \
             mottagaren redan har ligger kvar.",
            "Ta bort inställningen ur filen och kontrollera:\n$ sudo rostergate check",
        ],
        [
            "The setting {field} is not in this version of rostergate[ ({file}, line {line})].",
            "A setting that does nothing gives false safety, so nothing runs. What the receiver \
             already has stays.",
            "Take the setting out of the file and check:\n$ sudo rostergate check",
        ],
    ),
    entry(
        105,
        [
            "Mottagaren {target} går inte att använda här[: {detail}].",
            "Inget skickas och inget ändras hos någon mottagare.",
            "Skriv namnet som det står efter target. i inställningsfilen. Alla mottagare:\n\
             $ sudo rostergate status",
        ],
        [
            "The receiver {target} cannot be used here[: {detail}].",
            "Nothing is sent and nothing changes at any receiver.",
            "Write the name as it stands after target. in the configuration file. All \
             receivers:\n$ sudo rostergate status",
        ],
    ),
    entry(
        106,
        [
            "--as-of går inte att använda[: {target} är en riktig mottagare][: {detail}].",
            "En fil som är gjord för en annan dag kunde skriva över en nyare. Inget skickas.",
            "Kör med dagens tid, eller pröva --as-of med en inställningsfil där alla mottagare \
             är mappar eller har environment = \"test\".\n$ sudo rostergate plan",
        ],
        [
            "--as-of cannot be used[: {target} is a real receiver][: {detail}].",
            "A file made for another day could overwrite a newer one. Nothing is sent.",
            "Run at today's time, or try --as-of with a configuration in which every receiver \
             is a folder or has environment = \"test\".\n$ sudo rostergate plan",
        ],
    ),
    entry(
        107,
        [
            "Programmet körs som root, kontot rostergate finns inte, och {target} är en riktig \
             mottagare.",
            "Filer som root skapar kan nattens körning inte läsa, och då slutar den att gå. \
             Inget skickas.",
            "Skapa kontot (README, Install), och kontrollera:\n\
             $ sudo useradd --system --shell /usr/sbin/nologin rostergate\n\
             $ sudo rostergate check\n\
             Vill ni bara pröva går det ändå, med mappar, med testmottagare och med:\n\
             $ rostergate demo",
        ],
        [
            "The program runs as root, there is no account rostergate, and {target} is a real \
             receiver.",
            "The nightly run cannot read files that root makes, and then it stops working. \
             Nothing is sent.",
            "Create the account (README, Install), and check:\n\
             $ sudo useradd --system --shell /usr/sbin/nologin rostergate\n\
             $ sudo rostergate check\n\
             To try things out, folders and test receivers work all the same, and so does:\n\
             $ rostergate demo",
        ],
    ),
    entry(
        108,
        [
            "Fel antal filer för {target}[: den får {detail}].",
            "Inget har lästs in och inget ändras hos mottagaren.",
            "Ange alla filer som mottagaren senast fick, i samma ordning som ovan:\n\
             $ sudo rostergate baseline adopt {target} <fil>",
        ],
        [
            "The wrong number of files for {target}[: it is sent {detail}].",
            "Nothing was read in and nothing changes at the receiver.",
            "Give every file that the receiver was last sent, in the order above:\n\
             $ sudo rostergate baseline adopt {target} <file>",
        ],
    ),
    entry(
        109,
        [
            "Filen {path} går inte att skriva[: {detail}].",
            "Inget har ändrats, varken här eller hos någon mottagare.",
            "En fil som redan finns skrivs aldrig över. Ge den nya filen ett annat namn, eller \
             se efter vem som får skriva i mappen:\n$ ls -l {path}",
        ],
        [
            "The file {path} cannot be written[: {detail}].",
            "Nothing was changed, neither here nor at any receiver.",
            "A file that exists is never overwritten. Give the new file another name, or see \
             who may write in the folder:\n$ ls -l {path}",
        ],
    ),
    entry(
        110,
        [
            "Hemligheten {secret} finns inte[: {detail}].",
            "Utan den går det inte att logga in. Det som mottagaren redan har ligger kvar.",
            "Lägg hemligheten där inställningsfilen pekar och kontrollera:\n\
             $ sudo rostergate check",
        ],
        [
            "The secret {secret} is missing[: {detail}].",
            "Without it there is no way to log in. What the receiver already has stays.",
            "Put the secret where the configuration file points and check:\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        111,
        [
            "Hemligheten {secret} kan läsas av andra konton på servern[: {detail}].",
            "Den som läser den kan logga in i ert namn, så den används inte. Det som mottagaren \
             redan har ligger kvar.",
            "Stäng filen för andra. Byt hemligheten om någon obehörig kan ha läst den.\n\
             $ sudo chmod 0600 {path}\n$ sudo rostergate check",
        ],
        [
            "The secret {secret} can be read by other accounts on the server[: {detail}].",
            "Whoever reads it can log in as you, so it is not used. What the receiver already has \
             stays.",
            "Close the file to others. Change the secret if an outsider may have read it.\n\
             $ sudo chmod 0600 {path}\n$ sudo rostergate check",
        ],
    ),
    entry(
        112,
        [
            "En hemlighet står i klartext i inställningsfilen {file}[, rad {line}][: {field}].",
            "Alla som läser filen eller en kopia av den får hemligheten, så inget körs. Det som \
             mottagaren redan har ligger kvar.",
            "Flytta den till en egen fil med rättighet 0600 och skriv \"file:/sökväg\" i stället, \
             eller \"credential:NAMN\". Byt sedan hemligheten: den har stått öppet.\n\
             $ sudo rostergate check",
        ],
        [
            "A secret stands in clear text in the configuration file {file}[, line {line}][: \
             {field}].",
            "Whoever reads the file or a copy of it gets the secret, so nothing runs. What the \
             receiver already has stays.",
            "Move it to a file of its own with mode 0600 and write \"file:/path\" instead, or \
             \"credential:NAME\". Then change the secret: it has been in the open.\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        113,
        [
            "Den privata nyckeln[ till {target}] går inte att använda[: {detail}].",
            "Utan den går det inte att logga in. Det som mottagaren redan har ligger kvar.",
            "Nyckeln ska vara en privat nyckel (ed25519, ecdsa eller rsa) i OpenSSH- eller \
             PEM-form. Har den en lösenfras: ange passphrase i inställningsfilen. En ecdsa-nyckel \
             som börjar med en nollbyte (en av 256) läses när den skrivs om; den förblir samma \
             nyckel:\n\
             $ sudo ssh-keygen -p -m PKCS8 -f <nyckelfilen>\n\
             Kontrollera:\n\
             $ sudo rostergate check",
        ],
        [
            "The private key[ for {target}] cannot be used[: {detail}].",
            "Without it there is no way to log in. What the receiver already has stays.",
            "It must be a private key (ed25519, ecdsa or rsa) in OpenSSH or PEM form. If it has \
             a passphrase, give passphrase in the configuration file. An ecdsa key that begins \
             with a zero byte (one in 256) is read once it is rewritten; it stays the same key:\n\
             $ sudo ssh-keygen -p -m PKCS8 -f <keyfile>\n\
             Check:\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        114,
        [
            "--limit {field} går inte att använda[: {detail}].",
            "Inget prövades. Elever och lärare märker inget.",
            "Skriv en nyckel ur tabellen limits i inställningsfilen, en punkt mellan tabell och nyckel:\n\
             $ sudo rostergate backtest --limit persons.remove=3% --limit school.remove=20%",
        ],
        [
            "--limit {field} cannot be used[: {detail}].",
            "Nothing was tried. Pupils and teachers notice nothing.",
            "Write a key of the table limits in the configuration file, a point between table and key:\n\
             $ sudo rostergate backtest --limit persons.remove=3% --limit school.remove=20%",
        ],
    ),
    entry(
        115,
        [
            "Filen {path} som skulle tas över går inte att använda[: {detail}].",
            "Inget har lästs in och inget ändras hos mottagaren.",
            "Ange den fil som mottagaren senast fick från det andra programmet, och lägg den där \
             kontot rostergate får läsa den, inte i en hemkatalog:\n$ ls -l {path}\n\
             $ sudo rostergate baseline adopt {target} {path}",
        ],
        [
            "The file {path} that was to be taken over cannot be used[: {detail}].",
            "Nothing was read in and nothing changes at the receiver.",
            "Give the file that the receiver was last sent by the other program, and put it where \
             the account rostergate may read it, not in a home directory:\n$ ls -l {path}\n\
             $ sudo rostergate baseline adopt {target} {path}",
        ],
    ),
    entry(
        117,
        [
            "Mappen {path} kan ändras av fler än registret[: {detail}].",
            "Den som kan skriva i mappen kan lägga till och ta bort elever hos mottagarna. \
             Körningen går ändå.",
            "Låt bara registrets konto skriva i mappen.\n$ sudo chmod o-w {path}\n\
             $ sudo rostergate check",
        ],
        [
            "The folder {path} can be changed by others than the register[: {detail}].",
            "Whoever can write in the folder can add and remove pupils at the receivers. The run \
             goes on.",
            "Let only the register's account write in the folder.\n$ sudo chmod o-w {path}\n\
             $ sudo rostergate check",
        ],
    ),
    entry(
        131,
        [
            "Mappen {path} ger inga inställningsfiler[: {detail}].",
            "Ingen kommun har körts, och inget ändras hos någon mottagare.",
            "Lägg en fil för varje kommun i mappen, med ändelsen .toml, och se efter att tjänsten \
             får läsa den:\n$ ls -l {path}\n$ sudo rostergate run --config-dir {path}",
        ],
        [
            "The folder {path} gives no configuration files[: {detail}].",
            "No municipality has been run, and nothing changes at any receiver.",
            "Put one file for each municipality into the folder, ending in .toml, and see that \
             the service may read it:\n$ ls -l {path}\n\
             $ sudo rostergate run --config-dir {path}",
        ],
    ),
    entry(
        132,
        [
            "Inställningsfilen {file} delar state-mapp med en annan, {detail}: {path}.",
            "Två kommuner skulle blanda ihop vad deras mottagare har fått. Ingen av dem körs; \
             det som mottagarna har ligger kvar. De andra kommunerna körs.",
            "Rätta site.state i den fil som är fel. Varje kommun ska ha en egen mapp, och den får \
             inte ligga i en annan kommuns mapp:\n$ sudo rostergate check",
        ],
        [
            "The configuration file {file} shares its state folder with another, {detail}: {path}.",
            "Two municipalities would mix up what their receivers were sent. Neither of them \
             runs; what the receivers have stays. The other municipalities run.",
            "Correct site.state in the file that is wrong. Every municipality has a folder of its \
             own, and not inside another's:\n$ sudo rostergate check",
        ],
    ),
    entry(
        133,
        [
            "Inställningsfilen {file} lämnar samma fil på samma plats som en annan, {detail}: {target}.",
            "Två kommuner skulle ta bort varandras elever och lärare hos mottagaren. Ingen av dem \
             körs; det som mottagarna har ligger kvar. De andra kommunerna körs.",
            "Rätta mottagaren i den fil som är fel. Varje kommun har ett eget konto, en egen mapp \
             eller ett eget filnamn hos mottagaren:\n$ sudo rostergate check",
        ],
        [
            "The configuration file {file} leaves the same file in the same place as another, \
             {detail}: {target}.",
            "Two municipalities would remove each other's pupils and teachers at the receiver. \
             Neither of them runs; what the receivers have stays. The other municipalities run.",
            "Correct the receiver in the file that is wrong. Every municipality has an account, a \
             folder or a file name of its own at the receiver:\n$ sudo rostergate check",
        ],
    ),
    entry(
        140,
        [
            "Nattens körning är inte påslagen (rostergate.timer).",
            "Inget skickas om nätterna: nya elever kommer inte med, och de som slutat blir kvar.",
            "Slå på den:\n$ sudo systemctl enable --now rostergate.timer",
        ],
        [
            "The nightly run is not turned on (rostergate.timer).",
            "Nothing is sent at night: new pupils do not come, and those who left remain.",
            "Turn it on:\n$ sudo systemctl enable --now rostergate.timer",
        ],
    ),
    entry(
        141,
        [
            "Demon kan inte använda mappen {path}[: {detail}].",
            "Demon behöver en ny mapp som inget annat ligger i. Inget har ändrats, och inget \
             riktigt register och ingen riktig mottagare berörs.",
            "Ange en mapp som inte finns än, på en plats där du får skriva, eller ingen alls.\n\
             $ rostergate demo",
        ],
        [
            "The demo cannot use the folder {path}[: {detail}].",
            "The demo needs a new folder with nothing else in it. Nothing has changed, and no \
             real register and no real receiver is concerned.",
            "Name a folder that does not exist yet, in a place where you may write, or none.\n\
             $ rostergate demo",
        ],
    ),
    entry(
        142,
        [
            "Demon gick inte som den ska[: {detail}].",
            "Det är ett fel i rostergate på den här datorn. Inget riktigt register och ingen \
             riktig mottagare berörs, men vänta med att ta programmet i bruk.",
            "Pröva igen, och skicka annars allt som demon skrev till den som underhåller \
             rostergate. Alla uppgifter i den är påhittade.\n$ rostergate demo",
        ],
        [
            "The demo did not go as it must[: {detail}].",
            "That is a fault in rostergate on this computer. No real register and no real \
             receiver is concerned, but wait before putting the program to use.",
            "Try again, or else send all that the demo wrote to whoever maintains rostergate. \
             Everything in it is invented.\n$ rostergate demo",
        ],
    ),
];
