//! What is left on the disk: names lie in the files that are meant for them, and in no other.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::canary::{canaries, forbidden, ledger};
use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::smtp::PASSWORD;

/// Every file in a folder and the folders in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Which files in a folder hold one of the words, packed ones unpacked; paths are from the folder.
pub(crate) fn holding(folder: &Path, words: &BTreeSet<String>) -> BTreeSet<PathBuf> {
    let held = |path: &PathBuf| {
        let mut bytes = fs::read(path).unwrap();
        if path.extension().is_some_and(|kind| kind == "zst") {
            bytes = zstd::decode_all(bytes.as_slice()).unwrap();
        }
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        words.iter().any(|word| text.contains(&word.to_lowercase()))
    };
    let found = files(folder).into_iter().filter(held);
    found.map(|path| path.strip_prefix(folder).unwrap().to_owned()).collect()
}

/// Whether a file of the state folder is one that holds rosters: a plan's own.
pub(crate) fn is_a_plans(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap()).collect();
    match parts.as_slice() {
        ["state", "runs", plan, "changes.csv" | "snapshot.zst" | "pending.txt"]
        | ["state", "runs", plan, "payload", _] => plan.starts_with("P-"),
        _ => false,
    }
}

/// Nights of every kind: held, approved, delivered, refused, withdrawn from; reasons that name
/// somebody, too.
fn lived() -> (Gateway, BTreeSet<String>) {
    let gateway = Gateway::new().mailing();
    let nights = ["night1", "night2", "night3-school-missing"].map(canaries);
    let words = nights.iter().flat_map(forbidden).collect();
    gateway.night_of(24, &nights[0]).exits(10);
    let (plan, why) = (gateway.held(), "Kanari Kanarisson ringde");
    let number = gateway.number_of(&plan).to_string();
    let yes = ["approve", &plan, "--reason", why, "--confirm", &number, "--receiver-empty"];
    gateway.run(&yes).exits(0);
    gateway.night_of(25, &nights[1]).exits(0);
    let key = nights[1].0["personer.csv"].lines().nth(9).unwrap().split(';').next().unwrap();
    let at = ["--reason", "kanariskäl", "--as-of", "2026-08-25T10:00"];
    gateway.run(&[&["withdraw", key][..], &at].concat()).exits(0);
    gateway.night_of(26, &nights[2]).exits(10);
    let person = nights[1].0["personer.csv"].lines().nth(9).unwrap().to_owned();
    let spoilt = nights[1].clone().row("personer.csv", &person.replace("kanarifor", "kanarian"));
    gateway.night_of(27, &spoilt).exits(65);
    let until = ["pause", "--until", "2026-12-24", "--reason", "kanariskäl"];
    gateway.run(&until).exits(0);
    (gateway, words)
}

#[test]
fn t4_names_lie_in_the_files_that_are_meant_for_them_and_nothing_is_left_in_temp_folders() {
    let (gateway, words) = lived();
    let held = holding(gateway.home(), &words);
    let exports = ["personer.csv", "medlemskap.csv", "relationer.csv"];
    let meant = |path: &Path| {
        is_a_plans(path)
            || exports.iter().any(|name| path == Path::new("inbox").join(name))
            || path == Path::new("state/ledger.sqlite3")
            || path.starts_with("state/ledger.sqlite3-")
    };
    let others: Vec<_> = held.iter().filter(|path| !meant(path)).collect();
    assert!(others.is_empty(), "{others:?}");
    let kept = ledger(&gateway.state());
    assert!(!kept.to_lowercase().contains("kanarifor"), "the logbook names somebody");
    let lists = held.iter().filter(|path| path.ends_with("changes.csv")).count();
    assert!(lists >= 2 && held.iter().any(|path| path.ends_with("snapshot.zst")), "{held:?}");
    assert!(files(&gateway.temp()).is_empty(), "{:?}", files(&gateway.temp()));
}

