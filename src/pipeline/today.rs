//! One target tonight: what it would be told, what of that waits, and what the filter says.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::returning;
use super::by_hand::may_be_back;
use super::carry::{CarriedOver, carry_over};
use super::changes::Changes;
use super::counts::Counts;
use super::delay::{Calendar, Delayed, Differences, delay, still_missing, still_told};
use super::diff::{Difference, View, diff};
use super::fate::Fall;
use super::flood::NewlyHidden;
use super::keys::{Aside, Keyed, ONE_KEY, without_term};
use super::namesakes::Shared;
use super::pending::Pending;
use super::plan::{
    Feed, Input, Model, OpenSnapshot, Plan, PlanError, Purpose, Register, seen_by_receiver,
};
use super::safety::{Circumstances, Week, judge};
use super::select::{as_carried, select_keyed};
use super::telltale::Telltales;
use super::verdict::{Breach, Verdict};
use super::waiting::Waiting;
use super::window::Release;
use super::withdrawal::guardians_unheard_of;
use crate::formats::carried::Carried;
use crate::formats::snapshot::{Reader, SnapshotError};
use crate::formats::{Format, snapshot};
use crate::roster::draft::SetAside;
use crate::roster::issue::{Issue, Severity};
use crate::roster::roster::Roster;
use crate::roster::words::Kind;

/// What may go tonight of that which waits: most first.
pub(super) fn attempts(input: &Input<'_>) -> Vec<Fall> {
    let Calendar { season, pending, .. } = input.calendar;
    match input.purpose {
        Purpose::Release { rest } => return vec![Fall::Released { rest }],
        Purpose::AfterWindow => return vec![Fall::AfterWindow],
        Purpose::Keep => return vec![Fall::Approved(0)],
        Purpose::Tonight => {}
    }
    let released = |how| {
        let ended = pending.iter().filter(|waiting| !waiting.window.is_empty());
        ended.filter(move |waiting| season.release_of(waiting) == how)
    };
    let mut attempts = Vec::new();
    if season.open.is_none() {
        if released(Release::Auto).next().is_some() {
            attempts.push(Fall::Auto);
        }
        if released(Release::Staged).any(|waiting| waiting.approved) {
            attempts.extend([1, 2, 4, 8].map(Fall::Approved));
        }
    }
    attempts.push(Fall::Approved(0));
    attempts
}

/// What the target would be told tonight, before anything waits.
pub(super) struct Today {
    fitted: Roster,
    issues: Vec<Issue>,
    /// Rows that could not be used, and groups whose keys must wait.
    set_aside: u64,
    carried_over: CarriedOver,
    carried: Carried,
    hidden: BTreeSet<String>,
    differences: Differences,
    /// What waits and is told on for another reason than the calendar: nobody knows what the
    /// receiver holds, or a row could not be used.
    kept: Vec<Pending>,
}

impl Today {
    pub(super) fn of(input: &Input<'_>) -> Result<Today, PlanError> {
        let Input { register, selection, format, model, .. } = *input;
        let date = input.calendar.today;
        let carried = selection.allowed(format.carried());
        let Keyed { roster: selected, waiting, clashing } =
            select_keyed(&register.roster, selection, format.carried(), date);
        if clashing > 0 {
            return Err(PlanError::Unfit(ONE_KEY));
        }
        let (fitted, mut issues) = fit(format, &selected)?;
        drop(selected);
        issues.extend(without_term(&waiting, format));
        let mut kept = still_missing(input.calendar.pending, &fitted);
        let keys = &selection.group_keys;
        let aside = Aside { rows: &register.set_aside, waiting: &waiting, keys };
        if let Model::AnyOf(candidates) = model {
            let known: BTreeSet<_> = kept.iter().map(|p| (p.kind, p.identity.clone())).collect();
            let fresh = freshly_missing(input, &fitted, &aside, candidates, carried)?;
            kept.extend(
                fresh.into_iter().filter(|p| !known.contains(&(p.kind, p.identity.clone()))),
            );
        }
        let (fitted, carried_over) = carry(fitted, register, &aside, model, carried)?;
        let fitted = if carried_over.entities > 0 { fit(format, &fitted)?.0 } else { fitted };
        let kept = still_told(kept, &fitted);
        let hidden = newly_hidden(register, &fitted);
        let mut differences = Differences::default();
        if let (Model::Known(open), true) = (model, input.calendar.may_keep()) {
            let view = View { carried, hidden: &hidden };
            against(&fitted, open, &view, |change| differences.add(change))?;
        }
        let set_aside = aside.len();
        Ok(Today { fitted, issues, set_aside, carried_over, carried, hidden, differences, kept })
    }

