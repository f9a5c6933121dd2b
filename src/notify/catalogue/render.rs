//! Fills a message with its facts.

use std::fmt;

use super::facts::{Facts, Placeholder};
use super::{Parts, entry_of};
use crate::notify::command::quoted;
use crate::notify::language::Language;
use crate::roster::code::Code;

/// A message, ready to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// What happened.
    pub what: String,
    /// What it means for pupils and teachers.
    pub means: String,
    /// What to do, in order.
    pub do_next: Vec<Step>,
}

/// One line of what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Something to read.
    Say(String),
    /// A command to type.
    Type(String),
}

impl fmt::Display for Rendered {
    /// The three parts as paragraphs, commands indented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.what, self.means)?;
        self.do_next.iter().try_for_each(|step| match step {
            Step::Say(text) => write!(f, "\n{text}"),
            Step::Type(command) => write!(f, "\n    {command}"),
        })
    }
}

/// The message of a code in a language. A code without an entry is said to be unknown, so that a
/// mail is never lost for want of a text.
pub fn render(code: Code, language: Language, facts: &Facts) -> Rendered {
    match entry_of(code) {
        Some(entry) => render_parts(language.of(&entry.sv, &entry.en), language, facts),
        None => unexplained(code, language),
    }
}

fn unexplained(code: Code, language: Language) -> Rendered {
    Rendered {
        what: language
            .of(format!("Felet {code} saknar förklaring."), format!("{code} has no explanation.")),
        means: language
            .of("Vad det betyder står i loggen.", "The log says what it means.")
            .to_owned(),
        do_next: vec![Step::Type("journalctl -u rostergate.service --since today".to_owned())],
    }
}

fn render_parts(parts: &Parts, language: Language, facts: &Facts) -> Rendered {
    Rendered {
        what: fill(parts.what, language, facts),
        means: fill(parts.means, language, facts),
        do_next: parts.do_next.lines().map(|line| step(line, language, facts)).collect(),
    }
}

fn step(line: &str, language: Language, facts: &Facts) -> Step {
    match line.strip_prefix("$ ") {
        Some(command) => {
            Step::Type(filled(command, language, &|place| for_shell(place, language, facts)))
        }
        None => Step::Say(fill(line, language, facts)),
    }
}

/// Fills a template; parts in brackets vanish when a fact in them is unknown.
fn fill(template: &str, language: Language, facts: &Facts) -> String {
    filled(template, language, &|place| facts.get(place, language))
}

/// A fact in a command: names are quoted where a shell would read them as something else.
fn for_shell(place: Placeholder, language: Language, facts: &Facts) -> Option<String> {
    let fact = facts.get(place, language)?;
    let is_name = matches!(place, Placeholder::File | Placeholder::Path | Placeholder::Target);
    Some(if is_name { quoted(&fact) } else { fact })
}

/// What is known of a placeholder.
type Known<'k> = &'k dyn Fn(Placeholder) -> Option<String>;

fn filled(template: &str, language: Language, known: Known<'_>) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        let (optional, behind) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(&fill_flat(before, language, known).0);
        let (text, complete) = fill_flat(optional, language, known);
        if complete {
            out.push_str(&text);
        }
        rest = behind;
    }
    out.push_str(&fill_flat(rest, language, known).0);
    out
}

