//! Deliveries to a real OpenSSH server and to the embedded one: every strategy, and the faults
//! that a real server can be brought to.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use rostergate::delivery::{How, Step, Tag, Verified, Writable, connect, observe, probe};
use tempfile::TempDir;

use crate::support::deliveries::{at, code, document, embedded, names, send, settings, with_key};
use crate::support::sshd::{Sshd, put, user};

#[test]
fn renamed_into_place_over_yesterdays_file() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    put(&sshd.inbox().join("ims.xml"), "yesterday");
    put(&sshd.inbox().join("annan.txt"), "not ours");
    let content: Vec<u8> = (0..3_000_000_u32).map(|i| (i * 7 % 251).to_be_bytes()[3]).collect();
    let file = document(&local, "ims.xml", &content);
    let told = send(&at(&sshd, ""), &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    let receipt = told.outcome.unwrap();
    assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
    assert_eq!((receipt.bytes, receipt.files.len()), (3_000_000, 1));
    assert!(receipt.files[0].mtime.is_some());
    assert_eq!(fs::read(sshd.inbox().join("ims.xml")).unwrap(), content);
    assert_eq!(names(&sshd.inbox()), ["annan.txt", "ims.xml"]);
    assert_eq!(told.last_progress, (3_000_000, 3_000_000));
    assert!(matches!(
        &told.steps[..],
        [
            Step::Uploading { temps },
            Step::Uploaded { temps: notes },
            Step::Publishing { finals },
            Step::Published { how: How::Verified }
        ] if temps[0].ends_with("/.ims.xml.inst1.P-1.part") && notes[0].seen && finals[0].ends_with("/ims.xml")
    ));
}

#[test]
fn temporary_files_may_lie_in_another_folder() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let temp = sshd.inbox().parent().unwrap().join("temp");
    fs::create_dir(&temp).unwrap();
    let to = at(&sshd, &format!("temp-folder = \"{}\"\nverify = \"size\"", temp.display()));
    let file = document(&local, "ims.xml", b"today");
    let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!(told.outcome.unwrap().verified, Verified::Size);
    assert_eq!(fs::read(sshd.inbox().join("ims.xml")).unwrap(), b"today");
    assert!(names(&temp).is_empty());
}

#[test]
fn several_files_become_complete_with_their_marker() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let files = [document(&local, "elever.csv", b"a;b\n"), document(&local, "grupper.csv", b"c\n")];
    let pins = [sshd.host_key("ed25519")];
    let refused = send(&at(&sshd, ""), &pins, &with_key(sshd.key()), &files);
    assert_eq!((code(&refused), refused.steps.len()), (102, 0));
    put(&sshd.inbox().join("klar.txt"), "yesterday's");
    let to = at(&sshd, "publish = \"done-file\"\ndone-file = \"klar.txt\"");
    for _ in 0..2 {
        let told = send(&to, &pins, &with_key(sshd.key()), &files);
        assert_eq!(told.outcome.unwrap().files.len(), 2);
        assert_eq!(names(&sshd.inbox()), ["elever.csv", "grupper.csv", "klar.txt"]);
    }
    let marker = fs::read_to_string(sshd.inbox().join("klar.txt")).unwrap();
    assert_eq!(marker.lines().count(), 2);
    // As `printf 'a;b\n' | sha256sum` says it.
    let digest = "9a8be2eb1604c06722f17a9bbdb1160123efa0dcf87979013ead941593977af2";
    assert_eq!(marker.lines().next().unwrap(), format!("{digest}  elever.csv"));
}

#[test]
fn straight_to_its_name_where_that_is_asked_for() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    put(&sshd.inbox().join("ims.xml"), "a longer file than the one of today");
    let file = document(&local, "ims.xml", b"today");
    let to = at(&sshd, "publish = \"direct\"");
    let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!(told.outcome.unwrap().verified, Verified::ReadBack);
    assert_eq!(fs::read(sshd.inbox().join("ims.xml")).unwrap(), b"today");
}

#[test]
fn our_own_old_temporary_files_are_swept_and_others_are_not() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let old = [
        ".ims.xml.inst1.P-0.part",
        ".ims.xml.inst1.P-0.old",
        ".ims.xml.inst2.P-0.part",
        "ims.xml.inst1.P-0.part",
        ".part",
    ];
    for name in old {
        put(&sshd.inbox().join(name), "x");
        let file = File::options().write(true).open(sshd.inbox().join(name)).unwrap();
        file.set_modified(days_ago(2)).unwrap();
    }
    put(&sshd.inbox().join(".ims.xml.inst1.P-9.part"), "of an hour ago");
    let file = document(&local, "ims.xml", b"today");
    let told = send(&at(&sshd, ""), &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    told.outcome.unwrap();
    let expected = [
        ".ims.xml.inst1.P-9.part",
        ".ims.xml.inst2.P-0.part",
        ".part",
        "ims.xml",
        "ims.xml.inst1.P-0.part",
    ];
    assert_eq!(names(&sshd.inbox()), expected);
}

#[expect(clippy::disallowed_methods, reason = "files of the test's own get an age")]
fn days_ago(days: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(days * 24 * 3600)
}

