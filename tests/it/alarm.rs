//! A night that breaks off or does not happen is told by others than the run: once, and not when
//! the run has told of itself.

use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told};
use crate::support::sealing::{ledger, reseal};

const START: &str = "4f1c0ffee4f1c0ffee4f1c0ffee4f1c0";

/// What systemd tells the unit that it starts when another failed.
fn monitored(mut command: Command, result: &str, status: &str, start: &str) -> Command {
    command.env("MONITOR_SERVICE_RESULT", result).env("MONITOR_EXIT_STATUS", status);
    command.env("MONITOR_INVOCATION_ID", start);
    command
}

impl Gateway {
    pub(crate) fn report_crash(&self, result: &str, status: &str, start: &str) -> Told {
        self.report_crash_of("rostergate", result, status, start)
    }

    fn report_crash_of(&self, unit: &str, result: &str, status: &str, start: &str) -> Told {
        let unit = ["report-crash", &format!("--unit={unit}.service")];
        told(monitored(self.command(&unit), result, status, start))
    }

    /// A night as systemd starts it.
    fn started(&self, day: u8) -> Told {
        let at = format!("2026-08-{day:02}T04:15");
        let mut command = self.command(&["run", "--as-of", &at]);
        told({
            command.env("INVOCATION_ID", START);
            command
        })
    }

    fn subjects(&self) -> Vec<String> {
        self.mails().into_iter().map(|mail| mail.subject).collect()
    }
}

fn told(mut command: Command) -> Told {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let exit = output.status.code().expect("it ended by itself");
    Told { exit, out: text(output.stdout), err: text(output.stderr) }
}

