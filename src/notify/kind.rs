//! What kind of news a night is, and how it is said in a subject.

use super::catalogue::facts::one_line;
use super::catalogue::short;
use super::headline::headline;
use super::language::Language::{self, En, Sv};
use super::night::{Night, Outcome, Protection, TargetNight, Trigger};
use super::number::{day_seen_from, ordinal};
use super::remarks::unknown;
use super::waiting;
use crate::pipeline::verdict::Breach;
use crate::roster::code::Code;

/// RG900, RG910, RG911, RG912: told by others than the run.
const OF_THE_RUN: [u16; 4] = [900, 910, 911, 912];

/// From this night in a row without a new file, the subject says so.
const MANY_NIGHTS: u32 = 3;

/// The kind of news.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A run begins.
    Start,
    /// Every receiver is as it should be.
    Completed,
    /// The same, after a night in which it was not.
    Recovered,
    /// Every receiver has its file, and removals wait at one at least.
    Waiting,
    /// The safety filter held at least one receiver; the others are as they should be.
    Held,
    /// At least one receiver, or the whole run, failed.
    Failed,
    /// A person has paused deliveries, or ended a pause.
    Pause,
}

impl Kind {
    /// The kind of a night. Failed weighs more than held, and held more than completed.
    pub fn of(night: &Night) -> Self {
        let any = |is: fn(&TargetNight) -> bool| night.targets.iter().any(is);
        if night.failure.is_some() || any(|target| is_failed(&target.outcome)) {
            Kind::Failed
        } else if any(|target| matches!(target.outcome, Outcome::Held { .. })) {
            Kind::Held
        } else if waiting::any(night) {
            Kind::Waiting
        } else if any(|target| target.outcome.is_sent() && target.nights_without > 0) {
            Kind::Recovered
        } else {
            Kind::Completed
        }
    }

    /// The word in a message id.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Start => "start",
            Kind::Completed => "completed",
            Kind::Recovered => "recovered",
            Kind::Waiting => "waiting",
            Kind::Held => "held",
            Kind::Failed => "failed",
            Kind::Pause => "pause",
        }
    }

    /// Whether those who only want bad news are to be told.
    pub fn is_urgent(self) -> bool {
        matches!(self, Kind::Held | Kind::Failed | Kind::Pause)
    }

    /// The mark that a subject begins with.
    fn mark(self, language: Language) -> &'static str {
        match self {
            Kind::Start => "[START]",
            Kind::Completed => "[OK]",
            Kind::Recovered => language.of("[OK igen]", "[OK again]"),
            Kind::Waiting => language.of("[OK - borttag väntar]", "[OK - removals waiting]"),
            Kind::Held => language.of("[STOPPAD]", "[STOPPED]"),
            Kind::Failed => language.of("[FEL]", "[FAILED]"),
            Kind::Pause => language.of("[PAUS]", "[PAUSE]"),
        }
    }
}

fn is_failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { .. } | Outcome::Unknown { .. })
}

/// Whether the mail should stand out: someone may be harmed by waiting.
pub(super) fn is_important(night: &Night) -> bool {
    let flood = night.targets.iter().any(|target| match &target.outcome {
        Outcome::Held { breaches, .. } => breaches.iter().any(Breach::doubts_markings),
        Outcome::Failed { code, .. } => *code == Code(420),
        _ => false,
    });
    let remain = night.targets.iter().any(|target| target.protection == Protection::NotDone);
    let named = night.targets.iter().any(|target| target.past_filter.still_named > 0);
    flood || remain || named || nights_without(night) >= MANY_NIGHTS
}

/// The most nights in a row that one receiver is without a new file.
fn nights_without(night: &Night) -> u32 {
    let problems = night.targets.iter().filter(|target| target.outcome.is_problem());
    let nights = problems.map(|target| target.nights_without);
    nights.chain(night.failure.as_ref().map(|failure| failure.nights_without)).max().unwrap_or(0)
}

/// The subject: mark, site, and the one thing that matters.
pub(super) fn subject(night: &Night, language: Language) -> String {
    let kind = Kind::of(night);
    let mark = with_mark(kind, night.test, &night.site, language);
    let news = news(night, kind, language);
    match nights_without(night) {
        0..MANY_NIGHTS => format!("{mark}{news}"),
        many => {
            format!("{mark}{news}, {} {}", ordinal(many, language), language.of("natten", "night"))
        }
    }
}

/// `[TEST] [OK] Exempelstad: `
pub(super) fn with_mark(kind: Kind, test: bool, site: &str, language: Language) -> String {
    let test = if test { "[TEST] " } else { "" };
    format!("{test}{} {}: ", kind.mark(language), one_line(site))
}

fn news(night: &Night, kind: Kind, language: Language) -> String {
    if let Some(failure) = &night.failure {
        if OF_THE_RUN.contains(&failure.code.0) {
            // Whether something was sent is not known, or a night that has not been is spoken of.
            return format!("{} ({})", reason(failure.code, language), failure.code);
        }
        return match language {
            Sv => format!("inget skickat, {}", reason(failure.code, language)),
            En => format!("nothing sent, {}", reason(failure.code, language)),
        };
    }
    let problems: Vec<&TargetNight> =
        night.targets.iter().filter(|target| target.outcome.is_problem()).collect();
    match problems[..] {
        [] => good_news(night, language),
        [one] => bad_news(one, language),
        _ => tally(night, kind, problems.len(), language),
    }
}

fn reason(code: Code, language: Language) -> String {
    short(code, language).map_or_else(|| code.to_string(), str::to_owned)
}

