//! What a run says of itself while it runs, and at its end.

use std::cell::Cell;

use super::ui::Ui;
use crate::gateway::Event;
use crate::gateway::exit;
use crate::gateway::tell::{exit_of, exit_of_outcome, outcome_word, result_word};
use crate::notify::catalogue::{self, Facts, Step};
use crate::notify::language::Language;
use crate::notify::listed::reasons;
use crate::notify::night::{Night, Outcome, Proposal, TargetNight};
use crate::notify::number;
use crate::notify::past_filter::{STILL_NAMED, still_named, went_along};
use crate::roster::words::Kind;

/// Tells a run's events as they come.
pub(super) struct Story<'u> {
    ui: &'u Ui,
    limits: &'u dyn Fn(&str) -> crate::pipeline::safety::Limits,
    shown: Cell<u64>,
}

impl<'u> Story<'u> {
    pub(super) fn new(
        ui: &'u Ui,
        limits: &'u dyn Fn(&str) -> crate::pipeline::safety::Limits,
    ) -> Self {
        Story { ui, limits, shown: Cell::new(0) }
    }

    /// One event: told, and on a terminal followed by what is being done now.
    pub(super) fn hear(&self, event: &Event<'_>) {
        let unseen = matches!(event, Event::Step(..) | Event::Away | Event::Back);
        if unseen || self.ui.quiet && !matches!(event, Event::Done(_)) {
            return;
        }
        if !matches!(event, Event::Sending(..)) {
            self.ui.draw("");
        }
        self.tell(event);
        let next = match event {
            Event::Begun(_) => self.ui.pick("Läser registret …", "Reading the register …"),
            Event::Read(_) => self.ui.pick("Jämför …", "Comparing …"),
            Event::Planned(..) => {
                self.ui.pick("Bygger och kontrolläser …", "Building and reading back …")
            }
            Event::Written(..) | Event::Rehearsed(_) | Event::Waiting(..) | Event::Done(_) => {
                self.ui.pick("Arbetar …", "Working …")
            }
            Event::Sending(..)
            | Event::Step(..)
            | Event::Mailed(..)
            | Event::Unheard(..)
            | Event::Away
            | Event::Back => return,
        };
        self.ui.draw(&format!("  {next}"));
    }

    fn tell(&self, event: &Event<'_>) {
        let ui = self.ui;
        match event {
            Event::Begun(run) => ui.say(format!("{} {run}", ui.pick("Körning", "Run"))),
            Event::Read(reading) => {
                let roster = &reading.register.roster;
                let number = |kind| number::count(roster.count(kind), ui.language);
                ui.say(format!(
                    "  {:<11} {} {}, {} {}, {} {}",
                    ui.pick("Läste", "Read"),
                    number(Kind::Person),
                    ui.pick("personer", "persons"),
                    number(Kind::Group),
                    ui.pick("grupper", "groups"),
                    number(Kind::Membership),
                    ui.pick("medlemskap", "memberships"),
                ));
            }
            Event::Planned(target, planned) => {
                ui.say(format!("  {:<11} {target}", ui.pick("Jämförde", "Compared")));
                let limits = (self.limits)(target);
                let plan = &planned.plan;
                for line in super::table::lines(ui, &plan.feed.counts, &limits, &plan.verdict) {
                    ui.say(format!("    {line}"));
                }
            }
            Event::Written(target, documents) => {
                for document in *documents {
                    let size = number::size(document.size, ui.language);
                    let word = ui.pick("Byggde", "Built");
                    ui.say(format!("  {word:<11} {target}: {}, {size}", document.name));
                }
            }
            Event::Sending(target, bytes, total) => self.sending(target, *bytes, *total),
            Event::Waiting(target, wait) => {
                let (no, next) = (
                    ui.pick("svarar inte; nytt försök om", "does not answer; the next try is in"),
                    wait.as_secs(),
                );
                ui.say(format!("  {target:<11} {no} {next} s"));
            }
            Event::Done(target) => {
                ui.say(format!("  {:<11} {}", target.name, outcome(ui, &target.outcome)));
            }
            Event::Mailed(sent, waiting) => self.mailed(*sent, *waiting),
            Event::Unheard(code, facts) => {
                let what = catalogue::render(*code, ui.language, facts).what;
                ui.remark(format!("  {} {code}  {what}", ui.pick("VARNING", "WARNING")));
            }
            Event::Step(..) | Event::Rehearsed(_) | Event::Away | Event::Back => {}
        }
    }

