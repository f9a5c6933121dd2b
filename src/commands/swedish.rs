//! The help texts in Swedish, laid over the English ones that stand beside the arguments.

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command};

use crate::notify::language::Language;

/// clap's own order of the parts, with its one English word in Swedish.
const TEMPLATE: &str =
    "{before-help}{about-with-newline}\nSkrivs så: {usage}\n\n{all-args}{after-help}";

/// What stands above the options.
const OPTIONS: &str = "Flaggor";

/// Below all the others.
const LAST: usize = 1000;

/// What each command does.
const COMMANDS: &[(&str, &str)] = &[
    ("run", "Läs, jämför, pröva, skicka och mejla: det som timern startar varje natt"),
    ("plan", "Visa vad en körning skulle göra, eller en stoppad plan; skickar och ändrar inget"),
    ("approve", "Skicka exakt den sparade filen för en stoppad plan"),
    ("status", "Senaste natten, stoppade planer och mejl som väntar"),
    ("check", "Kontrollera inställningar, rättigheter, inkorg och, med --connect, mottagarna"),
    ("history", "Tidigare körningar, resultat och godkännanden"),
    ("find", "Följ en person, grupp eller skola från registret till varje mottagare"),
    ("backtest", "Pröva andra gränser på de sparade nätterna"),
    ("baseline", "Vad varje mottagare senast fick, eller ta över från ett annat program"),
    ("show", "Visa vad varje mottagare senast fick"),
    (
        "adopt",
        "Tala om att mottagaren har de här filerna, skickade av ett annat program; nästa körning jämförs med dem och stoppas ändå en gång",
    ),
    ("trust", "Godkänn en servernyckel vars fingeravtryck leverantören har gett er"),
    (
        "withdraw",
        "Ta bort en person hos alla mottagare genast, och håll den borta tills det ångras",
    ),
    ("pause", "Leverera inget till och med en viss dag"),
    ("resume", "Avsluta en paus före dess dag"),
    ("outbox", "Skicka de mejl som väntar; en timer startar det varje timme"),
    (
        "support-bundle",
        "Skriv en fil till den som hjälper er; den nämner ingen person och ingen hemlighet",
    ),
    (
        "report-crash",
        "Mejla att tjänsten avbröts, om den inte själv berättade; systemd startar det",
    ),
    ("init", "Skriv en kommenterad inställningsfil att börja från"),
    ("demo", "Se en påhittad kommun leva genom fem nätter, bara på den här datorn"),
    ("help", "Förklara en kod eller ett kommando"),
];

