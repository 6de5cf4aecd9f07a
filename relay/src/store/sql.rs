//! What both databases are asked in the same words. The columns stand in the order in which rows are read.

pub(super) const CONVERSATION: &str = "select c.id, c.division_id, c.campaign_id, g.name, g.channel, c.contact_id, t.name, c.status, c.snoozed_until,
    c.assignee_id, p.name, c.last_seq, c.last_visible_seq, c.last_at, c.agent_unread, c.contact_unread, c.waiting_since,
    c.last_message_side, c.last_message_text, c.last_message_at, c.created_at, e.actor_id, e.actor_name
    from conversation c
    join campaign g on g.id = c.campaign_id
    join contact t on t.id = c.contact_id
    left join person p on p.id = c.assignee_id
    left join event e on c.last_message_side = 'agent' and e.conversation_id = c.id and e.seq = c.last_agent_seq";

pub(super) const CAMPAIGN: &str = "select id, workspace_id, division_id, channel, name, allowed_origins, appearance, seen_origin, seen_at, created_at, updated_at,
    identity_set_at, identity_required from campaign where deleted_at is null";

/// What a key opens; the databases add which key.
pub(super) const KEY: &str = "select g.id, g.workspace_id, g.division_id, g.name, g.allowed_origins, g.appearance, g.updated_at, k.expires_at,
    g.identity_sealed, g.identity_set_at, g.identity_required
    from widget_key k join campaign g on g.id = k.campaign_id where k.revoked_at is null and g.deleted_at is null";

pub(super) const MEMBER: &str = "select p.id, m.workspace_id, w.name, p.name, p.email, m.role, m.state, m.availability, m.created_at, p.password_hash
    from membership m join person p on p.id = m.person_id join workspace w on w.id = m.workspace_id";

/// A member by a session; first the columns of [`MEMBER`].
pub(super) const SESSION: &str = "select p.id, m.workspace_id, w.name, p.name, p.email, m.role, m.state, m.availability, m.created_at, p.password_hash,
    s.created_at, s.seen_at
    from session s join membership m on m.workspace_id = s.workspace_id and m.person_id = s.person_id
    join person p on p.id = m.person_id join workspace w on w.id = m.workspace_id where m.state = 'active'";

pub(super) const INVITE: &str =
    "select i.id, i.workspace_id, w.name, i.email, i.role, i.created_at, i.expires_at
    from invite i join workspace w on w.id = i.workspace_id where i.accepted_at is null";

/// An API token and whose it is; first the columns of [`MEMBER`].
pub(super) const API_TOKEN: &str = "select p.id, m.workspace_id, w.name, p.name, p.email, m.role, m.state, m.availability, m.created_at, p.password_hash,
    a.id, a.name, a.hint, a.scopes, a.created_at, a.expires_at, a.seen_at, a.digest
    from api_token a join membership m on m.workspace_id = a.workspace_id and m.person_id = a.person_id
    join person p on p.id = m.person_id join workspace w on w.id = m.workspace_id";

/// What must agree in a store whose search index has caught up; each counts what does not: events of a division, events of a
/// conversation, messages.
pub(super) const FAULTS: [&str; 3] = [
    "select count(*) from division d where d.indexed_seq <> d.feed_seq
       or d.feed_seq <> (select count(*) from event e where e.division_id = d.id)
       or d.feed_seq <> (select coalesce(max(e.feed_seq), 0) from event e where e.division_id = d.id)",
    "select count(*) from conversation c left join (
       select conversation_id, count(*) as events, max(seq) as last, max(case when visible then seq else 0 end) as last_visible
       from event group by conversation_id
     ) e on e.conversation_id = c.id
     where e.events is null or e.events <> c.last_seq or e.last <> c.last_seq or e.last_visible <> c.last_visible_seq",
    "select abs((select count(*) from event where kind in ('message', 'note')) - (select count(*) from message))",
];
