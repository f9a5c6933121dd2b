//! One person out of every receiver at once, by hand: rule 19. Windows, pauses, the filter and the
//! hours of delivery do not count here; whatever casts doubt on what a receiver holds does.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::find::as_keys;
use super::last_file::stored;
use super::meant::{Meant, UNKNOWN_KEY, meant};
use super::protected_first::past_filter;
use super::read::Reading;
use super::send::Look;
use super::target::{Against, Aim, OLDEST_BASELINE_DAYS, Planned, days_since, pending_of};
use super::tonight::{Evening, failed, no_panic, sizes};
use super::{
    Context, Event, elsewhere, finish, guards, other_name, recover, run_start, send, tell,
};
use crate::formats::snapshot::KEY_RULES;
use crate::notify::catalogue::{Facts, Placeholder, short};
use crate::notify::language::Language;
use crate::notify::night::{Night, Note, Outcome, Protection, TargetNight};
use crate::notify::sentence::code_of;
use crate::pipeline::by_hand::Found;
use crate::pipeline::plan::{Model, Plan, Purpose, Register};
use crate::pipeline::protect::Protected;
use crate::pipeline::verdict::{Breach, Verdict};
use crate::pipeline::withdrawal::{Leaving, guardians_unheard_of, telltales, there};
use crate::roster::code::Code;
use crate::roster::roster::Roster;
use crate::state::{BaselineRecord, Delivered, Digest, RunEnd, RunId, StateDir, Withdrawn};

/// RG369: what a receiver holds is in doubt, or would be read otherwise now.
pub(super) const IN_DOUBT: Code = Code(369);

/// Who is to be withdrawn, and on whose word.
pub struct Asked<'a> {
    /// The person's key.
    pub key: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who asks.
    pub who: &'a str,
}

/// What became of it at one receiver.
pub enum Went {
    /// Its last file went out again without the person, or that failed.
    Tried(Box<TargetNight>),
    /// Its last file does not have the person.
    NotThere,
    /// It was never sent anything by us: what it holds is not known.
    Never,
}

/// A withdrawal that is written down, whatever became of it at the receivers.
pub struct Done {
    /// What the mail tells.
    pub night: Night,
    /// Every receiver, in the order of the configuration.
    pub targets: Vec<(String, Went)>,
    /// Why the registers could not be read, where they could not.
    pub unread: Option<Failure>,
    /// How many guardians left each receiver's file with the person, who were nobody else's.
    pub guardians: BTreeMap<String, u64>,
}

/// Withdraws a person: written down first, so that no file of ours has them from now on, then out
/// of every receiver's last file.
///
/// # Errors
/// RG365 when neither the registers nor any receiver's last file know the key: nothing is written
/// down then. When the logbook cannot be used.
pub fn withdraw(context: &Context<'_>, asked: &Asked<'_>) -> Result<Done, Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    let _lock = state.lock("withdraw", &context.now)?;
    let Meant { key, known_by, keys, read } = meant(context, &state, asked.key)?;
    let run = state.begin_run(&run_start(context, "withdraw"), &context.now)?.id;
    let mut night = tell::begin(context, &state, &run)?;
    let at = context.now.timestamp();
    let (reason, who) = (asked.reason.into(), asked.who.into());
    let alone = known_by.keys.iter().chain([&key]).cloned().collect();
    state.withdraw(&Withdrawn { key, reason, who, at, known_by }, &run)?;
    night.notes.push(Note::Withdrawn);
    let unread = read.as_ref().err().cloned();
    let reading = read.unwrap_or_else(|_| keys_alone(context, &keys));
    let (state, run, keys, read) = (&state, &run, &keys, unread.is_none());
    let guardians = RefCell::default();
    let by_hand = ByHand { context, state, run, keys, reading: &reading, read, guardians };
    let mut targets = Vec::new();
    for name in context.targets() {
        let went = by_hand.target(name, &mut night);
        if let Went::Tried(told) = &went {
            (context.listener)(&Event::Done(told));
            night.targets.push((**told).clone());
        }
        if matches!(went, Went::Never) {
            night.notes.push(Note::HoldsUnknown { target: name.to_owned() });
        }
        targets.push((name.to_owned(), went));
    }
    for told in elsewhere::forgotten(context, state, &alone)? {
        night.targets.push(told.clone());
        targets.push((told.name.clone(), Went::Tried(Box::new(told))));
    }
    let guardians = by_hand.guardians.into_inner();
    finish(context, state, run, &mut night)?;
    super::signals::metrics(context, state, &night, &super::signals::Stages::default());
    Ok(Done { night, targets, unread, guardians })
}

