//! What must be true after a stop, and after the run that follows it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rostergate::state::StateDir;

use super::stage::Stage;
use super::strace::{Kind, Point, Stopped};
use crate::support::gateway::{Gateway, sha256};

/// Looks at the receiver's file all the time and keeps every version that was to be seen.
pub(super) struct Watcher {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
}

impl Watcher {
    pub(super) fn of(gateway: &Gateway) -> Watcher {
        let (stop, path) = (Arc::new(AtomicBool::new(false)), gateway.remote().join("ims.xml"));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let (mut seen, mut last) = (Vec::new(), None);
            loop {
                let ends = stopped.load(Ordering::Acquire);
                let now = fs::metadata(&path).ok();
                let now =
                    now.map(|now| (now.ino(), now.size(), now.mtime_nsec(), now.ctime_nsec()));
                if seen.is_empty() || now != last {
                    seen.push(
                        fs::read(&path).map_or_else(|_| "none".to_owned(), |xml| sha256(&xml)),
                    );
                    last = now;
                }
                if ends {
                    return seen;
                }
                thread::sleep(Duration::from_millis(1));
            }
        });
        Watcher { stop, thread }
    }

    /// Digests of the versions, in order.
    pub(super) fn seen(self) -> Vec<String> {
        self.stop.store(true, Ordering::Release);
        self.thread.join().expect("the watcher goes on")
    }
}

/// What every run under the matrix must keep: called with the program stopped and nothing else done.
pub(super) fn after_the_stop(stage: &Stage, point: Point, stopped: &Stopped) {
    let case = format!("{point:?}: {stopped:?}");
    assert!(!stopped.said.contains("panicked"), "{case}");
    if point.kind.ends_the_program() && stopped.struck {
        assert_eq!(stopped.exit, if point.kind == Kind::Term { 143 } else { 137 }, "{case}");
        return;
    }
    let delivered = sha256(stage.gateway.xml_now().as_bytes()) != stage.yesterday;
    if stopped.exit == 0 {
        assert!(delivered, "{case}: says it is done");
        assert_eq!(stage.gateway.told(), sha256(stage.gateway.xml_now().as_bytes()), "{case}");
    } else if delivered {
        assert!(!stopped.said.contains("inget skickas"), "{case}: says that nothing was sent");
    }
}

/// Called after the run that follows: everything is as after an ordinary night.
pub(super) fn in_the_end(stage: &Stage, point: Point, seen: &[String]) {
    let gateway = &stage.gateway;
    let xml = gateway.xml_now();
    let tonight = sha256(xml.as_bytes());
    assert!(xml.ends_with("</enterprise>\n"), "{point:?}: half a file");
    assert_ne!(tonight, stage.yesterday, "{point:?}: it has not arrived");
    assert_eq!(gateway.told(), tonight, "{point:?}: the logbook agrees");
    seen_is_right(stage, point, seen, &tonight);
    all_told(gateway, point);
    gateway.run(&["history", "--verify"]).exits(0);
    clean(&gateway.state(), point);
    for (name, ..) in gateway.received() {
        // Ours, or the server's own where it hides what is not whole.
        let part = name.starts_with(".ims.xml.") && ends(&name, "part");
        assert!(
            name == "ims.xml" || part || name.starts_with(".in."),
            "{point:?}: {name} is left behind"
        );
    }
}

/// Yesterday's file until tonight's, which is published twice at most and never followed by an
/// older one; nothing else is ever seen.
fn seen_is_right(stage: &Stage, point: Point, seen: &[String], tonight: &str) {
    let old = seen.iter().take_while(|digest| **digest == stage.yesterday).count();
    let new = &seen[old..];
    let begun = old >= 1 || matches!(point.kind, Kind::Dark(_)) && stage.gateway.has_folder();
    assert!(begun && new.iter().all(|digest| digest == tonight), "{point:?}: {seen:?}");
    assert!((1..=2).contains(&new.len()), "{point:?}: published {} times", new.len());
}

/// Every run told of itself in one mail, or a later one told that it was interrupted.
fn all_told(gateway: &Gateway, point: Point) {
    let history = gateway.run(&["history", "--runs", "500", "--json"]).exits(0).json();
    let mails = told(gateway);
    for run in history["runs"].as_array().unwrap() {
        let id = run["run"].as_str().unwrap();
        // Whoever approves sees a refusal on the screen.
        if run["result"] == "refused" {
            continue;
        }
        let names: Vec<&str> = mails.iter().map(|(of, _)| of.as_str()).collect();
        let own = names.iter().filter(|of| of.contains(id)).count();
        assert!(own <= 1, "{point:?}: {id} told {own} times: {names:?}");
        let elsewhere = mails.iter().any(|(of, mail)| !of.contains(id) && mail.contains(id));
        assert!(own == 1 || elsewhere, "{point:?}: {run} was never told of: {names:?}");
    }
}

/// Every mail, sent or waiting, by what names its run; one that was sent twice is one mail.
fn told(gateway: &Gateway) -> Vec<(String, String)> {
    let mut mails: Vec<(String, String)> = if gateway.mails_by_server() {
        gateway.mails().into_iter().map(|mail| (mail.id, mail.all)).collect()
    } else {
        // Half a mail has another name.
        let whole = gateway.eml().into_iter().filter(|(name, _)| ends(name, "eml"));
        whole.map(|(name, mail)| (name, mail.replace("=\r\n", ""))).collect()
    };
    let logbook = StateDir::read_only(&gateway.state()).unwrap();
    let waiting = logbook.waiting_mails().unwrap().into_iter();
    mails.extend(waiting.map(|mail| (mail.id, mail.message)));
    mails.sort_by(|a, b| same_mail(&a.0).cmp(same_mail(&b.0)));
    mails.dedup_by(|a, b| same_mail(&a.0) == same_mail(&b.0));
    mails
}

/// A mail's name by its file, its Message-ID, or its place in the outbox.
fn same_mail(name: &str) -> &str {
    let name = name.trim_start_matches('<');
    name.split(['@', ' ']).next().unwrap_or(name).trim_end_matches(".eml")
}

fn ends(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

/// Nothing temporary stays in the state folder, and all of it is its owner's alone.
fn clean(folder: &Path, point: Point) {
    let owner = fs::metadata(folder).unwrap().uid();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (about, name) = (fs::symlink_metadata(&path).unwrap(), path.display().to_string());
        assert!(!name.ends_with(".rostergate-tmp"), "{point:?}: {name} is left behind");
        assert!(!name.ends_with("-journal"), "{point:?}: {name} is left behind");
        assert_eq!(about.uid(), owner, "{point:?}: {name}");
        assert_eq!(about.permissions().mode() & 0o077, 0, "{point:?}: {name}");
        if about.is_dir() {
            clean(&path, point);
        }
    }
}
