//! Deliveries to a real `ProFTPD` with `mod_sftp`, in the variants its administrators choose.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rostergate::delivery::{
    Deliver, DeliveryError, Fingerprint, How, Step, Tag, Verified, Writable, probe,
};

use crate::sftp_hostile::{After, Gate};
use crate::support::deliveries::{code, names};
use crate::support::export::Export;
use crate::support::gateway::{Gateway, sha256};
use crate::support::nights::{Place, days};
use crate::support::proftpd::Proftpd;
use crate::support::sshd::{needs_root, put};

const RENAMED: [&str; 1] = ["ims.xml moved in"];
const ASIDE: [&str; 2] = ["ims.xml moved away", "ims.xml moved in"];
const MARKED: [&str; 3] = ["ims.xml.done removed", "ims.xml moved in", "ims.xml.done moved in"];
const NO_POSIX_RENAME: &str = "SFTPExtensions -posixRename";
const HIDDEN: &str = "HiddenStores on";
const DONE_FILE: &str = "publish = \"done-file\"";
const DIRECT: &str = "publish = \"direct\"";

/// What is not permitted in the inbox.
fn denied(commands: &str) -> String {
    format!("<Directory ~/in>\n<Limit {commands}>\nDenyAll\n</Limit>\n</Directory>")
}

fn probed(place: &Place) -> rostergate::delivery::Probe {
    let tag = Tag::new("inst1", "check").unwrap();
    probe(&place.to, &place.pins, &place.with, Some(&tag)).unwrap()
}

/// Two nights of which each is proved by content, and what a reader saw of the second.
fn read_back(place: &Place) -> Vec<String> {
    let [(first, _), (second, seen)] = place.two_nights();
    for receipt in [first, second] {
        assert_eq!((receipt.how, receipt.verified), (How::Verified, Verified::ReadBack));
    }
    seen
}

#[test]
fn rename_is_one_step() {
    let server = Proftpd::with("");
    let place = server.place("");
    assert!(probed(&place).replaces);
    assert_eq!(place.delivers("P-1", b"the first day").1, RENAMED);
    server.forget();
    assert_eq!(place.delivers("P-2", b"the second day").1, RENAMED);
    // Written beside, on disk, measured, read back, renamed over; then looked at, and swept.
    let expected = "init remove open write fsync fstat close stat open read close posix-rename \
                    stat opendir readdir close";
    assert_eq!(server.requests().join(" "), expected);
    assert_eq!(read_back(&place), RENAMED);
    server.forget();
    let (receipt, seen) = server.place("verify = \"size\"").delivers("P-3", b"the third day");
    assert_eq!((receipt.verified, &seen[..]), (Verified::Size, &RENAMED.map(str::to_owned)[..]));
    assert!(!server.requests().iter().any(|asked| asked == "read"));
}

#[test]
fn a_marker_goes_first_and_comes_last() {
    let server = Proftpd::with("");
    assert_eq!(read_back(&server.place(DONE_FILE)), MARKED);
    let marker = fs::read_to_string(server.inbox().join("ims.xml.done")).unwrap();
    assert_eq!(marker, format!("{}  ims.xml\n", sha256(&days()[1])));
}

#[test]
fn written_straight_a_part_can_be_seen() {
    let server = Proftpd::with("");
    assert_eq!(read_back(&server.place(DIRECT)), ["ims.xml written"]);
}

#[test]
fn without_posix_rename_the_old_file_stands_aside_and_no_part_is_seen() {
    let server = Proftpd::with(NO_POSIX_RENAME);
    let place = server.place("");
    assert!(!probed(&place).replaces);
    assert_eq!(place.delivers("P-0", b"before").1, RENAMED, "nothing there to stand aside");
    server.forget();
    let (receipt, seen) = place.delivers("P-1", b"today");
    assert_eq!((receipt.how, seen), (How::Verified, ASIDE.map(str::to_owned).to_vec()));
    // Renaming is refused while the old file is there: it goes aside, and is removed last.
    let asked = server.requests().join(" ");
    assert!(asked.contains("rename stat remove rename remove stat"), "{asked}");
    let marked = server.place(DONE_FILE);
    marked.two_nights();
    let (_, seen) = marked.delivers("P-3", b"the third day");
    let expected = [MARKED[0], ASIDE[0], ASIDE[1], MARKED[2]];
    assert_eq!(seen, expected);
    assert_eq!(read_back(&server.place(DIRECT)), ["ims.xml written"]);
}

