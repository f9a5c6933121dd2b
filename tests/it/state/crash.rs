//! What a crash or a lost answer leaves, and how it is settled.

use std::fs;
use std::io::Write;
use std::path::Path;

use jiff::SignedDuration;
use rostergate::pipeline::verdict::Verdict;
use rostergate::roster::code::Code;
use rostergate::state::{
    BaselineRecord, Digest, Document, MailState, Moved, PlanFacts, PlanId, PlanState, PrepareError,
    StateError, Today,
};

use super::*;

/// A crash after the first `count` steps of a delivery.
fn crash_after(folder: &Path, hours: i64, count: usize) -> PlanId {
    let night = Night::open(folder, hours);
    let cleared = night.cleared();
    note(&cleared, count);
    cleared.id().clone()
}

#[test]
fn after_a_crash_the_last_step_is_known_and_the_baseline_untouched() {
    let last = [
        PlanState::Cleared,
        PlanState::Uploading,
        PlanState::Uploaded,
        PlanState::Publishing,
        PlanState::Published,
    ];
    for (count, expected) in last.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let first = Night::open(folder.path(), 0);
        let known = first.deliver(first.cleared());
        drop(first);
        let id = crash_after(folder.path(), 24, count);
        let next = Night::open(folder.path(), 25);
        let open = next.state.unfinished(TARGET).unwrap();
        let [open] = &open[..] else { panic!("one unfinished plan") };
        assert_eq!((open.id(), open.record().state), (&id, expected));
        assert_eq!(open.record().maybe_published, count >= 3);
        assert_eq!(open.record().temps.len(), if count > 0 { 2 } else { 0 });
        let mtimes = if count > 1 { vec![Some(1_787_535_000), None] } else { Vec::new() };
        assert_eq!(open.record().temp_mtimes, mtimes);
        assert_eq!(open.documents().unwrap().len(), 2);
        assert_eq!(next.delivered().plan, known);
        assert_eq!(next.state.unfinished_runs().unwrap().len(), 3, "none of them ended");
    }
}

#[test]
fn a_crash_while_preparing_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let known = night.deliver(night.cleared());
    let begun = night.state.begin(TARGET, &night.run, &night.now).unwrap();
    let half = folder.path().join("runs").join(begun.id().as_str()).join("payload/elever.csv");
    overwrite(&half, b"half");
    overwrite(&folder.path().join(".ledger.0123456789ab.rostergate-tmp"), b"half");
    let stray = folder.path().join("runs/P-222222");
    fs::create_dir(&stray).unwrap();
    let foreign = folder.path().join("runs/lost+found");
    fs::create_dir(&foreign).unwrap();
    let id = begun.id().clone();
    drop((begun, night));
    let next = Night::open(folder.path(), 1);
    assert!(!half.exists() && !stray.exists() && foreign.exists());
    assert!(!folder.path().join(".ledger.0123456789ab.rostergate-tmp").exists());
    let plan = next.state.find_plan(id.as_str()).unwrap();
    assert_eq!((plan.state, plan.code), (PlanState::Failed, Some(900)));
    assert_eq!(next.delivered().plan, known);
    assert!(next.state.snapshot(&next.delivered()).is_ok());
}

#[test]
fn a_crash_is_taken_up_again_with_the_same_bytes() {
    for count in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let id = crash_after(folder.path(), 0, count);
        let next = Night::open(folder.path(), 1);
        let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
        let documents = open.documents().unwrap();
        let tag =
            format!("{}{}", next.state.temp_prefix().unwrap(), id.as_str()[2..].to_lowercase());
        let cleared = open.resume(&next.today(), next.now.timestamp()).unwrap();
        assert_eq!((cleared.documents(), cleared.temp_tag().unwrap()), (&documents[..], tag));
        next.deliver(cleared);
        assert_eq!(next.delivered().plan, id);
        let owing: Vec<_> = next.state.runs_owing_mail().unwrap();
        assert!(owing.iter().any(|run| run.id == next.run), "the run that delivered tells of it");
    }
}

#[test]
fn what_was_published_before_the_crash_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let id = crash_after(folder.path(), 0, 3);
    let next = Night::open(folder.path(), 1);
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    let run = open.settle_published(receipt(&next.now)).unwrap();
    assert_eq!(run.mail, MailState::Owed);
    assert_eq!(next.delivered().plan, id);
    assert!(next.state.unfinished(TARGET).unwrap().is_empty());
}

#[test]
fn what_was_not_published_before_the_crash_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    crash_after(folder.path(), 0, 3);
    let next = Night::open(folder.path(), 1);
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    assert_eq!(
        open.settle_not_published(Code(410), at(30).timestamp()).unwrap().state,
        PlanState::Failed
    );
    assert_eq!(next.baseline(), BaselineRecord::NeverDelivered);
}

#[test]
fn an_interrupted_approval_is_there_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    drop(night.approve(&id).unwrap());
    drop(night);
    let next = Night::open(folder.path(), 1);
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    assert_eq!(open.record().approval.as_ref().unwrap().who, "anna.a");
    let plan = open.settle_not_published(Code(900), at(30).timestamp()).unwrap();
    assert_eq!(plan.state, PlanState::Held, "nothing left, so it can be approved again");
    assert!(next.approve(&id).is_ok());
}

#[test]
fn nothing_is_judged_while_a_publishing_is_not_settled() {
    let folder = tempfile::tempdir().unwrap();
    let id = crash_after(folder.path(), 0, 3);
    let next = Night::open(folder.path(), 24);
    let begun = next.state.begin(TARGET, &next.run, &next.now).unwrap();
    let none = |_: &mut dyn Write| Ok(());
    let facts = next.facts(&Verdict::Pass);
    let refused =
        begun.prepare(facts, |_, _| Ok(()), none, none, none, |_: &[Document]| Ok::<_, ()>(()));
    let Err(PrepareError::State(StateError::Unsettled { plan })) = refused else { panic!() };
    assert_eq!(plan, id);
}

