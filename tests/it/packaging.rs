//! The units as systemd itself judges them, offline, and what it does not judge.
#![expect(
    clippy::disallowed_methods,
    reason = "the service starts no child process and writes no file here; its tests do both"
)]

use std::collections::BTreeSet;
use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNITS: [&str; 9] = [
    "rostergate.service",
    "rostergate.timer",
    "rostergate-alert@.service",
    "rostergate-watch.service",
    "rostergate-watch.timer",
    "rostergate-outbox.service",
    "rostergate-outbox.timer",
    "rostergate@.service",
    "rostergate@.timer",
];

/// What makes units serve a folder of configurations, and which.
const REGION: [(&str, &str); 4] = [
    ("rostergate-region.conf", "rostergate.service"),
    ("rostergate-watch-region.conf", "rostergate-watch.service"),
    ("rostergate-outbox-region.conf", "rostergate-outbox.service"),
    ("rostergate-alert-region.conf", "rostergate-alert@.service"),
];

/// The units that start the program.
fn services() -> impl Iterator<Item = &'static str> {
    UNITS.into_iter().filter(|name| name.ends_with(".service"))
}

/// Exposure in tenths, from 0 to 100: systemd calls 1.5 OK, and the service stands at 1.1.
const EXPOSURE_AT_MOST: &str = "--threshold=15";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("the unit is in the tree")
}

/// Every value that the unit gives `key`, without those in comments.
fn values(unit: &str, key: &str) -> Vec<String> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines.filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned()).collect()
}

#[track_caller]
fn value(unit: &str, key: &str) -> String {
    let [value] = values(unit, key).try_into().expect("the key stands there once");
    value
}

/// Runs one of systemd's own tools and gives what it said; fails with it when the tool objects.
#[track_caller]
fn systemd(tool: &str, arguments: &[&str]) -> String {
    let run = Command::new(tool).args(arguments).env("LC_ALL", "C").output();
    let missing = format!("{tool} is missing; install it with: apt-get install systemd");
    let output = run.expect(&missing);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{tool} {arguments:?}:\n{said}");
    said
}

#[test]
fn systemd_finds_no_fault_in_the_units() {
    let copies = tempfile::tempdir().expect("a temporary folder");
    let paths = UNITS.map(|name| {
        // Verified with a program that exists: ours is not installed where the tests run.
        let unit = text(name).replace("/usr/bin/rostergate", "/bin/true");
        let path = copies.path().join(name);
        std::fs::write(&path, unit).expect("the folder is ours");
        path.into_os_string().into_string().expect("a temporary folder has a plain name")
    });
    // A template is verified by one of its instances.
    let paths = paths.map(|path| path.replace("alert@", "alert@rostergate.service"));
    let template = copies.path().join("rostergate-alert@.service");
    std::fs::copy(&template, &paths[2]).expect("the folder is ours");
    let paths = paths.each_ref().map(String::as_str);
    let said = systemd("systemd-analyze", &[&["verify", "--man=no"], &paths[..]].concat());
    // An unknown key or a value that is ignored is only told, with a success.
    assert!(!said.contains("rostergate"), "{said}");
    for (of, unit) in REGION {
        let folder = copies.path().join(format!("{unit}.d"));
        std::fs::create_dir(&folder).expect("the folder is ours");
        let drop_in = |text: &str| std::fs::write(folder.join("region.conf"), text);
        let region = text(of).replace("/usr/bin/rostergate", "/bin/true");
        drop_in(&region).expect("the folder is ours");
        let unit = unit.replace("alert@", "alert@rostergate.service");
        let path = paths.iter().find(|path| path.ends_with(&unit)).expect("one of the units");
        let said = systemd("systemd-analyze", &["verify", "--man=no", path]);
        assert!(!said.contains("rostergate"), "{said}");
        // It is read at all.
        drop_in(&region.replace("TimeoutStart", "TimeoutBegin")).expect("the folder is ours");
        let said = systemd("systemd-analyze", &["verify", "--man=no", path]);
        assert!(said.contains("TimeoutBeginSec"), "{said}");
        drop_in(&region).expect("the folder is ours");
    }
}

