//! No personal data where people read: a register in which every name, number, address and key
//! is a word of its own, through every kind of night and every command.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::signals::{Answer, switch};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told};

/// A night in which everything about a person is a canary: keys, names, addresses, user names,
/// numbers and phones; and group keys, which may be made of them.
pub(crate) fn canaries(night: &str) -> Export {
    let mut export = Export::night(night);
    for (file, columns) in [
        (
            "personer.csv",
            &[(0, "kanarinyckel"), (2, "kanariforn"), (3, "kanariefter"), (5, "kanarianv")][..],
        ),
        ("medlemskap.csv", &[(0, "kanarinyckel")]),
        ("relationer.csv", &[(0, "kanarinyckel"), (1, "kanarinyckel")]),
    ] {
        let text = export.0.get_mut(file).unwrap();
        let mut lines = text.lines();
        let mut out = lines.next().unwrap().to_owned() + "\n";
        for line in lines {
            let mut fields: Vec<String> = line.split(';').map(str::to_owned).collect();
            for (column, word) in columns {
                fields[*column] = format!("{word}{}", plain(&fields[*column]));
            }
            if file == "personer.csv" {
                fields[4] = format!("kanaripost{}", fields[4]);
            }
            out.push_str(&(fields.join(";") + "\n"));
        }
        *text = out;
    }
    export
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// What must not be seen: every canary begins with `kanari`; numbers and phones are themselves.
pub(crate) fn forbidden(export: &Export) -> BTreeSet<String> {
    let mut words = BTreeSet::from(["kanari".to_owned()]);
    for line in export.0["personer.csv"].lines().skip(1) {
        let fields: Vec<&str> = line.split(';').collect();
        let number = fields[1].replace('-', "");
        words.extend([number, fields[1].to_owned(), fields[10].to_owned()]);
        words.insert(fields[10].trim_start_matches("+46").to_owned());
    }
    words.remove("");
    words
}

struct Watch {
    forbidden: BTreeSet<String>,
    seen: String,
}

impl Watch {
    #[track_caller]
    fn look(&mut self, what: &str, text: &str) {
        let lower = text.to_lowercase();
        for word in &self.forbidden {
            let at = lower.find(&word.to_lowercase());
            let around = at.map(|at| text.get(at.saturating_sub(60)..).unwrap_or(text));
            assert!(at.is_none(), "{word} in {what}: {:.200}", around.unwrap_or_default());
        }
        self.seen.push_str(text);
    }

    #[track_caller]
    fn told(&mut self, what: &str, told: &Told) {
        self.look(&format!("{what}, stdout"), &told.out);
        self.look(&format!("{what}, stderr"), &told.err);
    }
}

/// Every text in every table of the logbook, but the three that hold keys of persons and nothing else about them.
pub(crate) fn ledger(state: &Path) -> String {
    let path = state.join("ledger.sqlite3");
    let ledger = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut tables = ledger.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(tables.len() >= 12, "{tables:?}");
    let mut all = String::new();
    for table in
        tables.iter().filter(|table| !["removal", "withdrawn", "telltale"].contains(&&***table))
    {
        let mut rows = ledger.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(text) = row.get_ref(column).unwrap() {
                    all.push_str(&String::from_utf8_lossy(text));
                    all.push('\n');
                }
            }
        }
    }
    all
}

