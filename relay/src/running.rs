//! A running server, from open to drained. `roost serve`, `roost demo` and tests start the same one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use protocol::frame::{Reconnect, ServerFrame};
use tokio::net::TcpListener;

use crate::app::{App, StartError};
use crate::config::Config;
use crate::http::server::{Gate, serve};
use crate::shutdown::GRACE;

/// A server that listens. Stop it with [`Running::stop`]; dropping it leaves its tasks running.
pub struct Running {
    pub app: Arc<App>,
    /// Where it listens; useful when it was told port 0.
    pub address: SocketAddr,
}

impl Running {
    /// Opens everything and starts serving.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let metrics = config
            .metrics_listen
            .and_then(|address| crate::telemetry::start_metrics().map(|handle| (address, handle)));
        let listener = listen(config.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|e| StartError::Listen { address: config.listen, reason: e.to_string() })?;
        let gate = Gate {
            connections_per_ip: config.limits.connections_per_ip,
            trusted_proxies: config.trusted_proxies.clone(),
        };
        let app = App::open(config, address.port()).await?;
        app.start();
        let router = crate::http::router(Arc::clone(&app), crate::ws::router());
        app.shutdown.spawn("accept", serve(listener, router, gate, app.shutdown.clone()));
        if let Some((address, handle)) = metrics {
            let listener = listen(address).await?;
            let gate = Gate { connections_per_ip: 0, trusted_proxies: Vec::new() };
            let router = crate::http::metrics_router(Arc::clone(&app), handle);
            app.shutdown.spawn("metrics", serve(listener, router, gate, app.shutdown.clone()));
        }
        Ok(Self { app, address })
    }

    /// Drains: no new work, clients told when to come back, everything taken in is confirmed, then the end.
    pub async fn stop(&self) {
        let app = &self.app;
        app.shutdown.drain();
        app.hub.dismiss(|after_ms| {
            crate::hub::encode(&ServerFrame::Reconnect(Reconnect { after_ms, reason: "restart".to_owned() }))
        });
        let empty = async {
            while app.hub.session_count() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(GRACE - Duration::from_secs(6), empty).await.is_err() {
            tracing::warn!(sessions = app.hub.session_count(), "some sockets did not end in time");
        }
        app.close().await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|e| StartError::Listen { address, reason: e.to_string() })
}
