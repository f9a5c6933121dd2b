//! The ledger's words for staff: in English as they are kept, in Swedish as they are said.

use super::ui::Ui;

/// What the ledger calls it, and what it is called in Swedish.
const WORDS: &[(&str, &str)] = &[
    // What started a run.
    ("timer", "timer"),
    ("run", "för hand"),
    ("replay", "provtid"),
    ("approve", "godkännande"),
    ("adopt", "övertagande"),
    ("withdraw", "borttagning"),
    ("undo", "ångrad"),
    // How a run ended.
    ("completed", "klar"),
    ("held", "stoppad"),
    ("mixed", "delvis klar"),
    ("planned-only", "bara planerad"),
    ("refused", "nekad"),
    ("interrupted", "avbruten"),
    ("undone", "ångrad"),
    // Where a plan stands.
    ("begun", "påbörjad"),
    ("failed", "misslyckad"),
    ("superseded", "ersatt av en nyare"),
    ("expired", "gick ut"),
    ("cleared", "släppt"),
    ("uploading", "laddas upp"),
    ("uploaded", "uppladdad"),
    ("publishing", "publiceras"),
    ("published", "publicerad"),
    ("unknown", "okänt"),
    ("delivered", "levererad"),
    ("adopted", "övertagen"),
    ("approved", "godkänd"),
];

/// A word of the ledger in the site's language.
pub(super) fn word(ui: &Ui, kept: &str) -> String {
    let swedish = WORDS.iter().find(|(known, _)| *known == kept).map_or(kept, |(_, sv)| sv);
    ui.pick(swedish, kept).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::PlanState;

    #[test]
    fn every_state_of_a_plan_has_a_swedish_word() {
        use PlanState::{
            Adopted, Begun, Cleared, Delivered, Expired, Failed, Held, Published, Publishing,
            Superseded, Unknown, Uploaded, Uploading,
        };
        let states = [
            Begun, Failed, Held, Superseded, Expired, Cleared, Uploading, Uploaded, Publishing,
            Published, Unknown, Delivered, Adopted,
        ];
        for state in states {
            assert!(WORDS.iter().any(|(known, _)| *known == state.as_str()), "{}", state.as_str());
        }
    }
}
