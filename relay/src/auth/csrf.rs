//! Requests that change something must come from our own pages.

use super::origins;

/// The origins our own pages have.
#[derive(Debug, Clone)]
pub struct OwnOrigins(Vec<String>);

impl OwnOrigins {
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// Whether an `Origin` header names one of our own pages.
    pub fn has(&self, header: &str) -> bool {
        origins::from_header(header).is_some_and(|origin| self.0.contains(&origin.ascii_serialization()))
    }
}

/// The headers that tell where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    pub sec_fetch_site: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub requested_with: Option<&'a str>,
}

/// Whether an unsafe request is from our own pages: the browser says so, and our script set a header that no form can set.
pub fn is_own_request(own: &OwnOrigins, from: Provenance<'_>) -> bool {
    let is_same_site = match (from.sec_fetch_site, from.origin) {
        (Some(site), Some(origin)) => site == "same-origin" && own.has(origin),
        (Some(site), None) => site == "same-origin",
        (None, Some(origin)) => own.has(origin),
        (None, None) => false,
    };
    is_same_site && from.requested_with == Some("roost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_something() {
        let own = OwnOrigins::new(vec!["https://chat.example.com".to_owned()]);
        let ask = |sec_fetch_site, origin, requested_with| {
            is_own_request(&own, Provenance { sec_fetch_site, origin, requested_with })
        };

        assert!(ask(Some("same-origin"), None, Some("roost")));
        assert!(ask(None, Some("https://chat.example.com"), Some("roost")));
        assert!(!ask(None, None, Some("roost")));
        assert!(!ask(Some("same-origin"), None, None));
        assert!(!ask(Some("cross-site"), Some("https://chat.example.com"), Some("roost")));
        assert!(!ask(Some("same-origin"), Some("https://evil.example"), Some("roost")));
        assert!(!ask(None, Some("https://chat.example.com.evil.example"), Some("roost")));
        assert!(!ask(None, Some("null"), Some("roost")));
    }
}
