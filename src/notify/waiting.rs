//! What waits to be removed: windows, grace, and what a person is to release.

use jiff::civil::Date;

use super::catalogue::Step;
use super::catalogue::facts::one_line;
use super::document::Block;
use super::language::Language::{self, En, Sv};
use super::night::{Night, Outcome, Proposal, TargetNight, WaitingNight};
use super::noun::counted;
use super::number::{count, day_seen_from, percent, share};
use super::proposal::proposed;
use crate::pipeline::verdict::Subject;
use crate::pipeline::waiting::{Numbers, Waiting};
use crate::pipeline::window::{Hold, Open, Release};

/// Of more schools than these the mail gives no number each.
const MOST_SCHOOLS: usize = 40;

/// `1 204 personer, 391 grupper och 14 870 medlemskap`; empty where there are none.
pub(super) fn numbers(numbers: &Numbers, language: Language) -> String {
    let Numbers { schools, persons, groups, memberships, relations } = *numbers;
    let kinds = [
        (Subject::Schools, schools),
        (Subject::Persons, persons),
        (Subject::Groups, groups),
        (Subject::Memberships, memberships),
        (Subject::Relations, relations),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(kind, number)| counted(kind, *number, language))
        .collect();
    match &parts[..] {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => {
            format!("{} {} {last}", most.join(", "), language.of("och", "and"))
        }
    }
}

/// The reason to hold a list that is to be released.
pub(super) fn release(
    window: &str,
    list: &Numbers,
    per_night: Option<u32>,
    language: Language,
) -> String {
    let (window, list) = (one_line(window), numbers(list, language));
    match (per_night, language) {
        (None, Sv) => {
            format!("Perioden \"{window}\" har slutat: {list} som saknas i registret ska bort.")
        }
        (None, En) => format!(
            "The window \"{window}\" has ended: {list} that the register no longer has are to go."
        ),
        (Some(share), Sv) => format!(
            "Perioden \"{window}\" har slutat: {list} som saknas i registret ska bort, högst {} \
             per natt när listan är godkänd.",
            percent(share, language)
        ),
        (Some(share), En) => format!(
            "The window \"{window}\" has ended: {list} that the register no longer has are to go, \
             at most {} a night once the list is approved.",
            percent(share, language)
        ),
    }
}

/// New persons whose user names, and groups whose keys, belong to others who should have stayed.
pub(super) fn taken_over(persons: u64, groups: u64, language: Language) -> String {
    let (persons, groups) = ((persons > 0).then_some(persons), (groups > 0).then_some(groups));
    let of_persons = persons.map(|number| {
        let number = count(number, language);
        match language {
            Sv => format!(
                "Nya personer har fått användarnamn som tillhör andra som väntar på att tas bort: \
                 {number}."
            ),
            En => format!(
                "New persons have user names that belong to others who wait to be removed: \
                 {number}."
            ),
        }
    });
    let of_groups = groups.map(|number| {
        let number = count(number, language);
        match language {
            Sv => format!(
                "Grupper har fått nycklar som tillhörde andra grupper, vars medlemmar väntar på \
                 att tas bort: {number}."
            ),
            En => format!(
                "Groups have keys that belonged to other groups, whose members wait to be \
                 removed: {number}."
            ),
        }
    });
    of_persons.into_iter().chain(of_groups).collect::<Vec<_>>().join(" ")
}

/// Whether anything at all waits, or is to be released, at any receiver.
pub(super) fn any(night: &Night) -> bool {
    let goes_on = |target: &&TargetNight| {
        target.outcome.is_sent() || matches!(target.outcome, Outcome::AlreadyDelivered)
    };
    night.targets.iter().filter(goes_on).any(|target| {
        target.waiting.as_ref().is_some_and(|waits| {
            waits.waiting.window.is_some() || !waits.waiting.removed.is_empty()
        })
    })
}

/// Whether a list waits for somebody's approval.
pub(super) fn asks(night: &Night) -> bool {
    let proposals = night.targets.iter().filter_map(|target| target.waiting.as_ref());
    proposals.into_iter().any(|waits| matches!(waits.proposal, Some(Proposal::Held { .. })))
}

/// Whether a window ends soon, with something to see to before.
pub(super) fn ends_soon(night: &Night) -> bool {
    let waiting = night.targets.iter().filter_map(|target| target.waiting.as_ref());
    waiting.into_iter().any(|waits| waits.due && !waits.waiting.removed.is_empty())
}

