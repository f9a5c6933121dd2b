//! `kill -9` at any moment of a run or an approval, then the next run: the receiver has a whole
//! file, the logbook agrees with it, and every night is told of.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::support::export::Export;
use crate::support::gateway::{Gateway, sha256};

/// A gateway whose receiver is reached over a slow line, so that an upload takes its time.
fn far_away() -> Gateway {
    let mut gateway = Gateway::new();
    let port = gateway.sshd().port;
    let line = slow_line(port);
    gateway.change(&format!("port            = {port}"), &format!("port            = {line}"));
    gateway.delivered()
}

/// A loopback port behind which another one answers, at some 500 kB a second.
fn slow_line(to: u16) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else { continue };
            let (near_too, far_too) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            thread::spawn(move || pass(near, far, Duration::from_millis(4)));
            thread::spawn(move || pass(far_too, near_too, Duration::ZERO));
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, pause: Duration) {
    let mut buffer = [0; 2048];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        thread::sleep(pause);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// Ends a program without any warning.
fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Digests of every file that a plan has stored.
fn stored(gateway: &Gateway) -> BTreeSet<String> {
    let folders = fs::read_dir(gateway.state().join("runs")).unwrap();
    let files = folders.flat_map(|folder| {
        let path = folder.unwrap().path();
        [path.join("payload/ims.xml"), path.join("ims.xml")]
    });
    files.filter_map(|file| fs::read(file).ok()).map(|bytes| sha256(&bytes)).collect()
}

/// The receiver's file, whole and one of those that were planned.
#[track_caller]
fn whole(gateway: &Gateway, when: &str) -> String {
    let xml = gateway.xml_now();
    assert!(xml.ends_with("</enterprise>\n"), "{when}: half a file");
    let digest = sha256(xml.as_bytes());
    assert!(stored(gateway).contains(&digest), "{when}: a file that nobody planned");
    digest
}

/// Runs that the logbook knows, newest first.
fn runs(gateway: &Gateway) -> Vec<(String, String)> {
    let history = gateway.run(&["history", "--runs", "500", "--json"]).exits(0).json();
    let runs = history["runs"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    runs.map(|run| (text(&run["run"]), text(&run["result"]))).collect()
}

/// Every run told of itself in one mail, or a later one told that it was interrupted.
fn all_told(gateway: &Gateway) {
    let mails = gateway.eml();
    let told: Vec<String> = mails.values().map(|mail| mail.replace("=\r\n", "")).collect();
    for (run, result) in runs(gateway) {
        let own = mails.keys().filter(|name| name.starts_with(&run)).count();
        assert!(own <= 1, "{run} ({result}) told {own} times");
        let of_others = told.iter().filter(|mail| mail.contains(&run)).count() - own;
        assert!(own + of_others >= 1, "{run} ({result}) was never told of");
    }
}

/// Old temporary files of ours are swept by an ordinary night.
#[expect(clippy::disallowed_methods, reason = "files get an age")]
fn swept(gateway: &Gateway, day: u8) {
    let old = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    for (name, ..) in gateway.received() {
        assert!(name == "ims.xml" || is_part(&name), "{name} is left behind");
        if name != "ims.xml" {
            let path = gateway.remote().join(name);
            File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        }
    }
    gateway.night_of(day, &Export::night("night1")).exits(0);
    assert_eq!(gateway.received().len(), 1, "temporary files of ours do not stay");
}

/// When a run is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Moment {
    /// After a time.
    After(Duration),
    /// As soon as its temporary file is at the receiver.
    Sending,
    /// As soon as another file stands at the receiver under the final name.
    Published,
}

impl Moment {
    fn wait(self, gateway: &Gateway) {
        let (parts_before, final_before) = (parts(gateway), final_file(gateway));
        let is_here = || match self {
            Moment::After(_) => true,
            Moment::Sending => parts(gateway) > parts_before,
            Moment::Published => final_file(gateway) != final_before,
        };
        if let Moment::After(time) = self {
            thread::sleep(time);
        }
        let patience = Instant::now() + Duration::from_secs(20);
        while !is_here() {
            assert!(Instant::now() < patience, "{self:?} never comes");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn killed_at_any_moment_of_a_run() {
    let mut gateway = far_away();
    // Twenty nights in one: what they remove together is more than a week may.
    gateway.change("always-allow = 3", "always-allow = 60");
    let nights = [Export::night("night2"), Export::night("night1")];
    let started = Instant::now();
    gateway.night_of(25, &nights[0]).exits(0);
    let took = started.elapsed();
    let moments = (0..18).map(|part| Moment::After(took * part / 16));
    let seen = [Moment::Sending, Moment::Published, Moment::Sending, Moment::Published];
    for (number, moment) in moments.chain(seen).enumerate() {
        let tonight = &nights[(number + 1) % 2];
        let (yesterday, left) = (gateway.told(), parts(&gateway));
        gateway.export(tonight);
        let child = gateway.start(&["run", "--as-of", "2026-08-26T04:15"]);
        moment.wait(&gateway);
        kill(child);
        let when = format!("killed at {moment:?} of {took:?}");
        let after = whole(&gateway, &when);
        assert!(moment != Moment::Sending || (after == yesterday && parts(&gateway) > left));
        assert!(moment != Moment::Published || after != yesterday);

        let told = gateway.run(&["run", "--as-of", "2026-08-26T04:30"]);
        assert_eq!(told.exit, 0, "{when}: {told:?}");
        let digest = whole(&gateway, &when);
        assert_eq!(gateway.told(), digest, "{when}: the logbook agrees");
        let nova = gateway.xml_now().contains("elev-bj-4A-9<");
        assert_eq!(nova, number % 2 == 1, "{when}: tonight's register has arrived");
    }
    all_told(&gateway);
    gateway.night_of(27, &nights[0]).exits(0);
    swept(&gateway, 28);
}

/// What tells one file under the final name from the next.
fn final_file(gateway: &Gateway) -> u64 {
    let about = fs::metadata(gateway.remote().join("ims.xml"));
    about.map(|about| about.ino()).unwrap_or_default()
}

/// How many temporary files lie at the receiver.
fn parts(gateway: &Gateway) -> usize {
    gateway.received().iter().filter(|file| is_part(&file.0)).count()
}

fn is_part(name: &str) -> bool {
    name.starts_with(".ims.xml.") && name.rsplit('.').next() == Some("part")
}

#[test]
fn killed_at_any_moment_of_an_approval() {
    let gateway = far_away();
    let nights = [Export::night("night1"), Export::night("night3-school-missing")];
    let moments = 10;
    let mut took = Duration::from_millis(400);
    for moment in 0..moments {
        // A school goes and comes back: held either way.
        let tonight = &nights[(moment as usize + 1) % 2];
        gateway.night_of(25, tonight).exits(10);
        let (plan, yesterday) = (gateway.held(), gateway.told());
        let number = gateway.number_of(&plan).to_string();
        let approve = ["approve", &plan, "--reason", "kontrollerat", "--confirm", &number];
        let started = Instant::now();
        let child = gateway.start(&approve);
        thread::sleep(took * moment / (moments - 2));
        kill(child);
        let when = format!("killed at {moment}/{moments} of {took:?}");
        let after = whole(&gateway, &when);
        took = took.max(started.elapsed() / 2);

        // Approved or not, never half: then the next run sends those bytes, or they still wait.
        let state = gateway.run(&["plan", &plan, "--json"]).exits(0).json()["state"].clone();
        if state == "held" {
            assert_eq!(after, yesterday, "{when}");
            gateway.run(&approve).exits(0);
        } else {
            let told = gateway.run(&["run", "--as-of", "2026-08-25T05:00"]);
            assert_eq!(told.exit, 0, "{when}: {state}: {told:?}");
        }
        let digest = whole(&gateway, &when);
        assert_ne!(digest, yesterday, "{when}: what was approved has arrived");
        assert_eq!(gateway.told(), digest, "{when}: the logbook agrees");
    }
    all_told(&gateway);
}

/// What systemd says at a shutdown: it ends at once, as if killed, and the next run goes on.
#[test]
fn f80_told_to_stop_it_ends_at_once_and_the_next_run_tells_of_it() {
    let gateway = far_away();
    let nights = [Export::night("night2"), Export::night("night1")];
    let moments = [Moment::After(Duration::from_millis(60)), Moment::Sending, Moment::Published];
    for (number, moment) in moments.into_iter().enumerate() {
        let yesterday = gateway.told();
        gateway.export(&nights[number % 2]);
        let mut child = gateway.start(&["run", "--as-of", "2026-08-26T04:15"]);
        moment.wait(&gateway);
        let process = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let asked = Instant::now();
        child.wait().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(5), "{moment:?}: {:?}", asked.elapsed());
        let when = format!("stopped at {moment:?}");
        let after = whole(&gateway, &when);
        assert!(moment != Moment::Sending || after == yesterday, "{when}");
        gateway.run(&["run", "--as-of", "2026-08-26T04:30"]).exits(0);
        assert_eq!(gateway.told(), whole(&gateway, &when), "{when}: the logbook agrees");
    }
    all_told(&gateway);
    assert!(gateway.eml().values().any(|mail| mail.contains("avbr=C3=B6ts")), "told in a mail");
}
