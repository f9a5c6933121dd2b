//! Exports that say the same night after night, and the marks that tell one export from the next.

use jiff::civil::{Date, Weekday};

use super::failure::Failure;
use super::read::Reading;
use super::{Context, clock};
use crate::notify::night::{Night, Note};
use crate::sources::ExportMark;
use crate::state::{StateDir, StateReader};

/// Remembers the exports that were used, and tells of those that stand still.
pub(super) fn remember(
    context: &Context<'_>,
    state: &StateDir,
    reading: &Reading,
    night: &mut Night,
) -> Result<(), Failure> {
    // By a wrong clock no school day goes by.
    let right = clock::breach(context, state)?.is_none();
    for (source, mark) in &reading.marks {
        let last = last_mark(state, source);
        let standing = match last.as_ref() {
            Some(last) if !right => last.standing.clone(),
            last => {
                let counts = |date| is_school_day(date) && !is_window(context, date);
                Some(mark.standing_on(context.now.date(), last, counts))
            }
        };
        if let Some(standing) = standing.as_ref().filter(|standing| standing.is_frozen()) {
            let (source, school_days) = (source.clone(), standing.school_days);
            night.notes.push(Note::Frozen { source, school_days });
        }
        let mark = ExportMark { standing, ..mark.clone() };
        let says = serde_json::to_value(mark).expect("a mark is plain data");
        state.set_export_mark(source, says, context.now.timestamp())?;
    }
    Ok(())
}

/// The mark of the export that a source gave last, where today's program can read it.
pub fn last_mark(state: &StateReader, source: &str) -> Option<ExportMark> {
    let says = state.export_mark(source).ok()??;
    serde_json::from_value(says).ok()
}

/// A day of a window: a register that rests over the summer is no frozen one.
fn is_window(context: &Context<'_>, date: Date) -> bool {
    context.loaded.config.window.iter().any(|window| window.open_on(date).is_some())
}

/// A day on which schools work and registers change.
fn is_school_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
