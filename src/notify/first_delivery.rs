//! A first delivery as a reason to hold: how many, and what differs from the last receiver.

use super::catalogue::facts::one_line;
use super::language::Language::{self, En, Sv};
use super::noun::counted;
use crate::pipeline::verdict::Subject;

/// The reason as a sentence.
pub(super) fn first_delivery(
    persons: u64,
    moved: &[String],
    last_for: Option<&str>,
    language: Language,
) -> String {
    let persons = counted(&Subject::Persons, persons, language);
    if let (true, Some(other)) = (moved.is_empty(), last_for) {
        let other = one_line(other);
        return match language {
            Sv => format!(
                "Mottagarens senaste fil gällde målet {other}, så detta är en första leverans: \
                 {persons} skulle skickas."
            ),
            En => format!(
                "The receiver's last file was for the target {other}, so this is a first delivery: \
                 {persons} would be sent."
            ),
        };
    }
    if moved.is_empty() {
        return match language {
            Sv => format!("Första leveransen hit: {persons} skulle skickas."),
            En => format!("The first delivery here: {persons} would be sent."),
        };
    }
    let moved: Vec<String> = moved.iter().map(|what| moved_word(what, language)).collect();
    let moved = moved.join(", ");
    match language {
        Sv => format!(
            "Mottagaren är en annan än sist ({moved}), så detta är en första leverans: {persons} \
             skulle skickas."
        ),
        En => format!(
            "The receiver is not the last one ({moved}), so this is a first delivery: {persons} \
             would be sent."
        ),
    }
}

/// What differs, in the words of the configuration; unknown words stand as they are.
fn moved_word(what: &str, language: Language) -> String {
    if language == En {
        return one_line(what);
    }
    match what {
        "environment" => "miljö".to_owned(),
        "host" => "server".to_owned(),
        "user" => "användare".to_owned(),
        "folder" | "path" => "mapp".to_owned(),
        "file-name" | "files" | "file names" => "filnamn".to_owned(),
        other => one_line(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_of_another_name_is_named_where_nothing_else_differs() {
        let says = |moved: &[String], language| first_delivery(87, moved, Some("lms"), language);
        let sv = "Mottagarens senaste fil gällde målet lms, så detta är en första leverans: 87 \
            personer skulle skickas.";
        let en = "The receiver's last file was for the target lms, so this is a first delivery: 87 \
            persons would be sent.";
        assert_eq!([says(&[], Sv), says(&[], En)], [sv, en]);
        assert!(!says(&["folder".to_owned()], En).contains("lms"), "it is another receiver");
    }
}
