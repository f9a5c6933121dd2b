//! A mail server that is dead, hangs or is stripped of its encryption: the delivery is what it
//! is, and the mail goes with the next run, once.

use std::time::{Duration, Instant};

use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::smtp::{Hostile, hostile};
use crate::support::sshd::free_port;

#[test]
fn the_night_goes_on_and_the_mail_waits() {
    let mut gateway = Gateway::new().mailing().delivered();
    let sound = gateway.config().to_owned();
    let right = sound.lines().rfind(|line| line.starts_with("port = ")).unwrap().to_owned();
    let (silent, _) = hostile(Hostile::Silent);
    let (dripping, _) = hostile(Hostile::Dripping);
    let (stripped, heard) = hostile(Hostile::WithoutStarttls);
    let (babbling, _) = hostile(Hostile::Babbling);
    let nights = ["night2", "night4", "night2", "night4", "night2"];
    let before = gateway.mails().len();
    for (day, port) in (25..).zip([free_port(), silent, dripping, stripped, babbling]) {
        let there = format!("port = {port}\ntimeout = \"1s\"\ngive-up-after = \"1s\"");
        gateway.configure(sound.replace(&right, &there));
        let (started, night) = (Instant::now(), Export::night(nights[usize::from(day) - 25]));
        let told = gateway.night_of(day, &night).exits(0).says("väntar till nästa körning");
        assert!(started.elapsed() < Duration::from_secs(20), "{told:?}");
    }
    assert!(!String::from_utf8_lossy(&heard.lock().unwrap()).contains("AUTH"), "no login in clear");
    gateway.run(&["status"]).exits(0).says("väntar: 5");
    assert_eq!(gateway.mails().len(), before);
    gateway.configure(sound);
    gateway.night_of(30, &Export::night("night4")).exits(0);
    gateway.night(31).exits(0);
    let mails = gateway.mails();
    let mut ids: Vec<&str> = mails.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!(ids.len(), before + 5 + 2);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), before + 5 + 2, "each once");
}
