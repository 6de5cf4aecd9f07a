//! A visitor's socket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use protocol::event::ReceiptState;
use protocol::frame::{
    ClientFrame, Limits, LookAt, MAX_FRAME_BYTES, Mark, Position, Ready, ResyncReason, SayTyping, ServerFrame,
};
use protocol::ids::{ConversationId, SessionId};
use protocol::message::MAX_TEXT_BYTES;

use super::connection::{Connection, End, unavailable, unless_full, verdict};
use super::side::{Side, redeem};
use crate::actions::mark::By;
use crate::actions::post::{PostError, VisitorAuthor, announce_beginning, as_visitor, commit};
use crate::actions::{change_conversation, contact_actor, mark, typing, visit};
use crate::app::App;
use crate::auth::visitors::BootPass;
use crate::clock::Fresh;
use crate::hub::{HEARTBEAT_MS, Resume, Session, TopicKey, VisitorSeat, Who, encode};
use crate::store::{Append, Recipient, StoreError};

/// The side of visitors.
pub(super) struct VisitorSide;

impl Side for VisitorSide {
    fn frames_per_10s(app: &App) -> u32 {
        app.config.limits.frames_per_10s_visitor
    }

    async fn greet(app: &Arc<App>, connection: &mut Connection) -> Result<Arc<Session>, End> {
        let hello = connection.hello().await?;
        let token =
            hello.boot.ok_or(End::Close(protocol::close::NOT_AUTHENTICATED, "a boot token is needed"))?;
        let pass: BootPass = redeem(app, &app.boots, &token).await?;
        let token = pass.visitor.clone();
        let conversations = conversations(app, &pass).await.map_err(unavailable)?;
        if pass.is_known {
            visit::note(&app.ports, pass.contact, pass.told.clone()).await;
        }
        let session = Arc::new(Session::new(
            SessionId::fresh(app.ports.clock.as_ref()),
            Who::Visitor(Box::new(seat(&pass))),
        ));
        app.hub.join(Arc::clone(&session));
        let result = announce(app, connection, &session, token, &conversations, hello.subs).await;
        if result.is_err() {
            app.hub.leave(&session);
        }
        result.map(|()| session)
    }

    async fn converse(app: &Arc<App>, connection: &mut Connection, session: &Arc<Session>) -> End {
        let Some(seat) = session.visitor() else {
            unreachable!("a visitor's socket has a visitor's session")
        };
        loop {
            let frame = match connection.next(session).await {
                Ok(frame) => frame,
                Err(end) => return end,
            };
            if let Some(rest) = answer(app, connection, session, seat, frame)
                && let Err(end) = rest.await
            {
                return end;
            }
        }
    }
}

async fn announce(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    token: String,
    conversations: &[ConversationId],
    subs: Vec<Position>,
) -> Result<(), End> {
    let ready = Ready {
        session: session.id,
        visitor: Some(token),
        conv: conversations.first().copied(),
        hb_ms: HEARTBEAT_MS,
        limits: limits(app.config.limits.frames_per_10s_visitor),
        node: app.node.clone(),
        epoch: app.ports.store.epoch().to_owned(),
        feed: Vec::new(),
    };
    connection.write(encode(&ServerFrame::Ready(ready))).await?;
    let availability = app.hub.availability(session.workspace());
    connection.write(encode(&ServerFrame::Availability(availability))).await?;
    let mut followed: Vec<ConversationId> = Vec::new();
    for position in subs.into_iter().take(16) {
        followed.push(position.conv);
        follow(app, connection, session, position, conversations).await?;
    }
    if let Some(latest) = conversations.first().filter(|c| !followed.contains(c)) {
        let position = Position { conv: *latest, epoch: app.ports.store.epoch().to_owned(), seq: 0 };
        follow(app, connection, session, position, conversations).await?;
    }
    Ok(())
}

pub(super) fn limits(frames_per_10s: u32) -> Limits {
    Limits {
        frame_bytes: MAX_FRAME_BYTES as u64,
        text_bytes: MAX_TEXT_BYTES as u64,
        frames_per_10s: u64::from(frames_per_10s),
    }
}

/// The visitor's conversations, newest first.
async fn conversations(app: &App, pass: &BootPass) -> Result<Vec<ConversationId>, StoreError> {
    if !pass.is_known {
        return Ok(Vec::new());
    }
    app.ports.store.conversations_of(pass.campaign, pass.contact).await
}

fn seat(pass: &BootPass) -> VisitorSeat {
    VisitorSeat {
        workspace: pass.workspace,
        division: pass.division,
        campaign: pass.campaign,
        contact: pass.contact,
        visitor_digest: pass.visitor_digest(),
        key_digest: pass.key_digest,
        secret_at_ms: pass.secret_at_ms,
        origin: pass.origin.as_str().into(),
        name: pass.name.as_deref().map(Into::into),
        details: Mutex::new(if pass.is_known { "".into() } else { visit::add("{}", &pass.told).into() }),
        is_known: AtomicBool::new(pass.is_known),
    }
}

async fn follow(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    position: Position,
    own: &[ConversationId],
) -> Result<(), End> {
    let conv = position.conv;
    let reason = if own.contains(&conv) {
        if position.epoch == app.ports.store.epoch() { None } else { Some(ResyncReason::Epoch) }
    } else {
        Some(ResyncReason::Forbidden)
    };
    let resume = match reason {
        Some(reason) => Err(reason),
        None => Ok(Resume::start(&app.hub, session, TopicKey::Conversation(conv), position.seq)),
    };
    connection.answer_sub(&app.hub, session, conv, resume).await
}

