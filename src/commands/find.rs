//! `find`: why somebody is, or is not, at a receiver. Says file, line, rule and night, never who.

use std::collections::BTreeMap;

use clap::Args;
use jiff::civil::Date;

use super::Scene;
use super::run::{AsOf, moment, problem};
use super::ui::Ui;
use crate::gateway::failure::Failure;
use crate::gateway::find::{AtTarget, Bearer, Fate, Found, Holds, Nights, Row, Tonight, find};
use crate::gateway::{self, exit};
use crate::notify::catalogue::{facts::one_line, short};
use crate::notify::night::Trigger;
use crate::notify::noun::counted;
use crate::notify::{number, why};
use crate::pipeline::trace::Seen;
use crate::pipeline::verdict::Subject;
use crate::roster::words::Kind;

/// Follow one person, group or school from the register to each receiver.
#[derive(Args, Debug)]
pub struct FindArguments {
    /// The key, as the register writes it.
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Only this target; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub target: Vec<String>,
    /// Act as if it were this time, as 2026-08-24T04:15; only for test targets and folders.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
}

/// Carries out `find`.
pub(super) fn run(scene: &Scene<'_>, arguments: &FindArguments) -> u8 {
    follow(scene, arguments).unwrap_or_else(|failure| problem(scene, &failure))
}

fn follow(scene: &Scene<'_>, arguments: &FindArguments) -> Result<u8, Failure> {
    let ui = &scene.ui;
    let now = moment(scene, &arguments.target, arguments.as_of)?;
    let quiet = |_: &gateway::Event<'_>| ();
    let mut context = scene.context(now, arguments.as_of.is_some(), Trigger::Hand, &quiet);
    context.only.clone_from(&arguments.target);
    ui.draw(ui.pick(
        "  Läser registret och sparade nätter …",
        "  Reading the register and stored nights …",
    ));
    let found = find(&context, &arguments.key);
    ui.draw("");
    let found = found?;
    let exit = match &found.unread {
        Some(failure) => problem(scene, failure),
        None => exit::DONE,
    };
    tell_rows(ui, &found);
    for (&kind, bearer) in &found.bearers {
        tell_bearer(scene, kind, bearer, context.now.date());
    }
    ui.json(&json(&found, exit));
    Ok(exit)
}

/// How many rows are told one by one.
const MOST_ROWS: usize = 40;

fn tell_rows(ui: &Ui, found: &Found) {
    ui.say(ui.strong(ui.pick("Registrets export", "The register's export")));
    if let Some(failure) = found.unread.as_ref() {
        let short = short(failure.code, ui.language).unwrap_or_default();
        ui.say(format!("  {} {short}", failure.code));
    } else if found.rows.is_empty() {
        ui.say(ui.pick(
            "  Ingen rad har den nyckeln. Då tas den bort hos mottagarna, om inget nedan säger annat.",
            "  No row has this key. So it is removed at the receivers unless said otherwise below.",
        ));
    }
    let mut plain: BTreeMap<(Kind, &str), Vec<String>> = BTreeMap::new();
    for row in &found.rows {
        let sighting = &row.sighting;
        if sighting.used && row.remarks.is_empty() {
            let place = (sighting.row, sighting.file.as_str());
            plain.entry(place).or_default().push(sighting.line.to_string());
        }
    }
    for ((kind, file), mut lines) in plain {
        lines.dedup();
        let more = lines.len().saturating_sub(MOST_ROWS);
        lines.truncate(MOST_ROWS);
        let mut text = lines.join(", ");
        if more > 0 {
            text = format!("{text} … {more} {}", ui.pick("till", "more"));
        }
        let kind = why::kind(kind, ui.language);
        ui.say(format!("  {file} {} {text}: {kind}", ui.pick("rad", "line")));
    }
    let faulty = found.rows.iter().filter(|row| !row.sighting.used || !row.remarks.is_empty());
    faulty.clone().take(MOST_ROWS).for_each(|row| tell_faulty(ui, row));
    let more = faulty.count().saturating_sub(MOST_ROWS);
    if more > 0 {
        ui.say(format!("  … {more} {}", ui.pick("till", "more")));
    }
}

fn tell_faulty(ui: &Ui, row: &Row) {
    let sighting = &row.sighting;
    let kind = why::kind(sighting.row, ui.language);
    let word = ui.pick("rad", "line");
    let used = match (sighting.used, row.remarks.is_empty()) {
        (true, _) => ui.pick("används", "used"),
        (false, false) => ui.pick("används inte", "not used"),
        (false, true) => ui.pick(
            "används inte, för en rad som den hör ihop med kunde inte användas",
            "not used, since a row that it belongs to could not be used",
        ),
    };
    let remarks: Vec<String> = row
        .remarks
        .iter()
        .map(|(code, field)| {
            let field = field.as_ref().map(|field| format!(", {field}")).unwrap_or_default();
            format!("; {code}{field}: {}", short(*code, ui.language).unwrap_or_default())
        })
        .collect();
    let remarks = remarks.concat();
    ui.say(format!("  {} {word} {}: {kind}, {used}{remarks}", sighting.file, sighting.line));
}

