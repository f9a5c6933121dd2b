//! The demo as a newcomer meets it: the built program alone with a few empty folders.
#![expect(
    clippy::disallowed_methods,
    reason = "the program starts no child process; its tests start the program"
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rostergate");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/ims-enterprise.xsd");

/// A home, a place for temporary files and a place to stand in, all empty, and nothing else of
/// the surroundings.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for part in ["home", "tmp", "here"] {
            fs::create_dir(folder.path().join(part)).expect("a folder of ours");
        }
        World { folder }
    }

    fn at(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    fn start(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir(self.at("here"));
        command.env("HOME", self.at("home")).env("TMPDIR", self.at("tmp"));
        command.env("PATH", "/usr/bin:/bin").output().expect("the program starts")
    }

    fn rostergate(&self, arguments: &[&str]) -> Output {
        self.start(PROGRAM, arguments)
    }

    fn names(&self, part: &str) -> BTreeSet<String> {
        names(&self.at(part))
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("plain names");
    entries.map(|entry| name(entry.expect("an entry"))).collect()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

/// All of them, in this order.
#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("{part:?} is missing, or stands too early, in:\n{text}");
        };
        rest = after;
    }
}

/// The subjects of all mails in the order of the nights, on one line each, still encoded where
/// they are not ASCII.
fn subjects(mails: &Path) -> Vec<String> {
    let subject = |name: &String| {
        let mail = fs::read_to_string(mails.join(name)).expect("mails are ASCII");
        let (_, from) = mail.split_once("\r\nSubject: ").expect("a mail has a subject");
        let unfolded = from.replace("\r\n ", " ");
        unfolded.lines().next().expect("a subject").to_owned()
    };
    let mut names: Vec<String> = names(mails).into_iter().collect();
    // Two approvals of the same minute differ only by chance.
    names.sort_by_key(|name| name[..15].to_owned());
    names.iter().map(subject).collect()
}

#[test]
fn the_demo_tells_its_story_and_leaves_it_to_look_at() {
    let world = World::new();
    let output = world.rostergate(&["demo", "--keep", "Min demo på 'låtsas'", "--lang", "sv"]);
    let (story, complaints) = said(&output);
    assert_eq!((output.status.code(), complaints.as_str()), (Some(0), ""), "{story}");
    story_is_told(&story);
    let folder = world.at("here").join("Min demo på 'låtsas'");
    files_are_there(&folder);
    mails_are_there(&folder.join("mails"));
    assert_eq!(world.names("here").len(), 1, "written beside the folder");
    assert!(world.names("home").is_empty() && world.names("tmp").is_empty());
    readme_shows_what_it_answers(&world, &folder);
    what_it_says_to_try_works(&world, &story, &folder);
}

/// README's answers are those of the demo's state, word for word.
fn readme_shows_what_it_answers(world: &World, folder: &Path) {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("README.md");
    let config = folder.join("rostergate.toml").display().to_string();
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let Some((command, rest)) = block.split_once("\n```\n\n```text\n") else { continue };
        let Some(words) = command.strip_prefix("sudo rostergate ") else { continue };
        let (expected, _) = rest.split_once("```").expect("a block ends");
        let words = words.split_whitespace();
        let words: Vec<&str> = words.chain(["--lang", "en", "--config", &config]).collect();
        let (answer, complaints) = said(&world.rostergate(&words));
        assert_eq!((answer.trim_end(), complaints.as_str()), (expected.trim_end(), ""));
        shown += 1;
    }
    assert_eq!(shown, 2, "find and backtest");
}