/// The end of a subject: how much waits, and for what.
pub(super) fn headline(night: &Night, language: Language) -> Option<String> {
    let waiting: Vec<&WaitingNight> =
        night.targets.iter().filter_map(|target| target.waiting.as_ref()).collect();
    let held = |waits: &&&WaitingNight| matches!(waits.proposal, Some(Proposal::Held { .. }));
    if let Some(waits) = waiting.iter().find(held) {
        let number = removals(&waits.waiting, language);
        let sent = night.targets.iter().any(|target| target.outcome.is_sent());
        return Some(match (sent, language) {
            (true, Sv) => format!("ny data skickad, {number} väntar på ert godkännande"),
            (true, En) => format!("new data sent, {number} wait for your approval"),
            (false, Sv) => format!("inget nytt att skicka, {number} väntar på ert godkännande"),
            (false, En) => format!("nothing new to send, {number} wait for your approval"),
        });
    }
    let open = waiting.iter().find_map(|waits| Some((waits, waits.waiting.window.as_ref()?)));
    if let Some((waits, open)) = open {
        let through = day_seen_from(night.started.date(), open.through, language);
        let number = removals(&waits.waiting, language);
        return Some(match language {
            Sv => format!("ny data skickad, {number} hålls inne till och med {through}"),
            En => format!("new data sent, {number} held through {through}"),
        });
    }
    let waits = waiting.iter().find(|waits| !waits.waiting.removed.is_empty())?;
    let number = removals(&waits.waiting, language);
    Some(match language {
        Sv => format!("ny data skickad, {number} väntar"),
        En => format!("new data sent, {number} waiting"),
    })
}

/// A list that was approved and goes in stages, for the subject.
pub(super) fn approved_in_stages(night: &Night, language: Language) -> Option<String> {
    let [TargetNight { outcome: Outcome::Approved { .. }, name, waiting, .. }] = &night.targets[..]
    else {
        return None;
    };
    let waiting = &waiting.as_ref()?.waiting;
    let number = (!waiting.in_stages.is_empty()).then(|| removals(waiting, language))?;
    let name = one_line(name);
    Some(match language {
        Sv => format!("listan till {name} är godkänd, {number} i etapper"),
        En => format!("the list for {name} is approved, {number} in stages"),
    })
}

/// `1 204 borttag`: of persons, or where no person waits, of the next kind.
fn removals(waiting: &Waiting, language: Language) -> String {
    let Numbers { schools, persons, groups, memberships, relations } = waiting.removed;
    let first = [persons, groups, memberships, relations, schools];
    let number = first.into_iter().find(|&number| number > 0).unwrap_or(0);
    let number_word = count(number, language);
    match language {
        Sv => format!("{number_word} borttag"),
        En if number == 1 => "1 removal".to_owned(),
        En => format!("{number_word} removals"),
    }
}

/// What a night's mail says of what waits, receiver by receiver.
pub(super) fn blocks(night: &Night, language: Language) -> Vec<Block> {
    let today = night.started.date();
    night.targets.iter().flat_map(|target| of_target(target, today, language)).collect()
}

fn of_target(target: &TargetNight, today: Date, language: Language) -> Vec<Block> {
    let Some(waits) = &target.waiting else { return Vec::new() };
    let waiting = &waits.waiting;
    if waiting.window.is_none() && waiting.removed.is_empty() && waits.proposal.is_none() {
        return Vec::new();
    }
    let name = one_line(&target.name);
    let heading = match language {
        Sv => format!("Det här väntar hos {name}"),
        En => format!("What waits at {name}"),
    };
    let mut blocks = vec![Block::Heading(heading)];
    if let Some(open) = &waiting.window {
        blocks.push(Block::Paragraph(window_says(open, today, language)));
    }
    let bullets = bullets(waiting, today, language);
    if !bullets.is_empty() {
        blocks.push(Block::Bullets(bullets));
    }
    if let Some(open) = &waiting.window {
        blocks.extend(at_the_end(open, waits, target, (today, language)));
    }
    blocks.extend(waits.proposal.iter().flat_map(|proposal| proposed(proposal, language)));
    blocks
}

/// The same in short, for `status` and `plan`.
pub(super) fn lines(waiting: &Waiting, today: Date, language: Language) -> Vec<String> {
    let window = waiting.window.as_ref().map(|open| {
        let (name, through) = (one_line(&open.name), day_seen_from(today, open.through, language));
        match language {
            Sv => format!("perioden \"{name}\" till och med {through}"),
            En => format!("the window \"{name}\" through {through}"),
        }
    });
    window.into_iter().chain(bullets(waiting, today, language)).collect()
}

fn window_says(open: &Open, today: Date, language: Language) -> String {
    let name = one_line(&open.name);
    let [from, through] = [open.from, open.through].map(|day| day_seen_from(today, day, language));
    let changes = open.hold == Hold::RemovalsAndChanges;
    match language {
        Sv => format!(
            "Perioden \"{name}\" gäller {from} till och med {through}. Ny data skickas. {} hålls \
             inne. Skyddade personuppgifter går alltid igenom direkt.",
            if changes { "Borttag och ändringar" } else { "Borttag" }
        ),
        En => format!(
            "The window \"{name}\" runs {from} through {through}. New data is sent. {} are held. \
             Protected identities always go through at once.",
            if changes { "Removals and changes" } else { "Removals" }
        ),
    }
}

