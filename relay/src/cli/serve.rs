//! `roost serve`: the server, from start to drain.

use std::process::ExitCode;
use std::time::Instant;

use tokio::signal::unix::{Signal, SignalKind, signal};

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
    let told = StopSignal::listen()?;
    let running = start(config).await?;
    let app = &running.app;
    tracing::info!(
        url = app.public_url,
        ready_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "ready"
    );
    if app.ports.store.is_set_up().await.map_err(CliError::internal)? {
        eprintln_line(&format!("Roost is ready: {}", app.public_url));
    } else {
        let link = format!("{}/setup#token={}", app.public_url, app.offer_setup());
        eprintln_line(&format!(
            "Roost is ready. Make the first account here (the link works once):\n\n  {link}\n"
        ));
    }
    told.wait().await;
    Ok(stop(&running).await)
}

/// SIGTERM and Ctrl+C, listened for before anybody is told that the server is ready: whoever stops it at once still gets a drain.
pub(super) struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    pub(super) fn listen() -> Result<Self, CliError> {
        let listen = |kind| signal(kind).map_err(CliError::internal);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Resolves when the server should stop.
    pub(super) async fn wait(mut self) {
        self.next().await;
        // A second signal ends the process at once: that is the crash path, and it is safe.
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(70);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Drains and ends.
pub(super) async fn stop(running: &Running) -> ExitCode {
    tracing::info!("draining");
    running.stop().await;
    control::remove(&running.app);
    tracing::info!("stopped");
    ExitCode::SUCCESS
}
