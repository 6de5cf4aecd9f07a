//! The PostgreSQL that tests use: a private server in a temporary folder, gone when the tests are over. Redis servers are
//! started by the tests themselves, which stop and kill them.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{capture, command, finish, timed};

/// Where Debian puts the servers of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. Dropping it stops it and removes everything.
pub(crate) struct Postgres {
    server: Child,
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    pub(crate) fn start() -> Result<Self> {
        timed("start PostgreSQL", || {
            let programs = programs()?;
            let folder = std::env::temp_dir().join(format!("roost-postgres-{}", std::process::id()));
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            let owner = Owner::find()?;
            if owner == Owner::ServiceUser {
                finish(command("chown", &["postgres:postgres"]).arg(&folder))?;
            }
            let data = folder.join("data");
            let mut initdb = owner.command(&programs.join("initdb"));
            initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
            initdb.args(["--no-sync", "--no-instructions", "-D"]).arg(&data);
            capture(&mut initdb)?;
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let mut server = owner.command(&programs.join("postgres"));
            server.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-p", &port.to_string()]);
            server.args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=400",
                "-c",
                "shared_buffers=64MB",
            ]);
            let log = fs::File::create(folder.join("log"))?;
            let server =
                server.stdout(Stdio::null()).stderr(log).spawn().context("cannot start PostgreSQL")?;
            let postgres = Self { server, programs, folder, port };
            postgres.wait()?;
            Ok(postgres)
        })
    }

    /// What tests have to know: its address for somebody who may make databases, without a database's name, and where its programs
    /// are, for tests that start a server of their own.
    pub(crate) fn environment(&self) -> [(&'static str, OsString); 2] {
        let url = format!("postgres://roost@127.0.0.1:{}", self.port);
        [("ROOST_TEST_POSTGRES", url.into()), ("ROOST_TEST_POSTGRES_BIN", self.programs.clone().into())]
    }

    fn wait(&self) -> Result<()> {
        let started = Instant::now();
        let port = self.port.to_string();
        loop {
            let is_ready = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() && {
                // Not a superuser: those see past row-level security.
                let make = [
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &port,
                    "-U",
                    "postgres",
                    "-qc",
                    "create role roost login createdb",
                ];
                let mut psql = Command::new(self.programs.join("psql"));
                psql.args(make).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
            };
            if is_ready {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // "Fast shutdown": sessions are ended, files are whole. What is left behind is in the system's temporary folder.
        let _ = command("kill", &["-INT", &self.server.id().to_string()]).status();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Who runs the server: it refuses to run as root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Myself,
    ServiceUser,
}

impl Owner {
    fn find() -> Result<Self> {
        let is_root = capture(&mut command("id", &["-u"]))?.trim() == "0";
        Ok(if is_root { Self::ServiceUser } else { Self::Myself })
    }

    fn command(self, program: &Path) -> Command {
        match self {
            Self::Myself => command(&program.to_string_lossy(), &[]),
            Self::ServiceUser => {
                let mut become_it =
                    command("setpriv", &["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
                become_it.arg(program);
                become_it
            }
        }
    }
}

/// The folder of the newest installed version's programs.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir(VERSIONS).with_context(|| format!("PostgreSQL is not in {VERSIONS}"))?;
    versions
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("postgres").exists())
        .max()
        .map(|(_, folder)| folder)
        .context("no version of PostgreSQL has its server installed")
}
