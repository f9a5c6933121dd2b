//! A receiver that is not what it should be, or does not take the file.

use std::fs;

use rostergate::delivery::{EmbeddedOptions, EmbeddedServer, KeyPair};

use super::{held_for, nothing_sent};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, secret};
use crate::support::sshd::{Sshd, put};

fn night2(gateway: &Gateway) -> Told {
    gateway.night_of(25, &Export::night("night2"))
}

#[test]
fn an_unknown_host_key_stops_before_any_login() {
    let mut gateway = Gateway::new().delivered();
    let (pinned, other) = (gateway.sshd().host_key("ed25519"), Sshd::start().host_key("ed25519"));
    gateway.change(&pinned.to_string(), &other.to_string());
    let logins = gateway.sshd().login_requests();
    let told = nothing_sent(&gateway, night2, 77, "RG420");
    assert_eq!(gateway.sshd().login_requests(), logins, "nobody tried to log in");
    assert!(told.err.contains(&pinned.to_string()) && told.err.contains(&other.to_string()));
    gateway.change(&format!("[\"{other}\"]"), "[]");
    nothing_sent(&gateway, night2, 77, "RG421");
    assert_eq!(gateway.sshd().login_requests(), logins);
    let trust = ["trust", "lms", &pinned.to_string()];
    gateway.run(&trust).exits(0);
    night2(&gateway).exits(0);
}

#[test]
fn a_refused_login() {
    let gateway = Gateway::new().delivered();
    gateway.sshd().admit_nobody();
    let calls = || gateway.sshd().log().matches("Connection from").count();
    let before = calls();
    nothing_sent(&gateway, night2, 77, "RG422");
    assert_eq!(calls() - before, 1, "one try, so as not to lock the account");
}

#[test]
fn a_receiver_that_is_down_is_tried_again_and_then_given_up() {
    let gateway = Gateway::new().delivered();
    gateway.sshd().stop();
    nothing_sent(&gateway, night2, 69, "RG410");
    gateway.sshd().restart("internal-sftp");
    gateway.night(26).exits(0);
}

#[test]
fn a_folder_that_may_only_be_read() {
    let gateway = Gateway::new().delivered();
    gateway.sshd().restart("internal-sftp -R");
    nothing_sent(&gateway, night2, 77, "RG412");
    gateway.sshd().restart("internal-sftp");
    gateway.night(26).exits(0);
}

#[test]
fn a_folder_that_is_not_there() {
    let gateway = Gateway::new().delivered();
    let gone = gateway.remote().with_extension("borta");
    fs::rename(gateway.remote(), &gone).unwrap();
    let told = night2(&gateway).exits(77).explains("RG412");
    assert!(told.err.contains("finns inte, eller kontot får inte skriva i den"), "{}", told.err);
    fs::rename(&gone, gateway.remote()).unwrap();
    gateway.night(26).exits(0);
}

#[test]
fn a_full_receiver() {
    let root = tempfile::tempdir().unwrap();
    let (inbox, keys) = (root.path().join("in"), KeyPair::fresh().unwrap());
    fs::create_dir(&inbox).unwrap();
    let mut options = EmbeddedOptions::new("skolan");
    options.public_key = Some(keys.public);
    // One file fits, the next one beside it does not.
    options.quota = Some(100_000);
    let server = EmbeddedServer::start(root.path(), options).unwrap();

    let mut gateway = Gateway::new();
    secret(&gateway.home().join("lms.key"), keys.private.expose());
    for (key, value) in [
        ("port            = ", server.port().to_string()),
        ("user            = ", "\"skolan\"".to_owned()),
        ("host-keys       = ", format!("[\"{}\"]", server.host_key())),
        ("folder          = ", "\"/in\"".to_owned()),
    ] {
        let line = gateway.config().lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        gateway.change(&line, &format!("{key}{value}"));
    }
    let gateway = gateway.delivered();
    let before = fs::read(inbox.join("ims.xml")).unwrap();
    night2(&gateway).exits(69).explains("RG411");
    assert!(fs::read(inbox.join("ims.xml")).unwrap() == before);
    assert_eq!(fs::read_dir(&inbox).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn a_file_that_somebody_else_left_holds() {
    let gateway = Gateway::new().delivered();
    put(&gateway.remote().join("ims.xml"), "another sender's");
    held_for(&gateway, night2, "RG339");
}
