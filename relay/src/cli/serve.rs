//! `roost serve`: the server, from start to drain.

use std::process::ExitCode;
use std::time::Instant;

use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, control, eprintln_line};
use crate::config::Config;
use crate::running::Running;

/// Opens everything, starts serving, and listens for commands.
pub(super) async fn start(config: Config) -> Result<Running, CliError> {
    let running = Running::start(config).await?;
    control::start(&running.app)?;
    Ok(running)
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
    Ok(stop(&running).await)
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

/// Drains and ends.
pub(super) async fn stop(running: &Running) -> ExitCode {
    tracing::info!("draining");
    running.stop().await;
    control::remove(&running.app);
    tracing::info!("stopped");
    ExitCode::SUCCESS
}
