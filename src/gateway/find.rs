//! The way of one key: from the register's rows through the rules to each target, tonight and over
//! the stored nights. Looks only: no lock, nothing written, and nothing that names anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::failure::Failure;
use super::read::{Reading, Watched, read_watching};
use super::target::{Aim, Occasion, plan_target};
use super::unknown_key::unknown;
use super::{Context, standing};
use crate::formats::snapshot::Reader;
use crate::pipeline::pending::Pending;
use crate::pipeline::plan::Purpose;
use crate::pipeline::protect::Protected;
use crate::pipeline::select::Reasons;
use crate::pipeline::trace::{self, ByKind, SchoolNames, Seen, Standing, Withheld, school_names};
use crate::pipeline::verdict::Verdict;
use crate::roster::code::Code;
use crate::roster::draft::Marking;
use crate::roster::issue::Issue;
use crate::roster::sighting::Sighting;
use crate::roster::words::Kind;
use crate::sources::SourceKind;
use crate::state::{Delivered, PlanId, PlanRecord, PlanState, StateDir, StateReader};

/// What became of one key.
pub struct Found {
    /// Why tonight's registers could not be used, if they could not.
    pub unread: Option<Failure>,
    /// The rows about it, in their order.
    pub rows: Vec<Row>,
    /// What bears it: each school, person or group by its kind.
    pub bearers: BTreeMap<Kind, Bearer>,
}

/// One row of an export.
pub struct Row {
    /// Where, and what it was read as.
    pub sighting: Sighting,
    /// Remarks on this row, by code and column.
    pub remarks: BTreeSet<(Code, Option<String>)>,
}

/// One school, person or group.
#[derive(Default)]
pub struct Bearer {
    /// What tonight's register says of it, where it is not kept from every target.
    pub register: Option<Seen>,
    /// What keeps it from every target.
    pub withheld: Option<Withheld>,
    /// How it stands at each target.
    pub targets: BTreeMap<String, AtTarget>,
}

/// How something stands at one target.
#[derive(Default)]
pub struct AtTarget {
    /// Tonight; `None` where tonight's registers could not be used.
    pub tonight: Option<Result<Tonight, Failure>>,
    /// What the receiver holds, as far as it is known: more than one while an outcome is unknown.
    pub holds: Vec<Holds>,
    /// The stored nights, newest first.
    pub nights: Vec<Nights>,
    /// Stored nights whose files could not be read.
    pub unreadable: u32,
}

/// What a run would do now.
pub struct Tonight {
    /// What it would tell.
    pub standing: Standing,
    /// What is written down of it where it is missing and must wait before it is removed.
    pub waits: Option<Pending>,
    /// Whether the safety filter would stop the file.
    pub held: bool,
    /// Whether it is not known which of several files the receiver holds: then everything that
    /// either holds is told again.
    pub doubtful: bool,
}

/// One file that the receiver holds, or may hold.
pub struct Holds {
    /// When it was sent.
    pub at: Timestamp,
    /// Whether another program sent it.
    pub adopted: bool,
    /// What it says.
    pub seen: Option<Seen>,
}

/// Nights in a row in which the same happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Nights {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub to: Date,
    /// How many plans.
    pub plans: u32,
    /// What became of their files.
    pub result: Fate,
    /// Whether it was in them.
    pub there: bool,
}

/// What became of a night's file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It was sent, or taken over from another program.
    Sent,
    /// The safety filter stopped it, and nobody approved it.
    Held,
    /// Whether it arrived is not known.
    Unknown,
    /// It could not be sent.
    NotSent,
}

/// Follows a key. What was typed is taken as it is, or as the declared clean-up makes it.
///
/// # Errors
/// When neither tonight's registers nor any stored night know the key, or the logbook cannot be
/// read.
pub fn find(context: &Context<'_>, typed: &str) -> Result<Found, Failure> {
    let reader = StateDir::read_only(context.state_path())?;
    let config = &context.loaded.config;
    let mut watched = Watched { keys: as_keys(context, typed), seen: Vec::new() };
    let (now, ages, kept_out) = (&context.now, context.ages(), super::kept_out(&reader)?);
    let marks = |source: &str| standing::last_mark(&reader, source);
    let reading = read_watching(config, now, ages, &kept_out, &marks, &mut watched);
    let in_rows = watched.seen.iter().map(|sighting| sighting.which).min();
    let keys = in_rows.map_or(watched.keys.clone(), |which| vec![watched.keys[which].clone()]);
    let names = reading.as_ref().map(|reading| school_names(&reading.register.roster));
    let names = names.unwrap_or_default();
    let mut stored = BTreeMap::new();
    for name in context.targets() {
        let aim = Aim::at(config, name);
        let keys = keys_at(&aim, reading.as_ref().ok(), &keys);
        stored.insert(name, Stored::of(&reader, &aim, &keys, &names)?);
    }
    let in_files = || (0..keys.len()).find(|&at| stored.values().any(|s| s.knows(at)));
    let Some(at) = in_rows.map(|_| 0).or_else(in_files) else {
        return Err(unknown(context, reading.ok().as_ref(), typed));
    };
    let which = in_rows.unwrap_or(at);
    let seen = watched.seen.into_iter().filter(|sighting| sighting.which == which).collect();
    let search = Search { context, reader: &reader, key: &keys[at], at };
    Ok(search.found(reading, seen, &stored))
}

