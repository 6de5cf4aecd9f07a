//! The commands. The only place besides `main` that prints.
#![expect(clippy::print_stdout, reason = "commands answer on standard output; logs go to standard error")]

mod bench;
mod control;
mod demo;
mod doctor;
mod init;
mod migrate;
mod reset_password;
mod serve;
mod widget;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::StartError;
use crate::config::{Config, ConfigError, Flags};

/// Customer chat in one program: relay, inbox and widget.
#[derive(Debug, Parser)]
#[command(name = "roost", version, about, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: relay, API, widget, inbox, workers (the default)
    Serve,
    /// Make the first owner and workspace without a browser
    Init(init::InitArguments),
    /// Work with widgets
    #[command(subcommand)]
    Widget(widget::WidgetCommand),
    /// Print a one-time link with which somebody sets a new password
    ResetPassword(reset_password::ResetArguments),
    /// The five-minute tour: a shop page, an inbox and sample conversations in a temporary folder
    Demo(demo::DemoArguments),
    /// Check configuration, store, clock, disk and address; one line a finding, with the remedy
    Doctor,
    /// Move an installation from SQLite to PostgreSQL; stop the server first. An interrupted move goes on where it stopped
    MigrateStore(migrate::MigrateArguments),
    /// Measure this machine: start-up, idle sockets, durable messages; or one scenario
    Bench(bench::BenchArguments),
}

/// Why a command failed, by what the exit code says.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Exit 2.
    #[error("{0}")]
    Usage(String),
    /// Exit 78: configuration or a store that must not be touched. Nothing was written.
    #[error("{0}")]
    Config(String),
    /// Exit 70.
    #[error("{0}")]
    Internal(String),
}

impl CliError {
    fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Config(_) => ExitCode::from(78),
            Self::Internal(_) => ExitCode::from(70),
        }
    }

    fn config(error: impl std::fmt::Display) -> Self {
        Self::Config(error.to_string())
    }

    fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::config(error)
    }
}

impl From<StartError> for CliError {
    fn from(error: StartError) -> Self {
        Self::config(error)
    }
}

/// Runs the command the program was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln_line(&format!("roost: {error}"));
            error.code()
        }
    }
}

fn execute(arguments: Arguments) -> Result<ExitCode, CliError> {
    let config = Config::load(&arguments.flags)?;
    crate::telemetry::start_logging(&config);
    // Ten thousand sockets need as many file descriptors; the usual limit is far lower than what is allowed.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CliError::internal)?;
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => runtime.block_on(serve::run(config)),
        Command::Init(arguments) => runtime.block_on(init::run(config, arguments)),
        Command::Widget(command) => runtime.block_on(widget::run(config, command)),
        Command::ResetPassword(arguments) => runtime.block_on(reset_password::run(config, arguments)),
        Command::Demo(arguments) => runtime.block_on(demo::run(config, arguments)),
        Command::Doctor => runtime.block_on(doctor::run(config)),
        Command::MigrateStore(arguments) => runtime.block_on(migrate::run(config, arguments)),
        Command::Bench(arguments) => runtime.block_on(bench::run(config, arguments)),
    }
}

/// Prints a line for people or scripts.
fn say(line: &str) {
    println!("{line}");
}

/// Says something to the person at the terminal without disturbing the output.
fn eprintln_line(line: &str) {
    use std::io::Write;
    // If standard error is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}
