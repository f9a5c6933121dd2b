//! The line that a fault is about, with carets under it, and never with a secret.

use std::ops::Range;

/// Keys whose values are, or may by mistake be, secrets.
const SECRET: [&str; 4] = ["password", "passphrase", "key", "heartbeat"];

/// Whether a secret belongs at a path; the `key` of a register or a format is none.
pub(super) fn is_secret(path: &[String]) -> bool {
    match path.last().map(String::as_str) {
        Some("key") => path.iter().any(|name| name == "deliver" || name == "mail"),
        Some(last) => SECRET.contains(&last),
        None => false,
    }
}

/// The line with carets under the fault; empty where it might show a secret. About a key, the
/// value is left out: what stands at a misspelt key may be one.
pub(super) fn of(text: &str, span: &Range<usize>, at_key: bool, path: &[String]) -> String {
    let Some((number, line, column)) = place(text, span.start) else { return String::new() };
    let of_source = path.first().is_some_and(|first| first == "source");
    if !of_source && assigns_secret(line) {
        return String::new();
    }
    let width = text.get(span.clone()).map_or(1, first_width);
    let header = line.trim_start().starts_with('[');
    let shown = if at_key && !header { cut(line, column + width) } else { line.to_owned() };
    drawn(number, &shown, column, width)
}

/// The same for a fault in the file's form, where it is not known what belongs where.
pub(super) fn of_form(text: &str, span: &Range<usize>) -> String {
    let Some((number, line, column)) = place(text, span.start) else { return String::new() };
    let before = text.lines().take(number - 1).collect::<Vec<_>>();
    let last = before.iter().rev().find(|line| !line.trim().is_empty());
    let many_lines = |line: &&&str| line.contains("\"\"\"") || line.contains("'''");
    let open = before.iter().filter(many_lines).any(|line| assigns_secret(line));
    let whole = line.contains('=') || line.trim_start().starts_with('[');
    if open || !whole || assigns_secret(line) || last.is_some_and(|last| assigns_secret(last)) {
        return String::new();
    }
    drawn(number, line, column, text.get(span.clone()).map_or(1, first_width))
}

/// A line by its number, from 1.
pub(super) fn line_at(text: &str, number: usize) -> Option<&str> {
    text.lines().nth(number.checked_sub(1)?)
}

/// Whether a line has a key that TOML needs quotes around: one with å, ä or ö.
pub(super) fn has_bare_letters(line: &str) -> bool {
    let inside =
        line.split(['{', ',']).map(|part| part.split('=').next().unwrap_or_default().trim());
    inside
        .filter(|key| !key.starts_with(['"', '\'', '#', '[']))
        .any(|key| !key.is_ascii() && !key.contains('"'))
}

/// Whether a line gives a value to a key for a secret, or to one that may be meant so.
fn assigns_secret(line: &str) -> bool {
    let mut keys = line.split('=').map(|part| {
        let name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let part = part.trim_end().trim_end_matches(['"', '\'']);
        part.rsplit(|c| !name(c)).next().unwrap_or_default().to_lowercase()
    });
    let near = |key: &str| SECRET.iter().any(|secret| strsim::levenshtein(key, secret) <= 1);
    let count = line.matches('=').count();
    keys.by_ref().take(count).any(|key| {
        near(&key) || ["pass", "losen", "lösen", "secret", "hemlig"].iter().any(|w| key.contains(w))
    })
}

fn place(text: &str, start: usize) -> Option<(usize, &str, usize)> {
    let before = text.get(..start.min(text.len()))?;
    let number = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    Some((number, line_at(text, number)?, column))
}

fn first_width(part: &str) -> usize {
    part.lines().next().unwrap_or_default().trim_end().chars().count()
}

fn cut(line: &str, columns: usize) -> String {
    let start: String = line.chars().take(columns).collect();
    format!("{start} = …")
}

fn drawn(number: usize, line: &str, column: usize, width: usize) -> String {
    let number = number.to_string();
    let margin = " ".repeat(number.len());
    // Tabs and colours of a terminal would move the carets.
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (blank, carets) = (" ".repeat(column), "^".repeat(width.max(1)));
    format!("{number} | {}\n{margin} | {blank}{carets}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_secret_is_known() {
        for line in [
            "password = \"x\"",
            "  passphrase=\"x\"",
            "key = \"-----BEGIN\"",
            "smtp = { host = \"h\", password = \"x\" }",
            "Password = \"x\"",
            "pasword = \"x\"",
            "\"password\" = \"x\"",
            "lösenord = \"x\"",
        ] {
            assert!(assigns_secret(line), "{line}");
        }
        for line in ["host = \"password\"", "host-keys = []", "user = \"x\"", "[mail.smtp]"] {
            assert!(!assigns_secret(line), "{line}");
        }
    }

    #[test]
    fn carets_stand_under_the_fault() {
        let text = "a = 1\nbö = 22\n";
        let span = text.find("22").map(|at| at..at + 2).expect("is there");
        assert_eq!(of(text, &span, false, &[]), "2 | bö = 22\n  |      ^^");
        let span = text.find("bö").map(|at| at..at + "bö".len()).expect("is there");
        assert_eq!(of(text, &span, true, &[]), "2 | bö = …\n  | ^^");
    }
}
