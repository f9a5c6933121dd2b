//! A plan that has been begun: it has an id and a folder, and nothing in it yet.

use std::io::{self, Write};
use std::path::{Component, Path};
use std::sync::Arc;

use jiff::Zoned;

use crate::pipeline::verdict::{Breach, Verdict};
use crate::roster::code::Code;
use crate::state::StateDir;
use crate::state::dir::{CHANGES, PENDING, Room, SNAPSHOT};
use crate::state::document::Document;
use crate::state::error::{PrepareError, StateError};
use crate::state::facts::PlanFacts;
use crate::state::files;
use crate::state::ids::{PlanId, RunId};
use crate::state::ledger::decisions::{self, About};
use crate::state::ledger::{baselines, record};
use crate::state::plan_record::{PlanRecord, PlanState, StoredFile};
use crate::state::prepared::Prepared;
use crate::state::settle;

/// RG901: the finished files are not what the plan says.
const INVARIANT: u16 = 901;
/// RG413: the files could not be written here.
pub(super) const LOCAL_FILE: u16 = 413;

/// A plan that has been begun. Dropped, it is swept away by the next run.
#[must_use = "a plan that is begun is prepared, adopted or failed"]
pub struct Begun {
    pub(super) room: Arc<Room>,
    pub(super) plan: PlanRecord,
}

impl StateDir {
    /// Begins one target's plan in a run.
    ///
    /// # Errors
    /// When the run is unknown or the directory cannot be written.
    ///
    /// # Panics
    /// When the lock is not held.
    pub fn begin(&self, target: &str, run: &RunId, now: &Zoned) -> Result<Begun, StateError> {
        self.room().assert_locked();
        let plan = self.ledger().change(|ledger| {
            settle::note_news(ledger, run, false)?;
            loop {
                let plan = PlanRecord::new(PlanId::draw(), target, run.clone(), now.timestamp());
                if record::add(ledger, &plan)? {
                    return Ok(plan);
                }
            }
        })?;
        let folder = self.room().payload_folder(&plan.id);
        files::create_folder(&folder).map_err(|error| StateError::io(&folder, error))?;
        let around = self.room().plan_folder(&plan.id);
        for folder in [&around, &self.room().runs_folder()] {
            files::sync_folder(folder).map_err(|error| StateError::io(folder, error))?;
        }
        Ok(Begun { room: self.room().clone(), plan })
    }
}

impl Begun {
    /// The plan's id.
    #[must_use]
    pub fn id(&self) -> &PlanId {
        &self.plan.id
    }

    /// Writes the plan's files, has them read back, and writes the plan down with its verdict:
    /// from then on it is held, or may go out. Older plans of the target that have not left yet
    /// are superseded by it.
    ///
    /// `write` is called once for every name in `facts.receiver.files`, in that order.
    /// `pending` is the list of what the plan holds back, and what it removes and why; see
    /// [`StateReader::pending`](crate::state::StateReader::pending).
    /// `read_back` opens the finished files and compares them with the plan.
    ///
    /// # Errors
    /// When a file cannot be written, the ledger cannot, `read_back` disagrees, or an older plan
    /// may have been published and was not settled; the plan is then recorded as failed and its
    /// files are gone.
    pub fn prepare<E>(
        mut self,
        facts: PlanFacts,
        write: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
        snapshot: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        changes: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        pending: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        read_back: impl FnOnce(&[Document]) -> Result<(), E>,
    ) -> Result<Prepared, PrepareError<E>> {
        let written = self.write_files(&facts.receiver.files, write, snapshot).and_then(|()| {
            let folder = self.room.plan_folder(&self.plan.id);
            self.plan.pending = Some(store(&folder.join(PENDING), pending)?);
            store(&folder.join(CHANGES), changes).map(drop)
        });
        if let Err(error) = written {
            self.discard(LOCAL_FILE);
            return Err(error.into());
        }
        let documents = self.documents();
        if let Err(error) = read_back(&documents) {
            self.discard(INVARIANT);
            return Err(PrepareError::ReadBack(error));
        }
        match self.write_down(facts) {
            Ok(()) => Ok(Prepared::new(self.room, self.plan, documents)),
            Err(error) => {
                self.discard(LOCAL_FILE);
                Err(error.into())
            }
        }
    }

