//! Swedish personal numbers in every written form, normalised to twelve places.

use jiff::civil::Date;

/// Which of the three numbers a person can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PersonalNumberKind {
    /// A personnummer.
    Personnummer,
    /// A samordningsnummer: the day is 60 higher.
    Samordningsnummer,
    /// A temporary (TF or interim) number with letters in the last four places.
    Interim,
}

/// Reads a personal number in any written form: 12 or 10 places, with or without `-` or `+`,
/// also `ÅÅÅÅMMDD-TFnn` and other interim numbers. Gives the kind and the twelve places, or
/// `None` when the date or the check digit is wrong.
///
/// Ten places are placed in the century that makes the person younger than 100 on `today`, or
/// older with `+` (the rule of the Swedish Tax Agency, SKV 704).
pub fn normalise(text: &str, today: Date) -> Option<(PersonalNumberKind, String)> {
    let compact: String = text.trim().chars().filter(|c| !c.is_whitespace()).collect();
    let split = compact.find(['-', '+']);
    let (date, last) = match split {
        Some(at) => (&compact[..at], &compact[at + 1..]),
        None if compact.is_ascii() && compact.len() >= 10 => compact.split_at(compact.len() - 4),
        None => return None,
    };
    if !last.is_ascii() || last.len() != 4 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hundred = split.is_some_and(|at| compact.as_bytes()[at] == b'+');
    let date = match date.len() {
        8 => date.to_owned(),
        6 => format!("{:02}{date}", century(date, hundred, today)?),
        _ => return None,
    };
    let kind = classify(&date, last)?;
    Some((kind, format!("{date}{}", last.to_ascii_uppercase())))
}

/// Reads a personal number that is written with its century, with or without a dash. Gives the
/// kind and the twelve places.
pub fn twelve_places(text: &str) -> Option<(PersonalNumberKind, String)> {
    let compact = match text.split_once('-') {
        Some((date, last)) => format!("{date}{last}"),
        None => text.to_owned(),
    };
    if compact.len() != 12 || !compact.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let (date, last) = compact.split_at(8);
    let kind = date.bytes().all(|b| b.is_ascii_digit()).then(|| classify(date, last))??;
    Some((kind, compact.to_ascii_uppercase()))
}

/// Whether a number of twelve places is nobody else's and stays: interim ones are given again.
pub fn lasting(twelve: &str) -> bool {
    !twelve.is_empty() && twelve.bytes().all(|b| b.is_ascii_digit())
}

/// The birth date, `YYYYMMDD`, in a personal number of twelve places: of a samordningsnummer,
/// too, whose day is 60 higher.
pub fn birth_date(twelve: &str) -> Option<String> {
    let (date, _) = twelve.split_at_checked(8)?;
    let (month, day) = date.split_at(6);
    let day: u8 = day.parse().ok()?;
    Some(format!("{month}{:02}", day % 60))
}

/// The century of a six-place date, so that the person is 0 to 99 years old, or 100 and more.
fn century(date: &str, hundred: bool, today: Date) -> Option<i16> {
    let year: i16 = date[..2].parse().ok()?;
    let month: i8 = date[2..4].parse().ok()?;
    let day: i8 = date[4..6].parse::<i8>().ok()? % 60;
    let mut century = today.year() / 100;
    if (century * 100 + year, month, day) > (today.year(), today.month(), today.day()) {
        century -= 1;
    }
    Some(if hundred { century - 1 } else { century })
}

fn classify(date: &str, last: &str) -> Option<PersonalNumberKind> {
    let year: i16 = date[..4].parse().ok()?;
    let month: i8 = date[4..6].parse().ok()?;
    let day: i8 = date[6..8].parse().ok()?;
    let coordination = day > 60;
    Date::new(year, month, if coordination { day - 60 } else { day }).ok()?;
    if last.bytes().all(|b| b.is_ascii_digit()) {
        let digits = format!("{}{last}", &date[2..]);
        return luhn(&digits).then_some(if coordination {
            PersonalNumberKind::Samordningsnummer
        } else {
            PersonalNumberKind::Personnummer
        });
    }
    interim(last).then_some(PersonalNumberKind::Interim)
}

/// One or two letters, then digits: `TF18`, `T220`.
fn interim(last: &str) -> bool {
    let upper = last.to_ascii_uppercase();
    let letters = upper.bytes().take_while(u8::is_ascii_alphabetic).count();
    (1..=2).contains(&letters) && upper.bytes().skip(letters).all(|b| b.is_ascii_digit())
}

/// The check digit of the ten-place form: weights 2, 1, 2, … and the digits' sum modulo 10.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[track_caller]
    fn check(text: &str, expected: Option<(PersonalNumberKind, &str)>) {
        let today = date(2026, 11, 21);
        let expected = expected.map(|(kind, text)| (kind, text.to_owned()));
        assert_eq!(normalise(text, today), expected, "{text}");
    }

    #[test]
    fn every_written_form_becomes_twelve_places() {
        use PersonalNumberKind::{Interim, Personnummer, Samordningsnummer};
        check("20180613-2385", Some((Personnummer, "201806132385")));
        check("201806132385", Some((Personnummer, "201806132385")));
        check("180613-2385", Some((Personnummer, "201806132385")));
        check("1806132385", Some((Personnummer, "201806132385")));
        check(" 180613 2385 ", Some((Personnummer, "201806132385")));
        check("180613+2385", Some((Personnummer, "191806132385")));
        check("701063-2391", Some((Samordningsnummer, "197010632391")));
        check("20140312-TF18", Some((Interim, "20140312TF18")));
        check("20140312tf18", Some((Interim, "20140312TF18")));
        check("20000101-T220", Some((Interim, "20000101T220")));
    }

    #[test]
    fn twelve_places_need_no_date_of_today() {
        use PersonalNumberKind::{Interim, Personnummer, Samordningsnummer};
        for (text, expected) in [
            ("201806132385", Some((Personnummer, "201806132385"))),
            ("20180613-2385", Some((Personnummer, "201806132385"))),
            ("197010632391", Some((Samordningsnummer, "197010632391"))),
            ("20140312-tf18", Some((Interim, "20140312TF18"))),
            ("201806132386", None),
            ("180613-2385", None),
            ("elev-bj-4A-8", None),
            ("åååååå", None),
            ("", None),
        ] {
            let expected = expected.map(|(kind, text)| (kind, text.to_owned()));
            assert_eq!(twelve_places(text), expected, "{text}");
        }
        assert_eq!(birth_date("201806132385").as_deref(), Some("20180613"));
        assert_eq!(birth_date("197010632391").as_deref(), Some("19701003"));
        assert_eq!(birth_date("20140312TF18").as_deref(), Some("20140312"));
        assert_eq!(birth_date(""), None);
    }

    #[test]
    fn a_wrong_check_digit_or_date_is_no_personal_number() {
        check("201806132386", None);
        check("20181332-2385", None);
        check("20140312-TFXX", None);
        check("åäö", None);
        check("", None);
        check("1806132385999", None);
    }
}
