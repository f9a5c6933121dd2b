//! The machine itself: two runs at once, and a state folder that cannot be written.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::nothing_sent;
use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::sshd::put;

#[test]
fn the_second_of_two_runs_gives_way_at_once_and_names_the_first() {
    let mut gateway = Gateway::new().delivered();
    // A mail server that accepts and says nothing holds the first run up.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    gateway.mail_by(&format!(
        "[mail.smtp]\nhost = \"localhost\"\nport = {port}\ntls = \"none\"\ntimeout = \"30s\"\n"
    ));
    gateway.export(&Export::night("night2"));
    let mut first = gateway.start(&["run", "--as-of", "2026-08-25T04:15"]);
    let (_connection, _) = silent.accept().unwrap();
    let (started, before) = (Instant::now(), gateway.received());
    for command in [
        &["run", "--as-of", "2026-08-25T04:16"][..],
        &["run", "--again", "--as-of", "2026-08-25T04:16"],
    ] {
        let told = gateway.run(command).exits(11).explains("RG500");
        assert!(told.err.contains(&first.id().to_string()), "the holder's process:\n{}", told.err);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(gateway.received(), before);
    first.kill().unwrap();
    first.wait().unwrap();
    let mut said = String::new();
    first.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("SKICKAD"), "{said}");
}

#[test]
fn a_state_folder_that_is_a_file() {
    let gateway = Gateway::new();
    put(&gateway.state(), "");
    gateway.export(&Export::night("night1"));
    gateway.night(24).exits(74).explains("RG501");
    assert!(gateway.received().is_empty());
}

#[test]
fn a_state_folder_that_others_may_write_or_that_is_damaged() {
    let gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    let mode =
        |mode| fs::set_permissions(gateway.state(), fs::Permissions::from_mode(mode)).unwrap();
    let before = gateway.received();
    mode(0o777);
    gateway.night(25).exits(74).explains("RG501");
    mode(0o700);
    let ledger = gateway.state().join("ledger.sqlite3");
    let mut bytes = fs::read(&ledger).unwrap();
    let middle = bytes.len() / 2;
    let sound = bytes.clone();
    bytes[4096..middle].fill(0xa5);
    overwrite(&ledger, &bytes);
    gateway.night(25).exits(74).explains("RG502");
    assert_eq!(gateway.received(), before);
    overwrite(&ledger, &sound);
    gateway.night(25).exits(0);
}

/// `check` says of the surroundings what a night would.
#[test]
fn check_is_not_content_with_what_others_may_change() {
    let gateway = Gateway::new().delivered();
    let open = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(&gateway.state(), 0o777);
    let told = gateway.run(&["check"]);
    assert_eq!((told.exit, told.out.contains("RG501")), (74, true), "{told:?}");
    gateway.night_of(25, &Export::night("night2")).exits(74).explains("RG501");
    open(&gateway.state(), 0o700);
    let config = gateway.home().join("rostergate.toml");
    open(&config, 0o644);
    gateway.run(&["check"]).says("VARNING Konfiguration").says("RG118");
    open(&config, 0o666);
    gateway.run(&["check"]).says("FEL     Konfiguration").says("RG118");
}

#[expect(clippy::disallowed_methods, reason = "damage done on purpose")]
fn overwrite(path: &std::path::Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// A file grown to a size that takes no room on the disk.
#[test]
fn an_export_for_which_there_is_too_little_memory_is_refused_before_it_is_read() {
    let gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    let grown = fs::OpenOptions::new().write(true).open(gateway.inbox().join("personer.csv"));
    grown.unwrap().set_len(300_000_000).unwrap();
    let little = |gateway: &Gateway| {
        gateway.run_with_memory(400_000_000, &["run", "--as-of", "2026-08-25T04:15"])
    };
    let told = nothing_sent(&gateway, little, 74, "RG371");
    assert!(told.err.contains("400,0 MB finns"), "{}", told.err);
    gateway.export(&Export::night("night2"));
    little(&gateway).exits(0);
}

#[test]
fn a_drop_folder_that_is_not_there() {
    let gateway = Gateway::new().delivered();
    fs::rename(gateway.inbox(), gateway.home().join("gone")).unwrap();
    nothing_sent(&gateway, |gateway| gateway.night(25), 66, "RG353");
}
