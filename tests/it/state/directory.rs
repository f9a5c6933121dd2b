//! The directory itself: rights, damage, versions, the lock.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use rostergate::roster::code::Code;
use rostergate::state::{BaselineRecord, StateDir, StateError};

use super::*;

#[test]
fn everything_is_readable_by_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("var/rostergate");
    let night = Night::open(&state, 0);
    night.deliver(night.cleared());
    night.held();
    assert_eq!(mode(&state), 0o700);
    let all = everything_in(&state);
    assert!(all.len() > 12);
    for path in all {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

#[test]
fn a_directory_where_others_may_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let refused = StateDir::open(folder.path(), &at(0)).err().unwrap();
    assert!(matches!(refused, StateError::Exposed { mode: 0o770, .. }), "{refused}");
}

#[test]
fn looking_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let state = StateDir::read_only(&absent).unwrap();
    assert_eq!(state.baseline(TARGET).unwrap(), BaselineRecord::NeverDelivered);
    assert!(state.recent_runs(10).unwrap().is_empty() && state.pins(TARGET).unwrap().is_empty());
    assert!(!absent.exists());

    let night = Night::open(&absent, 0);
    night.deliver(night.cleared());
    let before: Vec<_> = everything_in(&absent)
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    let state = StateDir::read_only(&absent).unwrap();
    assert_eq!(state.baseline(TARGET).unwrap(), night.baseline());
    for (bytes, path) in before {
        assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
    }
}

#[test]
fn a_place_that_cannot_be_written_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    overwrite(&file, b"not a folder");
    // /proc refuses even root.
    for place in [&*file, &file.join("state"), Path::new("/proc/rostergate")] {
        let refused = StateDir::open(place, &at(0)).err().unwrap();
        let StateError::Unwritable { path, .. } = &refused else { panic!("{refused}") };
        assert!(path.starts_with(place), "{refused}");
        assert_eq!(refused.code(), Code(501));
    }
}

#[test]
fn a_newer_ledger_is_refused_by_both_doors() {
    let folder = tempfile::tempdir().unwrap();
    drop(Night::open(folder.path(), 0));
    let ledger = folder.path().join("ledger.sqlite3");
    let raw = rusqlite::Connection::open(&ledger).unwrap();
    raw.pragma_update(None, "user_version", 4).unwrap();
    drop(raw);
    let bytes = fs::read(&ledger).unwrap();
    for refused in [
        StateDir::open(folder.path(), &at(1)).err().unwrap(),
        StateDir::read_only(folder.path()).err().unwrap(),
    ] {
        assert!(matches!(refused, StateError::Newer { found: 4, known: 3, .. }), "{refused}");
        assert_eq!(refused.code(), Code(503));
    }
    assert_eq!(fs::read(&ledger).unwrap(), bytes, "never migrated down");
}

#[test]
fn a_truncated_or_missing_ledger_is_no_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    night.deliver(night.cleared());
    drop(night);
    let path = folder.path().join("ledger.sqlite3");
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, 99, 100, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        overwrite(&path, &whole[..length]);
        let refused = StateDir::open(folder.path(), &at(1)).err().map(|error| error.code());
        assert_eq!(refused, Some(Code(502)), "{length} bytes");
        let refused = StateDir::read_only(folder.path()).err().map(|error| error.code());
        assert_eq!(refused, Some(Code(502)), "{length} bytes, looking");
    }
    fs::remove_file(&path).unwrap();
    let refused = StateDir::open(folder.path(), &at(1)).err().unwrap();
    assert!(matches!(refused, StateError::LedgerMissing { .. }), "{refused}");
    assert!(!path.exists(), "and none was made");
}