/// The key as typed, as each source's clean-up makes it, and without blanks at its ends.
pub(super) fn as_keys(context: &Context<'_>, typed: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let sources = context.loaded.config.source.values();
    let cleaned = sources.flat_map(|SourceKind::Csv(settings)| settings.as_keys(typed));
    for key in cleaned.chain([typed.trim().nfc().collect()]) {
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// The keys by which a target knows what the register calls by these: groups may have others.
fn keys_at(aim: &Aim<'_>, reading: Option<&Reading>, keys: &[String]) -> Vec<String> {
    let group_keys = aim.target.selection().group_keys;
    let told_as = |key: &String| {
        let roster = &reading?.register.roster;
        let group = roster.group_at(roster.find_group(key)?);
        group_keys.key_of(&group)
    };
    keys.iter().map(|key| told_as(key).unwrap_or_else(|| key.clone())).collect()
}

fn waits(pending: &[Pending], kind: Kind, key: &str) -> Option<Pending> {
    pending.iter().find(|waiting| waiting.kind == kind && waiting.identity == key).cloned()
}

struct Search<'s> {
    context: &'s Context<'s>,
    reader: &'s StateReader,
    key: &'s str,
    /// Its place among the keys that were looked for in the stored files.
    at: usize,
}

impl Search<'_> {
    fn found(
        &self,
        reading: Result<Reading, Failure>,
        seen: Vec<Sighting>,
        stored: &BTreeMap<&str, Stored>,
    ) -> Found {
        let mut bearers: BTreeMap<Kind, Bearer> = BTreeMap::new();
        let in_files = stored.values().flat_map(|stored| stored.kinds(self.at));
        for kind in seen.iter().map(|sighting| sighting.about).chain(in_files) {
            bearers.entry(kind).or_default();
        }
        if let Ok(reading) = &reading {
            self.tonight(reading, &seen, &mut bearers);
        }
        for (&kind, bearer) in &mut bearers {
            for (name, stored) in stored {
                let at_target = bearer.targets.entry((*name).to_owned()).or_default();
                stored.tell(self.at, kind, self.context.now.time_zone(), at_target);
            }
        }
        let none = Vec::new();
        let issues = match &reading {
            Ok(reading) => &reading.register.issues,
            Err(failure) => &failure.issues,
        };
        let issues = if seen.is_empty() { &none } else { issues };
        let rows = seen.into_iter().map(|sighting| Row::of(sighting, issues)).collect();
        Found { unread: reading.err(), rows, bearers }
    }

    fn tonight(&self, reading: &Reading, seen: &[Sighting], bearers: &mut BTreeMap<Kind, Bearer>) {
        let register = &reading.register;
        let mut known = trace::in_roster(&register.roster, self.key, &SchoolNames::new());
        for (&kind, bearer) in bearers.iter_mut() {
            bearer.register = known.remove(&kind);
            bearer.withheld = self.withheld(&register.protected, kind, seen);
        }
        for name in self.context.targets() {
            self.target(name, reading, bearers);
        }
    }

    fn withheld(&self, protected: &Protected, kind: Kind, seen: &[Sighting]) -> Option<Withheld> {
        let own = seen.iter().filter(|sighting| sighting.row == Kind::Person);
        let marking = own.map(|sighting| sighting.marking).max().unwrap_or(Marking::None);
        trace::withheld(protected, (kind, self.key), marking)
    }

    /// Plans one target as a run would, and asks its rules.
    fn target(&self, name: &str, reading: &Reading, bearers: &mut BTreeMap<Kind, Bearer>) {
        let aim = Aim::at(&self.context.loaded.config, name);
        let now: &Zoned = &self.context.now;
        let register = &reading.register.roster;
        let rules = self.context.loaded.rules(name);
        let occasion = Occasion { reading, now, rules: &rules, purpose: Purpose::Tonight };
        let planned = plan_target(self.reader, &aim, &occasion);
        let told_as = keys_at(&aim, Some(reading), &[self.key.to_owned()]).remove(0);
        let reasons =
            Reasons::of(register, &aim.target.selection(), aim.target.format.carried(), now.date());
        for (&kind, bearer) in bearers {
            let tonight = planned.as_ref().map_err(Clone::clone).map(|planned| {
                let told = &planned.plan.feed.roster;
                Tonight {
                    standing: trace::standing(
                        register,
                        &reasons,
                        (told, &told_as),
                        (kind, self.key),
                    ),
                    waits: waits(&planned.plan.pending, kind, &told_as),
                    held: planned.plan.verdict != Verdict::Pass,
                    doubtful: planned.against.doubtful,
                }
            });
            bearer.targets.entry(name.to_owned()).or_default().tonight = Some(tonight);
        }
    }
}