/// Killed while the receiver does not answer, as systemd does when the time is out.
fn killed_while_sending(gateway: &Gateway) {
    gateway.export(&Export::night("night2"));
    gateway.sshd().stop();
    let silent = TcpListener::bind(("127.0.0.1", gateway.sshd().port)).unwrap();
    let mut command = gateway.command(&["run", "--as-of", "2026-08-25T04:15"]);
    let mut child = command.env("INVOCATION_ID", START).spawn().unwrap();
    silent.set_nonblocking(true).unwrap();
    let (started, mut connection) = (Instant::now(), None);
    while connection.is_none() {
        connection = silent.accept().ok();
        assert!(started.elapsed() < Duration::from_secs(60), "it never connects");
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop((connection, silent));
    gateway.sshd().restart("internal-sftp");
}

#[test]
fn f81_a_run_that_is_killed_is_mailed_at_once_and_once() {
    let gateway = Gateway::new().mailing().delivered();
    killed_while_sending(&gateway);
    let before = gateway.mails().len();
    gateway.report_crash("timeout", "KILL", START).exits(0).says("på väg");
    let mails = gateway.mails();
    assert_eq!(mails.len(), before + 1);
    let mail = &mails[before];
    assert_eq!(mail.subject, "[TEST] [FEL] Exempelby kommun: körningen avbröts (RG900)");
    for part in [
        "rostergate.service, timeout KILL",
        &format!("_SYSTEMD_INVOCATION_ID={START}"),
        "aldrig en halv",
        "journalctl -u rostergate.service",
    ] {
        assert!(mail.body.replace("=\n", "").contains(part), "no {part} in {}", mail.body);
    }
    // systemd may start it again, and the morning's look comes on top.
    gateway.report_crash("timeout", "KILL", START).exits(0).says("själv berättat");
    assert_eq!(gateway.mails().len(), before + 1);
    // The next night sorts it out, and says so in its own mail.
    gateway.night_of(26, &Export::night("night2")).exits(0);
    let mails = gateway.mails();
    assert_eq!(mails.len(), before + 2);
    assert!(mails[before + 1].body.contains("avbröts"), "{}", mails[before + 1].body);
}

/// One municipality's own unit, or the one that looks in the morning, has a journal of its own.
#[test]
fn the_unit_that_broke_off_is_the_one_whose_journal_is_named() {
    let gateway = Gateway::new().mailing();
    for unit in ["rostergate@ale", "rostergate-watch", "rostergate"] {
        gateway.report_crash_of(unit, "core-dump", "SEGV", unit).exits(0).says("på väg");
        let body = gateway.mails().last().unwrap().body.replace("=\n", "");
        let named = format!("journalctl -u {unit}.service");
        assert!(body.contains(&named), "no {named} in {body}");
        assert_eq!(body.contains("-u rostergate.service"), unit == "rostergate", "{body}");
    }
}

/// A run that broke off may have left a half of a file that is written straight to its name.
#[test]
fn where_files_are_written_straight_nobody_is_told_that_they_are_whole() {
    let mut gateway = Gateway::new().mailing();
    let table = "[target.lms.deliver.sftp]\n";
    gateway.change(table, &format!("{table}publish = \"direct\"\n"));
    gateway.report_crash("core-dump", "SEGV", "abc").exits(0).says("på väg");
    let mails = gateway.mails();
    let body = mails[0].body.replace("=\n", "");
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(body.contains("ims.xml, som skrivs direkt (publish"), "{body}");
}

/// Exit codes of a run that told of itself: a held night, bad data, a receiver that is away.
#[test]
fn f81_a_run_that_told_of_itself_is_not_told_of_twice() {
    let gateway = Gateway::new().mailing();
    gateway.export(&Export::night("night1"));
    gateway.started(24).exits(10);
    let mails = gateway.mails().len();
    assert_eq!(mails, 1);
    gateway.report_crash("exit-code", "10", START).exits(0).says("själv berättat");
    // Another run at work tells of itself.
    gateway.report_crash("exit-code", "11", "0").exits(0).says("själv berättat");
    assert_eq!(gateway.mails().len(), mails);
    // A run that never came to the logbook, and ended as nothing of ours does.
    gateway.report_crash("core-dump", "SEGV", "abc").exits(0).says("på väg");
    gateway.report_crash("core-dump", "SEGV", "abc").exits(0);
    assert_eq!(gateway.mails().len(), mails + 1);
}

/// Where systemd does not say which start it was: what was killed is not the run that is done.
#[test]
fn a_killed_start_without_a_name_is_told_beside_a_run_that_is_done() {
    let gateway = Gateway::new().mailing().delivered();
    hours_ago(&gateway, 1, "timer", true);
    let before = gateway.mails().len();
    gateway.report_crash("exit-code", "10", "").exits(0).says("själv berättat");
    // An older systemd says nothing at all.
    gateway.report_crash("", "", "").exits(0).says("själv berättat");
    assert_eq!(gateway.mails().len(), before);
    gateway.report_crash("signal", "KILL", "").exits(0).says("på väg");
    let mails = gateway.mails();
    assert_eq!(mails.len(), before + 1);
    // Whoever has another configuration than the usual one types it.
    let file = gateway.home().join("rostergate.toml").display().to_string();
    let command = format!("sudo rostergate --config {file} history");
    let flat =
        |text: &str| text.replace("=\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(&mails[before].body).contains(&command), "{}", mails[before].body);
}

/// The mail at the start of a run says nothing of its end.
#[test]
fn the_mail_at_the_start_is_not_the_mail_of_the_end() {
    let mut gateway = Gateway::new().mailing().delivered();
    gateway.change("[mail]\n", "[mail]\nat-start = true\n");
    killed_while_sending(&gateway);
    assert!(gateway.subjects().last().unwrap().starts_with("[TEST] [START]"));
    gateway.report_crash("signal", "KILL", START).exits(0).says("på väg");
    assert!(gateway.subjects().last().unwrap().ends_with("(RG900)"));
}

/// The program's own end by a fault that it did not foresee: nothing was told.
#[test]
fn a_mail_that_no_server_takes_waits_and_goes_with_the_next_hour() {
    let mut gateway = Gateway::new().mailing().delivered();
    killed_while_sending(&gateway);
    let sound = gateway.config().to_owned();
    let right = sound.lines().rfind(|line| line.starts_with("port = ")).unwrap();
    let dead = crate::support::sshd::free_port();
    gateway.configure(sound.replace(right, &format!("port = {dead}\ntimeout = \"1s\"")));
    let before = gateway.mails().len();
    gateway.report_crash("signal", "SEGV", START).exits(0);
    gateway.run(&["outbox"]).exits(75).says("väntar: 1");
    gateway.configure(sound);
    due(&gateway);
    gateway.run(&["outbox"]).exits(0).says("skickade: 1");
    gateway.run(&["outbox"]).exits(0);
    assert_eq!(gateway.mails().len(), before + 1);
}

/// As if an hour had passed for the mails that wait.
fn due(gateway: &Gateway) {
    let raw = ledger(&gateway.state());
    let at = before_now(1);
    edit(&raw, "mail", &|mail| {
        mail["next_at"] = at.clone().into();
        mail["queued_at"] = at.clone().into();
    });
}

/// Changes every entry of a table.
fn edit(raw: &rusqlite::Connection, table: &str, change: &dyn Fn(&mut serde_json::Value)) {
    reseal(raw, table, "1 = 1", &|text| {
        let mut entry = serde_json::from_str(text).unwrap();
        change(&mut entry);
        entry.to_string()
    });
}

#[test]
fn f81_a_broken_configuration_is_mailed_as_far_as_it_can_be_read() {
    let mut gateway = Gateway::new().mailing();
    let sound = gateway.config().to_owned();
    for (from, to, code, says) in [
        ("[limits]", "[limts]", "RG101", "limts"),
        ("minimum      = { persons = 40 }", "minimum = { persons = \"x\" }", "RG102", "rad "),
        ("[source.register.csv.groups]", "[source.register.csv.groups", "RG101", "rad"),
        ("[mail]\n", "[mail]\natstart = true\n", "RG101", "atstart"),
    ] {
        gateway.configure(sound.clone());
        gateway.change(from, to);
        gateway.night(24).exits(78);
        let before = gateway.mails().len();
        gateway.report_crash("exit-code", "78", START).exits(0).says("på väg");
        let mails = gateway.mails();
        assert_eq!(mails.len(), before + 1, "{to}");
        let mail = &mails[before];
        assert!(
            mail.subject.starts_with("[FEL] Exempelby kommun: inget skickat"),
            "{}",
            mail.subject
        );
        assert!(mail.body.contains(code) && mail.body.contains(says), "{to}: {}", mail.body);
    }
    // Without addresses there is only the journal.
    gateway.configure(sound.replace("to   = [", "two  = ["));
    let told = gateway.report_crash("exit-code", "78", START).exits(69);
    assert!(told.err.contains("RG101") && told.out.contains("Inget mejl"), "{told:?}");
}

#[test]
fn a_logbook_that_cannot_be_used_is_told_once() {
    let gateway = Gateway::new().mailing();
    gateway.export(&Export::night("night1"));
    gateway.started(24).exits(10);
    let path = gateway.state().join("ledger.sqlite3");
    crate::support::sshd::put(&path, "not a database, and long enough to be looked at as one");
    let before = gateway.mails().len();
    gateway.started(25).exits(74);
    assert_eq!(gateway.mails().len(), before + 1);
    gateway.report_crash("exit-code", "74", START).exits(0).says("själv berättat");
    assert_eq!(gateway.mails().len(), before + 1);
    // Killed, it cannot have told.
    gateway.report_crash("signal", "KILL", START).exits(0).says("på väg");
    assert_eq!(gateway.mails().len(), before + 2);
    // In the morning it is told again, with what is wrong.
    gateway.run(&["status", "--alert-if-stale"]).exits(74);
    assert!(gateway.mails()[before + 2].body.contains("RG502"));
}

#[expect(clippy::disallowed_methods, reason = "the program under test reads the clock, too")]
fn before_now(hours: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours)).to_string()
}

