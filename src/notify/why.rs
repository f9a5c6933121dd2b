//! Why somebody or something is not sent, in words that a school secretary can be told.

use jiff::civil::Date;

use super::catalogue::facts::one_line;
use super::language::Language::{self, En, Sv};
use super::number::day_seen_from;
use crate::pipeline::pending::Pending;
use crate::pipeline::select::WhyNot;
use crate::pipeline::trace::Withheld;
use crate::roster::words::{GroupKind, Kind, Role};

/// The rule that leaves a school, person, group or link out of one target's file, as the end of
/// the sentence `Skickas inte: …`.
pub fn why_not(kind: Kind, reason: WhyNot, language: Language) -> &'static str {
    let (sv, en) = match (reason, kind) {
        (WhyNot::NotCarried, _) => {
            ("mottagarens fil har ingen plats för det", "the receiver's file has no place for it")
        }
        (WhyNot::Role, Kind::Relation) => (
            "relationens roll är inte vald för mottagaren (roles)",
            "the relation's role is not selected for the receiver (roles)",
        ),
        (WhyNot::Role, _) => (
            "rollen är inte vald för mottagaren (roles)",
            "the role is not selected for the receiver (roles)",
        ),
        (WhyNot::School, Kind::Person) => (
            "går inte på någon skola som är vald för mottagaren (schools), och är inte i någon \
             grupp där",
            "is at no school that is selected for the receiver (schools), and in no group there",
        ),
        (WhyNot::School, _) => (
            "skolan är inte vald för mottagaren (schools)",
            "the school is not selected for the receiver (schools)",
        ),
        (WhyNot::SchoolYear, _) => (
            "årskursen är inte vald för mottagaren (years)",
            "the school year is not selected for the receiver (years)",
        ),
        (WhyNot::NoChild, _) => (
            "vårdnadshavaren har inget barn som mottagaren ska ha",
            "the guardian has no child that the receiver is to have",
        ),
        (WhyNot::GroupKind, _) => (
            "den sortens grupper är inte valda för mottagaren (groups)",
            "groups of that kind are not selected for the receiver (groups)",
        ),
        (WhyNot::Ended, _) => ("sista dagen har passerat", "the last day is past"),
        (WhyNot::NoPupils, _) => (
            "ingen av gruppens elever ska till mottagaren",
            "none of the group's pupils is to go to the receiver",
        ),
        (WhyNot::PersonLeftOut, Kind::Relation) => {
            ("en av de två personerna skickas inte", "one of the two persons is not sent")
        }
        (WhyNot::PersonLeftOut, _) => ("personen skickas inte", "the person is not sent"),
        (WhyNot::GroupLeftOut, _) => ("gruppen skickas inte", "the group is not sent"),
    };
    language.of(sv, en)
}

/// What keeps somebody or a group from every target, as a sentence.
pub fn withheld(by: Withheld, language: Language) -> &'static str {
    let (sv, en) = match by {
        Withheld::Marked => (
            "Skyddad identitet enligt registrets markering: skickas inte till någon mottagare.",
            "Protected identity by the register's marking: sent to no receiver.",
        ),
        Withheld::UnknownMarking => (
            "Registrets markering är ett okänt ord och räknas därför som skyddad identitet: \
             skickas inte till någon mottagare. Är ordet rätt hör det till values för protected i \
             inställningsfilen.",
            "The register's marking is an unknown word and therefore counts as protected identity: \
             sent to no receiver. If the word is right, it belongs to values of protected in the \
             configuration file.",
        ),
        Withheld::Pseudonym => (
            "Skyddad identitet: skickas bara med uppgifterna ur den lokala pseudonymfilen.",
            "Protected identity: sent only with the data of the local file of pseudonyms.",
        ),
        Withheld::Guardian => (
            "Vårdnadshavare som här bara har barn med skyddad identitet: skickas inte till någon \
             mottagare.",
            "A guardian all of whose children here have protected identity: sent to no receiver.",
        ),
        Withheld::Group => (
            "Gruppen skulle peka ut någon med skyddad identitet: skickas inte till någon \
             mottagare.",
            "The group would point at somebody with protected identity: sent to no receiver.",
        ),
        Withheld::ByHand => (
            "Undantagen för hand: skickas inte till någon mottagare.",
            "Taken out by hand: sent to no receiver.",
        ),
    };
    language.of(sv, en)
}

/// A role in a word.
pub fn role(role: Role, language: Language) -> &'static str {
    let (sv, en) = match role {
        Role::Guardian => ("vårdnadshavare", "guardian"),
        Role::Instructor => ("lärare", "teacher"),
        Role::Learner => ("elev", "pupil"),
        Role::Mentor => ("mentor", "mentor"),
        Role::Staff => ("personal", "staff"),
    };
    language.of(sv, en)
}

/// A kind of group in a word.
pub fn group_kind(kind: GroupKind, language: Language) -> &'static str {
    let (sv, en) = match kind {
        GroupKind::Class => ("klass", "class"),
        GroupKind::Course => ("kurs", "course"),
        GroupKind::Mentor => ("mentorsgrupp", "mentor group"),
        GroupKind::Other => ("övrig grupp", "other group"),
        GroupKind::Teaching => ("undervisningsgrupp", "teaching group"),
    };
    language.of(sv, en)
}

/// A kind of row in a word.
pub fn kind(kind: Kind, language: Language) -> &'static str {
    let (sv, en) = match kind {
        Kind::School => ("skola", "school"),
        Kind::Person => ("person", "person"),
        Kind::Group => ("grupp", "group"),
        Kind::Membership => ("medlemskap", "membership"),
        Kind::Relation => ("relation", "relation"),
    };
    language.of(sv, en)
}

/// Why something that the register no longer has is still told, and until when.
pub fn waits(pending: &Pending, today: Date, language: Language) -> String {
    let since = day_seen_from(today, pending.missing_since, language);
    let window = one_line(&pending.window);
    match (pending.window.is_empty(), pending.approved, language) {
        (true, _, Sv) => {
            format!("Saknas i registret sedan {since} och ligger kvar tills karensen går ut.")
        }
        (true, _, En) => {
            format!("Missing from the register since {since}, and stays until its grace ends.")
        }
        (false, false, Sv) => format!(
            "Saknas i registret sedan {since} och ligger kvar för perioden \"{window}\", tills \
             borttagen släpps."
        ),
        (false, false, En) => format!(
            "Missing from the register since {since}, and stays for the window \"{window}\" until \
             removals are released."
        ),
        (false, true, Sv) => format!(
            "Saknas i registret sedan {since}. Listan från perioden \"{window}\" är godkänd, och \
             borttaget görs en av de närmaste nätterna."
        ),
        (false, true, En) => format!(
            "Missing from the register since {since}. The list of the window \"{window}\" is \
             approved, and it goes one of the next nights."
        ),
    }
}