fn bullets(waiting: &Waiting, today: Date, language: Language) -> Vec<String> {
    let mut bullets = Vec::new();
    let mut say = |list: &Numbers, sv: &str, en: &str| {
        if !list.is_empty() {
            bullets.push(format!("{} {}", numbers(list, language), language.of(sv, en)));
        }
    };
    say(
        &waiting.removed,
        "saknas i registret eller har slutat, och ligger kvar hos mottagaren tills vidare.",
        "are missing from the register or have ended, and stay at the receiver for now.",
    );
    say(
        &waiting.changed,
        "har ändrats i registret och skickas som förut tills vidare.",
        "have changed in the register and are sent as before for now.",
    );
    say(
        &waiting.in_stages,
        "av dem tas bort i etapper; listan är godkänd.",
        "of them go in stages; the list is approved.",
    );
    say(
        &waiting.in_grace,
        "av dem väntar på att karensen går ut.",
        "of them wait for grace to end.",
    );
    if let Some(ends) = waiting.grace_ends {
        let ends = day_seen_from(today, ends, language);
        bullets.push(match language {
            Sv => format!("Den första karensen går ut tidigast {ends}."),
            En => format!("The first grace ends on {ends} at the earliest."),
        });
    }
    bullets
}

/// What happens when the window ends; in full a week and a day before.
fn at_the_end(
    open: &Open,
    waits: &WaitingNight,
    target: &TargetNight,
    (today, language): (Date, Language),
) -> Vec<Block> {
    let removed = &waits.waiting.removed;
    if removed.is_empty() {
        return Vec::new();
    }
    let limit = target.limits.persons;
    let part = share(removed.persons, waits.persons_now, limit, language);
    let of = counted(&Subject::Persons, waits.persons_now, language);
    let number = count(removed.persons, language);
    let after = day_seen_from(today, next_day(open.through), language);
    let first = match language {
        Sv => format!(
            "När perioden slutar, natten till {after}, ska {number} av {of} ({part}) bort. {}",
            released(open.release, language)
        ),
        En => format!(
            "When the window ends, on the night to {after}, {number} of {of} ({part}) are to go. \
             {}",
            released(open.release, language)
        ),
    };
    let mut blocks = vec![Block::Paragraph(first)];
    if waits.due {
        blocks.push(Block::Heading(due(waits.nights_left.unwrap_or(1), language)));
        blocks.push(Block::Bullets(list(&waits.waiting, language)));
        blocks.push(Block::Steps(vec![
            Step::Say(
                language
                    .of(
                        "Se redan nu vad säkerhetsfiltret skulle säga:",
                        "See already now what the safety filter would say:",
                    )
                    .to_owned(),
            ),
            Step::Type("sudo rostergate plan --after-window".to_owned()),
            Step::Say(
                language
                    .of(
                        "Tala med mottagarens support: deras eget filter kan stoppa en så stor \
                         ändring, och kurser som arkiveras kan inte återtas.",
                        "Talk to the receiver's support: their own filter may stop a change this \
                         large, and archived courses cannot be taken back.",
                    )
                    .to_owned(),
            ),
        ]));
    }
    blocks
}

fn next_day(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}

fn released(release: Release, language: Language) -> &'static str {
    match release {
        Release::Approve => language.of(
            "De tas bort först när någon godkänner listan.",
            "They go only when somebody approves the list.",
        ),
        Release::Auto => language.of(
            "De tas bort av sig själva om det ryms inom gränserna, annars när någon godkänner.",
            "They go by themselves if that is within the limits, else when somebody approves.",
        ),
        Release::Staged => language.of(
            "När någon har godkänt listan tas de bort i etapper, en del varje natt.",
            "Once somebody has approved the list they go in stages, some every night.",
        ),
    }
}

fn due(nights: i32, language: Language) -> String {
    match (nights, language) {
        (1, Sv) => "Nästa natt slutar perioden. Det här ska då bort".to_owned(),
        (1, En) => "The window ends next night. This is to go".to_owned(),
        (_, Sv) => format!("Om {nights} dagar slutar perioden. Det här ska då bort"),
        (_, En) => format!("The window ends in {nights} days. This is to go"),
    }
}

/// By school and by kind of group.
fn list(waiting: &Waiting, language: Language) -> Vec<String> {
    let mut lines = vec![numbers(&waiting.removed, language)];
    for (kind, number) in &waiting.group_kinds {
        lines.push(counted(&Subject::GroupKind(*kind), *number, language));
    }
    for (school, number) in waiting.schools.iter().take(MOST_SCHOOLS) {
        lines.push(counted(&Subject::School(school.clone()), *number, language));
    }
    let more = waiting.schools.len().saturating_sub(MOST_SCHOOLS) as u64;
    if more > 0 {
        let more = counted(&Subject::Schools, more, language);
        lines.push(format!("… {} {more}", language.of("och", "and")));
    }
    lines
}
