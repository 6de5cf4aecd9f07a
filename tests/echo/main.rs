//! An echo server on the relay's own accept loop and socket settings, for the Autobahn test suite. Prints its address.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool of the tests talks to whoever started it, and stops where it cannot go on"
)]

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use relay::http::server::{Gate, serve};
use relay::shutdown::Shutdown;
use tokio::net::TcpListener;

/// The suite sends up to 16 MiB at once. The relay refuses everything over 64 KiB, which has tests of its own: here its limits are
/// lifted, and everything else stays as it is.
const LONGEST: usize = 32 * 1024 * 1024;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    println!("ws://{}", listener.local_addr().expect("it is bound"));
    let gate = Gate { connections_per_ip: 0, trusted_proxies: Vec::new() };
    serve(listener, Router::new().route("/", get(open)), gate, Shutdown::default()).await;
}

async fn open(upgrade: WebSocketUpgrade) -> Response {
    relay::ws::limited(upgrade)
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .max_write_buffer_size(LONGEST)
        .on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let is_said = matches!(message, Message::Text(_) | Message::Binary(_));
        if is_said && socket.send(message).await.is_err() {
            return;
        }
    }
}
