-- What happened: the workspace log, the audit chain, and the answers that were given.
create table events (
    workspace_id blob not null references workspaces (workspace_id) on delete cascade,
    seq integer not null,
    kind text not null,
    audience text not null,
    body text not null,
    primary key (workspace_id, seq)
) strict, without rowid;

-- No foreign key: the chain outlives its workspace.
create table audit (
    workspace_id blob not null,
    seq integer not null,
    id text not null,
    at integer not null,
    actor_kind text not null,
    actor_id text not null,
    action text not null,
    outcome text not null,
    subject_kind text,
    subject_id text,
    address text,
    request text not null,
    note text,
    hash blob not null,
    primary key (workspace_id, seq)
) strict, without rowid;

-- No foreign key: the instance keeps answers too, under the nil workspace.
create table answers (
    workspace_id blob not null,
    actor text not null,
    action text not null,
    key text not null,
    digest blob not null,
    answer text,
    at integer not null,
    primary key (workspace_id, actor, action, key)
) strict;
create index answers_age on answers (workspace_id, at);
