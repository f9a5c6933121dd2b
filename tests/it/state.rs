//! The logbook: nothing goes out that was not cleared, nothing is forgotten, nothing half-written counts.

mod chain;
mod crash;
mod decisions;
mod directory;
mod keeping;
mod marks;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Zoned};
use rostergate::pipeline::counts::{Counts, SchoolTally, Tally};
use rostergate::pipeline::verdict::{Breach, Operation, Subject, Verdict};
use rostergate::roster::code::Code;
use rostergate::state::{
    AdoptFacts, Approval, BaselineRecord, Cleared, Delivered, Digest, FinalStat, Held, Kept, Lock,
    Moved, PlanFacts, PlanId, Receipt, ReceiverBinding, RunId, RunStart, StateDir, StateError,
    Step, Today,
};
use serde_json::json;

const TARGET: &str = "itslearning";

/// What every plan here says about what it removes.
const PENDING: &str = "archived\tgroup\tMATMAT01a\n\
    gone\tgroup\tarchived\tMATMAT01a\n\
    gone\tmembership\tregister\t7A\tP1\tlearner\n\
    gone\tperson\tspring\tP1\n\
    pending\tperson\t2026-06-10\t3\tspring\t0\tP2\n";

fn at(hours: i64) -> Zoned {
    let first: Zoned = "2026-08-24T04:15:00+02:00[Europe/Stockholm]".parse().unwrap();
    &first + SignedDuration::from_hours(hours)
}

/// A run that holds the lock, `hours` after the first night.
struct Night {
    state: StateDir,
    _lock: Lock,
    run: RunId,
    now: Zoned,
}

impl Night {
    fn open(folder: &Path, hours: i64) -> Self {
        let now = at(hours);
        let state = StateDir::open(folder, &now).unwrap();
        let lock = state.lock("run", &now).unwrap();
        let run = state.begin_run(&start(), &now).unwrap().id;
        Self { state, _lock: lock, run, now }
    }

    fn facts(&self, verdict: &Verdict) -> PlanFacts {
        PlanFacts {
            receiver: receiver(),
            format_digest: Digest::of(b"format"),
            key_rules: "1 nfc trim".into(),
            config_digest: Digest::of(b"configuration"),
            export_digest: Digest::of(self.now.to_string().as_bytes()),
            exported_at: self.now.timestamp() - SignedDuration::from_hours(2),
            version: "0.1.0".into(),
            counts: Kept::of(&counts()),
            verdict: Kept::of(verdict),
            baseline: None,
            first_delivery: false,
            removals: 312,
            persons: 5822,
            expires: self.now.timestamp() + SignedDuration::from_hours(24),
            rules: None,
            marked: None,
            withdrawal: false,
        }
    }

    fn prepare(&self, facts: PlanFacts) -> Result<Cleared, Held> {
        self.prepare_for(TARGET, facts)
    }

    fn prepare_for(&self, target: &str, facts: PlanFacts) -> Result<Cleared, Held> {
        let text = format!("export of {}", facts.exported_at);
        let begun = self.state.begin(target, &self.run, &self.now).unwrap();
        let prepared = begun.prepare(
            facts,
            |name, out| writeln!(out, "{name}: {text}"),
            |out| out.write_all(text.as_bytes()),
            |out| out.write_all(b"kind;added;removed\n"),
            |out| out.write_all(PENDING.as_bytes()),
            |documents| if documents.len() == 2 { Ok(()) } else { Err("two documents") },
        );
        prepared.unwrap().clear()
    }

    fn cleared(&self) -> Cleared {
        self.prepare(self.facts(&Verdict::Pass)).unwrap_or_else(|_| panic!("passed, yet held"))
    }

    fn held(&self) -> PlanId {
        self.held_with(self.facts(&hold()))
    }

    fn held_with(&self, facts: PlanFacts) -> PlanId {
        self.prepare(facts).err().expect("held").record().id.clone()
    }

    fn deliver(&self, cleared: Cleared) -> PlanId {
        let id = cleared.id().clone();
        note(&cleared, 4);
        cleared.accept(receipt(&self.now)).unwrap();
        id
    }