#[test]
fn no_canary_is_seen_where_people_read() {
    let mut gateway = Gateway::new().mailing();
    let send = "environment = \"test\"\nsend = [\"personal-number\", \"mobile\", \"phone\"]";
    gateway.change("environment = \"test\"", send);
    let nights = ["night1", "night2", "night3-school-missing", "night4"].map(canaries);
    let mut watch =
        Watch { forbidden: nights.iter().flat_map(forbidden).collect(), seen: String::new() };
    assert!(watch.forbidden.len() > 90);

    watch.told("first night", &gateway.night_of(24, &nights[0]).exits(10));
    let plan = gateway.held();
    watch.told("held plan", &gateway.run(&["plan", &plan, "--details"]).exits(0));
    watch.told("approval", &gateway.approve(&["--receiver-empty"]).exits(0));
    let xml = gateway.xml();
    assert!(xml.contains("kanariforn") && xml.contains("201806132385"), "the receiver has them");
    assert!(xml.contains("+46701740605"));

    gateway.export(&nights[1]);
    watch.told("preview", &gateway.run(&["plan", "--details", "--as-of", "2026-08-25T04:15"]));
    watch.told("preview", &gateway.run(&["plan", "--json", "--as-of", "2026-08-25T04:15"]));
    let told = gateway.run(&["run", "--json", "--as-of", "2026-08-25T04:15"]).exits(0);
    watch.told("ordinary night", &told);

    watch.told("held night", &gateway.night_of(26, &nights[2]).exits(10));
    let plan = gateway.held();
    for arguments in [
        &["plan", &plan, "--details"][..],
        &["plan", &plan, "--json"],
        &["approve", &plan, "--reason", "x", "--confirm", "1"],
        &["approve", &plan, "--reason", "x"],
        &["--lang", "en", "plan", &plan, "--details"],
    ] {
        watch.told("held plan", &gateway.run(arguments));
    }
    followed(&gateway, &nights[3], &mut watch);
    wrong_data(&gateway, &nights[3], &mut watch);
    marked(&gateway, &nights[3], &mut watch);
    by_hand(&gateway, &nights[3], &mut watch);
    gateway.sshd().admit_nobody();
    let key = nights[3].0["personer.csv"].lines().nth(12).unwrap().split(';').next().unwrap();
    let at = ["--reason", "x", "--as-of", "2026-08-28T12:00"];
    let told = gateway.run(&[&["withdraw", key][..], &at].concat()).exits(77);
    watch.told("withdrawal, refused login", &told);
    let refused = nights[1].clone();
    watch.told("refused login", &gateway.night_of(29, &refused).exits(77));
    everyday(&gateway, &mut watch);

    for mail in gateway.mails() {
        watch.look(&format!("mail {}", mail.subject), &mail.all);
    }
    watch.look("the logbook", &ledger(&gateway.state()));
    assert!(watch.seen.contains("Ekskolan"), "schools are named");
}

/// Whoever is asked about is not named, nor is the key repeated, whatever became of the rows.
fn followed(gateway: &Gateway, night: &Export, watch: &mut Watch) {
    let people: Vec<&str> = night.0["personer.csv"].lines().skip(1).collect();
    let key_of = |line: &str| line.split(';').next().unwrap().to_owned();
    let (pupil, guardian) = (people[3], people.iter().find(|p| p.contains(";vårdnadshavare;")));
    let odd = pupil.replace(";elev;", ";kanariroll;");
    let exports = [
        night.clone(),
        night.clone().with("personer.csv", pupil, &odd),
        night.clone().marked(&key_of(pupil), "J"),
        night.clone().marked(&key_of(pupil), "kanarimärke"),
        night.clone().row("personer.csv", &pupil.replace("kanariforn", "kanariannat")),
        night.clone().row("medlemskap.csv", "kanariborta;kanariborta;elev;;"),
    ];
    let keys = [
        key_of(pupil),
        key_of(guardian.unwrap()),
        "klass-al-1A".to_owned(),
        "99000001".to_owned(),
        "kanariborta".to_owned(),
        "kanari@x.example".to_owned(),
        key_of(pupil).to_uppercase(),
    ];
    for export in &exports {
        gateway.export(export);
        for key in &keys {
            for more in [&[][..], &["--json"], &["--lang", "en"]] {
                let asked = [&["find", key, "--as-of", "2026-08-26T08:00"][..], more].concat();
                watch.told("find", &gateway.run(&asked));
            }
        }
    }
    for arguments in [
        &["backtest"][..],
        &["backtest", "--json"],
        &["--lang", "en", "backtest", "--limit", "persons.remove=0%"],
    ] {
        watch.told("backtest", &gateway.run(arguments).exits(0));
    }
}

