-- What happened: the workspace log, the audit chain, and the answers that were given.
create table events (
    workspace_id uuid not null references workspaces (workspace_id) on delete cascade,
    seq bigint not null,
    kind text not null,
    audience text not null,
    body text not null,
    primary key (workspace_id, seq)
);

-- No foreign key: the chain outlives its workspace.
create table audit (
    workspace_id uuid not null,
    seq bigint not null,
    id text not null,
    at bigint not null,
    actor_kind text not null,
    actor_id text not null,
    action text not null,
    outcome text not null,
    subject_kind text,
    subject_id text,
    address text,
    request text not null,
    note text,
    hash bytea not null,
    primary key (workspace_id, seq)
);

-- No foreign key: the instance keeps answers too, under the nil workspace.
create table answers (
    workspace_id uuid not null,
    actor text not null,
    action text not null,
    key text not null,
    digest bytea not null,
    answer text,
    at bigint not null,
    primary key (workspace_id, actor, action, key)
);
create index answers_age on answers (workspace_id, at);

select pmos_fence('events'), pmos_fence('audit'), pmos_fence('answers');
revoke update, delete on events from pmos_app, pmos_system;
revoke update, delete on audit from pmos_app, pmos_system;
revoke update on answers from pmos_app, pmos_system;