    fn today(&self) -> Today {
        Today {
            run: self.run.clone(),
            config_digest: Digest::of(b"configuration"),
            format_digest: Digest::of(b"format"),
            protection_moved: false,
            told_otherwise: false,
        }
    }

    fn approval(&self) -> Approval {
        Approval {
            who: "anna.a".into(),
            reason: "Björkskolan closed".into(),
            confirmed: 312,
            at: self.now.timestamp(),
            receiver_empty: false,
        }
    }

    fn approve(&self, id: &PlanId) -> Result<Cleared, StateError> {
        self.state.held(id)?.approve(self.approval(), &self.today())
    }

    fn baseline(&self) -> BaselineRecord {
        self.state.baseline(TARGET).unwrap()
    }

    fn delivered(&self) -> Delivered {
        match self.baseline() {
            BaselineRecord::Delivered(delivered) => delivered,
            other => panic!("{other:?}"),
        }
    }
}

fn start() -> RunStart {
    let trigger = "timer".into();
    let config_digest = Digest::of(b"configuration");
    RunStart { trigger, version: "0.1.0".into(), config_digest, invocation: None }
}

fn receiver() -> ReceiverBinding {
    ReceiverBinding {
        environment: "production".into(),
        host: "sftp.itslearning.example:22".into(),
        user: "exempelstad".into(),
        folder: "/import".into(),
        format: "csv".into(),
        files: vec!["elever.csv".into(), "grupper.csv".into()],
    }
}

fn counts() -> Counts {
    let persons = Tally { before: 5822, now: 5519, added: 9, changed: 22, removed: 312 };
    let school = |n| SchoolTally {
        key: format!("{n}"),
        name: format!("Skola {n}"),
        persons,
        ..SchoolTally::default()
    };
    Counts { persons, by_school: (0..40).map(school).collect(), ..Counts::default() }
}

fn hold() -> Verdict {
    Verdict::Hold(vec![Breach::OverPercent {
        subject: Subject::Persons,
        operation: Operation::Remove,
        count: 312,
        of: 5822,
        limit: 5000,
    }])
}

/// The first `count` steps of a delivery.
fn steps(count: usize) -> Vec<Step> {
    let temps = vec![".elever.csv.part".into(), ".grupper.csv.part".into()];
    let mut steps = vec![
        Step::Uploading { temps },
        Step::Uploaded { temp_mtimes: vec![Some(1_787_535_000), None] },
        Step::Publishing,
        Step::Published,
    ];
    steps.truncate(count);
    steps
}

fn note(cleared: &Cleared, count: usize) {
    for step in steps(count) {
        cleared.note(step).unwrap();
    }
}

fn receipt(now: &Zoned) -> Receipt {
    let finals = vec![FinalStat { name: "elever.csv".into(), size: Some(40), mtime: Some(7) }];
    Receipt { published_at: now.timestamp(), finals, record: json!({ "verified": "readback" }) }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything_in(&path));
        }
        found.push(path);
    }
    found
}

fn plan_folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("runs")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn moved(result: Result<Cleared, StateError>) -> Moved {
    match result.err() {
        Some(StateError::Stale { moved, .. }) => moved,
        other => panic!("not stale: {other:?}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test damages files on purpose")]
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn adopt(night: &Night) -> Delivered {
    let (format_digest, key_rules) = (Digest::of(b"format"), "1 nfc trim".into());
    let who = "anna.a".into();
    let facts = AdoptFacts { receiver: receiver(), format_digest, key_rules, who };
    let begun = night.state.begin(TARGET, &night.run, &night.now).unwrap();
    let write = |_: &str, out: &mut dyn Write| out.write_all(b"what the predecessor sent");
    begun.adopt(facts, write, |out| out.write_all(b"lines"), night.now.timestamp()).unwrap()
}

fn lost_answer(folder: &Path, hours: i64) -> PlanId {
    let night = Night::open(folder, hours);
    let cleared = night.cleared();
    let id = cleared.id().clone();
    note(&cleared, 3);
    cleared.unknown(Code(430), night.now.timestamp()).unwrap();
    id
}
