-- Programs that use the API for somebody, and answers kept for requests that are tried again.

create table api_token (
  digest blob primary key,
  id blob not null,
  workspace_id blob not null,
  -- Whoever made it: the program acts as this person, within the scopes.
  person_id blob not null,
  name text not null,
  -- The token's first characters, to tell tokens apart.
  hint text not null,
  -- Words with spaces between.
  scopes text not null,
  created_at integer not null,
  expires_at integer,
  seen_at integer,
  foreign key (workspace_id, person_id) references membership (workspace_id, person_id)
) without rowid;
create unique index api_token_id on api_token (id);
create index api_token_workspace on api_token (workspace_id, created_at);

create table idempotent_request (
  -- Of the workspace, the person and the request's idempotency key.
  digest blob primary key,
  workspace_id blob not null references workspace (id),
  -- Of method, address and body.
  fingerprint blob not null,
  -- Sealed; absent while the request is worked on.
  answer blob,
  at integer not null
) without rowid;
create index idempotent_request_age on idempotent_request (at);
