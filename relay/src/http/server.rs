//! The accept loop: our own, so that every connection has limits before a byte of it is read.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::extract::Peer;
use crate::auth::census::{Census, Counted};
use crate::shutdown::Shutdown;

/// A request's head must be here this long after the connection or the request before it.
const HEAD: Duration = Duration::from_secs(10);
const MOST_HEADERS: usize = 100;
const HEAD_BYTES: usize = 16 * 1024;

/// What the accept loop has to know of the configuration.
#[derive(Debug, Clone)]
pub struct Gate {
    /// 0 = no limit. Trusted proxies are not counted: everybody comes through them.
    pub connections_per_ip: u32,
    pub trusted_proxies: Vec<IpAddr>,
}

/// Serves until the drain begins; then takes no more connections.
pub async fn serve(listener: TcpListener, router: Router, gate: Gate, shutdown: Shutdown) {
    let census = Arc::new(Census::default());
    loop {
        let accepted = tokio::select! {
            () = shutdown.draining() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok((stream, address)) => (stream, address.ip().to_canonical()),
            Err(error) => {
                // Out of file descriptors, usually: wait for some to be freed instead of spinning.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let most = if gate.trusted_proxies.contains(&address) { 0 } else { gate.connections_per_ip };
        let Some(counted) = Counted::enter(&census, address, most) else {
            metrics::counter!("roost_connections_refused_total").increment(1);
            continue;
        };
        let (router, stop) = (router.clone(), shutdown.clone());
        shutdown.spawn("connection", async move {
            connection(stream, Peer(address), router, stop, counted).await;
        });
    }
}

async fn connection(stream: TcpStream, peer: Peer, router: Router, shutdown: Shutdown, counted: Counted) {
    // Frames are small and wanted at once.
    let _ = stream.set_nodelay(true);
    // The count must outlive an upgrade to a socket, so it travels with the requests.
    let counted = Arc::new(counted);
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&counted));
        request
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(MOST_HEADERS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        // A broken or slow client ends its own connection and nothing else.
        _ = serving.as_mut() => {}
        () = shutdown.draining() => {
            serving.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(Duration::from_secs(5), serving).await;
        }
    }
}
