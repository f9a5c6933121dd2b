//! One target's plan: its baseline fetched from the logbook, the pure pipeline run on it.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use super::failure::Failure;
use super::guards;
use super::last_file::{stored, told_before};
use super::other_name;
use super::read::Reading;
use crate::config::Config;
use crate::config::target::Target;
use crate::formats::snapshot::KEY_RULES;
use crate::pipeline::archive::Archive;
use crate::pipeline::delay::Calendar;
use crate::pipeline::flood::Marked;
use crate::pipeline::pending::{self, Gone, Pending};
use crate::pipeline::plan::{
    Input, Model, NamedBytes, OpenSnapshot, Plan, Purpose, Register, plan, rehearse,
};
use crate::pipeline::protect::Protected;
use crate::pipeline::rules::{Made, Rules};
use crate::pipeline::safety::{Circumstances, Limits};
use crate::pipeline::season::Season;
use crate::pipeline::telltale::{self, Telltales};
use crate::pipeline::verdict::{Breach, Verdict};
use crate::pipeline::waiting::Waiting;
use crate::pipeline::withdrawal;
use crate::roster::code::Code;
use crate::state::{
    BaselineRecord, Delivered, Digest, Document, Kept, PlanId, ReceiverBinding, StateReader,
};

/// A baseline that no run has judged against for so long comes from a restored backup.
pub(super) const OLDEST_BASELINE_DAYS: i32 = 7;

/// One target, its part of the configuration resolved.
pub struct Aim<'c> {
    /// Its name.
    pub name: &'c str,
    /// Its settings.
    pub target: &'c Target,
    /// Its limits, with nothing left open.
    pub limits: Limits,
    /// The configuration that it stands in.
    pub config: &'c Config,
    /// Whom it tells.
    pub receiver: ReceiverBinding,
}

impl<'c> Aim<'c> {
    /// The target of a name that stands in the configuration.
    pub fn at(config: &'c Config, name: &'c str) -> Aim<'c> {
        let target = &config.target[name];
        let limits = Limits::resolve(&target.limits, &config.limits);
        Aim { name, target, limits, config, receiver: receiver(target) }
    }

    /// What the calendar says for it.
    pub fn season(&self, today: Date) -> Season {
        self.config.season(self.name, today)
    }
}

/// Whom a target tells: a baseline holds only for this receiver.
fn receiver(target: &Target) -> ReceiverBinding {
    let way = target.deliver.receiver();
    let kind = target.format.binding();
    ReceiverBinding {
        environment: target.environment.as_str().to_owned(),
        host: way.host,
        user: way.user,
        folder: way.folder,
        format: kind.split(':').next().unwrap_or_default().to_owned(),
        files: target.format.document_names(),
    }
}

/// When and for what a plan is made.
#[derive(Clone, Copy)]
pub struct Occasion<'o> {
    /// What the registers say.
    pub reading: &'o Reading,
    /// The time, in the site's zone.
    pub now: &'o Zoned,
    /// What beside the registers decides what is told.
    pub rules: &'o Rules,
    /// What it is for.
    pub purpose: Purpose,
}

/// A plan, and what it was judged against.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What the target was last told, as far as it counts for this receiver.
    pub against: Against,
    /// The rules to keep with it; `None` when nothing is known of them.
    pub rules: Option<Kept<Rules>>,
    /// Who is protected as far as this target was told them, also under earlier keys.
    pub protected: Protected,
}

/// What a plan is compared with.
#[derive(Clone)]
pub struct Against {
    /// Every snapshot that the receiver may hold: none, one, or several.
    pub snapshots: Vec<PathBuf>,
    /// What stands in them although it is missing from the registers.
    pub pending: Vec<Pending>,
    /// Whether more than one may be right.
    pub doubtful: bool,
    /// The delivered plan, where there is one.
    pub baseline: Option<PlanId>,
    /// Whether a person must confirm the number of persons instead of removals.
    pub first_delivery: bool,
    /// The rules by which the baseline was made, where they are known.
    pub rules: Option<Kept<Rules>>,
    /// How many persons the registers marked then, where that is known.
    pub marked: Option<u64>,
}

impl Against {
    /// What is known of markings, when tonight's are read by `now`.
    fn marked(&self, now: &Rules) -> Marked {
        let other = |before: &Rules| {
            (&before.sources, &before.protection) != (&now.sources, &now.protection)
        };
        let otherwise = self.rules.as_ref().and_then(Kept::read).is_some_and(|rules| other(&rules));
        Marked { before: self.marked, otherwise, ..Marked::default() }
    }

