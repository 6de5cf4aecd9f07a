//! `cargo xtask check autobahn`: the relay's accept loop and socket settings before the Autobahn test suite. Every case must be met
//! but those of compression, which the relay does not offer.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::shell::{capture, command, step, succeeds};

const FOLDER: &str = "target/autobahn";
const SUITE: &str = "autobahntestsuite==25.10.1";
/// The last release for Python 2.7.
const VIRTUALENV: &str = "virtualenv==20.15.1";
/// The groups 12 and 13 are about compression.
const LEFT_OUT: [&str; 2] = ["12.*", "13.*"];
const CASES: usize = 301;
const GOOD: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// Runs the suite, or says loudly that it cannot be run here.
pub(crate) fn run() -> Result<()> {
    let Some(python) = Python::find() else {
        println!("\n    SKIPPED: autobahn (its suite needs Python 2.7, as `python2.7` or from pyenv)\n");
        return Ok(());
    };
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder).with_context(|| format!("cannot make {FOLDER}"))?;
    install(&python)?;
    let build = ["build", "--package", "tests", "--bin", "roost-echo"];
    step("build the echo server", &mut command("cargo", &build))?;
    let echo = Echo::start()?;
    let reports = folder.join("reports");
    let plan = json!({
        "outdir": reports,
        "servers": [{ "agent": "roost", "url": echo.url }],
        "cases": ["*"],
        "exclude-cases": LEFT_OUT,
        "exclude-agent-cases": {},
    });
    let plan_file = folder.join("plan.json");
    fs::write(&plan_file, plan.to_string()).context("cannot write the plan")?;
    // It prints a line a case; the report says more.
    let mut suite = command(&format!("{FOLDER}/python/bin/wstest"), &["-m", "fuzzingclient", "-s"]);
    step("autobahn", suite.arg(&plan_file).stdout(Stdio::null()).stderr(Stdio::null()))?;
    drop(echo);
    judge(&reports.join("index.json"))
}

/// A Python 2.7, and how to choose it.
struct Python {
    program: &'static str,
    /// What pyenv calls it.
    version: Option<String>,
}

impl Python {
    fn find() -> Option<Self> {
        if succeeds("python2.7", &["--version"]) {
            return Some(Self { program: "python2.7", version: None });
        }
        let listed = capture(&mut command("pyenv", &["versions", "--bare"])).unwrap_or_default();
        let version = listed.lines().map(str::trim).find(|version| version.starts_with("2.7"))?;
        let python = Self { program: "python", version: Some(version.to_owned()) };
        python.command(&["--version"]).status().is_ok_and(|status| status.success()).then_some(python)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.program, arguments);
        if let Some(version) = &self.version {
            command.env("PYENV_VERSION", version);
        }
        command
    }
}

/// Installs the suite into an environment of its own; nothing of the machine's Python is changed.
fn install(python: &Python) -> Result<()> {
    let (tools, own) = (format!("{FOLDER}/tools"), format!("{FOLDER}/python"));
    if Path::new(&own).join("bin/wstest").exists() {
        return Ok(());
    }
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let mut fetch = python.command(&quiet);
    step("install virtualenv", fetch.args(["--upgrade", "--target", &tools, VIRTUALENV]))?;
    let mut make = python.command(&["-m", "virtualenv", "--quiet", &own]);
    step("make a Python environment", make.env("PYTHONPATH", &tools))?;
    let mut fetch = command(&format!("{own}/bin/python"), &quiet);
    step("install the Autobahn test suite", fetch.arg(SUITE))
}

/// The echo server; dropping it ends it.
struct Echo {
    server: Child,
    url: String,
}

impl Echo {
    fn start() -> Result<Self> {
        let server = command("target/debug/roost-echo", &[]).stdout(Stdio::piped()).spawn();
        let mut echo = Self { server: server.context("cannot start the echo server")?, url: String::new() };
        let said = echo.server.stdout.take().context("the echo server's words are ours")?;
        BufReader::new(said).read_line(&mut echo.url).context("the echo server says nothing")?;
        echo.url.truncate(echo.url.trim_end().len());
        Ok(echo)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It may have ended by itself, which the report shows.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What the suite says of one case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

fn judge(report: &Path) -> Result<()> {
    let text = fs::read_to_string(report).context("the suite left no report")?;
    let agents: BTreeMap<String, BTreeMap<String, Verdict>> =
        serde_json::from_str(&text).context("the suite's report is of another shape")?;
    let cases = agents.get("roost").context("the report does not name the relay")?;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut failed = Vec::new();
    for (case, verdict) in cases {
        *counts.entry(&verdict.behavior).or_default() += 1;
        let is_good = |word: &str| GOOD.contains(&word);
        if !is_good(&verdict.behavior) || !is_good(&verdict.behavior_close) {
            failed.push(format!("{case} ({}, close {})", verdict.behavior, verdict.behavior_close));
        }
    }
    println!("    autobahn: {} cases: {counts:?}", cases.len());
    if !failed.is_empty() {
        bail!("{} cases failed: {}; see {FOLDER}/reports", failed.len(), failed.join(", "));
    }
    if cases.len() != CASES {
        bail!("{} cases were run instead of {CASES}", cases.len());
    }
    Ok(())
}
