//! The end of the demo: where everything lies, and what to try next.

use super::play::Play;
use super::stage::{LIBRARY, PLATFORM};
use super::tale::{COLUMNS, heading, paragraph};
use crate::commands::Surroundings;
use crate::notify::command::quoted;

/// Where everything lies, and what to try next.
pub(super) fn tell(play: &Play<'_>, around: &Surroundings, lost: &str) {
    let (ui, stage) = (&play.ui, &play.stage);
    heading(ui, ui.pick("Slut. Allt gick som det ska", "The end. All went as it must"));
    paragraph(ui, ui.pick(
        "Efter varje steg har demon själv jämfört filerna hos mottagarna med det som programmet \
         säger att det skickade, och räknat mejlen.",
        "After every step the demo has itself compared the files at the receivers with what the \
         program says that it sent, and counted the mails.",
    ));
    ui.say("");
    let mails = format!("{} ({})", ui.pick("Mejl", "Mails"), play.mails());
    let places = [
        (ui.pick("Inställningar", "Configuration"), stage.config()),
        (ui.pick("Registrets export", "Register's export"), stage.inbox()),
        (ui.pick("Levererade filer", "Delivered files"), stage.delivered(PLATFORM)),
        ("", stage.delivered(LIBRARY)),
        (mails.as_str(), stage.mails()),
        (ui.pick("Logg och planer", "Logbook and plans"), stage.folder().join("state")),
    ];
    for (what, path) in places {
        ui.say(format!("  {what:<18} {}", path.display()));
    }
    next(play, around, lost);
    ui.say("");
    ui.say(ui.pick("Ta bort alltihop:", "Remove it all:"));
    ui.say(format!("  rm -r {}", quoted(&stage.folder().to_string_lossy())));
    ui.json(&serde_json::json!({
        "schema": "rostergate.demo/1",
        "folder": stage.folder().to_string_lossy(),
        "config": stage.config().to_string_lossy(),
        "next-night": NEXT_NIGHT,
        "runs": play.runs(),
    }));
}

/// The time of the night whose export lies in the inbox when the demo ends.
const NEXT_NIGHT: &str = "2026-08-29T04:15";

/// Commands that need no SFTP server, which is closed by then.
fn next(play: &Play<'_>, around: &Surroundings, lost: &str) {
    let ui = &play.ui;
    let program =
        around.arguments.first().map_or("rostergate".into(), |word| word.to_string_lossy());
    let program = quoted(&program);
    let config = quoted(&play.stage.config().to_string_lossy());
    let pupil = play.town.pupil_of(lost).unwrap_or_default();
    let commands = [
        (ui.pick("Läget nu", "How things stand"), "status".to_owned()),
        (ui.pick("Allt som hänt", "All that happened"), "history".to_owned()),
        (ui.pick("Vad mottagarna har", "What the receivers hold"), "baseline show".to_owned()),
        (
            ui.pick(
                "Nästa natts export ligger i inkorgen: vad skulle hända?",
                "The next night's export lies in the inbox: what would happen?",
            ),
            format!("plan --as-of {NEXT_NIGHT}"),
        ),
        (
            ui.pick(
                "En elev på skolan som saknades natt 3: var finns eleven, och varför inte?",
                "A pupil of the school that was missing in night 3: where, and why not?",
            ),
            format!("find {pupil} --as-of {NEXT_NIGHT}"),
        ),
        (
            ui.pick(
                "Vilka av nätterna hade en annan gräns stoppat?",
                "Which of the nights would another limit have stopped?",
            ),
            "backtest --limit persons.remove=0.3%".to_owned(),
        ),
        (
            ui.pick(
                "Kör den natten för biblioteket (SFTP-servern är stängd nu)",
                "Run that night for the library (the SFTP server is closed now)",
            ),
            format!("run --target {LIBRARY} --as-of {NEXT_NIGHT}"),
        ),
    ];
    ui.say("");
    ui.say(ui.pick("Prova nu:", "Try next:"));
    for (what, words) in commands {
        ui.say(format!("  # {what}"));
        let line = format!("  {program} --config {config} {words}");
        if line.chars().count() <= COLUMNS {
            ui.say(line);
        } else {
            ui.say(format!("  {program} --config {config} \\"));
            ui.say(format!("      {words}"));
        }
    }
    ui.say(format!(
        "  # {}",
        ui.pick("Vad koden RG332 i mejlen betyder", "What RG332 in the mails means")
    ));
    let language = ui.language.of("sv", "en");
    ui.say(format!("  {program} help RG332 --lang {language}"));
}