#[test]
fn without_fsync_or_statvfs_all_strategies_work() {
    for without in ["fsync", "statvfs"] {
        let server = Proftpd::with(&format!("SFTPExtensions -{without}"));
        let place = server.place("");
        let offered = probed(&place).extensions;
        assert!(!offered.iter().any(|name| name.starts_with(without)), "{offered:?}");
        assert_eq!(read_back(&place), RENAMED);
        assert_eq!(read_back(&server.place(DONE_FILE)), MARKED);
        assert_eq!(read_back(&server.place(DIRECT)), ["ims.xml written"]);
        assert!(!server.requests().iter().any(|asked| asked == without));
    }
}

#[test]
fn hidden_stores_make_even_direct_whole() {
    let server = Proftpd::with(HIDDEN);
    assert_eq!(read_back(&server.place("")), RENAMED);
    assert_eq!(read_back(&server.place(DONE_FILE)), MARKED);
    assert_eq!(read_back(&server.place(DIRECT)), RENAMED);
    let both = Proftpd::with(&format!("{HIDDEN}\n{NO_POSIX_RENAME}"));
    assert_eq!(read_back(&both.place("")), ASIDE);
    assert_eq!(read_back(&both.place(DIRECT)), RENAMED);
}

#[test]
fn where_files_may_not_be_overwritten_they_are_replaced_all_the_same() {
    let server = Proftpd::with("AllowOverwrite off");
    assert_eq!(read_back(&server.place("")), RENAMED);
}

#[test]
fn in_a_chroot_all_strategies_work() {
    needs_root("a server with DefaultRoot");
    let server = Proftpd::with("DefaultRoot ~");
    assert_eq!(read_back(&server.place_at("/in", "")), RENAMED);
    server.place_at("/in", DONE_FILE).two_nights();
    server.place_at("/in", DIRECT).two_nights();
    assert_eq!(names(&server.inbox()), ["ims.xml", "ims.xml.done"]);
}

#[test]
fn a_folder_whose_rights_forbid_listing_is_no_hindrance() {
    needs_root("looking into a folder that nobody may list");
    let server = Proftpd::with("");
    fs::set_permissions(server.inbox(), fs::Permissions::from_mode(0o333)).unwrap();
    let place = server.place("");
    let found = probed(&place);
    assert!(!found.folder_listed && found.writable == Some(Writable::Yes));
    assert_eq!(read_back(&place), RENAMED);
}

#[test]
fn a_folder_that_may_only_be_written_takes_direct_by_size() {
    let server = Proftpd::with(&denied("READ DIRS"));
    put(&server.inbox().join("ims.xml"), "yesterday");
    make_theirs(&server.inbox().join("ims.xml"));
    let (told, seen) = server.place("").night("P-1", b"today");
    assert_eq!((code(&told), seen.len()), (412, 0), "it cannot be read back");
    assert!(server.place("").others().is_empty(), "what was put beside is taken back");
    // mod_sftp counts a rename as reading: there is nothing for it but the final name.
    let (told, seen) = server.place("verify = \"size\"").night("P-1", b"today");
    assert_eq!((code(&told), seen.len()), (412, 0));
    assert_eq!(server.place("").now(), b"yesterday");
    let place = server.place("publish = \"direct\"\nverify = \"size\"\npickup = \"expected\"");
    fs::remove_file(server.inbox().join(".ims.xml.inst1.P-1.part")).unwrap();
    for (receipt, _) in place.two_nights() {
        assert_eq!((receipt.how, receipt.verified), (How::Assumed, Verified::Acknowledged));
    }
}

