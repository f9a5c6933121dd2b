//! Lines that are cut or freeze, and servers that answer oddly, not at all, or with nonsense.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use rostergate::delivery::{
    Credentials, Deliver, Errand, Span, Step, Tag, Writable, deliver, probe,
};
use rostergate::secrets::Secret;
use tempfile::TempDir;

use crate::support::deliveries::{document, names, send, settings, with_key};
use crate::support::odd_server::{Odd, OddServer};
use crate::support::sshd::{Sshd, put, user};

/// Passes bytes on to a server, and stops after so many from the client.
pub(crate) struct Gate {
    pub(crate) port: u16,
}

#[derive(Clone, Copy)]
pub(crate) enum After {
    Cut(u64),
    Freeze(u64),
    Never,
}

impl Gate {
    /// Treats the connections in the order given, the rest as `Never`.
    pub(crate) fn to(server: u16, plan: Vec<After>) -> Gate {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let mut plan = plan.into_iter();
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                let after = plan.next().unwrap_or(After::Never);
                std::thread::spawn(move || pass(client, server, after));
            }
        });
        Gate { port }
    }
}

fn pass(client: TcpStream, server: u16, after: After) {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).unwrap();
    let (mut back_from, mut back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || io::copy(&mut back_from, &mut back_to));
    let (After::Cut(limit) | After::Freeze(limit)) = after else {
        let (mut from, mut to) = (client, server);
        let _ = io::copy(&mut from, &mut to);
        return;
    };
    let (mut from, mut to) = (client.try_clone().unwrap().take(limit), server.try_clone().unwrap());
    let _ = io::copy(&mut from, &mut to).and_then(|_| to.flush());
    if matches!(after, After::Freeze(_)) {
        std::thread::sleep(Duration::from_secs(20));
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

#[test]
fn a_cut_anywhere_in_the_transfer_leaves_yesterdays_file_and_a_retry_delivers() {
    let sshd = Sshd::start();
    let local = TempDir::new().unwrap();
    let content = vec![b'n'; 400_000];
    let mut cuts = vec![500, 1500, 2500, 3500, 5000];
    cuts.extend((10_000..420_000).step_by(64_000));
    for cut in cuts {
        put(&sshd.inbox().join("ims.xml"), "yesterday");
        let gate = Gate::to(sshd.port, vec![After::Cut(cut)]);
        let to = settings(gate.port, &user(), sshd.inbox().to_str().unwrap(), "");
        let file = document(&local, "ims.xml", &content);
        let inbox = sshd.inbox();
        let (mut waits, tag) = (0, Tag::new("inst1", "P-1").unwrap());
        let outcome = deliver(
            Errand { deliver: &to, documents: &[file], tag: &tag },
            &[sshd.host_key("ed25519")],
            &with_key(sshd.key()),
            &mut |_| {
                waits += 1;
                assert_eq!(fs::read(inbox.join("ims.xml")).unwrap(), b"yesterday", "cut at {cut}");
            },
            &mut |_| Ok(()),
            &mut |_, _| {},
        );
        outcome.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!(waits, 1, "cut at {cut}");
        assert!(fs::read(sshd.inbox().join("ims.xml")).unwrap() == content, "cut at {cut}");
        assert_eq!(names(&sshd.inbox()), ["ims.xml"], "cut at {cut}");
    }
}

#[test]
fn a_connection_that_freezes_is_given_up() {
    let sshd = Sshd::start();
    let local = TempDir::new().unwrap();
    let gate = Gate::to(sshd.port, vec![After::Freeze(100_000)]);
    let more = "retry-waits = []\nverify = \"size\"";
    let to = settings(gate.port, &user(), sshd.inbox().to_str().unwrap(), more);
    let Deliver::Sftp(mut sftp) = to else { panic!("sftp") };
    sftp.idle_timeout = Span::of_seconds(1);
    let to = Deliver::Sftp(sftp);
    let file = document(&local, "ims.xml", &vec![b'n'; 4_000_000]);
    let told = send(&to, &[sshd.host_key("ed25519")], &with_key(sshd.key()), &[file]);
    assert_eq!(told.outcome.unwrap_err().code().0, 415);
    assert!(!sshd.inbox().join("ims.xml").exists());
}

fn password() -> Credentials {
    Credentials { password: Some(Secret::new("x".into())), ..Credentials::default() }
}

fn to_odd(server: &OddServer) -> Deliver {
    let Deliver::Sftp(mut sftp) = settings(server.port, "u", "/in", "retry-waits = []") else {
        panic!("sftp")
    };
    sftp.idle_timeout = Span::of_seconds(1);
    sftp.connect_timeout = Span::of_seconds(2);
    Deliver::Sftp(sftp)
}

#[test]
fn binary_handles_bare_statuses_and_short_reads_are_understood() {
    let server = OddServer::start(Odd::Nothing);
    let local = TempDir::new().unwrap();
    for content in [vec![b'1'; 70_001], vec![b'2'; 100_000]] {
        let file = document(&local, "ims.xml", &content);
        let told = send(&to_odd(&server), &[server.host_key], &password(), &[file]);
        told.outcome.unwrap();
        let files = server.files.lock().unwrap();
        let expected = HashMap::from([(b"/in/ims.xml".to_vec(), content)]);
        assert!(*files == expected, "{:?}", files.keys());
    }
}

#[test]
fn silence_and_nonsense_at_any_request_end_in_an_error_and_publish_nothing() {
    const REQUESTS: [u8; 7] = [1, 3, 4, 5, 6, 8, 17];
    let local = TempDir::new().unwrap();
    for request in REQUESTS {
        for odd in
            [Odd::Silent(request), Odd::Huge(request), Odd::Stray(request), Odd::Drop(request)]
        {
            let server = OddServer::start(odd);
            let file = document(&local, "ims.xml", &vec![b'x'; 70_000]);
            let told = send(&to_odd(&server), &[server.host_key], &password(), &[file]);
            let opening = matches!(odd, Odd::Stray(1));
            let code = told.outcome.as_ref().map_or_else(|e| e.code().0, |_| 0);
            let expected: &[u16] = match odd {
                _ if opening => &[0, 414],
                Odd::Silent(_) => &[410, 415],
                Odd::Drop(_) => &[410],
                _ => &[414],
            };
            assert!(expected.contains(&code), "{odd:?}: {:?}", told.outcome);
            let visible = server.files.lock().unwrap().contains_key(&b"/in/ims.xml"[..]);
            assert_eq!(visible, code == 0, "{odd:?}");
        }
    }
}

#[test]
fn a_lost_answer_to_the_rename_is_an_open_question_and_said_so() {
    let local = TempDir::new().unwrap();
    for odd in [Odd::Silent(18), Odd::Stray(18), Odd::Drop(18)] {
        let server = OddServer::start(odd);
        let file = document(&local, "ims.xml", b"today");
        let told = send(&to_odd(&server), &[server.host_key], &password(), &[file]);
        assert_eq!(told.outcome.unwrap_err().code().0, 430, "{odd:?}");
        assert!(matches!(told.steps.last(), Some(Step::Publishing { .. })));
    }
}

#[test]
fn a_status_nobody_knows_and_a_missing_subsystem_are_told() {
    let local = TempDir::new().unwrap();
    for (odd, expected, words) in [
        (Odd::Status(6, 4711), 414, "status 4711"),
        (Odd::Status(6, 15), 411, "no room"),
        (Odd::Status(3, 12), 412, "permission denied"),
        (Odd::Status(18, 4), 414, "rename"),
        (Odd::NoSftp, 414, "does not offer SFTP"),
    ] {
        let server = OddServer::start(odd);
        let file = document(&local, "ims.xml", b"today");
        let told = send(&to_odd(&server), &[server.host_key], &password(), &[file]);
        let error = told.outcome.unwrap_err();
        assert_eq!(error.code().0, expected, "{odd:?}: {error}");
        assert!(error.to_string().contains(words), "{odd:?}: {error}");
    }
}

/// A receiver that takes any file, finished or not: `check` finds out before a night does, and
/// nothing is published of what was taken.
#[test]
fn f54_a_receiver_that_takes_temporary_files_is_found_out() {
    let (server, local) = (OddServer::start(Odd::Takes), TempDir::new().unwrap());
    let (to, pins) = (to_odd(&server), [server.host_key]);
    let tag = Tag::new("inst1", "check").unwrap();
    let found = probe(&to, &pins, &password(), Some(&tag)).unwrap();
    assert_eq!(found.writable, Some(Writable::Taken));
    let told = send(&to, &pins, &password(), &[document(&local, "ims.xml", b"today")]);
    assert!(told.outcome.is_err());
    assert!(!told.steps.iter().any(|step| matches!(step, Step::Published { .. })));
    assert!(server.files.lock().unwrap().is_empty());
}

/// What else a receiver may do: what is sent is found wrong before it is published, or cannot be
/// looked at; what it takes with the rename it has taken.
#[test]
fn f61_wrong_sizes_wrong_bytes_and_no_looks() {
    let local = TempDir::new().unwrap();
    let content = vec![b'x'; 70_000];
    let to = |server: &OddServer, more: &str| {
        let more = format!("retry-waits = []\n{more}");
        settings(server.port, "u", "/in", &more)
    };
    for (odd, more, expected, visible) in [
        (Odd::Flips, "", 414, false),
        (Odd::Longer, "", 414, false),
        (Odd::Longer, "verify = \"size\"", 414, false),
        (Odd::WriteOnly, "", 412, false),
        (Odd::WriteOnly, "verify = \"size\"", 0, true),
        (Odd::TakesRenamed, "pickup = \"expected\"", 0, false),
        (Odd::Room(50_000), "", 414, false),
    ] {
        let server = OddServer::start(odd);
        let file = document(&local, "ims.xml", &content);
        let told = send(&to(&server, more), &[server.host_key], &password(), &[file]);
        let code = told.outcome.as_ref().map_or_else(|e| e.code().0, |_| 0);
        assert_eq!(code, expected, "{odd:?} {more}: {:?}", told.outcome);
        let there = server.files.lock().unwrap().contains_key(&b"/in/ims.xml"[..]);
        assert_eq!(there, visible, "{odd:?} {more}");
        let published = told.steps.iter().any(|step| matches!(step, Step::Published { .. }));
        assert_eq!(published, code == 0, "{odd:?} {more}: {:?}", told.steps);
    }
}

/// A quota in the middle of a file that is written straight to its name: a part can be seen, and
/// nobody calls that "not sent".
#[test]
fn f59_a_part_under_the_final_name_is_never_called_unsent() {
    let local = TempDir::new().unwrap();
    for (odd, expected) in [(Odd::Room(50_000), 430), (Odd::Status(3, 3), 412)] {
        let server = OddServer::start(odd);
        let more = "publish = \"direct\"\nretry-waits = []";
        let to = settings(server.port, "u", "/in", more);
        let file = document(&local, "ims.xml", &vec![b'x'; 70_000]);
        let told = send(&to, &[server.host_key], &password(), &[file]);
        assert_eq!(told.outcome.unwrap_err().code().0, expected);
        let unsent = told.steps.iter().any(|step| matches!(step, Step::NotPublished));
        assert_eq!(unsent, expected == 412, "{:?}", told.steps);
    }
}

/// A server that sends lines before it says who it is, as it may, and does not stop.
#[test]
fn a_banner_without_end_is_given_up() {
    for (line, pause) in [(vec![b'x'; 100_000], 0), (b"wait\r\n".to_vec(), 50)] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                while client.write_all(&line).is_ok() {
                    std::thread::sleep(Duration::from_millis(pause));
                }
            }
        });
        let to = settings(port, "u", "/in", "retry-waits = []");
        let (local, started) = (TempDir::new().unwrap(), std::time::Instant::now());
        let pin = "SHA256:q3n0V1Zq8m2yX5oE7r9tB4uC6wD1fG2hJ3kL5mN7pQs".parse().unwrap();
        let told = send(&to, &[pin], &password(), &[document(&local, "ims.xml", b"x")]);
        let code = told.outcome.unwrap_err().code().0;
        assert!([410, 414].contains(&code), "{code}");
        assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
    }
}