/// What one municipality's service may do, the service of one among many may: only names differ.
#[test]
fn the_template_is_the_service_for_another_configuration() {
    let directives = |name: &str| -> BTreeSet<String> {
        let text = text(name);
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    let (one, many) = (directives("rostergate.service"), directives("rostergate@.service"));
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    assert_eq!(
        only(&one, &many),
        [
            "Description=Carry the school register to the learning platforms",
            "ExecStart=/usr/bin/rostergate run --trigger=timer",
            "StateDirectory=rostergate",
        ]
    );
    assert_eq!(
        only(&many, &one),
        [
            "Description=Carry the school register of %i to the learning platforms",
            "ExecStart=/usr/bin/rostergate --config /etc/rostergate/sites/%i.toml run \
             --trigger=timer",
            "StateDirectory=rostergate rostergate/%i",
        ]
    );
}

#[test]
fn the_service_is_shut_in() {
    for name in services() {
        let service = folder().join(name);
        let service = service.to_str().expect("the tree has a plain name");
        systemd("systemd-analyze", &["security", "--offline=true", EXPOSURE_AT_MOST, service]);
    }
}

/// What fails is told by a unit that has no such unit of its own, so that nothing goes in circles.
#[test]
fn what_fails_is_told_and_the_telling_ends() {
    let told_by = |name: &str| values(&text(name), "OnFailure");
    for name in ["rostergate.service", "rostergate-watch.service"] {
        assert_eq!(told_by(name), ["rostergate-alert@%n.service"], "{name}");
    }
    for name in ["rostergate-alert@.service", "rostergate-outbox.service"] {
        assert_eq!(told_by(name), [""; 0], "{name}");
    }
    let alert = text("rostergate-alert@.service");
    assert_eq!(value(&alert, "ExecStart"), "/usr/bin/rostergate report-crash --unit=%i");
    let outbox = text("rostergate-outbox.service");
    let waits = rostergate::gateway::exit::TEMPORARY.to_string();
    assert_eq!(value(&outbox, "SuccessExitStatus"), waits);
}

/// The morning's look comes after the night, in the same zone, and waits for a run that goes on.
#[test]
fn the_watch_comes_after_the_night() {
    let of = |name: &str| value(&text(name), "OnCalendar");
    let (night, morning) = (of("rostergate.timer"), of("rostergate-watch.timer"));
    assert!(night < morning, "{night} {morning}");
    assert!(night.ends_with(" Europe/Stockholm") && morning.ends_with(" Europe/Stockholm"));
    systemd("systemd-analyze", &["calendar", &morning]);
    systemd("systemd-analyze", &["calendar", &of("rostergate-outbox.timer")]);
    let after = values(&text("rostergate-watch.service"), "After");
    assert!(after[0].split(' ').any(|unit| unit == "rostergate.service"), "{after:?}");
}

/// Every command that a unit starts is one that there is.
#[test]
fn units_start_commands_that_exist() {
    let of_services = services().map(|name| (name, value(&text(name), "ExecStart")));
    let of_region = REGION.map(|(name, _)| {
        // The first one takes the unit's own away.
        let [none, started] = values(&text(name), "ExecStart").try_into().expect("two");
        assert!(none.is_empty() && started.ends_with("--config-dir /etc/rostergate/sites"));
        (name, started)
    });
    for (name, started) in of_services.chain(of_region) {
        let started = started.replace("%i", "rostergate.service");
        let words = started.split(' ');
        let read = rostergate::commands::arguments::command().try_get_matches_from(words);
        assert!(read.is_ok(), "{name}: {:?}", read.err());
    }
}

#[test]
fn the_night_is_said_in_a_zone_and_never_in_the_hour_that_comes_twice() {
    for timer in ["rostergate.timer", "rostergate@.timer"] {
        never_in_the_hour_that_comes_twice(&text(timer));
    }
}

#[track_caller]
fn never_in_the_hour_that_comes_twice(timer: &str) {
    let calendar = value(timer, "OnCalendar");
    systemd("systemd-analyze", &["calendar", &calendar]);
    let [day, time, zone] =
        calendar.split(' ').collect::<Vec<_>>().try_into().expect("day, time and zone");
    assert_eq!((day, zone), ("*-*-*", "Europe/Stockholm"));
    let begin: jiff::civil::Time = time.parse().expect("one time of day");
    let delay = value(timer, "RandomizedDelaySec");
    let minutes = delay.strip_suffix("min").expect("said in minutes");
    let end = begin
        .checked_add(jiff::Span::new().minutes(minutes.parse::<i64>().expect("a number")))
        .expect("the same day");
    let (two, three) = (jiff::civil::time(2, 0, 0, 0), jiff::civil::time(3, 0, 0, 0));
    assert!(end < two || begin >= three, "between {begin} and {end}");
    assert_eq!(value(timer, "Persistent"), "yes");
}

#[test]
fn a_run_ends_and_is_not_repeated_by_systemd() {
    for name in services() {
        let service = text(name);
        assert_eq!(value(&service, "Type"), "oneshot");
        // Without it a oneshot service may hang for ever, and no later night would start.
        let limit = value(&service, "TimeoutStartSec");
        let said = systemd("systemd-analyze", &["timespan", &limit]);
        assert!(limit != "infinity" && limit != "0" && said.contains("Human"), "{said}");
        assert_eq!(value(&service, "Restart"), "no");
    }
}

#[test]
fn the_service_runs_as_the_user_that_sysusers_makes() {
    for (name, key) in services().flat_map(|name| [(name, "User"), (name, "Group")]) {
        assert_eq!(value(&text(name), key), "rostergate", "{name}");
    }
    let users = folder().join("rostergate.sysusers");
    let users = users.to_str().expect("the tree has a plain name");
    let root = tempfile::tempdir().expect("a temporary folder");
    let root = format!("--root={}", root.path().display());
    let said = systemd("systemd-sysusers", &["--dry-run", &root, users]);
    for made in ["group 'rostergate' ", "user 'rostergate' ", "group 'rostergate-admin' "] {
        assert!(said.contains(&format!("Creating {made}")), "{made}:\n{said}");
    }
}

#[test]
fn the_inbox_is_read_by_the_service_and_by_nobody_else() {
    let rules = text("rostergate.tmpfiles");
    let inbox = rules.lines().find(|line| line.starts_with("d /srv/rostergate/inbox "));
    assert_eq!(inbox, Some("d /srv/rostergate/inbox 2750 root rostergate -"));
    let service = text("rostergate.service");
    assert_eq!(value(&service, "ProtectSystem"), "strict");
    assert_eq!(values(&service, "ReadWritePaths"), [""; 0]);
}

#[test]
fn no_unit_waits_for_one_that_is_not_here() {
    let here: BTreeSet<&str> = UNITS.into();
    for name in UNITS {
        let unit = text(name);
        let directives = unit.lines().filter(|line| !line.starts_with('#'));
        let words = directives.flat_map(|line| line.split([' ', '=']));
        let words = words.map(|word| word.replace("@%n", "@"));
        let units = words.filter(|word| word.starts_with("rostergate") && word.contains('.'));
        let missing: Vec<String> = units.filter(|word| !here.contains(word.as_str())).collect();
        assert_eq!(missing, [""; 0], "{name}");
    }
}

/// Commands typed before the service has ever run find their folders: the configuration readable
/// for the service though root writes it, the state its own.
#[test]
fn the_folders_are_there_before_the_first_run() {
    let folders = text("rostergate.tmpfiles");
    for line in [
        "d /etc/rostergate 2750 root rostergate -",
        "d /etc/rostergate/secrets 2750 root rostergate -",
        "d /etc/rostergate/sites 2750 root rostergate -",
        "d /var/lib/rostergate 0700 rostergate rostergate -",
    ] {
        assert!(folders.lines().any(|known| known == line), "rostergate.tmpfiles lacks {line:?}");
    }
    for name in services() {
        let service = text(name);
        for line in ["ConfigurationDirectoryMode=2750", "StateDirectoryMode=0700"] {
            assert!(service.lines().any(|known| known == line), "{name} lacks {line:?}");
        }
    }
}

/// What goes with a package, so that its owner can look up what turned bad in it.
#[test]
fn t9_the_bill_of_materials_names_what_is_linked_with_its_digest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let written = || {
        let output = Command::new(root.join(".ci/sbom")).output().expect("python3 is there");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let bytes = written();
    assert!(bytes == written(), "the same lock file gives the same bytes");
    let bill: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["version"], env!("CARGO_PKG_VERSION"));
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).expect("the lock file");
    let components = bill["components"].as_array().expect("components");
    let names: BTreeSet<&str> =
        components.iter().map(|one| one["name"].as_str().expect("a name")).collect();
    for one in components {
        let digest = one["hashes"][0]["content"].as_str().expect("a digest");
        assert!(lock.contains(&format!("checksum = \"{digest}\"")), "{one}");
        assert_ne!(one["licenses"][0]["expression"], "", "{one}");
    }
    let own: toml::Table = include_str!("../../Cargo.toml").parse().expect("TOML");
    for name in own["dependencies"].as_table().expect("a table").keys() {
        assert!(names.contains(name.as_str()), "{name} is linked and not in the bill");
    }
    for name in ["proptest", "criterion"] {
        assert!(!names.contains(name), "{name} is for tests");
    }
}