    fn sending(&self, target: &str, bytes: u64, total: u64) {
        let percent = (bytes * 100).checked_div(total).unwrap_or(100);
        if self.shown.replace(percent) != percent {
            let word = self.ui.pick("Skickar till", "Sending to");
            self.ui.draw(&format!("  {word} {target}: {percent} %"));
        }
    }

    fn mailed(&self, sent: usize, waiting: usize) {
        let ui = self.ui;
        let word = ui.pick("Mejl", "Mail");
        if sent > 0 {
            ui.say(format!("  {word:<11} {sent} {}", ui.pick("skickat", "sent")));
        }
        if waiting > 0 {
            let waits = ui.pick("väntar till nästa körning", "waits for the next run");
            ui.say(format!("  {word:<11} {waiting} {waits}"));
        }
    }
}

/// One target's outcome in a few words.
pub(super) fn outcome(ui: &Ui, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered { at, unchanged, .. } => {
            let clock = number::clock(at);
            let same = if *unchanged { ui.pick(", inga ändringar", ", no changes") } else { "" };
            format!("{} {clock}{same}", ui.pick("SKICKAD och kontrollerad", "SENT and verified"))
        }
        Outcome::Approved { at, .. } => {
            let clock = number::clock(at);
            format!("{} {clock}", ui.pick("GODKÄND och skickad", "APPROVED and sent"))
        }
        Outcome::Held { plan, .. } => {
            format!(
                "{} {plan}",
                ui.pick("STOPPAD av säkerhetsfiltret, plan", "STOPPED by the safety filter, plan")
            )
        }
        Outcome::Failed { code, .. } => format!("{} {code}", ui.pick("FEL", "FAILED")),
        Outcome::Unknown { .. } => {
            ui.pick("OKÄNT om filen kom fram", "UNKNOWN whether the file arrived").to_owned()
        }
        Outcome::AlreadyDelivered => ui
            .pick(
                "Registret har inte exporterat sedan sist; inget skickades",
                "No new export since last time; nothing was sent",
            )
            .to_owned(),
        Outcome::Paused { through, .. } => {
            format!("{} {through}", ui.pick("Paus, inget skickat, till och med", "Paused through"))
        }
        Outcome::PlannedOnly => ui
            .pick(
                "Bara planerat: utanför tiderna för leverans",
                "Planned only: outside the hours for delivery",
            )
            .to_owned(),
    }
}

/// The end of a run: what was held and why, what failed and what to do; gives the exit code.
pub(super) fn end(ui: &Ui, night: &Night) -> u8 {
    let exit = exit_of(night);
    what_stopped(ui, night);
    let sent = night.targets.iter().filter(|t| t.outcome.is_sent()).count();
    if sent > 0 {
        let all = night.receivers();
        let done = match (ui.language, sent == all) {
            (Language::Sv, true) => "KLART",
            (Language::Sv, false) => "DELVIS KLART",
            (Language::En, true) => "DONE",
            (Language::En, false) => "PARTLY DONE",
        };
        ui.say("");
        ui.say(match ui.language {
            Language::Sv => format!("{done}  {sent} av {all} mottagare har fått sin fil."),
            Language::En => format!("{done}  {sent} of {all} receivers have their file."),
        });
        let imported = ui.pick(
            "Skickad betyder inte importerad: mottagaren säger själv när importen har körts.",
            "Sent is not imported: the receiver says itself when the import has run.",
        );
        ui.say(format!("{:1$}  {imported}", "", done.len()));
    }
    ui.json(&json(night, exit));
    exit
}

/// What was held and why, what failed and what to do.
pub(super) fn what_stopped(ui: &Ui, night: &Night) {
    if let Some(failure) = &night.failure {
        ui.problem_with(failure.code, &failure.facts, exit_of(night));
    }
    for target in &night.targets {
        explain(ui, target);
        if let Some(along) = went_along(target, ui.language) {
            ui.say(format!("  {along}"));
        }
        if let Some(facts) = still_named(target) {
            ui.problem_with(STILL_NAMED, &facts, exit_of_outcome(&target.outcome));
        }
        proposed(ui, target);
    }
}

