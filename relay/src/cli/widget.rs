//! `roost widget …`

use std::process::ExitCode;

use super::control::{Request, ask};
use super::{CliError, say};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub(super) enum WidgetCommand {
    /// Make a widget; prints its key and the line to paste
    Create {
        #[arg(long)]
        name: String,
        /// A site that may show it, like <https://www.example.com>; may be given several times
        #[arg(long = "origin")]
        origins: Vec<String>,
        /// Answer in JSON: {"id","key","snippet"}
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: Config, command: WidgetCommand) -> Result<ExitCode, CliError> {
    let WidgetCommand::Create { name, origins, json } = command;
    let answer = ask(&config, Request::CreateWidget { name, origins }).await?;
    if json {
        say(&answer.to_string());
    } else {
        let text = |field: &str| answer.get(field).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        say(&format!(
            "Widget {}\nKey    {}\n\nPaste this line into your pages:\n\n  {}",
            text("id"),
            text("key"),
            text("snippet")
        ));
    }
    Ok(ExitCode::SUCCESS)
}