/// What leaves us can be told from what somebody else made of it.
#[test]
fn t9_a_release_is_signed_and_a_change_shows() {
    let place = tempfile::tempdir().expect("a folder");
    let at = |name: &str| place.path().join(name);
    for key in ["ours", "another"] {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
            .arg(at(key))
            .status()
            .expect("ssh-keygen is there");
        assert!(made.success());
    }
    let ours = std::fs::read_to_string(at("ours.pub")).expect("a public key");
    std::fs::write(at("signers"), format!("rostergate {ours}")).expect("our own file");
    let release = |key: &str| {
        let out = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/release"))
            .arg(env!("CARGO_BIN_EXE_rostergate"))
            .args([at(key), at("out")])
            .env("SOURCE_DATE_EPOCH", "1795305600")
            .output()
            .expect("bash is there");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        std::fs::read(at("out/SHA256SUMS")).expect("the digests")
    };
    // As README says it, of the public key that it was given.
    let holds = || {
        let verify = "ssh-keygen -Y verify -f ../signers -I rostergate -n rostergate \
                      -s SHA256SUMS.sig < SHA256SUMS && sha256sum --check --strict SHA256SUMS";
        let mut shell = Command::new("sh");
        shell.args(["-c", verify]).current_dir(at("out"));
        shell.output().expect("sh is there").status.success()
    };
    release("another");
    assert!(!holds(), "somebody else's signature");
    let digests = release("ours");
    assert!(holds());
    assert!(digests == release("ours"), "the same program gives the same archive");

    let archive = format!("out/rostergate-{}-{}-linux.tar.gz", env!("CARGO_PKG_VERSION"), ARCH);
    let packed = std::fs::read(at(&archive)).expect("the archive");
    let listed = Command::new("tar").arg("-tzf").arg(at(&archive)).output().expect("tar is there");
    let listed = String::from_utf8(listed.stdout).expect("names");
    for part in ["/rostergate\n", "/README.md\n", "/systemd/rostergate.timer\n"] {
        assert!(listed.contains(part), "{part} is missing in {listed}");
    }
    std::fs::write(at(&archive), [&packed[..], b"x"].concat()).expect("our own file");
    assert!(!holds(), "another archive");
    std::fs::write(at(&archive), &packed).expect("our own file");
    assert!(holds());
    let mut digests = digests;
    digests.push(b'\n');
    std::fs::write(at("out/SHA256SUMS"), digests).expect("our own file");
    assert!(!holds(), "other digests");
}
