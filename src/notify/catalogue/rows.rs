//! RG320–RG329 and RG340–RG346: single rows that could not be used, or were used with a remark.

use super::{Entry, entry};

const ASIDE_SV: &str = "Raden används inte i natt. Ingen tas bort på grund av den: det som \
    mottagaren redan har om den ligger kvar.";
const ASIDE_EN: &str = "The row is not used tonight. Nobody is removed because of it: what the \
    receiver already has about it stays.";
const USED_SV: &str = "Resten av raden används som vanligt.";
const USED_EN: &str = "The rest of the row is used as usual.";
const CORRECT_SV: &str = "Låt rätta raden i registret. Se alla anmärkningar:\n\
    $ sudo rostergate plan --details";
const CORRECT_EN: &str = "Have the row corrected in the register. See all remarks:\n\
    $ sudo rostergate plan --details";

pub(super) const FAULTS: &[Entry] = &[
    entry(
        320,
        [
            "Samma rad finns flera gånger i {file}[, rad {line}].",
            "Den räknas en gång. Elever och lärare märker inget.",
            CORRECT_SV,
        ],
        [
            "The same row stands several times in {file}[, line {line}].",
            "It counts once. Pupils and teachers notice nothing.",
            CORRECT_EN,
        ],
    ),
    entry(
        321,
        [
            "Två rader i {file} har samma nyckel, eller nycklar som bara skiljer i mellanslag i \
             kanten, men olika uppgifter[, rad {line}][, {field}].",
            "Det går inte att veta vilken som gäller, så ingen av dem används i natt. Det som \
             mottagaren redan har ligger kvar.",
            CORRECT_SV,
        ],
        [
            "Two rows in {file} have one key, or keys that differ only by blanks at their ends, but \
             different data[, line {line}][, {field}].",
            "There is no telling which one is right, so neither is used tonight. What the \
             receiver already has stays.",
            CORRECT_EN,
        ],
    ),
    entry(
        322,
        [
            "En rad i {file} pekar på något som inte finns[, rad {line}][, {field}].",
            ASIDE_SV,
            CORRECT_SV,
        ],
        [
            "A row in {file} refers to something that is not there[, line {line}][, {field}].",
            ASIDE_EN,
            CORRECT_EN,
        ],
    ),
    entry(
        323,
        [
            "Alltför många rader i {file} pekar på något som inte finns[: {count} av {of}].",
            "Så många tyder på att en fil är ofullständig eller från en annan dag. Inget skickas; \
             det som mottagaren redan har ligger kvar.",
            "Se efter att alla filer kommer ur samma export. Låt registret exportera igen och \
             pröva:\n$ sudo rostergate plan",
        ],
        [
            "Far too many rows in {file} refer to something that is not there[: {count} of {of}].",
            "That many suggest that a file is incomplete or from another day. Nothing is sent; \
             what the receiver already has stays.",
            "See that all files come from one export. Have the register export again and try:\n\
             $ sudo rostergate plan",
        ],
    ),
    entry(
        324,
        ["En rad i {file} saknar nyckel[, rad {line}][, kolumn {field}].", ASIDE_SV, CORRECT_SV],
        ["A row in {file} has no key[, line {line}][, column {field}].", ASIDE_EN, CORRECT_EN],
    ),
    entry(
        325,
        [
            "En rad i {file} har ett värde som inställningen inte känner[, rad {line}][, kolumn \
             {field}].",
            ASIDE_SV,
            "Är värdet rätt: skriv in det bland values i inställningsfilen. Annars: låt rätta \
             registret. Se vilka rader:\n$ sudo rostergate plan --details",
        ],
        [
            "A row in {file} has a value that the configuration does not know[, line {line}][, \
             column {field}].",
            ASIDE_EN,
            "If the value is right, add it to values in the configuration file. Otherwise have \
             the register corrected. See which rows:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        326,
        [
            "Otillåtna tecken i {file} byttes ut[, rad {line}][, kolumn {field}].",
            "Osynliga styrtecken får inte finnas hos mottagaren. Elever och lärare märker inget.",
            CORRECT_SV,
        ],
        [
            "Illegal characters in {file} were replaced[, line {line}][, column {field}].",
            "Invisible control characters may not reach the receiver. Pupils and teachers notice \
             nothing.",
            CORRECT_EN,
        ],
    ),
    entry(
        327,
        [
            "En rad i {file} har ett datum som inte går att läsa[, rad {line}][, kolumn {field}].",
            ASIDE_SV,
            "Är det så på många rader: rätta date-format i inställningsfilen. Annars: låt rätta \
             registret. Se vilka rader:\n$ sudo rostergate plan --details",
        ],
        [
            "A row in {file} has a date that cannot be read[, line {line}][, column {field}].",
            ASIDE_EN,
            "If many rows have it, correct date-format in the configuration file. Otherwise have \
             the register corrected. See which rows:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        328,
        [
            "En rad i {file} har ett personnummer som inte stämmer[, rad {line}][, kolumn \
             {field}].",
            USED_SV,
            CORRECT_SV,
        ],
        [
            "A row in {file} has a personal number that is not valid[, line {line}][, column \
             {field}].",
            USED_EN,
            CORRECT_EN,
        ],
    ),
    entry(
        329,
        [
            "Antalet i exporten ligger utanför det väntade[ ({file})][: {count}, väntat {limit}][: \
             {detail}].",
            "En export som är så annorlunda är oftast ofullständig. Inget skickas; det som \
             mottagaren redan har ligger kvar.",
            "Se efter i registret. Är antalet rätt: ändra expect i inställningsfilen. Pröva \
             sedan:\n$ sudo rostergate plan",
        ],
        [
            "The export's count is outside what is expected[ ({file})][: {count}, expected \
             {limit}][: {detail}].",
            "An export that is so different is mostly incomplete. Nothing is sent; what the \
             receiver already has stays.",
            "See in the register. If the count is right, change expect in the configuration file. \
             Then try:\n$ sudo rostergate plan",
        ],
    ),
];

pub(super) const NOTES: &[Entry] = &[
    entry(
        340,
        [
            "Ett namn är längre än mottagaren tar emot och kortades[ ({file}, rad {line})].",
            "Namnet syns kortare hos mottagaren. Inget annat ändras.",
            "Ge gruppen eller skolan ett kortare namn i registret om det blir otydligt. Se \
             hur många:\n$ sudo rostergate plan --details",
        ],
        [
            "A name is longer than the receiver takes and was cut[ ({file}, line {line})].",
            "The name shows shorter at the receiver. Nothing else changes.",
            "Give the group or school a shorter name in the register if it becomes unclear. See \
             how many:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        341,
        ["Ett namn saknas i {file}[, rad {line}][, kolumn {field}].", USED_SV, CORRECT_SV],
        ["A name is missing in {file}[, line {line}][, column {field}].", USED_EN, CORRECT_EN],
    ),
    entry(
        342,
        [
            "Ett namn i {file} ser ut som en kalkylformel[, rad {line}][, kolumn {field}].",
            "Det skickas som text. Öppnas en fil med sådana namn i ett kalkylprogram kan formeln \
             köras.",
            CORRECT_SV,
        ],
        [
            "A name in {file} looks like a spreadsheet formula[, line {line}][, column {field}].",
            "It is sent as text. Opened in a spreadsheet, a file with such a name may run the \
             formula.",
            CORRECT_EN,
        ],
    ),
    entry(
        343,
        [
            "Filen {file} börjar med ett BOM-tecken som inställningen inte nämner.",
            "Tecknet hoppas över. Elever och lärare märker inget.",
            "Ni behöver inte göra något. Se alla anmärkningar:\n$ sudo rostergate plan --details",
        ],
        [
            "The file {file} begins with a byte order mark that the configuration does not name.",
            "The mark is skipped. Pupils and teachers notice nothing.",
            "You need not do anything. See all remarks:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        344,
        [
            "Filen {file} har en kolumn som inställningen inte använder[: {field}].",
            "Kolumnen läses inte. Elever och lärare märker inget.",
            "Behövs den inte: be att den tas bort ur exporten, så lämnar inga uppgifter registret \
             i onödan. Se alla anmärkningar:\n$ sudo rostergate plan --details",
        ],
        [
            "The file {file} has a column that the configuration does not use[: {field}].",
            "The column is not read. Pupils and teachers notice nothing.",
            "If nobody needs it, have it taken out of the export, so that no data leaves the \
             register for nothing. See all remarks:\n$ sudo rostergate plan --details",
        ],
    ),
    entry(
        345,
        [
            "Flera personer har samma personnummer[ ({file}, rad {line})].",
            "Alla skickas, var och en med sin nyckel. Någon kan få två konton.",
            "Låt registret leta upp dem, och slå ihop dem om det är samma människa. Se hur \
             många:\n\
             $ sudo rostergate plan --details",
        ],
        [
            "Several persons share a personal number[ ({file}, line {line})].",
            "All are sent, each with its own key. Someone may get two accounts.",
            "Have the register find them, and merge them if they are one human being. See how \
             many:\n\
             $ sudo rostergate plan --details",
        ],
    ),
    entry(
        346,
        [
            "En skola och en grupp har samma nyckel[ ({file}, rad {line})].",
            "Hos en mottagare som lägger båda i ett träd skulle den ena ersätta den andra.",
            "Låt registret ge gruppen en annan nyckel. Se hur många:\n\
             $ sudo rostergate plan --details",
        ],
        [
            "A school and a group share a key[ ({file}, line {line})].",
            "At a receiver that keeps both in one tree, one would replace the other.",
            "Have the register give the group another key. See how many:\n\
             $ sudo rostergate plan --details",
        ],
    ),
];
