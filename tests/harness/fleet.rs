//! Several relays as processes of their own on one PostgreSQL and one Redis: to be killed, frozen and replaced, with lines that go
//! bad and clocks that jump.

use std::net::SocketAddr;

use url::Url;

use crate::cluster::Redis;
use crate::database::{Database, shared, shared_on};
use crate::fixture::{Installation, SHOP, prepare};
use crate::folder::Folder;
use crate::personas::{Staff, Visitor};
use crate::postgres::Postgres;
use crate::preload::Clock;
use crate::process::{Program, Server, free_port};
use crate::proxy::Proxy;
use crate::relay::open_config;

/// What a line of a node leads to, or from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Clients,
    Database,
    Redis,
}

struct Node {
    server: Option<Server>,
    port: u16,
    clients: Proxy,
    database: Proxy,
    redis: Proxy,
    clock: Option<Clock>,
    folder: Folder,
}

pub struct Fleet {
    pub redis: Redis,
    /// The fleet's own server, where it has one.
    pub postgres: Option<Postgres>,
    pub database: Database,
    pub made: Installation,
    program: Program,
    nodes: Vec<Node>,
    cookie: String,
    url: Url,
}

impl Fleet {
    /// On the PostgreSQL of all tests, with the right time.
    pub async fn start(program: Program, nodes: usize) -> Self {
        let folders = folders(nodes);
        let url = shared(&folders[0]);
        Self::open(program, &url, folders.into_iter().map(|folder| (folder, None)).collect()).await
    }

    /// Every node has a clock of its own.
    pub async fn with_clocks(program: Program, nodes: usize) -> Self {
        let folders = folders(nodes);
        let url = shared(&folders[0]);
        Self::open(program, &url, clocks(folders)).await
    }

    /// With clocks too, on a PostgreSQL that may be restarted.
    pub async fn with_own_postgres(program: Program, nodes: usize) -> Self {
        let (folders, postgres) = (folders(nodes), Postgres::start().await);
        let url = shared_on(&postgres.url(), &folders[0]);
        let fleet = Self::open(program, &url, clocks(folders)).await;
        Self { postgres: Some(postgres), ..fleet }
    }

    async fn open(program: Program, url: &str, homes: Vec<(Folder, Option<Clock>)>) -> Self {
        let first = &homes[0].0;
        let mut config = open_config(first);
        config.database = Some(relay::config::Database::parse(url).expect("it is an address"));
        let (made, cookie) = prepare(&config).await;
        for (folder, _) in &homes[1..] {
            folder.share_key(first);
        }
        let redis = Redis::start().await;
        let mut fleet = Self {
            redis,
            postgres: None,
            database: Database::Postgres(url.to_owned()),
            made,
            program,
            nodes: Vec::new(),
            cookie,
            url: Url::parse(url).expect("it is an address"),
        };
        for (folder, clock) in homes {
            let node = fleet.furnish(folder, clock).await;
            fleet.nodes.push(node);
            fleet.again(fleet.nodes.len() - 1).await;
        }
        fleet
    }

    /// A node with its lines that does not run yet.
    async fn furnish(&self, folder: Folder, clock: Option<Clock>) -> Node {
        let port = free_port();
        let database = SocketAddr::from(([127, 0, 0, 1], self.url.port().unwrap_or(5432)));
        Node {
            server: None,
            port,
            clients: Proxy::start(SocketAddr::from(([127, 0, 0, 1], port))).await,
            database: Proxy::start(database).await,
            redis: Proxy::start(self.redis.address()).await,
            clock,
            folder,
        }
    }

    /// Where clients reach a node: through its line.
    pub fn address(&self, node: usize) -> SocketAddr {
        self.nodes[node].clients.address
    }

    pub fn line(&self, node: usize, place: Place) -> &Proxy {
        let node = &self.nodes[node];
        match place {
            Place::Clients => &node.clients,
            Place::Database => &node.database,
            Place::Redis => &node.redis,
        }
    }

    pub fn visitor(&self, node: usize) -> Visitor {
        Visitor::new(self.address(node), &self.made.key, SHOP)
    }

    pub fn owner(&self, node: usize) -> Staff {
        Staff::new(self.address(node), self.made.owner, &self.cookie)
    }

    /// Ends a node in order and starts another in its place.
    pub async fn replace(&mut self, node: usize) {
        if let Some(old) = self.nodes[node].server.take() {
            old.terminate().await;
            assert_eq!(old.ended().await, Some(0), "a node that is told to stop ends in order");
        }
        self.again(node).await;
    }

    /// Kills a node in the middle of everything and starts it again.
    pub async fn crash(&mut self, node: usize) {
        if let Some(old) = self.nodes[node].server.take() {
            old.kill().await;
        }
        self.again(node).await;
    }

    async fn again(&mut self, number: usize) {
        let node = &self.nodes[number];
        let through = |line: &Proxy, url: &str| {
            let mut url = Url::parse(url).expect("it is an address");
            url.set_port(Some(line.address.port())).expect("it has a host");
            url.to_string()
        };
        let public = format!("http://{}", node.clients.address);
        let (database, redis) =
            (through(&node.database, self.url.as_str()), through(&node.redis, &self.redis.url()));
        let mut environment = vec![
            ("ROOST_PUBLIC_URL", public.as_str()),
            ("ROOST_DATABASE_URL", database.as_str()),
            ("ROOST_REDIS_URL", redis.as_str()),
        ];
        environment.extend(node.clock.iter().flat_map(Clock::environment));
        let server = self.program.serve_with(&node.folder.data(), node.port, &environment).await;
        self.nodes[number].server = Some(server);
    }

    /// Stops a node where it stands, connections and all, or lets it go on.
    pub async fn freeze(&self, node: usize, is_frozen: bool) {
        if let Some(server) = &self.nodes[node].server {
            server.signal(if is_frozen { "-STOP" } else { "-CONT" }).await;
        }
    }

    /// Sets a node's clock so far from the right time.
    pub fn jump(&self, node: usize, by_s: i64) {
        self.nodes[node].clock.as_ref().expect("the fleet was started with clocks").jump(by_s);
    }
}

fn folders(nodes: usize) -> Vec<Folder> {
    (0..nodes).map(|_| Folder::new()).collect()
}

fn clocks(folders: Vec<Folder>) -> Vec<(Folder, Option<Clock>)> {
    let with_clock = |folder: Folder| {
        let clock = Clock::new(&folder);
        (folder, Some(clock))
    };
    folders.into_iter().map(with_clock).collect()
}
