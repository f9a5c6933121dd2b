//! How a command speaks: results to stdout, messages to stderr, in the site's language.
//!
//! Whoever listens may hang up, as `| head` does: what is done is done all the same.

use std::io::{BufRead, ErrorKind, IsTerminal, Write};

use crate::notify::catalogue::{self, Facts, Rendered, Step};
use crate::notify::command::Here;
use crate::notify::language::Language;
use crate::roster::code::Code;

use crate::gateway::exit;

fn step_text(step: &Step) -> &str {
    match step {
        Step::Say(text) | Step::Type(text) => text,
    }
}

/// A line to stdout. Where it cannot be had for another reason than a reader that left, that is
/// said.
fn result(line: &str) {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => message(&format!("stdout: {error}")),
        _ => {}
    }
}

/// A line to stderr. There is nowhere left to complain.
fn message(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// An error to print.
pub struct Problem<'t> {
    /// Which message.
    pub code: Code,
    /// What fills it.
    pub facts: Facts,
    /// The lines of a file that it is about, or nothing.
    pub excerpt: &'t str,
}

/// A command's voice.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub struct Ui {
    /// Swedish or English.
    pub language: Language,
    /// One JSON object on stdout instead of text.
    pub json: bool,
    /// Only results and errors.
    pub quiet: bool,
    /// Whether questions may be asked.
    pub input: bool,
    /// Whether colours are used.
    pub color: bool,
    /// Whether progress is drawn.
    pub progress: bool,
    /// The configuration file and the unit, where they are not the usual ones: commands to type
    /// must name them.
    pub here: Here,
    /// Whether it speaks of one of many municipalities.
    pub of_many: bool,
}

impl Ui {
    /// Chooses between a Swedish and an English text.
    pub fn pick<'t>(&self, sv: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Sv => sv,
            Language::En => en,
        }
    }

    /// Prints a line of result; nothing in JSON.
    pub fn say(&self, line: impl AsRef<str>) {
        if !self.json {
            result(&self.typed(line.as_ref()));
        }
    }

    /// A text whose commands name the configuration that is in use.
    fn typed(&self, text: &str) -> String {
        self.here.naming(text)
    }

    /// Prints a remark to stderr unless quiet.
    pub fn remark(&self, line: impl AsRef<str>) {
        if !self.quiet && !self.json {
            message(&self.typed(line.as_ref()));
        }
    }

    /// Prints something that was asked for to stderr, also when quiet and beside JSON.
    pub fn remark_always(&self, line: impl AsRef<str>) {
        message(&self.typed(line.as_ref()));
    }

    /// Prints a JSON result.
    pub fn json(&self, value: &serde_json::Value) {
        if self.json {
            result(&self.named(value.clone()).to_string());
        }
    }

    /// A word in bold where colours are used.
    pub fn strong(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints an error in its three parts to stderr and gives its exit code.
    pub fn problem(&self, code: Code, facts: &Facts) -> u8 {
        self.problem_with(code, facts, exit::of(code))
    }

    /// The same with an exit code of its own.
    pub fn problem_with(&self, code: Code, facts: &Facts, exit: u8) -> u8 {
        self.problems(&[Problem { code, facts: facts.clone(), excerpt: "" }], exit)
    }

    /// Prints errors to stderr, each with the lines it is about; what neighbours mean and ask for
    /// is said once. In JSON, each is an object on a line of its own.
    pub fn problems(&self, problems: &[Problem<'_>], exit: u8) -> u8 {
        let told: Vec<(&Problem<'_>, Rendered)> = problems
            .iter()
            .map(|problem| {
                (problem, catalogue::render(problem.code, self.language, &problem.facts))
            })
            .collect();
        for (at, (problem, parts)) in told.iter().enumerate() {
            if self.json {
                message(&self.error_json(problem.code, exit, parts).to_string());
                continue;
            }
            let (code, word) = (problem.code, self.pick("FEL", "ERROR"));
            message(&format!("{} {code}  {}", self.strong(word), parts.what));
            problem.excerpt.lines().for_each(|line| message(&format!("    {line}")));
            let same = |next: &Rendered| next.means == parts.means && next.do_next == parts.do_next;
            if told.get(at + 1).is_none_or(|(_, next)| !same(next)) {
                self.advice(parts);
            }
        }
        exit
    }

    fn error_json(&self, code: Code, exit: u8, parts: &Rendered) -> serde_json::Value {
        let typed = |step| self.typed(step_text(step));
        self.named(serde_json::json!({
            "schema": "rostergate.error/1", "code": code.to_string(), "exit": exit,
            "what": parts.what, "means": parts.means,
            "do": parts.do_next.iter().map(typed).collect::<Vec<_>>(),
        }))
    }

    /// One of many municipalities says which configuration it speaks of.
    fn named(&self, mut value: serde_json::Value) -> serde_json::Value {
        if let Some(object) = value.as_object_mut().filter(|_| self.of_many) {
            object.insert("config".to_owned(), self.here.config.clone().into());
        }
        value
    }

    fn advice(&self, parts: &Rendered) {
        let (means, act) =
            (self.pick("Det betyder:", "This means:"), self.pick("Gör så här:", "What to do:"));
        message(&format!("  {means} {}", parts.means));
        message(&format!("  {act}"));
        for step in &parts.do_next {
            match step {
                Step::Say(text) => message(&format!("    {}", self.typed(text))),
                Step::Type(command) => message(&format!("      {}", self.typed(command))),
            }
        }
    }

    /// Asks for a line, where questions may be asked.
    pub fn ask(&self, question: &str) -> Option<String> {
        if !self.input || !std::io::stdin().is_terminal() {
            return None;
        }
        let mut err = std::io::stderr();
        write!(err, "{question} ").and_then(|()| err.flush()).ok()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }

    /// Draws progress in place, only on a terminal.
    pub fn draw(&self, text: &str) {
        if self.progress {
            let mut err = std::io::stderr();
            let _ = write!(err, "\r\u{1b}[2K{text}").and_then(|()| err.flush());
        }
    }
}
