//! The real binary as a child: started, asked to end, or killed in the middle of everything.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::preload::Leavings;
use crate::until::{within, within_time};

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// Where the tests' build put the program.
pub struct Program(PathBuf);

impl Program {
    pub fn new(path: &str) -> Self {
        Self(PathBuf::from(path))
    }

    fn command(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(data)
            .current_dir(std::env::temp_dir())
            .kill_on_drop(true);
        if let Some(url) = crate::database::url_of(data) {
            command.env("ROOST_DATABASE_URL", url);
        }
        for limit in [
            "CONNECTIONS_PER_IP",
            "BOOTS_PER_MINUTE_PER_IP",
            "LOGINS_PER_MINUTE_PER_IP",
            "FRAMES_PER_10S_VISITOR",
            "FRAMES_PER_10S_AGENT",
        ] {
            command.env(format!("ROOST_LIMIT_{limit}"), "0");
        }
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, data: &Path, arguments: &[&str], input: &str) -> Output {
        self.run_with(data, arguments, input, &[]).await
    }

    pub async fn run_with(
        &self,
        data: &Path,
        arguments: &[&str],
        input: &str,
        environment: &[(&str, &str)],
    ) -> Output {
        let mut command = self.command(data, arguments);
        command
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input is ours");
        // A command that needs no input may be gone already.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        within("the command to end", child.wait_with_output()).await.expect("its output can be read")
    }

    /// Starts a server; port 0 lets the system choose.
    pub async fn serve(&self, data: &Path, port: u16) -> Server {
        self.serve_with(data, port, &[]).await
    }

    pub async fn serve_with(&self, data: &Path, port: u16, environment: &[(&str, &str)]) -> Server {
        let mut command =
            self.command(data, &["serve", "--listen", &format!("127.0.0.1:{port}"), "--log", "warn"]);
        command
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its words are ours")).lines();
        let address = within("the server to be ready", async {
            let mut heard = Vec::new();
            while let Some(line) = lines.next_line().await.expect("its words can be read") {
                if let Some((_, rest)) = line.split_once("http://") {
                    let host: String = rest.chars().take_while(|c| !matches!(c, '/' | ' ')).collect();
                    return host.parse().expect("it says where it listens");
                }
                heard.push(line);
            }
            panic!("the server ended: {heard:?}");
        })
        .await;
        // Its words must go somewhere, or it would stop at a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let leavings = Leavings(child.id().expect("the server runs"));
        Server { child, address, _leavings: leavings }
    }
}

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    _leavings: Leavings,
}

impl Server {
    pub fn id(&self) -> u32 {
        self.child.id().expect("the server has not been waited for")
    }

    /// SIGKILL: no chance to do anything any more.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// SIGTERM, from outside like an operator's.
    pub async fn terminate(&self) {
        self.signal("-TERM").await;
    }

    pub async fn signal(&self, which: &str) {
        let done = Command::new("kill").arg(which).arg(self.id().to_string()).status().await;
        assert!(done.expect("kill can be run").success());
    }

    /// The exit code.
    pub async fn ended(mut self) -> Option<i32> {
        within_time("the server to end", Duration::from_secs(30), self.child.wait())
            .await
            .expect("it can be waited for")
            .code()
    }
}
