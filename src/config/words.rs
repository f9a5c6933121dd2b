//! What the readers of TOML and of the settings say, in plain words of both languages.

use crate::notify::language::Language;

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Said {
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
}

impl Said {
    /// A message, in plain words where it is one of those known; else as it is, quoted in Swedish.
    pub(super) fn of(message: &str) -> Said {
        let known = MESSAGES.iter().find_map(|(pattern, sv, en)| {
            let holes = holes(pattern, message)?;
            let en = if en.is_empty() { *pattern } else { *en };
            Some(Said {
                sv: fill(sv, &holes, |hole| thing(hole).0),
                en: fill(en, &holes, |hole| thing(hole).1),
            })
        });
        known.unwrap_or_else(|| Said {
            sv: format!("läsaren av filen säger \"{message}\""),
            en: message.to_owned(),
        })
    }

    /// The text in a language.
    pub fn in_language(&self, language: Language) -> &str {
        language.of(&self.sv, &self.en)
    }

    /// Adds which words there are.
    pub(super) fn add_list(&mut self, words: &[&str]) {
        if !words.is_empty() {
            let list = words.join(", ");
            self.sv = format!("{}; här finns {list}", self.sv);
            self.en = format!("{}; there is {list}", self.en);
        }
    }
}

/// What stands in the holes `{}` of a pattern, when a message fits it.
fn holes<'m>(pattern: &str, message: &'m str) -> Option<Vec<&'m str>> {
    let mut parts = pattern.split("{}");
    let mut rest = message.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let (hole, behind) =
            if last { (rest.strip_suffix(part)?, "") } else { rest.split_once(part)? };
        holes.push(hole);
        rest = behind;
    }
    rest.is_empty().then_some(holes)
}

fn fill(template: &str, holes: &[&str], in_words: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (part, hole) in parts.zip(holes) {
        out.push_str(&in_words(hole));
        out.push_str(part);
    }
    out
}

/// What serde calls a kind of value, in Swedish and English; other texts stay.
fn thing(name: &str) -> (String, String) {
    let found = THINGS.iter().find_map(|(pattern, sv, en)| {
        let holes = holes(pattern, name)?;
        let same = |hole: &str| hole.to_owned();
        Some((fill(sv, &holes, same), fill(en, &holes, same)))
    });
    found.unwrap_or_else(|| (name.to_owned(), name.to_owned()))
}

/// Kinds of value: as serde names them, in Swedish, in English.
const THINGS: &[(&str, &str, &str)] = &[
    ("string \"{}\"", "texten \"{}\"", "the text \"{}\""),
    ("integer `{}`", "talet {}", "the number {}"),
    ("floating point `{}`", "decimaltalet {}", "the decimal number {}"),
    ("boolean `{}`", "{}", "{}"),
    ("sequence", "en lista", "a list"),
    ("map", "en tabell", "a table"),
    ("a string", "text inom citattecken", "text in quotes"),
    ("path string", "en sökväg inom citattecken", "a path in quotes"),
    ("a boolean", "true eller false", "true or false"),
    ("a sequence", "en lista", "a list"),
    (
        "a TOML datetime",
        "ett datum utan citattecken, som 2027-06-14",
        "a date without quotes, as 2027-06-14",
    ),
    (
        "[\"remove\"], [\"remove\", \"change\"] or \"all\"",
        "[\"remove\"], [\"remove\", \"change\"] eller \"all\"",
        "[\"remove\"], [\"remove\", \"change\"] or \"all\"",
    ),
    ("a map", "en tabell", "a table"),
    ("struct {}", "en tabell", "a table"),
    ("an array of length {}", "en lista med {} värden", "a list of {} values"),
    ("a tuple of size {}", "en lista med {} värden", "a list of {} values"),
    ("u16", "ett heltal från 0 till 65535", "a whole number from 0 to 65535"),
    ("u32", "ett heltal", "a whole number"),
    ("u64", "ett heltal", "a whole number"),
    ("usize", "ett heltal", "a whole number"),
    ("true (protected) or false", "true (skyddad) eller false", "true (protected) or false"),
    (
        "\"all\" or a list such as [\"7\", \"8\"]",
        "\"all\" eller en lista som [\"7\", \"8\"]",
        "\"all\" or a list such as [\"7\", \"8\"]",
    ),
    (
        "a column's header in quotes, or its number",
        "en kolumns rubrik inom citattecken, eller dess nummer",
        "a column's header in quotes, or its number",
    ),
    (
        "a column's header in quotes, its number, or { column = \"…\", … }",
        "en kolumns rubrik inom citattecken, dess nummer, eller { column = \"…\", … }",
        "a column's header in quotes, its number, or { column = \"…\", … }",
    ),
    (
        "a column as [\"Header\", \"field\"]",
        "en kolumn som [\"Rubrik\", \"fält\"]",
        "a column as [\"Header\", \"field\"]",
    ),
    ("a person's role", "en persons roll", "a person's role"),
    ("a role in a group", "en roll i en grupp", "a role in a group"),
    ("a kind of group", "en sorts grupp", "a kind of group"),
    ("a kind of relation", "en sorts relation", "a kind of relation"),
];

