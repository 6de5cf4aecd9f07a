//! The commands: what they make, with and without a running server, and what they refuse.

use serde_json::Value;
use tests::fixture::{SHOP, prepare};
use tests::folder::Folder;
use tests::personas::{Visitor, own_request};
use tests::relay::open_config;

use crate::program;

const INIT: [&str; 7] =
    ["init", "--email", "olga@example.com", "--password-stdin", "--workspace", "Northwind", "--json"];
const CREATE: [&str; 7] = ["widget", "create", "--name", "Shop", "--origin", SHOP, "--json"];

fn answer(output: &std::process::Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn init_makes_the_owner_once() {
    let folder = Folder::new();

    let first = program().run(&folder.data(), &INIT, "gannet-orbit-74\n").await;
    let second = program().run(&folder.data(), &INIT, "gannet-orbit-74\n").await;
    let server = program().serve(&folder.data(), 0).await;
    let login = own_request(server.address, "POST", "/api/auth/login")
        .json(&serde_json::json!({ "email": "olga@example.com", "password": "gannet-orbit-74" }))
        .send(server.address)
        .await;

    assert_eq!(answer(&first)["owner"]["email"], "olga@example.com");
    assert_eq!(second.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&second.stderr).contains("already has an owner"));
    assert_eq!(login.status, 200, "{}", login.text());
}

#[tokio::test]
async fn init_refuses_a_weak_password() {
    let folder = Folder::new();

    let output = program().run(&folder.data(), &INIT, "short\n").await;

    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&output.stderr).contains("12 to 1,024 bytes"));
}

#[tokio::test]
async fn a_widget_is_made_beside_a_running_server_and_without_one() {
    let folder = Folder::new();
    prepare(&open_config(&folder)).await;

    let before = answer(&program().run(&folder.data(), &CREATE, "").await);
    let server = program().serve(&folder.data(), 0).await;
    let beside = answer(&program().run(&folder.data(), &CREATE, "").await);

    for made in [&before, &beside] {
        let key = made["key"].as_str().unwrap();
        assert!(made["snippet"].as_str().unwrap().contains(&format!("/embed.js?key={key}")));
        assert!(made["id"].is_string());
        assert_eq!(Visitor::new(server.address, key, SHOP).boot().await.status, 200);
        assert_eq!(
            Visitor::new(server.address, key, "https://evil.example").boot().await.code(),
            "origin_not_allowed"
        );
    }
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_from_whoever_runs_the_server() {
    let folder = Folder::new();
    let reset = ["reset-password", "--email", "olga@example.com", "--json"];
    answer(&program().run(&folder.data(), &INIT, "gannet-orbit-74\n").await);
    let server = program().serve(&folder.data(), 0).await;

    let made = answer(&program().run(&folder.data(), &reset, "").await);
    let token = made["link"].as_str().unwrap().split_once("#token=").unwrap().1;
    let done = own_request(server.address, "POST", "/api/password-reset")
        .json(&serde_json::json!({ "token": token, "password": "walrus-ember-58-tile" }))
        .send(server.address)
        .await;
    let login = own_request(server.address, "POST", "/api/auth/login")
        .json(&serde_json::json!({ "email": "olga@example.com", "password": "walrus-ember-58-tile" }))
        .send(server.address)
        .await;
    let unknown = ["reset-password", "--email", "nobody@example.com"];
    let refused = program().run(&folder.data(), &unknown, "").await;

    assert_eq!((done.status, login.status), (204, 200), "{}", done.text());
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no such person"));
}

#[tokio::test]
async fn a_widget_without_a_workspace_or_with_a_bad_origin_is_refused() {
    let empty = Folder::new();
    let no_workspace = program().run(&empty.data(), &CREATE, "").await;
    let folder = Folder::new();
    prepare(&open_config(&folder)).await;
    let bad_origin = program()
        .run(&folder.data(), &["widget", "create", "--name", "Shop", "--origin", "https://*.com"], "")
        .await;

    assert_eq!((no_workspace.status.code(), bad_origin.status.code()), (Some(78), Some(78)));
    assert!(String::from_utf8_lossy(&no_workspace.stderr).contains("roost init"));
    assert!(String::from_utf8_lossy(&bad_origin.stderr).contains("https://*.com"));
}

#[tokio::test]
async fn doctor_says_what_is_wrong_and_how_to_put_it_right() {
    let folder = Folder::new();
    prepare(&open_config(&folder)).await;
    // No server may answer where it looks.
    let listen = ["doctor", "--listen", "127.0.0.1:1"];

    let fine = program().run(&folder.data(), &listen, "").await;
    std::fs::set_permissions(folder.data(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let open = program().run(&folder.data(), &listen, "").await;

    let said = String::from_utf8_lossy(&fine.stdout).into_owned();
    assert_eq!(fine.status.code(), Some(0), "{said}");
    assert!(said.lines().all(|line| line.starts_with("ok ")), "{said}");
    assert_eq!(open.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&open.stdout).contains("Remedy: chmod 700"));
}

#[tokio::test]
async fn a_flag_beats_a_variable_and_a_variable_beats_the_file() {
    let folder = Folder::new();
    let file = folder.data().with_file_name("roost.toml");
    prepare(&open_config(&folder)).await;
    std::fs::write(&file, "public_url = \"https://from.file\"\nlimit_boots_per_minute_per_ip = 7\n").unwrap();
    let path = file.to_str().unwrap();
    let snippet = async |extra: &[&str], environment: &[(&str, &str)]| {
        let arguments: Vec<&str> = [&["--config", path], extra, &CREATE[..]].concat();
        let made = answer(&program().run_with(&folder.data(), &arguments, "", environment).await);
        made["snippet"].as_str().unwrap().to_owned()
    };
    let variable = [("ROOST_PUBLIC_URL", "https://from.variable")];

    assert!(snippet(&[], &[]).await.contains("https://from.file/"));
    assert!(snippet(&[], &variable).await.contains("https://from.variable/"));
    assert!(snippet(&["--public-url", "https://from.flag"], &variable).await.contains("https://from.flag/"));

    std::fs::write(&file, "publik_url = \"https://mistyped\"\n").unwrap();
    let refused = program().run(&folder.data(), &["--config", path, "doctor"], "").await;
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("publik_url"));
}

#[tokio::test]
async fn metrics_are_served_on_their_own_address_and_count_what_happens() {
    let folder = Folder::new();
    let (made, _) = prepare(&open_config(&folder)).await;
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).unwrap();
    let metrics_text = metrics.to_string();
    let listen = [("ROOST_METRICS_LISTEN", metrics_text.as_str())];
    let server = program().serve_with(&folder.data(), 0, &listen).await;
    let mut visitor = Visitor::new(server.address, &made.key, SHOP).enter().await;
    visitor.tell(None, "one").await;

    let read = tests::http::Request::new("GET", "/metrics").send(metrics).await;

    assert_eq!(read.status, 200);
    let text = read.text();
    for line in ["roost_messages_total 1", "roost_sessions 1", "roost_store_batch_steps_count"] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
