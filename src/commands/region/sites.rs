//! The configurations of a folder, and which of them cannot run tonight.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::commands::place::real;
use crate::commands::ui::Ui;
use crate::commands::units;
use crate::config::lenient::Lenient;
use crate::config::{self, ConfigError, Loaded};
use crate::gateway::failure::Failure;
use crate::gateway::reasons;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language;
use crate::roster::code::Code;

/// RG131: no configurations can be had from the folder.
const NO_CONFIGURATIONS: Code = Code(131);
/// RG132: two configurations use one state folder.
const SHARED_STATE: Code = Code(132);
/// RG133: two configurations leave the same file in the same place.
const SHARED_RECEIVER: Code = Code(133);

/// One municipality's configuration.
pub(super) struct Site {
    pub(super) path: PathBuf,
    loaded: Result<Loaded, ConfigError>,
    /// Another one that uses the same state folder.
    rival: Option<PathBuf>,
    /// Another one that leaves the same file in the same place, and the target of this one.
    other_sender: Option<(PathBuf, String)>,
}

/// Why a municipality cannot run at all.
pub(super) enum Unusable<'s> {
    /// Its configuration cannot be read or has faults.
    Config(&'s ConfigError),
    /// It would mix its state, or what its receiver has, with another's.
    Shared(Failure),
}

/// Every `*.toml` of a folder, by name.
///
/// # Errors
/// When there is none, or the folder cannot be read.
pub(super) fn of(folder: &Path) -> Result<Vec<Site>, Failure> {
    let facts = Facts::new().path(folder);
    let paths = paths(folder).map_err(|error| {
        Failure::new(NO_CONFIGURATIONS, reasons::of_system(facts.clone(), &error))
    })?;
    if paths.is_empty() {
        let (sv, en) = ("där finns ingen *.toml", "there is no *.toml in it");
        return Err(Failure::new(NO_CONFIGURATIONS, facts.words(Placeholder::Detail, sv, en)));
    }
    let load =
        |path: PathBuf| Site { loaded: config::load(&path), path, rival: None, other_sender: None };
    let mut sites: Vec<Site> = paths.into_iter().map(load).collect();
    let states: Vec<Option<PathBuf>> = sites.iter().map(Site::state).collect();
    for at in 0..sites.len() {
        sites[at].rival = rival(&sites, &states, at).map(|other| other.path.clone());
        sites[at].other_sender = other_sender(&sites, at);
    }
    Ok(sites)
}

fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if !hidden && path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Another municipality whose state is the same folder, or lies inside this one's, or around it.
fn rival<'s>(sites: &'s [Site], states: &[Option<PathBuf>], at: usize) -> Option<&'s Site> {
    let own = states[at].as_ref()?;
    let meets = |other: &PathBuf| other.starts_with(own) || own.starts_with(other);
    let mut others = states.iter().enumerate().filter(|(other, _)| *other != at);
    others.find(|(_, other)| other.as_ref().is_some_and(meets)).map(|(other, _)| &sites[other])
}

/// Another municipality whose file would take the place of this one's at the receiver.
fn other_sender(sites: &[Site], at: usize) -> Option<(PathBuf, String)> {
    let own = &sites[at].loaded.as_ref().ok()?.config;
    let others = sites.iter().enumerate().filter(|(other, _)| *other != at);
    others
        .filter_map(|(_, site)| Some((site, site.loaded.as_ref().ok()?)))
        .find_map(|(site, loaded)| Some((site.path.clone(), own.meets(&loaded.config)?.to_owned())))
}

impl Site {
    /// The state folder, by its real path.
    fn state(&self) -> Option<PathBuf> {
        Some(real(&self.loaded.as_ref().ok()?.config.site.state))
    }

    /// How one municipality speaks: commands to type name its file.
    pub(super) fn voice(&self, ui: &Ui, asked: Option<Language>) -> Ui {
        let language = asked.or(self.language()).unwrap_or(ui.language);
        let here = units::here(&self.path);
        Ui { language, here, of_many: true, progress: false, input: false, ..ui.clone() }
    }

    /// The configuration, if this municipality can run.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn usable(&self) -> Result<&Loaded, Unusable<'_>> {
        let loaded = self.loaded.as_ref().map_err(Unusable::Config)?;
        let facts = Facts::new().text(Placeholder::File, self.path.display().to_string());
        if let Some(rival) = &self.rival {
            let facts = facts
                .path(&loaded.config.site.state)
                .text(Placeholder::Detail, rival.display().to_string());
            return Err(Unusable::Shared(Failure::new(SHARED_STATE, facts)));
        }
        if let Some((other, target)) = &self.other_sender {
            let facts = facts
                .text(Placeholder::Target, target.as_str())
                .text(Placeholder::Detail, other.display().to_string());
            return Err(Unusable::Shared(Failure::new(SHARED_RECEIVER, facts)));
        }
        Ok(loaded)
    }

    /// The configuration, where there is a sound one.
    pub(super) fn loaded(&self) -> Option<&Loaded> {
        self.loaded.as_ref().ok()
    }

    /// What the configuration says to speak, as far as it can be read.
    pub(super) fn language(&self) -> Option<Language> {
        match &self.loaded {
            Ok(loaded) => Some(loaded.config.site.language),
            Err(_) => Lenient::read(&self.path).map(|lenient| lenient.language),
        }
    }

    /// The municipality's name, or its file's.
    pub(super) fn name(&self) -> String {
        match &self.loaded {
            Ok(loaded) => loaded.config.site.name.clone(),
            Err(_) => self.file(),
        }
    }

    /// The file's name.
    pub(super) fn file(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
