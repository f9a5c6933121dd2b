//! One night, target by target: recover, plan, take the newly protected out, hold or deliver.

use std::collections::BTreeSet;

use jiff::{Span, Timestamp, Zoned};

use super::failure::Failure;
use super::read::Reading;
use super::send::{self, Look, Way};
use super::target::{Aim, Occasion, Planned, plan_target, rehearse_files};
use super::{Context, Event, clock, elsewhere, guards, recover, standing};
use crate::formats::snapshot::{self, Header};
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::night::{Night, Outcome, PastFilter, Protection, RemovalLimits, TargetNight};
use crate::pipeline::pending;
use crate::pipeline::percent::Percent;
use crate::pipeline::plan::Purpose;
use crate::pipeline::verdict::{Breach, Operation, Verdict};
use crate::roster::code::Code;
use crate::state::{
    Cleared, Digest, Document, Held, Kept, PlanFacts, PrepareError, Prepared, RunId, StateDir,
};

/// How long a held plan can be approved.
const APPROVABLE_HOURS: i64 = 48;

/// Goes through the targets one by one; one that is held or down never holds up another.
pub(super) fn targets(
    context: &Context<'_>,
    state: &StateDir,
    run: &RunId,
    reading: &Reading,
    night: &mut Night,
) -> Result<(), Failure> {
    night.exported = Some(reading.exported_at.to_zoned(context.now.time_zone().clone()));
    night.warnings = super::tell::warnings(&reading.register.issues);
    // Before anything may fail: the registers may have them under this key for the last time.
    state.know_again(&reading.by_hand.seen)?;
    for name in context.targets() {
        let aim = Aim::at(&context.loaded.config, name);
        let evening = Evening { context, state, run, reading, aim };
        let target = evening.target(night);
        (context.listener)(&Event::Done(&target));
        night.targets.push(target);
    }
    if clock::breach(context, state)?.is_none() {
        let telltales = &reading.register.protected.telltales;
        // Who was not shown after all may be hidden again tomorrow, and by then without a name.
        let none = BTreeSet::new();
        let all_sent = night.targets.iter().all(|target| target.outcome.is_sent());
        let told_again = if all_sent { &telltales.told_again } else { &none };
        state.keep_telltales(&telltales.there, told_again, context.now.timestamp())?;
    }
    let export = (Digest(reading.digest), reading.exported_at);
    night.left = super::tell::left(context, state, night, export);
    standing::remember(context, state, reading, night)
}

/// A night without usable exports: nothing is planned, but what an earlier run left open is
/// settled as far as looking goes.
pub(super) fn without_register(
    context: &Context<'_>,
    state: &StateDir,
    failure: Failure,
    night: &mut Night,
) {
    for name in context.targets() {
        let aim = Aim::at(&context.loaded.config, name);
        // What cannot be settled tonight stays open; the night's own fault is told regardless.
        let _settled = recover::look(context, state, &aim, night);
    }
    night.warnings = super::tell::warnings(&failure.issues);
    night.failure = Some(super::tell::failed(context, state, failure));
}

/// One target's part of a run.
pub(super) struct Evening<'e> {
    pub(super) context: &'e Context<'e>,
    pub(super) state: &'e StateDir,
    pub(super) run: &'e RunId,
    pub(super) reading: &'e Reading,
    pub(super) aim: Aim<'e>,
}

