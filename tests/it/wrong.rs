//! Wrong things, one by one: each ends in its exit code and its message in three parts, and
//! nothing is sent.

mod configuration;
mod mail_server;
mod names;
mod receiver;
mod register;
mod surroundings;

use crate::support::gateway::{Gateway, Told};

/// Does something wrong and asserts its exit code, its message in three parts, and that neither
/// the receiver nor what we know of it has changed.
#[track_caller]
fn nothing_sent(
    gateway: &Gateway,
    act: impl FnOnce(&Gateway) -> Told,
    exit: i32,
    code: &str,
) -> Told {
    let (received, known) = (gateway.received(), gateway.told());
    let told = act(gateway).exits(exit).explains(code);
    assert_eq!(gateway.received(), received, "{code}");
    assert_eq!(gateway.told(), known, "{code}");
    told
}

/// The same for a night that is held: the codes of what it breaks are in its plan.
#[track_caller]
fn held_for(gateway: &Gateway, act: impl FnOnce(&Gateway) -> Told, code: &str) -> Told {
    let (received, known) = (gateway.received(), gateway.told());
    let told = act(gateway).exits(10);
    assert!(codes(gateway).iter().any(|found| found == code), "{:?}\n{}", codes(gateway), told.out);
    assert_eq!((gateway.received(), gateway.told()), (received, known), "{code}");
    told
}

/// The codes that a held plan breaks.
fn codes(gateway: &Gateway) -> Vec<String> {
    let plan = gateway.run(&["plan", &gateway.held(), "--json"]).exits(0).json();
    let codes = plan["codes"].as_array().unwrap().iter();
    codes.map(|code| code.as_str().unwrap().to_owned()).collect()
}
