//! Numbers and times as people write them: `5 822` and `5,4 %`, or `5,822` and `5.4%`.

use std::cmp::Ordering;

use jiff::Zoned;
use jiff::civil::Date;

use super::language::Language;

/// The finest share that is ever shown; enough to tell one in a billion from its limit.
const MOST_DECIMALS: u32 = 12;

/// A count with its thousands apart: an ordinary space in Swedish, a comma in English.
pub fn count(number: u64, language: Language) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(language.of(' ', ','));
        }
        out.push(digit);
    }
    out
}

/// A limit given in thousandths of a percent, with the decimals that it has: 7500 is `7,5 %`.
pub fn percent(thousandths: u32, language: Language) -> String {
    let decimals = format!("{:03}", thousandths % 1000);
    let decimals = decimals.trim_end_matches('0');
    let whole = thousandths / 1000;
    if decimals.is_empty() {
        return with_sign(&whole.to_string(), language);
    }
    with_sign(&format!("{whole}{}{decimals}", language.of(',', '.')), language)
}

/// `count` of `of` as a share, with one decimal: `5,4 %`.
///
/// Beside a limit (thousandths of a percent) it gets as many decimals as it takes to show on
/// which side of the limit it is. Something that is not nothing is never shown as `0,0 %`.
/// An empty whole has no share: `–`.
pub fn share(count: u64, of: u64, limit: Option<u32>, language: Language) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    if count == of {
        return with_sign("100", language);
    }
    let truth = limit.map(|limit| share_to_limit(count, of, limit));
    let shown = (1..=MOST_DECIMALS).map(|decimals| (rounded(count, of, decimals), decimals)).find(
        |&(shown, decimals)| match (limit, truth) {
            (Some(limit), Some(truth)) => shown_to_limit(shown, decimals, limit) == truth,
            _ => true,
        },
    );
    let (shown, decimals) = shown.unwrap_or((rounded(count, of, 1), 1));
    if shown == 0 && count > 0 {
        return format!("<{}", with_sign(language.of("0,1", "0.1"), language));
    }
    let ten = 10u128.pow(decimals);
    let point = language.of(',', '.');
    let places = decimals as usize;
    with_sign(&format!("{}{point}{:0places$}", shown / ten, shown % ten), language)
}

/// Whether one decimal is too few to tell the share from the limit.
pub(super) fn needs_care(count: u64, of: u64, limit: u32) -> bool {
    of != 0 && shown_to_limit(rounded(count, of, 1), 1, limit) != share_to_limit(count, of, limit)
}

fn share_to_limit(count: u64, of: u64, limit: u32) -> Ordering {
    (u128::from(count) * 100_000).cmp(&(u128::from(limit) * u128::from(of)))
}

/// Compares a shown share, in units of 10^-decimals percent, with a limit.
fn shown_to_limit(shown: u128, decimals: u32, limit: u32) -> Ordering {
    (shown * 1000).cmp(&(u128::from(limit) * 10u128.pow(decimals)))
}

/// The share in units of 10^-decimals percent, rounded half up.
fn rounded(count: u64, of: u64, decimals: u32) -> u128 {
    let (count, of) = (u128::from(count), u128::from(of));
    (count * 100 * 10u128.pow(decimals) * 2 + of) / (of * 2)
}

fn with_sign(number: &str, language: Language) -> String {
    format!("{number}{}", language.of(" %", "%"))
}

/// A size in bytes as people say it: `9,4 MB`.
pub fn size(bytes: u64, language: Language) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = bytes / (unit / 10);
    format!("{}{}{} {name}", count(tenths / 10, language), language.of(',', '.'), tenths % 10)
}