/// Undoes a withdrawal: the next run tells again what the registers say.
///
/// # Errors
/// RG365 when no person with this key is withdrawn. When the logbook cannot be used.
pub fn undo(context: &Context<'_>, asked: &Asked<'_>) -> Result<(), Failure> {
    let state = StateDir::open(context.state_path(), &context.now)?;
    let _lock = state.lock("withdraw", &context.now)?;
    let typed = as_keys(context, asked.key);
    let by_hand = state.by_hand()?;
    let withdrawn: BTreeSet<&String> =
        typed.iter().flat_map(|typed| by_hand.known_as(typed)).collect();
    if withdrawn.is_empty() {
        let facts = Facts::new();
        let (sv, en) = ("ingen sådan person är borttagen för hand", "no such person is withdrawn");
        return Err(Failure::new(UNKNOWN_KEY, facts.words(Placeholder::Detail, sv, en)));
    }
    let run = state.begin_run(&run_start(context, "undo"), &context.now)?.id;
    let at = context.now.timestamp();
    for key in &withdrawn {
        state.undo_withdrawal(key, asked.who, asked.reason, &run, at)?;
    }
    state.note_receipt(&run)?;
    let end = RunEnd { at, result: "undone".to_owned(), exit: super::exit::DONE };
    state.finish_run(&run, end)?;
    Ok(state.no_mail(&run)?)
}

/// What is known when the registers cannot be read.
fn keys_alone(context: &Context<'_>, keys: &BTreeSet<String>) -> Reading {
    let protected = Protected::by_hand_alone(keys);
    Reading {
        register: Register {
            roster: Roster::default(),
            protected,
            set_aside: BTreeSet::new(),
            rows: 0,
            persons_read: 0,
            garbled_names: 0,
            issues: Vec::new(),
        },
        digest: [0; 32],
        exported_at: context.now.timestamp(),
        marks: BTreeMap::new(),
        by_hand: Found::default(),
    }
}

/// A withdrawal on its way through the receivers.
struct ByHand<'w> {
    context: &'w Context<'w>,
    state: &'w StateDir,
    run: &'w RunId,
    keys: &'w BTreeSet<String>,
    reading: &'w Reading,
    /// Whether `reading` is the registers' and not the keys alone.
    read: bool,
    /// How many guardians leave with the person, by receiver.
    guardians: RefCell<BTreeMap<String, u64>>,
}

