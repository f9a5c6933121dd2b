//! What the rooms' errors say, as facts for their messages: paths, hosts and numbers as they are,
//! and the rest in both languages.

use std::io;

use jiff::civil::Date;

use crate::delivery::{DeliveryError, KeyFault};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::cause::in_swedish;
use crate::notify::system;
use crate::secrets::SecretError;
use crate::state::{Moved, StateError};

/// What the operating system said.
pub fn of_system(facts: Facts, error: &io::Error) -> Facts {
    system::because(facts, error)
}

/// What the logbook and its folder said.
pub(super) fn of_state(error: &StateError) -> Facts {
    let facts = Facts::new();
    let plan = |plan: &crate::state::PlanId| Facts::new().text(Placeholder::Plan, plan.as_str());
    match error {
        StateError::Locked { pid, since, purpose, .. } => locked(*pid, *since, purpose),
        StateError::Unwritable { path, source } => of_system(facts.path(path), source),
        StateError::Full { path, .. } => {
            because(facts.path(path), "disken är full", "the disk is full")
        }
        StateError::Exposed { path, mode } => because(
            facts.path(path),
            format!("andra konton får skriva där: rättighet {mode:04o}, den ska ha 0700"),
            format!("other accounts may write there: mode {mode:04o}, it must be 0700"),
        ),
        StateError::Corrupt { path, what } => {
            facts.path(path).text(Placeholder::Detail, what.as_str())
        }
        StateError::LedgerMissing { path } => because(
            facts.path(path),
            "den är borta, fast planer ligger kvar bredvid",
            "it is gone, though plans lie beside it",
        ),
        StateError::LedgerBehind { path } => ledger_behind(facts.path(path)),
        StateError::BytesChanged { path, what } => bytes_changed(facts.path(path), what),
        StateError::Newer { path, found, known } | StateError::Older { path, found, known } => {
            because(
                facts.path(path),
                format!("den är av version {found}, programmet skriver version {known}"),
                format!("it is of version {found}, the program writes version {known}"),
            )
        }
        StateError::NoSuchPlan { typed } => facts.text(Placeholder::Plan, typed.as_str()),
        StateError::Ambiguous { typed, count } => because(
            facts.text(Placeholder::Plan, typed.as_str()),
            format!("{count} planer börjar så, skriv fler tecken"),
            format!("{count} plans begin like that, write more of it"),
        ),
        StateError::NotHeld { plan: id, state } => state_of(plan(id), state),
        StateError::Stale { plan: id, moved } => what_moved(plan(id), moved),
        StateError::WouldRollBack { plan: id, published } => because(
            plan(id),
            format!("en nyare fil, från planen {published}, har skickats sedan dess"),
            format!("a newer file, of the plan {published}, was sent since"),
        ),
        StateError::WrongNumber { plan: id, typed } => {
            because(plan(id), format!("du angav {typed}"), format!("you gave {typed}"))
        }
        StateError::FirstDelivery { plan: id } | StateError::Unsettled { plan: id } => plan(id),
        StateError::AlreadyPaused { until } => pause(Some(*until)),
        StateError::NotPaused => pause(None),
        StateError::Ledger { path, source } => {
            let said = source.to_string();
            because(facts.path(path), format!("databasen säger \"{said}\""), said)
        }
        StateError::Name { .. } | StateError::OutOfOrder { .. } | StateError::NoSuchRun { .. } => {
            facts.text(Placeholder::Detail, error.to_string())
        }
    }
}

fn pause(until: Option<Date>) -> Facts {
    let facts = Facts::new();
    match until {
        None => because(facts, "det är ingen paus", "there is no pause"),
        Some(until) => because(
            facts,
            format!("det är redan paus till och med {until}"),
            format!("there is a pause already, through {until}"),
        ),
    }
}

