//! What a disk holds after the power failed: what was synced, and of all else as much or as little
//! as it likes. A file's bytes are synced by its own sync, its name by its folder's; POSIX promises
//! no more, and file systems differ in what they do.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How much is lost of what was not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lost {
    All,
    /// Bytes; names are where they were put last.
    Bytes,
    /// The later half of the names and every other piece of a file.
    Half,
}

/// The folders of one disk, followed through what a program does to them.
pub(super) struct Disk {
    roots: Vec<PathBuf>,
    files: Vec<File>,
    /// What a program sees.
    now: BTreeMap<PathBuf, Node>,
    synced: BTreeMap<PathBuf, Node>,
    /// Names given since their folder was synced.
    naming: Vec<Naming>,
    /// Where the next byte of an open file goes.
    at: HashMap<u64, u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Clone, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
    /// What was done to the bytes since they were synced.
    writing: Vec<Writing>,
}

#[derive(Clone)]
enum Writing {
    Put(u64, Vec<u8>),
    Cut(u64),
}

enum Naming {
    New(PathBuf, Node),
    Gone(PathBuf),
    Moved(PathBuf, PathBuf),
}

/// What is traced: whatever changes a file or its name, and what tells where.
pub(super) const FOLLOWED: &str = "openat,lseek,write,pwrite64,writev,pwritev,pwritev2,\
    copy_file_range,sendfile,fallocate,truncate,ftruncate,fsync,fdatasync,sync_file_range,rename,\
    renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat";

impl Disk {
    /// The folders as they are, all of it synced.
    pub(super) fn of(roots: &[PathBuf]) -> Disk {
        let (files, at) = (Vec::new(), HashMap::new());
        let (now, synced, naming) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut disk = Disk { roots: roots.to_vec(), files, now, synced, naming, at };
        for (path, bytes) in disk.there() {
            let node = bytes.map_or(Node::Folder, |bytes| {
                disk.files.push(File { now: bytes.clone(), synced: bytes, ..File::default() });
                Node::File(disk.files.len() - 1)
            });
            disk.now.insert(path, node);
        }
        disk.synced = disk.now.clone();
        disk
    }