/// Data that cannot be used: messages point at files, lines and columns.
fn wrong_data(gateway: &Gateway, night: &Export, watch: &mut Watch) {
    let person = night.0["personer.csv"].lines().nth(30).unwrap().to_owned();
    let key = person.split(';').next().unwrap();
    let cases = [
        ("conflict", night.clone().row("personer.csv", &person.replace(";N;", ";J;"))),
        (
            "conflict",
            night.clone().row("personer.csv", &person.replace("kanariforn", "kanariannat")),
        ),
        ("repeat", night.clone().row("personer.csv", &person)),
        ("dangling", night.clone().row("medlemskap.csv", "kanariborta;kanariborta;elev;;")),
        ("short row", night.clone().row("personer.csv", &format!("{key};kanari;kanari"))),
        ("open quote", night.clone().row("personer.csv", &format!("\"{key};kanari"))),
        (
            "bad number",
            night.clone().row(
                "personer.csv",
                "kanari1;200001011234;kanariA;kanariB;kanari@x.example;kanari1;elev;99000001;1;N;",
            ),
        ),
        (
            "bad date",
            night.clone().row("medlemskap.csv", &format!("{key};klass-al-1A;elev;kanaridatum;")),
        ),
        (
            "odd role",
            night.clone().row(
                "personer.csv",
                "kanari2;;kanariA;kanariB;kanari@x.example;kanari2;kanariroll;99000001;1;N;",
            ),
        ),
        (
            "no key",
            night.clone().row(
                "personer.csv",
                ";;kanariA;kanariB;kanari@x.example;kanari3;elev;99000001;1;N;",
            ),
        ),
        (
            "control",
            night.clone().row(
                "personer.csv",
                "kanari4;;kanari\u{1}A;=kanari;kanari@x.example;kanari4;elev;99000001;1;N;",
            ),
        ),
        (
            "school",
            night.clone().row(
                "personer.csv",
                "kanari5;;kanariA;kanariB;kanari@x.example;kanari5;elev;kanariskola;1;N;",
            ),
        ),
        ("header", night.clone().with("personer.csv", "Förnamn", "kanariKolumn")),
    ];
    for (what, export) in cases {
        gateway.export(&export);
        for arguments in [
            &["run", "--as-of", "2026-08-27T04:15"][..],
            &["plan", "--details", "--as-of", "2026-08-27T04:15"],
            &["plan", "--json", "--as-of", "2026-08-27T04:15"],
            &["check"],
            &["check", "--json"],
        ] {
            // A column's heading is no personal data, and is told as it was found.
            let told = gateway.run(arguments);
            let hidden = |text: &str| text.replace("kanariKolumn", "");
            watch.look(&format!("{what}, {arguments:?}, stdout"), &hidden(&told.out));
            watch.look(&format!("{what}, {arguments:?}, stderr"), &hidden(&told.err));
        }
    }
}

/// Protected persons are counted, and nothing more.
fn marked(gateway: &Gateway, night: &Export, watch: &mut Watch) {
    let keys: Vec<String> = night.0["personer.csv"]
        .lines()
        .filter(|line| line.contains(";elev;"))
        .map(|line| line.split(';').next().unwrap().to_owned())
        .collect();
    let one = night.clone().marked(&keys[3], "J");
    watch.told("protected", &gateway.night_of(28, &one).exits(0));
    let flood =
        keys[..12].iter().fold(night.clone(), |export, key| export.marked(key, "kanarimärke"));
    watch.told("flood", &gateway.night_of(28, &flood).exits(10));
}

