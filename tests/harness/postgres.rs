//! A PostgreSQL server of the test's own, which may be ended in the middle of everything. The one that `cargo xtask` runs belongs
//! to all tests.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::database::Database;
use crate::folder::Folder;
use crate::namespace::Namespace;
use crate::process::free_port;
use crate::until::{until, within};

pub struct Postgres {
    server: Option<Child>,
    programs: PathBuf,
    home: PathBuf,
    host: String,
    port: u16,
    namespace: Option<String>,
    is_by_root: bool,
    _folder: Folder,
}

impl Postgres {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1".to_owned(), None).await
    }

    /// One that is reached only through a cable that can be unplugged.
    pub async fn start_in(namespace: &Namespace) -> Self {
        Self::start_at(namespace.address.clone(), Some(namespace.name.clone())).await
    }

    async fn start_at(host: String, namespace: Option<String>) -> Self {
        let folder = Folder::new();
        let home = folder.path().join("postgres");
        std::fs::create_dir(&home).expect("folders can be made");
        let is_by_root = std::fs::metadata(&home).expect("it was just made").uid() == 0;
        let mut postgres = Self {
            server: None,
            programs: programs(),
            home,
            host,
            port: free_port(),
            namespace,
            is_by_root,
            _folder: folder,
        };
        if is_by_root {
            finish(Command::new("chown").arg("postgres:postgres").arg(&postgres.home)).await;
        }
        let mut initdb = postgres.command("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        finish(initdb.args(["--no-sync", "--no-instructions", "-D"]).arg(postgres.data())).await;
        // Initially it trusts nobody who comes by a cable.
        let rules = "local all all trust\nhost all all samenet trust\n";
        std::fs::write(postgres.data().join("pg_hba.conf"), rules).expect("its rules can be written");
        postgres.begin().await;
        // Not a superuser: those see past row-level security.
        postgres.administrator().execute("create role roost login createdb");
        postgres
    }

    /// Its address for somebody who may make databases; without a database's name.
    pub fn url(&self) -> String {
        format!("postgres://roost@{}:{}", self.host, self.port)
    }

    /// What `pg_ctl restart -m immediate` does: no goodbye to anybody, no checkpoint, then a recovery.
    pub async fn restart_at_once(&mut self) {
        let mut server = self.server.take().expect("it runs");
        signal_to_quit(&server);
        within("PostgreSQL to end at once", server.wait()).await.expect("it can be waited for");
        self.begin().await;
    }

    async fn begin(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.home).args(["-p", &self.port.to_string()]);
        let listen = format!("listen_addresses={}", self.host);
        for setting in [listen.as_str(), "max_connections=200", "shared_buffers=64MB"] {
            command.args(["-c", setting]);
        }
        let server = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn();
        self.server = Some(server.expect("PostgreSQL can be started"));
        let administrator = self.administrator();
        until("PostgreSQL to answer", || async { administrator.try_execute("select 1").ok() }).await;
    }

    fn administrator(&self) -> Database {
        Database::Postgres(format!("postgres://postgres@{}:{}/postgres", self.host, self.port))
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// One of its programs, as somebody it accepts: it refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !self.is_by_root {
            return Command::new(program);
        }
        let mut become_it = Command::new("env");
        if let Some(namespace) = &self.namespace {
            become_it.args(["ip", "netns", "exec", namespace]);
        }
        become_it.args(["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        become_it.current_dir(&self.home);
        become_it
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // Killed outright it would leave its shared memory behind.
        signal_to_quit(&server);
        for _ in 0..100 {
            if !matches!(server.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn signal_to_quit(server: &Child) {
    let Some(id) = server.id() else { return };
    // One that has ended needs no signal.
    let _ = std::process::Command::new("kill").args(["-QUIT", &id.to_string()]).status();
}

async fn finish(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status().await;
    assert!(status.expect("it can be started").success(), "{command:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test run is configured by its environment")]
fn programs() -> PathBuf {
    let folder = std::env::var("ROOST_TEST_POSTGRES_BIN").expect(
        "ROOST_TEST_POSTGRES_BIN is not set: run the tests by `cargo xtask test` or `cargo xtask check it`",
    );
    Path::new(&folder).to_owned()
}
