//! THE KILL MATRIX: the program is stopped at system call 1, 2, 3 … of every kind until a run ends
//! untouched, and a normal run follows: the receiver has a whole file at every moment, the logbook
//! agrees with it, and every night is told of.
//!
//! An ordinary test run visits a sample of the points, spread over all calls;
//! `ROSTERGATE_KILL=full` visits every one, `ROSTERGATE_KILL=openat:134` that one.

mod hostile;
mod laws;
mod points;
mod power;
mod stage;
mod strace;

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use laws::Watcher;
use points::{ALL, CHANGING, SHARE, SOCKETS, SPACE, every, sample};
use power::Lost;
use stage::{Stage, copy};
use strace::{Kind, Point, count, killed_at, stop_at};

use crate::support::export::Export;
use crate::support::gateway::Gateway;
use crate::support::proftpd::Proftpd;
use crate::support::sshd::put;

/// Plays the night with one stop, and the run after it; says whether the stop was reached.
fn visit(stage: &Stage, point: Point) -> bool {
    stage.back();
    let mut watcher = Watcher::of(&stage.gateway);
    let stopped = stop_at(stage, &stage.command(), point);
    laws::after_the_stop(stage, point, &stopped);
    if matches!(point.kind, Kind::Dark(_)) && stage.gateway.has_folder() {
        // What was to be seen on that disk may be gone again.
        watcher.seen();
        watcher = Watcher::of(&stage.gateway);
    }
    let told = stage.next();
    assert_eq!(told.exit, 0, "{point:?}: {stopped:?}\nthen {told:?}");
    laws::in_the_end(stage, point, &watcher.seen());
    stopped.struck
}

/// [`visit`]; a law that is broken there is told at the end, and the matrix goes on.
fn visited(stage: &Stage, point: Point, broken: &mut Vec<Point>) -> bool {
    let outcome = catch_unwind(AssertUnwindSafe(|| visit(stage, point)));
    outcome.unwrap_or_else(|_told_above| {
        broken.push(point);
        true
    })
}

/// Which points are wanted: all, one, or by default a sample.
fn asked() -> String {
    std::env::var("ROSTERGATE_KILL").unwrap_or_default()
}

/// Past the test's captured output: how much was visited is to be seen of a test that passes.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "kill matrix, {what}");
}

