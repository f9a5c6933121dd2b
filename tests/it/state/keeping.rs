//! What is kept, and for how long: files, history, mails, pins, marks.

use std::fs;
use std::time::Instant;

use jiff::{SignedDuration, Span, Timestamp};
use rostergate::roster::code::Code;
use rostergate::state::{
    Moved, NewMail, PlanFacts, PlanId, PlanState, Retention, RunEnd, StateDir, StateError,
};
use serde_json::json;

use super::*;

fn two_weeks() -> Retention {
    Retention {
        sent_files: Span::new().days(14),
        history: Span::new().years(2),
        removals: Span::new().days(180),
    }
}

#[test]
fn retention_erases_old_files_but_never_the_baselines() {
    let folder = tempfile::tempdir().unwrap();
    let old = Night::open(folder.path(), 0);
    let superseded = old.held();
    let replaced = old.deliver(old.cleared());
    drop(old);
    let second = Night::open(folder.path(), 24);
    let baseline = second.deliver(second.cleared());
    let expired = second.held();
    drop(second);

    let summer = Night::open(folder.path(), 24 * 60);
    let fresh = summer.held();
    let pruned = summer.state.retention(&summer.now, &two_weeks()).unwrap();
    assert_eq!((pruned.folders, pruned.plans), (3, 0));
    let mut left = plan_folders(folder.path());
    left.sort();
    let mut expected = vec![baseline.to_string(), fresh.to_string()];
    expected.sort();
    assert_eq!(left, expected);
    for gone in [superseded, replaced, expired] {
        assert!(summer.state.find_plan(gone.as_str()).unwrap().files_erased);
    }
    assert!(summer.state.snapshot(&summer.delivered()).is_ok());
    assert!(summer.state.payload(&summer.delivered()).is_ok());
    assert!(summer.approve(&fresh).is_ok());
}

#[test]
fn retention_lets_held_plans_expire_and_keeps_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let long = night.now.timestamp() + SignedDuration::from_hours(24 * 400);
    let id = night.held_with(PlanFacts { expires: long, ..night.facts(&hold()) });
    drop(night);
    let later = Night::open(folder.path(), 24 * 390);
    let pruned = later.state.retention(&later.now, &two_weeks()).unwrap();
    assert_eq!((pruned.expired, pruned.folders), (0, 0), "it may still be approved");
    drop(later);
    let last = Night::open(folder.path(), 24 * 400);
    let pruned = last.state.retention(&last.now, &two_weeks()).unwrap();
    assert_eq!((pruned.expired, pruned.folders), (1, 1));
    assert_eq!(moved(last.approve(&id)), Moved::Expired);
    assert!(plan_folders(folder.path()).is_empty());
}

#[test]
fn retention_keeps_every_candidate_of_an_unknown_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    first.deliver(first.cleared());
    drop(first);
    lost_answer(folder.path(), 24);
    let later = Night::open(folder.path(), 24 * 900);
    later.state.retention(&later.now, &two_weeks()).unwrap();
    assert_eq!(later.baseline().candidates().len(), 2);
    for told in later.baseline().candidates() {
        assert!(later.state.snapshot(told).is_ok() && later.state.payload(told).is_ok());
    }
}

#[test]
fn retention_forgets_history_after_years() {
    let folder = tempfile::tempdir().unwrap();
    for night in 0..3 {
        let night = Night::open(folder.path(), night * 24);
        night.deliver(night.cleared());
        let message_id = format!("{}@gateway.example", night.run);
        queue(&night, &message_id);
        night.state.sent(&message_id, night.now.timestamp()).unwrap();
    }
    let later = Night::open(folder.path(), 24 * 800);
    let pruned = later.state.retention(&later.now, &two_weeks()).unwrap();
    assert_eq!((pruned.folders, pruned.plans, pruned.runs, pruned.mails), (2, 2, 2, 3));
    assert_eq!(later.state.recent_runs(10).unwrap().len(), 2, "the baseline's and tonight's");
    assert!(later.state.snapshot(&later.delivered()).is_ok());
    let again = later.state.retention(&later.now, &two_weeks()).unwrap();
    assert_eq!((again.folders, again.plans, again.runs, again.mails), (0, 0, 0, 0));
}

#[test]
fn a_crash_in_retention_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    let old = first.deliver(first.cleared());
    first.deliver(first.cleared());
    let kept = folder.path().join("runs").join(old.as_str());
    let aside = folder.path().join("aside");
    fs::rename(&kept, &aside).unwrap();
    first.state.retention(&at(24 * 20), &two_weeks()).unwrap();
    fs::rename(&aside, &kept).unwrap();
    drop(first);
    drop(Night::open(folder.path(), 24 * 20));
    assert!(!kept.exists());
}

fn queue(night: &Night, message_id: &str) {
    let mail = NewMail {
        message_id: message_id.into(),
        run: night.run.clone(),
        from: "rostergate@exempelstad.example".into(),
        to: vec!["it-skola@exempelstad.example".into()],
        message: "Subject: [OK]\r\n\r\nKlart.\r\n".into(),
    };
    night.state.queue(mail, night.now.timestamp()).unwrap();
}

