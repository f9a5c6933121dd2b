//! What a night costs: `cargo bench --bench night`, or `-- 1000 100000` for towns of other sizes.
//!
//! For each size it founds an invented town, plays a first delivery, and measures `plan` and `run`
//! of the next night with the release binary, to a folder, in processes of their own. Programs that
//! do one honest part of the work over the same files are measured in turn with them, so that the
//! ratios hold on a busy machine, too. Figures are medians by processor time.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod measured;
mod scene;

use std::io;
use std::process::ExitCode;

use measured::Cost;
use scene::Scene;

const SIZES: [u32; 2] = [1_000, 10_000];
/// Processor seconds that `plan` and `run` may need for 10 000 pupils.
const BAR: (u32, f64) = (10_000, 1.0);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == measured::ALONE => measured::alone(rest),
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
    for &pupils in sizes {
        let scene = Scene::build(pupils)?;
        println!("\n{}", scene.describe());
        let rows = measure_all(&scene, if pupils > BAR.0 { 3 } else { 5 })?;
        table(&rows);
        ratios(&rows);
        judge(pupils, &rows);
    }
    Ok(())
}

/// What was measured: its name, the bytes that it had to go through, and what that took.
struct Row {
    name: &'static str,
    bytes: u64,
    cost: Cost,
    ours: bool,
}

/// Everything in turn, round after round.
fn measure_all(scene: &Scene, rounds: usize) -> io::Result<Vec<Row>> {
    let references = scene::references();
    let (present, missing): (Vec<_>, Vec<_>) =
        references.iter().partition(|reference| measured::is_installed(reference.program));
    for reference in &missing {
        println!("not installed, left out: {}", reference.program);
    }
    let mut plan = Vec::new();
    let mut run = Vec::new();
    let mut others: Vec<Vec<Cost>> = present.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        plan.push(scene.plan()?);
        run.push(scene.run()?);
        for (costs, reference) in others.iter_mut().zip(&present) {
            costs.push(scene.refer(reference)?);
        }
    }
    let bytes = scene.bytes()?;
    let ours = [("plan", bytes.csv, plan), ("run", bytes.csv + bytes.xml, run)];
    let ours =
        ours.map(|(name, bytes, costs)| Row { name, bytes, cost: middle(costs), ours: true });
    let others = present.iter().zip(others).map(|(reference, costs)| Row {
        name: reference.name,
        bytes: if reference.reads_xml { bytes.xml } else { bytes.csv },
        cost: middle(costs),
        ours: false,
    });
    Ok(ours.into_iter().chain(others).collect())
}

fn middle(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|a, b| a.processor.total_cmp(&b.processor));
    costs[costs.len() / 2]
}

fn table(rows: &[Row]) {
    println!("{:28} {:>8} {:>12} {:>10} {:>8}", "", "wall s", "processor s", "peak MiB", "MB/s");
    for Row { name, bytes, cost, .. } in rows {
        let Cost { wall, processor, peak } = cost;
        let speed = megabytes(*bytes) / processor.max(0.001);
        println!("{name:28} {wall:8.3} {processor:12.3} {peak:10.1} {speed:8.0}");
    }
}

/// Processor time of ours as multiples of the references'.
fn ratios(rows: &[Row]) {
    let (ours, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.ours);
    for own in ours {
        let ratio = |other: &&Row| {
            let times = own.cost.processor / other.cost.processor.max(0.001);
            format!("{times:.2} × {}", other.name)
        };
        let ratios: Vec<String> = others.iter().map(ratio).collect();
        println!("{:5} = {}", own.name, ratios.join(", "));
    }
}

fn judge(pupils: u32, rows: &[Row]) {
    for Row { name, cost, .. } in rows.iter().filter(|row| row.ours) {
        let each = cost.processor * 1e6 / f64::from(pupils);
        let (size, limit) = BAR;
        let verdict = match cost.processor < limit {
            _ if pupils != size => String::new(),
            true => format!("; the bar of {limit} s is met"),
            false => format!("; THE BAR OF {limit} s IS MISSED"),
        };
        println!("{name:5} takes {each:.1} µs of processor time for each pupil{verdict}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "for reading")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
