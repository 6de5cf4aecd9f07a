//! Several relays in this process on one PostgreSQL and, where wanted, one Redis, which can be killed and started again.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use relay::config::{Config, Database};
use relay::running::Running;
use tokio::process::{Child, Command};

use crate::database;
use crate::fixture::{Installation, SHOP, furnish, start_session};
use crate::folder::Folder;
use crate::personas::{Staff, Visitor};
use crate::process::free_port;
use crate::relay::open_config;
use crate::until::until;

pub struct Cluster {
    pub nodes: Vec<Running>,
    pub made: Installation,
    pub database: database::Database,
    pub redis: Option<Redis>,
    url: String,
    folders: Vec<Folder>,
}

impl Cluster {
    pub async fn start(nodes: usize, redis: Option<Redis>) -> Self {
        Self::start_with(nodes, redis, |_| {}).await
    }

    pub async fn start_with(nodes: usize, redis: Option<Redis>, adjust: impl Fn(&mut Config)) -> Self {
        let home = Folder::new();
        let url = database::shared(&home);
        let mut config = configure(&home, &url, redis.as_ref());
        adjust(&mut config);
        let first = Running::start(config.clone()).await.expect("the first node starts");
        let made = furnish(&first.app.ports, &first.app.keys).await;
        let mut cluster = Self {
            nodes: vec![first],
            made,
            database: database::Database::Postgres(url.clone()),
            redis,
            url,
            folders: vec![home],
        };
        for _ in 1..nodes {
            let folder = Folder::new();
            config = configure(&folder, &cluster.url, cluster.redis.as_ref());
            adjust(&mut config);
            folder.share_key(&cluster.folders[0]);
            cluster.nodes.push(Running::start(config).await.expect("another node starts"));
            cluster.folders.push(folder);
        }
        if cluster.redis.is_some() {
            cluster.is_whole().await;
        }
        cluster
    }

    /// Waits until every node hears the others.
    pub async fn is_whole(&self) {
        until("every node to hear Redis", || async {
            self.nodes.iter().all(|node| node.app.ports.bus.is_whole()).then_some(())
        })
        .await;
    }

    pub fn visitor(&self, node: usize) -> Visitor {
        Visitor::new(self.nodes[node].address, &self.made.key, SHOP)
    }

    pub async fn owner(&self, node: usize) -> Staff {
        let ports = &self.nodes[node].app.ports;
        let cookie = start_session(ports, self.made.workspace, self.made.owner).await;
        Staff::new(self.nodes[node].address, self.made.owner, &cookie)
    }

    /// Ends in order.
    pub async fn stop(self) {
        for node in &self.nodes {
            node.stop().await;
        }
        drop(self.nodes);
        if let Some(home) = self.folders.first() {
            database::remove_shared(home);
        }
    }
}

/// A node's configuration: its own folder, the common database and Redis.
pub fn configure(folder: &Folder, url: &str, redis: Option<&Redis>) -> Config {
    let mut config = open_config(folder);
    config.database = Some(Database::parse(url).expect("it is an address"));
    config.redis_url = redis.map(|redis| redis.url().into());
    config
}

/// The channel that every node of an installation hears.
pub fn everybody(database: &database::Database) -> String {
    let epoch = &database.rows("select convert_from(value, 'utf8') from meta where name = 'epoch'")[0][0];
    format!("roost:{epoch}:all")
}

/// A Redis server of the test's own.
pub struct Redis {
    server: Option<Child>,
    port: u16,
}

impl Redis {
    pub async fn start() -> Self {
        let mut redis = Self { server: None, port: free_port() };
        redis.begin().await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Starts it, again.
    pub async fn begin(&mut self) {
        let port = self.port.to_string();
        let server = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect(
                "redis-server is installed: run the tests by `cargo xtask test` or `cargo xtask check it`",
            );
        self.server = Some(server);
        until("Redis to answer", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok().map(drop)
        })
        .await;
    }

    /// Ends it at once, as a crash does.
    pub async fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().await.expect("it can be killed");
        }
    }

    /// Stops it where it stands, connections and all, or lets it go on.
    pub async fn freeze(&self, is_frozen: bool) {
        let id = self.server.as_ref().and_then(Child::id).expect("it runs").to_string();
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        Command::new("kill").args([signal, &id]).status().await.expect("it can be stopped");
    }

    /// Sends one command by hand.
    pub async fn command(&self, words: &[&str]) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-cli");
        command.args(["-p", &port]).args(words).stdout(Stdio::null());
        let status = tokio::time::timeout(Duration::from_secs(5), command.status()).await;
        assert!(status.expect("Redis answers").expect("redis-cli is installed").success());
    }
}
