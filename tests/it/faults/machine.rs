//! The machine, the clock and the people at it, on the built program.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use super::exposed::through;
use crate::support::export::Export;
use crate::support::gateway::{Gateway, next_year};
use crate::support::sealing::ledger;
use crate::support::sshd::put;

#[test]
fn f35_of_two_who_approve_at_once_one_does() {
    let gateway = Gateway::new().delivered();
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    let plan = gateway.held();
    let number = gateway.number_of(&plan).to_string();
    let approve = ["approve", &plan, "--reason", "kontrollerat", "--confirm", &number];
    let both = ["anna.admin", "olle.ordinarie"].map(|who| {
        (who, gateway.command(&approve).env("USER", who).spawn().expect("the program starts"))
    });
    let ends = both.map(|(who, child)| {
        let output = child.wait_with_output().expect("it ends");
        (who, output.status.code().expect("by itself"), String::from_utf8(output.stderr).unwrap())
    });
    let won: Vec<&str> = ends.iter().filter(|end| end.1 == 0).map(|end| end.0).collect();
    let lost = ends.iter().find(|end| end.1 != 0).expect("not both");
    assert_eq!(won.len(), 1, "{ends:?}");
    assert!(lost.2.contains("RG500") || lost.2.contains("RG505"), "{ends:?}");
    let history = gateway.run(&["history"]).exits(0).out;
    let of_plan: Vec<&str> = history.lines().filter(|line| line.contains(&plan)).collect();
    let by = |who: &str| of_plan.iter().any(|line| line.contains(&format!("godkänd av {who}: ")));
    assert!(by(won[0]) && !by(lost.0), "{history}");
    gateway.run(&["history", "--verify"]).exits(0);
    assert!(!gateway.xml().contains("elev-ek-"));
}

#[test]
fn f72_a_logbook_of_a_newer_program_is_left_as_it_is() {
    let gateway = Gateway::new().delivered();
    let raw = ledger(&gateway.state());
    let known: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    raw.pragma_update(None, "user_version", known + 1).unwrap();
    drop(raw);
    let path = gateway.state().join("ledger.sqlite3");
    let (before, newer) = (gateway.received(), fs::read(&path).unwrap());
    gateway.night_of(25, &Export::night("night2")).exits(78).explains("RG503");
    gateway.run(&["status"]).exits(78).explains("RG503");
    assert_eq!(gateway.received(), before);
    assert!(fs::read(&path).unwrap() == newer, "never brought down");
}

/// Nights on which an hour is missing or comes twice, also within that hour; and a timer that
/// starts the run again and again sends the file once.
#[test]
fn f75_the_nights_of_the_clock_change_send_once() {
    for (before, night, after) in
        [("2026-10-24", "2026-10-25", "2026-10-26"), ("2027-03-27", "2027-03-28", "2027-03-29")]
    {
        let gateway = Gateway::new();
        let run = |day: &str, time: &str| gateway.run_as_of(&format!("{day}T{time}"));
        gateway.export(&lasting("night1"));
        run(before, "04:15").exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        gateway.export(&lasting("night2"));
        run(night, "02:30").exits(0).says("SKICKAD");
        let sent = gateway.received();
        for minute in 31..=40 {
            run(night, &format!("02:{minute}")).exits(0).says("inget skickades");
        }
        run(night, "03:30").exits(0).says("inget skickades");
        assert_eq!(gateway.received(), sent, "{night}");
        gateway.export(&lasting("night4"));
        run(after, "04:15").exits(0).says("SKICKAD");
        assert_ne!(gateway.received(), sent);
    }
}

fn lasting(night: &str) -> Export {
    Export::night(night).lasting()
}

/// Everything in a folder, itself included.
fn everything(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// An account of that name exists in a list of accounts of the test's own, laid over the real one
/// for the program only.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn f89_what_root_does_belongs_to_the_service() {
    const SERVICE: u32 = 64_711;
    let gateway = Gateway::new();
    let accounts = gateway.home().join("passwd");
    let known = fs::read_to_string("/etc/passwd").unwrap();
    put(&accounts, &format!("{known}rostergate:x:{SERVICE}:{SERVICE}::/:/usr/sbin/nologin\n"));
    let lay = "mount --bind \"$0\" /etc/passwd && exec \"$@\"";
    let over = ["unshare", "--mount", "--", "sh", "-c", lay, accounts.to_str().unwrap()];
    let possible = nix::unistd::Uid::effective().is_root()
        && nix::unistd::User::from_name("rostergate").unwrap().is_none()
        && through(&over, &gateway.command(&["help", "RG100"])).exit != 1;
    if !possible {
        eprintln!("NOT TESTED: needs root that may mount, and no user rostergate");
        return;
    }
    gateway.export(&Export::night("night1"));
    for path in everything(gateway.home()) {
        chown(path, Some(SERVICE), Some(SERVICE)).unwrap();
    }
    let as_root = |arguments: &[&str]| through(&over, &gateway.command(arguments));
    as_root(&["run", "--as-of", "2026-08-24T04:15"]).exits(10);
    let status = as_root(&["status", "--json"]).exits(0).json();
    let plan = status["targets"]["lms"]["held"].as_str().unwrap().to_owned();
    let approve = ["approve", &plan, "--reason", "x", "--confirm", "87", "--receiver-empty"];
    as_root(&approve).exits(0);
    as_root(&["pause", "--until", &next_year().to_string(), "--reason", "x"]).exits(0);
    as_root(&["check"]);
    let all = everything(gateway.home());
    assert!(all.iter().filter(|path| path.starts_with(gateway.state())).count() > 8, "{all:?}");
    for path in all {
        assert_eq!(fs::symlink_metadata(&path).unwrap().uid(), SERVICE, "{}", path.display());
    }
}