/// What each argument means, by command and argument; `*` is every command.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("*", "config", "Inställningsfilen"),
    ("*", "lang", "Språk; annars det som står i inställningsfilen"),
    ("*", "json", "Ett JSON-objekt i stället för text; fel som JSON på stderr"),
    ("*", "no_color", "Inga färger"),
    ("*", "quiet", "Bara resultat och fel"),
    ("*", "no_input", "Fråga aldrig; ett svar som saknas är ett fel"),
    ("run", "target", "Bara den här mottagaren; kan upprepas"),
    ("run", "now", "Leverera också utanför de inställda tiderna"),
    ("run", "again", "Leverera också en export som redan är levererad"),
    ("run", "timings", "Också vad varje steg tog: tid, processortid, minne"),
    (
        "run",
        "as_of",
        "Gör som om klockan vore så här, som 2026-08-24T04:15; bara för testmottagare och mappar",
    ),
    (
        "run",
        "config_dir",
        "En körning för varje inställningsfil (*.toml) i mappen, var och en för sig",
    ),
    (
        "run",
        "at_a_time",
        "Med --config-dir: så många läser och jämför samtidigt; fler kan vänta på mottagare",
    ),
    ("run", "trigger", "Vad som startade körningen"),
    ("plan", "plan", "En stoppad plan, som P-7K3FQX; utan den visas vad en körning skulle göra nu"),
    ("plan", "target", "Bara den här mottagaren; kan upprepas"),
    ("plan", "after_window", "Som om den öppna perioden hade slutat och allt som väntar släpptes"),
    ("plan", "details", "Varje skola, roll och sorts grupp, och var listan med namn ligger"),
    ("plan", "timings", "Också vad varje steg tog: tid, processortid, minne"),
    (
        "plan",
        "as_of",
        "Gör som om klockan vore så här, som 2026-08-24T04:15; bara för testmottagare och mappar",
    ),
    ("approve", "plan", "Planen, som P-7K3FQX"),
    ("approve", "reason", "Varför; sparas i historiken"),
    (
        "approve",
        "receiver_empty",
        "Vid första leveransen: mottagaren har inga konton från det här registret",
    ),
    ("approve", "confirm", "Antalet att bekräfta, för skript; vid en terminal ställs frågan"),
    (
        "status",
        "check",
        "För övervakning: slutar med 0 bra, 1 varning, 2 allvarligt, 3 okänt (Nagios)",
    ),
    (
        "status",
        "alert_if_stale",
        "Mejla, en gång, om nattens körning inte startade eller inte blev klar, eller om timern är av",
    ),
    ("status", "config_dir", "För varje inställningsfil (*.toml) i mappen"),
    ("outbox", "config_dir", "För varje inställningsfil (*.toml) i mappen"),
    (
        "check",
        "config_dir",
        "För varje inställningsfil (*.toml) i mappen; också om två av dem delar state-mapp",
    ),
    ("report-crash", "unit", "Enheten som avbröts"),
    (
        "report-crash",
        "config_dir",
        "För varje inställningsfil (*.toml) i mappen, om enheten inte är en kommuns egen",
    ),
    ("check", "target", "Bara den här mottagaren; kan upprepas"),
    ("check", "connect", "Logga också in hos varje mottagare och på mejlservern; inget skickas"),
    (
        "check",
        "write_probe",
        "Med --connect: skapa, läs och ta bort en egen tillfällig fil hos varje mottagare",
    ),
    ("history", "runs", "Hur många körningar"),
    (
        "history",
        "verify",
        "Följ kedjan av beslut: om något har ändrats eller tagits bort sedan dess",
    ),
    ("find", "key", "Nyckeln, som den står i registret"),
    ("find", "target", "Bara den här mottagaren; kan upprepas"),
    (
        "find",
        "as_of",
        "Gör som om klockan vore så här, som 2026-08-24T04:15; bara för testmottagare och mappar",
    ),
    (
        "backtest",
        "limit",
        "En gräns att pröva, som under [limits] i inställningsfilen: persons.remove=3%; kan upprepas",
    ),
    ("backtest", "target", "Bara den här mottagaren; kan upprepas"),
    ("backtest", "nights", "Bara så många av de senaste nätterna"),
    ("adopt", "target", "Mottagaren"),
    ("adopt", "files", "Dess filer som de senast skickades, i mottagarens format"),
    ("trust", "target", "Mottagaren"),
    ("trust", "fingerprint", "Fingeravtrycket, från leverantören och inte från nätet: SHA256:…"),
    (
        "withdraw",
        "key",
        "Personens nyckel i registret; - läser den från standard in, så att den inte hamnar i någon logg över kommandon",
    ),
    ("withdraw", "reason", "Varför; sparas i historiken. Skriv inga namn här"),
    ("withdraw", "undo", "Ångra en tidigare borttagning"),
    (
        "withdraw",
        "list",
        "Vem som bad om vilka borttagningar, när och varför; aldrig vem som är borttagen",
    ),
    (
        "withdraw",
        "as_of",
        "Gör som om klockan vore så här, som 2026-08-24T04:15; bara för testmottagare och mappar",
    ),
    ("pause", "until", "Pausens sista dag, som 2026-12-24; högst ett år bort"),
    ("pause", "reason", "Varför; sparas i historiken"),
    ("init", "file", "Filen att skriva; den får inte finnas. Utan den skrivs allt på skärmen"),
    (
        "support-bundle",
        "file",
        "Filen att skriva; den får inte finnas. Utan den skrivs allt på skärmen",
    ),
    ("demo", "keep", "Spara allt i den här nya mappen"),
    (
        "help",
        "topic",
        "En kod, som RG310, eller ett kommando, som run; annars en översikt och alla koder",
    ),
];

