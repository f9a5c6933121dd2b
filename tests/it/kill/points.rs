//! Which system calls the program is stopped at.

use std::collections::BTreeMap;

use super::strace::{Kind, Point};

/// Every call on files and sockets: the export, plans, the ledger inside `SQLite`, mails in a
/// folder, what is said on screen, the receiver, the mail server.
pub(super) const ALL: [&str; 21] = [
    "openat",
    "read",
    "pread64",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "unlink",
    "mkdir",
    "ftruncate",
    "link",
    "flock",
    "fcntl",
    "socket",
    "connect",
    "sendto",
    "recvfrom",
    "writev",
    "shutdown",
];

/// Those after which something is different, here or at the other end. Between two of them it is
/// the same when the program ends.
pub(super) const CHANGING: [&str; 14] = [
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "unlink",
    "mkdir",
    "ftruncate",
    "link",
    "flock",
    "connect",
    "sendto",
    "writev",
];

/// Those that take room on a disk.
pub(super) const SPACE: [&str; 9] =
    ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "mkdir", "ftruncate", "link"];

/// Those that wait for somebody else.
pub(super) const SOCKETS: [&str; 4] = ["connect", "sendto", "recvfrom", "writev"];

/// Those that a mounted share answers, or does not.
pub(super) const SHARE: [&str; 8] =
    ["openat", "read", "write", "fsync", "rename", "renameat2", "unlink", "mkdir"];

/// Some `wanted` points, spread evenly over all; `place` moves them, so that two kinds do not
/// meet at the same ones.
pub(super) fn sample(
    kind: Kind,
    calls: &[&'static str],
    counts: &BTreeMap<&'static str, usize>,
    wanted: usize,
    place: usize,
) -> Vec<Point> {
    let of = |&call: &&'static str| {
        (1..=counts.get(call).copied().unwrap_or(0)).map(move |at| (call, at))
    };
    let all: Vec<_> = calls.iter().flat_map(of).collect();
    let stride = all.len().div_ceil(wanted).max(1);
    let first = place * stride / 3 % stride;
    let chosen = all.into_iter().skip(first).step_by(stride);
    chosen.map(|(call, at)| Point { call, at, kind }).collect()
}

/// Each call at 1, 2, 3 … until it is not reached any more; gives how many were.
pub(super) fn every(
    kind: Kind,
    calls: &[&'static str],
    mut visit: impl FnMut(Point) -> bool,
) -> usize {
    let of = |&call| (1..100_000).take_while(|&at| visit(Point { call, at, kind })).count();
    calls.iter().map(of).sum()
}
