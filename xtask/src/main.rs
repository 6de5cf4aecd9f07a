//! Roost's task runner: builds the browser apps, starts the demo, runs every gate. Nothing of it ships.
#![expect(clippy::print_stdout, reason = "a task runner talks to the person who started it")]

mod dist;
mod setup;
mod shell;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  dist [widget|admin|loader|icons …]   build what browsers download into static/dist
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((task, rest)) = arguments.split_first() else { bail!("which task?\n\n{USAGE}") };
    shell::enter_repository()?;
    match task.as_str() {
        "dist" => dist::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("there is no task `{task}`\n\n{USAGE}"),
    }
}
