//! Whether tonight's data fits in the memory that this process may use: asked before it is read,
//! for a process that the system ends for its memory tells nobody why.

use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::failure::Failure;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language::{En, Sv};
use crate::notify::number;
use crate::roster::code::Code;

/// RG371: the exports need more memory than there is.
const TOO_LITTLE: Code = Code(371);
/// What the program takes whatever it reads.
const BASE: u64 = 32 << 20;
/// What it takes at most for ten bytes of exports: what is read, what a target is told, and the
/// same once more, read back from the finished file. Measured; `cargo bench --bench night` shows it.
const FOR_TEN_BYTES: u64 = 15;

/// Refuses exports that need more memory than there is; `bytes` is how large they are.
pub(super) fn suffices(bytes: u64) -> Result<(), Failure> {
    let need = BASE + bytes / 10 * FOR_TEN_BYTES;
    match at_most() {
        Some(most) if most < need => {
            let size = |bytes, language| number::size(bytes, language);
            let sv = format!("omkring {} behövs, {} finns", size(need, Sv), size(most, Sv));
            let en = format!("about {} is needed, {} is there", size(need, En), size(most, En));
            Err(Failure::new(TOO_LITTLE, Facts::new().words(Placeholder::Detail, sv, en)))
        }
        _ => Ok(()),
    }
}

/// The least of what the machine has left, the service's group may use and the process may map;
/// `None` where nothing is known.
fn at_most() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let left = left_in(&read("/proc/meminfo"));
    let group = of_groups(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup"));
    [left, group, getrlimit(Resource::As).current].into_iter().flatten().min()
}

/// What the machine has left, swap included.
fn left_in(meminfo: &str) -> Option<u64> {
    let field = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_end_matches("kB").trim().parse::<u64>().ok()
    };
    Some((field("MemAvailable:")? + field("SwapFree:").unwrap_or(0)) * 1024)
}

/// The least limit of the control groups that the process is in.
fn of_groups(cgroup: &str, mounted: &Path) -> Option<u64> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let limit = |folder: &Path| {
        let text = std::fs::read_to_string(folder.join("memory.max")).ok()?;
        text.trim().parse().ok()
    };
    let own = mounted.join(path);
    own.ancestors().take_while(|folder| folder.starts_with(mounted)).filter_map(limit).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_counts_as_memory_that_is_left() {
        let text = "MemTotal:       2048 kB\nMemAvailable:    1000 kB\nSwapFree:         24 kB\n";
        assert_eq!(left_in(text), Some(1024 * 1024));
        assert_eq!(left_in(""), None);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "plays the kernel")]
    fn the_least_limit_of_all_groups_counts() {
        let mounted = tempfile::tempdir().expect("a folder");
        let own = mounted.path().join("system.slice/rostergate.service");
        std::fs::create_dir_all(&own).expect("a folder");
        let limit = |folder: &Path, text: &str| {
            std::fs::write(folder.join("memory.max"), text).expect("a file");
        };
        let cgroup = "0::/system.slice/rostergate.service\n";
        assert_eq!(of_groups(cgroup, mounted.path()), None);
        limit(&own, "max\n");
        assert_eq!(of_groups(cgroup, mounted.path()), None);
        limit(&mounted.path().join("system.slice"), "1000000\n");
        assert_eq!(of_groups(cgroup, mounted.path()), Some(1_000_000));
        limit(&own, "2000000\n");
        assert_eq!(of_groups(cgroup, mounted.path()), Some(1_000_000));
        limit(&own, "500000\n");
        assert_eq!(of_groups(cgroup, mounted.path()), Some(500_000));
        assert_eq!(of_groups("1:memory:/x\n", mounted.path()), None);
    }

    #[test]
    fn more_than_any_machine_has_is_refused_with_numbers() {
        assert!(suffices(0).is_ok());
        let failure = suffices(1 << 60).expect_err("no machine has that");
        assert_eq!(failure.code, TOO_LITTLE);
    }
}
