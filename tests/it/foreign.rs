//! Files at the receiver that rostergate did not leave: found before anything is put over them,
//! whatever the line to the receiver does.

use std::fs;
use std::io::{self, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told};
use crate::support::sshd::put;

/// A line to a server that breaks as told.
struct Relay {
    port: u16,
    line: Arc<Mutex<Line>>,
}

struct Line {
    seen: usize,
    /// This connection ends as it begins.
    broken: usize,
    /// Every connection ends after so many bytes to the server.
    most: u64,
}

impl Relay {
    fn to(server: u16) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Mutex::new(Line { seen: 0, broken: 0, most: u64::MAX }));
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let most = {
                    let mut line = shared.lock().unwrap();
                    line.seen += 1;
                    if line.seen == line.broken { 0 } else { line.most }
                };
                let far = TcpStream::connect(("127.0.0.1", server)).unwrap();
                pass(&near, &far, most);
                pass(&far, &near, u64::MAX);
            }
        });
        Relay { port, line }
    }

    fn break_next(&self) {
        let mut line = self.line.lock().unwrap();
        line.broken = line.seen + 1;
    }

    fn cut_after(&self, most: u64) {
        self.line.lock().unwrap().most = most;
    }
}

/// Passes on at most so many bytes; a line that ends, ends for both.
fn pass(from: &TcpStream, to: &TcpStream, most: u64) {
    let (from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        let _ = io::copy(&mut (&from).take(most), &mut to);
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}

/// A gateway whose receiver is reached by such a line.
fn by(relay: &Relay, mut gateway: Gateway) -> Gateway {
    gateway.change(&format!("= {}\n", gateway.sshd().port), &format!("= {}\n", relay.port));
    gateway
}

#[test]
fn rule_7_a_connection_lost_at_the_look_does_not_let_a_foreign_file_be_replaced() {
    let gateway = Gateway::new();
    let relay = Relay::to(gateway.sshd().port);
    let gateway = by(&relay, gateway).delivered();
    let file = gateway.remote().join("ims.xml");
    put(&file, "another sender's");
    relay.break_next();
    gateway.night_of(25, &Export::night("night2")).exits(10);
    assert_eq!(gateway.held_for(), ["RG339"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "another sender's");
    // Whoever says yes to it has been told of that file, and of no other.
    put(&file, "a third one's, and longer");
    relay.break_next();
    gateway.night_of(26, &Export::night("night2")).exits(10);
    relay.break_next();
    gateway.approve(&[]).exits(0);
    assert!(gateway.xml().contains("<enterprise"));
}

#[test]
fn rule_7_a_file_at_a_receiver_that_is_said_to_be_empty_is_told_of() {
    let gateway = Gateway::new();
    let file = gateway.remote().join("ims.xml");
    gateway.night_of(24, &Export::night("night1")).exits(10);
    // It came after the plan was made, so nobody who says yes has been told of it.
    put(&file, "another town's");
    let refused = gateway.approve(&["--receiver-empty"]).exits(10);
    assert!(refused.err.contains("RG374"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "another town's");
    gateway.night(24).exits(10);
    assert_eq!(gateway.held_for(), ["RG333", "RG339"]);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(gateway.xml().contains("<enterprise"));
}

/// The commands to type of a text, in order, without the configuration that each names.
fn commands(text: &str) -> Vec<String> {
    let typed = text.lines().filter_map(|line| line.split_once("sudo rostergate --config "));
    typed.map(|(_, rest)| rest.split_once(' ').unwrap().1.replace("\"…\"", "\"x\"")).collect()
}

/// Types a command at a time: an approval with its number, a run by that day's clock.
fn typed(gateway: &Gateway, command: &str, time: &str) -> Told {
    let mut words: Vec<String> = command.split(' ').map(|word| word.replace('"', "")).collect();
    if let ["approve", plan, ..] = command.split(' ').collect::<Vec<_>>()[..] {
        words.extend(["--confirm".to_owned(), gateway.number_of(plan).to_string()]);
    } else {
        words.extend(["--as-of".to_owned(), time.to_owned()]);
    }
    gateway.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A yes that a file which came since refuses, and the advice that comes with it.
fn advised(gateway: &Gateway, more: &[&str]) -> Vec<String> {
    put(&gateway.remote().join("ims.xml"), "another sender's");
    let told = gateway.approve(more).exits(10).explains("RG374");
    assert!(!told.out.contains("Försök igen"), "{}", told.out);
    commands(&told.err)
}

/// What the refusal tells to type works, in the order that it is written in: while the file is
/// there the plan stays refused, and it may be replaced after a run that tells of it.
#[test]
fn rule_7_what_is_advised_when_a_file_came_since_works() {
    let held = || {
        let gateway = Gateway::new().delivered();
        gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
        gateway
    };
    let first = || {
        let gateway = Gateway::new();
        gateway.night_of(26, &Export::night("night1")).exits(10);
        gateway
    };
    // The night's own file is at the receiver, and a list of removals waits beside it.
    let listed = || {
        let mut gateway = Gateway::new().delivered();
        let window = "[[window]]\nname = \"Lov\"\nfrom = 2026-08-25\nthrough = 2026-08-25\n\
            hold = [\"remove\"]\nrelease = \"approve\"\n";
        gateway.configure(format!("{}\n{window}", gateway.config()));
        gateway.night_of(25, &Export::night("night3-school-missing")).exits(0);
        gateway.night_of(26, &Export::night("night3-school-missing")).exits(0);
        gateway
    };
    let cases: [(&dyn Fn() -> Gateway, &[&str]); 3] =
        [(&held, &[]), (&first, &["--receiver-empty"]), (&listed, &[])];
    for (gateway, more) in cases {
        let time = "2026-08-26T10:00";
        let gone = gateway();
        let [approve, _] = &advised(&gone, more)[..] else { panic!("two commands") };
        fs::remove_file(gone.remote().join("ims.xml")).unwrap();
        typed(&gone, approve, time).exits(0);
        assert!(gone.xml().contains("<enterprise"));

        let there = gateway();
        let [approve, run] = &advised(&there, more)[..] else { panic!("two commands") };
        typed(&there, approve, time).exits(10).explains("RG374");
        let told = typed(&there, run, time).exits(10);
        assert!(there.held_for().contains(&"RG339".to_owned()), "{told:?}");
        typed(&there, approve, time).exits(10).explains("RG331");
        let shown = commands(&told.out);
        let approve = shown.iter().find(|command| command.starts_with("approve ")).unwrap();
        typed(&there, approve, time).exits(0);
        assert!(there.xml().contains("<enterprise"));
    }
}

/// With `publish = "direct"` a line that breaks leaves a part of our own file.
#[test]
fn f51_a_part_of_our_own_file_is_no_foreign_one_and_keeps_no_night_back() {
    let mut gateway = Gateway::new();
    let relay = Relay::to(gateway.sshd().port);
    gateway.change("folder          = ", "publish = \"direct\"\nfolder          = ");
    let gateway = by(&relay, gateway).delivered();
    let size = || gateway.remote().join("ims.xml").metadata().unwrap().len();
    let whole = size();
    relay.cut_after(45_000);
    gateway.night_of(25, &Export::night("night2")).exits(12);
    let part = size();
    assert!(0 < part && part < whole, "{part} of {whole}");
    relay.cut_after(u64::MAX);
    gateway.night_of(26, &Export::night("night2")).exits(0);
    assert!(gateway.xml().contains("</enterprise>"));
}
