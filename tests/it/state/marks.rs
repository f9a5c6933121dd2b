//! What a delivery removed is marked with the delivery, and erased on schedule; older ledgers.

use std::collections::{BTreeMap, BTreeSet};

use rostergate::state::{Removal, Retention};
use rusqlite::Connection;

use super::*;
use crate::support::sealing::{ledger, reseal};

fn told(marks: &[Removal]) -> Vec<(&str, &str, &str)> {
    marks.iter().map(|mark| (&*mark.target, &*mark.kind, &*mark.why)).collect()
}

#[test]
fn a_delivery_marks_what_it_removed() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let cleared = night.cleared();
    assert!(night.state.removals("P1").unwrap().is_empty(), "nothing has left");
    let id = night.deliver(cleared);
    let marks = night.state.removals("P1").unwrap();
    assert_eq!(told(&marks), [(TARGET, "person", "spring")]);
    assert_eq!((&marks[0].plan, marks[0].at), (&id, night.now.timestamp()));
    assert_eq!(told(&night.state.removals("MATMAT01a").unwrap()), [(TARGET, "group", "archived")]);
    assert!(night.state.removals("P2").unwrap().is_empty(), "only held back");
    let archived = night.state.archived(TARGET).unwrap();
    assert_eq!(archived.into_iter().collect::<Vec<_>>(), ["MATMAT01a"]);
    assert!(night.state.archived("binogi").unwrap().is_empty());
    let path = night.state.pending(&id).unwrap().unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), PENDING);
    night.deliver(night.cleared());
    assert_eq!(night.state.removals("P1").unwrap().len(), 2, "once for every delivery");
    assert_eq!(night.state.archived(TARGET).unwrap().len(), 1);
}

#[test]
fn what_is_held_or_fails_marks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.held();
    night.cleared().abandon(Code(410), night.now.timestamp()).unwrap();
    assert!(night.state.removals("P1").unwrap().is_empty());
    assert!(night.state.archived(TARGET).unwrap().is_empty());
}

#[test]
fn a_delivery_that_is_settled_later_marks_then() {
    let folder = tempfile::tempdir().unwrap();
    lost_answer(folder.path(), 0);
    let next = Night::open(folder.path(), 24);
    assert!(next.state.removals("P1").unwrap().is_empty(), "nobody knows");
    for open in next.state.unfinished(TARGET).unwrap() {
        open.settle_published(receipt(&next.now)).unwrap();
    }
    assert_eq!(next.state.removals("P1").unwrap()[0].at, next.now.timestamp());
    assert_eq!(next.state.archived(TARGET).unwrap().len(), 1);
}

#[test]
fn a_list_of_removals_that_was_changed_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.held();
    let path = night.state.pending(&id).unwrap().unwrap();
    assert_eq!(mode(&path), 0o600);
    overwrite(&path, b"");
    assert_eq!(night.state.pending(&id).unwrap_err().code(), Code(502));
    let refused = night.approve(&id).err().unwrap();
    assert!(matches!(refused, StateError::BytesChanged { what: "changed", .. }), "{refused}");
}

#[test]
fn an_adopted_baseline_has_no_such_list() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let adopted = adopt(&night);
    assert_eq!(night.state.pending(&adopted.plan).unwrap(), None);
}

#[test]
fn marks_are_erased_on_schedule_and_archived_courses_stay() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.deliver(night.cleared());
    drop(night);
    let keep = Retention {
        sent_files: jiff::Span::new().days(14),
        history: jiff::Span::new().years(2),
        removals: jiff::Span::new().days(180),
    };
    let summer = Night::open(folder.path(), 24 * 179);
    assert_eq!(summer.state.retention(&summer.now, &keep).unwrap().removals, 0);
    drop(summer);
    let later = Night::open(folder.path(), 24 * 181);
    assert_eq!(later.state.retention(&later.now, &keep).unwrap().removals, 2);
    assert!(later.state.removals("P1").unwrap().is_empty());
    assert_eq!(later.state.archived(TARGET).unwrap().len(), 1);
}

