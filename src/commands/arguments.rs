//! What the command line can say.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::USUAL;
use crate::notify::language::Language;

/// Carries a school register's data to learning platforms, every night, behind a safety filter.
#[derive(Parser, Debug)]
#[command(name = "rostergate", version, disable_help_subcommand = true, infer_subcommands = false)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings of every command.
    #[command(flatten)]
    pub global: Global,
}

/// The command line as clap knows it, before its texts are translated.
pub fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// Settings of every command.
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = USUAL
    )]
    pub config: PathBuf,
    /// Language of the output; the configuration's unless given.
    #[arg(long, global = true, value_name = "sv|en", value_parser = language)]
    pub lang: Option<Language>,
    /// One JSON object instead of text; errors as JSON on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours, whatever the terminal.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only results and errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Never ask; a missing answer is an error.
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Read, compare, judge, send and mail: what the timer starts every night.
    Run(super::run::RunArguments),
    /// Show what a run would do, or a held plan; sends and changes nothing.
    Plan(super::plan::PlanArguments),
    /// Send exactly the stored file of a held plan.
    Approve(super::approve::ApproveArguments),
    /// Last night, held plans and waiting mails.
    Status(super::status::StatusArguments),
    /// Check configuration, rights, inbox and, with --connect, the receivers.
    Check(super::check::CheckArguments),
    /// Past runs, results and approvals.
    History(super::history::HistoryArguments),
    /// Follow one person, group or school from the register to each receiver.
    Find(super::find::FindArguments),
    /// Try other limits on the stored nights.
    Backtest(super::backtest::BacktestArguments),
    /// What each receiver was last sent, or take over from another program.
    #[command(subcommand)]
    Baseline(super::baseline::BaselineCommand),
    /// Pin a host key whose fingerprint the vendor gave you.
    Trust(super::trust::TrustArguments),
    /// Take one person out of every receiver at once, and keep them out until undone.
    Withdraw(super::withdraw::WithdrawArguments),
    /// Deliver nothing until a day that is given.
    Pause(super::pause::PauseArguments),
    /// End a pause before its day.
    Resume(super::resume::ResumeArguments),
    /// Hand over the mails that wait; a timer starts this every hour.
    Outbox(super::outbox::OutboxArguments),
    /// Write a file for whoever helps you; it names nobody and holds no secret.
    SupportBundle(super::support_bundle::SupportBundleArguments),
    /// Mail that the service broke off, unless it told so itself; systemd starts this.
    #[command(hide = true)]
    ReportCrash(super::report_crash::ReportCrashArguments),
    /// Write a commented configuration to start from.
    Init(super::init::InitArguments),
    /// Watch an invented municipality live through five nights, on this computer only.
    Demo(super::demo::DemoArguments),
    /// Explain a message code, or a command.
    Help(super::help::HelpArguments),
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "sv" => Ok(Language::Sv),
        "en" => Ok(Language::En),
        _ => Err("sv | en".to_owned()),
    }
}
