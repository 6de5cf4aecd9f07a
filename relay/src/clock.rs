//! Where time and fresh ids come from. Everything else is given them, so that tests can fix both.

use protocol::ids::{
    ApiTokenId, CampaignId, ContactId, ConversationId, DivisionId, InviteId, MessageId, PersonId, SessionId,
    WorkspaceId,
};

/// The source of wall-clock time and time-ordered ids.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, UTC.
    fn now_ms(&self) -> i64;

    /// A fresh 128-bit id. Ordered by time, so not a secret.
    fn new_id(&self) -> [u8; 16];
}

#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    #[expect(clippy::disallowed_methods, reason = "the one legal place")]
    fn new_id(&self) -> [u8; 16] {
        uuid::Uuid::now_v7().into_bytes()
    }
}

/// Ids that a clock can make.
pub trait Fresh {
    fn fresh(clock: &dyn Clock) -> Self;
}

macro_rules! fresh {
    ($($id:ident),*) => {$(
        impl Fresh for $id {
            fn fresh(clock: &dyn Clock) -> Self {
                Self(clock.new_id())
            }
        }
    )*};
}
fresh!(
    WorkspaceId,
    DivisionId,
    PersonId,
    CampaignId,
    ContactId,
    ConversationId,
    MessageId,
    SessionId,
    InviteId,
    ApiTokenId
);

/// A time as the API writes it: RFC 3339 UTC.
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |t| format!("{t:.3}"))
}

/// Reads a time of the API, in milliseconds since 1970.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_their_text_form() {
        assert_eq!(rfc3339(1_795_233_600_123), "2026-11-21T04:00:00.123Z");
        assert_eq!(parse_rfc3339("2026-11-21T05:00:00.123+01:00"), Some(1_795_233_600_123));
        assert_eq!(parse_rfc3339("tomorrow"), None);
    }
}
