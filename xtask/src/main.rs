//! Roost's task runner: builds the browser apps, starts the demo, runs every gate. Nothing of it ships.
#![expect(clippy::print_stdout, reason = "a task runner talks to the person who started it")]

mod autobahn;
mod budgets;
mod demo;
mod dist;
mod gates;
mod mutants;
mod services;
mod setup;
mod shell;
mod tally;
mod tests;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  demo [-- options of `roost demo`]    install what is missing, build everything, start the tour
  test                                 install what is missing, run every gate, close with one summary
  dist [widget|admin|loader|icons …]   build what browsers download into static/dist
  check <gate>                         one gate: fmt, clippy, unit, it, tidy, wasm-size, browser, deny, autobahn
  chaos [faults] [seed]                nodes, clocks, lines, database and Redis fail in any order
  mutants [part of a name]             break each guarantee once; its test must notice
  fmt                                  format every Rust file
  budgets                              print sizes, server figures and widget timings
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
    match (task.as_str(), rest) {
        ("demo", options) => demo::run(options),
        ("test", []) => tests::run(),
        ("dist", names) => dist::run(names),
        ("check", [gate]) => gates::check(gate),
        ("mutants", []) => mutants::run(None),
        ("mutants", [wanted]) => mutants::run(Some(wanted)),
        ("chaos", options) if options.len() <= 2 => gates::chaos(options),
        ("fmt", []) => gates::format(gates::Formatting::Write),
        ("budgets", []) => budgets::run(),
        ("help" | "--help" | "-h", _) => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("`{}` is no task\n\n{USAGE}", arguments.join(" ")),
    }
}
