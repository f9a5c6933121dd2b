//! The drop folder: files of others, whole, finished and fresh, or an error.

use super::*;
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use rostergate::sources::{Ages, Export, ExportFile, ExportMark, SourceError, SourceKind, fetch};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A drop folder with an export, and a clock.
struct Inbox {
    folder: tempfile::TempDir,
    now: Zoned,
    settings: String,
}

/// The tests' own writing: what a register does.
#[expect(clippy::disallowed_methods, reason = "plays the register, which writes as it likes")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a writable folder");
}

impl Inbox {
    /// An export with a done-file that counts, all written an hour ago.
    fn new() -> Self {
        Inbox::with("complete = { done-file = \"export.klar\", counts = true }")
    }

    fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now = Timestamp::from_second(1_795_000_000).expect("a time").to_zoned(TimeZone::UTC);
        let inbox = Inbox { folder, now, settings: settings.to_owned() };
        for (name, text) in FILES {
            inbox.put(name, text, 3700);
        }
        let lines = FILES.map(|(name, text)| format!("{name};{}\n", text.lines().count() - 1));
        inbox.put("export.klar", &lines.concat(), 3600);
        inbox
    }

    /// Writes a file that is so many seconds old.
    fn put(&self, name: &str, text: &str, age: i64) {
        write(&self.folder.path().join(name), text);
        self.age(name, age);
    }

    fn age(&self, name: &str, age: i64) {
        let time = self.now.timestamp() - SignedDuration::from_secs(age);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_second().unsigned_abs());
        let file = std::fs::File::options().append(true).open(self.folder.path().join(name));
        file.expect("a file").set_modified(time).expect("a time to set");
    }

    fn fetch_after(&self, ages: Ages, last: Option<&ExportMark>) -> Result<Export, SourceError> {
        let folder = self.folder.path().to_str().expect("a name in UTF-8");
        let text = CONFIG.replace("/srv/inbox", folder);
        let text = text.replacen('\n', &format!("\n{}\n", self.settings), 1);
        let source = SourceKind::Csv(Box::new(config(&text)));
        fetch("register", &source, &self.now, ages, last)
    }

    fn fetch(&self) -> Result<Export, SourceError> {
        self.fetch_after(Ages::Judge, None)
    }

    #[track_caller]
    fn refused(&self) -> (u16, String) {
        let error = self.fetch().expect_err("refused");
        let folder = self.folder.path().to_str().expect("a name in UTF-8");
        (error.code().0, error.to_string().replace(folder, "inbox"))
    }
}

fn contents(file: &ExportFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.open().read_to_end(&mut bytes).expect("what was digested");
    bytes
}

#[test]
fn an_export_is_read_whole() {
    let inbox = Inbox::new();
    let export = inbox.fetch().expect("whole");
    let names: Vec<_> = export.files.iter().map(|file| (file.name.as_str(), file.rows)).collect();
    let rows = [Some(1), Some(2), Some(1), Some(2), Some(1)];
    assert_eq!(names, FILES.map(|(name, _)| name).into_iter().zip(rows).collect::<Vec<_>>());
    for (file, (_, text)) in export.files.iter().zip(FILES) {
        assert_eq!(contents(file), text.as_bytes());
    }
    let ago = inbox.now.timestamp().duration_since(export.exported_at);
    assert_eq!(ago, SignedDuration::from_secs(3600));
    let debug = format!("{export:?} {:?}", export.files);
    assert!(!debug.contains("Öberg"), "{debug}");
}

#[test]
fn a_mark_survives_being_stored() {
    let export = Inbox::new().fetch().expect("whole");
    let text = serde_json::to_string(&export.mark).expect("JSON");
    assert_eq!(serde_json::from_str::<ExportMark>(&text).expect("a mark"), export.mark);
}

/// F06.
#[test]
fn a_missing_file_folder_or_done_file_is_an_error() {
    let inbox = Inbox::new();
    std::fs::remove_file(inbox.folder.path().join("grupper.csv")).expect("a file");
    assert_eq!(inbox.refused(), (311, "inbox/grupper.csv: there is no such file".to_owned()));
    std::fs::remove_file(inbox.folder.path().join("export.klar")).expect("a file");
    assert_eq!(inbox.refused().0, 312);
    let gone = Inbox::new();
    std::fs::remove_dir_all(gone.folder.path()).expect("a folder");
    assert_eq!(gone.refused().0, 353);
}

/// F03: without a done-file, an export is finished when nothing has changed for a while.
#[test]
fn an_unsettled_file_is_still_being_written() {
    let inbox = Inbox::with("complete = { settled = \"60s\" }");
    assert!(inbox.fetch().is_ok());
    inbox.age("relationer.csv", 59);
    let text = "inbox/relationer.csv: still being written: it changed a moment ago".to_owned();
    assert_eq!(inbox.refused(), (312, text));
    assert!(inbox.fetch_after(Ages::Skip, None).is_ok());
    inbox.age("relationer.csv", 60);
    assert!(inbox.fetch().is_ok());
}

/// Rule 26: the done-file need not be the newest file, but what came after it must have settled.
#[test]
fn a_file_newer_than_the_done_file_must_settle() {
    let inbox = Inbox::new();
    inbox.age("personer.csv", 600);
    assert!(inbox.fetch().is_ok());
    inbox.age("personer.csv", 30);
    assert_eq!(inbox.refused().0, 312);
}