impl Row {
    fn of(sighting: Sighting, issues: &[Issue]) -> Row {
        let here =
            |issue: &&Issue| issue.file == sighting.file && issue.line == Some(sighting.line);
        let remarks = issues.iter().filter(here).map(|issue| (issue.code, issue.field.clone()));
        let mut remarks: BTreeSet<_> = remarks.collect();
        if let Some(code) = sighting.fault.filter(|code| remarks.iter().all(|(c, _)| c != code)) {
            remarks.insert((code, None));
        }
        Row { sighting, remarks }
    }
}

/// What one target's stored files say of the keys, oldest first.
struct Stored {
    plans: Vec<(PlanRecord, Option<Vec<ByKind>>)>,
    holds: Vec<Delivered>,
}

impl Stored {
    fn of(
        reader: &StateReader,
        aim: &Aim<'_>,
        keys: &[String],
        names: &SchoolNames,
    ) -> Result<Stored, Failure> {
        let baseline = reader.baseline(aim.name)?;
        let holds = baseline.candidates().into_iter();
        let holds = holds.filter(|told| told.receiver.moved(&aim.receiver).is_empty()).cloned();
        let kept = reader.plans_of_target(aim.name)?.into_iter();
        let kept = kept.filter(|plan| plan.snapshot.is_some() && !plan.files_erased);
        let plans = kept.map(|plan| {
            let said = said(reader, &plan.id, keys, names);
            (plan, said)
        });
        Ok(Stored { plans: plans.collect(), holds: holds.collect() })
    }

    fn knows(&self, at: usize) -> bool {
        self.kinds(at).next().is_some()
    }

    fn kinds(&self, at: usize) -> impl Iterator<Item = Kind> {
        let said = self.plans.iter().filter_map(|(_, said)| said.as_ref());
        said.flat_map(move |said| said[at].keys().copied())
    }

    fn tell(&self, at: usize, kind: Kind, zone: &TimeZone, to: &mut AtTarget) {
        let said = |said: &Vec<ByKind>| said[at].get(&kind).cloned();
        for told in &self.holds {
            let plan = self.plans.iter().find(|(plan, _)| plan.id == told.plan);
            if let Some((_, Some(found))) = plan {
                let (at, adopted) = (told.delivered_at, told.adopted);
                to.holds.push(Holds { at, adopted, seen: said(found) });
            }
        }
        for (plan, found) in self.plans.iter().rev() {
            let Some(found) = found else {
                to.unreadable += 1;
                continue;
            };
            let date = plan.begun_at.to_zoned(zone.clone()).date();
            let (result, there) = (fate(plan), said(found).is_some());
            match to.nights.last_mut() {
                Some(last) if (last.result, last.there) == (result, there) => {
                    last.from = date;
                    last.plans += 1;
                }
                _ => to.nights.push(Nights { from: date, to: date, plans: 1, result, there }),
            }
        }
    }
}

/// What one stored snapshot says; `None` when it cannot be read.
fn said(
    reader: &StateReader,
    plan: &PlanId,
    keys: &[String],
    names: &SchoolNames,
) -> Option<Vec<ByKind>> {
    let file = File::open(reader.snapshot_path(plan)).ok()?;
    let mut snapshot = Reader::open(BufReader::new(file)).ok()?;
    trace::in_snapshot(&mut snapshot, keys, names).ok()
}

fn fate(plan: &PlanRecord) -> Fate {
    match plan.state {
        PlanState::Delivered | PlanState::Published | PlanState::Adopted => Fate::Sent,
        PlanState::Held | PlanState::Superseded | PlanState::Expired => Fate::Held,
        PlanState::Begun | PlanState::Failed => Fate::NotSent,
        PlanState::Unknown
        | PlanState::Cleared
        | PlanState::Uploading
        | PlanState::Uploaded
        | PlanState::Publishing => Fate::Unknown,
    }
}
