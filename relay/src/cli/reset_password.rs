//! `roost reset-password`

use std::process::ExitCode;

use super::control::{Request, ask};
use super::{CliError, say};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct ResetArguments {
    /// Whose password is forgotten
    #[arg(long)]
    email: String,
    /// Answer in JSON: {"link","minutes"}
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: ResetArguments) -> Result<ExitCode, CliError> {
    let answer = ask(&config, Request::ResetPassword { email: arguments.email }).await?;
    if arguments.json {
        say(&answer.to_string());
    } else {
        let link = answer.get("link").and_then(|v| v.as_str()).unwrap_or_default();
        let minutes = answer.get("minutes").and_then(serde_json::Value::as_u64).unwrap_or_default();
        say(&format!(
            "Open this link within {minutes} minutes to set a new password. It works once.\n\n  {link}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}
