-- Programs that use the API for somebody, and answers kept for requests that are tried again, as in SQLite.

create table api_token (
  digest bytea primary key,
  id uuid not null,
  workspace_id uuid not null,
  -- Whoever made it: the program acts as this person, within the scopes.
  person_id uuid not null,
  name text not null,
  -- The token's first characters, to tell tokens apart.
  hint text not null,
  -- Words with spaces between.
  scopes text not null,
  created_at bigint not null,
  expires_at bigint,
  seen_at bigint,
  foreign key (workspace_id, person_id) references membership (workspace_id, person_id)
);
create unique index api_token_id on api_token (id);
create index api_token_workspace on api_token (workspace_id, created_at);

create table idempotent_request (
  -- Of the workspace, the person and the request's idempotency key.
  digest bytea primary key,
  workspace_id uuid not null references workspace (id),
  -- Of method, address and body.
  fingerprint bytea not null,
  -- Sealed; absent while the request is worked on.
  answer bytea,
  at bigint not null
);
create index idempotent_request_age on idempotent_request (at);

do $$
declare
  name text;
begin
  foreach name in array array['api_token', 'idempotent_request'] loop
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