#[test]
fn a_folder_that_may_not_be_written_is_tried_once() {
    let (sshd, local) = (Sshd::with("internal-sftp -R"), TempDir::new().unwrap());
    put(&sshd.inbox().join("ims.xml"), "yesterday");
    let file = document(&local, "ims.xml", b"today");
    let told = send(&at(&sshd, ""), &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!((code(&told), told.waits.len()), (412, 0));
    assert_eq!(fs::read(sshd.inbox().join("ims.xml")).unwrap(), b"yesterday");
    assert!(matches!(&told.steps[..], [Step::Uploading { .. }]));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let to = settings(sshd.port, &user(), "/nowhere/at/all", "");
    let file = document(&local, "ims.xml", b"today");
    let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!(code(&told), 412);
    assert!(told.outcome.unwrap_err().to_string().contains("/nowhere/at/all"));
}

#[test]
fn a_disk_that_refuses_every_byte_is_an_error() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    std::os::unix::fs::symlink("/dev/full", sshd.inbox().join("ims.xml")).unwrap();
    let file = document(&local, "ims.xml", &vec![b'x'; 200_000]);
    let to = at(&sshd, "publish = \"direct\"");
    let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    // What stood there is gone already: that is not "not sent", and worth every try.
    assert_eq!((code(&told), told.waits.len()), (430, 3));
    assert!(!told.steps.iter().any(|step| matches!(step, Step::Published { .. })));
}

#[test]
fn a_server_without_extensions_replaces_by_standing_aside() {
    let (server, inbox, _root, key) = embedded(|options| options.extensions = false);
    let local = TempDir::new().unwrap();
    for content in [&b"first"[..], b"second", b"third"] {
        let file = document(&local, "ims.xml", content);
        let to = settings(server.port(), "skolan", "/in", "");
        send(&to, &[server.host_key()], &with_key(key.clone()), &[file]).outcome.unwrap();
        assert_eq!(fs::read(inbox.join("ims.xml")).unwrap(), content);
        assert_eq!(names(&inbox), ["ims.xml"]);
    }
}

#[test]
fn a_full_receiver_is_called_full_and_not_tried_again() {
    let (server, inbox, _root, key) = embedded(|options| options.quota = Some(100_000));
    let local = TempDir::new().unwrap();
    put(&inbox.join("ims.xml"), "yesterday");
    let file = document(&local, "ims.xml", &vec![b'x'; 300_000]);
    let to = settings(server.port(), "skolan", "/in", "");
    let told = send(&to, &[server.host_key()], &with_key(key), &[file]);
    assert_eq!((code(&told), told.waits.len()), (411, 0), "{:?}", told.outcome.err());
    assert_eq!(fs::read(inbox.join("ims.xml")).unwrap(), b"yesterday");
    assert_eq!(names(&inbox), ["ims.xml"]);
}

#[test]
fn large_files_pass_both_ways_through_the_embedded_server() {
    let (server, inbox, _root, key) = embedded(|_| {});
    let local = TempDir::new().unwrap();
    let content: Vec<u8> =
        (0..40_000_000_u32).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    let file = document(&local, "ims.xml", &content);
    let to = settings(server.port(), "skolan", "/in", "");
    let told = send(&to, &[server.host_key()], &with_key(key), &[file]);
    assert_eq!(told.outcome.unwrap().verified, Verified::ReadBack);
    assert!(fs::read(inbox.join("ims.xml")).unwrap() == content);
}

#[test]
fn what_stands_at_the_receiver_is_known_by_stamp_or_content() {
    let (sshd, local) = (Sshd::start(), TempDir::new().unwrap());
    let (to, pins, with) = (at(&sshd, ""), [sshd.host_key("ed25519")], with_key(sshd.key()));
    let told = send(&to, &pins, &with, &[document(&local, "ims.xml", b"elev;7A\n")]);
    let receipt = told.outcome.unwrap();
    let mut remote = connect(&to, &pins, &with).unwrap();
    let mut look = |last| observe(remote.as_mut(), &to, &["ims.xml", "absent.xml"], last).unwrap();
    assert!(look(Some(&receipt))[0].ours && look(Some(&receipt)).len() == 1);
    assert!(!look(None)[0].ours, "without a receipt nothing is ours");
    let path = sshd.inbox().join("ims.xml");
    let touch =
        || File::options().write(true).open(&path).unwrap().set_modified(days_ago(1)).unwrap();
    touch();
    assert!(look(Some(&receipt))[0].ours, "only touched");
    put(&path, "elev;7B\n");
    touch();
    let seen = look(Some(&receipt));
    assert!(!seen[0].ours && seen[0].size == Some(8), "same size, other content");
}

#[test]
fn a_probe_tells_what_the_server_offers_and_leaves_nothing() {
    let sshd = Sshd::start();
    let (to, pins, with) = (at(&sshd, ""), [sshd.host_key("ed25519")], with_key(sshd.key()));
    let tag = Tag::new("inst1", "check").unwrap();
    let found = probe(&to, &pins, &with, Some(&tag)).unwrap();
    assert!(found.folder_listed && found.replaces);
    assert_eq!(found.writable, Some(Writable::Yes));
    assert!(found.extensions.iter().any(|e| e == "fsync@openssh.com"));
    assert_eq!(found.host_key.unwrap().fingerprint, pins[0]);
    assert!(names(&sshd.inbox()).is_empty());
    let lost = settings(sshd.port, &user(), "/nowhere", "");
    let found = probe(&lost, &pins, &with, Some(&tag)).unwrap();
    assert!(!found.folder_listed && matches!(found.writable, Some(Writable::No(_))));
}
