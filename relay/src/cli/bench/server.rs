//! The server under measurement, as a process of its own.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::super::control::{Request, ask};
use crate::config::{Config, Database};

/// The site the load pretends to be.
pub(super) const SITE: &str = "https://bench.example";

/// Where the installation under measurement is.
pub(super) struct Setup {
    pub(super) folder: PathBuf,
    /// An empty PostgreSQL database, instead of SQLite.
    pub(super) database_url: Option<String>,
}

/// Makes an installation with one widget; gives its key.
pub(super) async fn prepare(setup: &Setup) -> Result<String> {
    let mut config = Config::for_data_dir(&setup.folder);
    let database = setup.database_url.as_deref().map(Database::parse).transpose();
    config.database = database.map_err(Error::other)?;
    let owner = Request::Init {
        name: "Bench".into(),
        email: "bench@example.com".into(),
        password: "gannet-orbit-74".into(),
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
}

impl Server {
    pub(super) async fn start(setup: &Setup) -> Result<Self> {
        let address = free_address()?;
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
        command.arg("serve").arg("--data-dir").arg(&setup.folder).args([
            "--listen",
            &address.to_string(),
            "--log",
            "warn",
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let process = command.spawn()?;
        while !is_ready(address).await {
            if began.elapsed() > Duration::from_secs(20) {
                return Err(Error::other("the server did not start"));
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(Self { process, address, ready_in: began.elapsed() })
    }

    fn id(&self) -> Result<u32> {
        self.process.id().ok_or_else(|| Error::other("the server has ended"))
    }

    pub(super) fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
        kib.map(|kib| kib * 1024).ok_or_else(|| Error::other("no memory figure"))
    }

    /// CPU time used so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        // The name may hold spaces; fields are counted after its closing bracket.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| {
            fields.get(at).and_then(|f| f.parse::<u64>().ok()).ok_or_else(|| Error::other("no CPU figure"))
        };
        // Linux counts user and system time in hundredths of a second.
        Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        self.process.kill().await
    }
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

fn free_address() -> Result<SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

fn has_taskset() -> bool {
    std::process::Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}