impl Evening<'_> {
    fn target(&self, night: &mut Night) -> TargetNight {
        let before = super::tell::nights_without(self.state, self.aim.name, &self.context.now);
        let mut told = self.blank();
        let outcome = no_panic(|| self.outcome(&mut told, night));
        let outcome = outcome.unwrap_or_else(|broken| self.broken_off(broken));
        told.outcome = outcome.unwrap_or_else(|failure| failed(failure, self.aim.name));
        told.nights_without = before + u32::from(!told.outcome.is_sent());
        told
    }

    /// A fault of the program stops one target only, and is told; what had left by then is for the
    /// next run to find out.
    pub(super) fn broken_off(&self, broken: Failure) -> Result<Outcome, Failure> {
        let open = self.state.unfinished(self.aim.name)?;
        if open.iter().any(|plan| plan.record().maybe_published) {
            let facts = broken.at_target(self.aim.name).facts;
            let straight = self.aim.target.written_straight();
            return Ok(Outcome::Unknown { facts: facts.text(Placeholder::File, straight) });
        }
        Err(broken)
    }

    /// The target's line in the mail, before anything is known.
    pub(super) fn blank(&self) -> TargetNight {
        let share = |limit: Option<Percent>| limit.map(Percent::in_thousandths);
        let limits = &self.aim.limits;
        TargetNight {
            name: self.aim.name.to_owned(),
            test: self.aim.receiver.environment == "test",
            outcome: Outcome::AlreadyDelivered,
            counts: None,
            limits: RemovalLimits {
                persons: share(limits.persons.share(Operation::Remove)),
                groups: share(limits.groups.share(Operation::Remove)),
                memberships: share(limits.memberships.share(Operation::Remove)),
                relations: share(limits.relations.share(Operation::Remove)),
            },
            documents: Vec::new(),
            protection: Protection::Nothing,
            past_filter: PastFilter::default(),
            waiting: None,
            nights_without: 0,
        }
    }

    fn outcome(&self, told: &mut TargetNight, night: &mut Night) -> Result<Outcome, Failure> {
        if let Some(outcome) = recover::recover(self, told, night)? {
            return Ok(outcome);
        }
        let again = self.delivered_already()?;
        if again && !self.something_may_go()? {
            self.judged()?;
            return Ok(Outcome::AlreadyDelivered);
        }
        self.refuse_older_export()?;
        let pause = self.pause()?;
        let mut planned = self.plan(Purpose::Tonight)?;
        let register = &self.reading.register;
        if elsewhere::protected_where_it_was(self.context, self.state, &self.aim, register)? {
            told.protection = Protection::NotDone;
        }
        if planned.plan.newly_protected > 0 {
            told.protection = Protection::NotDone;
            match self.protected_first(&planned, pause.is_some(), told)? {
                Some(outcome) if outcome.is_sent() => {
                    planned = self.plan(Purpose::Tonight)?;
                    if planned.plan.newly_protected == 0 {
                        told.protection = Protection::Done;
                    }
                }
                Some(outcome) => return Ok(outcome),
                None => {}
            }
        }
        told.counts = Some(planned.plan.feed.counts.clone());
        told.waiting = Some(self.waiting(&planned));
        night.warnings.extend(super::tell::warnings(&planned.plan.issues));
        (self.context.listener)(&Event::Planned(self.aim.name, &planned));
        if let Some(pause) = pause {
            self.state.supersede_held(self.aim.name, self.run)?;
            self.judged()?;
            return Ok(pause.outcome(planned.plan.verdict));
        }
        if let Some(missing) = guards::sentinel(&self.aim, &planned) {
            return self.come_to_nothing(missing);
        }
        if planned.plan.verdict == Verdict::Pass && !self.may_deliver() {
            self.state.supersede_held(self.aim.name, self.run)?;
            return Ok(Outcome::PlannedOnly);
        }
        if again && planned.plan.verdict == Verdict::Pass && planned.plan.is_unchanged() {
            if !planned.plan.waiting.to_release.is_empty() && !planned.against.doubtful {
                self.propose_release(told);
            }
            self.judged()?;
            return Ok(Outcome::AlreadyDelivered);
        }
        self.hold_or_send(told, planned)
    }

    /// The baseline was looked at tonight, and is not old.
    fn judged(&self) -> Result<(), Failure> {
        if clock::breach(self.context, self.state)?.is_none() {
            self.state.judged(self.aim.name, self.context.now.timestamp())?;
        }
        Ok(())
    }

    /// The end of an ordinary night: prepared, and held or delivered.
    fn hold_or_send(
        &self,
        told: &mut TargetNight,
        mut planned: Planned,
    ) -> Result<Outcome, Failure> {
        // Also of a plan that is held: who says yes to it must know what it would replace. That one
        // is not sent tonight, so a receiver that refuses us is no reason to say less.
        let why = match planned.plan.verdict {
            Verdict::Pass => Look::BeforeSending,
            Verdict::Hold(_) => Look::ForAPlanThatIsHeld,
        };
        match send::foreign_file(self, planned.against.baseline.as_ref(), why) {
            Ok(Some(name)) => planned.plan.also_held_for(Breach::ForeignFile { name }),
            Err(failure) if planned.plan.verdict == Verdict::Pass => return Err(failure),
            Ok(None) | Err(_) => {}
        }
        let unchanged = planned.plan.is_unchanged();
        let newly = planned.plan.newly_protected > 0;
        match self.prepare(&planned, self.facts(&planned))?.clear() {
            Ok(cleared) => {
                told.documents = sizes(cleared.documents());
                let outcome = self.deliver(cleared, unchanged)?;
                if newly && outcome.is_sent() {
                    told.protection = Protection::Done;
                }
                // Where a doubt has just ended, others than those on the list are missing, too.
                let to_release = !planned.plan.waiting.to_release.is_empty();
                if outcome.is_sent() && to_release && !planned.against.doubtful {
                    self.propose_release(told);
                }
                Ok(outcome)
            }
            Err(held) => Ok(self.held(&held, planned.plan.verdict)),
        }
    }

    pub(super) fn plan(&self, purpose: Purpose) -> Result<Planned, Failure> {
        let Context { loaded, now, .. } = self.context;
        let rules = loaded.rules(self.aim.name);
        let occasion = Occasion { reading: self.reading, now, rules: &rules, purpose };
        let planned = plan_target(self.state, &self.aim, &occasion)?;
        let planned = clock::hold(self.context, self.state, planned)?;
        // What a broken column hides, or a night by a wrong clock, is not to be hidden for good.
        if !in_doubt(&planned.plan.verdict) {
            self.state.remember_telltales(&planned.plan.telltales, now.timestamp())?;
            let found = &self.reading.register.protected.telltales.found;
            self.state.remember_telltales(found, now.timestamp())?;
        }
        Ok(planned)
    }

    /// Written down without any file, so that there is nothing to approve.
    fn come_to_nothing(&self, why: Failure) -> Result<Outcome, Failure> {
        self.state.supersede_held(self.aim.name, self.run)?;
        let begun = self.state.begin(self.aim.name, self.run, &self.context.now)?;
        begun.fail(why.code)?;
        self.judged()?;
        Err(why)
    }

    /// Within the hours for delivery, or told to disregard them.
    pub(super) fn may_deliver(&self) -> bool {
        let hours = self.context.loaded.config.schedule.deliver_between;
        self.context.outside_hours
            || hours.is_none_or(|hours| hours.contain(self.context.now.time()))
    }

    /// Writes the plan's files, reads them back, and writes the plan down with its verdict.
    pub(super) fn prepare(&self, planned: &Planned, facts: PlanFacts) -> Result<Prepared, Failure> {
        let (format, plan) = (&self.aim.target.format, &planned.plan);
        let begun = self.state.begin(self.aim.name, self.run, &self.context.now)?;
        let prepared = begun.prepare(
            facts,
            |name, out| format.write(&plan.feed.roster, &self.context.now, name, out),
            |out| snapshot::write(&plan.feed.roster, &Header::of(&plan.feed.roster), out),
            |out| out.write_all(plan.changes.as_bytes()),
            |out| {
                out.write_all(pending::write(&plan.pending, &plan.gone, &plan.archived).as_bytes())
            },
            |documents| {
                (self.context.listener)(&Event::Written(self.aim.name, documents));
                rehearse_files(planned, &self.aim, documents)?;
                (self.context.listener)(&Event::Rehearsed(self.aim.name));
                Ok(())
            },
        );
        prepared.map_err(|error| match error {
            PrepareError::State(error) => error.into(),
            PrepareError::ReadBack(failure) => failure,
        })
    }

    pub(super) fn facts(&self, planned: &Planned) -> PlanFacts {
        let counts = &planned.plan.feed.counts;
        let expires = self.context.now.timestamp() + Span::new().hours(APPROVABLE_HOURS);
        PlanFacts {
            receiver: self.aim.receiver.clone(),
            format_digest: Digest(self.aim.target.digest()),
            key_rules: snapshot::KEY_RULES.to_owned(),
            config_digest: Digest::of(self.context.loaded.digest(self.aim.name).as_bytes()),
            export_digest: Digest(self.reading.digest),
            exported_at: self.reading.exported_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            counts: Kept::of(counts),
            verdict: Kept::of(&planned.plan.verdict),
            baseline: planned.against.baseline.clone(),
            first_delivery: planned.against.first_delivery,
            removals: removals(planned),
            persons: counts.persons.now,
            expires,
            rules: planned.rules.clone(),
            marked: Some(self.reading.register.protected.marked),
            withdrawal: false,
        }
    }

    pub(super) fn deliver(&self, cleared: Cleared, unchanged: bool) -> Result<Outcome, Failure> {
        let way = Way { context: self.context, state: self.state, aim: &self.aim };
        send::deliver(&way, cleared, unchanged)
    }

    pub(super) fn held(&self, held: &Held, verdict: Verdict) -> Outcome {
        let record = held.record();
        let expires = record.facts.as_ref().map_or(Timestamp::MAX, |facts| facts.expires);
        Outcome::Held {
            plan: record.id.to_string(),
            breaches: match verdict {
                Verdict::Hold(breaches) => breaches,
                Verdict::Pass => Vec::new(),
            },
            expires: self.local(expires),
        }
    }

    pub(super) fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.context.now.time_zone().clone())
    }
}

