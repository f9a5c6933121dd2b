//! Every code in a few words, for subjects of mails and for lists.

use crate::notify::language::Language;
use crate::roster::code::Code;

/// The code in a few words without a full stop; `None` when there is no such code.
pub fn short(code: Code, language: Language) -> Option<&'static str> {
    let place = SHORT.binary_search_by_key(&code.0, |(code, ..)| *code).ok()?;
    let (_, sv, en) = SHORT[place];
    Some(language.of(sv, en))
}

const SHORT: &[(u16, &str, &str)] = &[
    (101, "inställningsfilen går inte att förstå", "the configuration cannot be understood"),
    (102, "ett värde i inställningsfilen är fel", "a value in the configuration is wrong"),
    (103, "inställningsfilen går inte att läsa", "the configuration cannot be read"),
    (104, "en inställning finns inte i den här versionen", "a setting is not in this version"),
    (105, "ingen sådan mottagare", "no such receiver"),
    (106, "--as-of går inte att använda", "--as-of cannot be used"),
    (107, "root utan kontot rostergate", "root without the account rostergate"),
    (108, "fel antal filer", "the wrong number of files"),
    (109, "filen går inte att skriva", "the file cannot be written"),
    (110, "en hemlighet saknas", "a secret is missing"),
    (111, "en hemlighet kan läsas av andra", "a secret can be read by others"),
    (112, "en hemlighet står i klartext", "a secret stands in clear text"),
    (113, "den privata nyckeln går inte att använda", "the private key cannot be used"),
    (114, "--limit går inte att använda", "--limit cannot be used"),
    (117, "inkorgen kan ändras av andra", "the inbox can be changed by others"),
    (118, "inställningsfilen kan läsas av alla", "the configuration can be read by all"),
    (140, "nattens körning är inte påslagen", "the nightly run is not turned on"),
    (141, "demon kan inte använda mappen", "the demo cannot use the folder"),
    (142, "demon gick inte som den ska", "the demo did not go as it must"),
    (310, "exporten är avkortad", "the export is cut short"),
    (311, "exporten saknas eller är tom", "the export is missing or empty"),
    (312, "exporten var inte färdig", "the export was not finished"),
    (313, "exporten har fel ålder", "the export has the wrong age"),
    (314, "exporten har fel teckenkodning", "the export has the wrong encoding"),
    (315, "kolumnerna stämmer inte", "the columns do not match"),
    (316, "antalet rader stämmer inte", "the number of rows does not match"),
    (317, "en fil är för stor", "a file is too large"),
    (318, "en rad har fel form", "a row has the wrong shape"),
    (319, "en fil är ingen vanlig fil", "a file is no regular file"),
    (320, "upprepade rader", "repeated rows"),
    (321, "rader som motsäger varandra", "rows that contradict each other"),
    (322, "hänvisningar till något som saknas", "references to something missing"),
    (323, "för många hänvisningar till något som saknas", "too many references to nothing"),
    (324, "rader utan nyckel", "rows without a key"),
    (325, "okända värden", "unknown values"),
    (326, "otillåtna tecken utbytta", "illegal characters replaced"),
    (327, "felaktiga datum", "bad dates"),
    (328, "felaktiga personnummer", "bad personal numbers"),
    (329, "antalet ligger utanför det väntade", "the count is outside what is expected"),
    (330, "en gräns överskreds", "a limit was exceeded"),
    (331, "planen gäller inte längre", "the plan is no longer valid"),
    (332, "en skola eller roll försvann", "a school or role vanished"),
    (333, "första leveransen", "the first delivery"),
    (334, "ovanligt många skyddade", "unusually many protected"),
    (335, "filens inställning har ändrats", "the file's settings have changed"),
    (336, "färre än minimum", "fewer than the minimum"),
    (337, "för många oanvändbara rader", "too many unusable rows"),
    (338, "oklart vilken fil mottagaren har", "unclear which file the receiver has"),
    (339, "en främmande fil hos mottagaren", "a foreign file at the receiver"),
    (340, "kortade namn", "names cut short"),
    (341, "namn saknas", "names missing"),
    (342, "namn som liknar formler", "names that look like formulas"),
    (343, "BOM-tecken", "byte order mark"),
    (344, "kolumner som inte används", "unused columns"),
    (345, "delade personnummer", "shared personal numbers"),
    (346, "skola och grupp med samma nyckel", "school and group with one key"),
    (347, "jämförelsen är gammal", "the comparison is old"),
    (348, "nyckelreglerna har ändrats", "the key rules have changed"),
    (349, "namn med fel teckenkodning", "names with the wrong encoding"),
    (350, "städade nycklar", "keys cleaned up"),
    (351, "nycklar med mellanslag", "keys with blanks"),
    (352, "en äldre export än den levererade", "an older export than the delivered one"),
    (353, "registrets mapp går inte att öppna", "the register's folder cannot be opened"),
    (354, "något som måste finnas saknas", "something that must be there is missing"),
    (355, "nya nycklar för samma personer", "new keys for the same persons"),
    (356, "en uppgift är tom eller ny för många", "a field is blank or new for many"),
    (357, "ingen person är som sist", "no person is as last time"),
    (359, "ändrad konfiguration tar bort", "a changed configuration removes"),
    (360, "serverns klocka går fel", "the server's clock is wrong"),
    (361, "arkiverade kurser kommer tillbaka", "archived courses come back"),
    (362, "användarnamn eller nyckel i bruk", "user name or key in use"),
    (363, "borttag väntar", "removals waiting"),
    (364, "exporten står stilla", "the export stands still"),
    (365, "nyckeln är okänd", "the key is unknown"),
    (366, "pausen står inte så", "the pause does not stand like that"),
    (367, "två grupper får samma nyckel", "two groups get one key"),
    (368, "grupper utan läsår", "groups without a school year"),
    (369, "personen kunde inte tas bort", "the person could not be removed"),
    (370, "ingen känner till nyckeln", "nobody knows the key"),
    (371, "för lite minne", "too little memory"),
    (410, "servern svarar inte", "the server does not answer"),
    (411, "mottagarens disk är full", "the receiver's disk is full"),
    (412, "kontot får inte skriva", "the account may not write"),
    (413, "filen går inte att läsa här", "the file cannot be read here"),
    (414, "överföringen blev fel", "the transfer went wrong"),
    (415, "överföringen stod stilla", "the transfer stood still"),
    (420, "servern visar en annan nyckel", "the server shows another key"),
    (421, "ingen nyckel är avtalad", "no host key is agreed"),
    (422, "inloggningen nekades", "the login was refused"),
    (430, "oklart om filen kom fram", "unclear whether the file arrived"),
    (500, "en annan körning pågår", "another run is active"),
    (501, "rostergates mapp går inte att skriva", "rostergate's folder cannot be written"),
    (502, "loggboken är skadad", "the logbook is damaged"),
    (503, "loggboken är av en annan version", "the logbook is of another version"),
    (504, "planen finns inte", "there is no such plan"),
    (505, "planen väntar inte längre", "the plan no longer waits"),
    (506, "fel tal för planen", "the wrong number for the plan"),
    (507, "skäl saknas", "a reason is missing"),
    (508, "talet som bekräftar saknas", "the confirming number is missing"),
    (509, "besluten hänger inte ihop", "the decisions do not hold together"),
    (610, "mejlservern går inte att nå", "the mail server cannot be reached"),
    (611, "mejlservern kan inte kryptera säkert", "the mail server cannot encrypt safely"),
    (612, "mejlservern nekade inloggningen", "the mail server refused the login"),
    (613, "en mejlmottagare nekades", "a mail recipient was refused"),
    (614, "mejlmappen går inte att skriva", "the mail folder cannot be written"),
    (900, "körningen avbröts", "the run was interrupted"),
    (901, "fel i rostergate", "a fault in rostergate"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::catalogue::all;

    #[test]
    fn every_code_has_a_short_form_in_order() {
        let codes: Vec<u16> = all().map(|entry| entry.code.0).collect();
        let short: Vec<u16> = SHORT.iter().map(|(code, ..)| *code).collect();
        assert_eq!(codes, short);
    }
}
