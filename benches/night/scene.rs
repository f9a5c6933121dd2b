//! One town on the eve of its second night: its export, its state, its receiver's folder.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark starts the program it measures, and writes its configuration"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::civil::{Date, date};
use rostergate::commands::demo::town::{Export, Town};
use serde_json::Value;
use tempfile::TempDir;

use crate::measured::{Cost, measure};
use crate::megabytes;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rostergate");
const FIRST_DAY: Date = date(2026, 9, 1);
const SEED: u64 = 1;
const TABLES: [&str; 5] =
    ["skolor.csv", "personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv"];

/// A town's folder, ready for its second night.
pub(crate) struct Scene {
    folder: TempDir,
    town: Town,
}

/// A program that does one part of the work over the same files.
pub(crate) struct Reference {
    pub(crate) program: &'static str,
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    /// Over the file that was sent, not over the export.
    pub(crate) reads_xml: bool,
}

/// How large one night's files are.
pub(crate) struct Bytes {
    pub(crate) csv: u64,
    pub(crate) xml: u64,
}

/// Programs to compare with, whether or not they are installed.
pub(crate) fn references() -> [Reference; 4] {
    let reference =
        |program, name, arguments, reads_xml| Reference { program, name, arguments, reads_xml };
    [
        reference("sha256sum", "sha256sum ims.xml", &[], true),
        reference("cat", "cat ims.xml > copy", &[], true),
        reference("xmllint", "xmllint --stream ims.xml", &["--stream", "--noout"], true),
        reference("sort", "sort *.csv", &[], false),
    ]
}

impl Scene {
    /// Founds a town, delivers its first day, and lets a night pass.
    pub(crate) fn build(pupils: u32) -> io::Result<Scene> {
        let folder = tempfile::tempdir()?;
        for name in ["inbox", "out", "mail"] {
            fs::create_dir(folder.path().join(name))?;
        }
        fs::write(folder.path().join("r.toml"), configuration(folder.path()))?;
        let mut scene = Scene { folder, town: Town::found(pupils, SEED, FIRST_DAY) };
        scene.town.write_export(&scene.path("inbox"), Export::default())?;
        scene.first_delivery()?;
        scene.town.ordinary_night();
        scene.town.write_export(&scene.path("inbox"), Export::default())?;
        for name in ["state", "out"] {
            scene.copy(name, &format!("{name}.before"))?;
        }
        Ok(scene)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The town in one line.
    pub(crate) fn describe(&self) -> String {
        let town = &self.town;
        let csv: u64 = TABLES.iter().filter_map(|name| self.size("inbox", name).ok()).sum();
        format!(
            "{} pupils, {} persons, {} groups, {} memberships; {:.1} MB of CSV",
            town.pupils(),
            town.persons(),
            town.groups(),
            town.memberships(),
            megabytes(csv),
        )
    }

    fn size(&self, folder: &str, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(folder).join(name))?.len())
    }

    /// How large the files are; after a run.
    pub(crate) fn bytes(&self) -> io::Result<Bytes> {
        let csv: io::Result<u64> = TABLES.iter().map(|name| self.size("inbox", name)).sum();
        Ok(Bytes { csv: csv?, xml: self.size("out", "ims.xml")? })
    }

    /// Holds the first night, as always, and approves it.
    fn first_delivery(&self) -> io::Result<()> {
        let run = self.output(&words(&["run", "--json", "--as-of", &at(FIRST_DAY)]))?;
        let told: Value = serde_json::from_slice(&run.stdout).map_err(io::Error::other)?;
        let target = &told["targets"]["platform"];
        let (Some(plan), Some(persons)) =
            (target["plan"].as_str(), target["counts"]["persons"]["now"].as_u64())
        else {
            return Err(io::Error::other(format!("the first night was not held: {run:?}")));
        };
        let confirm = persons.to_string();
        let approve = self.output(&words(&[
            "approve",
            plan,
            "--reason",
            "benchmark",
            "--receiver-empty",
            "--confirm",
            &confirm,
        ]))?;
        if approve.status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("the first night was not approved: {approve:?}")))
    }

    fn output(&self, arguments: &[String]) -> io::Result<Output> {
        Command::new(PROGRAM).args(self.with_config(arguments)).output()
    }

    fn with_config(&self, arguments: &[String]) -> Vec<String> {
        let config = self.path("r.toml").to_string_lossy().into_owned();
        [words(&["--lang", "en", "--config", &config]), arguments.to_vec()].concat()
    }

    /// Measures `plan`.
    pub(crate) fn plan(&self) -> io::Result<Cost> {
        self.ours("plan")
    }

    /// Measures `run`, on the state as it was before.
    pub(crate) fn run(&self) -> io::Result<Cost> {
        for name in ["state", "out"] {
            fs::remove_dir_all(self.path(name))?;
            self.copy(&format!("{name}.before"), name)?;
        }
        let before = fs::metadata(self.path("out").join("ims.xml"))?.modified()?;
        let cost = self.ours("run")?;
        let after = fs::metadata(self.path("out").join("ims.xml"))?.modified()?;
        if before == after {
            return Err(io::Error::other("the run delivered nothing"));
        }
        Ok(cost)
    }

    fn ours(&self, command: &str) -> io::Result<Cost> {
        let arguments = self.with_config(&words(&[command, "--as-of", &at(self.town.today())]));
        measure(PROGRAM, &arguments, &self.path("said"))
    }

    /// Copies a folder with times and rights: a receipt names them.
    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let copied =
            Command::new("cp").arg("-a").arg(self.path(from)).arg(self.path(to)).status()?;
        if copied.success() { Ok(()) } else { Err(io::Error::other("cp -a failed")) }
    }

    /// Measures a reference.
    pub(crate) fn refer(&self, reference: &Reference) -> io::Result<Cost> {
        let mut arguments = words(reference.arguments);
        let files = if reference.reads_xml {
            vec![self.path("out").join("ims.xml")]
        } else {
            TABLES.iter().map(|name| self.path("inbox").join(name)).collect()
        };
        arguments.extend(files.iter().map(|file| file.to_string_lossy().into_owned()));
        measure(reference.program, &arguments, &self.path("copy"))
    }
}

/// When the night's run begins.
fn at(day: Date) -> String {
    format!("{day}T04:15")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn configuration(folder: &Path) -> String {
    include_str!("night.toml").replace("@FOLDER@", &folder.to_string_lossy())
}
