//! The table of numbers that `plan`, `run` and `approve` show.

use super::ui::Ui;
use crate::notify::altered::new_keys;
use crate::notify::archive::archived;
use crate::notify::catalogue::facts::one_line;
use crate::notify::number;
use crate::pipeline::counts::{Counts, Tally};
use crate::pipeline::safety::Limits;
use crate::pipeline::verdict::{Breach, Operation, Subject, Verdict};

/// The lines of one target's table, without its name.
pub(super) fn lines(ui: &Ui, counts: &Counts, limits: &Limits, verdict: &Verdict) -> Vec<String> {
    let words = [
        ui.pick("Fanns", "Before"),
        ui.pick("Nya", "New"),
        ui.pick("Ändrade", "Changed"),
        ui.pick("Borttagna", "Removed"),
        ui.pick("Gräns", "Limit"),
    ];
    let [before, new, changed, removed, limit] = words;
    let mut lines =
        vec![format!("{:<22}{before:>9}{new:>9}{changed:>9}{removed:>17}{limit:>9}", "")];
    let share = |share: Option<crate::pipeline::percent::Percent>| {
        share.map(super::super::pipeline::percent::Percent::in_thousandths)
    };
    let remove = Operation::Remove;
    let rows = [
        (ui.pick("Skolor", "Schools"), counts.schools, None, Subject::Schools),
        (
            ui.pick("Personer", "Persons"),
            counts.persons,
            share(limits.persons.share(remove)),
            Subject::Persons,
        ),
        (
            ui.pick("Grupper", "Groups"),
            counts.groups,
            share(limits.groups.share(remove)),
            Subject::Groups,
        ),
        (
            ui.pick("Medlemskap", "Memberships"),
            counts.memberships,
            share(limits.memberships.share(remove)),
            Subject::Memberships,
        ),
        (
            ui.pick("Relationer", "Relations"),
            counts.relations,
            share(limits.relations.share(remove)),
            Subject::Relations,
        ),
    ];
    for (name, tally, limit, subject) in rows {
        if tally != Tally::default() {
            lines.push(row(ui, name, tally, limit, stopped(verdict, &subject)));
        }
    }
    let rekeyed = counts.rekeyed;
    let new_keys = new_keys(rekeyed.persons, rekeyed.groups, ui.language);
    lines.extend(new_keys.map(|told| format!("  {told}")));
    for school in &counts.by_school {
        let subject = Subject::School(school.name.clone());
        if stopped(verdict, &subject) {
            let limit = limits.school.remove.map(|limit| limit.share().in_thousandths());
            lines.push(row(ui, &school.name, school.persons, limit, true));
        }
    }
    lines.extend(archived(counts.archived, false, ui.language).map(|text| format!("  {text}")));
    lines
}

fn row(ui: &Ui, name: &str, tally: Tally, limit: Option<u32>, stopped: bool) -> String {
    let number = |n: u64| number::count(n, ui.language);
    let name: String = one_line(name).chars().take(20).collect();
    let share = if tally.removed == 0 {
        String::new()
    } else {
        number::share(tally.removed, tally.before, limit, ui.language)
    };
    let limit = limit.map(|limit| number::percent(limit, ui.language)).unwrap_or_default();
    let mark = if stopped { ui.pick("   STOPPAS", "   STOPPED") } else { "" };
    let line = format!(
        "  {name:<20}{:>9}{:>9}{:>9}{:>9}{share:>8}{limit:>9}{mark}",
        number(tally.before),
        number(tally.added),
        number(tally.changed),
        number(tally.removed),
    );
    line.trim_end().to_owned()
}

/// Whether a breach is about this subject.
fn stopped(verdict: &Verdict, wanted: &Subject) -> bool {
    let Verdict::Hold(breaches) = verdict else { return false };
    breaches.iter().any(|breach| match breach {
        Breach::OverPercent { subject, .. }
        | Breach::OverCount { subject, .. }
        | Breach::OverWeek { subject, .. }
        | Breach::Vanished { subject, .. }
        | Breach::BelowMinimum { subject, .. } => subject == wanted,
        _ => false,
    })
}
