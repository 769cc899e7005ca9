-- Conversations with the assistant: their turns, their journals, and what they cost.
create table chat_sessions (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    owner_id blob not null,
    title text not null,
    flow_id blob,
    -- How many events its journal has.
    seq integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (workspace_id, id)
) strict;
create index chat_sessions_owner on chat_sessions (workspace_id, owner_id, id);

create table chat_turns (
    workspace_id blob not null,
    id blob not null,
    session_id blob not null,
    requester blob not null,
    status text not null,
    model text,
    cancel integer not null,
    signals integer not null,
    reserved integer not null,
    node blob,
    epoch integer not null,
    at integer not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, session_id) references chat_sessions (workspace_id, id) on delete cascade
) strict;
create index chat_turns_session on chat_turns (workspace_id, session_id, id);
create index chat_turns_open on chat_turns (workspace_id, session_id, id)
    where status in ('queued', 'running', 'waiting_approval');
create index chat_turns_queued on chat_turns (id, workspace_id) where status = 'queued';
create index chat_turns_running on chat_turns (id, workspace_id) where status = 'running';

-- No foreign key: an event is only ever written in the transaction that found its conversation and holds it, and who deletes
-- conversations deletes their events.
create table chat_events (
    workspace_id blob not null,
    session_id blob not null,
    seq integer not null,
    turn_id blob not null,
    at integer not null,
    kind text not null,
    data text not null,
    primary key (workspace_id, session_id, seq)
) strict, without rowid;

-- No foreign key to a conversation: what it cost outlives it.
create table chat_usage (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    id blob not null,
    at integer not null,
    person blob not null,
    session_id blob not null,
    turn_id blob not null,
    model text not null,
    input integer not null,
    output integer not null,
    cached integer not null,
    reasoning integer not null,
    cost_micros integer,
    primary key (workspace_id, id)
) strict;
create index chat_usage_time on chat_usage (workspace_id, at, id);
