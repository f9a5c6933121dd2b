//! What was typed cannot be understood: said in three parts like every other fault.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::arguments;
use super::ui::Ui;
use crate::gateway::exit;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::code::Code;

/// RG100: what was typed cannot be understood.
const NOT_UNDERSTOOD: Code = Code(100);

/// Says what is wrong with what was typed, and gives the exit code. Help and the version come this
/// way, too, and are no faults.
pub(super) fn tell(ui: &Ui, error: &clap::Error, typed: &[String]) -> u8 {
    let asked = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if asked || !error.use_stderr() {
        let shown = error.print();
        return if asked || shown.is_err() { exit::USAGE } else { exit::DONE };
    }
    let (sv, en) = what(error);
    let facts = Facts::new()
        .words(Placeholder::Detail, sv, en)
        .text(Placeholder::Field, suggested(error))
        .text(Placeholder::Target, command_in(typed));
    ui.problem(NOT_UNDERSTOOD, &facts)
}

/// The command that was typed, or nothing.
fn command_in(typed: &[String]) -> &str {
    let program = arguments::command();
    let known = |word: &&String| program.find_subcommand(word).is_some_and(|c| !c.is_hide_set());
    typed.iter().skip(1).find(known).map_or("", String::as_str)
}

/// What is wrong, in Swedish and English.
fn what(error: &clap::Error) -> (String, String) {
    let get = |kind| words(error, kind).join(", ");
    let argument = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = get(ContextKind::InvalidSubcommand);
            both(format!("kommandot {word} finns inte"), format!("there is no command {word}"))
        }
        ErrorKind::UnknownArgument => {
            both(format!("{argument} hör inte hit"), format!("{argument} does not belong here"))
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            both(format!("{argument} saknar ett värde"), format!("{argument} lacks a value"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (sv, en) = wanted(error, &argument);
            both(
                format!("\"{value}\" går inte som {argument}{sv}"),
                format!("\"{value}\" cannot be {argument}{en}"),
            )
        }
        ErrorKind::MissingRequiredArgument => {
            both(format!("det saknas {argument}"), format!("{argument} is missing"))
        }
        ErrorKind::MissingSubcommand => {
            let known = get(ContextKind::ValidSubcommand);
            both(
                format!("det saknas ett ord, ett av {known}"),
                format!("a word is missing, one of {known}"),
            )
        }
        ErrorKind::ArgumentConflict => {
            let prior = get(ContextKind::PriorArg);
            let prior = if prior == argument { String::new() } else { prior };
            match prior.as_str() {
                "" => both(
                    format!("{argument} går inte ihop med det andra, eller står två gånger"),
                    format!("{argument} does not go with the rest, or stands twice"),
                ),
                _ => both(
                    format!("{argument} går inte ihop med {prior}"),
                    format!("{argument} does not go with {prior}"),
                ),
            }
        }
        ErrorKind::InvalidUtf8 => both("ett ord är inte text i UTF-8", "a word is not UTF-8 text"),
        kind => {
            let said = kind.as_str().unwrap_or("unknown error");
            both(format!("programmet säger \"{said}\""), said)
        }
    }
}

fn both(sv: impl Into<String>, en: impl Into<String>) -> (String, String) {
    (sv.into(), en.into())
}

/// What would be right in the place of a value that is not.
fn wanted(error: &clap::Error, argument: &str) -> (String, String) {
    let known = words(error, ContextKind::ValidValue);
    if !known.is_empty() {
        let known = known.join(", ");
        return both(format!("; här går {known}"), format!("; here {known} will do"));
    }
    let name = argument.split(' ').next().unwrap_or_default();
    match name {
        "--reason" => both("; skriv ett skäl", "; write a reason"),
        "<SHA256:…>" => both(
            "; skriv SHA256: och 43 tecken, som mottagarens support gav er dem (MD5 duger inte)",
            "; write SHA256: and 43 characters, as the receiver's support gave them (MD5 will not do)",
        ),
        "--until" => both("; skriv dagen som 2026-12-24", "; write the day as 2026-12-24"),
        "--runs" | "--nights" | "--at-a-time" => {
            both("; skriv ett heltal, minst 1", "; write a whole number, 1 at least")
        }
        "--confirm" => both("; skriv ett heltal", "; write a whole number"),
        _ => {
            let why = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            (why.clone(), why)
        }
    }
}

/// What was meant, as far as it can be guessed: the best guess comes last.
fn suggested(error: &clap::Error) -> String {
    let kinds =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let guess = kinds.into_iter().find_map(|kind| words(error, kind).pop()).unwrap_or_default();
    let typed =
        [ContextKind::InvalidSubcommand, ContextKind::InvalidArg, ContextKind::InvalidValue];
    let near = |word: &String| {
        strsim::damerau_levenshtein(word, &guess) <= guess.chars().count().div_ceil(3)
    };
    let is_near = typed.into_iter().flat_map(|kind| words(error, kind)).any(|word| near(&word));
    if is_near { guess } else { String::new() }
}

fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    let words = match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    };
    // What stands for a value, as in `--reason <TEXT>`, is in English.
    let plain = |word: String| word.split(" <").next().unwrap_or_default().to_owned();
    words.into_iter().map(plain).collect()
}
