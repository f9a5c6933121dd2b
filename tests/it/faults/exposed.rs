//! What is seen of a run from outside: its words, its arguments, its connections, its code.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command};

use super::root;
use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, secret};
use crate::support::smtp::PASSWORD;

/// Runs a command by way of another program, with its arguments and environment.
#[expect(clippy::disallowed_methods, reason = "the program under test, by way of a tool")]
pub(super) fn through(outer: &[&str], inner: &Command) -> Told {
    let mut command = Command::new(outer[0]);
    command.args(&outer[1..]).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().unwrap_or_else(|error| panic!("{outer:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let exit = output.status.code().unwrap_or_else(|| panic!("{:?}", output.status));
    Told { exit, out: text(&output.stdout), err: text(&output.stderr) }
}

/// A run that is held up by a mail server without a word, after its delivery.
fn held_up(gateway: &mut Gateway) -> (Child, TcpListener, std::net::TcpStream) {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    secret(&gateway.home().join("mail.password"), PASSWORD);
    let password = gateway.home().join("mail.password").display().to_string();
    gateway.mail_by(&format!(
        "[mail.smtp]\nhost = \"localhost\"\nport = {port}\nuser = \"rostergate\"\n\
         password = \"file:{password}\"\ntimeout = \"30s\"\n"
    ));
    gateway.export(&Export::night("night2"));
    let child = gateway.start(&["run", "--as-of", "2026-08-25T04:15"]);
    let (connection, _) = silent.accept().unwrap();
    (child, silent, connection)
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Letters of a terminal's language, line breaks of other kinds, and a line that looks like ours.
#[test]
fn f84_names_cannot_colour_or_forge_what_is_told() {
    let evil = "Ek\u{1b}[2J\u{1b}[31mskolan\r\u{85}\u{2028}FEL RG999  \u{202e}%s%n{0}";
    let night = |name: &str| {
        let export = Export::night(name);
        let text = export.0["skolor.csv"].clone();
        let row = text.lines().find(|line| line.contains("Ekskolan")).map(str::to_owned);
        match row {
            Some(row) => {
                let spoilt = row.replace("Ekskolan", &format!("\"{evil}\""));
                export.with("skolor.csv", &row, &spoilt)
            }
            None => export,
        }
    };
    let gateway = Gateway::new().mailing();
    let mut said = Vec::new();
    let mut hear = |told: Told| said.extend([told.out, told.err]);
    hear(gateway.night_of(24, &night("night1")).exits(10));
    hear(gateway.approve(&["--receiver-empty"]).exits(0));
    hear(gateway.night_of(25, &night("night3-school-missing").without("99000003;")).exits(10));
    let plan = gateway.held();
    for arguments in [
        &["plan", &plan, "--details"][..],
        &["status"],
        &["history"],
        &["check"],
        &["find", "99000003", "--as-of", "2026-08-25T08:00"],
        &["find", "elev-ek-4A-8", "--as-of", "2026-08-25T08:00"],
        &["backtest"],
    ] {
        hear(gateway.run(arguments));
    }
    said.extend(gateway.mails().into_iter().flat_map(|mail| [mail.subject, mail.body]));
    assert!(said.iter().any(|text| text.contains("RG999")), "the school is named");
    for text in said {
        let odd = |c: char| c.is_control() && c != '\n' || "\u{2028}\u{2029}\u{202e}".contains(c);
        let text = text.replace("\r\n", "\n");
        let before = text.find(odd).map(|at| text[..at].lines().last());
        assert_eq!(before, None, "an odd character after this");
        assert!(!text.lines().any(|line| line.starts_with("FEL RG999")), "{text}");
    }
}

/// The mail's password, the private key, a wrong key, a passphrase: in nothing that is said or
/// stored, whatever goes wrong; and arguments and environment hold only where they are.
#[test]
fn f85_secrets_are_in_no_output_logbook_argument_or_environment() {
    let mut gateway = Gateway::new().mailing().delivered();
    let key = gateway.sshd().key();
    let lines = key.expose().lines().filter(|line| line.len() > 20 && !line.starts_with("---"));
    let mut secrets: BTreeSet<String> = lines.map(str::to_owned).collect();
    secrets.extend([PASSWORD.to_owned(), "kanariehemlig".to_owned()]);
    assert!(secrets.len() > 4);
    let mut said = Vec::new();
    let mut hear = |told: Told| said.extend([told.out, told.err]);
    hear(gateway.night_of(25, &Export::night("night2")).exits(0));
    let everyday = [
        &["status", "--json"][..],
        &["history", "--json"],
        &["check", "--connect"],
        &["check", "--connect", "--json"],
        &["help", "RG111"],
    ];
    for arguments in everyday {
        hear(gateway.run(arguments));
    }
    // A password that the mail server does not know, a key that is none, a secret in the file.
    secret(&gateway.home().join("mail.password"), "kanariehemlig");
    hear(gateway.night_of(26, &Export::night("night4")).exits(0));
    hear(gateway.run(&["check", "--connect"]));
    secret(&gateway.home().join("lms.key"), "kanariehemlig");
    hear(gateway.night_of(27, &Export::night("night2")));
    hear(gateway.run(&["check", "--connect"]));
    secret(&gateway.home().join("lms.key"), key.expose());
    gateway.sshd().admit_nobody();
    hear(gateway.night_of(28, &Export::night("night2")).exits(77));
    let sound = gateway.config().to_owned();
    gateway.configure(sound.replace("\"file:", "\"kanariehemlig"));
    hear(gateway.night(29).exits(78));
    gateway.configure(sound);
    said.extend(gateway.mails().into_iter().map(|mail| mail.all));
    let ledger = fs::read(gateway.state().join("ledger.sqlite3")).unwrap();
    said.push(String::from_utf8_lossy(&ledger).into_owned());

    secret(&gateway.home().join("mail.password"), PASSWORD);
    let (child, _listener, _connection) = held_up(&mut gateway);
    for what in ["cmdline", "environ"] {
        let bytes = fs::read(format!("/proc/{}/{what}", child.id())).unwrap();
        assert!(bytes.len() > 20);
        said.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    end(child);
    for (text, secret) in said.iter().flat_map(|text| secrets.iter().map(move |s| (text, s))) {
        assert!(!text.contains(secret), "a secret in: {text:.300}");
    }
    // A core dump would hold them, whoever starts the program.
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
    let unit = fs::read_to_string(root().join("systemd/rostergate.service")).unwrap();
    assert!(unit.lines().any(|line| line == "LimitCORE=0"));
}

/// Inodes of the sockets that a process holds.
fn sockets(process: u32) -> BTreeSet<String> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let inode = |link: std::path::PathBuf| {
        let text = String::from_utf8_lossy(link.as_os_str().as_bytes()).into_owned();
        Some(text.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
    };
    links.filter_map(inode).collect()
}

/// State and remote port of each of its TCP sockets, as the kernel writes them.
fn connections(process: u32) -> Vec<(String, u16)> {
    let own = sockets(process);
    let tables = ["tcp", "tcp6", "udp", "udp6"];
    let read =
        |table| fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
    let mut found = Vec::new();
    for table in tables.map(read) {
        for row in table.lines().skip(1) {
            let fields: Vec<&str> = row.split_whitespace().collect();
            if own.contains(fields[9]) {
                let port = fields[2].rsplit(':').next().unwrap_or_default();
                found.push((fields[3].to_owned(), u16::from_str_radix(port, 16).unwrap()));
            }
        }
    }
    found
}

fn children(process: u32) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let parent = |stat: &String| {
        let rest = stat.rsplit(") ").next().unwrap_or_default();
        rest.split(' ').nth(1) == Some(&process.to_string())
    };
    stats.filter(parent).collect()
}

#[test]
fn t11_a_run_listens_nowhere_and_starts_nothing() {
    let mut gateway = Gateway::new().delivered();
    let (child, silent, _connection) = held_up(&mut gateway);
    let (process, mail) = (child.id(), silent.local_addr().unwrap().port());
    let (open, started) = (connections(process), children(process));
    end(child);
    assert_eq!(open, [("01".to_owned(), mail)], "one connection, to the mail server");
    assert_eq!(started, [""; 0]);
}

/// Every Rust file of the program, by its path below `src`.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            let name = path.strip_prefix(root().join("src")).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Connections are made by the delivery over SFTP, by the mail and by the heartbeat, all to a host
/// from the configuration; the server that `demo` delivers to is the only one that listens, on
/// loopback.
#[test]
fn p1_connections_are_made_in_three_places_only() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let words = [
        "TcpStream",
        "TcpListener",
        "TcpSocket",
        "UdpSocket",
        "UnixStream",
        "UnixListener",
        "lookup_host",
        "ToSocketAddrs",
        "SmtpTransport",
        "ureq",
        "connect_stream",
        "process::Command",
    ];
    let named = |text: &str| words.iter().any(|word| text.contains(word));
    let names: BTreeSet<&str> =
        files.iter().filter(|(_, text)| named(text)).map(|(name, _)| name.as_str()).collect();
    let expected = [
        "delivery/embedded/mod.rs",
        "delivery/sftp/connect.rs",
        "notify/heartbeat.rs",
        "notify/smtp/line.rs",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    let embedded = files.iter().find(|(name, _)| name == expected[0]).unwrap();
    assert!(embedded.1.contains("TcpListener::bind((Ipv4Addr::LOCALHOST, 0))"));
    // The heartbeat is a GET without a body, and of the answer only the number is read.
    let heartbeat = files.iter().find(|(name, _)| name == expected[2]).unwrap();
    let sent = heartbeat.1.split("#[cfg(test)]").next().unwrap();
    assert_eq!((sent.matches(".call()").count(), sent.matches(".get(place)").count()), (1, 1));
    assert!(![".post(", ".put(", ".send"].iter().any(|word| sent.contains(word)));
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for client in ["reqwest", "hyper", "curl", "isahc", "attohttpc", "sentry"] {
        assert!(!lock.contains(&format!("name = \"{client}\"")), "{client} speaks to others");
    }
}

/// No code of ours is unsafe, and every dependency is the one whose digest is written down.
#[test]
fn t9_dependencies_are_locked_and_our_code_is_safe() {
    let own = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(own.lines().any(|line| line == "unsafe_code = \"forbid\""));
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    for package in packages.iter().filter(|package| package["name"].as_str() != Some("rostergate"))
    {
        let source = package.get("source").and_then(toml::Value::as_str);
        let expected = "registry+https://github.com/rust-lang/crates.io-index";
        assert_eq!(source, Some(expected), "{package}");
        assert!(package.get("checksum").is_some(), "{package}");
    }
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let runs = fs::read_to_string(root().join(".ci/test")).unwrap();
    assert!(
        deny.contains("unknown-registry = \"deny\"") && deny.contains("unknown-git = \"deny\"")
    );
    assert!(runs.contains("cargo deny --locked check bans licenses sources"));
}
