//! A model of the receiver by its documented rules: what is missing from a file is deleted, a
//! file is moved away when it is read, too many changes fail the import, and a mail says so.

use std::collections::{BTreeMap, BTreeSet};

/// What a file says, read without any of the program's own code.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Roll {
    /// Keys of persons, with the first of their roles.
    pub(super) persons: BTreeMap<String, String>,
    pub(super) groups: BTreeSet<String>,
    /// Group and person.
    pub(super) members: BTreeSet<(String, String)>,
    /// Everybody of each school.
    pub(super) schools: BTreeMap<String, BTreeSet<String>>,
    /// Which edition of the register it tells.
    pub(super) edition: u32,
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(from)?;
    Some(rest.split_once(to)?.0)
}

fn id(text: &str) -> Result<String, String> {
    between(text, "<id>", "</id>").map(str::to_owned).ok_or(format!("no id in {text}"))
}

/// Whether it is one of the register's groups, and not a school or the root.
fn is_group(key: &str) -> bool {
    key.starts_with(['k', 'g'])
}

fn is_school(key: &str) -> bool {
    key.strip_prefix('s').is_some_and(|rest| rest.parse::<u8>().is_ok())
}

/// Reads a whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Roll, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("no text: {error}"))?;
    if !text.starts_with("<?xml") || !text.ends_with("</enterprise>\n") {
        return Err(format!("half a file of {} bytes", bytes.len()));
    }
    let mut roll = Roll::default();
    for part in text.split("<person>").skip(1) {
        let person = part.split_once("</person>").ok_or("an open person")?.0;
        let role = between(person, "institutionroletype=\"", "\"").ok_or("no role")?;
        roll.persons.insert(id(person)?, role.to_owned());
        if let Some(edition) = between(person, "<family>Edition", "</family>") {
            roll.edition = edition.parse().map_err(|_| "no number".to_owned())?;
        }
    }
    for part in text.split("<group>").skip(1) {
        let group = id(part.split_once("</group>").ok_or("an open group")?.0)?;
        if is_group(&group) {
            roll.groups.insert(group);
        }
    }
    for part in text.split("<membership>").skip(1) {
        let membership = part.split_once("</membership>").ok_or("an open membership")?.0;
        let group = id(membership)?;
        for member in membership.split("<member>").skip(1) {
            if is_group(&group) {
                roll.members.insert((group.clone(), id(member)?));
            } else if is_school(&group) {
                roll.schools.entry(group.clone()).or_default().insert(id(member)?);
            }
        }
    }
    Ok(roll)
}

/// The learning platform.
#[derive(Clone, Default)]
pub(super) struct Receiver {
    /// What it imported last, and the bytes of that.
    pub(super) holds: Roll,
    pub(super) backup: Vec<u8>,
    /// Its own limit on persons who would be deleted, in percent; none from 100 on.
    pub(super) limit: usize,
    /// The mails that it sent: how many imports were completed, and how many failed.
    pub(super) completed: u32,
    pub(super) failed: u32,
    pub(super) deleted: u32,
}

impl Receiver {
    /// Imports a file. What it tells of an earlier edition than the last one is an error.
    pub(super) fn import(&mut self, bytes: &[u8], may_go_back: bool) -> Result<(), String> {
        let roll = read(bytes)?;
        if roll.edition < self.holds.edition && !may_go_back {
            let (old, new) = (self.holds.edition, roll.edition);
            return Err(format!("I3: edition {new} is imported after {old}"));
        }
        let gone = self.holds.persons.keys().filter(|key| !roll.persons.contains_key(*key));
        let gone = gone.count();
        if gone * 100 > self.holds.persons.len() * self.limit {
            self.failed += 1;
            return Ok(());
        }
        self.deleted += u32::try_from(gone).unwrap_or(u32::MAX);
        self.completed += 1;
        self.holds = roll;
        self.backup = bytes.to_vec();
        Ok(())
    }
}
