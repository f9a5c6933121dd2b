//! `run --config-dir`: many municipalities in one night, and none of them another's trouble.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, secret};
use crate::support::sshd::{Sshd, command};

const TIME: &str = "2026-08-25T04:15";

/// Municipalities by the names of their files.
struct Region {
    folder: tempfile::TempDir,
    gateways: Vec<(&'static str, Gateway)>,
}

impl Region {
    /// Each with its first night delivered.
    fn delivered(sshd: &Arc<Sshd>, names: &[&'static str]) -> Region {
        let mut region =
            Region { folder: tempfile::tempdir().expect("a folder"), gateways: Vec::new() };
        for name in names {
            region.add(name, Gateway::beside(sshd));
        }
        region
    }

    fn add(&mut self, name: &'static str, mut gateway: Gateway) {
        gateway.change("source    = \"Exempelby\"", &format!("source    = \"{name}\""));
        gateway.change("name  = \"Exempelby kommun\"", &format!("name  = \"{name} kommun\""));
        let gateway = gateway.delivered();
        secret(&self.folder.path().join(format!("{name}.toml")), gateway.config());
        self.gateways.push((name, gateway));
    }

    fn gateway(&self, name: &str) -> &Gateway {
        &self.gateways.iter().find(|(known, _)| *known == name).expect("added before").1
    }

    fn run(&self, more: &[&str]) -> Told {
        run(self.folder.path(), &[&["--as-of", TIME], more].concat())
    }

    /// How many runs a municipality's logbook knows.
    fn runs(&self, name: &str) -> usize {
        let told = self.gateway(name).run(&["history", "--json"]).exits(0).json();
        told["runs"].as_array().unwrap_or_else(|| panic!("{told}")).len()
    }
}

fn run(folder: &Path, more: &[&str]) -> Told {
    of_folder("run", folder, more, &[])
}

/// A command for every configuration of a folder, with more in its environment.
fn of_folder(command: &str, folder: &Path, more: &[&str], around: &[(&str, &str)]) -> Told {
    // A night that does not end is a failure, not a wait.
    let mut program = self::command("timeout");
    program
        .args(["120", env!("CARGO_BIN_EXE_rostergate"), command, "--config-dir"])
        .arg(folder)
        .args(more)
        .stdin(Stdio::null());
    for name in ["LC_ALL", "LC_MESSAGES", "SUDO_USER", "CREDENTIALS_DIRECTORY", "INVOCATION_ID"] {
        program.env_remove(name);
    }
    program.envs(around.iter().copied());
    let output = program.env("LANG", "sv_SE.UTF-8").output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let exit = output.status.code().expect("it ended by itself");
    Told { exit, out: text(output.stdout), err: text(output.stderr) }
}

/// The place of a municipality's line among those that ended.
#[track_caller]
fn place(told: &Told, name: &str) -> usize {
    let found = told.out.lines().position(|line| line.contains(&format!("/6 {name}")));
    found.unwrap_or_else(|| panic!("no line of {name}:\n{}\n{}", told.out, told.err))
}

/// One at a time; the first one's receiver takes the connection and says nothing. The others have
/// ended long before it is given up, each as it would have by itself.
#[test]
fn one_that_hangs_or_fails_holds_up_nobody() {
    let sshd = Arc::new(Sshd::start());
    let mut region = Region::delivered(&sshd, &["berg", "dal", "ek", "fors"]);
    let mut hangs = Gateway::new();
    hangs.change("connect-timeout = \"10s\"", "connect-timeout = \"3s\"");
    region.add("alby", hangs);
    fs::copy(region.folder.path().join("dal.toml"), region.folder.path().join("cronby.toml"))
        .expect("a copy");
    secret(&region.folder.path().join("cronby.toml"), "config-version = 1\n[sight]\n");
    for (name, gateway) in &region.gateways {
        let missing = *name == "berg";
        let night = if missing { "night3-school-missing" } else { "night2" };
        gateway.export(&Export::night(night));
    }
    let hanging = region.gateway("alby").sshd();
    hanging.stop();
    let _silent = TcpListener::bind((Ipv4Addr::LOCALHOST, hanging.port)).expect("its port");
    let busy = File::open(region.gateway("fors").state().join("lock")).expect("the lock's file");
    busy.lock().expect("nobody else has it");
    let before = region.gateway("berg").received();

    let told = region.run(&["--at-a-time", "1"]).exits(12);

    let last = place(&told, "alby kommun: lms FEL RG410");
    for (name, outcome) in [
        ("berg kommun", "lms STOPPAD"),
        ("cronby.toml", "FEL i inställningsfilen"),
        ("dal kommun", "lms SKICKAD och kontrollerad"),
        ("ek kommun", "lms SKICKAD och kontrollerad"),
        ("fors kommun", "FEL RG500"),
    ] {
        assert!(place(&told, &format!("{name}: {outcome}")) < last, "{}", told.out);
    }
    let summary = told.out.split("SLUT  2 av 6 gick som de skulle.\n").nth(1);
    let amiss = "  alby.toml  alby kommun  misslyckad (exit 69)\n  \
                 berg.toml  berg kommun  stoppad (exit 10)\n  \
                 cronby.toml  cronby.toml  misslyckad (exit 78)\n  \
                 fors.toml  fors kommun  misslyckad (exit 11)\n";
    assert_eq!(summary, Some(amiss), "{}", told.out);
    // What to do is said for the file that it is about.
    let berg = region.folder.path().join("berg.toml");
    assert!(told.out.contains(&format!("sudo rostergate --config {} plan P-", berg.display())));
    assert!(told.err.contains("cronby.toml"), "{}", told.err);

    assert_eq!(region.gateway("berg").received(), before, "what was held stays");
    for name in ["dal", "ek"] {
        let xml = region.gateway(name).xml();
        assert!(xml.contains("Nygift") && xml.contains(&format!("<source>{name}</source>")));
    }
    drop(busy);
    // Each wrote down its own runs, and mailed them: the night, the approval, this night.
    for (name, runs) in [("alby", 3), ("berg", 3), ("dal", 3), ("ek", 3), ("fors", 2)] {
        assert_eq!(region.runs(name), runs, "{name}");
        let mails = region.gateway(name).eml();
        assert_eq!(mails.len(), runs, "{name}");
        let all: String = mails.values().map(String::as_str).collect();
        assert!(all.contains(&format!("{name} kommun")), "{name}");
    }
}

/// Nobody reads the journal in the morning: what can be read of a broken configuration says whom to
/// tell. A person who starts the night sees it.
#[test]
fn a_broken_configuration_is_mailed_where_the_timer_started_the_night() {
    let mut region = Region::delivered(&Arc::new(Sshd::start()), &["dal"]);
    let broken = format!("{}\n[sight]\n", region.gateway("dal").config());
    secret(&region.folder.path().join("dal.toml"), &broken);
    region.add("ek", Gateway::new());
    let before = region.gateway("dal").eml().len();

    region.run(&[]).exits(12);
    assert_eq!(region.gateway("dal").eml().len(), before);

    region.run(&["--trigger", "timer", "--again"]).exits(12);
    let mails = region.gateway("dal").eml();
    assert_eq!(mails.len(), before + 1);
    assert!(mails.values().any(|mail| mail.contains("RG101") && mail.contains("dal kommun")));
}

/// A pipe among the files keeps nobody waiting.
#[test]
fn a_file_that_is_no_file_is_told_and_the_others_run() {
    let region = Region::delivered(&Arc::new(Sshd::start()), &["dal"]);
    region.gateway("dal").export(&Export::night("night2"));
    let pipe = region.folder.path().join("cronby.toml");
    assert!(command("mkfifo").arg(&pipe).status().expect("coreutils").success());
    let told = region.run(&["--trigger", "timer"]).exits(12);
    assert!(told.out.contains("dal kommun: lms SKICKAD"), "{}", told.out);
    assert!(told.err.contains("RG103"), "{}", told.err);
}

/// A configuration that was copied without giving it a state of its own.
#[test]
fn two_with_one_state_folder_are_both_refused_and_a_third_goes_on() {
    let sshd = Arc::new(Sshd::start());
    let region = Region::delivered(&sshd, &["berg", "dal"]);
    let copied = region.gateway("dal").config().replace("dal kommun", "dalen kommun");
    secret(&region.folder.path().join("dalen.toml"), &copied);
    for (_, gateway) in &region.gateways {
        gateway.export(&Export::night("night2"));
    }
    let told = region.run(&["--json"]).exits(12);
    let night = told.json();
    assert_eq!((&night["schema"], &night["exit"]), (&"rostergate.region/1".into(), &12.into()));
    let site = |file: &str| night["sites"][file].clone();
    assert_eq!(site("berg.toml")["run"]["targets"]["lms"]["result"], "completed", "{night}");
    for file in ["dal.toml", "dalen.toml"] {
        let (codes, exit) = (site(file)["codes"].clone(), site(file)["exit"].clone());
        assert_eq!((codes, exit), (vec!["RG132"].into(), 78.into()), "{file}");
    }
    assert!(told.err.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    assert_eq!(region.runs("dal"), 2, "neither run touched the state");
    assert!(!region.gateway("dal").xml().contains("Nygift"));
    // Started by the timer, each mails; here both to one folder, in one second.
    region.run(&["--trigger", "timer"]).exits(12);
    let mails = region.gateway("dal").eml();
    assert!(mails.values().any(|mail| mail.contains("RG132")), "{:?}", mails.keys());
}

#[test]
fn a_folder_without_configurations_and_contradicting_words_are_refused() {
    let empty = tempfile::tempdir().expect("a folder");
    secret(&empty.path().join("notes.txt"), "");
    run(empty.path(), &[]).exits(78).explains("RG131");
    run(&empty.path().join("nowhere"), &[]).exits(78).explains("RG131");
    run(empty.path(), &["--config", "/etc/rostergate/rostergate.toml"]).exits(2);
    run(empty.path(), &["--target", "lms"]).exits(2);
    run(empty.path(), &["--at-a-time", "0"]).exits(2);
}

const START: &str = "5eed0ffee5eed0ffee5eed0ffee5eed0";

/// The units beside the night's serve the folder, too.
#[test]
fn the_morning_and_the_outbox_look_at_every_municipality() {
    let region = Region::delivered(&Arc::new(Sshd::start()), &["dal", "ek"]);
    let folder = region.folder.path();
    let before = region.gateway("ek").eml().len();
    let look = |more: &[&str]| of_folder("status", folder, more, &[]);
    // Nothing of theirs ran by the clock of today.
    let told = look(&["--alert-if-stale"]).exits(0).explains("RG910");
    assert!(told.out.contains("dal kommun (dal.toml):\n"), "{}", told.out);
    for name in ["dal", "ek"] {
        let mails = region.gateway(name).eml();
        assert_eq!(mails.len(), before + 1, "{name}");
        let file = folder.join(format!("{name}.toml"));
        let command = format!("sudo rostergate --config {} history", file.display());
        let plain =
            |mail: &String| mail.replace("=\r\n", "").split_whitespace().collect::<String>();
        let named = command.replace(' ', "");
        let mut all = mails.values().map(plain);
        assert!(all.any(|mail| mail.contains("RG910") && mail.contains(&named)), "{mails:?}");
    }
    look(&["--alert-if-stale"]).exits(0);
    assert_eq!(region.gateway("ek").eml().len(), before + 1, "once a day");
    // One whose file cannot be read is told and hinders nobody.
    secret(&folder.join("cronby.toml"), "config-version = 1\n[sight]\n");
    look(&["--alert-if-stale"]).exits(12).explains("RG101");
    let told = look(&["--json"]).exits(12);
    let of: Vec<Value> =
        told.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let files: Vec<&str> = of.iter().filter_map(|one| one["config"].as_str()).collect();
    assert_eq!(files.len(), 2, "{}", told.out);
    assert!(files[0].ends_with("/dal.toml") && files[1].ends_with("/ek.toml"), "{files:?}");
    look(&["--check"]).exits(3);
    fs::remove_file(folder.join("cronby.toml")).expect("our own file");
    of_folder("outbox", folder, &[], &[]).exits(0);
    of_folder("check", folder, &[], &[]).says("ek kommun (ek.toml):");
    run(folder, &["--config-dir", "/x", "--target", "lms"]).exits(2);
}

/// A night of all that is killed: whose turn had not come is mailed at once, and named by the next.
#[test]
fn whom_a_killed_night_did_not_get_to_is_told_of() {
    let region = Region::delivered(&Arc::new(Sshd::start()), &["dal", "ek"]);
    let folder = region.folder.path();
    let ek = fs::read_to_string(folder.join("ek.toml")).expect("our own file");
    fs::remove_file(folder.join("ek.toml")).expect("our own file");
    region.gateway("dal").export(&Export::night("night2"));
    // As it stands after a kill between the two.
    of_folder("run", folder, &["--as-of", TIME], &[("INVOCATION_ID", START)]).exits(0);
    secret(&folder.join("ek.toml"), &ek);

    let mails = |name: &str| region.gateway(name).eml().len();
    let before = (mails("dal"), mails("ek"));
    let failed = |result, status| {
        let around = [
            ("MONITOR_SERVICE_RESULT", result),
            ("MONITOR_EXIT_STATUS", status),
            ("MONITOR_INVOCATION_ID", START),
        ];
        of_folder("report-crash", folder, &["--unit=rostergate.service"], &around).exits(0)
    };
    // It came to its end: every municipality had its turn.
    failed("exit-code", "12");
    assert_eq!((mails("dal"), mails("ek")), before);
    for _ in 0..2 {
        failed("timeout", "TERM");
        assert_eq!((mails("dal"), mails("ek")), (before.0, before.1 + 1));
    }
    let all = region.gateway("ek").eml();
    assert!(all.values().any(|mail| mail.contains("RG900") && mail.contains(START)), "{all:?}");

    region.gateway("ek").export(&Export::night("night2"));
    let next = ["--as-of", "2026-08-26T04:15"];
    let told = run(folder, &next).exits(0);
    assert!(told.out.ends_with(
        "Förra gången (25 aug 04:15) blev det ingen körning för 1. De är med nu:\n  ek.toml  ek kommun\n"
    ), "{}", told.out);
    let told = run(folder, &[&next[..], &["--again", "--json"]].concat()).exits(0).json();
    assert_eq!(told["missed-before"], Value::Null, "{told}");
}

/// A configuration that was copied, with a state of its own and the receiver of the other one: each
/// night each would remove the other's pupils.
#[test]
fn rule_7_two_that_leave_one_file_in_one_place_are_both_refused_and_a_third_goes_on() {
    let sshd = Arc::new(Sshd::start());
    let region = Region::delivered(&sshd, &["berg", "dal"]);
    let dal = region.gateway("dal");
    let state = dal.state().display().to_string();
    let remote = dal.remote().display().to_string();
    let copied = dal.config().replace("dal kommun", "dalen kommun");
    let copied =
        copied.replace(&state, &format!("{state}2")).replace(&remote, &format!("{remote}/"));
    secret(&region.folder.path().join("dalen.toml"), &copied);
    for (_, gateway) in &region.gateways {
        gateway.export(&Export::night("night2"));
    }
    let night = region.run(&["--json"]).exits(12).json();
    let site = |file: &str| night["sites"][file].clone();
    assert_eq!(site("berg.toml")["run"]["targets"]["lms"]["result"], "completed", "{night}");
    for file in ["dal.toml", "dalen.toml"] {
        assert_eq!(site(file)["codes"], serde_json::json!(["RG133"]), "{file}");
    }
    assert!(!dal.xml().contains("Nygift"));
    of_folder("check", region.folder.path(), &[], &[]).explains("RG133");
}

/// One municipality's state inside another's, written with a detour; in the language asked for.
#[test]
fn a_state_folder_inside_anothers_is_refused_by_run_and_by_check() {
    let region = Region::delivered(&Arc::new(Sshd::start()), &["dal"]);
    let folder = region.folder.path();
    let state = region.gateway("dal").state().display().to_string();
    let inside = format!("{state}/new/../ek");
    let config = region.gateway("dal").config().replace(&state, &inside);
    assert!(config.contains(&inside));
    secret(&folder.join("upplands väsby.toml"), &config.replace("dal kommun", "väsby kommun"));
    for command in ["run", "check"] {
        let told = of_folder(command, folder, &[], &[]).exits(78).explains("RG132");
        let quoted = format!("--config '{}' check", folder.join("upplands väsby.toml").display());
        assert!(told.err.contains(&quoted), "{}", told.err);
        let told = of_folder(command, folder, &["--lang", "en"], &[]).exits(78);
        assert!(
            told.err.contains("What to do") && !told.err.contains("Gör så här"),
            "{}",
            told.err
        );
        let told = of_folder(command, folder, &["--json"], &[]).exits(78);
        // Either of the two may be told first.
        let advice = told.err.lines().map(|line| {
            let told: Value = serde_json::from_str(line).expect("JSON");
            told["do"].to_string()
        });
        let named = |advice: &String| {
            advice.contains("sudo rostergate --config ") && advice.contains("/dal.toml check")
        };
        assert!(advice.filter(named).count() == 1, "{}", told.err);
    }
}
