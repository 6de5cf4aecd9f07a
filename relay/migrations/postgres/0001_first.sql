-- The first shape of the store, as in SQLite. Times are milliseconds since 1970 UTC. JSON is kept as text, as it came.

create table meta (
  name text primary key,
  value bytea not null
);

create table workspace (
  id uuid primary key,
  name text not null,
  created_at bigint not null
);

create table division (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  name text not null,
  -- Every event of the division counts here, without a hole: agents resume with this one number.
  feed_seq bigint not null default 0,
  -- How far the search index has come.
  indexed_seq bigint not null default 0
);

create table person (
  id uuid primary key,
  email text not null,
  name text not null,
  password_hash text not null,
  created_at bigint not null
);
create unique index person_email on person (email);

create table membership (
  workspace_id uuid not null references workspace (id),
  person_id uuid not null references person (id),
  role text not null,
  state text not null,
  -- What the person chose; offline sockets show as offline whatever stands here.
  availability text not null,
  created_at bigint not null,
  primary key (workspace_id, person_id)
);

create table session (
  digest bytea primary key,
  workspace_id uuid not null,
  person_id uuid not null,
  created_at bigint not null,
  seen_at bigint not null,
  foreign key (workspace_id, person_id) references membership (workspace_id, person_id)
);
create index session_person on session (person_id);

create table invite (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  digest bytea not null,
  email text not null,
  role text not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint
);
create unique index invite_digest on invite (digest);

create table campaign (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  division_id uuid not null references division (id),
  channel text not null,
  name text not null,
  -- JSON list of origins.
  allowed_origins text not null,
  -- JSON object.
  appearance text not null,
  seen_origin text,
  seen_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint
);
create index campaign_workspace on campaign (workspace_id, created_at, id);

create table widget_key (
  -- Keyed digest of the key; the key itself is sealed, for the snippet.
  digest bytea primary key,
  workspace_id uuid not null,
  campaign_id uuid not null references campaign (id),
  sealed bytea not null,
  created_at bigint not null,
  -- Set when another key takes over: works until then.
  expires_at bigint,
  revoked_at bigint
);
create index widget_key_campaign on widget_key (campaign_id, created_at);

create table contact (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  division_id uuid not null references division (id),
  name text,
  -- JSON: what the page and the browser said, unverified.
  details text not null,
  first_seen_at bigint not null,
  last_seen_at bigint not null
);

create table visitor (
  -- Digest of the visitor's token.
  digest bytea primary key,
  workspace_id uuid not null,
  campaign_id uuid not null references campaign (id),
  contact_id uuid not null references contact (id),
  created_at bigint not null
);

create table conversation (
  id uuid primary key,
  workspace_id uuid not null references workspace (id),
  division_id uuid not null references division (id),
  campaign_id uuid not null references campaign (id),
  contact_id uuid not null references contact (id),
  status text not null,
  snoozed_until bigint,
  assignee_id uuid references person (id),
  -- A counter row, not a sequence: commit order is sequence order, without a hole.
  last_seq bigint not null,
  -- The last event the visitor may see.
  last_visible_seq bigint not null,
  last_at bigint not null,
  -- Of the last event of any kind. In SQLite a look at that event says it; here it might not be visible yet when the row is.
  last_event_at bigint not null default 0,
  last_contact_seq bigint not null default 0,
  last_agent_seq bigint not null default 0,
  contact_delivered bigint not null default 0,
  contact_read bigint not null default 0,
  agent_delivered bigint not null default 0,
  agent_read bigint not null default 0,
  agent_unread bigint not null default 0,
  contact_unread bigint not null default 0,
  -- The contact waits for an answer since then.
  waiting_since bigint,
  last_message_side text,
  last_message_text text,
  last_message_at bigint,
  created_at bigint not null
);
create unique index one_open on conversation (campaign_id, contact_id) where status <> 'resolved';
create index conversation_contact on conversation (contact_id, created_at);
create index conversation_list on conversation (workspace_id, status, last_at, id);
create index conversation_assigned on conversation (workspace_id, assignee_id, status, last_at, id);
create index conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;

-- The writer holds the conversation's row while it adds to it, so no foreign key is checked here for each event.
create table event (
  conversation_id uuid not null,
  seq bigint not null,
  workspace_id uuid not null,
  division_id uuid not null,
  feed_seq bigint not null,
  kind text not null,
  -- The event before this one that the visitor may see.
  visible_before bigint not null,
  visible boolean not null,
  side text not null,
  actor_id text,
  actor_name text,
  at bigint not null,
  -- JSON of kind and data.
  body text not null,
  primary key (conversation_id, seq)
);
create unique index event_feed on event (division_id, feed_seq);

create table message (
  author_id uuid not null,
  -- The client's name for the message: the same name from the same author is the same message.
  cmid uuid not null,
  digest bytea not null,
  message_id uuid not null,
  workspace_id uuid not null,
  conversation_id uuid not null,
  seq bigint not null,
  primary key (author_id, cmid)
);

-- Each word of the folded text is a lexeme as it stands: no dictionary, no parser, the same words as in SQLite.
create table message_search (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  conversation_id uuid not null,
  seq bigint not null,
  words tsvector not null
);
create index message_search_words on message_search using gin (words);

-- Tokens that work once and were used, until they would have expired. Lost when the database crashes, and so are the sockets
-- they were for.
create unlogged table spent_token (
  name bytea primary key,
  expires_at bigint not null
);
create index spent_token_expiry on spent_token (expires_at);

-- Processes that live, by the database's clock, and who is connected to each (JSON).
create unlogged table node (
  id text primary key,
  people text not null,
  expires_at timestamptz not null
);

-- The second wall: a connection sees the workspaces it said it works for, whatever a query forgets to ask. "*" is for what is
-- looked up before the workspace is known: keys, sessions, sign-ins, the work of the clock.
do $$
declare
  name text;
begin
  foreach name in array array[
    'division', 'membership', 'session', 'invite', 'campaign', 'widget_key', 'contact', 'visitor', 'conversation', 'event',
    'message', 'message_search'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      $policy$create policy workspace on %I using (
        (select current_setting('roost.scope', true)) = '*'
        or workspace_id::text = any ((select string_to_array(current_setting('roost.scope', true), ','))::text[]))$policy$,
      name
    );
  end loop;
end
$$;
