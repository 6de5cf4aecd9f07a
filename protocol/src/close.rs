//! Websocket close codes and what a client does about each.

/// What to do after a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterClose {
    /// Connect again after a back-off.
    Reconnect,
    /// Fetch a fresh boot token or ticket first; if that is refused, stop.
    Authorize,
    /// Stop: connecting again would fail the same way.
    Stop,
}

pub const RESTART: u16 = 1012;
pub const PROTOCOL: u16 = 4400;
pub const NOT_AUTHENTICATED: u16 = 4401;
pub const FORBIDDEN: u16 = 4403;
pub const TOO_SLOW: u16 = 4408;
pub const SUPERSEDED: u16 = 4409;
pub const TOO_BIG: u16 = 4413;
pub const TOO_FAST: u16 = 4429;

/// The table clients follow.
pub const fn after_close(code: u16) -> AfterClose {
    match code {
        PROTOCOL | FORBIDDEN | SUPERSEDED | TOO_BIG => AfterClose::Stop,
        NOT_AUTHENTICATED => AfterClose::Authorize,
        _ => AfterClose::Reconnect,
    }
}