    /// Whether anything is different and may be kept: else every attempt ends alike.
    pub(super) fn may_keep(&self) -> bool {
        !self.differences.is_empty()
    }

    /// The plan with so much of what waits going tonight. Where nothing may be kept, it takes the
    /// roster with it, and there is no other attempt.
    pub(super) fn plan(&mut self, input: &Input<'_>, fall: Fall) -> Result<Plan, PlanError> {
        let Input { register, format, limits, model, .. } = *input;
        let delayed = self.delayed(input, fall)?;
        let view = View { carried: self.carried, hidden: &self.hidden };
        let pseudonymous = &register.protected.pseudonymous;
        let first = matches!(model, Model::Nothing);
        let archives = &input.around.archive.kinds;
        let mut changes = Changes::new(first, pseudonymous, archives).because(delayed.why);
        let told = delayed.told.unwrap_or_else(|| std::mem::take(&mut self.fitted));
        for (kind, line) in delayed.kept.iter().filter(|(kind, _)| *kind == Kind::Person) {
            changes.turnover.missing(*kind, line);
        }
        let (mut counts, hidden_since) = compare(&told, model, &view, &mut changes)?;
        counts.archived = changes.archived.len() as u64;
        counts.name_schools(&names_of_schools(input));
        let mut waiting = delayed.waiting;
        waiting.name_schools(&counts);
        changes.waiting(&delayed.kept);
        let newly_protected = hidden_since + changes.renamed;
        let mut around = input.around.clone();
        let NewlyHidden { persons, whole_roles } =
            self.newly_hidden(input, hidden_since, &counts)?;
        around.newly_protected = persons + changes.renamed;
        around.protected_roles = whole_roles;
        around.unknown_markings = register.protected.unknown_markings;
        around.marked.now = register.protected.marked;
        around.persons_read = register.persons_read;
        around.garbled_names = register.garbled_names;
        around.rows = register.rows;
        around.set_aside = self.set_aside;
        let namesakes = &register.protected.namesakes;
        around.withdrawn_back = may_be_back(&told, namesakes, model)?;
        around.archived_returns = returning(&told, model, &around.archive)?;
        around.taken_over = delayed.taken_over;
        around.groups_taken_over = delayed.groups_taken_over;
        around.encoding_changed =
            input.other_encoding.map(|payload| seen_by_receiver(&told, format, payload, &counts));
        let verdict = judge(&counts, &around, limits);
        let verdict = also_judge_others(&told, &view, input, verdict)?;
        let shared = Shared::of(&told, input)?;
        changes.sharing(&told, &shared.concerned);
        Ok(Plan {
            feed: Feed { roster: told, counts },
            verdict: shared.judged(verdict),
            changes: changes.text,
            archived: changes.archived,
            issues: self.issues.iter().cloned().chain(shared.remark(format)).collect(),
            carried_over: self.carried_over,
            newly_protected,
            pending: delayed.pending,
            gone: changes.gone,
            waiting,
            carried: self.carried,
            still_named: 0,
            telltales: Telltales::new(),
            hidden: self.hidden.clone(),
        })
    }

    /// Whom the markings have hidden since the target was last told, where anybody is hidden.
    fn newly_hidden(
        &self,
        input: &Input<'_>,
        hidden_since: u64,
        counts: &Counts,
    ) -> Result<NewlyHidden, SnapshotError> {
        let open = match input.model {
            Model::Known(open) if hidden_since > 0 => open,
            Model::AnyOf([open, ..]) if hidden_since > 0 => *open,
            _ => return Ok(NewlyHidden::default()),
        };
        let mut before = Reader::open(open()?)?;
        NewlyHidden::of(&mut before, &self.hidden, &input.register.protected, counts)
    }

