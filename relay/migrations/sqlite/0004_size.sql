-- What keeps a workspace with a million messages quick: search newest first, and conversations counted as they change.

-- An event's row in the search index is this number, then its place in the division's feed.
create table search_division (
  number integer primary key,
  division_id blob not null unique references division (id)
);

-- Each word has the division and the part of its feed before it (see store/sqlite/search.rs), so that nothing else is looked at.
-- The texts themselves are in the events. Words are folded before they come here: all that is left to do is to split at spaces.
drop table message_search;
create virtual table message_search using fts5 (
  words,
  content = '',
  columnsize = 0,
  tokenize = 'ascii'
);
update division set indexed_seq = 0;

create table conversation_count (
  workspace_id blob not null references workspace (id),
  status text not null,
  -- Empty for nobody.
  assignee_id blob not null,
  conversations integer not null,
  primary key (workspace_id, status, assignee_id)
) without rowid;

insert into conversation_count (workspace_id, status, assignee_id, conversations)
  select workspace_id, status, coalesce(assignee_id, x''), count(*) from conversation group by 1, 2, 3;

create trigger conversation_begun after insert on conversation
begin
  insert into conversation_count (workspace_id, status, assignee_id, conversations)
    values (new.workspace_id, new.status, coalesce(new.assignee_id, x''), 1)
    on conflict (workspace_id, status, assignee_id) do update set conversations = conversations + 1;
end;

create trigger conversation_gone after delete on conversation
begin
  update conversation_count set conversations = conversations - 1
    where workspace_id = old.workspace_id and status = old.status and assignee_id = coalesce(old.assignee_id, x'');
end;

create trigger conversation_changed after update of status, assignee_id on conversation
when old.status <> new.status or old.assignee_id is not new.assignee_id
begin
  update conversation_count set conversations = conversations - 1
    where workspace_id = old.workspace_id and status = old.status and assignee_id = coalesce(old.assignee_id, x'');
  insert into conversation_count (workspace_id, status, assignee_id, conversations)
    values (new.workspace_id, new.status, coalesce(new.assignee_id, x''), 1)
    on conflict (workspace_id, status, assignee_id) do update set conversations = conversations + 1;
end;
