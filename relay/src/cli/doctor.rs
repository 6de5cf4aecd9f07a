//! `roost doctor`: what is wrong, and what to do about it.

use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{CliError, say};
use crate::config::Config;
use crate::store::postgres::Found;
use crate::store::sqlite::{check_file, quick_check};

/// One line of the report.
struct Finding {
    is_fine: bool,
    what: String,
}

fn fine(what: impl Into<String>) -> Finding {
    Finding { is_fine: true, what: what.into() }
}

fn wrong(what: impl Into<String>) -> Finding {
    Finding { is_fine: false, what: what.into() }
}

pub(super) async fn run(config: Config) -> Result<ExitCode, CliError> {
    let mut findings = vec![fine("configuration: every source was read")];
    findings.extend(check_folder(&config));
    match config.postgres_url() {
        Some(url) => findings.extend(check_postgres(&config, url).await),
        None => {
            findings.extend(check_store(&config));
            findings.push(check_key(&config));
        }
    }
    if let Some(url) = &config.redis_url {
        findings.push(check_redis(url).await);
    }
    findings.push(check_clock());
    findings.extend(check_address(&config));
    findings.push(check_server(&config).await);
    for finding in &findings {
        say(&format!("{} {}", if finding.is_fine { "ok   " } else { "WRONG" }, finding.what));
    }
    Ok(if findings.iter().all(|f| f.is_fine) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn check_folder(config: &Config) -> Vec<Finding> {
    let folder = config.data_dir.display();
    let Ok(about) = std::fs::metadata(&config.data_dir) else {
        return vec![fine(format!("data folder: {folder} does not exist yet; `roost serve` makes it"))];
    };
    let mut findings = Vec::new();
    if about.permissions().mode() & 0o077 != 0 {
        findings.push(wrong(format!("data folder: others can read {folder}. Remedy: chmod 700 {folder}")));
    } else {
        findings.push(fine(format!("data folder: {folder} is private")));
    }
    let probe = config.data_dir.join(".doctor");
    match std::fs::write(&probe, vec![0_u8; 1024 * 1024]).and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => findings.push(fine("disk: there is room to write")),
        Err(error) => findings.push(wrong(format!(
            "disk: cannot write to {folder} ({error}). Remedy: free some space or fix the permissions"
        ))),
    }
    findings
}

fn check_store(config: &Config) -> Vec<Finding> {
    let file = config.database_file();
    if !file.exists() {
        return vec![fine("store: none yet")];
    }
    if let Err(error) = check_file(&file, None) {
        return vec![wrong(format!("store: {error}"))];
    }
    match quick_check(&file) {
        Ok(None) => vec![fine("store: the whole file was read and is sound")],
        Ok(Some(damage)) => {
            vec![wrong(format!("store: the file is damaged ({damage}). Remedy: restore a backup"))]
        }
        Err(error) => vec![wrong(format!("store: {error}"))],
    }
}

async fn check_postgres(config: &Config, url: &str) -> Vec<Finding> {
    let found = match Found::look(url).await {
        Ok(found) => found,
        Err(error) => return vec![wrong(format!("store: {error}"))],
    };
    let place = found.place();
    let mut findings = vec![fine(format!("store: {place} answers and keeps what it says it has stored"))];
    if found.sees_everything() {
        findings.push(wrong(format!(
            "store: our role at {place} is a superuser, for whom row-level security does not hold. Remedy: create role roost login, and make it the owner of the database"
        )));
    }
    findings.push(if found.is_new() {
        fine("master key: made at the first start")
    } else {
        match crate::config::load_master_key(config, false) {
            Err(error) => wrong(format!("master key: {error}")),
            Ok(master) => match found.check_key(master.check_value()) {
                Ok(()) => fine("master key: it is the one the store was made with"),
                Err(error) => wrong(format!("master key: {error}")),
            },
        }
    });
    findings
}

async fn check_redis(url: &str) -> Finding {
    match crate::bus::check_redis(url).await {
        Ok(()) => fine("redis: it answers"),
        Err(reason) => wrong(format!(
            "redis: {reason}. Remedy: check redis_url and that Redis runs; until then nodes find out within a second what they would hear at once"
        )),
    }
}

fn check_key(config: &Config) -> Finding {
    let file = config.database_file();
    if !file.exists() {
        return fine("master key: made at the first start");
    }
    match crate::config::load_master_key(config, false) {
        Err(error) => wrong(format!("master key: {error}")),
        Ok(master) => match check_file(&file, Some(master.check_value())) {
            Ok(()) => fine("master key: it is the one the store was made with"),
            Err(error) => wrong(format!("master key: {error}")),
        },
    }
}

fn check_clock() -> Finding {
    use crate::clock::Clock;
    // Nothing was ever written before this program was.
    let released_ms = 1_790_000_000_000;
    if crate::clock::SystemClock.now_ms() > released_ms {
        fine("clock: the time is plausible")
    } else {
        wrong(
            "clock: the time is before this program was written. Remedy: set the clock, for instance with systemd-timesyncd",
        )
    }
}

fn check_address(config: &Config) -> Vec<Finding> {
    match &config.public_url {
        None => vec![fine(
            "public address: not set, so only this machine can use the inbox; set public_url to open it to others",
        )],
        Some(url) if url.scheme() == "https" => vec![fine(format!("public address: {url}"))],
        Some(url) => vec![wrong(format!(
            "public address: {url} is not https, so passwords travel in the clear. Remedy: put a TLS proxy in front"
        ))],
    }
}

async fn check_server(config: &Config) -> Finding {
    let ask = async {
        let mut stream = TcpStream::connect(config.listen).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match tokio::time::timeout(Duration::from_secs(3), ask).await {
        Ok(Ok(answer)) if answer.starts_with("HTTP/1.1 200") => {
            fine(format!("server: ready on {}", config.listen))
        }
        Ok(Ok(_)) => wrong(format!(
            "server: something answers on {} but is not ready. Remedy: look at its log",
            config.listen
        )),
        Ok(Err(_)) => fine(format!("server: not running on {}", config.listen)),
        Err(_) => wrong(format!(
            "server: no answer on {} within 3 s. Remedy: look at its log, or restart it",
            config.listen
        )),
    }
}