fn story_is_told(story: &str) {
    assert!(!story.contains('\u{1b}') && !story.contains('\r'), "no terminal, no colours");
    for line in story.lines().filter(|line| !line.contains("/Min demo")) {
        assert!(line.chars().count() <= 100, "too long: {line}");
    }
    assert_in_order(
        story,
        &[
            "Natt 1, måndag 24 augusti: första leveransen",
            "04:15  rostergate run",
            "itslearning STOPPAD av säkerhetsfiltret, plan P-",
            "[TEST] [STOPPAD] Exempelby kommun: 2 av 2 mottagare väntar på beslut",
            "08:10  rostergate approve P-",
            "bibliotek   GODKÄND och skickad 08:10",
            "itslearning GODKÄND och skickad 08:10",
            "Utan filtret",
            "Natt 2, tisdag 25 augusti: en vanlig natt",
            "itslearning SKICKAD och kontrollerad 04:15",
            "[TEST] [OK] Exempelby kommun: elevdata skickad till 2 av 2 mottagare",
            "Natt 3, onsdag 26 augusti: en skola saknas i exporten",
            "bibliotek   SKICKAD och kontrollerad 04:15",
            "100 %     30 %   STOPPAS",
            "itslearning STOPPAD av säkerhetsfiltret, plan P-",
            "personer) saknas helt.",
            "[TEST] [STOPPAD] Exempelby kommun:",
            "byte för byte",
            "Natt 4, torsdag 27 augusti: exporten är rättad",
            "itslearning SKICKAD och kontrollerad 04:15",
            "[OK igen]",
            "Natt 5, fredag 28 augusti: en skola läggs ned på riktigt",
            "itslearning: Lillby byskola (",
            "--reason \"Lillby byskola är nedlagd\" --confirm ",
            "itslearning GODKÄND och skickad 08:10",
            "Slut. Allt gick som det ska",
            "Prova nu:",
            "rm -r ",
        ],
    );
}

fn files_are_there(folder: &Path) {
    let all = ["inbox", "mails", "receivers", "rostergate.toml", "secrets", "state"];
    assert_eq!(names(folder), all.map(str::to_owned).into());
    let mode = |path: &str| {
        let about = fs::metadata(folder.join(path)).expect("it is there");
        about.permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("secrets/itslearning.key")), (0o700, 0o600));
    let import = folder.join("receivers/itslearning/import");
    assert_eq!(names(&import), ["ims.xml".to_owned()].into(), "only whole files under their names");
    let xml = fs::read_to_string(import.join("ims.xml")).expect("UTF-8");
    assert!(xml.matches("<person").count() > 4_000 && !xml.contains("Lillby byskola"));
    let mut lint = Command::new("xmllint");
    lint.args(["--noout", "--nonet", "--schema", SCHEMA]).arg(import.join("ims.xml"));
    let lint = lint.output().expect("xmllint is missing: sudo apt-get install libxml2-utils");
    assert!(lint.status.success(), "{}", said(&lint).1);
    let csv = fs::read_to_string(folder.join("receivers/bibliotek/elever.csv")).expect("UTF-8");
    assert!(csv.starts_with("Id;Förnamn;Efternamn;Klass") && csv.lines().count() > 300);
}

fn mails_are_there(mails: &Path) {
    let subjects = subjects(mails);
    let expected = [
        "[TEST] [STOPPAD] Exempelby kommun: 2 av 2 mottagare",
        "[TEST] [OK] Exempelby kommun:",
        "[TEST] [OK] Exempelby kommun:",
        "[TEST] [OK] Exempelby kommun: elevdata skickad",
        "[TEST] [STOPPAD] Exempelby kommun: ",
        "[TEST] [OK igen] Exempelby kommun: elevdata skickad",
        "[TEST] [STOPPAD] Exempelby kommun: Lillby byskola saknas helt",
        "[TEST] [OK] Exempelby kommun:",
    ];
    assert_eq!(subjects.len(), expected.len(), "{subjects:?}");
    for (subject, begins) in subjects.iter().zip(expected) {
        assert!(subject.starts_with(begins), "{subject} does not begin with {begins}");
    }
}