/// The command line with its texts in a language.
pub(super) fn translate(program: Command, language: Language) -> Command {
    if language == Language::En {
        return program;
    }
    let about = "För ett skolregisters uppgifter till lärplattformar, varje natt, bakom ett säkerhetsfilter";
    into_swedish(program.about(about), "*")
}

fn into_swedish(mut command: Command, name: &str) -> Command {
    let about = COMMANDS.iter().find(|(known, _)| *known == name);
    if let Some((_, about)) = about {
        command = command.about(*about).long_about(Resettable::Reset);
    }
    let mut places = 0..;
    command = command
        .mut_args(|argument| {
            let place = if argument.is_positional() { places.next() } else { None };
            let argument = argument_in_swedish(argument, name);
            // Below a heading of its own, clap would sort them by name.
            if let Some(place) = place { argument.display_order(place) } else { argument }
        })
        .subcommand_help_heading("Kommandon")
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .arg(shown("help", 'h', ArgAction::Help, "Visa den här hjälpen"));
    if name == "*" {
        let version = shown("version", 'V', ArgAction::Version, "Visa versionen");
        command = command.disable_version_flag(true).arg(version);
    }
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for sub in names {
        let inner = sub.clone();
        command = command.mut_subcommand(sub, |sub| into_swedish(sub, &inner));
    }
    command
}

fn argument_in_swedish(argument: Arg, of: &str) -> Arg {
    let id = argument.get_id().as_str().to_owned();
    let known = |&&(command, what, _): &&(&str, &str, &str)| {
        what == id && (command == of || command == "*")
    };
    let Some((_, _, help)) = ARGUMENTS.iter().find(known) else { return argument };
    let preset: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    let takes = argument.get_action().takes_values() && !preset.is_empty();
    let preset = if takes { format!(" [förval: {}]", preset.join(", ")) } else { String::new() };
    let heading = if argument.is_positional() { "Argument" } else { OPTIONS };
    let argument = argument.help(format!("{help}{preset}")).long_help(Resettable::Reset);
    let argument = argument.help_heading(heading);
    if takes { argument.hide_default_value(true) } else { argument }
}

/// A flag that shows something and ends, as clap adds it in English.
fn shown(name: &'static str, short: char, action: ArgAction, help: &'static str) -> Arg {
    let argument = Arg::new(name).short(short).long(name).action(action).help(help);
    argument.help_heading(OPTIONS).display_order(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::arguments;

    fn walk(command: &Command, of: &str, missing: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            if !COMMANDS.iter().any(|(known, _)| *known == sub.get_name()) {
                missing.push(sub.get_name().to_owned());
            }
            walk(sub, sub.get_name(), missing);
        }
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let built_in = ["help", "version"].contains(&id);
            let known = ARGUMENTS.iter().any(|(c, a, _)| *a == id && (*c == of || *c == "*"));
            if !built_in && !known {
                missing.push(format!("{of} {id}"));
            }
        }
    }

    #[test]
    fn the_help_is_in_swedish_throughout() {
        let mut program = translate(arguments::command(), Language::Sv);
        program.build();
        let mut shown = vec![program.render_help().to_string()];
        shown.extend(program.get_subcommands_mut().map(|sub| sub.render_help().to_string()));
        let adopt = program.find_subcommand_mut("baseline").and_then(|baseline| {
            baseline.find_subcommand_mut("adopt").map(|adopt| adopt.render_help().to_string())
        });
        let adopt = adopt.expect("there is baseline adopt");
        assert!(adopt.find("  <TARGET>") < adopt.find("  <FILE>..."), "as they are typed: {adopt}");
        for help in shown {
            for english in ["Usage:", "Options:", "Commands:", "Arguments:", "Print ", "default"] {
                assert!(!help.contains(english), "{english} in {help}");
            }
            let options = help.lines().skip_while(|line| *line != "Flaggor:");
            let after = options.skip(1).take_while(|line| !line.is_empty());
            assert!(after.clone().any(|line| line.contains("Visa den här hjälpen")), "{help}");
            assert!(after.count() > 4, "one line for each option: {help}");
        }
    }

    #[test]
    fn every_command_and_argument_is_explained_in_swedish() {
        let mut missing = Vec::new();
        walk(&arguments::command(), "*", &mut missing);
        assert!(missing.is_empty(), "without Swedish: {missing:?}");
    }
}
