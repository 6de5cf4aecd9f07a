-- Visitors of whom their site proves who they are.

-- Sealed; absent when the campaign verifies nobody.
alter table campaign add column identity_sealed blob;
-- Tells one secret from the next.
alter table campaign add column identity_set_at integer;
-- Nobody is let in without a proof.
alter table campaign add column identity_required integer not null default 0;

-- Set for a token that came of a proof; it ends with the secret that proved it.
alter table visitor add column verified_at integer;
create index visitor_verified on visitor (campaign_id, contact_id, verified_at) where verified_at is not null;

create table contact_identity (
  workspace_id blob not null references workspace (id),
  -- 'external': the site's own id.
  kind text not null,
  value text not null,
  contact_id blob not null references contact (id),
  verified_at integer not null,
  primary key (workspace_id, kind, value)
) without rowid;
