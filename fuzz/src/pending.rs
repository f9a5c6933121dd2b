//! The stored list of what waits: what is read is written and read again as the same.

use std::collections::BTreeSet;

use rostergate::pipeline::pending;

/// Any text is a list or refused; a list is itself again after a night.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(list) = pending::read(text) else { return };
    let again = pending::write(&list, &[], &BTreeSet::new());
    let read = pending::read(&again).expect("what was read can be written and read");
    assert!(read == list, "a list that is read is itself again");
}
