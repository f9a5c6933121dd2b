//! The receiver as it really is, whatever its server says: the files, and the laws that must hold
//! at every moment.

use std::collections::BTreeMap;

/// Where everything lies.
pub const FOLDER: &str = "/in";
/// Where temporary files lie, where they have a folder of their own.
pub const TEMPS: &str = "/tmp-in";
/// A file of somebody else, which nobody may touch.
pub const FOREIGN: &str = "/in/elever.xlsx";

/// A file.
#[derive(Clone)]
pub struct File {
    /// What is in it.
    pub content: Vec<u8>,
    /// When it was changed, by a clock that ticks with every change.
    pub mtime: u32,
}

/// A name under which the delivery is to appear.
pub struct Final {
    /// Its whole path.
    pub path: String,
    /// What was there the day before.
    pub old: Option<Vec<u8>>,
    /// What is to be there.
    pub new: Vec<u8>,
    /// Written last.
    pub marker: bool,
}

/// The receiver.
#[allow(clippy::struct_excessive_bools, reason = "each is one thing that is so")]
pub struct Receiver {
    /// The files by path.
    pub files: BTreeMap<String, File>,
    /// The names of the delivery.
    pub finals: Vec<Final>,
    /// What was seen last under each of them, for whoever takes files at once.
    pub last: BTreeMap<String, Vec<u8>>,
    /// Publishing has begun, as the journal was told.
    pub publishing: bool,
    /// Files are written straight to their names.
    pub direct: bool,
    /// Somebody takes what appears.
    pub takes: bool,
    /// A lie was told.
    pub lied: bool,
    /// Something that was written is not what was sent.
    pub spoilt: bool,
    /// Only the size is verified.
    pub only_size: bool,
    /// Laws that were broken.
    pub broken: Vec<String>,
    /// Bytes of listings that were sent.
    pub listed: usize,
    clock: u32,
}

impl Receiver {
    /// With yesterday's files.
    pub fn new(finals: Vec<Final>, direct: bool, takes: bool, only_size: bool) -> Receiver {
        let mut receiver = Receiver {
            files: BTreeMap::new(),
            finals,
            last: BTreeMap::new(),
            publishing: false,
            direct,
            takes,
            lied: false,
            spoilt: false,
            only_size,
            broken: Vec::new(),
            listed: 0,
            clock: 1_800_000_000,
        };
        let old: Vec<_> = receiver.finals.iter().map(|f| (f.path.clone(), f.old.clone())).collect();
        for (path, old) in old {
            let Some(content) = old else { continue };
            receiver.last.insert(path.clone(), content.clone());
            receiver.files.insert(path, File { content, mtime: 1_790_000_000 });
        }
        let foreign = File { content: b"theirs".to_vec(), mtime: 1_000_000_000 };
        receiver.files.insert(FOREIGN.to_owned(), foreign);
        for folder in [FOLDER, TEMPS] {
            // Left by a night long ago: to be swept, sometimes.
            let left = File { content: b"left".to_vec(), mtime: 1_000_000_000 };
            receiver.files.insert(format!("{folder}/.ims.xml.inst1.P-0.part"), left);
        }
        receiver
    }

    /// The time of a change.
    pub fn tick(&mut self) -> u32 {
        self.clock += 1;
        self.clock
    }

    /// A path is about to be written, removed or given another name: it must be one of ours.
    pub fn touch(&mut self, path: &str) {
        let visible = self.finals.iter().any(|known| known.path == path);
        if !visible && !is_temporary(path) {
            self.broken.push(format!("{path} is none of ours"));
        }
        if visible && !self.publishing {
            self.broken.push(format!("{path} was touched before that was written down"));
        }
    }

    /// Something has changed: notes what can be seen, and holds it to the laws.
    pub fn changed(&mut self) {
        for known in &self.finals {
            if let Some(file) = self.files.get(&known.path) {
                self.last.insert(known.path.clone(), file.content.clone());
            }
        }
        if !self.direct && !self.only_size {
            self.hold_whole();
        }
    }

    /// A file is closed or has its name: whoever takes files takes it now.
    pub fn take(&mut self) {
        if self.takes && self.publishing {
            for known in &self.finals {
                let there = self.files.get(&known.path).map(|file| &file.content);
                if there != known.old.as_ref() {
                    self.files.remove(&known.path);
                }
            }
        }
    }

    fn now(&self, path: &str) -> Option<&Vec<u8>> {
        self.files.get(path).map(|file| &file.content)
    }

    /// What can be seen is whole, and a marker stands beside its own files.
    fn hold_whole(&mut self) {
        let mut broken = Vec::new();
        for known in &self.finals {
            let now = self.now(&known.path);
            if now.is_some_and(|now| *now != known.new && Some(now) != known.old.as_ref()) {
                broken.push(format!("{} is neither the old nor the new file", known.path));
            }
            // Where the marker's removal is a lie, nobody can keep the files together.
            if let (true, false, Some(now)) = (known.marker, self.lied, now) {
                let new = *now == known.new;
                let files = self.finals.iter().filter(|other| !other.marker);
                for file in files {
                    let whole = if new { Some(&file.new) } else { file.old.as_ref() };
                    if self.now(&file.path) != whole {
                        broken.push(format!("{} stands beside other files", known.path));
                    }
                }
            }
        }
        self.broken.extend(broken);
    }

    /// Whether everything arrived, whole: it stands there, or did until it was taken.
    pub fn has_all(&self) -> bool {
        self.finals.iter().all(|known| self.last.get(&known.path) == Some(&known.new))
    }

    /// Whether nothing that could be seen is different from the day before. With several files
    /// that takes a marker: without it, whoever waits for it sees nothing.
    pub fn is_as_before(&self) -> bool {
        let mut markers = self.finals.iter().filter(|known| known.marker).peekable();
        if markers.peek().is_some() && markers.all(|known| !self.files.contains_key(&known.path)) {
            return true;
        }
        self.finals.iter().all(|known| self.last.get(&known.path) == known.old.as_ref())
    }
}

/// One of our own temporary names, of tonight or of a night long ago.
fn is_temporary(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let ending = [".inst1.P-1.part", ".inst1.P-1.old", ".inst1.P-0.part", ".inst1.P-0.old"];
    (folder == FOLDER || folder == TEMPS)
        && name.starts_with('.')
        && (ending.iter().any(|ending| name.ends_with(ending)))
}
