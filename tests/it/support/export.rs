//! What a register leaves in its drop folder: the fixture's nights, as they are or edited.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::sshd::put;

/// The file that the register writes last.
pub(crate) const DONE: &str = "export.klar";

/// The files of one export by name, without the done-file, which is counted when it is left.
#[derive(Clone)]
pub(crate) struct Export(pub(crate) BTreeMap<String, String>);

impl Export {
    /// One of the nights in `fixtures/nights`.
    pub(crate) fn night(name: &str) -> Export {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/nights");
        Export::of(&fixtures.join(name))
    }

    /// The files of a folder.
    pub(crate) fn of(folder: &Path) -> Export {
        let entries = fs::read_dir(folder).expect("the night is there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let csv = paths.filter(|path| path.extension().is_some_and(|ending| ending == "csv"));
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a fixture in UTF-8");
            (path.file_name().expect("a name").to_string_lossy().into_owned(), text)
        };
        Export(csv.map(read).collect())
    }

    /// With every occurrence of some text replaced, in one file; there must be one.
    #[must_use]
    pub(crate) fn with(mut self, file: &str, from: &str, to: &str) -> Export {
        let text = self.0.get_mut(file).expect("one of the export's files");
        assert!(text.contains(from), "{file} holds no {from}");
        *text = text.replace(from, to);
        self
    }

    /// With one row more.
    #[must_use]
    pub(crate) fn row(mut self, file: &str, row: &str) -> Export {
        let text = self.0.get_mut(file).expect("one of the export's files");
        text.push_str(row);
        text.push('\n');
        self
    }

    /// Without the rows, of every file, that hold some text.
    #[must_use]
    pub(crate) fn without(mut self, what: &str) -> Export {
        for text in self.0.values_mut() {
            let keep = text.lines().enumerate().filter(|(n, line)| *n == 0 || !line.contains(what));
            *text = keep.flat_map(|(_, line)| [line, "\n"]).collect();
        }
        self
    }

    /// With another marking for one person.
    #[must_use]
    pub(crate) fn marked(mut self, person: &str, marking: &str) -> Export {
        let text = self.0.get_mut("personer.csv").expect("one of the export's files");
        let mark = |line: &str| {
            let mut fields: Vec<&str> = line.split(';').collect();
            if fields[0] == person {
                fields[9] = marking;
            }
            fields.join(";") + "\n"
        };
        let marked: String = text.lines().map(mark).collect();
        assert_ne!(*text, marked, "{person} is there");
        *text = marked;
        self
    }

    /// With the rows of every file in another order.
    #[must_use]
    pub(crate) fn shuffled(mut self) -> Export {
        for text in self.0.values_mut() {
            let mut lines: Vec<&str> = text.lines().collect();
            let rows = &mut lines[1..];
            rows.reverse();
            let middle = rows.len() / 3;
            rows.rotate_left(middle);
            *text = lines.iter().flat_map(|line| [line, "\n"]).collect();
        }
        self
    }

    /// With groups that do not end while these tests are of use, for runs by the real clock.
    #[must_use]
    pub(crate) fn lasting(mut self) -> Export {
        for text in self.0.values_mut() {
            *text = text.replace("2027-06-11", "2199-06-11");
        }
        self
    }

    /// Leaves the files in a folder, the done-file with its numbers of rows last.
    pub(crate) fn leave(&self, folder: &Path) {
        let mut done = String::new();
        for (name, text) in &self.0 {
            put(&folder.join(name), text);
            let rows = text.lines().count().saturating_sub(1);
            done.extend([name, ";", &rows.to_string(), "\n"]);
        }
        put(&folder.join(DONE), &done);
    }
}
