//! What must hold of the logbook and of the mails after each run.

use std::fs;

use jiff::Zoned;
use rostergate::config::Loaded;
use rostergate::formats::snapshot::{self, Header, KEY_RULES};
use rostergate::gateway::target::Aim;
use rostergate::state::{
    AdoptFacts, BaselineRecord, Digest, RunEnd, RunStart, StateDir, StateReader,
};

use super::laws::{Checked, ensure};
use super::stage::Stage;

/// What stands in the register of persons and nowhere that people read.
const CANARIES: [&str; 4] = ["Qanari", "Zfam", "elevk", "kontoq"];

fn reader(stage: &Stage) -> StateReader {
    StateDir::read_only(&stage.at("state")).expect("a logbook that can be read")
}

/// I7.
pub(super) fn no_canary(text: &str) -> Checked {
    let text = text.replace("=\r\n", "");
    let found = CANARIES.iter().find(|canary| text.contains(*canary));
    ensure!(found.is_none(), "I7: {found:?} is told");
    Ok(())
}

/// The bytes of a held plan.
pub(super) fn payload(stage: &Stage, plan: &str) -> Option<Vec<u8>> {
    fs::read(stage.at(&format!("state/runs/{plan}/payload/ims.xml"))).ok()
}

/// Keys of those who are withdrawn by hand.
pub(super) fn withdrawn(stage: &Stage) -> Vec<String> {
    let all = reader(stage).withdrawn().expect("a logbook that can be read");
    all.into_iter().map(|person| person.key).collect()
}

/// After a run that came to its end. Gives whether it is open what the receiver holds.
pub(super) fn after(stage: &Stage, run: &str) -> Result<bool, String> {
    let reader = reader(stage);
    let doubt = the_baseline_is_what_was_published(stage, &reader)?;
    let entry = reader.recent_runs(3).expect("runs").into_iter().find(|r| r.id.as_str() == run);
    let entry = entry.ok_or_else(|| format!("I6: {run} is not in the logbook"))?;
    let end = entry.end.as_ref().map(|end| end.result.as_str());
    ensure!(end.is_some(), "I6: {run} has no outcome");
    let open = reader.unfinished_runs().expect("runs");
    let open: Vec<&str> = open.iter().map(|run| run.id.as_str()).collect();
    ensure!(open.is_empty(), "I6: {run} came to its end, and {open:?} have none");
    let (sent, waiting) = mails(stage, &reader, run)?;
    ensure!(sent + waiting == 1, "I6: {run} is told {sent} times, and waits {waiting} times");
    Ok(doubt)
}

/// I5, the second half: after a night on which the receiver could be asked and everything be
/// written down, it is known what it holds.
pub(super) fn settled(stage: &Stage) -> Checked {
    let reader = reader(stage);
    let open = reader.unfinished_plans("lms").expect("plans");
    let open = open.iter().find(|plan| plan.maybe_published).map(|plan| plan.id.to_string());
    ensure!(open.is_none(), "I5: a night that could look left {open:?} open");
    let baseline = reader.baseline("lms").map_err(|error| format!("I5: {error}"))?;
    let unknown = matches!(baseline, BaselineRecord::Unknown { .. });
    ensure!(!unknown, "I5: a night that could look leaves it open what the receiver holds");
    Ok(())
}

/// I5.
fn the_baseline_is_what_was_published(stage: &Stage, reader: &StateReader) -> Result<bool, String> {
    let (Some(last), None) = (stage.published.last(), stage.forgotten) else { return Ok(true) };
    let last = last.digest.as_str();
    let baseline = reader.baseline("lms").map_err(|error| format!("I5: {error}"))?;
    let of = |told: &rostergate::state::Delivered| told.documents[0].sha256.to_string();
    let known: Vec<String> = baseline.candidates().into_iter().map(of).collect();
    let open = reader.unfinished_plans("lms").expect("plans");
    let open = open.iter().filter(|plan| plan.maybe_published);
    let open: Vec<String> = open.map(|plan| plan.documents[0].sha256.to_string()).collect();
    match baseline {
        BaselineRecord::Delivered(_) if open.is_empty() => {
            ensure!(known[0] == last, "I5: {last} was published, the logbook says {}", known[0]);
            Ok(false)
        }
        _ => {
            let all = [&known[..], &open].concat();
            ensure!(all.iter().any(|digest| digest == last), "I5: {last} is not among {all:?}");
            Ok(true)
        }
    }
}

/// How many mails of a run lie in the mailbox, and how many wait; each is read for I7.
fn mails(stage: &Stage, reader: &StateReader, run: &str) -> Result<(usize, usize), String> {
    let mut sent = 0;
    for entry in fs::read_dir(stage.at("mail")).expect("the mailbox") {
        let path = entry.expect("an entry").path();
        if path.file_name().expect("a name").to_string_lossy().starts_with(run) {
            no_canary(&fs::read_to_string(&path).expect("a mail"))?;
            sent += 1;
        }
    }
    let waiting = reader.waiting_mails().expect("the outbox");
    Ok((sent, waiting.iter().filter(|mail| mail.run.as_str() == run).count()))
}

/// I6: every run that began told of itself, or a later one told of it; and the chain of decisions
/// holds.
pub(super) fn all_told(stage: &Stage) -> Checked {
    let chain = reader(stage).verify_chain().expect("a chain");
    ensure!(chain.broken.is_none(), "P9: {:?}", chain.broken);
    let mut all = String::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(stage.at("mail")).expect("the mailbox") {
        let path = entry.expect("an entry").path();
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        all += &fs::read_to_string(&path).expect("a mail").replace("=\r\n", "");
    }
    for run in &stage.runs {
        let own = names.iter().filter(|name| name.starts_with(run)).count();
        ensure!(own <= 1, "I6: {run} told {own} times");
        ensure!(own == 1 || all.contains(run), "I6: {run} was never told of");
    }
    Ok(())
}

/// As `baseline adopt` does it: the receiver holds what it last imported.
pub(super) fn adopt(stage: &Stage, loaded: &Loaded, now: &Zoned) {
    let aim = Aim::at(&loaded.config, "lms");
    let state = StateDir::open(&stage.at("state"), now).expect("a state");
    let _lock = state.lock("adopt", now).expect("the lock");
    let config_digest = Digest::of(loaded.digest("lms").as_bytes());
    let (trigger, version) = ("adopt".into(), "sim".into());
    let start = RunStart { trigger, version, config_digest, invocation: None };
    let run = state.begin_run(&start, now).expect("a run").id;
    let bytes = &stage.receiver.backup;
    let document = ("ims.xml".to_owned(), Box::new(&bytes[..]) as Box<dyn std::io::BufRead>);
    let (roster, _) = aim.target.format.decode(vec![document]).expect("a whole file");
    let header = Header::of(&roster);
    let facts = AdoptFacts {
        receiver: aim.receiver.clone(),
        format_digest: Digest(aim.target.format.digest()),
        key_rules: KEY_RULES.to_owned(),
        who: "anna".to_owned(),
    };
    let copy = |_: &str, out: &mut dyn std::io::Write| out.write_all(bytes);
    let snapshot = |out: &mut dyn std::io::Write| snapshot::write(&roster, &header, out);
    let begun = state.begin("lms", &run, now).expect("a plan");
    begun.adopt(facts, copy, snapshot, now.timestamp()).expect("adopted");
    let end = RunEnd { at: now.timestamp(), result: "adopted".to_owned(), exit: 0 };
    state.finish_run(&run, end).expect("an end");
    state.no_mail(&run).expect("no mail");
}
