//! What a night costs: `cargo bench --bench night`, or `-- 10000 100000 1000000` for towns of other
//! sizes.
//!
//! For each size it founds an invented town, plays a first delivery, and measures `plan` and `run`
//! of the next night with the release binary, to a folder, in processes of their own. Programs that
//! do one honest part of the work over the same files are measured in turn with them, so that the
//! ratios hold on a busy machine, too. Figures are medians by processor time, and MB/s are of it.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark starts the programs it measures, and writes a configuration"
)]

#[path = "../parts/home.rs"]
mod home;
#[path = "../parts/measured.rs"]
mod measured;
mod references;
mod scene;
mod targets;
mod years;

use std::io;
use std::process::ExitCode;

use home::megabytes;
use measured::Cost;
use references::{Over, Reference};
use scene::{Scene, Stage};

const SIZES: [u32; 2] = [1_000, 10_000];
/// Towns up to this size are measured five times, and up to the next three times.
const ROUNDS: [(u32, usize); 2] = [(10_000, 5), (300_000, 3)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [first, rest @ ..] if first == measured::ALONE => measured::alone(rest),
        [first, path] if first == references::EVENT_LOOP => {
            references::event_loop(path).map(|events| say(&format!("{events} events")))
        }
        _ => sizes(&arguments).and_then(|sizes| bench(&sizes)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The sizes asked for; `cargo bench` adds `--bench` by itself.
fn sizes(arguments: &[String]) -> io::Result<Vec<u32>> {
    let typed = arguments.iter().filter(|word| *word != "--bench");
    let sizes: Result<Vec<u32>, _> = typed.map(|word| word.replace('_', "").parse()).collect();
    let sizes =
        sizes.map_err(|_| io::Error::other("usage: cargo bench --bench night -- PUPILS…"))?;
    Ok(if sizes.is_empty() { SIZES.to_vec() } else { sizes })
}

fn bench(sizes: &[u32]) -> io::Result<()> {
    let references = references::present()?;
    let mut all = Vec::new();
    for &pupils in sizes {
        let scene = Scene::build(pupils)?;
        let rounds = ROUNDS.iter().find(|(most, _)| pupils <= *most).map_or(1, |(_, n)| *n);
        let rows = measure_all(&scene, &references, rounds)?;
        say(&format!("\n{}; median of {rounds}", scene.describe()?));
        table(&rows);
        ratios(&rows);
        let measured = Measured { pupils, rows };
        targets::judge(&measured);
        all.push(measured);
    }
    targets::growth(&all);
    years::status()
}

/// Everything measured for one size.
struct Measured {
    pupils: u32,
    rows: Vec<Row>,
}

/// What was measured: its name, the bytes that it had to go through, and what that took.
struct Row {
    name: String,
    bytes: u64,
    cost: Cost,
    whose: Whose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    OurStage,
    Other,
}

/// Everything in turn, round after round.
fn measure_all(scene: &Scene, references: &[Reference], rounds: usize) -> io::Result<Vec<Row>> {
    let (mut plans, mut runs) = (Vec::new(), Vec::new());
    let mut others: Vec<Vec<Cost>> = references.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        plans.push(scene.plan()?);
        runs.push(scene.run()?);
        for (costs, reference) in others.iter_mut().zip(references) {
            costs.push(scene.refer(reference)?);
        }
    }
    let (csv, xml) = (scene.csv()?, scene.xml()?);
    let mut rows = Vec::new();
    for (name, bytes, measured) in [("plan", csv, plans), ("run", csv + xml, runs)] {
        let (cost, stages) = middle(measured, |(cost, _)| cost.processor);
        rows.push(Row { name: name.to_owned(), bytes, cost, whose: Whose::Ours });
        rows.extend(stages.into_iter().map(|stage| stage_row(name, stage, csv, xml)));
    }
    for (reference, costs) in references.iter().zip(others) {
        let bytes = match reference.over {
            Over::Delivered => xml,
            Over::Today => csv,
            Over::BothDays => 2 * csv,
        };
        let cost = middle(costs, |cost| cost.processor);
        rows.push(Row { name: reference.name.to_owned(), bytes, cost, whose: Whose::Other });
    }
    Ok(rows)
}

fn stage_row(command: &str, Stage { name, cost }: Stage, csv: u64, xml: u64) -> Row {
    let bytes = match &name[..] {
        "read" | "compare" => csv,
        "write" | "read-back" | "deliver" => xml,
        _ => 0,
    };
    Row { name: format!("  {command}: {name}"), bytes, cost, whose: Whose::OurStage }
}

fn middle<T>(mut all: Vec<T>, by: impl Fn(&T) -> f64) -> T {
    all.sort_by(|a, b| by(a).total_cmp(&by(b)));
    let middle = all.len() / 2;
    all.swap_remove(middle)
}

fn table(rows: &[Row]) {
    println!("{:28} {:>8} {:>12} {:>10} {:>8}", "", "wall s", "processor s", "peak MiB", "MB/s");
    for Row { name, bytes, cost, .. } in rows {
        let Cost { wall, processor, peak } = cost;
        let speed = match bytes {
            0 => String::new(),
            _ => format!("{:.0}", megabytes(*bytes) / processor.max(0.001)),
        };
        println!("{name:28} {wall:8.3} {processor:12.3} {peak:10.1} {speed:>8}");
    }
}

/// Processor time of ours as multiples of the references'.
fn ratios(rows: &[Row]) {
    for own in rows.iter().filter(|row| row.whose == Whose::Ours) {
        let ratio = |other: &Row| {
            let times = own.cost.processor / other.cost.processor.max(0.001);
            format!("{times:.2} × {}", other.name)
        };
        let others = rows.iter().filter(|row| row.whose == Whose::Other);
        let ratios: Vec<String> = others.map(ratio).collect();
        println!("{:5} = {}", own.name, ratios.join(", "));
    }
}

/// Prints a line.
fn say(line: &str) {
    println!("{line}");
}
