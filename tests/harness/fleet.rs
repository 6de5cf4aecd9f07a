//! Several relays as processes of their own on one PostgreSQL and one Redis: to be killed, frozen and replaced.

use std::net::SocketAddr;

use crate::cluster::Redis;
use crate::database::{Database, shared};
use crate::fixture::{Installation, SHOP, prepare};
use crate::folder::Folder;
use crate::personas::{Staff, Visitor};
use crate::process::{Program, Server};
use crate::relay::open_config;

pub struct Fleet {
    pub redis: Redis,
    pub database: Database,
    pub made: Installation,
    program: Program,
    nodes: Vec<(SocketAddr, Option<Server>)>,
    cookie: String,
    url: String,
    folders: Vec<Folder>,
}

impl Fleet {
    pub async fn start(program: Program, nodes: usize) -> Self {
        let folders: Vec<Folder> = (0..nodes).map(|_| Folder::new()).collect();
        let url = shared(&folders[0]);
        let mut config = open_config(&folders[0]);
        config.database = Some(relay::config::Database::parse(&url).expect("it is an address"));
        let (made, cookie) = prepare(&config).await;
        for folder in &folders[1..] {
            folder.share_key(&folders[0]);
        }
        let mut fleet = Self {
            redis: Redis::start().await,
            database: Database::Postgres(url.clone()),
            made,
            program,
            nodes: Vec::new(),
            cookie,
            url,
            folders,
        };
        for node in 0..nodes {
            let server = fleet.begin(node, 0).await;
            fleet.nodes.push((server.address, Some(server)));
        }
        fleet
    }

    async fn begin(&self, node: usize, port: u16) -> Server {
        let redis = self.redis.url();
        let environment = [("ROOST_DATABASE_URL", self.url.as_str()), ("ROOST_REDIS_URL", redis.as_str())];
        self.program.serve_with(&self.folders[node].data(), port, &environment).await
    }

    pub fn address(&self, node: usize) -> SocketAddr {
        self.nodes[node].0
    }

    pub fn visitor(&self, node: usize) -> Visitor {
        Visitor::new(self.address(node), &self.made.key, SHOP)
    }

    pub fn owner(&self, node: usize) -> Staff {
        Staff::new(self.address(node), self.made.owner, &self.cookie)
    }

    /// Ends a node in order and starts another in its place.
    pub async fn replace(&mut self, node: usize) {
        if let Some(old) = self.nodes[node].1.take() {
            old.terminate().await;
            assert_eq!(old.ended().await, Some(0), "a node that is told to stop ends in order");
        }
        self.again(node).await;
    }

    /// Kills a node in the middle of everything and starts it again.
    pub async fn crash(&mut self, node: usize) {
        if let Some(old) = self.nodes[node].1.take() {
            old.kill().await;
        }
        self.again(node).await;
    }

    async fn again(&mut self, node: usize) {
        let port = self.address(node).port();
        self.nodes[node].1 = Some(self.begin(node, port).await);
    }

    /// Stops a node where it stands, connections and all, or lets it go on.
    pub async fn freeze(&self, node: usize, is_frozen: bool) {
        if let Some(server) = &self.nodes[node].1 {
            server.signal(if is_frozen { "-STOP" } else { "-CONT" }).await;
        }
    }
}
