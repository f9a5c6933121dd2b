//! `help`: explains a message code, or a command.

use clap::Args;

use super::story::message_lines;
use super::ui::Ui;
use super::{arguments, swedish};
use crate::gateway::exit;
use crate::notify::catalogue::{self, Facts};
use crate::roster::code::Code;

/// Explain a message code, or a command.
#[derive(Args, Debug)]
pub struct HelpArguments {
    /// A code, as RG310, or a command, as run; without it, an overview and every code.
    #[arg(value_name = "CODE")]
    pub topic: Option<String>,
}

/// Carries out `help`.
pub(super) fn run(arguments: &HelpArguments, ui: &Ui) -> u8 {
    let Some(topic) = &arguments.topic else { return overview(ui) };
    let mut program = swedish::translate(arguments::command(), ui.language);
    program.build();
    if let Some(command) = program.find_subcommand_mut(topic) {
        ui.say(command.render_help().to_string());
        return exit::DONE;
    }
    let known = topic.parse::<Code>().ok().filter(|code| catalogue::entry_of(*code).is_some());
    let Some(code) = known else {
        ui.remark(ui.pick(
            "Koden eller kommandot finns inte. Alla koder:  rostergate help",
            "There is no such code or command. All codes:  rostergate help",
        ));
        return exit::USAGE;
    };
    let lines = message_lines(ui, code, &Facts::new());
    ui.say(ui.strong(&code.to_string()));
    for line in &lines {
        ui.say(format!("  {line}"));
    }
    ui.json(&serde_json::json!({
        "schema": "rostergate.help/1", "code": code.to_string(), "exit": exit::of(code), "text": lines,
    }));
    exit::DONE
}

fn overview(ui: &Ui) -> u8 {
    let mut program = swedish::translate(arguments::command(), ui.language);
    ui.say(program.render_help().to_string());
    ui.say(ui.pick("Koder:", "Codes:"));
    for entry in catalogue::all() {
        let short = catalogue::short(entry.code, ui.language);
        let parts = ui.language.of(&entry.sv, &entry.en);
        let first = short.map_or_else(
            || parts.what.split(['.', '[', '{']).next().unwrap_or_default().to_owned(),
            str::to_owned,
        );
        ui.say(format!("  {}  {first}", entry.code));
    }
    exit::DONE
}
