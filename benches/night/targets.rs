//! What a night may cost, as ratios to references of the same round, and whether it does.

use crate::references::{EVENTS, HASH, JOIN};
use crate::{Measured, say};

/// From so many pupils on a town counts as medium, and as large.
const MEDIUM: u32 = 100_000;
const LARGE: u32 = 1_000_000;
/// Smaller towns cost what starting costs.
const SMALL: u32 = 10_000;
/// MiB that a run may need for a town of each.
const MEMORY: [(u32, f64); 2] = [(MEDIUM, 128.0), (LARGE, 800.0)];
/// Ten times the pupils may take so many times the processor time.
const GROWTH: f64 = 13.0;

/// Says what is met and what is missed for one size. Ratios are shown for small towns, too, where
/// they are no targets.
pub(crate) fn judge(measured: &Measured) {
    let pupils = measured.pupils;
    let cost = |name: &str| measured.rows.iter().find(|row| row.name == name).map(|row| row.cost);
    let (Some(plan), Some(run)) = (cost("plan"), cost("run")) else { return };
    if let Some(join) = cost(JOIN) {
        let most = if pupils < LARGE { 1.0 / 3.0 } else { 1.0 / 2.0 };
        let ratio = plan.processor / join.processor;
        verdict(&format!("plan / {JOIN}, processor"), ratio, most, pupils >= MEDIUM);
    }
    let stage = |name: &str| measured.rows.iter().find(|row| row.name == name);
    if let (Some(hash), Some(read_back)) = (cost(HASH), stage("  run: read-back")) {
        let ratio = (run.processor - read_back.cost.processor) / hash.processor;
        verdict(&format!("run but read-back / {HASH}, processor"), ratio, 4.0, pupils >= MEDIUM);
    }
    if let Some(events) = cost(EVENTS) {
        verdict(&format!("run / {EVENTS}, wall"), run.wall / events.wall, 1.8, pupils >= LARGE);
    }
    let most = MEMORY.iter().find(|(size, _)| pupils <= *size).unwrap_or(&MEMORY[1]);
    verdict("peak memory of run, MiB", run.peak, most.1, pupils == most.0);
}

/// Says how time and memory grow from one size to the next.
pub(crate) fn growth(all: &[Measured]) {
    for pair in all.windows(2) {
        let [small, large] = pair else { continue };
        let times = f64::from(large.pupils) / f64::from(small.pupils);
        say(&format!("\nfrom {} to {} pupils", small.pupils, large.pupils));
        for name in ["plan", "run"] {
            let of = |one: &Measured| one.rows.iter().find(|row| row.name == name).map(|r| r.cost);
            let (Some(before), Some(after)) = (of(small), of(large)) else { continue };
            let grown = after.processor / before.processor;
            let exponent = grown.ln() / times.ln();
            let most = GROWTH.powf(times.log10());
            verdict(
                &format!("{name}: processor time × (exponent {exponent:.2})"),
                grown,
                most,
                small.pupils >= SMALL,
            );
            let slope = (after.peak - before.peak) / f64::from(large.pupils - small.pupils);
            let rest = after.peak - slope * f64::from(large.pupils);
            let each = slope * 1024.0;
            say(&format!("  {name}: peak memory = {rest:.0} MiB + {each:.2} KiB × pupils"));
        }
    }
}

/// One line: what, its value, and whether it stays within the most that it may be.
pub(crate) fn verdict(what: &str, value: f64, most: f64, counts: bool) {
    let word = match value <= most {
        _ if !counts => "no target at this size",
        true => "met",
        false => "MISSED",
    };
    say(&format!("  {what:58} {value:9.2}  ≤ {most:7.2}  {word}"));
}
