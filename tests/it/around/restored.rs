//! F33: a logbook that comes back from a backup is never an empty one, and nothing is sent on its
//! word.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::export::Export;
use crate::support::gateway::Gateway;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}

fn put_back(gateway: &Gateway) {
    fs::remove_dir_all(gateway.state()).unwrap();
    copy(&gateway.home().join("backup"), &gateway.state());
}

fn changed(night: usize) -> Export {
    Export::night("night2").with("personer.csv", "Nygift", &format!("Nygift{night}"))
}

/// A series of nights with a copy of the state folder from before them.
fn nights(count: usize) -> Gateway {
    let gateway = Gateway::new().mailing().delivered();
    gateway.night_of(25, &changed(0)).exits(0);
    copy(&gateway.state(), &gateway.home().join("backup"));
    for night in 1..=count {
        gateway.export(&changed(night));
        let day = 25 + night;
        let date =
            if day > 31 { format!("2026-09-{:02}", day - 31) } else { format!("2026-08-{day}") };
        gateway.run_at(&format!("{date}T04:15")).exits(0);
    }
    gateway
}

#[test]
fn f33_a_state_folder_of_ten_days_ago_holds_and_tells_the_way_out() {
    let gateway = nights(10);
    days_go_by(&gateway);
    let (before, newest) = (gateway.received(), gateway.told());
    put_back(&gateway);
    assert_ne!(gateway.told(), newest, "the logbook is an old one");
    for day in [5, 6] {
        gateway.export(&changed(10 + day));
        gateway.run_at(&format!("2026-09-{day:02}T04:15")).exits(10);
        let reasons = gateway.held_for();
        assert!(reasons.contains(&"RG347".to_owned()), "{reasons:?}");
        assert!(
            reasons.contains(&"RG339".to_owned()),
            "the file there is a newer one: {reasons:?}"
        );
        assert!(!reasons.contains(&"RG333".to_owned()), "never as if nothing had been sent");
        let persons = &gateway.held_json()["counts"]["persons"];
        assert_eq!(persons["before"], 87, "compared with the old one, not with nothing");
        assert_eq!(gateway.received(), before, "nothing is sent");
    }
    let help = gateway.run(&["help", "RG347"]).exits(0);
    assert!(
        help.out.contains("baseline show") && help.out.contains("baseline adopt"),
        "{}",
        help.out
    );
    // The way out: what the receiver holds is told to the logbook.
    let file = gateway.remote().join("ims.xml").display().to_string();
    gateway.run(&["baseline", "adopt", "lms", &file]).exits(0);
    gateway.run_at("2026-09-07T04:15").exits(10);
    gateway.approve(&[]).exits(0);
    gateway.export(&changed(20));
    gateway.run_at("2026-09-08T04:15").exits(0);
    assert!(gateway.xml().contains("Nygift20"));
}

/// The nights of a test pass within a second, and a receiver's times count in seconds.
fn days_go_by(gateway: &Gateway) {
    let file = fs::File::options().append(true).open(gateway.remote().join("ims.xml")).unwrap();
    let later = file.metadata().unwrap().modified().unwrap() + std::time::Duration::from_secs(60);
    file.set_modified(later).unwrap();
}

/// Too young to be old, and yet not what the receiver holds.
#[test]
fn f33_a_state_folder_of_three_days_ago_is_seen_by_the_receivers_file() {
    let gateway = nights(3);
    days_go_by(&gateway);
    let before = gateway.received();
    put_back(&gateway);
    gateway.night_of(29, &changed(9)).exits(10);
    assert_eq!(gateway.held_for(), ["RG339"]);
    assert_eq!(gateway.received(), before);
}

#[test]
fn f33_a_ledger_without_its_files_and_files_without_their_ledger_are_errors() {
    for gone in ["runs", "ledger.sqlite3"] {
        let gateway = Gateway::new().delivered();
        let before = gateway.received();
        let path = gateway.state().join(gone);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        for day in [25, 26] {
            let told = gateway.night_of(day, &changed(1)).exits(74);
            let all = told.out + &told.err;
            assert!(all.contains("RG502") && !all.contains("RG333"), "{gone}: {all}");
            assert_eq!(gateway.received(), before, "{gone}");
        }
    }
}

/// The receiver takes every file, so nothing there shows that the logbook alone is yesterday's.
#[test]
fn f33_a_ledger_put_back_alone_is_noticed_by_the_files_that_it_does_not_know() {
    let gateway = Gateway::new().delivered();
    let (ledger, backup) =
        (gateway.state().join("ledger.sqlite3"), gateway.home().join("ledger.backup"));
    gateway.night_of(25, &changed(0)).exits(0);
    fs::copy(&ledger, &backup).unwrap();
    gateway.night_of(26, &changed(1)).exits(0);
    fs::copy(&backup, &ledger).unwrap();
    fs::remove_file(gateway.remote().join("ims.xml")).unwrap();
    let kept = fs::read_dir(gateway.state().join("runs")).unwrap().count();
    for day in [27, 28] {
        let told = gateway.night_of(day, &changed(2)).exits(74);
        let all = told.out + &told.err;
        assert!(all.contains("RG502"), "{all}");
        assert!(!gateway.remote().join("ims.xml").exists(), "nothing is sent");
    }
    let left = fs::read_dir(gateway.state().join("runs")).unwrap().count();
    assert_eq!(left, kept, "what shows it is not swept away");
}
