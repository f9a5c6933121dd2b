//! One town on the eve of its second night, measured again and again on the same state.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::home::{Home, PROGRAM, TABLES, megabytes, said, words};
use crate::measured::{Cost, measure};
use crate::references::Reference;

const SEED: u64 = 1;
/// Files from this size on are never written in place: two names for one will do.
const LARGE: u64 = 1 << 20;

/// A town's folder, ready for its second night.
pub(crate) struct Scene {
    folder: TempDir,
    home: Home,
    founded_in: f64,
}

/// One stage of a run, as the program tells it.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) cost: Cost,
}

impl Scene {
    /// Founds a town, delivers its first day, and lets a night pass.
    pub(crate) fn build(pupils: u32) -> io::Result<Scene> {
        let folder = tempfile::tempdir()?;
        let begun = Instant::now();
        let home = Home::found(folder.path(), pupils, SEED)?;
        let founded_in = begun.elapsed().as_secs_f64();
        let mut scene = Scene { folder, home, founded_in };
        first_delivery(&scene.home)?;
        fs::rename(scene.path("inbox"), scene.path("yesterday"))?;
        fs::create_dir(scene.path("inbox"))?;
        scene.home.night_passes()?;
        for name in ["state", "out"] {
            copy(&scene.path(name), &scene.path(&format!("{name}.before")))?;
        }
        Ok(scene)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The town in one line.
    pub(crate) fn describe(&self) -> io::Result<String> {
        let town = &self.home.town;
        Ok(format!(
            "{} pupils, {} persons, {} groups, {} memberships: {:.1} MB of CSV a day, {:.1} MB of \
             XML (a day made in {:.1} s)",
            town.pupils(),
            town.persons(),
            town.groups(),
            town.memberships(),
            megabytes(self.csv()?),
            megabytes(self.xml()?),
            self.founded_in,
        ))
    }

    /// Bytes of one day's export.
    pub(crate) fn csv(&self) -> io::Result<u64> {
        self.home.export_size()
    }

    /// Bytes of the file at the receiver.
    pub(crate) fn xml(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.path("out").join("ims.xml"))?.len())
    }

    /// Measures `plan`.
    pub(crate) fn plan(&self) -> io::Result<(Cost, Vec<Stage>)> {
        self.ours("plan")
    }

    /// Measures `run`, on the state as it was before.
    pub(crate) fn run(&self) -> io::Result<(Cost, Vec<Stage>)> {
        for name in ["state", "out"] {
            fs::remove_dir_all(self.path(name))?;
            copy(&self.path(&format!("{name}.before")), &self.path(name))?;
        }
        let delivered = || fs::metadata(self.path("out").join("ims.xml"))?.modified();
        let before = delivered()?;
        let cost = self.ours("run")?;
        if before == delivered()? {
            return Err(io::Error::other("the run delivered nothing"));
        }
        Ok(cost)
    }

    fn ours(&self, command: &str) -> io::Result<(Cost, Vec<Stage>)> {
        let typed = [command, "--json", "--timings", "--as-of", &self.home.at()];
        let said = self.path("said");
        let cost = measure(PROGRAM, &self.home.words(&typed), &said)?;
        Ok((cost, stages(&fs::read_to_string(said)?)))
    }

    /// Measures a reference.
    pub(crate) fn refer(&self, reference: &Reference) -> io::Result<Cost> {
        let tables = |day: &str| TABLES.map(|name| self.path(day).join(name)).to_vec();
        let files = match reference.over {
            crate::references::Over::Delivered => vec![self.path("out").join("ims.xml")],
            crate::references::Over::Today => tables("inbox"),
            crate::references::Over::BothDays => vec![self.path("yesterday"), self.path("inbox")],
        };
        let files = files.iter().map(|file| file.to_string_lossy().into_owned());
        let arguments = [words(&reference.arguments), files.collect()].concat();
        measure(&reference.program, &arguments, &self.path("copy"))
    }
}

/// A first night, which is always held, and its approval.
pub(crate) fn first_delivery(home: &Home) -> io::Result<()> {
    home.approve(&said(&home.words(&["run", "--json", "--as-of", &home.at()]))?)
}

/// The stages among what the program said.
fn stages(said: &str) -> Vec<Stage> {
    let objects = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let timings = objects.filter(|object| object["schema"] == "rostergate.timings/1");
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let stage = |stage: &Value| Stage {
        name: stage["stage"].as_str().unwrap_or_default().to_owned(),
        cost: Cost {
            wall: number(&stage["wall"]),
            processor: number(&stage["processor"]),
            peak: number(&stage["peak"]) / f64::from(1 << 20),
        },
    };
    timings
        .flat_map(|all| all["stages"].as_array().cloned().unwrap_or_default())
        .map(|one| stage(&one))
        .collect()
}

/// Copies a folder with times and rights, for a receipt names them; large files by a second name.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, about) = (to.join(entry.file_name()), entry.metadata()?);
        if about.is_dir() {
            copy(&entry.path(), &path)?;
        } else if about.len() >= LARGE && path.extension().is_none_or(|end| end != "sqlite3") {
            fs::hard_link(entry.path(), &path)?;
        } else {
            fs::copy(entry.path(), &path)?;
            fs::File::options().append(true).open(&path)?.set_modified(about.modified()?)?;
        }
    }
    fs::set_permissions(to, fs::Permissions::from_mode(from.metadata()?.permissions().mode()))
}