/// The clock of a run in the logbook, moved back by hours.
fn hours_ago(gateway: &Gateway, hours: i64, trigger: &str, ended: bool) {
    let at = before_now(hours);
    let raw = ledger(&gateway.state());
    edit(&raw, "run", &|run| {
        run["started_at"] = at.clone().into();
        run["trigger"] = trigger.into();
        if !ended {
            run["end"] = serde_json::Value::Null;
        }
    });
}

const LOOK: [&str; 2] = ["status", "--alert-if-stale"];

#[test]
fn p8_a_night_that_does_not_happen_is_mailed_in_the_morning_and_once() {
    let gateway = Gateway::new().mailing();
    gateway.run(&LOOK).exits(0).explains("RG910");
    assert_eq!(
        gateway.subjects(),
        ["[TEST] [FEL] Exempelby kommun: nattens körning har inte startat (RG910)"]
    );
    gateway.run(&LOOK).exits(0);
    assert_eq!(gateway.mails().len(), 1, "once a day");
    let gateway = gateway.delivered();
    let before = gateway.mails().len();
    // The night's run 3 hours ago; one of the night before; one by hand, last evening.
    hours_ago(&gateway, 3, "timer", true);
    gateway.run(&LOOK).exits(0).says("är gjord");
    hours_ago(&gateway, 11, "run", true);
    gateway.run(&LOOK).exits(0).says("är gjord");
    for (hours, trigger) in [(27, "timer"), (13, "run"), (3, "approve"), (3, "replay")] {
        hours_ago(&gateway, hours, trigger, true);
        gateway.run(&LOOK).exits(0).explains("RG910");
    }
    assert_eq!(gateway.mails().len(), before, "told this morning already");
}

