//! Origins: where a widget may be shown, and which page a request comes from.
//!
//! This is abuse control, not authentication: outside a browser the `Origin` header is free text.

use url::{Host, Origin, Url};

/// The most origins a campaign can allow.
pub const MOST_ORIGINS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("{0:?} is not a site's address. Write it like https://www.example.com")]
    NotAnAddress(String),
    #[error("{0:?} must start with https:// or http://")]
    Scheme(String),
    #[error("{0:?} has more than scheme, host and port. Leave out path, query and user name")]
    MoreThanOrigin(String),
    #[error("{0:?}: a wildcard is only possible as https://*.example.com, for all sub-domains of one site")]
    Wildcard(String),
    #[error("{0:?} would allow every site under a public suffix. Name your own domain")]
    PublicSuffix(String),
    #[error("at most {MOST_ORIGINS} origins fit")]
    TooMany,
}

/// One entry of a campaign's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    Exact(String),
    /// All sub-domains of a domain, over https.
    SubDomains {
        domain: String,
        port: u16,
    },
}

impl AllowedOrigin {
    /// Reads what an admin wrote.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("https://*.") {
            return parse_wildcard(text, rest);
        }
        if text.contains('*') {
            return Err(OriginError::Wildcard(text.to_owned()));
        }
        let url = parse_origin_url(text)?;
        Ok(Self::Exact(url.origin().ascii_serialization()))
    }

    /// The entry as it is stored, compared and put into `frame-ancestors`.
    pub fn text(&self) -> String {
        match self {
            Self::Exact(origin) => origin.clone(),
            Self::SubDomains { domain, port: 443 } => format!("https://*.{domain}"),
            Self::SubDomains { domain, port } => format!("https://*.{domain}:{port}"),
        }
    }

    fn allows(&self, origin: &Origin) -> bool {
        match (self, origin) {
            (Self::Exact(allowed), origin) => *allowed == origin.ascii_serialization(),
            (Self::SubDomains { domain, port }, Origin::Tuple(scheme, Host::Domain(host), origin_port)) => {
                scheme == "https"
                    && port == origin_port
                    && host.strip_suffix(domain).is_some_and(|sub| is_sub_domain(sub) && host.len() <= 253)
            }
            _ => false,
        }
    }
}

/// Whether what stands before the domain is one or more labels a name can have, each with its dot.
fn is_sub_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.strip_suffix('.').is_some_and(|labels| labels.split('.').all(is_label))
}

fn parse_wildcard(text: &str, rest: &str) -> Result<AllowedOrigin, OriginError> {
    if rest.contains('*') {
        return Err(OriginError::Wildcard(text.to_owned()));
    }
    let url = parse_origin_url(&format!("https://{rest}"))?;
    let Some(Host::Domain(domain)) = url.host() else { return Err(OriginError::Wildcard(text.to_owned())) };
    if psl::domain(domain.as_bytes()).is_none() {
        return Err(OriginError::PublicSuffix(text.to_owned()));
    }
    Ok(AllowedOrigin::SubDomains {
        domain: domain.to_owned(),
        port: url.port_or_known_default().unwrap_or(443),
    })
}

fn parse_origin_url(text: &str) -> Result<Url, OriginError> {
    let owned = || text.to_owned();
    let has_scheme = ["http://", "https://"]
        .iter()
        .any(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)));
    if !has_scheme {
        return Err(if text.contains("://") || !text.contains('.') {
            OriginError::NotAnAddress(owned())
        } else {
            OriginError::Scheme(owned())
        });
    }
    let url = Url::parse(text).map_err(|_| OriginError::NotAnAddress(owned()))?;
    let forbidden =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, ';' | ',' | '\'' | '"' | '\\' | '@');
    if text.contains(forbidden) || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(OriginError::MoreThanOrigin(owned()));
    }
    Ok(url)
}

/// Reads a whole list, normalised and without doubles.
pub fn parse_list(texts: &[String]) -> Result<Vec<String>, OriginError> {
    if texts.len() > MOST_ORIGINS {
        return Err(OriginError::TooMany);
    }
    let mut out: Vec<String> = Vec::new();
    for text in texts.iter().filter(|t| !t.trim().is_empty()) {
        let origin = AllowedOrigin::parse(text)?.text();
        if !out.contains(&origin) {
            out.push(origin);
        }
    }
    Ok(out)
}

/// The origin in a request's `Origin` header. Browsers write it in one form only, so any other form is a trick and is refused,
/// as are `null` and everything that is not http or https.
pub fn from_header(header: &str) -> Option<Origin> {
    let url = Url::parse(header).ok()?;
    let origin = url.origin();
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && origin.is_tuple() && origin.ascii_serialization() == header).then_some(origin)
}

/// Whether a stored list allows an origin.
pub fn is_allowed(list: &[String], origin: &Origin) -> bool {
    list.iter().filter_map(|text| AllowedOrigin::parse(text).ok()).any(|allowed| allowed.allows(origin))
}

/// The sources of a `frame-ancestors` directive for a stored list. An empty list allows nobody.
pub fn frame_ancestors(list: &[String]) -> String {
    let sources: Vec<String> = list
        .iter()
        .filter_map(|text| AllowedOrigin::parse(text).ok())
        .map(|a| a.text())
        .take(MOST_ORIGINS)
        .collect();
    let joined = sources.join(" ");
    if joined.is_empty() || joined.len() > 4096 { "'none'".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &[&str], header: &str) -> bool {
        let list: Vec<String> = list.iter().map(|s| (*s).to_owned()).collect();
        from_header(header).is_some_and(|origin| is_allowed(&list, &origin))
    }

    #[test]
    fn what_an_admin_writes_is_normalised() {
        for (written, stored) in [
            ("https://Example.com/", "https://example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://*.Example.com", "https://*.example.com"),
        ] {
            assert_eq!(AllowedOrigin::parse(written).map(|a| a.text()), Ok(stored.to_owned()));
        }
    }

    #[test]
    fn entries_that_could_mean_more_than_one_site_are_refused() {
        for text in [
            "*",
            "https://*",
            "https://*.com",
            "https://*.co.uk",
            "http://*.example.com",
            "https://a.*.example.com",
            "https://*.*.example.com",
            "https://example.com/path",
            "https://user@example.com",
            "example.com",
            "null",
            "file:///etc",
            "javascript:alert(1)",
            "https://example.com; script-src *",
            "https://example.com https://evil.example",
            "https://*.127.0.0.1",
            "",
        ] {
            assert!(AllowedOrigin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn wildcards_allow_sub_domains_and_nothing_else() {
        let list = ["https://*.example.com"];
        assert!(allows(&list, "https://a.example.com"));
        assert!(allows(&list, "https://a.b.example.com"));
        for header in [
            "https://example.com",
            "https://evilexample.com",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://a.example.com.evil.org",
        ] {
            assert!(!allows(&list, header), "{header}");
        }
    }

    #[test]
    fn an_empty_list_allows_nobody() {
        assert!(!allows(&[], "https://example.com"));
        assert_eq!(frame_ancestors(&[]), "'none'");
    }
}
