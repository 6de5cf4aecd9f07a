//! Origins that look like allowed ones, and what is no origin at all.

use std::collections::BTreeSet;

/// What the campaign allows, as its admin wrote it.
pub(crate) const LIST: [&str; 7] = [
    "https://shop.example",
    "https://Shop.example:8443/",
    "http://shop.example:8080",
    "https://*.wild.example",
    "https://bücher.example",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
];

/// Every origin in the corpus below that this list allows, as browsers write them. All others are refused.
pub(crate) const ALLOWED: [&str; 11] = [
    "https://shop.example",
    "https://shop.example:8443",
    "http://shop.example:8080",
    "https://a.wild.example",
    "https://a.b.wild.example",
    "https://shop.example.wild.example",
    "https://xn--bcher-kva.wild.example",
    "https://xn--bcher-kva.example",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "https://evil.example.wild.example",
];

const HOSTS: &[&str] = &[
    "shop.example",
    "SHOP.example",
    "shop.example.",
    "shop.example..",
    "www.shop.example",
    "evilshop.example",
    "shop.example.evil.example",
    "shop-example",
    "shop.exampl",
    "shop.example2",
    "hop.example",
    "shop%2eexample",
    "shop%00.example",
    "shop_.example",
    "shop.example%20",
    "shop.example@evil.example",
    "evil.example@shop.example",
    "user:pass@shop.example",
    "shop.example\\@evil.example",
    "shop.example#.evil.example",
    "shop.example/.evil.example",
    "shop.example?.evil.example",
    "shop.example;evil.example",
    "shop.example,evil.example",
    "shop.example evil.example",
    "shop\u{3002}example",
    "shop\u{ff0e}example",
    "ｓhop.example",
    "ѕhop.example",
    "xn--hop-5ic.example",
    "shop.xn--xample-hve",
    "wild.example",
    "a.wild.example",
    "a.b.wild.example",
    ".wild.example",
    "a..wild.example",
    "*.wild.example",
    "evilwild.example",
    "a.wild.example.evil.example",
    "a.wild.example.",
    "A.wild.example",
    "shop.example.wild.example",
    "evil.example.wild.example",
    "xn--bcher-kva.wild.example",
    "a.wild.example@evil.example",
    "bücher.example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example",
    "bucher.example",
    "xn--bcher-kvb.example",
    "127.0.0.1",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "127.0.0.1.",
    "127.0.0.1.nip.example",
    "localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "::1",
    "evil.example",
    "",
    ".",
    "*",
    "null",
];

fn hosts() -> Vec<String> {
    let mut hosts: Vec<String> = HOSTS.iter().map(|host| (*host).to_owned()).collect();
    hosts.push("a".repeat(64) + ".wild.example");
    hosts.push("a.".repeat(130) + "wild.example");
    hosts
}

/// Every host with every scheme and port that could be mistaken for another, and what is no origin at all.
pub(crate) fn corpus() -> BTreeSet<String> {
    let mut corpus: BTreeSet<String> = ALLOWED.iter().map(|o| (*o).to_owned()).collect();
    for host in hosts() {
        for scheme in [
            "https://",
            "http://",
            "HTTPS://",
            "https:",
            "https:/",
            "https:///",
            "//",
            "",
            "wss://",
            "ftp://",
            "file://",
            "javascript://",
            "chrome-extension://",
        ] {
            corpus.insert(format!("{scheme}{host}"));
        }
        for port in [
            ":443",
            ":80",
            ":8443",
            ":8080",
            ":3000",
            ":",
            ":0",
            ":65536",
            ":08443",
            ":8443:8443",
            ":8443/",
            "/",
            "/path",
            "?",
            "#",
        ] {
            corpus.insert(format!("https://{host}{port}"));
            corpus.insert(format!("http://{host}{port}"));
        }
    }
    for odd in [
        "null",
        "NULL",
        "undefined",
        "about:blank",
        "data:text/html,x",
        "blob:https://shop.example/1",
        "file:",
        "https://shop.example https://evil.example",
        "https://evil.example,https://shop.example",
        "*",
    ] {
        corpus.insert(odd.to_owned());
    }
    corpus
}
