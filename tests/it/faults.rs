//! `FAULTS.md` names, for every fault, threat and promise, the tests that show it, or says why
//! there is none: here it is held against the tests that there are.

mod export;
mod exposed;
mod machine;
mod receiver;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::gateway::Gateway;

impl Gateway {
    /// A run at a played time.
    fn run_as_of(&self, time: &str) -> crate::support::gateway::Told {
        self.run(&["run", "--as-of", time])
    }
}

/// What a row may say where no test shows it; what follows is why.
const REASONS: [&str; 2] = ["not the program: ", "not there yet: "];

/// Every row that there must be: faults F, threats T, promises P.
fn ids() -> Vec<String> {
    let faults = [1..=23, 30..=41, 50..=64, 70..=89].into_iter().flatten();
    let faults = faults.map(|number| format!("F{number:02}"));
    let threats = (1..=12).map(|number| format!("T{number}"));
    faults.chain(threats).chain((1..=9).map(|number| format!("P{number}"))).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> String {
    fs::read_to_string(root().join("FAULTS.md")).expect("FAULTS.md")
}

/// The tests of a tree of modules whose root is `door`, by the names that `cargo test` gives them.
fn tests_below(door: &str) -> BTreeSet<String> {
    let door = root().join(door);
    let mut tests = BTreeSet::new();
    module(&door, door.parent().expect("a folder"), "", &mut tests);
    tests
}

/// One file with its modules, as far as they are declared: what is not is not built either.
fn module(file: &Path, beside: &Path, path: &str, tests: &mut BTreeSet<String>) {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut inside = path.to_owned();
    let mut attributes: Vec<&str> = Vec::new();
    for line in text.lines() {
        let bare = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        if let Some(name) = bare.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
            let (own, door) = (format!("{name}.rs"), format!("{name}/mod.rs"));
            let below = beside.join(name);
            let path = format!("{path}{name}::");
            for file in [beside.join(own), beside.join(door)].iter().filter(|file| file.is_file()) {
                module(file, &below, &path, tests);
            }
        } else if bare == "mod tests {" {
            inside = format!("{path}tests::");
        } else if line.trim().starts_with("#[") {
            attributes.push(bare);
        } else if let Some(rest) = bare.strip_prefix("fn ") {
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let ignored = attributes.iter().any(|attribute| attribute.starts_with("#[ignore"));
            if attributes.contains(&"#[test]") && !ignored {
                tests.insert(format!("{inside}{name}"));
            }
            attributes.clear();
        } else if !attributes.is_empty() && ["}", "];", "{"].contains(&bare) {
            attributes.clear();
        }
    }
}

fn all_tests() -> BTreeSet<String> {
    let mut tests = tests_below("tests/it/main.rs");
    tests.extend(tests_below("src/lib.rs"));
    tests
}

/// The row that a test numbered `f05_`, `t9_` or `p1_` belongs to.
fn numbered(test: &str) -> Option<String> {
    let name = test.rsplit("::").next()?;
    let kind = name.chars().next().filter(|kind| "ftp".contains(*kind))?;
    let (number, _) = name[1..].split_once('_')?;
    let number: u8 = number.parse().ok()?;
    Some(if kind == 'f' {
        format!("F{number:02}")
    } else {
        format!("{kind}{number}").to_uppercase()
    })
}

/// What a row's last cell names: tests, and perhaps the reason for what they do not show.
fn proof(cell: &str) -> Result<Vec<&str>, String> {
    let reason = REASONS.iter().filter_map(|reason| Some((cell.find(reason)?, reason))).min();
    let (named, why) = match reason {
        Some((at, reason)) => (&cell[..at], Some(&cell[at + reason.len()..])),
        None => (cell, None),
    };
    if why.is_some_and(|why| why.split_whitespace().count() < 2) {
        return Err("gives no reason".to_owned());
    }
    let named = if why.is_some() { named.trim_end().trim_end_matches(';') } else { named };
    if named.is_empty() {
        return if why.is_some() { Ok(Vec::new()) } else { Err("names no test".to_owned()) };
    }
    let test = |name: &'_ str| name.strip_prefix('`')?.strip_suffix('`').map(str::len);
    let names = named.split(", ").map(|name| match test(name) {
        Some(_) => Ok(&name[1..name.len() - 1]),
        None => Err(format!("{name:?} is neither a test nor a reason")),
    });
    names.collect()
}

/// Everything that is wrong with a table.
fn wrong_with(table: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let expected = ids();
    let mut wrong = Vec::new();
    let mut named: Vec<(String, String)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for row in table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")) {
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        let id = cells[0];
        if id == "id" || id.starts_with("--") {
            continue;
        }
        seen.push(id);
        if cells.len() != 4 || cells.iter().any(|cell| cell.is_empty()) {
            wrong.push(format!("{id}: four cells are expected, and something in each"));
            continue;
        }
        match proof(cells[3]) {
            Ok(names) => {
                named.extend(names.into_iter().map(|name| (id.to_owned(), name.to_owned())));
            }
            Err(fault) => wrong.push(format!("{id}: {fault}")),
        }
    }
    for id in &expected {
        let times = seen.iter().filter(|seen| *seen == id).count();
        if times != 1 {
            wrong.push(format!("{id} stands there {times} times"));
        }
    }
    let unknown = seen.iter().filter(|id| !expected.iter().any(|expected| expected == *id));
    wrong.extend(unknown.map(|id| format!("{id} is no row of this table")));
    let absent = named.iter().filter(|(_, test)| !tests.contains(test));
    wrong.extend(absent.map(|(id, test)| format!("{id}: there is no test {test}")));
    for test in tests {
        let Some(id) = numbered(test) else { continue };
        if !named.iter().any(|(row, name)| *row == id && name == test) {
            wrong.push(format!("{test} is not named in {id}"));
        }
    }
    wrong
}

#[test]
fn every_fault_threat_and_promise_has_its_test_or_a_reason() {
    let tests = all_tests();
    assert!(tests.len() > 600, "{} tests are found", tests.len());
    assert_eq!(wrong_with(&table(), &tests), Vec::<String>::new());
}

/// Whatever is taken out of the table, or put in, is noticed.
#[test]
fn a_row_without_a_test_is_noticed() {
    let (table, tests) = (table(), all_tests());
    let row = |id: &str| {
        let found = table.lines().find(|line| line.starts_with(&format!("| {id} |")));
        found.unwrap_or_else(|| panic!("{id}"))
    };
    for id in ids() {
        let row = row(&id);
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let with = |cell: &str| format!("| {} | {} | {} | {cell} |", cells[0], cells[1], cells[2]);
        for (other, what) in [
            (String::new(), "no row"),
            (format!("{row}\n{row}"), "two rows"),
            (with(" "), "an empty cell"),
            (with("not there yet: "), "a bare reason"),
            (with("later"), "no reason"),
            (with("`leaks::leak_that_nobody_tests`"), "a test that is not there"),
        ] {
            let edited = table.replace(row, &other);
            assert!(!wrong_with(&edited, &tests).is_empty(), "{id}: {what}");
        }
    }
    for test in tests.iter().filter(|test| numbered(test).is_some()) {
        let edited = table.replace(
            &format!("`{test}`"),
            "`layering::no_function_is_longer_than_can_be_seen_at_once`",
        );
        assert!(!wrong_with(&edited, &tests).is_empty(), "{test}");
    }
    let more = format!("{table}| F24 | x | y | not there yet: nobody knows |\n");
    assert_eq!(wrong_with(&more, &tests), ["F24 is no row of this table"]);
}
