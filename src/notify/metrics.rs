//! Metrics for a node exporter's textfile collector: numbers of a night, by receiver.
//!
//! Labels are names of municipalities, receivers, kinds and steps, never of a file, a school or a
//! person.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use crate::pipeline::counts::{Counts, Tally};

/// What is said of one receiver.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    /// Its name in the configuration.
    pub name: String,
    /// When its part was last done as it should be.
    pub success: Option<Timestamp>,
    /// When its part was last judged at all.
    pub completion: Option<Timestamp>,
    /// How it went, one of [`RESULTS`]; empty when nothing ever went.
    pub result: &'static str,
    /// A plan waits for a person.
    pub held: bool,
    /// What changed, where that is known.
    pub counts: Option<Counts>,
    /// Removals that wait.
    pub delayed: u64,
}

/// Every result that a receiver's part can have.
pub const RESULTS: [&str; 8] = [
    "completed",
    "approved",
    "held",
    "failed",
    "unknown",
    "already-delivered",
    "planned-only",
    "paused",
];

/// The whole file.
pub fn text(
    (site, version): (&str, &str),
    receivers: &[Receiver],
    stages: &[(&str, Duration)],
) -> String {
    let mut out = String::new();
    // One node exporter may read the files of many municipalities.
    let site = escaped(site);
    let mut family = |name: &str, help: &str, lines: Vec<(String, String)>| {
        // Writing to a string cannot fail.
        let _ = write!(out, "# HELP rostergate_{name} {help}\n# TYPE rostergate_{name} gauge\n");
        for (labels, value) in lines {
            let _ = writeln!(out, "rostergate_{name}{{{labels},site=\"{site}\"}} {value}");
        }
    };
    let of = |receiver: &Receiver| format!("target=\"{}\"", escaped(&receiver.name));
    let each = |value: &dyn Fn(&Receiver) -> Option<String>| -> Vec<(String, String)> {
        receivers.iter().filter_map(|r| Some((of(r), value(r)?))).collect()
    };
    let seconds = |at: Option<Timestamp>| at.map(|at| at.as_second().to_string());
    let version = vec![(format!("version=\"{}\"", escaped(version)), "1".to_owned())];
    family("build_info", "The program's version.", version);
    family(
        "last_success_timestamp_seconds",
        "When the receiver's part last ended as it should.",
        each(&|r| seconds(r.success)),
    );
    family(
        "last_completion_timestamp_seconds",
        "When the receiver's part last ended, however it did.",
        each(&|r| seconds(r.completion)),
    );
    family("last_result", "How it ended: 1 for one of them.", results(receivers, &of));
    family(
        "held",
        "Whether a stopped plan waits for a person.",
        each(&|r| Some(u8::from(r.held).to_string())),
    );
    family("changes", "What the last run would change, or changed.", changes(receivers, &of));
    family(
        "delayed_deletes",
        "Removals that wait for a window, for grace or for a release.",
        each(&|r| Some(r.delayed.to_string())),
    );
    let stages = stages.iter().map(|(stage, took)| {
        (format!("stage=\"{}\"", escaped(stage)), format!("{:.3}", took.as_secs_f64()))
    });
    family("stage_duration_seconds", "How long the last run took, by step.", stages.collect());
    out
}

fn results(receivers: &[Receiver], of: &dyn Fn(&Receiver) -> String) -> Vec<(String, String)> {
    let known = receivers.iter().filter(|receiver| !receiver.result.is_empty());
    known
        .flat_map(|receiver| {
            RESULTS.map(|result| {
                let value = u8::from(receiver.result == result).to_string();
                (format!("{},result=\"{result}\"", of(receiver)), value)
            })
        })
        .collect()
}

fn changes(receivers: &[Receiver], of: &dyn Fn(&Receiver) -> String) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (receiver, counts) in receivers.iter().filter_map(|r| Some((r, r.counts.as_ref()?))) {
        let kinds: [(&str, Tally); 4] = [
            ("persons", counts.persons),
            ("groups", counts.groups),
            ("memberships", counts.memberships),
            ("relations", counts.relations),
        ];
        for (kind, tally) in kinds {
            for (op, value) in
                [("add", tally.added), ("change", tally.changed), ("remove", tally.removed)]
            {
                let labels = format!("{},type=\"{kind}\",op=\"{op}\"", of(receiver));
                lines.push((labels, value.to_string()));
            }
        }
    }
    lines
}

/// A label's value as the format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_begin_another_line() {
        let odd = Receiver { name: "a\"} 1\nx{y=\"\\".to_owned(), ..Receiver::default() };
        let text =
            text(("Exempelby kommun", "0.1.0"), &[odd], &[("read", Duration::from_millis(1500))]);
        for line in text.lines() {
            assert!(line.starts_with("# ") || line.starts_with("rostergate_"), "{line}");
        }
        assert!(text.contains("target=\"a\\\"} 1\\nx{y=\\\"\\\\\""), "{text}");
        assert!(text.contains("rostergate_stage_duration_seconds{stage=\"read\",site="));
        assert!(text.contains(",site=\"Exempelby kommun\"} 1.500\n"), "{text}");
    }
}
