//! Makes the mail of a night: the same content as text and as HTML.

use super::catalogue::facts::{one_line, school};
use super::catalogue::{Facts, Placeholder, Rendered, render, short};
use super::document::{Block, Document};
use super::kind::{Kind, cause, is_important, subject, with_mark};
use super::language::Language::{self, En, Sv};
use super::listed::{names, reasons};
use super::night::{Attempts, Night, Outcome, Start, TargetNight};
use super::number::{clock, day_and_clock};
use super::receivers::{delivered_line, receiver};
use super::remarks::{remarks, unprotected};
use super::sentence::code_of;
use super::well::all_is_well;
use super::{html, past_filter, text, waiting};
use crate::pipeline::verdict::{Breach, Subject};
use crate::roster::code::Code;

/// A mail without addresses and headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Composed {
    /// The kind of news.
    pub kind: Kind,
    /// The language of all texts.
    pub language: Language,
    /// The subject, on one line.
    pub subject: String,
    /// The text part: lines of at most 72 columns that end in `\n`.
    pub text: String,
    /// The HTML part, under 50 kB for any reasonable number of receivers.
    pub html: String,
    /// Someone may be harmed by waiting: the mail should stand out.
    pub important: bool,
}

/// The mail of a night.
pub fn compose(night: &Night, language: Language) -> Composed {
    let kind = Kind::of(night);
    let document = Document {
        language,
        subject: subject(night, language),
        blocks: blocks(night, kind, language),
    };
    written(document.naming(&night.here), kind, is_important(night))
}

/// The mail that says that a run begins.
pub fn compose_start(start: &Start, language: Language) -> Composed {
    let targets: Vec<String> = start.targets.iter().map(|name| one_line(name)).collect();
    let targets = targets.join(", ");
    let (began, what) = match language {
        Sv => ("körningen har börjat", format!("Körningen har börjat. Mottagare: {targets}.")),
        En => ("the run has begun", format!("The run has begun. Receivers: {targets}.")),
    };
    let subject = with_mark(Kind::Start, start.test, &start.site, language) + began;
    let end =
        language.of("Ett mejl till kommer när den är klar.", "Another mail comes when it is done.");
    let run = format!("{}, {}", run_words(&start.run, language), one_line(&start.host));
    let blocks = vec![
        Block::Title(language.of("Körningen har börjat", "The run has begun").to_owned()),
        Block::Paragraph(format!("{what} {end}")),
        Block::Foot(vec![
            format!("{run}, {}", day_and_clock(&start.started, language)),
            no_persons(false, language),
        ]),
    ];
    written(Document { language, subject, blocks }, Kind::Start, false)
}

pub(super) fn written(document: Document, kind: Kind, important: bool) -> Composed {
    let (text, html) = (text::write(&document), html::write(&document));
    Composed { kind, language: document.language, subject: document.subject, text, html, important }
}

fn blocks(night: &Night, kind: Kind, language: Language) -> Vec<Block> {
    let mut blocks = vec![Block::Title(title(night, kind, language))];
    blocks.extend(unprotected(night, language).map(Block::Paragraph));
    blocks.extend(past_filter::urgent(night, language));
    match &night.failure {
        Some(failure) => {
            let message = render(failure.code, language, &failure.facts);
            blocks.push(Block::Paragraph(message.means.clone()));
            blocks.extend(happened(&message, None, language));
        }
        None => blocks.extend(outcomes(night, language)),
    }
    let receivers: Vec<_> =
        night.targets.iter().map(|target| receiver(target, &night.started, language)).collect();
    if !receivers.is_empty() {
        blocks.push(Block::Receivers(receivers));
    }
    blocks.extend(waiting::blocks(night, language));
    let remarks = remarks(night, language);
    if !remarks.is_empty() {
        blocks.push(Block::Heading(language.of("Att känna till", "Good to know").to_owned()));
        blocks.push(Block::Bullets(remarks));
    }
    blocks.push(foot(night, language));
    blocks
}

