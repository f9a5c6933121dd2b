//! F05: an export that says the same night after night is told, and never held.

use crate::support::export::Export;
use crate::support::gateway::Gateway;

/// The remark on the fifth school day, and the nights' exit codes.
fn five_days(again: bool) -> Gateway {
    let gateway = Gateway::new().mailing().delivered();
    for day in 25..=30 {
        if again {
            gateway.export(&Export::night("night1"));
        }
        gateway.night(day).exits(0).says(if again { "inga ändringar" } else { "inget skickades" });
        assert!(!gateway.mails().last().unwrap().body.contains("RG364"), "{day} August");
    }
    if again {
        gateway.export(&Export::night("night1"));
    }
    gateway.night(31).exits(0);
    gateway
}

#[test]
fn f05_after_five_school_days_the_mail_and_status_say_so() {
    for again in [true, false] {
        let gateway = five_days(again);
        let mails = gateway.mails();
        let mail = &mails.last().unwrap();
        let said = "Exporten från register har varit exakt likadan i 5 skoldagar.";
        assert!(mail.subject.contains("[OK]") && mail.body.contains(said), "{}", mail.body);
        gateway.run(&["status"]).exits(0).says("likadan sedan 5 skoldagar (RG364)");
        let status = gateway.run(&["status", "--json"]).exits(0).json();
        assert_eq!(status["frozen"]["register"], 5);
        assert!(status["level"].as_u64() >= Some(1));

        gateway.export(&Export::night("night2"));
        gateway.run_at("2026-09-01T04:15").exits(0);
        assert!(!gateway.mails().last().unwrap().body.contains("RG364"));
        assert!(gateway.run(&["status", "--json"]).json()["frozen"]["register"].is_null());
    }
}
