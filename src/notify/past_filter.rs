//! What left past the filter beside protected persons, and what of it had to stay.

use super::catalogue::facts::one_line;
use super::catalogue::{Facts, Placeholder, render};
use super::document::Block;
use super::language::Language::{self, En, Sv};
use super::night::{Night, TargetNight};
use super::noun::counted;
use crate::pipeline::verdict::Subject;
use crate::roster::code::Code;

/// RG358: groups named like somebody protected are still told.
pub const STILL_NAMED: Code = Code(358);

/// The facts of [`STILL_NAMED`] at a receiver; `None` when there are no such groups.
pub fn still_named(target: &TargetNight) -> Option<Facts> {
    let count = target.past_filter.still_named;
    let facts = Facts::new().text(Placeholder::Target, target.name.as_str());
    (count > 0).then(|| facts.number(Placeholder::Count, count))
}

/// Said before everything else.
pub(super) fn urgent(night: &Night, language: Language) -> Vec<Block> {
    let each = night.targets.iter().filter_map(still_named).map(|facts| {
        let message = render(STILL_NAMED, language, &facts);
        let urgent = language.of("BRÅDSKANDE", "URGENT");
        let what = format!("{urgent}: {} {} ({STILL_NAMED})", message.what, message.means);
        [Block::Paragraph(what), Block::Steps(message.do_next)]
    });
    each.flatten().collect()
}

/// What went along at each receiver where anything did.
pub(super) fn remarks(night: &Night, language: Language) -> Vec<String> {
    night.targets.iter().filter_map(|target| went_along(target, language)).collect()
}

/// `Förbi säkerhetsfiltret hos itslearning: grupper som pekade ut en skyddad person togs bort, 1
/// grupp med 24 medlemskap för andra.`
pub fn went_along(target: &TargetNight, language: Language) -> Option<String> {
    let gone = target.past_filter;
    if gone.groups == 0 {
        return None;
    }
    let name = one_line(&target.name);
    let groups = counted(&Subject::Groups, gone.groups, language);
    let members = counted(&Subject::Memberships, gone.memberships, language);
    Some(match language {
        Sv => format!(
            "Förbi säkerhetsfiltret hos {name}: grupper som pekade ut en skyddad person togs bort, \
             {groups} med {members} för andra."
        ),
        En => format!(
            "Past the safety filter at {name}: groups that pointed at a protected person were \
             removed, {groups} with {members} of others."
        ),
    })
}
