//! A relay in this process, on a folder of its own and a port the system chose.

use std::net::SocketAddr;

use protocol::api::Role;
use protocol::ids::PersonId;
use relay::config::Config;
use relay::running::Running;

use crate::fixture::{Installation, SHOP, add_person, furnish, start_session};
use crate::folder::Folder;
use crate::personas::{Staff, Visitor};

pub struct Relay {
    pub running: Running,
    pub made: Installation,
    pub folder: Folder,
}

/// A configuration without abuse limits, on any free port.
pub fn open_config(folder: &Folder) -> Config {
    let mut config = Config::for_data_dir(folder.data());
    config.database = crate::database::url_of(&folder.data())
        .map(|url| relay::config::Database::parse(&url).expect("it is an address"));
    config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.limits.connections_per_ip = 0;
    config.limits.boots_per_minute_per_ip = 0;
    config.limits.logins_per_minute_per_ip = 0;
    config.limits.frames_per_10s_visitor = 0;
    config.limits.frames_per_10s_agent = 0;
    config
}

impl Relay {
    /// A furnished relay without abuse limits.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = Folder::new();
        let mut config = open_config(&folder);
        adjust(&mut config);
        let running = Running::start(config).await.expect("the relay starts on a fresh folder");
        let made = furnish(&running.app.ports, &running.app.keys).await;
        Self { running, made, folder }
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// A visitor on the shop's page who has not opened the panel yet.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.address(), &self.made.key, SHOP)
    }

    /// The owner, signed in.
    pub async fn owner(&self) -> Staff {
        self.staff(self.made.owner).await
    }

    /// Somebody new with a role, signed in.
    pub async fn hire(&self, name: &str, role: Role) -> Staff {
        let person = add_person(&self.running.app.ports, self.made.workspace, name, role).await;
        self.staff(person).await
    }

    /// One more session of somebody.
    pub async fn staff(&self, person: PersonId) -> Staff {
        let cookie = start_session(&self.running.app.ports, self.made.workspace, person).await;
        Staff::new(self.address(), person, &cookie)
    }
}
