//! From begun to delivered: what is held, approved, refused as stale.

use std::fs;
use std::io::{self, Write};

use rostergate::pipeline::verdict::Verdict;
use rostergate::roster::code::Code;
use rostergate::state::{
    Approval, BaselineRecord, Digest, Document, Moved, PlanFacts, PlanState, PrepareError,
    ReceiverBinding, StateError, Step, Today,
};
use serde_json::json;

use super::*;

#[test]
fn a_night_that_passes_becomes_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    assert_eq!(night.baseline(), BaselineRecord::NeverDelivered);
    let cleared = night.cleared();
    let [first, second] = cleared.documents() else { panic!("two documents") };
    assert_eq!((&*first.name, &*second.name), ("elever.csv", "grupper.csv"));
    assert_eq!(Digest::of(&fs::read(&first.path).unwrap()).0, first.sha256);
    let id = night.deliver(cleared);

    let told = night.delivered();
    assert_eq!((&told.plan, &told.receiver, told.adopted), (&id, &receiver(), false));
    assert_eq!(told.finals, receipt(&night.now).finals);
    let snapshot = night.state.snapshot(&told).unwrap();
    assert!(fs::read_to_string(snapshot.path).unwrap().starts_with("export of 2026-08-24"));
    assert_eq!(night.state.payload(&told).unwrap().len(), 2);

    let plan = night.state.latest_plan(TARGET).unwrap().unwrap();
    assert_eq!(
        (plan.state, &plan.run, &plan.sent_by),
        (PlanState::Delivered, &night.run, &Some(night.run.clone()))
    );
    assert_eq!((plan.counts(), plan.verdict()), (Some(counts()), Some(Verdict::Pass)));
    assert_eq!(plan.receipt, Some(json!({ "verified": "readback" })));
    let last = night.state.last_published(TARGET).unwrap().unwrap();
    assert_eq!((last.plan, last.export_digest), (id, night.facts(&Verdict::Pass).export_digest));
    assert_eq!(night.state.runs_owing_mail().unwrap()[0].id, night.run);
    assert!(night.state.unfinished(TARGET).unwrap().is_empty());
}

#[test]
fn a_held_night_moves_nothing_and_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    first.deliver(first.cleared());
    let before = first.delivered();
    drop(first);
    let second = Night::open(folder.path(), 24);
    let id = second.held();
    let after = second.delivered();
    assert_eq!(after.plan, before.plan);
    assert_eq!(after.judged_at, second.now.timestamp(), "its age counts from the last judgement");
    assert_eq!(after.delivered_at, before.delivered_at);
    assert_eq!(second.state.held_plans().unwrap()[0].id, id);
    let owing = second.state.runs_owing_mail().unwrap();
    assert_eq!(owing.last().unwrap().id, second.run);
}

#[test]
fn an_approved_plan_sends_the_stored_bytes_and_becomes_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0);
    first.deliver(first.cleared());
    drop(first);
    let id = Night::open(folder.path(), 24).held();
    let day = Night::open(folder.path(), 29);
    assert_eq!(day.state.held(&id).unwrap().to_confirm(), 312);
    let cleared = day.approve(&id).unwrap();
    let text = fs::read_to_string(&cleared.documents()[0].path).unwrap();
    assert_eq!(text, "elever.csv: export of 2026-08-25T00:15:00Z\n");
    day.deliver(cleared);
    assert_eq!(day.delivered().plan, id);
    let plan = day.state.find_plan(id.as_str()).unwrap();
    assert_eq!(plan.approval, Some(day.approval()));
    assert_eq!(plan.sent_by, Some(day.run.clone()));
    assert_eq!(day.state.plans_of_run(&day.run).unwrap(), [plan]);
}

#[test]
fn a_second_approval_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    let (one, two) = (night.state.held(&id).unwrap(), night.state.held(&id).unwrap());
    let cleared = one.approve(night.approval(), &night.today()).unwrap();
    let again = two.approve(night.approval(), &night.today()).err().unwrap();
    assert!(matches!(again, StateError::NotHeld { state: "cleared", .. }), "{again}");
    night.deliver(cleared);
    let later = night.state.held(&id).err().unwrap();
    assert!(matches!(later, StateError::NotHeld { state: "delivered", .. }), "{later}");
    assert_eq!(later.code(), Code(505));
}

#[test]
fn a_wrong_number_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    let wrong = Approval { confirmed: 311, ..night.approval() };
    let refused = night.state.held(&id).unwrap().approve(wrong, &night.today()).err().unwrap();
    assert!(matches!(refused, StateError::WrongNumber { typed: 311, .. }), "{refused}");
    assert!(night.approve(&id).is_ok(), "still held");
}

