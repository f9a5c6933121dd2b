//! The configuration of a source: what can be said, and where a mistake is shown.

use super::*;
use rostergate::sources::SourceKind;
use std::collections::BTreeMap;

type Sources = BTreeMap<String, BTreeMap<String, SourceKind>>;

/// The table as it stands in a configuration file.
fn in_file(text: &str) -> String {
    let text = text.replace("\n[", "\n[source.register.csv.");
    format!("[source.register.csv]{text}")
}

/// The line and the text of the mistake.
#[track_caller]
fn mistake(from: &str, to: &str) -> (usize, String) {
    assert!(CONFIG.contains(from), "{from:?} is not in the example");
    let text = in_file(&CONFIG.replacen(from, to, 1));
    let error = toml::from_str::<Sources>(&text).expect_err("a mistake");
    let at = error.span().expect("a place").start;
    (text[..at].matches('\n').count() + 1, error.message().to_owned())
}

#[track_caller]
fn at_its_line(from: &str, to: &str, expected: &str) {
    let (line, message) = mistake(from, to);
    let text = in_file(&CONFIG.replacen(from, to, 1));
    assert!(message.contains(expected), "{message}");
    let wrong = text.lines().nth(line - 1).expect("a line");
    assert!(wrong.contains(to.lines().last().expect("a line")), "{message}: shown at {wrong:?}");
}

#[test]
fn the_example_is_read_under_its_header() {
    let sources: Sources = toml::from_str(&in_file(CONFIG)).unwrap_or_else(|e| panic!("{e}"));
    let SourceKind::Csv(settings) = &sources["source"]["register"];
    assert_eq!(**settings, config(CONFIG));
}

#[test]
fn a_mistake_is_shown_at_its_own_line() {
    at_its_line("\"Förnamn\"", "{ column = \"Förnamn\", strp = \"x\" }", "unknown field `strp`");
    at_its_line("\"Förnamn\"", "true", "a column's header in quotes");
    at_its_line("\"Förnamn\"", "\"\"", "a header cannot be empty");
    at_its_line("\"Förnamn\"", "0", "there is no column 0");
    at_its_line("\"Förnamn\"", "{ strip = \"x\" }", "give column");
    at_its_line("\"Förnamn\"", "{ column = \"A\", constant = \"B\" }", "not both");
    at_its_line("\"Förnamn\"", "{ column = \"A\", values = { a = \"b\" } }", "not for text");
    at_its_line("\"Förnamn\"", "{ column = \"A\", after = \"\" }", "cannot be empty");
    at_its_line(
        "elev = \"learner\", personal",
        "elev = \"lerner\", personal",
        "did you mean \"learner\"?",
    );
    at_its_line(
        "elev = \"learner\", personal",
        "elev = \"mentor\", personal",
        "learner, staff, guardian",
    );
    at_its_line("{ constant = \"class\" }", "{ constant = \"klass\" }", "did you mean \"class\"?");
    at_its_line("\"skolor.csv\"", "\"../skolor.csv\"", "without a folder");
    at_its_line("personal-number", "personnummer", "unknown field `personnummer`");
    at_its_line("\"utf-8\"", "\"utf-16\"", "windows-1252");
    for (setting, expected) in [
        ("delimiter = \";;\"", "one sign such as"),
        ("delimiter = \"a\"", "one sign such as"),
        ("quote = \"'\"", "none"),
        ("date-format = \"%Y-%m\"", "year, month and day"),
        ("date-format = \"%Q\"", "year, month and day"),
        ("max-age = \"26\"", "as in \"26h\""),
        ("max-file-size = 5", "string"),
        ("expect = { persons = [9, 1] }", "fewest first"),
        ("expect = { pupils = [1, 9] }", "unknown field `pupils`"),
        ("complete = { }", "give done-file"),
        ("complete = { counts = true }", "give done-file too"),
        ("complete = { done-file = \"a\", settled = \"1m\" }", "give done-file"),
        ("complete = { done-file = \"../a\" }", "without a folder"),
    ] {
        let line = format!("encoding = \"utf-8\"\n{setting}");
        at_its_line("encoding = \"utf-8\"", &line, expected);
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let refused = |from: &str, to: &str, expected: &str| {
        let (_, message) = mistake(from, to);
        assert!(message.contains(expected), "{message}");
    };
    let whole = "\n[memberships]\nfile = \"medlemskap.csv\"\nperson = \"Person\"\ngroup = \"Grupp\"\nrole = { column = \"Roll\", values = { elev = \"learner\", \"lärare\" = \"instructor\" } }\nbegin = \"Start\"";
    refused(whole, "", "need each other");
    refused("encoding", "final-line-break = \"optional\"\nencoding", "counts = true");
    refused("encoding", "header = false\nencoding", "give its number");
    refused("\"Förnamn\"", "3", "need its text");
    refused(
        "given-name = \"Förnamn\"\nfamily-name = \"Efternamn\"",
        "",
        "given-name or family-name",
    );
    refused("to = \"Elev\"", "to = { constant = \"p1\" }", "every row has its own");
    refused("encoding", "expect = { persons = [0, 5] }\nencoding", "starts at 1");
    refused("key = \"Skolkod\"\n", "", "missing field `key`");
    refused("school = \"Skola\"\nrole", "protected = \"S\"\nrole", "which of the register's words");
}

#[test]
fn a_schema_is_made_from_the_same_types() {
    let schema = schemars::schema_for!(SourceKind);
    let text = serde_json::to_string(&schema).expect("a schema");
    for key in [
        "done-file",
        "max-file-size",
        "final-line-break",
        "personal-number",
        "\"strip\"",
        "learner",
    ] {
        assert!(text.contains(key), "{key}");
    }
}
