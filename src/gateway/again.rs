//! An export that was delivered before, or is older than one that was: when that is no news.

use super::failure::Failure;
use super::other_name;
use super::recover;
use super::target::waiting_at;
use super::tonight::Evening;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::pipeline::window::Hold;
use crate::roster::code::Code;
use crate::state::Digest;

impl Evening<'_> {
    pub(super) fn delivered_already(&self) -> Result<bool, Failure> {
        if self.context.again {
            return Ok(false);
        }
        let last = self.state.last_published(self.aim.name)?;
        let baseline = self.state.baseline(self.aim.name)?;
        let same_receiver = !other_name::known(self.state, &self.aim, &baseline)?.is_empty();
        Ok(same_receiver
            && last.is_some_and(|last| last.export_digest == Digest(self.reading.digest)))
    }

    /// An export older than one already delivered would take the receiver back in time. In a
    /// replay the times of files say nothing.
    pub(super) fn refuse_older_export(&self) -> Result<(), Failure> {
        let last = self.state.last_published(self.aim.name)?;
        // What went there under another name was delivered there, too.
        let others = other_name::since(self.state, &self.aim, last.as_ref().map(|last| &last.plan));
        let others = others?.into_iter().filter(|other| other.delivered_at.is_some());
        let others = others.filter_map(|other| other.facts).map(|facts| facts.exported_at);
        let newest = last.map(|last| last.exported_at).into_iter().chain(others).max();
        match newest.filter(|&newest| !self.context.replay && newest > self.reading.exported_at) {
            Some(newest) => {
                let delivered = self.local(newest);
                let facts = Facts::new().text(Placeholder::Detail, format!("< {delivered:.0}"));
                Err(Failure::new(Code(352), facts))
            }
            None => Ok(()),
        }
    }

    /// The register may rest while a window ends, or somebody becomes protected by other means:
    /// that goes on all the same.
    pub(super) fn something_may_go(&self) -> Result<bool, Failure> {
        let season = self.aim.season(self.context.now.date());
        let listed = waiting_at(self.state, &self.aim, self.context.now.date())?;
        let released = !(listed.to_release.is_empty() && listed.in_stages.is_empty());
        let after_window = season.open.is_none() && (released || self.changes_waited()?);
        Ok(after_window || self.warns_tonight() || self.tells_protected()?)
    }

    /// Whether the last file was made while changes had to wait.
    fn changes_waited(&self) -> Result<bool, Failure> {
        let Some(last) = self.state.last_published(self.aim.name)? else { return Ok(false) };
        let then = self.aim.season(self.local(last.published_at).date());
        Ok(then.holding().is_some_and(|open| open.hold == Hold::RemovalsAndChanges))
    }

    /// Whether what the receiver was last told holds somebody who is protected now.
    fn tells_protected(&self) -> Result<bool, Failure> {
        let baseline = self.state.baseline(self.aim.name)?;
        for told in baseline.candidates() {
            let path = self.state.snapshot(told)?.path;
            let (register, now) = (&self.reading.register, &self.context.now);
            if recover::holds_protected(&path, &self.aim, register, now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