/// Does what a frame asks for. What has to be waited for is given back boxed: an idle socket holds no room for it.
fn answer<'a>(
    app: &'a Arc<App>,
    connection: &'a mut Connection,
    session: &'a Arc<Session>,
    seat: &'a VisitorSeat,
    frame: ClientFrame,
) -> Option<BoxFuture<'a, Result<(), End>>> {
    match frame {
        ClientFrame::Hello(_) => {
            let end = End::Close(protocol::close::PROTOCOL, "hello comes once");
            return Some(Box::pin(std::future::ready(Err(end))));
        }
        ClientFrame::Send(send) => {
            let cmid = send.cmid;
            match prepare(app, seat, send) {
                Ok(append) if matches!(append.recipient, Recipient::Conversation(_)) => {
                    connection.post(&app.ports, append);
                }
                Ok(append) => return Some(Box::pin(begin(app, connection, session, seat, append))),
                Err(error) => return Some(Box::pin(async move { connection.refuse(cmid, &error).await })),
            }
        }
        ClientFrame::Sub(position) => return Some(Box::pin(sub(app, connection, session, seat, position))),
        ClientFrame::Unsub(unsub) => app.hub.unfollow(session, TopicKey::Conversation(unsub.conv)),
        ClientFrame::Recv(at) => return Some(Box::pin(receipt(app, seat, at, ReceiptState::Delivered))),
        ClientFrame::Read(at) => return Some(Box::pin(receipt(app, seat, at, ReceiptState::Read))),
        ClientFrame::Typing(SayTyping { conv, on }) => {
            if session.follows(TopicKey::Conversation(conv)) {
                let who = contact_actor(seat.contact, seat.name.as_deref());
                typing::say(&app.ports, conv, seat.division, on, who);
            }
        }
        ClientFrame::End(end) => {
            if session.follows(TopicKey::Conversation(end.conv)) {
                return Some(Box::pin(end_conversation(app, seat, end.conv)));
            }
        }
        ClientFrame::Page(page) => return Some(Box::pin(look_at(app, seat, page).map(Ok))),
    }
    None
}

/// Checks what the visitor says.
fn prepare(app: &App, seat: &VisitorSeat, send: protocol::frame::Send) -> Result<Append, PostError> {
    let details = seat.details.lock().unwrap_or_else(PoisonError::into_inner);
    let introduction = (!seat.is_known.load(Ordering::Relaxed)).then_some((seat.visitor_digest, &**details));
    let author = VisitorAuthor {
        workspace: seat.workspace,
        division: seat.division,
        campaign: seat.campaign,
        contact: seat.contact,
        name: seat.name.as_deref(),
        introduction,
    };
    as_visitor(&app.ports, &author, send)
}

/// Stores a message that may start a conversation: whoever starts one follows it.
async fn begin(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    seat: &VisitorSeat,
    append: Append,
) -> Result<(), End> {
    let cmid = append.cmid;
    match commit(&app.ports, append).await {
        Ok(ack) => {
            let was_known = seat.is_known.swap(true, Ordering::Relaxed);
            let conv = ack.conv;
            connection.write(encode(&ServerFrame::Ack(ack))).await?;
            if session.follows(TopicKey::Conversation(conv)) {
                return Ok(());
            }
            let position = Position { conv, epoch: app.ports.store.epoch().to_owned(), seq: 0 };
            follow(app, connection, session, position, &[conv]).await?;
            // Whoever was unknown until now has no other sockets.
            if was_known {
                announce_beginning(&app.ports, seat.contact, conv);
            }
            Ok(())
        }
        refused => connection.write(verdict(cmid, refused)?).await,
    }
}

async fn sub(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    seat: &VisitorSeat,
    position: Position,
) -> Result<(), End> {
    let own = if seat.is_known.load(Ordering::Relaxed) {
        app.ports.store.conversations_of(seat.campaign, seat.contact).await.map_err(unavailable)?
    } else {
        Vec::new()
    };
    follow(app, connection, session, position, &own).await
}

/// The visitor went on to another page of the site without loading it.
async fn look_at(app: &App, seat: &VisitorSeat, page: LookAt) {
    let told = visit::at_page(&app.ports, page);
    if !seat.is_known.load(Ordering::Relaxed) {
        let mut details = seat.details.lock().unwrap_or_else(PoisonError::into_inner);
        *details = visit::add(&details, &told).into();
        return;
    }
    visit::note(&app.ports, seat.contact, told).await;
    visit::announce(&app.ports, seat.workspace, seat.division, seat.contact);
}

async fn end_conversation(app: &App, seat: &VisitorSeat, conv: ConversationId) -> Result<(), End> {
    let name = seat.name.as_deref();
    change_conversation::end(&app.ports, seat.workspace, conv, seat.contact, name).await.map_err(unavailable)
}

async fn receipt(app: &App, seat: &VisitorSeat, at: Mark, state: ReceiptState) -> Result<(), End> {
    let actor = contact_actor(seat.contact, seat.name.as_deref());
    let by = By { workspace: seat.workspace, actor, owner: Some(seat.contact) };
    unless_full(mark::mark(&app.ports, by, at, state).await)
}