#[test]
fn a_first_delivery_needs_its_persons_and_an_empty_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held_with(PlanFacts { first_delivery: true, ..night.facts(&hold()) });
    let approve = |confirmed, receiver_empty| {
        let approval = Approval { confirmed, receiver_empty, ..night.approval() };
        night.state.held(&id).unwrap().approve(approval, &night.today())
    };
    assert!(matches!(approve(312, true), Err(StateError::WrongNumber { .. })));
    assert!(matches!(approve(5822, false), Err(StateError::FirstDelivery { .. })));
    assert!(approve(5822, true).is_ok());
}

#[test]
fn a_first_delivery_after_adopting_needs_no_empty_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let adopted = adopt(&night);
    assert_eq!(night.delivered(), adopted);
    assert!(adopted.adopted && adopted.exported_at.is_none());
    assert!(night.state.snapshot(&adopted).is_ok());
    assert_eq!(night.state.last_published(TARGET).unwrap(), None, "we did not publish it");
    let (baseline, first_delivery) = (Some(adopted.plan), true);
    let id = night.held_with(PlanFacts { baseline, first_delivery, ..night.facts(&hold()) });
    let approval = Approval { confirmed: 5822, ..night.approval() };
    assert!(night.state.held(&id).unwrap().approve(approval, &night.today()).is_ok());
}

#[test]
fn a_rehearsal_that_disagrees_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let begun = night.state.begin(TARGET, &night.run, &night.now).unwrap();
    let refused = begun.prepare(
        night.facts(&Verdict::Pass),
        |_, out| out.write_all(b"x"),
        |_| Ok(()),
        |_| Ok(()),
        |_| Ok(()),
        |_: &[Document]| Err("13 persons differ"),
    );
    assert!(matches!(refused, Err(PrepareError::ReadBack("13 persons differ"))));
    assert!(plan_folders(folder.path()).is_empty());
    let plan = night.state.latest_plan(TARGET).unwrap().unwrap();
    assert_eq!((plan.state, plan.code, plan.files_erased), (PlanState::Failed, Some(901), true));
    assert_eq!(night.state.runs_owing_mail().unwrap().len(), 1);
}

#[test]
fn an_encoder_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    for names in [vec!["elever.csv"], vec!["../elever.csv"], vec!["a.csv", "a.csv"]] {
        let files = names.into_iter().map(String::from).collect();
        let receiver = ReceiverBinding { files, ..receiver() };
        let facts = PlanFacts { receiver, ..night.facts(&Verdict::Pass) };
        let begun = night.state.begin(TARGET, &night.run, &night.now).unwrap();
        let failing = |name: &str, out: &mut dyn Write| match name {
            "elever.csv" => Err(io::Error::other("the encoder failed")),
            _ => out.write_all(b"x"),
        };
        let none = |_: &mut dyn Write| Ok(());
        let refused =
            begun.prepare(facts, failing, none, none, none, |_: &[Document]| Ok::<_, ()>(()));
        assert!(matches!(refused, Err(PrepareError::State(_))));
        assert!(plan_folders(folder.path()).is_empty());
    }
    let begun = night.state.begin(TARGET, &night.run, &night.now).unwrap();
    let plan = begun.fail(Code(310)).unwrap();
    assert_eq!((plan.state, plan.code), (PlanState::Failed, Some(310)));
    assert!(plan_folders(folder.path()).is_empty());
}

#[test]
fn a_failed_delivery_of_an_approved_plan_can_be_approved_again() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    let cleared = night.approve(&id).unwrap();
    note(&cleared, 1);
    let plan = cleared.abandon(Code(410), night.now.timestamp()).unwrap();
    assert_eq!((plan.state, plan.code), (PlanState::Held, Some(410)));
    assert_eq!(plan.earlier_approvals, [night.approval()]);
    night.deliver(night.approve(&id).unwrap());
    let passed = night.cleared();
    assert_eq!(passed.abandon(Code(410), night.now.timestamp()).unwrap().state, PlanState::Failed);
    assert_eq!(night.delivered().plan, id);
}

#[test]
fn steps_are_taken_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let cleared = night.cleared();
    for early in [Step::Published, Step::Uploaded { temp_mtimes: Vec::new() }] {
        let refused = cleared.note(early).err().unwrap();
        assert_eq!(refused.code(), Code(901), "{refused}");
    }
    let refused = cleared.accept(receipt(&night.now)).err().unwrap();
    assert!(matches!(refused, StateError::OutOfOrder { step: "accept", .. }), "{refused}");
    assert_eq!(night.baseline(), BaselineRecord::NeverDelivered);
}