#[test]
fn groups_that_gave_somebody_away_are_known_while_a_register_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let groups = |all: &[(&str, &[&str])]| -> BTreeMap<String, BTreeMap<String, bool>> {
        let keys = |keys: &[&str]| keys.iter().map(|&key| (key.to_owned(), true)).collect();
        all.iter().map(|(group, persons)| ((*group).to_owned(), keys(persons))).collect()
    };
    let night = Night::open(folder.path(), 0);
    let at = night.now.timestamp();
    night.state.remember_telltales(&groups(&[("one", &["P1"]), ("two", &["P2"])]), at).unwrap();
    night.state.remember_telltales(&groups(&[("one", &["P3"])]), at).unwrap();
    let both = groups(&[("one", &["P1", "P3"]), ("two", &["P2"])]);
    assert_eq!(night.state.telltales().unwrap(), both, "whom it gives away adds up");
    drop(night);
    let keep = Retention {
        sent_files: jiff::Span::new().days(14),
        history: jiff::Span::new().years(2),
        removals: jiff::Span::new().days(180),
    };
    let summer = Night::open(folder.path(), 24 * 100);
    let seen = BTreeSet::from(["one".to_owned(), "unknown".to_owned()]);
    let none = BTreeSet::new();
    summer.state.keep_telltales(&seen, &none, summer.now.timestamp()).unwrap();
    assert_eq!(summer.state.telltales().unwrap(), both);
    drop(summer);
    let later = Night::open(folder.path(), 24 * 181);
    assert_eq!(later.state.retention(&later.now, &keep).unwrap().telltales, 1);
    assert_eq!(later.state.telltales().unwrap(), groups(&[("one", &["P1", "P3"])]));
    let told_again = BTreeSet::from(["P1".to_owned()]);
    later.state.keep_telltales(&none, &told_again, later.now.timestamp()).unwrap();
    assert_eq!(later.state.telltales().unwrap(), groups(&[("one", &["P3"])]));
    let told_again = BTreeSet::from(["P3".to_owned()]);
    later.state.keep_telltales(&none, &told_again, later.now.timestamp()).unwrap();
    assert!(later.state.telltales().unwrap().is_empty(), "nobody is given away any more");
}

#[test]
fn a_night_that_makes_no_plan_still_keeps_its_baseline_young() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.deliver(night.cleared());
    drop(night);
    let later = Night::open(folder.path(), 240);
    later.state.judged(TARGET, later.now.timestamp()).unwrap();
    assert_eq!(later.delivered().judged_at, later.now.timestamp());
    later.state.judged(TARGET, at(0).timestamp()).unwrap();
    assert_eq!(later.delivered().judged_at, later.now.timestamp(), "never backwards");
    assert_eq!(later.delivered().delivered_at, at(0).timestamp());
}

/// The ledger as a program of version 1 left it: its tables, and entries without later fields.
fn as_version_one(folder: &Path) {
    let path = folder.join("ledger.sqlite3");
    let aside = folder.join("aside.sqlite3");
    fs::rename(&path, &aside).unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../schemas/state.sql")).unwrap();
    old.execute("ATTACH ?1 AS new", [aside.to_str().unwrap()]).unwrap();
    for table in ["meta", "run", "plan", "target", "mark", "pin", "mail"] {
        let sql = format!(
            "INSERT INTO {table} (n, id, record, seal) SELECT n, id, record, seal FROM new.{table}"
        );
        old.execute(&sql, []).unwrap();
    }
    old.execute_batch("DETACH new").unwrap();
    for table in ["run", "plan"] {
        reseal(&old, table, "1", &|text| {
            let mut entry: serde_json::Value = serde_json::from_str(text).unwrap();
            let entry = entry.as_object_mut().unwrap();
            entry.remove("pending");
            entry.remove("receipt");
            if table == "plan" {
                let receipt = json!({ "verified": "readback" });
                entry.insert("receipt".into(), receipt);
            }
            serde_json::to_string(&entry).unwrap()
        });
    }
    old.pragma_update(None, "application_id", 0x5247_4c47).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    fs::remove_file(aside).unwrap();
}

#[test]
fn a_ledger_of_version_one_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let id = night.deliver(night.cleared());
    let held = night.held();
    drop(night);
    as_version_one(folder.path());
    let looked = StateDir::read_only(folder.path()).err().unwrap();
    assert!(matches!(looked, StateError::Older { found: 1, known: 3, .. }), "{looked}");

    let next = Night::open(folder.path(), 20);
    let version: i64 =
        ledger(folder.path()).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 3);
    assert_eq!(next.delivered().plan, id);
    assert_eq!(next.state.pending(&id).unwrap(), None, "version 1 wrote none");
    assert!(next.state.removals("P1").unwrap().is_empty());
    assert!(next.state.telltales().unwrap().is_empty());
    assert!(next.state.withdrawn().unwrap().is_empty() && next.state.pause().unwrap().is_none());
    assert_eq!(
        (next.state.chain_head().unwrap(), next.state.verify_chain().unwrap().count),
        (None, 0)
    );
    let cleared = next.approve(&held).unwrap();
    next.deliver(cleared);
    assert_eq!(next.delivered().plan, held);
    assert!(next.state.removals("P1").unwrap().is_empty(), "its plan listed none");
    next.deliver(next.cleared());
    assert_eq!(next.state.removals("P1").unwrap().len(), 1);
    assert_eq!(next.state.verify_chain().unwrap().count, 3);
}