#[test]
fn a_flipped_byte_in_the_ledger_is_refused_or_makes_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let told = night.deliver(night.cleared());
    let held = night.held();
    night.state.add_pin(TARGET, "SHA256:abc", "anna.a", night.now.timestamp()).unwrap();
    let seen = |state: &StateDir| {
        let plans: Vec<_> = [&told, &held].map(|id| state.find_plan(id.as_str()).unwrap()).into();
        let (baseline, last) =
            (state.baseline(TARGET).unwrap(), state.last_published(TARGET).unwrap());
        (plans, baseline, last, state.pins(TARGET).unwrap(), state.recent_runs(9).unwrap())
    };
    let expected = seen(&night.state);
    drop(night);
    let path = folder.path().join("ledger.sqlite3");
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for at_byte in (0..whole.len()).step_by(whole.len() / 400) {
        let mut bytes = whole.clone();
        bytes[at_byte] ^= 1 << (at_byte % 8);
        overwrite(&path, &bytes);
        match StateDir::open(folder.path(), &at(1)) {
            Ok(state) => assert_eq!(seen(&state), expected, "byte {at_byte}"),
            Err(error) => {
                refused += 1;
                assert!(matches!(error.code(), Code(501..=503)), "byte {at_byte}: {error}");
            }
        }
    }
    assert!(refused > 50, "{refused} of 400");
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite3");
    rusqlite::Connection::open(&path).unwrap().execute("CREATE TABLE t (a)", []).unwrap();
    assert_eq!(StateDir::open(folder.path(), &at(0)).err().unwrap().code(), Code(502));
    overwrite(&path, b"some text that is long enough to be no database at all, by any measure");
    assert_eq!(StateDir::open(folder.path(), &at(0)).err().unwrap().code(), Code(502));
}

#[test]
fn the_installation_has_one_id_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let first = Night::open(folder.path(), 0).state.temp_prefix().unwrap();
    assert_eq!(Night::open(folder.path(), 24).state.temp_prefix().unwrap(), first);
    assert_eq!(first.len(), "rostergate-01234567-".len());
    let other = tempfile::tempdir().unwrap();
    assert_ne!(Night::open(other.path(), 0).state.temp_prefix().unwrap(), first);
}

#[test]
fn who_comes_second_learns_who_was_first() {
    let folder = tempfile::tempdir().unwrap();
    let night = Night::open(folder.path(), 0);
    let other = StateDir::open(folder.path(), &at(1)).unwrap();
    for _ in 0..20 {
        let refused = other.lock("approve", &at(1)).err().unwrap();
        let StateError::Locked { pid, since, purpose, .. } = &refused else { panic!("{refused}") };
        assert_eq!((*pid, *since), (Some(std::process::id()), Some(at(0).timestamp())));
        assert_eq!((&**purpose, refused.code()), ("run", Code(500)));
    }
    drop(night);
    assert!(other.lock("approve", &at(1)).is_ok());
    assert!(other.lock("approve", &at(1)).is_ok(), "released again");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "another process is what the lock is about")]
fn the_lock_dies_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let state = StateDir::open(folder.path(), &at(0)).unwrap();
    drop(state.lock("run", &at(0)).unwrap());
    // Without a shell between, the process that holds the lock is the one that is killed.
    let mut holder = std::process::Command::new("flock")
        .args(["--no-fork"])
        .arg(folder.path().join("lock"))
        .args(["sleep", "60"])
        .spawn()
        .expect("flock: apt-get install util-linux");
    let begun = Instant::now();
    while state.lock("run", &at(0)).is_ok() {
        assert!(begun.elapsed().as_secs() < 20, "flock never took the lock");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(state.lock("run", &at(0)).is_ok());
}

#[test]
fn many_first_starts_at_once_make_one_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let ids: Vec<String> = std::thread::scope(|scope| {
        let open = || {
            let state = StateDir::open(&path, &at(0)).unwrap();
            state.begin_run(&start(), &at(0)).unwrap();
            state.temp_prefix().unwrap()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(StateDir::read_only(&path).unwrap().recent_runs(99).unwrap().len(), 8);
}