fn title(night: &Night, kind: Kind, language: Language) -> String {
    let word = match kind {
        Kind::Start | Kind::Pause | Kind::Completed => language.of("klart", "completed").to_owned(),
        Kind::Waiting => {
            language.of("klart, borttag väntar", "completed, removals are waiting").to_owned()
        }
        Kind::Recovered => language.of("klart igen", "completed again").to_owned(),
        Kind::Held => {
            language.of("stoppad av säkerhetsfiltret", "stopped by the safety filter").to_owned()
        }
        Kind::Failed => failed_title(night, language),
    };
    format!("{}: {word}", language.of("Resultat", "Result"))
}

fn failed_title(night: &Night, language: Language) -> String {
    let failed = language.of("misslyckades", "failed");
    let of_targets = night.targets.iter().filter_map(|target| code(&target.outcome));
    let mut codes: Vec<Code> =
        night.failure.iter().map(|failure| failure.code).chain(of_targets).collect();
    codes.sort_unstable();
    codes.dedup();
    match codes[..] {
        [code] => match short(code, language) {
            Some(short) => format!("{failed} ({code}, {short})"),
            None => format!("{failed} ({code})"),
        },
        _ => failed.to_owned(),
    }
}

fn code(outcome: &Outcome) -> Option<Code> {
    match outcome {
        Outcome::Failed { code, .. } => Some(*code),
        Outcome::Unknown { .. } => Some(Code(430)),
        _ => None,
    }
}

/// What went wrong at each receiver, or that all is well.
fn outcomes(night: &Night, language: Language) -> Vec<Block> {
    let problems: Vec<&TargetNight> =
        night.targets.iter().filter(|target| target.outcome.is_problem()).collect();
    let delivered: Vec<String> = night
        .targets
        .iter()
        .filter(|target| target.outcome.is_sent())
        .map(|target| delivered_line(target, language))
        .collect();
    if problems.is_empty() {
        return all_is_well(night, language);
    }
    let mut blocks = Vec::new();
    for target in &problems {
        if problems.len() > 1 {
            blocks.push(Block::Name(one_line(&target.name)));
        }
        blocks.extend(problem(target, language));
    }
    if !delivered.is_empty() {
        // After the first paragraph, which says what did not go out.
        let place = usize::from(problems.len() == 1);
        blocks.insert(place, Block::Paragraph(delivered.join(" ")));
    }
    blocks
}

fn problem(target: &TargetNight, language: Language) -> Vec<Block> {
    match &target.outcome {
        Outcome::Held { plan, breaches, expires } => {
            let reason = cause(breaches);
            let facts = held_facts(target, plan, breaches, language)
                .text(Placeholder::Until, day_and_clock(expires, language));
            let message = render(code_of(reason), language, &facts);
            vec![
                Block::Paragraph(message.means),
                Block::Heading(language.of("Varför", "Why").to_owned()),
                Block::Bullets(reasons(breaches, language)),
                Block::Heading(what_to_do(language)),
                Block::Steps(message.do_next),
            ]
        }
        Outcome::Failed { code, facts, attempts } => {
            failed(target, *code, facts, attempts.as_ref(), language)
        }
        Outcome::Unknown { facts } => failed(target, Code(430), facts, None, language),
        _ => Vec::new(),
    }
}

fn held_facts(target: &TargetNight, plan: &str, breaches: &[Breach], language: Language) -> Facts {
    let mut schools: Vec<String> = breaches
        .iter()
        .filter_map(|breach| match breach {
            Breach::Vanished { subject, .. }
            | Breach::OverWeek { subject, .. }
            | Breach::OverPercent { subject, .. } => school_of(subject).map(school),
            _ => None,
        })
        .collect();
    schools.dedup();
    Facts::new()
        .text(Placeholder::Target, target.name.as_str())
        .text(Placeholder::Plan, plan)
        .text(Placeholder::Detail, names(&schools, language))
}

