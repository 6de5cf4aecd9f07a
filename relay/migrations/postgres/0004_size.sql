-- What keeps a workspace with a million messages quick: search newest first, and conversations counted as they change.

-- Tables behind the second wall are looked into and filled here.
select set_config('roost.scope', '*', true);

-- A division's short name in the search index.
create table search_division (
  number integer generated always as identity primary key,
  division_id uuid not null unique references division (id)
);

-- Each word has the division and the part of its feed before it (see store/postgres/search.rs), so that nothing else is looked at.
--
-- No second wall here: with it PostgreSQL would not let the index answer, because what compares words might tell of rows behind
-- the wall, and every search would read every workspace's rows. What is found are ids of conversations, which are behind it.
drop table message_search;
create table message_search (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  conversation_id uuid not null,
  words tsvector not null
);
-- What waits to be put into the index would be read again for every part of the feed.
create index message_search_words on message_search using gin (words) with (fastupdate = off);
update division set indexed_seq = 0;

-- How many conversations there are is the sum. Rows are only added, so that nobody waits for anybody; who counts adds them up.
create table conversation_count (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  status text not null,
  assignee_id uuid,
  conversations bigint not null
);
create index conversation_count_workspace on conversation_count (workspace_id);
insert into conversation_count (workspace_id, status, assignee_id, conversations)
  select workspace_id, status, assignee_id, count(*) from conversation group by workspace_id, status, assignee_id;
alter table conversation_count enable row level security;
alter table conversation_count force row level security;
create policy workspace on conversation_count using (
  (select current_setting('roost.scope', true)) = '*'
  or workspace_id::text = any ((select string_to_array(current_setting('roost.scope', true), ','))::text[]));

create function count_conversation() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into conversation_count (workspace_id, status, assignee_id, conversations)
      values (old.workspace_id, old.status, old.assignee_id, -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into conversation_count (workspace_id, status, assignee_id, conversations)
      values (new.workspace_id, new.status, new.assignee_id, 1);
  end if;
  return null;
end
$$;
create trigger conversation_counted after insert or delete on conversation
  for each row execute function count_conversation();
create trigger conversation_recounted after update of status, assignee_id on conversation
  for each row when (old.status <> new.status or old.assignee_id is distinct from new.assignee_id)
  execute function count_conversation();
