//! What OpenSSH may be configured to refuse, or to shut us into.

use std::fs;

use rostergate::delivery::{How, Step, Tag, Verified, Writable, probe};

use crate::support::deliveries::{code, names};
use crate::support::nights::{Place, days};
use crate::support::sshd::{Sshd, put};

const RENAMED: [&str; 1] = ["ims.xml moved in"];

fn probed(place: &Place) -> rostergate::delivery::Probe {
    let tag = Tag::new("inst1", "check").unwrap();
    probe(&place.to, &place.pins, &place.with, Some(&tag)).unwrap()
}

#[test]
fn rename_is_one_step() {
    let sshd = Sshd::start();
    for (receipt, seen) in sshd.place("").two_nights() {
        assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
        assert_eq!(seen, RENAMED);
    }
}

#[test]
fn a_marker_goes_first_and_comes_last() {
    let sshd = Sshd::start();
    let [(_, first), (_, second)] = sshd.place("publish = \"done-file\"").two_nights();
    assert_eq!(first, ["ims.xml moved in", "ims.xml.done moved in"]);
    assert_eq!(second, ["ims.xml.done removed", "ims.xml moved in", "ims.xml.done moved in"]);
}

#[test]
fn written_straight_a_part_can_be_seen() {
    let sshd = Sshd::start();
    let [(_, first), (receipt, second)] = sshd.place("publish = \"direct\"").two_nights();
    assert_eq!(first, ["ims.xml made", "ims.xml written"]);
    assert_eq!(second, ["ims.xml written"]);
    assert_eq!(receipt.verified, Verified::ReadBack);
}

#[test]
fn in_a_chroot_all_strategies_work() {
    let sshd = Sshd::jailed();
    for (receipt, seen) in sshd.place("").two_nights() {
        assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
        assert_eq!(seen, RENAMED);
    }
    for publish in ["done-file", "direct"] {
        sshd.place(&format!("publish = \"{publish}\"")).two_nights();
    }
    assert_eq!(names(&sshd.inbox()), ["ims.xml", "ims.xml.done"]);
    let found = probed(&sshd.place(""));
    assert!(found.folder_listed && found.replaces);
}

#[test]
fn without_posix_rename_the_old_file_stands_aside_and_no_part_is_seen() {
    let sshd = Sshd::with("internal-sftp -P posix-rename");
    let place = sshd.place("");
    assert!(!probed(&place).replaces);
    let [(_, first), (receipt, second)] = place.two_nights();
    // OpenSSH links the new name and unlinks the old one.
    assert_eq!(first, ["ims.xml made"]);
    assert_eq!(second, ["ims.xml removed", "ims.xml made"]);
    assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
    let marked = sshd.place("publish = \"done-file\"");
    marked.two_nights();
    let (_, third) = marked.delivers("P-3", b"the third day");
    let expected = ["ims.xml.done removed", "ims.xml removed", "ims.xml made", "ims.xml.done made"];
    assert_eq!(third, expected);
}

#[test]
fn a_server_that_refuses_to_rename_keeps_yesterdays_file_and_takes_direct() {
    let sshd = Sshd::with("internal-sftp -P rename,posix-rename");
    put(&sshd.inbox().join("ims.xml"), "yesterday");
    let (told, seen) = sshd.place("").night("P-1", b"today");
    assert_eq!((code(&told), told.waits.len()), (412, 0), "{:?}", told.outcome.err());
    assert!(seen.is_empty(), "{seen:?}");
    assert!(matches!(told.steps.last(), Some(Step::NotPublished)));
    assert_eq!(sshd.place("").now(), b"yesterday");
    sshd.place("publish = \"direct\"").two_nights();
}

#[test]
fn a_folder_that_may_only_be_read_is_found_by_the_probe_and_left_as_it_is() {
    let sshd = Sshd::with("internal-sftp -R");
    put(&sshd.inbox().join("ims.xml"), "yesterday");
    for publish in ["rename", "done-file", "direct"] {
        let place = sshd.place(&format!("publish = \"{publish}\""));
        let found = probed(&place);
        assert!(found.folder_listed && matches!(found.writable, Some(Writable::No(_))));
        let (told, seen) = place.night("P-1", b"today");
        assert_eq!((code(&told), told.waits.len()), (412, 0), "{publish}");
        assert!(seen.is_empty(), "{publish}: {seen:?}");
        assert_eq!(place.now(), b"yesterday");
    }
}

#[test]
fn a_folder_that_may_only_be_written_takes_files_by_size_alone() {
    let sshd = Sshd::with("internal-sftp -P read,opendir,readdir,stat,lstat,fstat");
    let [first, second] = days();
    let (told, seen) = sshd.place("").night("P-1", &first);
    assert_eq!((code(&told), seen.len()), (412, 0), "it cannot be read back");
    assert!(names(&sshd.inbox()).is_empty(), "what was put beside is taken back");
    let place = sshd.place("verify = \"size\"");
    assert_eq!(probed(&place).writable, Some(Writable::NotReadable));
    for (plan, day) in [("P-1", &first), ("P-2", &second)] {
        let (receipt, seen) = place.delivers(plan, day);
        assert_eq!((receipt.how, receipt.verified), (How::Assumed, Verified::Acknowledged));
        assert_eq!(seen, RENAMED);
    }
}

#[test]
fn a_folder_that_may_not_be_listed_is_no_hindrance() {
    let sshd = Sshd::with("internal-sftp -P opendir,readdir,fsync,statvfs,limits");
    let place = sshd.place("");
    let found = probed(&place);
    assert!(!found.folder_listed && found.writable == Some(Writable::Yes));
    assert!(!found.extensions.iter().any(|offered| offered.starts_with("fsync")));
    for (receipt, seen) in place.two_nights() {
        assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
        assert_eq!(seen, RENAMED);
    }
    assert_eq!(fs::read_dir(sshd.inbox()).unwrap().count(), 1);
}