/// Messages: as they come, in Swedish, and in English where that can be said more plainly.
/// What is more particular comes first.
#[rustfmt::skip]
const MESSAGES: &[(&str, &str, &str)] = &[
    // The form of the file.
    ("a name with å, ä or ö stands in quotes", "ett namn med å, ä eller ö ska stå inom citattecken", ""),
    ("duplicate key{}", "namnet står två gånger", "the name stands twice"),
    ("duplicate field `{}`", "`{}` står två gånger", "`{}` stands twice"),
    ("string values must be quoted{}", "text ska stå inom citattecken", "text stands in quotes"),
    ("invalid unquoted key{}", "namnet har tecken som kräver citattecken om det", "the name has characters that need quotes around it"),
    ("missing value for key{}", "det saknas ett värde efter =", "there is no value after ="),
    ("missing value{}", "det saknas ett värde efter =", "there is no value after ="),
    ("key with no value{}", "det saknas = och ett värde efter namnet", "there is no = and value after the name"),
    ("missing assignment between key-value pairs{}", "det saknas = mellan namnet och värdet", "there is no = between name and value"),
    ("missing comma between array elements{}", "det saknas ett komma i listan", "a comma is missing in the list"),
    ("missing comma between key-value pairs{}", "det saknas ett komma i tabellen", "a comma is missing in the table"),
    ("unclosed array table{}", "rubriken saknar ]]", "the header lacks ]]"),
    ("unclosed array{}", "listan saknar ]", "the list lacks ]"),
    ("unclosed table{}", "rubriken saknar ]", "the header lacks ]"),
    ("unclosed inline table{}", "tabellen saknar }", "the table lacks }"),
    ("invalid basic string{}", "texten saknar citattecknet i slutet, eller har ett tecken som inte går", "the text lacks its closing quote, or has a character that cannot be"),
    ("invalid literal string{}", "texten saknar apostrofen i slutet", "the text lacks its closing apostrophe"),
    ("invalid multi-line{}", "texten över flera rader tar inte slut", "the text over several lines does not end"),
    ("missing escaped value{}", "efter \\ ska det stå ett tecken; skriv \\\\ för själva tecknet \\", "something must follow \\; write \\\\ for the sign itself"),
    ("unexpected key or value{}", "här står något mer, som inte hör hit", "something more stands here that does not belong"),
    ("unexpected content{}", "här står något som inte hör hit", "something stands here that does not belong"),
    ("extra comma in{}", "här är ett komma för mycket", "there is a comma too many"),
    ("extra {}", "här är ett = för mycket", "there is an = too many"),
    ("unexpected leading zero{}", "ett tal får inte börja med 0", "a number does not begin with 0"),
    ("cannot extend value of type {}", "namnet har redan ett värde och kan inte också vara en tabell", "the name has a value already and cannot be a table, too"),
    ("integer number overflowed", "talet är för stort", "the number is too large"),
    ("floating-point number overflowed", "talet är för stort", "the number is too large"),
    // Tables and kinds of value.
    ("missing field `{}`", "nyckeln `{}` saknas", "the key `{}` is missing"),
    ("unknown field `{}`, {}", "nyckeln `{}` finns inte här", "there is no key `{}` here"),
    ("unknown variant `{}`, {}", "`{}` går inte att välja", "`{}` cannot be chosen"),
    ("invalid type: {}, expected {}", "här står {}, men här ska stå {}", "here stands {}, but {} belongs here"),
    ("invalid value: {}, expected {}", "här står {}, men här ska stå {}", "here stands {}, but {} belongs here"),
    ("invalid length {}, expected {}", "antalet värden här är {}, men här ska stå {}", "the number of values here is {}, but {} belongs here"),
    ("wanted exactly 1 element, more than 1 element", "här får bara ett stå, inte flera", "only one may stand here, not several"),
    ("wanted exactly 1 element, found 0 elements", "tabellen är tom", "the table is empty"),
    ("wanted string or table", "här ska stå ett ord inom citattecken", "a word in quotes belongs here"),
    // Values of ours.
    ("a secret is not written in the configuration{}", "en hemlighet skrivs inte i inställningsfilen", "a secret is not written in the configuration"),
    ("a credential's name has letters, digits, '.', '_' and '-', and at most 100 of them", "efter credential: står bokstäver a-z, siffror, '.', '_' och '-', högst 100 tecken", ""),
    ("the path after \"file:\" must be absolute, as in \"file:/etc/rostergate/secrets/x\"", "sökvägen efter \"file:\" ska börja med /, som \"file:/etc/rostergate/secrets/x\"", ""),
    ("this version does not have it yet; take it out", "den här versionen har den inte än; ta bort den", ""),
    ("{} is not a share: write digits and a percent sign, as in \"5%\" or \"0.5%\"", "{} är ingen andel: skriv siffror och procenttecken, som \"5%\" eller \"0.5%\"", ""),
    ("{} is above the ceiling: give 0% to {}", "{} är över taket: ange 0% till {}", ""),
    ("{} is above the ceiling: give 0 to {}", "{} är över taket: ange 0 till {}", ""),
    ("{} is no time zone: write one as \"Europe/Stockholm\"", "{} är ingen tidszon: skriv den som \"Europe/Stockholm\"", ""),
    ("{} is no time of day: write it as \"06:30\"", "{} är inget klockslag: skriv det som \"06:30\"", ""),
    ("{} is no number of days: write \"14d\" or \"2y\"", "{} är inget antal dagar: skriv \"14d\" eller \"2y\"", ""),
    ("{} is not a time span: give a whole number and s, m, h or d, as in \"26h\"", "{} är ingen tid: ange ett heltal och s, m, h eller d, som \"26h\"", ""),
    ("give a time from \"1s\" to \"24h\", as in \"30s\", \"5m\" or \"1h\"", "ange en tid från \"1s\" till \"24h\", som \"30s\", \"5m\" eller \"1h\"", ""),
    ("{} is not a time: give seconds or minutes, as \"30s\" or \"2m\"", "{} är ingen tid: ange sekunder eller minuter, som \"30s\" eller \"2m\"", ""),
    ("{} is not between 1s and {}", "{} är inte mellan 1s och {}", ""),
    ("{} is not a size: give a whole number and B, kB, MB or GB, as in \"500MB\"", "{} är ingen storlek: ange ett heltal och B, kB, MB eller GB, som \"500MB\"", ""),
    ("{} is not a file name: give the name alone, without a folder", "{} är inget filnamn: ange bara namnet, utan mapp", ""),
    ("{} is not a range: give the fewest first", "{} är inget intervall: ange det minsta först", ""),
    ("{} must stand in a list: {}", "{} ska stå i en lista: {}", ""),
    ("an empty list selects nobody: write \"all\" or name some", "en tom lista väljer ingen: skriv \"all\" eller räkna upp några", ""),
    ("must be a plain file name: {}", "ska vara ett enkelt filnamn: ingen mapp, ingen punkt först, inget av / \\ : * ? \" < > |", ""),
    ("must be 1 to {} characters, {}", "ska vara 1 till {} tecken, utan styrtecken och utan mellanslag i början eller slutet", "must be 1 to {} characters, without control characters and without blanks at either end"),
    ("must be \"none\" or a URI such as {}", "ska vara \"none\" eller en URI som {}", ""),
    ("must not be \"site\" or \"school\": those are no groups", "får inte vara \"site\" eller \"school\": de är inga grupper", ""),
    ("{} is refused: rostergate never hands out an administrator's rights", "{} tillåts inte: rostergate delar aldrig ut en administratörs rättigheter", ""),
    ("must be one of {}; managers and administrators are refused{}", "ska vara ett av {}; chefer och administratörer tillåts inte, för rostergate delar aldrig ut deras rättigheter", "must be one of {}; managers and administrators are refused: rostergate never hands out their rights"),
    ("must be one character such as {}", "ska vara ett tecken, som \",\", \";\", \"|\" eller \"\\t\"", ""),
    ("{} cannot part fields: {}", "{} kan inte skilja fält åt: ange ett tecken, som \";\", \",\" eller \"|\", eller \"tab\"", ""),
    ("{} does not say year, month and day: write for instance \"%Y-%m-%d\"", "{} säger inte år, månad och dag: skriv till exempel \"%Y-%m-%d\"", ""),
    ("{} is not {}: use one of {}", "{} är inte {}: använd ett av {}", ""),
    // Columns of the register.
    ("a header cannot be empty", "en rubrik får inte vara tom", ""),
    ("the text cannot be empty", "texten får inte vara tom", ""),
    ("there is no column {}: the first is 1", "det finns ingen kolumn {}: den första är 1", ""),
    ("a constant stands alone: leave the other keys out", "constant står ensam: ta bort de andra nycklarna", ""),
    ("give column or constant, not both", "ange column eller constant, inte båda", ""),
    ("give column = \"its header\", or constant", "ange column = \"dess rubrik\", eller constant", ""),
    ("values is for role, kind and protected, not for text", "values är till för role, kind och protected, inte för text", ""),
    ("give values: which of the register's words mean what", "ange values: vad registrets ord betyder", ""),
    ("{} cannot be a constant: every row has its own", "{} kan inte vara constant: varje rad har sin egen", ""),
    ("persons needs given-name or family-name", "persons behöver given-name eller family-name", ""),
    ("column {}: files with a header need its text", "kolumn {}: i filer med rubrikrad anges kolumnens rubrik", ""),
    ("column {}: with header = false give its number", "kolumnen {}: med header = false anges kolumnens nummer", ""),
    ("groups and memberships need each other: give both, or neither", "groups och memberships hör ihop: ange båda eller ingen", ""),
    ("final-line-break = \"optional\" needs {}", "final-line-break = \"optional\" kräver complete = { done-file = \"…\", counts = true }: annars märks inte en avkortad fil", "final-line-break = \"optional\" needs complete = { done-file = \"…\", counts = true }: else a file that is cut short would pass"),
    ("expect.persons starts at 1: an export without persons is never right", "expect.persons börjar på 1: en export utan personer är aldrig rätt", ""),
    ("counts are read from a done-file: give done-file too", "counts läses ur en klarfil: ange done-file också", ""),
    ("give done-file (with counts or without), or settled", "ange done-file (med eller utan counts), eller settled", ""),
    // Files for receivers.
    ("column {}: the header {} stands twice", "kolumn {}: rubriken {} står två gånger", ""),
    ("column {}: unknown field {}; did you mean {}? there are {}", "kolumn {}: fältet {} finns inte; menade du {}? Här finns {}", ""),
    ("column {}: unknown field {}; there are {}", "kolumn {}: fältet {} finns inte; här finns {}", ""),
    ("unknown field {}; did you mean {}? there are {}", "fältet {} finns inte; menade du {}? Här finns {}", ""),
    ("unknown field {}; there are {}", "fältet {} finns inte; här finns {}", ""),
    ("a header must hold no control characters", "en rubrik får inte ha styrtecken", ""),
    ("a header of {} holds characters that {} lacks", "en rubrik i {} har tecken som {} saknar", ""),
    ("a file with rows = {} needs a column {}, {}", "en fil med rows = {} behöver en kolumn {}, så att den kan läsas tillbaka och jämföras", "a file with rows = {} needs a column {}, so that it can be read back and compared"),
    ("only one file may have rows = {}", "bara en fil får ha rows = {}", ""),
    ("a file with rows = \"persons\" is needed", "en fil med rows = \"persons\" behövs", ""),
    ("a file with rows = \"memberships\" needs one with rows = \"groups\", {}", "en fil med rows = \"memberships\" kräver en med rows = \"groups\", så att den kan läsas tillbaka och jämföras", "a file with rows = \"memberships\" needs one with rows = \"groups\", so that it can be read back and compared"),
    // Receivers.
    ("host is a name or an address alone, {}", "host är bara ett namn eller en adress, som \"sftp.example.org\": inget \"sftp://\", ingen användare eller mapp; porten har en egen nyckel", "host is a name or an address alone, as in \"sftp.example.org\": no \"sftp://\", user or folder; the port has its own key"),
    ("a host key is given as its SHA-256 fingerprint, {}", "en servers nyckel anges som SHA-256-fingeravtryck, \"SHA256:\" och 43 tecken; fråga mottagaren efter det (MD5, med kolon, går inte)", "a host key is given as its SHA-256 fingerprint, \"SHA256:\" and 43 characters; ask the receiver for it (MD5 fingerprints, with colons, are not accepted)"),
    ("done-file is a file name such as {}", "done-file är ett filnamn, som \"{name}.done\" eller \"klar.txt\"", "done-file is a file name such as \"{name}.done\" or \"ready.txt\""),
    ("deliver: set \"key\" or \"password\" to a reference such as \"credential:NAME\"", "ange key eller password som en hänvisning, till exempel \"credential:NAMN\"", "give key or password as a reference such as \"credential:NAME\""),
    ("deliver: \"passphrase\" opens a key, and there is no \"key\"", "passphrase öppnar en nyckel, och det finns ingen key", "passphrase opens a key, and there is no key"),
    ("deliver: \"user\" and \"folder\" may not be empty", "user och folder får inte vara tomma", "user and folder may not be empty"),
    ("deliver: \"path\" must be absolute", "path ska börja med /", "path must begin with /"),
    ("deliver: several files for one target need publish = \"done-file\"", "flera filer till en mottagare kräver publish = \"done-file\"", "several files for one target need publish = \"done-file\""),
    ("deliver: a file's name has {}", "ett filnamn har ingen mapp, ingen punkt först och högst 120 byte", "a file's name has no folder, no leading dot and at most 120 bytes"),
    ("deliver: two files, or a file and its \"done-file\", have the same name", "två filer, eller en fil och dess done-file, har samma namn", "two files, or a file and its done-file, have the same name"),
    ("the format uses {}, which is sensitive: add send = {} or take it out", "formatet använder {}, som är en känslig uppgift: lägg till send = {} eller ta bort den", ""),
    ("sentinels demands school {}, which schools leaves out: it could never be told", "sentinels kräver skolan {}, som schools utesluter: den skulle aldrig kunna finnas med", ""),
    ("roles = [] tells nobody: name at least one role", "roles = [] skickar ingen: ange minst en roll", ""),
    ("{} must hold {key} once: no two groups may get one key", "{} ska ha {key} en gång: två grupper får inte få samma nyckel", ""),
    ("unknown placeholder {} at character {}: there are {key} and {term}, each once", "platshållaren {} vid tecken {} finns inte: här finns {key} och {term}, en gång var", ""),
    ("{}: put a character such as - between {key} and {term}", "{}: skriv ett tecken, till exempel -, mellan {key} och {term}", ""),
    ("school-year-nodes = true needs dialect = \"itslearning\": the plain standard has no tree", "school-year-nodes = true kräver dialect = \"itslearning\": den vanliga standarden har inget träd", ""),
    ("it needs the school year of groups: give term under [source.NAME.csv.groups]", "det behöver gruppernas läsår: ange term under [source.NAMN.csv.groups]", ""),
    // Mail.
    ("say how mails are sent: [mail.smtp] or [mail.folder]", "ange hur mejl skickas: [mail.smtp] eller [mail.folder]", ""),
    ("give [mail.smtp] or [mail.folder], not both", "ange [mail.smtp] eller [mail.folder], inte båda", ""),
    ("\"on-problem\" needs [monitor] heartbeat: {}", "\"on-problem\" kräver en puls till utsidan ([monitor] heartbeat): utan den kan tystnad betyda att inget kördes", "\"on-problem\" needs a heartbeat ([monitor] heartbeat): without one, silence could mean that nothing ran"),
    ("{} is not known: give \"always\", \"on-change\" or \"on-problem\"", "{} finns inte: ange \"always\", \"on-change\" eller \"on-problem\"", ""),
    ("{} is no file of metrics: give an absolute path that ends in .prom", "{} är ingen fil för mätvärden: ange en absolut sökväg som slutar på .prom", ""),
    ("{} is not a server's name: give it as \"smtp.example.org\"", "{} är inget servernamn: skriv det som \"smtp.example.org\"", ""),
    ("tls = \"none\" is allowed only to this machine (localhost), not to {}: give \"starttls\" or \"implicit\"", "tls = \"none\" går bara till den egna datorn (localhost), inte till {}: ange \"starttls\" eller \"implicit\"", ""),
    ("user and password go together: give both or none", "user och password hör ihop: ange båda eller ingen", ""),
    ("someone must get the mails: give at least one address", "någon måste få mejlen: ange minst en adress", ""),
    ("a mail address holds no line breaks or control characters", "en mejladress har inga radbrytningar eller styrtecken", ""),
    ("the domain of {} has letters outside a-z: write it in its xn-- form", "domänen i {} har andra bokstäver än a-z: skriv den i xn---form", ""),
    ("the part of {} before @ has letters outside a-z", "delen av {} före @ har andra bokstäver än a-z", ""),
    ("{} is not a mail address: write {}", "{} är ingen mejladress: skriv \"namn@example.org\" eller \"Namn <namn@example.org>\"", "{} is not a mail address: write {}"),
    // Windows and grace.
    ("a window's name is one line of 1 to 60 characters", "en periods namn är en rad med 1 till 60 tecken", ""),
    ("{} is no day: write a date alone, as 2027-06-14", "{} är ingen dag: skriv bara ett datum, utan citattecken, som 2027-06-14", ""),
    ("hold is {}, not {}", "hold är [\"remove\"], [\"remove\", \"change\"] eller \"all\"", "hold is {}"),
    ("hold is {}", "hold är [\"remove\"], [\"remove\", \"change\"] eller \"all\"", ""),
    ("{} is no number of days: write \"0d\" to \"365d\"", "{} är inget antal dagar: skriv \"0d\" till \"365d\"", ""),
    ("window {}: it ends ({}) before it begins ({})", "perioden {} slutar ({}) innan den börjar ({})", ""),
    ("window {}: a yearly window is shorter than a year", "perioden {}: med yearly ska den vara kortare än ett år", ""),
    ("window {}: per-night belongs to release = \"staged\"", "perioden {}: per-night hör till release = \"staged\"", ""),
    ("window {}: there is no target {}", "perioden {}: det finns ingen mottagare {}", ""),
    ("window {}: another window has the same name", "perioden {}: en annan period har samma namn", ""),
    ("window {}: it is open on the same day as {}: part them", "perioden {} gäller samma dag som {}: de får inte överlappa", ""),
    // Limits typed on the command line.
    ("write KEY=VALUE, as in persons.remove=3%", "skriv NYCKEL=VÄRDE, som persons.remove=3%", ""),
    ("stored nights do not hold the numbers that this limit counts", "de sparade nätterna har inte talen som den gränsen räknar", ""),
    // The whole file.
    ("this program reads config-version = 1", "det här programmet läser config-version = 1", ""),
    ("name at least one register: [source.NAME.csv]", "ange minst ett register: [source.NAMN.csv]", ""),
    ("name at least one receiver: [target.NAME]", "ange minst en mottagare: [target.NAMN]", ""),
    (
        "target {} delivers the same file to the same place",
        "mottagaren {} levererar samma fil till samma plats",
        "",
    ),
    ("action = \"pseudonym\" needs file = \"/path\"", "action = \"pseudonym\" kräver file = \"/sökväg\"", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, sv: &str, en: &str) {
        assert_eq!(Said::of(message), Said { sv: sv.to_owned(), en: en.to_owned() });
    }

    #[test]
    fn what_serde_says_comes_out_in_plain_words() {
        check(
            "invalid type: floating point `5.0`, expected a string",
            "här står decimaltalet 5.0, men här ska stå text inom citattecken",
            "here stands the decimal number 5.0, but text in quotes belongs here",
        );
        check("missing field `host`", "nyckeln `host` saknas", "the key `host` is missing");
        check(
            "\"250%\" is above the ceiling: give 0% to 30%",
            "\"250%\" är över taket: ange 0% till 30%",
            "\"250%\" is above the ceiling: give 0% to 30%",
        );
        check("some new words", "läsaren av filen säger \"some new words\"", "some new words");
    }

    #[test]
    fn every_message_can_be_told_in_both_languages() {
        for (pattern, sv, en) in MESSAGES {
            let holes = pattern.matches("{}").count();
            assert!(sv.matches("{}").count() <= holes, "{pattern}: too many holes in Swedish");
            assert!(en.matches("{}").count() <= holes, "{pattern}: too many holes in English");
            assert_ne!(pattern, sv, "not translated");
        }
    }
}
