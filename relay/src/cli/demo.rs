//! `roost demo`: the five-minute tour.

use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use protocol::api::{Appearance, NewCampaign};
use protocol::frame::Send;
use protocol::ids::{Cmid, ContactId, PersonId, WorkspaceId};
use protocol::message::Body;
use tokio::net::TcpListener;

use super::serve::{StopSignal, start, stop};
use super::{CliError, say};
use crate::actions::post::{AgentAuthor, VisitorAuthor, as_agent, as_visitor, commit};
use crate::actions::set_up::{Owner, set_up};
use crate::actions::{Ports, campaigns};
use crate::app::App;
use crate::clock::Fresh;
use crate::config::Config;
use crate::crypto::{TokenKind, digest_of, random_token};
use crate::http::server::{Gate, serve};
use crate::store::CampaignRecord;

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// Port of the demo shop page, on an origin of its own
    #[arg(long, default_value_t = 8090)]
    shop_port: u16,
    /// Answer with one line of JSON instead of words
    #[arg(long)]
    json: bool,
}

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "gannet-orbit-74";

pub(super) async fn run(mut config: Config, arguments: DemoArguments) -> Result<ExitCode, CliError> {
    let folder = std::env::temp_dir().join(format!("roost-demo-{}", std::process::id()));
    config.data_dir = folder.clone();
    let shop = TcpListener::bind(("127.0.0.1", arguments.shop_port)).await;
    let shop = shop.map_err(|e| {
        CliError::Config(format!(
            "cannot listen on port {} for the shop page: {e}. Give another with --shop-port",
            arguments.shop_port
        ))
    })?;
    let shop_url = format!("http://localhost:{}", shop.local_addr().map_err(CliError::internal)?.port());
    let told = StopSignal::listen()?;
    let running = start(config).await?;
    let app = &running.app;
    let key = furnish(app, &shop_url).await.map_err(CliError::Internal)?;
    let page = shop_page(&app.public_url, &key);
    let gate = Gate { connections_per_ip: 0, trusted_proxies: Vec::new() };
    app.shutdown.spawn("shop", serve(shop, shop_router(page), gate, app.shutdown.clone()));
    announce(app, &shop_url, &key, arguments.json);
    told.wait().await;
    let code = stop(&running).await;
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%error, "the demo's temporary folder could not be removed");
    }
    Ok(code)
}

fn announce(app: &App, shop_url: &str, key: &str, json: bool) {
    let inbox = &app.public_url;
    if json {
        let line = serde_json::json!({ "shop": shop_url, "inbox": inbox, "email": EMAIL, "password": PASSWORD, "key": key });
        say(&line.to_string());
        return;
    }
    say(&format!(
        "\nRoost is running with sample data in a temporary folder.\n\n  \
         Shop page (be a visitor)   {shop_url}\n  \
         Inbox (be an agent)        {inbox}\n  \
         Sign in as                 {EMAIL}  /  {PASSWORD}\n\n\
         Open both, write in the shop, answer in the inbox. Ctrl+C ends the demo and removes its data.\n"
    ));
}

/// An owner, a widget for the shop, and some conversations.
async fn furnish(app: &Arc<App>, shop_url: &str) -> Result<String, String> {
    let ports = &app.ports;
    let owner = Owner {
        name: "Ada Lindqvist".into(),
        email: EMAIL.into(),
        password: PASSWORD.into(),
        workspace: "Northwind Outdoor".into(),
    };
    let (workspace, person) = set_up(ports, &app.passwords, owner).await.map_err(|e| e.to_string())?;
    let appearance = Appearance {
        title: "Northwind Outdoor".into(),
        welcome: "Hi there! Questions about gear, sizes or an order? Write to us.".into(),
        ..Appearance::default()
    };
    let new = NewCampaign {
        name: "Shop".into(),
        channel: campaigns::WEB_CHAT.to_owned(),
        allowed_origins: vec![shop_url.to_owned(), shop_url.replace("localhost", "127.0.0.1")],
        appearance,
    };
    let campaign = campaigns::create(ports, &app.keys, workspace, new).await.map_err(|e| e.to_string())?;
    for sample in SAMPLES {
        tell(ports, workspace, person, &campaign, sample).await?;
    }
    let stored = campaign.keys.first().ok_or("the campaign has no key")?;
    app.keys.open(&stored.digest, &stored.sealed).ok_or_else(|| "the key could not be opened".to_owned())
}

/// A made-up conversation: the visitor's name, and who said what.
type Sample = (&'static str, &'static [(bool, &'static str)]);

const SAMPLES: &[Sample] = &[
    (
        "Jonas Weber",
        &[
            (true, "Do you ship the Fjord tent to Norway?"),
            (false, "We do, three to five working days. Shall I reserve one for you?"),
            (true, "Yes please, the green one."),
        ],
    ),
    (
        "Mira Okafor",
        &[
            (true, "My order arrived without the tent pegs."),
            (false, "I am sorry! A set is on its way to you today, no charge."),
            (true, "That was quick, thank you!"),
        ],
    ),
    ("Lena Fischer", &[(true, "Is the down jacket machine washable?")]),
    (
        "Sam Tanaka",
        &[(true, "Hello, can I return boots I wore once indoors?"), (true, "They are size 43, order 20931.")],
    ),
];

async fn tell(
    ports: &Ports,
    workspace: WorkspaceId,
    person: PersonId,
    campaign: &CampaignRecord,
    (name, lines): &Sample,
) -> Result<(), String> {
    let contact = ContactId::fresh(ports.clock.as_ref());
    let visitor = digest_of(&random_token(TokenKind::Visitor));
    let mut conv = None;
    for (is_visitor, text) in *lines {
        let send = Send {
            cmid: Cmid(ports.clock.new_id()),
            conv,
            body: Body::plain(*text),
            reply_to: None,
            note: false,
        };
        let append = if *is_visitor {
            let author = VisitorAuthor {
                workspace,
                division: campaign.division,
                campaign: campaign.id,
                contact,
                name: Some(name),
                introduction: Some((visitor, SAMPLE_DETAILS)),
            };
            as_visitor(ports, &author, send)
        } else {
            as_agent(ports, &AgentAuthor { workspace, person, name: "Ada Lindqvist" }, send)
        };
        let ack = commit(ports, append.map_err(|e| e.to_string())?).await.map_err(|e| e.to_string())?;
        conv = Some(ack.conv);
    }
    Ok(())
}

const SAMPLE_DETAILS: &str = r#"{"page_url":"http://localhost:8090/tents","page_title":"Tents – Northwind Outdoor","referrer":"https://search.example/","locale":"de-DE","time_zone":"Europe/Berlin","device":"Firefox on Windows","viewport":"1440x900"}"#;

fn shop_router(page: String) -> Router {
    let show = move || async move { ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response() };
    let style = || async { ([(header::CONTENT_TYPE, "text/css")], include_str!("demo_shop.css")) };
    Router::new().route("/shop.css", get(style)).fallback(get(show))
}

fn shop_page(relay: &str, key: &str) -> String {
    include_str!("demo_shop.html").replace("{{snippet}}", &crate::http::api::snippet(relay, key))
}
