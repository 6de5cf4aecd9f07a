//! The server under measurement, as a process of its own.

use std::io::{Error, Result};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::super::control::{Request, ask};
use super::process::Processes;
use crate::config::{Config, Database};

/// The site the load pretends to be.
pub(super) const SITE: &str = "https://bench.example";
/// The owner, who signs in as an agent.
pub(super) const EMAIL: &str = "bench@example.com";
pub(super) const PASSWORD: &str = "gannet-orbit-74";

/// Where the installation under measurement is.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) folder: PathBuf,
    /// An empty PostgreSQL database, instead of SQLite.
    pub(super) database_url: Option<String>,
    pub(super) redis_url: Option<String>,
}

impl Setup {
    /// Makes a folder for one more node of a prepared installation, inside the first one's.
    pub(super) fn another_node(&self) -> Result<Self> {
        let folder = self.folder.join("another");
        std::fs::create_dir(&folder)?;
        std::fs::copy(self.folder.join("master.key"), folder.join("master.key"))?;
        Ok(Self { folder, ..self.clone() })
    }
}

/// Makes an installation with one widget; gives its key.
pub(super) async fn prepare(setup: &Setup) -> Result<String> {
    let mut config = Config::for_data_dir(&setup.folder);
    let database = setup.database_url.as_deref().map(Database::parse).transpose();
    config.database = database.map_err(Error::other)?;
    let owner = Request::Init {
        name: "Bench".into(),
        email: EMAIL.into(),
        password: PASSWORD.into(),
        workspace: "Bench".into(),
    };
    ask(&config, owner).await.map_err(Error::other)?;
    let widget = Request::CreateWidget { name: "Bench".into(), origins: vec![SITE.into()] };
    let answer = ask(&config, widget).await.map_err(Error::other)?;
    let key = answer.get("key").and_then(|k| k.as_str());
    key.map(str::to_owned).ok_or_else(|| Error::other("the widget has no key"))
}

pub(super) struct Server {
    process: Child,
    pub(super) address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(super) ready_in: Duration,
    pub(super) processes: Processes,
}

impl Server {
    pub(super) async fn start(setup: &Setup) -> Result<Self> {
        Self::start_at(setup, free_address()?).await
    }

    /// Starts it where its clients know it to be.
    pub(super) async fn start_at(setup: &Setup, address: SocketAddr) -> Result<Self> {
        let mut command = command(setup, address)?;
        let began = Instant::now();
        let process = command.spawn()?;
        while !is_ready(address).await {
            if began.elapsed() > Duration::from_secs(20) {
                return Err(Error::other("the server did not start"));
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        let ready_in = began.elapsed();
        let id = process.id().ok_or_else(|| Error::other("the server has ended"))?;
        Ok(Self { process, address, ready_in, processes: Processes::new(vec![id]) })
    }

    /// Kills it: it gets no chance to do anything any more.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.process.kill().await
    }
}

/// `roost serve` with all limits off, on the first core where that can be said.
fn command(setup: &Setup, address: SocketAddr) -> Result<Command> {
    let program = std::env::current_exe()?;
    let mut command = if has_taskset() {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    for limit in [
        "CONNECTIONS_PER_IP",
        "BOOTS_PER_MINUTE_PER_IP",
        "LOGINS_PER_MINUTE_PER_IP",
        "FRAMES_PER_10S_VISITOR",
    ] {
        command.env(format!("ROOST_LIMIT_{limit}"), "0");
    }
    if let Some(url) = &setup.database_url {
        command.env("ROOST_DATABASE_URL", url);
    }
    if let Some(url) = &setup.redis_url {
        command.env("ROOST_REDIS_URL", url);
    }
    command.arg("serve").arg("--data-dir").arg(&setup.folder).args([
        "--listen",
        &address.to_string(),
        "--log",
        "warn",
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

/// Whether the server answers that store and bus work.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        Result::Ok(answer == *b"HTTP/1.1 200")
    };
    ask.await.unwrap_or(false)
}

/// An address nobody listens on, below the ports the system gives to clients: the load needs tens of thousands of those, and
/// none of them may be the one a server wants back.
pub(super) fn free_address() -> Result<SocketAddr> {
    let first = 20_000 + (std::process::id() % 10_000) as u16;
    let free = (first..32_000).find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    free.ok_or_else(|| Error::other("no port is free"))?.local_addr()
}

fn has_taskset() -> bool {
    std::process::Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}