impl ByHand<'_> {
    fn target(&self, name: &str, night: &mut Night) -> Went {
        let Self { context, state, run, reading, .. } = *self;
        let aim = Aim::at(&context.loaded.config, name);
        let evening = Evening { context, state, run, reading, aim };
        let mut told = evening.blank();
        let went = no_panic(|| self.last_file(&evening, &mut told, night));
        let outcome = match went.unwrap_or_else(|broken| evening.broken_off(broken).map(Ok)) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(nothing)) => return nothing,
            Err(failure) => failed(failure, evening.aim.name),
        };
        told.protection = if outcome.is_sent() { Protection::Done } else { Protection::NotDone };
        told.outcome = outcome;
        Went::Tried(Box::new(told))
    }

    /// Delivers the last file without the person; or says why there is nothing to deliver.
    fn last_file(
        &self,
        evening: &Evening<'_>,
        told: &mut TargetNight,
        night: &mut Night,
    ) -> Result<Result<Outcome, Went>, Failure> {
        let aim = &evening.aim;
        recover::look(self.context, self.state, aim, night)?;
        let last = match self.state.baseline(aim.name)? {
            BaselineRecord::Unknown { .. } => return Err(in_doubt(Code(338))),
            BaselineRecord::NeverDelivered => return Ok(Err(Went::Never)),
            BaselineRecord::Delivered(last) => last,
        };
        let others = other_name::since(self.state, aim, Some(&last.plan))?;
        if !others.is_empty() {
            let asked = (&others[..], self.keys);
            let now = self.context.now.timestamp();
            other_name::refuse_if_there(self.state, aim, &last, asked, now)?;
            return Ok(Err(Went::NotThere));
        }
        let path = self.state.snapshot(&last)?.path;
        let file = stored(&path)?;
        let gone = there(&file, self.keys);
        if gone.is_empty() {
            let moved = !last.receiver.moved(&aim.receiver).is_empty();
            return Ok(Err(if moved { Went::Never } else { Went::NotThere }));
        }
        // Before anything may fail: no plan that waits says yes to a group that is hidden now.
        let hidden = telltales(&file, &gone);
        self.state.remember_telltales(&hidden, self.context.now.timestamp())?;
        elsewhere::in_a_file(&last, aim).map_or(Ok(()), Err)?;
        self.refuse(evening, &last)?;
        let (protected, tonight) = self.protected(evening, &file, gone)?;
        let against = Against {
            snapshots: vec![path],
            pending: pending_of(self.state, &last.plan)?,
            doubtful: false,
            baseline: Some(last.plan.clone()),
            first_delivery: false,
            rules: guards::rules_of(self.state, Some(&last.plan))?,
            marked: guards::marked_at(self.state, Some(&last.plan))?,
        };
        let planned = reduced(evening, against, &protected, &tonight)?;
        self.deliver(evening, &planned, told).map(Ok)
    }

    /// What stands at the receiver must be the last file, and be read as it was when it was sent.
    fn refuse(&self, evening: &Evening<'_>, last: &Delivered) -> Result<(), Failure> {
        let now = &self.context.now;
        let other_format = last.format_digest != Digest(evening.aim.target.digest());
        let days = i64::from(days_since(last.judged_at, now));
        let why = match () {
            () if other_format => 335,
            () if last.key_rules != KEY_RULES => 348,
            () if days > i64::from(OLDEST_BASELINE_DAYS) => 347,
            () if send::foreign_file(evening, Some(&last.plan), Look::BeforeSending)?.is_some() => {
                339
            }
            () => return Ok(()),
        };
        Err(in_doubt(Code(why)))
    }

    /// Everybody who leaves with the person, and the registers' word on those who stay. A flood of
    /// markings is no reason to keep this one person, nor to let the others go.
    fn protected(
        &self,
        evening: &Evening<'_>,
        file: &Roster,
        gone: BTreeSet<String>,
    ) -> Result<(Protected, Roster), Failure> {
        let alone = || Protected::by_hand_alone(self.keys);
        let planned = if self.read { evening.plan(Purpose::Tonight).ok() } else { None };
        let (mut protected, tonight) = match planned {
            None => (alone(), Roster::default()),
            Some(Planned { plan, protected, .. }) => {
                let breaches = match plan.verdict {
                    Verdict::Hold(breaches) => breaches,
                    Verdict::Pass => Vec::new(),
                };
                let forbids = |b: &&Breach| !b.permits_withdrawal() && !b.doubts_markings();
                let doubt = breaches.iter().find(forbids);
                if let Some(breach) = doubt {
                    return Err(in_doubt(code_of(breach)));
                }
                let flooded = breaches.iter().any(Breach::doubts_markings);
                (if flooded { alone() } else { protected }, plan.feed.roster)
            }
        };
        // Not by what would be told: that may hold whoever waits for a window to end.
        let guardians = guardians_unheard_of(file, &gone, &self.reading.register);
        protected.excluded.extend(gone);
        let leaving = (evening.aim.name.to_owned(), guardians.len() as u64);
        self.guardians.borrow_mut().extend([leaving]);
        protected.excluded.extend(guardians);
        Ok((protected, tonight))
    }

    fn deliver(
        &self,
        evening: &Evening<'_>,
        planned: &Planned,
        told: &mut TargetNight,
    ) -> Result<Outcome, Failure> {
        let mut facts = evening.facts(planned);
        facts.withdrawal = true;
        facts.marked = planned.against.marked;
        // It tells an earlier export again: the next one is still to be delivered.
        if let Some(last) = self.state.last_published(evening.aim.name)? {
            (facts.export_digest, facts.exported_at) = (last.export_digest, last.exported_at);
        }
        let now = self.context.now.timestamp();
        self.state.remember_telltales(&planned.plan.telltales, now)?;
        let cleared = evening.prepare(planned, facts)?.clear();
        let cleared = cleared.map_err(|_| Failure::detail(Code(901), "a withdrawal was held"))?;
        told.documents = sizes(cleared.documents());
        let outcome = evening.deliver(cleared, false)?;
        if outcome.is_sent() {
            told.past_filter = past_filter(&planned.plan);
        }
        Ok(outcome)
    }
}

fn reduced(
    evening: &Evening<'_>,
    against: Against,
    protected: &Protected,
    tonight: &Roster,
) -> Result<Planned, Failure> {
    let target = evening.aim.target;
    let carried = target.selection().allowed(target.format.carried());
    let plan = against.with_model(|model| match model {
        Model::Known(open) => {
            let pending = &against.pending;
            let archives = &target.archives;
            let limits = &evening.aim.limits;
            let leaving = Leaving { carried, protected, tonight, pending, archives, limits };
            Ok(Plan::withdrawal(open, &leaving)?)
        }
        Model::Nothing | Model::AnyOf(_) => Err(in_doubt(Code(338))),
    })?;
    // It is told as it was: its rules go on.
    let rules = against.rules.clone();
    Ok(Planned { plan, against, rules, protected: protected.clone() })
}

fn in_doubt(why: Code) -> Failure {
    let says = |language| short(why, language).unwrap_or_default();
    let (sv, en) = (says(Language::Sv), says(Language::En));
    elsewhere::in_doubt(&format!("{sv}, {why}"), &format!("{en}, {why}"))
}