fn locked(pid: Option<u32>, since: Option<jiff::Timestamp>, purpose: &str) -> Facts {
    let process = pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let since = since.map(|since| since.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let of = |word: &str| since.as_ref().map(|at| format!(", {word} {at}")).unwrap_or_default();
    let (sv, en) = (of("sedan"), of("since"));
    because(Facts::new(), format!("{purpose}{process}{sv}"), format!("{purpose}{process}{en}"))
}

fn ledger_behind(facts: Facts) -> Facts {
    because(
        facts,
        "den är nyare än loggboken, som har lagts tillbaka ensam: lägg tillbaka hela mappen, \
         eller flytta undan den här och läs in det som mottagaren senast fick; de som har tagits \
         bort för hand sedan dess måste tas bort igen",
        "it is newer than the logbook, which was put back alone: put the whole folder back, or \
         move this one away and read in what the receiver was last given; whoever was withdrawn \
         since must be withdrawn again",
    )
}

fn bytes_changed(facts: Facts, what: &str) -> Facts {
    match what {
        "gone" => because(facts, "filen är borta", "the file is gone"),
        _ => because(facts, "filen har ändrats sedan den skrevs", "the file was changed since"),
    }
}

fn state_of(facts: Facts, state: &str) -> Facts {
    let (sv, en) = match state {
        "delivered" | "published" => ("den är redan skickad", "it was sent"),
        "superseded" => ("en nyare körning har ersatt den", "a newer run has replaced it"),
        "expired" => ("tiden för godkännande har gått ut", "its time for approval is up"),
        "failed" => ("den gick inte att skicka", "it could not be sent"),
        "adopted" => ("den är en övertagen fil", "it is a file that was taken over"),
        "unknown" => ("det är oklart om den kom fram", "it is unclear whether it arrived"),
        _ => ("den är på väg", "it is on its way"),
    };
    because(facts, sv, en)
}

/// What has moved since a plan was made.
fn what_moved(facts: Facts, moved: &Moved) -> Facts {
    let (sv, en) = match moved {
        Moved::Baseline => (
            "mottagaren har fått något annat sedan dess".to_owned(),
            "the receiver was told something else since".to_owned(),
        ),
        Moved::Configuration => {
            ("inställningsfilen har ändrats".to_owned(), "the configuration has changed".to_owned())
        }
        Moved::Encoder => (
            "filens inställningar eller programmets sätt att skriva den har ändrats".to_owned(),
            "the file's settings or the program's way of writing it have changed".to_owned(),
        ),
        Moved::NewerRun { run } => (
            format!("en nyare körning, {run}, har gjort en egen bedömning"),
            format!("a newer run, {run}, has judged it anew"),
        ),
        Moved::Expired => (
            "tiden för godkännande har gått ut".to_owned(),
            "its time for approval is up".to_owned(),
        ),
        Moved::Protection => (
            "någons skyddsmärkning har ändrats".to_owned(),
            "somebody's protection marking has changed".to_owned(),
        ),
        Moved::Calendar => (
            "leveranserna är pausade, eller en period har börjat där borttag väntar".to_owned(),
            "deliveries are paused, or a window has begun in which removals wait".to_owned(),
        ),
    };
    because(facts, sv, en)
}

/// Why a secret could not be had.
pub fn of_secret(error: &SecretError) -> Facts {
    let named = |secret: String| Facts::new().text(Placeholder::Secret, secret);
    let at = |path: &std::path::Path| named(path.display().to_string()).path(path);
    match error {
        SecretError::OutsideService { name } => because(
            named(format!("credential:{name}")),
            "den finns bara när tjänsten kör: starta med systemctl start rostergate, eller \
             skriv file:/sökväg i inställningsfilen",
            "it is only there when the service runs: start it with systemctl start rostergate, \
             or write file:/path in the configuration",
        ),
        SecretError::Unreadable { path, source } => of_system(at(path), source),
        SecretError::NotAFile { path } => {
            because(at(path), "ingen vanlig fil", "not an ordinary file")
        }
        SecretError::Exposed { path, mode, owner, .. } => because(
            at(path),
            format!(
                "rättighet {mode:04o}, ägare {owner}; ge den till tjänstens konto med 0600, \
                 eller till root med 0640 och tjänstens grupp"
            ),
            format!(
                "mode {mode:04o}, owner {owner}; give it to the service's account with 0600, or \
                 to root with 0640 and the service's group"
            ),
        ),
        SecretError::Unusable { path, fault } => {
            let sv = match *fault {
                "empty" => "filen är tom",
                "not text (UTF-8)" => "den är inte text i UTF-8",
                _ => "större än 64 kB: det är ingen nyckel och inget lösenord",
            };
            because(at(path), sv, *fault)
        }
        _ => Facts::new().text(Placeholder::Detail, error.to_string()),
    }
}

/// Why a delivery failed.
pub(super) fn of_delivery(facts: Facts, error: &DeliveryError) -> Facts {
    match error {
        DeliveryError::Secret(error) => facts.and(of_secret(error)),
        DeliveryError::Key { fault } => because(facts, key_fault(*fault), fault.to_string()),
        DeliveryError::Unreachable { port, doing, cause, .. } => {
            let step = step(doing);
            because(
                facts,
                format!("port {port}, {}: {}", step.0, in_swedish(cause)),
                format!("port {port}, {}: {cause}", step.1),
            )
        }
        DeliveryError::Lost { doing, cause, .. } => {
            let step = step(doing);
            because(
                facts,
                format!("förbindelsen bröts vid {}: {}", step.0, in_swedish(cause)),
                format!("the connection broke at {}: {cause}", step.1),
            )
        }
        DeliveryError::TooSlow { doing, fault, .. } => {
            let step = step(doing);
            let sv = format!("{}: {}", step.0, in_swedish(fault));
            because(facts, sv, format!("{}: {fault}", step.1))
        }
        DeliveryError::OutOfTime { seconds, .. } => because(
            facts,
            format!("hela tiden, {seconds} s, är använd"),
            format!("all of its time, {seconds} s, is used up"),
        ),
        DeliveryError::Local { path, source } => of_system(facts.path(path), source),
        DeliveryError::LocalChanged { path } => bytes_changed(facts.path(path), "changed"),
        DeliveryError::Login { user, method, key, .. } => {
            let key = key.as_ref().map(|key| format!(", {key}")).unwrap_or_default();
            let sv = if *method == "password" { "lösenord" } else { "nyckel" };
            because(facts, format!("{user}, {sv}{key}"), format!("{user}, {method}{key}"))
        }
        DeliveryError::Unknown { source } => of_delivery(facts, source),
        DeliveryError::HostKey { shown, pinned, .. } => {
            let pinned: Vec<String> = pinned.iter().map(ToString::to_string).collect();
            let facts = facts.text(Placeholder::Pinned, pinned.join(", "));
            match shown.first() {
                Some(first) => facts.text(Placeholder::Shown, first.fingerprint.to_string()),
                None => facts,
            }
        }
        _ => of_remote_file(facts, error),
    }
}

/// What is wrong with a private key, in Swedish.
fn key_fault(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Dsa => "DSA-nycklar tas inte emot",
        KeyFault::Locked => "den har en lösenfras: ange \"passphrase\" bredvid \"key\"",
        KeyFault::Lengths => {
            "den är skadad, eller en ecdsa-nyckel som börjar med en nollbyte, i OpenSSH-form"
        }
        KeyFault::NotOpened => "lösenfrasen öppnar den inte, eller så är den ingen privat nyckel",
        KeyFault::NoKey => {
            "ingen privat nyckel i OpenSSH- eller PEM-form (ange den privata filen, inte .pub)"
        }
    }
}

