//! A visitor who says one thing after the other and is prepared to be refused.

use std::net::SocketAddr;

use protocol::frame::ServerFrame;
use protocol::ids::{Cmid, ConversationId};

use crate::fixture::SHOP;
use crate::http::Answer;
use crate::journal::{Entry, Journal};
use crate::personas::Visitor;
use crate::socket::Socket;

pub struct Talker {
    visitor: Visitor,
    socket: Socket,
    said: Vec<Cmid>,
    conv: Option<ConversationId>,
}

impl Talker {
    pub async fn enter(address: SocketAddr, key: &str) -> Self {
        let mut visitor = Visitor::new(address, key, SHOP);
        let socket = visitor.enter().await;
        Self { visitor, socket, said: Vec::new(), conv: None }
    }

    /// Says something and waits for the answer; the word of the refusal if it is one.
    pub async fn say(&mut self, text: &str) -> Result<(), String> {
        let cmid = self.socket.say(self.conv, text).await;
        self.said.push(cmid);
        let answer = self.socket.find("an answer", |frame| match frame {
            ServerFrame::Ack(ack) if ack.cmid == cmid => Some(Ok(ack.conv)),
            ServerFrame::Nack(nack) if nack.cmid == cmid => Some(Err(nack.code.clone())),
            _ => None,
        });
        self.conv = Some(answer.await?);
        Ok(())
    }

    /// Reads what was said last, as a page that was just opened does.
    pub async fn read(&self) -> Answer {
        self.visitor.events(self.conv.expect("something was said"), "?limit=10").await
    }

    /// The same on a relay that was started again.
    pub async fn read_at(&self, address: SocketAddr) -> Answer {
        Visitor { address, ..self.visitor.clone() }
            .events(self.conv.expect("something was said"), "?limit=10")
            .await
    }

    pub fn journal(&self) -> Journal {
        let journal = Journal::default();
        journal.write(Entry::Connected);
        self.said.iter().for_each(|cmid| journal.write(Entry::Said(*cmid)));
        for frame in &self.socket.log {
            match frame {
                ServerFrame::Ack(ack) => journal.write(Entry::Acked(ack.clone())),
                ServerFrame::Event(event) => journal.write(Entry::Heard(Box::new(event.clone()))),
                _ => {}
            }
        }
        journal
    }
}