#[test]
fn t4_the_file_for_whoever_helps_names_nobody() {
    let (gateway, words) = lived();
    let path = gateway.home().join("stod.json");
    let path = path.to_str().unwrap();
    let told = gateway.run(&["support-bundle", path]).exits(0);
    assert!(told.out.contains("Läs den ändå"), "{}", told.out);
    assert_eq!(fs::metadata(path).unwrap().mode() & 0o777, 0o600);
    let text = fs::read_to_string(path).unwrap();
    let shown = gateway.run(&["support-bundle", "--lang", "en"]).exits(0).out;
    let json = gateway.run(&["support-bundle", "--json"]).exits(0).out;
    for text in [&text, &shown, &json] {
        let lower = text.to_lowercase();
        for word in &words {
            assert!(!lower.contains(&word.to_lowercase()), "{word}");
        }
        for secret in [
            PASSWORD,
            "anna.admin",
            "@",
            "exempelby.example",
            "127.0.0.1",
            "SHA256:",
            "Ekskolan",
            "file:",
            gateway.home().to_str().unwrap(),
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["schema"], "rostergate.support/1");
    assert_eq!(told["configuration"]["limits"]["minimum"]["persons"], 40);
    assert_eq!(told["configuration"]["target"]["lms"]["environment"], "test");
    assert_eq!(told["state"]["receivers"]["lms"]["baseline"], "known");
    assert_eq!(told["state"]["withdrawn"], 1);
    let nights = told["state"]["nights"].as_array().unwrap();
    let plans: Vec<_> = nights.iter().flat_map(|n| n["plans"].as_array().unwrap()).collect();
    assert!(
        plans.iter().any(|plan| plan["held-for"].as_array().unwrap().contains(&"RG332".into()))
    );
    assert!(plans.iter().any(|plan| plan["counts"]["persons"]["removed"].as_u64() > Some(0)));
    assert!(nights.iter().any(|night| night["exit"] == 65));

    let again = gateway.run(&["support-bundle", path]).exits(74);
    assert!(again.err.contains("RG109"), "{}", again.err);
    assert_eq!(fs::read_to_string(path).unwrap(), text, "nothing is written over");
}

/// Where nothing can be read there is still the configuration, and the code that says why.
#[test]
fn t4_the_file_for_whoever_helps_is_written_when_the_state_cannot_be_read() {
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    crate::support::sshd::put(&gateway.state().join("ledger.sqlite3"), "no ledger");
    let told = gateway.run(&["support-bundle", "--json"]).exits(0).json();
    assert_eq!(told["state"]["unreadable"], "RG502");
    assert_eq!(told["configuration"]["target"]["lms"]["environment"], "test");
}

/// The one list that names people is for who decides: the service's alone, and gone when its time
/// is up.
#[test]
fn f87_the_list_with_names_is_the_services_alone_and_goes_in_its_time() {
    let mut gateway = Gateway::new();
    gateway.change("[limits]", "[retention]\nsent-files = \"1d\"\n\n[limits]");
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let first = gateway.held();
    let list = |plan: &str| gateway.state().join("runs").join(plan).join("changes.csv");
    let shown = gateway.run(&["plan", &first, "--details"]).exits(0).out;
    assert!(shown.contains(list(&first).to_str().unwrap()), "{shown}");
    let about = fs::metadata(list(&first)).unwrap();
    assert_eq!(about.mode() & 0o777, 0o600);
    let folder = fs::metadata(list(&first).parent().unwrap()).unwrap();
    assert_eq!((folder.mode() & 0o777, folder.uid()), (0o700, about.uid()));
    assert_eq!(about.uid(), fs::metadata(gateway.state()).unwrap().uid());
    gateway.approve(&["--receiver-empty"]).exits(0);
    gateway.night_of(25, &Export::night("night2")).exits(0);
    assert!(list(&first).exists(), "its time is not up");
    gateway.night_of(28, &Export::night("night4"));
    assert!(!list(&first).exists(), "its time is up");
    let left = files(&gateway.state());
    assert!(left.iter().any(|path| path.ends_with("changes.csv")), "the newest stays: {left:?}");
}

/// The list is opened in spreadsheets, where a name must be a name.
#[test]
fn f19_in_the_list_with_names_no_name_is_a_formula() {
    let gateway = Gateway::new().delivered();
    let mut night = Export::night("night1");
    for (number, name) in ["=HYPERLINK(1)", "+46", "-1", "@SUM(1)", "=\"\"a;b"].iter().enumerate() {
        let cell = if name.contains(';') { format!("\"{name}\"") } else { (*name).to_owned() };
        let row = format!("f{number};;{cell};Ek;;;elev;99000001;1;N;");
        night = night.row("personer.csv", &row);
    }
    gateway.night_of(25, &night);
    let lists = files(&gateway.state()).into_iter().filter(|path| path.ends_with("changes.csv"));
    let lists: Vec<String> = lists.map(|path| fs::read_to_string(path).unwrap()).collect();
    let list = lists.iter().find(|list| list.contains(";f0;")).expect("they are listed");
    for cell in ["'=HYPERLINK(1) Ek", "'+46 Ek", "'-1 Ek", "'@SUM(1) Ek", "\"'=\"\"a;b Ek\""] {
        assert!(list.contains(&format!(";{cell};99000001;")), "{cell} in {list}");
    }
    assert!(![";=", ";+", ";-", ";@", ";\"="].iter().any(|bare| list.contains(bare)), "{list}");
}

/// Everything that the invented register knows of its people, and the two ways to write a name.
fn known(persons: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for row in persons.lines().skip(1) {
        let fields: Vec<&str> = row.split(';').collect();
        let [key, number, given, family, email, username, .., mobile] = fields[..] else {
            continue;
        };
        words.extend([format!("{given} {family}"), format!("{family}, {given}")]);
        words.extend([key, number, email, username, mobile].map(str::to_owned));
        words.insert(number.replace('-', ""));
    }
    words.retain(|word| word.len() > 5);
    words
}

/// `demo` shows people what lies where: it is held to the same as a real night.
#[test]
#[expect(clippy::disallowed_methods, reason = "the program under test")]
fn t4_in_the_demos_folder_names_lie_where_they_are_meant_to() {
    let home = tempfile::tempdir().unwrap();
    let temp = home.path().join("temp");
    fs::create_dir(&temp).unwrap();
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_rostergate"));
    demo.args(["demo", "--keep", "kept", "--lang", "sv"]).current_dir(home.path());
    let told = demo.env("TMPDIR", &temp).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(files(&temp).is_empty(), "{:?}", files(&temp));

    let kept = home.path().join("kept");
    let words = known(&fs::read_to_string(kept.join("inbox/personer.csv")).unwrap());
    assert!(words.len() > 1000, "{}", words.len());
    // The key to try `find` with is told on purpose.
    let story = String::from_utf8(told.stdout).unwrap();
    let others: Vec<&str> = story.lines().filter(|line| !line.contains(" find ")).collect();
    names_nobody(Path::new("the story"), &others.join("\n"), &words);
    let meant = |path: &Path| {
        let path = path.strip_prefix(&kept).unwrap();
        let lists = ["inbox", "receivers"].iter().any(|folder| path.starts_with(folder));
        lists || is_a_plans(path) || path == Path::new("state/ledger.sqlite3")
    };
    let mut looked = 0;
    for path in files(&kept).iter().filter(|path| !meant(path)) {
        names_nobody(path, &String::from_utf8_lossy(&fs::read(path).unwrap()), &words);
        looked += 1;
    }
    assert!(looked > 8, "mails and more were looked at");
    names_nobody(Path::new("the logbook"), &ledger(&kept.join("state")), &words);
    // What is looked for is there to be found, in each of the places that are meant for it.
    let some = words.iter().filter(|word| word.ends_with(".example")).take(40).cloned().collect();
    let held = holding(&kept, &some);
    for folder in ["inbox", "receivers", "state/runs"] {
        assert!(held.iter().any(|path| path.starts_with(folder)), "{folder}: {held:?}");
    }
}

#[track_caller]
fn names_nobody(path: &Path, text: &str, words: &BTreeSet<String>) {
    let text = text.to_lowercase();
    let found = words.iter().find(|word| text.contains(&word.to_lowercase()));
    assert_eq!(found, None, "{} names somebody", path.display());
}
