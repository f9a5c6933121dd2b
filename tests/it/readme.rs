//! README and the shipped documents say what is so.

use std::path::Path;

use rostergate::config;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a language, their indentation taken off.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim() == format!("```{language}") {
            let block = lines.by_ref().take_while(|line| line.trim() != "```");
            let block: Vec<&str> = block.map(|line| line.get(indent..).unwrap_or("")).collect();
            found.push(block.join("\n"));
        }
    }
    found
}

#[test]
fn every_configuration_in_readme_is_valid() {
    let blocks = blocks(&document("README.md"), "toml");
    assert!(blocks.len() > 1, "README shows a configuration, and parts to add to it");
    for block in &blocks {
        // A part stands below the whole one that README begins with.
        let whole = block.starts_with("config-version");
        let block = if whole { block.clone() } else { format!("{}\n{block}", blocks[0]) };
        if let Err(error) = config::parse(&block, Path::new("README.md")) {
            panic!("{error:?}");
        }
    }
}

#[test]
fn readme_begins_with_the_two_commands() {
    let text = document("README.md");
    let commands = blocks(&text, "console");
    assert_eq!(commands[0], "cargo run --release -- demo");
    assert_eq!(commands[1], "bash .ci/test");
    assert!(document(".ci/run").contains("exec bash .ci/test"), "CI runs the same command");
}

#[test]
fn every_command_and_option_in_readme_exists() {
    let text = document("README.md");
    let program = rostergate::commands::arguments::command();
    let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    for line in text.lines().filter(|line| line.trim_start().starts_with("sudo rostergate ")) {
        let words = line.trim_start().trim_start_matches("sudo rostergate ").split_whitespace();
        let command = words.clone().find(|word| names.contains(word));
        assert!(command.is_some(), "README: {line}");
    }
    for name in names {
        assert!(text.contains(&format!("`{name}")) || text.contains(&format!("{name}`")), "{name}");
    }
}

#[test]
fn every_test_that_contributing_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let text = document("CONTRIBUTING.md");
    let rows =
        text.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 2);
    let mut named = 0;
    for row in rows {
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        for test in cell.split(", ").filter_map(|name| name.strip_prefix('`')?.strip_suffix('`')) {
            named += 1;
            assert!(root.join(format!("{test}.rs")).is_file(), "CONTRIBUTING: {test}");
        }
    }
    assert!(named > 30, "the rules are shown by tests");
}

#[test]
fn every_test_that_the_table_of_servers_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let text = document("README.md");
    let mut named = Vec::new();
    for name in text.split('`').filter(|name| name.starts_with("sftp_")) {
        let (file, test) = name.split_once("::").unwrap();
        let tests = std::fs::read_to_string(root.join(format!("{file}.rs"))).unwrap();
        assert!(tests.contains(&format!("#[test]\nfn {test}() {{")), "README: {name}");
        named.push(name);
    }
    named.sort_unstable();
    assert!(named.windows(2).all(|pair| pair[0] != pair[1]), "one row for each: {named:?}");
    // Every row of the table names its test, or stands below the row that does.
    let table = text.split_once("| server | `publish` |").unwrap().1.split_once("\n\n").unwrap().0;
    let rows = || table.lines().skip(2);
    let shown = |row: &str| row.ends_with("` |") || row.ends_with("| the same |");
    assert!(rows().all(shown), "{:?}", rows().find(|row| !shown(row)));
}
