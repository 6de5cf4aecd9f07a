//! The load's requests: one connection, one after the other, answers with a length.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) struct Http {
    address: SocketAddr,
    stream: TcpStream,
}

pub(super) struct Answer {
    /// Status line and headers, in lower case.
    head: String,
    /// The same as they came.
    raw_head: String,
    body: Vec<u8>,
}

impl Answer {
    /// The first value of a header; `name` in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let begin = self.head.find(&format!("\r\n{name}:"))? + name.len() + 3;
        self.raw_head.get(begin..)?.split("\r\n").next().map(str::trim)
    }

    /// A text of the body, or the whole body as the reason why there is none.
    pub(super) fn text(&self, name: &str) -> Result<String> {
        let body: Value = serde_json::from_slice(&self.body)?;
        let text = body.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| Error::other(format!("refused: {body}")))
    }

    /// The whole body, when what was asked for could be done.
    pub(super) fn json(&self) -> Result<Value> {
        if self.head.starts_with("http/1.1 200") {
            return Ok(serde_json::from_slice(&self.body)?);
        }
        Err(Error::other(format!("refused: {}", String::from_utf8_lossy(&self.body))))
    }
}

impl Http {
    pub(super) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream })
    }

    /// Posts JSON. `headers`: whole lines with their ends.
    pub(super) async fn post(&mut self, path: &str, headers: &str, body: &Value) -> Result<Answer> {
        let (address, body) = (self.address, body.to_string());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.answer().await
    }

    /// Gets something. `headers`: as for a post.
    pub(super) async fn get(&mut self, path: &str, headers: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address);
        self.stream.write_all(request.as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Answer> {
        let mut read = Vec::with_capacity(2048);
        loop {
            if let Some(answer) = whole(&read)? {
                return Ok(answer);
            }
            if self.stream.read_buf(&mut read).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The answer, once all of it is there.
fn whole(read: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let (head, body) = read.split_at_checked(end).unwrap_or_default();
    let raw_head = String::from_utf8_lossy(head).into_owned();
    let mut answer = Answer { head: raw_head.to_ascii_lowercase(), raw_head, body: Vec::new() };
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let length = length.ok_or_else(|| Error::other("an answer without a length"))?;
    let Some(body) = body.get(..length) else { return Ok(None) };
    answer.body = body.to_vec();
    Ok(Some(answer))
}
