//! The load's end of a websocket. Frames are made and read by hand: the load has one core, and what it spends there the server
//! cannot be asked for.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use tokio::net::{TcpSocket, TcpStream};

const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const TEXT: u8 = 1;
/// Not zeros: some servers do not unmask then, and browsers never send that.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x1e, 0x77];
/// Any 16 bytes in Base64.
const KEY: &str = "cm9vc3QgYmVuY2ggbGluZQ==";
/// So much is read at once.
const READ_BYTES: usize = 2048;

/// Where a line leads.
pub(super) struct Dial<'a> {
    pub(super) address: SocketAddr,
    /// Path and query.
    pub(super) path: &'a str,
    /// What the kernel keeps for a reader that does not read, in bytes; `None` = what it thinks best.
    pub(super) receive_bytes: Option<u32>,
}

impl Dial<'_> {
    /// Connects and upgrades, as a page of the server's own site does.
    pub(super) async fn open(&self) -> Result<Line> {
        let stream = Arc::new(self.connect().await?);
        let speaker = Speaker { stream: Arc::clone(&stream) };
        let mut listener = Listener { stream, unread: Vec::new(), taken: 0 };
        let (address, path) = (self.address, self.path);
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n\r\n"
        );
        speaker.write(request.as_bytes()).await?;
        listener.upgraded().await?;
        Ok(Line { speaker, listener })
    }

    async fn connect(&self) -> Result<TcpStream> {
        let socket = if self.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(bytes) = self.receive_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// An open socket. It stays open until both ends of it here are gone.
pub(super) struct Line {
    pub(super) speaker: Speaker,
    pub(super) listener: Listener,
}

/// The end that sends. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    stream: Arc<TcpStream>,
}

impl Speaker {
    /// Sends a text now or not at all: for a thread that has to keep time. After an error the line is of no use any more.
    pub(super) fn say_now(&self, text: &str) -> Result<()> {
        let frame = frame(TEXT, text.as_bytes());
        let written = self.stream.try_write(&frame)?;
        if written == frame.len() { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
    }

    pub(super) async fn say(&self, text: &str) -> Result<()> {
        self.write(&frame(TEXT, text.as_bytes())).await
    }

    async fn write(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A whole frame, masked as a client's must be.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let Ok(length) = u16::try_from(payload.len()) else { unreachable!("the load says short things") };
    let mut frame = Vec::with_capacity(payload.len() + 8);
    frame.push(0x80 | kind);
    if length < 126 {
        frame.push(0x80 | length as u8);
    } else {
        frame.push(0x80 | 0x7e);
        frame.extend_from_slice(&length.to_be_bytes());
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The end that hears.
pub(super) struct Listener {
    stream: Arc<TcpStream>,
    unread: Vec<u8>,
    /// So many bytes of `unread` have been given out.
    taken: usize,
}

impl Listener {
    /// The next message; `None` when the line has ended. Pings are answered.
    pub(super) async fn next(&mut self) -> Result<Option<&[u8]>> {
        loop {
            if let Some((kind, payload)) = self.take() {
                match kind {
                    CLOSE => return Ok(None),
                    PING => self.answer_ping(payload).await?,
                    PONG => {}
                    _ => return Ok(Some(self.unread.get(payload).unwrap_or_default())),
                }
            } else if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// Hears until something begins like this; gives it.
    pub(super) async fn until(&mut self, beginning: &[u8]) -> Result<Vec<u8>> {
        while let Some(message) = self.next().await? {
            if message.starts_with(beginning) {
                return Ok(message.to_vec());
            }
        }
        Err(Error::other("the server hung up before it said what was waited for"))
    }

    async fn answer_ping(&self, payload: Range<usize>) -> Result<()> {
        let pong = frame(PONG, self.unread.get(payload).unwrap_or_default());
        Speaker { stream: Arc::clone(&self.stream) }.write(&pong).await
    }

    /// Takes the next whole frame out of what was read: its kind, and where its payload is.
    fn take(&mut self) -> Option<(u8, Range<usize>)> {
        let rest = self.unread.get(self.taken..)?;
        let (kind, head, length) = header(rest)?;
        if rest.len() < head + length {
            return None;
        }
        let begin = self.taken + head;
        self.taken = begin + length;
        Some((kind, begin..begin + length))
    }

    /// Reads more; false when the line has ended.
    async fn fill(&mut self) -> Result<bool> {
        self.unread.drain(..self.taken);
        self.taken = 0;
        self.unread.reserve(READ_BYTES);
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.unread) {
                Ok(count) => return Ok(count > 0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the answer to the upgrade.
    async fn upgraded(&mut self) -> Result<()> {
        loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                if !self.unread.starts_with(b"HTTP/1.1 101") {
                    let answer = String::from_utf8_lossy(&self.unread);
                    return Err(Error::other(format!("no websocket: {answer}")));
                }
                self.taken = at + 4;
                return Ok(());
            }
            if !self.fill().await? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// A frame's kind and the lengths of its head and its payload, once they are known.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (head, length) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*rest.first_chunk::<8>()?)).ok()?),
        short => (2, usize::from(short)),
    };
    Some((first & 0x0f, head, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_only_when_all_of_it_is_there() {
        assert_eq!(header(&[0x81]), None);
        assert_eq!(header(&[0x81, 5]), Some((TEXT, 2, 5)));
        assert_eq!(header(&[0x81, 126, 1]), None);
        assert_eq!(header(&[0x81, 126, 1, 0]), Some((TEXT, 4, 256)));
        assert_eq!(header(&[0x89, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Some((PING, 10, 65_536)));
    }

    #[test]
    fn what_is_sent_is_masked_and_unmasks_to_what_was_said() {
        for length in [0, 125, 126, 300] {
            let said = "x".repeat(length);

            let sent = frame(TEXT, said.as_bytes());

            let (kind, head, payload) = header(&sent).unwrap();
            let heard = sent[head + 4..].iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
            assert_eq!((kind, payload, sent[1] & 0x80), (TEXT, length, 0x80));
            assert_eq!(heard.collect::<Vec<u8>>(), said.as_bytes());
        }
    }
}
