//! What keeps a plan from going out at once: a pause, or a list that goes in stages.

use jiff::civil::Date;

use crate::commands::Scene;
use crate::gateway::pause::{self, Paused};
use crate::gateway::target::Aim;
use crate::notify::catalogue::facts::one_line;
use crate::notify::language::Language;
use crate::notify::number;
use crate::notify::sentence::numbers;
use crate::pipeline::waiting::Waiting;
use crate::state::StateDir;

/// The pause in which a receiver is on a day.
pub(super) fn pause_on(scene: &Scene<'_>, aim: &Aim<'_>, today: Date) -> Option<Paused> {
    let reader = StateDir::read_only(&scene.loaded.config.site.state).ok()?;
    pause::of_day(&reader, aim, today).ok().flatten()
}

pub(super) fn paused(scene: &Scene<'_>, pause: &Paused, today: Date) -> String {
    let ui = &scene.ui;
    let through = number::day_seen_from(today, pause.through, ui.language);
    let why = match (&pause.window, &pause.by) {
        (Some(window), _) => format!("{} \"{window}\"", ui.pick("perioden", "the window")),
        (None, Some(by)) => by.clone(),
        (None, None) => String::new(),
    };
    match ui.language {
        Language::Sv => format!("Skickas INTE: paus till och med {through} ({}).", one_line(&why)),
        Language::En => format!("NOT sent: paused through {through} ({}).", one_line(&why)),
    }
}

/// The list that goes in stages: the numbers above are those of the file that goes out at once.
pub(super) fn in_stages(scene: &Scene<'_>, stages: &Waiting, details: bool) {
    let ui = &scene.ui;
    ui.say(ui.pick(
        "  På listan, som tas bort i etapper från natten efter godkännandet:",
        "  On the list, which goes in stages from the night after its approval:",
    ));
    ui.say(format!("    {}", numbers(&stages.removed, ui.language)));
    if !details {
        return;
    }
    let schools = stages.schools.iter().map(|(name, number)| (one_line(name), *number));
    let kinds = stages.group_kinds.iter().map(|(kind, number)| (kind.to_string(), *number));
    for (name, number) in schools.chain(kinds) {
        let name: String = name.chars().take(26).collect();
        let (number, removed) = (number::count(number, ui.language), ui.pick("bort", "to go"));
        ui.say(format!("    {name:<26}{number:>9} {removed}"));
    }
}