#[test]
fn f82_a_run_that_never_ended_is_mailed_in_the_morning() {
    let gateway = Gateway::new().mailing().delivered();
    killed_while_sending(&gateway);
    let before = gateway.mails().len();
    // It may still be at work; then systemd has not ended it.
    hours_ago(&gateway, 1, "timer", false);
    gateway.run(&LOOK).exits(0).says("är gjord");
    hours_ago(&gateway, 3, "timer", false);
    gateway.run(&LOOK).exits(0).explains("RG911");
    let mails = gateway.mails();
    assert_eq!(mails.len(), before + 1);
    assert!(mails[before].subject.ends_with("nattens körning är inte klar (RG911)"));
    gateway.report_crash("signal", "KILL", "").exits(0);
}

/// Whoever asks every hour never keeps a run from starting, and a mail never goes twice.
#[test]
fn the_outbox_and_a_run_do_not_hinder_each_other() {
    let mut gateway = Gateway::new().mailing().delivered();
    let sound = gateway.config().to_owned();
    let right = sound.lines().rfind(|line| line.starts_with("port = ")).unwrap();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let dead = crate::support::sshd::free_port();
    gateway.configure(sound.replace(right, &format!("port = {dead}\ntimeout = \"1s\"")));
    gateway.night_of(25, &Export::night("night2")).exits(0);
    due(&gateway);
    gateway.configure(sound.replace(right, &format!("port = {port}\ntimeout = \"5s\"")));
    let outbox = gateway.start(&["outbox"]);
    let (connection, _) = silent.accept().unwrap();
    gateway.configure(sound.clone());
    let started = Instant::now();
    gateway.night_of(26, &Export::night("night4")).exits(0);
    assert!(started.elapsed() < Duration::from_secs(30));
    drop(connection);
    assert_eq!(outbox.wait_with_output().unwrap().status.code(), Some(75));
    due(&gateway);
    gateway.run(&["outbox"]).exits(0);
    let mails = gateway.mails();
    let mut ids: Vec<&str> = mails.iter().map(|mail| mail.id.as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (4, 4), "each night's mail, once");
}
