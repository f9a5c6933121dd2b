//! A folder that breaks at every operation in turn: nobody sees half a file, an unknown outcome is
//! settled, and nothing is blindly repeated.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is to stop")]

use std::cell::Cell;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use rostergate::delivery::{
    Create, Credentials, Deliver, DeliveryError, Entry, Errand, How, JournalError, Receipt, Remote,
    Rename, Settled, Stat, Step, Tag, TempNote, connect, deliver_over, publish, settle,
};
use rostergate::state::document::Document;
use tempfile::TempDir;

use crate::support::deliveries::{document, names};
use crate::support::sshd::put;

const OLD: &[u8] = b"elev;7A\n";
const NEW: &[u8] = b"elev;7B\n";

/// A folder that breaks: a delivery's place for files, with one fault.
struct Breaking {
    inner: Box<dyn Remote>,
    fault: Fault,
    /// Operations so far, and whether the fault has struck and the connection is dead.
    count: Rc<Cell<usize>>,
    dead: bool,
    plain: bool,
    watched: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// The connection is lost at the given operation: before it is done, or only its answer.
    Lost { at: usize, done: bool },
    /// One byte is changed on the way, the size is right.
    Flip,
    /// The receiver takes a file the moment it is visible.
    Taken,
    /// The receiver shows nothing, and the answer of each rename is lost.
    Blind,
    /// None.
    None,
}

fn hidden<T>() -> Result<T, DeliveryError> {
    Err(DeliveryError::Denied { action: "stat", path: "hidden".into() })
}

fn is_temp(name: &str) -> bool {
    name.rsplit('.').next() == Some("part")
}

fn lost() -> DeliveryError {
    DeliveryError::Lost { host: "h".into(), doing: "test", cause: "cut".into() }
}

impl Breaking {
    fn new(deliver: &Deliver, fault: Fault) -> Breaking {
        let inner = connect(deliver, &[], &Credentials::default()).unwrap();
        Breaking { inner, fault, count: Rc::default(), dead: false, plain: false, watched: None }
    }

    /// Does an operation, or breaks as the fault says.
    fn step<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Remote) -> Result<T, DeliveryError>,
    ) -> Result<T, DeliveryError> {
        let now = self.count.replace(self.count.get() + 1);
        if self.dead {
            return Err(lost());
        }
        let outcome = match self.fault {
            Fault::Lost { at, done } if at == now => {
                self.dead = true;
                if done {
                    work(self.inner.as_mut())?;
                }
                Err(lost())
            }
            _ => work(self.inner.as_mut()),
        };
        self.look();
        outcome
    }

    /// The visible file is whole, yesterday's or today's, at every moment; with plain renames it
    /// may be away, and then yesterday's stands aside.
    fn look(&self) {
        let Some(path) = &self.watched else { return };
        match fs::read(path) {
            Ok(content) => assert!(content == OLD || content == NEW, "half a file is visible"),
            Err(_) => assert!(self.plain, "the file is away"),
        }
    }
}

impl Remote for Breaking {
    fn write(
        &mut self,
        path: &str,
        create: Create,
        source: &mut dyn Read,
        size: u64,
        sent: &mut dyn FnMut(u64),
    ) -> Result<(), DeliveryError> {
        let flip = self.fault == Fault::Flip;
        self.step(|inner| {
            inner.write(path, create, source, size, sent)?;
            if flip {
                let mut content = fs::read(path).unwrap();
                content[0] ^= 1;
                put(Path::new(path), std::str::from_utf8(&content).unwrap());
            }
            Ok(())
        })
    }

    fn stat(&mut self, path: &str) -> Result<Option<Stat>, DeliveryError> {
        if self.fault == Fault::Blind {
            return hidden();
        }
        self.step(|inner| inner.stat(path))
    }

