//! `backtest`: which stored nights other limits would have stopped, to choose limits from facts.

use std::num::NonZeroUsize;

use clap::Args;

use super::Scene;
use super::run::{no_such_target, problem};
use super::ui::Ui;
use super::words::word;
use crate::config::overlay::{Overlay, OverlayFault};
use crate::gateway::backtest::{Backtest, Summary, Then, Tried, backtest};
use crate::gateway::exit;
use crate::gateway::failure::Failure;
use crate::gateway::target::Aim;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::notify::language::Language;
use crate::notify::noun::noun;
use crate::notify::number;
use crate::notify::sentence::sentence;
use crate::pipeline::counts::Tally;
use crate::pipeline::percent::Percent;
use crate::pipeline::replay::{Largest, limit_of, worst_school};
use crate::pipeline::safety::Limits;
use crate::pipeline::verdict::Operation;
use crate::roster::code::Code;
use crate::state::StateDir;

/// RG114: a limit on the command line cannot be used.
const BAD_LIMIT: Code = Code(114);

/// How many broken limits of a night are told; what tells most comes first.
const MOST_REASONS: usize = 3;

/// Try other limits on the stored nights.
#[derive(Args, Debug)]
pub struct BacktestArguments {
    /// A limit to try, as in the configuration's [limits]: persons.remove=3%; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub limit: Vec<String>,
    /// Only this target; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Only the last so many nights.
    #[arg(long, value_name = "N")]
    pub nights: Option<NonZeroUsize>,
}

/// Carries out `backtest`.
pub(super) fn run(scene: &Scene<'_>, arguments: &BacktestArguments) -> u8 {
    replay(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn replay(scene: &Scene<'_>, arguments: &BacktestArguments) -> Result<u8, Failure> {
    let (ui, config) = (&scene.ui, &scene.loaded.config);
    let overlay = Overlay::parse(&arguments.limit).map_err(|fault| bad_limit(&fault))?;
    if let Some(unknown) = arguments.target.iter().find(|name| !config.target.contains_key(*name)) {
        return Err(no_such_target(scene, unknown));
    }
    let reader = StateDir::read_only(&config.site.state)?;
    let mut targets = serde_json::Map::new();
    for name in config.target.keys() {
        if !arguments.target.is_empty() && !arguments.target.contains(name) {
            continue;
        }
        let given = scene.loaded.limits_under(name, &overlay);
        let limits = [given.clone(), Aim::at(config, name).limits];
        let zone = &config.site.timezone.0;
        let tested =
            backtest(&reader, name, zone, limits, arguments.nights.map(NonZeroUsize::get))?;
        tell(scene, name, &tested, &given, &overlay);
        targets.insert(name.clone(), json(&tested));
    }
    ui.json(&serde_json::json!({
        "schema": "rostergate.backtest/1", "limits": arguments.limit, "targets": targets,
    }));
    Ok(exit::DONE)
}

fn bad_limit(fault: &OverlayFault) -> Failure {
    let [mut sv, mut en] =
        [crate::notify::language::Language::Sv, crate::notify::language::Language::En]
            .map(|language| fault.what.in_language(language).to_owned());
    if !fault.nearest.is_empty() {
        sv = format!("{sv} (menade du `{}`?)", fault.nearest);
        en = format!("{en} (did you mean `{}`?)", fault.nearest);
    }
    let facts = Facts::new().text(Placeholder::Field, fault.key.as_str());
    Failure::new(BAD_LIMIT, facts.words(Placeholder::Detail, sv, en))
}

fn tell(scene: &Scene<'_>, name: &str, tested: &Backtest, limits: &Limits, overlay: &Overlay) {
    let ui = &scene.ui;
    ui.say(ui.strong(name));
    if tested.nights.is_empty() {
        ui.say(ui.pick("  Inga sparade nätter än.\n", "  No stored nights yet.\n"));
        return;
    }
    ui.say(heading(ui));
    for night in &tested.nights {
        ui.say(row(scene, night));
        let by_numbers = &night.given.by_numbers;
        for breach in by_numbers.iter().take(MOST_REASONS) {
            ui.say(format!("      {}", sentence(breach, ui.language)));
        }
        if by_numbers.len() > MOST_REASONS {
            let more = ui.pick("till", "more");
            ui.say(format!("      … {} {more}", by_numbers.len() - MOST_REASONS));
        }
        for breach in &night.given.by_itself {
            let anyway = ui.pick("oavsett gränser", "whatever the limits");
            ui.say(format!("      {anyway}: {}", sentence(breach, ui.language)));
        }
    }
    ui.say("");
    sum_up(ui, tested, overlay);
    most(scene, &tested.largest, limits);
    ui.say("");
}

fn heading(ui: &Ui) -> String {
    let [removed, persons, groups, memberships, relations, school, then, now] = [
        ui.pick("Andel borttagen", "Share removed"),
        ui.pick("personer", "persons"),
        ui.pick("grupper", "groups"),
        ui.pick("medlemsk.", "members."),
        ui.pick("relationer", "relations"),
        ui.pick("en skola", "a school"),
        ui.pick("då", "then"),
        ui.pick("med de här gränserna", "under these limits"),
    ];
    format!(
        "  {removed:<16}{persons:>9}{groups:>9}{memberships:>10}{relations:>11}{school:>10}  {then:<12}{now}"
    )
}

fn row(scene: &Scene<'_>, night: &Tried) -> String {
    let ui = &scene.ui;
    let counts = &night.counts;
    let share = |tally: Tally| match tally.removed {
        0 => "0".to_owned(),
        removed => number::share(removed, tally.before, None, ui.language),
    };
    let school = worst_school(counts).map_or_else(|| "0".to_owned(), |(_, tally)| share(tally));
    let at = scene.local(night.at).strftime("%Y-%m-%d %H:%M").to_string();
    let [persons, groups, memberships, relations] =
        [counts.persons, counts.groups, counts.memberships, counts.relations].map(share);
    let then = then(ui, night.then);
    format!(
        "  {at:<16}{persons:>9}{groups:>9}{memberships:>10}{relations:>11}{school:>10}  {then:<12}{}",
        now(ui, night)
    )
}

fn then(ui: &Ui, then: Then) -> String {
    word(
        ui,
        match then {
            Then::Delivered => "delivered",
            Then::Approved => "approved",
            Then::Held => "held",
            Then::Failed => "failed",
            Then::Unknown => "unknown",
        },
    )
}

fn now<'t>(ui: &'t Ui, night: &Tried) -> &'t str {
    let given = &night.given;
    match (given.by_numbers.is_empty(), given.by_itself.is_empty()) {
        _ if given.first_delivery => ui.pick("första leveransen", "the first delivery"),
        (false, _) => ui.pick("STOPPAS", "STOPPED"),
        (true, false) => ui.pick("stoppas ändå", "stopped anyway"),
        (true, true) => ui.pick("skickas", "sent"),
    }
}

