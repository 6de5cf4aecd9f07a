//! Starting other programs: every step says what it does and how long it took.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Makes the repository's root the working folder, so that every path in this crate is relative to it.
pub(crate) fn enter_repository() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the repository")?;
    std::env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}

/// Builds a command from words.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Announces a step, runs it with its output passed through, and says how long it took.
///
/// # Errors
/// When the program cannot be started or fails.
pub(crate) fn step(label: &str, command: &mut Command) -> Result<()> {
    timed(label, || finish(command))
}

/// Announces a step and says how long it took.
pub(crate) fn timed<T>(label: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {label}");
    let started = Instant::now();
    let outcome = work().with_context(|| format!("step failed: {label}"))?;
    println!("    {label}: done in {:.1} s", started.elapsed().as_secs_f64());
    Ok(outcome)
}

/// Runs a program to its end; its output goes where ours goes.
pub(crate) fn finish(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", words(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", words(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} printed something else than text", words(command)))
}

/// What a program printed on both streams while it also went to the person, and whether it succeeded.
pub(crate) struct Observed {
    pub(crate) output: String,
    pub(crate) is_success: bool,
}

/// Runs a program to its end, passes its output on line by line and keeps a copy.
pub(crate) fn observe(command: &mut Command) -> Result<Observed> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", words(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let errors = std::thread::spawn(move || stderr.map(pass_on).unwrap_or_default());
    let mut output = stdout.map(pass_on).unwrap_or_default();
    output += &errors.join().unwrap_or_default();
    let status = child.wait().with_context(|| format!("lost sight of {}", words(command)))?;
    Ok(Observed { output, is_success: status.success() })
}

fn pass_on(stream: impl Read) -> String {
    let mut copy = String::new();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        copy.push_str(&line);
        copy.push('\n');
    }
    copy
}

/// Whether a program can be started and succeeds; its output is not shown.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    command(program, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn words(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    format!("`{}`", words.join(" "))
}
