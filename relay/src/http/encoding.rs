//! Encodings of what is made while running; files of the built apps are compressed when they are built.

use std::io::Write;

use axum::http::{HeaderMap, header};
use bytes::Bytes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The best of those a client says it takes.
    pub(super) fn best(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let takes = |name: &str| {
            accepted.split(',').any(|entry| {
                let (entry, quality) = entry.split_once(";q=").unwrap_or((entry, "1"));
                entry.trim() == name && quality.trim().parse::<f32>().is_ok_and(|quality| quality > 0.0)
            })
        };
        [Self::Brotli, Self::Gzip]
            .into_iter()
            .find(|one| one.name().is_some_and(takes))
            .unwrap_or(Self::Plain)
    }

    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// As small as it gets: what is encoded here is kept and sent many times.
    pub(super) fn encode(self, text: &str) -> Bytes {
        match self {
            Self::Brotli => brotli(text).into(),
            Self::Gzip => gzip(text).into(),
            Self::Plain => text.to_owned().into(),
        }
    }
}

fn brotli(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 16, ..Default::default() };
    if brotli::BrotliCompress(&mut text.as_bytes(), &mut out, &params).is_err() {
        unreachable!("compressing memory into memory does not fail");
    }
    out
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    match encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()) {
        Ok(out) => out,
        Err(_) => unreachable!("compressing memory into memory does not fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_encoding_that_is_taken_is_chosen() {
        for (accepted, expected) in [
            ("gzip, deflate, br", Encoding::Brotli),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("gzip", Encoding::Gzip),
            ("identity", Encoding::Plain),
            ("xbr, brx", Encoding::Plain),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().unwrap())]);
            assert_eq!(Encoding::best(&headers), expected, "{accepted}");
        }
    }
}