/// The time of day: `04:16`.
pub fn clock(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

/// A day and a time: `22 nov 04:15` or `22 Nov 04:15`.
pub fn day_and_clock(at: &Zoned, language: Language) -> String {
    format!("{} {}", day(at.date(), language), clock(at))
}

/// A day: `22 nov` or `22 Nov`.
pub fn day(date: Date, language: Language) -> String {
    const SV: [&str; 12] =
        ["jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"];
    const EN: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = usize::from(date.month().unsigned_abs()) - 1;
    format!("{} {}", date.day(), language.of(SV, EN)[month])
}

/// A day, with its year where that is not today's: `31 dec 2027`.
pub fn day_seen_from(today: Date, date: Date, language: Language) -> String {
    let day = day(date, language);
    if date.year() == today.year() { day } else { format!("{day} {}", date.year()) }
}

/// An ordinal, in words up to ten: `tredje`, `third`; then `11:e`, `11th`.
pub fn ordinal(number: u32, language: Language) -> String {
    const SV: [&str; 10] = [
        "första", "andra", "tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde", "nionde",
        "tionde",
    ];
    const EN: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth",
    ];
    let words = language.of(SV, EN);
    let word = (number as usize).checked_sub(1).and_then(|place| words.get(place));
    word.map_or_else(|| format!("{number}{}", ending(number, language)), |&word| word.to_owned())
}

fn ending(number: u32, language: Language) -> &'static str {
    let teen = (11..=13).contains(&(number % 100));
    match (language, number % 10) {
        (Language::Sv, 1 | 2) if !teen => ":a",
        (Language::Sv, _) => ":e",
        (Language::En, 1) if !teen => "st",
        (Language::En, 2) if !teen => "nd",
        (Language::En, 3) if !teen => "rd",
        (Language::En, _) => "th",
    }
}

/// The text with the spaces inside numbers (`5 822`, `5 %`) as no-break spaces.
pub(super) fn glued(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(here) = chars.next() {
        let inside = here == ' '
            && before.is_ascii_digit()
            && chars.peek().is_some_and(|next| next.is_ascii_digit() || *next == '%');
        out.push(if inside { '\u{a0}' } else { here });
        before = here;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Sv};

    #[test]
    fn thousands_are_apart() {
        assert_eq!(count(0, Sv), "0");
        assert_eq!(count(999, Sv), "999");
        assert_eq!(count(5_822, Sv), "5 822");
        assert_eq!(count(5_822, En), "5,822");
        assert_eq!(count(10_000_000, Sv), "10 000 000");
    }

    #[test]
    fn limits_have_the_decimals_they_were_given() {
        assert_eq!(percent(5_000, Sv), "5 %");
        assert_eq!(percent(7_500, Sv), "7,5 %");
        assert_eq!(percent(125, En), "0.125%");
        assert_eq!(percent(0, En), "0%");
    }

    #[test]
    fn a_share_shows_its_side_of_the_limit() {
        assert_eq!(share(312, 5_822, Some(5_000), Sv), "5,4 %");
        assert_eq!(share(5_001, 100_000, Some(5_000), Sv), "5,001 %");
        assert_eq!(share(4_999, 100_000, Some(5_000), En), "4.999%");
        assert_eq!(share(5, 100, Some(5_000), En), "5.0%");
        assert_eq!(share(50_000_001, 1_000_000_000, Some(5_000), En), "5.0000001%");
        assert!(needs_care(5_001, 100_000, 5_000) && !needs_care(312, 5_822, 5_000));
    }

    #[test]
    fn the_edges_of_a_share() {
        assert_eq!(share(298, 298, Some(30_000), Sv), "100 %");
        assert_eq!(share(1, 100_000, None, Sv), "<0,1 %");
        assert_eq!(share(0, 100_000, None, Sv), "0,0 %");
        assert_eq!(share(3, 0, Some(5_000), Sv), "–");
        assert_eq!(share(u64::MAX - 1, u64::MAX, Some(1), En), "100.0%");
    }

    #[test]
    fn ordinals_and_sizes() {
        assert_eq!(ordinal(3, Sv), "tredje");
        assert_eq!(ordinal(11, Sv), "11:e");
        assert_eq!(ordinal(21, Sv), "21:a");
        assert_eq!(ordinal(22, En), "22nd");
        assert_eq!(ordinal(113, En), "113th");
        assert_eq!(size(9_437_184, Sv), "9,4 MB");
        assert_eq!(size(12, En), "12 B");
    }

    #[test]
    fn spaces_inside_numbers_hold() {
        assert_eq!(glued("5 822 personer, 5,4 %"), "5\u{a0}822 personer, 5,4\u{a0}%");
    }
}
