//! `roost serve`: the server, from start to drain.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::frame::{Reconnect, ServerFrame};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, control, eprintln_line};
use crate::app::{App, StartError};
use crate::config::Config;
use crate::http::server::{Gate, serve};
use crate::shutdown::GRACE;

/// A running server.
pub(super) struct Running {
    pub(super) app: Arc<App>,
}

/// Opens everything and starts serving.
pub(super) async fn start(config: Config) -> Result<Running, CliError> {
    let metrics = config.metrics_listen.and_then(|address| crate::telemetry::start_metrics().map(|handle| (address, handle)));
    let listener = listen(config.listen).await?;
    let port = listener.local_addr().map_err(CliError::internal)?.port();
    let gate = Gate { connections_per_ip: config.limits.connections_per_ip, trusted_proxies: config.trusted_proxies.clone() };
    let app = App::open(config, port)?;
    app.start();
    control::start(&app)?;
    let shutdown = app.shutdown.clone();
    let router = crate::http::router(Arc::clone(&app));
    app.shutdown.spawn("accept", serve(listener, router, gate, shutdown));
    if let Some((address, handle)) = metrics {
        let listener = listen(address).await?;
        let gate = Gate { connections_per_ip: 0, trusted_proxies: Vec::new() };
        let router = crate::http::metrics_router(Arc::clone(&app), handle);
        app.shutdown.spawn("metrics", serve(listener, router, gate, app.shutdown.clone()));
    }
    Ok(Running { app })
}

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|e| StartError::Listen { address, reason: e.to_string() }.into())
}

pub(super) async fn run(config: Config) -> Result<ExitCode, CliError> {
    let began = Instant::now();
    let running = start(config).await?;
    let app = &running.app;
    tracing::info!(url = app.public_url, ready_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), "ready");
    if app.ports.store.is_set_up().await.map_err(CliError::internal)? {
        eprintln_line(&format!("Roost is ready: {}", app.public_url));
    } else {
        let link = format!("{}/setup#token={}", app.public_url, app.offer_setup());
        eprintln_line(&format!("Roost is ready. Make the first account here (the link works once):\n\n  {link}\n"));
    }
    until_told_to_stop().await?;
    stop(&running).await
}

/// Waits for SIGTERM or Ctrl+C.
pub(super) async fn until_told_to_stop() -> Result<(), CliError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CliError::internal)?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result.map_err(CliError::internal)?,
    }
    // A second signal ends the process at once: that is the crash path, and it is safe.
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        std::process::exit(70);
    });
    Ok(())
}

/// Drains: no new work, clients told when to come back, everything taken in is confirmed, then the end.
pub(super) async fn stop(running: &Running) -> Result<ExitCode, CliError> {
    let app = &running.app;
    tracing::info!("draining");
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
    control::remove(app);
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