fn bad_news(target: &TargetNight, language: Language) -> String {
    let name = one_line(&target.name);
    match (&target.outcome, language) {
        (Outcome::Held { breaches, .. }, _) => headline(spokesman(breaches), &name, language),
        (Outcome::Unknown { .. }, Sv) => format!("oklart om filen kom fram till {name}"),
        (Outcome::Unknown { .. }, En) => format!("unclear whether the file reached {name}"),
        (Outcome::Failed { code, .. }, Sv) => {
            format!("inget skickat till {name}, {}", reason(*code, language))
        }
        (Outcome::Failed { code, .. }, En) => {
            format!("nothing sent to {name}, {}", reason(*code, language))
        }
        _ => name,
    }
}

/// The reason that speaks for all: a flood of markings, or their falling away, else the first with
/// numbers, else the first.
fn spokesman(breaches: &[Breach]) -> &Breach {
    let flood = breaches.iter().find(|breach| breach.doubts_markings());
    let counted = breaches.iter().find(|breach| cause_rank(breach) == LIMITS_RANK + 1);
    let cause = breaches.iter().find(|breach| cause_rank(breach) < LIMITS_RANK);
    flood.or(cause).or(counted).or(breaches.first()).unwrap_or(&Breach::OutcomeUnknown)
}

/// The reason whose explanation is shown: what causes the others comes first.
pub(super) fn cause(breaches: &[Breach]) -> &Breach {
    breaches.iter().min_by_key(|breach| cause_rank(breach)).unwrap_or(&Breach::OutcomeUnknown)
}

const LIMITS_RANK: u8 = 13;

fn cause_rank(breach: &Breach) -> u8 {
    match breach {
        Breach::ProtectedFlood { .. } | Breach::ProtectionFell { .. } => 0,
        // A yes given for the others would tell whoever it is.
        Breach::WrongEncoding { .. } | Breach::WithdrawnBack { .. } => 1,
        Breach::Release { .. } => LIMITS_RANK + 3,
        Breach::OutcomeUnknown => 2,
        Breach::ForeignFile { .. } => 3,
        Breach::FirstDelivery { .. } => 4,
        Breach::Clock { .. } | Breach::KeyRulesChanged => 5,
        Breach::ConfigurationRemoves { .. } | Breach::EncodingChanged { .. } => 6,
        Breach::BaselineOld { .. } => 7,
        Breach::Rekeyed { .. } => 8,
        Breach::FieldEmptied { .. } => 9,
        Breach::FieldChanged { .. } => 10,
        Breach::NothingUnchanged { .. } => 11,
        Breach::SetAside { .. }
        | Breach::TakenOver { .. }
        | Breach::SharedUserName { .. }
        | Breach::ArchivedReturns { .. } => 12,
        Breach::Vanished { .. } => LIMITS_RANK,
        Breach::OverPercent { .. } | Breach::OverCount { .. } | Breach::OverWeek { .. } => {
            LIMITS_RANK + 1
        }
        Breach::BelowMinimum { .. } => LIMITS_RANK + 2,
    }
}

fn tally(night: &Night, kind: Kind, problems: usize, language: Language) -> String {
    let all = night.receivers();
    match (kind, language) {
        (Kind::Held, Sv) => format!("{problems} av {all} mottagare väntar på beslut"),
        (Kind::Held, En) => format!("{problems} of {all} receivers wait for a decision"),
        (_, Sv) => format!("{problems} av {all} mottagare fick ingen ny fil"),
        (_, En) => format!("{problems} of {all} receivers got no new file"),
    }
}

/// Never who, and not where: a receiver may have a single school.
fn withdrawn_news(night: &Night, sent: usize, language: Language) -> String {
    if let Some(names) = unknown(night) {
        return match language {
            Sv => format!("en person hålls borta för hand, okänt vad {names} har"),
            En => format!("one person kept out by hand, unknown what {names} holds"),
        };
    }
    match (sent, language) {
        (0, Sv) => "en person hålls borta för hand, inget att skicka om".to_owned(),
        (0, En) => "one person kept out by hand, nothing to send again".to_owned(),
        (_, Sv) => "en person borttagen för hand".to_owned(),
        (_, En) => "one person withdrawn by hand".to_owned(),
    }
}

fn good_news(night: &Night, language: Language) -> String {
    let all = night.receivers();
    let sent = night.targets.iter().filter(|target| target.outcome.is_sent()).count();
    if let Some(approved) = waiting::approved_in_stages(night, language) {
        return approved;
    }
    if let Some(waiting) = waiting::headline(night, language).filter(|_| waiting::any(night)) {
        return waiting;
    }
    if let [TargetNight { outcome: Outcome::Approved { .. }, name, .. }] = &night.targets[..] {
        let name = one_line(name);
        return match language {
            Sv => format!("godkänd fil skickad till {name}"),
            En => format!("approved file sent to {name}"),
        };
    }
    if night.trigger == Trigger::Withdrawal {
        return withdrawn_news(night, sent, language);
    }
    if sent == 0 {
        let planned =
            night.targets.iter().any(|target| matches!(target.outcome, Outcome::PlannedOnly));
        let paused = night.targets.iter().find_map(|target| match &target.outcome {
            Outcome::Paused { through, .. } => Some(*through),
            _ => None,
        });
        if let Some(through) = paused {
            let through = day_seen_from(night.started.date(), through, language);
            return match language {
                Sv => format!("paus till och med {through}, inget skickat"),
                En => format!("paused through {through}, nothing sent"),
            };
        }
        let news = if planned {
            language.of("bara planerat, inget skickat", "only planned, nothing sent")
        } else {
            language.of("inget nytt att skicka", "nothing new to send")
        };
        return news.to_owned();
    }
    match language {
        Sv => format!("elevdata skickad till {sent} av {all} mottagare"),
        En if all == 1 => "roster sent to 1 of 1 receiver".to_owned(),
        En => format!("roster sent to {sent} of {all} receivers"),
    }
}
