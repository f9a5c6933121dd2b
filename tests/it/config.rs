//! A mistake in the configuration is told with file, line and the nearest valid key, in the
//! site's language, before anything else happens; and no secret is ever shown.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test starts the program, writes its files and says what it skips"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rostergate::commands::init::{ENGLISH, SWEDISH};
use rostergate::config::{Config, parse};

/// A part of what stands for a secret below; it must never come out again.
const SECRET: &str = "Hast";

/// One mistake: what is put instead of what, and how it is told.
struct Mistake {
    what: &'static str,
    instead: &'static str,
    code: &'static str,
    /// The start of the line that is named; empty where there is none.
    line: &'static str,
    sv: &'static str,
    en: &'static str,
}

const fn mistake(
    what: &'static str,
    instead: &'static str,
    code: &'static str,
    line: &'static str,
    [sv, en]: [&'static str; 2],
) -> Mistake {
    Mistake { what, instead, code, line, sv, en }
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    // Misspelt keys, at every level.
    mistake("[site]", "[sitte]", "RG101", "[sitte]", ["menade du `site`?", "did you mean `site`?"]),
    mistake("config-version = 1", "config_version = 1", "RG101", "config_version", ["menade du `config-version`?", "did you mean `config-version`?"]),
    mistake("timezone =", "timezon =", "RG101", "timezon ", ["nyckeln `timezon` finns inte här (menade du `timezone`?", "there is no key `timezon` here (did you mean `timezone`?"]),
    mistake("date-format =", "dateformat =", "RG101", "dateformat", ["menade du `date-format`?", "did you mean `date-format`?"]),
    mistake("given-name      = \"F", "givenname = \"F", "RG101", "givenname", ["menade du `given-name`?", "did you mean `given-name`?"]),
    mistake("{ column = \"Sekretess\",", "{ colum = \"Sekretess\",", "RG101", "protected ", ["menade du `column`?", "did you mean `column`?"]),
    mistake("[source.register.csv]", "[source.register.csvs]", "RG102", "", ["bara ett stå, inte flera; här finns csv, csvs", "only one may stand here, not several; there is csv, csvs"]),
    mistake("schools     = \"all\"", "scools = \"all\"", "RG101", "scools", ["menade du `schools`?", "did you mean `schools`?"]),
    mistake("dialect   =", "dialekt =", "RG101", "dialekt", ["menade du `dialect`?", "did you mean `dialect`?"]),
    mistake("host-keys = []", "hostkeys = []", "RG101", "hostkeys", ["menade du `host-keys`?", "did you mean `host-keys`?"]),
    mistake("[target.itslearning.deliver.sftp]", "[target.itslearning.deliver.ftp]", "RG101", "[target.itslearning.deliver.ftp]", ["menade du `sftp`?", "did you mean `sftp`?"]),
    mistake("always-allow =", "always-alow =", "RG101", "always-alow", ["menade du `always-allow`?", "did you mean `always-allow`?"]),
    mistake("add = \"25%\", change", "ad = \"25%\", change", "RG101", "persons      =", ["nyckeln `ad` finns inte här", "there is no key `ad` here"]),
    mistake("deliver-between =", "deliver_between =", "RG101", "deliver_between", ["menade du `deliver-between`?", "did you mean `deliver-between`?"]),
    mistake("sent-files =", "sentfiles =", "RG101", "sentfiles", ["menade du `sent-files`?", "did you mean `sent-files`?"]),
    mistake("on   = \"always\"", "onn = \"always\"", "RG101", "onn ", ["menade du `on`?", "did you mean `on`?"]),
    mistake("tls  =", "tsl =", "RG101", "tsl ", ["menade du `tls`?", "did you mean `tls`?"]),
    // Limits that would be none.
    mistake("school       = { remove = \"30%\" }", "school = { remove = nan }", "RG102", "school = {", ["decimaltalet NaN", "the decimal number NaN"]),
    mistake("school       = { remove = \"30%\" }", "school = { remove = inf }", "RG102", "school = {", ["här ska stå text inom citattecken", "text in quotes belongs here"]),
    mistake("school       = { remove = \"30%\" }", "school = { remove = \"-0%\" }", "RG102", "school = {", ["\"-0%\" är ingen andel", "\"-0%\" is not a share"]),
    mistake("school       = { remove = \"30%\" }", "school = { remove = -0 }", "RG102", "school = {", ["talet 0", "the number 0"]),
    mistake("staff        = { remove = \"8%\" }", "staff = { remove = \"5,0%\" }", "RG102", "staff = {", ["\"5,0%\" är ingen andel", "\"5,0%\" is not a share"]),
    mistake("staff        = { remove = \"8%\" }", "staff = { remove = 5,0% }", "RG101", "staff = {", ["", ""]),
    mistake("staff        = { remove = \"8%\" }", "staff = { remove = 5 }", "RG102", "staff = {", ["här står talet 5, men här ska stå text inom citattecken", "here stands the number 5, but text in quotes belongs here"]),
    mistake("staff        = { remove = \"8%\" }", "staff = { remove = \"250%\" }", "RG102", "staff = {", ["\"250%\"", "above the ceiling: give 0% to 30%"]),
    mistake("staff        = { remove = \"8%\" }", "staff = { remove = \"\" }", "RG102", "staff = {", ["\"\" är ingen andel", "\"\" is not a share"]),
    mistake("persons      = { add = \"25%\", change = \"25%\", remove = \"5%\" }", "persons = { remove = \"100%\" }", "RG102", "persons = {", ["100% är över taket: ange 0% till 30%", "100% is above the ceiling: give 0% to 30%"]),
    mistake("newly-protected = 5", "newly-protected = 500", "RG102", "newly-protected", ["500 är över taket: ange 0 till 100", "500 is above the ceiling: give 0 to 100"]),
    mistake("newly-protected = 5", "newly-protected = 1e999", "RG102", "newly-protected", ["", ""]),
    mistake("minimum      = { persons = 1 }", "minimum = { persons = -1 }", "RG102", "minimum", ["talet -1", "the number -1"]),
    // The file's form.
    mistake("\"lärare\" =", "lärare =", "RG101", "role   = { column = \"Roll\", values = { elev = \"learner\", lärare", ["inom citattecken", "in quotes"]),
    mistake("[retention]", "[schedule] # again", "RG101", "[schedule] # again", ["namnet står två gånger", "the name stands twice"]),
    mistake("name     = ", "name     = Exempelby # ", "RG101", "name     = Exempelby", ["text ska stå inom citattecken", "text stands in quotes"]),
    mistake("port      = 22", "port      =", "RG101", "port      =", ["det saknas ett värde efter =", "there is no value after ="]),
    mistake("[mail.smtp]", "[mail.smtp", "RG101", "[mail.smtp", ["rubriken saknar ]", "the header lacks ]"]),
    mistake("port      = 22", "port      = 22\nport      = 22", "RG101", "port      = 22\nport", ["namnet står två gånger", "the name stands twice"]),
    // What is missing, too much or contradicts itself.
    mistake("host      = \"sftp.itslearning.example\"", "", "RG101", "[target.itslearning.deliver.sftp]", ["nyckeln `host` saknas", "the key `host` is missing"]),
    mistake("config-version = 1", "", "RG101", "", ["nyckeln `config-version` saknas", "the key `config-version` is missing"]),
    mistake("config-version = 1", "config-version = 2", "RG102", "config-version", ["config-version = 1", "config-version = 1"]),
    mistake("[target.itslearning.deliver.sftp]", "[target.itslearning.deliver.folder]\npath = \"/x\"\n[target.itslearning.deliver.sftp]", "RG102", "", ["här finns folder, sftp", "there is folder, sftp"]),
    mistake("roles       = [\"learner\", \"staff\", \"guardian\"]", "roles = []", "RG102", "roles = []", ["ange minst en roll", "name at least one role"]),
    mistake("years       = \"all\"", "years = []", "RG102", "years = []", ["en tom lista väljer ingen", "an empty list selects nobody"]),
    mistake("to   = [\"it-skola@exempelby.example\"]", "to   = []", "RG102", "to   = []", ["ange minst en adress", "give at least one address"]),
    mistake("user      = \"exempelby\"", "user      = \"\"", "RG102", "", ["user och folder får inte vara tomma", "user and folder may not be empty"]),
    mistake("action = \"exclude\"", "action = \"pseudonym\"", "RG102", "[protected-identity]", ["kräver file = \"/sökväg\"", "needs file = \"/path\""]),
    mistake("username  = \"username\"", "username  = \"personal-number\"", "RG102", "[target.itslearning.format.ims-enterprise]", ["känslig uppgift: lägg till send = [\"personal-number\"]", "sensitive: add send = [\"personal-number\"]"]),
    // Values.
    mistake("port      = 22", "port      = 70000", "RG102", "port      = 70000", ["ett heltal från 0 till 65535", "a whole number from 0 to 65535"]),
    mistake("port      = 22", "port      = \"22\"", "RG102", "port      = \"22\"", ["här står texten \"22\"", "here stands the text \"22\""]),
    mistake("timezone = \"Europe/Stockholm\"", "timezone = \"Europa/Stockholm\"", "RG102", "timezone", ["är ingen tidszon", "is no time zone"]),
    mistake("deliver-between = [\"00:00\", \"06:30\"]", "deliver-between = [\"00:00\", \"25:00\"]", "RG102", "deliver-between", ["\"25:00\" är inget klockslag", "\"25:00\" is no time of day"]),
    mistake("deliver-between = [\"00:00\", \"06:30\"]", "deliver-between = [\"00:00\"]", "RG102", "deliver-between", ["2 värden", "2 values"]),
    mistake("history    = \"2y\"", "history    = \"2 år\"", "RG102", "history", ["är inget antal dagar", "is no number of days"]),
    mistake("max-age     = \"26h\"", "max-age     = 26", "RG102", "max-age", ["här står talet 26", "here stands the number 26"]),
    mistake("max-age     = \"26h\"", "max-age     = \"26\"", "RG102", "max-age", ["är ingen tid: ange ett heltal", "is not a time span"]),
    mistake("host-keys = []", "host-keys = [\"SHA256:abc\"]", "RG102", "host-keys", ["SHA-256-fingeravtryck", "SHA-256 fingerprint"]),
    mistake("host      = \"sftp.itslearning.example\"", "host = \"sftp://x\"", "RG102", "host = ", ["bara ett namn eller en adress", "a name or an address alone"]),
    mistake("publish   = \"rename\"", "publish   = \"renam\"", "RG102", "publish", ["`renam` går inte att välja (menade du `rename`?", "`renam` cannot be chosen (did you mean `rename`?"]),
    mistake("\"learner\", \"staff\", \"guardian\"]", "\"elever\"]", "RG102", "roles       = [\"elever\"]", ["`elever` går inte att välja", "`elever` cannot be chosen"]),
    mistake("language = \"", "language = \"no\" # \"", "RG102", "language", ["`no` går inte att välja", "`no` cannot be chosen"]),
    mistake("encoding    = \"utf-8\"", "encoding    = \"latin1\"", "RG102", "encoding    = \"latin1\"", ["`latin1` går inte att välja; här finns utf-8, windows-1252, iso-8859-1", "`latin1` cannot be chosen; there is utf-8, windows-1252, iso-8859-1"]),
    mistake("on   = \"always\"", "on   = \"on-problem\"", "RG102", "on   =", ["kräver en puls", "needs a heartbeat"]),
    mistake("tls  = \"starttls\"", "tls  = \"none\"", "RG102", "[mail.smtp]", ["bara till den egna datorn", "only to this machine"]),
    mistake("to   = [\"it-skola", "to   = [\"it-skola\", \"it", "RG102", "to   =", ["är ingen mejladress", "is not a mail address"]),
    mistake("personal = \"staff\"", "personal = \"stab\"", "RG102", "role            =", ["är inte en persons roll", "is not a person's role"]),
    mistake("N = false", "N = \"no\"", "RG102", "protected ", ["true (skyddad) eller false", "true (protected) or false"]),
    mistake("source    = \"Exempelby\"", "source    = \"\"", "RG102", "source    = \"\"", ["ska vara 1 till 32 tecken", "must be 1 to 32 characters"]),
    mistake("file-name = \"ims.xml\"", "file-name = \"a/ims.xml\"", "RG102", "file-name", ["ett enkelt filnamn", "a plain file name"]),
    // Windows and grace.
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = \"remove\"\n[schedule]", "RG102", "hold = ", ["hold är", "hold is"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"change\"]\n[schedule]", "RG102", "hold = ", ["hold är", "hold is"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = \"2027-09-05\"\nhold = [\"remove\"]\n[schedule]", "RG102", "through = ", ["ett datum utan citattecken", "a date without quotes"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-06-13\nhold = [\"remove\"]\n[schedule]", "RG102", "\n[[window]]", ["slutar (2027-06-13) innan den börjar", "ends (2027-06-13) before it begins"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"remove\"]\nrelease = \"aproved\"\n[schedule]", "RG102", "release = ", ["`aproved` går inte att välja", "`aproved` cannot be chosen"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"remove\"]\ntargets = [\"itslaerning\"]\n[schedule]", "RG102", "\n[[window]]", ["det finns ingen mottagare", "there is no target"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"remove\"]\nholds = \"all\"\n[schedule]", "RG101", "holds = ", ["nyckeln `holds` finns inte här", "there is no key `holds` here"]),
    mistake("[schedule]", "[[window]]\nname = \"Sommar\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"remove\"]\n[[window]]\nname = \"Annan\"\nfrom = 2027-06-14\nthrough = 2027-09-05\nhold = [\"remove\"]\n[schedule]", "RG102", "\n[[window]]", ["gäller samma dag som", "is open on the same day as"]),
    mistake("persons     = \"0d\"", "persons = \"2w\"", "RG102", "persons = \"2w\"", ["är inget antal dagar", "is no number of days"]),
    // Keys and levels by school year.
    mistake("groups      = [\"class\"", "group-key = { teaching = \"{key}-{klass}\" }\ngroups = [\"class\"", "RG102", "group-key", ["platshållaren \"{klass}\" vid tecken 7 finns inte: här finns {key} och {term}", "unknown placeholder \"{klass}\" at character 7: there are {key} and {term}"]),
    mistake("groups      = [\"class\"", "group-key = { course = \"{term}\" }\ngroups = [\"class\"", "RG102", "group-key", ["ska ha {key} en gång", "must hold {key} once"]),
    mistake("groups      = [\"class\"", "group-key = { course = \"{key}{term}\" }\ngroups = [\"class\"", "RG102", "group-key", ["mellan {key} och {term}", "between {key} and {term}"]),
    mistake("groups      = [\"class\"", "group-key = \"{key}-{term}\"\ngroups = [\"class\"", "RG102", "group-key", ["här ska stå en tabell", "a table belongs here"]),
    mistake("groups      = [\"class\"", "archives = [\"kurs\"]\ngroups = [\"class\"", "RG102", "archives", ["`kurs` går inte att välja", "`kurs` cannot be chosen"]),
    mistake("dialect   = \"itslearning\"", "dialect = \"plain\"\nschool-year-nodes = true", "RG102", "[target.itslearning.format.ims-enterprise]", ["kräver dialect = \"itslearning\"", "needs dialect = \"itslearning\""]),
    mistake("rekeyed      = \"1%\"", "rekeyed = \"31%\"", "RG102", "rekeyed", ["31% är över taket: ange 0% till 30%", "31% is above the ceiling: give 0% to 30%"]),
    mistake("emptied = \"10%\"", "emptied = \"31%\"", "RG102", "emptied", ["31% är över taket: ange 0% till 30%", "31% is above the ceiling: give 0% to 30%"]),
    mistake("always-allow = 10", "group-kinds = { teaching = { remove = \"51%\" } }", "RG102", "\"51%\"", ["51% är över taket: ange 0% till 50%", "51% is above the ceiling: give 0% to 50%"]),
    mistake("always-allow = 10", "group-kinds = { klass = { remove = \"5%\" } }", "RG101", "{ klass = {", ["`klass` går inte att välja", "`klass` cannot be chosen"]),
    // What this version does not have.
    mistake("[schedule]", "[monitor]\nheartbeat = \"https://hc.example/x\"\n[schedule]", "RG112", "heartbeat = \"https", ["hemlighet", "secret"]),
    mistake("[schedule]", "[monitor]\ntextfile = \"/x.txt\"\n[schedule]", "RG102", "textfile = ", ["slutar på .prom", "ends in .prom"]),
    mistake("removals   = \"180d\"", "removals   = \"180d\"\nreports = \"30d\"", "RG104", "reports", ["Inställningen retention.reports finns inte", "The setting retention.reports is not"]),
    mistake("week         = { remove = \"12%\" }", "week = { remove = \"31%\" }", "RG102", "week = {", ["31% är över taket: ange 0% till 30%", "31% is above the ceiling: give 0% to 30%"]),
    mistake("week         = { remove = \"12%\" }", "week = { add = \"12%\" }", "RG101", "week = {", ["add", "add"]),
    mistake("always-allow = 10", "sentinels = { school = [\"1\"] }", "RG101", "sentinels", ["menade du `schools`?", "did you mean `schools`?"]),
    mistake("schools     = \"all\"", "schools     = [\"1\"]\nlimits = { sentinels = { schools = [\"2\"] } }", "RG102", "limits = {", ["som schools utesluter", "which schools leaves out"]),
    mistake("sent-files = \"14d\"", "reports = \"30d\"", "RG104", "reports", ["Inställningen retention.reports", "The setting retention.reports"]),
    // Secrets in clear.
    mistake("\"file:/etc/rostergate/secrets/smtp.password\"", "\"Korrekt-Hast-Batteri\"", "RG112", "password = \"Korr", ["En hemlighet står i klartext", "A secret stands in clear text"]),
    mistake("\"file:/etc/rostergate/secrets/itslearning.key\"", "\"Korrekt-Hast-Batteri\"", "RG112", "key       = \"Korr", ["En hemlighet står i klartext", "A secret stands in clear text"]),
    mistake("password = \"file:/etc/rostergate/secrets/smtp.password\"", "password = [\"Korrekt-Hast-Batteri\"]", "RG112", "password = [", ["En hemlighet står i klartext", "A secret stands in clear text"]),
    mistake("password = \"file:/etc/rostergate/secrets/smtp.password\"", "pasword = \"Korrekt-Hast-Batteri\"", "RG101", "pasword", ["menade du `password`?", "did you mean `password`?"]),
    mistake("password = \"file:/etc/rostergate/secrets/smtp.password\"", "password = Korrekt-Hast-Batteri", "RG101", "password = Korr", ["inom citattecken", "in quotes"]),
    mistake("password = \"file:/etc/rostergate/secrets/smtp.password\"", "password = \"Korrekt-Hast-Batteri", "RG101", "password = \"Korr", ["", ""]),
    mistake("password = \"file:/etc/rostergate/secrets/smtp.password\"", "password =\n\"Korrekt-Hast-Batteri\"", "RG101", "password =", ["det saknas ett värde efter =", "there is no value after ="]),
    mistake("\"file:/etc/rostergate/secrets/smtp.password\"", "\"file:Korrekt-Hast-Batteri\"", "RG102", "password = \"file", ["ska börja med /", "must be absolute"]),
    mistake("language = \"", "password = \"Korrekt-Hast-Batteri\"\nlanguage = \"", "RG101", "password = \"Korr", ["nyckeln `password` finns inte här", "there is no key `password` here"]),
];

/// What the program says of a configuration: its exit code and everything it printed.
fn check(folder: &Path, text: &str, language: &str) -> (Option<i32>, String) {
    let file = folder.join("r.toml");
    std::fs::write(&file, text).expect("a folder of the test's own");
    let run = Command::new(env!("CARGO_BIN_EXE_rostergate"))
        .args(["--lang", language, "--config"])
        .arg(&file)
        .arg("check")
        .output()
        .expect("the program starts");
    let said = [run.stdout, run.stderr].concat();
    (run.status.code(), String::from_utf8(said).expect("is text"))
}

impl Mistake {
    /// The configuration with this mistake and no other, and the number of the line it is on.
    fn made(&self, text: &str) -> (String, Option<usize>) {
        assert!(text.contains(self.what), "{:?} is not in the example", self.what);
        let made = text.replacen(self.what, self.instead, 1);
        let at = made.rmatch_indices(self.line).last().filter(|_| !self.line.is_empty());
        let second = usize::from(self.line.contains('\n'));
        let line = at.map(|(at, _)| made[..at].matches('\n').count() + 1 + second);
        (made, line)
    }

    /// What is wrong with how the program tells it.
    fn untold(&self, folder: &Path, example: &str, language: &str, phrase: &str) -> Option<String> {
        let (text, line) = self.made(example);
        let (exit, said) = check(folder, &text, language);
        let row = if language == "sv" { "rad" } else { "line" };
        let faults = said.matches(if language == "sv" { "FEL RG" } else { "ERROR RG" }).count();
        let told = exit == Some(78)
            && faults == 1 + usize::from(self.instead.contains("=\n"))
            && said.contains(self.code)
            && said.contains(phrase)
            && !said.contains(SECRET)
            && line.is_none_or(|line| said.contains(&format!("{row} {line}")));
        (!told).then(|| {
            let instead = self.instead;
            format!(
                "── {instead:?}, {} on {line:?} with {phrase:?}; exit {exit:?}\n{said}",
                self.code
            )
        })
    }
}

#[test]
fn every_mistake_is_told_with_its_line_in_both_languages() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut untold = Vec::new();
    for mistake in MISTAKES {
        untold.extend(mistake.untold(folder.path(), SWEDISH, "sv", mistake.sv));
        untold.extend(mistake.untold(folder.path(), ENGLISH, "en", mistake.en));
    }
    assert!(
        untold.is_empty(),
        "{} of {}:\n{}",
        untold.len(),
        MISTAKES.len() * 2,
        untold.join("\n")
    );
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = SWEDISH
        .replacen("timezone =", "timezon =", 1)
        .replacen("port      = 22", "port      = \"22\"", 1)
        .replacen("staff        = { remove = \"8%\" }", "staff = { remove = 5 }", 1)
        .replacen("sent-files = \"14d\"", "reports = \"30d\"", 1)
        .replacen("\"file:/etc/rostergate/secrets/smtp.password\"", "\"Korrekt-Hast-Batteri\"", 1)
        .replacen("history    = \"2y\"", "history    = 2", 1);
    let (exit, said) = check(folder.path(), &text, "sv");
    let codes: Vec<&str> = said.split("FEL RG").skip(1).map(|rest| &rest[..3]).collect();
    assert_eq!((exit, codes), (Some(78), vec!["101", "102", "102", "112", "104", "102"]), "{said}");
    assert!(!said.contains(SECRET));
    let lines: Vec<usize> = said
        .split(", rad ")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .map(|digits| digits.parse().expect("a number"))
        .collect();
    assert!(lines.len() == 6 && lines.is_sorted(), "{lines:?} in {said}");
}

#[test]
fn a_fault_among_several_targets_has_its_own_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let list = |name: &str, path: &str| {
        format!(
            "\n[target.{name}]\n[target.{name}.format.csv.file.\"{name}.csv\"]\nrows = \"persons\"\n\
             columns = [[\"Id\", \"key\"]]\n[target.{name}.deliver.folder]\npath = \"{path}\"\n"
        )
    };
    let text = format!("{ENGLISH}{}{}{}", list("a", "/a"), list("b", "b"), list("c", "/c"));
    let (exit, said) = check(folder.path(), &text, "en");
    let line = text.lines().position(|line| line == "[target.b.deliver.folder]").expect("is there");
    assert_eq!(exit, Some(78), "{said}");
    assert!(said.contains(&format!("line {}: path must begin with /", line + 1)), "{said}");
}

#[test]
fn the_language_is_the_one_asked_for_the_machines_or_the_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("r.toml");
    let said = |text: &str, lang: &str| {
        std::fs::write(&file, text).expect("a folder of the test's own");
        let mut program = Command::new(env!("CARGO_BIN_EXE_rostergate"));
        let run = program.env("LANG", lang).arg("--config").arg(&file).arg("check").output();
        String::from_utf8(run.expect("the program starts").stderr).expect("is text")
    };
    let broken = |text: &str| text.replacen("port      = 22", "prt = 22", 1);
    assert!(said(&broken(SWEDISH), "C.UTF-8").starts_with("FEL RG101"));
    assert!(said(&broken(ENGLISH), "C.UTF-8").starts_with("ERROR RG101"));
    assert!(said(&broken(ENGLISH), "sv_SE.UTF-8").starts_with("FEL RG101"));
}

/// A file kept beside the project, when it is there.
fn design_example() -> Option<String> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/design/rostergate.toml"))
        .find(|place| place.is_file());
    place.and_then(|place| std::fs::read_to_string(place).ok())
}

#[test]
fn a_configuration_of_a_later_version_is_refused_only_for_what_is_not_there_yet() {
    let Some(text) = design_example() else {
        eprintln!("SKIPPED: no shared/design/rostergate.toml beside the project");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (exit, said) = check(folder.path(), &text, "en");
    assert_eq!(exit, Some(78), "{said}");
    let named: BTreeSet<&str> =
        said.split("The setting ").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
    let later = ["retention.reports"];
    assert_eq!(named, BTreeSet::from(later));
    assert_eq!(said.matches("ERROR RG").count(), later.len(), "{said}");
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

#[test]
fn the_schema_is_that_of_the_settings() {
    let schema = schemars::schema_for!(Config);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    let path = schemas().join("config.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).expect("the tree can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "schemas/config.schema.json is old; write it with UPDATE=1 cargo test");
}

/// Every key that the schema knows, wherever it stands.
fn schema_keys(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    if let Some(properties) = value.get("properties").and_then(|found| found.as_object()) {
        keys.extend(properties.keys().cloned());
    }
    match value {
        serde_json::Value::Object(map) => map.values().for_each(|inner| schema_keys(inner, keys)),
        serde_json::Value::Array(list) => list.iter().for_each(|inner| schema_keys(inner, keys)),
        _ => {}
    }
}

/// Every key that an example shows, on a live line or behind `#`.
fn shown_keys(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut keys = BTreeSet::new();
    for line in text.lines().map(|line| line.trim_start_matches(['#', ' '])) {
        let header = line.trim_start_matches('[');
        if let Some(header) = (header != line).then(|| header.split(']').next()).flatten() {
            keys.extend(header.split('.').map(str::to_owned));
        }
        for part in line.split('=') {
            let key = part.trim_end().rsplit(|c| !word(c)).next().unwrap_or_default();
            keys.insert(key.to_owned());
        }
    }
    keys
}

#[test]
fn the_examples_show_every_key() {
    let mut known = BTreeSet::new();
    schema_keys(&schemars::schema_for!(Config).to_value(), &mut known);
    assert!(known.len() > 100, "{known:?}");
    for (language, text) in [("sv", SWEDISH), ("en", ENGLISH)] {
        let shown = shown_keys(text);
        let hidden: Vec<&String> = known.difference(&shown).collect();
        assert!(hidden.is_empty(), "the example in {language} does not show {hidden:?}");
    }
}

/// A line that shows a default: the same with its `#` taken away. Prose has no `=` so early.
fn uncommented(line: &str) -> Option<&str> {
    let bare = line.strip_prefix("# ")?;
    let key = bare.split('=').next().unwrap_or_default().trim();
    let is_key = bare.contains('=') && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_key.then_some(bare)
}

#[test]
fn the_examples_are_valid_and_so_are_the_defaults_that_they_show() {
    for text in [SWEDISH, ENGLISH] {
        let whole = parse(text, Path::new("example.toml"));
        assert!(whole.is_ok(), "{:?}", whole.err());
        let lines: Vec<&str> = text.lines().collect();
        let mut tried = 0;
        for (at, line) in lines.iter().enumerate() {
            let Some(bare) = uncommented(line) else { continue };
            // In the example of a whole table that is commented out, its lines go with it.
            let in_table = lines[..at].iter().rev().take_while(|above| above.starts_with("# "));
            if in_table.clone().any(|above| above.starts_with("# [")) {
                continue;
            }
            let key = bare.split('=').next().unwrap_or_default().trim();
            // Instead of the live line with the same key in the same table, where there is one.
            let first = lines[..at].iter().rposition(|l| l.starts_with('[')).unwrap_or(0);
            let same = |l: &&str| l.split('=').next().is_some_and(|k| k.trim() == key);
            let live = (first..at).find(|&above| same(&lines[above]));
            let mut changed = lines.clone();
            changed[at] = bare;
            if let Some(live) = live {
                changed[live] = "";
            }
            let read = parse(&changed.join("\n"), Path::new("example.toml"));
            assert!(read.is_ok(), "{bare}: {:?}", read.err());
            tried += 1;
        }
        assert!(tried >= 20, "only {tried} defaults are shown");
        // The receiver that takes CSV is one commented block.
        let block: Vec<&str> = lines
            .iter()
            .skip_while(|line| !line.starts_with("# [target.") || line.contains("itslearning"))
            .take_while(|line| line.starts_with("# "))
            .map(|line| &line[2..])
            .collect();
        let read = parse(&format!("{text}\n{}\n", block.join("\n")), Path::new("example.toml"));
        assert_eq!(read.map(|loaded| loaded.config.target.len()).map_err(|e| e.to_string()), Ok(2));
    }
}

/// A configuration with every text that may differ between the languages made the same.
fn without_texts(text: &str) -> toml::Table {
    fn blank(value: &mut toml::Value) {
        match value {
            toml::Value::String(text) => {
                let words = ["Exempelby kommun", "Exempelby", "sv", "en"];
                if words.contains(&text.as_str()) {
                    text.clear();
                }
            }
            toml::Value::Table(table) => table.iter_mut().for_each(|(_, inner)| blank(inner)),
            toml::Value::Array(list) => list.iter_mut().for_each(blank),
            _ => {}
        }
    }
    let mut table: toml::Table = toml::from_str(text).expect("is valid");
    table.iter_mut().for_each(|(_, value)| blank(value));
    table
}

#[test]
fn the_examples_say_the_same_in_both_languages() {
    assert_eq!(without_texts(SWEDISH), without_texts(ENGLISH));
    let lines = SWEDISH.lines().zip(ENGLISH.lines()).enumerate();
    let shown = |line: &str| uncommented(line).unwrap_or(line).split('=').next().map(str::to_owned);
    for (at, (sv, en)) in lines.filter(|(_, (sv, _))| sv.contains(" = ")) {
        let prose = sv.starts_with('[') || (sv.starts_with('#') && uncommented(sv).is_none());
        assert!(prose || shown(sv) == shown(en), "line {}: {sv} and {en}", at + 1);
    }
    assert_eq!(SWEDISH.lines().count(), ENGLISH.lines().count());
}

#[test]
fn init_writes_the_examples_and_never_over_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (language, example) in [("sv", SWEDISH), ("en", ENGLISH)] {
        let file = folder.path().join(format!("{language}.toml"));
        let init = || {
            let mut program = Command::new(env!("CARGO_BIN_EXE_rostergate"));
            program.args(["--lang", language, "init"]).arg(&file).output().expect("it starts")
        };
        assert_eq!(init().status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&file).expect("was written"), example);
        let again = init();
        let said = String::from_utf8(again.stderr).expect("is text");
        assert_eq!(again.status.code(), Some(74), "{said}");
        assert!(said.contains("RG109") && said.contains(&*file.to_string_lossy()), "{said}");
        assert_eq!(std::fs::read_to_string(&file).expect("is there"), example);
    }
}

/// What was typed wrong is told like every other fault, with what was meant.
#[test]
fn what_was_typed_wrong_is_told_in_three_parts_in_both_languages() {
    let say = |language: &str, words: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_rostergate"))
            .args(words)
            .env_remove("LC_ALL")
            .env("LANG", language)
            .output()
            .expect("the program starts");
        assert_eq!((run.status.code(), run.stdout.len()), (Some(2), 0), "{words:?}");
        String::from_utf8(run.stderr).expect("is text")
    };
    for (words, sv, en, next) in [
        (&["staus"][..], "kommandot staus finns inte", "no command staus", "status"),
        (&["run", "--agin"], "--agin hör inte hit", "--agin does not belong", "--again"),
        (&["run", "--target"], "--target saknar ett värde", "lacks a value", "help run"),
        (&["approve"], "det saknas --reason, <PLAN>", "<PLAN> is missing", "help approve"),
        (
            &["pause", "--until", "jul", "--reason", "x"],
            "skriv dagen som 2026-12-24",
            "write the day",
            "help pause",
        ),
        (
            &["run", "--config-dir", "/x", "--config", "/y"],
            "går inte ihop med --config",
            "does not go with",
            "help run",
        ),
        (&["trust", "lms", "SHA256:x"], "och 43 tecken", "and 43 characters", "help trust"),
        (&["pause", "--reason", " "], "skriv ett skäl", "write a reason", "help pause"),
        (&["baseline", "shwo"], "kommandot shwo finns inte", "no command shwo", "show"),
        (&["history", "--runs", "x"], "skriv ett heltal", "a whole number", "help history"),
        (
            &["history", "--runs", "0"],
            "heltal, minst 1",
            "a whole number, 1 at least",
            "help history",
        ),
        (
            &["backtest", "--nights", "0"],
            "heltal, minst 1",
            "a whole number, 1 at least",
            "help backtest",
        ),
        (&["status", "--lang", "de"], "\"de\" går inte som --lang", "cannot be --lang", "sv | en"),
    ] {
        let swedish = say("sv_SE.UTF-8", words);
        for part in [
            sv,
            next,
            "FEL RG100  ",
            "Det betyder: Inget har körts",
            "Gör så här:",
            "rostergate help",
        ] {
            assert!(swedish.contains(part), "{words:?}: no {part:?} in {swedish}");
        }
        for english in ["error:", "tip:", "Usage", "unexpected", "For more"] {
            assert!(!swedish.contains(english), "{words:?}: {swedish}");
        }
        let said = say("en_US.UTF-8", words);
        for part in [en, next, "ERROR RG100  ", "This means: ", "What to do:"] {
            assert!(said.contains(part), "{words:?}: no {part:?} in {said}");
        }
    }
    let json = say("sv_SE.UTF-8", &["run", "--agin", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["code"], &json["exit"]), (&"RG100".into(), &2.into()));
}

/// A folder or a pipe in a configuration's place keeps nobody waiting, and is told in Swedish.
#[test]
fn a_configuration_that_is_no_file_is_told_wholly_in_swedish() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pipe = folder.path().join("r.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("coreutils").success());
    // Sparse, so that it costs nothing here; read whole, it would fill any memory.
    let vast = folder.path().join("vast.toml");
    fs::File::create(&vast).and_then(|file| file.set_len(64 << 30)).expect("a sparse file");
    for (file, says) in [
        (&pipe, "det är ingen vanlig fil"),
        (&vast, "den är för stor"),
        (&folder.path().to_owned(), "det är en mapp"),
        (&folder.path().join("nowhere"), "den finns inte"),
    ] {
        for lang in ["C", "sv_SE.UTF-8"] {
            let mut program = Command::new("timeout");
            program.args(["20", env!("CARGO_BIN_EXE_rostergate"), "status", "--config"]).arg(file);
            let run = program.env_remove("LC_ALL").env("LANG", lang).output().expect("it starts");
            let said = String::from_utf8(run.stderr).expect("is text");
            assert_eq!(run.status.code(), Some(78), "{said}");
            assert!(said.contains("RG103"), "{said}");
            assert!(lang == "C" || said.contains(says), "{said}");
        }
    }
}
