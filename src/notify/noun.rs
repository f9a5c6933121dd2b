//! What things are called: `elever`, `1 elev`, `personer på Björkskolan`.

use super::catalogue::facts::school;
use super::language::Language;
use super::number;
use crate::pipeline::verdict::Subject;
use crate::roster::words::{GroupKind, Role};

/// The number and its noun: `5 822 personer`, `1 person`.
pub fn counted(subject: &Subject, count: u64, language: Language) -> String {
    format!("{} {}", number::count(count, language), noun(subject, count, language))
}

/// The noun alone, in the number that goes with `count`.
pub fn noun(subject: &Subject, count: u64, language: Language) -> String {
    let one = count == 1;
    let noun = language.of(swedish(subject), english(subject));
    let word = if one { noun.0 } else { noun.1 };
    match subject {
        Subject::School(name) | Subject::AtSchool(_, name) => {
            format!("{word} {} {}", language.of("på", "at"), school(name))
        }
        _ => word.to_owned(),
    }
}

/// Whether the noun is neuter in Swedish, as `ett medlemskap`.
pub(super) fn is_neuter(subject: &Subject) -> bool {
    match subject {
        Subject::AtSchool(what, _) => is_neuter(what),
        _ => matches!(subject, Subject::Memberships | Subject::MembershipRole(_)),
    }
}

fn swedish(subject: &Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Persons | Subject::School(_) => ("person", "personer"),
        Subject::Role(Role::Learner) => ("elev", "elever"),
        Subject::Role(Role::Staff) => ("anställd", "anställda"),
        Subject::Role(Role::Guardian) => ("vårdnadshavare", "vårdnadshavare"),
        Subject::Role(Role::Instructor) => ("lärare", "lärare"),
        Subject::Role(Role::Mentor) => ("mentor", "mentorer"),
        Subject::Groups => ("grupp", "grupper"),
        Subject::GroupKind(GroupKind::Class) => ("klass", "klasser"),
        Subject::GroupKind(GroupKind::Teaching) => ("undervisningsgrupp", "undervisningsgrupper"),
        Subject::GroupKind(GroupKind::Course) => ("kurs", "kurser"),
        Subject::GroupKind(GroupKind::Mentor) => ("mentorsgrupp", "mentorsgrupper"),
        Subject::GroupKind(GroupKind::Other) => ("övrig grupp", "övriga grupper"),
        Subject::Memberships => ("medlemskap", "medlemskap"),
        Subject::MembershipRole(Role::Learner) => ("medlemskap som elev", "medlemskap som elev"),
        Subject::MembershipRole(Role::Instructor) => {
            ("medlemskap som lärare", "medlemskap som lärare")
        }
        Subject::MembershipRole(Role::Mentor) => ("medlemskap som mentor", "medlemskap som mentor"),
        Subject::MembershipRole(Role::Staff) => {
            ("medlemskap som anställd", "medlemskap som anställd")
        }
        Subject::MembershipRole(Role::Guardian) => {
            ("medlemskap som vårdnadshavare", "medlemskap som vårdnadshavare")
        }
        Subject::Relations => ("relation", "relationer"),
        Subject::Schools => ("skola", "skolor"),
        Subject::AtSchool(what, _) => swedish(what),
    }
}

fn english(subject: &Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Persons | Subject::School(_) => ("person", "persons"),
        Subject::Role(Role::Learner) => ("pupil", "pupils"),
        Subject::Role(Role::Staff) => ("member of staff", "members of staff"),
        Subject::Role(Role::Guardian) => ("guardian", "guardians"),
        Subject::Role(Role::Instructor) => ("teacher", "teachers"),
        Subject::Role(Role::Mentor) => ("mentor", "mentors"),
        Subject::Groups => ("group", "groups"),
        Subject::GroupKind(GroupKind::Class) => ("class", "classes"),
        Subject::GroupKind(GroupKind::Teaching) => ("teaching group", "teaching groups"),
        Subject::GroupKind(GroupKind::Course) => ("course", "courses"),
        Subject::GroupKind(GroupKind::Mentor) => ("mentor group", "mentor groups"),
        Subject::GroupKind(GroupKind::Other) => ("other group", "other groups"),
        Subject::Memberships => ("membership", "memberships"),
        Subject::MembershipRole(Role::Learner) => ("pupil membership", "pupil memberships"),
        Subject::MembershipRole(Role::Instructor) => ("teacher membership", "teacher memberships"),
        Subject::MembershipRole(Role::Mentor) => ("mentor membership", "mentor memberships"),
        Subject::MembershipRole(Role::Staff) => ("staff membership", "staff memberships"),
        Subject::MembershipRole(Role::Guardian) => ("guardian membership", "guardian memberships"),
        Subject::Relations => ("relation", "relations"),
        Subject::Schools => ("school", "schools"),
        Subject::AtSchool(what, _) => english(what),
    }
}