    /// Writes down that nothing came of it: the sources failed, or an encoder did.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn fail(mut self, code: Code) -> Result<PlanRecord, StateError> {
        self.erase(code.0)?;
        Ok(self.plan)
    }

    pub(super) fn write_files(
        &mut self,
        names: &[String],
        mut write: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
        snapshot: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StateError> {
        let folder = self.room.payload_folder(&self.plan.id);
        for (at, name) in names.iter().enumerate() {
            if !is_file_name(name) || names[..at].contains(name) {
                return Err(StateError::Name { name: name.clone() });
            }
            let file = store(&folder.join(name), |out| write(name, out))?;
            self.plan.documents.push(file);
        }
        let place = self.room.plan_folder(&self.plan.id).join(SNAPSHOT);
        self.plan.snapshot = Some(store(&place, snapshot)?);
        Ok(())
    }

    fn documents(&self) -> Vec<Document> {
        let folder = self.room.payload_folder(&self.plan.id);
        let files = self.plan.documents.iter();
        files
            .map(|file| Document {
                name: file.name.clone(),
                path: folder.join(&file.name),
                size: file.size,
                sha256: file.sha256.0,
            })
            .collect()
    }

    /// J1 and J2 of the journal: what is planned, and whether the filter lets it go.
    fn write_down(&mut self, facts: PlanFacts) -> Result<(), StateError> {
        // A verdict that cannot be read back is no pass.
        let verdict = facts.verdict.read();
        let passes = verdict == Some(Verdict::Pass);
        // A baseline that is held for its age does not grow young by that, nor by a clock that
        // goes wrong: a person decides.
        let too_old =
            |breach: &Breach| matches!(breach, Breach::BaselineOld { .. } | Breach::Clock { .. });
        let judged = !matches!(&verdict, Some(Verdict::Hold(all)) if all.iter().any(too_old));
        let (run, begun_at) = (self.plan.run.clone(), self.plan.begun_at);
        self.plan.state = if passes { PlanState::Cleared } else { PlanState::Held };
        self.plan.sent_by = passes.then(|| run.clone());
        self.plan.facts = Some(facts);
        let plan = &mut self.plan;
        self.room.ledger.change(|ledger| {
            let mut target = baselines::target(ledger, &plan.target)?;
            settle::refuse_unsettled(ledger, &target)?;
            plan.judged_against = target.standing().into_iter().cloned().collect();
            for candidate in target.baseline.candidates_mut().into_iter().filter(|_| judged) {
                candidate.judged_at = candidate.judged_at.max(begun_at);
            }
            record::put(ledger, &target)?;
            settle::supersede_waiting(ledger, &plan.target, &run)?;
            settle::note_news(ledger, &run, !passes)?;
            record::put(ledger, plan)?;
            if passes {
                return Ok(());
            }
            decisions::add(ledger, "held", begun_at, About::plan(plan))
        })
    }

    /// After a failure: the plan is over, its files go. What fails here is swept by the next run.
    pub(super) fn discard(&mut self, code: u16) {
        let _swept_later = self.erase(code);
    }

    fn erase(&mut self, code: u16) -> Result<(), StateError> {
        // The files first: on a full disk, that is what makes room for the entry.
        let folder = self.room.plan_folder(&self.plan.id);
        let removed = files::remove_folder(&folder);
        let PlanRecord { id, target, run, begun_at, .. } = self.plan.clone();
        let mut plan = PlanRecord::new(id, &target, run.clone(), begun_at);
        plan.state = PlanState::Failed;
        plan.code = Some(code);
        plan.files_erased = true;
        self.plan = plan;
        self.room.ledger.change(|ledger| {
            settle::note_news(ledger, &run, true)?;
            record::put(ledger, &self.plan)?;
            decisions::failed(ledger, &self.plan, begun_at)
        })?;
        removed.map_err(|error| StateError::io(&folder, error))
    }
}

fn store(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<StoredFile, StateError> {
    let written = files::write_whole(path, write).map_err(|error| StateError::io(path, error))?;
    let name = path.file_name().expect("we gave it one").to_string_lossy().into_owned();
    Ok(StoredFile { name, size: written.size, sha256: written.sha256 })
}

/// One plain name: no folder, no way up, nothing that a temporary file could be called.
fn is_file_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let plain = matches!(parts.next(), Some(Component::Normal(part)) if part == name);
    plain && parts.next().is_none() && !name.contains('\0') && !files::is_temporary(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_one_plain_name() {
        assert!(is_file_name("ims.xml"));
        assert!(is_file_name("Elever år 7.csv"));
        for wrong in
            ["", ".", "..", "/etc/passwd", "a/b", "a/", "../a", "a\0b", ".a.rostergate-tmp"]
        {
            assert!(!is_file_name(wrong), "{wrong:?}");
        }
    }
}