/// What went wrong with one file or folder at the receiver.
fn of_remote_file(facts: Facts, error: &DeliveryError) -> Facts {
    match error {
        DeliveryError::Full { path, free } => because(
            facts.text(Placeholder::Path, path.as_str()),
            format!("{free} byte lediga"),
            format!("{free} bytes free"),
        ),
        DeliveryError::Denied { action, path } => because(
            facts.text(Placeholder::Path, path.as_str()),
            format!("{} nekades", step(action).0),
            format!("{} was denied", step(action).1),
        ),
        DeliveryError::Absent { action, path } => because(
            facts.text(Placeholder::Path, path.as_str()),
            format!("{}: mappen eller filen finns inte", step(action).0),
            format!("{}: no such file or folder", step(action).1),
        ),
        DeliveryError::Refused { action, path, status, text } => because(
            facts.text(Placeholder::Path, path.as_str()),
            format!("{} avvisades med status {status}: {text}", step(action).0),
            format!("{} was refused with status {status}: {text}", step(action).1),
        ),
        DeliveryError::Differs { path, fault } => {
            let facts = facts.text(Placeholder::Path, path.as_str());
            let sv = match *fault {
                "the size differs" => "storleken stämmer inte",
                "the content differs" => "innehållet stämmer inte",
                other => other,
            };
            because(facts, sv, *fault)
        }
        _ => facts.text(Placeholder::Detail, error.to_string()),
    }
}