fn tell_bearer(scene: &Scene<'_>, kind: Kind, bearer: &Bearer, today: Date) {
    let ui = &scene.ui;
    ui.say("");
    let name = why::kind(kind, ui.language);
    let said = bearer.register.as_ref().map(|seen| about(ui, kind, seen));
    let title = ui.strong(&capital(name));
    match said.filter(|said| !said.is_empty()) {
        Some(said) => ui.say(format!("{title}  {said}")),
        None => ui.say(title),
    }
    if let Some(by) = bearer.withheld {
        ui.say(format!("  {}", why::withheld(by, ui.language)));
    }
    for (target, at) in &bearer.targets {
        ui.say(format!("  {}", ui.strong(target)));
        match &at.tonight {
            Some(Ok(tonight)) => tell_tonight(ui, kind, bearer, (tonight, today)),
            Some(Err(failure)) => {
                let short = short(failure.code, ui.language).unwrap_or_default();
                line(ui, ui.pick("I natt", "Tonight"), &format!("{} {short}", failure.code));
            }
            None => {}
        }
        tell_holds(scene, kind, at);
        tell_nights(ui, at, today);
    }
}

/// A line of a target: what it is about, and what is said.
fn line(ui: &Ui, what: &str, said: &str) {
    ui.say(format!("    {what:<16}{said}"));
}

fn tell_tonight(ui: &Ui, kind: Kind, bearer: &Bearer, (tonight, today): (&Tonight, Date)) {
    let word = ui.pick("I natt", "Tonight");
    let standing = &tonight.standing;
    let (is_told, not) = (ui.pick("Skickas", "Sent"), ui.pick("Skickas inte", "Not sent"));
    match (&standing.told, standing.why_not) {
        (Some(seen), _) => {
            line(ui, word, &with(is_told, &about(ui, kind, seen)));
            if standing.as_before {
                line(ui, "", &as_before(ui, tonight, today));
            }
        }
        (None, Some(reason)) => {
            line(ui, word, &format!("{not}: {}.", why::why_not(kind, reason, ui.language)));
        }
        (None, None) if bearer.withheld.is_some() => line(ui, word, &format!("{not}.")),
        (None, None) => {
            let because = ui.pick(
                "det finns ingen användbar rad i registrets export",
                "there is no usable row in the register's export",
            );
            line(ui, word, &format!("{not}: {because}."));
        }
    }
    if standing.told.is_some() {
        for (&part, reasons) in &standing.left_out {
            for (&reason, &count) in reasons {
                let things = counted(&subject(part), count, ui.language);
                let because = why::why_not(part, reason, ui.language);
                let not = ui.pick("skickas inte", "not sent");
                line(ui, "", &format!("{things} {not}: {because}."));
            }
        }
    }
    if tonight.held {
        line(
            ui,
            "",
            ui.pick(
                "Men säkerhetsfiltret skulle stoppa filen: mottagaren har då kvar det den har.",
                "But the safety filter would stop the file: the receiver then keeps what it has.",
            ),
        );
    }
}

/// Why something is told again that tonight's register does not say.
fn as_before(ui: &Ui, tonight: &Tonight, today: Date) -> String {
    if let Some(waits) = &tonight.waits {
        return why::waits(waits, today, ui.language);
    }
    let said = if tonight.doubtful {
        ui.pick(
            "Som förut: ingen vet vilken av två filer mottagaren har, och då tas inget bort.",
            "As before: nobody knows which of two files the receiver has, and nothing is removed.",
        )
    } else {
        ui.pick(
            "Som förut: raden kunde inte användas i natt, och då tas inget bort.",
            "As before: the row could not be used tonight, and then nothing is removed.",
        )
    };
    said.to_owned()
}

fn tell_holds(scene: &Scene<'_>, kind: Kind, at: &AtTarget) {
    let ui = &scene.ui;
    let word = ui.pick("Senast skickat", "Last sent");
    if at.holds.is_empty() {
        line(ui, word, ui.pick("inget än till den här mottagaren", "nothing yet to this receiver"));
    }
    for told in &at.holds {
        let when = number::day_and_clock(&scene.local(told.at), ui.language);
        let other = ui.pick(", av ett annat program", ", by another program");
        let by = if told.adopted { other } else { "" };
        let said = told.seen.as_ref().map_or_else(
            || ui.pick("inte med", "not in it").to_owned(),
            |seen| format!("{} ({})", ui.pick("med", "in it"), about(ui, kind, seen)),
        );
        line(ui, word, &format!("{when}{by}: {said}"));
    }
    if at.holds.len() > 1 {
        let doubt = ui.pick(
            "Det är oklart vilken av dem mottagaren har.",
            "Which of them the receiver has is not known.",
        );
        line(ui, "", doubt);
    }
}

