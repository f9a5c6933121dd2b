//! `init`: writes a commented configuration to start from.

use std::path::PathBuf;

use clap::Args;

use super::ui::Ui;
use crate::gateway::{exit, reasons};
use crate::notify::catalogue::Facts;
use crate::notify::catalogue::facts::one_line;
use crate::notify::command::quoted;
use crate::notify::language::Language;
use crate::roster::code::Code;
use crate::state::files;

/// The example in Swedish, with every key.
pub const SWEDISH: &str = include_str!("../../schemas/example.sv.toml");
/// The example in English, with every key.
pub const ENGLISH: &str = include_str!("../../schemas/example.en.toml");

/// Write a commented configuration to start from.
#[derive(Args, Debug)]
pub struct InitArguments {
    /// The file to write; it must not exist. Without it, the configuration goes to stdout.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Carries out `init`.
pub(super) fn run(arguments: &InitArguments, ui: &Ui, asked: Option<Language>) -> u8 {
    // Most municipalities are Swedish: that is the language of the file unless asked otherwise.
    let text = asked.unwrap_or(Language::Sv).of(SWEDISH, ENGLISH);
    let Some(path) = &arguments.file else {
        ui.say(text.trim_end());
        return exit::DONE;
    };
    if let Err(error) = files::write_new(path, 0o640, text.as_bytes()) {
        return ui.problem(Code(109), &reasons::of_system(Facts::new().path(path), &error));
    }
    let shown = one_line(&path.to_string_lossy());
    ui.say(format!("{} {shown}", ui.pick("Skrev", "Wrote")));
    ui.say(format!(
        "{}\n  rostergate --config {} check",
        ui.pick("Ändra i filen, sedan:", "Edit the file, then:"),
        quoted(&path.to_string_lossy())
    ));
    exit::DONE
}
