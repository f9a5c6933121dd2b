//! One program in a process of its own: its time and its memory, as the system counted them.
//!
//! The system tells a process only the highest memory of all its children, so each program is
//! started by a small process that has no other child: this benchmark, started anew.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark starts programs, and the small process prints what one of them took"
)]

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The argument that makes this program the small process.
pub(crate) const ALONE: &str = "--measure-alone";

/// What one program took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time, the system's part among them.
    pub(crate) processor: f64,
    /// Most memory at any time, in MiB.
    pub(crate) peak: f64,
}

/// Starts a program that must succeed; what it says goes to the file `said`.
pub(crate) fn measure<A: AsRef<OsStr>>(
    program: &str,
    arguments: &[A],
    said: &Path,
) -> io::Result<Cost> {
    let mut alone = Command::new(std::env::current_exe()?);
    alone.arg(ALONE).arg(said).arg(program).args(arguments).env("LC_ALL", "C");
    let output = alone.output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [wall, processor, peak] if output.status.success() => Ok(Cost { wall, processor, peak }),
        _ => {
            let said = std::fs::read_to_string(said).unwrap_or_default();
            Err(io::Error::other(format!("{program} failed: {told}\n{said}")))
        }
    }
}

/// The small process: starts the one program and prints what it took.
pub(crate) fn alone(words: &[String]) -> io::Result<()> {
    let [said, program, arguments @ ..] = words else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let said = File::create(said)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(said.try_clone()?).stdout(said);
    let started = Instant::now();
    let status = command.status()?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let processor = seconds(used.user_time()) + seconds(used.system_time());
    let kibibytes = u32::try_from(used.max_rss()).unwrap_or_default();
    println!("{} {} {}", wall.as_secs_f64(), processor, f64::from(kibibytes) / 1024.0);
    Ok(())
}

fn seconds(time: TimeVal) -> f64 {
    let part = |number: i64| u64::try_from(number).unwrap_or_default();
    (Duration::from_secs(part(time.tv_sec())) + Duration::from_micros(part(time.tv_usec())))
        .as_secs_f64()
}
