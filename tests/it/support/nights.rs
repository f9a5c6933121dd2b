//! A place to deliver to, the nights there, and what a reader of its folder can see of them.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rostergate::delivery::{Credentials, Deliver, Fingerprint, Receipt};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tempfile::TempDir;

use super::deliveries::{Told, document, names, send_as};

/// A folder at a running server, with all that is needed to deliver there.
pub(crate) struct Place {
    pub(crate) to: Deliver,
    pub(crate) pins: Vec<Fingerprint>,
    pub(crate) with: Credentials,
    /// The folder as this machine sees it.
    pub(crate) inbox: PathBuf,
}

impl Place {
    /// One night: delivers `ims.xml`, and tells beside it what a reader of the folder can see.
    pub(crate) fn night(&self, plan: &str, content: &[u8]) -> (Told, Vec<String>) {
        let local = TempDir::new().unwrap();
        let watch = Watch::over(&self.inbox);
        let file = document(&local, "ims.xml", content);
        let told = send_as(plan, &self.to, &self.pins, &self.with, &[file]);
        (told, watch.told())
    }

    /// A night that must succeed, leave the file whole, and nothing else of ours.
    #[track_caller]
    pub(crate) fn delivers(&self, plan: &str, content: &[u8]) -> (Receipt, Vec<String>) {
        let before = self.others();
        let (told, seen) = self.night(plan, content);
        let receipt = told.outcome.unwrap_or_else(|error| panic!("{plan}: {error}"));
        assert_eq!((receipt.bytes, told.waits.len()), (content.len() as u64, 0), "{plan}");
        assert!(self.now() == content, "{plan}: another content");
        assert_eq!(self.others(), before, "{plan}: something is left");
        (receipt, seen)
    }

    /// Two nights, the second over the first, and what a reader saw of each.
    #[track_caller]
    pub(crate) fn two_nights(&self) -> [(Receipt, Vec<String>); 2] {
        let [first, second] = days();
        [self.delivers("P-1", &first), self.delivers("P-2", &second)]
    }

    /// What a reader finds under the final name now.
    pub(crate) fn now(&self) -> Vec<u8> {
        fs::read(self.inbox.join("ims.xml")).unwrap()
    }

    /// Every name in the folder but the file's and its marker's.
    pub(crate) fn others(&self) -> Vec<String> {
        let mut names = names(&self.inbox);
        names.retain(|name| !name.starts_with("ims.xml"));
        names
    }
}

/// Two days' files, large enough to be written in many parts, the second the smaller one.
pub(crate) fn days() -> [Vec<u8>; 2] {
    let day = |factor: u32, size: u32| -> Vec<u8> {
        (0..size).map(|i| i.wrapping_mul(factor).to_be_bytes()[1]).collect()
    };
    [day(2_654_435_761, 700_000), day(40_503, 500_000)]
}

/// Hears of everything that happens to the names of a folder, in order: what a reader could have
/// seen, however fast it was over.
struct Watch(OwnedFd);

impl Watch {
    fn over(folder: &Path) -> Watch {
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
        let events = WatchFlags::CREATE
            | WatchFlags::MODIFY
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE;
        inotify::add_watch(&watch, folder, events).unwrap();
        Watch(watch)
    }

    /// What happened to names without a leading dot; writes that follow each other once.
    fn told(&self) -> Vec<String> {
        let mut buffer = vec![MaybeUninit::uninit(); 64 * 1024];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        let mut told = Vec::new();
        while let Ok(event) = reader.next() {
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW), "too much to hear");
            let name = event.file_name().unwrap_or_default().to_str().unwrap();
            if !name.starts_with('.') {
                told.push(format!("{name} {}", word(event.events())));
            }
        }
        told.dedup();
        told
    }
}

/// `written` alone is what shows a reader a part of a file: what was renamed or linked is whole.
fn word(event: ReadFlags) -> &'static str {
    match event {
        event if event.contains(ReadFlags::MOVED_TO) => "moved in",
        event if event.contains(ReadFlags::MOVED_FROM) => "moved away",
        event if event.contains(ReadFlags::CREATE) => "made",
        event if event.contains(ReadFlags::DELETE) => "removed",
        _ => "written",
    }
}