fn school_of(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::School(name) | Subject::AtSchool(_, name) => Some(name),
        _ => None,
    }
}

fn failed(
    target: &TargetNight,
    code: Code,
    facts: &Facts,
    attempts: Option<&Attempts>,
    language: Language,
) -> Vec<Block> {
    let facts = facts.clone().text(Placeholder::Target, target.name.as_str());
    let message = render(code, language, &facts);
    let mut blocks = vec![Block::Paragraph(message.means.clone())];
    blocks.extend(happened(&message, attempts, language));
    blocks
}

fn happened(message: &Rendered, attempts: Option<&Attempts>, language: Language) -> Vec<Block> {
    let tried = attempts.map(|attempts| tried(attempts, language));
    let what: Vec<String> = std::iter::once(message.what.clone()).chain(tried).collect();
    vec![
        Block::Heading(language.of("Vad som hände", "What happened").to_owned()),
        Block::Paragraph(what.join(" ")),
        Block::Heading(what_to_do(language)),
        Block::Steps(message.do_next.clone()),
    ]
}

fn tried(Attempts { count, first, last }: &Attempts, language: Language) -> String {
    let (first, last) = (clock(first), clock(last));
    match language {
        Sv => format!("{count} försök, {first} till {last}."),
        En if *count == 1 => format!("1 attempt, {first} to {last}."),
        En => format!("{count} attempts, {first} to {last}."),
    }
}

pub(super) fn what_to_do(language: Language) -> String {
    language.of("Gör så här", "What to do").to_owned()
}

fn foot(night: &Night, language: Language) -> Block {
    let mut lines: Vec<String> = night
        .targets
        .iter()
        .filter(|target| target.outcome.is_problem() && target.nights_without > 0)
        .map(|target| nights_line(target, language))
        .collect();
    lines.push(match language {
        Sv => "Visa mer på servern: sudo rostergate history".to_owned(),
        En => "More on the server: sudo rostergate history".to_owned(),
    });
    lines.push(run_line(night, language));
    let approved =
        night.targets.iter().any(|target| matches!(target.outcome, Outcome::Approved { .. }));
    lines.push(no_persons(approved, language));
    Block::Foot(lines)
}

fn nights_line(target: &TargetNight, language: Language) -> String {
    let (name, nights) = (one_line(&target.name), target.nights_without);
    match language {
        Sv => format!("Nätter i rad utan ny fil till {name}: {nights}"),
        En => format!("Nights in a row without a new file to {name}: {nights}"),
    }
}

fn run_line(night: &Night, language: Language) -> String {
    // Nothing ran where the mail is about just that.
    let ran = !night.run.is_empty();
    let mut parts: Vec<String> = ran.then(|| run_words(&night.run, language)).into_iter().collect();
    if let Some(exported) = &night.exported {
        let same_day = exported.date() == night.started.date();
        let when = if same_day { clock(exported) } else { day_and_clock(exported, language) };
        parts.push(format!("export {when}"));
    }
    parts.push(one_line(&night.host));
    if !night.receipt.is_empty() {
        parts.push(format!("{} {}", language.of("kvitto", "receipt"), one_line(&night.receipt)));
    }
    parts.join(", ")
}

fn run_words(run: &str, language: Language) -> String {
    format!("{} {}", language.of("Körning", "Run"), one_line(run))
}

fn no_persons(approved: bool, language: Language) -> String {
    match (approved, language) {
        (false, Sv) => "Mejlet innehåller inga uppgifter om enskilda personer.",
        (false, En) => "This mail holds no information about individual persons.",
        (true, Sv) => {
            "Utom vem som godkände innehåller mejlet inga uppgifter om enskilda personer."
        }
        (true, En) => {
            "Apart from who approved, this mail holds no information about individual persons."
        }
    }
    .to_owned()
}
