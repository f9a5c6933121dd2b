//! System calls that fail, or end the program, at a number: Debian's `strace` from outside.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::power::{Disk, FOLLOWED, Lost};
use super::stage::Stage;
use crate::support::gateway::Gateway;

/// What happens at a system call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The program ends at once.
    Kill,
    /// It is told to end.
    Term,
    /// The power fails: it ends at once, and of what was not synced so much is lost.
    Dark(Lost),
    /// The call fails, once or from then on.
    Fails(&'static str, bool),
}

impl Kind {
    /// What strace does at call number `at`.
    fn inject(self, call: &str, at: usize) -> String {
        match self {
            Kind::Kill | Kind::Dark(_) => format!("inject={call}:signal=KILL:when={at}"),
            Kind::Term => format!("inject={call}:signal=TERM:when={at}"),
            Kind::Fails(error, for_good) => {
                let on = if for_good { "+" } else { "" };
                format!("inject={call}:error={error}:when={at}{on}")
            }
        }
    }

    /// Whether the program can go on after it.
    pub(super) fn ends_the_program(self) -> bool {
        !matches!(self, Kind::Fails(..))
    }
}

/// One place to stop at: the call's name, which of them in its thread, and what happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) call: &'static str,
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// How a run under strace ended.
#[derive(Debug)]
pub(super) struct Stopped {
    /// The exit code; 128 and the signal where one ended it.
    pub(super) exit: i32,
    /// Whether the fault struck at all.
    pub(super) struck: bool,
    /// Stdout and stderr.
    pub(super) said: String,
}

/// Runs a command and stops it at a point.
pub(super) fn stop_at(stage: &Stage, arguments: &[&str], point: Point) -> Stopped {
    let Point { call, at, kind } = point;
    let log = stage.gateway.home().join("strace.log");
    let traced = |calls: &str| [format!("trace={calls}"), kind.inject(call, at)];
    let Kind::Dark(lost) = kind else {
        return strace(&stage.gateway, arguments, &traced(call), &log);
    };
    let mut disk = Disk::of(&stage.folders_here());
    let options = traced(&format!("{FOLLOWED},{call}"));
    let stopped = strace(&stage.gateway, arguments, &options, &log);
    disk.follow(&fs::read_to_string(&log).expect("strace's log"));
    if stopped.struck {
        disk.power_fails(lost);
    }
    stopped
}

/// How many calls of each name one thread makes at most, in a run that nothing stops.
pub(super) fn count(
    stage: &Stage,
    arguments: &[&str],
    calls: &[&'static str],
) -> BTreeMap<&'static str, usize> {
    let log = stage.gateway.home().join("strace.log");
    let all = [format!("trace={}", calls.join(","))];
    let ended = strace(&stage.gateway, arguments, &all, &log);
    assert_eq!(ended.exit, 0, "{ended:?}");
    let traced = fs::read_to_string(&log).expect("strace's log");
    let mut seen: BTreeMap<(&str, &'static str), usize> = BTreeMap::new();
    for line in traced.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let begun = calls.iter().find(|call| {
            rest.trim_start().strip_prefix(**call).is_some_and(|after| after.starts_with('('))
        });
        if let Some(call) = begun {
            *seen.entry((thread, call)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in seen {
        let so_far: &mut usize = most.entry(call).or_default();
        *so_far = count.max(*so_far);
    }
    most
}

/// Runs a command of the gateway that is killed at a call.
pub(super) fn killed_at(gateway: &Gateway, arguments: &[&str], call: &str, at: usize) -> Stopped {
    let options = [format!("trace={call}"), Kind::Kill.inject(call, at)];
    strace(gateway, arguments, &options, &gateway.home().join("strace.log"))
}

/// Runs a command of the gateway under strace, which writes what it saw to `log`.
#[expect(clippy::disallowed_methods, reason = "the tool that fails system calls")]
fn strace(gateway: &Gateway, arguments: &[&str], options: &[String], log: &Path) -> Stopped {
    let program = gateway.command(arguments);
    let mut command = Command::new("strace");
    // Texts are whole where they are followed, and otherwise not told.
    let follows = options.iter().any(|option| option.contains(FOLLOWED));
    let texts: &[&str] = if follows { &["-y", "-xx", "-s", "16000000"] } else { &["-s", "0"] };
    command.args(["-f", "-q"]).args(texts).arg("-o").arg(log);
    // Only the calls that count stop the program on its way; then strace sends no signals.
    if !options.iter().any(|option| option.contains(":signal=")) {
        command.arg("--seccomp-bpf");
    }
    for option in options {
        command.args(["-e", option]);
    }
    command.arg("--").arg(program.get_program()).args(program.get_args()).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let output = command.output().expect("strace is missing: apt-get install -y strace");
    let signal = output.status.signal().map(|signal| 128 + signal);
    let exit = output.status.code().or(signal).expect("an end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!said.contains("strace: "), "{said}");
    let traced = fs::read_to_string(log).expect("strace's log");
    let struck = traced.contains("(INJECTED)") || traced.contains("+++ killed by");
    Stopped { exit, struck, said }
}