/// A key goes in and never comes out again.
fn by_hand(gateway: &Gateway, night: &Export, watch: &mut Watch) {
    gateway.export(night);
    let key = night.0["personer.csv"].lines().nth(9).unwrap().split(';').next().unwrap();
    let at = ["--reason", "x", "--as-of", "2026-08-28T10:00"];
    for (exit, more) in [
        (2, &["withdraw", "kanariborta"][..]),
        (2, &["withdraw", "kanariborta", "--undo", "--json"]),
        (0, &["withdraw", key]),
        (0, &["withdraw", key, "--json"]),
        (0, &["--lang", "en", "withdraw", key]),
        (0, &["withdraw", key, "--undo"]),
        (0, &["withdraw", key, "--json"]),
    ] {
        let told = gateway.run(&[more, &at].concat()).exits(exit);
        watch.told("withdrawal", &told);
    }
    for arguments in [&["withdraw", "--list"][..], &["withdraw", "--list", "--json"], &["status"]] {
        watch.told(&format!("{arguments:?}"), &gateway.run(arguments).exits(0));
    }
}

fn everyday(gateway: &Gateway, watch: &mut Watch) {
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["status", "--check"],
        &["history"],
        &["history", "--json"],
        &["history", "--verify"],
        &["history", "--verify", "--json"],
        &["check"],
        &["check", "--connect"],
        &["check", "--json"],
        &["baseline", "show"],
        &["baseline", "show", "--json"],
        &["--lang", "en", "status"],
        &["--lang", "en", "history"],
    ] {
        watch.told(&format!("{arguments:?}"), &gateway.run(arguments));
    }
    let file = gateway.remote().join("ims.xml").display().to_string();
    watch.told("adopt", &gateway.run(&["baseline", "adopt", "lms", &file]));
    let broken = gateway.home().join("broken.xml");
    let text = fs::read_to_string(&file).unwrap();
    crate::support::sshd::put(&broken, &text[..text.len() / 2]);
    let broken = broken.display().to_string();
    watch.told("adopt", &gateway.run(&["baseline", "adopt", "lms", &broken]));
}

/// What other programs are told, and what is mailed when a run cannot tell of itself.
#[test]
fn no_canary_is_in_the_heartbeat_the_metrics_or_an_alarm() {
    let (port, heard) = switch(Answer::Number(200));
    let gateway = Gateway::new().mailing().monitored(port);
    let nights = ["night1", "night2", "night3-school-missing"].map(|n| canaries(n).lasting());
    let forbidden = nights.iter().flat_map(forbidden).collect();
    let mut watch = Watch { forbidden, seen: String::new() };
    let tonight = |watch: &mut Watch, night: &Export, exit| {
        gateway.export(night);
        watch.told("night", &gateway.run(&["run"]).exits(exit));
        watch.look("metrics", &gateway.metrics());
    };
    tonight(&mut watch, &nights[0], 10);
    watch.told("approval", &gateway.approve(&["--receiver-empty"]).exits(0));
    tonight(&mut watch, &nights[1], 0);
    tonight(&mut watch, &nights[2], 10);
    let person = nights[1].0["personer.csv"].lines().nth(9).unwrap().to_owned();
    let spoilt = person.replace("kanariforn", "kanariannat");
    tonight(&mut watch, &nights[1].clone().row("personer.csv", &spoilt), 65);
    for (result, status, start) in [("core-dump", "SEGV", "a"), ("timeout", "KILL", "b")] {
        watch.told("alarm", &gateway.report_crash(result, status, start).exits(0));
    }
    watch.told("morning", &gateway.run(&["status", "--alert-if-stale"]).exits(0));
    watch.told("outbox", &gateway.run(&["outbox"]).exits(0));
    for mail in gateway.mails() {
        watch.look(&format!("mail {}", mail.subject), &mail.all);
    }
    let heard = heard.lock().unwrap().concat().join("\n");
    assert!(heard.matches("GET ").count() > 8, "{heard}");
    watch.look("the heartbeat", &heard);
    assert!(
        watch.seen.contains("rostergate_changes{target=\"lms\"") && watch.seen.contains("RG900")
    );
}
