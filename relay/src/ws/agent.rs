//! An agent's socket: every event in the agent's scope, by the feeds of the divisions.

use std::sync::Arc;

use protocol::event::{FeedPosition, ReceiptState};
use protocol::frame::{
    ClientFrame, Hello, Mark, Position, Ready, Resync, ResyncReason, SayTyping, ServerFrame,
};
use protocol::ids::SessionId;

use super::connection::{Connection, End, unavailable, unless_full};
use super::side::{Side, redeem, refused};
use super::visitor::limits;
use crate::actions::mark::By;
use crate::actions::post::{AgentAuthor, as_agent};
use crate::actions::{agent_actor, mark, typing};
use crate::app::App;
use crate::auth::sessions;
use crate::auth::tickets::TicketPass;
use crate::clock::Fresh;
use crate::hub::{AgentSeat, HEARTBEAT_MS, Resume, ResumeStep, Session, TopicKey, Who, encode};
use crate::store::StoreError;

/// The side of agents.
pub(super) struct AgentSide;

impl Side for AgentSide {
    fn frames_per_10s(app: &App) -> u32 {
        app.config.limits.frames_per_10s_agent
    }

    async fn greet(app: &Arc<App>, connection: &mut Connection) -> Result<Arc<Session>, End> {
        let hello = connection.hello().await?;
        let ticket = hello.ticket.as_deref().ok_or_else(refused)?;
        let pass: TicketPass = redeem(app, &app.tickets, ticket).await?;
        let now_ms = app.ports.clock.now_ms();
        let found = sessions::holder(app.ports.store.as_ref(), pass.session_digest, now_ms).await;
        let member = found.map_err(unavailable)?.ok_or_else(refused)?;
        let heads = app.ports.store.feed_positions(member.workspace).await.map_err(unavailable)?;
        let seat = AgentSeat {
            workspace: member.workspace,
            person: member.id,
            name: member.name.as_str().into(),
            role: member.role,
            session_digest: pass.session_digest,
            divisions: heads.iter().map(|(division, _)| *division).collect(),
        };
        let session =
            Arc::new(Session::new(SessionId::fresh(app.ports.clock.as_ref()), Who::Agent(Box::new(seat))));
        app.hub.join(Arc::clone(&session));
        app.hub.set_availability(member.workspace, member.id, member.availability);
        let result = announce(app, connection, &session, hello, &heads).await;
        if result.is_err() {
            app.hub.leave(&session);
        }
        result.map(|()| session)
    }

    async fn converse(app: &Arc<App>, connection: &mut Connection, session: &Arc<Session>) -> End {
        let Who::Agent(seat) = &session.who else { unreachable!("an agent's socket has an agent's session") };
        loop {
            let frame = match connection.next(session).await {
                Ok(frame) => frame,
                Err(end) => return end,
            };
            let result = match frame {
                ClientFrame::Hello(_) => return End::Close(protocol::close::PROTOCOL, "hello comes once"),
                ClientFrame::Send(send) => say(app, connection, seat, send).await,
                ClientFrame::Sub(position) => sub(app, connection, session, position).await,
                // These concern visitors only.
                ClientFrame::Unsub(_) | ClientFrame::Page(_) | ClientFrame::End(_) => Ok(()),
                ClientFrame::Recv(at) => receipt(app, seat, at, ReceiptState::Delivered).await,
                ClientFrame::Read(at) => receipt(app, seat, at, ReceiptState::Read).await,
                ClientFrame::Typing(said) => type_in(app, seat, said).await,
            };
            if let Err(end) = result {
                return end;
            }
        }
    }
}

async fn announce(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    hello: Hello,
    heads: &[(protocol::ids::DivisionId, u64)],
) -> Result<(), End> {
    let epoch = app.ports.store.epoch();
    let feed = heads.iter().map(|(division, seq)| FeedPosition {
        division: *division,
        epoch: epoch.to_owned(),
        seq: *seq,
    });
    let ready = Ready {
        session: session.id,
        visitor: None,
        conv: None,
        hb_ms: HEARTBEAT_MS,
        limits: limits(app.config.limits.frames_per_10s_agent),
        node: app.node.clone(),
        epoch: epoch.to_owned(),
        feed: feed.collect(),
    };
    connection.write(encode(&ServerFrame::Ready(ready))).await?;
    for (division, head) in heads {
        let wanted = hello.feed.iter().find(|f| f.division == *division);
        let is_other_epoch = wanted.is_some_and(|f| f.epoch != epoch);
        // Whoever names no position starts here and now; whoever names one of another lineage must start over.
        let from = wanted.filter(|_| !is_other_epoch).map_or(*head, |f| f.seq);
        let resume = Resume::start(&app.hub, session, TopicKey::Feed(*division), from);
        let mut refused = is_other_epoch.then_some(ResyncReason::Epoch);
        if let ResumeStep::Resync(reason) = connection.replay(&app.hub, session, resume).await? {
            refused = Some(reason);
            let resume = Resume::start(&app.hub, session, TopicKey::Feed(*division), *head);
            connection.replay(&app.hub, session, resume).await?;
        }
        if let Some(reason) = refused {
            connection.write(encode(&ServerFrame::Resync(Resync { conv: None, reason }))).await?;
        }
    }
    for position in hello.subs.into_iter().take(64) {
        sub(app, connection, session, position).await?;
    }
    Ok(())
}

async fn say(
    app: &Arc<App>,
    connection: &mut Connection,
    seat: &AgentSeat,
    send: protocol::frame::Send,
) -> Result<(), End> {
    let cmid = send.cmid;
    match as_agent(
        &app.ports,
        &AgentAuthor { workspace: seat.workspace, person: seat.person, name: &seat.name },
        send,
    ) {
        Ok(append) => {
            connection.post(&app.ports, append);
            Ok(())
        }
        Err(error) => connection.refuse(cmid, &error).await,
    }
}

/// Fills a gap in one conversation; live events come by the feed anyway.
async fn sub(
    app: &Arc<App>,
    connection: &mut Connection,
    session: &Arc<Session>,
    position: Position,
) -> Result<(), End> {
    let conv = position.conv;
    let is_ours =
        app.ports.store.find_conversation(session.workspace(), conv).await.map_err(unavailable)?.is_some();
    let reason = match (is_ours, position.epoch == app.ports.store.epoch()) {
        (false, _) => Some(ResyncReason::Forbidden),
        (true, false) => Some(ResyncReason::Epoch),
        (true, true) => None,
    };
    let resume = match reason {
        Some(reason) => Err(reason),
        None => Ok(Resume::fill(TopicKey::Conversation(conv), position.seq)),
    };
    connection.answer_sub(&app.hub, session, conv, resume).await
}

async fn receipt(app: &App, seat: &AgentSeat, at: Mark, state: ReceiptState) -> Result<(), End> {
    let by = By { workspace: seat.workspace, actor: agent_actor(seat.person, &seat.name), owner: None };
    unless_full(mark::mark(&app.ports, by, at, state).await)
}

async fn type_in(app: &App, seat: &AgentSeat, said: SayTyping) -> Result<(), End> {
    let found: Result<_, StoreError> = app.ports.store.find_conversation(seat.workspace, said.conv).await;
    if let Some(conversation) = found.map_err(unavailable)? {
        typing::say(
            &app.ports,
            said.conv,
            conversation.division,
            said.on,
            agent_actor(seat.person, &seat.name),
        );
    }
    Ok(())
}