/// Whether a plan was held because tonight's markings or clock are in doubt.
fn in_doubt(verdict: &Verdict) -> bool {
    let doubts = |b: &Breach| b.doubts_markings() || matches!(b, Breach::Clock { .. });
    matches!(verdict, Verdict::Hold(breaches) if breaches.iter().any(doubts))
}

/// The number that a person confirms: of the largest kind of thing that would be removed, and
/// under changed format settings everything that the receiver would see as gone by its own keys.
fn removals(planned: &Planned) -> u64 {
    if let Verdict::Hold(breaches) = &planned.plan.verdict {
        let seen = breaches.iter().find_map(|breach| match breach {
            Breach::EncodingChanged { removed, .. } if *removed > 0 => Some(*removed),
            _ => None,
        });
        if let Some(removed) = seen {
            return removed;
        }
    }
    let counts = &planned.plan.feed.counts;
    let kinds = [counts.persons, counts.groups, counts.memberships, counts.relations];
    let tonight = kinds.iter().map(|tally| tally.removed).find(|&removed| removed > 0);
    tonight.unwrap_or(0) + listed(&planned.plan.verdict)
}

/// What stands on the lists that a person releases for later nights.
fn listed(verdict: &Verdict) -> u64 {
    let Verdict::Hold(breaches) = verdict else { return 0 };
    let lists = breaches.iter().filter_map(|breach| match breach {
        Breach::Release {
            persons,
            groups,
            memberships,
            schools,
            relations,
            per_night: Some(_),
            ..
        } => Some([*persons, *groups, *memberships, *relations, *schools]),
        _ => None,
    });
    let none = [0; 5];
    let sum = lists.fold(none, |sum, list| [0, 1, 2, 3, 4].map(|kind| sum[kind] + list[kind]));
    sum.into_iter().find(|&number| number > 0).unwrap_or(0)
}

pub(super) fn sizes(documents: &[Document]) -> Vec<(String, u64)> {
    documents.iter().map(|document| (document.name.clone(), document.size)).collect()
}

/// Does something; a fault of the program in it is a failure like others. Its text is dropped: it
/// may hold a value, and values are about children.
pub(super) fn no_panic<T>(task: impl FnOnce() -> T) -> Result<T, Failure> {
    // What a panic leaves half done is on disk as after a crash, and handled as such.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(task));
    done.map_err(|_| Failure::new(Code(901), Facts::new()))
}

/// A target's part that came to nothing.
pub(super) fn failed(failure: Failure, target: &str) -> Outcome {
    let failure = failure.at_target(target);
    Outcome::Failed { code: failure.code, facts: failure.facts, attempts: None }
}
