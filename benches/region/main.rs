//! What a night of many municipalities costs: `cargo bench --bench region`, or
//! `-- 290 1100000` for the whole country's compulsory school, `-- 290 1100000 1` one at a time.
//!
//! Sizes fall as in Sweden: by a power of the rank (Zipf, 0.915), which gives 290 municipalities of
//! 1.1 million pupils a largest of 140 000 and a middle of 1 500. Each has its own town, state and
//! folder as a receiver; `run --config-dir` is measured on the second night.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark starts the program it measures, and writes configurations"
)]

#[path = "../parts/home.rs"]
mod home;
#[path = "../parts/measured.rs"]
mod measured;

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use home::{Home, PROGRAM, megabytes, said, words};
use serde_json::Value;

/// Municipalities, pupils of all of them, and how many are worked on at a time.
const USUAL: [u32; 3] = [29, 20_000, 2];
/// How fast sizes fall from the largest on.
const FALL: f64 = 0.915;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [first, rest @ ..] if first == measured::ALONE => measured::alone(rest),
        _ => wanted(&arguments).and_then(|[sites, pupils, at_a_time]| {
            bench(&sizes(sites, pupils), &at_a_time.to_string())
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The numbers asked for; `cargo bench` adds `--bench` by itself.
fn wanted(arguments: &[String]) -> io::Result<[u32; 3]> {
    let usage = || io::Error::other("usage: cargo bench --bench region -- SITES PUPILS AT-A-TIME");
    let mut wanted = USUAL;
    let typed = arguments.iter().filter(|word| *word != "--bench");
    for (at, word) in typed.enumerate() {
        let number = word.replace('_', "").parse().map_err(|_| usage())?;
        *wanted.get_mut(at).ok_or_else(usage)? = number;
    }
    Ok(wanted)
}

/// How many pupils each has, the largest first; `pupils` together, but for rounding.
fn sizes(sites: u32, pupils: u32) -> Vec<u32> {
    let share = |rank: u32| f64::from(rank).powf(-FALL);
    let all: f64 = (1..=sites).map(share).sum();
    let size = |rank: u32| share(rank) / all * f64::from(pupils);
    (1..=sites).map(|rank| whole(size(rank)).max(1)).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32")]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

fn bench(sizes: &[u32], at_a_time: &str) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let configs = folder.path().join("configs");
    fs::create_dir(&configs)?;
    let mut homes = found(folder.path(), &configs, sizes)?;
    describe(&homes, sizes)?;
    let night = |home: &Home| {
        let configs = configs.to_string_lossy().into_owned();
        let typed = ["--lang", "en", "--json", "run", "--config-dir", &configs];
        words(&[&typed[..], &["--at-a-time", at_a_time, "--as-of", &home.at()]].concat())
    };
    let held = said(&night(&homes[0]))?;
    for (nth, home) in homes.iter().enumerate() {
        home.approve(&held["sites"][file(nth)]["run"])?;
    }
    for home in &mut homes {
        home.night_passes()?;
    }
    let told = folder.path().join("said");
    let cost = measured::measure(PROGRAM, &night(&homes[0]), &told)?;
    let night: Value = serde_json::from_str(fs::read_to_string(told)?.lines().next().unwrap_or(""))
        .map_err(io::Error::other)?;
    let done = homes.iter().enumerate().filter(|(nth, _)| {
        night["sites"][file(*nth)]["run"]["targets"]["platform"]["result"] == "completed"
    });
    println!("delivered by {} of {}", done.count(), homes.len());
    println!(
        "{:.1} s, {:.1} s of processor time, {:.0} MiB at most; {at_a_time} at a time",
        cost.wall, cost.processor, cost.peak
    );
    let longest = night["sites"][file(0)]["seconds"].as_f64().unwrap_or_default();
    println!("the largest by itself took {longest:.1} s of it");
    Ok(())
}

fn file(nth: usize) -> String {
    format!("{:03}.toml", nth + 1)
}

/// Founds every town. Each configuration lies in the common folder by a link.
fn found(folder: &Path, configs: &Path, sizes: &[u32]) -> io::Result<Vec<Home>> {
    let mut homes = Vec::new();
    for (nth, pupils) in sizes.iter().enumerate() {
        let home = Home::found(&folder.join(nth.to_string()), *pupils, nth as u64 + 1)?;
        std::os::unix::fs::symlink(home.config(), configs.join(file(nth)))?;
        homes.push(home);
    }
    Ok(homes)
}

fn describe(homes: &[Home], sizes: &[u32]) -> io::Result<()> {
    let persons: usize = homes.iter().map(|home| home.town.persons()).sum();
    let memberships: usize = homes.iter().map(|home| home.town.memberships()).sum();
    let csv: io::Result<u64> = homes.iter().map(Home::export_size).sum();
    let (largest, middle) = (sizes[0], sizes[sizes.len() / 2]);
    println!(
        "{} municipalities, {} pupils (the largest {largest}, the middle one {middle}), {persons} \
         persons, {memberships} memberships; {:.0} MB of CSV a night",
        homes.len(),
        sizes.iter().sum::<u32>(),
        megabytes(csv?),
    );
    Ok(())
}