/// Fills a template without brackets; says whether every fact was known.
fn fill_flat(template: &str, language: Language, known: Known<'_>) -> (String, bool) {
    let (mut out, mut complete, mut rest) = (String::new(), true, template);
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        if let Some(place) = Placeholder::named(name) {
            let fact = known(place);
            complete &= fact.is_some();
            out.push_str(fact.as_deref().unwrap_or(place.unknown(language)));
        }
        rest = behind;
    }
    out.push_str(rest);
    (out, complete)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::notify::catalogue::all;

    /// What a command may begin with.
    const COMMANDS: &[&str] = &[
        "sudo rostergate ",
        "rostergate ",
        "sudo chmod ",
        "sudo systemctl ",
        "sudo chown ",
        "ls ",
        "df ",
        "journalctl ",
        "sudo journalctl ",
        "sudo timedatectl",
        "sudo useradd ",
        "sudo ssh-keygen -p ",
    ];

    fn every_part() -> impl Iterator<Item = (Code, &'static str)> {
        all().flat_map(|entry| {
            [&entry.sv, &entry.en]
                .into_iter()
                .flat_map(|p| [p.what, p.means, p.do_next])
                .map(|text| (entry.code, text))
        })
    }

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<Code> = all().map(|entry| entry.code).collect();
        let sorted: Vec<Code> =
            codes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        assert_eq!(codes, sorted);
    }

    #[test]
    fn a_file_that_is_written_straight_is_never_called_whole() {
        let straight = Facts::new().text(Placeholder::File, "ims.xml");
        for code in [430, 900, 911].map(Code) {
            for language in Language::ALL {
                let half = render(code, language, &straight).to_string();
                assert_eq!(half.matches("ims.xml").count(), 2, "{half}");
                assert!(half.contains("publish = \"direct\""), "{half}");
                let whole = render(code, language, &Facts::new()).to_string();
                assert!(!whole.contains("direct"), "{whole}");
            }
        }
    }

    #[test]
    fn every_part_says_something_and_ends_like_a_sentence() {
        for (code, text) in every_part() {
            assert!(text.len() > 10 && text.trim() == text, "{code}: {text:?}");
            let last = text.lines().last().expect("not empty");
            assert!(last.starts_with("$ ") || last.ends_with(['.', '?']), "{code}: {last}");
        }
    }

    #[test]
    fn every_entry_ends_in_something_to_type() {
        for entry in all() {
            for parts in [&entry.sv, &entry.en] {
                let typed: Vec<&str> =
                    parts.do_next.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
                assert!(!typed.is_empty(), "{}: nothing to type", entry.code);
                for command in typed {
                    let known = COMMANDS.iter().any(|start| command.starts_with(start));
                    assert!(known, "{}: {command}", entry.code);
                }
                assert!(!parts.do_next.starts_with("$ "), "{}: a command comes alone", entry.code);
            }
            let commands = |parts: &Parts| -> Vec<String> {
                let typed = parts.do_next.lines().filter(|line| line.starts_with("$ "));
                typed.map(|line| line.split(['"', '<']).next().unwrap_or("").to_owned()).collect()
            };
            assert_eq!(commands(&entry.sv), commands(&entry.en), "{}: other commands", entry.code);
        }
    }

    #[test]
    fn placeholders_and_brackets_are_well_formed() {
        for (code, text) in every_part() {
            for after in text.split('{').skip(1) {
                let name = after.split('}').next().unwrap_or("");
                assert!(Placeholder::named(name).is_some(), "{code}: unknown {{{name}}}");
            }
            let mut open = false;
            for c in text.chars().filter(|c| "[]".contains(*c)) {
                assert_eq!(open, c == ']', "{code}: brackets in {text}");
                open = c == '[';
            }
            assert!(!open, "{code}: an open bracket in {text}");
        }
    }

    #[test]
    fn both_languages_use_the_same_facts() {
        let facts = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|t| t.split('}').next()).map(str::to_owned).collect()
        };
        for entry in all() {
            assert_eq!(facts(entry.sv.what), facts(entry.en.what), "{}", entry.code);
            assert_eq!(facts(entry.sv.means), facts(entry.en.means), "{}", entry.code);
            assert_eq!(facts(entry.sv.do_next), facts(entry.en.do_next), "{}", entry.code);
        }
    }

    #[test]
    fn no_text_promises_a_command_that_does_not_exist() {
        let exist = [
            "run", "plan", "approve", "baseline", "status", "history", "check", "trust", "init",
            "demo", "help", "withdraw", "pause", "resume", "find", "backtest", "outbox",
        ];
        for (code, text) in every_part() {
            for line in text.lines().filter_map(|line| line.strip_prefix("$ sudo rostergate ")) {
                let word = line.split([' ', '[']).next().expect("split gives at least one");
                assert!(exist.contains(&word), "{code}: rostergate {word}");
            }
        }
    }

    #[test]
    fn optional_parts_come_and_go() {
        let text = "Filen {file} är avkortad[ vid rad {line}].";
        let file = Facts::new().text(Placeholder::File, "personer.csv");
        assert_eq!(fill(text, Language::Sv, &file), "Filen personer.csv är avkortad.");
        let line = file.number(Placeholder::Line, 5823);
        assert_eq!(
            fill(text, Language::Sv, &line),
            "Filen personer.csv är avkortad vid rad 5 823."
        );
        assert_eq!(fill(text, Language::Sv, &Facts::new()), "Filen FIL är avkortad.");
    }

    #[test]
    fn names_in_commands_are_quoted_and_in_sentences_are_not() {
        let facts = Facts::new().text(Placeholder::File, "/etc/upplands väsby.toml");
        let parts = render(Code(103), Language::Sv, &facts);
        assert!(parts.what.contains("Inställningsfilen /etc/upplands väsby.toml "));
        assert!(parts.do_next.contains(&Step::Type("ls -l '/etc/upplands väsby.toml'".into())));
    }

    #[test]
    fn facts_cannot_smuggle_lines_or_templates() {
        let odd = Facts::new().text(Placeholder::File, "a\r\nBcc: {plan} [x]\u{1b}[31m\u{202e}");
        assert_eq!(fill("<{file}>", Language::En, &odd), "<a Bcc: {plan} [x] [31m>");
    }
}
