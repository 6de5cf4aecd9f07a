//! Browser sessions: a random token in a cookie, its digest in the store.

use crate::crypto::{Digest, TokenKind, digest_of, random_token};
use crate::store::{Member, SessionRecord, Store, StoreError};

/// A session ends after this long without use.
pub const IDLE_MS: i64 = 12 * 60 * 60 * 1000;
/// A session ends after this long in any case.
pub const ABSOLUTE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How often use is written down.
const TOUCH_MS: i64 = 60_000;

/// How the cookie must be set for the address the server is reached under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// https, or a browser's own machine: `__Host-`, Secure.
    Secure,
    /// Plain http to another machine, where browsers refuse secure cookies.
    Plain,
}

impl CookieKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-sid",
            Self::Plain => "sid",
        }
    }

    pub fn set(self, token: &str) -> String {
        self.header(token, ABSOLUTE_MS / 1000)
    }

    pub fn clear(self) -> String {
        self.header("", 0)
    }

    fn header(self, value: &str, max_age_s: i64) -> String {
        let secure = match self {
            Self::Secure => "; Secure",
            Self::Plain => "",
        };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}", self.name())
    }

    /// Finds the token in a `Cookie` header.
    pub fn find(self, header: &str) -> Option<&str> {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, value)| value)
    }
}

/// Starts a session; gives the token for the cookie.
pub async fn start(store: &dyn Store, member: &Member, now_ms: i64) -> Result<String, StoreError> {
    let token = random_token(TokenKind::Session);
    let session = SessionRecord {
        digest: digest_of(&token),
        workspace: member.workspace,
        person: member.id,
        created_at_ms: now_ms,
        seen_at_ms: now_ms,
    };
    store.add_session(session).await?;
    Ok(token)
}

/// Whose session a token is, if it still is one.
pub async fn find(
    store: &dyn Store,
    token: &str,
    now_ms: i64,
) -> Result<Option<(Digest, Member)>, StoreError> {
    let digest = digest_of(token);
    let Some((session, member)) = store.find_session(digest).await? else { return Ok(None) };
    if is_over(&session, now_ms) {
        store.remove_session(digest).await?;
        return Ok(None);
    }
    touch(store, &session, now_ms).await;
    Ok(Some((digest, member)))
}

/// A session that cannot be noted as used, as on a full disk, is good all the same.
async fn touch(store: &dyn Store, session: &SessionRecord, now_ms: i64) {
    if now_ms - session.seen_at_ms > TOUCH_MS
        && let Err(error) = store.touch_session(session.digest, now_ms).await
    {
        tracing::warn!(%error, "a session's use was not noted");
    }
}

fn is_over(session: &SessionRecord, now_ms: i64) -> bool {
    now_ms - session.seen_at_ms > IDLE_MS || now_ms - session.created_at_ms > ABSOLUTE_MS
}

/// Who an open socket belongs to: the holder of a session or of an API token that is still good. An open socket is use.
pub async fn holder(store: &dyn Store, digest: Digest, now_ms: i64) -> Result<Option<Member>, StoreError> {
    if let Some((session, member)) = store.find_session(digest).await? {
        if is_over(&session, now_ms) {
            return Ok(None);
        }
        touch(store, &session, now_ms).await;
        return Ok(Some(member));
    }
    Ok(store.find_api_token(digest, now_ms).await?.map(|token| token.member))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_only_under_its_exact_name() {
        let kind = CookieKind::Secure;
        assert_eq!(kind.find("a=b; __Host-sid=ss_x; c=d"), Some("ss_x"));
        assert_eq!(kind.find("sid=ss_x; x__Host-sid=y"), None);
        assert!(kind.set("ss_x").contains("; HttpOnly; SameSite=Strict;"));
    }
}
