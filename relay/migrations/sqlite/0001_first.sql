-- The first shape of the store. Ids are 16 bytes, times are milliseconds since 1970 UTC.

create table meta (
  name text primary key,
  value blob not null
) without rowid;

create table workspace (
  id blob primary key,
  name text not null,
  created_at integer not null
) without rowid;

create table division (
  id blob primary key,
  workspace_id blob not null references workspace (id),
  name text not null,
  -- Every event of the division counts here, without a hole: agents resume with this one number.
  feed_seq integer not null default 0,
  -- How far the search index has come.
  indexed_seq integer not null default 0
) without rowid;

create table person (
  id blob primary key,
  email text not null,
  name text not null,
  password_hash text not null,
  created_at integer not null
) without rowid;
create unique index person_email on person (email);

create table membership (
  workspace_id blob not null references workspace (id),
  person_id blob not null references person (id),
  role text not null,
  state text not null,
  -- What the person chose; offline sockets show as offline whatever stands here.
  availability text not null,
  created_at integer not null,
  primary key (workspace_id, person_id)
) without rowid;

create table session (
  digest blob primary key,
  workspace_id blob not null,
  person_id blob not null,
  created_at integer not null,
  seen_at integer not null,
  foreign key (workspace_id, person_id) references membership (workspace_id, person_id)
) without rowid;
create index session_person on session (person_id);

create table invite (
  id blob primary key,
  workspace_id blob not null references workspace (id),
  digest blob not null,
  email text not null,
  role text not null,
  created_at integer not null,
  expires_at integer not null,
  accepted_at integer
) without rowid;
create unique index invite_digest on invite (digest);

create table campaign (
  id blob primary key,
  workspace_id blob not null references workspace (id),
  division_id blob not null references division (id),
  channel text not null,
  name text not null,
  -- JSON list of origins.
  allowed_origins text not null,
  -- JSON object.
  appearance text not null,
  seen_origin text,
  seen_at integer,
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) without rowid;
create index campaign_workspace on campaign (workspace_id, created_at, id);

create table widget_key (
  -- Keyed digest of the key; the key itself is sealed, for the snippet.
  digest blob primary key,
  workspace_id blob not null,
  campaign_id blob not null references campaign (id),
  sealed blob not null,
  created_at integer not null,
  -- Set when another key takes over: works until then.
  expires_at integer,
  revoked_at integer
) without rowid;
create index widget_key_campaign on widget_key (campaign_id, created_at);

create table contact (
  id blob primary key,
  workspace_id blob not null references workspace (id),
  division_id blob not null references division (id),
  name text,
  -- JSON: what the page and the browser said, unverified.
  details text not null,
  first_seen_at integer not null,
  last_seen_at integer not null
) without rowid;

create table visitor (
  -- Digest of the visitor's token.
  digest blob primary key,
  workspace_id blob not null,
  campaign_id blob not null references campaign (id),
  contact_id blob not null references contact (id),
  created_at integer not null
) without rowid;

create table conversation (
  id blob primary key,
  workspace_id blob not null references workspace (id),
  division_id blob not null references division (id),
  campaign_id blob not null references campaign (id),
  contact_id blob not null references contact (id),
  status text not null,
  snoozed_until integer,
  assignee_id blob references person (id),
  -- A counter row, not a sequence: commit order is sequence order, without a hole.
  last_seq integer not null,
  -- The last event the visitor may see.
  last_visible_seq integer not null,
  last_at integer not null,
  last_contact_seq integer not null default 0,
  last_agent_seq integer not null default 0,
  contact_delivered integer not null default 0,
  contact_read integer not null default 0,
  agent_delivered integer not null default 0,
  agent_read integer not null default 0,
  agent_unread integer not null default 0,
  contact_unread integer not null default 0,
  -- The contact waits for an answer since then.
  waiting_since integer,
  last_message_side text,
  last_message_text text,
  last_message_at integer,
  created_at integer not null
) without rowid;
create unique index one_open on conversation (campaign_id, contact_id) where status <> 'resolved';
create index conversation_contact on conversation (contact_id, created_at);
create index conversation_list on conversation (workspace_id, status, last_at, id);
create index conversation_assigned on conversation (workspace_id, assignee_id, status, last_at, id);
create index conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;

-- In the order they were stored, so that a commit of messages from many conversations fills a few pages instead of touching
-- one for each.
create table event (
  conversation_id blob not null references conversation (id),
  seq integer not null,
  workspace_id blob not null,
  division_id blob not null,
  feed_seq integer not null,
  kind text not null,
  -- The event before this one that the visitor may see.
  visible_before integer not null,
  visible integer not null,
  side text not null,
  actor_id text,
  actor_name text,
  at integer not null,
  -- JSON of kind and data.
  body text not null
);
create unique index event_place on event (conversation_id, seq);
create unique index event_feed on event (division_id, feed_seq);

create table message (
  author_id blob not null,
  -- The client's name for the message: the same name from the same author is the same message.
  cmid blob not null,
  digest blob not null,
  message_id blob not null,
  workspace_id blob not null,
  conversation_id blob not null,
  seq integer not null,
  primary key (author_id, cmid)
) without rowid;

create virtual table message_search using fts5 (
  words,
  conversation_id unindexed,
  seq unindexed,
  workspace_id unindexed,
  tokenize = "unicode61 remove_diacritics 0"
);
