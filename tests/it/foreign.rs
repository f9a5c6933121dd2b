//! Files at the receiver that rostergate did not leave: found before anything is put over them,
//! whatever the line to the receiver does.

use std::fs;
use std::io::{self, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::export::Export;
use crate::support::gateway::Gateway;
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
    assert!(refused.err.contains("RG339"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "another town's");
    gateway.night(24).exits(10);
    assert_eq!(gateway.held_for(), ["RG333", "RG339"]);
    gateway.approve(&["--receiver-empty"]).exits(0);
    assert!(gateway.xml().contains("<enterprise"));
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