    fn read(
        &mut self,
        path: &str,
        limit: u64,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<u64, DeliveryError> {
        if self.fault == Fault::Blind && !is_temp(path) {
            return hidden();
        }
        self.step(|inner| inner.read(path, limit, take))
    }

    fn rename(&mut self, from: &str, to: &str, rename: Rename) -> Result<(), DeliveryError> {
        let fault = self.fault;
        self.step(|inner| {
            inner.rename(from, to, rename)?;
            match fault {
                Fault::Taken => fs::remove_file(to).map_err(|_| lost()),
                Fault::Blind => Err(lost()),
                _ => Ok(()),
            }
        })
    }

    fn remove(&mut self, path: &str) -> Result<bool, DeliveryError> {
        self.step(|inner| inner.remove(path))
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, DeliveryError> {
        if self.fault == Fault::Blind {
            return hidden();
        }
        self.step(|inner| inner.list(folder))
    }

    fn renames_over(&self) -> bool {
        !self.plain
    }
}

fn folder(path: &Path, more: &str) -> Deliver {
    toml::from_str(&format!("[folder]\npath = \"{}\"\n{more}", path.display())).unwrap()
}

fn tag() -> Tag {
    Tag::new("inst1", "P-1").unwrap()
}

/// An inbox with yesterday's file, and today's document.
struct Night {
    inbox: TempDir,
    _local: TempDir,
    document: Document,
}

impl Night {
    fn new() -> Night {
        let (inbox, local) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        put(&inbox.path().join("ims.xml"), std::str::from_utf8(OLD).unwrap());
        let path = inbox.path().join("ims.xml");
        let yesterday =
            fs::metadata(&path).unwrap().modified().unwrap() - Duration::from_secs(86_000);
        fs::File::options().write(true).open(path).unwrap().set_modified(yesterday).unwrap();
        let document = document(&local, "ims.xml", NEW);
        Night { inbox, _local: local, document }
    }

    fn visible(&self) -> Option<Vec<u8>> {
        fs::read(self.inbox.path().join("ims.xml")).ok()
    }

    /// Delivers over the given connections, the last one as often as needed.
    fn deliver(
        &self,
        to: &Deliver,
        mut connections: Vec<Breaking>,
    ) -> (Result<Receipt, DeliveryError>, Vec<Step>) {
        connections.reverse();
        let mut steps = Vec::new();
        let mut connect = |_| {
            let next = connections.pop();
            Ok(Box::new(next.unwrap_or_else(|| Breaking::new(to, Fault::None))) as Box<dyn Remote>)
        };
        let documents = std::slice::from_ref(&self.document);
        let outcome = deliver_over(
            Errand { deliver: to, documents, tag: &tag() },
            &mut connect,
            &mut |_| {},
            &mut |step| {
                steps.push(step);
                Ok(())
            },
            &mut |_, _| {},
        );
        (outcome, steps)
    }
}

#[test]
fn a_connection_lost_at_any_operation_ends_in_one_whole_file() {
    for (plain, done) in [(false, false), (false, true), (true, false), (true, true)] {
        for more in ["", "publish = \"done-file\"", "pickup = \"expected\""] {
            let mut at = 0;
            loop {
                let night = Night::new();
                let to = folder(night.inbox.path(), more);
                let mut first = Breaking::new(&to, Fault::Lost { at, done });
                (first.plain, first.watched) = (plain, Some(night.inbox.path().join("ims.xml")));
                let count = first.count.clone();
                let (outcome, steps) = night.deliver(&to, vec![first]);
                let case = format!("plain {plain}, done {done}, {more}, operation {at}");
                let receipt = outcome.unwrap_or_else(|e| panic!("{case}: {e}"));
                assert_eq!(night.visible().as_deref(), Some(NEW), "{case}: {receipt:?}");
                assert!(matches!(steps.last(), Some(Step::Published { .. })), "{case}");
                let left = names(night.inbox.path());
                assert!(left.iter().all(|n| !is_temp(n)), "{case}: {left:?}");
                if count.get() <= at {
                    // Not reached any more: every operation has had its turn.
                    break;
                }
                at += 1;
            }
            assert!(at >= 5, "the matrix has {at} operations");
        }
    }
}

#[test]
fn a_crash_at_any_step_is_settled_at_the_next_start() {
    for crash_at in 0..4 {
        let night = Night::new();
        let to = folder(night.inbox.path(), "");
        let documents = std::slice::from_ref(&night.document);
        let mut remote = Breaking::new(&to, Fault::None);
        let mut kept = Vec::new();
        let crashed = publish(
            &mut remote,
            &to,
            documents,
            &tag(),
            &mut |step| {
                if kept.len() == crash_at {
                    return Err(JournalError("disk full".into()));
                }
                kept.push(step);
                Ok(())
            },
            &mut |_, _| {},
        );
        assert_eq!(crashed.unwrap_err().code().0, 501, "crash at {crash_at}");
        let visible = night.visible().unwrap();
        assert_eq!(visible == NEW, crash_at == 3, "only what came after Publishing may be seen");
        let noted: Vec<TempNote> = kept
            .iter()
            .find_map(|s| if let Step::Uploaded { temps } = s { Some(temps.clone()) } else { None })
            .unwrap_or_default();
        let settled = settle(&mut remote, &to, documents, &tag(), &noted, None).unwrap();
        match crash_at {
            3 => assert_eq!(settled, Settled::Published(How::Verified)),
            _ => {
                assert!(matches!(settled, Settled::NotPublished { .. }), "{crash_at}: {settled:?}");
            }
        }
        night.deliver(&to, vec![]).0.unwrap();
        assert_eq!(night.visible().unwrap(), NEW);
        assert_eq!(names(night.inbox.path()), ["ims.xml"]);
    }
}

#[test]
fn a_file_of_the_right_size_and_the_wrong_content_is_not_published() {
    let night = Night::new();
    let to = folder(night.inbox.path(), "");
    let flips = || vec![Breaking::new(&to, Fault::Flip), Breaking::new(&to, Fault::Flip)];
    let (outcome, steps) = night.deliver(&to, flips());
    let error = outcome.unwrap_err();
    assert_eq!(error.code().0, 414);
    assert!(error.to_string().contains("content differs"), "{error}");
    assert!(!steps.iter().any(|step| matches!(step, Step::Publishing { .. })));
    assert_eq!(night.visible().unwrap(), OLD);
    assert_eq!(names(night.inbox.path()), ["ims.xml"]);
    // One fresh connection is given; if that one works, all is well.
    let (outcome, _) = night.deliver(&to, vec![Breaking::new(&to, Fault::Flip)]);
    outcome.unwrap();
    assert_eq!(night.visible().unwrap(), NEW);
}

#[test]
fn a_file_that_is_taken_at_once_was_picked_up() {
    let night = Night::new();
    let to = folder(night.inbox.path(), "pickup = \"expected\"");
    let (outcome, _) = night.deliver(&to, vec![Breaking::new(&to, Fault::Taken)]);
    assert_eq!(outcome.unwrap().how, How::PickedUp);
    let stays = folder(night.inbox.path(), "");
    let (outcome, _) = night.deliver(&stays, vec![Breaking::new(&stays, Fault::Taken)]);
    assert_eq!(outcome.unwrap().how, How::Assumed);
}

#[test]
fn a_receiver_that_shows_nothing_gets_the_bytes_once_more_and_no_more() {
    let night = Night::new();
    let to = folder(night.inbox.path(), "");
    let blind = || Breaking::new(&to, Fault::Blind);
    let (outcome, steps) = night.deliver(&to, vec![blind(), blind(), blind(), blind(), blind()]);
    assert_eq!(outcome.unwrap_err().code().0, 430);
    let begun = steps.iter().filter(|s| matches!(s, Step::Publishing { .. })).count();
    assert_eq!(begun, 2);
    assert!(!steps.iter().any(|s| matches!(s, Step::Published { .. } | Step::NotPublished)));
}

#[test]
fn an_unknown_outcome_is_settled_by_content_and_never_by_size() {
    let night = Night::new();
    let (path, to) = (night.inbox.path().join("ims.xml"), folder(night.inbox.path(), ""));
    let note = |mtime| TempNote {
        path: format!("{}/.ims.xml.inst1.P-1.part", night.inbox.path().display()),
        seen: true,
        mtime: Some(mtime),
    };
    let settled = |to: &Deliver, notes: &[TempNote]| {
        let documents = std::slice::from_ref(&night.document);
        settle(&mut Breaking::new(to, Fault::None), to, documents, &tag(), notes, None).unwrap()
    };
    // Yesterday's file has the size of today's.
    let now = i64::from(u32::MAX);
    assert_eq!(settled(&to, &[note(now)]), Settled::NotPublished { temp_present: false });
    put(&path, std::str::from_utf8(NEW).unwrap());
    assert_eq!(settled(&to, &[note(now)]), Settled::Published(How::Verified));
    // The receiver has rewritten it since.
    put(&path, "read by the receiver");
    assert_eq!(settled(&to, &[note(1)]), Settled::Published(How::Assumed));
    fs::remove_file(&path).unwrap();
    assert_eq!(settled(&to, &[note(1)]), Settled::NotPublished { temp_present: false });
    let taken = folder(night.inbox.path(), "pickup = \"expected\"");
    assert_eq!(settled(&taken, &[note(1)]), Settled::Published(How::PickedUp));
    put(&night.inbox.path().join(".ims.xml.inst1.P-1.part"), "x");
    assert_eq!(settled(&taken, &[note(1)]), Settled::NotPublished { temp_present: true });
}

#[test]
fn where_the_folder_itself_is_missing_nothing_is_settled() {
    for more in ["", "pickup = \"expected\"", "publish = \"direct\""] {
        let night = Night::new();
        let to = folder(night.inbox.path(), more);
        let note = TempNote {
            path: format!("{}/.ims.xml.inst1.P-1.part", night.inbox.path().display()),
            seen: true,
            mtime: Some(1),
        };
        let settled = || {
            let (documents, mut remote) =
                (std::slice::from_ref(&night.document), Breaking::new(&to, Fault::None));
            settle(&mut remote, &to, documents, &tag(), std::slice::from_ref(&note), None).unwrap()
        };
        let aside = night.inbox.path().with_extension("away");
        fs::rename(night.inbox.path(), &aside).unwrap();
        assert_eq!(settled(), Settled::Unknowable, "{more}");
        fs::rename(&aside, night.inbox.path()).unwrap();
        assert_ne!(settled(), Settled::Unknowable, "{more}");
    }
}

#[test]
fn a_stored_file_that_has_changed_is_not_sent() {
    for more in ["", "publish = \"direct\""] {
        let night = Night::new();
        let to = folder(night.inbox.path(), more);
        put(&night.document.path, "elev;9C\n");
        let (outcome, _) = night.deliver(&to, vec![]);
        assert_eq!(outcome.unwrap_err().code().0, 413);
        assert_eq!(night.visible().unwrap(), OLD, "{more}");
        fs::remove_file(&night.document.path).unwrap();
        let (outcome, _) = night.deliver(&to, vec![]);
        let error = outcome.unwrap_err();
        assert_eq!(error.code().0, 413);
        assert!(error.to_string().contains(&night.document.path.display().to_string()));
    }
}
