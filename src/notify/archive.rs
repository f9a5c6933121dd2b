//! What is said of courses that a receiver archives for good.

use super::language::Language::{self, En, Sv};
use super::number::count as write;

/// That so many are archived, once the file `is_sent` or if it is; `None` when none are.
pub fn archived(count: u64, is_sent: bool, language: Language) -> Option<String> {
    let number = write(count, language);
    let text = match (count, is_sent, language) {
        (0, ..) => return None,
        (1, true, Sv) => {
            "1 kurs arkiveras i natt och kan inte återtas av integrationen.".to_owned()
        }
        (_, true, Sv) => {
            format!("{number} kurser arkiveras i natt och kan inte återtas av integrationen.")
        }
        (1, true, En) => {
            "1 course is archived tonight and cannot be taken back by the integration.".to_owned()
        }
        (_, true, En) => format!(
            "{number} courses are archived tonight and cannot be taken back by the integration."
        ),
        (1, false, Sv) => {
            "Skickas detta arkiveras 1 kurs, och den kan inte återtas av integrationen.".to_owned()
        }
        (_, false, Sv) => format!(
            "Skickas detta arkiveras {number} kurser, och de kan inte återtas av integrationen."
        ),
        (1, false, En) => "If this is sent, 1 course is archived and cannot be taken back by the \
                           integration."
            .to_owned(),
        (_, false, En) => format!(
            "If this is sent, {number} courses are archived and cannot be taken back by the \
             integration."
        ),
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_are_counted_in_words() {
        let sv = |count, sent| archived(count, sent, Sv).unwrap_or_default();
        let en = |count, sent| archived(count, sent, En).unwrap_or_default();
        assert_eq!(archived(0, true, Sv), None);
        assert_eq!(sv(1, true), "1 kurs arkiveras i natt och kan inte återtas av integrationen.");
        assert_eq!(
            sv(1200, true),
            "1 200 kurser arkiveras i natt och kan inte återtas av integrationen."
        );
        assert_eq!(
            sv(3, false),
            "Skickas detta arkiveras 3 kurser, och de kan inte återtas av integrationen."
        );
        assert_eq!(
            en(3, true),
            "3 courses are archived tonight and cannot be taken back by the integration."
        );
        assert_eq!(
            en(1, false),
            "If this is sent, 1 course is archived and cannot be taken back by the integration."
        );
    }
}
