//! Commands to type, as they stand in every text: with the configuration and the unit that they are
//! about, and with names that a shell takes as they are meant.

/// How a command of ours begins, in every text.
const OURS: &str = "sudo rostergate ";

/// The unit that runs the night, in every text, but for its ending.
const UNIT: &str = "rostergate";

/// What commands name, where it is not the usual.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Here {
    /// The configuration file.
    pub config: Option<String>,
    /// The unit that runs its nights, without an ending: `rostergate@ale`.
    pub unit: Option<String>,
}

impl Here {
    /// A text whose commands name what is in use here.
    pub fn naming(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(file) = &self.config {
            text = text.replace(OURS, &format!("{OURS}--config {} ", quoted(file)));
        }
        if let Some(unit) = &self.unit {
            for ending in ["service", "timer"] {
                let own = quoted(&format!("{unit}.{ending}"));
                text = text.replace(&format!("{UNIT}.{ending}"), &own);
            }
        }
        text
    }
}

/// A file's name for a shell. What cannot be shown is `?`, which fits any one character there.
pub fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    let (mut out, mut open) = (String::new(), false);
    for c in name.chars() {
        let hidden = is_hidden(c);
        if (hidden || c == '\'') == open {
            out.push('\'');
            open = !open;
        }
        match c {
            '\'' => out.push_str("\\'"),
            _ if hidden => out.push('?'),
            _ => out.push(c),
        }
    }
    if open || out.is_empty() {
        out.push_str(if open { "'" } else { "''" });
    }
    out
}

/// Control characters, marks that turn text around, and what stands for bytes that are no text.
fn is_hidden(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || super::catalogue::facts::is_not_shown(c)
}

/// The words of a command, each with its quotes.
pub(super) fn words(command: &str) -> Vec<&str> {
    let (mut words, mut quote, mut from) = (Vec::new(), None, 0);
    for (at, c) in command.char_indices() {
        match (c, quote) {
            (' ', None) => {
                words.push(&command[from..at]);
                from = at + 1;
            }
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if open == c => quote = None,
            _ => {}
        }
    }
    words.push(&command[from..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_every_name_as_it_is_meant() {
        for (name, expected) in [
            ("/etc/rostergate/sites/ale.toml", "/etc/rostergate/sites/ale.toml"),
            ("/etc/x/Öckerö.toml", "/etc/x/Öckerö.toml"),
            ("/etc/x/upplands väsby.toml", "'/etc/x/upplands väsby.toml'"),
            ("a'b c", r"'a'\''b c'"),
            ("'", r"\'"),
            ("", "''"),
            ("$(reboot)`x`;*", "'$(reboot)`x`;*'"),
            ("a\u{1b}[31m\nb", "'a'?'[31m'?'b'"),
            ("\u{202e}x", "?'x'"),
        ] {
            assert_eq!(quoted(name), expected, "{name:?}");
        }
    }

    #[test]
    fn commands_name_the_configuration_that_is_in_use() {
        let text = "Visa: sudo rostergate plan, och sudo rostergate status";
        assert_eq!(Here::default().naming(text), text);
        let here = Here { config: Some("/a b".to_owned()), unit: None };
        assert_eq!(
            here.naming(text),
            "Visa: sudo rostergate --config '/a b' plan, och sudo rostergate --config '/a b' status"
        );
    }

    #[test]
    fn commands_name_the_unit_that_is_in_use() {
        let text = "rostergate.timer, rostergate-watch.timer\njournalctl -u rostergate.service";
        let of = |unit: &str| Here { config: None, unit: Some(unit.to_owned()) }.naming(text);
        assert_eq!(
            of("rostergate@ale"),
            "rostergate@ale.timer, rostergate-watch.timer\njournalctl -u rostergate@ale.service"
        );
        assert_eq!(of("rostergate"), text);
        assert!(of(r"rostergate@a\x20b").contains(r"-u 'rostergate@a\x20b.service'"));
    }

    #[test]
    fn a_quoted_word_is_one_word() {
        assert_eq!(words("a 'b c' \"d e\" f"), ["a", "'b c'", "\"d e\"", "f"]);
        assert_eq!(words("a"), ["a"]);
    }
}
