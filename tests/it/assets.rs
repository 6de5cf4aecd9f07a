//! What browsers load: kept for ever or asked again, in the encoding they take, and only from where it belongs.

use serde_json::Value;
use tests::http::{Answer, Request};
use tests::relay::Relay;

async fn get(relay: &Relay, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::new("GET", path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send(relay.address()).await
}

/// A relay with the built apps, or nothing when they were not built.
async fn built() -> Option<Relay> {
    let relay = Relay::start().await;
    if get(&relay, "/embed.js", &[]).await.status == 503 {
        eprintln!("SKIPPED: the browser apps are not built; run `cargo xtask dist` first");
        return None;
    }
    Some(relay)
}

/// The addresses a page loads in plain `src` and `href` attributes.
fn addresses(page: &str) -> Vec<String> {
    let attributes = page.split(['"', '\'', '=', ' ', '>']);
    attributes.filter(|text| text.starts_with("/assets/")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hashed_files_are_kept_for_ever_and_pages_are_asked_for_again() {
    let Some(relay) = built().await else { return };
    let frame = get(&relay, &format!("/widget/frame?key={}", relay.made.key), &[]).await;
    let inbox = get(&relay, "/", &[]).await;

    for page in [&frame, &inbox] {
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-cache")));
        let loaded = addresses(&page.text());
        assert!(!loaded.is_empty(), "the page names its assets in plain attributes: {}", page.text());
        for address in loaded {
            let asset = get(&relay, &address, &[]).await;
            assert_eq!(
                (asset.status, asset.header("cache-control")),
                (200, Some("public, max-age=31536000, immutable")),
                "{address}"
            );
            assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_gets_the_encoding_it_takes() {
    let Some(relay) = built().await else { return };
    let page = get(&relay, "/", &[]).await.text();
    let script = addresses(&page)
        .into_iter()
        .find(|address| address.rsplit('.').next() == Some("js"))
        .expect("a script");
    let plain = get(&relay, &script, &[]).await;

    for (accepted, given) in [
        ("br", Some("br")),
        ("gzip", Some("gzip")),
        ("gzip, deflate, br", Some("br")),
        ("identity", None),
        ("zstd", None),
        ("brx", None),
    ] {
        let answer = get(&relay, &script, &[("accept-encoding", accepted)]).await;
        assert_eq!(answer.header("content-encoding"), given, "{accepted}");
        assert_eq!(answer.header("content-type"), plain.header("content-type"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.body.len() < plain.body.len(), given.is_some(), "{accepted}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_not_changed_is_not_sent_again() {
    let Some(relay) = built().await else { return };
    let first = get(&relay, "/", &[("accept-encoding", "br")]).await;
    let tag = first.header("etag").expect("a tag").to_owned();

    let again = get(&relay, "/", &[("accept-encoding", "br"), ("if-none-match", &tag)]).await;
    let other = get(&relay, "/", &[("accept-encoding", "gzip"), ("if-none-match", &tag)]).await;
    let changed =
        get(&relay, "/", &[("accept-encoding", "br"), ("if-none-match", "\"something else\"")]).await;

    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())));
    assert_eq!((other.status, changed.status), (200, 200), "another encoding is another thing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loader_carries_the_campaigns_settings_and_cannot_be_broken_by_them() {
    let Some(relay) = built().await else { return };
    let owner = relay.owner().await;
    let path = format!("/api/campaigns/{}", relay.made.campaign);
    let appearance = serde_json::json!({ "title": "</script><b>", "welcome": "\u{2028}\"\\" });
    owner.patch(&path, &serde_json::json!({ "appearance": appearance })).await.expect(200);

    let loader = get(&relay, &format!("/embed.js?key={}", relay.made.key), &[]).await;
    let packed =
        get(&relay, &format!("/embed.js?key={}", relay.made.key), &[("accept-encoding", "br")]).await;
    let unknown = get(&relay, "/embed.js?key=pk_unknown", &[]).await;

    let text = loader.text();
    assert!(text.contains(&relay.made.key) && text.contains("\\u003c/script>\\u003cb>"));
    assert!(!text.contains("</script>") && !text.contains('\u{2028}'));
    assert_eq!((loader.status, loader.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert_eq!(loader.header("cache-control"), Some("public, max-age=60, stale-while-revalidate=600"));
    assert_eq!(packed.header("content-encoding"), Some("br"));
    assert!(packed.body.len() <= 2_048, "the loader weighs {} bytes", packed.body.len());
    assert!(unknown.status == 200 && unknown.text().starts_with("console.error("));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_guarded_by_their_policies() {
    let Some(relay) = built().await else { return };
    let inbox = get(&relay, "/workspace/1/inbox", &[]).await;
    let frame = get(&relay, &format!("/widget/frame?key={}", relay.made.key), &[]).await;

    for (page, ancestors) in
        [(&inbox, "frame-ancestors 'none'"), (&frame, "frame-ancestors https://shop.example")]
    {
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; ")
                && policy.contains("base-uri 'none'")
                && policy.ends_with(ancestors),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        assert!(policy.contains(&format!("ws://{}", relay.address())), "{policy}");
        assert_eq!(
            (page.header("x-content-type-options"), page.header("referrer-policy")),
            (Some("nosniff"), Some("no-referrer"))
        );
    }
    assert_eq!(inbox.header("x-frame-options"), Some("DENY"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_leads_out_of_the_built_apps() {
    let relay = Relay::start().await;
    for path in [
        "/assets/../manifest.json",
        "/assets/..%2fmanifest.json",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets//etc/passwd",
        "/assets/..%5c..%5cCargo.toml",
        "/Cargo.toml",
        "/.env",
    ] {
        let answer = get(&relay, path, &[]).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_describes_itself() {
    let relay = Relay::start().await;

    let document: Value = get(&relay, "/api/openapi.json", &[]).await.json();
    let page = get(&relay, "/api/docs", &[]).await;

    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    assert_eq!(page.status, 200);
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text().contains(&format!("{path}</h2>")), "{path}");
    }
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let declared = |name: &str| {
                parameters
                    .iter()
                    .any(|one| (one["name"].as_str(), one["in"].as_str()) == (Some(name), Some("path")))
            };
            let named = path.split(['{', '}']).skip(1).step_by(2);
            assert_eq!(
                named.filter(|name| !declared(name)).collect::<Vec<_>>(),
                Vec::<&str>::new(),
                "{method} {path}"
            );
            if method != "options" {
                let problem = &operation["responses"]["default"]["content"]["application/problem+json"];
                assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
            }
        }
    }
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_asked_in_the_wrong_way_says_which_ways_there_are() {
    let relay = Relay::start().await;

    let answer = Request::new("PUT", "/api/campaigns").send(relay.address()).await;

    assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.header("allow").unwrap().contains("POST"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loader_comes_compressed_and_is_not_sent_again_unchanged() {
    let relay = Relay::start().await;
    let path = format!("/embed.js?key={}", relay.made.key);
    let plain = get(&relay, &path, &[]).await;
    let tag = plain.header("etag").unwrap().to_owned();

    for encoding in ["br", "gzip"] {
        let answer = get(&relay, &path, &[("accept-encoding", encoding)]).await;
        assert_eq!(answer.header("content-encoding"), Some(encoding));
        assert!(answer.body.len() * 3 < plain.body.len() * 2, "{encoding}: {}", answer.body.len());
    }
    let again = get(&relay, &path, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = format!("/embed.js?key={}x", relay.made.key);
    assert_ne!(get(&relay, &other, &[]).await.header("etag"), Some(tag.as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_says_that_it_is_up_and_metrics_are_elsewhere() {
    let relay = Relay::start().await;

    assert_eq!(get(&relay, "/healthz", &[]).await.status, 200);
    assert_eq!(get(&relay, "/readyz", &[]).await.text(), "ready\n");
    assert!(!get(&relay, "/metrics", &[]).await.text().contains("roost_"));
}