#[test]
fn a_newer_plan_takes_the_place_of_an_upload_that_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let id = crash_after(folder.path(), 0, 2);
    let next = Night::open(folder.path(), 24);
    next.deliver(next.cleared());
    let plan = next.state.find_plan(id.as_str()).unwrap();
    assert_eq!((plan.state, plan.superseded_by), (PlanState::Superseded, Some(next.run.clone())));
    assert!(next.state.unfinished(TARGET).unwrap().is_empty());
}

fn possible(baseline: &BaselineRecord) -> (Option<PlanId>, Vec<PlanId>) {
    let BaselineRecord::Unknown { last, possible } = baseline else { panic!("{baseline:?}") };
    let plans = possible.iter().map(|told| told.plan.clone()).collect();
    (last.as_ref().map(|told| told.plan.clone()), plans)
}

#[test]
fn an_unknown_outcome_keeps_every_candidate_until_it_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    let known = first.deliver(first.cleared());
    drop(first);
    let one = lost_answer(folder.path(), 24);
    let two = lost_answer(folder.path(), 48);
    let next = Night::open(folder.path(), 72);
    let expected = (Some(known.clone()), vec![one.clone(), two.clone()]);
    assert_eq!(possible(&next.baseline()), expected);
    assert_eq!(next.baseline().candidates().len(), 3);
    for told in next.baseline().candidates() {
        assert!(next.state.snapshot(told).is_ok());
    }
    let mut open = next.state.unfinished(TARGET).unwrap().into_iter();
    open.next().unwrap().settle_not_published(Code(430), at(30).timestamp()).unwrap();
    assert_eq!(possible(&next.baseline()), (Some(known.clone()), vec![two.clone()]));
    open.next().unwrap().settle_not_published(Code(430), at(30).timestamp()).unwrap();
    assert_eq!(next.delivered().plan, known);
}

#[test]
fn an_unknown_first_delivery_is_not_a_known_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let id = lost_answer(folder.path(), 0);
    let next = Night::open(folder.path(), 24);
    assert_eq!(possible(&next.baseline()), (None, vec![id.clone()]));
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    open.stay_unknown(Code(430), next.now.timestamp()).unwrap();
    assert_eq!(possible(&next.baseline()), (None, vec![id]));
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    open.settle_not_published(Code(430), at(30).timestamp()).unwrap();
    assert_eq!(next.baseline(), BaselineRecord::NeverDelivered);
}

#[test]
fn an_unknown_outcome_is_settled_by_sending_the_same_bytes_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    first.deliver(first.cleared());
    drop(first);
    let id = lost_answer(folder.path(), 24);
    let next = Night::open(folder.path(), 25);
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    let cleared = open.resume(&next.today(), next.now.timestamp()).unwrap();
    note(&cleared, 1);
    let refused = cleared.abandon(Code(410), at(30).timestamp()).err().unwrap();
    assert_eq!(refused.code(), Code(901), "the first attempt's outcome is still not known");
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    assert!(open.record().maybe_published);
    next.deliver(open.resume(&next.today(), next.now.timestamp()).unwrap());
    assert_eq!(next.delivered().plan, id);
}

#[test]
fn a_newer_delivery_makes_an_unknown_outcome_moot() {
    let folder = tempfile::tempdir().unwrap();
    let old = lost_answer(folder.path(), 0);
    let next = Night::open(folder.path(), 24);
    let new = next.deliver(next.cleared());
    assert_eq!(next.delivered().plan, new);
    assert_eq!(next.state.find_plan(old.as_str()).unwrap().state, PlanState::Superseded);
}

#[test]
fn recovery_never_sends_an_older_file_or_export() {
    let folder = tempfile::tempdir().unwrap();
    // Published: an export that is newer than the one in the plan that comes after it.
    let first = Night::open(folder.path(), 0);
    let newer = first.deliver(first.cleared());
    let older = first.now.timestamp() - SignedDuration::from_hours(3);
    let facts = PlanFacts { exported_at: older, ..first.facts(&Verdict::Pass) };
    let cleared = first.prepare(facts).unwrap_or_else(|_| panic!("passed, yet held"));
    note(&cleared, 2);
    drop((cleared, first));
    let next = Night::open(folder.path(), 1);
    let open = next.state.unfinished(TARGET).unwrap().pop().unwrap();
    let refused = open.resume(&next.today(), next.now.timestamp()).err().unwrap();
    assert!(matches!(&refused, StateError::WouldRollBack { published, .. } if *published == newer));
    assert_eq!(refused.code(), Code(331));
}

#[test]
fn recovery_stops_when_the_configuration_or_a_marking_moved() {
    let folder = tempfile::tempdir().unwrap();
    crash_after(folder.path(), 0, 1);
    let next = Night::open(folder.path(), 1);
    let resume = |today: Today| {
        moved(
            next.state
                .unfinished(TARGET)
                .unwrap()
                .pop()
                .unwrap()
                .resume(&today, next.now.timestamp()),
        )
    };
    let config_digest = Digest::of(b"another");
    assert_eq!(resume(Today { config_digest, ..next.today() }), Moved::Configuration);
    assert_eq!(resume(Today { protection_moved: true, ..next.today() }), Moved::Protection);
    adopt(&next);
    assert!(next.state.unfinished(TARGET).unwrap().is_empty(), "a person said what is there");
}
