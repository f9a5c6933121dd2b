//! Reads argv, environment and clock, once; runs the command; returns its exit code.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use rostergate::commands::{self, Service, Surroundings};
use rustix::process::{Resource, Rlimit, setrlimit};

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn main() -> ExitCode {
    // A core dump would hold the register and the secrets. The unit forbids it, too; this is for
    // whoever starts the program by hand. Less can always be asked for.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let around = Surroundings {
        arguments: std::env::args_os().collect(),
        now: jiff::Zoned::now(),
        credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(Into::into),
        service: Service {
            invocation: text("INVOCATION_ID"),
            ended: text("MONITOR_SERVICE_RESULT"),
            status: text("MONITOR_EXIT_STATUS"),
            ended_invocation: text("MONITOR_INVOCATION_ID"),
        },
        lang: text("LC_ALL").or_else(|| text("LC_MESSAGES")).or_else(|| text("LANG")),
        who: text("SUDO_USER").or_else(|| text("USER")).unwrap_or_else(commands::account),
        no_color: text("NO_COLOR").is_some() || text("TERM").is_some_and(|term| term == "dumb"),
        stdout_terminal: std::io::stdout().is_terminal(),
        stderr_terminal: std::io::stderr().is_terminal(),
        stdin_terminal: std::io::stdin().is_terminal(),
    };
    std::panic::set_hook(Box::new(|panic| {
        // Only the place: the text of a panic may hold a value, and values are about children.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "RG901 {place}");
    }));
    let exit = std::panic::catch_unwind(|| commands::main(&around));
    ExitCode::from(exit.unwrap_or(rostergate::gateway::exit::SOFTWARE))
}
