//! What the system or another server says of a connection, for a Swedish sentence: in plain words
//! where it is one of those that come up, else quoted.

use super::catalogue::{Facts, Placeholder};

/// Parts of what is said, in small letters, and what that is in Swedish.
const KNOWN: &[(&str, &str)] = &[
    ("connection refused", "porten är stängd där"),
    ("no route to host", "det finns ingen väg till servern"),
    ("network is unreachable", "nätverket nås inte"),
    ("network unreachable", "nätverket nås inte"),
    ("host unreachable", "servern nås inte"),
    ("connection reset", "servern bröt förbindelsen"),
    ("broken pipe", "servern bröt förbindelsen"),
    ("connection closed", "servern stängde förbindelsen"),
    ("closed at once", "servern stängde förbindelsen genast"),
    ("timed out", "det tog för lång tid"),
    ("temporary failure in name resolution", "namnuppslaget svarar inte"),
    ("failed to lookup address", "servernamnet finns inte"),
    ("name or service not known", "servernamnet finns inte"),
    ("no address", "servernamnet har ingen adress"),
    ("no password given", "lösenord saknas"),
    ("an answer that is not smtp", "svaret är inte en mejlservers"),
];

/// The cause in Swedish.
pub fn in_swedish(cause: &str) -> String {
    let small = cause.to_lowercase();
    if let Some((_, seconds)) = small.split_once("no answer within ") {
        return format!("inget svar inom {seconds}");
    }
    if let Some((bytes, time)) = small.split_once(" bytes in ") {
        return format!("{bytes} byte på {time}");
    }
    // A server's code says the same in every language.
    if !cause.is_empty() && cause.chars().all(|c| c.is_ascii_digit()) {
        return cause.to_owned();
    }
    match KNOWN.iter().find(|(part, _)| small.contains(part)) {
        Some((_, sv)) => (*sv).to_owned(),
        None => format!("\"{cause}\""),
    }
}

/// Facts with a cause as their detail, in both languages.
#[must_use]
pub fn because(facts: Facts, cause: &str) -> Facts {
    facts.words(Placeholder::Detail, in_swedish(cause), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_up_is_said_in_plain_words_and_the_rest_is_quoted() {
        for (cause, sv) in [
            ("Connection refused (os error 111)", "porten är stängd där"),
            ("no answer within 10 s", "inget svar inom 10 s"),
            ("failed to lookup address information: x", "servernamnet finns inte"),
            ("12 bytes in 60 s", "12 byte på 60 s"),
            ("550", "550"),
            ("Something else", "\"Something else\""),
        ] {
            assert_eq!(in_swedish(cause), sv);
        }
    }
}
