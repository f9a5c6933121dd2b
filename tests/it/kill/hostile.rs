//! A hostile receiver: at its request 1, 2, 3 … it is silent, hangs up before or after it has done
//! what was asked, or refuses, until a delivery ends untouched; a normal run follows.

use std::collections::HashMap;
use std::fs;

use crate::support::export::Export;
use crate::support::gateway::{Gateway, Told, sha256};
use crate::support::odd_server::{Odd, OddServer, Then};
use crate::support::sshd::user;

/// The file that everybody looks at.
const NAME: &[u8] = b"/in/ims.xml";

/// A gateway with a night behind it, and the receiver's files as they were then.
struct Night {
    gateway: Gateway,
    server: OddServer,
    before: HashMap<Vec<u8>, Vec<u8>>,
}

impl Night {
    fn new() -> Night {
        let (server, mut gateway) = (OddServer::start(Odd::Nothing), Gateway::new());
        let pin = gateway.sshd().host_key("ed25519").to_string();
        let (port, remote) = (gateway.sshd().port, gateway.remote().display().to_string());
        for (from, to) in [
            (format!("port            = {port}"), format!("port = {}", server.port)),
            (pin, server.host_key.to_string()),
            (remote, "/in".to_owned()),
            (format!("user            = \"{}\"", user()), "user = \"skolan\"".to_owned()),
            ("\"20s\"".to_owned(), "\"1s\"".to_owned()),
            ("retry-waits     = [\"1s\"]".to_owned(), "retry-waits = []".to_owned()),
        ] {
            gateway.change(&from, &to);
        }
        let gateway = gateway.delivered();
        gateway.export(&Export::night("night2"));
        let before = server.files.lock().unwrap().clone();
        fs::create_dir(gateway.home().join("aside")).unwrap();
        let night = Night { gateway, server, before };
        super::stage::copy(&night.gateway.state(), &night.gateway.home().join("aside/state"));
        night
    }

    fn run(&self) -> Told {
        self.gateway.run(&["run", "--as-of", "2026-08-26T04:15"])
    }

    /// Plays the night with something going wrong, and the run after it; whether it was reached.
    fn visit(&self, then: Then, at: usize) -> bool {
        fs::remove_dir_all(self.gateway.state()).unwrap();
        super::stage::copy(&self.gateway.home().join("aside/state"), &self.gateway.state());
        self.server.files.lock().unwrap().clone_from(&self.before);
        self.server.play(Odd::At(at, then));
        let (case, told) = (format!("{then:?} at request {at}"), self.run());
        assert!(!told.err.contains("RG901"), "{case}: {told:?}");
        let reached = self.server.requests() >= at;
        let now = self.server.files.lock().unwrap().get(NAME).cloned();
        let old = &self.before[NAME];
        assert!(told.exit != 0 || now.as_ref().is_some_and(|now| now != old), "{case}: {told:?}");
        let first = self.server.seen();
        self.server.play(Odd::Nothing);
        let next = self.run();
        assert_eq!(next.exit, 0, "{case}: {told:?}\nthen {next:?}");
        self.right(&case, &[first, self.server.seen()].concat());
        reached
    }

    /// Yesterday's file, then tonight's, whole, and perhaps neither while one makes room for the
    /// other; the logbook agrees with what lies there.
    fn right(&self, case: &str, seen: &[Option<Vec<u8>>]) {
        let (old, files) = (&self.before[NAME], self.server.files.lock().unwrap().clone());
        let new = files.get(NAME).unwrap_or_else(|| panic!("{case}: no file"));
        assert!(new != old && new.ends_with(b"</enterprise>\n"), "{case}: it has not arrived");
        assert_eq!(self.gateway.told(), sha256(new), "{case}: the logbook agrees");
        let there: Vec<&Vec<u8>> = seen.iter().flatten().collect();
        assert!(there.iter().all(|file| [old, new].contains(file)), "{case}: half a file was seen");
        let turned = there.iter().position(|file| *file == new).unwrap_or(there.len());
        assert!(there[turned..].iter().all(|file| *file == new), "{case}: older after newer");
        for name in files.keys().filter(|name| name.as_slice() != NAME) {
            assert!(
                name.starts_with(b"/in/.ims.xml."),
                "{case}: {}",
                String::from_utf8_lossy(name)
            );
        }
    }
}

#[test]
fn f57_a_receiver_that_is_hostile_at_any_request() {
    let (night, full) = (Night::new(), super::asked() == "full");
    night.server.play(Odd::Nothing);
    night.run().exits(0);
    let all = night.server.requests();
    for (place, then) in
        [Then::Silent, Then::Drop, Then::DoneAndDrop, Then::Failure].into_iter().enumerate()
    {
        let visited = if full {
            (1..10_000).take_while(|&at| night.visit(then, at)).count()
        } else {
            let points = (1 + place..=all).step_by(all / 8);
            points.filter(|&at| night.visit(then, at)).count()
        };
        assert!(visited > 0, "{then:?} was never reached");
        super::say(&format!("hostile receiver: {then:?} at {visited} requests of {all}"));
    }
}
