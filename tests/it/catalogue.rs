//! Every code that any room can give is explained, and every command that an explanation tells
//! to type is one that the program has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use rostergate::commands::arguments::command;
use rostergate::gateway::exit;
use rostergate::notify::catalogue::{self, Facts, Placeholder, Step};
use rostergate::notify::language::Language;
use rostergate::roster::code::Code;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the source is in the tree") {
        let path = entry.expect("can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Codes written in a text as `Code(330)`, and in a table of errors as `=> 330`.
fn codes(text: &str) -> impl Iterator<Item = u16> + '_ {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let table = product.contains("-> Code");
    let starts = ["Code(", "=> "].into_iter().filter(move |start| *start == "Code(" || table);
    starts.flat_map(move |start| {
        product.split(start).skip(1).filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let after = rest[digits.len()..].chars().next();
            let ends = matches!(after, Some(')' | ',' | '\n'));
            digits.parse().ok().filter(|code| ends && (101..1000).contains(code))
        })
    })
}

#[test]
fn every_code_in_the_source_is_explained() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut given = BTreeSet::new();
    for file in files.iter().filter(|file| !file.ends_with("notify/catalogue/mod.rs")) {
        let text = std::fs::read_to_string(file).expect("source is text");
        given.extend(codes(&text).map(|code| (code, file.clone())));
    }
    let distinct: BTreeSet<u16> = given.iter().map(|(code, _)| *code).collect();
    assert!(distinct.len() > 60, "the search finds too little: {distinct:?}");
    let unexplained: Vec<_> =
        given.iter().filter(|(code, _)| catalogue::entry_of(Code(*code)).is_none()).collect();
    assert!(unexplained.is_empty(), "no explanation of {unexplained:?}");
}

/// The words of a command as a shell would part them.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_to_type_is_one_that_there_is() {
    for entry in catalogue::all() {
        for language in Language::ALL {
            for step in catalogue::render(entry.code, language, &Facts::new()).do_next {
                let Step::Type(typed) = step else { continue };
                let typed = typed.trim_start_matches("sudo ");
                if !typed.starts_with("rostergate ") {
                    continue;
                }
                // The number of a plan is only known when it is held, a day when it is asked for.
                let typed = typed.replace("--confirm N", "--confirm 1");
                let day = format!("--until {}", Placeholder::Until.unknown(language));
                let typed = typed.replace(&day, "--until 2026-12-24");
                let Err(error) = command().try_get_matches_from(words(&typed)) else { continue };
                let placeholder = error.kind() == ErrorKind::ValueValidation
                    && error.to_string().contains("SHA256");
                let shown = !error.use_stderr();
                assert!(shown || placeholder, "{}: {typed}\n{error}", entry.code);
            }
        }
    }
}

#[test]
fn no_code_ends_as_a_success_or_in_a_code_of_systemds_own() {
    for entry in catalogue::all() {
        let exit = exit::of(entry.code);
        assert!(exit != 0 && !(3..=7).contains(&exit) && exit < 200, "{} {exit}", entry.code);
    }
}
