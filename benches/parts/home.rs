//! One invented municipality in a folder: its register's export, its configuration, its state, and
//! its receiver, which is a folder, too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::{Date, date};
use rostergate::commands::demo::town::{Export, Stir, Town};
use serde_json::Value;

/// The program as it was built with this benchmark.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_rostergate");
const FIRST_DAY: Date = date(2026, 9, 1);
/// The tables of an export.
pub(crate) const TABLES: [&str; 5] =
    ["skolor.csv", "personer.csv", "grupper.csv", "medlemskap.csv", "relationer.csv"];

/// A municipality.
pub(crate) struct Home {
    folder: PathBuf,
    pub(crate) town: Town,
}

impl Home {
    /// Founds a town with so many pupils, and leaves its first export.
    pub(crate) fn found(folder: &Path, pupils: u32, seed: u64) -> io::Result<Home> {
        for name in ["inbox", "out", "mail"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let text = include_str!("town.toml").replace("@FOLDER@", &folder.to_string_lossy());
        let home = Home { folder: folder.to_owned(), town: Town::found(pupils, seed, FIRST_DAY) };
        fs::write(home.config(), text)?;
        home.town.write_export(&home.path("inbox"), Export::default())?;
        Ok(home)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("rostergate.toml")
    }

    /// A busy night passes, and the register exports anew: the rows in another order.
    pub(crate) fn night_passes(&mut self) -> io::Result<()> {
        self.town.night(Stir::BUSY);
        let shuffled = Export { shuffle: 1, ..Export::default() };
        self.town.write_export(&self.path("inbox"), shuffled)
    }

    /// Bytes of one night's export.
    pub(crate) fn export_size(&self) -> io::Result<u64> {
        TABLES.iter().map(|name| size(&self.path("inbox").join(name))).sum()
    }

    /// When the night's run begins.
    pub(crate) fn at(&self) -> String {
        format!("{}T04:15", self.town.today())
    }

    /// The words of a command of this municipality.
    pub(crate) fn words(&self, arguments: &[&str]) -> Vec<String> {
        let config = self.config().to_string_lossy().into_owned();
        words(&[&["--lang", "en", "--config", &config], arguments].concat())
    }

    /// Approves the plan that a run tells of.
    pub(crate) fn approve(&self, run: &Value) -> io::Result<()> {
        let target = &run["targets"]["platform"];
        let (plan, persons) = (&target["plan"], &target["counts"]["persons"]["now"]);
        let (Some(plan), Some(persons)) = (plan.as_str(), persons.as_u64()) else {
            return Err(io::Error::other(format!("the first night was not held: {run}")));
        };
        let persons = persons.to_string();
        let because = ["approve", plan, "--reason", "benchmark", "--receiver-empty", "--json"];
        let approved = said(&self.words(&[&because[..], &["--confirm", &persons]].concat()))?;
        match approved["exit"].as_u64() {
            Some(0) => Ok(()),
            _ => Err(io::Error::other(format!("the first night was not approved: {approved}"))),
        }
    }
}

/// What the program says as JSON, however it ends.
pub(crate) fn said(arguments: &[String]) -> io::Result<Value> {
    let output = Command::new(PROGRAM).args(arguments).output()?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| io::Error::other(format!("{error}: {output:?}")))
}

fn size(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path)?.len())
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "for reading")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
