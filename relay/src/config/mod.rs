//! Configuration: defaults, then `roost.toml`, then environment, then flags. The only reader of environment variables.

mod limits;
mod secrets;

pub use limits::Limits;
pub use secrets::load_master_key;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Read(#[from] Box<figment::Error>),
    #[error("the configuration file {} does not exist", .0.display())]
    NoFile(PathBuf),
    #[error(
        "public_url must be an http or https address without a path, like https://chat.example.com; it is {0}"
    )]
    PublicUrl(String),
    #[error("database_url must begin with postgres:// or sqlite:")]
    DatabaseUrl,
    #[error("{0}")]
    Secret(String),
}

/// Options as flags; every one is also a variable `ROOST_…` and a key of `roost.toml`.
#[derive(Debug, Default, Clone, clap::Args, Serialize)]
pub struct Flags {
    /// Where the configuration file is [default: roost.toml, if there is one]
    #[arg(long, global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where everything is kept [default: ./data]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The address people reach this server under, like https://chat.example.com [default: from `listen`]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The database: postgres://user:password@host/name, or sqlite:FILE [default: SQLite in the data folder]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Redis, through which nodes that share a database tell each other what happens: redis://host or rediss://user:password@host [default: none]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis_url: Option<String>,
    /// Where Prometheus metrics are served, if anywhere
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// `text` or `json` [default: text]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// What to log, like `info` or `relay=debug` [default: info]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// File with the master key [default: made in the data folder]. The key itself is given by `ROOST_MASTER_KEY` only
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key_file: Option<PathBuf>,
    /// Addresses, with commas between, whose `X-Forwarded-For` is believed [default: none]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    pub limits: limits::LimitFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// What was configured, before the parts that depend on each other are worked out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    data_dir: PathBuf,
    listen: SocketAddr,
    public_url: Option<String>,
    database_url: Option<String>,
    redis_url: Option<String>,
    metrics_listen: Option<SocketAddr>,
    log_format: LogFormat,
    log: String,
    master_key: Option<String>,
    master_key_file: Option<PathBuf>,
    /// Whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "addresses")]
    trusted_proxies: Vec<IpAddr>,
    #[serde(flatten)]
    limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database_url: None,
            redis_url: None,
            metrics_listen: None,
            log_format: LogFormat::Text,
            log: "info".into(),
            master_key: None,
            master_key_file: None,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Everything the program was told.
#[derive(Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    /// Given by the operator; otherwise worked out from the address listened on.
    pub public_url: Option<Url>,
    /// Where the store is, when not in the data folder.
    pub database: Option<Database>,
    /// With the password in it, so it is never shown.
    pub redis_url: Option<zeroize::Zeroizing<String>>,
    pub metrics_listen: Option<SocketAddr>,
    pub log_format: LogFormat,
    pub log: String,
    pub trusted_proxies: Vec<IpAddr>,
    pub limits: Limits,
    master_key: Option<zeroize::Zeroizing<String>>,
    master_key_file: Option<PathBuf>,
}

/// Where the store is.
#[derive(Clone)]
pub enum Database {
    Sqlite(PathBuf),
    /// With the password in it, so it is never shown.
    Postgres(zeroize::Zeroizing<String>),
}

impl Database {
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(file.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(zeroize::Zeroizing::new(text.to_owned())));
        }
        Err(ConfigError::DatabaseUrl)
    }
}

const KEYS: &[&str] = &[
    "data_dir",
    "listen",
    "public_url",
    "database_url",
    "redis_url",
    "metrics_listen",
    "log_format",
    "log",
    "master_key",
    "master_key_file",
    "trusted_proxies",
];

impl Config {
    /// Reads all sources.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Settings::default()));
        match &flags.config {
            Some(path) if !path.exists() => return Err(ConfigError::NoFile(path.clone())),
            Some(path) => figment = figment.merge(Toml::file_exact(path)),
            None if Path::new("roost.toml").exists() => {
                figment = figment.merge(Toml::file_exact("roost.toml"));
            }
            None => {}
        }
        let known: Vec<&str> = KEYS.iter().chain(limits::KEYS).copied().collect();
        figment = figment.merge(Env::prefixed("ROOST_").only(&known));
        let settings: Settings = figment.merge(Serialized::defaults(flags)).extract().map_err(Box::new)?;
        Self::from_settings(settings)
    }

    fn from_settings(settings: Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            data_dir: settings.data_dir,
            listen: settings.listen,
            public_url: settings.public_url.as_deref().map(parse_public_url).transpose()?,
            redis_url: settings.redis_url.map(zeroize::Zeroizing::new),
            database: settings.database_url.as_deref().map(Database::parse).transpose()?,
            metrics_listen: settings.metrics_listen,
            log_format: settings.log_format,
            log: settings.log,
            trusted_proxies: settings.trusted_proxies,
            limits: settings.limits,
            master_key: settings.master_key.map(zeroize::Zeroizing::new),
            master_key_file: settings.master_key_file,
        })
    }

    /// A configuration for a data folder, everything else at its default.
    pub fn for_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        let settings = Settings { data_dir: data_dir.into(), ..Settings::default() };
        let Ok(config) = Self::from_settings(settings) else { unreachable!("the defaults are valid") };
        config
    }

    /// The SQLite file; without meaning where PostgreSQL is configured.
    pub fn database_file(&self) -> PathBuf {
        match &self.database {
            Some(Database::Sqlite(file)) => file.clone(),
            Some(Database::Postgres(_)) | None => self.data_dir.join("roost.db"),
        }
    }

    pub fn postgres_url(&self) -> Option<&str> {
        match &self.database {
            Some(Database::Postgres(url)) => Some(url),
            Some(Database::Sqlite(_)) | None => None,
        }
    }

    /// The socket through which commands reach a running server.
    pub fn control_socket(&self) -> PathBuf {
        self.data_dir.join("control.sock")
    }
}

/// A list, or one text with commas between, as it is written in a variable.
fn addresses<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<IpAddr>),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::List(list) => return Ok(list),
        Written::Text(text) => text,
    };
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().map_err(|_| serde::de::Error::custom(format!("{part:?} is no IP address"))))
        .collect()
}

fn parse_public_url(text: &str) -> Result<Url, ConfigError> {
    let bad = || ConfigError::PublicUrl(text.to_owned());
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    if is_plain { Ok(url) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_a_list_or_a_text_with_commas() {
        let read = |value: serde_json::Value| {
            Figment::from(Serialized::defaults(Settings::default()))
                .merge(("trusted_proxies", value))
                .extract::<Settings>()
                .map(|settings| settings.trusted_proxies)
                .map_err(|error| error.to_string())
        };
        let both: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()];

        assert_eq!(read("10.0.0.1, ::1".into()).unwrap(), both);
        assert_eq!(read(serde_json::json!(["10.0.0.1", "::1"])).unwrap(), both);
        assert!(read("".into()).unwrap().is_empty());
        assert!(read("proxy.example".into()).is_err());
    }

    #[test]
    fn a_public_address_with_more_than_a_host_is_refused() {
        for text in
            ["chat.example.com", "ftp://x.org", "https://x.org/chat", "https://u@x.org", "https://x.org?a"]
        {
            assert!(parse_public_url(text).is_err(), "{text}");
        }
        assert!(parse_public_url("https://chat.example.com:8443").is_ok());
    }
}
