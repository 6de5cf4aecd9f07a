//! The server under measurement: Roost, started here, or another that runs already.

use std::io::{Error, Result};
use std::sync::Arc;

use url::Url;

use super::dialect::Dialect;
use super::entrance::Entrance;
use super::process::Processes;
use super::server::{Server, Setup, prepare};

#[derive(Debug, clap::Args)]
pub(super) struct TargetArguments {
    /// What the server speaks
    #[arg(long, value_enum, default_value_t = Dialect::Roost)]
    dialect: Dialect,
    /// Where a server other than Roost listens, like ws://127.0.0.1:9000; this machine only
    #[arg(long, required_if_eq_any([("dialect", "plain"), ("dialect", "socketio")]))]
    url: Option<Url>,
    /// The processes of that server; what they have started counts too
    #[arg(long = "pid", required_if_eq_any([("dialect", "plain"), ("dialect", "socketio")]))]
    pids: Vec<u32>,
}

pub(super) struct Target {
    pub(super) entrance: Entrance,
    pub(super) processes: Processes,
    /// Roost, with what it was started from.
    own: Option<(Server, Setup)>,
}

impl Target {
    /// Makes an installation and starts it, or takes the server that was named.
    pub(super) async fn open(setup: &Setup, arguments: &TargetArguments) -> Result<Self> {
        match &arguments.url {
            Some(url) => Self::running(url, arguments),
            None => Self::roost(setup, &prepare(setup).await?).await,
        }
    }

    /// Starts a prepared installation.
    pub(super) async fn roost(setup: &Setup, key: &str) -> Result<Self> {
        let server = Server::start(setup).await?;
        let entrance = Entrance { dialect: Dialect::Roost, address: server.address, key: key.into() };
        let processes = server.processes.clone();
        Ok(Self { entrance, processes, own: Some((server, setup.clone())) })
    }

    fn running(url: &Url, arguments: &TargetArguments) -> Result<Self> {
        if arguments.dialect == Dialect::Roost {
            return Err(Error::other("Roost is started by the bench itself; --url is for other servers"));
        }
        let address = url.socket_addrs(|| None)?.into_iter().find(|address| address.ip().is_loopback());
        let address = address.ok_or_else(|| Error::other("only servers on this machine are loaded"))?;
        let entrance = Entrance { dialect: arguments.dialect, address, key: Arc::default() };
        Ok(Self { entrance, processes: Processes::new(arguments.pids.clone()), own: None })
    }

    /// The same installation with a server that has done nothing yet.
    pub(super) async fn afresh(self) -> Result<Self> {
        let Some((server, setup)) = self.own else {
            return Err(Error::other("a server that runs already can be measured only once"));
        };
        server.stop().await?;
        Self::roost(&setup, &self.entrance.key).await
    }

    pub(super) async fn stop(self) -> Result<()> {
        match self.own {
            Some((server, _)) => server.stop().await,
            None => Ok(()),
        }
    }
}