    /// Runs `with` on the model of the receiver that these snapshots are.
    pub fn with_model<T>(&self, with: impl FnOnce(Model<'_>) -> T) -> T {
        let open = |path: &PathBuf| {
            let path = path.clone();
            move || -> io::Result<Box<dyn Read>> { Ok(Box::new(File::open(&path)?)) }
        };
        let opened: Vec<_> = self.snapshots.iter().map(open).collect();
        let lent: Vec<OpenSnapshot<'_>> =
            opened.iter().map(|open| open as OpenSnapshot<'_>).collect();
        match lent[..] {
            [] => with(Model::Nothing),
            [one] if !self.doubtful => with(Model::Known(one)),
            _ => with(Model::AnyOf(&lent)),
        }
    }
}

/// Makes one target's plan against what the logbook says it was last told.
///
/// # Errors
/// When the baseline is damaged or the data cannot be told in the target's format.
pub fn plan_target(
    reader: &StateReader,
    aim: &Aim<'_>,
    occasion: &Occasion<'_>,
) -> Result<Planned, Failure> {
    let register = &occasion.reading.register;
    let mut planned = plan_with(reader, aim, occasion, register)?;
    let before = told_before(&planned, register)?;
    let mut register = Cow::Borrowed(register);
    if !before.is_empty() {
        register.to_mut().protected.also_told_before(&before);
        planned = plan_with(reader, aim, occasion, &register)?;
    }
    if planned.plan.newly_protected == 0 {
        return Ok(planned);
    }
    // The last file may say more of them than tonight's registers do.
    let (told, protected) = (&planned.plan.feed.roster, &register.protected);
    let mut found = Telltales::new();
    for path in &planned.against.snapshots {
        let last = stored(path)?;
        let mut gone = withdrawal::under_their_own(&last, protected, told);
        gone.extend(protected.excluded.iter().cloned());
        telltale::add(&mut found, withdrawal::telltales(&last, &gone));
    }
    let mut found = telltale::rename(found, &before);
    let keys = aim.target.selection().group_keys;
    if let Some(without) = telltale::without(&register, told, &mut found, &keys) {
        drop(planned);
        planned = plan_with(reader, aim, occasion, &without)?;
    }
    planned.plan.telltales = found;
    Ok(planned)
}

fn plan_with(
    reader: &StateReader,
    aim: &Aim<'_>,
    occasion: &Occasion<'_>,
    register: &Register,
) -> Result<Planned, Failure> {
    let Occasion { now, rules, purpose, .. } = *occasion;
    let baseline = reader.baseline(aim.name)?;
    let known = other_name::known(reader, aim, &baseline)?;
    let against = against(reader, &baseline, &known)?;
    let keys = reader.archived(aim.name)?;
    let around = Circumstances {
        archive: Archive { kinds: aim.target.archives.clone(), keys },
        week: guards::week(reader, aim, now)?,
        marked: against.marked(rules),
        last_for: last_for(reader, aim, &baseline, &known)?,
        ..circumstances(&baseline, &known, aim, now)
    };
    let format = &aim.target.format;
    let files = written_otherwise(reader, aim, &known)?;
    let payload = || open_documents(files.as_deref().unwrap_or_default());
    let (selection, today) = (aim.target.selection(), now.date());
    let season = aim.season(today);
    let open = season.holding();
    let limits = open.map_or(aim.limits.clone(), |open| aim.limits.clone().in_window(&open.add));
    let make = |purpose| {
        against.with_model(|model| {
            let around = around.clone();
            plan(Input {
                register,
                selection: &selection,
                format,
                limits: &limits,
                model,
                other_encoding: files.is_some().then_some(&payload as _),
                around,
                calendar: Calendar { season: &season, pending: &against.pending, today },
                purpose,
            })
        })
    };
    let apart = |plan: &mut Plan| {
        against.with_model(|model| {
            let group_keys = &selection.group_keys;
            let made = Made { register, format, group_keys, model, today };
            guards::told_apart(plan, against.rules.as_ref(), rules, &made)
        })
    };
    let mut plan = make(purpose).map_err(Failure::from)?;
    let mut kept = apart(&mut plan)?;
    // What waited goes by itself only where nothing else is to be decided about the night.
    if purpose == Purpose::Tonight && held_for_rules(&plan) && !against.pending.is_empty() {
        plan = make(Purpose::Keep).map_err(Failure::from)?;
        kept = apart(&mut plan)?;
    }
    Ok(Planned { plan, against, rules: Some(kept), protected: register.protected.clone() })
}

/// The payload that the receiver holds, where it was written by other settings than today's.
fn written_otherwise(
    reader: &StateReader,
    aim: &Aim<'_>,
    known: &[&Delivered],
) -> Result<Option<Vec<Document>>, Failure> {
    let today = Digest(aim.target.digest());
    let other = known.iter().find(|told| told.format_digest != today);
    Ok(other.map(|told| reader.payload(told)).transpose()?)
}

fn held_for_rules(plan: &Plan) -> bool {
    let rules = |breach: &Breach| matches!(breach, Breach::ConfigurationRemoves { .. });
    matches!(&plan.verdict, Verdict::Hold(breaches) if breaches.iter().any(rules))
}

fn against(
    reader: &StateReader,
    baseline: &BaselineRecord,
    known: &[&Delivered],
) -> Result<Against, Failure> {
    let mut against = Against {
        snapshots: Vec::new(),
        pending: Vec::new(),
        doubtful: matches!(baseline, BaselineRecord::Unknown { .. }),
        baseline: known.first().map(|told| told.plan.clone()),
        first_delivery: known.is_empty() || known.iter().any(|told| told.adopted),
        rules: guards::rules_of(reader, known.first().map(|told| &told.plan))?,
        marked: guards::marked_at(reader, known.first().map(|told| &told.plan))?,
    };
    for told in known {
        against.snapshots.push(reader.snapshot(told)?.path);
        against.pending.extend(pending_of(reader, &told.plan)?);
    }
    against.pending.sort_by(|a, b| (a.kind, &a.identity).cmp(&(b.kind, &b.identity)));
    against.pending.dedup_by(|a, b| (a.kind, &a.identity) == (b.kind, &b.identity));
    Ok(against)
}

/// What waits at a receiver by what it was last told, for `status`.
///
/// # Errors
/// When the logbook cannot be read.
pub fn waiting_at(reader: &StateReader, aim: &Aim<'_>, today: Date) -> Result<Waiting, Failure> {
    let baseline = reader.baseline(aim.name)?;
    let last = baseline.candidates().last().map(|told| pending_of(reader, &told.plan));
    Ok(Waiting::of_list(&last.transpose()?.unwrap_or_default(), &aim.season(today)))
}

/// What a delivered plan says of waiting removals; nothing where it was adopted.
pub(super) fn pending_of(reader: &StateReader, plan: &PlanId) -> Result<Vec<Pending>, Failure> {
    pending::read(&pending_text(reader, plan)?)
        .map_err(|error| Failure::detail(error.code(), error.to_string()))
}

/// What a plan removes, and why.
///
/// # Errors
/// When its stored list cannot be read.
pub(super) fn gone_of(reader: &StateReader, plan: &PlanId) -> Result<Vec<Gone>, Failure> {
    Ok(pending::gone(&pending_text(reader, plan)?))
}

fn pending_text(reader: &StateReader, plan: &PlanId) -> Result<String, Failure> {
    let Some(path) = reader.pending(plan)? else { return Ok(String::new()) };
    fs::read_to_string(&path).map_err(|error| Failure::detail(Code(502), error.to_string()))
}

/// The target of another name whose file the receiver was given last, where nothing is known of
/// this one's.
fn last_for(
    reader: &StateReader,
    aim: &Aim<'_>,
    baseline: &BaselineRecord,
    known: &[&Delivered],
) -> Result<Option<String>, Failure> {
    if !known.is_empty() {
        return Ok(None);
    }
    let others = other_name::since_told(reader, aim, baseline)?;
    Ok(others.into_iter().next().map(|other| other.target))
}

fn circumstances(
    baseline: &BaselineRecord,
    known: &[&Delivered],
    aim: &Aim<'_>,
    now: &Zoned,
) -> Circumstances {
    let moved = || {
        let last = baseline.candidates();
        last.last().map(|told| told.receiver.moved(&aim.receiver)).unwrap_or_default()
    };
    Circumstances {
        first_delivery: known.is_empty().then(moved),
        adopted: known.iter().any(|told| told.adopted),
        key_rules_changed: known.iter().any(|told| told.key_rules != KEY_RULES),
        baseline_old: known
            .iter()
            .map(|told| days_since(told.judged_at, now))
            .max()
            .filter(|&days| i64::from(days) > i64::from(OLDEST_BASELINE_DAYS)),
        ..Circumstances::default()
    }
}

pub(super) fn days_since(then: Timestamp, now: &Zoned) -> u32 {
    let hours = now.timestamp().duration_since(then).as_hours();
    u32::try_from(hours / 24).unwrap_or(0)
}

/// Opens finished files for reading.
pub fn open_documents(documents: &[Document]) -> io::Result<Vec<NamedBytes<'static>>> {
    let open = |document: &Document| -> io::Result<NamedBytes<'static>> {
        let bytes = BufReader::with_capacity(256 * 1024, File::open(&document.path)?);
        Ok((document.name.clone(), Box::new(bytes)))
    };
    documents.iter().map(open).collect()
}

/// Reads finished files back and applies them to the model of the receiver.
///
/// # Errors
/// When the files would not do exactly what the plan says.
pub fn rehearse_files(
    planned: &Planned,
    aim: &Aim<'_>,
    documents: &[Document],
) -> Result<(), Failure> {
    let files =
        open_documents(documents).map_err(|error| Failure::detail(Code(413), error.to_string()))?;
    let rehearsed = planned
        .against
        .with_model(|model| rehearse(&planned.plan, &aim.target.format, model, files));
    rehearsed.map_err(|(code, detail)| Failure::detail(code, detail))
}