#[test]
fn a_mail_waits_in_the_outbox_until_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.deliver(night.cleared());
    assert_eq!(night.state.runs_owing_mail().unwrap().len(), 1);
    queue(&night, "a@gateway.example");
    queue(&night, "a@gateway.example");
    assert!(night.state.runs_owing_mail().unwrap().is_empty());
    let now = night.now.timestamp();
    let due = |minutes| night.state.due(now + SignedDuration::from_mins(minutes)).unwrap().len();
    assert_eq!(due(0), 1, "one mail, though queued twice");
    night.state.failed("a@gateway.example", "connection refused", now).unwrap();
    assert_eq!((due(4), due(5)), (0, 1));
    night.state.failed("a@gateway.example", "connection refused", now).unwrap();
    assert_eq!((due(9), due(10)), (0, 1));
    for _ in 0..40 {
        night.state.failed("a@gateway.example", "connection refused", now).unwrap();
    }
    assert_eq!((due(59), due(60)), (0, 1), "an hour at most");
    assert_eq!(due(-60 * 24), 1, "a clock that was moved back does not silence it");
    assert_eq!(due(60 * 24 * 6), 1, "a machine that was off for days tries once more");
    let later = now + SignedDuration::from_hours(24 * 6);
    night.state.failed("a@gateway.example", "connection refused", later).unwrap();
    assert_eq!(due(60 * 24 * 7), 0, "given up");
    let waiting = night.state.waiting_mails().unwrap();
    assert_eq!((waiting.len(), waiting[0].attempts), (1, 43), "but shown");
    night.state.sent("a@gateway.example", now).unwrap();
    assert!(night.state.waiting_mails().unwrap().is_empty() && due(60) == 0);
}

#[test]
fn a_crash_between_delivery_and_mail_leaves_the_mail_owed() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.deliver(night.cleared());
    let run = night.run.clone();
    drop(night);
    let next = Night::open(folder.path(), 24);
    assert_eq!(next.state.runs_owing_mail().unwrap()[0].id, run);
    assert_eq!(next.state.plans_of_run(&run).unwrap()[0].state, PlanState::Delivered);
    next.state.no_mail(&run).unwrap();
    assert!(next.state.runs_owing_mail().unwrap().is_empty());
}

#[test]
fn runs_are_begun_and_finished() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    assert_eq!(night.state.unfinished_runs().unwrap().len(), 1);
    let end = RunEnd { at: night.now.timestamp(), result: "completed".into(), exit: 0 };
    let record = night.state.finish_run(&night.run, end.clone()).unwrap();
    assert_eq!((record.trigger.as_str(), &record.end), ("timer", &Some(end)));
    assert!(night.state.unfinished_runs().unwrap().is_empty());
    assert_eq!(night.state.run(&night.run).unwrap(), Some(record.clone()));
    let text = serde_json::to_string(&record).unwrap();
    assert!(text.contains("\"id\":\"R-20260824-0415-"), "{text}");
}

#[test]
fn pins_and_marks_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let now: Timestamp = night.now.timestamp();
    assert!(night.state.add_pin(TARGET, "SHA256:one", "anna.a", now).unwrap());
    assert!(!night.state.add_pin(TARGET, "SHA256:one", "bo.b", now).unwrap());
    assert!(night.state.add_pin("binogi", "SHA256:two", "bo.b", now).unwrap());
    let pins = night.state.pins(TARGET).unwrap();
    assert_eq!((pins.len(), &*pins[0].who, &*pins[0].fingerprint), (1, "anna.a", "SHA256:one"));
    assert_eq!(night.state.export_mark("procapita").unwrap(), None);
    for says in [json!({ "done": 1 }), json!({ "done": 2 })] {
        night.state.set_export_mark("procapita", says.clone(), now).unwrap();
        assert_eq!(night.state.export_mark("procapita").unwrap(), Some(says));
    }
}

#[test]
fn a_plan_is_found_by_the_start_of_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    for typed in [id.to_string(), id.to_string().to_lowercase(), id.as_str()[2..6].into()] {
        assert_eq!(night.state.find_plan(&typed).unwrap().id, id, "{typed}");
    }
    for typed in ["", "P-", "*", "P-77777777", "'; DROP TABLE plan"] {
        let refused = night.state.find_plan(typed).err().unwrap();
        assert_eq!(refused.code(), Code(504), "{typed}");
    }
    let ids: Vec<PlanId> = (0..40).map(|_| night.held()).collect();
    let shared =
        ids.iter().find(|a| ids.iter().any(|b| a != &b && a.as_str()[..3] == b.as_str()[..3]));
    let typed = &shared.expect("forty ids, thirty-one letters").as_str()[..3];
    assert!(matches!(night.state.find_plan(typed), Err(StateError::Ambiguous { .. })));
}

#[test]
fn status_is_quick_after_four_hundred_nights() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let end = RunEnd { at: night.now.timestamp(), result: "completed".into(), exit: 0 };
    for _ in 0..400 {
        let run = night.state.begin_run(&start(), &night.now).unwrap().id;
        night.state.finish_run(&run, end.clone()).unwrap();
    }
    for _ in 0..60 {
        night.deliver(night.cleared());
    }
    drop(night);
    let begun = Instant::now();
    let state = StateDir::read_only(folder.path()).unwrap();
    assert!(state.latest_plan(TARGET).unwrap().is_some());
    assert!(state.held_plans().unwrap().is_empty() && state.unfinished_runs().unwrap().len() == 1);
    assert_eq!(state.recent_runs(30).unwrap().len(), 30);
    assert!(state.waiting_mails().unwrap().is_empty());
    let looked = begun.elapsed();
    assert!(looked.as_millis() < 500, "{looked:?}");
    let begun = Instant::now();
    StateDir::open(folder.path(), &at(1)).unwrap();
    let opened = begun.elapsed();
    assert!(opened.as_millis() < 2000, "{opened:?}");
}