/// `3 av 41 nätter skulle ha stoppats; med dagens gränser 1.`
fn sum_up(ui: &Ui, tested: &Backtest, overlay: &Overlay) {
    let Summary { nights, given, configured, by_itself, first_deliveries } = tested.summary();
    let both = !overlay.is_empty();
    ui.say(match (ui.language, both) {
        (Language::Sv, true) => format!(
            "  {given} av {nights} nätter skulle ha stoppats; med dagens gränser {configured}."
        ),
        (Language::Sv, false) => format!("  {given} av {nights} nätter skulle ha stoppats med dagens gränser."),
        (Language::En, true) => format!(
            "  {given} of {nights} nights would have been stopped; under today's limits {configured}."
        ),
        (Language::En, false) => format!("  {given} of {nights} nights would have been stopped under today's limits."),
    });
    let others = [
        (by_itself, "Stoppades av annat än gränser", "Stopped by other than limits"),
        (first_deliveries, "Räknas inte, första leveransen", "Not counted, being a first delivery"),
        (
            tested.unread as usize,
            "Har siffror som den här versionen inte läser",
            "Have numbers that this version does not read",
        ),
    ];
    for (count, sv, en) in others.into_iter().filter(|(count, ..)| *count > 0) {
        ui.say(format!("  {}: {count}.", ui.pick(sv, en)));
    }
}

/// The most that ever happened without a stop, beside the limits that were tried.
fn most(scene: &Scene<'_>, largest: &[Largest], limits: &Limits) {
    let ui = &scene.ui;
    if largest.is_empty() {
        return;
    }
    ui.say(ui.pick(
        "  Det mesta som hänt på nätter som inte stoppades:",
        "  The most that ever happened in nights that were not stopped:",
    ));
    for most in largest {
        let Largest { subject, operation, count, of, allowed, at } = most;
        let limit = limit_of(limits, subject, *operation).map(Percent::in_thousandths);
        let what = match operation {
            Operation::Add => ui.pick("nya", "new"),
            Operation::Change => ui.pick("ändrade", "changed"),
            Operation::Remove => ui.pick("borttagna", "removed"),
        };
        let things = format!("{} {what}", noun(subject, 2, ui.language));
        let part = format!(
            "{} {} {}",
            number::count(*count, ui.language),
            ui.pick("av", "of"),
            number::count(*of, ui.language)
        );
        let share = number::share(*count, *of, limit, ui.language);
        let day = scene.local(*at).strftime("%Y-%m-%d").to_string();
        let limit = limit.map_or_else(String::new, |limit| {
            format!("  {} {}", ui.pick("gräns", "limit"), number::percent(limit, ui.language))
        });
        let few = if *allowed { " *" } else { "" };
        ui.say(format!("    {things:<36}{part:>17}{share:>8}  {day}{limit}{few}"));
    }
    if largest.iter().any(|most| most.allowed) {
        let few =
            ui.pick("så få att always-allow släpper dem", "so few that always-allow covers them");
        ui.say(format!("    * {few}: {}", limits.always_allow));
    }
}

fn json(tested: &Backtest) -> serde_json::Value {
    let nights: Vec<_> = tested
        .nights
        .iter()
        .map(|night| {
            let school = worst_school(&night.counts);
            serde_json::json!({
                "at": night.at.to_string(), "date": night.date, "plan": night.plan.as_str(),
                "then": night.then, "given": night.given, "configured": night.configured,
                "persons": night.counts.persons, "groups": night.counts.groups,
                "memberships": night.counts.memberships, "relations": night.counts.relations,
                "worst-school": school.map(|(name, tally)| {
                    serde_json::json!({ "name": name, "persons": tally })
                }),
            })
        })
        .collect();
    serde_json::json!({
        "nights": nights, "summary": tested.summary(), "largest": tested.largest,
        "unread": tested.unread,
    })
}