fn tell_nights(ui: &Ui, at: &AtTarget, today: Date) {
    let day = |date: Date| number::day_seen_from(today, date, ui.language);
    let mut word = ui.pick("Sparade filer", "Stored files");
    for (place, nights) in at.nights.iter().enumerate() {
        let Nights { from, to, plans, result, there } = nights;
        let when = match place {
            _ if from == to && *plans == 1 => day(*from),
            0 => format!("{} {}", ui.pick("från", "since"), day(*from)),
            _ => format!("{} – {}", day(*from), day(*to)),
        };
        let there = if *there { ui.pick("med", "in it") } else { ui.pick("inte med", "not in it") };
        let files = match plans {
            1 => ui.pick("fil", "file"),
            _ => ui.pick("filer", "files"),
        };
        line(ui, word, &format!("{when}: {there}, {} ({plans} {files})", fate(ui, *result)));
        word = "";
    }
    if at.unreadable > 0 {
        let what = ui.pick("filer går inte att läsa", "files cannot be read");
        line(ui, word, &format!("{} {what}", at.unreadable));
    }
}

fn fate(ui: &Ui, result: Fate) -> &str {
    match result {
        Fate::Sent => ui.pick("skickad", "sent"),
        Fate::Held => ui.pick("stoppad", "stopped"),
        Fate::Unknown => ui.pick("okänt om den kom fram", "unknown whether it arrived"),
        Fate::NotSent => ui.pick("inte skickad", "not sent"),
    }
}

/// What a roster says of something, in a few words.
fn about(ui: &Ui, kind: Kind, seen: &Seen) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(seen.roles.iter().map(|&role| why::role(role, ui.language).to_owned()));
    words.extend(seen.kind.map(|kind| why::group_kind(kind, ui.language).to_owned()));
    words.extend(seen.schools.iter().map(|school| one_line(school)));
    let numbers = match kind {
        Kind::Person => vec![
            (Subject::Groups, seen.groups),
            (Subject::Memberships, seen.memberships),
            (Subject::Relations, seen.relations),
        ],
        Kind::Group => {
            vec![(Subject::Persons, seen.persons), (Subject::Memberships, seen.memberships)]
        }
        _ => vec![(Subject::Persons, seen.persons), (Subject::Groups, seen.groups)],
    };
    let some = numbers.iter().filter(|(_, count)| *count > 0);
    words.extend(some.map(|(subject, count)| counted(subject, *count, ui.language)));
    words.join(", ")
}

fn with(word: &str, said: &str) -> String {
    if said.is_empty() { format!("{word}.") } else { format!("{word}: {said}.") }
}

fn subject(kind: Kind) -> Subject {
    match kind {
        Kind::School => Subject::Schools,
        Kind::Person => Subject::Persons,
        Kind::Group => Subject::Groups,
        Kind::Membership => Subject::Memberships,
        Kind::Relation => Subject::Relations,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn json(found: &Found, exit: u8) -> serde_json::Value {
    let rows: Vec<_> = found.rows.iter().map(row_json).collect();
    let bearers: serde_json::Map<String, serde_json::Value> = found
        .bearers
        .iter()
        .map(|(kind, bearer)| (kind.to_string(), bearer_json(bearer)))
        .collect();
    serde_json::json!({
        "schema": "rostergate.find/1", "exit": exit, "rows": rows, "found": bearers,
        "unread": found.unread.as_ref().map(|failure| failure.code.to_string()),
    })
}

fn row_json(row: &Row) -> serde_json::Value {
    let sighting = &row.sighting;
    let remarks: Vec<_> = row
        .remarks
        .iter()
        .map(|(code, field)| serde_json::json!({ "code": code.to_string(), "field": field }))
        .collect();
    serde_json::json!({
        "kind": sighting.row.as_str(), "about": sighting.about.as_str(), "file": sighting.file,
        "line": sighting.line, "used": sighting.used, "remarks": remarks,
    })
}

fn bearer_json(bearer: &Bearer) -> serde_json::Value {
    let targets: serde_json::Map<String, serde_json::Value> =
        bearer.targets.iter().map(|(name, at)| (name.clone(), target_json(at))).collect();
    serde_json::json!({
        "register": bearer.register, "withheld": bearer.withheld, "targets": targets,
    })
}

fn target_json(at: &AtTarget) -> serde_json::Value {
    let tonight = at.tonight.as_ref().map(|tonight| match tonight {
        Ok(Tonight { standing, held, doubtful, waits }) => serde_json::json!({
            "waits-since": waits.as_ref().map(|waits| waits.missing_since.to_string()),
            "waits-for": waits.as_ref().map(|waits| &waits.window),
            "standing": standing, "held": held, "doubtful": doubtful,
        }),
        Err(failure) => serde_json::json!({ "codes": [failure.code.to_string()] }),
    });
    let holds = at.holds.iter().map(|Holds { at, adopted, seen }| {
        serde_json::json!({ "sent": at.to_string(), "adopted": adopted, "seen": seen })
    });
    serde_json::json!({
        "tonight": tonight, "holds": holds.collect::<Vec<_>>(), "nights": at.nights,
        "unreadable": at.unreadable,
    })
}
