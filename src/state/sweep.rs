//! What a crash leaves half-written, removed by the next holder of the lock.

use std::fs;
use std::io;
use std::path::Path;

use crate::state::dir::{Room, SNAPSHOT};
use crate::state::error::StateError;
use crate::state::files;
use crate::state::ids::PlanId;
use crate::state::ledger::record;
use crate::state::plan_record::{PlanRecord, PlanState};

/// RG900: interrupted.
const INTERRUPTED: u16 = 900;

impl Room {
    /// Ends plans whose files were never whole, and removes folders whose entries say that they
    /// are not needed.
    ///
    /// A plan is written down before it gets a folder, and forgotten only after that is gone. So
    /// files without an entry say that the ledger is an older copy: it would approve once more
    /// what was approved since, and tell those again who were withdrawn. That is refused, and
    /// nothing removed, for those files are all that shows it.
    pub(super) fn sweep(&self) -> Result<(), StateError> {
        let runs = names(&self.runs_folder())?;
        for name in &runs {
            if let Some(id) = plan_of(name)
                && self.plan_folder(&id).join(SNAPSHOT).exists()
                && self.entry(&id)?.is_none()
            {
                return Err(StateError::LedgerBehind { path: self.runs_folder().join(name) });
            }
        }
        self.end_begun()?;
        for name in runs {
            if !self.is_needed(&name)? {
                let path = self.runs_folder().join(&name);
                files::remove_folder(&path).map_err(|error| StateError::io(&path, error))?;
            }
        }
        for name in names(&self.folder)?.iter().filter(|name| files::is_temporary(name)) {
            let path = self.folder.join(name);
            fs::remove_file(&path).map_err(|error| StateError::io(&path, error))?;
        }
        Ok(())
    }

    fn end_begun(&self) -> Result<(), StateError> {
        self.ledger.change(|ledger| {
            for mut plan in record::select::<PlanRecord>(ledger, "WHERE state = 'begun'", [])? {
                plan.state = PlanState::Failed;
                plan.code = Some(INTERRUPTED);
                plan.files_erased = true;
                record::put(ledger, &plan)?;
            }
            Ok(())
        })
    }

    fn is_needed(&self, name: &str) -> Result<bool, StateError> {
        // Whatever else somebody put there is not ours to remove.
        let Some(id) = plan_of(name) else { return Ok(true) };
        Ok(self.entry(&id)?.is_some_and(|plan| !plan.files_erased))
    }

    fn entry(&self, id: &PlanId) -> Result<Option<PlanRecord>, StateError> {
        self.ledger.read(|ledger| record::get::<PlanRecord>(ledger, id.as_str()))
    }
}

fn plan_of(name: &str) -> Option<PlanId> {
    PlanId::try_from(name.to_owned()).ok()
}

fn names(folder: &Path) -> Result<Vec<String>, StateError> {
    let list = || -> io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    list().map_err(|error| StateError::io(folder, error))
}
