//! `--timings`: what each stage took, for whoever measures. Numbers only, nothing about anybody.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use super::ui::Ui;
use crate::gateway::Event;

/// One stage that is over.
struct Stage {
    /// What was done.
    name: &'static str,
    /// For which target; empty where it was for all.
    target: String,
    wall: Duration,
    processor: Duration,
    /// Memory when it ended, and the most at any time until then, in KiB.
    memory: Memory,
}

/// What the process holds of the machine's memory, in KiB.
#[derive(Clone, Copy, Default)]
struct Memory {
    now: u64,
    peak: u64,
}

/// Stages as they end, or nothing where nobody asked.
pub(super) struct Timings(Option<RefCell<Watch>>);

struct Watch {
    since: (Instant, Duration),
    stages: Vec<Stage>,
}

impl Timings {
    /// Begins with what was done before, where somebody asks.
    pub(super) fn new(asked: bool) -> Timings {
        let watch = || Watch { since: (Instant::now(), processor_time()), stages: Vec::new() };
        Timings(asked.then(|| RefCell::new(watch())))
    }

    /// Notes the stage that ends with an event.
    pub(super) fn hear(&self, event: &Event<'_>) {
        let (name, target) = match event {
            Event::Begun(_) => ("begin", ""),
            Event::Read(_) => ("read", ""),
            Event::Planned(target, _) => ("compare", *target),
            Event::Written(target, _) => ("write", *target),
            Event::Rehearsed(target) => ("read-back", *target),
            Event::Done(target) => ("deliver", target.name.as_str()),
            Event::Sending(..)
            | Event::Step(..)
            | Event::Waiting(..)
            | Event::Mailed(..)
            | Event::Unheard(..)
            | Event::Away
            | Event::Back => return,
        };
        self.note(name, target);
    }

    fn note(&self, name: &'static str, target: &str) {
        let Some(watch) = &self.0 else { return };
        let Watch { since, stages } = &mut *watch.borrow_mut();
        let now = (Instant::now(), processor_time());
        let (wall, processor) = (now.0 - since.0, now.1.saturating_sub(since.1));
        let target = target.to_owned();
        stages.push(Stage { name, target, wall, processor, memory: memory() });
        *since = now;
    }

    /// Ends the last stage and prints all of them to stderr: a table, or one JSON object.
    pub(super) fn end(&self, ui: &Ui) {
        self.note("end", "");
        let Some(watch) = &self.0 else { return };
        let stages = &watch.borrow().stages;
        if ui.json {
            let stages: Vec<_> = stages.iter().map(Stage::json).collect();
            let all = serde_json::json!({ "schema": "rostergate.timings/1", "stages": stages });
            return ui.remark_always(all.to_string());
        }
        let head = ["stage", "wall s", "processor s", "now MiB", "peak MiB"];
        let [stage, wall, processor, now, peak] = head;
        ui.remark_always(format!("{stage:24} {wall:>9} {processor:>12} {now:>9} {peak:>9}"));
        for stage in stages {
            ui.remark_always(stage.line());
        }
    }
}

impl Stage {
    fn line(&self) -> String {
        let name = [self.name, &self.target].join(" ");
        let (wall, processor) = (self.wall.as_secs_f64(), self.processor.as_secs_f64());
        let mebibytes = |kibibytes: u64| format!("{}.{}", kibibytes / 1024, kibibytes % 1024 / 103);
        let (now, peak) = (mebibytes(self.memory.now), mebibytes(self.memory.peak));
        format!("{:24} {wall:9.3} {processor:12.3} {now:>9} {peak:>9}", name.trim_end())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "stage": self.name,
            "target": (!self.target.is_empty()).then_some(&self.target),
            "wall": self.wall.as_secs_f64(),
            "processor": self.processor.as_secs_f64(),
            "memory": self.memory.now * 1024,
            "peak": self.memory.peak * 1024,
        })
    }
}

/// Processor time of the whole process so far, the system's part among it.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// What Linux says of this process's memory; nothing where it says nothing.
fn memory() -> Memory {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_end_matches("kB").trim().parse().ok()
    };
    Memory { now: field("VmRSS:").unwrap_or_default(), peak: field("VmHWM:").unwrap_or_default() }
}