/// Rule 26: yesterday's done-file beside new files means that the register is writing.
#[test]
fn the_done_file_of_the_last_export_does_not_cover_new_files() {
    let inbox = Inbox::new();
    let last = inbox.fetch().expect("whole").mark;
    assert!(inbox.fetch_after(Ages::Judge, Some(&last)).is_ok(), "the same export again");
    let other = FILES[1].1.replace("Åsa", "Asta");
    inbox.put("personer.csv", &other, 900);
    let error = inbox.fetch_after(Ages::Judge, Some(&last)).expect_err("refused");
    assert_eq!(error.code().0, 312);
    assert!(inbox.fetch_after(Ages::Skip, Some(&last)).is_ok(), "a replay");
    inbox.age("export.klar", 800);
    assert!(inbox.fetch_after(Ages::Judge, Some(&last)).is_ok(), "the register has finished");
}

/// F04.
#[test]
fn old_and_future_files_are_refused() {
    let inbox = Inbox::new();
    inbox.age("export.klar", 27 * 3600);
    assert_eq!(inbox.refused().0, 313);
    inbox.age("export.klar", 26 * 3600);
    assert!(inbox.fetch().is_ok());
    inbox.age("grupper.csv", 27 * 3600);
    assert_eq!(inbox.refused().0, 313);
    assert!(inbox.fetch_after(Ages::Skip, None).is_ok());
    let inbox = Inbox::new();
    inbox.age("skolor.csv", 400 * 24 * 3600);
    assert!(inbox.fetch().is_ok(), "a list of schools may be old");
    inbox.age("export.klar", -299);
    assert!(inbox.fetch().is_ok(), "clocks differ a little");
    inbox.age("export.klar", -301);
    let (code, text) = inbox.refused();
    assert!(code == 313 && text.ends_with("which is in the future"), "{text}");
}

#[test]
fn the_done_file_must_name_every_file() {
    let inbox = Inbox::new();
    inbox.put("export.klar", "personer.csv;2\n", 3600);
    let text = "inbox/export.klar: does not say how many rows skolor.csv has".to_owned();
    assert_eq!(inbox.refused(), (316, text));
    inbox.put("export.klar", "", 3600);
    assert_eq!(inbox.refused().0, 316);
    let empty = Inbox::with("complete = { done-file = \"export.klar\" }");
    empty.put("export.klar", "", 3600);
    assert!(empty.fetch().is_ok_and(|export| export.files.iter().all(|file| file.rows.is_none())));
}

/// F22.
#[test]
fn links_pipes_and_folders_are_refused_at_once() {
    let inbox = Inbox::new();
    let path = inbox.folder.path().join("personer.csv");
    let aside = inbox.folder.path().join("aside");
    std::fs::rename(&path, &aside).expect("a file");
    std::os::unix::fs::symlink(&aside, &path).expect("a link");
    assert_eq!(
        inbox.refused(),
        (319, "inbox/personer.csv: not a regular file but a link".to_owned())
    );
    std::fs::remove_file(&path).expect("a link");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0)
        .expect("a pipe");
    assert_eq!(
        inbox.refused(),
        (319, "inbox/personer.csv: not a regular file but a pipe".to_owned())
    );
    std::fs::remove_file(&path).expect("a pipe");
    std::fs::create_dir(&path).expect("a folder");
    assert_eq!(
        inbox.refused(),
        (319, "inbox/personer.csv: not a regular file but a folder".to_owned())
    );
    std::fs::remove_dir(&path).expect("a folder");
    let socket = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    assert_eq!(inbox.refused().0, 319);
    drop(socket);
    std::fs::remove_file(&path).expect("a socket");
    std::fs::hard_link(&aside, &path).expect("a second name");
    assert!(inbox.fetch().is_ok(), "a second name of a file is a file");
}

#[test]
fn files_of_others_are_refused_where_owners_are_named() {
    let me = rustix::process::getuid().as_raw();
    let inbox = Inbox::with(&format!("trusted-owners = [\"{me}\"]"));
    assert!(inbox.fetch().is_ok());
    let other = Inbox::with(&format!("trusted-owners = [\"{}\"]", me + 1));
    assert_eq!(other.refused().0, 319);
    let unknown = Inbox::with("trusted-owners = [\"no such user\"]");
    assert_eq!(unknown.refused().0, 319);
}

/// F18.
#[test]
fn a_file_above_the_limit_is_not_read() {
    let inbox = Inbox::with("max-file-size = \"100B\"");
    assert_eq!(inbox.refused().0, 317);
}

/// Rule 25: the digest tells one export from another.
#[test]
fn the_digest_tells_exports_apart() {
    let inbox = Inbox::new();
    let first = inbox.fetch().expect("whole").digest;
    assert_eq!(inbox.fetch().expect("whole").digest, first);
    inbox.age("export.klar", 3000);
    let later = inbox.fetch().expect("whole").digest;
    assert_ne!(later, first, "the register has exported again");
    inbox.put("personer.csv", &FILES[1].1.replace("Åsa", "Asta"), 3700);
    assert_ne!(inbox.fetch().expect("whole").digest, later);
}

/// F22: whatever a register writes while its files are read, what is returned is one state.
#[test]
fn a_file_swapped_while_it_is_read_is_noticed() {
    let inbox = Inbox::new();
    let path = inbox.folder.path().to_owned();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = stop.clone();
    let writer = std::thread::spawn(move || {
        for round in 0.. {
            if flag.load(std::sync::atomic::Ordering::Relaxed) {
                break;
            }
            let other = path.join("other");
            write(&other, &FILES[1].1.replace("Åsa", if round % 2 == 0 { "Ava" } else { "Eva" }));
            std::fs::rename(&other, path.join("personer.csv")).expect("a file");
        }
    });
    for _ in 0..200 {
        match inbox.fetch_after(Ages::Skip, None) {
            Ok(export) => assert!(contents(&export.files[1]).ends_with(b"personal\n")),
            Err(error) => assert_eq!(error.code().0, 312, "{error}"),
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().expect("the writer ends");
}