#[test]
fn what_stands_under_its_final_name_unread_is_never_called_unsent() {
    let server = Proftpd::with(&denied("READ DIRS"));
    let place = server.place(DIRECT);
    let (told, _) = place.night("P-1", b"today");
    assert_eq!(code(&told), 430, "{:?}", told.outcome.err());
    assert_eq!(place.now(), b"today");
    assert!(!told.steps.iter().any(|step| matches!(step, Step::NotPublished)));
    let begun = told.steps.iter().filter(|step| matches!(step, Step::Publishing { .. })).count();
    assert_eq!(begun, 2, "the same bytes once more, and no more");
}

#[test]
fn a_server_that_refuses_to_rename_keeps_yesterdays_file_and_takes_direct() {
    let server = Proftpd::with(&denied("RNFR RNTO"));
    let place = server.place("");
    server.place(DIRECT).delivers("P-0", b"yesterday");
    let stale = server.inbox().join(".ims.xml.inst1.P-0.part");
    put(&stale, "of the night before last");
    make_theirs(&stale);
    age(&stale);
    let (told, seen) = place.night("P-1", b"today");
    assert_eq!((code(&told), told.waits.len(), seen.len()), (412, 0, 0));
    assert!(matches!(told.steps.last(), Some(Step::NotPublished)));
    assert_eq!(place.now(), b"yesterday");
    // The night's own is the proof that nothing was renamed; older ones do not pile up.
    assert_eq!(place.others(), [".ims.xml.inst1.P-1.part"]);
    server.place(DIRECT).delivers("P-2", b"today");
}

#[test]
fn a_server_that_never_deletes_is_no_hindrance() {
    let server = Proftpd::with(&denied("DELE"));
    assert_eq!(read_back(&server.place("")), RENAMED);
    let (told, _) = server.place(DONE_FILE).night("P-3", b"the third day");
    told.outcome.unwrap();
    // The marker cannot be taken away first, so the next night stops before anything changes.
    let (told, seen) = server.place(DONE_FILE).night("P-4", b"the fourth day");
    assert_eq!((code(&told), seen.len()), (412, 0), "{:?}", told.outcome.err());
    assert_eq!(server.place("").now(), b"the third day");
    // Where nothing is replaced in one step either, each night leaves the file that stood aside.
    let server = Proftpd::with(&format!("{}\n{NO_POSIX_RENAME}", denied("DELE")));
    for (plan, content) in [("P-1", "first"), ("P-2", "second"), ("P-3", "third")] {
        let (told, _) = server.place("").night(plan, content.as_bytes());
        told.outcome.unwrap();
        assert_eq!(server.place("").now(), content.as_bytes());
    }
    let left = [".ims.xml.inst1.P-2.old", ".ims.xml.inst1.P-3.old"];
    assert_eq!(server.place("").others(), left);
}

#[test]
fn a_receiver_that_takes_the_file_with_the_rename_has_picked_it_up() {
    let taking = "LoadModule mod_exec.c\nExecEngine on\nExecOnCommand RNTO /bin/rm -f %f";
    let server = Proftpd::with(taking);
    for (more, how) in [("pickup = \"expected\"", How::PickedUp), ("", How::Assumed)] {
        for plan in ["P-1", "P-2"] {
            let (told, seen) = server.place(more).night(plan, b"today");
            assert_eq!(told.outcome.unwrap().how, how);
            assert_eq!(seen, ["ims.xml moved in", "ims.xml removed"]);
            assert!(names(&server.inbox()).is_empty());
        }
    }
}

/// The same place behind a line that is cut once, after so many bytes.
fn cut(server: &Proftpd, more: &str, bytes: u64) -> (Gate, Place) {
    let gate = Gate::to(server.port, vec![After::Cut(bytes)]);
    let mut place = server.place(more);
    let Deliver::Sftp(sftp) = &mut place.to else { panic!("sftp") };
    sftp.port = gate.port;
    (gate, place)
}

