//! What handlers ask of a request. A handler that takes one of these cannot forget the check.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::ApiError;
use crate::app::App;

/// The address of the other end of the connection; set by the accept loop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// Where the request really comes from: the peer, or what a trusted proxy says.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientAddress(pub IpAddr);

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |p| p.0);
        Ok(Self(client_address(&app.config.trusted_proxies, peer, &parts.headers)))
    }
}

/// The rightmost address in `X-Forwarded-For` that is not a trusted proxy's.
pub(super) fn client_address(trusted: &[IpAddr], peer: IpAddr, headers: &axum::http::HeaderMap) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect();
    let named = forwarded.iter().rev().filter_map(|text| text.trim().parse::<IpAddr>().ok());
    named.into_iter().find(|address| !trusted.contains(address)).unwrap_or(peer)
}

/// A JSON body of the right shape.
#[derive(Debug)]
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        match axum::Json::<T>::from_request(request, app).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(explain_body(&rejection)),
        }
    }
}

fn explain_body(rejection: &JsonRejection) -> ApiError {
    let detail = rejection.body_text();
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send JSON, with `Content-Type: application/json`.",
        ),
        JsonRejection::JsonDataError(_) => {
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body", detail)
        }
        JsonRejection::JsonSyntaxError(_) => ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", detail),
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large.")
        }
        _ => ApiError::new(StatusCode::BAD_REQUEST, "invalid_body", detail),
    }
}

/// Query parameters of the right shape.
#[derive(Debug)]
pub(super) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let result: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, app).await;
        result
            .map(|q| Self(q.0))
            .map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, "invalid_query", e.body_text()))
    }
}

/// An id in the path. One that is none of ours is simply not found.
#[derive(Debug)]
pub(super) struct Id<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let result: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, app).await;
        result.map(|p| Self(p.0)).map_err(|_| ApiError::not_found("thing"))
    }
}

/// `?limit=&cursor=`.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    limit: Option<u32>,
    cursor: Option<String>,
}

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;

impl Paging {
    pub(super) fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST)
    }

    /// The row to continue after: its time and id.
    pub(super) fn after(&self) -> Result<Option<(i64, [u8; 16])>, ApiError> {
        self.cursor.as_deref().map(parse_cursor).transpose()
    }
}

/// A cursor names the last row of a page. Opaque to clients.
pub(super) fn cursor(at: i64, id: [u8; 16]) -> String {
    let mut bytes = at.to_be_bytes().to_vec();
    bytes.extend_from_slice(&id);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parse_cursor(text: &str) -> Result<(i64, [u8; 16]), ApiError> {
    let bad = || {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "invalid_cursor",
            "The cursor is not one of ours. Start from the first page.",
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
    let (at, id) = bytes.split_first_chunk::<8>().ok_or_else(bad)?;
    Ok((i64::from_be_bytes(*at), id.try_into().map_err(|_| bad())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_client() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.7, 203.0.113.9, 10.0.0.2".parse().unwrap());
        let trusted = [address("10.0.0.1"), address("10.0.0.2")];

        assert_eq!(client_address(&trusted, address("10.0.0.1"), &headers), address("203.0.113.9"));
        assert_eq!(client_address(&trusted, address("192.0.2.1"), &headers), address("192.0.2.1"));
    }

    #[test]
    fn a_cursor_survives_its_text_form_and_others_are_refused() {
        assert_eq!(parse_cursor(&cursor(-5, [9; 16])).unwrap(), (-5, [9; 16]));
        for text in ["", "x", "AAAA", "ééé"] {
            assert!(parse_cursor(text).is_err());
        }
    }
}