/// A step on the way to a receiver, in both languages.
fn step(name: &str) -> (&str, &str) {
    let sv = match name {
        "name look-up" => "namnuppslag",
        "connect" => "anslutning",
        "key exchange" => "nyckelutbyte",
        "login" => "inloggning",
        "start" | "start of SFTP" => "start av SFTP",
        "write" => "skrivning",
        "read" | "read back" => "läsning",
        "rename" => "namnbyte",
        "list" => "listning",
        "remove" => "borttagning av en tillfällig fil",
        "create" | "open" => "att skapa filen",
        "sync" | "fsync" => "skrivning till disk",
        "close" => "stängning av filen",
        "stat" => "kontroll av filen",
        other => other,
    };
    (sv, name)
}

pub(super) fn because(facts: Facts, sv: impl Into<String>, en: impl Into<String>) -> Facts {
    facts.words(Placeholder::Detail, sv, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::failure::Failure;
    use crate::notify::catalogue::render;
    use crate::notify::language::Language;

    #[track_caller]
    fn check(failure: &Failure, sv: &[&str], en: &[&str]) {
        for (language, expected) in [(Language::Sv, sv), (Language::En, en)] {
            let told = render(failure.code, language, &failure.facts).to_string();
            for part in expected {
                assert!(told.contains(part), "{part:?} is not in {told}");
            }
        }
    }

    #[test]
    fn each_message_gets_its_own_facts() {
        let since = "2026-11-21T03:15:00Z".parse().ok();
        let path = std::path::PathBuf::from("/var/lib/rostergate");
        let locked =
            StateError::Locked { path: path.clone(), pid: Some(77), since, purpose: "run".into() };
        check(
            &locked.into(),
            &["run, process 77, sedan 2026-11-21 03:15 UTC"],
            &["run, process 77, since 2026-11-21 03:15 UTC"],
        );
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        check(
            &StateError::Unwritable { path, source: denied }.into(),
            &["/var/lib/rostergate", "kontot saknar rättighet"],
            &["/var/lib/rostergate", "the account lacks permission"],
        );
        check(
            &StateError::NoSuchPlan { typed: "P-XYZ".into() }.into(),
            &["ingen plan P-XYZ"],
            &["no plan P-XYZ"],
        );
        let name = "itslearning.key".to_owned();
        check(
            &SecretError::OutsideService { name }.into(),
            &["credential:itslearning.key", "systemctl start rostergate"],
            &["credential:itslearning.key", "systemctl start rostergate"],
        );
    }
}