#[test]
fn a_stale_plan_is_refused_and_says_what_moved() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    let with = |today: Today| {
        let plan = night.state.held(&id).unwrap();
        let said = plan.moved(&today, night.now.timestamp()).unwrap();
        let refused = moved(plan.approve(night.approval(), &today));
        assert_eq!(said.as_ref(), Some(&refused), "told before a person is asked");
        refused
    };
    let other = Digest::of(b"another");
    assert_eq!(with(Today { config_digest: other, ..night.today() }), Moved::Configuration);
    assert_eq!(with(Today { format_digest: other, ..night.today() }), Moved::Encoder);
    assert_eq!(with(Today { protection_moved: true, ..night.today() }), Moved::Protection);
    assert_eq!(with(Today { told_otherwise: true, ..night.today() }), Moved::Baseline);
    adopt(&night);
    assert_eq!(with(night.today()), Moved::Baseline);
}

#[test]
fn a_newer_run_makes_a_held_plan_stale() {
    let folder = tempfile::tempdir().unwrap();
    let old = Night::open(folder.path(), 0).held();
    let night = Night::open(folder.path(), 24);
    let new = night.held();
    let newer = Moved::NewerRun { run: night.run.clone() };
    assert_eq!(moved(night.approve(&old)), newer);
    assert!(night.approve(&new).is_ok());
}

#[test]
fn a_newer_run_that_failed_before_judging_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let old = Night::open(folder.path(), 0).held();
    let night = Night::open(folder.path(), 12);
    night.state.begin(TARGET, &night.run, &night.now).unwrap().fail(Code(310)).unwrap();
    assert!(night.approve(&old).is_ok());
}

#[test]
fn an_expired_plan_is_refused_and_stays_expired() {
    let folder = tempfile::tempdir().unwrap();
    let id = Night::open(folder.path(), 0).held();
    let late = Night::open(folder.path(), 24);
    assert_eq!(moved(late.approve(&id)), Moved::Expired);
    assert_eq!(late.state.find_plan(id.as_str()).unwrap().state, PlanState::Expired);
    drop(late);
    let clock_set_back = Night::open(folder.path(), 1);
    assert_eq!(moved(clock_set_back.approve(&id)), Moved::Expired);
}

#[test]
fn a_flipped_byte_in_a_stored_file_is_refused() {
    for name in ["payload/elever.csv", "payload/grupper.csv", "snapshot.zst"] {
        let folder = tempfile::tempdir().unwrap();
        let night = Night::open(folder.path(), 0);
        let id = night.held();
        let path = folder.path().join("runs").join(id.as_str()).join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 1;
        overwrite(&path, &bytes);
        let refused = night.approve(&id).err().unwrap();
        assert!(matches!(refused, StateError::BytesChanged { what: "changed", .. }), "{refused}");
        fs::remove_file(&path).unwrap();
        let refused = night.approve(&id).err().unwrap();
        assert!(matches!(refused, StateError::BytesChanged { what: "gone", .. }), "{refused}");
        assert_eq!(night.state.held_plans().unwrap().len(), 1, "nothing was written down");
    }
}

#[test]
fn a_lost_snapshot_is_an_error_and_no_first_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.deliver(night.cleared());
    fs::remove_file(folder.path().join("runs").join(id.as_str()).join("snapshot.zst")).unwrap();
    let lost = night.state.snapshot(&night.delivered()).err().unwrap();
    assert_eq!(lost.code(), Code(502), "{lost}");
}

/// What went, or may have gone, out under another name since; by the order of runs, for the clock
/// may have gone back between them.
#[test]
fn what_other_targets_sent_since_is_found_whether_or_not_it_certainly_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let others = |night: &Night, plan: Option<&PlanId>| -> Vec<PlanId> {
        let others = night.state.others_since(TARGET, plan).unwrap();
        others.into_iter().map(|plan| plan.id).collect()
    };
    let other = |night: &Night| {
        night.prepare_for("plattform", night.facts(&Verdict::Pass)).unwrap_or_else(|_| panic!())
    };
    let night = Night::open(folder.path(), 48);
    let own = night.deliver(night.cleared());
    assert_eq!(others(&night, None), []);
    drop(night);
    let night = Night::open(folder.path(), 24);
    let begun = other(&night);
    note(&begun, 2);
    assert_eq!(others(&night, Some(&own)), [], "nothing but temporary files");
    let unsettled = begun.id().clone();
    begun.note(Step::Publishing).unwrap();
    assert_eq!(
        others(&night, Some(&own)),
        std::slice::from_ref(&unsettled),
        "cut off while publishing"
    );
    drop(night);
    let night = Night::open(folder.path(), 25);
    let open = night.state.unfinished("plattform").unwrap().pop().unwrap();
    open.stay_unknown(Code(430), night.now.timestamp()).unwrap();
    assert_eq!(others(&night, Some(&own)), [unsettled]);
    let sent = night.deliver(other(&night));
    assert_eq!(others(&night, Some(&own)), [sent]);
    drop(night);
    let night = Night::open(folder.path(), 26);
    let own = night.deliver(night.cleared());
    assert_eq!(others(&night, Some(&own)), [], "told anew");
}
