//! `roost init`: the first owner and workspace, without a browser.

use std::io::Read;
use std::process::ExitCode;

use super::control::{Request, ask};
use super::{CliError, say};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct InitArguments {
    /// The owner's e-mail address
    #[arg(long)]
    email: String,
    /// Read the owner's password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
    /// The workspace's name
    #[arg(long)]
    workspace: String,
    /// The owner's name [default: the part of the address before the @]
    #[arg(long)]
    name: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: InitArguments) -> Result<ExitCode, CliError> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).map_err(CliError::internal)?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let name =
        arguments.name.unwrap_or_else(|| arguments.email.split('@').next().unwrap_or_default().to_owned());
    let request = Request::Init { name, email: arguments.email, password, workspace: arguments.workspace };
    let answer = ask(&config, request).await?;
    if arguments.json {
        say(&answer.to_string());
    } else {
        say("The owner and the workspace are made. Start the server with `roost serve`, then sign in.");
    }
    Ok(ExitCode::SUCCESS)
}