#[test]
fn a_cut_leaves_yesterdays_file_and_the_next_try_delivers() {
    let [first, second] = days();
    for lines in ["", NO_POSIX_RENAME, HIDDEN] {
        let server = Proftpd::with(lines);
        server.place("").delivers("P-1", &first);
        for bytes in [4000, 60_000, 300_000, 480_000] {
            let (_gate, place) = cut(&server, "", bytes);
            let (told, seen) = place.night("P-2", &second);
            told.outcome.unwrap_or_else(|error| panic!("{lines} cut at {bytes}: {error}"));
            assert_eq!(told.waits.len(), 1, "{lines} cut at {bytes}");
            assert!(!seen.iter().any(|seen| seen == "ims.xml written"), "{seen:?}");
            assert!(place.now() == second, "{lines} cut at {bytes}");
            assert!(place.others().is_empty(), "{lines} cut at {bytes}: {:?}", place.others());
        }
    }
}

#[test]
fn a_cut_shows_a_part_where_files_are_written_straight_unless_the_server_hides_it() {
    let [first, second] = days();
    for (lines, part_seen) in [("", true), (HIDDEN, false)] {
        let server = Proftpd::with(lines);
        server.place(DIRECT).delivers("P-1", &first);
        let (_gate, place) = cut(&server, &format!("{DIRECT}\nretry-waits = []"), 300_000);
        let (told, seen) = place.night("P-2", &second);
        assert_eq!(code(&told), 430);
        assert_eq!(seen.iter().any(|seen| seen == "ims.xml written"), part_seen);
        assert_eq!(place.now() == first, !part_seen, "what stands there now");
        assert!(place.now() != second);
        server.place(DIRECT).delivers("P-3", &second);
    }
}

#[test]
fn an_unknown_host_key_ends_it_before_any_login() {
    let server = Proftpd::with("");
    let other: Fingerprint = "SHA256:q3n0V1Zq8m2yX5oE7r9tB4uC6wD1fG2hJ3kL5mN7pQs".parse().unwrap();
    let place = Place { pins: vec![other], ..server.place("") };
    let (told, _) = place.night("P-1", b"today");
    assert_eq!((code(&told), told.waits.len()), (420, 0));
    let Err(DeliveryError::HostKey { shown, .. }) = told.outcome else { panic!("host key") };
    assert_eq!((shown.len(), shown[0].fingerprint), (1, server.host_key()));
    assert!(server.connections() > 0, "the server was there: {}", server.trace());
    assert_eq!(server.login_requests(), 0, "{}", server.trace());
}

#[test]
fn a_refused_key_is_tried_once() {
    let server = Proftpd::with("");
    server.admit_nobody();
    let (told, _) = server.place("").night("P-1", b"today");
    assert_eq!((code(&told), told.waits.len()), (422, 0));
    // mod_sftp finds any key acceptable when asked, and refuses the signature: one attempt.
    assert_eq!((server.login_requests(), server.refusals()), (2, 1), "{}", server.trace());
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_program_delivers_night_after_night() {
    for publish in ["rename", "done-file", "direct"] {
        let server = Proftpd::with("");
        let mut gateway = Gateway::new();
        gateway.deliver_to(&server, &format!("publish = \"{publish}\""));
        gateway.night_of(24, &Export::night("night1")).exits(10);
        gateway.approve(&["--receiver-empty"]).exits(0);
        let file = || fs::read(server.inbox().join("ims.xml")).unwrap();
        let first = file();
        gateway.night_of(25, &Export::night("night2")).exits(0).says("SKICKAD och kontrollerad");
        assert!(file() != first);
        assert_eq!(gateway.told(), sha256(&file()));
        gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
        assert_eq!(gateway.told(), sha256(&file()), "a stopped night changes nothing");
        let marker = (publish == "done-file").then_some("ims.xml.done");
        let expected: Vec<&str> = ["ims.xml"].into_iter().chain(marker).collect();
        assert_eq!(names(&server.inbox()), expected);
    }
}

/// Gives a file to the user who logs in.
fn make_theirs(path: &Path) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let folder = fs::metadata(path.parent().unwrap()).unwrap();
    chown(path, Some(folder.uid()), Some(folder.gid())).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a file of the test's own gets an age")]
fn age(path: &Path) {
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 3600);
    fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
}