    /// What is told when what must wait has been kept. While it is unknown what the receiver
    /// holds, everything is kept anyhow, and what waits goes on waiting.
    fn delayed(&self, input: &Input<'_>, fall: Fall) -> Result<Delayed, PlanError> {
        let season = input.calendar.season;
        match input.model {
            Model::Known(open) if !self.differences.is_empty() => {
                let baseline = as_carried(
                    &snapshot::read(open().map_err(SnapshotError::from)?)?,
                    self.carried,
                );
                let gone = protected_keys(input.register);
                let calendar = &input.calendar;
                let mut delayed =
                    delay(&self.fitted, &baseline, &self.differences, calendar, fall, &gone);
                delayed.pending.extend(self.kept.iter().cloned());
                delayed.pending.sort_by(|a, b| (a.kind, &a.identity).cmp(&(b.kind, &b.identity)));
                Ok(delayed)
            }
            Model::AnyOf(_) | Model::Known(_) => {
                let waiting = Waiting::of_list(&self.kept, season);
                Ok(Delayed::nothing(self.kept.clone(), waiting))
            }
            Model::Nothing => Ok(Delayed::nothing(Vec::new(), Waiting::of(season))),
        }
    }
}

/// What goes missing in a window while nobody knows what the receiver holds: it is told on, and
/// is on the window's list as on any other night.
fn freshly_missing(
    input: &Input<'_>,
    fitted: &Roster,
    aside: &Aside<'_>,
    candidates: &[OpenSnapshot<'_>],
    carried: Carried,
) -> Result<Vec<Pending>, SnapshotError> {
    let Calendar { season, today, .. } = input.calendar;
    let Some(window) = season.holding().map(|open| open.name.as_str()) else {
        return Ok(Vec::new());
    };
    let gone = protected_keys(input.register);
    let view = View { carried, hidden: &gone };
    let mut differences = Differences::default();
    for open in candidates {
        let baseline = as_carried(&snapshot::read(open()?)?, carried);
        let gone = with_guardians(gone.clone(), &baseline, input.register);
        let (told, _) = carry_over(fitted, &baseline, &aside.as_told_in(&baseline), &gone);
        against(&told, open, &view, |change| differences.add(change))?;
    }
    let own = |(kind, identity): &&(Kind, String)| differences.has_a_fate(*kind, identity);
    let fresh = differences.missing.keys().filter(own);
    let pending =
        fresh.map(|(kind, key)| Pending::fresh(*kind, key.clone(), today, window, season));
    Ok(pending.collect())
}

/// Protected persons are read out of the baseline before anything is compared: they leave past
/// the filter. Whoever is told under a pseudonym stays in it.
fn newly_hidden(register: &Register, told: &Roster) -> BTreeSet<String> {
    let gone = |key: &&String| told.find_person(key).is_none();
    register.protected.excluded.iter().filter(gone).cloned().collect()
}

fn protected_keys(register: &Register) -> BTreeSet<String> {
    register.protected.excluded.union(&register.protected.pseudonymous).cloned().collect()
}

/// Whoever is only the guardian of protected children is not told again either.
fn with_guardians(
    mut gone: BTreeSet<String>,
    baseline: &Roster,
    register: &Register,
) -> BTreeSet<String> {
    let guardians = guardians_unheard_of(baseline, &gone, register);
    gone.extend(guardians);
    gone
}

fn fit(format: &Format, selected: &Roster) -> Result<(Roster, Vec<Issue>), PlanError> {
    let (fitted, issues) = format.fit(selected);
    match issues.iter().find(|issue| issue.severity == Severity::Error) {
        Some(issue) => Err(PlanError::Unfit(issue.code)),
        None => Ok((fitted, issues)),
    }
}

fn carry(
    fitted: Roster,
    register: &Register,
    aside: &Aside<'_>,
    model: Model<'_>,
    carried: Carried,
) -> Result<(Roster, CarriedOver), SnapshotError> {
    let gone = protected_keys(register);
    match model {
        Model::Nothing => Ok((fitted, CarriedOver::default())),
        Model::Known(_) if aside.len() == 0 => Ok((fitted, CarriedOver::default())),
        Model::Known(open) => {
            let baseline = as_carried(&snapshot::read(open()?)?, carried);
            let gone = with_guardians(gone, &baseline, register);
            Ok(carry_over(&fitted, &baseline, &aside.as_told_in(&baseline), &gone))
        }
        Model::AnyOf(candidates) => {
            let mut result = (fitted, CarriedOver::default());
            for open in candidates {
                let baseline = as_carried(&snapshot::read(open()?)?, carried);
                let gone = with_guardians(gone.clone(), &baseline, register);
                result = carry_over(&result.0, &baseline, &everything(&baseline), &gone);
            }
            Ok(result)
        }
    }
}

/// Every entity and link of a roster, as if all their rows had been set aside.
fn everything(roster: &Roster) -> BTreeSet<SetAside> {
    let row =
        |kind, key: &str, other: &str| SetAside { kind, key: key.into(), other: other.into() };
    let schools = roster.schools().map(|s| row(Kind::School, s.key, ""));
    let persons = roster.persons().map(|p| row(Kind::Person, p.key, ""));
    let groups = roster.groups().map(|g| row(Kind::Group, g.key, ""));
    let memberships = roster.memberships().map(|m| row(Kind::Membership, m.person, m.group));
    let relations = roster.relations().map(|r| row(Kind::Relation, r.person, r.to));
    schools.chain(persons).chain(groups).chain(memberships).chain(relations).collect()
}

pub(super) fn compare(
    told: &Roster,
    model: Model<'_>,
    view: &View<'_>,
    changes: &mut Changes<'_>,
) -> Result<(Counts, u64), SnapshotError> {
    let (mut counts, hidden) = match model {
        Model::Nothing => diff::<&[u8]>(told, None, view, |change| changes.add(change)),
        Model::Known(open) => against(told, open, view, |change| changes.add(change)),
        Model::AnyOf(candidates) => {
            against(told, candidates[0], view, |change| changes.add(change))
        }
    }?;
    counts.rekeyed = changes.rekeyed();
    Ok((counts, hidden))
}

fn against(
    told: &Roster,
    open: OpenSnapshot<'_>,
    view: &View<'_>,
    visit: impl FnMut(&Difference<'_>),
) -> Result<(Counts, u64), SnapshotError> {
    diff(told, Some(&mut Reader::open(open()?)?), view, visit)
}

/// What schools are called: in the register, else in the last nights. A target whose file has no
/// place for schools is told only their keys, which nobody knows them by.
fn names_of_schools(input: &Input<'_>) -> BTreeMap<String, String> {
    let Week { passed, agreed } = &input.around.week;
    let nights = passed.iter().chain(agreed);
    let mut names: BTreeMap<_, _> = nights.flat_map(Counts::school_names).collect();
    let today = input.register.roster.schools().filter(|school| !school.name.is_empty());
    names.extend(today.map(|school| (school.key.to_owned(), school.name.to_owned())));
    names
}

/// While it is unknown which file the receiver holds, the filter must pass against each.
fn also_judge_others(
    told: &Roster,
    view: &View<'_>,
    input: &Input<'_>,
    verdict: Verdict,
) -> Result<Verdict, SnapshotError> {
    let Model::AnyOf(candidates) = input.model else { return Ok(verdict) };
    let mut breaches: Vec<Breach> = Vec::new();
    if let Verdict::Hold(first) = verdict {
        breaches.extend(first);
    }
    for other in &candidates[1..] {
        let (mut counts, _) = against(told, other, view, |_| ())?;
        counts.name_schools(&names_of_schools(input));
        if let Verdict::Hold(more) = judge(&counts, &Circumstances::default(), input.limits) {
            breaches.extend(more);
        }
    }
    Ok(if breaches.is_empty() { Verdict::Pass } else { Verdict::Hold(breaches) })
}
