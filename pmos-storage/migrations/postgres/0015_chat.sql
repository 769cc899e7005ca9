-- Conversations with the assistant: their turns, their journals, and what they cost.
create table chat_sessions (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    owner_id uuid not null,
    title text not null,
    flow_id uuid,
    -- How many events its journal has.
    seq bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, id)
);
create index chat_sessions_owner on chat_sessions (workspace_id, owner_id, id);

create table chat_turns (
    workspace_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    requester uuid not null,
    status text not null,
    model text,
    cancel boolean not null,
    signals bigint not null,
    reserved bigint not null,
    node uuid,
    epoch bigint not null,
    at bigint not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, session_id) references chat_sessions (workspace_id, id) on delete cascade
);
create index chat_turns_session on chat_turns (workspace_id, session_id, id);
create index chat_turns_open on chat_turns (workspace_id, session_id, id)
    where status in ('queued', 'running', 'waiting_approval');
create index chat_turns_queued on chat_turns (id, workspace_id) where status = 'queued';
create index chat_turns_running on chat_turns (id, workspace_id) where status = 'running';

-- No foreign key: an event is only ever written in the transaction that found its conversation and holds it, and who deletes
-- conversations deletes their events.
create table chat_events (
    workspace_id uuid not null,
    session_id uuid not null,
    seq bigint not null,
    turn_id uuid not null,
    at bigint not null,
    kind text not null,
    data text not null,
    primary key (workspace_id, session_id, seq)
);

-- No foreign key to a conversation: what it cost outlives it.
create table chat_usage (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    id uuid not null,
    at bigint not null,
    person uuid not null,
    session_id uuid not null,
    turn_id uuid not null,
    model text not null,
    input bigint not null,
    output bigint not null,
    cached bigint not null,
    reasoning bigint not null,
    cost_micros bigint,
    primary key (workspace_id, id)
);
create index chat_usage_time on chat_usage (workspace_id, at, id);

select pmos_fence('chat_sessions'), pmos_fence('chat_turns'), pmos_fence('chat_events'), pmos_fence('chat_usage');
revoke update on chat_events from pmos_app, pmos_system;
revoke update, delete on chat_usage from pmos_app, pmos_system;
select pmos_look_up('chat_turns', 'workspace_id, id, session_id, status, node');