    /// What is on the real disk: folders without bytes, files with theirs.
    fn there(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = self.roots.clone();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                    found.insert(path, None);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    found.insert(path, Some(bytes));
                }
            }
        }
        found
    }

    /// Follows what strace saw. What was begun and not ended did not happen.
    ///
    /// # Panics
    /// At a call that changes these folders in a way that is not followed, and where the real
    /// folders differ from what came out.
    pub(super) fn follow(&mut self, traced: &str) {
        let mut begun: HashMap<&str, &str> = HashMap::new();
        for line in traced.lines() {
            let Some((thread, said)) = line.split_once(' ') else { continue };
            let said = said.trim_start();
            if let Some(start) = said.strip_suffix(" <unfinished ...>") {
                begun.insert(thread, start);
            } else if let Some((_, rest)) = said.split_once(" resumed>") {
                let start = begun.remove(thread).expect("resumed after it began");
                self.call(&format!("{start}{rest}"));
            } else {
                self.call(said);
            }
        }
        let bytes = |node: &Node| match node {
            Node::Folder => None,
            Node::File(file) => Some(self.files[*file].now.clone()),
        };
        let followed: BTreeMap<PathBuf, Option<Vec<u8>>> =
            self.now.iter().map(|(path, node)| (path.clone(), bytes(node))).collect();
        let there = self.there();
        let paths = followed.keys().chain(there.keys());
        let wrong: Vec<_> = paths.filter(|path| followed.get(*path) != there.get(*path)).collect();
        assert!(wrong.is_empty(), "followed otherwise than it is: {wrong:?}");
    }

    /// One call as strace writes it, with all texts in hexadecimal and the paths of descriptors.
    fn call(&mut self, said: &str) {
        let Some((name, rest)) = said.split_once('(') else { return };
        let Some((arguments, answer)) = rest.rsplit_once(") ").or(rest.rsplit_once(')')) else {
            return;
        };
        let answer = answer.trim_start().trim_start_matches("= ");
        let Ok(answer) = answer.split(['<', ' ']).next().unwrap_or_default().parse::<u64>() else {
            return; // It failed.
        };
        let shown = between(arguments, '<', '>');
        let texts = between(arguments, '"', '"');
        let path = |place: usize| {
            let folder = shown.get(place).map(|folder| text(folder)).unwrap_or_default();
            Path::new(&folder).join(text(&texts[place]))
        };
        let number = || arguments.rsplit_once(", ").unwrap().1.parse::<u64>().unwrap();
        let descriptor = || arguments.split('<').next().unwrap().parse::<u64>().unwrap();
        let open = || PathBuf::from(text(&shown[0]));
        match name {
            "openat" if self.holds(&path(0)) => self.opened(&path(0), arguments, answer),
            "mkdir" if self.holds(&path(0)) => self.name(Naming::New(path(0), Node::Folder)),
            "unlink" if self.holds(&path(0)) => self.name(Naming::Gone(path(0))),
            "rename" | "renameat2" if self.holds(&path(0)) || self.holds(&path(1)) => {
                self.name(Naming::Moved(path(0), path(1)));
            }
            "openat" | "mkdir" | "unlink" | "rename" | "renameat2" | "flock" => {}
            _ if !shown.first().is_some_and(|_| self.holds(&open())) => {
                let elsewhere = texts.iter().all(|path| !self.holds(Path::new(&text(path))));
                assert!(elsewhere, "not followed: {said}");
            }
            "lseek" => drop(self.at.insert(descriptor(), answer)),
            "write" => {
                let at = self.at.entry(descriptor()).or_default();
                let start = *at;
                *at += answer;
                let whole = &texts[0][..usize::try_from(answer).unwrap()];
                self.write(&open(), Writing::Put(start, whole.to_vec()));
            }
            "pwrite64" => {
                let whole = &texts[0][..usize::try_from(answer).unwrap()];
                self.write(&open(), Writing::Put(number(), whole.to_vec()));
            }
            "ftruncate" => self.write(&open(), Writing::Cut(number())),
            "fsync" | "fdatasync" => self.sync(&open()),
            _ => panic!("not followed: {said}"),
        }
    }

    fn holds(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }

    fn opened(&mut self, path: &Path, arguments: &str, descriptor: u64) {
        assert!(!arguments.contains("O_APPEND"), "not followed: {arguments}");
        self.at.insert(descriptor, 0);
        if arguments.contains("O_CREAT") && !self.now.contains_key(path) {
            self.files.push(File::default());
            self.name(Naming::New(path.to_owned(), Node::File(self.files.len() - 1)));
        } else if arguments.contains("O_TRUNC") {
            self.write(path, Writing::Cut(0));
        }
    }

    fn name(&mut self, naming: Naming) {
        naming.happens(&mut self.now);
        self.naming.push(naming);
    }

    fn write(&mut self, path: &Path, writing: Writing) {
        // A file without a name is gone when the power is.
        let Some(Node::File(file)) = self.now.get(path) else { return };
        let file = &mut self.files[*file];
        writing.happens(&mut file.now);
        file.writing.push(writing);
    }

    fn sync(&mut self, path: &Path) {
        if let Some(Node::File(file)) = self.now.get(path) {
            let file = &mut self.files[*file];
            file.synced.clone_from(&file.now);
            file.writing.clear();
        } else {
            let (here, elsewhere): (Vec<_>, _) =
                std::mem::take(&mut self.naming).into_iter().partition(|naming| naming.is_in(path));
            self.naming = elsewhere;
            for naming in here {
                naming.happens(&mut self.synced);
            }
        }
    }

    /// Puts on the real disk what it holds after the power failed.
    pub(super) fn power_fails(&self, lost: Lost) {
        let mut names = self.synced.clone();
        let kept = match lost {
            Lost::All => 0,
            Lost::Bytes => self.naming.len(),
            Lost::Half => self.naming.len() / 2,
        };
        for naming in &self.naming[..kept] {
            naming.happens(&mut names);
        }
        for root in &self.roots {
            let mode = fs::metadata(root).unwrap().mode();
            fs::remove_dir_all(root).unwrap();
            fs::DirBuilder::new().mode(mode).create(root).unwrap();
        }
        for (path, node) in names {
            // What lies in a folder that was lost is lost.
            if !path.parent().unwrap().is_dir() {
                continue;
            }
            let Node::File(file) = node else {
                fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
                continue;
            };
            let file = &self.files[file];
            let mut bytes = file.synced.clone();
            if lost == Lost::Half {
                for writing in file.writing.iter().skip(1).step_by(2) {
                    writing.happens(&mut bytes);
                }
            }
            let mut there = fs::OpenOptions::new();
            let mut there = there.mode(0o600).write(true).create_new(true).open(&path).unwrap();
            std::io::Write::write_all(&mut there, &bytes).unwrap();
        }
    }
}

impl Naming {
    fn is_in(&self, folder: &Path) -> bool {
        let here = |path: &Path| path.parent() == Some(folder);
        match self {
            Naming::New(path, _) | Naming::Gone(path) => here(path),
            Naming::Moved(from, to) => here(from) || here(to),
        }
    }

    fn happens(&self, names: &mut BTreeMap<PathBuf, Node>) {
        match self {
            Naming::New(path, node) => drop(names.insert(path.clone(), *node)),
            Naming::Gone(path) => drop(names.remove(path)),
            Naming::Moved(from, to) => {
                if let Some(node) = names.remove(from) {
                    assert_ne!(node, Node::Folder, "folders that move are not followed");
                    names.insert(to.clone(), node);
                }
            }
        }
    }
}

impl Writing {
    fn happens(&self, bytes: &mut Vec<u8>) {
        let place = |at: u64| usize::try_from(at).unwrap();
        match self {
            Writing::Cut(to) => bytes.resize(place(*to), 0),
            Writing::Put(at, new) => {
                let (start, end) = (place(*at), place(*at) + new.len());
                bytes.resize(bytes.len().max(end), 0);
                bytes[start..end].copy_from_slice(new);
            }
        }
    }
}

/// The bytes of each text in hexadecimal between two signs.
fn between(arguments: &str, open: char, close: char) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = arguments;
    while let Some((_, after)) = rest.split_once(open) {
        let (inside, after) = after.split_once(close).expect("it is closed");
        assert!(!after.starts_with("..."), "cut: {arguments}");
        let bytes = inside.split("\\x").skip(1);
        found.push(bytes.map(|byte| u8::from_str_radix(byte, 16).expect("a byte")).collect());
        rest = after;
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
