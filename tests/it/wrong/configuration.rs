//! Mistakes in the configuration file, found before anything runs.

use super::nothing_sent;
use crate::support::export::Export;
use crate::support::gateway::Gateway;

#[test]
fn a_mistake_in_the_configuration_stops_everything_and_is_pointed_at() {
    let mut gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    let cases = [
        ("always-allow = 3", "alwyas-allow = 3", "RG101", "always-allow"),
        ("[limits]", "[limits]\npersons = { remove = nan }", "RG102", "remove"),
        ("[limits]", "[limits]\npersons = { remove = \"nan\" }", "RG102", "nan"),
        ("[limits]", "[limits]\npersons = { remove = \"5,0\" }", "RG102", "5,0"),
        ("[limits]", "[limits]\npersons = { remove = \"250%\" }", "RG102", "250%"),
        ("[limits]", "[limits]\npersons = { remove = \"31%\" }", "RG102", "31%"),
        ("[limits]", "[limits]\npersons = { remove = \"5 procent\" }", "RG102", "5 procent"),
        ("[limits]", "[limits]\npersons = { remove = 5 }", "RG102", "remove"),
        ("key             = \"file:", "key = \"hemligt", "RG112", ""),
        ("[limits]", "[monitor]\nheartbeat = \"hemligt\"\n[limits]", "RG112", "monitor"),
        ("[limits]", "[retention]\nreports = \"30d\"\n[limits]", "RG104", "reports"),
        ("config-version = 1", "config-version = ", "RG101", "config-version"),
    ];
    for (from, to, code, names) in cases {
        gateway.change(from, to);
        let run = |gateway: &Gateway| gateway.night(25);
        let told = nothing_sent_by(&mut gateway, run, code);
        assert!(told.contains(names), "no {names:?} in\n{told}");
        assert!(told.contains("rad "), "the line is told:\n{told}");
        gateway.change(to, from);
    }
    gateway.night(25).exits(0);
}

/// Without a look at the baseline, which takes a sound configuration.
#[track_caller]
fn nothing_sent_by(
    gateway: &mut Gateway,
    act: impl FnOnce(&Gateway) -> crate::support::gateway::Told,
    code: &str,
) -> String {
    let before = gateway.received();
    let told = act(gateway).exits(78).explains(code);
    assert_eq!(gateway.received(), before);
    assert!(!told.err.contains("hemligt"), "a secret is never repeated");
    told.err
}

#[test]
fn a_configuration_that_is_not_there() {
    let gateway = Gateway::new();
    std::fs::remove_file(gateway.home().join("rostergate.toml")).unwrap();
    gateway.night(24).exits(78).explains("RG103");
}

#[test]
fn a_secret_that_is_missing_or_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let gateway = Gateway::new().delivered();
    let key = gateway.home().join("lms.key");
    gateway.export(&Export::night("night2"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    nothing_sent(&gateway, |gateway| gateway.night(25), 78, "RG111");
    std::fs::remove_file(&key).unwrap();
    nothing_sent(&gateway, |gateway| gateway.night(25), 78, "RG110");
}

#[test]
fn another_clock_is_refused_for_a_real_receiver() {
    let mut gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    gateway.change("environment = \"test\"", "environment = \"production\"");
    for command in ["run", "plan"] {
        let as_of = [command, "--as-of", "2026-08-25T04:15"];
        nothing_sent(&gateway, |gateway| gateway.run(&as_of), 2, "RG106");
    }
}

#[test]
fn a_target_that_does_not_exist() {
    let gateway = Gateway::new().delivered();
    let unknown = ["run", "--target", "lsm"];
    nothing_sent(&gateway, |gateway| gateway.run(&unknown), 2, "RG105");
    assert_eq!(gateway.run(&["run", "--nwo"]).exit, 2, "an unknown option");
}

/// Rule 29. Whoever is not root, or has installed the service, cannot show it.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn a_real_receiver_is_not_fed_by_root_alone() {
    let root = nix::unistd::Uid::effective().is_root();
    if !root || nix::unistd::User::from_name("rostergate").unwrap().is_some() {
        eprintln!("NOT TESTED: needs root, and no user rostergate");
        return;
    }
    let mut gateway = Gateway::new().delivered();
    gateway.export(&Export::night("night2"));
    gateway.change("environment = \"test\"", "environment = \"production\"");
    nothing_sent(&gateway, |gateway| gateway.run(&["run"]), 77, "RG107");
}

/// The configuration names recipients and servers, and says where everything goes. A night goes
/// on all the same: the warning is for whoever sets it up.
#[test]
fn f77_a_configuration_that_others_may_read_or_change_is_warned_of() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let gateway = Gateway::new().delivered();
    let config = gateway.home().join("rostergate.toml");
    for (mode, warned) in [
        (0o600, false),
        (0o640, false),
        (0o660, false),
        (0o644, true),
        (0o666, true),
        (0o602, true),
    ] {
        set_permissions(&config, Permissions::from_mode(mode)).unwrap();
        let told = gateway.run(&["check"]);
        assert_eq!(told.out.contains("RG118"), warned, "{mode:o}: {}", told.out);
    }
    gateway.night_of(25, &Export::night("night2")).exits(0);
}
