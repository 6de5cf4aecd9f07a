//! How commands reach a running server: a socket in the data folder, one JSON line each way. Whoever may open the folder may use
//! it; nobody else can.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use protocol::api::{Appearance, NewCampaign};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::CliError;
use crate::actions::password_reset::RESET_MS;
use crate::actions::set_up::{Owner, set_up};
use crate::actions::{Ports, campaigns, password_reset};
use crate::app::{App, open_store, resets};
use crate::auth::keys::WidgetKeys;
use crate::auth::passwords::Passwords;
use crate::auth::tickets::Tickets;
use crate::bus::LocalBus;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::crypto::Vault;
use crate::http::api::snippet;

/// What a command asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    Init { name: String, email: String, password: String, workspace: String },
    CreateWidget { name: String, origins: Vec<String> },
    ResetPassword { email: String },
}

/// What it gets: JSON for the output, or a reason.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Done(serde_json::Value),
    Refused(String),
}

/// What the requests need, from a running server or opened for one command.
struct Tools {
    ports: Ports,
    keys: WidgetKeys,
    passwords: Passwords,
    resets: Tickets,
    public_url: String,
}

/// Listens for commands.
pub(super) fn start(app: &Arc<App>) -> Result<(), CliError> {
    let path = app.config.control_socket();
    // Left over from a process that was killed; the folder's lock says it is ours now.
    let _ = std::fs::remove_file(&path);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            // Paths of sockets are short; a deep data folder must not stop the server.
            tracing::warn!(%error, "commands cannot reach this server: its control socket could not be made");
            return Ok(());
        }
    };
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(CliError::internal)?;
    let tools = Arc::new(Tools {
        ports: app.ports.clone(),
        keys: app.keys.clone(),
        passwords: app.passwords.clone(),
        resets: resets(&app.vault),
        public_url: app.public_url.clone(),
    });
    let stop = app.shutdown.clone();
    app.shutdown.spawn("control", async move {
        loop {
            let stream = tokio::select! {
                () = stop.draining() => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(_) => continue,
                },
            };
            let tools = Arc::clone(&tools);
            stop.spawn("command", async move {
                if let Err(error) = serve_one(stream, &tools).await {
                    tracing::warn!(%error, "a command could not be answered");
                }
            });
        }
    });
    Ok(())
}

pub(super) fn remove(app: &App) {
    // It may be gone already, and nobody is harmed by one that stays.
    let _ = std::fs::remove_file(app.config.control_socket());
}

async fn serve_one(stream: UnixStream, tools: &Tools) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => perform(tools, request).await,
        Err(error) => Answer::Refused(format!("the command was not understood: {error}")),
    };
    let mut text = serde_json::to_string(&answer)?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await
}

/// Asks the running server, or opens the store when there is none.
pub(super) async fn ask(config: &Config, request: Request) -> Result<serde_json::Value, CliError> {
    let answer = match UnixStream::connect(config.control_socket()).await {
        Ok(stream) => over(stream, &request).await.map_err(CliError::internal)?,
        Err(_) => alone(config, request).await?,
    };
    match answer {
        Answer::Done(value) => Ok(value),
        Answer::Refused(reason) => Err(CliError::Config(reason)),
    }
}

async fn over(stream: UnixStream, request: &Request) -> std::io::Result<Answer> {
    let (reader, mut writer) = stream.into_split();
    let mut text = serde_json::to_string(request)?;
    text.push('\n');
    writer.write_all(text.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).await?;
    Ok(serde_json::from_str(&line)?)
}

async fn alone(config: &Config, request: Request) -> Result<Answer, CliError> {
    let (store, master, _lock) = open_store(config).await?;
    let ports =
        Ports { store: Arc::clone(&store), bus: Arc::new(LocalBus::default()), clock: Arc::new(SystemClock) };
    let vault = Vault::new(&master);
    let tools = Tools {
        ports,
        resets: resets(&vault),
        keys: WidgetKeys::new(&master, vault),
        passwords: Passwords::default(),
        public_url: crate::app::public_url(config, config.listen.port()),
    };
    let answer = perform(&tools, request).await;
    store.close().await;
    Ok(answer)
}

async fn perform(tools: &Tools, request: Request) -> Answer {
    match request {
        Request::Init { name, email, password, workspace } => {
            let owner = Owner { name, email: email.clone(), password, workspace: workspace.clone() };
            match set_up(&tools.ports, &tools.passwords, owner).await {
                Ok((id, person)) => Answer::Done(serde_json::json!({
                    "workspace": { "id": id.text(), "name": workspace },
                    "owner": { "id": person.text(), "email": email },
                    "url": tools.public_url,
                })),
                Err(error) => Answer::Refused(error.to_string()),
            }
        }
        Request::CreateWidget { name, origins } => match create_widget(tools, name, origins).await {
            Ok(answer) => Answer::Done(answer),
            Err(reason) => Answer::Refused(reason),
        },
        Request::ResetPassword { email } => {
            match password_reset::by_operator(&tools.ports, &tools.resets, &email).await {
                Ok(token) => Answer::Done(serde_json::json!({
                    "link": format!("{}/reset#token={token}", tools.public_url),
                    "minutes": RESET_MS / 60_000,
                })),
                Err(error) => Answer::Refused(error.to_string()),
            }
        }
    }
}

async fn create_widget(
    tools: &Tools,
    name: String,
    origins: Vec<String>,
) -> Result<serde_json::Value, String> {
    let workspace = tools.ports.store.first_workspace().await.map_err(|e| e.to_string())?;
    let workspace =
        workspace.ok_or("there is no workspace yet. Make one with `roost init`, or by the set-up link")?;
    let appearance = Appearance { title: name.clone(), ..Appearance::default() };
    let new =
        NewCampaign { name, channel: campaigns::WEB_CHAT.to_owned(), allowed_origins: origins, appearance };
    let campaign =
        campaigns::create(&tools.ports, &tools.keys, workspace, new).await.map_err(|e| e.to_string())?;
    let key = campaign
        .keys
        .first()
        .and_then(|k| tools.keys.open(&k.digest, &k.sealed))
        .ok_or("the key could not be opened")?;
    Ok(
        serde_json::json!({ "id": campaign.id.text(), "key": key, "snippet": snippet(&tools.public_url, &key) }),
    )
}
