//! Who decided what can be checked: the chain in the logbook against the receipts in the mails.

use rusqlite::Connection;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, next_year};
use crate::support::sealing::{ledger, reseal};

/// The receipt that a mail ends with.
#[track_caller]
fn receipt_in(mail: &str) -> &str {
    let after = mail.split("kvitto ").nth(1).unwrap_or_else(|| panic!("no receipt in\n{mail}"));
    &after[..7]
}

/// The receipts of `history`, newest run first.
fn receipts(gateway: &Gateway) -> Vec<String> {
    let history = gateway.run(&["history", "--json"]).exits(0).json();
    let runs = history["runs"].as_array().unwrap().iter();
    runs.map(|run| run["receipt"].as_str().unwrap().to_owned()).collect()
}

fn two_nights() -> Gateway {
    let gateway = Gateway::new().mailing().delivered();
    gateway.night_of(25, &Export::night("night2")).exits(0);
    gateway
}

#[test]
fn the_mails_receipt_is_the_one_that_history_shows() {
    let gateway = two_nights();
    let mails = gateway.mails();
    let mut shown = receipts(&gateway);
    shown.reverse();
    let mailed: Vec<&str> = mails.iter().map(|mail| receipt_in(&mail.body)).collect();
    assert_eq!(mailed, shown, "held, approved, delivered");
    assert_eq!(mailed.len(), 3);
    assert!(mailed[0] != mailed[1] && mailed[1] != mailed[2]);
    let (head, tail) = mailed[2].split_once('-').unwrap();
    assert!((head.len(), tail.len()) == (4, 2), "{}", mailed[2]);
    let text = gateway.run(&["history"]).exits(0);
    for receipt in mailed {
        assert!(text.out.contains(&format!("kvitto {receipt}")), "{}", text.out);
    }

    let verified = gateway.run(&["history", "--verify"]).exits(0);
    let verified =
        verified.says("Beslut som hänger ihop: 4 (från 2026-08-24 04:15 till 2026-08-25");
    verified.says(&format!("Kvitto nu: {}", mails_last(&gateway)));
    let json = gateway.run(&["history", "--verify", "--json"]).exits(0).json();
    assert_eq!((json["decisions"].as_u64(), json["holds"].as_bool()), (Some(4), Some(true)));
}

fn mails_last(gateway: &Gateway) -> String {
    receipt_in(&gateway.mails().last().unwrap().body).to_owned()
}

/// What `history --verify` says after somebody who may write the ledger changed it.
fn after(change: impl FnOnce(&Connection)) -> (Gateway, Told) {
    let gateway = two_nights();
    change(&ledger(&gateway.state()));
    gateway.run(&["history", "--verify", "--json"]).exits(74);
    let told = gateway.run(&["history", "--verify"]).exits(74).explains("RG509");
    (gateway, told)
}

#[test]
fn an_approval_that_was_put_in_another_name_is_found() {
    let (gateway, told) = after(|ledger| {
        reseal(ledger, "decision", "n = 2", &|text| {
            assert!(text.contains("\"what\":\"approved\"") && text.contains("anna.admin"));
            text.replace("anna.admin", "olle.ordinarie")
        });
    });
    assert!(told.out.contains("Beslut som hänger ihop: 1 "), "{}", told.out);
    assert!(told.err.contains("2026-08-24 04:15, R-20260824-"), "{}", told.err);
    assert!(told.err.contains("beslutet har ändrats"), "{}", told.err);
    // It still opens and works: the seals hold, and only the chain tells.
    gateway.run(&["status"]).exits(0);
}

#[test]
fn decisions_that_were_removed_are_found() {
    let (_, told) = after(|ledger| {
        ledger.execute("DELETE FROM decision WHERE n = 2", []).unwrap();
    });
    assert!(told.err.contains("beslutet före det här är borta"), "{}", told.err);
    let (_, told) = after(|ledger| {
        ledger.execute("DELETE FROM decision WHERE n = 4", []).unwrap();
    });
    assert!(told.err.contains("R-20260825-") && told.err.contains("kvitto gäller är borta"));
    let (gateway, told) = after(|ledger| {
        ledger.execute("DELETE FROM decision WHERE n < 4", []).unwrap();
    });
    assert!(told.err.contains("R-20260825-") && told.err.contains("före det här är borta"));
    let told = gateway.run(&["history", "--verify", "--lang", "en"]).exits(74);
    assert!(told.err.contains("the decision before this one is gone"), "{}", told.err);
}

#[test]
fn a_withdrawal_that_was_removed_is_found() {
    let gateway = two_nights();
    let key = "elev-al-1A-2";
    let asked = ["withdraw", key, "--reason", "skydd", "--as-of", "2026-08-25T10:00"];
    gateway.run(&asked).exits(0);
    gateway.run(&["history", "--verify"]).exits(0);
    ledger(&gateway.state()).execute("DELETE FROM withdrawn", []).unwrap();
    let told = gateway.run(&["history", "--verify"]).exits(74).explains("RG509");
    assert!(told.err.contains("borttagna för hand är fler eller färre"), "{}", told.err);
    assert!(!told.err.contains(key) && !told.out.contains(key));
    let told = gateway.run(&["history", "--verify", "--lang", "en"]).exits(74);
    assert!(told.err.contains("withdrawn by hand are more or fewer"), "{}", told.err);
}

#[test]
fn a_refused_approval_is_a_decision_too() {
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let plan = gateway.held();
    let wrong = ["approve", &plan, "--reason", "fel tal", "--confirm", "1", "--receiver-empty"];
    gateway.run(&wrong).exits(2).explains("RG506");
    let ledger = ledger(&gateway.state());
    let last: String = ledger
        .query_row("SELECT record FROM decision ORDER BY n DESC LIMIT 1", [], |row| row.get(0))
        .unwrap();
    for part in ["\"refused\"", "anna.admin", "fel tal", &plan] {
        assert!(last.contains(part), "{last}");
    }
    gateway.run(&["history", "--verify"]).exits(0).says("Beslut som hänger ihop: 2 ");
}

#[test]
fn before_anything_was_decided_there_is_nothing_to_verify() {
    let gateway = Gateway::new();
    gateway.run(&["history", "--verify"]).exits(0).says("Inget beslut än.");
}

/// A reason is free text, and whoever gives it is not always whoever reads it.
#[test]
fn no_reason_draws_on_the_screen_or_looks_like_a_line_of_ours() {
    let odd = "ja\u{1b}[2J\nP-FALSK   lms   levererad\u{202e}\u{200b}";
    let gateway = Gateway::new();
    gateway.night_of(24, &Export::night("night1")).exits(10);
    let plan = gateway.held();
    let number = gateway.number_of(&plan).to_string();
    let arguments = ["approve", &plan, "--reason", odd, "--confirm", &number, "--receiver-empty"];
    gateway.run(&arguments).exits(0);
    gateway.run(&["withdraw", "elev-al-1A-2", "--reason", odd]);
    gateway.run(&["pause", "--until", &next_year().to_string(), "--reason", odd]).exits(0);
    for command in [&["history"][..], &["withdraw", "--list"], &["status"]] {
        let told = gateway.run(command).says("P-FALSK");
        assert!(!told.out.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{told:?}");
        assert!(!told.out.lines().any(|line| line.starts_with("P-FALSK")), "{told:?}");
    }
}
