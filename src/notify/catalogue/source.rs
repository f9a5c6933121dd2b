//! RG310–RG319 and RG371: an export that cannot be used as a whole.

use super::{Entry, STAYS_EN, STAYS_SV, entry};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        310,
        [
            "Filen {file} är avkortad[ vid rad {line}][: {detail}].",
            STAYS_SV,
            "Be den som sköter registret att köra exporten igen. Nästa natt går av sig själv; \
             vill ni inte vänta:\n$ sudo rostergate run --now",
        ],
        [
            "The file {file} is cut short[ at line {line}][: {detail}].",
            STAYS_EN,
            "Ask whoever runs the register to export again. Next night runs by itself; if you \
             cannot wait:\n$ sudo rostergate run --now",
        ],
    ),
    entry(
        311,
        [
            "Filen {file} saknas, är tom eller har bara en rubrikrad[: {detail}].",
            STAYS_SV,
            "Se efter i registret varför exporten inte kom eller blev tom. När filen finns:\n\
             $ sudo rostergate plan",
        ],
        [
            "The file {file} is missing, empty or has only a header[: {detail}].",
            STAYS_EN,
            "See in the register why the export did not come or was empty. Once it is there:\n\
             $ sudo rostergate plan",
        ],
    ),
    entry(
        312,
        [
            "Exporten var inte färdig: {file}[: {detail}].",
            STAYS_SV,
            "Vänta tills exporten är klar; filer som kopierats för hand är det efter en minut. \
             Sedan:\n$ sudo rostergate run --now\n\
             Händer det ofta: lägg körningen senare på natten, eller exporten tidigare.",
        ],
        [
            "The export was not finished: {file}[: {detail}].",
            STAYS_EN,
            "Wait until the export is done; files that were copied by hand are after a minute. \
             Then:\n$ sudo rostergate run --now\n\
             If it happens often, run later at night or export earlier.",
        ],
    ),
    entry(
        313,
        [
            "Exporten har fel ålder: {file} är för gammal eller har ett klockslag i framtiden[: \
             {detail}].",
            STAYS_SV,
            "Se efter i registret om exporten har slutat gå, och att båda servrarnas klockor \
             stämmer. När en ny export finns:\n$ sudo rostergate run --now",
        ],
        [
            "The export has the wrong age: {file} is too old or lies in the future[: {detail}].",
            STAYS_EN,
            "See in the register whether the export has stopped, and that the clocks of both \
             servers are right. Once there is a new export:\n$ sudo rostergate run --now",
        ],
    ),
    entry(
        314,
        [
            "Filen {file} har en annan teckenkodning än inställningen säger[, rad {line}][: \
             {detail}].",
            "Å, ä och ö skulle bli fel i alla namn, så inget skickas. Det som mottagaren redan \
             har ligger kvar.",
            "Fråga den som sköter registret vilken kodning exporten har. Skriv den under encoding \
             i inställningsfilen och pröva:\n$ sudo rostergate plan",
        ],
        [
            "The file {file} has another encoding than the configuration says[, line {line}][: \
             {detail}].",
            "Letters such as å, ä and ö would be wrong in every name, so nothing is sent. What \
             the receiver already has stays.",
            "Ask whoever runs the register which encoding the export has. Write it under encoding \
             in the configuration file and try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        315,
        [
            "Kolumnerna i {file} stämmer inte med inställningen[: {detail}].",
            STAYS_SV,
            "Har registret bytt rubrik: skriv den nya rubriken i inställningsfilen. Annars: låt \
             rätta exporten. Pröva sedan:\n$ sudo rostergate plan",
        ],
        [
            "The columns of {file} do not match the configuration[: {detail}].",
            STAYS_EN,
            "If the register has renamed a column, write the new name in the configuration file. \
             Otherwise have the export corrected. Then try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        316,
        [
            "Antalet rader i {file} är inte det som registret uppger[: {detail}].",
            STAYS_SV,
            "Exporten har blivit ofullständig på vägen. Låt registret exportera igen, och kör \
             sedan:\n$ sudo rostergate run --now",
        ],
        [
            "The number of rows in {file} is not what the register states[: {detail}].",
            STAYS_EN,
            "The export became incomplete on its way. Have the register export again, then \
             run:\n$ sudo rostergate run --now",
        ],
    ),
    entry(
        317,
        [
            "Filen {file} är större än vad som tillåts[: {detail}].",
            STAYS_SV,
            "Se efter att det är rätt fil. Är den rätt: höj gränsen i inställningsfilen och \
             pröva:\n$ sudo rostergate plan",
        ],
        [
            "The file {file} is larger than allowed[: {detail}].",
            STAYS_EN,
            "See that it is the right file. If it is, raise the limit in the configuration file \
             and try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        318,
        [
            "En rad i {file} har fel form[, rad {line}][: {detail}].",
            "Raden kan vara hopblandad med en annan, så hela exporten avvisas. Det som mottagaren \
             redan har ligger kvar.",
            "Ofta är det ett citattecken, ett skiljetecken eller en radbrytning inne i ett värde. \
             Låt rätta det i registret och pröva:\n$ sudo rostergate plan",
        ],
        [
            "A row in {file} has the wrong shape[, line {line}][: {detail}].",
            "The row may be mixed up with another, so the whole export is refused. What the \
             receiver already has stays.",
            "Often it is a quote, a delimiter or a line break inside a value. Have it corrected \
             in the register and try:\n$ sudo rostergate plan",
        ],
    ),
    entry(
        319,
        [
            "{file} är ingen vanlig fil, eller ägs av fel konto[: {detail}].",
            "Filen kan ha lagts dit av någon annan än registret, så den läses inte. Det som \
             mottagaren redan har ligger kvar.",
            "Se efter vem som lade den där. Filen ska vara en vanlig fil, ingen länk, och ägas av \
             kontot som registret skriver med.\n$ ls -l {path}\n$ sudo rostergate check",
        ],
        [
            "{file} is no regular file, or belongs to the wrong account[: {detail}].",
            "Someone other than the register may have put it there, so it is not read. What the \
             receiver already has stays.",
            "See who put it there. It must be a regular file, no link, and belong to the account \
             that the register writes with.\n$ ls -l {path}\n$ sudo rostergate check",
        ],
    ),
    entry(
        371,
        [
            "Exporten är för stor för datorns minne[: {detail}].",
            STAYS_SV,
            "Ge datorn mer minne, eller höj MemoryMax där tjänsten har en gräns. Se först efter \
             att exporten inte har blivit orimligt stor:\n$ sudo rostergate check",
        ],
        [
            "The export is too large for this machine's memory[: {detail}].",
            STAYS_EN,
            "Give the machine more memory, or raise MemoryMax where the service has a limit. \
             First see that the export has not become unreasonably large:\n\
             $ sudo rostergate check",
        ],
    ),
];