/// Every command under the last heading, as it would be pasted into a shell.
fn what_it_says_to_try_works(world: &World, story: &str, folder: &Path) {
    let (_, end) = story.split_once("Prova nu:").expect("something to try");
    let commands = end.replace("\\\n", "");
    let commands = commands.lines().filter_map(|line| line.strip_prefix("  "));
    let commands: Vec<&str> = commands.filter(|line| !line.starts_with('#')).collect();
    let expected = [
        (" status", "itslearning   OK"),
        (" history", "godkänd av skol-it: Lillby byskola är nedlagd"),
        (" baseline show", "skickad 28 aug 08:10"),
        (" plan --as-of 2026-08-29T04:15", "Skulle SKICKAS."),
        (" --as-of 2026-08-29T04:15", "26 aug: inte med, stoppad (1 fil)"),
        (" backtest --limit persons.remove=0.3%", "nätter skulle ha stoppats; med dagens gränser"),
        (" --as-of 2026-08-29T04:15", "bibliotek   SKICKAD och kontrollerad 04:15"),
        (" help RG332 --lang sv", "RG332"),
        (".", ""),
    ];
    assert_eq!(commands.len(), expected.len(), "{commands:?}");
    for (command, (ends, shows)) in commands.iter().zip(expected) {
        assert!(command.ends_with(ends) || ends == ".", "{command} does not end with {ends}");
        let output = world.start("sh", &["-c", command]);
        let (shown, complaints) = said(&output);
        assert_eq!(
            (output.status.code(), complaints.as_str()),
            (Some(0), ""),
            "{command}\n{shown}"
        );
        assert!(shown.contains(shows), "{command}:\n{shown}");
    }
    assert!(!folder.exists(), "the last command removes it all");
}

#[test]
fn without_a_folder_it_makes_one_and_tells_which() {
    let world = World::new();
    let output = world.rostergate(&["demo", "--json"]);
    let (told, complaints) = said(&output);
    assert_eq!((output.status.code(), complaints.as_str()), (Some(0), ""), "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).expect("one JSON object");
    assert_eq!(told["schema"], "rostergate.demo/1");
    let made = world.names("tmp");
    assert!(made.len() == 1 && made.iter().all(|name| name.starts_with("rostergate-demo-")));
    let folder = Path::new(told["folder"].as_str().expect("a path"));
    assert_eq!(
        Some(folder.file_name().expect("a name").to_str()),
        made.first().map(|n| Some(n.as_str()))
    );
    let results: Vec<_> =
        told["runs"].as_array().expect("runs").iter().map(|run| &run["result"]).collect();
    let expected =
        ["held", "completed", "completed", "completed", "mixed", "completed", "mixed", "completed"];
    assert_eq!(results, expected);
    let mode = fs::metadata(folder).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it holds a key");
    // Without LANG it speaks English, and so does its configuration.
    let config = told["config"].as_str().expect("a path");
    let (status, _) = said(&world.rostergate(&["status", "--config", config]));
    assert!(status.contains("last sent 28 Aug 08:10"), "{status}");
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    let world = World::new();
    fs::create_dir(world.at("here/demo")).expect("a folder of ours");
    for (language, because) in [("sv", "den finns redan"), ("en", "it exists already")] {
        let output = world.rostergate(&["demo", "--keep", "demo", "--lang", language]);
        let (story, complaint) = said(&output);
        assert_eq!((output.status.code(), story.as_str()), (Some(2), ""));
        assert_in_order(&complaint, &["RG141", "demo", because, "rostergate demo"]);
        assert!(world.names("here/demo").is_empty());
    }
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_and_no_panic() {
    let world = World::new();
    let output = world.rostergate(&["demo", "--keep", "/proc/demo"]);
    let (story, complaint) = said(&output);
    assert_eq!((output.status.code(), story.as_str()), (Some(74), ""));
    assert_in_order(&complaint, &["RG141", "/proc/demo"]);
}

#[test]
fn a_reader_that_leaves_does_not_stop_it() {
    let world = World::new();
    let line = format!("{{ '{PROGRAM}' demo --keep demo; echo $? >code; }} | head -n 3");
    let (_, complaints) = said(&world.start("sh", &["-c", &line]));
    assert_eq!(complaints, "");
    let code = fs::read_to_string(world.at("here/code")).expect("written by the shell");
    assert_eq!(code.trim(), "0");
}
