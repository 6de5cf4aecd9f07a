-- Visitors of whom their site proves who they are, as in SQLite.

-- Sealed; absent when the campaign verifies nobody.
alter table campaign add column identity_sealed bytea;
-- Tells one secret from the next.
alter table campaign add column identity_set_at bigint;
-- Nobody is let in without a proof.
alter table campaign add column identity_required boolean not null default false;

-- Set for a token that came of a proof; it ends with the secret that proved it.
alter table visitor add column verified_at bigint;
create index visitor_verified on visitor (campaign_id, contact_id, verified_at) where verified_at is not null;

create table contact_identity (
  workspace_id uuid not null references workspace (id),
  -- 'external': the site's own id.
  kind text collate "C" not null,
  value text collate "C" not null,
  contact_id uuid not null references contact (id),
  verified_at bigint not null,
  primary key (workspace_id, kind, value)
);

alter table contact_identity enable row level security;
alter table contact_identity force row level security;
create policy workspace on contact_identity using (
  (select current_setting('roost.scope', true)) = '*'
  or workspace_id::text = any ((select string_to_array(current_setting('roost.scope', true), ','))::text[]));