/// Visits points of each kind and says how many there were.
fn matrix(name: &str, stage: &Stage, kinds: &[(Kind, &[&'static str])], wanted: usize) {
    stage.back();
    let counts = count(stage, &stage.command(), &ALL);
    let asked = asked();
    let mut broken = Vec::new();
    for (place, &(kind, calls)) in kinds.iter().enumerate() {
        let started = Instant::now();
        let all: usize = calls.iter().filter_map(|call| counts.get(call)).sum();
        let mut visited = |point: Point| visited(stage, point, &mut broken);
        let reached = if asked == "full" {
            every(kind, calls, visited)
        } else {
            let mut points = sample(kind, calls, &counts, wanted, place);
            if let Some((call, at)) = asked.split_once(':') {
                let call = calls.iter().find(|known| **known == call);
                let at = at.parse().expect("a number");
                points = call.map(|call| Point { call, at, kind }).into_iter().collect();
            }
            points.into_iter().filter(|&point| visited(point)).count()
        };
        assert!(reached > 0 || !asked.is_empty(), "{name}: no {kind:?} was reached");
        let took = started.elapsed().as_secs();
        say(&format!("{name}: {kind:?} stopped it at {reached} points of {all} in {took} s"));
    }
    assert!(broken.is_empty(), "{name}: {} points: {broken:?}", broken.len());
}

const EIO: Kind = Kind::Fails("EIO", false);
const EIO_FOR_GOOD: Kind = Kind::Fails("EIO", true);
const FULL: Kind = Kind::Fails("ENOSPC", false);
const FULL_FOR_GOOD: Kind = Kind::Fails("ENOSPC", true);
const TIMEOUT: Kind = Kind::Fails("ETIMEDOUT", false);
const TIMEOUT_FOR_GOOD: Kind = Kind::Fails("ETIMEDOUT", true);

#[test]
fn f50_a_run_that_is_killed_at_any_call() {
    let stage = Stage::run(Gateway::new());
    matrix("run", &stage, &[(Kind::Kill, &CHANGING)], 16);
    // What the receiver is told is where most is at stake: there are few such calls, and all of
    // them count.
    matrix("run, every packet", &stage, &[(Kind::Kill, &["sendto"])], 60);
}

/// A machine whose power fails: what it wrote and did not sync is gone, or a part of it is.
#[test]
fn f50_a_run_whose_power_fails_at_any_call() {
    matrix("run", &Stage::run(Gateway::new()), &dark(), 16);
}

#[test]
fn f88_an_approval_whose_power_fails_at_any_call() {
    matrix("approve", &Stage::approval(), &dark(), 6);
}

fn dark() -> [(Kind, &'static [&'static str]); 3] {
    [Lost::All, Lost::Bytes, Lost::Half].map(|lost| (Kind::Dark(lost), CHANGING.as_slice()))
}

/// Where the server hides files until they are whole: also those that are written straight.
#[test]
fn f50_a_run_that_is_killed_while_the_server_hides_files() {
    for publish in ["rename", "direct"] {
        let server = Proftpd::with("HiddenStores on");
        let mut gateway = Gateway::new();
        gateway.deliver_to(&server, &format!("publish = \"{publish}\""));
        let name = format!("run to ProFTPD with HiddenStores, {publish}");
        matrix(&name, &Stage::run(gateway), &[(Kind::Kill, &["sendto"])], 8);
    }
}

/// Into a folder of this machine, or of a share that is mounted here and may go away.
#[test]
fn f50_a_run_into_a_folder_that_is_stopped_at_any_call() {
    let mut gateway = Gateway::new();
    gateway.deliver_into_folder();
    let kinds: [(Kind, &[&str]); 6] = [
        (Kind::Kill, &CHANGING),
        (EIO, &ALL),
        (EIO_FOR_GOOD, &ALL),
        (FULL, &SPACE),
        (TIMEOUT, &SHARE),
        (TIMEOUT_FOR_GOOD, &SHARE),
    ];
    let stage = Stage::run(gateway);
    matrix("run into a folder", &stage, &kinds, 5);
    matrix("run into a folder of the same disk", &stage, &dark(), 5);
}

/// What it has left by then is ours: no later night takes it for somebody else's, whatever keeps the
/// one after it back.
#[test]
fn f50_a_run_that_is_killed_between_two_files() {
    let mut gateway = Gateway::new();
    gateway.deliver_into_folder();
    let (before, rest) = gateway.config().split_once("[target.lms.format").expect("a format");
    let after = rest.split_once("[target.lms.deliver.folder]\n").expect("a folder").1;
    let tables = "[target.lms.format.csv]\nencoding = \"utf-8\"\ndelimiter = \";\"\n\
        [target.lms.format.csv.file.\"a.csv\"]\nrows = \"persons\"\n\
        columns = [[\"Id\", \"key\"], [\"Namn\", \"family-name\"]]\n\
        [target.lms.format.csv.file.\"b.csv\"]\nrows = \"groups\"\n\
        columns = [[\"Id\", \"key\"], [\"Namn\", \"name\"]]\n\
        [target.lms.deliver.folder]\npublish = \"done-file\"\n";
    gateway.configure(format!("{before}{tables}{after}"));
    let gateway = gateway.delivered();
    let now = || ["a.csv", "b.csv"].map(|name| fs::read(gateway.remote().join(name)).unwrap());
    let [old, other] = now();
    gateway.export(&Export::night("night2"));
    let (night, aside) = (["run", "--as-of", "2026-08-25T04:15"], gateway.home().join("aside"));
    let folders = [(gateway.state(), "state"), (gateway.remote().to_path_buf(), "remote")];
    fs::create_dir(&aside).unwrap();
    for (folder, name) in &folders {
        copy(folder, &aside.join(name));
    }
    let between = (1..40).any(|at| {
        for (folder, name) in &folders {
            fs::remove_dir_all(folder).unwrap();
            copy(&aside.join(name), folder);
        }
        killed_at(&gateway, &night, "rename", at).struck && now()[0] != old
    });
    let [half, same] = now();
    assert!(between && half != old && same == other);
    assert!(!gateway.remote().join("a.csv.done").exists(), "the receiver reads nothing");
    gateway.night_of(26, &Export::night("night3-school-missing")).exits(10);
    assert!(!gateway.held_for().contains(&"RG339".to_owned()), "{:?}", gateway.held_for());
    gateway.night_of(27, &Export::night("night2")).exits(0);
    assert_eq!(now()[0], half);
    assert!(gateway.remote().join("a.csv.done").exists());
    // What is not ours is so still.
    fs::remove_file(gateway.remote().join("a.csv")).unwrap();
    put(&gateway.remote().join("a.csv"), "another sender's");
    gateway.night_of(28, &Export::night("night2").lasting()).exits(10);
    assert!(gateway.held_for().contains(&"RG339".to_owned()), "{:?}", gateway.held_for());
}

/// Told to stop, as at a shutdown: it ends at once, as if killed, and the next run goes on.
#[test]
fn f80_a_run_that_is_told_to_stop_at_any_call() {
    matrix("run", &Stage::run(Gateway::new()), &[(Kind::Term, &CHANGING)], 12);
}

#[test]
fn f50_a_run_whose_calls_fail() {
    matrix("run", &Stage::run(Gateway::new()), &[(EIO, &ALL), (EIO_FOR_GOOD, &ALL)], 16);
}

#[test]
fn f70_a_run_whose_disk_is_full_at_any_call() {
    let kinds: [(Kind, &[&str]); 2] = [(FULL, &SPACE), (FULL_FOR_GOOD, &SPACE)];
    matrix("run", &Stage::run(Gateway::new()), &kinds, 16);
}

/// A mail takes no disk: where the logbook cannot be written any more, wherever that begins, the
/// mail of that night goes out straight, and says so.
#[test]
fn f70_a_full_disk_does_not_keep_the_mail() {
    let stage = Stage::run(Gateway::new().mailing());
    let writes = count(&stage, &stage.command(), &ALL)["pwrite64"];
    for at in (1..writes).step_by(writes / 9) {
        stage.back();
        let before = stage.gateway.mails().len();
        let point = Point { call: "pwrite64", at, kind: FULL_FOR_GOOD };
        let stopped = stop_at(&stage, &stage.command(), point);
        let mails = stage.gateway.mails();
        assert!(stopped.struck && stopped.exit != 0, "{point:?}: {stopped:?}");
        assert!(mails.len() > before, "{point:?}: no mail of {stopped:?}");
    }
}

#[test]
fn f57_a_run_whose_connections_time_out_at_any_call() {
    let kinds: [(Kind, &[&str]); 2] = [(TIMEOUT, &SOCKETS), (TIMEOUT_FOR_GOOD, &SOCKETS)];
    matrix("run", &Stage::run(Gateway::new()), &kinds, 6);
}

#[test]
fn f79_a_run_that_is_stopped_while_it_mails() {
    let stage = Stage::run(Gateway::new().mailing());
    let calls: &[&str] = &["connect", "writev", "shutdown"];
    let kinds = [(Kind::Kill, calls), (Kind::Term, calls), (EIO, calls), (TIMEOUT_FOR_GOOD, calls)];
    matrix("run with a mail server", &stage, &kinds, 6);
}

#[test]
fn f88_an_approval_that_is_stopped_at_any_call() {
    let kinds: [(Kind, &[&str]); 8] = [
        (Kind::Kill, &CHANGING),
        (Kind::Term, &CHANGING),
        (EIO, &ALL),
        (EIO_FOR_GOOD, &ALL),
        (FULL, &SPACE),
        (FULL_FOR_GOOD, &SPACE),
        (TIMEOUT, &SOCKETS),
        (TIMEOUT_FOR_GOOD, &SOCKETS),
    ];
    matrix("approve", &Stage::approval(), &kinds, 6);
}
