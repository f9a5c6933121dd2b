//! Pauses: that one begins or ends, and what a night in one would have delivered.

use jiff::Zoned;
use jiff::civil::Date;

use super::catalogue::Step;
use super::catalogue::facts::one_line;
use super::command::Here;
use super::compose::{Composed, written};
use super::document::{Block, Document};
use super::kind::{Kind, with_mark};
use super::language::Language::{self, En, Sv};
use super::listed::reasons;
use super::night::{Outcome, TargetNight};
use super::number::{day_and_clock, day_seen_from};
use crate::pipeline::verdict::Verdict;

/// A pause that a person began or ended.
#[derive(Clone, Debug)]
pub struct Pausing {
    /// The site's name.
    pub site: String,
    /// Name of the machine.
    pub host: String,
    /// Now, in the site's time zone.
    pub now: Zoned,
    /// Every receiver is a test environment.
    pub test: bool,
    /// The pause's last day, as it was asked for.
    pub through: Date,
    /// Who began it, or ended it.
    pub who: String,
    /// Whether it is over now.
    pub ended: bool,
    /// What commands to type name, where it is not the usual.
    pub here: Here,
}

/// The mail that says that a pause begins or is over: others must know that nights bring nothing.
/// The reason is not in it: it is free text.
pub fn compose_pause(pausing: &Pausing, language: Language) -> Composed {
    let (through, who) =
        (day_seen_from(pausing.now.date(), pausing.through, language), one_line(&pausing.who));
    let (news, title, first) = if pausing.ended {
        over(&who, &through, language)
    } else {
        begun(&who, &through, language)
    };
    let subject = with_mark(Kind::Pause, pausing.test, &pausing.site, language) + &news;
    let reason = language.of("Skälet, och hur det står till:", "The reason, and how it stands:");
    let mut steps =
        vec![Step::Say(reason.to_owned()), Step::Type("sudo rostergate status".to_owned())];
    if !pausing.ended {
        steps.extend(to_resume(language));
    }
    let no_persons = language.of(
        "Utom vem som bad om det innehåller mejlet inga uppgifter om enskilda personer.",
        "Apart from who asked, this mail holds no information about individual persons.",
    );
    let at = day_and_clock(&pausing.now, language);
    let blocks = vec![
        Block::Title(title.to_owned()),
        Block::Paragraph(first),
        Block::Heading(language.of("Gör så här", "What to do").to_owned()),
        Block::Steps(steps),
        Block::Foot(vec![format!("{}, {at}", one_line(&pausing.host)), no_persons.to_owned()]),
    ];
    let document = Document { language, subject, blocks };
    written(document.naming(&pausing.here), Kind::Pause, false)
}

/// Subject, title and first paragraph.
fn begun(who: &str, through: &str, language: Language) -> (String, &'static str, String) {
    match language {
        Sv => (
            format!("leveranserna är pausade till och med {through}"),
            "Leveranserna är pausade",
            format!(
                "{who} har pausat leveranserna till och med {through}. Inget skickas under tiden; \
                 körningarna görs och mejlas som vanligt. Det som mottagarna redan har ligger kvar, \
                 så elever och lärare kan arbeta, men nya elever och ändringar dröjer. Skyddade \
                 personuppgifter går igenom ändå."
            ),
        ),
        En => (
            format!("deliveries are paused through {through}"),
            "Deliveries are paused",
            format!(
                "{who} has paused deliveries through {through}. Nothing is sent meanwhile; runs are \
                 made and mailed as usual. What the receivers already have stays, so pupils and \
                 teachers can work, but new pupils and changes have to wait. Protected identities \
                 go through all the same."
            ),
        ),
    }
}

fn over(who: &str, through: &str, language: Language) -> (String, &'static str, String) {
    match language {
        Sv => (
            "pausen är slut, nästa körning skickar".to_owned(),
            "Pausen är slut",
            format!(
                "{who} har avslutat den paus som gällde till och med {through}. Nästa körning \
                 skickar igen, om säkerhetsfiltret inte stoppar den."
            ),
        ),
        En => (
            "the pause is over, the next run sends".to_owned(),
            "The pause is over",
            format!(
                "{who} has ended the pause that held through {through}. The next run sends again, \
                 unless the safety filter stops it."
            ),
        ),
    }
}

fn to_resume(language: Language) -> [Step; 2] {
    let say = language.of("Ska leveranserna börja igen tidigare:", "To deliver again before that:");
    [Step::Say(say.to_owned()), Step::Type("sudo rostergate resume".to_owned())]
}

/// Why nothing was sent, until when, and what the filter says of tonight's data.
pub(super) fn blocks(target: &TargetNight, today: Date, language: Language) -> Vec<Block> {
    let Outcome::Paused { through, window, by, verdict } = &target.outcome else {
        return Vec::new();
    };
    let through = day_seen_from(today, *through, language);
    let why = match (window, by, language) {
        (Some(window), _, Sv) => format!("Perioden \"{}\" är en paus", one_line(window)),
        (Some(window), _, En) => format!("The window \"{}\" is a pause", one_line(window)),
        (None, Some(by), Sv) => format!("{} har pausat leveranserna", one_line(by)),
        (None, Some(by), En) => format!("{} has paused deliveries", one_line(by)),
        (None, None, Sv) => "Leveranserna är pausade".to_owned(),
        (None, None, En) => "Deliveries are paused".to_owned(),
    };
    let rest = match language {
        Sv => format!(
            "till och med {through}. Inget skickas. Det som mottagarna redan har ligger kvar. \
             Skyddade personuppgifter går igenom ändå."
        ),
        En => format!(
            "through {through}. Nothing is sent. What the receivers already have stays. Protected \
             identities go through all the same."
        ),
    };
    let mut blocks = vec![Block::Paragraph(format!("{why} {rest}"))];
    blocks.extend(would_be(verdict, language));
    if window.is_none() {
        blocks.push(Block::Heading(language.of("Gör så här", "What to do").to_owned()));
        blocks.push(Block::Steps(to_resume(language).into()));
    }
    blocks
}

fn would_be(verdict: &Verdict, language: Language) -> Vec<Block> {
    let said = match verdict {
        Verdict::Pass => language.of(
            "Utan paus hade nattens data skickats.",
            "Without the pause tonight's data would have been sent.",
        ),
        Verdict::Hold(_) => language.of(
            "Utan paus hade säkerhetsfiltret stoppat nattens data:",
            "Without the pause the safety filter would have held tonight's data:",
        ),
    };
    let mut blocks = vec![Block::Paragraph(said.to_owned())];
    if let Verdict::Hold(breaches) = verdict {
        blocks.push(Block::Bullets(reasons(breaches, language)));
    }
    blocks
}
