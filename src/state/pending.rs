//! The little that the logbook reads of a plan's `pending.txt`: what a delivery removes.

use std::fs;
use std::path::PathBuf;

use crate::roster::words::Kind;
use crate::state::StateReader;
use crate::state::dir::{self, PENDING, Room};
use crate::state::error::StateError;
use crate::state::ids::PlanId;
use crate::state::ledger::plans;
use crate::state::plan_record::PlanRecord;

/// A line of the file that becomes an entry when its plan is delivered.
pub(crate) enum Told {
    /// A person, group or school is removed.
    Gone { kind: String, why: String, key: String },
    /// A group is archived.
    Archived { key: String },
}

impl Room {
    /// What a plan removes; nothing for plans that have no such file.
    pub(super) fn told_by(&self, plan: &PlanId) -> Result<Vec<Told>, StateError> {
        let plan = self.ledger.read(|ledger| plans::plan(ledger, plan))?;
        let Some(path) = self.pending_path(&plan)? else { return Ok(Vec::new()) };
        let text = fs::read_to_string(&path).map_err(|error| StateError::io(&path, error))?;
        Ok(read(&text))
    }

    /// Where the file lies, after checking that its bytes are those that were written.
    pub(super) fn pending_path(&self, plan: &PlanRecord) -> Result<Option<PathBuf>, StateError> {
        let Some(file) = &plan.pending else { return Ok(None) };
        let checked = dir::checked(self.plan_folder(&plan.id).join(PENDING), file)?;
        Ok(Some(checked.path))
    }
}

impl StateReader {
    /// Where the list of what a plan holds back and removes lies, its bytes checked; `None` for a
    /// plan that has none: an adopted one, or one from an older version.
    ///
    /// # Errors
    /// When it is gone or changed, the plan is not there, or the ledger cannot be read.
    pub fn pending(&self, plan: &PlanId) -> Result<Option<PathBuf>, StateError> {
        let plan = self.ledger().read(|ledger| plans::plan(ledger, plan))?;
        self.room().pending_path(&plan)
    }
}

fn read(text: &str) -> Vec<Told> {
    text.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<Told> {
    let told = match line.split('\t').collect::<Vec<_>>()[..] {
        ["gone", kind, why, key] if is_marked(kind) => {
            Told::Gone { kind: kind.to_owned(), why: why.to_owned(), key: key.to_owned() }
        }
        ["archived", "group", key] => Told::Archived { key: key.to_owned() },
        _ => return None,
    };
    Some(told)
}

/// Memberships and relations come and go with every timetable; only what stands alone is marked.
fn is_marked(kind: &str) -> bool {
    matches!(kind.parse(), Ok(Kind::Person | Kind::Group | Kind::School))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_is_removed_and_leaves_the_rest() {
        let text = "archived\tgroup\tMATMAT01a\n\
            gone\tgroup\tarchived\tMATMAT01a\n\
            gone\tmembership\tregister\t7A\tP1\tlearner\n\
            gone\tperson\tspring\tP1\n\
            pending\tperson\t2026-06-10\t3\tspring\t0\tP2\n";
        let told: Vec<String> = read(text)
            .into_iter()
            .map(|told| match told {
                Told::Gone { kind, why, key } => format!("{kind} {why} {key}"),
                Told::Archived { key } => format!("archived {key}"),
            })
            .collect();
        assert_eq!(told, ["archived MATMAT01a", "group archived MATMAT01a", "person spring P1"]);
    }
}