/// A list of removals that waits for a person, though tonight's file went out.
fn proposed(ui: &Ui, target: &TargetNight) {
    let waits = target.waiting.as_ref().and_then(|waits| waits.proposal.as_ref());
    if let Some(Proposal::Held { plan, breaches, expires }) = waits {
        ui.say("");
        let until = number::day_and_clock(expires, ui.language);
        let what = ui.pick("Borttag väntar på godkännande", "Removals wait for approval");
        ui.say(format!("{}: {what}: {plan} ({until})", target.name));
        for reason in reasons(breaches, ui.language) {
            ui.say(format!("  {reason}"));
        }
        ui.say(format!("    sudo rostergate plan {plan} --details"));
    }
}

fn explain(ui: &Ui, target: &TargetNight) {
    match &target.outcome {
        Outcome::Held { plan, breaches, expires, .. } => {
            ui.say("");
            let first = breaches
                .iter()
                .any(|b| matches!(b, crate::pipeline::verdict::Breach::FirstDelivery { .. }));
            for reason in reasons(breaches, ui.language) {
                ui.say(format!("  {}: {reason}", target.name));
            }
            let until = number::day_and_clock(expires, ui.language);
            ui.say(format!(
                "  {}",
                ui.pick(
                    "Är något fel i registret: låt rätta det, nästa natt går av sig själv.",
                    "If the register is wrong: have it corrected, the next night runs by itself."
                )
            ));
            ui.say(format!(
                "  {}  sudo rostergate plan {plan} --details",
                ui.pick("Se vad som ändras:   ", "See what changes:    ")
            ));
            let empty = if first { " --receiver-empty" } else { "" };
            ui.say(format!(
                "  {}  sudo rostergate approve {plan} --reason \"…\"{empty}",
                ui.pick("Är allt rätt:        ", "If all is right:     ")
            ));
            ui.say(format!("  {} {until}", ui.pick("Kan godkännas till", "Can be approved until")));
        }
        Outcome::Failed { code, facts, .. } => {
            ui.problem_with(*code, facts, exit_of_outcome(&target.outcome));
        }
        Outcome::Unknown { facts } => {
            ui.problem_with(crate::roster::code::Code(430), facts, exit::MIXED);
        }
        _ => {}
    }
}

/// A run as JSON, schema `rostergate.run/1`; keys are only ever added.
pub(super) fn json(night: &Night, exit: u8) -> serde_json::Value {
    let targets: serde_json::Map<String, serde_json::Value> =
        night.targets.iter().map(|target| (target.name.clone(), target_json(target))).collect();
    serde_json::json!({
        "schema": "rostergate.run/1",
        "run": night.run,
        "result": result_word(night),
        "exit": exit,
        "codes": night.failure.iter().map(|f| f.code.to_string()).collect::<Vec<_>>(),
        "targets": targets,
    })
}

fn target_json(target: &TargetNight) -> serde_json::Value {
    let mut value = serde_json::json!({
        "result": outcome_word(&target.outcome),
        "exit": exit_of_outcome(&target.outcome),
        "counts": target.counts,
        "documents": target.documents.iter().map(|(name, size)| {
            serde_json::json!({ "name": name, "size": size })
        }).collect::<Vec<_>>(),
    });
    match &target.outcome {
        Outcome::Held { plan, breaches, expires } => {
            value["plan"] = plan.as_str().into();
            value["expires"] = expires.timestamp().to_string().into();
            value["codes"] = breaches
                .iter()
                .map(|breach| crate::notify::sentence::code_of(breach).to_string())
                .collect::<Vec<_>>()
                .into();
            value["breaches"] = serde_json::to_value(breaches).unwrap_or_default();
        }
        Outcome::Delivered { at, .. } | Outcome::Approved { at, .. } => {
            value["published"] = at.timestamp().to_string().into();
        }
        Outcome::Failed { code, .. } => value["codes"] = vec![code.to_string()].into(),
        _ => {}
    }
    value
}

/// The three parts of a message as plain lines, for `help` and `check`.
pub(super) fn message_lines(
    ui: &Ui,
    code: crate::roster::code::Code,
    facts: &Facts,
) -> Vec<String> {
    let parts = catalogue::render(code, ui.language, facts);
    let mut lines = vec![parts.what, parts.means];
    lines.extend(parts.do_next.into_iter().map(|step| match step {
        Step::Say(text) => text,
        Step::Type(command) => format!("  {command}"),
    }));
    lines
}
